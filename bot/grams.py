"""A text as the matcher sees it: units, how they sound, its words, and the grams of each.

Law: the text is never rewritten. What is misspelt keeps its letters in the units and its sound in the sounds.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain, pairwise
from sys import intern
from types import MappingProxyType
from typing import Final, NamedTuple, cast

import rjieba

from locator.text import READINGS as READ_AS
from locator.text import words

_UNIT: Final = re.compile(r"[a-z]+|\d+|\S")
_LONGER: Final = re.compile(r"[a-z\d]")  # without it, every character is a unit
_INITIALS: Final = re.compile("[b-df-hj-np-tw-z]{3,12}")
_CHINESE: Final = range(0x4E00, 0xA000)
_LONGEST_SYLLABLE: Final = 6
_LONGEST_PINYIN: Final = 200


class Seen(NamedTuple):
    """One text, cut in its three ways."""

    units: tuple[str, ...]  # each Chinese character; each run of Latin letters; each number
    sounds: tuple[str, ...]  # toneless pinyin; what is not Chinese as it is, or cut into syllables
    at: tuple[int, ...]  # for each sound, the number of its unit
    words: tuple[str, ...]


def see(text: str) -> Seen:
    """Fold the text and cut it; punctuation and spaces only cut."""
    return see_pieces(words(text))


def see_pieces(pieces: Sequence[str]) -> Seen:
    """The same from a text that is folded and cut already."""
    text = " ".join(pieces)
    units = tuple(_UNIT.findall(text)) if _LONGER.search(text) else tuple("".join(pieces))
    cut = tuple(chain.from_iterable(map(rjieba.cut, pieces)))
    return Seen(units, *_hear(units), cut)


def _hear(units: Sequence[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The sounds, and for each the number of its unit."""
    readings = tuple(map(_READINGS.get, units))
    if None not in readings:  # all of it is Chinese, as most questions are
        return cast("tuple[str, ...]", readings), tuple(range(len(units)))
    sounds: list[str] = []
    at: list[int] = []
    for number, unit in enumerate(units):
        heard = sounds_of(unit)
        sounds += heard
        at += [number] * len(heard)
    return tuple(sounds), tuple(at)


def grams(units: Sequence[str]) -> list[str]:
    """All 1-grams, then all 2-grams."""
    return [*units, *map(" ".join, pairwise(units))]


def sounds_of(unit: str) -> tuple[str, ...]:
    """One syllable for a Chinese character, those of pinyin typed without spaces, else the unit itself."""
    reading = _READINGS.get(unit)
    if reading is not None:
        return (reading,)
    return _cut_pinyin(unit) or (unit,)


def initials_of(seen: Seen) -> str:
    """The first letters of a text's syllables: 社保卡挂失 is "sbkgs"; empty when not all of it is Chinese."""
    return "" if any(map(str.isascii, seen.units)) else "".join(sound[0] for sound in seen.sounds)


def typed_initials(seen: Seen) -> str:
    """The text itself, when it can only be initials: a few letters without a vowel; else empty."""
    typed = "".join(seen.units)
    return typed if _INITIALS.fullmatch(typed) else ""


@cache
def _toneless(readings: str) -> str:
    """The first reading without its tone; ü is written u, as most people type it."""
    first = unicodedata.normalize("NFD", readings.partition(",")[0])
    return intern("".join(filter(str.isalpha, first)))


# One reading a character, the most common: the same for a question and for the phrases it is compared with.
_READINGS: Final = {chr(code): _toneless(readings) for code, readings in READ_AS.items() if code in _CHINESE}
READINGS: Final[Mapping[str, str]] = MappingProxyType(_READINGS)
_SYLLABLES: Final = frozenset(
    _toneless(reading)
    for code, readings in READ_AS.items()
    if code in _CHINESE
    for reading in readings.split(",")
) | {"lv", "nv"}


def is_pinyin(letters: str) -> bool:
    """Whether Latin letters can be cut into syllables without a rest."""
    return bool(_cut_pinyin(letters))


@lru_cache(maxsize=4_096)
def _cut_pinyin(letters: str) -> tuple[str, ...]:
    """`letters` as syllables, the longest first; empty when they are not pinyin. Linear in their number."""
    if not (letters.isascii() and letters.isalpha()) or len(letters) > _LONGEST_PINYIN:
        return ()
    steps = [0] * len(letters) + [
        1
    ]  # how long the syllable is that begins here, when the rest can be cut too
    for start in reversed(range(len(letters))):
        for length in range(min(_LONGEST_SYLLABLE, len(letters) - start), 0, -1):
            if steps[start + length] and letters[start : start + length] in _SYLLABLES:
                steps[start] = length
                break
    return tuple(_walk(letters, steps)) if steps[0] else ()


def _walk(letters: str, steps: Sequence[int]) -> Iterator[str]:
    start = 0
    while start < len(letters):
        yield letters[start : start + steps[start]].replace("v", "u")
        start += steps[start]
