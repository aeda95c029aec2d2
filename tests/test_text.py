"""Cutting, folding and hearing a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator.errors import BadInput
from locator.text import bounded, fold, sound, words

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize(
    "typed, folded",
    [
        ("瀘州", "泸州"),
        ("沙坪壩 / 江陽區", "沙坪坝江阳区"),
        ("ＡＢＣ１２", "abc12"),
        ("Shāpíngbà Qū", "shapingbaqu"),
        ("Mu’er", "muer"),
        ("沙\u200b坪\u200d坝，！", "沙坪坝"),
        ("  。…— ", ""),
    ],
)
def test_two_spellings_of_a_name_fold_to_one(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ANY_TEXT)
def test_words_are_the_folded_text_cut(text: str) -> None:
    assert "".join(words(text)) == fold(text)


@pytest.mark.parametrize(
    "written, plain",
    [
        ("社保卡沈默", "社保卡沉默"),
        ("找藉口", "找借口"),
        ("瞭解", "了解"),
        ("答覆", "答复"),
        ("一英哩", "一英里"),
        ("甦醒", "苏醒"),
        ("毛坏", "毛坯"),
        ("衹得", "只得"),
        ("卡坏了", "卡坏了"),
    ],
)
def test_a_character_that_is_simplified_in_some_words_only_is_seen(written: str, plain: str) -> None:
    assert fold(written) == plain
    assert words(f"{written}，ABC") == (plain, "abc")


def test_words_end_at_spaces_and_marks_but_not_at_an_apostrophe() -> None:
    assert words("Mu'er, Jiangyang  泸州") == ("muer", "jiangyang", "泸州")


@pytest.mark.parametrize(
    "written, heard",
    [
        ("重庆", "chong qing"),
        ("沙坪坝区", "sha ping ba qu"),
        ("長壽區", "chang shou qu"),
        ("长滩镇", "chang tan zhen"),
        ("朝阳街道", "chao yang jie dao"),
        ("柏林镇", "bai lin zhen"),
        ("曾家镇", "zeng jia zhen"),
        ("诸佛乡", "zhu fo xiang"),
        ("绿化", "lu hua"),
        ("六安", "lu an"),
        ("厦门", "xia men"),
        ("西藏", "xi zang"),
        ("银行", "yin hang"),
        ("spb", "spb"),
        ("", ""),
    ],
)
def test_a_text_sounds_as_it_is_read(written: str, heard: str) -> None:
    assert sound(written) == heard


def test_a_bounded_text_is_one_trimmed_line() -> None:
    assert bounded("  沙坪坝区\r\n磁器口\t街道 ", 20, "place") == "沙坪坝区 磁器口 街道"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 21, id="too long"),
        pytest.param("沙坪坝\x00", id="NUL"),
        pytest.param("\x1b[2J", id="escape"),
        pytest.param("a\x85b", id="C1 control"),
        pytest.param("\ud83d", id="half a surrogate pair"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        bounded(text, 20, "place")
    assert refused.value.field == "place"
    assert text not in str(refused.value)


def test_a_text_of_exactly_the_limit_is_taken() -> None:
    assert bounded("坝" * 20, 20, "place") == "坝" * 20
