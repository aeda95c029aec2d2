"""What can be offered while somebody types: places and halls by all their names, services, and how each sounds.

Law: one row a name, larger places first. A name that is not the official one says in `now` what that is.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from locator import wording
from locator.finder import Finder
from locator.language import CHINESE, ENGLISH, Language
from locator.listing import Listing, list_outlet, read_listings
from locator.model import Outlet, Place, Service
from locator.settings import DATA
from locator.text import sound

Json = dict[str, Any]

MOST_OUTLETS: Final = 2_000  # of more, a list that a phone takes along would be too long
_DECIMALS: Final = 4  # of a degree: ten metres


class Edition(NamedTuple):
    """All that the search box offers, as JSON, and a name that no other content has."""

    body: bytes
    name: str


class Suggestions:
    """Made when first asked for, and anew when the outlets have changed. Threads may share it."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[str, Edition]] = {}

    def of(self, finder: Finder, language: Language) -> Edition:
        """`language`: in whose script the names are written."""
        fingerprint, known = finder.atlas.fingerprint, self._made.get(language.code)
        if known is None or known[0] != fingerprint:
            known = fingerprint, _edition(finder.outlets, language)
            self._made[language.code] = known
        return known[1]


def _edition(outlets: Sequence[Outlet], language: Language) -> Edition:
    rows = [*named_places(outlets), *map(_service, Service)]
    body = orjson.dumps([_shown(row, language) for row in rows])
    return Edition(body, sha256(body).hexdigest()[:16])


def _shown(row: Json, language: Language) -> Json:
    """Without its point, which choosing needs not; with `written`, its name in the language's script, if that is another."""
    told = {name: value for name, value in row.items() if name not in ("lat", "lon")}
    written = language.write(row["zh"])
    return told if written == row["zh"] else told | {"written": written}


def named_places(outlets: Sequence[Outlet]) -> list[Json]:
    """Cities, districts, towns, and the outlets unless there are too many.

    A row: `zh` as people say it, `en`, `pinyin` with spaces, its `initials`, `kind` (city, district, town, outlet), `of`
    (the city of a district, the district of all else), `lat` and `lon` in WGS-84 degrees or None, an outlet's `id`.
    """
    halls = map(list_outlet, outlets) if len(outlets) <= MOST_OUTLETS else ()
    return [*_shipped(), *_rows(halls)]


@lru_cache(maxsize=1)
def _shipped() -> tuple[Json, ...]:
    """The same for as long as the program runs."""
    return tuple(_rows(read_listings(DATA)))


def _rows(listings: Iterable[Listing]) -> Iterator[Json]:
    for listing in listings:
        name = listing.place.former or listing.place.name.zh
        yield _row(listing.place, name, listing.pinyin or sound(name))
        yield from (_row(listing.place, other, sound(other)) for other in listing.also)


def _row(place: Place, name: str, pinyin: str) -> Json:
    row = {
        "zh": name,
        "en": place.name.en,
        "pinyin": pinyin,
        "initials": _initials(pinyin),
        "kind": place.level.value,
        "of": place.city if place.name.zh == place.district else place.district,
        "lat": place.point and round(place.point.lat, _DECIMALS),
        "lon": place.point and round(place.point.lon, _DECIMALS),
    }
    now = {} if name == place.name.zh else {"now": place.name.zh}
    return row | now | ({"id": place.outlet_id} if place.outlet_id else {})


def _service(service: Service) -> Json:
    name = wording.service_words(service, CHINESE)
    pinyin = sound(name)
    english = wording.service_words(service, ENGLISH)
    told = {"zh": name, "en": english, "pinyin": pinyin, "initials": _initials(pinyin)}
    return told | {"kind": "service", "of": "", "id": service.value}


def _initials(pinyin: str) -> str:
    return "".join(syllable[0] for syllable in pinyin.split())
