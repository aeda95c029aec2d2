"""The languages of the chat, and the two scripts of one of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from bot.spoken import SIMPLIFIED, SPOKEN, TRADITIONAL, script_of, spoken
from locator.language import CHINESE, ENGLISH, Language, traditional
from locator.listing import read_listings
from locator.settings import DATA


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-Hans", SIMPLIFIED),
        ("zh", SIMPLIFIED),
        ("zh-CN", SIMPLIFIED),
        ("zh-Hant", TRADITIONAL),
        ("zh_TW", TRADITIONAL),
        ("zh-HK", TRADITIONAL),
        ("en", ENGLISH),
        ("EN-gb", ENGLISH),
        ("fr", SIMPLIFIED),
        ("", SIMPLIFIED),
        ("x" * 10_000, SIMPLIFIED),
    ],
)
def test_a_tag_means_one_of_our_languages(tag: str, language: Language) -> None:
    assert spoken(tag) is language


@pytest.mark.parametrize(
    ("simplified", "written"),
    [
        ("发卡银行", "發卡銀行"),  # no hair clip
        ("养老金发到卡里", "養老金發到卡裡"),  # no blond hair
        ("您别着急", "您別著急"),
        ("还没有核实", "還沒有核實"),
        ("以后再来，在网点后面", "以後再來，在網點後面"),
        ("12333 ABC", "12333 ABC"),
        # places of that name, and no other
        ("重庆市南岸区海棠溪街道", "重慶市南岸區海棠溪街道"),
        ("巫溪县竹溪镇", "巫溪縣竹溪鎮"),
        ("北碚区澄江镇", "北碚區澄江鎮"),
        ("东升街道、余家镇、钟多镇", "東升街道、余家鎮、鐘多鎮"),
        ("岳溪镇、郁山镇、几江街道", "岳溪鎮、郁山鎮、几江街道"),
        ("其余的钱，余额，东边升起，几张卡", "其餘的錢，餘額，東邊升起，幾張卡"),
    ],
)
def test_traditional_characters_say_the_same(simplified: str, written: str) -> None:
    assert traditional(simplified) == written


@pytest.mark.parametrize(
    ("text", "before", "script"),
    [
        ("卡丢了怎么办", TRADITIONAL, SIMPLIFIED),
        ("社保卡怎麼辦", SIMPLIFIED, TRADITIONAL),
        ("台灣人", SIMPLIFIED, TRADITIONAL),
        ("江津", TRADITIONAL, TRADITIONAL),
        ("江津", SIMPLIFIED, SIMPLIFIED),
        ("江津", ENGLISH, SIMPLIFIED),
        ("shapingba", ENGLISH, ENGLISH),
        ("", TRADITIONAL, TRADITIONAL),
    ],
)
def test_a_text_is_in_its_script_or_in_the_one_before(text: str, before: Language, script: Language) -> None:
    assert script_of(text, before) is script


def test_what_the_chat_says_comes_back_to_what_it_was_when_made_simplified_again() -> None:
    to_simplified = OpenCC("tw2s")
    for chinese in SIMPLIFIED.sentences.values():
        assert to_simplified.convert(traditional(chinese)) == chinese


def test_what_is_traditional_already_stays() -> None:
    """A sentence may hold another one, or a name."""
    places = [
        name for one in read_listings(DATA) for name in (one.place.name.zh, one.place.former, *one.also)
    ]
    for text in (*CHINESE.sentences.values(), *places):
        assert traditional(traditional(text)) == traditional(text)


@given(st.text(max_size=60))
def test_any_text_is_made_traditional_character_by_character(text: str) -> None:
    assert len(traditional(text)) == len(text)


def test_every_language_is_known_by_its_own_code() -> None:
    assert all(code == language.code and spoken(code) is language for code, language in SPOKEN.items())
