"""What the desk was told of outlets: closed for a while, open at other hours, or made sure of today.

Law: while a notice is in force it has the word, and outside its time everything is as without it. Of several at once a
closed door wins, else what was told last. After its end nothing is promised that the usual hours do not say.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import chain, pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

from locator.calendar import Calendar
from locator.hours import (
    FORESIGHT,
    MIDNIGHT,
    SOON,
    UNKNOWN,
    DayHours,
    Hours,
    Opening,
    OpeningState,
    Span,
    day_hours,
    in_china,
    moment,
    opening,
    read_hours,
)
from locator.model import NOTHING, Notice, NoticeKind, Outlet, Told

ADVANCE: Final = timedelta(days=7)  # before it begins, a notice is told

Own = tuple[Notice, ...]  # those of one outlet

_MINUTE: Final = timedelta(minutes=1)
_OPEN: Final = frozenset({OpeningState.OPEN, OpeningState.CLOSES_SOON})


@dataclass(frozen=True, eq=False)  # compared by identity: it is a key of caches
class Notices:
    """All that the desk knows at one time, by outlet."""

    notices: Mapping[str, Own]
    checked: Mapping[str, date]  # when somebody last made sure

    @cached_property
    def outlet_ids(self) -> frozenset[str]:
        return frozenset((*self.notices, *self.checked))

    @cached_property
    def edition(self) -> str:
        """Another one when anything in it is another; "" when nothing is."""
        if not self.outlet_ids:
            return ""
        known = (*map(repr, chain.from_iterable(self.notices.values())), *map(repr, self.checked.items()))
        return blake2b("\0".join(sorted(known)).encode(), digest_size=8).hexdigest()

    def of(self, outlet_id: str) -> Own:
        return self.notices.get(outlet_id, ())

    def told(self, outlet: Outlet, at: datetime) -> Told:
        """What is to be told of it at `at`."""
        if outlet.id not in self.outlet_ids:
            return NOTHING
        checked = self.checked.get(outlet.id)
        is_newer = checked is not None and (outlet.checked is None or checked > outlet.checked)
        return Told(_told(self.of(outlet.id), at), checked if is_newer else None)


def make_notices(notices: Iterable[Notice], checked: Mapping[str, date] = MappingProxyType({})) -> Notices:
    """`checked`: the days on which somebody made sure of an outlet, by its id."""
    by_outlet: dict[str, list[Notice]] = {}
    for notice in notices:
        by_outlet.setdefault(notice.outlet_id, []).append(notice)
    return Notices({outlet_id: tuple(own) for outlet_id, own in by_outlet.items()}, dict(checked))


NONE: Final = make_notices(())

AskDesk = Callable[[], Notices]
"""What the desk knows now. Asked often, so it is quick, and gives the same object for as long as nothing is new."""


def in_force(own: Own, at: datetime) -> Notice | None:
    """The notice that has the word at `at`."""
    holding = [one for one in own if one.from_ <= at and (one.until is None or at < one.until)]
    return max(holding, key=_weight, default=None)


def _weight(notice: Notice) -> tuple[bool, date, datetime]:
    return notice.kind is NoticeKind.CLOSED, notice.told, notice.from_


def _told(own: Own, at: datetime) -> Own:
    """The one in force, and those that will be when they begin."""
    now = in_force(own, at)
    coming = (one for one in own if at < one.from_ <= at + ADVANCE and in_force(own, one.from_) is one)
    return (*([now] if now else ()), *sorted(coming, key=lambda one: one.from_))


# -- when it is open --


class _Piece(NamedTuple):
    """Part of a day in which nothing changes, in minutes since midnight. `is_open` is None where nobody knows."""

    start: int
    end: int
    is_open: bool | None
    unheld: int | None = None  # the year whose holidays are not held, when that is why nobody knows


@lru_cache(maxsize=1_024)
def opening_under(own: Own, usual: Hours | None, at: datetime, calendar: Calendar) -> Opening:
    """As `hours.opening`, for an outlet with notices; `usual` is None when no source states its hours.

    Raises BadInput("at") unless it is aware and between 1900 and 2200.
    """
    local = in_china(at)
    ahead = [edge for edge in _moments(own) if edge > local]
    if not ahead:
        return _settled(own, usual, local, calendar)
    last = min(in_china(max(ahead)).date(), local.date() + timedelta(FORESIGHT))
    pieces = _pieces_until(last, own, usual, calendar, local.date())
    now = next(piece for on, piece in pieces if local < moment(on, piece.end))
    if now.is_open is None:
        return _settled(own, usual, local, calendar)
    change, horizon = _change(now, pieces) or _change_after(last, now, own, usual, calendar)
    return Opening(_state(now, change, local), change, calendar.day(local.date()), horizon)


def day_under(own: Own, usual: Hours | None, calendar: Calendar, on: date) -> DayHours:
    """One date of a week's table. A day of which nobody knows a part is unknown."""
    pieces = tuple(_pieces(own, usual, calendar, on))
    if any(piece.is_open is None for piece in pieces):
        return DayHours(on, calendar.day(on), None)
    spans: list[Span] = []
    for piece in pieces:
        if piece.is_open:
            joins = spans and spans[-1].end == piece.start
            spans.append(Span(spans.pop().start if joins else piece.start, piece.end))
    return DayHours(on, calendar.day(on), tuple(spans))


