"""The form in which the desk enters a notice: what was typed made a Notice, and a Notice what would have been typed.

Law: all that is wrong is told at once, each at its field. Nothing is guessed: a day that is not ticked is closed, and what
is not said of days off stays unknown.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from typing import Final, NamedTuple, TypeVar

from bot.closures import LONGEST_SOURCE, Filed
from bot.spoken import SIMPLIFIED
from locator.errors import BadInput, LocatorError
from locator.hours import CHINA_TIME, MIDNIGHT, WEEKDAYS, UsualRule, in_china, moment, read_hours, usual
from locator.language import mark
from locator.model import LONGEST_REASON, Name, Notice, NoticeKind
from locator.text import bounded

T = TypeVar("T")
Fields = Mapping[str, str]  # as they were typed; what is not there is empty
Problems = Mapping[str, str]  # by field, a marked sentence

GROUPS: Final = ("a", "b")  # of days with the same hours
HOLIDAYS_UNKNOWN: Final = ""
HOLIDAYS_CLOSED: Final = "off"
HOLIDAYS_OPEN: Final = "open"  # as the first group

# Common reasons: a marked sentence, which is the English of it.
REASONS: Final = (
    mark("power cut"),
    mark("water cut"),
    mark("renovation"),
    mark("the system is being upgraded"),
    mark("the equipment is out of order"),
    mark("the hall is moving"),
    mark("staff training"),
    mark("bad weather"),
    mark("a public event"),
)
_SAID: Final = {SIMPLIFIED.say(reason): reason for reason in REASONS}

_NO_KIND: Final = mark("Please choose what changes.")
_NO_DAY: Final = mark("Please choose the first day.")
_UNREADABLE: Final = mark("Please write a day as 2026-12-01 and a time as 09:30.")
_NO_DATE: Final = mark("There is a time, but no day. Please choose the day, or clear the time.")
_FAR: Final = mark("This is more than two years away. Is the year right?")
_NOT_AFTER: Final = mark("The end must lie after the beginning.")
_OVER: Final = mark("This is over already: nobody would be told.")
_NO_REASON: Final = mark("Please say why, in a few words: people will read it.")
_LONG_REASON: Final = mark("At most 60 characters, on one line.")
_NO_SOURCE: Final = mark("Please say where this is known from: a page, a call, a letter.")
_LONG_SOURCE: Final = mark("At most 300 characters, on one line.")
_NO_DAYS: Final = mark("Please tick the days on which it is open.")
_DAY_TWICE: Final = mark("A day is ticked in both rows. Please tick it in one.")
_NO_TIMES: Final = mark("Please give the times for the ticked days: from and until, the earlier first.")

_FARTHEST: Final = timedelta(days=731)
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_EDGES: Final = ("opens", "closes", "opens_2", "closes_2")
_BY_FIELD: Final = {"until": _NOT_AFTER, "reason": _LONG_REASON, "hours": _NO_TIMES}


class Wrong(LocatorError):  # noqa: N818 - reads as what it is
    """What was typed is no notice yet."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("the form is not filled in yet")
        self.problems = problems


class Typed(NamedTuple):
    """What the form says."""

    notice: Notice
    source: str


# -- read --


def read_form(fields: Fields, outlet_id: str, at: datetime) -> Typed:
    """`at`: when it is typed, aware. Raises Wrong."""
    problems: dict[str, str] = {}

    def read(reader: Callable[[Fields], T]) -> T | None:
        """None where something is wrong, which is noted."""
        try:
            return reader(fields)
        except _Problem as problem:
            problems.setdefault(problem.field, problem.sentence)
            return None

    today = in_china(at).date()
    kind, reason, source = read(_kind), read(_reason), read(_source)
    begins = read(partial(_begins, today=today))
    ends = read(partial(_ends, today=today, after=begins, at=at))
    hours = read(_hours) if kind is NoticeKind.HOURS else ""
    if problems or kind is None or begins is None or reason is None or source is None or hours is None:
        raise Wrong(problems)
    try:
        return Typed(Notice(outlet_id, kind, begins, ends, today, reason, hours), source)
    except BadInput as error:
        raise Wrong({error.field: _BY_FIELD.get(error.field, _UNREADABLE)}) from None


class _Problem(Exception):  # noqa: N818 - reads as what it is
    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(field)
        self.field = field
        self.sentence = sentence


def _typed(fields: Fields, name: str) -> str:
    return fields.get(name, "").strip()


def _kind(fields: Fields) -> NoticeKind:
    try:
        return NoticeKind(_typed(fields, "kind"))
    except ValueError:
        raise _Problem("kind", _NO_KIND) from None


def _reason(fields: Fields) -> Name:
    zh, en = (_line(fields, name, LONGEST_REASON, _LONG_REASON) for name in ("reason", "reason_en"))
    if not zh:
        raise _Problem("reason", _NO_REASON)
    return Name(zh, en or _SAID.get(zh, ""))


def _source(fields: Fields) -> str:
    source = _line(fields, "source", LONGEST_SOURCE, _LONG_SOURCE)
    if not source:
        raise _Problem("source", _NO_SOURCE)
    return source


def _line(fields: Fields, name: str, longest: int, too_long: str) -> str:
    try:
        line = bounded(_typed(fields, name), longest, name)
    except BadInput:
        raise _Problem(name, too_long) from None
    if not line.isprintable():
        raise _Problem(name, too_long)
    return line


