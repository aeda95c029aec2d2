"""How much each thing seen in a question speaks for each entry: log odds learned from the entries' phrases.

A naive Bayes reading of the phrases, in which every entry weighs the same however many phrases it has. One pass over
the phrases makes it, so new phrases work at once. What an entry's phrases share counts, and what all entries share
does not: that is why it carries further than looking for the single most similar phrase.
"""

import math
from array import array
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float32]

# What was never seen with an entry still counts as so much of a sighting. From .02 to .1 little changes.
_SMOOTHING: Final = 0.03


class Ledger:
    """The tokens of phrases, each token a number."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.tokens = array("i")  # of all phrases, one after the other; each once a phrase
        self.lengths = array("i")  # how many of them each phrase has

    def note(self, tokens: Iterable[str]) -> None:
        """Add one phrase."""
        numbers = self.numbers
        held = {numbers.setdefault(token, len(numbers)) for token in tokens}
        self.tokens.extend(held)
        self.lengths.append(len(held))


class Evidence:
    """Log odds for entries, of the tokens of one index."""

    def __init__(self, ledger: Ledger, owners: Sequence[int], entries: int) -> None:
        """`owners`: to which of the `entries` each phrase of the ledger belongs."""
        self._numbers = ledger.numbers
        phrases, width = len(owners), len(ledger.numbers)
        token = np.asarray(ledger.tokens, dtype=np.int64)
        phrase = np.repeat(np.arange(phrases), ledger.lengths)
        holding = np.bincount(token, minlength=width)
        rarity = np.log1p((phrases - holding + 0.5) / (holding + 0.5)).astype(np.float32)
        weights = rarity[token]
        weights /= np.sqrt(np.bincount(phrase, weights**2, phrases)).astype(np.float32)[phrase]
        places = token * entries + np.asarray(owners)[phrase]
        seen = np.bincount(places, weights, width * entries).astype(np.float32).reshape(width, entries)
        self._odds = _log_odds(seen, np.bincount(owners, minlength=entries))
        self._odds *= rarity[:, np.newaxis]
        self._squares = rarity**2

    def weigh(self, tokens: Iterable[str]) -> Weights:
        """One number for each entry. Tokens never seen say nothing, and a long text says no more than a short one."""
        numbers = self._known(tokens)
        if not numbers:
            return np.zeros(self._odds.shape[1], dtype=np.float32)
        # Summed and not multiplied: a product would wake the threads of the linear algebra for so little.
        held = np.array(numbers)
        spoken: Weights = np.add.reduce(self._odds.take(held, axis=0))
        spoken /= math.sqrt(np.add.reduce(self._squares.take(held)))
        return spoken

    def familiar(self, tokens: Iterable[str]) -> float:
        """The share of the tokens, each counted once, that some phrase holds; 0 of none."""
        asked = set(tokens)
        return len(self._known(asked)) / len(asked) if asked else 0.0

    def _known(self, tokens: Iterable[str]) -> list[int]:
        numbers = self._numbers
        return [number for token in dict.fromkeys(tokens) if (number := numbers.get(token)) is not None]


def _log_odds(seen: Weights, phrases: npt.NDArray[np.int64]) -> Weights:
    """Logarithm of (share of this token with this entry) / (its share with the average entry); made in place."""
    seen *= (phrases.mean() / np.maximum(phrases, 1)).astype(np.float32)
    seen += _SMOOTHING
    overall = seen.sum(axis=1, keepdims=True)
    seen /= seen.sum(axis=0)
    seen /= overall / overall.sum()
    return np.log(seen, out=seen)
