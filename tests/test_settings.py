"""Settings: each documented, each refused by name when wrong, secrets from files."""

from pathlib import Path

import pytest

from bot.settings import BotSettings, read_bot_settings
from locator.errors import FaultyFile
from locator.settings import Settings, read_settings

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "prefix, field, settings",
    [
        *(("LOCATOR", field, Settings) for field in Settings.model_fields),
        *(("BOT", field, BotSettings) for field in BotSettings.model_fields),
    ],
)
def test_the_readme_lists_every_setting_with_its_meaning(
    prefix: str, field: str, settings: type[Settings | BotSettings]
) -> None:
    (row,) = (line for line in README.splitlines() if line.startswith(f"| `{prefix}_{field.upper()}` "))
    assert str(settings.model_fields[field].description) in row


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"LOCATOR_PORT": "70000"}, "LOCATOR_PORT"),
        ({"LOCATOR_WORKERS": "none"}, "LOCATOR_WORKERS"),
        ({"LOCATOR_GEOCODER": "oracle"}, "LOCATOR_GEOCODER"),
        ({"LOCATOR_TILES_URL": "https://tiles.example/{z}/{x}/{y}.png"}, "LOCATOR_TILES_ATTRIBUTION"),
        ({"LOCATOR_TILES_URL": "javascript:x", "LOCATOR_TILES_ATTRIBUTION": "x"}, "LOCATOR_TILES_URL"),
        ({"LOCATOR_GEOCODER_KEY_FILE": "/no/such/file"}, "LOCATOR_GEOCODER_KEY_FILE"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(
    settings: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(FaultyFile) as refused:
        read_settings()
    assert [fault.field for fault in refused.value.faults] == [named]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"BOT_SECRET": "short"}, "BOT_SECRET"),
        ({"BOT_KEEP_DAYS": "0"}, "BOT_KEEP_DAYS"),
        ({"BOT_MESSAGES_PER_MINUTE": "many"}, "BOT_MESSAGES_PER_MINUTE"),
        ({"BOT_DATABASE_URL_FILE": "/no/such/file"}, "BOT_DATABASE_URL_FILE"),
    ],
)
def test_a_wrong_setting_of_the_bot_is_refused_by_name(
    settings: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(FaultyFile) as refused:
        read_bot_settings()
    assert [fault.field for fault in refused.value.faults] == [named]
    assert "short" not in str(refused.value)


def test_a_secret_may_come_from_a_file_and_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    path.write_text("open-sesame\n", encoding="utf-8")
    monkeypatch.setenv("LOCATOR_GEOCODER_KEY_FILE", str(path))
    settings = read_settings()
    assert settings.geocoder_key.get_secret_value() == "open-sesame"
    assert "sesame" not in repr(settings)
