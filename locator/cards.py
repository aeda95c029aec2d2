"""One Hit in words, for every face that shows cards.

Law: a card says the same wherever it is shown; a face only lays it out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from locator import timetable, wording
from locator.language import Language, mark
from locator.links import map_links
from locator.model import Hit, Origin, Query

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """One Hit in words. `links`: an app's name and the URL that opens it."""

    hit: Hit
    name: str
    distance: str
    opening: str
    is_shut: bool  # by a notice
    notices: tuple[str, ...]
    hours: tuple[str, ...]
    services: str
    note: str
    checked: str
    links: tuple[tuple[str, str], ...]


def card_of(hit: Hit, query: Query, origin: Origin, language: Language) -> Card:
    """What is said of a Hit, as an answer to the Query."""
    outlet, wanted, time = hit.outlet, query.filter.service, timetable.asked(query)
    return Card(
        hit=hit,
        name=language.pick(outlet.name),
        distance=wording.distance_words(hit.metres, language, exact=wording.is_exact(hit, origin)),
        opening=timetable.opening_words(hit.opening, time, language, hit.told.notices),
        is_shut=timetable.is_shut(hit.told.notices, time),
        notices=tuple(timetable.notice_lines(hit.told.notices, time, language)),
        hours=timetable.usual_lines(outlet.hours, language),
        services=wording.offer_words(wanted, hit.offer, language)
        if wanted and hit.offer
        else wording.services_words(outlet, language),
        note=wording.access_words(outlet, language),
        checked=timetable.checked_words(hit.told.checked or outlet.checked, language),
        links=tuple((language.pick(link.name), link.url) for link in map_links(outlet)),
    )


def card_json(card: Card, number: int, language: Language) -> Json:
    """All that a face shows of a card, its place in the list included."""
    outlet = card.hit.outlet
    return {
        "number": number,
        "id": outlet.id,
        "name": card.name,
        "distance": card.distance,
        "state": card.hit.opening.state,
        "opening": card.opening,
        "shut": card.is_shut,
        "notices": list(card.notices),
        "address": f"{outlet.city}{outlet.district}{outlet.address}",
        "phone": outlet.phone,
        "hours": list(card.hours),
        "services": card.services,
        "note": card.note,
        "status": outlet.status,
        "status_words": wording.status_words(outlet.status, language),
        "call_first": wording.call_first_words(language),
        "precision_words": wording.precision_words(outlet.precision, language),
        "source": wording.source_words(outlet, language),
        "source_url": outlet.source.url,
        "checked": card.checked,
        "exact": outlet.precision.is_exact,
        "precision": outlet.precision,
        "district": outlet.district,
        "lat": outlet.point.lat,
        "lon": outlet.point.lon,
        "links": [{"name": name, "url": url} for name, url in card.links],
    }


_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "address": mark("Address"),
        "phone": mark("Phone"),
        "hours": mark("Usual hours"),
        "services": mark("Services"),
        "note": mark("Note"),
        "pinned": mark("Open in"),
        "searched": mark("Search the address in"),
        "more": mark("Hours, services, source"),
    }
)


def card_labels(language: Language) -> dict[str, str]:
    """The words beside what a card says, by what they stand beside."""
    return {name: language.say(label) for name, label in _LABELS.items()}
