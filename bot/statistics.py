"""What was asked, in numbers: by day, by what became of it, by channel, by entry, by outlet.

Law: no person, no text and no position is in any of it. A day is a day in China; a day on which nobody asked is there, with
nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class Outcome(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    ASKED_BACK = "asked-back"
    DECLINED = "declined"
    HANDED_OVER = "handed-over"


OUTCOMES: Final[Mapping[str, Outcome]] = MappingProxyType(
    {
        "answer": Outcome.ANSWERED,
        "spots": Outcome.ANSWERED,
        "clarify": Outcome.ASKED_BACK,
        "ask-where": Outcome.ASKED_BACK,
        "decline": Outcome.DECLINED,
        "hand-over": Outcome.HANDED_OVER,
        "handed": Outcome.HANDED_OVER,
    }
)
"""By decision. What is not here was no question: a language was chosen, somebody asked to be forgotten, …"""


class Tally(NamedTuple):
    """How often something was done on one day."""

    day: date
    channel: str
    decision: str
    entry: str  # the id of the entry it was answered with, or ""
    times: int
    unhelpful: int  # of these, so many were said not to have helped


class Listed(NamedTuple):
    """How many replies of one day showed an outlet."""

    day: date
    outlet: str  # its id
    times: int


Ranked = Sequence[tuple[str, int]]  # names and how often, the most frequent first


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the days from `first` to `last`, both included."""

    first: date
    last: date
    tallies: Sequence[Tally]
    listed: Sequence[Listed]

    @property
    def days(self) -> Sequence[date]:
        return [self.first + timedelta(ahead) for ahead in range((self.last - self.first).days + 1)]

    @property
    def total(self) -> int:
        """Questions."""
        return sum(one.times for _, one in self._questions())

    def by_day(self) -> Sequence[tuple[date, Mapping[Outcome, int]]]:
        """Every day, the oldest first, with every outcome."""
        counted: Counter[tuple[date, Outcome]] = Counter()
        for outcome, one in self._questions():
            counted[one.day, outcome] += one.times
        return [(day, {outcome: counted[day, outcome] for outcome in Outcome}) for day in self.days]

    def by_outcome(self) -> Mapping[Outcome, int]:
        """Every outcome."""
        counted: Counter[Outcome] = Counter()
        for outcome, one in self._questions():
            counted[outcome] += one.times
        return {outcome: counted[outcome] for outcome in Outcome}

    def by_channel(self) -> Ranked:
        return _ranked((one.channel, one.times) for _, one in self._questions())

    def by_entry(self) -> Ranked:
        return self._of_entries(lambda one: one.times)

    def unhelpful(self) -> Ranked:
        """The entries whose answers were said not to have helped."""
        return self._of_entries(lambda one: one.unhelpful)

    def by_outlet(self) -> Ranked:
        return _ranked((one.outlet, one.times) for one in self.listed)

    def _of_entries(self, count: Callable[[Tally], int]) -> Ranked:
        return _ranked((one.entry, count(one)) for _, one in self._questions() if one.entry)

    def _questions(self) -> Iterator[tuple[Outcome, Tally]]:
        for one in self.tallies:
            if outcome := OUTCOMES.get(one.decision):
                yield outcome, one


def _ranked(counts: Iterable[tuple[str, int]]) -> Ranked:
    """Of what is as frequent, the one whose name comes first."""
    counted: Counter[str] = Counter()
    for name, times in counts:
        counted[name] += times
    return sorted(
        ((name, times) for name, times in counted.items() if times), key=lambda one: (-one[1], one[0])
    )


def percent(part: int, whole: int) -> int:
    """Rounded half up; of nothing, 0."""
    return (200 * part + whole) // (2 * whole) if whole else 0
