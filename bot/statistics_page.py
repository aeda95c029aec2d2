"""How much is asked, and what becomes of it: a page of charts, and the same numbers and the unanswered questions as files.

Law: the page shows numbers and never what somebody wrote; each chart has its numbers beside it, in words and in a table.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

from babel.dates import format_skeleton
from flask import Blueprint, Response, request
from markupsafe import Markup

from bot import bars
from bot.adviser import Advising
from bot.bars import Column, Part
from bot.counts import Counts
from bot.desk import page, staff, visit
from bot.download import Downloads
from bot.export import WRITERS, Row
from bot.rights import allows
from bot.statistics import OUTCOMES, Outcome, Ranked, Statistics, percent
from locator import timetable
from locator.api import Clock
from locator.guide import Guide
from locator.hours import in_china, moment
from locator.language import mark
from locator.live import Current

PERIODS: Final[Mapping[str, str]] = MappingProxyType(
    {"7": mark("7 days"), "30": mark("30 days"), "90": mark("90 days")}
)
_USUAL: Final = "30"
_MOST_ROWS: Final = 10  # of a table with bars
_OUTCOMES: Final = MappingProxyType(
    {
        Outcome.ANSWERED: mark("Answered"),
        Outcome.ASKED_BACK: mark("Asked back"),
        Outcome.DECLINED: mark("No answer known"),
        Outcome.HANDED_OVER: mark("For a person"),
    }
)
_CHANNELS: Final = MappingProxyType({"web": mark("Web page")})
_FIGURES_HEAD: Final = (
    mark("Day"),
    mark("Channel"),
    mark("What became of it"),
    mark("Entry"),
    mark("Questions asked"),
    mark("Did not help"),
)
_MISSES_HEAD: Final = (*_FIGURES_HEAD[:4], mark("Question, with long numbers covered"))


class Line(NamedTuple):
    """One row of a table with bars."""

    name: str
    times: int
    percent: int
    bar: Markup
    kind: str = ""  # the class of its colour


class Table(NamedTuple):
    """A table with bars, and how many rows it leaves out."""

    lines: Sequence[Line]
    more: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the pages are made from. `keep`: how long conversations are kept."""

    counts: Counts
    downloads: Downloads
    adviser: Advising
    live: Current[Guide]
    keep: timedelta
    now: Clock

    def asked_for(self) -> Statistics:
        """Of the period that the request names."""
        at = self.now()
        return self.counts.read(_first(in_china(at).date()), at)

    def entry(self, name: str) -> str:
        entry = self.adviser.knowledge.entries.get(name)
        return visit().language.pick(entry.title) if entry else name

    def outlet(self, name: str) -> str:
        outlet = self.live.value.finder.outlet(name)
        return visit().language.pick(outlet.name) if outlet else name


def make_statistics(figures: Figures) -> Blueprint:
    pages = Blueprint("statistics", __name__, template_folder="templates", url_prefix="/desk")

    @pages.get("/statistics")
    def home() -> Response:
        return _drawn(figures, figures.asked_for())

    for ending in WRITERS:
        pages.add_url_rule(
            f"/statistics.{ending}", f"figures_{ending}", partial(_figures_file, figures, ending)
        )
        pages.add_url_rule(f"/misses.{ending}", f"misses_{ending}", partial(_misses_file, figures, ending))
    return pages


def _days() -> str:
    days = request.args.get("days", _USUAL)
    return days if days in PERIODS else _USUAL


def _first(today: date) -> date:
    return today - timedelta(days=int(_days()) - 1)


# -- the page --


def _drawn(figures: Figures, seen: Statistics) -> Response:
    language, role = visit().language, staff().role
    began = seen.first if seen.first > _first(seen.last) else None
    return page(
        "statistics.html",
        periods=[(days, language.say(name), days == _days()) for days, name in PERIODS.items()],
        days=_days(),
        total=seen.total,
        began=began and timetable.date_words(began, language),
        span=(timetable.date_words(seen.first, language), timetable.date_words(seen.last, language)),
        chart=_chart(seen),
        outcomes=_outcomes(seen),
        by_day=_by_day(seen),
        channels=_table(seen.by_channel(), _channel, seen.total),
        entries=_table(seen.by_entry(), figures.entry),
        unhelpful=_table(seen.unhelpful(), figures.entry),
        outlets=_table(seen.by_outlet(), figures.outlet),
        files=list(WRITERS) if allows(role, "statistics.figures_csv", "GET") else [],
        keep_days=figures.keep.days,
    )


