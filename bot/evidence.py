"""How much each thing seen in a question speaks for each entry: log odds learned from the entries' phrases.

A naive Bayes reading of the phrases, in which every entry weighs the same however many phrases it has. One pass over
the phrases makes it, so new phrases work at once. What an entry's phrases share counts, and what all entries share
does not: that is why it carries further than looking for the single most similar phrase.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise, repeat
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float64]
Name = TypeVar("Name", bound=str)  # of an index

# What was never seen with an entry still counts as so much of a sighting. From .02 to .1 little changes.
_SMOOTHING: Final = 0.03
# What a token says: to which entry – or to one of the sums beside them –, and what.
_SAID: Final = np.dtype([("place", "<u4"), ("weight", "<f4")])
_RARITY, _COMMON, _SQUARE = range(_BESIDE := 3)
_LEAST: Final = np.finfo(np.float64).tiny


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
    """Log odds for entries, of the tokens of every index.

    Most tokens were seen with few entries, and say the same of all others. So a token holds what it says of those it
    was seen with only, packed: the tokens of a question are joined and summed in one pass.
    """

    def __init__(
        self,
        ledgers: Mapping[Name, Ledger],
        counts: Mapping[Name, float],
        owners: Sequence[int],
        entries: int,
    ) -> None:
        """`counts`: how much each index counts; `owners`: to which of the `entries` each phrase belongs."""
        self._entries = entries
        self._says: dict[Name, dict[str, bytes]] = {}  # by index and token
        self._unseen = np.zeros(
            (len(ledgers), entries)
        )  # log odds of an entry for what was never seen with it
        for row, (index, ledger) in enumerate(ledgers.items()):
            learned = _learn(ledger, owners, entries)
            self._unseen[row] = learned.unseen
            packed = _pack(learned, row * (entries + _BESIDE), counts[index])
            self._says[index] = dict(zip(ledger.numbers, packed, strict=True))

    def weigh(self, tokens: Mapping[Name, Iterable[str]]) -> Weights:
        """A row for each index, with one number for each entry.

        Tokens never seen say nothing, and a long text says no more than a short one.
        """
        said = b"".join(
            chain.from_iterable(
                map(known.get, dict.fromkeys(tokens[index]), repeat(b""))
                for index, known in self._says.items()
            )
        )
        heard = np.frombuffer(said, _SAID)
        width = self._entries + _BESIDE
        # Nothing heard is counted in integers.
        sums = np.bincount(heard["place"], heard["weight"], len(self._says) * width).astype(
            np.float64, copy=False
        )
        sums = sums.reshape(-1, width)
        weighed, beside = sums[:, : self._entries], sums[:, self._entries :, np.newaxis]
        weighed += beside[:, _RARITY] * self._unseen
        weighed += beside[:, _COMMON]
        weighed /= np.sqrt(beside[:, _SQUARE] + _LEAST)
        return weighed

    def familiar(self, index: Name, tokens: Iterable[str]) -> float:
        """The share of the tokens, each counted once, that some phrase holds in this index; 0 of none."""
        asked = set(tokens)
        return sum(map(self._says[index].__contains__, asked)) / len(asked) if asked else 0.0


class _Learned(NamedTuple):
    """The log odds of one index, for the pairs of a token and an entry that were seen together: a list of each."""

    token: npt.NDArray[np.int64]
    entry: npt.NDArray[np.int64]
    beyond: Weights  # what the log odds are more than if the two had never been seen together
    unseen: Weights  # of each entry: log odds for what was never seen with it …
    common: Weights  # … and of each token, what they are more for that token, with every entry
    rarity: Weights  # of each token


def _learn(ledger: Ledger, owners: Sequence[int], entries: int) -> _Learned:
    """Logarithm of (share of a token with an entry) / (its share with the average entry), in its three parts."""
    width, phrases = len(ledger.numbers), len(owners)
    token = np.asarray(ledger.tokens, dtype=np.int64)
    phrase = np.repeat(np.arange(phrases), ledger.lengths)
    holding = np.bincount(token, minlength=width)
    rarity = np.log1p((phrases - holding + 0.5) / (holding + 0.5))
    weights = rarity[token] / np.sqrt(np.bincount(phrase, rarity[token] ** 2, phrases))[phrase]
    pairs, places = np.unique(token * entries + np.asarray(owners)[phrase], return_inverse=True)
    token, entry = np.divmod(pairs, entries)
    own = np.bincount(owners, minlength=entries)
    seen = np.bincount(places, weights) * (own.mean() / own[entry])
    of_entry = np.bincount(entry, seen, entries) + max(width, 1) * _SMOOTHING
    of_token = np.bincount(token, seen, width) + entries * _SMOOTHING
    return _Learned(
        token,
        entry,
        np.log1p(seen / _SMOOTHING),
        np.log(_SMOOTHING / of_entry),
        np.log(of_token.sum() / of_token),
        rarity,
    )


def _pack(learned: _Learned, start: int, counts: float) -> Iterator[bytes]:
    """What each token says, in the order of their numbers; `start` is the place of the first entry."""
    entries, rarity = len(learned.unseen), learned.rarity
    numbers = np.arange(len(rarity))
    beside = (rarity, rarity * learned.common, (rarity / counts) ** 2)
    token = np.concatenate([learned.token, *[numbers] * _BESIDE])
    said = np.empty(len(token), _SAID)
    said["place"] = start + np.concatenate(
        [learned.entry, np.repeat(entries + np.arange(_BESIDE), len(rarity))]
    )
    said["weight"] = np.concatenate([learned.beyond * rarity[learned.token], *beside])
    order = np.argsort(token, kind="stable")
    ends = np.cumsum(np.bincount(token)).tolist()
    packed = said[order].tobytes()
    for start_of, end in pairwise([0, *ends]):
        yield packed[start_of * _SAID.itemsize : end * _SAID.itemsize]
