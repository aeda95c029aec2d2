"""A question as each index sees it: its letters, its sounds, its words, what it means."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import combinations
from typing import Final, NamedTuple

from bot.grams import Seen, grams, see_pieces
from bot.guard import denied, kept
from bot.lexicon import Found, Lexicon
from locator.text import words

LONGEST: Final = 600  # characters of a message that are read
_UNREADABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MOST_PAIRED: Final = 8  # meanings; a longer list is a story, in which everything stands beside everything


class Index(StrEnum):
    """The ways in which a question is compared with the phrases."""

    LETTERS = "letters"
    SOUNDS = "sounds"
    WORDS = "words"
    MEANINGS = "meanings"
    PAIRS = "pairs"

    __hash__ = str.__hash__  # Enum's own is Python, and a match looks up an index fifty times


class View(NamedTuple):
    """One text, ready to be compared."""

    seen: Seen
    found: tuple[Found, ...]
    meanings: tuple[str, ...]  # without fillers, each once, in the order they stand
    tokens: Mapping[Index, Sequence[str]]


def view(text: str, lexicon: Lexicon) -> View:
    """Cut the text, find what it means, and leave out what it says it does not mean.

    Any text will do. Of a very long one the beginning and the end are read, which is where people put the question.
    """
    seen = see_pieces(words(_readable(text)))
    found = lexicon.find(seen)
    spans = denied(seen.units, found)
    if spans and (left := kept(seen.units, spans)):
        seen = see_pieces(left)
        found = lexicon.find(seen)
    meanings = tuple(dict.fromkeys(one.meaning for one in found if one.meaning not in lexicon.fillers))
    tokens = {
        Index.LETTERS: grams(seen.units),
        Index.SOUNDS: grams(seen.sounds),
        Index.WORDS: seen.words,
        Index.MEANINGS: meanings,
        Index.PAIRS: list(_pairs(meanings)),
    }
    return View(seen, found, meanings, tokens)


def _readable(text: str) -> str:
    """Bounded, and without control characters and halves of surrogate pairs."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
    return _UNREADABLE.sub(" ", text)


def _pairs(meanings: Sequence[str]) -> Iterator[str]:
    if len(meanings) <= _MOST_PAIRED:
        yield from (f"{one}+{other}" for one, other in combinations(sorted(meanings), 2))
