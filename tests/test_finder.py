"""What a Query finds, in which order, and what it says when it finds nothing."""

import random
from datetime import datetime
from itertools import product

import pytest
import shapely

from locator.hours import OpeningState, opening, read_hours
from locator.model import (
    Filter,
    Found,
    KnownBy,
    Located,
    Nearest,
    NoAnswer,
    Offer,
    Outlet,
    Point,
    Precision,
    Query,
    Service,
    Status,
    Unclear,
    Unknown,
    Why,
)
from locator.nearest import geodesic_m
from tests.doors import (
    CALENDAR,
    EARLY_HOURS,
    GAZETTEER,
    NATIONAL_DAY,
    OFFICE_HOURS,
    SATURDAY_WORKED,
    door,
    finder,
    gap,
    town,
)

HERE = Point(29.5437, 106.4529)  # 沙坪坝
NEAR, FAR, FARTHER = (29.55, 106.46), (29.7, 106.6), (30.5, 107.5)


def found(outlets: list[Outlet], query: Query) -> Nearest:
    result = finder(outlets).find(query)
    assert isinstance(result, Nearest)
    return result


def ids(result: Nearest) -> list[str]:
    return [hit.outlet.id for hit in result.hits]


def ask(
    at: datetime = SATURDAY_WORKED, *, limit: int = 5, radius_m: float | None = None, **wanted: object
) -> Query:
    return Query(at=at, point=HERE, filter=Filter(**wanted), limit=limit, radius_m=radius_m)  # type: ignore[arg-type]


def point_of(text: str) -> Point:
    named = GAZETTEER.find(text)
    assert isinstance(named, Found)
    assert named.place.point
    return named.place.point


def slow_way(outlets: list[Outlet], query: Query) -> list[tuple[str, float]]:
    """Every outlet measured, everything sorted: what is known to fit, then what only may, each by distance."""
    wanted, ranked = query.filter, []
    for outlet in outlets:
        doubt = [0, 0]
        if wanted.service:
            doubt[0] = [Offer.YES, Offer.UNKNOWN, Offer.NO].index(outlet.offers(wanted.service))
        if wanted.open_at:
            doubt[1] = openness(outlet, wanted.open_at)
        fits = 2 not in doubt and wanted.district in ("", outlet.district)
        metres = geodesic_m(HERE, outlet.point)
        if (
            fits
            and (not wanted.statuses or outlet.status in wanted.statuses)
            and metres <= (query.radius_m or 1e9)
        ):
            ranked.append((doubt, metres, outlet.id))
    return [(outlet_id, metres) for _, metres, outlet_id in sorted(ranked)][: query.limit]


def openness(outlet: Outlet, at: datetime) -> int:
    if not outlet.hours:
        return 1
    state = opening(read_hours(outlet.hours), at, CALENDAR).state
    return {OpeningState.OPEN: 0, OpeningState.CLOSES_SOON: 0, OpeningState.UNKNOWN: 1}.get(state, 2)


@pytest.mark.parametrize("seed", range(6))
def test_every_filter_and_all_of_them_together_agree_with_the_slow_way(seed: int) -> None:
    dice = random.Random(seed)
    outlets = town(300, seed)
    search = finder(outlets)
    services = [None, Service.ACTIVATION, Service.LOSS_REPORT]
    statuses = [frozenset[Status](), frozenset({Status.OFFICIAL})]
    for service, which, district, open_at in product(
        services, statuses, ["", "江津区"], [None, SATURDAY_WORKED, NATIONAL_DAY]
    ):
        query = ask(
            service=service,
            statuses=which,
            district=district,
            open_at=open_at,
            limit=dice.choice([1, 5, 50]),
            radius_m=dice.choice([None, 60_000, 200_000]),
        )
        result = search.find(query)
        assert isinstance(result, Nearest)
        assert [(hit.outlet.id, hit.metres) for hit in result.hits] == slow_way(outlets, query)


