"""The shapes of our answers, as /openapi.json describes them. `render` makes them; a test holds the two together."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from locator.hours import OpeningState
from locator.model import KnownBy, Level, NoticeKind, Offer, Precision, Service, Status, Why

REFERENCE = "#/components/schemas/{model}"

Lat = Annotated[float, Field(ge=-90, le=90)]
Lon = Annotated[float, Field(ge=-180, le=180)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TwoNames(_Shape):
    zh: str
    en: str


class SourceAnswer(_Shape):
    title: str
    url: str = Field(description="Empty when the page read was a copy.")
    date: str


class NoticeAnswer(_Shape):
    """Closed for a while, or open at other hours: what the desk was told."""

    kind: NoticeKind
    from_: str = Field(alias="from")
    until: str | None = Field(description="It holds until before this time; null is until further notice.")
    hours: str = Field(description="OSM opening_hours text that holds meanwhile; empty when it is closed.")
    reason: TwoNames
    told: str = Field(description="The day we heard of it.")


class OutletProperties(_Shape):
    """One real door."""

    id: str
    name: TwoNames
    also: list[str]
    city: str
    district: str
    address: str
    phone: str
    services: dict[Service, Offer]
    hours: str = Field(description="OSM opening_hours text; empty when no source states them.")
    access: str
    status: Status
    precision: Precision = Field(description="How exactly the position is known.")
    source: SourceAnswer
    checked: str | None
    until: str | None
    notice: NoticeAnswer | None = Field(
        description="The one in force at the time asked; else the next one that begins within seven days."
    )


class OutletPageProperties(OutletProperties):
    """The door, and where map apps show it."""

    links: dict[str, str] = Field(description="Hand-off to map apps, each in its own datum.")


class HitProperties(OutletProperties):
    """The door, how far, and whether it is open at the time asked."""

    distance_m: float = Field(description="Geodesic metres on WGS-84.")
    open_state: OpeningState
    next_change: str | None = Field(description="When that state changes, if known.")
    horizon: int | None = Field(
        description="First year whose holidays are not held, when that limits the answer."
    )
    offer: Offer | None = Field(None, description="Of the service asked for.")


class PointGeometry(_Shape):
    """WGS-84, longitude first."""

    type: Literal["Point"]
    coordinates: tuple[Lon, Lat]


class OutletFeature(_Shape):
    type: Literal["Feature"]
    id: str
    geometry: PointGeometry
    properties: OutletProperties


class OutletAnswer(_Shape):
    type: Literal["Feature"]
    id: str
    geometry: PointGeometry
    properties: OutletPageProperties


class HitAnswer(_Shape):
    type: Literal["Feature"]
    id: str
    geometry: PointGeometry
    properties: HitProperties


class OutletsAnswer(_Shape):
    type: Literal["FeatureCollection"]
    features: list[OutletFeature]
    matched: int = Field(description="How many passed the filter.")
    returned: int


class PlaceAnswer(_Shape):
    name: str
    name_en: str
    level: Level
    district: str
    city: str
    former: str = Field(description="The former name by which it was found, if so.")
    precision: Precision
    lat: Lat | None
    lon: Lon | None


class PlacesAnswer(_Shape):
    result: Literal["found", "unclear", "unknown"]
    places: list[PlaceAnswer]
    exact: bool | None = Field(None, description="False: understood in spite of a typing error.")
    why: Why | None = None


class GapAnswer(_Shape):
    """A district whose outlet's address nobody has sourced yet."""

    id: str
    district: str
    city: str
    notice: TwoNames
    hotline: str


class OriginAnswer(_Shape):
    """Where the distances were measured from."""

    name: str | None
    known_by: KnownBy
    exact: bool
    city: str
    district: str
    precision: Precision
    lat: Lat
    lon: Lon


class NearestAnswer(_Shape):
    """`result` tells: found (features, origin), unclear (choices), unknown (why)."""

    type: Literal["FeatureCollection"]
    features: list[HitAnswer]
    result: Literal["found", "unclear", "unknown"]
    gap: GapAnswer | None
    hotline: str
    origin: OriginAnswer | None = None
    choices: list[PlaceAnswer] | None = None
    why: Why | None = None


class ProblemField(_Shape):
    field: str
    why: str


class ProblemAnswer(_Shape):
    """RFC 9457. Never repeats what was sent."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[ProblemField] = []


class FaultAnswer(_Shape):
    where: str
    field: str
    why: str


class ReadyAnswer(_Shape):
    """`degraded`: the outlets file on disk is faulty, and the last good one answers."""

    status: Literal["ready", "degraded"]
    outlets: int
    gaps: int
    fingerprint: str
    calendar_until: int
    faults: list[FaultAnswer]


class HealthAnswer(_Shape):
    status: Literal["ok"]


def schemas(*shapes: type[BaseModel]) -> dict[str, Any]:
    """JSON schemas by name, as OpenAPI's components want them."""
    made: dict[str, Any] = {}
    for shape in shapes:
        schema = shape.model_json_schema(ref_template=REFERENCE, mode="serialization")
        made |= schema.pop("$defs", {})
        made[shape.__name__] = schema
    return made


def answers(media_type: str, shape: type[BaseModel], description: str) -> dict[str, Any]:
    """One response of an operation."""
    reference = {"$ref": REFERENCE.format(model=shape.__name__)}
    return {"description": description, "content": {media_type: {"schema": reference}}}
