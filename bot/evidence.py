"""How much each thing seen in a question speaks for each entry: log odds learned from the entries' phrases.

A naive Bayes reading of the phrases, in which every entry weighs the same however many phrases it has. One pass over
the phrases makes it, so new phrases work at once. What an entry's phrases share counts, and what all entries share
does not: that is why it carries further than looking for the single most similar phrase.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float32]

# What was never seen with an entry still counts as so much of a sighting. From .02 to .1 little changes.
_SMOOTHING: Final = 0.03


class Evidence:
    """Log odds for entries, of the tokens of one index."""

    def __init__(self, phrases: Sequence[Sequence[str]], owners: Sequence[int], entries: int) -> None:
        """`phrases`: the tokens of each; `owners`: to which of the `entries` each belongs."""
        counted = [Counter(phrase) for phrase in phrases]
        held = Counter(token for phrase in counted for token in phrase)
        self._numbers = {token: number for number, token in enumerate(held)}
        phrases_with = np.fromiter(held.values(), dtype=np.float32)
        self._rarity = np.log1p((len(phrases) - phrases_with + 0.5) / (phrases_with + 0.5))
        seen = np.zeros((len(held), entries), dtype=np.float32)
        for owner, phrase in zip(owners, counted, strict=True):
            numbers, weights = self._vector(phrase)
            seen[numbers, owner] += weights
        self._odds = _log_odds(seen, np.bincount(owners, minlength=entries))

    def weigh(self, tokens: Sequence[str]) -> Weights:
        """One number for each entry. Tokens never seen say nothing, and a long text says no more than a short one."""
        numbers, weights = self._vector(Counter(tokens))
        spoken: Weights = weights @ self._odds[numbers]
        return spoken

    def familiar(self, tokens: Sequence[str]) -> float:
        """The share of the tokens that some phrase holds; 0 of none."""
        return sum(token in self._numbers for token in tokens) / len(tokens) if tokens else 0.0

    def _vector(self, counted: Mapping[str, int]) -> tuple[list[int], Weights]:
        """The known tokens by number, weighed by rarity and how often they stand, to length 1."""
        known = [(self._numbers[token], often) for token, often in counted.items() if token in self._numbers]
        numbers = [number for number, _ in known]
        often = np.fromiter((often for _, often in known), dtype=np.float32, count=len(known))
        weights = (1 + np.log(often)) * self._rarity[numbers]
        length = np.sqrt(weights @ weights)
        return numbers, weights / length if length else weights


def _log_odds(seen: Weights, phrases: npt.NDArray[np.int64]) -> Weights:
    """Logarithm of (share of this token with this entry) / (its share with the average entry)."""
    rates = seen / np.maximum(phrases, 1) * phrases.mean() + _SMOOTHING
    overall = rates.sum(axis=1, keepdims=True)
    odds: Weights = np.log(rates / rates.sum(axis=0) / (overall / overall.sum())).astype(np.float32)
    return odds
