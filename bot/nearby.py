"""The nearest outlets, from what a conversation knows: a place or a position, a service, a time."""

from collections.abc import Iterator

from bot.button import Stale
from bot.spots import MOST_SHOWN, SHOWN, Search, Spots, full_name
from locator.errors import BadInput
from locator.guide import Guide
from locator.live import Current
from locator.model import (
    Filter,
    Found,
    KnownBy,
    Level,
    Nearest,
    Outlet,
    Place,
    Precision,
    Query,
    Unclear,
    Unknown,
    Why,
)
from locator.places import Reading


class Nearby:
    """Knows places and outlets, those of the newest good file."""

    def __init__(self, live: Current[Guide]) -> None:
        self._live = live

    @property
    def edition(self) -> str:
        """Of the outlets: another one when the file has changed, or what the desk knows."""
        return self._live.value.finder.edition

    def read(self, sentence: str) -> Reading:
        """What place a sentence names."""
        return self._live.value.finder.gazetteer.read(sentence)

    def place(self, text: str) -> Found | Unclear | Unknown:
        """What place a text names that is nothing else, slips mended."""
        try:
            return self._live.value.finder.gazetteer.find(text)
        except BadInput:  # longer than any place
            return Unknown(Why.NO_SUCH_PLACE)

    def names(self) -> Iterator[str]:
        """Of all places, in full."""
        return map(full_name, self._live.value.finder.gazetteer.places)

    def outlet_of(self, outlet_id: str) -> Outlet | None:
        return self._live.value.finder.outlet(outlet_id)

    def outlet(self, outlet_id: str) -> str:
        """The full name of an outlet as a place; "" when there is none of this id."""
        names = (place for place in self._live.value.finder.gazetteer.places if place.level is Level.OUTLET)
        outlet = self.outlet_of(outlet_id)
        return next((full_name(place) for place in names if outlet and place.name == outlet.name), "")

    def outlet_ids(self) -> Iterator[str]:
        return (outlet.id for outlet in self._live.value.finder.outlets)

    def cities(self) -> Iterator[Place]:
        places = self._live.value.finder.gazetteer.places
        return (place for place in places if place.level is Level.CITY)

    def districts(self, city: str) -> tuple[Place, ...]:
        """Raises Stale for a city that is none of ours."""
        found = self._live.value.finder.gazetteer.districts_of(city)
        if not found:
            raise Stale
        return found

    def find(self, search: Search) -> Spots | Unclear | Unknown:
        """The nearest that do the service and are open then, first those that are known to."""
        wanted = search.skipped + SHOWN
        query = Query(
            at=search.at,
            point=search.point,
            text=search.place,
            filter=Filter(service=search.service, open_at=search.open_at),
            limit=wanted + 1,
        )
        result = self._live.value.finder.find(query)
        if not isinstance(result, Nearest):
            return result
        shown = _roughly(result)._replace(hits=result.hits[search.skipped : wanted])
        return Spots(query, shown, search.skipped, is_last=len(result.hits) <= wanted or wanted >= MOST_SHOWN)


def _roughly(result: Nearest) -> Nearest:
    """Distances from a shared position are told in whole kilometres: what was told is kept, and must not give it away."""
    if result.origin.known_by is not KnownBy.SHARED:
        return result
    return result._replace(origin=result.origin._replace(precision=Precision.TOWN))
