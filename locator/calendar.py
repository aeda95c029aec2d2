"""The kind of a day in China: workday, weekend, statutory day off, or a weekend day that is worked (调休).

The days off of a year are whatever the State Council's notice for that year says, so a year is either held or
not: for a year whose notice is not here no day has a kind, and nothing may be guessed from the years before.
A notice may reach into the year before its own (元旦 of 2019 began on 2018-12-30); such days are kept with the
notice that announced them, and do not make the neighbouring year held.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self

import orjson
from chinese_calendar import constants

from locator.errors import Fault, FaultyFile

# What any notice so far fits into many times over; a file beyond it is something else.
_MAX_BYTES: Final = 1_000_000
_MAX_DAYS: Final = 400
_MAX_NAME: Final = 40
_YEARS: Final = range(2000, 2101)

# The notices and holiday-cn write these names in full, chinesecalendar does not.
_FULL_NAMES: Final = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


class DayKind(StrEnum):
    """What a day is for people who work Monday to Friday."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"  # a day off of a notice, its weekend days included
    MAKEUP = "makeup"  # 调休: a Saturday or Sunday that is worked


@dataclass(frozen=True, slots=True)
class Day:
    """A day's kind, and the holiday that made it so: "国庆节" for its days off and make-up days, else ""."""

    kind: DayKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """One year's arrangement: the days it names, a few of which may lie in a neighbouring year."""

    year: int
    days: Mapping[date, Day]


@dataclass(frozen=True, eq=False)  # compared by identity: it is a key of caches
class Calendar:
    """The notices held, by year. At least one."""

    notices: Mapping[int, Notice]

    @classmethod
    def shipped(cls) -> Self:
        """The years that chinesecalendar knows."""
        return cls({notice.year: notice for notice in _shipped_notices()})

    @property
    def last_year(self) -> int:
        return max(self.notices)

    def day(self, on: date) -> Day | None:
        """What that day is, or None when its year is not held."""
        if on.year not in self.notices:
            return None
        for year in (on.year + 1, on.year, on.year - 1):  # the later notice has the last word
            notice = self.notices.get(year)
            if notice is not None and on in notice.days:
                return notice.days[on]
        return Day(_ordinary(on))

    def with_notice(self, notice: Notice) -> Self:
        """Add a year, or replace it."""
        return type(self)({**self.notices, notice.year: notice})

    def with_year_file(self, path: Path) -> Self:
        """Add or replace the year of a holiday-cn file. Raises FaultyFile."""
        return self.with_notice(read_year_file(path))


def read_year_file(path: Path) -> Notice:
    """Read one year in holiday-cn's format: {"year": …, "days": [{"name", "date", "isOffDay"}, …]}.

    Raises FaultyFile with every fault. That project publishes a year's file empty before the notice is out,
    so a file without National Day is refused: it would turn every holiday into an ordinary day.
    """
    body = _read_object(path)
    year: Any = body.get("year")
    rows: Any = body.get("days")
    faults = list(_head_faults(year, rows))
    days: dict[date, Day] = {}
    for place, row in enumerate(rows if isinstance(rows, list) else ()):
        wrong = list(_row_faults(f"days[{place}]", row, year, days))
        faults += wrong
        if not wrong:
            on = date.fromisoformat(row["date"])
            days[on] = Day(_announced(on, off=row["isOffDay"]), row["name"])
    if not faults and not _has_national_day(year, days):
        faults.append(Fault("", "days", "1 October is no day off: the year's notice is not in the file yet"))
    if faults:
        raise FaultyFile(path.name, faults)
    return Notice(year, days)


def _read_object(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
        body = orjson.loads(raw) if len(raw) <= _MAX_BYTES else None
    except OSError as error:
        raise FaultyFile(path.name, [Fault("", "", "cannot be read")]) from error
    except orjson.JSONDecodeError as error:
        raise FaultyFile(path.name, [Fault(f"line {error.lineno}", "", "is not JSON")]) from error
    if not isinstance(body, dict):
        raise FaultyFile(path.name, [Fault("", "", "must be one JSON object of at most 1 MB")])
    return body


def _head_faults(year: Any, rows: Any) -> Iterator[Fault]:
    if not _is_year(year):
        yield Fault("", "year", f"must be a whole number from {_YEARS[0]} to {_YEARS[-1]}")
    if not isinstance(rows, list) or len(rows) > _MAX_DAYS:
        yield Fault("", "days", f"must be a list of at most {_MAX_DAYS} days")


def _is_year(value: Any) -> bool:
    return isinstance(value, int) and value in _YEARS


def _row_faults(where: str, row: Any, year: Any, before: Mapping[date, Day]) -> Iterator[Fault]:
    if not isinstance(row, dict):
        yield Fault(where, "", "must be an object with name, date and isOffDay")
        return
    name = row.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > _MAX_NAME or not name.isprintable():
        yield Fault(where, "name", f"must be the holiday's name, at most {_MAX_NAME} characters")
    if not isinstance(row.get("isOffDay"), bool):
        yield Fault(where, "isOffDay", "must be true or false")
    on = _parse_date(row.get("date"))
    if on is None:
        yield Fault(where, "date", "must be a day as in 2027-10-01")
    elif on in before:
        yield Fault(where, "date", "stands there twice")
    elif _is_year(year) and abs(on.year - year) > 1:
        yield Fault(where, "date", "must lie in the file's year, or just beside it")


def _parse_date(text: Any) -> date | None:
    if not isinstance(text, str) or len(text) != len("2027-10-01"):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _shipped_notices() -> Iterator[Notice]:
    named = [(on, name, True) for on, name in constants.holidays.items()]
    named += [(on, name, False) for on, name in constants.workdays.items()]
    by_year: dict[int, dict[date, Day]] = {}
    for on, name, off in named:
        chinese = constants.Holiday(name).chinese
        # Holidays in December are the beginning of the next year's 元旦, and of its notice.
        year = on.year + 1 if on.month == 12 else on.year
        by_year.setdefault(year, {})[on] = Day(_announced(on, off=off), _FULL_NAMES.get(chinese, chinese))
    return (Notice(year, days) for year, days in by_year.items() if _has_national_day(year, days))


def _has_national_day(year: int, days: Mapping[date, Day]) -> bool:
    """Whether this is a whole notice: 国庆节 is the last holiday that every year has."""
    day = days.get(date(year, 10, 1))
    return day is not None and day.kind is DayKind.HOLIDAY


def _announced(on: date, *, off: bool) -> DayKind:
    if off:
        return DayKind.HOLIDAY
    return DayKind.MAKEUP if _ordinary(on) is DayKind.WEEKEND else DayKind.WORKDAY


def _ordinary(on: date) -> DayKind:
    return DayKind.WEEKEND if on.isoweekday() > 5 else DayKind.WORKDAY
