"""How two texts are compared: cut to a bound, folded, heard.

Law: a text from outside passes `bounded` before anything else looks at it.
"""

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import Final

# Its 47,000 phrases take 43 MiB, and in the names of our places few tell what no character tells alone.
os.environ["PYPINYIN_NO_PHRASES"] = "1"

import opencc
from pypinyin import lazy_pinyin, load_phrases_dict, load_single_dict
from pypinyin.constants import PINYIN_DICT

from locator.errors import BadInput

_TO_SIMPLIFIED: Final = opencc.OpenCC("t2s")
_AT_ONCE: Final = 32  # texts: a message is asked for its words, its places and its time, one after the other
_LINE_ENDS: Final = "\t\n\r"
_APOSTROPHES: Final = "'`´’‘ʼ"  # between syllables only: Xi'an, Mu’er
_CHINESE: Final = range(0x4E00, 0xA000)
_LETTERS: Final = re.compile(r"[^\W_]+")  # str.isalnum, in runs
# Changed in some words only (沈默, 毛坏, 英哩, 答覆, 衹得, 找藉口, 瞭解, 甦醒), so not by the look of them.
_TURNING: Final = "沈坏哩覆衹藉瞭甦"
_WITH_UMLAUT: Final = frozenset({"lv", "nv", "lve", "nve"})

# Readings in names of places that are not pypinyin's first ones: 长滩 is Changtan, 藏 in 西藏 Zang.
load_single_dict(
    {
        ord(character): reading
        for character, reading in zip("长朝曾佛都藏茄", "cháng cháo zēng fó dū zàng qié".split(), strict=True)
    }
)
load_phrases_dict(
    {
        phrase: [[reading] for reading in readings.split()]
        for phrase, readings in (
            ("重庆", "chóng qìng"),
            ("朝阳", "cháo yáng"),
            ("柏林", "bǎi lín"),
            ("堡子", "bǎo zi"),
            ("丰都", "fēng dū"),
            ("六安", "lù ān"),
            ("厦门", "xià mén"),
            ("蚌埠", "bèng bù"),
            ("银行", "yín háng"),
        )
    }
)
READINGS: Final[Mapping[int, str]] = MappingProxyType(PINYIN_DICT)
"""By the code of a character, how it is read: with tones, the most common first, commas between."""


def bounded(text: str, limit: int, field: str) -> str:
    """Return the text on one line, trimmed.

    Raises BadInput, naming the field and never the text, when it is longer than `limit` characters or holds a
    control character or half a surrogate pair.
    """
    if len(text) > limit:
        raise BadInput(field, f"must be at most {limit} characters long")
    kinds = {unicodedata.category(character) for character in text if character not in _LINE_ENDS}
    if kinds & {"Cc", "Cs"}:
        raise BadInput(field, "must not hold control characters")
    return " ".join(text.split())


def fold(text: str) -> str:
    """Letters and digits only: simplified, lower case, half width, without accents, spaces or punctuation."""
    return "".join(_LETTERS.findall(_plain(text)))


def words(text: str) -> tuple[str, ...]:
    """Cut the text where a space or a punctuation mark stands, and fold each piece: "Jiangyang, Luzhou" is two."""
    return tuple(_LETTERS.findall(_plain(text)))


def sound(text: str) -> str:
    """Toneless pinyin, one syllable a character, spaces between: 沙坪坝 is "sha ping ba".

    ü is written u, as most people type it. What is not Chinese stays as it is, folded.
    """
    return " ".join(_toneless(syllable) for syllable in lazy_pinyin(fold(text)))


@lru_cache(maxsize=_AT_ONCE)
def _plain(text: str) -> str:
    if _SIMPLE.fullmatch(text):
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join([character for character in apart if character.isalnum() or not _is_silent(character)])
    simplified: str = _TO_SIMPLIFIED.convert(unicodedata.normalize("NFKC", bare))
    return simplified


def _is_silent(character: str) -> bool:
    return character in _APOSTROPHES or unicodedata.category(character) in ("Mn", "Cf")


def _staying() -> Iterator[str]:
    """The Chinese characters that are simplified wherever they stand, as ranges of a regular expression."""
    apart = _TO_SIMPLIFIED.convert("\n".join(map(chr, _CHINESE))).split("\n")
    same = (code for code, one in zip(_CHINESE, apart, strict=True) if chr(code) == one)
    stay = (code for code in same if chr(code) not in _TURNING)
    for _, run in groupby(enumerate(stay), key=lambda pair: pair[1] - pair[0]):
        codes = [code for _, code in run]
        yield f"{chr(codes[0])}-{chr(codes[-1])}"


# What most people type: of this only the case is folded away, and the marks cut.
_SIMPLE: Final = re.compile("[ -&(-_a-~，。？！；：、（）“”…" + "".join(_staying()) + "]*")


def _toneless(syllable: str) -> str:
    return "u".join(syllable.split("v")) if syllable in _WITH_UMLAUT else syllable
