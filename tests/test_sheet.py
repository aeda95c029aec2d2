"""A table of outlets: what a row becomes, every fault by line and column, datums, gaps, and the shipped file again."""

import csv
import io
import random
from math import cos, hypot, radians
from pathlib import Path

import pytest

from locator.datum import Datum, from_wgs84
from locator.errors import Fault, FaultyFile
from locator.feature import FeatureReader
from locator.model import Name, Offer, Outlet, Point, Precision, Service, Source, Status
from locator.outlets import write_outlets
from locator.sheet import MOST_BYTES, Known, Unit, fill_gaps, look_shifted, read_known, read_sheet

ROOT = Path(__file__).parent.parent
DATA = ROOT / "locator" / "data"
METRES_A_DEGREE = 111_195

SHIPPED = read_known(DATA)
KNOWN = Known(
    units=(
        Unit("重庆市", "沙坪坝区", "Shapingba District", "shapingba"),
        Unit("重庆市", "重庆高新区", "Chongqing High-tech Zone", "chongqinggaoxinqu"),
        Unit("泸州市", "江阳区", "Jiangyang District", "jiangyang"),
    ),
    points={
        ("沙坪坝区", ""): (29.54, 106.45),
        ("沙坪坝区", "虚构"): (29.6, 106.4),
        ("江阳区", ""): (28.88, 105.43),
    },
)
HALL = {"district": "沙坪坝区", "name_zh": "虚构服务大厅", "address": "虚构路1号", "source_title": "虚构名单"}
PLACED = HALL | {"lat": "29.5637", "lon": "106.5516", "precision": "building"}

Row = dict[str, str]


def table(*rows: Row) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def read(raw: str | bytes, datum: Datum | None = None) -> tuple[tuple[Outlet, ...], tuple[Fault, ...]]:
    raw = raw.encode() if isinstance(raw, str) else raw
    return read_sheet(raw, KNOWN, FeatureReader(KNOWN.pairs).read, datum)


def outlet(datum: Datum | None = None, **cells: str) -> Outlet:
    ((one,), _) = read(table(HALL | cells), datum)
    return one


def faults(raw: str | bytes, datum: Datum | None = None) -> list[tuple[str, str, str]]:
    with pytest.raises(FaultyFile) as caught:
        read(raw, datum)
    return [(fault.where, fault.field, fault.why) for fault in caught.value.faults]


def metres(one: Point, other: Point) -> float:
    east = (one.lon - other.lon) * cos(radians(one.lat))
    return hypot(one.lat - other.lat, east) * METRES_A_DEGREE


def test_a_bare_row_promises_nothing() -> None:
    assert outlet() == Outlet(
        id="shapingba-938087a6",
        name=Name("虚构服务大厅", "虚构服务大厅"),
        city="重庆市",
        district="沙坪坝区",
        address="虚构路1号",
        point=Point(29.54, 106.45),
        precision=Precision.DISTRICT,
        status=Status.UNCONFIRMED,
        source=Source("虚构名单", "", ""),
        services=dict.fromkeys(Service, Offer.UNKNOWN),
    )


def test_a_full_row_fills_every_field() -> None:
    full = outlet(
        Datum.WGS84,
        id="hall-7",
        city="重庆市",
        name_en="Invented Hall",
        also="老名字；旧名字",
        phone="023-12345678",
        hours="Mo-Fr 09:00-17:00; PH off",
        access="坡道在东门",
        lat="29.5637",
        lon="106.5516",
        precision="building",
        status="official",
        services="inquiry;activation；-pin-reset",
        source_url="https://rlsbj.cq.gov.cn/list?page=1",
        source_date="2027-01-04",
        checked="2027-02-01",
        until="2027-12-31",
    )
    assert (full.id, full.name.en, full.also) == ("hall-7", "Invented Hall", ("老名字", "旧名字"))
    assert (full.point, full.precision, full.status) == (Point(29.5637, 106.5516), "building", "official")
    assert full.source == Source("虚构名单", "https://rlsbj.cq.gov.cn/list?page=1", "2027-01-04")
    assert (str(full.checked), str(full.until)) == ("2027-02-01", "2027-12-31")
    assert (full.phone, full.hours, full.access) == (
        "023-12345678",
        "Mo-Fr 09:00-17:00; PH off",
        "坡道在东门",
    )
    said = {code for code in Service if full.offers(code) is not Offer.UNKNOWN}
    assert said == {Service.INQUIRY, Service.ACTIVATION, Service.PIN_RESET}
    assert full.offers(Service.PIN_RESET) is Offer.NO


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_sheet_is_read_however_a_chinese_office_saves_it(encoding: str) -> None:
    ((one,), _) = read(table(HALL).encode(encoding))
    assert one.name.zh == "虚构服务大厅"


