"""A table of outlets, as an office keeps it: rows in, Outlets out. docs/data.md explains the columns.

Law: a sheet with one fault gives nothing, and all its faults are named at once, by line and column. What an outlet
may be is not decided here: each row becomes a Feature, and the rules of outlets.geojson, handed in, judge it.
"""

import csv
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sqrt
from pathlib import Path
from typing import Any, NamedTuple

from locator.datum import Datum, to_wgs84
from locator.errors import BadInput, Fault, FaultyFile
from locator.model import Gap, Name, Offer, Outlet, Precision, Service, Source, Status

Degrees = tuple[float, float]  # latitude, longitude
Judge = Callable[[Mapping[str, Any], str], Outlet | Gap | tuple[Fault, ...]]

MOST_BYTES = 128 << 20
NEEDED = ("district", "name_zh", "address", "source_title")
OPTIONAL = (
    *(
        "id",
        "city",
        "name_en",
        "also",
        "phone",
        "services",
        "hours",
        "access",
        "lat",
        "lon",
        "town_for_position",
    ),
    *("precision", "status", "source_url", "source_date", "checked", "until"),
)
KEPT_BACK = ("grade", "note")  # remarks for whoever keeps the sheet; never published

NO_ADDRESS = Source(
    "未查到公开的网点地址；2020年首批开通的公告见四川省人民政府英文网站 "
    "Sichuan and Chongqing SeeMore Common Government Affair Platforms",
    url="",
    date="2020",
)


class Unit(NamedTuple):
    """A present-day district, or a zone run like one."""

    city: str
    district: str
    name_en: str
    slug: str  # "shapingba": ids begin with it


@dataclass(frozen=True, slots=True)
class Known:
    """What a sheet may lean on: the units that exist, and WGS-84 points of districts (town "") and of towns."""

    units: tuple[Unit, ...]
    points: Mapping[tuple[str, str], Degrees]

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset((unit.city, unit.district) for unit in self.units)


def read_known(folder: Path) -> Known:
    """From districts.csv and towns.csv of the folder, usually locator/data."""
    districts = [row for row in _records(folder / "districts.csv") if row["name"] == row["district"]]
    points = {(row["district"], ""): _point(row) for row in districts if row["lat"]}
    return Known(
        tuple(_unit(row) for row in districts), points | _town_points(_records(folder / "towns.csv"))
    )


def read_sheet(
    raw: bytes, known: Known, judge: Judge, datum: Datum | None = None, name: str = "sheet"
) -> tuple[tuple[Outlet, ...], tuple[Fault, ...]]:
    """Outlets in the order of the rows, and warnings. `judge` is FeatureReader(known.pairs).read, fresh for each sheet.

    `datum` says what lat and lon mean, and is required where a row has them. Raises FaultyFile with every Fault.
    """
    rows, warnings = _rows(raw, name)
    clerk = _Clerk(known, judge, datum)
    read = [clerk.read(row) for row in rows]
    faults = [fault for one in read if isinstance(one, list) for fault in one]
    if datum is None and any(row.cells["lat"] or row.cells["lon"] for row in rows):
        faults.insert(0, Fault("", "datum", "is required: say whether lat and lon are wgs84, gcj02 or bd09"))
    if faults:
        raise FaultyFile(name, faults)
    warnings += clerk.warnings
    if datum is Datum.WGS84 and look_shifted(clerk.near):
        warnings.append(
            Fault("", "datum", "these rows look like GCJ-02, not WGS-84: ask where they come from")
        )
    return tuple(one for one in read if isinstance(one, Outlet)), tuple(warnings)


def fill_gaps(outlets: Iterable[Outlet], units: Iterable[Unit]) -> tuple[Gap, ...]:
    """A Gap for every unit that has no outlet. `checked` stays empty: nobody has asked the district itself."""
    served = {(outlet.city, outlet.district) for outlet in outlets}
    return tuple(
        Gap(f"gap-{unit.slug}", Name(unit.district, unit.name_en), unit.city, unit.district, NO_ADDRESS)
        for unit in units
        if (unit.city, unit.district) not in served
    )