def test_an_outlet_that_surely_does_it_comes_before_a_nearer_one_that_only_may() -> None:
    outlets = [
        door(1, *NEAR),
        door(2, *FAR, services={Service.ACTIVATION: Offer.YES}),
        door(3, *NEAR, services={Service.ACTIVATION: Offer.NO}),
    ]
    result = found(outlets, ask(service=Service.ACTIVATION))
    assert [(hit.outlet.id, hit.offer) for hit in result.hits] == [
        ("door-000002", Offer.YES),
        ("door-000001", Offer.UNKNOWN),
    ]


def test_on_a_worked_saturday_the_office_is_open_and_on_national_day_it_is_not() -> None:
    outlets = [door(1, *NEAR, hours=OFFICE_HOURS), door(2, *FAR, hours=EARLY_HOURS)]
    assert ids(found(outlets, ask(open_at=SATURDAY_WORKED))) == ["door-000001"]
    assert ids(found(outlets, ask(open_at=NATIONAL_DAY))) == []


def test_unknown_hours_come_after_open_doors_and_closed_doors_not_at_all() -> None:
    outlets = [door(1, *NEAR), door(2, *FAR, hours=OFFICE_HOURS), door(3, *FARTHER, hours=EARLY_HOURS)]
    result = found(outlets, ask(open_at=SATURDAY_WORKED))
    assert ids(result) == ["door-000002", "door-000001"]
    assert [hit.opening.state for hit in result.hits] == [OpeningState.OPEN, OpeningState.UNKNOWN]


def test_open_states_are_told_for_the_time_asked() -> None:
    closing = SATURDAY_WORKED.replace(hour=16, minute=45)
    (hit,) = found([door(1, *NEAR, hours=OFFICE_HOURS)], ask(at=closing)).hits
    assert hit.opening.state is OpeningState.CLOSES_SOON


def test_whether_it_is_open_is_told_for_the_time_filtered_by() -> None:
    (hit,) = found([door(1, *NEAR, hours=OFFICE_HOURS)], ask(at=NATIONAL_DAY, open_at=SATURDAY_WORKED)).hits
    assert hit.opening.state is OpeningState.OPEN


def test_outlets_at_the_same_point_come_in_the_order_of_their_ids() -> None:
    outlets = [door(number, *NEAR) for number in (5, 3, 9, 1)]
    assert ids(found(outlets, ask())) == ["door-000001", "door-000003", "door-000005", "door-000009"]


def test_a_named_district_brings_its_gap_along() -> None:
    search = finder([door(1, *FAR, district="北碚区")], [gap("沙坪坝区")])
    result = search.find(Query(at=SATURDAY_WORKED, text="沙坪坝区"))
    assert isinstance(result, Nearest)
    assert result.gap is not None
    assert result.gap.district == "沙坪坝区"
    assert result.origin.known_by is KnownBy.NAMED
    assert result.origin.precision is Precision.DISTRICT


def test_a_shared_position_among_the_towns_of_one_district_brings_its_gap_along() -> None:
    search = finder([door(1, *FAR)], [gap("城口县")])
    result = search.find(Query(at=SATURDAY_WORKED, point=Point(31.95, 108.66)))
    assert isinstance(result, Nearest)
    assert result.gap is not None
    assert result.gap.district == "城口县"
    assert result.origin.name is None


def test_a_shared_position_between_two_districts_is_in_neither_as_far_as_we_know() -> None:
    """On the river between 石宝 in 忠县 and 西沱 in 石柱: the two nearest towns disagree."""
    one, other = (point_of("忠县石宝镇"), point_of("西沱镇"))
    middle = Point((one.lat + other.lat) / 2, (one.lon + other.lon) / 2)
    result = finder([door(1, *FAR)], [gap("忠县"), gap("石柱土家族自治县")]).find(
        Query(at=SATURDAY_WORKED, point=middle)
    )
    assert isinstance(result, Nearest)
    assert (result.origin.district, result.gap) == ("", None)


def test_a_shared_position_far_from_every_town_is_in_no_district_we_could_name() -> None:
    result = finder([door(1, *FAR)], [gap("城口县")]).find(
        Query(at=SATURDAY_WORKED, point=Point(39.9, 116.4))
    )
    assert isinstance(result, Nearest)
    assert result.origin.district == ""
    assert result.gap is None


