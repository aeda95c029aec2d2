"""The kind of a day: the State Council's notices of 2025 and 2026 by hand, and years added from a file."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from locator.calendar import Calendar, Day, DayKind, read_year_file
from locator.errors import FaultyFile

# Days off from - to, and the weekend days worked for them, as the notices print them.
NOTICES: dict[int, list[tuple[str, str, str, list[str]]]] = {
    2025: [
        ("元旦", "01-01", "01-01", []),
        ("春节", "01-28", "02-04", ["01-26", "02-08"]),
        ("清明节", "04-04", "04-06", []),
        ("劳动节", "05-01", "05-05", ["04-27"]),
        ("端午节", "05-31", "06-02", []),
        ("国庆节", "10-01", "10-08", ["09-28", "10-11"]),
    ],
    2026: [
        ("元旦", "01-01", "01-03", ["01-04"]),
        ("春节", "02-15", "02-23", ["02-14", "02-28"]),
        ("清明节", "04-04", "04-06", []),
        ("劳动节", "05-01", "05-05", ["05-09"]),
        ("端午节", "06-19", "06-21", []),
        ("中秋节", "09-25", "09-27", []),
        ("国庆节", "10-01", "10-07", ["09-20", "10-10"]),
    ],
}
# The notice of 2025 calls the whole block 国庆节、中秋节; the library calls this one day of it 中秋.
MID_AUTUMN_2025 = date(2025, 10, 6)


def by_hand() -> Iterator[tuple[date, Day]]:
    for year, blocks in NOTICES.items():
        for on in days_between(date(year, 1, 1), date(year, 12, 31)):
            yield on, Day(DayKind.WEEKEND if on.weekday() in (5, 6) else DayKind.WORKDAY)
        for name, first, last, worked in blocks:
            for on in days_between(
                date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last}")
            ):
                yield on, Day(DayKind.HOLIDAY, "中秋节" if on == MID_AUTUMN_2025 else name)
            for text in worked:
                yield date.fromisoformat(f"{year}-{text}"), Day(DayKind.MAKEUP, name)


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(ahead) for ahead in range((last - first).days + 1)]


def test_every_day_of_2025_and_2026_is_what_the_notices_say() -> None:
    calendar = Calendar.shipped()
    wanted = dict(by_hand())

    assert len(wanted) == 730
    assert {on: calendar.day(on) for on in wanted} == wanted


def test_a_year_without_a_notice_is_not_held() -> None:
    calendar = Calendar.shipped()

    assert calendar.day(date(calendar.last_year + 1, 1, 1)) is None
    assert calendar.day(date(2003, 10, 1)) is None


def test_the_end_of_2018_belongs_to_the_new_year_of_2019() -> None:
    calendar = Calendar.shipped()

    assert calendar.day(date(2018, 12, 29)) == Day(DayKind.MAKEUP, "元旦")
    assert calendar.day(date(2018, 12, 31)) == Day(DayKind.HOLIDAY, "元旦")


# Everything below is fiction: nobody has announced the years 2027 and 2028 that stand here.


def fictional_year(tmp_path: Path, year: int, *more: tuple[str, bool], name: str = "虚构的假日") -> Path:
    days = [(f"{year}-01-01", True), (f"{year}-10-01", True), *more]
    body = {
        "year": year,
        "papers": [],
        "days": [{"name": name, "date": on, "isOffDay": off} for on, off in days],
    }
    return write(tmp_path, body, f"{year}.json")


def write(tmp_path: Path, body: Any, name: str = "year.json") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_year_file_adds_its_year(tmp_path: Path) -> None:
    calendar = Calendar.shipped().with_year_file(fictional_year(tmp_path, 2027, ("2027-01-03", False)))

    assert calendar.last_year == 2027
    assert calendar.day(date(2027, 1, 1)) == Day(DayKind.HOLIDAY, "虚构的假日")
    assert calendar.day(date(2027, 1, 3)) == Day(DayKind.MAKEUP, "虚构的假日")
    assert calendar.day(date(2027, 1, 4)) == Day(DayKind.WORKDAY)
    assert calendar.day(date(2027, 1, 9)) == Day(DayKind.WEEKEND)
    assert calendar.day(date(2026, 10, 10)) == Day(DayKind.MAKEUP, "国庆节")


def test_a_year_file_replaces_its_year(tmp_path: Path) -> None:
    calendar = Calendar.shipped().with_year_file(fictional_year(tmp_path, 2026))

    assert calendar.day(date(2026, 10, 1)) == Day(DayKind.HOLIDAY, "虚构的假日")
    assert calendar.day(date(2026, 10, 2)) == Day(DayKind.WORKDAY)
    assert calendar.day(date(2025, 10, 2)) == Day(DayKind.HOLIDAY, "国庆节")


def test_replacing_2018_leaves_its_last_days_to_the_notice_of_2019(tmp_path: Path) -> None:
    calendar = Calendar.shipped().with_year_file(fictional_year(tmp_path, 2018))

    assert calendar.day(date(2018, 12, 31)) == Day(DayKind.HOLIDAY, "元旦")


def test_adding_2028_does_not_make_2027_held(tmp_path: Path) -> None:
    path = fictional_year(tmp_path, 2028, ("2027-12-31", True))
    calendar = Calendar.shipped().with_year_file(path)

    assert calendar.last_year == 2028
    assert calendar.day(date(2027, 6, 1)) is None
    assert calendar.day(date(2027, 12, 31)) is None


@pytest.mark.parametrize("order", [(2026, 2027), (2027, 2026)])
def test_the_last_days_of_a_year_follow_the_next_years_notice_in_whatever_order_the_files_come(
    tmp_path: Path, order: tuple[int, int]
) -> None:
    paths = {
        2026: fictional_year(tmp_path, 2026, ("2026-12-27", True)),
        2027: fictional_year(tmp_path, 2027, ("2026-12-31", True), ("2026-12-27", False)),
    }
    calendar = Calendar.shipped()
    for year in order:
        calendar = calendar.with_year_file(paths[year])

    assert calendar.day(date(2026, 12, 31)) == Day(DayKind.HOLIDAY, "虚构的假日")
    assert calendar.day(date(2026, 12, 27)) == Day(DayKind.MAKEUP, "虚构的假日")
    assert calendar.day(date(2026, 12, 30)) == Day(DayKind.WORKDAY)


def test_the_first_days_of_a_year_follow_the_notice_before_it_where_its_own_is_silent(tmp_path: Path) -> None:
    calendar = Calendar.shipped()
    calendar = calendar.with_year_file(
        fictional_year(tmp_path, 2026, ("2027-01-01", False), ("2027-01-02", False))
    )
    assert calendar.day(date(2027, 1, 2)) is None

    calendar = calendar.with_year_file(fictional_year(tmp_path, 2027))
    assert calendar.day(date(2027, 1, 2)) == Day(DayKind.MAKEUP, "虚构的假日")
    assert calendar.day(date(2027, 1, 1)) == Day(DayKind.HOLIDAY, "虚构的假日")


def test_every_fault_of_a_year_file_is_told_at_once_and_no_value_repeated(tmp_path: Path) -> None:
    good = {"name": "虚构", "date": "2027-10-01", "isOffDay": True}
    rows = [
        good,
        good,
        {"name": "", "date": "1 October SECRET", "isOffDay": "SECRET"},
        "SECRET",
        {**good, "date": "2027-02-30"},
        {**good, "date": "2024-01-01"},
        {**good, "date": "2027-01-02", "name": "SECRET" * 20},
    ]
    with pytest.raises(FaultyFile) as caught:
        read_year_file(write(tmp_path, {"year": 2027, "days": rows}))

    assert [(fault.where, fault.field) for fault in caught.value.faults] == [
        ("days[1]", "date"),
        ("days[2]", "name"),
        ("days[2]", "isOffDay"),
        ("days[2]", "date"),
        ("days[3]", ""),
        ("days[4]", "date"),
        ("days[5]", "date"),
        ("days[6]", "name"),
    ]
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    "body, fields",
    [
        ({"year": 2027, "papers": [], "days": []}, ["days"]),  # published before the notice is out
        ({"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": True}]}, ["days"]),
        ({"year": 2027, "days": [{"name": "虚构", "date": "2027-10-01", "isOffDay": False}]}, ["days"]),
        ({"year": 2027}, ["days"]),
        ({"year": 1027, "days": []}, ["year"]),
        ({"year": True, "days": {}}, ["year", "days"]),
        ({"year": "2027", "days": None}, ["year", "days"]),
        ({"year": 2027, "days": [0] * 401}, ["days"] + [""] * 401),
        ([], [""]),
        ({"days": [], "year": 2027, "x": "x" * 1_000_000}, [""]),
    ],
)
def test_a_file_that_is_no_whole_year_is_refused(tmp_path: Path, body: Any, fields: list[str]) -> None:
    with pytest.raises(FaultyFile) as caught:
        read_year_file(write(tmp_path, body))

    assert [fault.field for fault in caught.value.faults] == fields


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"year": NaN}'])
def test_a_file_that_is_not_json_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "year.json"
    path.write_bytes(raw)

    with pytest.raises(FaultyFile, match=r"year\.json: 1 fault"):
        read_year_file(path)


def test_a_missing_file_is_a_faulty_file(tmp_path: Path) -> None:
    with pytest.raises(FaultyFile, match="cannot be read"):
        read_year_file(tmp_path / "2027.json")
