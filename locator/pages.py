"""The page: a form and a list that work without scripts; with scripts, a map beside them.

Law: a position or a typed place comes in a POST body only; the answer to it is not stored, and its links tell nobody
where they were followed from. Districts and filters may stand in the URL.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from locator import timetable, wording
from locator.cards import Json, card_json, card_labels, card_of
from locator.errors import BadInput
from locator.files import OWN, allow_own_styles, guard
from locator.finder import Finder
from locator.frame import Look, dialable, look_of, texts, whole
from locator.guide import Guide
from locator.hours import CHINA_TIME
from locator.language import ENGLISH, Language, list_words
from locator.listing import DISTRICTS
from locator.live import Current
from locator.loosen import Condition, Way, conditions_of, ways_out
from locator.model import Level, Name, Nearest, Place, Query, Result, Service, Status
from locator.parse import NOW, parse_nearest
from locator.search import NOTHING_READ, Read, Reading, read_place
from locator.settings import Settings
from locator.suggest import Suggestions

Clock = Callable[[], datetime]
Panel = Callable[[Look], Markup]  # a part of the first page that an app adds

CHOSEN: Final = "chosen"  # the form's word for: open at the time in `when`
_GEOCODERS: Final = {
    "nominatim": Name("OpenStreetMap Nominatim", "OpenStreetMap Nominatim"),
    "baidu": Name("百度地图", "Baidu Maps"),
    "tianditu": Name("天地图", "Tianditu"),
}
_BROKEN: Final = 500
_LISTED: Final = 5
# Doors known to be open come first and may be far off: leave room for nearer ones whose hours nobody knows.
_LISTED_BY_TIME: Final = 10
_LONGEST_NUMBER: Final = 40
_AN_HOUR: Final = "public, max-age=3600"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields as they were typed: shown again as they are."""

    place: str = ""
    lat: str = ""
    lon: str = ""
    datum: str = ""
    district: str = ""  # measured from there, as if it had been typed
    service: str = ""
    status: str = ""
    open: str = ""  # "", NOW or CHOSEN
    when: str = ""  # as <input type=datetime-local> writes it
    use_geocoder: str = ""

    def filters(self) -> dict[str, str]:
        """What of it may stand in a URL."""
        given = {
            "service": self.service,
            "status": self.status,
            "open": self.open,
            "when": self.when if self.open == CHOSEN else "",
            "district": self.district,
        }
        return {name: value for name, value in given.items() if value}

    def fields(self) -> dict[str, str]:
        """What it takes to send it again."""
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name)}