def test_a_name_of_several_towns_gives_choices() -> None:
    result = finder([door(1, *NEAR)]).find(Query(at=SATURDAY_WORKED, text="太平镇"))
    assert isinstance(result, Unclear)
    assert len(result.places) > 1


@pytest.mark.parametrize(("city", "count"), [("重庆市", 38), ("泸州", 7)])
def test_a_city_alone_gives_its_districts_to_choose_from(city: str, count: int) -> None:
    """37 districts and counties of Chongqing and 重庆高新区; 7 of Luzhou."""
    result = finder([door(1, *NEAR)]).find(Query(at=SATURDAY_WORKED, text=city))
    assert isinstance(result, Unclear)
    assert len(result.places) == count


@pytest.mark.parametrize(
    ("text", "why"), [("成都", Why.OUTSIDE), ("qqqqqqqq", Why.NO_SUCH_PLACE), ("重庆高新区", Why.NO_POINT)]
)
def test_what_cannot_be_found_says_why(text: str, why: Why) -> None:
    result = finder([door(1, *NEAR)], [gap("重庆高新区")]).find(Query(at=SATURDAY_WORKED, text=text))
    assert isinstance(result, Unknown)
    assert result.why is why
    assert (result.gap is not None) is (why is Why.NO_POINT)


def test_an_outlet_is_found_by_its_name() -> None:
    result = finder([door(1, *NEAR, name="石碾盘社保服务厅")]).find(
        Query(at=SATURDAY_WORKED, text="石碾盘社保服务厅")
    )
    assert isinstance(result, Nearest)
    assert result.hits[0].metres == 0


def test_a_list_can_be_cut_to_an_area_and_keeps_the_order_of_ids() -> None:
    outlets = [door(3, *NEAR), door(1, *NEAR), door(2, *FARTHER)]
    listed = finder(outlets).listed(Filter(), shapely.box(106, 29, 107, 30))
    assert [outlet.id for outlet in listed] == ["door-000001", "door-000003"]


def test_with_no_outlets_at_all_nothing_is_found_and_nothing_breaks() -> None:
    assert found([], ask(service=Service.ACTIVATION, open_at=SATURDAY_WORKED)).hits == ()


class Geocoder:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self, answer: Located | NoAnswer) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def locate(self, address: str) -> Located | NoAnswer:
        self.asked.append(address)
        return self.answer


HALF_KNOWN = "石碾盘19号"


def test_an_outside_geocoder_is_asked_only_when_the_person_agreed_and_we_know_nothing() -> None:
    geocoder = Geocoder(Located(HERE, "新桥正街"))
    search = finder([door(1, *NEAR)], geocoder=geocoder)
    search.find(Query(at=SATURDAY_WORKED, text=HALF_KNOWN))
    search.find(Query(at=SATURDAY_WORKED, text="沙坪坝区", use_geocoder=True))
    search.find(Query(at=SATURDAY_WORKED, text="太平镇", use_geocoder=True))
    assert geocoder.asked == []
    result = search.find(Query(at=SATURDAY_WORKED, text=HALF_KNOWN, use_geocoder=True))
    assert geocoder.asked == [HALF_KNOWN]
    assert isinstance(result, Nearest)
    assert (result.origin.known_by, result.origin.precision) == (KnownBy.GEOCODED, Precision.TOWN)


@pytest.mark.parametrize("answer", NoAnswer)
def test_a_geocoder_that_has_no_answer_is_told_as_such(answer: NoAnswer) -> None:
    search = finder([door(1, *NEAR)], geocoder=Geocoder(answer))
    result = search.find(Query(at=SATURDAY_WORKED, text=HALF_KNOWN, use_geocoder=True))
    assert isinstance(result, Unknown)
    said = {NoAnswer.OUTSIDE: Why.OUTSIDE, NoAnswer.NOT_FOUND: Why.NO_SUCH_PLACE}
    assert result.why is said.get(answer, Why.GEOCODER_FAILED)
