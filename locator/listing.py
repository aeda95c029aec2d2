"""All that places are called: districts, towns and outlets, read into Listings that `places` matches texts with."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from locator.model import Level, Name, Outlet, Place, Point, Precision
from locator.text import sound

_KIND: Final = re.compile(r"(.{2,}?)(?:土家族|苗族|彝族)*(街道|镇|乡)")
_KIND_EN: Final = {"街道": "Subdistrict", "镇": "Town", "乡": "Township"}


class Called(NamedTuple):
    """One folded name of a place."""

    name: str
    bare: bool = False  # without 区, 县, 镇, 街道
    former: str = ""  # set when the name is not in force any more


@dataclass(frozen=True, slots=True)
class Listing:
    """A place and all it is called."""

    place: Place
    areas: frozenset[str]
    names: tuple[Called, ...]
    initials: tuple[str, ...] = ()
    pinyin: str = ""  # of the name, as `text.sound` writes it; "" when it is not worked out yet
    also: tuple[str, ...] = ()  # its other names, former ones among them


def read_listings(folder: Path) -> tuple[Listing, ...]:
    """Districts and towns, from districts.csv and towns.csv; README.md beside them tells columns and sources."""
    rows = _rows(folder / "districts.csv")
    points = {row["name"]: _point(row) for row in rows}
    towns = (_list_town(row, points) for row in _rows(folder / "towns.csv"))
    return (*_list_districts(rows), *towns)


def read_outside(folder: Path) -> dict[str, str]:
    """Names of places elsewhere in China, and the pinyin of each, from outside.csv."""
    rows = _rows(folder / "outside.csv")
    return {name: row["pinyin"] for row in rows for name in (row["name"], row["short"]) if name}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# The present-day districts, counties and zones, in official order: what a request may filter by.
DISTRICTS: Final = tuple(
    row["name"]
    for row in _rows(Path(__file__).parent / "data" / "districts.csv")
    if row["name"] == row["district"]
)


def _point(row: Mapping[str, str]) -> Point | None:
    return Point(float(row["lat"]), float(row["lon"])) if row["lat"] else None


def _aliases(row: Mapping[str, str]) -> list[str]:
    return [name for name in row["also"].split("|") if name]


def _list_districts(rows: Sequence[Mapping[str, str]]) -> Iterator[Listing]:
    english = {row["name"]: row["name_en"] for row in rows}
    taken = {name for row in rows for name in (row["name"], *_aliases(row))}
    for row in rows:
        kind, city, district = row["kind"], row["city"], row["district"]
        shown = district if kind == "former" else row["name"]
        former = row["name"] if kind == "former" else ""
        level = Level.CITY if kind == "city" else Level.DISTRICT
        place = Place(
            Name(shown, english[shown]), level, city, district, _point(row), Precision.DISTRICT, former=former
        )
        area = row["name"] if kind == "former" else district
        yield Listing(
            place,
            frozenset({area} - {""}),
            tuple(_district_names(row, taken)),
            _district_initials(row),
            row["pinyin"],
            tuple(_aliases(row)),
        )


def _district_names(row: Mapping[str, str], taken: set[str]) -> Iterator[Called]:
    name, short, pinyin = row["name"], row["short"], row["pinyin"].split()
    yield from (Called(name), Called("".join(pinyin)), Called(row["name_en"]))
    for alias in _aliases(row):
        former = "" if row["kind"] == "zone" else alias
        yield from (Called(alias, former=former), Called(sound(alias).replace(" ", ""), former=former))
    if short == name or not short:
        return
    yield from (Called(short, bare=True), Called("".join(pinyin[: len(short)]), bare=True))
    if row["kind"] != "city":
        # People go on saying 江津市 or 潼南县 long after; 石柱县 and 石柱自治县 are short for a long name.
        yield from (Called(short + end) for end in ("区", "县", "市", "自治县") if short + end not in taken)


def _district_initials(row: Mapping[str, str]) -> tuple[str, ...]:
    letters = "".join(syllable[0] for syllable in row["pinyin"].split())
    return tuple({letters, letters[: len(row["short"])]} - {""})


def _list_town(row: Mapping[str, str], points: Mapping[str, Point | None]) -> Listing:
    point, areas = _point(row), [area for area in (row["former_district"], row["district"]) if area]
    precision = Precision.TOWN if point else Precision.DISTRICT
    name, pinyin = row["name"], row["pinyin"].split()
    stem, kind = _stem(name)
    place = Place(
        Name(name, _english(pinyin[: len(stem)], kind)),
        Level.TOWN,
        row["city"],
        row["district"],
        point or next(point for area in areas if (point := points[area])),
        precision,
    )
    also = tuple(_aliases(row))
    names = tuple(_town_names(name, pinyin, also))
    return Listing(place, frozenset(areas), names, pinyin=row["pinyin"], also=also)


def _town_names(name: str, pinyin: Sequence[str], aliases: Sequence[str]) -> Iterator[Called]:
    stem, kind = _stem(name)
    yield from (Called(name, bare=not kind), Called("".join(pinyin), bare=not kind))
    yield from (Called(stem, bare=True), Called("".join(pinyin[: len(stem)]), bare=True))
    for alias in aliases:
        yield from (Called(alias), Called(_stem(alias)[0], bare=True))


def _stem(name: str) -> tuple[str, str]:
    """Cut 街道, 镇 or 乡, and the people it is named for: 恒合土家族乡 is 恒合 and 乡."""
    match = _KIND.fullmatch(name)
    return (match[1], match[2]) if match else (name, "")


def _english(syllables: Sequence[str], kind: str) -> str:
    """Write pinyin as on a map: an apostrophe parts syllables that could be misread, Tai'an Town."""
    parted = [f"'{syllable}" if syllable[0] in "aeo" else syllable for syllable in syllables]
    return f"{''.join(parted).lstrip(chr(39)).capitalize()} {_KIND_EN.get(kind, '')}".rstrip()


def list_outlet(outlet: Outlet) -> Listing:
    place = Place(
        outlet.name,
        Level.OUTLET,
        outlet.city,
        outlet.district,
        outlet.point,
        outlet.precision,
        outlet_id=outlet.id,
    )
    names = dict.fromkeys((outlet.name.zh, outlet.name.en, *outlet.also))
    return Listing(place, frozenset({outlet.district}), tuple(map(Called, names)), also=outlet.also)
