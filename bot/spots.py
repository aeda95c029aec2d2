"""What is looked for nearby, and what was found: values only."""

from datetime import datetime
from typing import Final, NamedTuple

from locator.model import Nearest, Place, Point, Query, Service

SHOWN: Final = 3  # at a time: more is scrolled past on a phone
MOST_SHOWN: Final = 30


class Search(NamedTuple):
    """What to look for. Exactly one of `place` and `point` says where from."""

    at: datetime
    service: Service | None = None
    place: str = ""  # a full name
    point: Point | None = None
    open_at: datetime | None = None
    skipped: int = 0  # seen before


class Spots(NamedTuple):
    """What was found for a Search: the hits behind those that were skipped."""

    query: Query
    result: Nearest
    skipped: int
    is_last: bool  # there are no more


def full_name(place: Place) -> str:
    """City, district and name, which name just one place."""
    parts = (place.city, place.district, place.name.zh)
    return "".join(dict.fromkeys(part for part in parts if part))
