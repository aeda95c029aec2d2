"""What the bot adds to the page of one hall: what to bring, and a page on which somebody says what is wrong there.

Law: what somebody wrote comes in a POST body only and is shown to nobody but them; the page that answers it is not stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from types import MappingProxyType
from typing import Final, NamedTuple

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from bot.adviser import Advising
from bot.bring import Case, cases_of, region_of, sources_of
from bot.faq import Knowledge
from bot.mistake import LONGEST, Mistake, Mistakes, Wrong
from bot.model import Region, Source
from bot.pace import TooFast
from bot.ports import Reused, StoreFailed
from bot.spoken import ON_PAGES
from bot.talk import Clock, Expired, Talk
from locator import timetable
from locator.errors import BadInput
from locator.files import guard
from locator.frame import Look, look_of, texts
from locator.guide import Guide
from locator.language import Language, mark
from locator.live import Current
from locator.model import Gap, Outlet, Service
from locator.outlet_page import Annex, Extras, path_of
from locator.settings import Settings

_PATH: Final = "/outlets/<outlet_id>/report"
_BUSY_S: Final = 5


class Hall(NamedTuple):
    """What an app puts in place."""

    pages: Blueprint
    annex: Annex


class Sent(NamedTuple):
    """The form as it came."""

    token: str = ""
    id: str = ""
    wrong: str = ""
    text: str = ""


class Shown(NamedTuple):
    """What the page shows: the form, with what was in it – or thanks."""

    sent: Sent
    problem: str = ""
    field: str = ""  # where it is
    status: int = 200
    wait_s: int = 0
    is_kept: bool = False


def make_hall(  # noqa: PLR0913, PLR0917 - all that it stands on
    live: Current[Guide],
    adviser: Advising,
    mistakes: Mistakes,
    talk: Talk,
    settings: Settings,
    now: Clock,
    keeps_days: int,
) -> Hall:
    """`now` gives an aware datetime; `keeps_days`: how long is kept what somebody wrote."""
    face = Face(live, mistakes, talk, now, keeps_days)
    pages = Blueprint("hall", __name__, template_folder="templates")
    pages.after_request(guard(settings))

    @pages.get(_PATH)
    def ask(outlet_id: str) -> Response:
        return face.page(face.hall(outlet_id), face.empty(), look_of(request.args))

    @pages.post(_PATH)
    def tell(outlet_id: str) -> Response:
        hall, look = face.hall(outlet_id), look_of(request.args)
        return face.page(hall, face.answer(hall, _sent(), _spoken(look)), look)

    def annex(hall: Outlet | Gap, look: Look) -> Extras:
        bring = _bring(hall, adviser.knowledge, _spoken(look)) if isinstance(hall, Outlet) else {}
        return Extras(bring, look.url(_report(hall)))

    return Hall(pages, annex)


# -- what to bring --


def _bring(outlet: Outlet, knowledge: Knowledge, language: Language) -> dict[Service, Markup]:
    region = region_of(outlet.city)
    found = ((service, cases_of(service, region, knowledge)) for service in Service)
    return {service: _papers(cases, region, language) for service, cases in found if cases}


def _papers(cases: tuple[Case, ...], region: Region, language: Language) -> Markup:
    entries = [entry for case in cases for entry in case.entries]
    holds = [_holds(case, region, language) for case in cases]
    is_same = len(set(holds)) == 1
    shown = render_template(
        "hall-bring.html",
        say=language.say,
        space=language.space,
        cases=[
            {
                "titles": [language.pick(entry.title) for entry in case.entries] if len(cases) > 1 else [],
                "holder": language.pick(case.papers.holder),
                "agent": language.pick(case.papers.agent) if case.papers.agent else "",
                "holds": "" if is_same else held,
            }
            for case, held in zip(cases, holds, strict=True)
        ],
        holds=holds[0] if is_same else "",
        names_agent=any(case.papers.agent for case in cases),
        # Each with its address, where citizens may see it.
        sources=[(_called(one, language), one.public_url) for one in sources_of(entries, region)],
        reviewed=timetable.date_words(min(entry.reviewed for entry in entries), language),
    )
    return Markup(shown)  # noqa: S704 - a template's


def _holds(case: Case, region: Region, language: Language) -> str:
    return language.say((_REGIONAL if case.papers.is_regional else _GENERAL)[region])


def _called(source: Source, language: Language) -> str:
    if not source.dated:
        return language.write(source.title)
    return language.say("{title} ({dated})", title=source.title, dated=source.dated)


# -- what is wrong --


@dataclass(frozen=True)
class Face:
    """What the page answers from."""

    live: Current[Guide]
    mistakes: Mistakes
    talk: Talk
    now: Clock
    keeps_days: int

    def hall(self, outlet_id: str) -> Outlet | Gap:
        """Raises NotFound."""
        finder = self.live.value.finder
        found = finder.outlet(outlet_id) or finder.gap(outlet_id)
        if found is None:
            raise NotFound
        return found

    def empty(self) -> Shown:
        return Shown(Sent(self.talk.visitor(), _new_id()))

    def answer(self, hall: Outlet | Gap, sent: Sent | None, language: Language) -> Shown:
        """Kept, or what to do instead; what was typed is not lost."""
        try:
            if sent is None:
                raise RequestEntityTooLarge
            visitor = self.talk.name(sent.token)
            self.mistakes.keep(_mistake(hall, sent), visitor, sent.id, self.now())
        except tuple(_REFUSALS) as refusal:
            return self._refused(sent or self.empty().sent, refusal, language)
        return Shown(sent, is_kept=True)

    def page(self, hall: Outlet | Gap, shown: Shown, look: Look) -> Response:
        language, path = _spoken(look), _report(hall)
        page = render_template(
            "hall-report.html",
            **texts(look, path) | {"language": language, "say": language.say},
            shown=shown,
            name=language.pick(hall.name),
            address=f"{hall.city}{hall.district}{hall.address}" if isinstance(hall, Outlet) else "",
            back=look.url(path_of(hall.id)),
            here=look.url(path),
            kinds=[(one.value, language.say(words)) for one, words in _KINDS.items()],
            longest=LONGEST,
            days=self.keeps_days,
        )
        response = make_response(page, shown.status)
        response.headers["Cache-Control"] = "no-store"  # it holds somebody's token, and what they wrote
        if shown.wait_s:
            response.headers["Retry-After"] = str(shown.wait_s)
        return response

    def _refused(self, sent: Sent, refusal: Exception, language: Language) -> Shown:
        status = next(status for kind, status in _REFUSALS.items() if isinstance(refusal, kind))
        field = refusal.field if isinstance(refusal, BadInput) else ""
        wait_s = refusal.wait_s if isinstance(refusal, TooFast) else 0
        again = sent._replace(
            token=self.talk.visitor() if isinstance(refusal, Expired) else sent.token,
            # What could not be kept may have been: the same id makes sure that it is kept once.
            id=sent.id if isinstance(refusal, StoreFailed) else _new_id(),
        )
        return Shown(
            again,
            problem=language.say(_FIELDS.get(field) or _PROBLEMS[status], seconds=wait_s),
            field=field if field in _FIELDS else "",
            status=status,
            wait_s=_BUSY_S if isinstance(refusal, StoreFailed) else wait_s,
        )


def _report(hall: Outlet | Gap) -> str:
    return f"{path_of(hall.id)}/report"


def _spoken(look: Look) -> Language:
    return ON_PAGES[look.language.code]


def _new_id() -> str:
    return token_urlsafe(16)


def _sent() -> Sent | None:
    """None when it is far too long to be read."""
    try:
        fields = {name: request.form.get(name, "") for name in Sent._fields}
    except RequestEntityTooLarge:
        return None
    fields["text"] = fields["text"].replace("\r\n", "\n").strip()
    return Sent(**fields)


def _mistake(hall: Outlet | Gap, sent: Sent) -> Mistake:
    """Raises BadInput."""
    if sent.wrong not in tuple(Wrong):
        raise BadInput("wrong", "must be one of those listed")
    if len(sent.text) > LONGEST:
        raise BadInput("text", f"must be at most {LONGEST} characters long")
    if sent.wrong == Wrong.OTHER and not sent.text:
        raise BadInput("words", "must say what is wrong")
    return Mistake(hall.id, Wrong(sent.wrong), sent.text)


# -- the sentences --

_REGIONAL: Final[Mapping[Region, str]] = MappingProxyType(
    {
        Region.SICHUAN: mark("This is what Sichuan asks for."),
        Region.CHONGQING: mark("This is what Chongqing asks for."),
    }
)
_GENERAL: Final[Mapping[Region, str]] = MappingProxyType(
    {
        Region.SICHUAN: mark(
            "This is what is asked for in general. Whether Sichuan asks for more we could not find."
        ),
        Region.CHONGQING: mark(
            "This is what is asked for in general. Whether Chongqing asks for more we could not find."
        ),
    }
)
_KINDS: Final[Mapping[Wrong, str]] = MappingProxyType(
    {
        Wrong.ADDRESS: mark("The address"),
        Wrong.PHONE: mark("The phone number"),
        Wrong.HOURS: mark("The opening hours"),
        Wrong.SERVICES: mark("What is done here"),
        Wrong.CLOSED: mark("This hall is closed for good or has moved"),
        Wrong.OTHER: mark("Something else"),
    }
)
_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "wrong": mark("Please choose what is wrong."),
        "words": mark("Please write in a few words what is wrong."),
        "text": mark("Please write it in plain words, at most 500 characters."),
    }
)
_REFUSALS: Final[Mapping[type[Exception], int]] = MappingProxyType(
    {
        Expired: 401,
        Reused: 409,
        RequestEntityTooLarge: 413,
        BadInput: 422,
        TooFast: 429,
        StoreFailed: 503,
    }
)
_ONCE_MORE: Final = mark("This page had been open for too long. Please send it once more.")
_PROBLEMS: Final[Mapping[int, str]] = MappingProxyType(
    {
        401: _ONCE_MORE,
        409: _ONCE_MORE,
        413: _FIELDS["text"],
        422: mark("This could not be read. Please choose again, and send it once more."),
        429: mark("That was a little fast for us. Please wait {seconds} seconds, then send it again."),
        503: mark("It could not be kept just now. Please send it again in a moment, or call 12333."),
    }
)
