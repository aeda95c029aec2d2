"""A reply as JSON, the same for programs, scripts and templates.

Law: Chinese is turned into traditional characters here, last of all; names that are looked up or dialled stay as they are.
"""

from typing import Any, Final

import orjson

from bot.button import Button, Kind
from bot.phrase import Listing, Reply
from bot.spoken import TRADITIONAL
from locator.cards import card_json, card_of
from locator.language import Language, language_of, traditional
from locator.model import KnownBy, Origin

Json = dict[str, Any]
# An address is what a taxi driver is shown; a district is looked up by its name.
_AS_IT_IS: Final = frozenset(
    "id decision entry language kind state status address district precision phone url source_url".split()
)
_DECIMALS: Final = 6  # of a degree


def reply_json(  # noqa: PLR0913 - a reply, and what it is a reply to
    reply: Reply,
    *,
    message_id: str,
    decision: str,
    entry: str,
    spoken: Language,
    opinion: bool,
    mark: str = "",
) -> bytes:
    """`mark` tells whose buttons these are; it ends their ids."""
    body: Json = {
        "id": message_id,
        "decision": decision,
        "entry": entry,
        "language": spoken.code,
        "text": reply.text,
        "spots": _listing(reply.listing, language_of(spoken.short)) if reply.listing else None,
        "buttons": [_button(one, mark) for one in reply.buttons],
        "asks": bool(reply.buttons) and not reply.is_answer,
        "sources": list(reply.sources),
        "opinion": opinion,
    }
    return orjson.dumps(in_traditional(body) if spoken is TRADITIONAL else body)


def _button(button: Button, mark: str) -> Json:
    ours = button.pick.kind is Kind.HERE or not mark
    return {"id": button.id if ours else f"{button.id}@{mark}", "text": button.text, "kind": button.pick.kind}


def _listing(listing: Listing, language: Language) -> Json:
    spots = listing.spots
    cards = [card_of(hit, spots.query, spots.result.origin, language) for hit in spots.result.hits]
    return {
        "title": listing.title,
        "said": list(listing.said),
        "notice": listing.notice,
        "origin": _origin(spots.result.origin),
        "cards": [card_json(card, spots.skipped + number, language) for number, card in enumerate(cards, 1)],
    }


def _origin(origin: Origin) -> Json | None:
    """None of a shared position: the reply is kept as long as the conversation, and a position is not."""
    if origin.known_by is KnownBy.SHARED:
        return None
    return {"lat": round(origin.point.lat, _DECIMALS), "lon": round(origin.point.lon, _DECIMALS)}


def in_traditional(value: Any) -> Any:
    """A JSON value, its texts for people in traditional characters."""
    if isinstance(value, str):
        return traditional(value)
    if isinstance(value, list):
        return [in_traditional(one) for one in value]
    if isinstance(value, dict):
        return {name: one if name in _AS_IT_IS else in_traditional(one) for name, one in value.items()}
    return value
