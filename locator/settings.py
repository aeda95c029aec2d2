"""Settings, from the environment (LOCATOR_…). A secret may also come from the file named by …_FILE."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from locator.errors import Fault, FaultyFile

HERE = Path(__file__).parent
DATA = HERE / "data"
_PREFIX = "LOCATOR_"
S = TypeVar("S", bound=BaseSettings)


def _shipped_outlets() -> Path:
    # Beside the package in a checkout; inside it when installed from a wheel.
    beside = HERE.parent / "outlets.geojson"
    return beside if beside.exists() else DATA / "outlets.geojson"


Text = Annotated[str, BeforeValidator(str.strip)]


class Settings(BaseSettings):
    """Every setting, its default and what it is for. README.md lists them; a test compares."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="ignore", frozen=True)

    outlets: Path = Field(default_factory=_shipped_outlets, description="The outlets file (GeoJSON).")
    years: Path | None = Field(
        None, description="A folder of holiday files, one JSON a year (holiday-cn's format)."
    )
    host: str = Field("127.0.0.1", description="The address the service listens on.")
    port: int = Field(8000, ge=1, le=65535, description="The port it listens on.")
    workers: int = Field(2, ge=1, le=64, description="Processes that answer.")
    look_every_s: float = Field(
        1.0, gt=0, description="How often the outlets file is looked at for a change."
    )
    geocoder: Literal["", "nominatim", "baidu", "tianditu"] = Field(
        "", description="An outside geocoder, asked only when a person agrees. Empty: none."
    )
    geocoder_key: SecretStr = Field(SecretStr(""), description="Its key (baidu, tianditu).")
    geocoder_contact: Text = Field(
        "", description="Whom its operators may write to, in ASCII; sent along with each question."
    )
    geocoder_url: Text = Field("", description="Another base address for it, such as your own Nominatim.")
    geocoder_timeout_s: float = Field(3.0, gt=0, le=30, description="How long it may take.")
    tiles_url: Text = Field(
        "",
        description="Map tiles, {z}/{x}/{y}; several layers with a blank between. Empty: the offline map.",
    )
    tiles_datum: Literal["wgs84", "gcj02"] = Field(
        "wgs84", description="The datum the tiles are drawn in; CGCS2000 counts as wgs84."
    )
    tiles_attribution: Text = Field("", description="Who made the tiles. Required with tiles.")
    tiles_approval: Text = Field("", description="Their map approval number (审图号), shown on the map.")


def read_settings() -> Settings:
    """Raises FaultyFile("settings", …) naming every setting that is wrong."""
    settings = read_settings_of(Settings, ("geocoder_key",))
    if faults := list(_contradictions(settings)):
        raise FaultyFile("settings", faults)
    return settings


def read_settings_of(kind: type[S], secrets: Iterable[str]) -> S:
    """From the environment. `secrets`: the fields that may also come from a file, named by …_FILE.

    Raises FaultyFile("settings", …) naming every setting that is wrong.
    """
    prefix = str(kind.model_config["env_prefix"])
    try:
        return kind(**_secrets_from_files(prefix, secrets))
    except ValidationError as error:
        faults = [Fault("", _variable(prefix, str(part["loc"][0])), part["msg"]) for part in error.errors()]
        raise FaultyFile("settings", faults) from None


def _variable(prefix: str, field: str) -> str:
    return f"{prefix}{field}".upper()


def _secrets_from_files(prefix: str, fields: Iterable[str]) -> dict[str, Any]:
    named = ((field, f"{_variable(prefix, field)}_FILE") for field in fields)
    return {field: _read_secret(name) for field, name in named if os.environ.get(name)}


def _read_secret(name: str) -> str:
    try:
        return Path(os.environ[name]).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise FaultyFile("settings", [Fault("", name, f"cannot be read: {error.strerror}")]) from None


def _contradictions(settings: Settings) -> Iterator[Fault]:
    if settings.tiles_url and not settings.tiles_attribution:
        why = "is needed with tiles: who made them"
        yield Fault("", _variable(_PREFIX, "tiles_attribution"), why)
    if not all(url.startswith(("https://", "http://", "/")) for url in settings.tiles_url.split()):
        yield Fault("", _variable(_PREFIX, "tiles_url"), "must begin with https://, http:// or /")
