"""Open or not: every day of two years against a model by hand, and texts that nobody should be told a lie about."""

import json
import re
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours, State

from locator.calendar import Calendar, Day, DayKind
from locator.errors import BadInput
from locator.hours import (
    CHINA_TIME,
    UNKNOWN,
    Opening,
    OpeningState,
    Span,
    UsualRule,
    opening,
    read_hours,
    usual,
    week,
)

CALENDAR = Calendar.shipped()
OFFICE = "Mo-Fr 09:00-17:00; PH off"
RONGCHANG = "May-Sep Mo-Fr 08:30-12:00,14:00-17:30; Oct-Apr Mo-Fr 09:00-12:00,13:30-17:30; PH off"
OPEN = {OpeningState.OPEN, OpeningState.CLOSES_SOON}
CLOSED = {OpeningState.CLOSED, OpeningState.OPENS_LATER}

# From the notices: days off (first, last) and weekend days worked. test_calendar has them with their names.
DAYS_OFF = [
    ("2025-01-01", "2025-01-01"), ("2025-01-28", "2025-02-04"), ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
]  # fmt: skip
WORKED = {
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
}  # fmt: skip
TWO_YEARS = [date(2025, 1, 1) + timedelta(ahead) for ahead in range(730)]


def is_worked(on: date) -> bool:
    if any(first <= on.isoformat() <= last for first, last in DAYS_OFF):
        return False
    return on.weekday() < 5 or on.isoformat() in WORKED


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA_TIME)


def ask(text: str, when: str, calendar: Calendar = CALENDAR) -> Opening:
    return opening(read_hours(text), at(when), calendar)


def state_and_change(text: str, when: str) -> tuple[str, str | None]:
    said = ask(text, when)
    return said.state.value, said.next_change.strftime("%Y-%m-%d %H:%M") if said.next_change else None


def model(when: datetime, closings: list[datetime]) -> tuple[str, datetime | None]:
    """What an office open 9 to 17 on worked days is, given all its closings in order: one look, no rules."""
    place = bisect_right(closings, when)
    if place == len(closings):
        return "closed", None
    opens, closes = closings[place].replace(hour=9), closings[place]
    if when < opens:
        return "closed-opens-later", opens
    return ("closes-soon" if when >= closes.replace(hour=16, minute=30) else "open"), closes


def test_an_office_is_what_the_notices_make_it_on_all_730_days_of_two_years() -> None:
    closings = [datetime.combine(on, time(17), CHINA_TIME) for on in TWO_YEARS if is_worked(on)]
    times = [time(0), time(8, 59, 59), time(9), time(10), time(16, 29, 59), time(16, 30), time(16, 59, 59)]
    times += [time(17), time(23, 59, 59)]
    hours = read_hours(OFFICE)
    asked = [datetime.combine(on, clock, CHINA_TIME) for on in TWO_YEARS for clock in times]
    said = [opening(hours, when, CALENDAR) for when in asked]

    assert [(opening.state.value, opening.next_change) for opening in said] == [
        model(when, closings) for when in asked
    ]
    assert {opening.horizon for opening, when in zip(said, asked, strict=True) if when < closings[-1]} == {
        None
    }
    assert {opening.horizon for opening, when in zip(said, asked, strict=True) if when >= closings[-1]} == {
        2027
    }


@pytest.mark.parametrize(
    "when, state, change",
    [
        ("2026-10-10 10:00", "open", "2026-10-10 17:00"),  # a Saturday worked
        ("2026-10-03 10:00", "closed-opens-later", "2026-10-08 09:00"),  # a Saturday of the holiday
        ("2026-10-09 18:00", "closed-opens-later", "2026-10-10 09:00"),
        ("2026-10-11 10:00", "closed-opens-later", "2026-10-12 09:00"),
        ("2026-02-14 10:00", "open", "2026-02-14 17:00"),
        ("2026-02-14 17:00", "closed-opens-later", "2026-02-24 09:00"),  # ten days later
        ("2026-12-31 18:00", "closed", None),
    ],
)
def test_an_office_keeps_the_state_councils_days(when: str, state: str, change: str | None) -> None:
    assert state_and_change(OFFICE, when) == (state, change)


