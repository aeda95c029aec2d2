"""The command line: results on stdout, messages on stderr, exit 2 for bad input and 1 for a faulty file."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import orjson

from locator.datum import Datum
from locator.errors import BadInput, FaultyFile, LocatorError
from locator.feature import FeatureReader
from locator.feed import write_csv, write_kml
from locator.guide import Guide, make_calendar, make_live
from locator.hours import CHINA_TIME, opening, read_hours, week
from locator.language import Language, language_of
from locator.model import Service, Status
from locator.outlets import coverage, read_outlets, write_outlets
from locator.parse import NOW, parse_nearest, parse_time
from locator.render import opening_json, places_json, result_json
from locator.server import listening, serve
from locator.settings import DATA, Settings, read_settings
from locator.sheet import fill_gaps, read_known, read_sheet
from locator.terminal import coverage_lines, hours_lines, places_lines, result_lines
from locator.timetable import Asked

FAULTY, BAD = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    try:
        wanted = make_parser().parse_args(arguments)
        code: int = wanted.run(wanted, read_settings())
    except FaultyFile as error:
        print(error, file=sys.stderr)
        return FAULTY
    except (LocatorError, OSError) as error:
        print(f"locator: {_one_line(error)}", file=sys.stderr)
        return BAD
    except BrokenPipeError:  # `locator … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def make_parser() -> argparse.ArgumentParser:
    parser = _Parser("locator", description="Social-security-card outlets in Luzhou and Chongqing.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    for add in (_add_nearest, _add_places, _add_hours, _add_serve, _add_check, _add_import, _add_export):
        add(commands)
    return parser


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, as for any bad input; what somebody typed is not repeated."""
        told, unrecognized, _ = message.partition("unrecognized arguments")
        raise BadInput(self.prog, told + unrecognized)


# -- nearest, places, hours --


def _add_nearest(commands: Any) -> None:
    command = commands.add_parser("nearest", help="the nearest outlets")
    command.add_argument("place", nargs="?", help="a district, town, street, address or outlet")
    command.add_argument("--lat", type=_number)
    command.add_argument("--lon", type=_number)
    command.add_argument(
        "--datum", choices=[datum.value for datum in Datum], help="what --lat and --lon are in"
    )
    command.add_argument("--service", choices=[service.value for service in Service])
    command.add_argument("--open-at", metavar="TIME", help="like '2026-10-10 10:00', Beijing time; or now")
    command.add_argument("--at", metavar="TIME", help="tell open states for this time")
    command.add_argument(
        "--status", action="append", choices=[Status.OFFICIAL.value, Status.UNCONFIRMED.value]
    )
    command.add_argument("--district", help="only outlets of this district")
    command.add_argument("--radius-m", type=_number, metavar="METRES")
    command.add_argument("--limit", type=_whole, default=5)
    command.add_argument("--use-geocoder", action="store_true", help="an outside geocoder may see PLACE")
    _add_output(command)
    command.set_defaults(run=_nearest)


_QUERY = (
    "place",
    "lat",
    "lon",
    "datum",
    "service",
    "open_at",
    "at",
    "status",
    "district",
    "radius_m",
    "limit",
)


def _nearest(wanted: argparse.Namespace, settings: Settings) -> int:
    given = {field: getattr(wanted, field) for field in _QUERY if getattr(wanted, field) is not None}
    query = parse_nearest({**given, "use_geocoder": wanted.use_geocoder}, at=_now())
    guide = _guide(settings)
    result = guide.finder.find(query)
    _show(
        wanted,
        lambda: result_json(result, guide.features),
        lambda: result_lines(result, query, _language(wanted)),
    )
    return 0


def _add_places(commands: Any) -> None:
    command = commands.add_parser("places", help="what place a text names")
    command.add_argument("text")
    _add_output(command)
    command.set_defaults(run=_places)


def _places(wanted: argparse.Namespace, settings: Settings) -> int:
    found = _guide(settings).finder.gazetteer.find(wanted.text)
    _show(wanted, lambda: places_json(found), lambda: places_lines(found, _language(wanted)))
    return 0


def _add_hours(commands: Any) -> None:
    command = commands.add_parser("hours", help="whether an opening_hours text is open")
    command.add_argument("text", help="OSM opening_hours, e.g. 'Mo-Fr 09:00-17:00; PH off'")
    command.add_argument("--at", default=NOW, metavar="TIME", help="like '2026-10-10 10:00', Beijing time")
    _add_output(command)
    command.set_defaults(run=_hours)


