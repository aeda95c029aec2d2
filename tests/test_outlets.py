"""outlets.geojson: every rule with the fault it gives, what is counted, watched and written."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator.errors import Fault, FaultyFile
from locator.live import FAULTS_LOGGED, Live
from locator.model import REGION, Gap, Name, Offer, Outlet, Point, Precision, Service, Source, Status
from locator.outlets import (
    Atlas,
    CityCoverage,
    coverage,
    parse_outlets,
    read_outlets,
    write_outlets,
)
from locator.sheet import read_known

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "outlets.geojson"
KNOWN = read_known(ROOT / "locator" / "data")
UNITS = frozenset({("重庆市", "沙坪坝区"), ("泸州市", "江阳区")})

Json = dict[str, Any]


def door(**changes: Any) -> Json:
    """A Feature of an invented hall; the changes are to its properties."""
    properties: Json = {
        "id": "hall-1",
        "name": {"zh": "虚构服务大厅", "en": "Invented Hall"},
        "also": [],
        "city": "重庆市",
        "district": "沙坪坝区",
        "address": "虚构路1号",
        "phone": "023-12345678",
        "services": {"inquiry": "yes", "activation": "unknown"},
        "hours": "Mo-Fr 09:00-17:00; PH off",
        "access": "",
        "status": "unconfirmed",
        "precision": "town",
        "source": {"title": "虚构来源", "url": "https://example.gov.cn/", "date": "2024-01-04"},
        "checked": "2026-11-23",
        "until": None,
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [106.45, 29.54]},
        "properties": properties | changes,
    }


def notice(**changes: Any) -> Json:
    kept = ("id", "name", "city", "district", "source", "checked")
    properties = {key: door()["properties"][key] for key in kept} | {"id": "gap-1", "status": "gap"}
    return {"type": "Feature", "geometry": None, "properties": properties | changes}


def at(*coordinates: Any) -> Json:
    return door() | {"geometry": {"type": "Point", "coordinates": list(coordinates)}}


def without(feature: Json, field: str) -> Json:
    kept = {key: value for key, value in feature["properties"].items() if key != field}
    return feature | {"properties": kept}


def text(*features: Json, **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features} | members).encode()


def parsed(*features: Json) -> Atlas:
    return parse_outlets(text(*features), UNITS)


def faults(raw: bytes) -> tuple[Fault, ...]:
    with pytest.raises(FaultyFile) as caught:
        parse_outlets(raw, UNITS)
    return caught.value.faults


def test_an_outlet_is_read_as_the_file_gives_it() -> None:
    assert parsed(door(also=["老名字"], until="2027-01-31")).outlets == (
        Outlet(
            id="hall-1",
            name=Name("虚构服务大厅", "Invented Hall"),
            city="重庆市",
            district="沙坪坝区",
            address="虚构路1号",
            point=Point(29.54, 106.45),
            precision=Precision.TOWN,
            status=Status.UNCONFIRMED,
            source=Source("虚构来源", "https://example.gov.cn/", "2024-01-04"),
            checked=date(2026, 11, 23),
            also=("老名字",),
            phone="023-12345678",
            services={Service.INQUIRY: Offer.YES, Service.ACTIVATION: Offer.UNKNOWN},
            hours="Mo-Fr 09:00-17:00; PH off",
            until=date(2027, 1, 31),
        ),
    )


def test_a_gap_is_read_as_a_notice_and_not_as_an_outlet() -> None:
    atlas = parsed(notice(checked=None))
    source = Source("虚构来源", "https://example.gov.cn/", "2024-01-04")
    assert atlas.gaps == (Gap("gap-1", Name("虚构服务大厅", "Invented Hall"), "重庆市", "沙坪坝区", source),)
    assert atlas.outlets == ()


@pytest.mark.parametrize("field", ["also", "phone", "services", "hours", "access", "checked", "until"])
def test_what_may_be_unknown_may_be_left_out(field: str) -> None:
    assert len(parsed(without(door(), field)).outlets) == 1


def test_hours_nobody_states_may_be_null_or_empty() -> None:
    assert [outlet.hours for outlet in parsed(door(hours=None), door(id="b", hours="")).outlets] == ["", ""]


NO_CONTROL = "must have no control or invisible characters, and no space at its ends"


@pytest.mark.parametrize(
    "feature, field, why",
    [
        (door(id="Hall 1"), "id", "must be 1 to 64 of a-z, 0-9 and -"),
        (door(id=""), "id", "must be 1 to 64"),
        (door(id="a" * 65), "id", "must be 1 to 64"),
        (door(id=7), "id", "should be a valid string"),
        (door(name={"zh": "", "en": "Hall"}), "name.zh", "at least 1 character"),
        (door(name={"zh": "厅", "en": ""}), "name.en", "at least 1 character"),
        (door(name={"zh": "厅"}), "name.en", "is missing"),
        (door(name="厅"), "name", "must be an object"),
        (door(name={"zh": "厅" * 201, "en": "Hall"}), "name.zh", "at most 200 characters"),
        (door(name={"zh": " 厅", "en": "Hall"}), "name.zh", NO_CONTROL),
        (door(name={"zh": "厅\n", "en": "Hall"}), "name.zh", NO_CONTROL),
        (door(name={"zh": "厅\u202e号", "en": "Hall"}), "name.zh", NO_CONTROL),
        (door(name={"zh": "厅\u0000号", "en": "Hall"}), "name.zh", NO_CONTROL),
        (door(also="厅"), "also", "should be a valid tuple"),
        (door(also=["厅"] * 21), "also", "at most 20 items"),
        (door(also=[""]), "also.0", "at least 1 character"),
        (door(district="成华区"), "district", "present-day district"),
        (door(city="泸州市"), "district", "present-day district"),
        (door(city=None), "city", "should be a valid string"),
        (without(door(), "district"), "district", "is missing"),
        (door(address=""), "address", "at least 1 character"),
        (without(door(), "address"), "address", "is missing"),
        (door(phone="call 12333"), "phone", "must be digits, spaces and dashes"),
        (door(phone="０２３"), "phone", "must be digits"),
        (door(phone="1" * 61), "phone", "at most 60 characters"),
        (door(services={"flying": "yes"}), "services.flying", "is not a service: use inquiry, activation"),
        (door(services={"inquiry": "maybe"}), "services.inquiry", "'yes', 'unknown' or 'no'"),
        (door(services={"inquiry": True}), "services.inquiry", "'yes', 'unknown' or 'no'"),
        (door(services=["inquiry"]), "services", "should be a valid dictionary"),
        (door(hours="nine to five"), "hours", ""),
        (door(hours="Mo-Fr 22:00-02:00"), "hours", ""),
        (door(hours="M" * 301), "hours", "at most 300 characters"),
        (door(access="坡\x07道"), "access", NO_CONTROL),
        (door(access="坡" * 301), "access", "at most 300 characters"),
        (door(status="open"), "status", "'official', 'unconfirmed' or 'gap'"),
        (door(precision="exact"), "precision", "'building', 'street', 'town' or 'district'"),
        (without(door(), "source"), "source", "is missing"),
        (door(source={"title": "", "url": "", "date": ""}), "source.title", "at least 1 character"),
        (door(source={"title": "来", "url": "ftp://a.gov.cn", "date": ""}), "source.url", "http://"),
        (door(source={"title": "来", "url": "javascript:alert(1)", "date": ""}), "source.url", "http://"),
        (door(source={"title": "来", "url": "http://a b", "date": ""}), "source.url", "http://"),
        (
            door(source={"title": "来", "url": "", "date": "May"}),
            "source.date",
            "must be a day, a month, a year",
        ),
        (door(checked="2026-13-01"), "checked", "is not a day of the calendar"),
        (door(checked="20261123"), "checked", "must be a date such as"),
        (door(checked=20261123), "checked", "must be a date such as"),
        (door(until="tomorrow"), "until", "must be a date such as"),
        (door(colour="red"), "colour", "is not a field of this format"),
        (door() | {"id": "x"}, "id", "is not a field of this format"),
        (door() | {"type": "Hall"}, "type", "'Feature'"),
        (door() | {"geometry": None}, "geometry", "must be an object"),
        (
            door() | {"geometry": {"type": "LineString", "coordinates": [106.45, 29.54]}},
            "geometry.type",
            "'Point'",
        ),
        (at(106.45), "geometry.coordinates", "at least 2 items"),
        (at(106.45, 29.54, 200), "geometry.coordinates", "at most 2 items"),
        (at("106.45", 29.54), "geometry.coordinates.0", "valid number"),
        (at(True, 29.54), "geometry.coordinates.0", "valid number"),
        (at(106.45, None), "geometry.coordinates.1", "valid number"),
        (at(106.4500001, 29.54), "geometry.coordinates", "at most 6 decimals"),
        (at(29.54, 106.45), "geometry.coordinates", "looks swapped"),
        (at(39.9, 116.4), "geometry.coordinates", "looks swapped"),
        (at(200, 29.54), "geometry.coordinates", "longitude within 180"),
        (at(106.45, -91), "geometry.coordinates", "latitude within 90"),
        (at(104.06, 30.66), "geometry.coordinates", "lies outside Luzhou and Chongqing"),
        (notice() | {"geometry": door()["geometry"]}, "geometry", "must be null: nobody is sent to a gap"),
        (notice(address="路"), "address", "must be left out: a gap is a notice"),
        (notice(hours=""), "hours", "must be left out: a gap is a notice"),
        (notice(phone="12333"), "phone", "must be left out: a gap is a notice"),
        (notice(services={}), "services", "must be left out: a gap is a notice"),
        (notice(colour="red"), "colour", "is not a field of this format"),
        (notice(district="成华区"), "district", "present-day district"),
    ],
)
def test_one_thing_wrong_gives_one_fault_that_says_where_and_why(feature: Json, field: str, why: str) -> None:
    (fault,) = faults(text(feature))
    assert fault.field == field
    assert why in fault.why
    assert fault.where == ("feature 1" if field == "id" else feature["properties"]["id"])


@pytest.mark.parametrize(
    "raw, field, why",
    [
        (b"", "", "is not JSON"),
        (b"[]", "", "must be a JSON object"),
        (b"{}", "type", "must be FeatureCollection"),
        (b'{"type": "FeatureCollection"}', "features", "must be a list"),
        (b'{"type": "FeatureCollection", "features": {}}', "features", "must be a list"),
        (b'{"type": "FeatureCollection", "features": [', "", "is not JSON"),
        (b'{"type": "FeatureCollection", "features": []} x', "", "trailing characters"),
        (b'{"type": "FeatureCollection", "features": [],}', "", "is not JSON"),
        (b'{"type": "FeatureCollection", 7: []}', "", "key must be a string"),
        (text()[:-1] + b', "n": NaN}', "", "is not JSON"),
        (text()[:-1] + b', "n": ' + b"9" * 5000 + b"}", "", "is not JSON"),
        (text()[:-1] + b', "n": ' + b"[" * 100_000, "", "recursion limit"),
        (text(crs={"type": "name"}), "crs", "must be left out"),
        (text(colour="red"), "colour", "is not a field"),
        (text(type="Feature"), "type", "must be FeatureCollection"),
        ("虚构".encode("gb18030"), "", "is not JSON"),
        (text(door(id="hall")).replace(b"hall", "虚构".encode("gb18030")), "", "invalid unicode"),
        (text(door(address="厅\ud800号")), "", "is not JSON"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_reason(raw: bytes, field: str, why: str) -> None:
    found = faults(raw)
    assert any(fault.field == field and why in fault.why for fault in found)


def test_a_broken_file_names_the_line() -> None:
    broken = json.dumps({"type": "FeatureCollection", "features": []}, indent=1).replace("]", "x")
    assert faults(broken.encode())[0].where == "line 3"


@pytest.mark.parametrize("feature", [7, None, [], "hall", {}, {"properties": 7}])
def test_a_feature_that_is_no_object_at_all_is_a_fault_like_any_other(feature: Any) -> None:
    assert {fault.where for fault in faults(text(feature))} == {"feature 1"}


def test_an_id_is_used_once_in_a_file() -> None:
    (fault,) = faults(text(door(), notice(), door()))
    assert fault == Fault("feature 3", "id", "is also the id of feature 1")


def test_all_faults_of_all_features_are_named_at_once() -> None:
    bad = door(id="b", phone="?", hours="?", district="?", checked="?") | {
        "geometry": at(29.54, 106.45)["geometry"]
    }
    found = faults(text(door(id="A!"), bad, door(id="c"), door(id="c"), colour="red"))
    assert [(fault.where, fault.field) for fault in found] == [
        ("", "colour"),
        ("feature 1", "id"),
        ("b", "geometry.coordinates"),
        ("b", "checked"),
        ("b", "phone"),
        ("b", "hours"),
        ("b", "district"),
        ("feature 4", "id"),
    ]


@pytest.mark.parametrize("field", list(door()["properties"]))
def test_a_fault_never_repeats_the_value(field: str) -> None:
    with pytest.raises(FaultyFile) as caught:
        parsed(door(**{field: "王秘密\x00"}))
    assert "王秘密" not in str(caught.value)


def test_names_of_unknown_fields_are_shown_cut_and_harmless() -> None:
    (fault,) = faults(text(door(**{"\x1b[31m" + "x" * 500: 1})))
    assert fault.field == "?[31m" + "x" * 55


@given(st.integers(0, 40_000), st.integers(0, 400), st.binary(max_size=8))
def test_whatever_happens_to_the_bytes_the_file_is_read_or_refused(
    start: int, length: int, other: bytes
) -> None:
    whole = SHIPPED.read_bytes()
    found = read_or_refused(whole[:start] + other + whole[start + length :])
    assert found.faults if isinstance(found, FaultyFile) else found.outlets


def read_or_refused(raw: bytes) -> Atlas | FaultyFile:
    try:
        return parse_outlets(raw, KNOWN.pairs)
    except FaultyFile as error:
        return error


def test_a_byte_order_mark_and_members_in_any_order_do_no_harm() -> None:
    raw = json.dumps({"features": [door()], "type": "FeatureCollection"}).encode("utf-8-sig")
    assert len(parse_outlets(raw, UNITS).outlets) == 1


def test_equal_parts_of_many_outlets_are_kept_once() -> None:
    one, other = parsed(door(), door(id="b")).outlets
    assert one.services is other.services
    assert one.source is other.source
    assert one.hours is other.hours


def test_services_of_an_atlas_cannot_be_changed() -> None:
    assert isinstance(parsed(door()).outlets[0].services, MappingProxyType)


# --- writing

LINE = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30)
OUTLETS = st.builds(
    Outlet,
    id=st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True),
    name=st.builds(Name, LINE, LINE),
    city=st.just("泸州市"),
    district=st.just("江阳区"),
    address=LINE,
    point=st.builds(
        lambda lat, lon: Point(round(lat, 6), round(lon, 6)),
        st.floats(REGION.south, REGION.north),
        st.floats(REGION.west, REGION.east),
    ),
    precision=st.sampled_from(Precision),
    status=st.sampled_from([Status.OFFICIAL, Status.UNCONFIRMED]),
    source=st.builds(
        Source, LINE, st.sampled_from(["", "https://example.gov.cn/a"]), st.sampled_from(["", "2024"])
    ),
    checked=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    also=st.lists(LINE, max_size=3).map(tuple),
    phone=st.sampled_from(["", "12333", "0830-123 456"]),
    services=st.dictionaries(st.sampled_from(Service), st.sampled_from(Offer)),
    hours=st.sampled_from(["", "Mo-Fr 09:00-17:00; PH off"]),
    access=st.just("") | LINE,
    until=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
)


@given(st.lists(OUTLETS, max_size=5, unique_by=lambda outlet: outlet.id))
def test_what_is_written_is_read_back_the_same(outlets: list[Outlet]) -> None:
    raw = write_outlets(outlets, [])
    atlas = parse_outlets(raw, UNITS)
    assert atlas.outlets == tuple(sorted(outlets, key=lambda outlet: outlet.id))
    assert write_outlets(reversed(atlas.outlets), atlas.gaps) == raw


# --- the shipped file


def test_the_shipped_file_is_canonical() -> None:
    atlas = read_outlets(SHIPPED, KNOWN.pairs)
    assert write_outlets(atlas.outlets, atlas.gaps) == SHIPPED.read_bytes()


def test_every_district_has_an_outlet_or_a_notice_and_never_both() -> None:
    atlas = read_outlets(SHIPPED, KNOWN.pairs)
    served = {(outlet.city, outlet.district) for outlet in atlas.outlets}
    noticed = {(gap.city, gap.district) for gap in atlas.gaps}
    assert served | noticed == KNOWN.pairs
    assert not served & noticed
    assert len(noticed) == len(atlas.gaps)


def test_the_shipped_halls_promise_nothing_that_no_source_states() -> None:
    for outlet in read_outlets(SHIPPED, KNOWN.pairs).outlets:
        assert outlet.status is Status.UNCONFIRMED
        assert dict(outlet.services) == dict.fromkeys(Service, Offer.UNKNOWN)
        assert not outlet.precision.is_exact
        assert outlet.checked is None
        assert outlet.source.url == "" or ".gov.cn/" in outlet.source.url


def test_the_fingerprint_follows_the_bytes() -> None:
    first, same, other = (parse_outlets(raw, UNITS).fingerprint for raw in (text(), text(), text(door())))
    assert first == same != other
    assert len(first) == 16


def test_coverage_counts_against_what_was_announced() -> None:
    counted = coverage(parsed(door(), door(id="b", status="official", precision="building"), notice()))
    assert counted.official_list
    assert counted.cities == (
        CityCoverage("泸州市", official=0, unconfirmed=0, gaps=0, announced=9),
        CityCoverage("重庆市", official=1, unconfirmed=1, gaps=1, announced=66),
    )
    assert counted.by_status == {Status.OFFICIAL: 1, Status.UNCONFIRMED: 1, Status.GAP: 1}
    assert counted.by_precision == {"building": 1, "street": 0, "town": 1, "district": 0}


def test_the_shipped_file_admits_that_the_official_list_is_missing() -> None:
    counted = coverage(read_outlets(SHIPPED, KNOWN.pairs))
    assert not counted.official_list
    assert [(city.city, city.official, city.announced) for city in counted.cities] == [
        ("泸州市", 0, 9),
        ("重庆市", 0, 66),
    ]


# --- a file that changes

OLD, NEW = text(door(id="old")), text(door(id="newer"))
BAD = text(door(id="newer", phone="王秘密", checked="?"))


def ids(atlas: Atlas) -> list[str]:
    return [outlet.id for outlet in atlas.outlets]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "outlets.geojson"
    file.write_bytes(OLD)
    return file


@pytest.fixture
def live(path: Path) -> Iterator[Live[list[str]]]:
    watched = Live(path, UNITS, ids)
    yield watched
    watched.stop()


def in_place(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)


def by_replacing(path: Path, raw: bytes) -> None:
    beside = path.with_suffix(".new")
    beside.write_bytes(raw)
    beside.replace(path)


@pytest.mark.parametrize("write", [in_place, by_replacing])
def test_a_changed_file_is_picked_up(
    live: Live[list[str]], path: Path, write: Callable[[Path, bytes], None]
) -> None:
    write(path, NEW)
    assert live.look()
    assert live.value == ["newer"]


def test_an_unchanged_file_is_not_read_again(live: Live[list[str]]) -> None:
    before = live.value
    assert not live.look()
    assert live.value is before


def test_a_faulty_file_is_refused_and_the_last_good_one_stays(
    live: Live[list[str]], path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(BAD)
    assert not live.look()
    assert not live.look()
    assert live.value == ["old"]
    assert [fault.field for fault in live.faults] == ["checked", "phone"]
    assert len(caplog.records) == 2  # each fault once, however often we look
    assert "王秘密" not in caplog.text


def test_a_repaired_file_clears_the_faults(live: Live[list[str]], path: Path) -> None:
    path.write_bytes(BAD)
    live.look()
    path.write_bytes(OLD)
    assert live.look()
    assert live.faults == ()


def test_a_half_written_file_waits_for_its_other_half(live: Live[list[str]], path: Path) -> None:
    path.write_bytes(NEW[:200])
    assert not live.look()
    assert live.value == ["old"]
    path.write_bytes(NEW)
    assert live.look()
    assert live.value == ["newer"]


def test_a_file_that_vanished_is_a_fault_until_it_is_back(live: Live[list[str]], path: Path) -> None:
    path.unlink()
    assert not live.look()
    assert live.value == ["old"]
    assert "cannot be read" in live.faults[0].why
    path.write_bytes(NEW)
    assert live.look()
    assert live.faults == ()


def test_what_is_built_may_refuse_the_file_too(path: Path) -> None:
    def one_only(atlas: Atlas) -> str:
        if ids(atlas) != ["old"]:
            raise FaultyFile("built", [Fault("", "id", "must be old")])
        return "built"

    live = Live(path, UNITS, one_only)
    path.write_bytes(NEW)
    assert not live.look()
    assert (live.value, len(live.faults)) == ("built", 1)


def test_a_long_list_of_faults_is_logged_in_part(
    live: Live[list[str]], path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(text(*(door(id=f"hall-{number}", phone="?") for number in range(FAULTS_LOGGED + 7))))
    live.look()
    assert len(live.faults) == FAULTS_LOGGED + 7
    assert len(caplog.records) == FAULTS_LOGGED + 1
    assert "and 7 more faults" in caplog.records[-1].getMessage()


def test_a_service_does_not_start_on_a_faulty_or_missing_file(tmp_path: Path) -> None:
    bad = tmp_path / "bad.geojson"
    bad.write_bytes(BAD)
    for file in (bad, tmp_path / "none.geojson"):
        with pytest.raises(FaultyFile):
            Live(file, UNITS, ids)


def test_watching_picks_up_a_change_and_ends_when_told(path: Path) -> None:
    built = threading.Event()

    def build(atlas: Atlas) -> list[str]:
        if ids(atlas) == ["newer"]:
            built.set()
        return ids(atlas)

    live = Live(path, UNITS, build)
    live.watch(0.01)
    path.write_bytes(NEW)
    assert built.wait(10)
    live.stop()
    assert live.value == ["newer"]
    assert "outlets" not in {thread.name for thread in threading.enumerate()}


def test_a_watcher_outlives_a_bug_in_what_it_builds(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    tried, built = threading.Event(), threading.Event()

    def build(atlas: Atlas) -> list[str]:
        if ids(atlas) == ["newer"]:
            tried.set()
            raise ZeroDivisionError
        if tried.is_set():
            built.set()
        return ids(atlas)

    live = Live(path, UNITS, build)
    live.watch(0.01)
    path.write_bytes(NEW)
    assert tried.wait(10)
    path.write_bytes(OLD)
    assert built.wait(10)
    live.stop()
    assert live.value == ["old"]
    assert "failed" in caplog.text
