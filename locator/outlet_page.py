"""The page of one outlet: all that is known of it, how it is known, and what is not.

Law: what nobody stated is said to be unknown, and nothing is left out because it is.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import segno
from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from locator import timetable, wording
from locator.cards import card_labels
from locator.engines import Listed, described, sitemap
from locator.files import guard
from locator.finder import Finder
from locator.frame import Look, look_of, texts
from locator.guide import Guide
from locator.hours import CHINA_TIME
from locator.language import CHINESE, LANGUAGES, Language
from locator.links import map_links
from locator.live import Current
from locator.model import Gap, Offer, Outlet, Service
from locator.settings import Settings

Clock = Callable[[], datetime]

_GONE: Final = 410
_OTHERS: Final = 5
_QR_MODULE: Final = 3  # pixels


class Extras(NamedTuple):
    """What an app adds to the page of one outlet."""

    bring: Mapping[Service, Markup] = {}  # what to bring, folded below each service
    report: str = ""  # the page on which somebody says what is wrong here


Annex = Callable[[Outlet | Gap, Look], Extras]


def no_annex(_outlet: Outlet | Gap, _look: Look) -> Extras:
    return Extras()


def make_outlet_pages(
    live: Current[Guide], settings: Settings, now: Clock, annex: Annex = no_annex
) -> Blueprint:
    """`now` gives an aware datetime, `annex` what an app adds to each page."""
    pages = Blueprint("outlet_pages", __name__, template_folder="templates")
    pages.after_request(guard(settings))

    @pages.get("/outlets/<outlet_id>")
    def outlet(outlet_id: str) -> Response:
        finder, look = live.value.finder, look_of(request.args)
        found = finder.outlet(outlet_id) or finder.gap(outlet_id)
        if found is None:
            return _gone(outlet_id, finder, look)
        extras = annex(found, look)
        shown = _gap(found, look) if isinstance(found, Gap) else _outlet(found, finder, look, now(), extras)
        page = render_template(
            "outlet.html", **_page(outlet_id, look), **shown, report=extras.report, settings=settings
        )
        answer = make_response(page)
        answer.headers["Cache-Control"] = "no-cache"  # it says "open now"
        return answer

    @pages.get("/sitemap.xml")
    def listed() -> Response:
        return Response(sitemap(_listed(live.value.finder)), content_type="application/xml")

    @pages.get("/robots.txt")
    def robots() -> Response:
        return Response(
            f"User-agent: *\nAllow: /\nSitemap: {request.url_root}sitemap.xml\n", content_type="text/plain"
        )

    return pages


def path_of(outlet_id: str) -> str:
    return f"/outlets/{quote(outlet_id)}"


def _page(outlet_id: str, look: Look) -> dict[str, Any]:
    path = path_of(outlet_id)
    return {
        **texts(look, path),
        "labels": card_labels(look.language),
        "root": _root(),
        "canonical": _root() + Look(look.language).url(path),
    }


def _root() -> str:
    return request.url_root.rstrip("/")


# -- an outlet --


def _outlet(outlet: Outlet, finder: Finder, look: Look, at: datetime, extras: Extras) -> dict[str, Any]:
    language, url = look.language, _root() + path_of(outlet.id)
    today = at.astimezone(CHINA_TIME).date()
    opening, told, time = finder.opening_of(outlet, at), finder.told(outlet, at), timetable.Asked(at)
    services = [_service(outlet, service, extras, language) for service in Service]
    return {
        "outlet": outlet,
        "name": language.pick(outlet.name),
        "original": f"{outlet.city}{outlet.district}{outlet.address}",
        "opening": opening,
        "opening_words": timetable.opening_words(opening, time, language, told.notices),
        "is_shut": timetable.is_shut(told.notices, time),
        "notices": timetable.told_lines(told.notices, time, language),
        "told": _told(outlet, language),
        # Chinese in its own script; on an English page it stays as the source has it.
        "written_in": language.code if language.short == CHINESE.short else CHINESE.code,
        "week": _week(outlet, finder, language, at),
        "usual": timetable.usual_lines(outlet.hours, language),
        "services": services,
        "has_bring": any(bring for _, bring in services),
        "note": wording.access_words(outlet, language),
        "links": [(language.pick(link.name), link.url) for link in map_links(outlet)],
        "checked": _day(told.checked or outlet.checked, language),
        "until": _day(outlet.until, language),
        "is_over": outlet.until is not None and outlet.until < today,
        "today": _day(today, language),
        "qr": Markup(segno.make(url, error="m").svg_inline(scale=_QR_MODULE, omitsize=True, border=2)),  # noqa: S704 - segno's own
        "described": described(outlet, url),
    }


def _told(outlet: Outlet, language: Language) -> str:
    """In one line, for who looks at a list of pages: where it is, its phone, its hours; that it may not be the place."""
    address = language.write(f"{outlet.city}{outlet.district}{outlet.address}")
    parts = (address, outlet.phone, *timetable.usual_line(outlet.hours, language))
    known = language.say("; ").join(filter(None, parts))
    return language.say(
        "{known}. {status}", known=known, status=wording.status_words(outlet.status, language)
    )


def _week(outlet: Outlet, finder: Finder, language: Language, at: datetime) -> list[str]:
    """Today and the six days after it, by the calendar; none when nobody stated hours."""
    today = at.astimezone(CHINA_TIME).date()
    days = [finder.day_of(outlet, today + timedelta(ahead)) for ahead in range(7)]
    is_known = outlet.hours or any(day.spans is not None for day in days)
    return list(timetable.week_lines(days, language)) if is_known else []


def _service(outlet: Outlet, service: Service, extras: Extras, language: Language) -> tuple[str, Markup]:
    """What is known of it, and what to bring; nothing is brought where it is known not to be done."""
    offer = outlet.offers(service)
    bring = Markup() if offer is Offer.NO else extras.bring.get(service, Markup())
    return wording.offer_words(service, offer, language), bring


def _day(day: date | None, language: Language) -> str:
    return timetable.date_words(day, language) if day else ""


# -- none --


def _gap(gap: Gap, look: Look) -> dict[str, Any]:
    return {
        "gap": gap,
        "name": look.language.pick(gap.name),
        "notice": wording.gap_notice(gap, look.language),
    }


def _gone(outlet_id: str, finder: Finder, look: Look) -> Response:
    """An id begins with its district: what is left there. One that begins with none never was ours."""
    district = outlet_id.partition("-")[0]
    others = [one for one in finder.outlets if one.id.partition("-")[0] == district]
    gap = finder.gap(f"gap-{district}")
    if not others and gap is None:
        raise NotFound
    shown = render_template(
        "outlet.html",
        **_page(outlet_id, look),
        name="",
        gap=gap,
        notice=wording.gap_notice(gap, look.language) if gap else "",
        others=[(look.language.pick(one.name), look.url(path_of(one.id))) for one in others[:_OTHERS]],
    )
    return make_response(shown, _GONE)


# -- all of them --


def _listed(finder: Finder) -> list[Listed]:
    """Every page that stands still."""
    halls = (Listed(_addresses(path_of(outlet.id)), outlet.checked) for outlet in finder.outlets)
    return [Listed(_addresses("/")), *halls]


def _addresses(path: str) -> dict[str, str]:
    return {language.code: _root() + Look(language).url(path) for language in LANGUAGES.values()}