def _settled(own: Own, usual: Hours | None, local: datetime, calendar: Calendar) -> Opening:
    """As the rule says that holds now, as if it held for ever."""
    ruling = in_force(own, local)
    if ruling and ruling.kind is NoticeKind.CLOSED:
        return Opening(OpeningState.CLOSED, None, calendar.day(local.date()))
    hours = _hours_under(ruling, usual)
    return opening(hours, local, calendar) if hours else UNKNOWN


# When it changes, None if nobody knows; and the year that was not held, if that is why.
_Change = tuple[datetime | None, int | None]


def _change(now: _Piece, later: Iterable[tuple[date, _Piece]]) -> _Change | None:
    """None when nothing changes in these."""
    for on, piece in later:
        if piece.is_open is not now.is_open:
            return None if piece.is_open is None else moment(on, piece.start), piece.unheld
    return None


def _change_after(last: date, now: _Piece, own: Own, usual: Hours | None, calendar: Calendar) -> _Change:
    """Behind the last day on which a notice begins or ends."""
    midnight = moment(last, MIDNIGHT)
    rest = _settled(own, usual, midnight, calendar)
    if rest.state is OpeningState.UNKNOWN:
        return None, rest.horizon
    is_same = (rest.state in _OPEN) is now.is_open
    return rest.next_change if is_same else midnight, rest.horizon


def _state(now: _Piece, change: datetime | None, local: datetime) -> OpeningState:
    if not now.is_open:
        return OpeningState.OPENS_LATER if change else OpeningState.CLOSED
    soon = change is not None and change - local <= SOON
    return OpeningState.CLOSES_SOON if soon else OpeningState.OPEN


def _pieces_until(
    last: date, own: Own, usual: Hours | None, calendar: Calendar, first: date
) -> Iterator[tuple[date, _Piece]]:
    for ahead in range((last - first).days + 1):
        on = first + timedelta(ahead)
        yield from ((on, piece) for piece in _pieces(own, usual, calendar, on))


def _pieces(own: Own, usual: Hours | None, calendar: Calendar, on: date) -> Iterator[_Piece]:
    """The whole day, in order: cut where a notice begins or ends, and where a door opens or closes."""
    for start, end in pairwise(_edges(own, on)):
        ruling = in_force(own, moment(on, start))
        if ruling and ruling.kind is NoticeKind.CLOSED:
            yield _Piece(start, end, is_open=False)
            continue
        hours = _hours_under(ruling, usual)
        day = day_hours(hours, calendar, on) if hours else None
        if day is None or day.spans is None:
            yield _Piece(start, end, None, on.year if day and day.day is None else None)
        else:
            yield from _cut(day.spans, start, end)


def _edges(own: Own, on: date) -> list[int]:
    """The minutes of that day at which a notice begins or ends, its first and its last."""
    minutes = ((edge - moment(on, 0)) // _MINUTE for edge in _moments(own))
    return sorted({0, MIDNIGHT, *(minute for minute in minutes if 0 < minute < MIDNIGHT)})


def _moments(own: Own) -> Iterator[datetime]:
    """At which a notice begins or ends."""
    return (edge for one in own for edge in (one.from_, one.until) if edge is not None)


def _hours_under(ruling: Notice | None, usual: Hours | None) -> Hours | None:
    return usual if ruling is None else read_hours(ruling.hours)


def _cut(spans: Iterable[Span], start: int, end: int) -> Iterator[_Piece]:
    """What of the day's spans lies between two minutes, and the gaps between them."""
    done = start
    for span in spans:
        opens, closes = max(span.start, start), min(span.end, end)
        if opens >= closes:
            continue
        if done < opens:
            yield _Piece(done, opens, is_open=False)
        yield _Piece(opens, closes, is_open=True)
        done = closes
    if done < end:
        yield _Piece(done, end, is_open=False)