def test_the_layout_of_a_spreadsheet_is_not_part_of_a_name() -> None:
    raw = 'District, NAME_ZH ,address,source_title\n沙坪坝区,"虚构\n大厅　",\u3000虚构路1号 ,名单\n,,,\n\n'
    ((one,), _) = read(raw)
    assert (one.name.zh, one.address) == ("虚构 大厅", "虚构路1号")


@pytest.mark.parametrize(
    "cells, column, why",
    [
        ({"district": "成华区"}, "district", "present-day district"),
        ({"district": ""}, "district", "at least 1 character"),
        ({"city": "泸州市"}, "district", "present-day district of that city"),
        ({"name_zh": ""}, "name_zh", "at least 1 character"),
        ({"name_zh": "厅\x07"}, "name_zh", "control"),
        ({"address": ""}, "address", "at least 1 character"),
        ({"source_title": ""}, "source_title", "at least 1 character"),
        ({"name_en": "x" * 201}, "name_en", "at most 200"),
        ({"id": "Hall 7"}, "id", "a-z, 0-9"),
        ({"phone": "12333转1"}, "phone", "digits"),
        ({"hours": "nine to five"}, "hours", ""),
        ({"services": "flying"}, "services.flying", "is not a service"),
        ({"services": "inquiry;-inquiry"}, "services", "twice"),
        ({"status": "open"}, "status", "'official'"),
        ({"status": "gap"}, "status", "a gap is not a row"),
        ({"checked": "2026/11/23"}, "checked", "must be a date such as"),
        ({"until": "2026-02-30"}, "until", "not a day"),
        ({"source_date": "spring"}, "source_date", "a year"),
        ({"precision": "building"}, "precision", "must be empty or district"),
        ({"precision": "town"}, "precision", "must be empty or district"),
        ({"lat": "29.5"}, "lon", "must be degrees"),
        ({"lon": "106.5"}, "lat", "must be degrees"),
        ({"lat": "29.5", "lon": "106.5"}, "precision", "is required beside lat and lon"),
        ({"lat": "nan", "lon": "106.5", "precision": "street"}, "lat", "must be degrees"),
        ({"lat": "1e2", "lon": "106.5", "precision": "street"}, "lat", "must be degrees"),
        ({"lat": "29°30′", "lon": "106.5", "precision": "street"}, "lat", "must be degrees"),
        ({"lat": "29.5", "lon": "106.5", "precision": "exact"}, "precision", "'building'"),
        ({"lat": "106.5", "lon": "29.5", "precision": "street"}, "lat, lon", "looks swapped"),
        ({"lat": "30.66", "lon": "104.06", "precision": "street"}, "lat, lon", "lies outside"),
        ({"district": "重庆高新区"}, "lat, lon", "no position is known"),
    ],
)
def test_one_thing_wrong_gives_one_fault_by_line_and_column(cells: Row, column: str, why: str) -> None:
    ((where, field, said),) = faults(table(HALL, HALL | {"name_zh": "另一虚构大厅"} | cells), Datum.WGS84)
    assert (where, field) == ("line 3", column)
    assert why in said


def test_all_faults_of_a_sheet_are_named_at_once() -> None:
    found = faults(
        table(PLACED | {"phone": "?", "services": "flying;flying"}, HALL | {"district": "?"}, HALL, HALL)
    )
    assert [fault[:2] for fault in found] == [
        ("", "datum"),
        ("line 2", "services"),
        ("line 2", "phone"),
        ("line 3", "district"),
        ("line 4", "id"),
        ("line 5", "id"),
    ]


def test_lines_are_counted_where_a_row_begins() -> None:
    raw = 'district,name_zh,address,source_title\n沙坪坝区,"虚构\n\n厅",路,名单\n?,厅,路,名单\n'
    assert {where for where, _, _ in faults(raw)} == {"line 5"}


