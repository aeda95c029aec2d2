"""What came in, understood: a request body or a command line becomes a Query. The same rules for every face.

Law: a refusal names the field and the reason and never repeats the value: it may be somebody's position.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.config import JsonDict
from pydantic_core import ErrorDetails

from locator.datum import Datum, to_wgs84
from locator.errors import BadInput
from locator.hours import CHINA_TIME
from locator.listing import DISTRICTS
from locator.model import CHINA, Filter, Point, Query, Service, Status
from locator.text import bounded

MOST_CHARACTERS = 200
MOST_HITS = 50
NOW = "now"


def _whole(given: object) -> object:
    return int(given) if isinstance(given, float) and given.is_integer() else given


def _present_day(district: str) -> str:
    if district not in DISTRICTS:
        raise ValueError("must be a present-day district of Luzhou or Chongqing, such as 江阳区")
    return district


_NO_CONTROLS = r"^[^\u0000-\u001f\u007f-\u009f]*$"
# Written out so that the OpenAPI description promises only days that exist.
_DAY = (
    r"(?:20\d\d-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    r"|20(?:[02468][048]|[13579][26])-02-29)"
)
_TIME = rf"^(?:now|{_DAY}[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)?)$"

PlaceText = Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS, pattern=_NO_CONTROLS)]
District = Annotated[str, AfterValidator(_present_day), Field(json_schema_extra={"enum": [*DISTRICTS]})]
TimeText = Annotated[str, Field(pattern=_TIME, max_length=30)]
# JSON knows no integers: 5.0 is five. But "5" is a text and true is no number.
Whole = Annotated[int, BeforeValidator(_whole), Field(strict=True)]
Metres = Annotated[float, Field(gt=0, le=5_000_000, allow_inf_nan=False, strict=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FilterFields(_Strict):
    """Which outlets count."""

    service: Service | None = Field(
        None, description="Keeps outlets that do it, then those of which it is unknown."
    )
    open_at: TimeText | None = Field(
        None,
        description="Keeps outlets open then, then those whose hours are unknown. `now`, or a time; without an offset it is Beijing time.",
    )
    status: list[Literal[Status.OFFICIAL, Status.UNCONFIRMED]] = Field(
        [], max_length=2, description="Empty: any."
    )
    district: District | None = Field(None, description="A present-day district.")


_FROM_PLACE: JsonDict = {
    "required": ["place"],
    "properties": {field: {"type": "null"} for field in ("lat", "lon", "datum")},
}
_FROM_POSITION: JsonDict = {
    "required": ["lat", "lon", "datum"],
    "properties": {
        "lat": {"type": "number"},
        "lon": {"type": "number"},
        "datum": {"type": "string"},
        "place": {"not": {}},
    },
}


class NearestBody(FilterFields):
    """Where from, what for, when. Give either `place`, or `lat`, `lon` and `datum`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"oneOf": [_FROM_PLACE, _FROM_POSITION]},
    )

    place: PlaceText = Field(
        "", validate_default=False, description="A district, town, street, address or outlet."
    )
    lat: float | None = Field(None, ge=CHINA.south, le=CHINA.north, strict=True, allow_inf_nan=False)
    lon: float | None = Field(None, ge=CHINA.west, le=CHINA.east, strict=True, allow_inf_nan=False)
    datum: Datum | None = Field(
        None, description="What `lat` and `lon` are in. Phones give wgs84, 高德 gcj02, 百度 bd09."
    )
    at: TimeText | None = Field(
        None, description="The time for which open states are told; otherwise `open_at`, or now."
    )
    radius_m: Metres | None = Field(None, description="Nothing farther than this.")
    limit: Whole = Field(5, ge=1, le=MOST_HITS)
    use_geocoder: bool = Field(
        False, strict=True, description="The person agrees that an outside geocoder sees `place`."
    )


class PlacesBody(_Strict):
    """A text that names a place."""

    text: PlaceText


def parse_nearest(body: Mapping[str, Any], *, at: datetime) -> Query:
    """A Query from loose fields (a form, a command line). Raises BadInput for the first field that is wrong."""
    try:
        return nearest_query(NearestBody.model_validate(body), at=at)
    except ValidationError as error:
        field, why = reasons(error)[0]
        raise BadInput(field, why) from None


