"""The nearest outlets for a conversation: which, in what order, how many at a time, and how exactly they are told."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.button import Stale
from bot.nearby import Nearby
from bot.spots import MOST_SHOWN, SHOWN, Search, Spots, full_name
from locator.guide import make_live
from locator.hours import OpeningState
from locator.live import Live
from locator.model import Found, Level, Offer, Outlet, Point, Service, Unclear, Unknown, Why
from locator.places import LONGEST_TEXT
from locator.settings import Settings
from locator.wording import is_exact
from tests.doors import EARLY_HOURS, GAZETTEER, OFFICE_HOURS, door, guide
from tests.visitors import WEDNESDAY

HERE = Point(29.5, 106.5)


def nearby(outlets: Iterable[Outlet]) -> Nearby:
    made = guide(outlets)
    return Nearby(Live(Settings().outlets, GAZETTEER.units, lambda _: made))


def found(known: Nearby, search: Search) -> Spots:
    spots = known.find(search)
    assert isinstance(spots, Spots)
    return spots


def numbers(spots: Spots) -> list[int]:
    return [int(hit.outlet.id.removeprefix("door-")) for hit in spots.result.hits]


def row(count: int) -> list[Outlet]:
    """Doors to the north, one behind the other."""
    return [door(number, 29.5 + number / 100, 106.5) for number in range(count)]


@given(st.integers(0, MOST_SHOWN + 10))
@settings(max_examples=50)
def test_page_by_page_every_outlet_is_shown_once_the_nearest_first(count: int) -> None:
    known = nearby(row(count))
    seen: list[int] = []
    is_last = False
    while not is_last:
        spots = found(known, Search(WEDNESDAY, point=HERE, skipped=len(seen)))
        assert spots.skipped == len(seen)
        assert len(spots.result.hits) == SHOWN or spots.is_last
        seen += numbers(spots)
        is_last = spots.is_last
    assert seen == list(range(min(count, MOST_SHOWN)))


def test_behind_the_last_outlet_there_is_nothing_and_no_more() -> None:
    spots = found(nearby(row(2)), Search(WEDNESDAY, point=HERE, skipped=3))
    assert (spots.result.hits, spots.is_last) == ((), True)


def test_those_known_to_do_it_come_first_and_those_known_not_to_do_not_come() -> None:
    offers = [Offer.NO, Offer.UNKNOWN, Offer.YES]
    doors = [
        door(number, 29.5 + number / 100, 106.5, services={Service.REPLACEMENT: offer})
        for number, offer in enumerate(offers)
    ]
    assert numbers(found(nearby(doors), Search(WEDNESDAY, Service.REPLACEMENT, point=HERE))) == [2, 1]
    assert numbers(found(nearby(doors), Search(WEDNESDAY, point=HERE))) == [0, 1, 2]


def test_the_opening_state_is_that_of_the_time_asked_for() -> None:
    doors = [
        door(number, 29.5 + number / 100, 106.5, hours=hours)
        for number, hours in enumerate([EARLY_HOURS, "", OFFICE_HOURS])
    ]
    known = nearby(doors)
    now = found(known, Search(WEDNESDAY, point=HERE)).result.hits
    assert [hit.opening.state for hit in now] == [
        OpeningState.OPENS_LATER,
        OpeningState.UNKNOWN,
        OpeningState.OPEN,
    ]
    tomorrow = WEDNESDAY + timedelta(days=1)
    assert numbers(found(known, Search(WEDNESDAY, point=HERE, open_at=tomorrow))) == [2, 1]
    early = tomorrow.replace(hour=8)
    assert numbers(found(known, Search(WEDNESDAY, point=HERE, open_at=early))) == [0, 1]


def test_a_position_that_is_shared_is_told_roughly_and_a_place_as_it_is_known() -> None:
    known = nearby(row(3))
    shared = found(known, Search(WEDNESDAY, point=HERE)).result
    assert not any(is_exact(hit, shared.origin) for hit in shared.hits)
    there = found(known, Search(WEDNESDAY, place="重庆市沙坪坝区测试网点1")).result
    assert all(is_exact(hit, there.origin) for hit in there.hits)


@pytest.mark.parametrize(
    ("place", "kind"),
    [("太平镇", Unclear), ("亚特兰蒂斯", Unknown), ("成都", Unknown), ("重庆高新区", Unknown)],
)
def test_without_one_place_to_measure_from_nothing_is_found(place: str, kind: type[object]) -> None:
    assert isinstance(nearby(row(3)).find(Search(WEDNESDAY, place=place)), kind)


def test_a_text_longer_than_any_place_is_none() -> None:
    assert nearby([]).place("坝" * (LONGEST_TEXT + 1)) == Unknown(Why.NO_SUCH_PLACE)
    assert nearby([]).place("沙坪坝\x00") == Unknown(Why.NO_SUCH_PLACE)


def test_both_cities_have_their_districts_and_no_other_has() -> None:
    known = nearby([])
    cities = [city.name.zh for city in known.cities()]
    assert cities == ["重庆市", "泸州市"]
    assert [len(known.districts(city)) for city in cities] == [38, 7]
    for other in ("成都市", "", "沙坪坝区"):
        with pytest.raises(Stale):
            known.districts(other)


def test_every_place_is_found_again_by_its_full_name() -> None:
    """So the button of a place that was offered leads to that place, and a conversation keeps it."""
    live = make_live(Settings())
    known = Nearby(live)
    places = live.value.finder.gazetteer.places
    assert {place.level for place in places} == set(Level)
    for place in places:
        again = known.place(full_name(place))
        assert isinstance(again, Found)
        assert (full_name(again.place), again.place.level) == (full_name(place), place.level)
