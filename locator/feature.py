"""One Feature of outlets.geojson: what may stand in it, read into an Outlet or a Gap, and written.

Law: all that is wrong with a Feature is said at once. The format is RFC 7946: WGS-84, longitude first, at most six
decimals (0.1 m); docs/data.md lists the fields.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Literal

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
from pydantic_core import ErrorDetails

from locator.errors import BadInput, Fault
from locator.hours import read_hours
from locator.model import CHINA, REGION, Gap, Name, Offer, Outlet, Point, Precision, Service, Source, Status

Units = Collection[tuple[str, str]]  # the (city, district) pairs that exist
Feature = Mapping[str, Any]


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
        said = properties_of(feature)
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


def properties_of(feature: Any) -> Feature:
    """The properties, if there are any."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return properties if isinstance(properties, dict) else {}


def _fault(detail: ErrorDetails, where: str, shape: type[_Closed]) -> Fault:
    path = [str(part) for part in detail["loc"] if part not in ("properties", "[key]")]
    return Fault(where, shown(".".join(path)), _why(detail, path[-1] if path else "", shape))


def is_id(text: object) -> bool:
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def shown(name: str) -> str:
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


# -- written --


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


def gap_feature(gap: Gap) -> dict[str, Any]:
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
