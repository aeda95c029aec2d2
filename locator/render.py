"""Values become what programs read: GeoJSON, JSON, problems. Texts for people are in `wording`."""

from collections.abc import Sequence
from typing import Any

import orjson

from locator.errors import Fault
from locator.feature import door_feature
from locator.hours import Opening
from locator.language import CHINESE, ENGLISH
from locator.links import map_links
from locator.model import (
    Found,
    Gap,
    Hit,
    Nearest,
    Origin,
    Outlet,
    Place,
    Result,
    Service,
    Unclear,
    Unknown,
)
from locator.wording import gap_notice

Json = dict[str, Any]

HOTLINE = "12333"
GEOJSON = "application/geo+json"
PROBLEM = "application/problem+json"
_DECIMALS = 6


def outlet_feature(outlet: Outlet) -> Json:
    """An Outlet as in the outlets file, with every service named."""
    feature = door_feature(outlet)
    services = {service.value: outlet.offers(service) for service in Service}
    properties = {**feature["properties"], "services": services}
    return {"type": "Feature", "id": outlet.id, "geometry": feature["geometry"], "properties": properties}


def outlet_page(outlet: Outlet) -> Json:
    """The Feature with its links to map apps."""
    feature = outlet_feature(outlet)
    links = {link.app: link.url for link in map_links(outlet)}
    return {**feature, "properties": {**feature["properties"], "links": links}}


class Features:
    """Features of one set of outlets, made and encoded once: a request adds only what it asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Json] = {}
        self._begun: dict[str, tuple[Opening, bytes]] = {}
        self._gaps: dict[str, Json] = {}

    def gap(self, gap: Gap | None) -> Json | None:
        if gap is None:
            return None
        return self._gaps.get(gap.id) or self._gaps.setdefault(gap.id, gap_json(gap))

    def of(self, outlet: Outlet) -> Json:
        made = self._made.get(outlet.id)
        if made is None:
            made = self._made[outlet.id] = outlet_feature(outlet)
        return made

    def with_hit(self, hit: Hit) -> orjson.Fragment:
        """The Feature, encoded, its properties followed by those of the hit."""
        begun = self._begun.get(hit.outlet.id)
        if begun is None or begun[0] is not hit.opening:
            begun = self._begun[hit.outlet.id] = hit.opening, self._begin(hit)
        offer = f',"offer":"{hit.offer}"' if hit.offer else ""
        return orjson.Fragment(begun[1] + f'"distance_m":{hit.metres:.1f}{offer}}}}}'.encode())

    def _begin(self, hit: Hit) -> bytes:
        # "properties" stand last, so what is cut off is the end of both objects.
        feature = self.of(hit.outlet)
        begun = {**feature, "properties": {**feature["properties"], **opening_json(hit.opening)}}
        return orjson.dumps(begun)[:-2] + b","


def result_json(result: Result, features: Features) -> Json:
    """The answer to a Query: a FeatureCollection that also says what was understood."""
    if isinstance(result, Nearest):
        return _nearest_json(result, features)
    return {"type": "FeatureCollection", "features": [], **_not_found(result)}


def places_json(found: Found | Unclear | Unknown) -> Json:
    """What a text names."""
    if isinstance(found, Found):
        return {"result": "found", "exact": found.exact, "places": [place_json(found.place)]}
    if isinstance(found, Unclear):
        return {"result": "unclear", "places": [place_json(place) for place in found.places]}
    return {"result": "unknown", "why": found.why, "places": []}


def place_json(place: Place) -> Json:
    point = place.point
    return {
        "name": place.name.zh,
        "name_en": place.name.en,
        "level": place.level,
        "district": place.district,
        "city": place.city,
        "former": place.former,
        "precision": place.precision,
        "lat": None if point is None else round(point.lat, _DECIMALS),
        "lon": None if point is None else round(point.lon, _DECIMALS),
    }


def gap_json(gap: Gap) -> Json:
    return {
        "id": gap.id,
        "district": gap.district,
        "city": gap.city,
        "notice": {language.short: gap_notice(gap, language) for language in (CHINESE, ENGLISH)},
        "hotline": HOTLINE,
    }


def opening_json(opening: Opening) -> Json:
    """`horizon` is the first year whose holidays this program does not hold, when that limits the answer."""
    return {"open_state": opening.state, "next_change": opening.next_change, "horizon": opening.horizon}


def problem(status: int, title: str, errors: Sequence[tuple[str, str]] = ()) -> Json:
    """An RFC 9457 problem. `errors` are (field, why); never the value."""
    body: Json = {"type": "about:blank", "title": title, "status": status}
    if errors:
        body["detail"] = "; ".join(f"{field}: {why}" for field, why in errors)
        body["errors"] = [{"field": field, "why": why} for field, why in errors]
    return body


def faults_json(faults: Sequence[Fault]) -> list[Json]:
    return [{"where": fault.where, "field": fault.field, "why": fault.why} for fault in faults]


def _nearest_json(result: Nearest, features: Features) -> Json:
    return {
        "type": "FeatureCollection",
        "features": [features.with_hit(hit) for hit in result.hits],
        "result": "found",
        "origin": _origin_json(result.origin),
        "gap": features.gap(result.gap),
        "hotline": HOTLINE,
    }


def _not_found(result: Unclear | Unknown) -> Json:
    if isinstance(result, Unclear):
        choices = [place_json(place) for place in result.places]
        return {"result": "unclear", "choices": choices, "gap": None, "hotline": HOTLINE}
    gap = gap_json(result.gap) if result.gap else None
    return {"result": "unknown", "why": result.why, "gap": gap, "hotline": HOTLINE}


def _origin_json(origin: Origin) -> Json:
    return {
        "name": origin.name.zh if origin.name else None,
        "known_by": origin.known_by,
        "exact": origin.exact,
        "city": origin.city,
        "district": origin.district,
        "precision": origin.precision,
        "lat": round(origin.point.lat, _DECIMALS),
        "lon": round(origin.point.lon, _DECIMALS),
    }
