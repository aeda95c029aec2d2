"""Find the nearest outlets for a Query: the origin understood, the filter applied, the hits ranked.

One straight line per request: `find` → origin → ranked rows → hits. Pure once made; made anew when the data change.
"""

from collections.abc import Iterator
from copy import copy
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import cos, inf, radians, sin
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import shapely

from locator.calendar import Calendar
from locator.hours import UNKNOWN, DayHours, Opening, OpeningState, opening, read_hours
from locator.model import (
    Filter,
    Found,
    Gap,
    Hit,
    KnownBy,
    Level,
    Located,
    Name,
    Nearest,
    NoAnswer,
    Offer,
    Origin,
    Outlet,
    Place,
    Point,
    Precision,
    Query,
    Result,
    Service,
    Status,
    Told,
    Unclear,
    Unknown,
    Why,
)
from locator.nearest import Index
from locator.notices import NONE, Notices, day_under, opening_under
from locator.outlets import Atlas
from locator.places import Gazetteer

# A shared position is in the district that its two nearest named towns agree on, if they are within some 15 km.
_TOWNS_THAT_AGREE = 2
_NEIGHBOURHOOD = cos(15 / 6371)
# Asked for the middle of a square kilometre: fine enough for such a guess, too coarse to be anybody's position.
_CELL_DECIMALS = 2
# Trees kept for filters asked for before: at most this many points over all of them (some 50 bytes a point).
_POINTS_KEPT = 4_000_000
_NO_ANSWERS = {NoAnswer.OUTSIDE: Why.OUTSIDE, NoAnswer.NOT_FOUND: Why.NO_SUCH_PLACE}
_OPEN = frozenset({OpeningState.OPEN, OpeningState.CLOSES_SOON})


class Geocodes(Protocol):
    """An outside geocoder. Never raises; failure is a named outcome."""

    def locate(self, address: str) -> Located | NoAnswer: ...


