"""Accounts and signing in, on SQLite and on a real PostgreSQL: who gets in, for how long, and what is noted of it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from pyotp import TOTP

from bot.accounts import Account, Accounts
from bot.attempts import PER_ADDRESS, PER_NAME, attempt_of, count
from bot.database import Database, open_database
from bot.entrance import Entrance, Given, Refused
from bot.pace import TooFast
from bot.ports import StoreFailed
from bot.presence import SignedIn
from bot.staff import LONGEST_PASSWORD, SHORTEST_PASSWORD, Role, Staff, read_name, read_password
from bot.tables import ACCOUNTS, ATTEMPTS, AUDIT, SIGN_INS
from locator.errors import BadInput
from tests.desks import LIMITS, sign_in
from tests.doors import SATURDAY_WORKED

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

NOON = SATURDAY_WORKED
# Tables of cases that hold for any database.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PASSWORD = "泸州老窖 is no password"
OTHER = "another one, as long"
ANNA = Staff("anna", Role.EDITOR)
BY = "bot staff"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # no test needs it to be slow
SECRET = b"the secret of these tests, 32 by"


@pytest.fixture
def opened(database_url: str) -> Iterator[Database]:
    """Of each kind."""
    with closing(open_database(database_url)) as database:
        yield database


@pytest.fixture
def accounts(opened: Database) -> Accounts:
    """With Anna's."""
    accounts = Accounts(opened, QUICK)
    accounts.add(ANNA, PASSWORD, by=BY, at=NOON)
    return accounts


@pytest.fixture
def entrance(opened: Database, accounts: Accounts) -> Entrance:
    del accounts
    return Entrance(opened, QUICK, SECRET, LIMITS)


def typed(name: str = "anna", password: str = PASSWORD, code: str = "", address: str = "10.0.0.1") -> Given:
    return Given(name, password, code, address)


def rows(database: Database, *columns: sa.Column[Any]) -> list[tuple[Any, ...]]:
    with database.statements() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns))]


def noted(database: Database) -> list[tuple[Any, ...]]:
    return rows(database, AUDIT.c.who, AUDIT.c.what, AUDIT.c.about, AUDIT.c.before, AUDIT.c.after)


# -- names and passwords --


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("anna", "anna"),
        ("  Anna ", "anna"),
        ("ＡＮＮＡ", "anna"),
        ("张敏", "张敏"),
        ("li.na_2-b", "li.na_2-b"),
        ("a" * 32, "a" * 32),
    ],
)
def test_a_name_is_one_name_however_it_is_typed(text: str, name: str) -> None:
    assert read_name(text) == name


@pytest.mark.parametrize(
    "text", ["", "a", "a" * 33, "a" * 10_000, ".anna", "an na", "an/na", "<b>x", "a\x00b", "_anna"]
)
def test_a_name_that_cannot_be_one_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="name: must have 2 to 32"):
        read_name(text)


@given(st.text(max_size=300))
def test_a_name_that_is_taken_in_stays_as_it_is(text: str) -> None:
    try:
        name = read_name(text)
    except BadInput:
        return
    assert read_name(name) == name


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("x" * (SHORTEST_PASSWORD - 1), False),
        ("x" * SHORTEST_PASSWORD, True),
        ("x" * LONGEST_PASSWORD, True),
        ("x" * (LONGEST_PASSWORD + 1), False),
        ("我的密码是一句很长的话", True),
        ("with a\nnew line in it", False),
        ("with a \x00 nul in it", False),
    ],
)
def test_a_password_has_a_least_and_a_most(password: str, fits: bool) -> None:
    if fits:
        assert read_password(password) == password
    else:
        with pytest.raises(BadInput) as refused:
            read_password(password)
        assert password not in str(refused.value)


# -- signing in --


def test_who_knows_the_password_gets_in_and_nobody_reads_it_in_the_database(
    entrance: Entrance, opened: Database
) -> None:
    token = entrance.sign_in(typed(" Anna"), NOON)
    assert entrance.find(token, NOON) == SignedIn(ANNA, "", NOON)
    ((hashed,),) = rows(opened, ACCOUNTS.c.password)
    assert hashed.startswith("$argon2id$")
    assert rows(opened, SIGN_INS.c.name) == [("anna",)]
    assert token not in str(rows(opened, *SIGN_INS.c))


