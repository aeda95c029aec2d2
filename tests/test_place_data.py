"""The shipped place files agree with themselves and with the rules their README states."""

import csv
import re
from itertools import pairwise
from math import cos, hypot, radians
from pathlib import Path

import pytest

from locator.text import sound

DATA = Path(__file__).parents[1] / "locator" / "data"
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


DISTRICTS, TOWNS, OUTSIDE = rows("districts.csv"), rows("towns.csv"), rows("outside.csv")
UNITS = [row for row in DISTRICTS if row["kind"] == "district"]


def test_there_are_37_present_districts_in_chongqing_and_7_in_luzhou() -> None:
    cities = [row["city"] for row in UNITS]
    assert (cities.count("重庆市"), cities.count("泸州市"), len(cities)) == (37, 7, 44)


def test_every_town_lies_in_a_present_district_of_its_city() -> None:
    units = {(row["city"], row["district"]) for row in UNITS}
    assert [row["name"] for row in TOWNS if (row["city"], row["district"]) not in units] == []


def test_every_former_district_is_one_we_know() -> None:
    known = {row["name"] for row in DISTRICTS} | {""}
    assert {row["former_district"] for row in TOWNS} <= known


def test_no_two_towns_of_a_district_have_one_name() -> None:
    names = sorted((row["district"], row["name"]) for row in TOWNS)
    assert [pair for pair in pairwise(names) if pair[0] == pair[1]] == []


@pytest.mark.parametrize("name", ["districts.csv", "towns.csv"])
def test_the_pinyin_in_the_file_is_how_the_name_sounds(name: str) -> None:
    wrong = [(row["name"], sound(row["name"])) for row in rows(name) if row["pinyin"] != sound(row["name"])]
    assert wrong == []


def test_the_pinyin_of_every_place_is_letters_only() -> None:
    spelled = [row["pinyin"] for row in (*DISTRICTS, *TOWNS, *OUTSIDE)]
    assert [text for text in spelled if not re.fullmatch(r"[a-z]+( [a-z]+)*", text)] == []


def test_every_point_lies_in_the_region() -> None:
    """Generous bounds of Luzhou and Chongqing together; they catch a swapped or a mistyped coordinate."""
    points = [
        (row["name"], float(row["lon"]), float(row["lat"])) for row in (*DISTRICTS, *TOWNS) if row["lon"]
    ]
    assert [name for name, lon, lat in points if not (105 < lon < 110.3 and 27.5 < lat < 32.3)] == []
    assert len(points) > 950


def test_only_the_high_tech_zone_has_no_point() -> None:
    assert [row["name"] for row in DISTRICTS if not row["lon"]] == ["重庆高新区"]


def test_the_point_of_liangjiang_is_the_medoid_of_its_towns() -> None:
    towns = [row for row in TOWNS if row["district"] == "两江新区" and row["lon"]]

    def total(row: Row) -> float:
        return sum(distance(row, other) for other in towns)

    medoid = min(towns, key=total)
    liangjiang = next(row for row in UNITS if row["name"] == "两江新区")
    assert (liangjiang["lon"], liangjiang["lat"]) == (medoid["lon"], medoid["lat"])
    assert medoid["name"] in liangjiang["point_from"]


def distance(one: Row, other: Row) -> float:
    """In degrees of latitude; flat is near enough within one district."""
    lat = radians(float(one["lat"]))
    return hypot(
        (float(one["lon"]) - float(other["lon"])) * cos(lat), float(one["lat"]) - float(other["lat"])
    )


def test_no_place_outside_is_called_like_a_district_of_ours() -> None:
    ours = {name for row in DISTRICTS for name in (row["name"], row["short"], *row["also"].split("|"))} - {""}
    assert [row["name"] for row in OUTSIDE if {row["name"], row["short"]} & ours] == []


def test_a_county_outside_leaves_its_short_name_to_our_town() -> None:
    towns = {re.sub("(街道|镇|乡)$", "", row["name"]) for row in TOWNS}
    assert [row["name"] for row in OUTSIDE if row["name"].endswith("县") and row["short"] in towns] == []
