"""How often somebody may try to sign in: per name, and per address.

Law: an attempt is counted before the password is looked at, and given back when it was right; so many at once are as slow
as one after the other. Neither a name nor an address is kept, only a keyed hash: people type passwords where the name goes.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from ipaddress import ip_address, ip_network
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.database import hold
from bot.pace import Pace
from bot.tables import ATTEMPTS

PER_NAME: Final = Pace(5, 1)
PER_ADDRESS: Final = Pace(30, 10)  # an office, or all who come through one proxy
_SUBSCRIBER: Final = 64  # bits of an IPv6 address; who has one has all with these


class Attempt(NamedTuple):
    """One, told apart from others by its hashes."""

    name: str
    address: str

    def paces(self) -> Iterator[tuple[str, Pace]]:
        yield self.name, PER_NAME
        yield self.address, PER_ADDRESS


def attempt_of(name: str, address: str, secret: bytes) -> Attempt:
    return Attempt(
        _hash(f"name {name}", secret),
        _hash(f"address {_subscriber(address)}", secret),
    )


def count(connection: Connection, attempt: Attempt, at: datetime) -> None:
    """Raises TooFast when it comes too soon after others; then nothing may be kept."""
    hold(connection, "attempts")
    connection.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.whole <= at))
    for who, pace in attempt.paces():
        _keep(connection, who, pace.after(_whole(connection, who), at))


def give_back(connection: Connection, attempt: Attempt) -> None:
    """It was right: the name's other attempts are forgiven, the address has one more."""
    hold(connection, "attempts")
    connection.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.who == attempt.name))
    whole = _whole(connection, attempt.address)
    if whole is not None:
        _keep(connection, attempt.address, whole - timedelta(minutes=1) / PER_ADDRESS.per_minute)


def _whole(connection: Connection, who: str) -> datetime | None:
    found: datetime | None = connection.execute(
        sa.select(ATTEMPTS.c.whole).where(ATTEMPTS.c.who == who)
    ).scalar()
    return found


def _keep(connection: Connection, who: str, whole: datetime) -> None:
    connection.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.who == who))
    connection.execute(sa.insert(ATTEMPTS).values(who=who, whole=whole))


def _subscriber(address: str) -> str:
    try:
        is_long = ip_address(address).version == 6
    except ValueError:
        return address
    return str(ip_network(f"{address}/{_SUBSCRIBER}", strict=False)) if is_long else address


def _hash(text: str, secret: bytes) -> str:
    return blake2b(
        text.encode(errors="replace"), key=secret[:64], digest_size=16, person=b"desk attempt"
    ).hexdigest()
