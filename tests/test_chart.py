"""What the maps draw: all that is known in a few bytes, and how far off a rough position may be."""

from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest
from flask.testing import FlaskClient

from locator.app import make_app
from locator.chart import TOWN_KM, reach_km, shifts
from locator.datum import Datum, from_wgs84
from locator.guide import make_live
from locator.language import CHINESE, ENGLISH, LANGUAGES, TRADITIONAL, Language
from locator.model import REGION, Gap, Level, Name, Outlet, Place, Point, Precision, Status
from locator.nearest import Index, geodesic_m
from locator.outlets import write_outlets
from locator.settings import Settings
from tests.doors import GAZETTEER, SATURDAY_WORKED, SOURCE, door

HALLS = [
    replace(door(1, 29.55, 106.45), id="shapingba-00000001"),
    door(2, 28.887654, 105.443219, precision=Precision.DISTRICT, district="江阳区", city="泸州市"),
    door(3, 29.56, 106.46, precision=Precision.TOWN, status=Status.UNCONFIRMED),
]
MISSING = Gap("gap-beibei", Name("北碚区", "Beibei District"), "重庆市", "北碚区", SOURCE)


def client_over(halls: list[Outlet], gaps: list[Gap], folder: Path) -> FlaskClient:
    path = folder / "outlets.geojson"
    path.write_bytes(write_outlets(halls, gaps))
    settings = Settings(outlets=path)
    return make_app(make_live(settings), settings, lambda: SATURDAY_WORKED).test_client()


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return client_over(HALLS, [MISSING], tmp_path)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_the_offline_map_names_the_districts_and_rivers_in_each_language(
    client: FlaskClient, language: Language
) -> None:
    named = client.get(f"/map/{language.code}/names.json").get_json()
    assert len(named["districts"]) == 44
    assert all(28 <= one["lat"] <= 32.3 and 105 <= one["lon"] <= 110.3 for one in named["districts"])
    wanted = {
        CHINESE: ("永川区", "长江"),
        TRADITIONAL: ("永川區", "長江"),
        ENGLISH: ("Yongchuan District", "Chang Jiang"),
    }
    district = next(one for one in named["districts"] if one["zh"] == "永川区")
    assert (district["name"], named["rivers"]["长江"]) == wanted[language]


def test_the_map_of_all_that_is_known_says_of_each_hall_how_well_it_is_known(client: FlaskClient) -> None:
    known = client.get("/map/zh-Hans/outlets.json").get_json()
    halls = known["outlets"]
    assert halls["id"] == ["door-000002", "door-000003", "shapingba-00000001"]
    assert halls["name"] == ["测试网点2", "测试网点3", "测试网点1"]
    assert (halls["lat"], halls["lon"]) == ([28.88765, 29.56, 29.55], [105.44322, 106.46, 106.45])
    assert (halls["precision"], halls["status"]) == ("dtb", "ouo")
    assert [halls["districts"][number] for number in halls["district"]] == ["江阳区", "沙坪坝区", "沙坪坝区"]


def test_a_gap_stands_at_its_district_and_has_no_address(client: FlaskClient) -> None:
    (gap,) = client.get("/map/en/outlets.json").get_json()["gaps"]
    beibei = next(place for place in GAZETTEER.places if place.name.zh == "北碚区")
    assert gap.keys() == {"id", "name", "lat", "lon"}
    assert (gap["id"], gap["name"]) == ("gap-beibei", "Beibei District")
    assert beibei.point
    assert geodesic_m(Point(gap["lat"], gap["lon"]), beibei.point) < 2


def test_the_bounds_hold_all_that_is_known_and_the_region_when_nothing_is(
    client: FlaskClient, tmp_path: Path
) -> None:
    known = client.get("/map/en/outlets.json").get_json()
    west, south, east, north = known["bounds"]
    for lat, lon in [*zip(known["outlets"]["lat"], known["outlets"]["lon"], strict=True), (29.8, 106.4)]:
        assert south - 1e-4 <= lat <= north + 1e-4
        assert west - 1e-4 <= lon <= east + 1e-4
    empty = client_over([], [], tmp_path).get("/map/en/outlets.json").get_json()
    assert empty["bounds"] == list(REGION)
    assert empty["outlets"]["id"] == []


