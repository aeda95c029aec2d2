"""What the desk was told of outlets, kept in the database: closed for a while, other hours, made sure of today.

Law: rows are added, and neither changed nor deleted. A notice that is changed or withdrawn is a newer version of it, and
nobody puts one in the place of a version that they have not seen.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.audit import note
from bot.database import Database, hold, insert_first
from bot.staff import Role, Staff
from bot.tables import CHECKS, CLOSURES
from locator.errors import LocatorError
from locator.hours import in_china
from locator.model import Name, Notice, NoticeKind

LONGEST_SOURCE: Final = 300  # characters
_ID_BYTES: Final = 8
# A browser may have taken along the answers of yesterday; what ended before is of no use to anybody.
_LINGERS: Final = timedelta(days=1)

_CHECK: Final = insert_first(CHECKS)
_OTHER: Final = CLOSURES.alias()
_NEWEST: Final = sa.select(CLOSURES).where(
    CLOSURES.c.version
    == sa.select(sa.func.max(_OTHER.c.version)).where(_OTHER.c.id == CLOSURES.c.id).scalar_subquery()
)
# Rows are only added, so nothing is new for as long as there are as many.
_COUNTED: Final = sa.select(
    sa.select(sa.func.count()).select_from(CLOSURES).scalar_subquery(),
    sa.select(sa.func.count()).select_from(CHECKS).scalar_subquery(),
)


class Filed(NamedTuple):
    """One version of a notice, and how it came to be."""

    id: str
    version: int  # from 1
    notice: Notice
    source: str  # where it is known from
    author: str  # of the first version
    who: str  # wrote this one
    at: datetime
    is_withdrawn: bool = False

    def is_over(self, at: datetime) -> bool:
        """Whether it tells nobody anything any more."""
        return self.is_withdrawn or (self.notice.until is not None and self.notice.until <= at)


class Overlaps(LocatorError):  # noqa: N818 - reads as what it is
    """There is a notice of the same kind for a part of that time. Nothing was changed."""

    def __init__(self, other: Filed) -> None:
        super().__init__("there is such a notice for a part of that time")
        self.other = other


class Overtaken(LocatorError):  # noqa: N818 - reads as what it is
    """Somebody else changed it first, or it is over. Nothing was changed."""

    def __init__(self, newest: Filed) -> None:
        super().__init__("the notice was changed meanwhile, or is over")
        self.newest = newest


def may_change(staff: Staff, filed: Filed) -> bool:
    """One's own; an editor everybody's."""
    return filed.author == staff.name or staff.role.includes(Role.EDITOR)


class Closures:
    """Of one database. `at` is aware; who changes something is a name of the staff."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- for answers --

    def counted(self) -> tuple[int, int]:
        """Another value when there is something new. Quick."""
        with self._database.statements() as connection:
            notices, checks = connection.execute(_COUNTED).one()
            return notices, checks

    def telling(self, at: datetime) -> list[Notice]:
        """All that is in force at `at` or will be."""
        with self._database.statements() as connection:
            newest = map(_filed, connection.execute(_NEWEST))
            return [filed.notice for filed in newest if not filed.is_over(at - _LINGERS)]

    def checked(self) -> Mapping[str, date]:
        """By outlet, the last day on which somebody made sure of it."""
        last = sa.select(CHECKS.c.outlet, sa.func.max(CHECKS.c.day).label("day")).group_by(CHECKS.c.outlet)
        with self._database.statements() as connection:
            return {row.outlet: row.day for row in connection.execute(last)}

    # -- for the desk --

    def newest(self, outlet_id: str = "") -> Sequence[Filed]:
        """The newest version of each notice, of one outlet or all; those that begin first come first."""
        wanted = _NEWEST.where(CLOSURES.c.outlet == outlet_id) if outlet_id else _NEWEST
        with self._database.statements() as connection:
            return [_filed(row) for row in connection.execute(wanted.order_by(CLOSURES.c.begins))]

    def find(self, notice_id: str) -> Filed | None:
        """Its newest version."""
        with self._database.statements() as connection:
            return _found(connection, notice_id)

    def checked_by(self, outlet_id: str) -> tuple[date, str] | None:
        """The last day on which somebody made sure of it, and who did."""
        last = sa.select(CHECKS.c.day, CHECKS.c.who).where(CHECKS.c.outlet == outlet_id)
        with self._database.statements() as connection:
            row = connection.execute(last.order_by(CHECKS.c.day.desc()).limit(1)).one_or_none()
            return (row.day, row.who) if row else None

    def add(self, notice: Notice, source: str, *, who: str, at: datetime) -> Filed:
        """Raises Overlaps."""
        filed = Filed(token_hex(_ID_BYTES), 1, notice, source, who, who, at)
        with self._database.transaction() as connection:
            hold(connection, "outlet", notice.outlet_id)
            _refuse_overlap(connection, filed)
            _file(connection, filed)
            note(connection, at=at, who=who, what="notice.add", about=filed.id, after=_shown(filed))
        return filed

    def change(  # noqa: PLR0913 - what it was, what it is to be, and whose deed that is
        self, notice_id: str, version: int, notice: Notice, source: str, *, who: str, at: datetime
    ) -> Filed:
        """Of the same outlet. Raises Overlaps; Overtaken when `version` is not the newest; KeyError for no such id."""
        with self._database.transaction() as connection:
            before = _held(connection, notice_id, version, at)
            after = before._replace(version=version + 1, notice=notice, source=source, who=who, at=at)
            _refuse_overlap(connection, after)
            _file(connection, after)
            _note(connection, "notice.change", before, after)
        return after

    def withdraw(self, notice_id: str, version: int, *, who: str, at: datetime) -> Filed:
        """From now on it is as without it. Raises Overtaken; KeyError for no such id."""
        with self._database.transaction() as connection:
            before = _held(connection, notice_id, version, at)
            after = before._replace(version=version + 1, who=who, at=at, is_withdrawn=True)
            _file(connection, after)
            _note(connection, "notice.withdraw", before, after)
        return after

    def check(self, outlet_id: str, *, who: str, at: datetime) -> None:
        """Somebody made sure of it today; the first one of the day is kept."""
        day = in_china(at).date()
        row = {"outlet": outlet_id, "day": day, "who": who, "at": at}
        with self._database.transaction() as connection:
            if connection.execute(_CHECK[connection.dialect.name], row).rowcount == 1:
                note(
                    connection, at=at, who=who, what="outlet.checked", about=outlet_id, after=day.isoformat()
                )


