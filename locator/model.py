"""The words of the house. Frozen values, no I/O; an invalid one cannot be made."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from locator.errors import BadInput
from locator.hours import Opening, in_china, read_hours


class Service(StrEnum):
    """Something an outlet may do for a card holder."""

    INQUIRY = "inquiry"
    ACTIVATION = "activation"
    LOSS_REPORT = "loss-report"
    LOSS_CANCEL = "loss-cancel"
    APPLICATION = "application"
    REPLACEMENT = "replacement"
    PIN_RESET = "pin-reset"
    INFO_CHANGE = "info-change"


class Offer(StrEnum):
    """What is known of one service at one outlet."""

    YES = "yes"
    UNKNOWN = "unknown"
    NO = "no"


class Status(StrEnum):
    """How an outlet came to be known. A gap is a notice, never a door."""

    OFFICIAL = "official"
    UNCONFIRMED = "unconfirmed"
    GAP = "gap"


class Precision(StrEnum):
    """How exactly a Point is known."""

    BUILDING = "building"
    STREET = "street"
    TOWN = "town"
    DISTRICT = "district"

    @property
    def is_exact(self) -> bool:
        """Whether a distance measured from such a Point may be shown in metres."""
        return self in (Precision.BUILDING, Precision.STREET)


class Level(StrEnum):
    """What kind of place a text named, from large to small."""

    CITY = "city"
    DISTRICT = "district"
    TOWN = "town"
    OUTLET = "outlet"


@dataclass(frozen=True, slots=True)
class Point:
    """WGS-84, degrees. Raises BadInput unless both are finite and in range."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if -90 <= self.lat <= 90 and -180 <= self.lon <= 180:
            return
        for name, value, bound in (("lat", self.lat, 90), ("lon", self.lon, 180)):
            if not math.isfinite(value):
                raise BadInput(name, "must be a finite number of degrees")
            if abs(value) > bound:
                raise BadInput(name, f"must lie between -{bound} and {bound} degrees")


class Box(NamedTuple):
    """Degrees, WGS-84."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north


REGION = Box(104.9, 27.6, 110.3, 32.3)  # Luzhou and Chongqing
CHINA = Box(73, 3, 136, 54)  # with its seas; to tell swapped coordinates from wrong ones


@dataclass(frozen=True, slots=True)
class Name:
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read. `url` is empty when the page is a copy that citizens must not be sent to."""

    title: str
    url: str
    date: str  # as the source gives it: "2024-01-04", "2024", or "" when undated


