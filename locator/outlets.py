"""outlets.geojson and the Atlas made from it: read, checked, counted, written.

Law: a file with one fault is not used at all, and all its faults are named at once, so that one repair is enough.

The format is RFC 7946: WGS-84, longitude first, at most six decimals (0.1 m), no `crs`; docs/data.md lists the fields.
"""

import hashlib
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails, from_json

from locator.errors import BadInput, Fault, FaultyFile
from locator.hours import read_hours
from locator.model import Gap, Name, Offer, Outlet, Point, Precision, Service, Source, Status

Units = Collection[tuple[str, str]]  # the (city, district) pairs that exist
Feature = Mapping[str, Any]


class Box(NamedTuple):
    """Degrees, WGS-84."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north


REGION = Box(104.9, 27.6, 110.3, 32.3)  # Luzhou and Chongqing
CHINA = Box(73, 3, 136, 54)  # only to tell swapped coordinates from wrong ones

# The first batch of 2020-09-28, as announced: Sichuan provincial government, English site, "Sichuan and Chongqing
# SeeMore Common Government Affair Platforms", autumn 2020. The list itself was not published there.
ANNOUNCED: Mapping[str, int] = MappingProxyType({"泸州市": 9, "重庆市": 66})


@dataclass(frozen=True, slots=True)
class Atlas:
    """All we know of outlets, as one value."""

    outlets: tuple[Outlet, ...]
    gaps: tuple[Gap, ...]
    fingerprint: str  # 16 hex digits of the file's SHA-256, for ETags


# --- the file's shape

# Neither control nor invisible characters (bidirectional marks turn an address round), nor space at the ends.
_INK = r"[^\p{Cc}\p{Cf}\p{Z}]"
_LINE = rf"^(?:{_INK}(?:[^\p{{Cc}}\p{{Cf}}\p{{Zl}}\p{{Zp}}]*{_INK})?)?$"
_ID = re.compile(r"[a-z0-9-]{1,64}")


def _day(value: object) -> date | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("must be a date such as 2026-11-23, or null")  # noqa: TRY004 - pydantic wants ValueError
    return _iso_day(value)


@lru_cache(maxsize=1024)  # dates repeat; the bound keeps a hostile file small
def _iso_day(text: str) -> date:
    # fromisoformat alone also takes 20261123 and week dates
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError("must be a date such as 2026-11-23, or null")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


@lru_cache(maxsize=4096)  # a city keeps few kinds of hours; the bound keeps a hostile file small
def _why_not_hours(text: str) -> str:
    try:
        read_hours(text)
    except BadInput as error:
        return error.why
    return ""


def _timely(text: str | None) -> str | None:
    if text and (why := _why_not_hours(text)):
        raise ValueError(why)
    return text


def _placed(coordinates: list[float]) -> list[float]:
    if why := _why_not_there(*coordinates):
        raise ValueError(why)
    return coordinates


def _why_not_there(lon: float, lat: float) -> str:
    if REGION.holds(lon, lat):
        exact = round(lon, 6) == lon and round(lat, 6) == lat
        return "" if exact else "must have at most 6 decimals"
    if not CHINA.holds(lon, lat) and CHINA.holds(lat, lon):
        return "looks swapped: longitude comes first"
    if abs(lon) > 180 or abs(lat) > 90:
        return "must be degrees: longitude within 180, latitude within 90"
    return f"lies outside Luzhou and Chongqing (lon {REGION.west}-{REGION.east}, lat {REGION.south}-{REGION.north})"


Degree = Annotated[FiniteFloat, Field(strict=True)]
Coordinates = Annotated[list[Degree], Field(min_length=2, max_length=2), AfterValidator(_placed)]
Day = Annotated[date | None, BeforeValidator(_day)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_LINE)]
Note = Annotated[str, StringConstraints(max_length=300, pattern=_LINE)]
Hours = Annotated[Note | None, AfterValidator(_timely)]
Slug = Annotated[str, StringConstraints(pattern=rf"^{_ID.pattern}$")]
Phone = Annotated[str, StringConstraints(max_length=60, pattern=r"^(?:[0-9][0-9 -]*[0-9])?$")]
Url = Annotated[str, StringConstraints(max_length=500, pattern=r"^(?:https?://[^\s\p{C}]+)?$")]
SourceDate = Annotated[str, StringConstraints(pattern=r"^(?:[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)?$")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Name(_Closed):
    zh: Title
    en: Title


class _Source(_Closed):
    title: Title
    url: Url
    date: SourceDate


class _Notice(_Closed):
    id: Slug
    name: _Name
    city: Title
    district: Title
    status: Status
    source: _Source
    checked: Day = None


class _Door(_Notice):
    address: Title
    precision: Precision
    also: Annotated[tuple[Title, ...], Field(max_length=20)] = ()
    phone: Phone = ""
    services: dict[Service, Offer] = Field(default_factory=dict)
    hours: Hours = None
    access: Note = ""
    until: Day = None


class _Geometry(_Closed):
    type: Literal["Point"]
    coordinates: Coordinates


class _DoorFeature(_Closed):
    type: Literal["Feature"]
    geometry: _Geometry
    properties: _Door


class _GapFeature(_Closed):
    type: Literal["Feature"]
    geometry: None
    properties: _Notice


# --- from a Feature to a word of the house

_MEANT = {  # what a pattern wants, in words
    "id": "must be 1 to 64 of a-z, 0-9 and -",
    "phone": "must be digits, spaces and dashes, such as 0830-12333",
    "url": "must begin with http:// or https://, or be empty",
    "date": "must be a day, a month, a year (2024-01-04, 2024-01, 2024), or empty",
}


_WHY = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this format",
    "model_type": "must be an object",
    "none_required": "must be null: nobody is sent to a gap",
}


class FeatureReader:
    """Turns Features of one file into Outlets and Gaps. One reader per file: it remembers ids and shares equal parts."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._first: dict[str, str] = {}
        self._pool: dict[Any, Any] = {}

    def read(self, feature: Any, where: str) -> Outlet | Gap | tuple[Fault, ...]:
        """One Feature, or everything that is wrong with it. `where` says where it stands: "feature 12", "line 12"."""
        said = _said(feature)
        shape = _GapFeature if said.get("status") == Status.GAP else _DoorFeature
        faults = [Fault(where, field, why) for field, why in self._strange(said, where)]
        try:
            read = shape.model_validate(feature)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
            return (*(_fault(detail, where, shape) for detail in details), *faults)
        if faults:
            return tuple(faults)
        return self._outlet(read) if isinstance(read, _DoorFeature) else self._gap(read.properties)

    def _strange(self, said: Feature, where: str) -> Iterator[tuple[str, str]]:
        """What only the other Features and the list of districts can show."""
        slug, unit = said.get("id"), (said.get("city"), said.get("district"))
        if isinstance(slug, str) and (first := self._first.setdefault(slug, where)) != where:
            yield "id", f"is also the id of {first}"
        if all(isinstance(name, str) and name for name in unit) and unit not in self._units:
            yield "district", "must be a present-day district of that city (locator/data/districts.csv)"

    def _outlet(self, read: _DoorFeature) -> Outlet:
        said, (lon, lat), share = read.properties, read.geometry.coordinates, self._pool.setdefault
        return Outlet(
            id=said.id,
            name=Name(said.name.zh, said.name.en),
            city=share(said.city, said.city),
            district=share(said.district, said.district),
            address=said.address,
            point=Point(lat, lon),
            precision=said.precision,
            status=said.status,
            source=self._source(said.source),
            checked=said.checked,
            also=said.also,
            phone=share(said.phone, said.phone),
            services=self._services(said.services),
            hours=share(said.hours, said.hours) or "",
            access=share(said.access, said.access),
            until=said.until,
        )

    def _gap(self, said: _Notice) -> Gap:
        name = Name(said.name.zh, said.name.en)
        return Gap(said.id, name, said.city, said.district, self._source(said.source), said.checked)

    def _source(self, said: _Source) -> Source:
        source = Source(said.title, said.url, said.date)
        shared: Source = self._pool.setdefault(source, source)
        return shared

    def _services(self, offers: dict[Service, Offer]) -> Mapping[Service, Offer]:
        known: Mapping[Service, Offer] = self._pool.setdefault(
            tuple(offers.items()), MappingProxyType(offers)
        )
        return known


