"""The command line, run as people run it."""

import csv
import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from locator.cli import main
from locator.outlets import write_outlets
from locator.settings import DATA, Settings
from tests.doors import door

SHIPPED = Settings().outlets
KML = "{http://www.opengis.net/kml/2.2}"


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCATOR_")}
    command = [sys.executable, "-m", "locator", *arguments]
    return subprocess.run(command, capture_output=True, check=False, env=environment | settings)


def said(*arguments: str) -> Any:
    done = run(*arguments, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout)


def test_nearest_says_the_same_to_programs_as_the_api() -> None:
    found = said("nearest", "沙坪坝区", "--service", "activation", "--open-at", "2026-10-10 10:00")
    assert found["result"] == "found"
    assert found["origin"] | {"lat": 0, "lon": 0} == {
        "name": "沙坪坝区",
        "district": "沙坪坝区",
        "city": "重庆市",
        "precision": "district",
        "known_by": "named",
        "exact": True,
        "lat": 0,
        "lon": 0,
    }
    first = found["features"][0]["properties"]
    assert first["open_state"] == "open"
    assert first["next_change"].startswith("2026-10-10T1")
    assert {"id", "distance_m"} <= first.keys()
    assert "12333" in found["gap"]["notice"]["zh"]


def test_nearest_from_a_position_needs_its_datum_and_takes_any() -> None:
    here = said("nearest", "--lat", "29.5437", "--lon", "106.4529", "--datum", "wgs84")
    shifted = said("nearest", "--lat", "29.5437", "--lon", "106.4529", "--datum", "gcj02")
    assert here["origin"]["known_by"] == "shared"
    assert here["origin"]["lat"] != shifted["origin"]["lat"]


def test_an_ambiguous_place_gives_choices_and_a_strange_one_the_reason() -> None:
    assert len(said("nearest", "太平镇")["choices"]) > 1
    assert said("nearest", "成都")["why"] == "outside"