def nearest_query(body: NearestBody, *, at: datetime) -> Query:
    """A Query from a checked body. Raises BadInput when the fields contradict each other."""
    point = _point(body)
    if body.place and point:
        raise BadInput("place", "give either a place or lat, lon and datum, not both")
    if not body.place and not point:
        raise BadInput("place", "say where from: a place, or lat, lon and datum")
    return Query(
        at=parse_time(body.at, at=at, field="at") if body.at else at,
        point=point,
        text=bounded(body.place, MOST_CHARACTERS, "place") if body.place else "",
        filter=parse_filter(body, at=at),
        radius_m=body.radius_m,
        limit=body.limit,
        use_geocoder=body.use_geocoder,
    )


def parse_filter(fields: FilterFields, *, at: datetime) -> Filter:
    return Filter(
        service=fields.service,
        statuses=frozenset(fields.status),
        district=fields.district or "",
        open_at=parse_time(fields.open_at, at=at) if fields.open_at else None,
    )


def parse_time(text: str, *, at: datetime, field: str = "open_at") -> datetime:
    """`now`, or an ISO 8601 time, in Beijing time unless it names an offset. Raises BadInput."""
    if text == NOW:
        return at
    try:
        time = datetime.fromisoformat(text) if re.match(_TIME, text) else None
    except ValueError:
        time = None
    if time is None:
        raise BadInput(field, "must be a time like 2026-10-10 10:00, or now")
    return time.replace(tzinfo=CHINA_TIME) if time.tzinfo is None else time.astimezone(CHINA_TIME)


def reasons(error: ValidationError) -> list[tuple[str, str]]:
    """(field, why) of everything that is wrong, without the values."""
    return [(_field(part["loc"]), _why(part)) for part in error.errors(include_url=False)]


def _field(path: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in path)[:_LONGEST_FIELD] or "body"


def _why(part: ErrorDetails) -> str:
    field = str(part["loc"][0]) if part["loc"] else "body"
    if field in _OUTSIDE_CHINA and part["type"] in ("less_than_equal", "greater_than_equal"):
        swapped = _looks_swapped(field, part["input"])
        return _OUTSIDE_CHINA[field] + ("; are lat and lon swapped?" if swapped else "")
    if part["type"] == "string_pattern_mismatch":
        return _PATTERNS.get(field, "must not hold control characters")
    return _SENTENCES.get(part["type"], "") or _plain(part["msg"])


def _looks_swapped(field: str, value: float) -> bool:
    low, high = (CHINA.west, CHINA.east) if field == "lat" else (CHINA.south, CHINA.north)
    return low <= value <= high


def _plain(message: str) -> str:
    # pydantic's own sentences are good; only their subject is ours to name.
    return message.removeprefix("Input ").removeprefix("Value error, ").removeprefix("Value ")


_OUTSIDE_CHINA = {
    "lat": f"must lie between {CHINA.south:g} and {CHINA.north:g} degrees: the service is for China",
    "lon": f"must lie between {CHINA.west:g} and {CHINA.east:g} degrees: the service is for China",
}
_LONGEST_FIELD = 40  # an unknown field's name is somebody's text
_PATTERNS = {
    **dict.fromkeys(("at", "open_at"), "must be a time like 2026-10-10 10:00, or now"),
    "bbox": "must be two corners in degrees: lon,lat,lon,lat",
    "outlet_id": "must be an outlet's id: small letters, digits and hyphens",
}
_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this request",
    "finite_number": "must be a finite number",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "string_unicode": "must be text in UTF-8",
}


def _point(body: NearestBody) -> Point | None:
    lat, lon, datum = body.lat, body.lon, body.datum
    if lat is None and lon is None and datum is None:
        return None
    if lat is None or lon is None or datum is None:
        missing = "lat" if lat is None else "lon" if lon is None else "datum"
        raise BadInput(missing, "is missing: a position needs lat, lon and datum (wgs84, gcj02 or bd09)")
    return Point(*to_wgs84(lat, lon, datum))