def _said(feature: Any) -> Feature:
    """The properties, if there are any."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return properties if isinstance(properties, dict) else {}


def _fault(detail: ErrorDetails, where: str, shape: type[_Closed]) -> Fault:
    path = [str(part) for part in detail["loc"] if part not in ("properties", "[key]")]
    return Fault(where, _shown(".".join(path)), _why(detail, path[-1] if path else "", shape))


def _shown(name: str) -> str:
    """A name from the file, fit for a terminal and a log."""
    return "".join(char if char.isprintable() else "?" for char in name[:60])


def _why(detail: ErrorDetails, field: str, shape: type[_Closed]) -> str:
    kind = detail["type"]
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind == "string_pattern_mismatch":
        return _MEANT.get(field, "must have no control or invisible characters, and no space at its ends")
    if kind == "extra_forbidden" and shape is _GapFeature and field in _Door.model_fields:
        return "must be left out: a gap is a notice, not a door"
    if "[key]" in detail["loc"]:
        return "is not a service: use " + ", ".join(Service)
    return _WHY.get(kind) or "should" + detail["msg"].partition("should")[2]


# --- reading


def read_outlets(path: Path, units: Units) -> Atlas:
    """Read and check a whole file; `units` are the (city, district) pairs that exist. Raises FaultyFile with every Fault."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FaultyFile(path.name, [Fault("", "", f"cannot be read ({error.strerror})")]) from None
    return parse_outlets(raw, units, path.name)