@dataclass(frozen=True, slots=True)
class Outlet:
    """One real door with an address."""

    id: str
    name: Name
    city: str
    district: str
    address: str
    point: Point
    precision: Precision
    status: Status
    source: Source
    checked: date | None = None  # when somebody last made sure, if ever
    also: tuple[str, ...] = ()
    phone: str = ""
    services: Mapping[Service, Offer] = field(default_factory=dict)
    hours: str = ""  # OSM opening_hours text, "" when no source states them
    access: str = ""
    until: date | None = None  # last day it is known to exist, when a source gives one

    def offers(self, service: Service) -> Offer:
        return self.services.get(service, Offer.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Gap:
    """A district whose outlet's address nobody has sourced yet: shown as a notice, never ranked."""

    id: str
    name: Name
    city: str
    district: str
    source: Source
    checked: date | None = None


class NoticeKind(StrEnum):
    """What a notice says of an outlet."""

    CLOSED = "closed"
    HOURS = "hours"  # open at other hours than usual


LONGEST_REASON = 60  # characters


@dataclass(frozen=True, slots=True)
class Notice:
    """One outlet is closed for a while, or open at other hours: from a minute on, until before another.

    What the desk was told, and not in the outlets file. Raises BadInput for the first field that is wrong.
    """

    outlet_id: str
    kind: NoticeKind
    from_: datetime  # aware
    until: datetime | None  # aware; None is until further notice
    told: date  # the day we heard of it
    reason: Name = Name("", "")
    hours: str = ""  # OSM opening_hours text; of HOURS alone

    def __post_init__(self) -> None:
        for field_name, edge in (("from", self.from_), ("until", self.until)):
            if edge is not None and in_china(edge, field_name).timestamp() % 60:
                raise BadInput(field_name, "must be a whole minute")
        if self.until is not None and self.until <= self.from_:
            raise BadInput("until", "must lie after the beginning")
        if not all(map(_is_short, (self.reason.zh, self.reason.en))):
            raise BadInput("reason", f"must be one line of at most {LONGEST_REASON} characters")
        if self.kind is NoticeKind.HOURS:
            read_hours(self.hours)
        elif self.hours:
            raise BadInput("hours", "are of a notice of other hours only")


def _is_short(reason: str) -> bool:
    return len(reason) <= LONGEST_REASON and reason.isprintable()


@dataclass(frozen=True, slots=True)
class Place:
    """Something a text can name.

    `point` is None when neither the place nor its district has a sourced Point. `precision` says how well the
    Point stands for the place: a town known by name only borrows its district's Point, with precision DISTRICT.
    """

    name: Name
    level: Level
    city: str
    district: str  # "" for a city
    point: Point | None
    precision: Precision
    outlet_id: str = ""
    former: str = ""  # the former name by which it was found, if so


@dataclass(frozen=True, slots=True)
class Found:
    """A text named exactly one place."""

    place: Place
    exact: bool = True  # False: found in spite of a typing error


@dataclass(frozen=True, slots=True)
class Unclear:
    """A text named several places; the person chooses."""

    places: tuple[Place, ...]


class Why(StrEnum):
    """Why nothing was found."""

    NO_SUCH_PLACE = "no-such-place"
    OUTSIDE = "outside"  # a place we know lies outside Luzhou and Chongqing
    NO_POINT = "no-point"  # the place is known, its position is not
    GEOCODER_FAILED = "geocoder-failed"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A text named nothing we can measure from. `gap`: the notice of its district, if that much is known."""

    why: Why
    gap: Gap | None = None


class KnownBy(StrEnum):
    """How we know an Origin."""

    SHARED = "shared"
    NAMED = "named"
    GEOCODED = "geocoded"


# Made anew for every request, these are tuples: made in a quarter of the time of a frozen dataclass.


class Origin(NamedTuple):
    """Where we measure from. A shared position has no name, and a district only if the towns around it tell."""

    point: Point
    known_by: KnownBy
    precision: Precision
    name: Name | None
    city: str = ""
    district: str = ""
    exact: bool = True  # False: the text was understood in spite of a typing error


class Filter(NamedTuple):
    """Which outlets may be ranked. An empty field filters nothing."""

    service: Service | None = None
    statuses: frozenset[Status] = frozenset()
    district: str = ""
    open_at: datetime | None = None


class Query(NamedTuple):
    """A locator request understood. Exactly one of `point` and `text` says where from."""

    at: datetime  # aware; the clock enters here and nowhere else
    point: Point | None = None
    text: str = ""
    filter: Filter = Filter()
    radius_m: float | None = None
    limit: int = 5
    use_geocoder: bool = False  # the person agreed that an outside geocoder sees the text


class Told(NamedTuple):
    """What the desk knows of an outlet at a time, beside its record."""

    notices: tuple[Notice, ...] = ()  # the one in force, then those that begin within days
    checked: date | None = None  # when somebody last made sure, if that is newer than its record


NOTHING = Told()


class Hit(NamedTuple):
    """An Outlet, how far (geodesic metres, WGS-84), and whether it is open at the time asked."""

    outlet: Outlet
    metres: float
    opening: Opening
    offer: Offer | None = None  # of the service asked for, if one was
    told: Told = NOTHING


class Nearest(NamedTuple):
    """The answer to a Query whose origin is known: nearest first, and the Gap of the origin's own district."""

    origin: Origin
    hits: tuple[Hit, ...]
    gap: Gap | None = None


Result = Nearest | Unclear | Unknown


class NoAnswer(StrEnum):
    """Why an outside geocoder gave an address no Point."""

    NOT_FOUND = "not-found"
    OUTSIDE = "outside"  # found, but not in Luzhou or Chongqing
    TIMED_OUT = "timed-out"
    QUOTA = "quota"  # theirs is used up, or asking now would break their pace
    REFUSED = "refused"  # the key, or the request as we sent it
    UNAVAILABLE = "unavailable"
    BAD_ANSWER = "bad-answer"


@dataclass(frozen=True, slots=True)
class Located:
    """Where the address is (WGS-84), and what the service calls it: an address (Nominatim) or its kind only."""

    point: Point
    label: str
