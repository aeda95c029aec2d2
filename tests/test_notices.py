"""What the desk was told of an outlet: while it holds it has the word, outside its time all is as without it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from bot.adviser import Adviser
from bot.call import To, reply_calls
from bot.chat import Chat
from bot.nearby import Nearby
from bot.render import in_traditional
from bot.spots import Search, Spots
from locator import answers
from locator.app import make_app
from locator.errors import BadInput
from locator.finder import Finder
from locator.hours import CHINA_TIME, UNKNOWN, Opening, OpeningState, Span, opening, read_hours
from locator.language import CHINESE, ENGLISH
from locator.model import Filter, Name, Nearest, Notice, NoticeKind, Offer, Outlet, Point, Query, Service
from locator.notices import ADVANCE, NONE, Notices, day_under, in_force, make_notices, opening_under
from locator.settings import Settings
from locator.timetable import Asked, coming_words, horizon_words, notice_lines, opening_words, told_lines
from tests.doors import CALENDAR, EARLY_HOURS, OFFICE_HOURS, door, finder, town
from tests.noticed import CLOSED, COMING, NOTICES, PLACE, TOLD, WEDNESDAY, informed
from tests.reading import read
from tests.serving import serving
from tests.visitors import said, session, without_store
from tests.watching import Browse, barriers

HERE = Point(29.5437, 106.4529)
OPEN = {OpeningState.OPEN, OpeningState.CLOSES_SOON}
SHUT = {OpeningState.CLOSED, OpeningState.OPENS_LATER}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA_TIME)


def closed(from_: str, until: str | None = None, **more: Any) -> Notice:
    end = at(until) if until else None
    return Notice("door-000001", NoticeKind.CLOSED, at(from_), end, **{"told": TOLD} | more)


def other(hours: str, from_: str, until: str | None = None, **more: Any) -> Notice:
    end = at(until) if until else None
    return Notice("door-000001", NoticeKind.HOURS, at(from_), end, hours=hours, **{"told": TOLD} | more)


def under(notices: list[Notice], when: str, hours: str = OFFICE_HOURS) -> Opening:
    return opening_under(tuple(notices), read_hours(hours) if hours else None, at(when), CALENDAR)


def state_and_change(found: Opening) -> tuple[str, str | None]:
    return found.state.value, f"{found.next_change:%m-%d %H:%M}" if found.next_change else None


# -- a notice that cannot be --


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("from", {"from_": datetime(2026, 12, 1)}),  # noqa: DTZ001 - the point
        ("from", {"from_": at("2026-12-01 09:00:30")}),
        ("until", {"until": at("2026-12-04 00:00:00.5")}),
        ("until", {"until": at("2026-12-01")}),
        ("until", {"until": at("2026-11-01")}),
        ("until", {"until": datetime.max.replace(tzinfo=CHINA_TIME)}),
        ("reason", {"reason": Name("修" * 61, "")}),
        ("reason", {"reason": Name("装修", "reno\nvation")}),
        ("hours", {"hours": OFFICE_HOURS}),
        ("hours", {"kind": NoticeKind.HOURS}),
        ("hours", {"kind": NoticeKind.HOURS, "hours": "周一至周五"}),
    ],
)
def test_a_notice_that_says_nothing_sure_cannot_be_made(field: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        replace(closed("2026-12-01", "2026-12-04"), **wrong)
    assert caught.value.field == field


# -- whether it is open --

# 2026-12-01 is a Tuesday.
REPAIR = closed("2026-12-01", "2026-12-04", reason=Name("装修", "renovation"))


@pytest.mark.parametrize(
    ("when", "state", "change"),
    [
        ("2026-11-30 16:29", "open", "11-30 17:00"),
        ("2026-11-30 16:30", "closes-soon", "11-30 17:00"),
        ("2026-11-30 17:00", "closed-opens-later", "12-04 09:00"),
        ("2026-11-30 23:59", "closed-opens-later", "12-04 09:00"),
        ("2026-12-01 00:00", "closed-opens-later", "12-04 09:00"),
        ("2026-12-02 10:00", "closed-opens-later", "12-04 09:00"),
        ("2026-12-03 23:59", "closed-opens-later", "12-04 09:00"),
        ("2026-12-04 00:00", "closed-opens-later", "12-04 09:00"),
        ("2026-12-04 09:00", "open", "12-04 17:00"),
    ],
)
def test_a_closed_span_is_taken_out_of_the_usual_hours(when: str, state: str, change: str) -> None:
    assert state_and_change(under([REPAIR], when)) == (state, change)


@pytest.mark.parametrize(
    ("when", "state", "change"),
    [
        ("2026-12-01 08:00", "closed-opens-later", "12-01 09:00"),
        ("2026-12-01 09:59", "open", "12-01 10:30"),
        ("2026-12-01 10:00", "closes-soon", "12-01 10:30"),
        ("2026-12-01 10:30", "closed-opens-later", "12-01 14:00"),
        ("2026-12-01 13:59", "closed-opens-later", "12-01 14:00"),
        ("2026-12-01 14:00", "open", "12-01 17:00"),
    ],
)
def test_a_power_cut_of_some_hours_counts_to_the_minute(when: str, state: str, change: str) -> None:
    assert state_and_change(under([closed("2026-12-01 10:30", "2026-12-01 14:00")], when)) == (state, change)


@pytest.mark.parametrize(
    ("until", "opens"),
    [
        ("2026-10-10", "10-10 09:00"),  # a make-up Saturday
        ("2026-10-11", "10-12 09:00"),  # the Sunday after it
        ("2026-10-01", "10-08 09:00"),  # the first of the days off
        ("2026-10-08 12:00", "10-08 12:00"),
        ("2026-12-31 17:00", None),  # the holidays of 2027 are not held
    ],
)
def test_after_its_end_the_door_opens_by_the_calendar(until: str, opens: str | None) -> None:
    found = under([closed("2026-09-01", until)], "2026-09-02 10:00")
    assert state_and_change(found)[1] == opens
    assert found.horizon == (None if opens else 2027)


def test_until_further_notice_nobody_knows_when_it_opens() -> None:
    assert state_and_change(under([closed("2026-12-01")], "2026-12-01 10:00")) == ("closed", None)
    assert state_and_change(under([closed("2026-12-01")], "2026-11-30 18:00")) == ("closed", None)


def test_a_hall_whose_hours_nobody_stated_is_closed_until_the_end_and_then_unknown_again() -> None:
    assert under([REPAIR], "2026-11-30 10:00", "") == UNKNOWN
    assert state_and_change(under([REPAIR], "2026-12-01 10:00", "")) == ("closed", None)
    assert under([REPAIR], "2026-12-04 00:00", "") == UNKNOWN


@pytest.mark.parametrize(
    ("when", "state", "change"),
    [
        ("2026-11-30 18:00", "closed-opens-later", "12-01 10:00"),
        ("2026-12-01 09:30", "closed-opens-later", "12-01 10:00"),
        ("2026-12-01 11:00", "open", "12-01 12:00"),
        ("2026-12-01 12:00", "closed-opens-later", "12-02 10:00"),
        ("2026-12-03 12:00", "closed-opens-later", "12-04 09:00"),
    ],
)
def test_other_hours_stand_in_the_place_of_the_usual_ones(when: str, state: str, change: str) -> None:
    notice = other("Mo-Su 10:00-12:00; PH off", "2026-12-01", "2026-12-04")
    assert state_and_change(under([notice], when)) == (state, change)


def test_other_hours_may_open_a_door_on_a_day_off() -> None:
    notice = other("09:00-12:00; PH 09:00-12:00", "2026-10-01", "2026-10-08")
    assert state_and_change(under([notice], "2026-10-01 10:00")) == ("open", "10-01 12:00")
    assert state_and_change(under([], "2026-10-01 10:00")) == ("closed-opens-later", "10-08 09:00")


def test_other_hours_that_say_nothing_of_a_day_off_leave_it_unknown() -> None:
    notice = other("Mo-Fr 10:00-12:00", "2026-09-30", "2026-10-03")
    found = under([notice], "2026-10-01 10:00")
    assert found == opening(read_hours("Mo-Fr 10:00-12:00"), at("2026-10-01 10:00"), CALENDAR)
    assert found.state is OpeningState.UNKNOWN
    assert state_and_change(under([notice], "2026-09-30 12:00")) == ("closed", None)


def test_of_two_at_once_the_closed_door_wins_and_else_what_was_told_last() -> None:
    early = other("Mo-Fr 08:00-09:00", "2026-12-01", "2026-12-04", told=date(2026, 11, 21))
    late = other("Mo-Fr 10:00-11:00", "2026-12-01", "2026-12-04", told=date(2026, 11, 22))
    noon = "2026-12-01 10:30"
    assert in_force((REPAIR, early, late), at(noon)) is REPAIR
    for pair in ((early, late), (late, early)):
        assert in_force(pair, at(noon)) is late
    assert under([early, late], noon).state in OPEN
    assert under([early, late, REPAIR], noon).state in SHUT


# -- the laws, for any notices and hours --

TEXTS = [
    "",
    OFFICE_HOURS,
    EARLY_HOURS,
    "24/7",
    "Mo-Su 00:00-24:00",
    "Mo-Fr 10:00-24:00; Sa 00:00-02:00; PH off",
]
AUTUMN = st.datetimes(datetime(2026, 9, 20), datetime(2026, 12, 31), timezones=st.just(CHINA_TIME))  # noqa: DTZ001 - hypothesis wants bounds without zone
MINUTES = AUTUMN.map(lambda moment: moment.replace(second=0, microsecond=0))
LENGTHS = st.sampled_from([timedelta(minutes=45), timedelta(hours=5), timedelta(days=1), timedelta(days=9)])


@st.composite
def a_notice(draw: st.DrawFn, kinds: tuple[NoticeKind, ...] = tuple(NoticeKind)) -> Notice:
    kind = draw(st.sampled_from(kinds))
    begin = draw(MINUTES | MINUTES.map(lambda moment: moment.replace(hour=0, minute=0)))
    end = draw(st.none() | LENGTHS.map(lambda length: begin + length))
    hours = draw(st.sampled_from(TEXTS[1:])) if kind is NoticeKind.HOURS else ""
    told = TOLD + timedelta(draw(st.integers(0, 3)))
    return Notice("door-000001", kind, begin, end, told, Name("检修", ""), hours)


several = st.lists(a_notice(), min_size=1, max_size=3).map(tuple)
closures = st.lists(a_notice((NoticeKind.CLOSED,)), min_size=1, max_size=3).map(tuple)


def holds(notice: Notice, moment: datetime) -> bool:
    return notice.from_ <= moment and (notice.until is None or moment < notice.until)


def usual_opening(text: str, moment: datetime) -> Opening:
    return opening(read_hours(text), moment, CALENDAR) if text else UNKNOWN


def sort_of(found: Opening) -> bool | None:
    return None if found.state is OpeningState.UNKNOWN else found.state in OPEN


@settings(max_examples=200)
@given(several, st.sampled_from(TEXTS), MINUTES)
def test_a_door_is_as_the_notice_in_force_says_and_outside_all_of_them_as_ever(
    own: tuple[Notice, ...], text: str, when: datetime
) -> None:
    hours = read_hours(text) if text else None
    found = opening_under(own, hours, when, CALENDAR)
    holding = [one for one in own if holds(one, when)]
    if any(one.kind is NoticeKind.CLOSED for one in holding):
        assert found.state in SHUT
    elif holding:
        assert sort_of(found) in {sort_of(usual_opening(one.hours, when)) for one in holding}
    else:
        assert sort_of(found) == sort_of(usual_opening(text, when))


@settings(max_examples=200)
@given(several, st.sampled_from(TEXTS), MINUTES)
def test_before_and_after_every_notice_the_whole_answer_is_the_one_without(
    own: tuple[Notice, ...], text: str, when: datetime
) -> None:
    ended = all(one.until is not None and one.until <= when for one in own)
    usual = usual_opening(text, when)
    begins_later = usual.next_change and all(one.from_ > usual.next_change for one in own)
    if ended or begins_later:
        assert opening_under(own, read_hours(text) if text else None, when, CALENDAR) == usual


@settings(max_examples=200)
@given(
    closures,
    st.sampled_from(TEXTS),
    MINUTES,
)
def test_a_closure_opens_no_door_that_is_closed(own: tuple[Notice, ...], text: str, when: datetime) -> None:
    if usual_opening(text, when).state in SHUT:
        assert opening_under(own, read_hours(text), when, CALENDAR).state in SHUT


@settings(max_examples=200)
@given(several, st.sampled_from(TEXTS), MINUTES)
def test_at_the_next_change_the_state_really_changes_and_not_before(
    own: tuple[Notice, ...], text: str, when: datetime
) -> None:
    hours = read_hours(text) if text else None
    found = opening_under(own, hours, when, CALENDAR)
    if found.next_change is None:
        return
    is_open = found.state in OPEN
    last = found.next_change - timedelta(minutes=1)
    for moment in (when + (last - when) / 3, last):
        assert sort_of(opening_under(own, hours, moment, CALENDAR)) is is_open
    assert sort_of(opening_under(own, hours, found.next_change, CALENDAR)) is not is_open


@settings(max_examples=50)
@given(several, st.sampled_from(TEXTS), AUTUMN.map(datetime.date))
def test_a_day_of_the_table_says_what_each_hour_of_it_says(
    own: tuple[Notice, ...], text: str, on: date
) -> None:
    hours = read_hours(text) if text else None
    spans = day_under(own, hours, CALENDAR, on).spans
    midnight = datetime.combine(on, time(), CHINA_TIME)
    edges = {edge for one in own for edge in (one.from_, one.until) if edge and edge.date() == on}
    moments = sorted(edges | {midnight + timedelta(minutes=30 * half) for half in range(48)})
    sorts = [sort_of(opening_under(own, hours, moment, CALENDAR)) for moment in moments]
    if spans is None:
        assert None in sorts
        return
    minutes = [(moment - midnight) // timedelta(minutes=1) for moment in moments]
    assert [any(start <= minute < end for start, end in spans) for minute in minutes] == sorts
    assert all(before.end < after.start for before, after in pairwise(spans))


def test_a_week_shows_closed_days_and_shortened_ones() -> None:
    known = finder([door(1, 29.5, 106.5, hours=OFFICE_HOURS)]).knowing(
        make_notices(
            [
                closed("2026-12-01", "2026-12-02"),
                closed("2026-12-02 12:00", "2026-12-02 13:00"),
                other("Mo-Fr 09:00-18:00", "2026-12-03 12:00"),
            ]
        )
    )
    days = [known.day_of(known.outlets[0], date(2026, 12, day)).spans for day in (1, 2, 3)]
    assert days == [(), (Span(540, 720), Span(780, 1020)), (Span(540, 1080),)]


# -- what is found --


def found(known: Finder, **asked: Any) -> Nearest:
    result = known.find(Query(at=asked.pop("at", WEDNESDAY), point=HERE, limit=50, filter=Filter(**asked)))
    assert isinstance(result, Nearest)
    return result


def ids(result: Nearest) -> list[int]:
    return [int(hit.outlet.id.removeprefix("door-")) for hit in result.hits]


def of(number: int, notice: Notice) -> Notice:
    return replace(notice, outlet_id=f"door-{number:06d}")


NOW_CLOSED = closed("2026-11-25", "2026-11-26", reason=Name("停电", "a power cut"))
SUNDAYS_TOO = other("Mo-Su 07:00-22:00", "2026-11-20")


def row() -> list[Outlet]:
    """To the north, one behind the other: open, open, closed at ten, unknown, unknown."""
    hours = [OFFICE_HOURS, OFFICE_HOURS, EARLY_HOURS, "", ""]
    return [door(number, 29.55 + number / 100, 106.45, hours=text) for number, text in enumerate(hours)]


def test_open_doors_are_those_that_are_open_in_spite_of_all_notices() -> None:
    plain = finder(row())
    known = plain.knowing(
        make_notices([of(0, NOW_CLOSED), of(2, SUNDAYS_TOO), of(3, NOW_CLOSED), of(4, SUNDAYS_TOO)])
    )
    assert ids(found(plain, open_at=WEDNESDAY)) == [0, 1, 3, 4]
    assert ids(found(known, open_at=WEDNESDAY)) == [1, 2, 4]
    assert [hit.opening.state for hit in found(known, open_at=WEDNESDAY).hits] == [OpeningState.OPEN] * 3
    assert [outlet.id for outlet in known.listed(Filter(open_at=WEDNESDAY))] == [
        "door-000001",
        "door-000002",
        "door-000004",
    ]


def test_in_a_plain_list_a_closed_hall_keeps_its_place_and_says_so() -> None:
    hits = found(finder(row()).knowing(make_notices([of(0, NOW_CLOSED)]))).hits
    assert [hit.outlet.id for hit in hits] == [f"door-{number:06d}" for number in range(5)]
    assert (hits[0].opening.state, hits[0].told.notices) == (OpeningState.OPENS_LATER, (of(0, NOW_CLOSED),))
    assert all(not hit.told.notices for hit in hits[1:])


def test_what_is_told_is_of_the_time_filtered_by() -> None:
    next_week = at("2026-12-01 10:00")
    coming = other("Mo-Su 07:00-22:00", "2026-12-01")
    known = finder(row()).knowing(make_notices([of(2, coming), of(0, NOW_CLOSED)]))
    hits = {hit.outlet.id: hit for hit in found(known, open_at=next_week).hits}
    assert hits["door-000002"].opening.state is OpeningState.OPEN
    assert hits["door-000002"].told.notices == (of(2, coming),)
    assert hits["door-000000"].told.notices == ()


def test_without_notices_and_with_those_of_unknown_halls_everything_is_as_before() -> None:
    plain = finder(row())
    assert plain.knowing(NONE) is plain
    known = plain.knowing(make_notices([of(99, NOW_CLOSED)], {"door-000098": TOLD}))
    for asked in ({}, {"open_at": WEDNESDAY}, {"service": Service.INQUIRY, "open_at": WEDNESDAY}):
        assert found(known, **asked) == found(plain, **asked)


@pytest.mark.parametrize("seed", range(4))
def test_every_filter_agrees_with_the_slow_way(seed: int) -> None:
    """Of 300 doors a third have notices; the slow way asks each door by itself."""
    outlets = town(300, seed)
    notices = [of(number, NOW_CLOSED if number % 2 else SUNDAYS_TOO) for number in range(0, 300, 3)]
    known = finder(outlets).knowing(make_notices(notices))
    for service in (None, Service.ACTIVATION):
        doubt = {
            outlet.id: (
                [Offer.YES, Offer.UNKNOWN, Offer.NO].index(outlet.offers(service)) if service else 0,
                [True, None, False].index(sort_of(known.opening_of(outlet, WEDNESDAY))),
            )
            for outlet in outlets
        }
        hits = found(known, service=service, open_at=WEDNESDAY).hits
        ranked = [(doubt[hit.outlet.id], hit.metres, hit.outlet.id) for hit in hits]
        assert len(ranked) == 50
        assert ranked == sorted(ranked)
        fitting = {one for one, doubts in doubt.items() if 2 not in doubts}
        listed = {outlet.id for outlet in known.listed(Filter(service=service, open_at=WEDNESDAY))}
        assert listed == fitting


def test_one_finder_for_each_request_does_not_change_the_one_of_all() -> None:
    plain = finder(row())
    before = found(plain, open_at=WEDNESDAY)
    known = plain.knowing(make_notices([of(0, NOW_CLOSED)]))
    assert found(known, open_at=WEDNESDAY) != before
    assert found(plain, open_at=WEDNESDAY) == before
    assert found(plain.knowing(make_notices([of(1, NOW_CLOSED)])), open_at=WEDNESDAY) != before


@pytest.mark.parametrize(
    ("begins", "is_told"),
    [
        (timedelta(0), True),
        (timedelta(minutes=1), True),
        (ADVANCE, True),
        (ADVANCE + timedelta(minutes=1), False),
    ],
)
def test_a_notice_is_told_a_week_before_it_begins(begins: timedelta, is_told: bool) -> None:
    notice = replace(REPAIR, from_=WEDNESDAY + begins, until=None)
    told = make_notices([notice]).told(door(1, 29.5, 106.5), WEDNESDAY)
    assert told.notices == ((notice,) if is_told else ())


def test_what_has_ended_or_will_have_no_word_is_not_told() -> None:
    hidden = other("Mo-Fr 10:00-11:00", "2026-11-27", "2026-11-28")
    coming = other("Mo-Fr 10:00-11:00", "2026-12-01", "2026-12-02")
    now = closed("2026-11-24", "2026-11-30")
    ended = closed("2026-11-01", "2026-11-25 10:00")
    told = make_notices([coming, hidden, ended, now]).told(door(1, 29.5, 106.5), WEDNESDAY)
    assert told.notices == (now, coming)


@pytest.mark.parametrize(
    ("in_file", "at_desk", "told"),
    [
        (None, date(2026, 11, 25), date(2026, 11, 25)),
        (date(2026, 11, 1), date(2026, 11, 25), date(2026, 11, 25)),
        (date(2026, 11, 25), date(2026, 11, 25), None),
        (date(2026, 11, 25), date(2026, 11, 1), None),
    ],
)
def test_a_mark_counts_when_it_is_newer_than_the_file(
    in_file: date | None, at_desk: date, told: date | None
) -> None:
    outlet = replace(door(1, 29.5, 106.5), checked=in_file)
    assert make_notices([], {outlet.id: at_desk}).told(outlet, WEDNESDAY).checked == told


def test_the_edition_is_another_one_when_anything_is() -> None:
    notices = [NOW_CLOSED, of(2, SUNDAYS_TOO)]
    marks = {"door-000001": TOLD}
    told = [
        NONE,
        make_notices(notices),
        make_notices(notices[:1]),
        make_notices(notices, marks),
        make_notices([replace(NOW_CLOSED, reason=Name("检修", "")), notices[1]]),
        make_notices([], marks),
    ]
    assert len({one.edition for one in told}) == len(told)
    assert make_notices(reversed(notices)).edition == make_notices(notices).edition


# -- in words --

SAID = [
    (
        REPAIR,
        "2026-12-01 10:00",
        "临时停办：装修，至12月3日（周四）；12月4日（周五）9:00 开门",
        "Temporarily closed: renovation, up to and including Thu 3 December; opens Fri 4 December 9:00",
    ),
    (
        REPAIR,
        "2026-12-03 10:00",
        "临时停办：装修，至12月3日（周四）；明天（周五）9:00 开门",
        "Temporarily closed: renovation, up to and including Thu 3 December; opens tomorrow (Fri) 9:00",
    ),
    (
        closed("2026-12-01 10:00", "2026-12-01 14:00", reason=Name("停电", "")),
        "2026-12-01 10:00",
        "临时停办：停电，至14:00",
        "Temporarily closed, until 14:00",
    ),
    (
        closed("2026-12-01"),
        "2026-12-01 10:00",
        "临时停办，何时恢复还没有通知",
        "Temporarily closed, until further notice",
    ),
    (
        closed("2026-12-28", "2027-01-04"),
        "2026-12-28 10:00",
        "临时停办，至1月3日（周日）。本程序尚未收录2027年放假安排，请先打 12333 问一问",
        f"Temporarily closed, up to and including Sun 3 January. {horizon_words(2027, ENGLISH)}",
    ),
]


@pytest.mark.parametrize(("notice", "when", "chinese", "english"), SAID)
def test_a_closed_hall_says_why_and_until_when(notice: Notice, when: str, chinese: str, english: str) -> None:
    now = under([notice], when)
    assert opening_words(now, Asked(at(when)), CHINESE, [notice]) == chinese
    assert opening_words(now, Asked(at(when)), ENGLISH, [notice]) == english
    then = opening_words(now, Asked(at(when), chosen=True), CHINESE, [notice])
    assert then.startswith("到时临时停办")
    assert list(notice_lines([notice], Asked(at(when)), CHINESE)) == []  # it is said already


@pytest.mark.parametrize(
    ("notice", "chinese", "english"),
    [
        (
            REPAIR,
            "12月1日（周二）至12月3日（周四）临时停办：装修",
            "Tue 1 December to Thu 3 December: temporarily closed: renovation",
        ),
        (
            closed("2026-12-01", "2026-12-02"),
            "12月1日（周二）临时停办",
            "Tue 1 December: temporarily closed",
        ),
        (closed("2026-12-01"), "12月1日（周二）起临时停办", "from Tue 1 December on: temporarily closed"),
        (
            closed("2026-12-01 09:00", "2026-12-01 12:30"),
            "12月1日（周二） 9:00–12:30临时停办",
            "Tue 1 December 9:00–12:30: temporarily closed",
        ),
        (
            closed("2026-12-01 14:00", "2026-12-03"),
            "12月1日（周二）14:00至12月2日（周三）临时停办",
            "Tue 1 December 14:00 to Wed 2 December: temporarily closed",
        ),
        (
            other("Mo-Fr 09:00-12:00", "2026-12-01", "2026-12-04", reason=Name("盘点", "stocktaking")),
            "12月1日（周二）至12月3日（周四）时间临时调整（盘点）：周一至周五 9:00–12:00",
            "Tue 1 December to Thu 3 December: other hours (stocktaking): Mon to Fri 9:00–12:00",
        ),
    ],
)
def test_what_is_to_come_is_told_with_its_days(notice: Notice, chinese: str, english: str) -> None:
    assert coming_words(notice, CHINESE) == chinese
    assert coming_words(notice, ENGLISH) == english
    assert list(notice_lines([notice], Asked(at("2026-11-30 10:00")), CHINESE)) == [chinese]


def test_other_hours_are_told_beside_whether_it_is_open() -> None:
    notice = other("Mo-Fr 09:00-12:00", "2026-12-01", "2026-12-04", reason=Name("盘点", "stocktaking"))
    now = Asked(at("2026-12-01 10:00"))
    assert (
        opening_words(under([notice], "2026-12-01 10:00"), now, CHINESE, [notice]) == "现在开门，12:00 关门"
    )
    (line,) = notice_lines([notice], now, CHINESE)
    assert line == "时间临时调整（盘点），至12月3日（周四）：周一至周五 9:00–12:00"
    assert told_lines([notice], now, CHINESE) == [f"{line}（2026年11月20日得知）"]
    assert told_lines([REPAIR], now, CHINESE) == ["停办的消息是2026年11月20日得知的。"]


# -- every face --


class Desk:
    """Somebody may tell it something meanwhile."""

    def __init__(self, notices: Notices = NONE) -> None:
        self.notices = notices

    def __call__(self) -> Notices:
        return self.notices


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return make_app(informed(desk), Settings(), lambda: WEDNESDAY).test_client()


def nearest(client: FlaskClient, **asked: Any) -> list[dict[str, Any]]:
    position = {"lat": 29.55, "lon": 106.45, "datum": "wgs84"}
    response = client.post("/api/v1/nearest", json=position | asked)
    body = response.get_json(force=True)
    answers.NearestAnswer.model_validate(body)
    return [feature["properties"] for feature in body["features"]]


def test_the_api_tells_it_at_once_and_no_longer_than_it_is_so(client: FlaskClient, desk: Desk) -> None:
    before = nearest(client)
    assert [one["notice"] for one in before] == [None] * 3
    desk.notices = NOTICES
    first, second, third = nearest(client)
    assert (first["open_state"], first["next_change"]) == ("closed-opens-later", "2026-11-27T09:00:00+08:00")
    assert first["notice"] == {
        "kind": "closed",
        "from": "2026-11-25T00:00:00+08:00",
        "until": "2026-11-27T00:00:00+08:00",
        "hours": "",
        "reason": {"zh": "装修", "en": "renovation"},
        "told": "2026-11-20",
    }
    assert (second["open_state"], second["notice"]["hours"]) == ("open", "Mo-Fr 09:00-12:00")
    assert (third["notice"], third["checked"]) == (None, "2026-11-25")
    assert [one["id"] for one in nearest(client, open_at="now")] == ["door-000002", "door-000003"]
    desk.notices = NONE
    assert nearest(client) == before


def test_lists_and_single_outlets_of_the_api_tell_it_too(client: FlaskClient, desk: Desk) -> None:
    before = client.get("/api/v1/outlets/door-000001")
    desk.notices = NOTICES
    listed = client.get("/api/v1/outlets").get_json(force=True)
    answers.OutletsAnswer.model_validate(listed)
    kinds = [
        one["properties"]["notice"] and one["properties"]["notice"]["kind"] for one in listed["features"]
    ]
    assert kinds == ["closed", "hours", None]
    assert client.get("/api/v1/outlets?open_at=now").get_json(force=True)["matched"] == 2
    after = client.get("/api/v1/outlets/door-000001")
    answers.OutletAnswer.model_validate(after.get_json(force=True))
    assert after.get_json(force=True)["properties"]["notice"]["kind"] == "closed"
    assert after.headers["ETag"] != before.headers["ETag"]


def test_the_first_page_tells_it_on_the_card(client: FlaskClient, desk: Desk) -> None:
    desk.notices = NOTICES
    place = {"place": PLACE}
    text = read(client.post("/", data=place)).text
    assert CLOSED in text
    assert COMING in text
    assert "2026年11月25日核对过" in text
    still_open = read(client.post("/", data=place | {"open": "now"})).text
    assert "临时停办" not in still_open
    desk.notices = NONE
    assert "临时" not in read(client.post("/", data=place)).text


def test_the_page_of_the_hall_tells_it_with_the_day_we_heard_of_it(client: FlaskClient, desk: Desk) -> None:
    desk.notices = NOTICES
    text = read(client.get("/outlets/door-000001")).text
    assert CLOSED in text
    assert "停办的消息是2026年11月20日得知的" in text
    assert "11月25日（周三） 休息" in text
    assert "11月26日（周四） 休息" in text
    assert "11月27日（周五） 9:00–17:00" in text
    assert f"{COMING}（2026年11月20日得知）" in read(client.get("/outlets/door-000002")).text
    assert "Temporarily closed: renovation" in read(client.get("/outlets/door-000001?lang=en")).text


def test_a_reason_is_text_wherever_it_is_shown(client: FlaskClient, desk: Desk) -> None:
    script = "<script>alert(1)</script>"
    desk.notices = make_notices([closed("2026-11-25", reason=Name(script, script))])
    for page in (
        client.post("/", data={"place": PLACE}),
        client.get("/outlets/door-000001"),
    ):
        assert script not in page.text
        assert script in read(page).text


@pytest.fixture
def chat(adviser: Adviser, desk: Desk) -> Chat:
    return replace(without_store(adviser), nearby=Nearby(informed(desk)))


def replies(chat: Chat, **asked: Any) -> Iterator[dict[str, Any]]:
    """As the web, programs and Telegram get them."""
    message = said(PLACE, **asked)._replace(at=WEDNESDAY)
    yield orjson.loads(chat.advise(message))


def test_the_chat_and_telegram_tell_it_at_once_in_both_scripts(chat: Chat, desk: Desk) -> None:
    (before,) = replies(chat)
    desk.notices = NOTICES
    (reply,) = replies(chat)
    cards = {card["id"]: card for card in reply["spots"]["cards"]}
    assert "临时" not in orjson.dumps(before).decode()
    assert cards["door-000001"]["opening"] == CLOSED
    assert [cards[one]["shut"] for one in sorted(cards)] == [True, False, False]
    assert cards["door-000002"]["notices"] == [COMING]
    (call,) = reply_calls(reply, To(5))
    assert CLOSED in call.fields["text"]
    assert COMING in call.fields["text"]
    (traditional,) = replies(chat, language="zh-Hant")
    assert in_traditional(CLOSED) in reply_calls(traditional, To(5))[0].fields["text"]


def test_where_the_chat_looks_for_open_doors_a_closed_one_is_none(chat: Chat, desk: Desk) -> None:
    search = Search(WEDNESDAY, point=HERE, open_at=WEDNESDAY)
    spots = chat.nearby.find(search)
    assert isinstance(spots, Spots)
    assert len(spots.result.hits) == 3
    desk.notices = NOTICES
    spots = chat.nearby.find(search)
    assert isinstance(spots, Spots)
    assert [hit.outlet.id for hit in spots.result.hits] == ["door-000002", "door-000003"]


def test_a_reply_that_was_kept_before_there_were_notices_is_still_told(chat: Chat) -> None:
    (reply,) = replies(chat)
    for card in reply["spots"]["cards"]:
        del card["notices"]
    (call,) = reply_calls(reply, To(5))
    assert "测试网点1" in call.fields["text"]


def test_a_session_goes_on_where_a_hall_closes_meanwhile(chat: Chat, desk: Desk) -> None:
    turn = chat.turn(said(PLACE), session())
    assert turn.reply.listing
    desk.notices = NOTICES
    again = chat.turn(said("现在开门的"), turn.session)
    assert again.reply.listing
    assert "door-000001" not in {hit.outlet.id for hit in again.reply.listing.spots.result.hits}


# -- in a browser --


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the whole product, on a database of its own."""
    path = tmp_path_factory.mktemp("notices") / "bot.db"
    with serving("tests.noticed", BOT_DATABASE_URL=f"sqlite:///{path}") as service:
        yield service.url


