"""Signing in with an account, signing out, and what proves that somebody is who they say.

Law: a name that is not there costs as much time as a wrong password, and is answered alike. A code is good once. Nothing
that was typed is logged, not even a name: people type passwords there.
Source: RFC 6238, codes of an app; its section 5.2, one code accepted once.
"""

import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hmac import compare_digest
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from pyotp import TOTP, random_base32
from sqlalchemy.engine import Connection

from bot import presence
from bot.accounts import change, found, held
from bot.attempts import Attempt, attempt_of, count, give_back
from bot.audit import note
from bot.database import Database
from bot.pace import TooFast
from bot.presence import Limits, SignedIn
from bot.staff import composed, folded_name, read_password
from locator.errors import LocatorError

log = logging.getLogger(__name__)

_NEVER: Final = -1  # a half-minute before all others
_LONGEST_CODE: Final = 20  # characters, with the spaces that apps show


class Refused(LocatorError):  # noqa: N818 - reads as what it is
    """A name, a password or a code was wrong; which of them is not told."""

    def __init__(self) -> None:
        super().__init__("the name, the password or the code is wrong")


class Given(NamedTuple):
    """What somebody typed to prove who they are, and from where."""

    name: str
    password: str
    code: str
    address: str


class Entrance:
    """Into the desk, by the accounts in one database. Any number of processes may each have one."""

    def __init__(self, database: Database, hasher: PasswordHasher, secret: bytes, limits: Limits) -> None:
        """`secret` keys the hashes that attempts are counted by."""
        self._database = database
        self._hasher = hasher
        self._nobodys = _nobodys(hasher)
        self._secret = secret
        self._limits = limits

    def sign_in(self, given: Given, at: datetime) -> str:
        """The token of a new sign-in. Raises Refused, TooFast."""
        with self._proved(given, at, with_code=True) as (connection, row):
            if self._hasher.check_needs_rehash(row.password):
                change(connection, row.name, password=self._hasher.hash(composed(given.password)))
            note(connection, at=at, who=row.name, what="sign-in", about=row.name)
            return presence.begin(connection, row.name, at, self._limits)

    def find(self, token: str, at: datetime) -> SignedIn | None:
        """Whose token it is, if it is still good; they are seen to be there."""
        with self._database.reading() as connection:
            signed_in = presence.find(connection, token, at, self._limits)
        if signed_in and signed_in.is_to_be_noted(at):
            with self._database.transaction() as connection:
                presence.note_seen(connection, token, at)
        return signed_in

    def sign_out(self, token: str, at: datetime) -> None:
        """Ends this sign-in; one that was over stays over."""
        with self._database.transaction() as connection:
            signed_in = presence.find(connection, token, at, self._limits)
            presence.end(connection, token)
            if signed_in:
                name = signed_in.staff.name
                note(connection, at=at, who=name, what="sign-out", about=name)

    # -- one's own account --

    def speak(self, name: str, language: str) -> None:
        """The language of the desk, for this person; a BCP 47 code."""
        with self._database.transaction() as connection:
            change(connection, name, language=language)

    def has_code(self, name: str) -> bool:
        """Whether it takes a code to sign in."""
        with self._database.reading() as connection:
            row = found(connection, name)
            return row is not None and row.code_step is not None

    def change_password(self, given: Given, new: str, at: datetime) -> None:
        """All sign-ins end. Raises BadInput for what cannot be a password, Refused, TooFast."""
        password = self._hasher.hash(read_password(new))
        with self._proved(given, at) as (connection, row):
            change(connection, row.name, password=password)
            presence.end_all(connection, row.name)
            note(connection, at=at, who=row.name, what="account.password", about=row.name)

    def offer_code(self, given: Given, at: datetime) -> str:
        """A secret for an app; nothing changes before a code was made with it. Raises Refused, TooFast."""
        secret: str = random_base32()
        with self._proved(given, at) as (connection, row):
            if row.code_step is None:
                change(connection, row.name, code_secret=secret)
        return secret

    def begin_code(self, name: str, code: str, at: datetime) -> bool:
        """From now on it takes a code to sign in. False, and nothing changes, when this one is wrong."""
        with self._database.transaction() as connection:
            row = held(connection, name)
            is_offered = row is not None and row.code_secret and row.code_step is None
            if row is None or not is_offered or not _took_code(connection, row, code, at):
                return False
            note(connection, at=at, who=name, what="account.code", about=name, before="off", after="on")
        return True

    def end_code(self, given: Given, at: datetime) -> None:
        """It takes no code any more. Raises Refused, TooFast."""
        with self._proved(given, at, with_code=True) as (connection, row):
            change(connection, row.name, code_secret="", code_step=None)
            note(
                connection, at=at, who=row.name, what="account.code", about=row.name, before="on", after="off"
            )

    # -- proof --

    @contextmanager
    def _proved(
        self, given: Given, at: datetime, *, with_code: bool = False
    ) -> Iterator[tuple[Connection, sa.Row[Any]]]:
        """A transaction that holds the account as it was proved. Raises Refused, TooFast.

        While the password is hashed, none is open.
        """
        name = folded_name(given.name)
        attempt = attempt_of(name, given.address, self._secret)
        seen = self._counted(name, attempt, at)
        is_right = self._is_right(seen, given.password)
        with self._database.transaction() as connection:
            row = held(connection, name)
            if not is_right or row is None or seen is None or row.password != seen.password:
                raise _refusal(attempt)
            if with_code and row.code_step is not None and not _took_code(connection, row, given.code, at):
                raise _refusal(attempt)
            give_back(connection, attempt)
            yield connection, row

    def _counted(self, name: str, attempt: Attempt, at: datetime) -> sa.Row[Any] | None:
        """The account, if the name is one, and the attempt counted. Raises TooFast."""
        with self._database.transaction() as connection:
            try:
                count(connection, attempt, at)
            except TooFast:
                log.warning("too many attempts to sign in, from %s", attempt.address)
                raise
            return found(connection, name)

    def _is_right(self, row: sa.Row[Any] | None, password: str) -> bool:
        try:
            self._hasher.verify(row.password if row else self._nobodys, composed(password))
        except VerificationError:
            return False
        return row is not None


def _nobodys(hasher: PasswordHasher) -> str:
    """What a name that is not there is compared with, at the same cost: no password has this hash."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${'A' * 22}${'A' * 43}"


def _refusal(attempt: Attempt) -> Refused:
    log.warning("an attempt to sign in was refused, from %s", attempt.address)
    return Refused()


def _took_code(connection: Connection, row: sa.Row[Any], code: str, at: datetime) -> bool:
    """Whether the code is right, and newer than the last one that was taken."""
    step = _step_of(code, row.code_secret, at, after=_NEVER if row.code_step is None else row.code_step)
    if step is not None:
        change(connection, row.name, code_step=step)
    return step is not None


def _step_of(code: str, secret: str, at: datetime, *, after: int) -> int | None:
    """The half-minute that the code is of. Clocks may differ by one."""
    typed = "".join(unicodedata.normalize("NFKC", code[:_LONGEST_CODE]).split()).encode()
    app = TOTP(secret)
    now = app.timecode(at)
    steps = (step for step in (now - 1, now, now + 1) if step > after)
    return next((step for step in steps if compare_digest(app.generate_otp(step).encode(), typed)), None)