def _hours(wanted: argparse.Namespace, settings: Settings) -> int:
    at = parse_time(wanted.at, at=_now(), field="at")
    hours, calendar = read_hours(wanted.text), make_calendar(settings.years)
    found = opening(hours, at, calendar)
    said = opening_json(found)
    today = at.astimezone(CHINA_TIME).date()
    days = week(hours, today - timedelta(days=today.weekday()), calendar)
    _show(
        wanted,
        lambda: {"state": said["open_state"], "next_change": said["next_change"], "horizon": said["horizon"]},
        lambda: hours_lines(hours, found, days, _asked(wanted, at), _language(wanted)),
    )
    return 0


# -- serve --


def _add_serve(commands: Any) -> None:
    command = commands.add_parser("serve", help="the web service")
    command.add_argument("--host")
    command.add_argument("--port", type=_whole)
    command.add_argument("--workers", type=_whole)
    command.set_defaults(run=_serve)


def _serve(wanted: argparse.Namespace, settings: Settings) -> int:
    where = listening(settings, host=wanted.host, port=wanted.port, workers=wanted.workers)
    make_live(where)  # a faulty file is told here, once, and not by each worker
    serve("locator.app:create_app", where)
    return 0


# -- check, import, export --


def _add_check(commands: Any) -> None:
    command = commands.add_parser("check", help="every fault of an outlets file, and what it covers")
    command.add_argument("file", nargs="?", type=Path)
    command.set_defaults(run=_check)


def _check(wanted: argparse.Namespace, settings: Settings) -> int:
    path = wanted.file or settings.outlets
    try:
        atlas = read_outlets(path, read_known(DATA).pairs)
    except FaultyFile as error:
        for fault in error.faults:
            print(fault)
        print(f"{path.name}: {len(error.faults)} fault(s)", file=sys.stderr)
        return FAULTY
    print("\n".join(coverage_lines(coverage(atlas))))
    return 0


def _add_import(commands: Any) -> None:
    command = commands.add_parser("import", help="an outlets file from a table (docs/data.md)")
    command.add_argument("sheet", type=Path, help="CSV, UTF-8 or GB18030")
    command.add_argument(
        "--datum", choices=[datum.value for datum in Datum], help="what its lat and lon columns are in"
    )
    command.add_argument("-o", "--output", type=Path, help="otherwise stdout")
    command.set_defaults(run=_import)


def _import(wanted: argparse.Namespace, _: Settings) -> int:
    known = read_known(DATA)
    datum = Datum(wanted.datum) if wanted.datum else None
    judge = FeatureReader(known.pairs).read
    outlets, warnings = read_sheet(wanted.sheet.read_bytes(), known, judge, datum, wanted.sheet.name)
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    _write(write_outlets(outlets, fill_gaps(outlets, known.units)), wanted.output)
    return 0


def _add_export(commands: Any) -> None:
    command = commands.add_parser("export", help="the outlets for other programs")
    command.add_argument("--format", choices=["geojson", "csv", "kml"], default="geojson")
    command.add_argument("-o", "--output", type=Path, help="otherwise stdout")
    command.set_defaults(run=_export)


def _export(wanted: argparse.Namespace, settings: Settings) -> int:
    atlas = read_outlets(settings.outlets, read_known(DATA).pairs)
    if wanted.format == "geojson":
        written = write_outlets(atlas.outlets, atlas.gaps)
    else:
        written = {"csv": write_csv, "kml": write_kml}[wanted.format](atlas.outlets)
    _write(written, wanted.output)
    return 0


# -- in and out --


def _add_output(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="for programs")
    command.add_argument("--lang", choices=["zh", "en"], default="zh")


def _guide(settings: Settings) -> Guide:
    return make_live(settings).value


def _language(wanted: argparse.Namespace) -> Language:
    return language_of(wanted.lang)


def _show(
    wanted: argparse.Namespace, program: Callable[[], Any], people: Callable[[], Iterable[str]]
) -> None:
    if wanted.json:
        print(json.dumps(orjson.loads(orjson.dumps(program())), ensure_ascii=False, indent=2))
    else:
        print("\n".join(people()))


def _write(written: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(written)
    else:
        output.write_bytes(written)


def _asked(wanted: argparse.Namespace, at: datetime) -> Asked:
    return Asked(at, chosen=wanted.at != NOW)


def _now() -> datetime:
    return datetime.now(UTC)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a number") from None


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a whole number") from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