FIELDS: Final = tuple(Form.__dataclass_fields__)
_FILTERS: Final = ("district", "service", "status", "open", "when")  # what a URL may ask for
_FIELDS_OF: Final = {
    Condition.SERVICE: ("service",),
    Condition.OPEN: ("open", "when"),
    Condition.STATUS: ("status",),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The form, and what came of it."""

    form: Form = Form()
    query: Query | None = None
    result: Result | None = None
    refusal: BadInput | None = None
    reading: Reading = NOTHING_READ

    @property
    def stands_in_a_url(self) -> bool:
        """Whether all that was asked may: a district, and what else was chosen from a list."""
        return bool(self.form.district) and not self.form.place and self.refusal is None


@dataclass(frozen=True, slots=True)
class Looser:
    """What to press when nothing fits: what it lets go of, and the form without that."""

    words: str
    form: Form


def no_panel(_: Look) -> Markup:
    return Markup()


def make_pages(
    live: Current[Guide], settings: Settings, now: Clock, panel: Panel = no_panel, read: Read = read_place
) -> Blueprint:
    """`/`, `/docs` and their files. `now` gives an aware datetime, `panel` what an app adds to the first page."""
    pages = Blueprint("pages", __name__, template_folder="templates")
    pages.add_app_template_filter(dialable, "dialable")
    pages.add_app_template_filter(whole, "whole")
    pages.after_request(guard(settings))
    _add_files(pages, live, settings)

    @pages.get("/")
    def home() -> Response:
        finder = live.value.finder
        response = _page(_answer_url(finder, request.args, now()), finder, settings, panel)
        response.headers["Cache-Control"] = "no-cache"  # it may say "open now"
        return response

    @pages.post("/")
    def find() -> Response:
        finder = live.value.finder
        answer = _answer_form(finder, settings, now(), read)
        if answer.stands_in_a_url:  # so it can be come back to, and handed on
            return _moved(look_of(request.args).url("/", **answer.form.filters()))
        response = _page(answer, finder, settings, panel)
        response.headers["Cache-Control"] = "no-store"
        return response

    return pages


def _moved(url: str) -> Response:
    return make_response(redirect(f"{url}#results", 303))


def lost_page(settings: Settings, error: HTTPException) -> Response:
    """What somebody reads whose address leads nowhere, or whose request broke something here."""
    shown = render_template("lost.html", **texts(look_of(request.args)), broken=error.code == _BROKEN)
    return guard(settings)(make_response(shown, error.code or _BROKEN))


# -- what came in --


def _answer_url(finder: Finder, fields: Mapping[str, str], at: datetime) -> Answer:
    """Districts and filters only."""
    form = Form(**{name: fields.get(name, "") for name in _FILTERS})
    return _answer(finder, form, at) if form.district else Answer(form)


def _answer_form(finder: Finder, settings: Settings, at: datetime, read: Read) -> Answer:
    try:
        fields = {name: request.form.get(name, "") for name in FIELDS}
    except RequestEntityTooLarge:
        return Answer(refusal=BadInput("place", "is far too long"))
    if not settings.geocoder:
        fields["use_geocoder"] = ""
    text = fields["place"].strip()
    if not text:
        return _answer(finder, _settled(Form(**fields)), at)
    reading = read(text, at, look_of(request.args))
    form = _settled(Form(**reading.into(fields)))
    is_placed = form.place or form.lat or form.district
    answer = _answer(finder, form, at) if is_placed else Answer(form)
    return replace(answer, form=replace(form, place=form.place or reading.question), reading=reading)


def _settled(form: Form) -> Form:
    """With one place to measure from: a district that was chosen gives way to a text or a position."""
    return replace(form, district="") if form.place.strip() or form.lat else form


def _answer(finder: Finder, form: Form, at: datetime) -> Answer:
    try:
        query = parse_nearest(_body(form), at=at)
        return Answer(form, query, finder.find(query))
    except BadInput as refusal:
        return Answer(form, refusal=refusal)


def _body(form: Form) -> dict[str, Any]:
    """The form in the words of a request body. Empty fields are left out."""
    body: dict[str, Any] = {
        "place": form.place.strip() or _district(form),
        "service": form.service,
        "open_at": _open_at(form),
        "limit": _LISTED_BY_TIME if form.open else _LISTED,
    }
    if form.status:
        body["status"] = [form.status]
    if form.lat or form.lon:
        body |= {"lat": _number(form.lat, "lat"), "lon": _number(form.lon, "lon"), "datum": form.datum}
    given = {name: value for name, value in body.items() if value != ""}
    return given | {"use_geocoder": bool(form.use_geocoder)}


def _district(form: Form) -> str:
    if form.district and form.district not in DISTRICTS:
        raise BadInput("district", "is not a present-day district here")
    return form.district


def _open_at(form: Form) -> str:
    if form.open in ("", NOW):
        return form.open
    if form.open != CHOSEN or not form.when:
        raise BadInput("open_at", "must be a time like 2026-10-10 10:00, or now")
    return form.when


def _number(text: str, field: str) -> float:
    try:
        return float(text[:_LONGEST_NUMBER])
    except ValueError:
        raise BadInput(field, "must be a number of degrees") from None


# -- what is shown --


def _page(answer: Answer, finder: Finder, settings: Settings, panel: Panel) -> Response:
    look = look_of(request.args)
    language = look.language
    # What was refused may be any text, and none of it goes into a URL.
    kept = {} if answer.refusal else answer.form.filters()
    shown = render_template(
        "page.html",
        **texts(look, "/", **kept),
        form=answer.form,
        result=answer.result,
        refusal=answer.refusal,
        reading=answer.reading,
        read_time=_read_time(answer, language),
        kind=type(answer.result).__name__,
        cards=_cards(answer, language),
        labels=card_labels(language),
        panel=panel(look),
        time=_chosen_time(answer, language),
        misfit=_misfit_words(answer, language),
        loosers=_loosers(answer, finder, language),
        services=tuple(Service),
        statuses=(Status.OFFICIAL, Status.UNCONFIRMED),
        cities=[(place.name, finder.gazetteer.districts_of(place.city)) for place in _cities(finder)],
        geocoder=language.pick(_GEOCODERS[settings.geocoder]) if settings.geocoder else "",
        about=_is_unofficial(answer, finder),
        atlas=finder.atlas,
        settings=settings,
        posted=request.method == "POST",
        url=partial(look.url, "/", **kept),
        sent_as=_sent_as,
    )
    return make_response(shown, 422 if answer.refusal else 200)


def _misfit_words(answer: Answer, language: Language) -> str:
    """What nothing fits, said where nothing does."""
    if answer.query is None:
        return ""
    conditions = [_condition(one, answer.query, language) for one in conditions_of(answer.query.filter)]
    if len(conditions) > 1:
        return language.say("No hall fits {conditions} at once.", conditions=_quoted(conditions, language))
    return language.say("No hall fits {conditions}.", conditions=_quoted(conditions, language))


def _loosers(answer: Answer, finder: Finder, language: Language) -> list[Looser]:
    """None where something fits."""
    query, result = answer.query, answer.result
    if query is None or not isinstance(result, Nearest) or result.hits:
        return []
    ways = ways_out(query.filter, lambda wanted: len(finder.listed(wanted)))
    return [_looser(way, answer.form, query, language) for way in ways]


def _looser(way: Way, form: Form, query: Query, language: Language) -> Looser:
    given_up = _quoted([_condition(one, query, language) for one in way.dropped], language)
    words = language.say("Without {what}: {n} halls", what=given_up, n=way.leaves)
    return Looser(words, replace(form, **{field: "" for one in way.dropped for field in _FIELDS_OF[one]}))


def _quoted(conditions: list[str], language: Language) -> str:
    return list_words((language.say("“{what}”", what=one) for one in conditions), language)


def _condition(one: Condition, query: Query, language: Language) -> str:
    """In words: 补卡; 10月10日（周六）10:00 开门."""
    wanted = query.filter
    if one is Condition.SERVICE and wanted.service:
        return wording.service_words(wanted.service, language)
    if one is Condition.OPEN:
        return timetable.wanted_words(query, language)
    return list_words((wording.kind_words(status, language) for status in wanted.statuses), language)


def _is_unofficial(answer: Answer, finder: Finder) -> bool:
    """Whether the empty page must say that the published list is not here."""
    if answer.result or answer.refusal or answer.reading != NOTHING_READ:
        return False
    return not any(outlet.status is Status.OFFICIAL for outlet in finder.outlets)


def _cities(finder: Finder) -> list[Place]:
    return [place for place in finder.gazetteer.places if place.level is Level.CITY]


def _sent_as(place: Place) -> str:
    """What a choice sends: city, district and name, which name just one place."""
    parts = (place.city, place.district, place.name.zh)
    return "".join(dict.fromkeys(part for part in parts if part))


def _chosen_time(answer: Answer, language: Language) -> str:
    if answer.query is None or not timetable.asked(answer.query).chosen:
        return ""
    return timetable.time_words(timetable.asked(answer.query).at, language)


def _read_time(answer: Answer, language: Language) -> str:
    """The time that the text in the box named, unless the form named another one."""
    reading, form = answer.reading, answer.form
    if not reading.open or (reading.open, reading.when) != (form.open, form.when):
        return ""
    if reading.open == NOW:
        return language.say("Open now")
    return timetable.time_words(datetime.fromisoformat(reading.when).replace(tzinfo=CHINA_TIME), language)


def _cards(answer: Answer, language: Language) -> list[Json]:
    query, result = answer.query, answer.result
    if query is None or not isinstance(result, Nearest):
        return []
    cards = (card_of(hit, query, result.origin, language) for hit in result.hits)
    return [card_json(card, number, language) for number, card in enumerate(cards, start=1)]


# -- files --


def _add_files(pages: Blueprint, live: Current[Guide], settings: Settings) -> None:
    @pages.get("/static/<path:name>")
    def static(name: str) -> Response:
        return OWN.answer(name)

    suggestions = Suggestions()

    @pages.get("/suggestions.json")
    def suggested() -> Response:
        """What the search box offers while somebody types."""
        body, edition = suggestions.of(live.value.finder, look_of(request.args).language)
        answer = make_response(body)
        answer.mimetype = "application/json"
        answer.headers["Cache-Control"] = _AN_HOUR
        answer.set_etag(edition)
        answer.make_conditional(request)
        return answer

    @pages.get("/docs")
    def docs() -> Response:
        # Swagger UI writes its own styles into the page.
        return allow_own_styles(make_response(render_template("docs.html", **texts(Look(ENGLISH)))), settings)
