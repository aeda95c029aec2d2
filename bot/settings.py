"""Settings of the chatbot, from the environment (BOT_…). A secret may also come from the file named by …_FILE."""

import re
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from locator.settings import read_settings_of

HERE: Final = Path(__file__).parent
_TOKEN: Final = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{30,100}")
LEAST_SECRET: Final = 32  # characters
_SECRETS: Final = ("database_url", "secret", "telegram_token", "telegram_proxy")


def _shipped_faq() -> Path:
    # Beside the package in a checkout; inside it when installed from a wheel.
    beside = HERE.parent / "faq"
    return beside if beside.exists() else HERE / "data" / "faq"


class BotSettings(BaseSettings):
    """Every setting, its default and what it is for. README.md lists them; a test compares."""

    model_config = SettingsConfigDict(env_prefix="BOT_", extra="ignore", frozen=True)

    faq: Path = Field(default_factory=_shipped_faq, description="The folder of the knowledge (TOML).")
    database_url: SecretStr = Field(
        SecretStr("sqlite:///bot.db"),
        description="Where conversations are kept: sqlite:///path or postgresql://user:password@host/name.",
    )
    secret: SecretStr = Field(
        SecretStr(""),
        description="Signs visitors' tokens, at least 32 characters. Empty: made once and kept in the database.",
    )
    keep_days: int = Field(30, ge=1, le=365, description="How long a conversation is kept, in days.")
    messages_at_once: int = Field(
        10, ge=1, le=1_000, description="How many messages a visitor may send at once …"
    )
    messages_per_minute: int = Field(20, ge=1, le=6_000, description="… and in the long run, each minute.")
    desk_idle_minutes: int = Field(
        30,
        ge=1,
        le=1_440,
        description="After how many minutes of rest somebody at the desk must sign in again …",
    )
    desk_longest_hours: int = Field(12, ge=1, le=168, description="… and after how many hours in any case.")
    telegram_token: SecretStr = Field(
        SecretStr(""), description="Telegram's token of the bot, from @BotFather. Empty: no Telegram."
    )
    telegram_webhook: str = Field(
        "",
        pattern="^(https?://[^/?#@]+)?$",
        description="The public https:// address of this service: Telegram delivers there (`bot serve`). Empty: it does not.",
    )
    telegram_per_second: int = Field(
        30, ge=2, le=10_000, description="How many messages Telegram lets the bot send each second."
    )
    telegram_proxy: SecretStr = Field(
        SecretStr(""),
        description="A proxy to Telegram: http://…; where its network cannot be reached directly.",
    )
    telegram_base_url: str = Field(
        "https://api.telegram.org",
        pattern="^https?://[^?#@]+$",
        description="Telegram's API, or another server of it.",
    )

    @field_validator("telegram_token")
    @classmethod
    def _as_botfather_gives_it(cls, token: SecretStr) -> SecretStr:
        if token.get_secret_value() and not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("must be a number, a colon, and 30 letters or more, as @BotFather gives it")
        return token

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value()) < LEAST_SECRET:
            raise ValueError(f"must have at least {LEAST_SECRET} characters")
        return secret


def read_bot_settings() -> BotSettings:
    """Raises FaultyFile("settings", …) naming every setting that is wrong."""
    return read_settings_of(BotSettings, _SECRETS)