@pytest.mark.parametrize(
    "when, state, change",
    [
        ("2026-09-30 08:30", "open", "2026-09-30 12:00"),  # summer hours, last day
        ("2026-09-30 13:45", "closed-opens-later", "2026-09-30 14:00"),
        ("2026-09-30 17:30", "closed-opens-later", "2026-10-08 09:00"),  # winter hours after the holiday
        ("2026-10-08 08:30", "closed-opens-later", "2026-10-08 09:00"),
        ("2026-10-08 12:00", "closed-opens-later", "2026-10-08 13:30"),
        ("2026-10-10 13:30", "open", "2026-10-10 17:30"),  # a Saturday worked, winter hours
        ("2026-09-20 08:30", "open", "2026-09-20 12:00"),  # a Sunday worked, summer hours
        ("2026-04-30 17:30", "closed-opens-later", "2026-05-06 08:30"),
    ],
)
def test_summer_and_winter_hours_change_over_with_the_lunch_break(when: str, state: str, change: str) -> None:
    assert state_and_change(RONGCHANG, when) == (state, change)


@pytest.mark.parametrize(
    "when, state",
    [
        ("2026-11-23 16:29:59", "open"),
        ("2026-11-23 16:30:00", "closes-soon"),
        ("2026-11-23 16:59:59.999999", "closes-soon"),
        ("2026-11-23 17:00:00", "closed-opens-later"),
        ("2026-11-23 08:59:59.999999", "closed-opens-later"),
        ("2026-11-23 09:00:00", "open"),
    ],
)
def test_a_door_closes_soon_in_its_last_thirty_minutes(when: str, state: str) -> None:
    assert ask(OFFICE, when).state == state


def test_the_answer_names_the_day() -> None:
    assert ask(OFFICE, "2026-10-10 10:00").day == Day(DayKind.MAKEUP, "国庆节")
    assert ask(OFFICE, "2026-11-23 10:00").day == Day(DayKind.WORKDAY)
    assert ask(OFFICE, "2027-01-01 10:00").day is None


def test_a_time_elsewhere_is_read_in_china() -> None:
    hours = read_hours(OFFICE)
    in_utc = datetime(2026, 10, 10, 1, 0, tzinfo=UTC)

    assert opening(hours, in_utc, CALENDAR) == ask(OFFICE, "2026-10-10 09:00")
    assert opening(hours, in_utc, CALENDAR).next_change == at("2026-10-10 17:00")


@pytest.mark.parametrize(
    "when",
    [
        datetime(2026, 10, 10, 10),  # noqa: DTZ001 - the point
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=CHINA_TIME),
    ],
)
def test_a_time_without_offset_or_out_of_this_world_is_refused(when: datetime) -> None:
    with pytest.raises(BadInput) as caught:
        opening(read_hours("24/7"), when, CALENDAR)
    assert caught.value.field == "at"


# What a text says of days off, and what it leaves unsaid.


