"""How much each thing seen in a question speaks for each entry: log odds learned from the entries' phrases.

A naive Bayes reading of the phrases, in which every entry weighs the same however many phrases it has. One pass over
the phrases makes it, so new phrases work at once. What an entry's phrases share counts, and what all entries share
does not: that is why it carries further than looking for the single most similar phrase.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float32]
Name = TypeVar("Name", bound=str)  # of an index

# What was never seen with an entry still counts as so much of a sighting. From .02 to .1 little changes.
_SMOOTHING: Final = 0.03
# The row of the table that says nothing. Each index begins with it, so that none is empty.
_NOTHING: Final = 0


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


class Evidence(Generic[Name]):
    """Log odds for entries, of the tokens of every index: one table, so that a question is weighed in one pass."""

    def __init__(
        self,
        ledgers: Mapping[Name, Ledger],
        counts: Mapping[Name, float],
        owners: Sequence[int],
        entries: int,
    ) -> None:
        """`counts`: how much each index counts; `owners`: to which of the `entries` each phrase belongs."""
        self._rows: dict[Name, dict[str, int]] = {}  # by index and token
        # A row is a token; its last column is the square of its rarity.
        height = 1 + sum(len(ledger.numbers) for ledger in ledgers.values())
        self._table = np.zeros((height, entries + 1), dtype=np.float32)
        self._table[_NOTHING, -1] = np.finfo(np.float32).tiny
        end = 1
        for index, ledger in ledgers.items():
            start, end = end, end + len(ledger.numbers)
            self._rows[index] = {token: start + number for token, number in ledger.numbers.items()}
            _fill(self._table[start:end], ledger, owners)
            self._table[start:end, -1] /= counts[index] ** 2

    def weigh(self, tokens: Mapping[Name, Iterable[str]]) -> Weights:
        """For each index, one number for each entry.

        Tokens never seen say nothing, and a long text says no more than a short one.
        """
        rows: list[int] = []
        starts: list[int] = []
        for index, known in self._rows.items():
            starts.append(len(rows))
            rows.append(_NOTHING)
            rows += filter(None, map(known.get, dict.fromkeys(tokens[index])))
        # Summed and not multiplied: a product would wake the threads of the linear algebra for so little.
        spoken = np.add.reduceat(self._table.take(np.array(rows), axis=0), starts)
        spoken[:, :-1] /= np.sqrt(spoken[:, -1:])
        weighed: Weights = spoken[:, :-1]
        return weighed

    def familiar(self, index: Name, tokens: Iterable[str]) -> float:
        """The share of the tokens, each counted once, that some phrase holds in this index; 0 of none."""
        asked = set(tokens)
        return sum(map(self._rows[index].__contains__, asked)) / len(asked) if asked else 0.0


def _fill(table: Weights, ledger: Ledger, owners: Sequence[int]) -> None:
    """Write the log odds of one index, each times its token's rarity, and the square of that."""
    width, entries = len(table), table.shape[1] - 1
    phrases = len(owners)
    token = np.asarray(ledger.tokens, dtype=np.int64)
    phrase = np.repeat(np.arange(phrases), ledger.lengths)
    holding = np.bincount(token, minlength=width)
    rarity = np.log1p((phrases - holding + 0.5) / (holding + 0.5)).astype(np.float32)
    weights = rarity[token]
    weights /= np.sqrt(np.bincount(phrase, weights**2, phrases)).astype(np.float32)[phrase]
    places = token * entries + np.asarray(owners)[phrase]
    seen = np.bincount(places, weights, width * entries).astype(np.float32).reshape(width, entries)
    odds = _log_odds(seen, np.bincount(owners, minlength=entries))
    np.multiply(odds, rarity[:, np.newaxis], out=table[:, :-1])
    table[:, -1] = rarity**2


def _log_odds(seen: Weights, phrases: npt.NDArray[np.int64]) -> Weights:
    """Logarithm of (share of this token with this entry) / (its share with the average entry); made in place."""
    seen *= (phrases.mean() / np.maximum(phrases, 1)).astype(np.float32)
    seen += _SMOOTHING
    overall = seen.sum(axis=1, keepdims=True)
    seen /= seen.sum(axis=0)
    seen /= overall / overall.sum()
    return np.log(seen, out=seen)
