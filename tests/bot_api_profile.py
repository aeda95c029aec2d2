"""The methods of the Bot API about what people see of a bot before they talk to it: commands, descriptions, menu button."""

import json
import re
from typing import Any, Final

from tests.bot_api_chats import chat_to_write_to
from tests.bot_api_state import Json, World, bad
from tests.bot_api_text import units
from tests.bot_api_wire import Parameters

MOST_COMMANDS: Final = 100
SCOPES: Final = frozenset(
    "default all_private_chats all_group_chats all_chat_administrators chat chat_administrators chat_member".split()
)


def set_my_commands(world: World, given: Parameters) -> bool:
    commands = given.structure("commands")
    if not isinstance(commands, list):
        raise bad("expected an Array of BotCommand")
    # Bot API, setMyCommands: "At most 100 commands can be specified".
    if len(commands) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        _check_command(command)
    world.profile.commands[_audience(given)] = commands
    return True


def _check_command(command: Any) -> None:
    """Bot API, BotCommand: 1–32 of a-z, 0-9 and _; the description has 1–256 characters."""
    if not isinstance(command, dict):
        raise bad("can't parse BotCommand: expected an Object")
    name, description = str(command.get("command", "")), str(command.get("description", ""))
    if not name:
        raise bad("command must be non-empty")
    if len(name) > 32:
        raise bad("command length must not exceed 32")
    if not re.fullmatch(r"/?[a-z0-9_]+", name):
        raise bad("BOT_COMMAND_INVALID")
    if not description.strip():
        raise bad("command description must be non-empty")
    if len(description) > 256:
        raise bad("command description length must not exceed 256")


def get_my_commands(world: World, given: Parameters) -> list[Json]:
    return world.profile.commands.get(_audience(given), [])


def delete_my_commands(world: World, given: Parameters) -> bool:
    world.profile.commands.pop(_audience(given), None)
    return True


def _audience(given: Parameters) -> tuple[str, str]:
    """Bot API, BotCommandScope and language_code: for whom the commands are."""
    scope = given.structure("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    return json.dumps(scope, sort_keys=True), _language(given)


def _language(given: Parameters) -> str:
    """Bot API, setMyCommands: "A two-letter ISO 639-1 language code", or none."""
    language = given.text("language_code")
    if not re.fullmatch(r"([a-z]{2})?", language):
        raise bad("invalid language code specified")
    return language


def set_my_description(world: World, given: Parameters) -> bool:
    """Bot API, setMyDescription: 0–512 characters."""
    return _describe(world.profile.descriptions, given, "description", 512)


def set_my_short_description(world: World, given: Parameters) -> bool:
    """Bot API, setMyShortDescription: 0–120 characters."""
    return _describe(world.profile.short_descriptions, given, "short_description", 120)


def _describe(kept: dict[str, str], given: Parameters, name: str, longest: int) -> bool:
    language, text = _language(given), given.text(name)
    if units(text) > longest:
        raise bad(f"{name.replace('_', ' ')} is too long")
    kept[language] = text
    return True


def get_my_description(world: World, given: Parameters) -> Json:
    return {"description": _described(world.profile.descriptions, given)}


def get_my_short_description(world: World, given: Parameters) -> Json:
    return {"short_description": _described(world.profile.short_descriptions, given)}


def _described(kept: dict[str, str], given: Parameters) -> str:
    """Bot API, setMyDescription: without a language for all "for whose language there is no dedicated" one."""
    return kept.get(_language(given)) or kept.get("", "")


def set_chat_menu_button(world: World, given: Parameters) -> bool:
    button = given.structure("menu_button") or {"type": "default"}
    if button.get("type") not in ("default", "commands", "web_app"):
        raise bad("can't parse menu button: unsupported type specified")
    if button["type"] == "web_app" and not {"text", "web_app"} <= button.keys():
        raise bad("can't parse menu button: Can't find field \"web_app\"")
    world.profile.menu_buttons[_menu_chat(world, given)] = button
    return True


def get_chat_menu_button(world: World, given: Parameters) -> Json:
    buttons = world.profile.menu_buttons
    return buttons.get(_menu_chat(world, given)) or buttons.get(0) or {"type": "commands"}


def _menu_chat(world: World, given: Parameters) -> int:
    """Bot API, setChatMenuButton: "the target private chat. If not specified, [the] default"."""
    return chat_to_write_to(world, given).id if given.text("chat_id") else 0