@pytest.mark.parametrize(
    "text, spans",
    [
        ("Mo-Fr 09:00-17:00; PH off", ()),
        ("Mo-Fr 09:00-17:00; Sa,Su,PH off", ()),
        ("Mo-Fr,PH 09:00-17:00", (Span(540, 1020),)),
        ("PH,Sa 10:00-12:00; Mo-Fr 09:00-17:00", (Span(600, 720),)),
        ("Mo-Fr 09:00-17:00, PH 10:00-12:00", (Span(600, 720),)),
        ("Mo-Su 09:00-17:00; PH 10:00-12:00,14:00-16:00", (Span(600, 720), Span(840, 960))),
        ("Mo-Fr 09:00-17:00; May-Sep PH 09:00-12:00", ()),
        ("Mo-Fr 09:00-17:00; Oct PH 09:00-12:00", (Span(540, 720),)),
        ("09:00-17:00; PH off", ()),
        ("PH off; Oct 1 10:00-11:00", (Span(600, 660),)),  # a date counts on a day off too, and comes last
        ("PH 09:00-12:00; 2026 Oct 1 off", ()),
        ('Mo-Fr 09:00-17:00; PH off "PH 09:00-17:00"', ()),  # a comment is no rule
        ("Mo-Fr 09:00-17:00", None),
        ("Mo-Su 09:00-17:00", None),
        ("Mo-Fr 09:00-17:00; Oct 1 off", None),
        ('Mo-Fr 09:00-17:00 "PH off"', None),
        ("Mo-Fr 09:00-17:00; PH unknown", None),
        ('Mo-Fr 09:00-17:00; PH 09:00-12:00 "有时"', None),
        ("24/7", (Span(0, 1440),)),
        ("Mo-Su 00:00-24:00", (Span(0, 1440),)),
        ("24/7; PH off", ()),
    ],
)
def test_a_day_off_is_as_the_text_says_of_days_off(text: str, spans: tuple[Span, ...] | None) -> None:
    on = date(2026, 10, 1)  # a Thursday

    assert week(read_hours(text), on, CALENDAR)[0].spans == spans


@pytest.mark.parametrize(
    "text, spans",
    [
        ("Mo-Fr 09:00-17:00; PH off", (Span(540, 1020),)),
        ("Mo-Fr 09:00-17:00; Sa,Su,PH off", (Span(540, 1020),)),
        ("Mo,Tu,We,Th,Fr 09:00-17:00; Sa 10:00-12:00", (Span(540, 1020),)),
        ("09:00-17:00; Sa off", (Span(540, 1020),)),
        ("Fr-Mo 09:00-17:00; Tu-Th 09:00-17:00; Su,Sa 10:00-11:00", (Span(540, 1020),)),
        ("Mo-Fr 09:00-17:00; Oct 10 10:00-12:00", (Span(600, 720),)),
        ("Sa 10:00-12:00", ()),
        ("Mo-Fr 09:00-17:00; Fr 09:00-15:00", None),  # which of the five it is, nobody says
        ("Mo-Th 09:00-17:00", None),
        ("Mo-Fr 09:00-17:00; Mo[2] off", None),  # it is the second Saturday of its month
        ("Mo-Fr 09:00-17:00; Mo[1] off", (Span(540, 1020),)),
        ('Mo-Fr 09:00-17:00 "Sa by appointment"', None),
    ],
)
def test_a_makeup_saturday_is_an_ordinary_working_day(text: str, spans: tuple[Span, ...] | None) -> None:
    on = date(2026, 10, 10)

    assert week(read_hours(text), on, CALENDAR)[0].spans == spans


def test_no_change_is_foretold_across_a_day_of_which_the_text_says_nothing() -> None:
    assert state_and_change("Mo-Fr 09:00-17:00", "2026-09-30 16:00") == ("open", "2026-09-30 17:00")
    assert ask("Mo-Fr 09:00-17:00", "2026-09-30 17:00") == Opening(
        OpeningState.CLOSED, None, Day(DayKind.WORKDAY), None
    )
    assert ask("Mo-Fr 09:00-17:00", "2026-10-01 10:00").state == "unknown"
    assert state_and_change("Mo-Fr 09:00-17:00", "2026-10-08 08:00") == (
        "closed-opens-later",
        "2026-10-08 09:00",
    )


def test_hours_with_an_unknown_rule_are_unknown_on_its_days_only() -> None:
    text = "Mo-Fr 09:00-17:00; Sa 09:00-12:00 unknown; PH off"

    assert ask(text, "2026-11-28 10:00").state == "unknown"
    assert ask(text, "2026-11-28 10:00").horizon is None
    assert state_and_change(text, "2026-11-27 10:00") == ("open", "2026-11-27 17:00")
    assert state_and_change(text, "2026-11-27 18:00") == ("closed", None)


