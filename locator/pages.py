"""The page: a form and a list that work without scripts; with scripts, a map beside them.

Law: a position or a typed place comes in a POST body only; the answer to it is not stored, and its links tell nobody
where they were followed from. Districts and filters may stand in the URL.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from locator import timetable
from locator.cards import Json, card_json, card_labels, card_of
from locator.errors import BadInput
from locator.files import OWN, allow_own_styles, guard
from locator.finder import Finder
from locator.frame import dialable, in_language, texts, whole
from locator.guide import Guide
from locator.language import ENGLISH, Language, language_of
from locator.live import Live
from locator.model import Level, Name, Nearest, Place, Query, Result, Service, Status
from locator.parse import NOW, parse_nearest
from locator.settings import Settings

Clock = Callable[[], datetime]
Panel = Callable[[Language], Markup]  # a part of the first page that an app adds

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
    service: str = ""
    open: str = ""  # "", NOW or CHOSEN
    when: str = ""  # as <input type=datetime-local> writes it
    use_geocoder: str = ""

    def filters(self) -> dict[str, str]:
        """What of it may stand in a URL."""
        given = {"service": self.service, "open": self.open, "when": self.when if self.open == CHOSEN else ""}
        return {name: value for name, value in given.items() if value}

    def fields(self) -> dict[str, str]:
        """What it takes to send it again."""
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name)}


FIELDS: Final = ("place", "lat", "lon", "datum", "service", "open", "when", "use_geocoder")


@dataclass(frozen=True, slots=True)
class Answer:
    """The form, and what came of it."""

    form: Form = Form()
    query: Query | None = None
    result: Result | None = None
    refusal: BadInput | None = None


def no_panel(_: Language) -> Markup:
    return Markup()


def make_pages(live: Live[Guide], settings: Settings, now: Clock, panel: Panel = no_panel) -> Blueprint:
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
        response = _page(_answer_form(finder, settings, now()), finder, settings, panel)
        response.headers["Cache-Control"] = "no-store"
        return response

    return pages


def lost_page(settings: Settings, error: HTTPException) -> Response:
    """What somebody reads whose address leads nowhere, or whose request broke something here."""
    shown = render_template(
        "lost.html", **texts(language_of(request.args.get("lang", ""))), broken=error.code == _BROKEN
    )
    return guard(settings)(make_response(shown, error.code or _BROKEN))


# -- what came in --


def _answer_url(finder: Finder, fields: Mapping[str, str], at: datetime) -> Answer:
    """Districts and filters only. A district means: measured from there, as if it had been typed."""
    filters = {name: fields.get(name, "") for name in ("service", "open", "when")}
    district = fields.get("district", "")
    if not district:
        return Answer(Form(**filters))
    if district not in {unit for _, unit in finder.gazetteer.units}:
        return Answer(Form(**filters), refusal=BadInput("district", "is not a present-day district here"))
    return _answer(finder, Form(place=district, **filters), at)


def _answer_form(finder: Finder, settings: Settings, at: datetime) -> Answer:
    try:
        fields = {name: request.form.get(name, "") for name in FIELDS}
    except RequestEntityTooLarge:
        return Answer(refusal=BadInput("place", "is far too long"))
    if not settings.geocoder:
        fields["use_geocoder"] = ""
    if fields["place"].strip():  # it has the last word over a position left in the form
        fields |= {"lat": "", "lon": "", "datum": ""}
    return _answer(finder, Form(**fields), at)


def _answer(finder: Finder, form: Form, at: datetime) -> Answer:
    try:
        query = parse_nearest(_body(form), at=at)
        return Answer(form, query, finder.find(query))
    except BadInput as refusal:
        return Answer(form, refusal=refusal)


def _body(form: Form) -> dict[str, Any]:
    """The form in the words of a request body. Empty fields are left out."""
    body: dict[str, Any] = {"place": form.place.strip(), "service": form.service, "open_at": _open_at(form)}
    body["limit"] = _LISTED_BY_TIME if form.open else _LISTED
    if form.lat or form.lon:
        body |= {"lat": _number(form.lat, "lat"), "lon": _number(form.lon, "lon"), "datum": form.datum}
    given = {name: value for name, value in body.items() if value != ""}
    return given | {"use_geocoder": bool(form.use_geocoder)}


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
    # The language stands in the URL, so that it outlives a POST without a cookie.
    language = language_of(request.args.get("lang", ""))
    shown = render_template(
        "page.html",
        **texts(language),
        form=answer.form,
        result=answer.result,
        refusal=answer.refusal,
        kind=type(answer.result).__name__,
        cards=_cards(answer, language),
        labels=card_labels(language),
        panel=panel(language),
        time=_chosen_time(answer, language),
        services=tuple(Service),
        cities=[(place.name, finder.gazetteer.districts_of(place.city)) for place in _cities(finder)],
        geocoder=language.pick(_GEOCODERS[settings.geocoder]) if settings.geocoder else "",
        about=_is_unofficial(answer, finder),
        settings=settings,
        posted=request.method == "POST",
        # What was refused may be any text, and none of it goes into a URL.
        url=partial(_url, Form() if answer.refusal else answer.form, language),
        sent_as=_sent_as,
    )
    return make_response(shown, 422 if answer.refusal else 200)


def _is_unofficial(answer: Answer, finder: Finder) -> bool:
    """Whether the empty page must say that the published list is not here."""
    if answer.result or answer.refusal:
        return False
    return not any(outlet.status is Status.OFFICIAL for outlet in finder.outlets)


def _cities(finder: Finder) -> list[Place]:
    return [place for place in finder.gazetteer.places if place.level is Level.CITY]


def _url(form: Form, language: Language, **more: str) -> str:
    """This page with the same filters. Never with a typed place or a position."""
    return in_language("/", language, **form.filters(), **more)


def _sent_as(place: Place) -> str:
    """What a choice sends: city, district and name, which name just one place."""
    parts = (place.city, place.district, place.name.zh)
    return "".join(dict.fromkeys(part for part in parts if part))


def _chosen_time(answer: Answer, language: Language) -> str:
    if answer.query is None or not timetable.asked(answer.query).chosen:
        return ""
    return timetable.time_words(timetable.asked(answer.query).at, language)


def _cards(answer: Answer, language: Language) -> list[Json]:
    query, result = answer.query, answer.result
    if query is None or not isinstance(result, Nearest):
        return []
    cards = (card_of(hit, query, result.origin, language) for hit in result.hits)
    return [card_json(card, number, language) for number, card in enumerate(cards, start=1)]


# -- files --


def _add_files(pages: Blueprint, live: Live[Guide], settings: Settings) -> None:
    @pages.get("/static/<path:name>")
    def static(name: str) -> Response:
        return OWN.answer(name)

    @pages.get("/districts.json")
    def districts() -> Response:
        """The names on the offline map."""
        named = [
            place
            for city in _cities(live.value.finder)
            for place in live.value.finder.gazetteer.districts_of(city.city)
        ]
        answer = make_response([_label(place) for place in named if place.point])
        answer.headers["Cache-Control"] = _AN_HOUR
        return answer

    @pages.get("/docs")
    def docs() -> Response:
        # Swagger UI writes its own styles into the page.
        return allow_own_styles(make_response(render_template("docs.html", **texts(ENGLISH))), settings)


def _label(place: Place) -> dict[str, Any]:
    point = place.point
    return {"zh": place.name.zh, "en": place.name.en, "lat": point and point.lat, "lon": point and point.lon}
