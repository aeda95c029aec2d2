"""Hours in words: whether a door is open, until or from when, and its usual week. All times are China's."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from babel import dates

from locator.calendar import Day, DayKind
from locator.hours import CHINA_TIME, DayHours, Opening, OpeningState, Span, UsualRule, read_hours, usual
from locator.language import Language, list_words
from locator.model import Name, Notice, NoticeKind, Query

# -- open or not --


@dataclass(frozen=True, slots=True)
class Asked:
    """The time an answer is about. `chosen`: somebody named it, so it is not "now"."""

    at: datetime
    chosen: bool = False


def asked(query: Query) -> Asked:
    chosen = query.filter.open_at
    return Asked(query.at) if chosen in (None, query.at) else Asked(chosen or query.at, chosen=True)


def opening_words(opening: Opening, time: Asked, language: Language, notices: Sequence[Notice] = ()) -> str:
    """Whether the door is open, and until or from when. `notices` are those to be told at that time."""
    if is_shut(notices, time):
        return _closure(notices[0], opening, time, language)
    said = _OPENINGS[opening.state](opening, time, language)
    makeup = opening.day is not None and opening.day.kind is DayKind.MAKEUP
    if not makeup or opening.state is OpeningState.UNKNOWN:
        return said
    day = _day(_china(time.at), language) if time.chosen else language.say("today")
    return language.say("{state}; {day} is a make-up workday", state=said, day=day)


def _open(opening: Opening, time: Asked, language: Language) -> str:
    if opening.next_change is None:
        return language.say("Open then") if time.chosen else language.say("Open now")
    when = _when(opening.next_change, time, language)
    if time.chosen:
        return language.say("Open then, closes {when}", when=when)
    return language.say("Open now, closes {when}", when=when)


def _closes_soon(opening: Opening, time: Asked, language: Language) -> str:
    when = _when(opening.next_change or time.at, time, language)
    if time.chosen:
        return language.say("Closing soon then, closes {when}", when=when)
    return language.say("Closing soon, closes {when}", when=when)


def _opens_later(opening: Opening, time: Asked, language: Language) -> str:
    opens = opening.next_change or time.at
    when = _when(opens, time, language)
    if _is_holiday(opening) and _china(opens).date() != _china(time.at).date():
        holiday = _holiday(opening, language)
        if time.chosen:
            return language.say("Closed that day for {holiday}, opens {when}", holiday=holiday, when=when)
        return language.say("Closed today for {holiday}, opens {when}", holiday=holiday, when=when)
    if time.chosen:
        return language.say("Closed then, opens {when}", when=when)
    return language.say("Closed now, opens {when}", when=when)


def _closed(opening: Opening, time: Asked, language: Language) -> str:
    said = language.say("Closed then") if time.chosen else language.say("Closed now")
    return _beyond_horizon(said, opening, language)


def _beyond_horizon(said: str, opening: Opening, language: Language) -> str:
    if opening.horizon is None:
        return said
    return language.say("{state}. {horizon}", state=said, horizon=horizon_words(opening.horizon, language))


def _unknown(opening: Opening, time: Asked, language: Language) -> str:
    if opening.horizon is not None:
        return horizon_words(opening.horizon, language)
    if opening.day is None or opening.day.kind in (DayKind.WORKDAY, DayKind.WEEKEND):
        return language.say("Opening hours not confirmed, please ask 12333 first")
    day = _day(_china(time.at), language) if time.chosen else language.say("Today")
    if opening.day.kind is DayKind.MAKEUP:
        return language.say(
            "{day} is a make-up workday; whether it opens is not known, please ask 12333 first", day=day
        )
    return language.say(
        "{day} is a day off for {holiday}; whether it opens is not known, please ask 12333 first",
        day=day,
        holiday=_holiday(opening, language),
    )


_OPENINGS: Final = {
    OpeningState.OPEN: _open,
    OpeningState.CLOSES_SOON: _closes_soon,
    OpeningState.OPENS_LATER: _opens_later,
    OpeningState.CLOSED: _closed,
    OpeningState.UNKNOWN: _unknown,
}


def horizon_words(year: int, language: Language) -> str:
    """The holidays of a year are not out yet, or not here."""
    return language.say(
        "The public holidays of {year} are not in this program yet; please ask 12333 first", year=year
    )


def time_words(at: datetime, language: Language) -> str:
    """Day and time: 10月10日（周六）10:00."""
    local = _china(at)
    return language.say("{day} {time}", day=_day(local, language), time=_clock(local))


def wanted_words(query: Query, language: Language) -> str:
    """When it must be open: "now", or the time that was chosen."""
    time = asked(query)
    if not time.chosen:
        return language.say("Open now")
    return language.say("open at {time}", time=time_words(time.at, language))


def date_words(day: date, language: Language) -> str:
    """A day of any year: 2026年3月1日."""
    return _date(day, language.say("d MMMM y"), language)


def checked_words(day: date | None, language: Language) -> str:
    """When somebody last made sure of an outlet; "" when nobody did."""
    return language.say("Checked by us on {date}", date=date_words(day, language)) if day else ""


def day_words(day: date, language: Language) -> str:
    """A day of these weeks: 10月10日（周六）."""
    return _date(day, language.say("EEE d MMMM"), language)


def _when(moment: datetime, time: Asked, language: Language) -> str:
    """As short as it can be said: the time alone on the same day, tomorrow by that name."""
    local, now = _china(moment), _china(time.at)
    if local.date() == now.date():
        return _clock(local)
    if not time.chosen and local.date() == now.date() + timedelta(days=1):
        weekday = _date(local, "EEE", language)
        return language.say("tomorrow ({weekday}) {time}", weekday=weekday, time=_clock(local))
    return time_words(local, language)


def _day(local: datetime, language: Language) -> str:
    return _date(local, language.say("EEE d MMMM"), language)  # a date pattern of CLDR


def _date(day: date, pattern: str, language: Language) -> str:
    return dates.format_date(day, pattern, locale=language.locale)


def _china(at: datetime) -> datetime:
    return at.astimezone(CHINA_TIME)


def _clock(at: datetime) -> str:
    return f"{at.hour}:{at.minute:02}"


def _is_holiday(opening: Opening) -> bool:
    return opening.day is not None and opening.day.kind is DayKind.HOLIDAY


def _holiday(opening: Opening, language: Language) -> str:
    return _holiday_name(opening.day, language)


def _holiday_name(day: Day | None, language: Language) -> str:
    name = day.name if day else ""
    return language.pick(Name(name, _HOLIDAYS.get(name, name)))


# Chinese names are the calendar's own; one it does not know yet is said as it is written there.
_HOLIDAYS: Final = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-Sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
}

# -- notices --


def notice_lines(notices: Iterable[Notice], time: Asked, language: Language) -> Iterator[str]:
    """What is to be told at that time and `opening_words` does not say: other hours, and what is to come."""
    yield from (line for notice in notices if (line := _notice_line(notice, time, language)))


def told_lines(notices: Iterable[Notice], time: Asked, language: Language) -> list[str]:
    """The same, and of each notice when we heard of it."""
    return [_told_line(notice, time, language) for notice in notices]


def _told_line(notice: Notice, time: Asked, language: Language) -> str:
    line, day = _notice_line(notice, time, language), date_words(notice.told, language)
    if not line:
        return language.say("We heard on {date} that it is closed.", date=day)
    return language.say("{line} (heard on {date})", line=line, date=day)


def _notice_line(notice: Notice, time: Asked, language: Language) -> str:
    if time.at < notice.from_:
        return coming_words(notice, language)
    if _is_closure(notice, time):
        return ""
    state = _why(language.say("Other hours for a while"), notice, language)
    return _with_hours(_until(state, notice, time, language), notice, language)


def coming_words(notice: Notice, language: Language) -> str:
    """A notice before it begins: 12月1日（周二）至12月3日（周四）临时停办：装修."""
    if notice.kind is NoticeKind.CLOSED:
        said = _because(language.say("temporarily closed"), notice, language)
    else:
        said = _with_hours(_why(language.say("other hours"), notice, language), notice, language)
    return language.say("{span}: {state}", span=_span_words(notice, language), state=said)


def is_shut(notices: Sequence[Notice], time: Asked) -> bool:
    """Whether a notice closes the door at that time."""
    return bool(notices) and _is_closure(notices[0], time)


def _is_closure(notice: Notice, time: Asked) -> bool:
    return notice.kind is NoticeKind.CLOSED and notice.from_ <= time.at


def _closure(notice: Notice, opening: Opening, time: Asked, language: Language) -> str:
    state = language.say("Temporarily closed then") if time.chosen else language.say("Temporarily closed")
    said = _until(_because(state, notice, language), notice, time, language)
    if opening.next_change and opening.next_change != notice.until:
        said = language.say(
            "{state}; opens {when}", state=said, when=_when(opening.next_change, time, language)
        )
    return _beyond_horizon(said, opening, language)


def _because(state: str, notice: Notice, language: Language) -> str:
    reason = language.pick(notice.reason)
    return language.say("{state}: {reason}", state=state, reason=reason) if reason else state


def _until(state: str, notice: Notice, time: Asked, language: Language) -> str:
    if notice.until is None:
        return language.say("{state}, until further notice", state=state)
    if _is_midnight(notice.until):
        return language.say(
            "{state}, up to and including {day}", state=state, day=_end(notice.until, language)
        )
    return language.say("{state}, until {time}", state=state, time=_when(notice.until, time, language))


def _why(state: str, notice: Notice, language: Language) -> str:
    """As `_because`, where the hours come behind."""
    reason = language.pick(notice.reason)
    return language.say("{state} ({reason})", state=state, reason=reason) if reason else state


def _with_hours(state: str, notice: Notice, language: Language) -> str:
    hours = language.say("; ").join(usual_lines(notice.hours, language))
    return language.say("{state}: {hours}", state=state, hours=hours)


def _span_words(notice: Notice, language: Language) -> str:
    first, until = _begin(notice.from_, language), notice.until
    if until is None:
        return language.say("from {time} on", time=first)
    start, end = _china(notice.from_), _china(until)
    if start.date() == end.date():
        times = f"{_clock(start)}–{_clock(end)}"
        return language.say("{day} {times}", day=_day(start, language), times=times)
    return _range_words(first, _end(until, language), language)


def _begin(at: datetime, language: Language) -> str:
    return _day(_china(at), language) if _is_midnight(at) else time_words(at, language)


def _end(until: datetime, language: Language) -> str:
    """The last day, or the time on it."""
    if _is_midnight(until):
        return _day(_china(until) - timedelta(days=1), language)
    return time_words(until, language)


def _is_midnight(at: datetime) -> bool:
    return _clock(_china(at)) == "0:00"


# -- a week --


def week_lines(days: Iterable[DayHours], language: Language) -> Iterator[str]:
    """A line a day: the date, when it is open, and what makes the day special."""
    for one in days:
        times = _day_times(one, language)
        line = language.say(
            "{day} {times}", day=_date(one.date, language.say("EEE d MMMM"), language), times=times
        )
        name = _holiday_name(one.day, language)
        if name and one.day and one.day.kind is DayKind.MAKEUP:
            line = language.say("{line} (make-up workday, {holiday})", line=line, holiday=name)
        elif name:
            line = language.say("{line} ({holiday})", line=line, holiday=name)
        yield line


def _day_times(one: DayHours, language: Language) -> str:
    if one.spans is None:
        return language.say("not known")
    return _times_words(one.spans, language) if one.spans else language.say("closed")


# -- usual hours --


def usual_lines(hours: str, language: Language) -> tuple[str, ...]:
    """An OSM opening_hours text in words, a rule a line; as it is written when it is too intricate; () when empty."""
    if not hours:
        return ()
    rules = usual(read_hours(hours))
    if rules is None:
        return (hours,)
    return tuple(_rule_words(rule, language) for rule in rules)


def usual_line(hours: str, language: Language) -> Iterator[str]:
    """All of it on one line, or no line when nobody stated any."""
    lines = usual_lines(hours, language)
    if lines:
        yield language.say("Usual hours: {hours}", hours=language.say("; ").join(lines))


def _rule_words(rule: UsualRule, language: Language) -> str:
    days, times = _days_words(rule, language), _times_words(rule.spans, language)
    said = language.say("{days} {times}", days=days, times=times)
    if not rule.spans:
        said = language.say("closed on {days}", days=days)
    if not rule.months:
        return said
    return language.say("{months} {rule}", months=_months_words(rule, language), rule=said)


def _days_words(rule: UsualRule, language: Language) -> str:
    names = dates.get_day_names("abbreviated", locale=language.locale)
    if rule.weekdays == ((0, 6),):
        return language.say("every day")
    days = [_range_words(names[first], names[last], language) for first, last in rule.weekdays]
    return list_words([*days, *([language.say("public holidays")] if rule.holidays else [])], language)


def _months_words(rule: UsualRule, language: Language) -> str:
    names = dates.get_month_names("wide", locale=language.locale)
    ranges = [
        language.say("{first} through {last}", first=names[first], last=names[last])
        if last < first
        else _range_words(names[first], names[last], language)
        for first, last in rule.months
    ]
    return list_words(ranges, language)


def _range_words(first: str, last: str, language: Language) -> str:
    return first if first == last else language.say("{first} to {last}", first=first, last=last)


def _times_words(spans: Iterable[Span], language: Language) -> str:
    if tuple(spans) == ((0, 1440),):
        return language.say("around the clock")
    return list_words([f"{_minutes(start)}–{_minutes(end)}" for start, end in spans], language)


def _minutes(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