class Finder:
    """Answers Queries over one Atlas. Safe to share between threads."""

    def __init__(
        self, atlas: Atlas, gazetteer: Gazetteer, calendar: Calendar, geocoder: Geocodes | None = None
    ) -> None:
        self.atlas = atlas
        self.gazetteer = gazetteer
        self.calendar = calendar
        self.geocoder = geocoder
        self.notices = NONE
        # Row order is the last word among equal distances: make it the order of ids.
        self.outlets = tuple(sorted(atlas.outlets, key=lambda outlet: outlet.id))
        self._row_of = {outlet.id: row for row, outlet in enumerate(self.outlets)}
        self._gap_of = {gap.district: gap for gap in atlas.gaps}
        self._columns = _Columns(self.outlets)
        self._neighbours = _Neighbours(gazetteer.places)
        self._hours = {text: read_hours(text) for text in {outlet.hours for outlet in self.outlets} if text}
        kept = _POINTS_KEPT // max(len(self.outlets), 1)
        self._subset = lru_cache(min(max(kept, 8), 256))(self._make_subset)
        self._opening = lru_cache(4_096)(self._compute_opening)
        self._open_texts = lru_cache(64)(self._compute_open_texts)
        self._open_then = lru_cache(64)(self._compute_open_then)

    @property
    def edition(self) -> str:
        """Another one when what it answers from is another."""
        return self.atlas.fingerprint + self.notices.edition

    def knowing(self, notices: Notices) -> "Finder":
        """The same with what the desk knows: one for each request."""
        if not notices.outlet_ids:
            return self
        informed = copy(self)  # what was made and remembered so far is shared
        informed.notices = notices
        return informed

    def find(self, query: Query) -> Result:
        """Nearest, or Unclear when the text names several places, or Unknown with the reason.

        A door closed by a notice keeps its place in a list by distance, and says so: who reads that the hall around
        the corner is closed today does not set out, and looks for no reason why it is missing. A filter by time
        leaves it out.
        """
        origin = self._origin(query)
        if not isinstance(origin, Origin):
            return origin
        hits = self._hits(self._ranked(origin.point, query), query)
        if self.notices is not NONE:
            hits = tuple(self._told(hit, query) for hit in hits)
        return Nearest(origin, hits, self._gap_of.get(origin.district))

    def outlet(self, outlet_id: str) -> Outlet | None:
        row = self._row_of.get(outlet_id)
        return None if row is None else self.outlets[row]

    def gap(self, gap_id: str) -> Gap | None:
        return next((gap for gap in self._gap_of.values() if gap.id == gap_id), None)

    def opening_of(self, outlet: Outlet, at: datetime) -> Opening:
        """Whether it is open at `at` (aware)."""
        return self._opening_under(self.notices, outlet, _minute(at))

    def day_of(self, outlet: Outlet, on: date) -> DayHours:
        """When it is open on that date."""
        return day_under(self.notices.of(outlet.id), self._hours.get(outlet.hours), self.calendar, on)

    def told(self, outlet: Outlet, at: datetime) -> Told:
        """What the desk knows of it at `at` (aware)."""
        return self.notices.told(outlet, _minute(at))

    def listed(self, wanted: Filter, area: shapely.Geometry | None = None) -> list[Outlet]:
        """All outlets that pass the filter (and lie in the WGS-84 area), in the order of their ids."""
        rows = np.unique(np.concatenate([self._subset(*tier).rows for tier in self._tiers(wanted)]))
        if area is not None:
            rows = np.intersect1d(rows, self._columns.index.within(area))
        return [self.outlets[row] for row in rows]

    def surely(self, wanted: Filter) -> Index:
        """The index over just the outlets that are known to pass."""
        return self._subset(*next(self._tiers(wanted))).index

    # -- where from --

    def _origin(self, query: Query) -> Origin | Unclear | Unknown:
        if query.point is not None:
            return self._shared(query.point)
        found = self.gazetteer.find(query.text)
        if isinstance(found, Found):
            return self._named(found)
        if isinstance(found, Unknown) and query.use_geocoder and self.geocoder is not None:
            return self._geocoded(self.geocoder.locate(query.text))
        return found

    def _shared(self, point: Point) -> Origin:
        city, district = self._neighbours.unit_at(point)
        return Origin(point, KnownBy.SHARED, Precision.BUILDING, None, city, district)

    def _named(self, found: Found) -> Origin | Unclear | Unknown:
        place = found.place
        if place.level is Level.CITY:
            return Unclear(self.gazetteer.districts_of(place.city))
        if place.point is None:
            return Unknown(Why.NO_POINT, gap=self._gap_of.get(place.district))
        return Origin(
            place.point, KnownBy.NAMED, place.precision, place.name, place.city, place.district, found.exact
        )

    def _geocoded(self, answer: Located | NoAnswer) -> Origin | Unknown:
        if isinstance(answer, NoAnswer):
            return Unknown(_NO_ANSWERS.get(answer, Why.GEOCODER_FAILED))
        city, district = self._neighbours.unit_at(answer.point)
        # An outside answer may be a door or the middle of a district, and does not say which.
        name = Name(answer.label, answer.label)
        return Origin(answer.point, KnownBy.GEOCODED, Precision.TOWN, name, city, district)

    # -- which and in what order --

    def _ranked(self, point: Point, query: Query) -> list[tuple[float, int]]:
        """(metres, row), tier by tier: what is known to fit comes before what only may fit."""
        ranked: list[tuple[float, int]] = []
        for tier in self._tiers(query.filter):
            missing = query.limit - len(ranked)
            if not missing:
                break
            subset = self._subset(*tier)
            within = query.radius_m if query.radius_m is not None else inf
            ranked += [
                (metres, int(subset.rows[row]))
                for metres, row in subset.index.nearest(point, missing, within)
            ]
        return ranked

    def _tiers(self, wanted: Filter) -> Iterator["_Tier"]:
        offers = (None,) if wanted.service is None else (Offer.YES, Offer.UNKNOWN)
        hours: tuple[_Doors | None, ...] = (None,)
        if wanted.open_at is not None:
            hours = self._open_then(_minute(wanted.open_at), self.notices)
        for offer in offers:
            for doors in hours:
                yield wanted.service, offer, doors, wanted.statuses, wanted.district

    def _make_subset(self, *tier: object) -> "_Subset":
        rows = self._columns.rows(*tier)  # type: ignore[arg-type]  # lru_cache forgets the signature
        return _Subset(
            rows, self._columns.index if len(rows) == len(self.outlets) else self._columns.part(rows)
        )

    # -- the hits --

    def _hits(self, ranked: list[tuple[float, int]], query: Query) -> tuple[Hit, ...]:
        service, minute = query.filter.service, _minute(query.filter.open_at or query.at)
        found = [(self.outlets[row], metres) for metres, row in ranked]
        return tuple(
            Hit(
                outlet,
                metres,
                self._opening(outlet.hours, minute),
                outlet.offers(service) if service else None,
            )
            for outlet, metres in found
        )

    def _told(self, hit: Hit, query: Query) -> Hit:
        if hit.outlet.id not in self.notices.outlet_ids:
            return hit
        at = query.filter.open_at or query.at
        return hit._replace(opening=self.opening_of(hit.outlet, at), told=self.told(hit.outlet, at))

    def _opening_under(self, notices: Notices, outlet: Outlet, minute: datetime) -> Opening:
        own = notices.of(outlet.id)
        if not own:
            return self._opening(outlet.hours, minute)
        return opening_under(own, self._hours.get(outlet.hours), minute, self.calendar)

    def _compute_opening(self, text: str, minute: datetime) -> Opening:
        hours = self._hours.get(text)
        return UNKNOWN if hours is None else opening(hours, minute, self.calendar)

    def _compute_open_texts(self, minute: datetime) -> tuple[frozenset[str], frozenset[str]]:
        """The opening_hours texts that are open at that minute, and those of which nobody knows."""
        states = {text: self._opening(text, minute).state for text in {"", *self._hours}}
        known = frozenset(text for text, state in states.items() if state in _OPEN)
        unknown = frozenset(text for text, state in states.items() if state is OpeningState.UNKNOWN)
        return known, unknown

    def _compute_open_then(self, minute: datetime, notices: Notices) -> tuple["_Doors", "_Doors"]:
        """The doors that are open at that minute, and those of which nobody knows."""
        known, unknown = self._open_texts(minute)
        told = {
            row: self._opening_under(notices, self.outlets[row], minute).state
            for row in map(self._row_of.get, notices.notices)
            if row is not None
        }
        opened = frozenset(row for row, state in told.items() if state in _OPEN)
        doubtful = frozenset(row for row, state in told.items() if state is OpeningState.UNKNOWN)
        return _Doors(known, frozenset(told), opened), _Doors(unknown, frozenset(told), doubtful)


