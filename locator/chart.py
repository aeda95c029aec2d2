"""What the maps draw: every outlet in a few bytes, the names on the offline map, and how far off a position may be.

Law: a position that is known only to its town or its district is drawn as an area, whose size comes from where the
towns lie. What changes with the outlets file is asked about each time; the rest may be kept for an hour.
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from statistics import median
from typing import Any, Final

import orjson
from flask import Blueprint, Response, request

from locator.datum import Datum, from_wgs84
from locator.files import guard
from locator.finder import Finder
from locator.guide import Guide
from locator.language import LANGUAGES, Language, language_of
from locator.live import Current
from locator.model import REGION, Box, Gap, Level, Name, Outlet, Place, Point, Precision
from locator.nearest import geodesic_m
from locator.places import Gazetteer
from locator.settings import DATA, Settings

Json = dict[str, Any]

# Neighbouring towns lie some 6 km apart, so that a town reaches half as far; a test counts.
TOWN_KM: Final = 3
_ENOUGH_TOWNS: Final = 5
_AN_HOUR: Final = "public, max-age=3600"
_STEP: Final = 0.05  # degrees: what lies between two points of the net is then read off within 3 m
_UNIT: Final = 1e-5  # degrees, of a shift


def make_chart(live: Current[Guide], settings: Settings) -> Blueprint:
    """`/map/…`: what the scripts of a map fetch."""
    chart = Blueprint("chart", __name__, url_prefix="/map")
    chart.after_request(guard(settings))

    @lru_cache(maxsize=len(LANGUAGES))
    def outlets_in(language: Language, _edition: str) -> bytes:
        return orjson.dumps(known(live.value.finder, language))

    @cache
    def names_in(language: Language) -> bytes:
        return orjson.dumps(names(live.value.finder.gazetteer, language))

    @chart.get("/<language>/outlets.json")
    def outlets(language: str) -> Response:
        """All that is known."""
        edition = live.value.finder.atlas.fingerprint
        answer = _json(outlets_in(language_of(language), edition), "public, no-cache")
        answer.add_etag()
        answer.make_conditional(request)
        return answer

    @chart.get("/<language>/names.json")
    def named(language: str) -> Response:
        """The names on the offline map, and how far a district reaches."""
        return _json(names_in(language_of(language)), _AN_HOUR)

    @chart.get("/shift.json")
    def shift() -> Response:
        """How far the datum of the tiles moves a position."""
        return _json(orjson.dumps(shifts(Datum(settings.tiles_datum))), _AN_HOUR)

    return chart


def _json(body: bytes, cached: str) -> Response:
    answer = Response(body, content_type="application/json")
    answer.headers["Cache-Control"] = cached
    return answer


# -- all that is known --


def known(finder: Finder, language: Language) -> Json:
    """The outlets in columns, WGS-84 to a metre; the gaps, each at its district; and the bounds of both, in degrees."""
    places = {place.district: place for place in _districts(finder.gazetteer)}
    gaps = [(gap, place, place.point) for gap in finder.atlas.gaps if (place := places[gap.district]).point]
    points = [*(outlet.point for outlet in finder.outlets), *(point for _, _, point in gaps if point)]
    return {
        "bounds": list(_bounds(points)),
        "outlets": _columns(finder.outlets, language),
        "gaps": [_gap(gap, place, point, language) for gap, place, point in gaps if point],
    }


def _columns(outlets: Iterable[Outlet], language: Language) -> Json:
    """One letter says how exactly a position is known, and one the status."""
    rows = list(outlets)
    districts = sorted({outlet.district for outlet in rows})
    number = {district: index for index, district in enumerate(districts)}
    return {
        "id": [outlet.id for outlet in rows],
        "name": [language.pick(outlet.name) for outlet in rows],
        "lat": [round(outlet.point.lat, 5) for outlet in rows],
        "lon": [round(outlet.point.lon, 5) for outlet in rows],
        "precision": "".join(outlet.precision[0] for outlet in rows),
        "status": "".join(outlet.status[0] for outlet in rows),
        "district": [number[outlet.district] for outlet in rows],
        "districts": districts,
    }


def _gap(gap: Gap, place: Place, point: Point, language: Language) -> Json:
    return {
        "id": gap.id,
        "name": language.pick(place.name),
        "lat": round(point.lat, 5),
        "lon": round(point.lon, 5),
    }


def _bounds(points: Sequence[Point]) -> Box:
    if not points:
        return REGION
    lats, lons = [point.lat for point in points], [point.lon for point in points]
    return Box(min(lons), min(lats), max(lons), max(lats))


# -- names, and how far they reach --


def names(gazetteer: Gazetteer, language: Language) -> Json:
    """The districts that have a point, with the kilometres around it, and the rivers by their Chinese names."""
    reaches = reach_km(gazetteer.places)
    return {
        "town_km": TOWN_KM,
        "districts": [
            {
                "zh": place.district,
                "name": language.pick(place.name),
                "lat": place.point.lat,
                "lon": place.point.lon,
                "km": reaches[place.district],
            }
            for place in _districts(gazetteer)
            if place.point
        ],
        "rivers": {river.zh: language.pick(river) for river in _rivers()},
    }


def reach_km(places: Iterable[Place]) -> dict[str, int]:
    """Kilometres around a district's point within which half of its towns lie.

    Where too few of them have a point, the district counts as one of the middle size: too large rather than too small.
    """
    listed = list(places)
    units = (place for place in listed if place.level is Level.DISTRICT and place.name.zh == place.district)
    middles = {place.district: place.point for place in units}
    away: dict[str, list[float]] = {district: [] for district in middles}
    for place in listed:
        middle = middles.get(place.district)
        if place.level is Level.TOWN and place.precision is Precision.TOWN and place.point and middle:
            away[place.district].append(geodesic_m(middle, place.point) / 1000)
    known = {district: median(km) for district, km in away.items() if len(km) >= _ENOUGH_TOWNS}
    usual = median(known.values())
    return {district: round(known.get(district, usual)) for district in middles}


def _districts(gazetteer: Gazetteer) -> list[Place]:
    cities = (place.city for place in gazetteer.places if place.level is Level.CITY)
    return [place for city in cities for place in gazetteer.districts_of(city)]


def _rivers() -> set[Name]:
    drawn = orjson.loads((DATA / "rivers.geojson").read_bytes())["features"]
    return {Name(river["properties"]["name_zh"], river["properties"]["name_en"]) for river in drawn}


# -- the datum of the tiles --


@cache
def shifts(datum: Datum) -> Json:
    """How far `datum` moves a WGS-84 position north and east, on a net of points over the region, row by row."""
    lats = _net(REGION.south, REGION.north)
    lons = _net(REGION.west, REGION.east)
    moved = [(lat, lon, *from_wgs84(lat, lon, datum)) for lat in lats for lon in lons]
    return {
        "south": lats[0],
        "west": lons[0],
        "step": _STEP,
        "rows": len(lats),
        "columns": len(lons),
        "north": [round((north - lat) / _UNIT) for lat, _, north, _ in moved],
        "east": [round((east - lon) / _UNIT) for _, lon, _, east in moved],
    }


def _net(first: float, last: float) -> list[float]:
    return [round(first + _STEP * step, 2) for step in range(round((last - first) / _STEP) + 1)]