def _chart(seen: Statistics) -> Markup:
    say = visit().language.say
    told = say(
        "{total} questions from {first} to {last}; the most on one day were {most}. The table below tells each day.",
        total=seen.total,
        first=timetable.date_words(seen.first, visit().language),
        last=timetable.date_words(seen.last, visit().language),
        most=max(sum(by.values()) for _, by in seen.by_day()),
    )
    drawn = [
        Column(_short(day), _told(day, by), tuple(Part(outcome.value, by[outcome]) for outcome in Outcome))
        for day, by in seen.by_day()
    ]
    return bars.columns(drawn, say("Questions each day"), told)


def _short(day: date, skeleton: str = "Md") -> str:
    """As CLDR writes what the skeleton names."""
    return format_skeleton(skeleton, day, locale=visit().language.locale)


def _told(day: date, by: Mapping[Outcome, int]) -> str:
    language = visit().language
    parts = (f"{language.say(_OUTCOMES[outcome])} {times}" for outcome, times in by.items() if times)
    return " · ".join((timetable.day_words(day, language), *parts))


def _outcomes(seen: Statistics) -> Sequence[Line]:
    by, say = seen.by_outcome(), visit().language.say
    most = max(by.values())
    return [
        Line(say(_OUTCOMES[one]), times, percent(times, seen.total), bars.row(times, most), one.value)
        for one, times in by.items()
    ]


def _by_day(seen: Statistics) -> Sequence[tuple[str, Sequence[int]]]:
    """The newest first: the sum, and each outcome."""
    return [(_short(day, "MEd"), [sum(by.values()), *by.values()]) for day, by in reversed(seen.by_day())]


def _channel(name: str) -> str:
    return visit().language.say(_CHANNELS[name]) if name in _CHANNELS else name.capitalize()


def _table(ranked: Ranked, name: Callable[[str], str], whole: int = 0) -> Table:
    """`whole`: what a percentage is of; without it there is none."""
    most = ranked[0][1] if ranked else 0
    lines = [
        Line(name(one), times, percent(times, whole), bars.row(times, most))
        for one, times in ranked[:_MOST_ROWS]
    ]
    return Table(lines, max(0, len(ranked) - _MOST_ROWS))


# -- the files --


def _figures_file(figures: Figures, ending: str) -> Response:
    rows = _figures_rows(figures.asked_for())
    return figures.downloads.hand_out("statistics", ending, rows, {"days": _days()})


def _figures_rows(seen: Statistics) -> Iterator[Row]:
    yield _head(_FIGURES_HEAD)
    for one in sorted(seen.tallies):
        if one.decision in OUTCOMES:
            yield *_names(one.day, one.channel, one.decision, one.entry), one.times, one.unhelpful


def _misses_file(figures: Figures, ending: str) -> Response:
    since = moment(_first(in_china(figures.now()).date()), 0)
    rows = _misses_rows(figures, max(since, figures.now() - figures.keep))
    return figures.downloads.hand_out("misses", ending, rows, {"days": _days()})


def _misses_rows(figures: Figures, since: datetime) -> Iterator[Row]:
    yield _head(_MISSES_HEAD)
    for one in figures.counts.missed(since):
        yield *_names(one.day, one.channel, one.decision, one.entry), one.text


def _head(names: Sequence[str]) -> Row:
    return [visit().language.say(name) for name in names]


def _names(day: date, channel: str, decision: str, entry: str) -> Row:
    became = visit().language.say(_OUTCOMES[OUTCOMES[decision]])
    return day.isoformat(), _channel(channel), became, entry
