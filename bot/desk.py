"""What every page of the desk is drawn with: who is there, where they may go, and which keys do what.

Law: what a page shows comes from the request's Visit, which `gate` has made; nothing here decides who may do what.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from flask import Response, g, make_response, render_template, request
from markupsafe import Markup

from bot.presence import SignedIn
from bot.rights import allows
from bot.settings import HERE
from bot.spoken import SPOKEN, spoken
from bot.staff import Role, Staff
from locator.files import OWN
from locator.hours import in_china
from locator.language import CHINESE, ENGLISH, Language, mark

FILES: Final = OWN.beside("bot", HERE / "static")
FORM_FIELD: Final = "form_token"
FORM_HEADER: Final = "X-Form-Token"


class Place(NamedTuple):
    """A part of the desk, in the line on top of each page."""

    endpoint: str
    url: str
    name: str  # a marked sentence


class Key(NamedTuple):
    """What a key does, as the list of keys tells it."""

    keys: str  # as they are printed on the keys, spaces between: "/", "Esc", "g 1–9"
    does: str  # a marked sentence


PLACES: Final = (
    Place("lookup.home", "/desk", mark("Look-up")),
    Place("queue.home", "/desk/queue", mark("Questions")),
    Place("closures.outlets", "/desk/outlets", mark("Halls")),
    Place("missed.home", "/desk/misses", mark("Unanswered")),
    Place("drafts.home", "/desk/drafts", mark("Knowledge")),
    Place("statistics.home", "/desk/statistics", mark("Statistics")),
    Place("audit.home", "/desk/audit", mark("What was done")),
    Place("signin.account", "/desk/account", mark("My account")),
)
_KEYS: Final = (
    Key("g 1–9", mark("Go to a part of the desk, by its number")),
    Key("Esc", mark("Close what is open")),
    Key("?", mark("Show this list")),
)
_ROLES: Final = {Role.AGENT: mark("Agent"), Role.EDITOR: mark("Editor"), Role.ADMIN: mark("Administrator")}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to the desk."""

    token: str  # the browser's own: of a sign-in, or of somebody who may sign in
    signed_in: SignedIn | None
    form_token: str
    language: Language


def visit() -> Visit:
    """That of this request."""
    this: Visit = g.desk_visit
    return this


def staff() -> Staff:
    """Who is signed in. Only where `rights` asks for a role: there somebody is."""
    signed_in = visit().signed_in
    if signed_in is None:
        raise LookupError("nobody is signed in; give the route a role in `rights`")
    return signed_in.staff


def page(template: str, *, status: int = 200, keys: Sequence[Key] = (), **values: Any) -> Response:
    """A template that extends desk-frame.html. `keys`: those of this page, told before the desk's own."""
    this = visit()
    return make_response(render_template(template, **_frame(this, keys), **values), status)


def just_done(sentences: Mapping[str, str], **values: Any) -> str:
    """What was just done: the one of these that a redirect named; filled with `values`. "" when it named none."""
    sentence = sentences.get(request.args.get("said", "")) if request.method == "GET" else None
    return visit().language.say(sentence, **values) if sentence else ""


def time_words(at: datetime) -> str:
    """To the minute, in China."""
    return f"{in_china(at):%Y-%m-%d %H:%M}"


def _frame(this: Visit, keys: Sequence[Key]) -> dict[str, Any]:
    say = this.language.say
    return {
        "language": this.language,
        "say": say,
        "asset": FILES.url,
        "staff": this.signed_in and this.signed_in.staff,
        "role": this.signed_in and say(_ROLES[this.signed_in.staff.role]),
        "places": _places(this),
        "keys": [(key.keys.split(), say(key.does)) for key in (*keys, *_KEYS)],
        "form_token": this.form_token,
        "token_header": FORM_HEADER,
        "form_field": Markup('<input type="hidden" name="{}" value="{}">').format(
            FORM_FIELD, this.form_token
        ),
        "other_language": _LANGUAGES[CHINESE.code if this.language.code == ENGLISH.code else ENGLISH.code],
        "way_back": request.path if request.method == "GET" else PLACES[0].url,
    }


def _places(this: Visit) -> list[tuple[str, str, bool]]:
    """The URL and the name of each that this person may go to, and whether they are there."""
    if this.signed_in is None:
        return []
    role = this.signed_in.staff.role
    return [
        (place.url, this.language.say(place.name), place.endpoint == request.endpoint)
        for place in PLACES
        if allows(role, place.endpoint, "GET")
    ]


# -- languages: our sentences, and the locator's, whose parts stand on our pages --

_LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {
        code: replace(one, sentences={**CHINESE.sentences, **one.sentences} if one.sentences else {})
        for code, one in SPOKEN.items()
    }
)


def desk_language(tag: str) -> Language:
    """The language that a BCP 47 tag means; Chinese when it means none of ours."""
    return _LANGUAGES[spoken(tag).code]