def look_shifted(near: Iterable[tuple[Degrees, Degrees]]) -> bool:
    """Whether positions said to be WGS-84 look like GCJ-02. Pairs of (position, its town's or district's own point).

    A sign test: taking the shift away brings a truly shifted position nearer to its town more often than not, and a
    true one less often than not, whatever the spread around the town. Rows of one town share that town's error, so
    a town has one vote. Three standard deviations above half the votes: a true sheet is accused once in 700 at most,
    and fewer than ten towns accuse nobody.
    """
    votes: defaultdict[Degrees, int] = defaultdict(int)
    for position, anchor in near:
        nearer = _apart(to_wgs84(*position, Datum.GCJ02), anchor) < _apart(position, anchor)
        votes[anchor] += 1 if nearer else -1
    ayes = sum(vote > 0 for vote in votes.values())
    return ayes - len(votes) / 2 > 1.5 * sqrt(len(votes))


# --- rows


class _Row(NamedTuple):
    line: str  # "line 12"
    cells: Mapping[str, str]  # every known column, "" where the sheet has none


def _rows(raw: bytes, name: str) -> tuple[list[_Row], list[Fault]]:
    text = _decoded(raw, name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[_Row] = []
    faults: list[Fault] = []
    try:
        header = [cell.strip().casefold() for cell in next(reader, [])]
        faults += _header_faults(header)
        line = f"line {reader.line_num + 1}"
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_row(line, header, cells))
                faults += _shape_faults(line, header, cells)
            line = f"line {reader.line_num + 1}"  # where the next row begins: a cell may hold line breaks
    except csv.Error as error:
        faults.append(Fault(f"line {reader.line_num}", "", f"is not CSV: {error}"))
    if faults:
        raise FaultyFile(name, faults)
    return rows, _unused(header)


def _decoded(raw: bytes, name: str) -> str:
    """UTF-8, or GB18030: what a Chinese Excel saves as CSV."""
    if len(raw) > MOST_BYTES:
        raise FaultyFile(name, [Fault("", "", f"must be at most {MOST_BYTES >> 20} MiB")])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FaultyFile(name, [Fault("", "", "is neither UTF-8 nor GB18030")])


def _header_faults(header: Sequence[str]) -> Iterator[Fault]:
    for column in NEEDED:
        if column not in header:
            yield Fault("line 1", column, "is missing: the first line must name the columns")
    for column in (*NEEDED, *OPTIONAL):
        if header.count(column) > 1:
            yield Fault("line 1", column, "is there twice")


def _shape_faults(line: str, header: Sequence[str], cells: Sequence[str]) -> Iterator[Fault]:
    if any(cell.strip() for cell in cells[len(header) :]):
        yield Fault(line, "", f"has more cells than the {len(header)} columns; quote cells that hold a comma")


def _unused(header: Sequence[str]) -> list[Fault]:
    used = {*NEEDED, *OPTIONAL, *KEPT_BACK, ""}
    return [
        Fault("line 1", column[:40], "is not a known column; it is not used")
        for column in header
        if column not in used
    ]


def _row(line: str, header: Sequence[str], cells: Sequence[str]) -> _Row:
    # Line breaks and wide spaces inside a cell are a spreadsheet's layout, not part of a name.
    said = {column: " ".join(cell.split()) for column, cell in zip(header, cells, strict=False)}
    return _Row(line, {column: said.get(column, "") for column in (*NEEDED, *OPTIONAL)})


# --- from a row to an Outlet


class _Place(NamedTuple):
    point: Degrees | None
    precision: str


_COLUMN = {  # fields of a Feature, by the column they came from
    "name.zh": "name_zh",
    "name.en": "name_en",
    "geometry.coordinates": "lat, lon",
    "source.title": "source_title",
    "source.url": "source_url",
    "source.date": "source_date",
}
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?")
_LIST = re.compile(r"[;；|]")
# Only a plain government address: no user name before the host, no backslash, nothing a browser might read otherwise.
_OFFICIAL_PAGE = re.compile(
    r"https?://(?:[a-z0-9-]+\.)+gov\.cn(?::[0-9]+)?(?:/\S*)?", re.ASCII | re.IGNORECASE
)


