"""The languages of the chatbot, the locator's with the bot's own sentences; and the script that somebody writes."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import opencc

from locator.language import CHINESE, ENGLISH, Language, language_of, read_sentences
from locator.language import TRADITIONAL as LOCATORS_TRADITIONAL

_SENTENCES: Final = read_sentences(Path(__file__).parent / "locale" / "zh.po")
_TO_SIMPLIFIED: Final = opencc.OpenCC("t2s")
_TO_TRADITIONAL: Final = opencc.OpenCC("s2t")

SIMPLIFIED: Final = replace(CHINESE, sentences=_SENTENCES)
TRADITIONAL: Final = replace(LOCATORS_TRADITIONAL, sentences=_SENTENCES)
SPOKEN: Final[Mapping[str, Language]] = MappingProxyType(
    {one.code: one for one in (SIMPLIFIED, TRADITIONAL, ENGLISH)}
)
"""By BCP 47 code."""
ON_PAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {
        code: one if one is ENGLISH else replace(one, sentences={**CHINESE.sentences, **_SENTENCES})
        for code, one in SPOKEN.items()
    }
)
"""With the locator's sentences too: its parts stand on our pages."""


def spoken(tag: str) -> Language:
    """The language a BCP 47 tag means, simplified Chinese when it means none of ours."""
    return SPOKEN[language_of(tag).code]


def _changed_by(converter: opencc.OpenCC) -> re.Pattern[str]:
    """The characters that it writes otherwise, each by itself."""
    converted = converter.convert("\n".join(map(chr, _CHINESE))).split("\n")
    changed = (chr(one) for one, other in zip(_CHINESE, converted, strict=True) if chr(one) != other)
    return re.compile(f"[{''.join(changed)}]")


_CHINESE: Final = range(0x3400, 0xA000)
_TRADITIONAL_ONLY: Final = _changed_by(_TO_SIMPLIFIED)
_SIMPLIFIED_ONLY: Final = _changed_by(_TO_TRADITIONAL)


def script_of(text: str, before: Language) -> Language:
    """The script a text is written in; `before` when it holds no Chinese, or only what both scripts write alike.

    台灣人 holds one character of each script's own: somebody wrote traditional ones.
    """
    foreign = len(_TRADITIONAL_ONLY.findall(text))
    ours = len(_SIMPLIFIED_ONLY.findall(text))
    if foreign and foreign >= ours:
        return TRADITIONAL
    if ours:
        return SIMPLIFIED
    is_chinese = any(ord(character) in _CHINESE for character in text)
    return SIMPLIFIED if is_chinese and before is ENGLISH else before
