"""`bot staff`: who may sign in at the desk, and as what. Every change is noted in the audit."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from getpass import getpass
from typing import TYPE_CHECKING, Any, Final

from bot.settings import BotSettings
from bot.staff import Role, Staff, read_name, read_password
from locator.errors import BadInput

if TYPE_CHECKING:
    from bot.accounts import Accounts

_BY: Final = "bot staff"  # whom the audit names
_ROLES: Final = [role.value for role in Role]


def add_staff(commands: Any) -> None:
    """The command, among those of the bot."""
    staff = commands.add_parser("staff", help="who may sign in at the desk, and as what")
    does = staff.add_subparsers(required=True, metavar="WHAT")
    add = _named(does, "add", _add, "a new account; asks for its password")
    add.add_argument("--role", choices=_ROLES, required=True)
    _asks_password(add)
    does.add_parser("list", help="name and role of each").set_defaults(run=_list)
    role = _named(does, "role", _change_role, "another role; who is signed in must sign in again")
    role.add_argument("role", choices=_ROLES)
    password = _named(
        does, "password", _replace_password, "a new password, for who forgot it; it takes no code any more"
    )
    _asks_password(password)
    _named(does, "remove", _remove, "takes the account away; who is signed in is signed out")


def _named(does: Any, verb: str, run: Any, told: str) -> Any:
    command = does.add_parser(verb, help=told)
    command.add_argument("name")
    command.set_defaults(run=run)
    return command


def _asks_password(command: Any) -> None:
    command.add_argument("--password-stdin", action="store_true", help="read it from the first line of stdin")


def _add(wanted: argparse.Namespace, settings: BotSettings) -> int:
    staff = Staff(read_name(wanted.name), Role(wanted.role))
    password = _password(wanted)
    with _accounts(settings) as accounts:
        accounts.add(staff, password, by=_BY, at=_now())
    return 0


def _list(_: argparse.Namespace, settings: BotSettings) -> int:
    with _accounts(settings) as accounts:
        for (name, role), has_code in accounts.all():
            told = [name, role.value, *(["code"] if has_code else [])]
            print("\t".join(told))  # noqa: T201 - a command line prints
    return 0


def _change_role(wanted: argparse.Namespace, settings: BotSettings) -> int:
    with _accounts(settings) as accounts:
        accounts.change_role(Staff(read_name(wanted.name), Role(wanted.role)), by=_BY, at=_now())
    return 0


def _replace_password(wanted: argparse.Namespace, settings: BotSettings) -> int:
    name, password = read_name(wanted.name), _password(wanted)
    with _accounts(settings) as accounts:
        accounts.replace_password(name, password, by=_BY, at=_now())
    return 0


def _remove(wanted: argparse.Namespace, settings: BotSettings) -> int:
    with _accounts(settings) as accounts:
        accounts.remove(read_name(wanted.name), by=_BY, at=_now())
    return 0


@contextmanager
def _accounts(settings: BotSettings) -> Iterator["Accounts"]:
    from argon2 import PasswordHasher  # noqa: PLC0415 - who asks a question does not wait for it

    from bot.accounts import Accounts  # noqa: PLC0415 - nor for a database
    from bot.database import open_database  # noqa: PLC0415

    with closing(open_database(settings.database_url.get_secret_value())) as database:
        yield Accounts(database, PasswordHasher())


def _password(wanted: argparse.Namespace) -> str:
    """Raises BadInput for what cannot be one, and when it is not typed the same twice."""
    if wanted.password_stdin:
        return read_password(sys.stdin.readline().rstrip("\r\n"))
    password = read_password(getpass("Password: "))
    if getpass("Once more: ") != password:
        raise BadInput("password", "was not typed the same twice")
    return password


def _now() -> datetime:
    return datetime.now(UTC)
