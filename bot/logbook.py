"""What was noted of the staff's work, to be looked through: the newest first, by whom, what, and which day."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from bot.database import Database
from bot.tables import AUDIT
from locator.hours import MIDNIGHT, moment

_READ_AT_ONCE: Final = 1_000  # rows: nobody who writes waits for long


class Sought(NamedTuple):
    """Which notes; what is empty leaves all."""

    who: str = ""
    what: str = ""
    day: date | None = None  # in China


class Noted(NamedTuple):
    """One of them."""

    number: int
    at: datetime
    who: str
    what: str
    about: str
    before: Any  # JSON
    after: Any


class Logbook:
    """That of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def some(self, sought: Sought, most: int, below: int | None = None) -> Sequence[Noted]:
        """So many at most, with numbers below that one."""
        rows = sa.select(AUDIT).where(*_meant(sought)).order_by(AUDIT.c.number.desc()).limit(most)
        if below is not None:
            rows = rows.where(AUDIT.c.number < below)
        with self._database.reading() as connection:
            return [Noted(*row) for row in connection.execute(rows)]

    def all(self, sought: Sought) -> Iterator[Noted]:
        """Between two handfuls, others may write."""
        below: int | None = None
        while notes := self.some(sought, _READ_AT_ONCE, below):
            yield from notes
            below = notes[-1].number

    def names(self) -> tuple[Sequence[str], Sequence[str]]:
        """Who did anything, and what was done."""
        with self._database.reading() as connection:
            who, what = (
                connection.execute(sa.select(column).distinct().order_by(column)).scalars().all()
                for column in (AUDIT.c.who, AUDIT.c.what)
            )
        return who, what


def _meant(sought: Sought) -> Iterator[sa.ColumnElement[bool]]:
    if sought.who:
        yield AUDIT.c.who == sought.who
    if sought.what:
        yield AUDIT.c.what == sought.what
    if sought.day:
        yield (AUDIT.c.at >= moment(sought.day, 0)) & (AUDIT.c.at < moment(sought.day, MIDNIGHT))
