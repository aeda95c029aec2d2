"""A question and a place become a plan: what is said, looked for, asked. Values only, so nothing is looked up here."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adviser import Adviser
from bot.button import Kind, NoSuchButton, Pick, Stale
from bot.decide import Answer, Clarify, Decline, Why
from bot.join import (
    EITHER,
    AskWhere,
    NoPlace,
    Plan,
    WhichLanguage,
    WhichPlace,
    plan_pick,
    plan_question,
    plan_shared,
)
from bot.model import Aspect, Entry, Region
from bot.spots import MOST_SHOWN
from bot.when import When
from bot.wish import Wish
from locator.model import Found, Level, Name, Place, Point, Precision, Unclear, Unknown
from locator.model import Why as Unfound
from tests.visitors import WEDNESDAY, said, session

REGIONS_ASKED = ("region:sichuan", "region:chongqing", "find:loss-report")
HERE = Point(28.887654, 105.443219)


def place(name: str, city: str = "重庆市", level: Level = Level.DISTRICT) -> Place:
    district = "" if level is Level.CITY else name
    return Place(Name(name, name), level, city, district, Point(29.5, 106.5), Precision.DISTRICT)


SHAPINGBA, JIANGYANG = place("沙坪坝区"), place("江阳区", "泸州市")
CHONGQING = place("重庆市", level=Level.CITY)


def found(one: Place) -> Found:
    return Found(one, exact=True)


def at(hours: float) -> When:
    return When(WEDNESDAY + timedelta(hours=hours), hour_named=True, spans=())


@pytest.fixture
def lost(adviser: Adviser) -> Entry:
    return adviser.knowledge.entries["lost"]


def asked(wish: Wish, decision: Any, *meanings: str, **known: Any) -> Plan:
    return plan_question(said("…"), wish, decision, meanings, session(**known))


def pressed(adviser: Adviser, kind: Kind, value: str = "", wish: Wish | None = None, **known: Any) -> Plan:
    wish = (wish or Wish())._replace(pick=Pick(kind, value))
    return plan_pick(said(), wish, adviser.knowledge.entries, session(**known))


# -- a question --


def test_a_question_is_answered_and_the_outlets_are_offered(lost: Entry) -> None:
    plan = asked(Wish(), Answer(lost))
    assert (plan.decision, plan.search, plan.asks, plan.offers_find) == (Answer(lost), None, None, True)
    assert (plan.session.entry, plan.session.service) == ("lost", "loss-report")


def test_asked_where_from_a_known_place_the_outlets_are_looked_for_at_once(lost: Entry) -> None:
    plan = asked(Wish(asks_where=True), Answer(lost), "replace", place="重庆市渝中区")
    assert plan.search
    assert (plan.search.place, plan.search.service) == ("重庆市渝中区", "replacement")


@pytest.mark.parametrize(
    ("wish", "asks"),
    [
        (Wish(asks_where=True), AskWhere()),
        (Wish(asks_where=True, place=found(CHONGQING)), AskWhere("重庆市")),
        (Wish(asks_where=True, place=Unclear((SHAPINGBA, JIANGYANG))), WhichPlace((SHAPINGBA, JIANGYANG))),
        (
            Wish(asks_where=True, place=Unclear((CHONGQING, place("泸州市", "泸州市", Level.CITY)))),
            AskWhere(),
        ),
        (Wish(asks_where=True, place=Unclear((SHAPINGBA,) * 9)), AskWhere("重庆市")),
        (Wish(asks_where=True, place=Unknown(Unfound.OUTSIDE)), NoPlace(Unknown(Unfound.OUTSIDE))),
        # nobody asked where: it is only offered
        (Wish(place=found(CHONGQING)), None),
        (Wish(place=Unclear((SHAPINGBA, JIANGYANG))), None),
        (Wish(place=Unknown(Unfound.OUTSIDE)), None),
    ],
)
def test_what_has_to_be_asked_first_is_asked(lost: Entry, wish: Wish, asks: object) -> None:
    plan = asked(wish, Answer(lost))
    assert isinstance(plan.decision, Answer)
    assert (plan.decision.entry, plan.asks, plan.search) == (lost, asks, None)
    assert plan.offers_find == (asks is None)


def test_a_place_that_is_named_is_measured_from_and_kept(lost: Entry) -> None:
    plan = asked(Wish(place=found(SHAPINGBA)), Answer(lost), lat=28.89, lon=105.44)
    assert plan.search
    assert (plan.search.place, plan.search.point) == ("重庆市沙坪坝区", None)
    assert (plan.session.place, plan.session.lat, plan.session.lon) == ("重庆市沙坪坝区", None, None)


def test_a_question_without_an_answer_looks_for_nothing_but_keeps_the_place() -> None:
    plan = asked(Wish(place=found(SHAPINGBA), asks_where=True), Decline(Why.ELSEWHERE))
    assert (plan.search, plan.asks, plan.session.place) == (None, None, "重庆市沙坪坝区")


def test_asked_where_the_outlets_themselves_are_no_choice(adviser: Adviser, lost: Entry) -> None:
    entries = adviser.knowledge.entries
    outlets, fee = entries["outlets"], entries["fee"]
    where = Wish(asks_where=True)
    assert asked(where, Clarify((outlets, lost))).decision == Answer(lost)
    assert asked(where, Clarify((outlets, lost, fee))).decision == Clarify((lost, fee))
    assert asked(Wish(), Clarify((outlets, lost))).decision == Clarify((outlets, lost))


@pytest.mark.parametrize(
    ("meanings", "before", "service"),
    [
        ((), {}, "loss-report"),
        (("replace",), {}, "replacement"),
        (("activate",), {}, "loss-report"),  # not what this answer is about
        ((), {"entry": "lost", "service": "replacement"}, "replacement"),
        (("report",), {"entry": "lost", "service": "replacement"}, "loss-report"),
        ((), {"entry": "lost", "service": "activation"}, "loss-report"),
        ((), {"entry": "fee", "service": "replacement"}, "loss-report"),
    ],
)
def test_the_service_is_the_one_named_or_the_one_before_of_the_same_answer_or_the_first(
    lost: Entry, meanings: tuple[str, ...], before: dict[str, str], service: str
) -> None:
    assert asked(Wish(), Answer(lost), *meanings, **before).session.service == service


def test_small_talk_changes_nothing_of_what_was_spoken_of(adviser: Adviser) -> None:
    thanks = adviser.knowledge.entries["thanks"]
    before = session(entry="lost", service="replacement", region="sichuan", place="泸州市江阳区")
    plan = plan_question(said("谢谢"), Wish(), Answer(thanks), (), before)
    assert plan == Plan(before, Answer(thanks))


# -- no question: the one before goes on --


def test_a_bare_place_looks_for_the_service_of_before(lost: Entry) -> None:
    plan = asked(
        Wish(place=found(JIANGYANG), is_bare=True), Answer(lost), entry="lost", service="replacement"
    )
    assert plan.decision is None
    assert plan.search
    assert (plan.search.place, plan.search.service) == ("泸州市江阳区", "replacement")


def test_a_bare_time_is_kept_until_there_is_a_place() -> None:
    wish = Wish(when=at(50)._replace(hour_named=False), is_bare=True)
    plan = asked(wish, Decline(Why.UNSURE), service="replacement")
    assert plan.asks == AskWhere()
    later = asked(
        Wish(place=found(SHAPINGBA), is_bare=True), Decline(Why.UNSURE), open_at=plan.session.open_at
    )
    assert later.search
    assert later.search.open_at == WEDNESDAY + timedelta(hours=50)


def test_an_hour_that_is_ours_is_said_to_be() -> None:
    for named in (True, False):
        wish = Wish(when=at(50)._replace(hour_named=named), is_bare=True)
        assert asked(wish, Decline(Why.UNSURE), place="重庆市渝中区").hour_assumed != named


def test_a_time_that_is_only_told_of_is_not_looked_for(lost: Entry) -> None:
    plan = asked(Wish(when=at(5), place=found(SHAPINGBA)), Answer(lost))
    assert plan.search
    assert plan.search.open_at is None


def test_where_is_asked_beside_the_aspect_that_was_asked_for(lost: Entry) -> None:
    wish, told = Wish(asks_where=True, is_bare=True), Answer(lost, Aspect.CHANNEL)
    assert asked(wish, told).decision == told
    assert asked(wish, told, place="重庆市渝中区").decision is None  # the outlets say it better


# -- which region --


def test_the_region_is_asked_for_once(lost: Entry) -> None:
    first = asked(Wish(), Answer(lost))
    assert (first.asks_region, first.session.region) == (True, EITHER)
    again = plan_question(said("…"), Wish(), Answer(lost), (), first.session)
    assert (again.asks_region, again.decision) == (False, Answer(lost))


def test_without_regional_rules_it_is_never_asked_for(adviser: Adviser) -> None:
    for entry in adviser.knowledge.entries.values():
        plan = asked(Wish(), Answer(entry))
        assert plan.asks_region == bool(entry.regions)
        assert (plan.session.region == EITHER) == bool(entry.regions)


@pytest.mark.parametrize(
    ("named", "before", "there", "region"),
    [
        (Region.SICHUAN, "chongqing", SHAPINGBA, "sichuan"),
        (Region.SICHUAN, "", SHAPINGBA, "sichuan"),
        (None, "chongqing", JIANGYANG, "chongqing"),
        (None, EITHER, JIANGYANG, "sichuan"),
        (None, "", SHAPINGBA, "chongqing"),
        (None, "", CHONGQING, "chongqing"),
    ],
)
def test_the_region_is_the_one_named_or_the_one_known_or_that_of_the_place(
    lost: Entry, named: Region | None, before: str, there: Place, region: str
) -> None:
    plan = asked(Wish(place=found(there)), Answer(lost, None, named), region=before)
    assert plan.session.region == region
    assert plan.decision == Answer(lost, None, Region(region))


def test_places_in_two_regions_tell_none() -> None:
    wish = Wish(place=Unclear((SHAPINGBA, JIANGYANG)), is_bare=True)
    assert asked(wish, Decline(Why.UNSURE)).session.region == ""
    both = Wish(place=Unclear((SHAPINGBA, SHAPINGBA)), is_bare=True)
    assert asked(both, Decline(Why.UNSURE)).session.region == "chongqing"


def test_a_bare_city_is_the_region_only_while_that_is_asked_for(lost: Entry) -> None:
    wish, told = Wish(place=found(CHONGQING), is_bare=True), Answer(lost, None, Region.CHONGQING)
    plan = asked(wish, told, choices=REGIONS_ASKED, region=EITHER, entry="lost")
    assert (plan.decision, plan.asks, plan.offers_find) == (told, None, True)
    for choices in ((), REGIONS_ASKED[:1], ("city:重庆市", "city:泸州市")):
        assert asked(wish, told, choices=choices, entry="lost").asks == AskWhere("重庆市")
    assert asked(wish._replace(asks_where=True), told, choices=REGIONS_ASKED).asks == AskWhere("重庆市")


# -- a position --


def test_a_shared_position_is_measured_from_exactly_and_kept_roughly() -> None:
    plan = plan_shared(said(), HERE, session(place="重庆市渝中区", service="activation"))
    assert plan.search
    assert (plan.search.point, plan.search.place, plan.search.service) == (HERE, "", "activation")
    assert (plan.session.lat, plan.session.lon, plan.session.place) == (28.89, 105.44, "")
    again = asked(Wish(when=at(5), is_bare=True), Decline(Why.UNSURE), lat=28.89, lon=105.44)
    assert again.search
    assert again.search.point == Point(28.89, 105.44)


# -- what is over --


@given(st.integers(-10_000, 10_000))
def test_no_search_is_for_a_time_that_is_over(adviser: Adviser, minutes: int) -> None:
    """However it comes about. Who wanted to go within the last hour goes now."""
    asked_for = WEDNESDAY + timedelta(minutes=minutes)
    known: dict[str, Any] = {"open_at": asked_for, "place": "重庆市渝中区", "service": "activation"}
    plans = [
        asked(Wish(is_bare=True, asks_where=True), Decline(Why.UNSURE), **known),
        plan_shared(said(), HERE, session(**known)),
        *(
            pressed(adviser, *pick, **known)
            for pick in ((Kind.FIND,), (Kind.MORE, "3"), (Kind.ENTRY, "lost"))
        ),
    ]
    for plan in plans:
        assert plan.search
        assert plan.search.open_at == expected(asked_for)
        assert plan.session.open_at == (asked_for if expected(asked_for) else None)


def expected(asked_for: datetime) -> datetime | None:
    return None if asked_for < WEDNESDAY - timedelta(hours=1) else max(asked_for, WEDNESDAY)


# -- a button --


def test_another_answer_looks_for_its_service_where_that_is_another_one(adviser: Adviser) -> None:
    placed: dict[str, Any] = {"place": "重庆市渝中区", "service": "loss-report"}
    plan = pressed(adviser, Kind.ENTRY, "replace-lost", **placed)
    assert plan.search
    assert plan.search.service == "replacement"
    assert pressed(adviser, Kind.ENTRY, "loss-report", **placed).search is None
    assert pressed(adviser, Kind.ENTRY, "replace-lost").offers_find


def test_a_region_is_told_of_the_last_answer(adviser: Adviser, lost: Entry) -> None:
    plan = pressed(adviser, Kind.REGION, "sichuan", entry="lost", region="chongqing")
    assert plan.decision == Answer(lost, None, Region.SICHUAN)
    assert pressed(adviser, Kind.REGION, "sichuan").session.region == "sichuan"


def test_a_place_is_measured_from_and_a_city_asked_about(adviser: Adviser) -> None:
    before: dict[str, Any] = {"place": "泸州市合江县", "service": "activation"}
    plan = pressed(adviser, Kind.PLACE, "重庆市沙坪坝区", Wish(place=found(SHAPINGBA)), **before)
    assert plan.search
    assert (plan.search.place, plan.search.service, plan.session.region) == (
        *("重庆市沙坪坝区", "activation", "chongqing"),
    )
    city = pressed(adviser, Kind.PLACE, "重庆市", Wish(place=found(CHONGQING)), **before)
    assert (city.search, city.asks) == (None, AskWhere("重庆市"))


@pytest.mark.parametrize("value", ["", "0", "3", "29"])
def test_more_goes_on_behind_what_was_shown(adviser: Adviser, value: str) -> None:
    plan = pressed(adviser, Kind.MORE, value, place="重庆市渝中区")
    assert plan.search
    assert plan.search.skipped == int(value or 0)
    assert pressed(adviser, Kind.MORE, value).asks == AskWhere()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((Kind.MORE, value) for value in (str(MOST_SHOWN), "9" * 200, "-1", "x", "²", "３", " 3", "1e1")),
        *((Kind.REGION, value) for value in ("", "either", "beijing")),
        *(
            (Kind.FIND, "dance"),
            (Kind.LANGUAGE, "fr"),
            (Kind.HERE, ""),
            (Kind.FORGET, ""),
        ),
    ],
)
def test_what_was_never_on_offer_is_no_button(adviser: Adviser, kind: Kind, value: str) -> None:
    with pytest.raises(NoSuchButton):
        pressed(adviser, kind, value, place="重庆市渝中区")


@pytest.mark.parametrize(
    ("kind", "value"), [(Kind.ENTRY, "gone"), (Kind.PLACE, "亚特兰蒂斯"), (Kind.CITY, "成都市")]
)
def test_what_is_known_no_more_is_stale(adviser: Adviser, kind: Kind, value: str) -> None:
    with pytest.raises(Stale):
        pressed(adviser, kind, value)


def test_a_language_that_is_not_named_is_asked_for(adviser: Adviser) -> None:
    assert pressed(adviser, Kind.LANGUAGE, "", entry="lost") == Plan(
        session(entry="lost"), asks=WhichLanguage()
    )


def test_a_language_is_kept_and_nothing_else_changes(adviser: Adviser) -> None:
    plan = pressed(adviser, Kind.LANGUAGE, "zh-Hant", entry="lost", place="重庆市渝中区")
    before = session(entry="lost", place="重庆市渝中区")
    assert plan == Plan(replace(before, language="zh-Hant"), speaks=True)
