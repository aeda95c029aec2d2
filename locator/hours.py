"""Whether a door is open at a time: an OSM opening_hours text, read with the kind of each day in China.

Law: never a guess. On an ordinary day the text's weekly rules count; a make-up Saturday is as the text says of
Monday to Friday, if it says the same of all five; a statutory day off is as the text says of PH. Whatever the
text does not say, or the calendar does not hold, is unknown, and no change is foretold across an unknown day.

All times are China's, and a day's spans end by its midnight: minutes since 00:00, at most 1440.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from opening_hours import OpeningHours, State, validate

from locator.calendar import Calendar, Day, DayKind
from locator.errors import BadInput

# Fixed: China has kept one offset since 1992, before the first year any calendar holds, and a machine
# without a time zone database must not answer differently.
CHINA_TIME: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
SOON: Final = timedelta(minutes=30)
FORESIGHT: Final = 366  # days in which a change is looked for
MIDNIGHT: Final = 1440  # the end of a day, in minutes
WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

_MAX_TEXT: Final = 200
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YEARS: Final = range(1900, 2201)  # of a time asked about: far from where dates overflow
_MINUTE: Final = timedelta(minutes=1)
_HOLIDAY: Final = 7  # the eighth "weekday": PH


class OpeningState(StrEnum):
    """What can be said of a door at a time."""

    OPEN = "open"
    CLOSES_SOON = "closes-soon"  # open, for SOON at most
    OPENS_LATER = "closed-opens-later"  # closed, and known when it opens, today or later
    CLOSED = "closed"  # closed, and not known when it opens
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Opening:
    """The state at the time asked, and what is known of its end.

    `next_change` is when an open door closes or a closed one opens (China's time), None when it never does or
    nobody knows. `day` is the day asked, None when its year is not held. `horizon` is the first year whose
    holidays are not held, when that is what limited this answer.
    """

    state: OpeningState
    next_change: datetime | None = None
    day: Day | None = None
    horizon: int | None = None


UNKNOWN: Final = Opening(OpeningState.UNKNOWN)  # an outlet whose hours no source states


class Span(NamedTuple):
    """Open from `start` until before `end`, in minutes since midnight, 0 ≤ start < end ≤ 1440."""

    start: int
    end: int


_WHOLE_DAY: Final = Span(0, MIDNIGHT)


@dataclass(frozen=True, slots=True)
class Hours:
    """A text that read_hours accepted, in the library's own spelling."""

    text: str
    always: bool  # open every minute of every year, holidays included
    names_holidays: bool


@dataclass(frozen=True, slots=True)
class DayHours:
    """One date of a week's table. `spans` is () when closed all day and None when unknown."""

    date: date
    day: Day | None
    spans: tuple[Span, ...] | None


@dataclass(frozen=True, slots=True)
class UsualRule:
    """One line of the usual hours. Ranges are inclusive and may wrap round (October to April)."""

    months: tuple[tuple[int, int], ...]  # 1 is January; () is the whole year
    weekdays: tuple[tuple[int, int], ...]  # 0 is Monday
    holidays: bool  # whether the line speaks of statutory days off
    spans: tuple[Span, ...]  # () is closed


_COMMENT: Final = re.compile(r'"[^"]*"')
_SAYS_WHEN: Final = re.compile(r"\d:\d\d|24/7|\b(?:off|closed|open|unknown)\b", re.IGNORECASE)
_ITEM: Final = re.compile(r"(PH|Mo|Tu|We|Th|Fr|Sa|Su)(?:-(Mo|Tu|We|Th|Fr|Sa|Su))?(\[[-\d,]+\])?")
_DAYS_OR_COMMENT: Final = re.compile(rf'"[^"]*"|{_ITEM.pattern}(?:,{_ITEM.pattern})*')
_TIMES: Final = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_MONTH_RANGE: Final = "[A-Z][a-z]{2}(?:-[A-Z][a-z]{2})?"
_DAY_RANGE: Final = "(?:PH|[A-Z][a-z](?:-[A-Z][a-z])?)"
_SIMPLE_RULE: Final = re.compile(
    rf"(?:(?P<months>{_MONTH_RANGE}(?:,{_MONTH_RANGE})*) )?"
    rf"(?:(?P<days>{_DAY_RANGE}(?:,{_DAY_RANGE})*) )?"
    rf"(?P<times>closed|{_TIMES.pattern}(?:,{_TIMES.pattern})*)"
)
_REFUSED: Final = (
    (re.compile(r"\|\|"), 'fallback rules ("||") are not read: separate rules with ";"'),
    (re.compile(r"sunrise|sunset|dawn|dusk"), "hours that follow the sun are not read: write clock times"),
    (
        re.compile(r"easter|\bSH\b"),
        "easter and school holidays (SH) are not read: write dates, or PH for days off",
    ),
    (re.compile(r"\d:\d\d\+"), 'an open end ("10:00+") is not read: write when it closes'),
    (re.compile(r":\d\d/"), "repeated times are not read: write from when until when, as in 09:00-12:00"),
    # To the library "May-Sep Mo[1]" is every day from May to the first Monday of September.
    (
        re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]\["),
        'a month before "Mo[1]" is not read: write the dates, or Mo[1] without months',
    ),
    (
        re.compile(r"\bdays?\b"),
        "days counted from another day are not read: write the dates or weekdays themselves",
    ),
)


@lru_cache(maxsize=512)  # outlets share a few texts
def read_hours(text: str) -> Hours:
    """Read an OSM opening_hours text. Raises BadInput("hours") with what to write instead."""
    _refuse_foreign(text)
    rules = OpeningHours(text)
    spelt = str(rules)
    _refuse_unreadable(spelt)
    return Hours(
        spelt,
        always=str(rules.normalize()) == "24/7",
        names_holidays="PH" in _COMMENT.sub("", spelt),
    )


def _refuse_foreign(text: str) -> None:
    """Refuse what the library does not read, or reads as something nobody meant."""
    if len(text) > _MAX_TEXT:
        raise BadInput("hours", f"must have at most {_MAX_TEXT} characters")
    if not text.isprintable():
        raise BadInput("hours", "must be one line without control characters")
    # The library takes "Mo, Tu 10:00-12:00" for two rules, the first of them open round the clock.
    if not all(_SAYS_WHEN.search(rule) for rule in re.split(r";|,\s", _COMMENT.sub("", text))):
        raise BadInput(
            "hours",
            'every rule needs times, "off" or "24/7", as in "Mo-Fr 09:00-17:00; Sa,Su,PH off" (no blank inside a list)',
        )
    if not validate(text):
        raise BadInput("hours", 'must be OSM opening_hours, as in "Mo-Fr 09:00-12:00,14:00-17:30; PH off"')


def _refuse_unreadable(spelt: str) -> None:
    """Refuse what the library reads and this room does not."""
    bare = _COMMENT.sub("", spelt)
    for pattern, why in _REFUSED:
        if pattern.search(bare):
            raise BadInput("hours", why)
    if not all(0 <= span.start < span.end <= MIDNIGHT for span in _clock_spans(bare)):
        raise BadInput(
            "hours", "hours past midnight are not read: end at 24:00 and begin the next day at 00:00"
        )


def _clock_spans(text: str) -> tuple[Span, ...]:
    return tuple(
        Span(int(hour) * 60 + int(minute), int(to_hour) * 60 + int(to_minute))
        for hour, minute, to_hour, to_minute in _TIMES.findall(text)
    )


def opening(hours: Hours, at: datetime, calendar: Calendar) -> Opening:
    """Answer for the time `at`. Raises BadInput("at") unless it is aware and between 1900 and 2200."""
    local = in_china(at)
    today = day_hours(hours, calendar, local.date())
    if today.spans is None:
        return Opening(OpeningState.UNKNOWN, None, today.day, _horizon(today))
    minute = local.hour * 60 + local.minute
    for span in today.spans:
        if minute < span.start:
            return Opening(OpeningState.OPENS_LATER, moment(today.date, span.start), today.day)
        if minute < span.end:
            return _open_until(hours, calendar, today, span, local)
    opens, horizon = _next_opening(hours, calendar, today.date)
    return Opening(OpeningState.OPENS_LATER if opens else OpeningState.CLOSED, opens, today.day, horizon)


def week(hours: Hours, monday: date, calendar: Calendar) -> tuple[DayHours, ...]:
    """Seven days from `monday` on. Raises BadInput("monday") outside 1900 to 2200."""
    if monday.year not in _YEARS:
        raise BadInput("monday", f"must lie between {_YEARS[0]} and {_YEARS[-1]}")
    return tuple(day_hours(hours, calendar, monday + timedelta(ahead)) for ahead in range(7))


def in_china(at: datetime, field: str = "at") -> datetime:
    """The time in China's. Raises BadInput(field) unless it is aware and between 1900 and 2200."""
    if at.utcoffset() is None:
        raise BadInput(field, "must say its offset from UTC, as in 2026-10-10T10:00:00+08:00")
    if at.year not in _YEARS:
        raise BadInput(field, f"must lie between {_YEARS[0]} and {_YEARS[-1]}")
    return at.astimezone(CHINA_TIME)


def moment(on: date, minute: int) -> datetime:
    """That minute of a day in China; 1440 is the next midnight."""
    return datetime.combine(on, time(tzinfo=CHINA_TIME)) + timedelta(minutes=minute)


def _horizon(day_hours: DayHours) -> int | None:
    return day_hours.date.year if day_hours.day is None else None


def _open_until(hours: Hours, calendar: Calendar, today: DayHours, span: Span, local: datetime) -> Opening:
    closes, horizon = (
        (moment(today.date, span.end), None)
        if span.end < MIDNIGHT
        else _closing_after_midnight(hours, calendar, today.date)
    )
    soon = closes is not None and closes - local <= SOON
    return Opening(OpeningState.CLOSES_SOON if soon else OpeningState.OPEN, closes, today.day, horizon)


# For both: when, and else the year that was not held, if that is why. One entry for each outlet's text and
# day asked about; people ask about today and the days around it.
@lru_cache(maxsize=4_096)
def _next_opening(hours: Hours, calendar: Calendar, after: date) -> tuple[datetime | None, int | None]:
    for ahead in range(1, FORESIGHT + 1):
        then = day_hours(hours, calendar, after + timedelta(ahead))
        if then.spans is None:
            return None, _horizon(then)
        if then.spans:
            return moment(then.date, then.spans[0].start), None
    return None, None


@lru_cache(maxsize=4_096)
def _closing_after_midnight(
    hours: Hours, calendar: Calendar, after: date
) -> tuple[datetime | None, int | None]:
    for ahead in range(1, FORESIGHT + 1):
        then = day_hours(hours, calendar, after + timedelta(ahead))
        if then.spans is None:
            return None, _horizon(then)
        if not then.spans or then.spans[0].start > 0:
            return moment(then.date, 0), None
        if then.spans[0].end < MIDNIGHT:
            return moment(then.date, then.spans[0].end), None
    return None, None


@lru_cache(maxsize=16_384)  # a year of days of forty different texts
def day_hours(hours: Hours, calendar: Calendar, on: date) -> DayHours:
    """When it is open on that date."""
    day = calendar.day(on)
    if hours.always:
        return DayHours(on, day, (_WHOLE_DAY,))
    return DayHours(on, day, None if day is None else _spans(hours, on, day.kind))


def _spans(hours: Hours, on: date, kind: DayKind) -> tuple[Span, ...] | None:
    if kind is DayKind.HOLIDAY:
        return _spans_as(hours.text, _HOLIDAY, on) if hours.names_holidays else None
    if kind is DayKind.MAKEUP:
        answers = {_spans_as(hours.text, weekday, on) for weekday in range(5)}
        return answers.pop() if len(answers) == 1 else None
    return _spans_as(hours.text, on.weekday(), on)


def _spans_as(text: str, role: int, on: date) -> tuple[Span, ...] | None:
    """What the text says of that date if its weekday were `role` (0 is Monday, 7 a day off)."""
    midnight = datetime.combine(on, time())
    spans = []
    for start, end, state, comment in _rules_as(text, role, on.weekday()).intervals(
        midnight, midnight + timedelta(days=1)
    ):
        if state == State.CLOSED:
            continue
        if state == State.UNKNOWN or comment:  # "by appointment": whether it is open for you, nobody can say
            return None
        spans.append(Span((start - midnight) // _MINUTE, (end - midnight) // _MINUTE))
    return tuple(spans)


@lru_cache(maxsize=1_024)  # at most eight roles by seven weekdays for each text; few are met
def _rules_as(text: str, role: int, weekday: int) -> OpeningHours:
    return OpeningHours(_rewrite(text, role, weekday))


def _rewrite(text: str, role: int, weekday: int) -> str:
    """Put for each list of weekdays this weekday where it covers the role, else another one.

    Months, dates and weeks stay as they are, and so do the order of the rules and what overrides what.
    """
    own, other = WEEKDAYS[weekday], WEEKDAYS[weekday - 1]

    def stand_in(found: re.Match[str]) -> str:
        if found[0].startswith('"'):
            return found[0]
        covering = (own + nth for first, last, nth in _ITEM.findall(found[0]) if _covers(first, last, role))
        return ",".join(covering) or other

    return _DAYS_OR_COMMENT.sub(stand_in, text)


def _covers(first: str, last: str, role: int) -> bool:
    if first == "PH" or role == _HOLIDAY:
        return first == "PH" and role == _HOLIDAY
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    return (role - start) % 7 <= (end - start) % 7


def usual(hours: Hours) -> tuple[UsualRule, ...] | None:
    """The weekly rules as lines to be worded, or None when the text is not simple enough (show the text then).

    Simple: months, weekdays or PH, and clock times or off; and no rule overrides part of another.
    """
    if hours.always:
        return (UsualRule((), ((0, 6),), holidays=True, spans=(_WHOLE_DAY,)),)
    rules = []
    taken: set[tuple[int, int]] = set()
    for text in hours.text.split("; "):
        rule = _usual_rule(text)
        if rule is None or not taken.isdisjoint(_cells(rule)):
            return None
        taken |= _cells(rule)
        rules.append(rule)
    return tuple(rules)


def _usual_rule(text: str) -> UsualRule | None:
    found = _SIMPLE_RULE.fullmatch(text)
    if found is None:
        return None
    items = (found["days"] or "Mo-Su").split(",")
    return UsualRule(
        _ranges((found["months"] or "").split(","), _MONTHS, first=1),
        _ranges([item for item in items if item != "PH"], WEEKDAYS, first=0),
        holidays="PH" in items,
        spans=_clock_spans(found["times"]),
    )


def _ranges(items: Sequence[str], names: Sequence[str], *, first: int) -> tuple[tuple[int, int], ...]:
    ends = [item.split("-") for item in items if item]
    return tuple((names.index(pair[0]) + first, names.index(pair[-1]) + first) for pair in ends)


def _cells(rule: UsualRule) -> set[tuple[int, int]]:
    """The months by weekdays (7: days off) that the rule speaks of."""
    months = _members(rule.months or ((1, 12),), 12)
    days = _members(rule.weekdays, 7) | ({_HOLIDAY} if rule.holidays else set())
    return {(month, day) for month in months for day in days}


def _members(ranges: Iterable[tuple[int, int]], cycle: int) -> set[int]:
    return {(start + step) % cycle for start, end in ranges for step in range((end - start) % cycle + 1)}
