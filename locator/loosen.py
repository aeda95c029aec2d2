"""What to let go of when nothing fits all that was asked: each condition by itself, and how many outlets that leaves.

Law: a way is told only if it leads somewhere. Where no single condition stands in the way, it is all of them together.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from locator.model import Filter


class Condition(StrEnum):
    """One thing an outlet must fulfil, by the Filter's field that holds it."""

    SERVICE = "service"
    OPEN = "open_at"
    STATUS = "statuses"


class Way(NamedTuple):
    """What is dropped, and how many outlets then pass."""

    dropped: tuple[Condition, ...]
    leaves: int


_NONE: Final[Mapping[Condition, Any]] = MappingProxyType(
    {one: Filter._field_defaults[one] for one in Condition}
)


def conditions_of(wanted: Filter) -> tuple[Condition, ...]:
    """Those in use, in the order of the form."""
    return tuple(one for one in Condition if getattr(wanted, one) != _NONE[one])


def ways_out(wanted: Filter, count: Callable[[Filter], int]) -> tuple[Way, ...]:
    """`count` tells how many outlets pass a Filter."""
    conditions = conditions_of(wanted)
    single = [(one,) for one in conditions]
    return _leading_on(wanted, count, single) or _leading_on(wanted, count, [conditions])


def _leading_on(
    wanted: Filter, count: Callable[[Filter], int], choices: Iterable[tuple[Condition, ...]]
) -> tuple[Way, ...]:
    ways = (Way(dropped, count(_without(wanted, dropped))) for dropped in choices)
    return tuple(way for way in ways if way.leaves)


def _without(wanted: Filter, dropped: tuple[Condition, ...]) -> Filter:
    return wanted._replace(**{one.value: _NONE[one] for one in dropped})
