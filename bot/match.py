"""Which entries a question asks for: evidence from every index, and the phrase that is most alike.

Law: a match explains itself. Its score is the sum of its parts, and a guard that moved it is one of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, filterfalse
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from bot.evidence import Evidence, Ledger, Weights
from bot.grams import Seen, initials_of, is_pinyin, see, typed_initials
from bot.guard import deeds_of, opposed, speaks_of_another_document
from bot.lexicon import Lexicon
from bot.model import Entry
from bot.view import Index, View, view

# What the indexes count for; found on questions that are in no phrase, and flat around these numbers.
WEIGHTS: Final[Mapping[Index, float]] = MappingProxyType(
    {Index.LETTERS: 1.0, Index.SOUNDS: 1.0, Index.WORDS: 1.0, Index.MEANINGS: 1.5, Index.PAIRS: 1.5}
)
ALIKE, GUARD, INITIALS, THREAD = "alike", "guard", "initials", "thread"  # the other parts of a score
_PARTS: Final = (*WEIGHTS, GUARD, INITIALS, THREAD)  # the rows of what is weighed
_GUARD, _INITIALS, _THREAD = range(len(WEIGHTS), len(_PARTS))
ALIKE_COUNTS: Final = 10.0  # for a phrase that is the question itself
_GUARD_TAKES: Final = 20.0
_INITIALS_GIVE: Final = 30.0  # to an entry with a phrase of which the text is the initials: sbkgs, 社保卡挂失
_THREAD_GIVES: Final = 6.0  # to what belongs to the answer before
SURVIVORS: Final = 4

_LATIN_1: Final = 256
_PRIVATE: Final = 0xE000  # characters without a meaning, from here on

# Where a question names one of these, it is about the card.
_CARD: Final = frozenset({"card", "ecard", "gen3", "social-function", "bank-function", "temp-card"})


class Match(NamedTuple):
    """An entry, and why."""

    entry: Entry
    score: float
    phrase: str  # the phrase of it that is most alike
    parts: Mapping[str, float]


class Matches(NamedTuple):
    """The entries that fit best, the best first, and what tells how far to trust them."""

    ranked: tuple[Match, ...]  # empty when the text holds no letter
    meanings: tuple[str, ...]
    familiar: float  # share of the sounds, two by two, that some phrase holds
    names_card: bool
    length: int  # in units

    @property
    def top(self) -> Match:
        return self.ranked[0]

    @property
    def margin(self) -> float:
        """How far the best lies before the best of another intent."""
        others = [one.score for one in self.ranked if one.entry.intent != self.top.entry.intent]
        return self.top.score - max(others, default=self.ranked[-1].score)


class Matcher:
    """Knows all phrases."""

    def __init__(self, entries: Sequence[Entry], lexicon: Lexicon) -> None:
        self.entries = tuple(entries)
        self.lexicon = lexicon
        self._phrases: tuple[list[str], ...] = tuple([] for _ in entries)
        self._written: tuple[list[str], ...] = tuple([] for _ in entries)
        self._heard: tuple[list[str], ...] = tuple([] for _ in entries)
        self._initials: defaultdict[str, set[int]] = defaultdict(set)
        self.english: set[str] = set()  # the words of the English phrases
        self._evidence = self._learn()
        self._shorthand = _shorthand(self._written)
        self._written = tuple([one.translate(self._shorthand) for one in held] for held in self._written)
        self._on_card = np.array([entry.is_card for entry in entries])
        self._numbers = {entry.id: number for number, entry in enumerate(entries)}
        self._opposites = self._read_opposites()

    def _learn(self) -> Evidence[Index]:
        """Go through all phrases once."""
        owners: list[int] = []
        ledgers = {index: Ledger() for index in Index}
        for owner, entry in enumerate(self.entries):
            for phrase in (entry.title.zh, *entry.asked):
                one = view(phrase, self.lexicon)
                owners.append(owner)
                for index, ledger in ledgers.items():
                    ledger.note(one.tokens[index])
                self._note(owner, phrase, one.seen)
        return Evidence(ledgers, WEIGHTS, owners, len(self.entries))

    def _note(self, owner: int, phrase: str, seen: Seen) -> None:
        self._phrases[owner].append(phrase)
        self._written[owner].append("".join(seen.units))
        self._heard[owner].append("".join(seen.sounds))
        if short := initials_of(seen):
            self._initials[short].add(owner)
        if all(map(str.isascii, seen.units)):
            self.english.update(filter(str.isalpha, seen.units))

    def match(self, seen: View, near: Iterable[str] = ()) -> Matches:
        """The best entries for a question; `near` are ids of entries that belong to what was said before."""
        if not seen.seen.units:
            return Matches((), (), 0.0, names_card=False, length=0)
        parts = self._parts(seen, near)
        best = _order(parts)[:SURVIVORS]
        alike = self._most_alike(best.tolist(), seen.seen)
        told = parts.take(best, axis=1).T.tolist()
        ranked = [
            _match(self.entries[number], *like, points)
            for number, like, points in zip(best.tolist(), alike, told, strict=True)
        ]
        return Matches(
            tuple(sorted(ranked, key=lambda one: -one.score)),
            seen.meanings,
            self._evidence.familiar(Index.SOUNDS, seen.tokens[Index.SOUNDS][len(seen.seen.sounds) :]),
            names_card=not _CARD.isdisjoint(seen.meanings),
            length=len(seen.seen.units),
        )

    def ranking(self, seen: View) -> list[Entry]:
        """Every entry, the best first."""
        found = [one.entry for one in self.match(seen).ranked]
        order = _order(self._parts(seen, ()))
        return found + [self.entries[number] for number in order[SURVIVORS:]] if found else []

    def number(self, entry: Entry) -> int:
        """Its place in `entries`."""
        return self._numbers[entry.id]

    def scores(self, seen: View) -> Weights:
        """What the parts of each entry come to, in the order of `entries`; without how alike its phrases are."""
        told: Weights = np.add.reduce(self._parts(seen, ()))
        return told

    def _parts(self, seen: View, near: Iterable[str]) -> Weights:
        """A row for each of _PARTS, a column for each entry."""
        parts = np.zeros((len(_PARTS), len(self.entries)))
        parts[: len(WEIGHTS)] = self._evidence.weigh(seen.tokens)
        self._guard(seen, parts[_GUARD])
        if given := self._initials.get(typed_initials(seen.seen)):
            parts[_INITIALS, list(given)] = _INITIALS_GIVE
        for name in near:
            parts[_THREAD, self._numbers[name]] = _THREAD_GIVES
        return parts

    def _guard(self, seen: View, taken: Weights) -> None:
        if speaks_of_another_document(seen.seen.units, seen.found, self.lexicon):
            taken[self._on_card] = -_GUARD_TAKES
        asked = frozenset(seen.meanings)
        for deed in asked & self._opposites.keys():
            for number, own, opposite in self._opposites[deed]:
                if opposed(asked, own, opposite):
                    taken[number] = -_GUARD_TAKES

    def _read_opposites(self) -> Mapping[str, list[tuple[int, frozenset[str], frozenset[str]]]]:
        """By what their opposite does, the entries that have one: what they do, and what it does."""
        deeds = {
            entry.id: deeds_of(view(entry.title.zh, self.lexicon).meanings, self.lexicon)
            for entry in self.entries
        }
        opposites = defaultdict(list)
        for number, entry in enumerate(self.entries):
            for deed in deeds.get(entry.opposite, ()):
                opposites[deed].append((number, deeds[entry.id], deeds[entry.opposite]))
        return opposites

    def _most_alike(self, numbers: Iterable[int], seen: Seen) -> Iterator[tuple[str, float]]:
        """Each entry's phrase nearest to the text, and how near from 0 to 1; typed pinyin is compared by sound."""
        if all(map(is_pinyin, seen.units)):
            told, phrases = "".join(seen.sounds), self._heard
        else:
            told, phrases = "".join(seen.units).translate(self._shorthand), self._written
        typed = typed_initials(seen)
        short_for = self._initials.get(typed, ())
        for number in numbers:
            if number in short_for:
                yield (
                    next(phrase for phrase in self._phrases[number] if initials_of(see(phrase)) == typed),
                    1.0,
                )
            else:
                _, alike, place = process.extractOne(told, phrases[number], scorer=fuzz.ratio)
                yield self._phrases[number][place], alike / 100


def _order(parts: Weights) -> npt.NDArray[np.intp]:
    """The numbers of the entries, the best first."""
    order: npt.NDArray[np.intp] = (-np.add.reduce(parts)).argsort(kind="stable")
    return order


def _shorthand(phrases: Iterable[Iterable[str]]) -> Mapping[int, str]:
    """A letter of Latin-1 for each of the commonest Chinese characters: rapidfuzz compares those in less time.

    What Latin-1 held is moved away. No two characters become one, so that texts are as alike as they were.
    """
    common = Counter(filterfalse(str.isascii, chain.from_iterable(chain.from_iterable(phrases))))
    free = [chr(code) for code in range(_LATIN_1) if not (chr(code).isascii() and chr(code).isalnum())]
    moved = {code: chr(_PRIVATE + code) for code in range(_LATIN_1) if not chr(code).isascii()}
    shortened = zip(common.most_common(len(free)), free, strict=False)
    return moved | {ord(one): short for (one, _), short in shortened}


def _match(entry: Entry, phrase: str, alike: float, told: Iterable[float]) -> Match:
    parts = dict(zip(_PARTS, told, strict=True))
    parts[ALIKE] = ALIKE_COUNTS * alike
    return Match(entry, sum(parts.values()), phrase, parts)