class _Clerk:
    """Reads the rows of one sheet, and notes what is worth a warning."""

    def __init__(self, known: Known, judge: Judge, datum: Datum | None) -> None:
        self._known = known
        self._judge = judge
        self._datum = datum
        self._units = {unit.district: unit for unit in known.units}
        self.warnings: list[Fault] = []
        self.near: list[tuple[Degrees, Degrees]] = []

    def read(self, row: _Row) -> Outlet | list[Fault]:
        if row.cells["status"] == Status.GAP:
            return [
                Fault(
                    row.line, "status", "a gap is not a row: units without an outlet are found by themselves"
                )
            ]
        faults: list[Fault] = []
        place = self._noting(faults, row, self._place, _Place(None, Precision.DISTRICT))
        services = self._noting(faults, row, _services, {})
        judged = self._judge(self._feature(row.cells, place, services, self._source(row)), row.line)
        if isinstance(judged, Outlet) and not faults:
            return judged
        said = judged if isinstance(judged, tuple) else ()
        faults += [_by_column(fault, row) for fault in said if _is_news(fault, row, place)]
        return faults

    def _noting(self, faults: list[Fault], row: _Row, step: Callable[[_Row], Any], instead: Any) -> Any:
        try:
            return step(row)
        except BadInput as error:
            faults.append(Fault(row.line, error.field, error.why))
            return instead

    def _feature(
        self, cells: Mapping[str, str], place: _Place, services: Mapping[str, str], source: Mapping[str, str]
    ) -> dict[str, Any]:
        unit = self._units.get(cells["district"])
        city = cells["city"] or (unit.city if unit else "")
        return {
            "type": "Feature",
            "geometry": place.point and {"type": "Point", "coordinates": [place.point[1], place.point[0]]},
            "properties": {
                "id": cells["id"] or _id(unit, city, cells),
                "name": {"zh": cells["name_zh"], "en": cells["name_en"] or cells["name_zh"]},
                "also": [one.strip() for one in _LIST.split(cells["also"]) if one.strip()],
                "city": city or "?",
                **{field: cells[field] for field in ("district", "address", "phone", "hours", "access")},
                "services": dict(services),
                "status": cells["status"] or Status.UNCONFIRMED.value,
                "precision": place.precision,
                "source": dict(source),
                "checked": cells["checked"] or None,
                "until": cells["until"] or None,
            },
        }

    def _place(self, row: _Row) -> _Place:
        cells = row.cells
        if not cells["lat"] and not cells["lon"]:
            return self._borrowed(row)
        given = _degrees(cells, "lat"), _degrees(cells, "lon")
        if not cells["precision"]:
            raise BadInput("precision", "is required beside lat and lon: building, street, town or district")
        point = _in_wgs84(given, self._datum or Datum.WGS84)
        anchor = self._anchor(cells["district"], cells["town_for_position"])
        if anchor:
            self.near.append((point, anchor))
        return _Place(point, cells["precision"])

    def _borrowed(self, row: _Row) -> _Place:
        district, town = row.cells["district"], row.cells["town_for_position"]
        if district not in self._units:
            return _Place(None, Precision.DISTRICT)  # the judge will say so
        point = self._known.points.get((district, _stem(town))) if town else None
        precision = Precision.TOWN if point else Precision.DISTRICT
        point = point or self._known.points.get((district, ""))
        if point is None:
            raise BadInput("lat, lon", "are needed: no position is known for this town or district")
        if row.cells["precision"] not in ("", precision):
            raise BadInput("precision", f"must be empty or {precision}: the row gives no lat and lon")
        if town and precision is Precision.DISTRICT:
            self.warnings.append(
                Fault(row.line, "town_for_position", "has no known point; the district's is used")
            )
        return _Place(point, precision)

    def _anchor(self, district: str, town: str) -> Degrees | None:
        points = self._known.points
        return (points.get((district, _stem(town))) if town else None) or points.get((district, ""))

    def _source(self, row: _Row) -> dict[str, str]:
        title, url = row.cells["source_title"], row.cells["source_url"]
        if len(url) <= 500 and _OFFICIAL_PAGE.fullmatch(url):
            return {"title": title, "url": url, "date": row.cells["source_date"]}
        if url:
            self.warnings.append(Fault(row.line, "source_url", "is not a page of *.gov.cn and is not linked"))
            title = title and f"{title}（副本）"
        return {"title": title, "url": "", "date": row.cells["source_date"]}