def test_an_outlet_without_hours_is_unknown() -> None:
    assert Opening(OpeningState.UNKNOWN, None, None, None) == UNKNOWN


# Midnight.


@pytest.mark.parametrize(
    "text, when, state, change",
    [
        ("24/7", "2026-10-01 10:00", "open", None),
        ("24/7", "2150-01-01 10:00", "open", None),
        ("Mo-Su 00:00-24:00", "2150-01-01 10:00", "open", None),
        ("off", "2026-11-23 10:00", "closed", None),
        ("Mo-Fr 10:00-24:00; Sa 00:00-02:00; PH off", "2026-11-27 23:00", "open", "2026-11-28 02:00"),
        (
            "Mo-Fr 10:00-24:00; Sa 00:00-02:00; PH off",
            "2026-11-27 01:00",
            "closed-opens-later",
            "2026-11-27 10:00",
        ),
        ("Mo-Fr 10:00-24:00; Sa 00:01-02:00; PH off", "2026-11-27 22:00", "open", "2026-11-28 00:00"),
        ("Mo-Fr 10:00-24:00; PH off", "2026-11-27 23:30", "closes-soon", "2026-11-28 00:00"),
        ("Mo-Fr 00:00-24:00; PH off", "2026-11-23 00:00", "open", "2026-11-28 00:00"),
        ("Mo-Fr 00:00-24:00; Sa 00:00-24:00", "2026-09-30 23:59", "open", None),  # the day off is unknown
        ("Mo 09:00-12:00,12:00-17:00", "2026-11-23 11:45", "open", "2026-11-23 17:00"),
        ("Mo 09:00-12:00, Mo 12:00-17:00", "2026-11-23 11:45", "open", "2026-11-23 17:00"),
        ("Dec 25 10:00-12:00; PH off", "2026-01-05 10:00", "closed-opens-later", "2026-12-25 10:00"),
        ("2024 Dec 25 10:00-12:00; PH off", "2025-01-02 10:00", "closed", None),
    ],
)
def test_spans_that_touch_are_one(text: str, when: str, state: str, change: str | None) -> None:
    assert state_and_change(text, when) == (state, change)


# The horizon.


def fictional_2027(tmp_path: Path) -> Path:
    """Nobody has announced this year: it stands here to be read."""
    days = [("2027-01-01", True), ("2027-01-04", True), ("2027-01-09", False), ("2027-10-01", True)]
    body = {"year": 2027, "days": [{"name": "虚构的假日", "date": on, "isOffDay": off} for on, off in days]}
    path = tmp_path / "2027.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_beyond_the_last_year_nothing_is_guessed() -> None:
    last = ask(OFFICE, "2026-12-31 18:00")
    beyond = ask(OFFICE, "2028-03-01 10:00")

    assert (last.state, last.next_change, last.horizon) == (OpeningState.CLOSED, None, 2027)
    assert beyond == Opening(OpeningState.UNKNOWN, None, None, 2028)
    assert ask("Mo-Su,PH 00:00-24:00", "2026-12-31 23:45") == Opening(
        OpeningState.OPEN, None, Day(DayKind.WORKDAY), 2027
    )


def test_a_year_file_lifts_the_horizon(tmp_path: Path) -> None:
    calendar = CALENDAR.with_year_file(fictional_2027(tmp_path))

    assert ask(OFFICE, "2026-12-31 18:00", calendar) == Opening(
        OpeningState.OPENS_LATER, at("2027-01-05 09:00"), Day(DayKind.WORKDAY), None
    )
    assert ask(OFFICE, "2027-01-09 10:00", calendar).state == "open"
    assert ask(OFFICE, "2027-12-31 18:00", calendar).horizon == 2028


def test_a_week_has_seven_days_and_says_which_are_unknown() -> None:
    table = week(read_hours(OFFICE), date(2026, 12, 28), CALENDAR)

    assert [day.date.day for day in table] == [28, 29, 30, 31, 1, 2, 3]
    assert [day.spans for day in table] == [(Span(540, 1020),)] * 4 + [None] * 3
    assert [day.day for day in table] == [Day(DayKind.WORKDAY)] * 4 + [None] * 3
    with pytest.raises(BadInput, match="monday"):
        week(read_hours(OFFICE), date(9999, 12, 27), CALENDAR)


