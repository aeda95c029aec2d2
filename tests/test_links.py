"""Hand-off links: each app gets the position in its own datum, and no false pin."""

from urllib.parse import parse_qs, urlsplit

import pytest

from locator.datum import Datum, to_wgs84
from locator.links import map_links
from locator.model import Point, Precision
from locator.nearest import geodesic_m
from tests.doors import door

HERE = Point(29.543736, 106.452904)


def fields(app: str, precision: Precision) -> dict[str, str]:
    links = {link.app: link.url for link in map_links(door(1, HERE.lat, HERE.lon, precision=precision))}
    return {name: values[0] for name, values in parse_qs(urlsplit(links[app]).query).items()}


@pytest.mark.parametrize(
    ("app", "field", "datum", "lat_first"),
    [
        ("amap", "position", Datum.GCJ02, False),
        ("baidu", "location", Datum.BD09, True),
        ("tencent", "marker", Datum.GCJ02, True),
        ("apple", "ll", Datum.GCJ02, True),
        ("google", "query", Datum.GCJ02, True),
    ],
)
def test_a_pin_lies_within_a_metre_of_the_door_in_the_datum_of_the_app(
    app: str, field: str, datum: Datum, *, lat_first: bool
) -> None:
    text = fields(app, Precision.BUILDING)[field].removeprefix("coord:").partition(";")[0]
    first, second = map(float, text.split(","))
    lat, lon = (first, second) if lat_first else (second, first)
    assert geodesic_m(Point(*to_wgs84(lat, lon, datum)), HERE) < 1
    assert geodesic_m(Point(lat, lon), HERE) > 100, (
        "the negative control: unshifted, it would be the wrong door"
    )


@pytest.mark.parametrize("precision", [Precision.TOWN, Precision.DISTRICT])
@pytest.mark.parametrize(
    ("app", "field"),
    [("amap", "keyword"), ("baidu", "query"), ("tencent", "keyword"), ("apple", "q"), ("google", "query")],
)
def test_a_door_known_only_roughly_is_searched_by_its_address(
    app: str, field: str, precision: Precision
) -> None:
    given = fields(app, precision)
    assert given[field] == "重庆市沙坪坝区测试路1号"
    assert {"position", "marker", "ll"}.isdisjoint(given)