def list_of(page: Page) -> None:
    page.goto("/")
    page.locator("#place").fill(PLACE)
    page.locator("#ask button.go").first.click()


def chat_with(page: Page) -> None:
    page.goto("/chat")
    page.locator("#chat-text").fill(PLACE)
    page.locator("[data-chat-send]").click()


@pytest.mark.parametrize("ask", [list_of, chat_with])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_in_a_browser_each_card_says_it_and_keeps_nobody_out(
    browse: Browse, served: str, ask: Callable[[Page], None], colours: str
) -> None:
    page = browse(served, viewport={"width": 320, "height": 640}, color_scheme=colours).new_page()
    ask(page)
    cards = page.locator(".card")
    expect(cards.nth(0).locator(".badge.shut")).to_have_text(CLOSED)
    expect(cards.nth(1).locator(".told")).to_have_text(COMING)
    expect(cards.nth(2).locator(".told, .shut")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert barriers(page) == []


def test_in_a_browser_the_page_of_a_closed_hall_keeps_nobody_out(browse: Browse, served: str) -> None:
    page = browse(served, viewport={"width": 360, "height": 740}).new_page()
    page.goto("/outlets/door-000001")
    expect(page.locator(".badge.shut")).to_have_text(CLOSED)
    assert barriers(page) == []
