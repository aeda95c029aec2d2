"""Settings of the chatbot, from the environment (BOT_…)."""

from pathlib import Path
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE: Final = Path(__file__).parent


def _shipped_faq() -> Path:
    # Beside the package in a checkout; inside it when installed from a wheel.
    beside = HERE.parent / "faq"
    return beside if beside.exists() else HERE / "data" / "faq"


class BotSettings(BaseSettings):
    """Every setting, its default and what it is for. README.md lists them; a test compares."""

    model_config = SettingsConfigDict(env_prefix="BOT_", extra="ignore", frozen=True)

    faq: Path = Field(default_factory=_shipped_faq, description="The folder of the knowledge (TOML).")
