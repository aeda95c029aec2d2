"""One measured figure, beside what was asked for."""

import statistics
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple


class Figure(NamedTuple):
    what: str
    measured: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def missed(self) -> bool:
        too_much = self.at_most is not None and self.measured > self.at_most
        return too_much or (self.at_least is not None and self.measured < self.at_least)


def table(title: str, figures: Iterable[Figure]) -> str:
    rows = [f"{title}\n{'-' * len(title)}"]
    rows += [
        f"{figure.what:<74} {figure.measured:>12,.2f} {figure.unit:<5} {_asked(figure)}" for figure in figures
    ]
    return "\n".join(rows) + "\n"


def median_us(call: Callable[[int], object], rounds: int) -> float:
    """Median microseconds of `call(n)` for n = 0, 1, …, after a warm-up."""
    for number in range(min(rounds, 50)):
        call(number)
    taken = []
    for number in range(rounds):
        start = time.perf_counter_ns()
        call(number)
        taken.append(time.perf_counter_ns() - start)
    return statistics.median(taken) / 1_000


def _asked(figure: Figure) -> str:
    if figure.at_most is None and figure.at_least is None:
        return ""
    asked = f"≤ {figure.at_most:g}" if figure.at_most is not None else f"≥ {figure.at_least:g}"
    return f"asked {asked}{'   MISSED' if figure.missed else ''}"
