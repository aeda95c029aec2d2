"""Charts: bars as long as what they stand for, on an axis that begins at nought."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bars import Column, Part, axis, columns, row

NUMBERS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=90)


def drawn(bars: list[tuple[int, int]]) -> ET.Element:
    made = [
        Column(f"10/{day}", f"day {day}", (Part("answered", below), Part("declined", above)))
        for day, (below, above) in enumerate(bars, 1)
    ]
    return ET.fromstring(columns(made, "Questions <each> day", 'They say "much" & more'))


def length(element: ET.Element, name: str) -> float:
    return float(element.get(name, "").removesuffix("%"))


@pytest.mark.parametrize(
    "most, lines",
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (5, [0, 1, 2, 3, 4, 5]),
        (6, [0, 2, 4, 6]),
        (11, [0, 5, 10, 15]),
        (26, [0, 10, 20, 30]),
        (99, [0, 20, 40, 60, 80, 100]),
        (101, [0, 50, 100, 150]),
        (4321, [0, 1000, 2000, 3000, 4000, 5000]),
    ],
)
def test_an_axis_has_round_numbers_from_nought_on(most: int, lines: list[int]) -> None:
    assert axis(most) == lines


@given(st.integers(0, 10**12))
def test_an_axis_is_even_short_and_reaches_what_it_must(most: int) -> None:
    lines = axis(most)
    assert lines[0] == 0
    assert most <= lines[-1]
    assert 2 <= len(lines) <= 6
    assert {after - before for before, after in pairwise(lines)} == {lines[1]}
    assert re.fullmatch("[125]0*", str(lines[1]))
    assert lines[-2] < max(most, 1)


@given(NUMBERS)
def test_bars_are_as_long_as_what_they_stand_for_and_stand_on_each_other(bars: list[tuple[int, int]]) -> None:
    top = axis(max(map(sum, bars), default=0))[-1]
    groups = drawn(bars).findall("g")
    assert len(groups) == len(bars)
    for group, parts in zip(groups, bars, strict=True):
        floor = 100.0
        shown = [part for part in parts if part]
        for rect, times in zip(group.findall("rect"), shown, strict=True):
            assert length(rect, "height") == pytest.approx(100 * times / top, abs=0.001)
            assert length(rect, "y") + length(rect, "height") == pytest.approx(floor, abs=0.003)
            floor = length(rect, "y")
        assert floor >= -0.001


@given(NUMBERS.filter(bool))
def test_bars_stand_side_by_side_within_the_drawing(bars: list[tuple[int, int]]) -> None:
    edge = 0.0
    for group in drawn(bars).findall("g"):
        for rect in group.findall("rect")[:1]:
            assert length(rect, "x") >= edge - 0.001
            edge = length(rect, "x") + length(rect, "width")
    assert edge <= 100.001


@pytest.mark.parametrize("days, labels", [(1, 1), (7, 7), (8, 4), (30, 6), (90, 7)])
def test_the_newest_day_is_always_named_and_never_too_many(days: int, labels: int) -> None:
    named = [one for one in drawn([(1, 2)] * days).findall("g/text") if "bars-day" in one.get("class", "")]
    assert len(named) == labels
    assert named[-1].text == f"10/{days}"
    assert ["spare" in one.get("class", "") for one in reversed(named)] == ([False, True] * 4)[:labels]


def test_sums_stand_above_few_bars_and_a_day_without_questions_has_neither_bar_nor_sum() -> None:
    chart = drawn([(1, 2), (0, 0), (4, 0)])
    assert [one.text for one in chart.findall("g/text[@class='bars-sum']")] == ["3", "4"]
    assert [len(group.findall("rect")) for group in chart.findall("g")] == [2, 0, 1]
    assert drawn([(1, 2)] * 30).findall("g/text[@class='bars-sum']") == []


def test_a_chart_says_what_it_shows_to_whoever_does_not_see_it() -> None:
    chart = drawn([(1, 2)])
    assert chart.get("role") == "img"
    told = {one.get("id"): one.text for one in chart if one.get("id")}
    assert [told[name] for name in chart.get("aria-labelledby", "").split()] == [
        "Questions <each> day",
        'They say "much" & more',
    ]
    assert [one.text for one in chart.findall("g/title")] == ["day 1"]


@pytest.mark.parametrize(
    "times, most, width", [(5, 5, "100.0%"), (1, 4, "25.0%"), (0, 4, "0.0%"), (0, 0, "0.0%")]
)
def test_a_bar_in_a_table_is_its_share_of_the_longest(times: int, most: int, width: str) -> None:
    rect = ET.fromstring(row(times, most))[0]
    assert rect.get("width") == width