# -- from when until when --


def _begins(fields: Fields, today: date) -> datetime:
    begins = _edge(fields, "from", today, minute=0)
    if begins is None:
        raise _Problem("from", _NO_DAY)
    return begins


def _ends(fields: Fields, today: date, after: datetime | None, at: datetime) -> datetime | None:
    """None: until further notice."""
    ends = _edge(fields, "until", today, minute=MIDNIGHT)
    if ends and after and ends <= after:
        raise _Problem("until", _NOT_AFTER)
    if ends and ends <= at:
        raise _Problem("until", _OVER)
    return ends


def _edge(fields: Fields, name: str, today: date, minute: int) -> datetime | None:
    """A day, and a time on it – or that minute of it."""
    day, clock = _typed(fields, f"{name}_day"), _typed(fields, f"{name}_time")
    if not day and not clock:
        return None
    if not day:
        raise _Problem(name, _NO_DATE)
    if not _DAY.fullmatch(day) or (clock and not _TIME.fullmatch(clock)):
        raise _Problem(name, _UNREADABLE)
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise _Problem(name, _UNREADABLE) from None
    if abs(on - today) > _FARTHEST:
        raise _Problem(name, _FAR)
    return datetime.combine(on, time.fromisoformat(clock), CHINA_TIME) if clock else moment(on, minute)


# -- hours --


def _hours(fields: Fields) -> str:
    """OSM opening_hours text."""
    groups = [found for group in GROUPS if (found := _group(fields, group))]
    if not groups:
        raise _Problem("hours", _NO_DAYS)
    ticked = [day for days, _ in groups for day in days]
    if len(set(ticked)) < len(ticked):
        raise _Problem("hours", _DAY_TWICE)
    rules = [f"{_days_text(days)} {times}" for days, times in groups]
    return "; ".join([*rules, *_holidays(fields, groups[0][1])])


def _group(fields: Fields, group: str) -> tuple[list[str], str] | None:
    """The days that are ticked, and the times of each; None of a row that is empty."""
    days = [day for day in WEEKDAYS if _typed(fields, f"{group}_{day}")]
    times = [_typed(fields, f"{group}_{name}") for name in _EDGES]
    if not days and not any(times):
        return None
    if not days:
        raise _Problem("hours", _NO_DAYS)
    given = times if any(times[2:]) else times[:2]
    if not all(map(_TIME.fullmatch, given)) or any(later <= earlier for earlier, later in pairwise(given)):
        raise _Problem("hours", _NO_TIMES)
    return days, ",".join(f"{opens}-{closes}" for opens, closes in zip(given[::2], given[1::2], strict=True))


def _holidays(fields: Fields, times: str) -> Iterator[str]:
    said = _typed(fields, "holidays")
    if said == HOLIDAYS_CLOSED:
        yield "PH off"
    elif said == HOLIDAYS_OPEN:
        yield f"PH {times}"


def _days_text(days: Iterable[str]) -> str:
    """Mo-We,Fr."""
    runs: list[list[str]] = []
    for day in days:
        follows = runs and WEEKDAYS.index(runs[-1][-1]) + 1 == WEEKDAYS.index(day)
        if follows:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


# -- filled in again --


def empty_form(at: datetime) -> Fields:
    """As it is first shown: closed, from today."""
    return {"kind": NoticeKind.CLOSED.value, "from_day": in_china(at).date().isoformat()}


def filled_form(filed: Filed) -> Fields:
    """What would have been typed."""
    notice = filed.notice
    return {
        "kind": notice.kind.value,
        **_edge_fields("from", notice.from_, is_end=False),
        **(_edge_fields("until", notice.until, is_end=True) if notice.until else {}),
        "reason": notice.reason.zh,
        "reason_en": notice.reason.en,
        "source": filed.source,
        **(_hours_fields(notice.hours) if notice.hours else {}),
    }


def _edge_fields(name: str, edge: datetime, *, is_end: bool) -> Fields:
    local = in_china(edge)
    if local.time() == time():
        on = local.date() - timedelta(days=1) if is_end else local.date()
        return {f"{name}_day": on.isoformat()}
    return {f"{name}_day": local.date().isoformat(), f"{name}_time": f"{local:%H:%M}"}


def _hours_fields(text: str) -> Fields:
    rules = usual(read_hours(text)) or ()
    weekly = [rule for rule in rules if rule.weekdays]
    fields: dict[str, str] = {"holidays": _holidays_field(rules)}
    for group, rule in zip(GROUPS, weekly, strict=False):
        fields |= dict(_group_fields(group, rule))
    return fields


def _holidays_field(rules: Iterable[UsualRule]) -> str:
    for rule in rules:
        if rule.holidays:
            return HOLIDAYS_OPEN if rule.spans else HOLIDAYS_CLOSED
    return HOLIDAYS_UNKNOWN


def _group_fields(group: str, rule: UsualRule) -> Iterator[tuple[str, str]]:
    for first, last in rule.weekdays:
        yield from ((f"{group}_{WEEKDAYS[day]}", "on") for day in range(first, last + 1))
    for span, end in zip(rule.spans, ("", "_2"), strict=False):
        yield from ((f"{group}_opens{end}", _clock(span.start)), (f"{group}_closes{end}", _clock(span.end)))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