def _id(unit: Unit | None, city: str, cells: Mapping[str, str]) -> str:
    """From what the row says, never from where it stands: a sheet sorted anew keeps its ids, and a new name gets a new one."""
    said = "\n".join((city, cells["district"], cells["name_zh"]))
    return f"{unit.slug if unit else 'outlet'}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def _is_news(fault: Fault, row: _Row, place: _Place) -> bool:
    """Whether a fault is the row's own, not the echo of a place that could not be read or a name that stood in."""
    stood_in = fault.field == "name.en" and not row.cells["name_en"]
    return not stood_in and (place.point is not None or fault.field != "geometry")


def _by_column(fault: Fault, row: _Row) -> Fault:
    why = fault.why
    if fault.field == "id" and not row.cells["id"]:
        why += "; rows of one district with the same name need an id each"
    return replace(fault, field=_COLUMN.get(fault.field, fault.field), why=why)


def _services(row: _Row) -> dict[str, str]:
    """All eight, unknown unless said: "inquiry;-activation" is a yes and a no."""
    said = [one.strip() for one in _LIST.split(row.cells["services"]) if one.strip()]
    codes = [one.removeprefix("-") for one in said]
    if len(set(codes)) < len(codes):
        raise BadInput("services", "names a service twice")
    unknown = {code.value: Offer.UNKNOWN.value for code in Service}
    return unknown | {one.removeprefix("-"): "no" if one.startswith("-") else "yes" for one in said}


def _degrees(cells: Mapping[str, str], column: str) -> float:
    if not _NUMBER.fullmatch(cells[column]):
        raise BadInput(column, "must be degrees with a decimal point, such as 29.563")
    return float(cells[column])


def _in_wgs84(given: Degrees, datum: Datum) -> Degrees:
    lat, lon = given
    if abs(lat) <= 90 and abs(lon) <= 180:  # else it stays as it is, for the judge to refuse
        lat, lon = to_wgs84(lat, lon, datum)
    return round(lat, 6), round(lon, 6)


def _apart(one: Degrees, other: Degrees) -> float:
    """Squared degrees of latitude; enough to compare two distances of a few kilometres."""
    return float((one[0] - other[0]) ** 2 + ((one[1] - other[1]) * cos(radians(other[0]))) ** 2)


# --- districts and towns


def _records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _unit(row: Mapping[str, str]) -> Unit:
    syllables = row["pinyin"].split()[: len(row["short"] or row["name"])]
    return Unit(row["city"], row["district"], row["name_en"], "".join(syllables))


def _point(row: Mapping[str, str]) -> Degrees:
    return float(row["lat"]), float(row["lon"])


def _town_points(towns: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], Degrees]:
    """By district and bare name; a name that stands for two points of one district stands for none."""
    found: defaultdict[tuple[str, str], set[Degrees]] = defaultdict(set)
    for row in towns:
        for name in (row["name"], *row["also"].split("|")):
            if name and row["lat"]:
                found[row["district"], _stem(name)].add(_point(row))
    return {key: points.pop() for key, points in found.items() if len(points) == 1}


def _stem(town: str) -> str:
    for suffix in ("街道", "镇", "乡"):
        if len(town) > len(suffix) + 1 and town.endswith(suffix):
            return town.removesuffix(suffix)
    return town
