"""Values become what programs read: GeoJSON, JSON, problems. Texts for people are in `wording`."""

from collections.abc import Sequence
from typing import Any

import orjson

from locator.errors import Fault
from locator.feature import door_feature
from locator.hours import CHINA_TIME, Opening
from locator.language import CHINESE, ENGLISH
from locator.links import map_links
from locator.model import (
    NOTHING,
    Found,
    Gap,
    Hit,
    Nearest,
    Notice,
    Origin,
    Outlet,
    Place,
    Result,
    Service,
    Told,
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
    """An Outlet as in the outlets file, with every service named, and room for what the desk knows."""
    feature = door_feature(outlet)
    services = {service.value: outlet.offers(service) for service in Service}
    properties = {**feature["properties"], "services": services, "notice": None}
    return {"type": "Feature", "id": outlet.id, "geometry": feature["geometry"], "properties": properties}


def outlet_page(outlet: Outlet, told: Told = NOTHING) -> Json:
    """The Feature with its links to map apps."""
    links = {link.app: link.url for link in map_links(outlet)}
    return _with(outlet_feature(outlet), {**told_json(told), "links": links})


def told_json(told: Told) -> Json:
    """The properties in which the desk has the last word."""
    known: Json = {"notice": notice_json(told.notices[0])} if told.notices else {}
    return known | ({"checked": told.checked} if told.checked else {})


def notice_json(notice: Notice) -> Json:
    return {
        "kind": notice.kind,
        "from": notice.from_.astimezone(CHINA_TIME),
        "until": notice.until and notice.until.astimezone(CHINA_TIME),
        "hours": notice.hours,
        "reason": {"zh": notice.reason.zh, "en": notice.reason.en},
        "told": notice.told,
    }


def _with(feature: Json, properties: Json) -> Json:
    """The feature with more properties. They stand last in it."""
    return {**feature, "properties": {**feature["properties"], **properties}}


class Features:
    """Features of one set of outlets, made and encoded once: a request adds only what it asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Json] = {}
        self._begun: dict[str, tuple[Opening, Told, bytes]] = {}
        self._gaps: dict[str, Json] = {}

    def gap(self, gap: Gap | None) -> Json | None:
        if gap is None:
            return None
        return self._gaps.get(gap.id) or self._gaps.setdefault(gap.id, gap_json(gap))

    def of(self, outlet: Outlet, told: Told = NOTHING) -> Json:
        made = self._made.get(outlet.id)
        if made is None:
            made = self._made[outlet.id] = outlet_feature(outlet)
        return made if told is NOTHING else _with(made, told_json(told))

    def with_hit(self, hit: Hit) -> orjson.Fragment:
        """The Feature, encoded, its properties followed by those of the hit."""
        begun = self._begun.get(hit.outlet.id)
        if begun is None or begun[0] is not hit.opening or begun[1] is not hit.told:
            begun = self._begun[hit.outlet.id] = hit.opening, hit.told, self._begin(hit)
        offer = f',"offer":"{hit.offer}"' if hit.offer else ""
        return orjson.Fragment(begun[2] + f'"distance_m":{hit.metres:.1f}{offer}}}}}'.encode())

    def _begin(self, hit: Hit) -> bytes:
        # "properties" stand last, so what is cut off is the end of both objects.
        return orjson.dumps(_with(self.of(hit.outlet, hit.told), opening_json(hit.opening)))[:-2] + b","


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