def parse_outlets(raw: bytes, units: Units, name: str = "outlets.geojson") -> Atlas:
    """The same from bytes already read."""
    collection = _collection(raw, name)
    reader = FeatureReader(units)
    read: list[Outlet | Gap] = []
    faults = list(_envelope_faults(collection))
    for number, feature in enumerate(_taken(collection), start=1):
        one = reader.read(feature, f"feature {number}")
        if isinstance(one, tuple):
            faults += _named(one, feature)
        else:
            read.append(one)
    if faults:
        raise FaultyFile(name, faults)
    outlets = tuple(one for one in read if isinstance(one, Outlet))
    gaps = tuple(one for one in read if isinstance(one, Gap))
    return Atlas(outlets, gaps, hashlib.sha256(raw).hexdigest()[:16])


def _collection(raw: bytes, name: str) -> dict[str, Any]:
    try:
        # Not orjson: this parser shares equal texts, so 200,000 outlets take half the memory on the way in.
        collection = from_json(raw.removeprefix(BOM_UTF8), allow_inf_nan=False, cache_strings="all")
    except ValueError as error:
        why, _, where = str(error).rpartition(" at ")
        raise FaultyFile(name, [Fault(where.partition(" column")[0], "", f"is not JSON: {why}")]) from None
    if not isinstance(collection, dict):
        raise FaultyFile(name, [Fault("line 1", "", "must be a JSON object")])
    return collection


def _taken(collection: dict[str, Any]) -> Iterator[Any]:
    """The Features, each let go of once it is read."""
    features = collection.get("features")
    if isinstance(features, list):
        features.reverse()
        while features:
            yield features.pop()


def _named(faults: Iterable[Fault], feature: Any) -> Iterator[Fault]:
    """Say the outlet's id instead of its number, where it has one of its own."""
    slug = _said(feature).get("id")
    known = isinstance(slug, str) and _ID.fullmatch(slug) is not None
    for fault in faults:
        yield replace(fault, where=str(slug)) if known and fault.field != "id" else fault


