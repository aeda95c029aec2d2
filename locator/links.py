"""Hand-off links to map apps, each in its own datum.

Law: only a door known to its building or street gets a pin. For one known to its town or district the app searches
the address by name, near there: a false pin would send somebody to the wrong door.

Datums: 高德, 腾讯, Apple and Google draw mainland China in GCJ-02, 百度 in BD-09.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from locator.datum import Datum, from_wgs84
from locator.model import Name, Outlet, Point, Precision

_CALLER = "luyu-card"


@dataclass(frozen=True, slots=True)
class Link:
    app: str
    name: Name
    url: str


def map_links(outlet: Outlet) -> tuple[Link, ...]:
    """One link an app, in the order most people here have them."""
    return _links(
        _Door(outlet.name.zh, outlet.city, outlet.district, outlet.address, outlet.point, outlet.precision)
    )


class _Door(NamedTuple):
    """What links depend on."""

    name: str
    city: str
    district: str
    address: str
    point: Point
    precision: Precision


@lru_cache(maxsize=4_096)
def _links(door: _Door) -> tuple[Link, ...]:
    gcj = from_wgs84(door.point.lat, door.point.lon, Datum.GCJ02)
    bd = from_wgs84(door.point.lat, door.point.lon, Datum.BD09)
    make = _pins if door.precision.is_exact else _searches
    urls = make(door, gcj, bd)
    return tuple(Link(app, _NAMES[app], url) for app, url in urls.items())


_NAMES = {
    "amap": Name("高德", "Amap"),
    "baidu": Name("百度", "Baidu"),
    "tencent": Name("腾讯", "Tencent"),
    "apple": Name("苹果", "Apple"),
    "google": Name("谷歌", "Google"),
}

_Degrees = tuple[float, float]  # latitude, longitude


def _pins(door: _Door, gcj: _Degrees, bd: _Degrees) -> dict[str, str]:
    name, address = door.name, door.address
    amap = {"position": _lon_lat(gcj), "name": name, "src": _CALLER, "coordinate": "gaode", "callnative": "1"}
    baidu = {
        "location": _lat_lon(bd),
        "title": name,
        "content": address,
        "output": "html",
        "coord_type": "bd09ll",
    }
    tencent = {"marker": f"coord:{_lat_lon(gcj)};title:{name};addr:{address}", "referer": _CALLER}
    return {
        "amap": _url("https://uri.amap.com/marker", amap),
        "baidu": _url("https://api.map.baidu.com/marker", {**baidu, "src": _CALLER}),
        "tencent": _url("https://apis.map.qq.com/uri/v1/marker", tencent),
        "apple": _url("https://maps.apple.com/", {"ll": _lat_lon(gcj), "q": name}),
        "google": _url("https://www.google.com/maps/search/", {"api": "1", "query": _lat_lon(gcj)}),
    }


def _searches(door: _Door, gcj: _Degrees, bd: _Degrees) -> dict[str, str]:
    wanted = f"{door.city}{door.district}{door.address}"
    amap = {
        "keyword": wanted,
        "center": _lon_lat(gcj),
        "city": door.city,
        "coordinate": "gaode",
        "src": _CALLER,
    }
    tencent = {"keyword": wanted, "region": door.city, "referer": _CALLER}
    baidu = {
        "query": wanted,
        "location": _lat_lon(bd),
        "radius": "20000",
        "output": "html",
        "coord_type": "bd09ll",
    }
    return {
        "amap": _url("https://uri.amap.com/search", amap),
        "baidu": _url("https://api.map.baidu.com/place/search", {**baidu, "src": _CALLER}),
        "tencent": _url("https://apis.map.qq.com/uri/v1/search", tencent),
        "apple": _url("https://maps.apple.com/", {"q": wanted, "sll": _lat_lon(gcj)}),
        "google": _url("https://www.google.com/maps/search/", {"api": "1", "query": wanted}),
    }


def _url(base: str, fields: dict[str, str]) -> str:
    return f"{base}?{urlencode(fields)}"


def _lat_lon(position: _Degrees) -> str:
    return f"{position[0]:.6f},{position[1]:.6f}"


def _lon_lat(position: _Degrees) -> str:
    return f"{position[1]:.6f},{position[0]:.6f}"
