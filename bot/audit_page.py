"""Who did what at the desk, for whoever runs it: looked through by name, deed and day, and as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import orjson
from flask import Blueprint, Response, request

from bot.desk import page, visit
from bot.download import Downloads
from bot.export import WRITERS, Row
from bot.logbook import Logbook, Noted, Sought
from locator.hours import CHINA_TIME
from locator.language import mark

MOST: Final = 50  # notes on a page
_YEARS: Final = range(2000, 2200)
_HEAD: Final = (mark("Time"), mark("Who"), mark("What"), mark("About"), mark("Before"), mark("After"))
_DEEDS: Final = MappingProxyType(
    {
        "sign-in": mark("Signed in"),
        "sign-out": mark("Signed out"),
        "account.add": mark("Account added"),
        "account.remove": mark("Account removed"),
        "account.role": mark("Role changed"),
        "account.password": mark("Password changed"),
        "account.code": mark("Code turned on or off"),
        "notice.add": mark("Notice told"),
        "notice.change": mark("Notice changed"),
        "notice.withdraw": mark("Notice withdrawn"),
        "outlet.checked": mark("Hall checked"),
        "draft.add": mark("Phrase added to a draft"),
        "draft.save": mark("Draft saved"),
        "draft.drop": mark("Draft dropped"),
        "edition.publish": mark("Published"),
        "edition.roll-back": mark("Rolled back"),
        "miss.settle": mark("Question dealt with"),
        "queue.claim": mark("Question taken"),
        "queue.take-over": mark("Question taken over"),
        "queue.release": mark("Question given back"),
        "queue.answer": mark("Question answered"),
        "queue.close": mark("Question closed"),
        "letter.again": mark("Letter sent again"),
        "letter.drop": mark("Letter dropped"),
        "export.statistics": mark("Numbers taken as a file"),
        "export.misses": mark("Questions taken as a file"),
        "export.audit": mark("These notes taken as a file"),
    }
)
_NO_DAY: Final = mark("This is no day. All days are shown; please choose one of the calendar.")
_LARGEST: Final = 2**63 - 1  # of a number in the database


class Shown(NamedTuple):
    """A note as the page shows it; what was not there is empty."""

    when: str
    who: str
    what: str
    about: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Auditing:
    """What the page is made from."""

    logbook: Logbook
    downloads: Downloads


def make_audit(auditing: Auditing) -> Blueprint:
    pages = Blueprint("audit", __name__, template_folder="templates", url_prefix="/desk")

    @pages.get("/audit")
    def home() -> Response:
        return _drawn(auditing)

    for ending in WRITERS:
        pages.add_url_rule(f"/audit.{ending}", f"file_{ending}", partial(_file, auditing, ending))
    return pages


def _drawn(auditing: Auditing) -> Response:
    names, days = auditing.logbook.names(), request.args.get("day", "")
    sought = _sought(names)
    # One more than is shown tells whether there is more.
    found = auditing.logbook.some(sought, MOST + 1, _below())
    rest = _chosen(sought)
    return page(
        "audit.html",
        status=422 if days and not sought.day else 200,
        problem=visit().language.say(_NO_DAY) if days and not sought.day else "",
        notes=[_shown(one) for one in found[:MOST]],
        sought=sought,
        people=[(name, name) for name in names[0]],
        deeds=[(name, _deed(name)) for name in names[1]],
        deed=_deed,
        files=[(ending, _url(f"audit.{ending}", rest)) for ending in WRITERS],
        newest=_url("audit", rest) if _below() else "",
        older=_url("audit", rest | {"below": str(found[MOST - 1].number)}) if len(found) > MOST else "",
    )


def _sought(names: tuple[Sequence[str], Sequence[str]]) -> Sought:
    """Only names that are there: a name from elsewhere would show nothing, and say nothing of why."""
    who, what = request.args.get("who", ""), request.args.get("what", "")
    return Sought(who if who in names[0] else "", what if what in names[1] else "", _day())


def _chosen(sought: Sought) -> dict[str, str]:
    return {name: str(value) for name, value in sought._asdict().items() if value}


def _day() -> date | None:
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _below() -> int | None:
    below = request.args.get("below", type=int)
    return below if below is not None and 0 < below <= _LARGEST else None


def _url(name: str, values: dict[str, str]) -> str:
    return f"/desk/{name}?{urlencode(values)}" if values else f"/desk/{name}"


def _file(auditing: Auditing, ending: str) -> Response:
    sought = _sought(auditing.logbook.names())
    return auditing.downloads.hand_out("audit", ending, _rows(auditing, sought), _chosen(sought))


def _rows(auditing: Auditing, sought: Sought) -> Iterator[Row]:
    yield [visit().language.say(name) for name in _HEAD]
    yield from (_shown(one) for one in auditing.logbook.all(sought))


def _shown(one: Noted) -> Shown:
    return Shown(_when(one.at), one.who, one.what, one.about, _json(one.before), _json(one.after))


def _deed(name: str) -> str:
    """In words; a deed without words by its name."""
    return visit().language.say(_DEEDS[name]) if name in _DEEDS else name


def _when(at: datetime) -> str:
    return at.astimezone(CHINA_TIME).strftime("%Y-%m-%d %H:%M:%S")


def _json(value: Any) -> str:
    return "" if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