def _envelope_faults(collection: Mapping[str, Any]) -> Iterator[Fault]:
    if collection.get("type") != "FeatureCollection":
        yield Fault("", "type", "must be FeatureCollection")
    if not isinstance(collection.get("features"), list):
        yield Fault("", "features", "must be a list of Features")
    if "crs" in collection:
        yield Fault("", "crs", "must be left out: RFC 7946 is WGS-84; `locator import` converts others")
    for field in collection.keys() - {"type", "features", "crs"}:
        yield Fault("", _shown(field), "is not a field of this format")


# --- counting


@dataclass(frozen=True, slots=True)
class CityCoverage:
    """What is known of one city, against what was announced for it in 2020."""

    city: str
    official: int
    unconfirmed: int
    gaps: int  # districts with no sourced outlet
    announced: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the announced network the file holds."""

    official_list: bool  # whether any outlet comes from the published list
    cities: tuple[CityCoverage, ...]
    by_status: Mapping[Status, int]
    by_precision: Mapping[Precision, int]


def coverage(atlas: Atlas) -> Coverage:
    """Count the atlas; every Status, Precision and announced city is listed, also with 0."""
    cities = Counter((outlet.city, outlet.status) for outlet in atlas.outlets)
    cities.update((gap.city, Status.GAP) for gap in atlas.gaps)
    statuses = {status: sum(n for (_, one), n in cities.items() if one == status) for status in Status}
    precisions = Counter(outlet.precision for outlet in atlas.outlets)
    return Coverage(
        official_list=statuses[Status.OFFICIAL] > 0,
        cities=tuple(_city_coverage(city, announced, cities) for city, announced in ANNOUNCED.items()),
        by_status=statuses,
        by_precision={precision: precisions[precision] for precision in Precision},
    )


def _city_coverage(city: str, announced: int, counts: Mapping[tuple[str, Status], int]) -> CityCoverage:
    official, unconfirmed, gaps = (
        counts[city, status] for status in (Status.OFFICIAL, Status.UNCONFIRMED, Status.GAP)
    )
    return CityCoverage(city, official, unconfirmed, gaps, announced)


# --- writing


def write_outlets(outlets: Iterable[Outlet], gaps: Iterable[Gap]) -> bytes:
    """The one canonical text: outlets, then gaps, each by id, so that a change shows as a small difference."""
    features = [door_feature(outlet) for outlet in sorted(outlets, key=lambda one: one.id)]
    features += [_gap_feature(gap) for gap in sorted(gaps, key=lambda one: one.id)]
    collection = {"type": "FeatureCollection", "features": features}
    return orjson.dumps(collection, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def door_feature(outlet: Outlet) -> dict[str, Any]:
    point = [round(outlet.point.lon, 6), round(outlet.point.lat, 6)]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": point},
        "properties": {
            "id": outlet.id,
            "name": _two(outlet.name),
            "also": list(outlet.also),
            "city": outlet.city,
            "district": outlet.district,
            "address": outlet.address,
            "phone": outlet.phone,
            "services": {code.value: outlet.services[code] for code in Service if code in outlet.services},
            "hours": outlet.hours,
            "access": outlet.access,
            "status": outlet.status,
            "precision": outlet.precision,
            "source": _three(outlet.source),
            "checked": outlet.checked,
            "until": outlet.until,
        },
    }


def _gap_feature(gap: Gap) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": None,
        "properties": {
            "id": gap.id,
            "name": _two(gap.name),
            "city": gap.city,
            "district": gap.district,
            "status": Status.GAP,
            "source": _three(gap.source),
            "checked": gap.checked,
        },
    }


def _two(name: Name) -> dict[str, str]:
    return {"zh": name.zh, "en": name.en}


def _three(source: Source) -> dict[str, str]:
    return {"title": source.title, "url": source.url, "date": source.date}
