"""The index against the slow obvious way: all geodesics, sorted."""

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from locator.model import Point
from locator.nearest import Index, geodesic_m

GEOD = Geod(ellps="WGS84")
SOUTH, NORTH, WEST, EAST = 27.6, 32.3, 104.9, 110.3  # Luzhou and Chongqing
K = 5
Floats = npt.NDArray[np.float64]
Ranking = list[tuple[float, int]]


def scatter(count: int, seed: int) -> tuple[Floats, Floats]:
    dice = np.random.default_rng(seed)
    return dice.uniform(SOUTH, NORTH, count), dice.uniform(WEST, EAST, count)


def villages(count: int, seed: int) -> tuple[Floats, Floats]:
    """As real outlets lie: in clumps, many at the very same town point."""
    dice = np.random.default_rng(seed)
    lats, lons = scatter(max(count // 8, 1), seed + 1)
    town = dice.integers(0, len(lats), count)
    apart = dice.integers(0, 3, count) * 1e-4
    return lats[town] + apart, lons[town] - apart


def points(count: int, seed: int) -> list[Point]:
    return [Point(float(lat), float(lon)) for lat, lon in zip(*scatter(count, seed), strict=True)]


def all_sorted(lats: Floats, lons: Floats, point: Point, k: int) -> Ranking:
    metres = GEOD.inv(np.full(len(lats), point.lon), np.full(len(lats), point.lat), lons, lats)[2]
    first = np.lexsort((np.arange(len(lats)), metres))[:k]
    return [(float(metres[row]), int(row)) for row in first]


def in_degrees(lats: Floats, lons: Floats, point: Point, k: int) -> list[int]:
    first = np.argsort((lats - point.lat) ** 2 + (lons - point.lon) ** 2, kind="stable")[:k]
    return [int(row) for row in first]


@pytest.mark.parametrize("lay_out", [scatter, villages])
@pytest.mark.parametrize("count, queries", [(75, 5_000), (10_000, 250), (200_000, 25)])
def test_the_index_and_the_slow_way_agree_to_the_last_bit(lay_out: object, count: int, queries: int) -> None:
    """Both layouts together: 10,000 queries over 75 points, 500 over 10,000, 50 over 200,000."""
    assert callable(lay_out)
    lats, lons = lay_out(count, count)
    index = Index(lats, lons)
    different = sum(
        index.nearest(point, K) != all_sorted(lats, lons, point, K) for point in points(queries, 7)
    )
    assert different == 0


def test_ranking_in_degrees_is_seen_to_be_wrong() -> None:
    """The negative control: the comparison above does notice a wrong order."""
    lats, lons = scatter(75, 75)
    wrong = sum(
        in_degrees(lats, lons, point, 1)[0] != all_sorted(lats, lons, point, 1)[0][1]
        for point in points(2_000, 7)
    )
    assert wrong > 20


def test_outlets_that_are_all_far_away_are_ranked_exactly_too() -> None:
    """500 km off, chord and geodesic differ by 100 m: the order must still be proven, not hoped for."""
    dice = np.random.default_rng(3)
    lats, lons = dice.uniform(32.0, 32.3, 5_000), dice.uniform(110.0, 110.3, 5_000)
    index = Index(lats, lons)
    for point in [Point(28.0, 105.0), Point(28.9, 105.4), Point(-30.0, -70.0)]:
        assert index.nearest(point, 50) == all_sorted(lats, lons, point, 50)


coordinates = st.tuples(
    st.floats(-90, 90, allow_nan=False, allow_subnormal=False), st.floats(-180, 180, allow_subnormal=False)
)


@given(st.lists(coordinates, min_size=1, max_size=30), coordinates, st.integers(1, 40))
def test_any_points_anywhere_on_earth_are_ranked_exactly(
    places: list[tuple[float, float]], here: tuple[float, float], k: int
) -> None:
    lats, lons = (np.array(column) for column in zip(*places, strict=True))
    assert Index(lats, lons).nearest(Point(*here), k) == all_sorted(lats, lons, Point(*here), k)


def test_equal_distances_keep_row_order() -> None:
    index = Index([29.5] * 200, [106.5] * 200)
    assert [row for _, row in index.nearest(Point(29.6, 106.6), 7)] == [0, 1, 2, 3, 4, 5, 6]


def test_an_empty_index_has_no_nearest() -> None:
    assert Index([], []).nearest(Point(29.5, 106.5), 5) == []


def test_a_radius_keeps_what_lies_exactly_on_it_and_drops_what_lies_beyond() -> None:
    here, near, far = Point(29.5, 106.5), Point(29.6, 106.5), Point(29.7, 106.5)
    index = Index([near.lat, far.lat], [near.lon, far.lon])
    reach = geodesic_m(here, near)
    assert [row for _, row in index.nearest(here, 5, within_m=reach)] == [0]
    assert index.nearest(here, 5, within_m=reach - 0.001) == []


@given(st.lists(coordinates, max_size=30), coordinates, coordinates)
def test_a_box_holds_the_points_that_compare_as_inside(
    places: list[tuple[float, float]], a: tuple[float, float], b: tuple[float, float]
) -> None:
    (south, north), (west, east) = sorted((a[0], b[0])), sorted((a[1], b[1]))
    inside = [row for row, (lat, lon) in enumerate(places) if south <= lat <= north and west <= lon <= east]
    index = Index([lat for lat, _ in places], [lon for _, lon in places])
    assert index.within(shapely.box(west, south, east, north)).tolist() == inside
