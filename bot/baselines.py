"""What lexical methods alone achieve on the same phrases: the yardstick's baselines, side by side with the matcher.

Each ranks the entries by their best phrase.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import rjieba
from rapidfuzz import fuzz, process
from scipy.sparse import csr_array

from bot.grams import grams, see_pieces
from locator.text import fold, words

Scores = npt.NDArray[np.float64]
Scorer = Callable[[str], Scores]  # a question to a score for each phrase

_K1: Final = 1.2
_B: Final = 0.75


def make_baselines(phrases: Sequence[str]) -> Mapping[str, Scorer]:
    """By name, each ready to score a question against all `phrases`."""
    folded = [fold(phrase) for phrase in phrases]
    return {
        "rapidfuzz ratio": lambda question: _alike(fold(question), folded, fuzz.ratio),
        "rapidfuzz WRatio": lambda question: _alike(fold(question), folded, fuzz.WRatio),
        "BM25 words": _BM25([_words(phrase) for phrase in phrases], _words),
        "TF-IDF character grams": _TfIdf([_grams(phrase) for phrase in phrases], _grams),
    }


def _alike(question: str, folded: Sequence[str], scorer: Callable[..., float]) -> Scores:
    alike: Scores = process.cdist([question], folded, scorer=scorer, dtype=np.float64)[0]
    return alike


def _words(text: str) -> list[str]:
    return [word for piece in words(text) for word in rjieba.cut(piece)]


def _grams(text: str) -> list[str]:
    return grams(see_pieces(words(text)).units)


class _BM25:
    """Okapi BM25 with the usual constants."""

    def __init__(self, documents: Sequence[Sequence[str]], cut: Callable[[str], list[str]]) -> None:
        self._cut = cut
        self._vocabulary = _vocabulary(documents)
        counts = _counts(documents, self._vocabulary)
        lengths = counts.sum(axis=1)
        held = np.bincount(counts.indices, minlength=len(self._vocabulary))
        idf = np.log(1 + (len(documents) - held + 0.5) / (held + 0.5))
        rows = np.repeat(np.arange(len(documents)), np.diff(counts.indptr))
        damped = counts.data + _K1 * (1 - _B + _B * lengths[rows] / lengths.mean())
        counts.data = idf[counts.indices] * counts.data * (_K1 + 1) / damped
        self._weights = counts.T.tocsr()
        self._size = len(documents)

    def __call__(self, question: str) -> Scores:
        asked = [self._vocabulary[token] for token in self._cut(question) if token in self._vocabulary]
        scores: Scores = self._weights[asked].sum(axis=0) if asked else np.zeros(self._size)
        return scores


class _TfIdf:
    """Cosine of TF-IDF vectors."""

    def __init__(self, documents: Sequence[Sequence[str]], cut: Callable[[str], list[str]]) -> None:
        self._cut = cut
        self._vocabulary = _vocabulary(documents)
        counts = _counts(documents, self._vocabulary)
        held = np.bincount(counts.indices, minlength=len(self._vocabulary))
        self._idf = np.log((1 + len(documents)) / (1 + held)) + 1
        counts.data = counts.data * self._idf[counts.indices]
        rows = np.repeat(np.arange(len(documents)), np.diff(counts.indptr))
        norms = np.sqrt(np.bincount(rows, counts.data**2, minlength=len(documents)))
        counts.data = counts.data / norms[rows]
        self._weights = counts.T.tocsr()
        self._size = len(documents)

    def __call__(self, question: str) -> Scores:
        asked = Counter(self._vocabulary[token] for token in self._cut(question) if token in self._vocabulary)
        if not asked:
            return np.zeros(self._size)
        held = np.fromiter(asked, dtype=np.int64)
        weights = np.fromiter(asked.values(), dtype=np.float64) * self._idf[held]
        scores: Scores = (weights / math.sqrt(float(weights @ weights))) @ self._weights[held]
        return scores


def _vocabulary(documents: Iterable[Iterable[str]]) -> dict[str, int]:
    found = dict.fromkeys(token for document in documents for token in document)
    return {token: number for number, token in enumerate(found)}


def _counts(documents: Sequence[Sequence[str]], vocabulary: Mapping[str, int]) -> csr_array:
    """Documents by tokens: how often each holds each."""
    rows = [number for number, document in enumerate(documents) for _ in document]
    columns = [vocabulary[token] for document in documents for token in document]
    ones = np.ones(len(rows))
    return csr_array((ones, (rows, columns)), shape=(len(documents), len(vocabulary)))