@pytest.mark.parametrize(
    "raw, where, field, why",
    [
        ("", "line 1", "district", "is missing"),
        ("district,name_zh,address\n", "line 1", "source_title", "is missing"),
        (f"district,{table(HALL)}", "line 1", "district", "twice"),
        (table(HALL) + "沙坪坝区,厅,路,名单,5 楼\n", "line 3", "", "more cells than the 4 columns"),
        (table(HALL) + '沙坪坝区,"厅"x,路,名单\n', "line 3", "", "is not CSV"),
        (table(HALL) + '沙坪坝区,"厅,路,名单\n', "line 3", "", "is not CSV"),
        (b"\xff\xff\xff", "", "", "neither UTF-8 nor GB18030"),
        (bytes(MOST_BYTES + 1), "", "", "at most 128 MiB"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(raw: str | bytes, where: str, field: str, why: str) -> None:
    assert any(fault[:2] == (where, field) and why in fault[2] for fault in faults(raw))


@pytest.mark.parametrize(
    "column", [*HALL, "phone", "hours", "services", "checked", "status", "lat", "source_date"]
)
def test_a_fault_never_repeats_a_cell(column: str) -> None:
    with pytest.raises(FaultyFile) as caught:
        read(table(PLACED | {column: "王秘密\x07"}), Datum.WGS84)
    assert "王秘密" not in str(caught.value).replace("services.王秘密", "")


def test_a_column_nobody_knows_is_said_and_not_used() -> None:
    (_, (warning,)) = read(table(HALL | {"序号": "1", "note": "kept back", "grade": "A"}))
    assert (warning.where, warning.field) == ("line 1", "序号")


# --- where it is


def test_a_row_without_a_position_stands_at_its_town() -> None:
    one = outlet(town_for_position="虚构街道")
    assert (one.point, one.precision) == (Point(29.6, 106.4), Precision.TOWN)


def test_a_town_without_a_known_point_falls_back_on_its_district_and_says_so() -> None:
    ((one,), (warning,)) = read(table(HALL | {"town_for_position": "无点镇"}))
    assert (one.point, one.precision) == (Point(29.54, 106.45), Precision.DISTRICT)
    assert (warning.where, warning.field) == ("line 2", "town_for_position")


def test_positions_are_taken_only_with_their_datum_named() -> None:
    (fault,) = faults(table(PLACED))
    assert fault[1] == "datum"
    assert "is required" in fault[2]


@pytest.mark.parametrize("datum", list(Datum))
def test_every_datum_arrives_at_the_same_wgs84_point(datum: Datum) -> None:
    lat, lon = from_wgs84(29.5637, 106.5516, datum)
    one = outlet(datum, lat=f"{lat:.8f}", lon=f"{lon:.8f}", precision="building")
    assert metres(one.point, Point(29.5637, 106.5516)) < 0.2  # six decimals are 0.1 m
    assert round(one.point.lat, 6) == one.point.lat


Pair = tuple[tuple[float, float], tuple[float, float]]


def scattered(seed: int, towns: int, spread_m: float, datum: Datum, rows: int = 1) -> list[Pair]:
    """Invented outlets around invented towns, each `spread_m` metres off (one sigma, north and east), as drawn in `datum`."""
    chance = random.Random(seed)
    pairs: list[Pair] = []
    for _ in range(towns):
        town = (chance.uniform(28, 32), chance.uniform(105, 110))
        off = [chance.gauss(0, spread_m) / METRES_A_DEGREE for _ in "ne"]
        true = (town[0] + off[0], town[1] + off[1] / cos(radians(town[0])))
        pairs += [(from_wgs84(true[0] + row * 1e-7, true[1], datum), town) for row in range(rows)]
    return pairs


@pytest.mark.parametrize("seed", range(5))
def test_shifted_rows_are_recognised_near_their_towns(seed: int) -> None:
    assert look_shifted(scattered(seed, 60, 300, Datum.GCJ02))


def test_true_rows_are_not_accused_however_far_they_scatter() -> None:
    accused = sum(
        look_shifted(scattered(seed, 40, spread, Datum.WGS84))
        for seed in range(60)
        for spread in (50, 500, 5000)
    )
    assert accused <= 1  # 180 sheets, at most one in 700 each


def test_many_rows_of_one_town_are_one_witness() -> None:
    assert not look_shifted(scattered(1, 1, 300, Datum.GCJ02, rows=500))
    assert not look_shifted(scattered(1, 9, 50, Datum.GCJ02, rows=50))
    assert look_shifted(scattered(1, 10, 50, Datum.GCJ02, rows=50))


@pytest.mark.parametrize(
    "drawn, said, accused",
    [
        (Datum.WGS84, Datum.WGS84, False),
        (Datum.GCJ02, Datum.WGS84, True),
        (Datum.GCJ02, Datum.GCJ02, False),
    ],
)
def test_a_sheet_in_another_datum_than_it_says_is_warned_of(drawn: Datum, said: Datum, accused: bool) -> None:
    rows = [
        HALL
        | {"district": unit.district, "name_zh": f"虚构大厅{number}", "precision": "street"}
        | dict(zip(("lat", "lon"), (f"{degree:.6f}" for degree in from_wgs84(*point, drawn)), strict=True))
        for number, unit in enumerate(SHIPPED.units)
        if (point := SHIPPED.points.get((unit.district, "")))
    ]
    _, warnings = read_sheet(table(*rows).encode(), SHIPPED, FeatureReader(SHIPPED.pairs).read, said)
    assert any("look like GCJ-02" in warning.why for warning in warnings) is accused


# --- ids


def test_ids_do_not_depend_on_the_order_of_the_rows() -> None:
    rows = [HALL | {"name_zh": f"虚构大厅{number}"} for number in range(5)]
    forwards, _ = read(table(*rows))
    backwards, _ = read(table(*reversed(rows)))
    assert set(write_outlets(forwards, []).splitlines()) == set(write_outlets(backwards, []).splitlines())
    assert write_outlets(forwards, []) == write_outlets(backwards, [])


def test_a_hall_that_moves_keeps_its_id_and_one_that_is_renamed_does_not() -> None:
    assert outlet(address="别处2号", phone="12333").id == outlet().id
    assert outlet(name_zh="改名大厅").id != outlet().id


def test_two_rows_of_one_name_in_one_district_need_ids_of_their_own() -> None:
    ((_, field, why),) = faults(table(HALL, HALL | {"address": "虚构路2号"}))
    assert field == "id"
    assert "need an id each" in why
    both, _ = read(table(HALL | {"id": "a"}, HALL | {"id": "b"}))
    assert [one.id for one in both] == ["a", "b"]


# --- sources


@pytest.mark.parametrize(
    "url, linked",
    [
        ("https://www.cqyz.gov.cn/bm_229/list.html", True),
        ("http://cqqj.gov.cn", True),
        ("https://HEJIANG.GOV.CN:8080/a?b=1#c", True),
        ("https://falvjieda.com/a.html", False),
        ("https://gov.cn.example.com/", False),
        ("https://example.com/?x.gov.cn/", False),
        ("https://a.gov.cn@example.com/", False),
        ("https://example.com\\@a.gov.cn/", False),
        ("https://notgov.cn/", False),
        ("javascript:alert(1)//.gov.cn/", False),
        ("https://a.gov.cn/" + "x" * 500, False),
    ],
)
def test_only_pages_of_the_government_are_linked(url: str, linked: bool) -> None:
    ((one,), warnings) = read(table(HALL | {"source_url": url}))
    assert one.source.url == (url if linked else "")
    assert one.source.title == ("虚构名单" if linked else "虚构名单（副本）")
    assert [warning.field for warning in warnings] == ([] if linked else ["source_url"])


# --- gaps and the shipped data


def test_every_unit_without_an_outlet_gets_a_notice() -> None:
    gaps = fill_gaps([outlet()], KNOWN.units)
    assert [(gap.id, gap.name, gap.city) for gap in gaps] == [
        ("gap-chongqinggaoxinqu", Name("重庆高新区", "Chongqing High-tech Zone"), "重庆市"),
        ("gap-jiangyang", Name("江阳区", "Jiangyang District"), "泸州市"),
    ]
    assert {gap.checked for gap in gaps} == {None}
    assert {gap.source.url for gap in gaps} == {""}


def test_the_present_day_units_are_known_and_only_they() -> None:
    cities = [unit.city for unit in SHIPPED.units]
    assert (cities.count("重庆市"), cities.count("泸州市")) == (38, 7)
    assert len({unit.slug for unit in SHIPPED.units}) == 45
    districts = {unit.district for unit in SHIPPED.units}
    assert {"两江新区", "重庆高新区"} <= districts
    assert not districts & {"江北区", "渝北区", "万盛经开区", "万盛区"}


def test_towns_are_known_by_bare_name_and_a_name_for_two_points_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "districts.csv").write_text((DATA / "districts.csv").read_text("utf-8"), "utf-8")
    towns = "name,also,district,lon,lat\n甲镇,乙乡|丙,泸县,105.1,29.1\n丁丁镇,,泸县,105.2,29.2\n丁丁街道,,泸县,105.3,29.3\n戊镇,,泸县,,\n"
    (tmp_path / "towns.csv").write_text(towns, "utf-8")
    points = read_known(tmp_path).points
    found = {town for district, town in points if district == "泸县"}
    assert found == {"", "甲镇", "乙乡", "丙"}
    assert points["泸县", "甲镇"] == (29.1, 105.1)


def test_the_shipped_outlets_are_made_from_the_shipped_sheet_byte_for_byte() -> None:
    raw = (DATA / "service_centres.csv").read_bytes()
    outlets, _ = read_sheet(raw, SHIPPED, FeatureReader(SHIPPED.pairs).read)
    made = write_outlets(outlets, fill_gaps(outlets, SHIPPED.units))
    assert made == (ROOT / "outlets.geojson").read_bytes()