@on_sqlite
@pytest.mark.parametrize(
    "given",
    [
        typed(password=""),
        typed(password=PASSWORD + " "),
        typed(password=PASSWORD.upper()),
        typed(password="x" * 100_000),
        typed(name="bela"),
        typed(name=""),
        typed(name="a" * 100_000),
        typed(name=PASSWORD),
        typed(name="anna\x00"),
        typed(name="anna' OR '1'='1", password="' OR '1'='1"),
    ],
)
def test_all_that_is_wrong_is_refused_alike(entrance: Entrance, opened: Database, given: Given) -> None:
    with pytest.raises(Refused, match=r"^the name, the password or the code is wrong$"):
        entrance.sign_in(given, NOON)
    assert rows(opened, SIGN_INS.c.name) == []


def test_e_with_an_accent_is_one_letter_however_a_keyboard_sends_it(
    accounts: Accounts, entrance: Entrance
) -> None:
    accounts.add(Staff("zoe", Role.AGENT), "caf\u00e9 am Jangtse", by=BY, at=NOON)
    assert entrance.sign_in(typed("zoe", "cafe\u0301 am Jangtse"), NOON)


def test_an_unknown_name_costs_as_much_as_a_wrong_password(opened: Database) -> None:
    verified: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's name
            verified.append(str(hash).rpartition("$")[0].rpartition("$")[0])
            return super().verify(hash, password)

    hasher = Watched(time_cost=1, memory_cost=8, parallelism=1)
    Accounts(opened, hasher).add(ANNA, PASSWORD, by=BY, at=NOON)
    for name in ("anna", "bela"):
        with pytest.raises(Refused):
            Entrance(opened, hasher, SECRET, LIMITS).sign_in(typed(name, OTHER), NOON)
    assert verified == ["$argon2id$v=19$m=8,t=1,p=1"] * 2


