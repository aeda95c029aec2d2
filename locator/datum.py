"""Three datums of Chinese maps, and the way between them.

Law: this is the only room that knows GCJ-02 and BD-09. Everything else in the house is WGS-84.

GCJ-02 moves a WGS-84 position by up to some 700 m, by a published-by-practice sum of sines on the Krasovsky
ellipsoid; BD-09 moves GCJ-02 once more. Neither has a closed inverse, so ours iterates until the forward shift
reproduces the input. All functions take and return (latitude, longitude) in degrees, and are meant for China:
outside it Chinese maps are not shifted.
"""

from collections.abc import Callable
from enum import StrEnum
from math import atan2, cos, hypot, pi, radians, sin, sqrt

Degrees = tuple[float, float]  # latitude, longitude


class Datum(StrEnum):
    """Which datum a coordinate is in. Named wherever one comes in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(lat: float, lon: float, datum: Datum) -> Degrees:
    """The WGS-84 position of one given in `datum`; within 1 cm of what the forward shift was given."""
    return _INVERSE[datum](lat, lon)


def from_wgs84(lat: float, lon: float, datum: Datum) -> Degrees:
    """A WGS-84 position as the maps of `datum` draw it."""
    return _FORWARD[datum](lat, lon)


# The Krasovsky 1940 ellipsoid, which GCJ-02 is computed on.
_SEMI_MAJOR = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
# 1e-11 degrees is about a micrometre: far below the 1 cm promised, far above rounding.
_CLOSE_ENOUGH = 1e-11
_MOST_ROUNDS = 30
_BD_WAVES = pi * 3000 / 180


def _same(lat: float, lon: float) -> Degrees:
    return lat, lon


def _gcj02(lat: float, lon: float) -> Degrees:
    east, north = lon - 105, lat - 35
    curve = 1 - _ECCENTRICITY_SQUARED * sin(radians(lat)) ** 2
    metres_per_degree_lat = radians(_SEMI_MAJOR * (1 - _ECCENTRICITY_SQUARED) / (curve * sqrt(curve)))
    metres_per_degree_lon = radians(_SEMI_MAJOR / sqrt(curve) * cos(radians(lat)))
    return (
        lat + _metres_north(east, north) / metres_per_degree_lat,
        lon + _metres_east(east, north) / metres_per_degree_lon,
    )


def _metres_north(east: float, north: float) -> float:
    smooth = -100 + 2 * east + 3 * north + 0.2 * north**2 + 0.1 * east * north + 0.2 * sqrt(abs(east))
    waves = (
        20 * sin(6 * pi * east)
        + 20 * sin(2 * pi * east)
        + 20 * sin(pi * north)
        + 40 * sin(pi / 3 * north)
        + 160 * sin(pi / 12 * north)
        + 320 * sin(pi / 30 * north)
    )
    return smooth + waves * 2 / 3


def _metres_east(east: float, north: float) -> float:
    smooth = 300 + east + 2 * north + 0.1 * east**2 + 0.1 * east * north + 0.1 * sqrt(abs(east))
    waves = (
        20 * sin(6 * pi * east)
        + 20 * sin(2 * pi * east)
        + 20 * sin(pi * east)
        + 40 * sin(pi / 3 * east)
        + 150 * sin(pi / 12 * east)
        + 300 * sin(pi / 30 * east)
    )
    return smooth + waves * 2 / 3


def _bd09_of_gcj02(lat: float, lon: float) -> Degrees:
    radius = hypot(lon, lat) + 0.00002 * sin(lat * _BD_WAVES)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _BD_WAVES)
    return radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065


def _bd09(lat: float, lon: float) -> Degrees:
    return _bd09_of_gcj02(*_gcj02(lat, lon))


def _inverse_of(shift: Callable[[float, float], Degrees]) -> Callable[[float, float], Degrees]:
    """A shift is nearly constant from one metre to the next, so taking its error back converges at once."""

    def undo(lat: float, lon: float) -> Degrees:
        wgs_lat, wgs_lon = lat, lon
        for _ in range(_MOST_ROUNDS):
            shifted_lat, shifted_lon = shift(wgs_lat, wgs_lon)
            wgs_lat, wgs_lon = wgs_lat + lat - shifted_lat, wgs_lon + lon - shifted_lon
            if abs(lat - shifted_lat) < _CLOSE_ENOUGH and abs(lon - shifted_lon) < _CLOSE_ENOUGH:
                break
        return wgs_lat, wgs_lon

    return undo


_FORWARD = {Datum.WGS84: _same, Datum.GCJ02: _gcj02, Datum.BD09: _bd09}
_INVERSE = {Datum.WGS84: _same, Datum.GCJ02: _inverse_of(_gcj02), Datum.BD09: _inverse_of(_bd09)}
