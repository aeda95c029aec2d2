"""Entries for a text that is still being typed: as the matcher ranks them, and as the letters so far may go on.

Law: a text that no phrase goes on from is ranked as the matcher ranks it. What is typed is found by its letters, by its
sound and by initials, so a syllable that is half there counts already.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from bot.evidence import Weights
from bot.grams import Seen, initials_of, see
from bot.match import Matcher
from bot.model import SMALL_TALK, Entry
from bot.view import View

SHOWN: Final = 9  # each has a digit of the keyboard
# What it gives to be the beginning of a phrase, all of it typed; found flat between 10 and 30.
GIVES: Final = 20.0
_INSIDE: Final = 0.7  # so much of it where the phrase has begun before
_BESIDE: Final = 0.8  # … and of an entry that is not on the card
_LEAST_LETTERS: Final = 2
_MOST_INITIALS: Final = 12
_LAST: Final = "\U0010ffff"


class Hit(NamedTuple):
    """An entry, and how people ask for it in words like these."""

    entry: Entry
    phrase: str  # "" when no phrase is like it
    goes_on: bool  # it is what the text may become


class LookUp:
    """Finds entries for what is typed."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self._phrases: list[str] = []
        owners: list[int] = []
        seen: list[Seen] = []
        for owner, entry in enumerate(matcher.entries):
            for phrase in (entry.title.zh, *entry.asked):
                self._phrases.append(phrase)
                owners.append(owner)
                seen.append(see(phrase))
        self._owners = np.array(owners)
        self._beside = np.array([not entry.is_card for entry in matcher.entries])
        self._talk = np.array([entry.intent == SMALL_TALK for entry in matcher.entries])
        self._written = _Beginnings(("".join(one.units),) for one in seen)
        self._heard = _Beginnings(tuple(_endings(one.sounds)) for one in seen)
        self._initials = _Beginnings(tuple(_endings(initials_of(one))) for one in seen)

    def find(self, seen: View, most: int = SHOWN) -> tuple[Hit, ...]:
        """The best entries, the best first; () when there is no letter in the text."""
        if not seen.seen.units:
            return ()
        matches = self.matcher.match(seen)
        scores = self.matcher.scores(seen)
        phrases: dict[int, str] = {}
        for one in matches.ranked:
            number = self.matcher.number(one.entry)
            scores[number] = one.score
            phrases[number] = one.phrase
        given, begun = self._given(seen.seen)
        scores += GIVES * given
        scores[self._talk] = -np.inf  # a clerk looks up nothing of it
        order = (-scores).argsort(kind="stable")[:most]
        return tuple(self._hit(number, begun, phrases) for number in order.tolist())

    def _hit(self, number: int, begun: Sequence[int], phrases: Mapping[int, str]) -> Hit:
        phrase = begun[number]
        if phrase < 0:
            return Hit(self.matcher.entries[number], phrases.get(number, ""), goes_on=False)
        return Hit(self.matcher.entries[number], self._phrases[phrase], goes_on=True)

    def _given(self, seen: Seen) -> tuple[Weights, list[int]]:
        """For each entry, how much of a phrase is typed, from 0 to 1, and the number of that phrase, or -1."""
        shares = np.zeros(len(self._phrases))
        self._written.share("".join(seen.units), shares)
        self._heard.share("".join(seen.sounds), shares)
        if len(seen.units) == 1 and seen.units[0].isascii() and len(seen.units[0]) <= _MOST_INITIALS:
            self._initials.share(seen.units[0], shares)
        return self._by_entry(shares)

    def _by_entry(self, shares: Weights) -> tuple[Weights, list[int]]:
        best = np.zeros(len(self.matcher.entries))
        which = np.full(len(self.matcher.entries), -1)
        (held,) = shares.nonzero()
        held = held[np.argsort(shares[held], kind="stable")]
        best[self._owners[held]] = shares[held]  # the largest is written last
        best[self._beside] *= _BESIDE
        which[self._owners[held]] = held
        return best, which.tolist()


@lru_cache(maxsize=1)
def look_up_with(matcher: Matcher) -> LookUp:
    """Made once for all that a matcher knows: it takes a third of a second."""
    return LookUp(matcher)


class _Beginnings:
    """Phrases by how they begin – and, where there are several, by how the rest of each begins."""

    def __init__(self, phrases: Iterable[Sequence[str]]) -> None:
        """`phrases`: for each its keys, the whole one first; an empty key is none."""
        held = sorted(
            (key, number, (_INSIDE if place else 1.0) / len(keys[0]))
            for number, keys in enumerate(phrases)
            for place, key in enumerate(keys)
            if key
        )
        self._keys = [key for key, _, _ in held]
        self._numbers = np.array([number for _, number, _ in held])
        self._weights = np.array([weight for _, _, weight in held])

    def share(self, typed: str, shares: Weights) -> None:
        """Raise each phrase's share to how much of it is typed."""
        if len(typed) < (_LEAST_LETTERS if typed.isascii() else 1):
            return
        start, end = bisect_left(self._keys, typed), bisect_left(self._keys, typed + _LAST)
        told = len(typed) * self._weights[start:end]
        np.maximum.at(shares, self._numbers[start:end], told)


def _endings(parts: Sequence[str]) -> Iterator[str]:
    """The whole, then from the second part on, and so on."""
    return ("".join(parts[start:]) for start in range(len(parts)))