# -- rows --


def _found(connection: Connection, notice_id: str) -> Filed | None:
    row = connection.execute(_NEWEST.where(CLOSURES.c.id == notice_id)).one_or_none()
    return _filed(row) if row else None


def _held(connection: Connection, notice_id: str, version: int, at: datetime) -> Filed:
    """Nobody else changes a notice of its outlet until the transaction ends."""
    found = _found(connection, notice_id)
    if found is None:
        raise KeyError(notice_id)
    hold(connection, "outlet", found.notice.outlet_id)
    newest = _found(connection, notice_id) or found
    if newest.version != version or newest.is_over(at):
        raise Overtaken(newest)
    return newest


def _refuse_overlap(connection: Connection, filed: Filed) -> None:
    own = map(_filed, connection.execute(_NEWEST.where(CLOSURES.c.outlet == filed.notice.outlet_id)))
    for other in _alike(own, filed):
        raise Overlaps(other)


def _alike(own: Iterable[Filed], filed: Filed) -> Iterator[Filed]:
    """Others of the same kind that hold at the same time."""
    for other in own:
        is_other = other.id != filed.id and not other.is_withdrawn
        if is_other and other.notice.kind is filed.notice.kind and _meet(other.notice, filed.notice):
            yield other


def _meet(one: Notice, other: Notice) -> bool:
    return (one.until is None or other.from_ < one.until) and (other.until is None or one.from_ < other.until)


def _file(connection: Connection, filed: Filed) -> None:
    connection.execute(sa.insert(CLOSURES).values(_row(filed)))


def _row(filed: Filed) -> dict[str, Any]:
    notice = filed.notice
    return {
        "id": filed.id,
        "version": filed.version,
        "outlet": notice.outlet_id,
        "kind": notice.kind.value,
        "begins": notice.from_,
        "ends": notice.until,
        "told": notice.told,
        "reason_zh": notice.reason.zh,
        "reason_en": notice.reason.en,
        "hours": notice.hours,
        "source": filed.source,
        "author": filed.author,
        "who": filed.who,
        "at": filed.at,
        "withdrawn": filed.is_withdrawn,
    }


def _filed(row: sa.Row[Any]) -> Filed:
    notice = Notice(
        row.outlet,
        NoticeKind(row.kind),
        row.begins,
        row.ends,
        row.told,
        Name(row.reason_zh, row.reason_en),
        row.hours,
    )
    return Filed(row.id, row.version, notice, row.source, row.author, row.who, row.at, row.withdrawn)


def _note(connection: Connection, what: str, before: Filed, after: Filed) -> None:
    note(
        connection,
        at=after.at,
        who=after.who,
        what=what,
        about=after.id,
        before=_shown(before),
        after=_shown(after),
    )


def _shown(filed: Filed) -> dict[str, Any]:
    """For an auditor: all of it but who and when, which stand beside it."""
    told = _row(filed)
    del told["who"], told["at"]
    days = {name: told[name] and told[name].isoformat() for name in ("begins", "ends", "told")}
    return told | days
