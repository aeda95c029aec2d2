"""The datum room, against an independent implementation and against itself."""

import random

import eviltransform
import pytest
from pyproj import Geod

from locator.datum import Datum, from_wgs84, to_wgs84

GEOD = Geod(ellps="WGS84")
SOUTH, NORTH, WEST, EAST = 27.6, 32.3, 104.9, 110.3  # Luzhou and Chongqing
SHIFTED = [Datum.GCJ02, Datum.BD09]


def points(count: int) -> list[tuple[float, float]]:
    dice = random.Random(20200928)
    return [(dice.uniform(SOUTH, NORTH), dice.uniform(WEST, EAST)) for _ in range(count)]


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(GEOD.inv(a[1], a[0], b[1], b[0])[2])


def worst(pairs: list[tuple[tuple[float, float], tuple[float, float]]]) -> float:
    lats_a, lons_a = zip(*(a for a, _ in pairs), strict=True)
    lats_b, lons_b = zip(*(b for _, b in pairs), strict=True)
    return float(max(GEOD.inv(lons_a, lats_a, lons_b, lats_b)[2]))


@pytest.mark.parametrize("datum", SHIFTED)
def test_a_round_trip_of_100_000_points_stays_within_a_centimetre(datum: Datum) -> None:
    pairs = [(point, to_wgs84(*from_wgs84(*point, datum), datum)) for point in points(100_000)]
    assert worst(pairs) < 0.01


def test_the_forward_shift_agrees_with_eviltransform_within_two_centimetres_at_100_000_points() -> None:
    pairs = [(from_wgs84(*point, Datum.GCJ02), eviltransform.wgs2gcj(*point)) for point in points(100_000)]
    assert worst(pairs) < 0.02


def test_the_quick_inverse_of_others_is_not_good_enough_to_pass_our_round_trip() -> None:
    """The negative control: the measure does tell half a metre from a centimetre."""
    pairs = [(point, eviltransform.gcj2wgs(*from_wgs84(*point, Datum.GCJ02))) for point in points(1_000)]
    assert worst(pairs) > 0.1


def test_bd09_agrees_with_eviltransform_within_two_centimetres() -> None:
    pairs = [
        (from_wgs84(*point, Datum.BD09), eviltransform.gcj2bd(*from_wgs84(*point, Datum.GCJ02)))
        for point in points(1_000)
    ]
    assert worst(pairs) < 0.02


@pytest.mark.parametrize("datum", SHIFTED)
def test_a_shift_is_large_enough_to_send_somebody_to_the_wrong_door(datum: Datum) -> None:
    here = (29.543736, 106.452904)
    assert 100 < metres(here, from_wgs84(*here, datum)) < 2_000


def test_wgs84_is_left_as_it_is() -> None:
    assert to_wgs84(29.5, 106.5, Datum.WGS84) == (29.5, 106.5) == from_wgs84(29.5, 106.5, Datum.WGS84)
