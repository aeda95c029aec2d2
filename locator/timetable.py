"""Hours in words: whether a door is open, until or from when, and its usual week. All times are China's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from babel import dates

from locator.calendar import Day, DayKind
from locator.hours import CHINA_TIME, DayHours, Opening, OpeningState, Span, UsualRule, read_hours, usual
from locator.language import Language, list_words
from locator.model import Name, Query

# -- open or not --


@dataclass(frozen=True, slots=True)
class Asked:
    """The time an answer is about. `chosen`: somebody named it, so it is not "now"."""

    at: datetime
    chosen: bool = False


def asked(query: Query) -> Asked:
    chosen = query.filter.open_at
    return Asked(query.at) if chosen in (None, query.at) else Asked(chosen or query.at, chosen=True)


def opening_words(opening: Opening, time: Asked, language: Language) -> str:
    """Whether the door is open, and until or from when."""
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