def test_places_tells_name_level_district_city_and_precision() -> None:
    (place,) = said("places", "沙坪坝区渝碚路5号")["places"]
    assert place.items() >= {
        ("name", "沙坪坝区"), ("level", "district"), ("district", "沙坪坝区"), ("city", "重庆市"), ("precision", "district"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("at", "state", "change"),
    [
        ("2026-10-10 10:00", "open", "2026-10-10T17:00:00+08:00"),
        ("2026-10-03 10:00", "closed-opens-later", "2026-10-08T09:00:00+08:00"),
        ("2027-01-04 10:00", "unknown", None),
    ],
)
def test_hours_tells_state_and_next_change(at: str, state: str, change: str | None) -> None:
    found = said("hours", "Mo-Fr 09:00-17:00; PH off", "--at", at)
    assert (found["state"], found["next_change"]) == (state, change)


def test_people_read_the_week_with_its_holidays_and_make_up_days() -> None:
    lines = run("hours", "Mo-Fr 09:00-17:00; PH off", "--at", "2026-10-10 10:00").stdout.decode().splitlines()
    assert lines == [
        "到时开门，17:00 关门；10月10日（周六）调休上班",
        "平常时间：周一至周五 9:00–17:00；法定节假日休息",
        "  10月5日（周一） 休息（国庆节）",
        "  10月6日（周二） 休息（国庆节）",
        "  10月7日（周三） 休息（国庆节）",
        "  10月8日（周四） 9:00–17:00",
        "  10月9日（周五） 9:00–17:00",
        "  10月10日（周六） 9:00–17:00（国庆节调休上班）",
        "  10月11日（周日） 休息",
    ]


def test_beyond_the_calendar_people_read_that_and_the_usual_hours() -> None:
    lines = run("hours", "Mo-Fr 09:00-17:00; PH off", "--at", "2027-01-04 10:00").stdout.decode().splitlines()
    assert lines[0].startswith("本程序尚未收录2027年放假安排")
    assert lines[1] == "平常时间：周一至周五 9:00–17:00；法定节假日休息"
    assert lines[2] == "  1月4日（周一） 待核实"


def test_people_read_names_distances_hours_and_whom_to_call() -> None:
    text = run("nearest", "沙坪坝区").stdout.decode()
    assert "九龙坡区社会保险事务中心" in text
    assert "约 8 公里" in text
    assert "12333" in text
    english = run("nearest", "沙坪坝区", "--lang", "en").stdout.decode()
    assert "about 8 km" in english


BAD = [
    (["nearest"], "place"),
    (["nearest", "--lat", "nan", "--lon", "106", "--datum", "wgs84"], "lat"),
    (["nearest", "--lat", "1e309", "--lon", "106", "--datum", "wgs84"], "lat"),
    (["nearest", "--lat", "106.45", "--lon", "29.54", "--datum", "wgs84"], "swapped"),
    (["nearest", "--lat", "48.9", "--lon", "2.3", "--datum", "wgs84"], "lon"),
    (["nearest", "--lat", "29.54", "--lon", "106.45"], "datum"),
    (["nearest", "--lat", "north", "--lon", "106.45", "--datum", "wgs84"], "--lat"),
    (["nearest", "沙坪坝区", "--service", "haircut"], "--service"),
    (["nearest", "沙坪坝区", "--district", "朝阳区"], "district"),
    (["nearest", "沙坪坝区", "--limit", "0"], "limit"),
    (["nearest", "沙坪坝区", "--limit", "-1"], "limit"),
    (["nearest", "沙坪坝区", "--limit", "1e9"], "--limit"),
    (["nearest", "长" * 10_000], "place"),
    (["nearest", "沙坪坝\x07"], "place"),
    (["nearest", os.fsdecode(b"\xed\xa0\x80")], "place"),
    (["nearest", "沙坪坝区", "--open-at", "tomorrow"], "open_at"),
    (["places", "长" * 10_000], "place"),
    (["hours", "whenever"], "hours"),
    (["hours", "Mo-Fr 09:00-17:00", "--at", "2026-02-30 10:00"], "at"),
    (["import", "no-such-file.csv"], "no-such-file.csv"),
    (["frobnicate"], "COMMAND"),
    (["serve", "--port", "0"], "--port"),
]


@pytest.mark.parametrize(
    ("arguments", "named"), BAD, ids=[f"{row[0][0]} {row[1]} {n}" for n, row in enumerate(BAD)]
)
def test_bad_input_is_one_line_on_stderr_and_exit_2(
    arguments: list[str], named: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code = main(arguments)
    out, err = capfd.readouterr()
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert named in err
    assert "29.54" not in err


def test_a_traceback_is_never_shown_for_bad_input() -> None:
    done = run("nearest", os.fsdecode(b"\xed\xa0\x80"))
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1


def test_check_finds_no_fault_in_the_shipped_file_and_says_what_it_covers() -> None:
    done = run("check")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert "official list: not imported" in text
    assert "0 official of 9 announced" in text
    assert "0 official of 66 announced" in text


def test_check_prints_every_fault_and_exits_1(tmp_path: Path) -> None:
    path = tmp_path / "outlets.geojson"
    written = json.loads(write_outlets([door(1, 29.5, 106.5), door(2, 29.6, 106.6)], []))
    written["features"][0]["properties"]["phone"] = "call me"
    written["features"][1]["properties"]["hours"] = "always"
    path.write_text(json.dumps(written), encoding="utf-8")
    done = run("check", str(path))
    assert done.returncode == 1
    assert [line.split(":")[:2] for line in done.stdout.decode().splitlines()] == [
        ["door-000001", " phone"],
        ["door-000002", " hours"],
    ]


def test_import_writes_the_file_that_ships() -> None:
    done = run("import", str(DATA / "service_centres.csv"))
    assert done.returncode == 0
    assert done.stdout == SHIPPED.read_bytes()


def test_export_writes_geojson_that_reads_back_the_same() -> None:
    assert run("export").stdout == SHIPPED.read_bytes()


def test_export_writes_csv_that_excel_opens() -> None:
    raw = run("export", "--format", "csv").stdout
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) == 16
    assert {"九龙坡区社会保险事务中心"} <= {row["name_zh"] for row in rows}


def test_a_cell_that_a_spreadsheet_would_run_is_defused(tmp_path: Path) -> None:
    path = tmp_path / "outlets.geojson"
    path.write_bytes(write_outlets([door(1, 29.5, 106.5, name="=HYPERLINK(1)")], []))
    raw = run("export", "--format", "csv", LOCATOR_OUTLETS=str(path)).stdout
    (row,) = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    assert row["name_zh"] == "'=HYPERLINK(1)"


def test_export_writes_kml_with_longitude_first(tmp_path: Path) -> None:
    path = tmp_path / "outlets.kml"
    assert run("export", "--format", "kml", "-o", str(path)).returncode == 0
    marks = ET.parse(path).findall(f".//{KML}Placemark")
    assert len(marks) == 16
    lon, lat = map(float, (marks[0].findtext(f"{KML}Point/{KML}coordinates") or "").split(","))
    assert 104 < lon < 111
    assert 27 < lat < 33


def test_a_port_in_use_or_a_strange_host_is_told_and_nothing_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", port]) == 2
    assert main(["serve", "--host", "999.1.1.1"]) == 2


def test_a_wrong_setting_is_named_and_nothing_starts() -> None:
    done = run("serve", LOCATOR_PORT="eighty", LOCATOR_TILES_URL="https://tiles.example/{z}/{x}/{y}.png")
    assert done.returncode == 1
    assert b"LOCATOR_PORT" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_faulty_outlets_file_is_told_before_the_service_starts(tmp_path: Path) -> None:
    path = tmp_path / "outlets.geojson"
    path.write_text("[]", encoding="utf-8")
    done = run("serve", LOCATOR_OUTLETS=str(path))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"must be a JSON object" in done.stderr
