"""What search engines are told: of one outlet in schema.org's words, and which pages there are.

Law: nothing is told here that the page itself does not say: a position only where it is the door's, hours only where a
source states them, and nothing of when a page changed unless somebody checked it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple
from xml.etree import ElementTree as ET

from locator.hours import Span, UsualRule, read_hours, usual
from locator.model import Outlet

Json = dict[str, Any]

_SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LAST_MINUTE: Final = 1439  # a day that goes on until midnight closes with it
_SHUT: Final = (Span(0, 0),)  # how schema.org says: closed all day


class Listed(NamedTuple):
    """One page, at one address in each language it speaks."""

    addresses: Mapping[str, str]  # whole URLs, by BCP 47 code
    changed: date | None = None


def described(outlet: Outlet, url: str) -> Json:
    """An outlet in schema.org's words; `url` is its page."""
    told: Json = {
        "@context": "https://schema.org",
        "@type": "GovernmentOffice",
        "@id": url,
        "url": url,
        "name": outlet.name.zh,
        "alternateName": [outlet.name.en, *outlet.also],
        "address": {
            "@type": "PostalAddress",
            "addressCountry": "CN",
            "addressRegion": outlet.city,
            "addressLocality": outlet.district,
            "streetAddress": outlet.address,
        },
    }
    return told | _phone(outlet) | _position(outlet) | _hours(outlet)


def _phone(outlet: Outlet) -> Json:
    return {"telephone": outlet.phone} if outlet.phone else {}


def _position(outlet: Outlet) -> Json:
    if not outlet.precision.is_exact:
        return {}
    point = outlet.point
    return {"geo": {"@type": "GeoCoordinates", "latitude": point.lat, "longitude": point.lon}}


def _hours(outlet: Outlet) -> Json:
    rules = usual(read_hours(outlet.hours)) if outlet.hours else None
    # A season has a year in schema.org, which ours have not.
    if rules is None or any(rule.months for rule in rules):
        return {}
    return {"openingHoursSpecification": [one for rule in rules for one in _specified(rule)]}


def _specified(rule: UsualRule) -> Iterator[Json]:
    days = [_DAYS[day] for first, last in rule.weekdays for day in _from_to(first, last)]
    named = [f"https://schema.org/{day}" for day in [*days, *(["PublicHolidays"] if rule.holidays else [])]]
    for span in rule.spans or _SHUT:
        yield {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": named,
            "opens": _clock(span.start),
            "closes": _clock(min(span.end, _LAST_MINUTE)),
        }


def _from_to(first: int, last: int) -> Iterator[int]:
    """Days from Monday as 0; Saturday to Monday goes past the week's end."""
    return (day % len(_DAYS) for day in range(first, last + 1 + (len(_DAYS) if last < first else 0)))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def sitemap(pages: Iterable[Listed]) -> bytes:
    """XML: each page in each language, with where it stands in the others."""
    ET.register_namespace("", _SITEMAP)
    ET.register_namespace("xhtml", _XHTML)
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    for page in pages:
        for address in page.addresses.values():
            _add(root, page, address)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add(root: ET.Element, page: Listed, address: str) -> None:
    entry = ET.SubElement(root, f"{{{_SITEMAP}}}url")
    ET.SubElement(entry, f"{{{_SITEMAP}}}loc").text = address
    if page.changed:
        ET.SubElement(entry, f"{{{_SITEMAP}}}lastmod").text = page.changed.isoformat()
    for code, other in page.addresses.items():
        ET.SubElement(entry, f"{{{_XHTML}}}link", {"rel": "alternate", "hreflang": code, "href": other})
