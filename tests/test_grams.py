"""How a question is cut: by letter, by sound, by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grams import grams, see


@pytest.mark.parametrize(
    "text, units",
    [
        ("社保卡lost了", ("社", "保", "卡", "lost", "了")),
        ("How to re-issue?", ("how", "to", "re", "issue")),
        ("打１２３３３，有人吗", ("打", "12333", "有", "人", "吗")),
        ("請問社會保障卡", ("请", "问", "社", "会", "保", "障", "卡")),
        ("😀 ！？", ()),
        ("", ()),
    ],
)
def test_a_unit_is_a_character_a_latin_run_or_a_number(text: str, units: tuple[str, ...]) -> None:
    assert see(text).units == units


@pytest.mark.parametrize(
    "text, sounds",
    [
        ("挂失", "gua shi"),
        ("卦失", "gua shi"),
        ("shebaoka guashi", "she bao ka gua shi"),
        ("she bao ka", "she bao ka"),
        ("xin de lvse", "xin de lu se"),
        ("lost了", "lost le"),
        ("sbkgs", "sbkgs"),
    ],
)
def test_a_homophone_and_typed_pinyin_sound_like_the_word(text: str, sounds: str) -> None:
    assert see(text).sounds == tuple(sounds.split())


def test_each_sound_knows_its_unit() -> None:
    assert see("jiegua 解").at == (0, 0, 1)


def test_grams_are_all_single_units_then_all_pairs() -> None:
    assert grams(("补", "办", "卡")) == ["补", "办", "卡", "补 办", "办 卡"]


@given(st.text(max_size=80))
def test_any_text_can_be_cut_and_each_sound_belongs_to_a_unit(text: str) -> None:
    seen = see(text)
    assert len(seen.at) == len(seen.sounds)
    assert all(0 <= number < len(seen.units) for number in seen.at)
    assert len(seen.sounds) >= len(seen.units)


@given(st.text(alphabet="bpmfdtnlgkhjqxzhcsrywaeiouv", max_size=2_000))
def test_letters_that_nearly_are_pinyin_cost_no_exponential_time(letters: str) -> None:
    assert see(letters).units == ((letters,) if letters else ())
