"""Who is at the desk: sign-ins, kept in the database, so that each can be ended at once in every process.

Law: a sign-in ends when it is ended, when nothing was done for too long, or after a day's work. The database holds a hash
of the token, so nobody who reads it can sign in with what they read.
"""

from datetime import datetime, timedelta
from hashlib import blake2b
from secrets import token_urlsafe
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.staff import Role, Staff
from bot.tables import ACCOUNTS, SIGN_INS

# Who types is seen with every letter; writing it down so often would slow everybody.
_NOTED_EVERY: Final = timedelta(minutes=1)
_TOKEN_BYTES: Final = 32
_FOUND: Final = (
    sa.select(SIGN_INS.c.began, SIGN_INS.c.seen, ACCOUNTS.c.name, ACCOUNTS.c.role, ACCOUNTS.c.language)
    .join_from(SIGN_INS, ACCOUNTS)
    .where(SIGN_INS.c.token == sa.bindparam("sought"))
)


class Limits(NamedTuple):
    """How long a sign-in lasts."""

    idle: timedelta
    longest: timedelta


class SignedIn(NamedTuple):
    """Somebody who is at the desk."""

    staff: Staff
    language: str  # BCP 47, as chosen at the desk; or empty
    seen: datetime  # when it was last noted that they are there

    def is_to_be_noted(self, at: datetime) -> bool:
        return at - self.seen >= _NOTED_EVERY


def new_token() -> str:
    """What a browser holds; nobody can guess it."""
    return token_urlsafe(_TOKEN_BYTES)


def begin(connection: Connection, name: str, at: datetime, limits: Limits) -> str:
    """The token of a new sign-in. Those that are over go."""
    token = new_token()
    over = (SIGN_INS.c.began <= at - limits.longest) | (SIGN_INS.c.seen <= at - limits.idle)
    connection.execute(sa.delete(SIGN_INS).where(over))
    connection.execute(sa.insert(SIGN_INS).values(token=_hash(token), name=name, began=at, seen=at))
    return token


def find(connection: Connection, token: str, at: datetime, limits: Limits) -> SignedIn | None:
    """None of a token that is not, or no longer, good."""
    row = connection.execute(_FOUND, {"sought": _hash(token)}).one_or_none()
    if row is None or at - row.began >= limits.longest or at - row.seen >= limits.idle:
        return None
    return SignedIn(Staff(row.name, Role(row.role)), row.language, row.seen)


def note_seen(connection: Connection, token: str, at: datetime) -> None:
    """They are there."""
    connection.execute(sa.update(SIGN_INS).where(SIGN_INS.c.token == _hash(token)).values(seen=at))


def end(connection: Connection, token: str) -> None:
    connection.execute(sa.delete(SIGN_INS).where(SIGN_INS.c.token == _hash(token)))


def end_all(connection: Connection, name: str) -> None:
    """All sign-ins of one person, in every process."""
    connection.execute(sa.delete(SIGN_INS).where(SIGN_INS.c.name == name))


def _hash(token: str) -> str:
    return blake2b(token.encode(errors="replace"), digest_size=32).hexdigest()
