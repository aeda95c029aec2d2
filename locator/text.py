"""How two texts are compared: cut to a bound, folded, heard.

Law: a text from outside passes `bounded` before anything else looks at it.
"""

import unicodedata
from typing import Final

import opencc
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from locator.errors import BadInput

_TO_SIMPLIFIED: Final = opencc.OpenCC("t2s")
_LINE_ENDS: Final = "\t\n\r"
_APOSTROPHES: Final = "'`´’‘ʼ"  # between syllables only: Xi'an, Mu’er
_WITH_UMLAUT: Final = frozenset({"lv", "nv", "lve", "nve"})

# Readings in the names of our places that are not pypinyin's first ones: 长滩 is Changtan. Words that pypinyin knows
# keep their own (市长, 银行行长). Its load_…_dict would do this too, and cut all its words anew, which takes 20 ms each.
PINYIN_DICT.update(
    {ord("长"): "cháng", ord("朝"): "cháo", ord("曾"): "zēng", ord("佛"): "fó", ord("都"): "dū"}
)
PHRASES_DICT.update(
    {
        "朝阳": [["cháo"], ["yáng"]],
        "柏林": [["bǎi"], ["lín"]],
        "堡子": [["bǎo"], ["zi"]],
        "丰都": [["fēng"], ["dū"]],
    }
)


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
    return "".join(filter(str.isalnum, _plain(text)))


def words(text: str) -> tuple[str, ...]:
    """Cut the text where a space or a punctuation mark stands, and fold each piece: "Jiangyang, Luzhou" is two."""
    return tuple("".join(character if character.isalnum() else " " for character in _plain(text)).split())


def sound(text: str) -> str:
    """Toneless pinyin, one syllable a character, spaces between: 沙坪坝 is "sha ping ba".

    ü is written u, as most people type it. What is not Chinese stays as it is, folded.
    """
    return " ".join(_toneless(syllable) for syllable in lazy_pinyin(fold(text)))


def _plain(text: str) -> str:
    if text.isascii() and "'" not in text and "`" not in text:
        return text.casefold()
    apart = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join([character for character in apart if character.isalnum() or not _is_silent(character)])
    simplified: str = _TO_SIMPLIFIED.convert(unicodedata.normalize("NFKC", bare))
    return simplified


def _is_silent(character: str) -> bool:
    return character in _APOSTROPHES or unicodedata.category(character) in ("Mn", "Cf")


def _toneless(syllable: str) -> str:
    return "u".join(syllable.split("v")) if syllable in _WITH_UMLAUT else syllable
