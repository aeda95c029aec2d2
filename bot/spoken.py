"""The languages of the chatbot: Chinese in both scripts, and English.

Law: Chinese is written in simplified characters and turned into traditional ones on the way out, by OpenCC.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import opencc
from babel import Locale

from locator.language import CHINESE, ENGLISH, Language, read_sentences

_CATALOGUE: Final = Path(__file__).parent / "locale" / "zh.po"
# In two steps, with Taiwan's forms of characters (裡, 為, 核): its table of both at once takes 15 MiB more.
_TO_TRADITIONAL: Final = opencc.OpenCC("s2t")
_TO_TAIWANS: Final = opencc.OpenCC("t2tw")
# What OpenCC takes for other words: a hair clip, blond hair, a foreign name – and the names of other places.
_OURS: Final = {
    "发卡": "發卡",
    "金发": "金發",
    "别着": "別著",
    "卡里": "卡裡",
    "制卡": "製卡",
    "海棠溪": "海棠溪",
    "竹溪": "竹溪",
    "澄江": "澄江",
    "东升街": "東升街",
    "余家镇": "余家鎮",
    "岳溪": "岳溪",
    "郁山": "郁山",
    "钟多": "鐘多",
    "几江街": "几江街",
}
_BETWEEN_OURS: Final = re.compile(f"({'|'.join(_OURS)})")
_TO_SIMPLIFIED: Final = opencc.OpenCC("t2s")


def traditional(text: str) -> str:
    """The text in traditional characters."""
    return "".join(_OURS.get(piece) or _converted(piece) for piece in _BETWEEN_OURS.split(text))


def _converted(text: str) -> str:
    written: str = _TO_TAIWANS.convert(_TO_TRADITIONAL.convert(text))
    return written


SIMPLIFIED: Final = replace(CHINESE, sentences=read_sentences(_CATALOGUE))
TRADITIONAL: Final = replace(
    SIMPLIFIED,
    code="zh-Hant",
    name="繁體",
    locale=Locale("zh", script="Hant"),
    sentences={english: traditional(chinese) for english, chinese in SIMPLIFIED.sentences.items()},
)
SPOKEN: Final[Mapping[str, Language]] = MappingProxyType(
    {one.code: one for one in (SIMPLIFIED, TRADITIONAL, ENGLISH)}
)
"""By BCP 47 code."""

_HANT: Final = frozenset({"zh-hant", "zh-tw", "zh-hk", "zh-mo"})
_LONGEST_TAG: Final = 35


def spoken(tag: str) -> Language:
    """The language a BCP 47 tag means, simplified Chinese when it means none of ours."""
    folded = tag[:_LONGEST_TAG].lower().replace("_", "-")
    if folded.startswith("en"):
        return ENGLISH
    return TRADITIONAL if "-".join(folded.split("-")[:2]) in _HANT else SIMPLIFIED


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
