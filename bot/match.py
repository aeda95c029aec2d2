"""Which entries a question asks for: evidence from every index, and the phrase that is most alike.

Law: a match explains itself. Its score is the sum of its parts, and a guard that moved it is one of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import add
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
ALIKE_COUNTS: Final = 10.0  # for a phrase that is the question itself
_GUARD_TAKES: Final = 20.0
_INITIALS_GIVE: Final = 30.0  # to an entry with a phrase of which the text is the initials: sbkgs, 社保卡挂失
_THREAD_GIVES: Final = 6.0  # to what belongs to the answer before
SURVIVORS: Final = 4

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
        self._on_card = np.array([entry.is_card for entry in entries])
        self._numbers = {entry.id: number for number, entry in enumerate(entries)}
        self._opposites = tuple(self._read_opposites())

    def _learn(self) -> dict[Index, Evidence]:
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
        return {index: Evidence(ledger, owners, len(self.entries)) for index, ledger in ledgers.items()}

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
        ranked = [self._match(number, seen, parts) for number in self._order(parts)[:SURVIVORS]]
        return Matches(
            tuple(sorted(ranked, key=lambda one: -one.score)),
            seen.meanings,
            self._evidence[Index.SOUNDS].familiar(seen.tokens[Index.SOUNDS][len(seen.seen.sounds) :]),
            names_card=not _CARD.isdisjoint(seen.meanings),
            length=len(seen.seen.units),
        )

    def ranking(self, seen: View) -> list[Entry]:
        """Every entry, the best first."""
        found = [one.entry for one in self.match(seen).ranked]
        order = self._order(self._parts(seen, ()))
        return found + [self.entries[number] for number in order[SURVIVORS:]] if found else []

    @staticmethod
    def _order(parts: Mapping[str, Weights]) -> npt.NDArray[np.int64]:
        order: npt.NDArray[np.int64] = np.argsort(-reduce(add, parts.values()), kind="stable")
        return order

    def _parts(self, seen: View, near: Iterable[str]) -> dict[str, Weights]:
        parts: dict[str, Weights] = {
            index: weight * self._evidence[index].weigh(seen.tokens[index])
            for index, weight in WEIGHTS.items()
        }
        parts[GUARD] = self._guarded(seen)
        parts[INITIALS] = self._given(self._initials.get(typed_initials(seen.seen), ()), _INITIALS_GIVE)
        parts[THREAD] = self._given((self._numbers[name] for name in near), _THREAD_GIVES)
        return parts

    def _given(self, numbers: Iterable[int], points: float) -> Weights:
        given = np.zeros(len(self.entries), dtype=np.float32)
        given[list(numbers)] = points
        return given

    def _guarded(self, seen: View) -> Weights:
        taken = np.zeros(len(self.entries), dtype=np.float32)
        if speaks_of_another_document(seen.seen.units, seen.found, self.lexicon):
            taken[self._on_card] = -_GUARD_TAKES
        asked = frozenset(seen.meanings)
        for number, own, opposite in self._opposites:
            if opposed(asked, own, opposite):
                taken[number] = -_GUARD_TAKES
        return taken

    def _read_opposites(self) -> Iterable[tuple[int, frozenset[str], frozenset[str]]]:
        """The entries that have an opposite: what they do, and what it does."""
        deeds = {
            entry.id: deeds_of(view(entry.title.zh, self.lexicon).meanings, self.lexicon)
            for entry in self.entries
        }
        for number, entry in enumerate(self.entries):
            if entry.opposite in deeds:
                yield number, deeds[entry.id], deeds[entry.opposite]

    def _match(self, number: int, seen: View, parts: Mapping[str, Weights]) -> Match:
        told = {name: float(part[number]) for name, part in parts.items()}
        phrase, alike = self._most_alike(number, seen.seen, initials=told[INITIALS] > 0)
        told[ALIKE] = ALIKE_COUNTS * alike
        return Match(self.entries[number], sum(told.values()), phrase, told)

    def _most_alike(self, number: int, seen: Seen, *, initials: bool) -> tuple[str, float]:
        """The entry's phrase nearest to the text, and how near from 0 to 1; typed pinyin is compared by sound."""
        held = self._phrases[number]
        if initials:
            typed = typed_initials(seen)
            return next(phrase for phrase in held if initials_of(see(phrase)) == typed), 1.0
        by_sound = all(map(is_pinyin, seen.units))
        told, against = (seen.sounds, self._heard) if by_sound else (seen.units, self._written)
        _, alike, place = process.extractOne("".join(told), against[number], scorer=fuzz.ratio)
        return held[place], alike / 100
