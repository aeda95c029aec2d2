"""Charts as SVG: bars that are as long as what they stand for, from nought on.

Law: lengths are shares of the drawing, so bars stretch with the page and letters do not. Colours are the page's, by class.
Whoever draws puts the same numbers beside it as a table.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

_STEPS: Final = (1, 2, 5)
_MOST_LINES: Final = 5  # of an axis, above nought
_MOST_LABELS: Final = 7  # days in words have room below a chart on a phone
_WIDEST: Final = 14.0  # percent of the drawing: few bars are no walls
_FILLED: Final = 0.72  # of a column's room
_MANY: Final = 31  # bars too thin for gaps on a phone
_DECIMALS: Final = 3


class Part(NamedTuple):
    """One colour of a column."""

    name: str  # the class of its colour
    times: int


class Column(NamedTuple):
    """A bar that stands, its parts from the bottom up."""

    label: str
    told: str  # in words, for whoever points at it
    parts: tuple[Part, ...]

    @property
    def times(self) -> int:
        return sum(part.times for part in self.parts)


def axis(most: int) -> Sequence[int]:
    """Round numbers from 0 to no less than `most`, at equal distances, at most six."""
    step, power = 1, 1
    while step * _MOST_LINES < most:
        larger = [first * power for first in _STEPS if first * power > step]
        power = power if larger else power * 10
        step = larger[0] if larger else power
    return [step * line for line in range(-(-max(most, 1) // step) + 1)]


def columns(bars: Sequence[Column], title: str, told: str) -> Markup:
    """The chart. `title` names it, `told` says in a sentence what it shows; both for whoever does not see it."""
    lines = axis(max((one.times for one in bars), default=0))
    drawn = Markup("").join([*_lines(lines), *_columns(bars, lines[-1])])
    kind = "bars many" if len(bars) > _MANY else "bars"
    head = Markup('<svg class="{0}" role="img" aria-labelledby="{1}-title {1}-told">').format(kind, _ID)
    named = Markup('<title id="{0}-title">{1}</title><desc id="{0}-told">{2}</desc>').format(_ID, title, told)
    return head + named + drawn + Markup("</svg>")


def row(times: int, most: int) -> Markup:
    """A bar that lies, of a table that tells its number; `most` fills the cell."""
    width = _share(times, most)
    return Markup(
        '<svg class="bar" aria-hidden="true" focusable="false"><rect width="{}%" height="100%"/></svg>'
    ).format(width)


_ID: Final = "bars"  # one such chart on a page


def _lines(lines: Sequence[int]) -> Iterator[Markup]:
    for line in lines:
        y = round(100 - _share(line, lines[-1]), _DECIMALS)
        yield Markup('<line x1="0" x2="100%" y1="{0}%" y2="{0}%"/>').format(y)
        yield Markup('<text class="bars-scale" x="0" y="{}%" dx="-.5em" dy=".35em">{}</text>').format(y, line)


def _columns(bars: Sequence[Column], top: int) -> Iterator[Markup]:
    room = 100 / max(len(bars), 1)
    every = -(-len(bars) // _MOST_LABELS)
    for number, one in enumerate(bars):
        middle = round(room * (number + 0.5), _DECIMALS)
        yield Markup("<g>") + Markup("<title>{}</title>").format(one.told)
        yield from _stacked(one, middle, min(room * _FILLED, _WIDEST), top)
        if every == 1 and one.times:
            y = round(100 - _share(one.times, top), _DECIMALS)
            yield Markup('<text class="bars-sum" x="{}%" y="{}%" dy="-.4em">{}</text>').format(
                middle, y, one.times
            )
        yield from _day(one.label, middle, len(bars) - 1 - number, every)
        yield Markup("</g>")


def _day(label: str, middle: float, ago: int, every: int) -> Iterator[Markup]:
    """Named from the newest day back, which is the one that is looked for; every other one where there is room."""
    nth, rest = divmod(ago, every)
    if rest == 0:
        kind = "bars-day spare" if nth % 2 else "bars-day"
        yield Markup('<text class="{}" x="{}%" y="100%" dy="1.6em">{}</text>').format(kind, middle, label)


def _stacked(one: Column, middle: float, width: float, top: int) -> Iterator[Markup]:
    below = 0
    for part in one.parts:
        below += part.times
        if part.times:
            yield Markup('<rect class="{}" x="{}%" y="{}%" width="{}%" height="{}%"/>').format(
                part.name,
                round(middle - width / 2, _DECIMALS),
                round(100 - _share(below, top), _DECIMALS),
                round(width, _DECIMALS),
                _share(part.times, top),
            )


def _share(times: int, whole: int) -> float:
    """Percent."""
    return round(100 * times / whole, _DECIMALS) if whole else 0.0