def test_neither_a_name_nor_a_password_is_logged(
    entrance: Entrance, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for number in range(PER_NAME.at_once + 1):
        with pytest.raises((Refused, TooFast)):
            entrance.sign_in(typed("anna", f"wrong password {number}", address="198.51.100.7"), NOON)
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert said.count("an attempt to sign in was refused") == PER_NAME.at_once
    assert said.count("too many attempts") == 1
    assert not any(told in said for told in ("anna", "wrong password", "198.51.100.7"))


def test_a_weaker_hash_is_replaced_when_its_password_is_known(accounts: Accounts, opened: Database) -> None:
    del accounts
    entrance = Entrance(opened, PasswordHasher(), SECRET, LIMITS)
    entrance.sign_in(typed(), NOON)
    ((hashed,),) = rows(opened, ACCOUNTS.c.password)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106's second choice
    assert entrance.sign_in(typed(), NOON)


# -- how often --


def wrong(entrance: Entrance, at: datetime, **given: str) -> bool:
    """Whether a wrong password was looked at."""
    try:
        entrance.sign_in(typed(**{"password": "wrong, and long enough"} | given), at)
    except Refused:
        return True
    except TooFast:
        return False
    raise AssertionError("it was let in")


def test_a_name_is_tried_five_times_then_once_a_minute(entrance: Entrance, opened: Database) -> None:
    assert [wrong(entrance, NOON, address=f"10.0.0.{n}") for n in range(7)] == [True] * 5 + [False] * 2
    with pytest.raises(TooFast) as held:
        entrance.sign_in(typed(address="10.0.9.9"), NOON)  # the right one, too
    assert held.value.wait_s == 60
    assert rows(opened, SIGN_INS.c.name) == []
    later = NOON + timedelta(minutes=1)
    assert [wrong(entrance, later) for _ in range(2)] == [True, False]
    assert entrance.sign_in(typed(), later + timedelta(minutes=1))


def test_who_was_right_starts_anew(entrance: Entrance, opened: Database) -> None:
    for _ in range(3):
        assert [wrong(entrance, NOON) for _ in range(4)] == [True] * 4
        assert entrance.sign_in(typed(), NOON)
    with opened.statements() as connection:
        kept = connection.execute(sa.select(ATTEMPTS.c.who)).scalars().all()
    assert kept == [attempt_of("", "10.0.0.1", SECRET).address]


def test_an_address_may_try_so_many_names_and_no_more(opened: Database) -> None:
    def tried(number: int, address: str) -> bool:
        try:
            with opened.transaction() as connection:
                count(connection, attempt_of(f"name {number}", address, SECRET), NOON)
        except TooFast:
            return False
        return True

    many = PER_ADDRESS.at_once
    assert [tried(n, "10.0.0.1") for n in range(many + 1)] == [True] * many + [False]
    assert tried(0, "10.0.0.2")
    # One subscriber has all addresses that begin alike.
    assert [tried(n, f"2001:db8::{n:x}") for n in range(100, 101 + many)] == [True] * many + [False]
    assert tried(0, "2001:db8:0:1::1")


def test_what_is_over_of_attempts_goes_and_names_nobody(entrance: Entrance, opened: Database) -> None:
    assert wrong(entrance, NOON, name=PASSWORD, address="198.51.100.7")
    told = str(rows(opened, *ATTEMPTS.c))
    assert PASSWORD not in told
    assert "198.51.100.7" not in told
    assert len(rows(opened, ATTEMPTS.c.who)) == 2
    entrance.sign_in(typed(), NOON + timedelta(hours=1))
    assert len(rows(opened, ATTEMPTS.c.who)) <= 1


# -- how long --


@on_sqlite
@pytest.mark.parametrize(
    ("seen_after", "then", "is_in"),
    [
        ([], timedelta(minutes=29, seconds=59), True),
        ([], timedelta(minutes=30), False),
        ([timedelta(minutes=20)], timedelta(minutes=49), True),
        ([timedelta(minutes=20)], timedelta(minutes=50), False),
        ([timedelta(minutes=29 * n) for n in range(1, 25)], timedelta(hours=12) - timedelta(seconds=1), True),
        ([timedelta(minutes=29 * n) for n in range(1, 25)], timedelta(hours=12), False),
    ],
)
def test_a_sign_in_ends_when_nothing_was_done_or_the_day_is_over(
    opened: Database, seen_after: list[timedelta], then: timedelta, is_in: bool
) -> None:
    token = sign_in(opened, "anna", Role.AGENT, NOON)
    entrance = Entrance(opened, QUICK, SECRET, LIMITS)
    for after in seen_after:
        assert entrance.find(token, NOON + after)
    assert (entrance.find(token, NOON + then) is not None) is is_in


def test_being_seen_is_written_down_once_a_minute_at_most(opened: Database) -> None:
    token = sign_in(opened, "anna", Role.AGENT, NOON)
    entrance = Entrance(opened, QUICK, SECRET, LIMITS)
    for seconds, seen in ((59, 0), (60, 60), (119, 60), (120, 120)):
        entrance.find(token, NOON + timedelta(seconds=seconds))
        assert rows(opened, SIGN_INS.c.seen) == [(NOON + timedelta(seconds=seen),)]


def test_what_is_over_is_deleted_when_somebody_signs_in(opened: Database) -> None:
    sign_in(opened, "anna", Role.AGENT, NOON)
    sign_in(opened, "bela", Role.AGENT, NOON + timedelta(hours=1))
    assert rows(opened, SIGN_INS.c.name) == [("bela",)]


@on_sqlite
@pytest.mark.parametrize("token", ["", "x", "a" * 100_000, "\x00", "half \ud800"])
def test_a_made_up_token_is_nobodys(opened: Database, token: str) -> None:
    sign_in(opened, "anna", Role.ADMIN, NOON)
    assert Entrance(opened, QUICK, SECRET, LIMITS).find(token, NOON) is None


# -- ended at once, in every process --


def test_who_signs_out_is_out_everywhere_with_that_sign_in_only(database_url: str, opened: Database) -> None:
    here, there = sign_in(opened, "anna", Role.AGENT, NOON), sign_in(opened, "anna", Role.AGENT, NOON)
    with closing(open_database(database_url)) as other:
        Entrance(other, QUICK, SECRET, LIMITS).sign_out(here, NOON)
    entrance = Entrance(opened, QUICK, SECRET, LIMITS)
    assert entrance.find(here, NOON) is None
    assert entrance.find(there, NOON) is not None
    entrance.sign_out(here, NOON)
    assert noted(opened) == [("anna", "sign-out", "anna", None, None)]


CHANGES = {
    "password": lambda accounts: accounts.replace_password("anna", OTHER, by=BY, at=NOON),
    "role": lambda accounts: accounts.change_role(Staff("anna", Role.AGENT), by=BY, at=NOON),
    "removal": lambda accounts: accounts.remove("anna", by=BY, at=NOON),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_account_ends_all_its_sign_ins_in_every_process(
    database_url: str, opened: Database, accounts: Accounts, change: str
) -> None:
    tokens = [sign_in(opened, "anna", Role.EDITOR, NOON) for _ in range(2)]
    bela = sign_in(opened, "bela", Role.AGENT, NOON)
    with closing(open_database(database_url)) as other:
        elsewhere = Entrance(other, QUICK, SECRET, LIMITS)
        assert elsewhere.find(tokens[0], NOON) is not None
        CHANGES[change](accounts)
        assert [elsewhere.find(token, NOON) for token in tokens] == [None, None]
        assert elsewhere.find(bela, NOON) is not None


@pytest.mark.parametrize("change", ["password", "removal"])
def test_what_is_changed_while_a_password_is_looked_at_lets_nobody_in(
    opened: Database, accounts: Accounts, change: str
) -> None:
    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's name
            CHANGES[change](accounts)
            return super().verify(hash, password)

    hasher = Slow(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.raises(Refused):
        Entrance(opened, hasher, SECRET, LIMITS).sign_in(typed(), NOON)
    assert rows(opened, SIGN_INS.c.name) == []


def test_ones_own_password_is_changed_by_who_knows_it(entrance: Entrance, opened: Database) -> None:
    token = entrance.sign_in(typed(), NOON)
    with pytest.raises(Refused):
        entrance.change_password(typed(password=OTHER), OTHER, NOON)
    with pytest.raises(BadInput):
        entrance.change_password(typed(), "short", NOON)
    assert entrance.find(token, NOON) is not None
    entrance.change_password(typed(), OTHER, NOON)
    assert entrance.find(token, NOON) is None
    with pytest.raises(Refused):
        entrance.sign_in(typed(), NOON)
    assert entrance.sign_in(typed(password=OTHER), NOON)
    assert ("anna", "account.password", "anna", None, None) in noted(opened)


# -- codes besides the password --


@pytest.fixture
def app(entrance: Entrance) -> TOTP:
    """Anna's, which made a code half an hour ago."""
    made = TOTP(entrance.offer_code(typed(), NOON))
    before = NOON - timedelta(minutes=30)
    assert entrance.begin_code("anna", made.at(before), before)
    return made


@on_sqlite
@pytest.mark.parametrize(
    ("step", "is_in"), [(-2, False), (-1, True), (0, True), (1, True), (2, False), (-60, False)]
)
def test_a_code_is_good_for_its_half_minute_and_one_beside_it(
    entrance: Entrance, app: TOTP, step: int, is_in: bool
) -> None:
    given = typed(code=app.at(NOON, counter_offset=step))
    if is_in:
        assert entrance.sign_in(given, NOON)
    else:
        with pytest.raises(Refused):
            entrance.sign_in(given, NOON)


@on_sqlite
@pytest.mark.parametrize("code", ["", "000000", "abc", "１２３", "1" * 1_000, "\x00"])
def test_without_the_code_the_password_is_not_enough(entrance: Entrance, app: TOTP, code: str) -> None:
    assert code != app.at(NOON)
    with pytest.raises(Refused):
        entrance.sign_in(typed(code=code), NOON)


def test_a_code_may_be_typed_with_a_space_or_in_wide_digits(entrance: Entrance, app: TOTP) -> None:
    code = app.at(NOON)
    assert entrance.sign_in(typed(code=f" {code[:3]} {code[3:]}"), NOON)
    later = NOON + timedelta(seconds=30)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in app.at(later))
    assert entrance.sign_in(typed(code=wide), later)


def test_a_code_is_good_once(entrance: Entrance, app: TOTP) -> None:
    assert entrance.sign_in(typed(code=app.at(NOON)), NOON)
    for step in (0, -1):
        with pytest.raises(Refused):
            entrance.sign_in(typed(code=app.at(NOON, counter_offset=step)), NOON)
    assert entrance.sign_in(typed(code=app.at(NOON, counter_offset=1)), NOON)


def test_a_wrong_password_uses_up_no_code(entrance: Entrance, app: TOTP) -> None:
    with pytest.raises(Refused):
        entrance.sign_in(typed(password=OTHER, code=app.at(NOON)), NOON)
    assert entrance.sign_in(typed(code=app.at(NOON)), NOON)


def test_a_code_begins_only_when_the_app_has_made_one(entrance: Entrance) -> None:
    assert not entrance.begin_code("anna", "123456", NOON)  # nothing was offered
    made = TOTP(entrance.offer_code(typed(), NOON))
    wrong_one = str((int(made.at(NOON)) + 1) % 1_000_000).zfill(6)
    assert not entrance.begin_code("anna", wrong_one, NOON)
    assert not entrance.has_code("anna")
    assert entrance.sign_in(typed(), NOON)
    assert entrance.begin_code("anna", made.at(NOON), NOON)
    assert entrance.has_code("anna")
    with pytest.raises(Refused):
        entrance.sign_in(typed(code=made.at(NOON)), NOON)  # it began with this one


def test_a_new_secret_is_not_slipped_in_while_a_code_is_asked_for(entrance: Entrance, app: TOTP) -> None:
    other = TOTP(entrance.offer_code(typed(), NOON))
    assert not entrance.begin_code("anna", other.at(NOON), NOON)
    assert entrance.sign_in(typed(code=app.at(NOON)), NOON)


def test_it_takes_the_password_and_a_code_to_end_codes(
    entrance: Entrance, app: TOTP, opened: Database
) -> None:
    for half in (typed(), typed(password=OTHER, code=app.at(NOON))):
        with pytest.raises(Refused):
            entrance.end_code(half, NOON)
    entrance.end_code(typed(code=app.at(NOON)), NOON)
    assert entrance.sign_in(typed(), NOON)
    assert rows(opened, ACCOUNTS.c.code_secret, ACCOUNTS.c.code_step) == [("", None)]
    assert [row[3:] for row in noted(opened) if row[1] == "account.code"] == [("off", "on"), ("on", "off")]


def test_who_lost_the_phone_gets_a_new_password_and_needs_no_code(
    entrance: Entrance, app: TOTP, accounts: Accounts
) -> None:
    del app
    assert accounts.all() == [Account(ANNA, has_code=True)]
    accounts.replace_password("anna", OTHER, by=BY, at=NOON)
    assert entrance.sign_in(typed(password=OTHER), NOON)


# -- the audit --


def test_every_change_of_an_account_is_noted_with_what_was_before(
    accounts: Accounts, opened: Database
) -> None:
    accounts.change_role(Staff("anna", Role.ADMIN), by=BY, at=NOON)
    accounts.replace_password("anna", OTHER, by=BY, at=NOON)
    accounts.remove("anna", by=BY, at=NOON)
    assert noted(opened) == [
        (BY, "account.add", "anna", None, {"role": "editor"}),
        (BY, "account.role", "anna", {"role": "editor"}, {"role": "admin"}),
        (BY, "account.password", "anna", None, None),
        (BY, "account.remove", "anna", {"role": "admin"}, None),
    ]
    assert rows(opened, AUDIT.c.at) == [(NOON,)] * 4


def test_what_fails_is_not_noted(accounts: Accounts, opened: Database) -> None:
    before = noted(opened)
    changes: list[Callable[[], None]] = [
        lambda: accounts.add(ANNA, OTHER, by=BY, at=NOON),
        lambda: accounts.change_role(Staff("bela", Role.ADMIN), by=BY, at=NOON),
        lambda: accounts.replace_password("bela", OTHER, by=BY, at=NOON),
        lambda: accounts.replace_password("anna", "short", by=BY, at=NOON),
        lambda: accounts.remove("bela", by=BY, at=NOON),
    ]
    for change in changes:
        with pytest.raises(BadInput):
            change()
    assert noted(opened) == before


@pytest.mark.parametrize("change", [sa.update(AUDIT).values(who="nobody"), sa.delete(AUDIT)])
def test_the_database_itself_keeps_the_audit(accounts: Accounts, opened: Database, change: Any) -> None:
    del accounts
    before = noted(opened)
    with pytest.raises(StoreFailed), opened.transaction() as connection:
        connection.execute(change)
    assert noted(opened) == before
    assert len(before) == 1
