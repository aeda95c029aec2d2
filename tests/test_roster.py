"""`bot staff`: accounts from the command line."""

import io
import os
import pty
import sys
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from typing import Any

import pytest
import sqlalchemy as sa

from bot.cli import main
from bot.database import open_database
from bot.tables import AUDIT

pytest_plugins = ("tests.databases",)

PASSWORD = "ten or more of them"


@pytest.fixture
def staff(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs `bot staff …`, with a text on its standard input; the exit code."""
    monkeypatch.setenv("BOT_DATABASE_URL", sqlite_url)

    def run(*arguments: str, typed: str = "") -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        return main(["staff", *arguments])

    return run


def noted(url: str) -> Sequence[tuple[Any, ...]]:
    with closing(open_database(url)) as database, database.statements() as connection:
        return [tuple(row) for row in connection.execute(sa.select(AUDIT.c.who, AUDIT.c.what, AUDIT.c.about))]


def add(staff: Callable[..., int], name: str, role: str = "agent", typed: str = PASSWORD) -> int:
    return staff("add", name, "--role", role, "--password-stdin", typed=typed)


def test_accounts_are_added_listed_changed_and_removed(
    staff: Callable[..., int], sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(staff, "Bela", "editor", PASSWORD + "\r\n") == 0
    assert add(staff, "张敏") == 0
    assert staff("role", "张敏", "admin") == 0
    assert staff("password", "bela", "--password-stdin", typed=PASSWORD[::-1]) == 0
    assert capsys.readouterr() == ("", "")
    assert staff("list") == 0
    assert capsys.readouterr().out == "bela\teditor\n张敏\tadmin\n"
    assert staff("remove", "bela") == 0
    assert staff("list") == 0
    assert capsys.readouterr().out == "张敏\tadmin\n"
    assert [row[1:] for row in noted(sqlite_url)] == [
        ("account.add", "bela"),
        ("account.add", "张敏"),
        ("account.role", "张敏"),
        ("account.password", "bela"),
        ("account.remove", "bela"),
    ]
    assert {row[0] for row in noted(sqlite_url)} == {"bot staff"}


@pytest.mark.parametrize(
    ("arguments", "typed", "told"),
    [
        (["add", "x", "--role", "agent", "--password-stdin"], PASSWORD, "name: must have 2 to 32"),
        (
            ["add", "bela", "--role", "agent", "--password-stdin"],
            "too short",
            "password: must have 10 to 200",
        ),
        (["add", "bela", "--role", "agent", "--password-stdin"], "", "password: must have 10 to 200"),
        (
            ["add", "anna", "--role", "admin", "--password-stdin"],
            PASSWORD,
            "name: is taken; choose another one",
        ),
        (["add", "bela", "--role", "chief", "--password-stdin"], PASSWORD, "invalid choice: 'chief'"),
        (["add", "bela", "--password-stdin"], PASSWORD, "required: --role"),
        (["role", "bela", "admin"], "", "name: is no account"),
        (["password", "bela", "--password-stdin"], PASSWORD, "name: is no account"),
        (["remove", "bela"], "", "name: is no account"),
        ([], "", "required: WHAT"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    staff: Callable[..., int], capsys: pytest.CaptureFixture[str], arguments: list[str], typed: str, told: str
) -> None:
    assert add(staff, "anna") == 0
    assert staff(*arguments, typed=typed) == 2
    said = capsys.readouterr().err
    assert told in said
    assert PASSWORD not in said
    assert staff("list") == 0
    assert capsys.readouterr().out == "anna\tagent\n"


@pytest.mark.parametrize(("second", "code"), [(PASSWORD, 0), (PASSWORD + "!", 2)])
def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    sqlite_url: str, second: str, code: int
) -> None:
    told, exit_code = at_a_terminal(
        ["staff", "add", "anna", "--role", "agent"], {"BOT_DATABASE_URL": sqlite_url}, [PASSWORD, second]
    )
    assert exit_code == code
    assert told.index("Password: ") < told.index("Once more: ")
    assert PASSWORD not in told
    assert ("was not typed the same twice" in told) is (code == 2)


def at_a_terminal(arguments: list[str], settings: dict[str, str], typed: list[str]) -> tuple[str, int]:
    """Run the bot at a terminal, and answer each of its questions with the next line; all it says, and its exit code."""
    process, terminal = pty.fork()
    if process == 0:  # the child
        os.execve(sys.executable, [sys.executable, "-m", "bot", *arguments], os.environ | settings)
    told = ""
    for line in typed:
        asked = len(told)
        while ": " not in told[asked:]:
            told += os.read(terminal, 1_000).decode()
        os.write(terminal, f"{line}\n".encode())
    with suppress(OSError):  # how Linux says that the other side has gone
        while more := os.read(terminal, 1_000):
            told += more.decode()
    os.close(terminal)
    return told, os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
