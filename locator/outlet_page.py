"""The page of one outlet: all that is known of it and how it is known; and the map of the site for search engines.

Law: what nobody stated is said to be unknown, and nothing is left out because it is.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

import segno
from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from locator import timetable, wording
from locator.cards import card_labels
from locator.files import guard
from locator.finder import Finder
from locator.frame import in_language, texts
from locator.guide import Guide
from locator.hours import CHINA_TIME, read_hours, week
from locator.language import ENGLISH, Language, language_of
from locator.links import map_links
from locator.live import Live
from locator.model import Gap, Outlet, Service
from locator.settings import Settings

Clock = Callable[[], datetime]

_SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_GONE: Final = 410
_OTHERS: Final = 5
_QR_MODULE: Final = 3  # pixels


def make_outlet_pages(live: Live[Guide], settings: Settings, now: Clock) -> Blueprint:
    """`now` gives an aware datetime."""
    pages = Blueprint("outlet_pages", __name__, template_folder="templates")
    pages.after_request(guard(settings))

    @pages.get("/outlets/<outlet_id>")
    def outlet(outlet_id: str) -> Response:
        finder, language = live.value.finder, language_of(request.args.get("lang", ""))
        found = finder.outlet(outlet_id) or finder.gap(outlet_id)
        if isinstance(found, Outlet):
            shown = _shown(found, finder, language, now())
        elif isinstance(found, Gap):
            shown = _gap(found, language)
        else:
            return _gone(outlet_id, finder, language)
        answer = make_response(render_template("outlet.html", **_page(outlet_id, language), **shown))
        answer.headers["Cache-Control"] = "no-cache"  # it says "open now"
        return answer

    @pages.get("/sitemap.xml")
    def sitemap() -> Response:
        return Response(_sitemap(live.value.finder), content_type="application/xml")

    @pages.get("/robots.txt")
    def robots() -> Response:
        return Response(
            f"User-agent: *\nAllow: /\nSitemap: {request.url_root}sitemap.xml\n", content_type="text/plain"
        )

    return pages


def path_of(outlet_id: str) -> str:
    return f"/outlets/{quote(outlet_id)}"


def _page(outlet_id: str, language: Language) -> dict[str, Any]:
    path = path_of(outlet_id)
    return {
        **texts(language, path),
        "labels": card_labels(language),
        "address_of_page": request.url_root.rstrip("/") + path,
    }


# -- an outlet --


def _shown(outlet: Outlet, finder: Finder, language: Language, at: datetime) -> dict[str, Any]:
    url = request.url_root.rstrip("/") + path_of(outlet.id)
    return {
        "outlet": outlet,
        "name": language.pick(outlet.name),
        "address": f"{outlet.city}{outlet.district}{outlet.address}",
        "opening": finder.opening_of(outlet, at),
        "opening_words": timetable.opening_words(
            finder.opening_of(outlet, at), timetable.Asked(at), language
        ),
        "week": _week(outlet, finder, language, at),
        "usual": timetable.usual_lines(outlet.hours, language),
        "services": [_service(outlet, service, language) for service in Service],
        "note": wording.access_words(outlet, language),
        "links": [(language.pick(link.name), link.url) for link in map_links(outlet)],
        "qr": Markup(segno.make(url, error="m").svg_inline(scale=_QR_MODULE, omitsize=True, border=2)),  # noqa: S704 - segno's own
        "described": _described(outlet, url),
    }


def _week(outlet: Outlet, finder: Finder, language: Language, at: datetime) -> list[str]:
    """Today and the six days after it, by the calendar; none when nobody stated hours."""
    if not outlet.hours:
        return []
    today = at.astimezone(CHINA_TIME).date()
    hours = read_hours(outlet.hours)
    monday = today - timedelta(today.weekday())
    days = [
        day
        for start in (monday, monday + timedelta(weeks=1))
        for day in week(hours, start, finder.calendar)
        if today <= day.date < today + timedelta(weeks=1)
    ]
    return list(timetable.week_lines(days, language))


def _service(outlet: Outlet, service: Service, language: Language) -> str:
    return wording.offer_words(service, outlet.offers(service), language)


def _described(outlet: Outlet, url: str) -> dict[str, Any]:
    """For search engines, in schema.org's words. A position only where it is the door's."""
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "GovernmentOffice",
        "@id": url,
        "url": url,
        "name": outlet.name.zh,
        "alternateName": outlet.name.en,
        "address": {
            "@type": "PostalAddress",
            "addressCountry": "CN",
            "addressRegion": outlet.city,
            "addressLocality": outlet.district,
            "streetAddress": outlet.address,
        },
    }
    if outlet.phone:
        described["telephone"] = outlet.phone
    if outlet.precision.is_exact:
        described["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": outlet.point.lat,
            "longitude": outlet.point.lon,
        }
    return described


# -- none --


def _gap(gap: Gap, language: Language) -> dict[str, Any]:
    return {"gap": gap, "name": language.pick(gap.name), "notice": wording.gap_notice(gap, language)}


def _gone(outlet_id: str, finder: Finder, language: Language) -> Response:
    """An id begins with its district: what is left there. One that begins with none never was ours."""
    district = outlet_id.partition("-")[0]
    others = [one for one in finder.outlets if one.id.partition("-")[0] == district]
    gap = finder.gap(f"gap-{district}")
    if not others and gap is None:
        raise NotFound
    shown = render_template(
        "outlet.html",
        **_page(outlet_id, language),
        name="",
        gap=gap,
        notice=wording.gap_notice(gap, language) if gap else "",
        others=[
            (language.pick(one.name), in_language(path_of(one.id), language)) for one in others[:_OTHERS]
        ],
    )
    return make_response(shown, _GONE)


# -- all of them --


def _sitemap(finder: Finder) -> bytes:
    """Every page that stands still, in both languages."""
    ET.register_namespace("", _SITEMAP)
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    base = request.url_root.rstrip("/")
    for path in ("/", *(path_of(outlet.id) for outlet in finder.outlets)):
        for address in (path, in_language(path, ENGLISH)):
            ET.SubElement(ET.SubElement(root, f"{{{_SITEMAP}}}url"), f"{{{_SITEMAP}}}loc").text = (
                base + address
            )
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