# The usual hours.

FORENOON, AFTERNOON = Span(540, 720), Span(840, 1050)
CLOSED_ON_HOLIDAYS = UsualRule((), (), holidays=True, spans=())


@pytest.mark.parametrize(
    "text, rules",
    [
        (
            "Mo-Fr 09:00-12:00,14:00-17:30; PH off",
            (UsualRule((), ((0, 4),), holidays=False, spans=(FORENOON, AFTERNOON)), CLOSED_ON_HOLIDAYS),
        ),
        (
            RONGCHANG,
            (
                UsualRule(((5, 9),), ((0, 4),), holidays=False, spans=(Span(510, 720), AFTERNOON)),
                UsualRule(((10, 4),), ((0, 4),), holidays=False, spans=(FORENOON, Span(810, 1050))),
                CLOSED_ON_HOLIDAYS,
            ),
        ),
        (
            "Jul,Aug Mo-We,Fr 09:00-12:00; Sa,Su,PH off",
            (
                UsualRule(((7, 7), (8, 8)), ((0, 2), (4, 4)), holidays=False, spans=(FORENOON,)),
                UsualRule((), ((5, 5), (6, 6)), holidays=True, spans=()),
            ),
        ),
        ("09:00-12:00", (UsualRule((), ((0, 6),), holidays=False, spans=(FORENOON,)),)),
        ("24/7", (UsualRule((), ((0, 6),), holidays=True, spans=(Span(0, 1440),)),)),
        ("Mo-Fr 09:00-17:00; We 09:00-12:00", None),  # one rule overrides another
        ("Nov-Mar Mo 09:00-17:00; Jan Mo 09:00-12:00", None),
        ("Mo[1] 09:00-12:00", None),
        ("Oct 1-3 09:00-12:00", None),
        ("week 1-20 Mo 09:00-12:00", None),
        ('Mo 09:00-12:00 "; PH off"', None),
        ("Mo 09:00-12:00 unknown", None),
    ],
)
def test_simple_texts_become_lines_to_be_worded(text: str, rules: tuple[UsualRule, ...] | None) -> None:
    assert usual(read_hours(text)) == rules


# Texts that are refused, each with what to write instead.


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "every rule needs times"),
        ("   ", "every rule needs times"),  # the library: always open
        ("Mo-Fr", "every rule needs times"),  # the library: open round the clock
        ("Mo-Fr, PH 09:00-12:00", "no blank inside a list"),  # the library: Mo-Fr round the clock
        ("Mo-Fr 09:00-17:00;", "every rule needs times"),
        ('"预约"', "every rule needs times"),
        ('PH "09:00-12:00"', "every rule needs times"),
        ("周一至周五 09:00-12:00", "must be OSM opening_hours"),
        ("Mon-Fri 09:00-12:00", "must be OSM opening_hours"),
        ("Mo-Fr 09:00–12:00", "every rule needs times|must be OSM opening_hours"),
        ("Mo 25:00-26:00", "must be OSM opening_hours"),
        ('Mo 09:00-12:00 "预约', "must be OSM opening_hours"),
        ("22:00-02:00", "past midnight"),
        ("22:00-26:00", "past midnight"),
        ("00:00-48:00", "past midnight"),
        ("08:00-08:00", "past midnight"),
        ("10:00+", "open end"),
        ("10:00-12:00+", "open end"),
        ("Mo-Fr 09:00-17:00/00:30", "repeated times"),
        ("sunrise-18:00", "follow the sun"),
        ("(sunset-01:00)-23:00", "follow the sun"),
        ("easter off", "easter"),
        ("SH 09:00-12:00", "SH"),
        ("PH,SH off", "SH"),
        ('Mo 09:00-17:00 || unknown "预约"', "fallback"),
        ("PH +1 day 09:00-12:00", "days counted"),
        ("Mo[1] -2 days 09:00-12:00", "days counted"),
        ("May-Sep Mo[1] 09:00-12:00", "a month before"),  # the library: every day until early September
        ("Mar Su[-1]-Oct Su[-1] 09:00-12:00", "a month before"),
        ("Mar 1-Oct Su[-1] 09:00-12:00", "a month before"),
        ("Mo 09:00-12:00\n", "control characters"),
        ("Mo 09:00-12:00\x00", "control characters"),
        ("Mo 09:00-12:00 " + '"' + "x" * 200 + '"', "at most 200"),
    ],
)
def test_a_text_that_would_mislead_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as caught:
        read_hours(text)
    assert caught.value.field == "hours"


