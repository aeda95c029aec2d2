"""How often, counted in the database, and kept when what people wrote is forgotten.

Law: a day that is over is counted once, before its conversations are forgotten; its numbers stay as they are. They name
channels, decisions, entries and outlets, and nobody. Days that were not counted yet are counted when somebody looks.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.database import Database, hold, insert_first
from bot.statistics import OUTCOMES, Listed, Statistics, Tally
from bot.tables import COUNTED, LISTED, MISSES, TALLIES, TURNS
from locator.hours import in_china, moment

# Somebody who wrote just before midnight is kept a moment after it.
_OVER_AFTER: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
_READ_AT_ONCE: Final = 2_000  # rows: nobody who writes waits for long
_KEEP_DAY: Final = insert_first(COUNTED)
# As orjson writes a list of outlets that is not empty; most replies have none and need not be read.
_LISTS: Final = b'"cards":[{'


class Missed(NamedTuple):
    """A question that could not be answered well, as it is kept: masked, and nobody's."""

    day: date
    channel: str
    decision: str
    entry: str  # whose answer did not help, or ""
    text: str


class Counts:
    """Those of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def settle(self, at: datetime) -> None:
        """Count every day that is over and was not counted. To be done before anything is forgotten."""
        today = in_china(at - _OVER_AFTER).date()
        with self._database.reading() as connection:
            days = _uncounted(connection, date.min, today - _DAY)
            found = [(day, _tallies(connection, day), _listed(connection, day)) for day in days]
        for day, tallies, listed in found:
            self._keep(day, tallies, listed)

    def _keep(self, day: date, tallies: Sequence[Tally], listed: Sequence[Listed]) -> None:
        with self._database.transaction() as connection:
            hold(connection, "counted")
            if connection.execute(_KEEP_DAY[connection.dialect.name], {"day": day}).rowcount != 1:
                return
            for table, rows in ((TALLIES, tallies), (LISTED, listed)):
                if rows:
                    connection.execute(sa.insert(table), [row._asdict() for row in rows])

    def read(self, first: date, at: datetime) -> Statistics:
        """From that day in China until now, or from the first day of which anything is known, if that is later."""
        last = in_china(at).date()
        with self._database.reading() as connection:
            first = min(last, max(first, _beginning(connection) or last))
            # Once, and first: a day that is settled meanwhile is neither left out nor counted twice.
            days = _uncounted(connection, first, last)
            tallies = [
                Tally(*row) for row in connection.execute(_kept(TALLIES, first, last)) if row.day not in days
            ]
            listed = [
                Listed(*row) for row in connection.execute(_kept(LISTED, first, last)) if row.day not in days
            ]
            for day in days:
                tallies += _tallies(connection, day)
                listed += _listed(connection, day)
        return Statistics(first, last, tallies, listed)

    def missed(self, since: datetime) -> Iterator[Missed]:
        """The oldest first. Between two handfuls, others may write."""
        last = 0
        while rows := self._missed(since, last):
            last = rows[-1].number
            for row in rows:
                yield Missed(in_china(row.at).date(), row.channel, row.decision, row.entry, row.text)

    def _missed(self, since: datetime, last: int) -> Sequence[Any]:
        asked = (TURNS.c.at >= since) & TURNS.c.decision.in_(OUTCOMES)
        rows = (
            sa.select(
                TURNS.c.number, TURNS.c.at, TURNS.c.channel, TURNS.c.decision, TURNS.c.entry, TURNS.c.text
            )
            .join_from(MISSES, TURNS)
            .where(asked & (MISSES.c.turn > last))
            .order_by(MISSES.c.turn)
            .limit(_READ_AT_ONCE)
        )
        with self._database.reading() as connection:
            return connection.execute(rows).all()


def _beginning(connection: Connection) -> date | None:
    """The first day of which anything is known."""
    counted = connection.execute(sa.select(sa.func.min(COUNTED.c.day))).scalar()
    oldest = connection.execute(sa.select(TURNS.c.at).order_by(TURNS.c.at).limit(1)).scalar()
    return min((day for day in (counted, oldest and in_china(oldest).date()) if day), default=None)


def _uncounted(connection: Connection, first: date, last: date) -> Sequence[date]:
    """From the first that anything is known of; the oldest first."""
    first = max(first, _beginning(connection) or last + _DAY)
    known = sa.select(COUNTED.c.day).where(COUNTED.c.day.between(first, last))
    counted = set(connection.execute(known).scalars())
    days = ((first + timedelta(ahead)) for ahead in range((last - first).days + 1))
    return [day for day in days if day not in counted]


def _kept(table: sa.Table, first: date, last: date) -> sa.Select[Any]:
    return sa.select(table).where(table.c.day.between(first, last))


def _on(day: date) -> sa.ColumnElement[bool]:
    return (TURNS.c.at >= moment(day, 0)) & (TURNS.c.at < moment(day + _DAY, 0))


def _tallies(connection: Connection, day: date) -> list[Tally]:
    names = (TURNS.c.channel, TURNS.c.decision, TURNS.c.entry)
    unhelpful = sa.func.count().filter(TURNS.c.helpful.is_(sa.false()))
    rows = sa.select(*names, sa.func.count(), unhelpful).where(_on(day)).group_by(*names)
    return [Tally(day, *row) for row in connection.execute(rows)]


def _listed(connection: Connection, day: date) -> list[Listed]:
    counted: Counter[str] = Counter()
    place: tuple[datetime, int] = (moment(day, 0), 0)
    while rows := connection.execute(_replies(day, *place)).all():
        place = (rows[-1].at, rows[-1].number)
        for row in rows:
            counted.update(_outlets(bytes(row.reply)))
    return [Listed(day, outlet, times) for outlet, times in sorted(counted.items())]


def _replies(day: date, at: datetime, number: int) -> sa.Select[Any]:
    """A handful of those after that one."""
    told = sa.tuple_(TURNS.c.at, TURNS.c.number)
    after = sa.tuple_(sa.literal(at, TURNS.c.at.type), sa.literal(number))
    chosen = sa.select(TURNS.c.at, TURNS.c.number, TURNS.c.reply).where(
        _on(day) & (told > after) & TURNS.c.decision.in_(OUTCOMES)
    )
    return chosen.order_by(TURNS.c.at, TURNS.c.number).limit(_READ_AT_ONCE)


def _outlets(reply: bytes) -> set[str]:
    """The ids of those that a reply lists, each once."""
    if _LISTS not in reply:
        return set()
    return {card["id"] for card in orjson.loads(reply)["spots"]["cards"]}
