"""What words mean: the meanings of faq/reference/lexicon.toml, found in a text by letter or by sound."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from bot.grams import Seen, see

FILLERS: Final = "fillers"  # the group of words without a subject of their own
_ONE: Final = (1,)  # the length of a form that stands alone
_LEAST_HEARD: Final = 2  # one syllable alone means too many things
_SAFELY_HEARD: Final = 3  # two syllables mean many things too (失效, 是小): one of them must be written right


class Found(NamedTuple):
    """A meaning, and the units it stands on."""

    start: int
    end: int
    meaning: str


class _Form(NamedTuple):
    units: tuple[str, ...]
    meaning: str


class Lexicon:
    """Finds meanings."""

    def __init__(self, groups: Mapping[str, Mapping[str, str]]) -> None:
        """`groups`: meanings by group; for each its forms, spaces between, an underscore in a form for a space."""
        self.groups = {name: frozenset(meanings) for name, meanings in groups.items()}
        self.fillers = self.groups.get(FILLERS, frozenset())
        seen = [
            (see(form.replace("_", " ")), meaning)
            for meanings in groups.values()
            for meaning, forms in meanings.items()
            for form in forms.split()
        ]
        self._read = _Book((one.units, _Form(one.units, meaning)) for one, meaning in seen)
        self._heard = _Book(
            (one.sounds, _Form(one.units, meaning))
            for one, meaning in seen
            if len(one.sounds) >= _LEAST_HEARD and not any(map(str.isascii, one.units))
        )

    def find(self, seen: Seen) -> tuple[Found, ...]:
        """What is read letter by letter, and what is only heard; in the order it stands."""
        read = [
            Found(start, end, form.meaning)
            for start, end, held in self._read.find(seen.units)
            for form in held
        ]
        covered = {
            number
            for start, end, meaning in read
            if meaning not in self.fillers
            for number in range(start, end)
        }
        heard = [
            Found(seen.at[start], seen.at[end - 1] + 1, form.meaning)
            for start, end, held in self._heard.find(seen.sounds)
            if not covered.issuperset(seen.at[start:end])
            for form in held
            if _is_heard(seen.units[seen.at[start] : seen.at[end - 1] + 1], form)
        ]
        return tuple(sorted(read + heard))


def _is_heard(units: Sequence[str], form: _Form) -> bool:
    """Typed pinyin always; three syllables and more always; two when a letter agrees."""
    return len(form.units) >= _SAFELY_HEARD or units[0].isascii() or not set(units).isdisjoint(form.units)


class _Book:
    """Forms by their units, and how long those are that begin with two units, the longest first.

    Nearly every unit of a question begins some form, but few pairs of them do.
    """

    def __init__(self, forms: Iterable[tuple[tuple[str, ...], _Form]]) -> None:
        held: defaultdict[tuple[str, ...], dict[str, _Form]] = defaultdict(dict)
        lengths: defaultdict[tuple[str | None, ...], set[int]] = defaultdict(set)
        for units, form in forms:
            held[units].setdefault(form.meaning, form)
            if len(units) > 1:
                lengths[units[:2]].update((len(units), 1))
        self._forms = {units: tuple(found.values()) for units, found in held.items()}
        self._single = frozenset(units[0] for units in self._forms if len(units) == 1)
        self._lengths = {pair: tuple(sorted(found, reverse=True)) for pair, found in lengths.items()}

    def find(self, units: tuple[str, ...]) -> Iterator[tuple[int, int, tuple[_Form, ...]]]:
        """(from, to, forms) of the longest, from left to right, none over another."""
        free = 0
        for start in self._beginnings(units):
            if start < free:
                continue
            for length in self._lengths.get(units[start : start + 2], _ONE):
                held = self._forms.get(units[start : start + length])
                if held is not None and start + length <= len(units):
                    free = start + length
                    yield start, free, held
                    break

    def _beginnings(self, units: tuple[str, ...]) -> list[int]:
        """Where a form may begin."""
        lengths, single = self._lengths, self._single
        return [
            start
            for start, pair in enumerate(zip_longest(units, units[1:]))
            if pair in lengths or pair[0] in single
        ]
