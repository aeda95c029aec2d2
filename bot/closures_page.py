"""The outlets at the desk: looked for by name, closed for a while or open at other hours, and made sure of today.

Law: what people will read is shown before it is told to anybody. What was typed is not lost, whatever is wrong with it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from babel.dates import get_day_names
from flask import Blueprint, Response, make_response, redirect, request
from werkzeug.exceptions import NotFound

from bot.board import Board
from bot.closure_form import (
    GROUPS,
    REASONS,
    Fields,
    Problems,
    Typed,
    Wrong,
    empty_form,
    filled_form,
    read_form,
)
from bot.closures import LONGEST_SOURCE, Closures, Filed, Overlaps, Overtaken, may_change
from bot.desk import Key, just_done, page, staff, visit
from bot.directory import LONGEST, MOST, Directory
from bot.download import Downloads
from bot.export import Row
from bot.rights import allows
from bot.spoken import SIMPLIFIED
from locator import timetable
from locator.api import Clock, refused
from locator.errors import BadInput
from locator.finder import Finder
from locator.guide import Guide
from locator.hours import WEEKDAYS, in_china
from locator.language import CHINESE, ENGLISH, Language, mark
from locator.live import Current
from locator.model import LONGEST_REASON, Notice, Outlet
from locator.notices import make_notices
from locator.timetable import Asked

_WEB: Final = re.compile(r"https?://[^\s<>\"]+")
_MOST_PAST: Final = 20  # notices that are over, shown of one outlet
_LIST_KEYS: Final = (
    Key("/", mark("Go to the search box")),
    Key("↑ ↓", mark("Go through the halls found")),
    Key("Enter", mark("Open the hall")),
)
_OUTLET_KEYS: Final = (
    Key("/", mark("Look for another hall")),
    Key("n", mark("Go to the form of the notice")),
    Key("c", mark("Go to “Checked today”")),
)
_SAID: Final = {
    "told": mark("It is told everywhere from now on."),
    "changed": mark("The notice was changed, everywhere from now on."),
    "withdrawn": mark("The notice was withdrawn. It is told nowhere any more."),
    "checked": mark("Noted: somebody made sure of this hall today."),
}
_TO_CORRECT: Final = mark("Nothing was told yet. Please look at the marked fields.")
_OVERLAPS: Final = mark("There is such a notice already: {notice}. Please change that one instead.")
_TAKEN: Final = mark("There is such a notice for a part of this time.")
_OVERTAKEN: Final = mark(
    "{who} was faster: the notice is now “{notice}”. What you typed stands below; send it again to put it in its place."
)
_IS_OVER: Final = mark("This notice is over by now. The form below makes a new one of it.")
_NOT_WITHDRAWN: Final = mark(
    "The notice was changed meanwhile, or is over. Nothing was withdrawn; please look again."
)
_OTHERS: Final = mark("{who} entered this notice. An editor can change it, or {who}.")
_NO_SUCH: Final = mark("There is no such hall in the list, or not any more.")
_TOO_LONG: Final = mark("Please look for a few words only.")


class Form(NamedTuple):
    """The form as it is shown."""

    fields: Fields
    problems: Problems = MappingProxyType({})
    problem: str = ""  # of the whole
    editing: Filed | None = None


@dataclass(frozen=True)
class Office:
    """What the pages work with."""

    live: Current[Guide]
    board: Board
    downloads: Downloads
    now: Clock
    directory: Directory

    @property
    def closures(self) -> Closures:
        return self.board.closures

    @property
    def finder(self) -> Finder:
        return self.live.value.finder

    def outlet(self, outlet_id: str) -> Outlet:
        """Raises NotFound."""
        found = self.finder.outlet(outlet_id)
        if found is None:
            raise NotFound
        return found

    def filed(self, outlet_id: str, notice_id: str) -> Filed:
        """Raises NotFound."""
        found = self.closures.find(notice_id)
        if found is None or found.notice.outlet_id != outlet_id:
            raise NotFound
        return found


def make_closures(live: Current[Guide], board: Board, downloads: Downloads, now: Clock) -> Blueprint:
    """`now` gives an aware datetime."""
    office = Office(live, board, downloads, now, Directory())
    pages = Blueprint("closures", __name__, template_folder="templates", url_prefix="/desk")
    _add_list(pages, office)
    _add_outlet(pages, office)
    _add_notice(pages, office)
    pages.register_error_handler(
        NotFound, lambda _: page("desk-refused.html", status=404, why=visit().language.say(_NO_SUCH))
    )
    return pages


def _add_list(pages: Blueprint, office: Office) -> None:
    @pages.route("/outlets", methods=["GET", "POST"])
    def outlets() -> Response:
        text = request.form.get("text", "")
        try:
            return _list_page(office, text, office.directory.find(text, office.finder))
        except BadInput:
            return _list_page(office, text, [], visit().language.say(_TOO_LONG), 422)

    @pages.post("/api/outlets/find")
    def find() -> Response:
        try:
            found = office.directory.find(_sent().get("text", ""), office.finder)
        except BadInput as error:
            return refused(422, [(error.field, error.why)])
        return page("outlets-list.html", rows=_rows(office, found), most=MOST)

    @pages.get("/outlets/files/<name>.csv")
    def file(name: str) -> Response:
        if name not in _FILES:
            raise NotFound
        return office.downloads.hand_out(name, "csv", _FILES[name](office), {})


def _add_outlet(pages: Blueprint, office: Office) -> None:
    @pages.get("/outlets/<outlet_id>")
    def outlet(outlet_id: str) -> Response:
        return _outlet_page(office, office.outlet(outlet_id), Form(empty_form(office.now())))

    @pages.post("/outlets/<outlet_id>/check")
    def check(outlet_id: str) -> Response:
        office.closures.check(office.outlet(outlet_id).id, who=staff().name, at=office.now())
        return _done(office, outlet_id, "checked")

    @pages.post("/outlets/<outlet_id>/notices")
    def add(outlet_id: str) -> Response:
        form = Form(request.form.to_dict())

        def tell(typed: Typed) -> Response:
            office.closures.add(typed.notice, typed.source, who=staff().name, at=office.now())
            return _done(office, outlet_id, "told")

        return _sent_form(office, office.outlet(outlet_id), form, tell)

    @pages.post("/api/outlets/<outlet_id>/preview")
    def preview(outlet_id: str) -> Response:
        fields = _sent()
        foretold = _foretold(office, office.outlet(outlet_id), fields, fields.get("notice", ""))
        return page("closure-preview.html", foretold=foretold)


def _add_notice(pages: Blueprint, office: Office) -> None:
    url = "/outlets/<outlet_id>/notices/<notice_id>"

    @pages.get(url)
    def notice(outlet_id: str, notice_id: str) -> Response:
        hall, filed = office.outlet(outlet_id), office.filed(outlet_id, notice_id)
        if not may_change(staff(), filed):
            return _not_theirs(filed)
        return _outlet_page(office, hall, _again(filled_form(filed), filed, office.now()))

    @pages.post(url)
    def change(outlet_id: str, notice_id: str) -> Response:
        hall, filed = office.outlet(outlet_id), office.filed(outlet_id, notice_id)
        if not may_change(staff(), filed):
            return _not_theirs(filed)
        if _version() != filed.version:
            return _outlet_page(office, hall, _again(request.form.to_dict(), filed, office.now()), 409)

        def replace_it(typed: Typed) -> Response:
            office.closures.change(
                notice_id, _version(), typed.notice, typed.source, who=staff().name, at=office.now()
            )
            return _done(office, outlet_id, "changed")

        return _sent_form(office, hall, Form(request.form.to_dict(), editing=filed), replace_it)

    @pages.post(f"{url}/withdraw")
    def withdraw(outlet_id: str, notice_id: str) -> Response:
        hall, filed = office.outlet(outlet_id), office.filed(outlet_id, notice_id)
        if not may_change(staff(), filed):
            return _not_theirs(filed)
        try:
            office.closures.withdraw(notice_id, _version(), who=staff().name, at=office.now())
        except Overtaken:
            form = Form(empty_form(office.now()), problem=visit().language.say(_NOT_WITHDRAWN))
            return _outlet_page(office, hall, form, 409)
        return _done(office, outlet_id, "withdrawn")


# -- what came in --


def _sent() -> Fields:
    """The texts of a JSON object; anything else is not there."""
    body = request.get_json(silent=True)
    given = body if isinstance(body, dict) else {}
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _version() -> int:
    """That of which the form is; 0, which is none, when it does not say."""
    sent = request.form.get("version", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else 0


def _sent_form(office: Office, outlet: Outlet, form: Form, tell: Callable[[Typed], Response]) -> Response:
    """Looked at, or told; or the form again, with what is wrong."""
    say = visit().language.say
    try:
        typed = read_form(form.fields, outlet.id, office.now())
        if form.fields.get("step") != "tell":
            return _outlet_page(office, outlet, form)
        return tell(typed)
    except Wrong as wrong:
        form = form._replace(problems=wrong.problems, problem=say(_TO_CORRECT))
    except Overlaps as found:
        problem = say(_OVERLAPS, notice=_line(found.other.notice))
        form = form._replace(problems={"from": _TAKEN}, problem=problem)
    except Overtaken as found:
        form = _again(form.fields, found.newest, office.now())
        return _outlet_page(office, outlet, form, 409)
    return _outlet_page(office, outlet, form, 422)


def _again(fields: Fields, newest: Filed, at: datetime) -> Form:
    """To be put in the place of the newest version; of one that is over, a new notice."""
    say = visit().language.say
    if newest.is_over(at):
        return Form(fields, problem=say(_IS_OVER))
    is_behind = request.method == "POST"
    told = say(_OVERTAKEN, who=newest.who, notice=_line(newest.notice)) if is_behind else ""
    return Form(fields, problem=told, editing=newest)


# -- what goes out --


def _done(office: Office, outlet_id: str, said: str) -> Response:
    office.board.look()
    return make_response(redirect(f"/desk/outlets/{outlet_id}?said={said}", 303))


def _not_theirs(filed: Filed) -> Response:
    why = visit().language.say(_OTHERS, who=filed.author)
    return page("desk-refused.html", status=403, why=why)


def _list_page(
    office: Office, text: str, found: Sequence[Outlet], problem: str = "", status: int = 200
) -> Response:
    at = office.now()
    live = (filed for filed in office.closures.newest() if not filed.is_over(at))
    outlets = ((filed, office.finder.outlet(filed.notice.outlet_id)) for filed in live)
    return page(
        "outlets.html",
        status=status,
        keys=_LIST_KEYS,
        text=text,
        longest=LONGEST,
        most=MOST,
        problem=problem,
        rows=_rows(office, found),
        may_export=allows(staff().role, "closures.file", "GET"),
        # One that has left the list is told to nobody.
        live=[
            _card(filed, at) | {"outlet": visit().language.pick(outlet.name)}
            for filed, outlet in outlets
            if outlet
        ],
    )


def _outlet_page(office: Office, outlet: Outlet, form: Form, status: int = 200) -> Response:
    at, language = office.now(), visit().language
    own = [_card(filed, at) for filed in office.closures.newest(outlet.id)]
    past = [card for card in own if card["state"] in ("past", "withdrawn")]
    made_sure = office.closures.checked_by(outlet.id)
    return page(
        "outlet-desk.html",
        status=status,
        keys=_OUTLET_KEYS,
        outlet=outlet,
        row=_row(office, outlet),
        live=[card for card in own if card not in past],
        past=past[: -_MOST_PAST - 1 : -1],
        checked_by=made_sure[1] if made_sure else "",
        is_checked_today=made_sure is not None and made_sure[0] == in_china(at).date(),
        said=just_done(_SAID),
        foretold=_foretold(office, outlet, form.fields, form.editing.id if form.editing else ""),
        **_form(form, language),
    )


def _form(form: Form, language: Language) -> dict[str, Any]:
    names = get_day_names("abbreviated", locale=language.locale)
    return {
        "fields": form.fields,
        "problems": {field: language.say(sentence) for field, sentence in form.problems.items()},
        "problem": form.problem,
        "editing": form.editing,
        "groups": GROUPS,
        "weekdays": [(short, names[number]) for number, short in enumerate(WEEKDAYS)],
        "reasons": [SIMPLIFIED.say(reason) for reason in REASONS],
        "longest_reason": LONGEST_REASON,
        "longest_source": LONGEST_SOURCE,
    }


def _rows(office: Office, outlets: Iterable[Outlet]) -> list[dict[str, Any]]:
    return [_row(office, outlet) for outlet in outlets]


def _row(office: Office, outlet: Outlet) -> dict[str, Any]:
    """One outlet as it is now."""
    finder, at, language = office.finder, office.now(), visit().language
    opening, told = finder.opening_of(outlet, at), finder.told(outlet, at)
    time = Asked(at)
    return {
        "url": _url(outlet.id),
        "name": language.pick(outlet.name),
        "district": language.write(outlet.city + outlet.district),
        "address": language.write(outlet.address),
        "state": opening.state.value,
        "is_shut": timetable.is_shut(told.notices, time),
        "opening": timetable.opening_words(opening, time, language, told.notices),
        "notices": list(timetable.notice_lines(told.notices, time, language)),
        "checked": timetable.checked_words(told.checked or outlet.checked, language),
    }


def _card(filed: Filed, at: datetime) -> dict[str, Any]:
    """One notice, for the desk."""
    language, notice = visit().language, filed.notice
    return {
        "url": f"{_url(notice.outlet_id)}/notices/{filed.id}",
        "outlet_url": _url(notice.outlet_id),
        "state": _state(filed, at),
        "line": _line(notice),
        "who": language.say("{who}, {time}", who=filed.who, time=timetable.time_words(filed.at, language)),
        "source": filed.source,
        "source_url": filed.source if _WEB.fullmatch(filed.source) else "",
        "version": filed.version,
        "may_change": may_change(staff(), filed),
    }


def _state(filed: Filed, at: datetime) -> str:
    if filed.is_withdrawn:
        return "withdrawn"
    if filed.is_over(at):
        return "past"
    return "now" if filed.notice.from_ <= at else "coming"


def _url(outlet_id: str) -> str:
    return f"/desk/outlets/{outlet_id}"


def _line(notice: Notice) -> str:
    return timetable.coming_words(notice, visit().language)


# -- as people will read it --


class Foretold(NamedTuple):
    """What people will read, by when: a sentence, then in each language its code and the lines."""

    parts: Sequence[tuple[str, Sequence[tuple[str, Sequence[str]]]]]
    missing: str = ""  # what to do before there is anything


def _foretold(office: Office, outlet: Outlet, fields: Fields, apart_from: str) -> Foretold:
    """`apart_from`: the id of the notice in whose place it is to stand."""
    say, at = visit().language.say, office.now()
    try:
        notice = read_form(fields, outlet.id, at).notice
    except Wrong as wrong:
        return Foretold((), say(next(iter(wrong.problems.values()))))
    others = [
        filed.notice
        for filed in office.closures.newest(outlet.id)
        if filed.id != apart_from and not filed.is_over(at)
    ]
    finder = office.finder.knowing(make_notices([*others, notice]))
    return Foretold(list(_parts(finder, outlet, notice, at)))


def _parts(
    finder: Finder, outlet: Outlet, notice: Notice, at: datetime
) -> Iterator[tuple[str, Sequence[tuple[str, Sequence[str]]]]]:
    say = visit().language.say
    if at < notice.from_:
        yield (
            say("In the seven days before"),
            [(one.code, [timetable.coming_words(notice, one)]) for one in (CHINESE, ENGLISH)],
        )
    start = max(at, notice.from_)
    yield (
        say("While it lasts"),
        [(one.code, list(_read_at(finder, outlet, start, one))) for one in (CHINESE, ENGLISH)],
    )


def _read_at(finder: Finder, outlet: Outlet, at: datetime, language: Language) -> Iterator[str]:
    """As a card says it."""
    told, time = finder.told(outlet, at), Asked(at)
    yield timetable.opening_words(finder.opening_of(outlet, at), time, language, told.notices)
    yield from timetable.notice_lines(told.notices, time, language)


# -- for who keeps the list of outlets --


def _notice_rows(office: Office) -> Iterator[Row]:
    """The newest version of each."""
    yield "outlet name kind from until hours reason reason_en source author who at withdrawn".split()
    for filed in office.closures.newest():
        notice = filed.notice
        yield (
            *_named(office, notice.outlet_id),
            notice.kind.value,
            _iso(notice.from_),
            _iso(notice.until) if notice.until else "",
            notice.hours,
            notice.reason.zh,
            notice.reason.en,
            filed.source,
            filed.author,
            filed.who,
            _iso(filed.at),
            "yes" if filed.is_withdrawn else "no",
        )


def _checked_rows(office: Office) -> Iterator[Row]:
    yield "outlet name checked".split()
    for outlet_id, day in sorted(office.closures.checked().items()):
        yield (*_named(office, outlet_id), day.isoformat())


def _named(office: Office, outlet_id: str) -> tuple[str, str]:
    """An outlet that has left the list has no name."""
    outlet = office.finder.outlet(outlet_id)
    return outlet_id, outlet.name.zh if outlet else ""


def _iso(at: datetime) -> str:
    return in_china(at).isoformat(timespec="minutes")


_FILES: Final[Mapping[str, Callable[[Office], Iterator[Row]]]] = MappingProxyType(
    {"notices": _notice_rows, "checked": _checked_rows}
)
