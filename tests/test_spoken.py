"""The languages of the chat, and the two scripts of one of them."""

import pytest

from bot.spoken import SIMPLIFIED, SPOKEN, TRADITIONAL, script_of, spoken, traditional
from locator.language import ENGLISH, Language


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


def test_every_language_is_known_by_its_own_code() -> None:
    assert all(code == language.code and spoken(code) is language for code, language in SPOKEN.items())