@given(st.text(max_size=220) | st.text('MoFrPH0129:-,;/[]" week', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        hours = read_hours(text)
    except BadInput:
        return
    assert read_hours(hours.text) == hours


# Properties, over texts made of what real texts are made of.

weekday_lists = st.sampled_from(["", "Mo-Fr ", "Mo-Sa ", "Sa,Su ", "Fr-Mo ", "Tu,Th ", "Mo[1] ", "Su[-1],We ", "Mo-Su,PH ", "PH ", "Sa,PH "])  # fmt: skip
months = st.sampled_from(["", "", "May-Sep ", "Oct-Apr ", "Jan,Nov ", "Dec 20-Jan 5 ", "week 10-40/2 "])
minutes = st.lists(st.integers(0, 96), min_size=2, max_size=4, unique=True).map(sorted)


def clock(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


spans = minutes.map(lambda points: ",".join(f"{clock(a)}-{clock(b)}" for a, b in list(pairwise(points))[::2]))
rules = st.builds(
    "".join,
    st.tuples(months, weekday_lists, st.one_of(spans, st.just("off"), spans.map("{} unknown".format))),
)
texts = (
    st.tuples(st.lists(rules, min_size=1, max_size=3), st.sampled_from(["; ", ", "]))
    .map(lambda parts: parts[1].join(parts[0]))
    .filter(lambda text: not re.search(r"[A-Z][a-z]{2} (?:Mo|Su)\[", text))
)
whens = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31, 23, 59), timezones=st.just(CHINA_TIME))  # noqa: DTZ001 - hypothesis wants bounds without zone


@settings(max_examples=400)
@given(texts, whens)
def test_at_the_next_change_the_state_really_changes_and_not_before(text: str, when: datetime) -> None:
    hours = read_hours(text)
    said = opening(hours, when, CALENDAR)
    if said.next_change is None:
        assert said.state in {OpeningState.OPEN, OpeningState.CLOSED, OpeningState.UNKNOWN}
        return

    assert said.next_change > when
    before, after = (OPEN, CLOSED) if said.state in OPEN else (CLOSED, OPEN)
    halfway = when + (said.next_change - when) / 2
    for earlier in (when, halfway, said.next_change - timedelta(microseconds=1)):
        assert opening(hours, earlier, CALENDAR).state in before
        assert opening(hours, earlier, CALENDAR).next_change == said.next_change
    assert opening(hours, said.next_change, CALENDAR).state in after


@settings(max_examples=400)
@given(texts, st.sampled_from(TWO_YEARS))
def test_on_an_ordinary_day_the_text_means_what_the_library_says(text: str, on: date) -> None:
    said = week(read_hours(text), on, CALENDAR)[0]
    if said.day is None or said.day.kind in {DayKind.HOLIDAY, DayKind.MAKEUP}:
        return
    library = OpeningHours(text)
    moments = [datetime.combine(on, time(*divmod(minute, 60))) for minute in range(0, 1440, 15)]
    states = [library.state(moment)[0] for moment in moments]
    if said.spans is None:
        assert State.UNKNOWN in states
    else:
        opens = [any(start <= minute < end for start, end in said.spans) for minute in range(0, 1440, 15)]
        assert opens == [state == State.OPEN for state in states]