class _Doors(NamedTuple):
    """Those with one of the hours texts, but for the rows with a notice, which are judged one by one."""

    texts: frozenset[str]
    judged: frozenset[int]
    taken: frozenset[int]  # of those that were judged


# Service, what is known of it, which doors by their hours, statuses, district: one set of rows.
_Tier = tuple[Service | None, Offer | None, _Doors | None, frozenset[Status], str]


class _Columns:
    """The outlets as arrays, one row an outlet: a filter is a mask."""

    def __init__(self, outlets: tuple[Outlet, ...]) -> None:
        self._lats = np.array([outlet.point.lat for outlet in outlets], dtype=np.float64)
        self._lons = np.array([outlet.point.lon for outlet in outlets], dtype=np.float64)
        self._offers = {
            service: np.array([outlet.offers(service) for outlet in outlets], dtype=object)
            for service in Service
        }
        self._hours = np.array([outlet.hours for outlet in outlets], dtype=object)
        self._statuses = np.array([outlet.status for outlet in outlets], dtype=object)
        self._districts = np.array([outlet.district for outlet in outlets], dtype=object)
        self.index = Index(self._lats, self._lons)

    def rows(
        self,
        service: Service | None,
        offer: Offer | None,
        doors: _Doors | None,
        statuses: frozenset[Status],
        district: str,
    ) -> npt.NDArray[np.intp]:
        mask = np.ones(len(self._lats), dtype=bool)
        if service is not None:
            mask &= self._offers[service] == offer
        if doors is not None:
            mask &= self._fitting(doors)
        if statuses:
            mask &= np.isin(self._statuses, list(statuses))
        if district:
            mask &= self._districts == district
        return np.flatnonzero(mask)

    def _fitting(self, doors: _Doors) -> npt.NDArray[np.bool_]:
        fitting = np.isin(self._hours, list(doors.texts))
        fitting[list(doors.judged)] = False
        fitting[list(doors.taken)] = True
        return fitting

    def part(self, rows: npt.NDArray[np.intp]) -> Index:
        return Index(self._lats[rows], self._lons[rows])


class _Subset:
    """The rows that pass one filter, and an index over just them: a filter that leaves only far ones stays fast."""

    def __init__(self, rows: npt.NDArray[np.intp], index: Index) -> None:
        self.rows = rows
        self.index = index


class _Neighbours:
    """Which district a position is in, as far as the named towns around it tell: boundaries are not shipped."""

    def __init__(self, places: tuple[Place, ...]) -> None:
        self._units = [
            (place.city, place.district, place.point)
            for place in places
            if place.point is not None and place.level is Level.TOWN and place.precision is Precision.TOWN
        ]
        # Directions from the earth's centre: a hint needs no geodesics, and 950 dot products cost less than a tree.
        self._directions = np.array(
            [_direction(point.lat, point.lon) for _, _, point in self._units]
        ).reshape(-1, 3)
        self._unit_in = lru_cache(4_096)(self._ask_towns)

    def unit_at(self, point: Point) -> tuple[str, str]:
        """(city, district), or empty strings where the two nearest towns disagree or are far."""
        return self._unit_in(round(point.lat, _CELL_DECIMALS), round(point.lon, _CELL_DECIMALS))

    def _ask_towns(self, lat: float, lon: float) -> tuple[str, str]:
        closeness = self._directions @ _direction(lat, lon)
        nearby = set()
        for _ in range(_TOWNS_THAT_AGREE):
            nearest = int(closeness.argmax())
            if closeness[nearest] < _NEIGHBOURHOOD:
                return "", ""
            nearby.add(self._units[nearest][:2])
            closeness[nearest] = -1
        return nearby.pop() if len(nearby) == 1 else ("", "")


def _direction(lat_degrees: float, lon_degrees: float) -> tuple[float, float, float]:
    lat, lon = radians(lat_degrees), radians(lon_degrees)
    return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)


def _minute(at: datetime) -> datetime:
    # Hours are written in minutes, so nothing changes within one; and a minute is a good key to remember by.
    return at - timedelta(seconds=at.second, microseconds=at.microsecond)