def test_what_is_known_is_sent_again_only_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "outlets.geojson"
    path.write_bytes(write_outlets(HALLS, []))
    settings = Settings(outlets=path)
    live = make_live(settings)
    client = make_app(live, settings, lambda: SATURDAY_WORKED).test_client()
    first = client.get("/map/zh-Hans/outlets.json")
    assert "no-cache" in first.headers["Cache-Control"]
    asked = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/map/zh-Hans/outlets.json", headers=asked).status_code == 304
    path.write_bytes(write_outlets(HALLS[:2], []))
    assert live.look()
    again = client.get("/map/zh-Hans/outlets.json", headers=asked)
    assert again.status_code == 200
    assert len(again.get_json()["outlets"]["id"]) == 2


def test_many_halls_are_told_in_few_bytes(tmp_path: Path) -> None:
    halls = [door(number, 28 + number / 2_000, 105 + number % 100 / 50) for number in range(5_000)]
    answer = client_over(halls, [], tmp_path).get(
        "/map/zh-Hans/outlets.json", headers={"Accept-Encoding": "br"}
    )
    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.data) < 75_000


# -- how far off --


def towns() -> list[Place]:
    return [
        place
        for place in GAZETTEER.places
        if place.level is Level.TOWN and place.precision is Precision.TOWN and place.point
    ]


def test_a_town_reaches_half_as_far_as_its_neighbour_lies() -> None:
    points = [place.point for place in towns() if place.point]
    index = Index([point.lat for point in points], [point.lon for point in points])
    apart = [index.nearest(point, 2)[1][0] for point in points]
    assert abs(median(apart) / 2000 - TOWN_KM) < 0.5


def test_half_of_the_towns_of_a_district_lie_in_its_area() -> None:
    reaches = reach_km(GAZETTEER.places)
    middles = {place.district: place.point for place in GAZETTEER.places if place.name.zh == place.district}
    judged = 0
    for district, km in reaches.items():
        middle = middles[district]
        away = [
            geodesic_m(middle, one.point)
            for one in towns()
            if one.district == district and one.point and middle
        ]
        if len(away) < 5:
            continue
        judged += 1
        assert sum(metres <= (km + 0.5) * 1000 for metres in away) >= len(away) / 2, district
        assert sum(metres < (km - 0.5) * 1000 for metres in away) <= len(away) / 2, district
    assert judged > 30


def test_a_district_of_which_few_towns_are_known_is_drawn_as_large_as_most() -> None:
    reaches = reach_km(GAZETTEER.places)
    assert reaches["叙永县"] == reaches["渝中区"] == round(median(reaches.values()))
    assert reaches["南岸区"] < 10
    assert reaches["酉阳土家族苗族自治县"] > 20


# -- tiles in another datum --


def test_the_net_tells_how_far_the_datum_moves_each_of_its_points() -> None:
    net = shifts(Datum.GCJ02)
    assert len(net["north"]) == len(net["east"]) == net["rows"] * net["columns"]
    for row, column in ((0, 0), (40, 30), (net["rows"] - 1, net["columns"] - 1)):
        lat, lon = net["south"] + row * net["step"], net["west"] + column * net["step"]
        at = row * net["columns"] + column
        moved = lat + net["north"][at] * 1e-5, lon + net["east"][at] * 1e-5
        assert geodesic_m(Point(*moved), Point(*from_wgs84(lat, lon, Datum.GCJ02))) < 1
        assert geodesic_m(Point(*moved), Point(lat, lon)) > 100
    assert REGION.holds(net["west"], net["south"])
    assert net["south"] + (net["rows"] - 1) * net["step"] >= REGION.north - 1e-9
    assert net["west"] + (net["columns"] - 1) * net["step"] >= REGION.east - 1e-9
