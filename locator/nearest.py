"""The k nearest Points by true WGS-84 geodesic distance, exactly; and the Points inside an area.

Law: never rank in degrees. A k-d tree over earth-centred coordinates proposes candidates in order of chord (the
straight line through the earth); geodesics rank them; and the answer is given only when no Point left out can
belong to it. That needs a lower bound of the geodesic by its chord:

    s ≥ 2 R asin(c / 2R),  R = a²/b, the largest radius of curvature of the ellipsoid.

Proof. Along a geodesic from P with curvature κ ≥ 1/R and inward normal N, let f = c² = |γ - P|². Then
f'' = 2 + 2κ (γ - P)·N. The ellipsoid lies inside the ball of radius R that touches it at γ (Blaschke), so
(γ - P)·N ≤ -f/2R and f'' ≤ 2 - f/R². Comparing with g = 4R² sin²(s/2R), which solves g'' = 2 - g/R² with the same
start, f ≤ g for s ≤ πR. ∎  The bound is within 3 m of the truth at 500 km, so the chord of the
next candidate nearly always proves the first k.
"""

from collections.abc import Sequence
from functools import cached_property
from math import asin, cos, dist, inf, radians, sin, sqrt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

from locator.model import Point

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
_Metres = tuple[float, float, float]  # from the earth's centre

_GEOD = Geod(ellps="WGS84")
_A, _E2 = _GEOD.a, _GEOD.es
_LARGEST_RADIUS = _GEOD.a**2 / _GEOD.b
# Rounding of a chord is a few nanometres, of a geodesic 15: a micrometre covers both.
_ROUNDING_M = 1e-6
_FEW = 128
# How far one unproven round reaches beyond the last.
_WIDEN = 4


def geodesic_m(a: Point, b: Point) -> float:
    """Metres from a to b along the WGS-84 ellipsoid."""
    return float(_GEOD.inv(a.lon, a.lat, b.lon, b.lat)[2])


class Index:
    """A fixed set of Points, known by their row. Immutable after making; safe to share between threads."""

    def __init__(self, lats: Sequence[float] | Floats, lons: Sequence[float] | Floats) -> None:
        """`lats` and `lons`: WGS-84 degrees, both of shape (n,), all finite."""
        self._lats = np.ascontiguousarray(lats, dtype=np.float64)
        self._lons = np.ascontiguousarray(lons, dtype=np.float64)
        # A memoryview hands out Python floats three times faster than an array does.
        self._lat_of = self._lats.data
        self._lon_of = self._lons.data
        places = _earth_centred(self._lats, self._lons)
        # Asking a tree costs more than comparing this few one by one.
        is_few = len(places) <= _FEW
        self._few: list[_Metres] = list(map(tuple, places.tolist())) if is_few else []
        self._tree = None if is_few else _tree(places)

    def __len__(self) -> int:
        return len(self._lats)

    def nearest(self, point: Point, k: int, within_m: float = inf) -> list[tuple[float, int]]:
        """(metres, row) of the k nearest within `within_m`, nearest first, equal distances in row order."""
        here = _earth_centred_point(point.lat, point.lon)
        reach = k
        while True:
            rows, next_chord = self._by_chord(here, reach)
            ranked = self._by_geodesic(point, rows)
            if next_chord == inf or _at_least_m(next_chord) > ranked[k - 1][0] + _ROUNDING_M:
                return [hit for hit in ranked[:k] if hit[0] <= within_m]
            reach *= _WIDEN

    def within(self, area: shapely.Geometry) -> Rows:
        """Rows of the Points in `area` (WGS-84 degrees, longitude first), its border included, ascending."""
        return np.sort(self._boxes.query(area, predicate="intersects"))

    def _by_chord(self, here: _Metres, reach: int) -> tuple[list[int], float]:
        """The `reach` rows nearest through the earth, and the chord of the next one: inf when there is none."""
        if self._tree is None:
            nearby = sorted([(dist(here, there), row) for row, there in enumerate(self._few)])
            return [row for _, row in nearby[:reach]], nearby[reach][0] if reach < len(nearby) else inf
        chords, rows = self._tree.query(here, reach + 1)
        end = len(self._lats)  # the row by which the tree marks a missing candidate
        return [row for row in rows[:reach].tolist() if row < end], chords[reach]

    def _by_geodesic(self, point: Point, rows: list[int]) -> list[tuple[float, int]]:
        inverse, lat_of, lon_of, lat, lon = _GEOD.inv, self._lat_of, self._lon_of, point.lat, point.lon
        ranked = [(inverse(lon, lat, lon_of[row], lat_of[row])[2], row) for row in rows]
        ranked.sort()
        return ranked

    @cached_property
    def _boxes(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.points(self._lons, self._lats))


def _tree(places: Floats) -> "cKDTree":
    # 29 MiB, without which few outlets do.
    from scipy.spatial import cKDTree  # noqa: PLC0415

    return cKDTree(places)


def _at_least_m(chord_m: float) -> float:
    return 2 * _LARGEST_RADIUS * asin(chord_m / (2 * _LARGEST_RADIUS))


def _earth_centred(lats: Floats, lons: Floats) -> Floats:
    """Metres from the earth's centre, shape (n, 3)."""
    lat, lon = np.radians(lats), np.radians(lons)
    normal = _A / np.sqrt(1 - _E2 * np.sin(lat) ** 2)
    return np.column_stack(
        (
            normal * np.cos(lat) * np.cos(lon),
            normal * np.cos(lat) * np.sin(lon),
            normal * (1 - _E2) * np.sin(lat),
        )
    )


def _earth_centred_point(lat_degrees: float, lon_degrees: float) -> _Metres:
    # The same for one point, without the cost of making arrays.
    lat, lon = radians(lat_degrees), radians(lon_degrees)
    normal = _A / sqrt(1 - _E2 * sin(lat) ** 2)
    return normal * cos(lat) * cos(lon), normal * cos(lat) * sin(lon), normal * (1 - _E2) * sin(lat)
