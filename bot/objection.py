"""What speaks against a phrase: it says nothing, hides something, leads elsewhere, or means the opposite.

Law: what would lead people wrong is refused with the reason, before anything is replayed.
"""

from typing import Final, NamedTuple

from bot.entry import LONGEST_PHRASE
from bot.faq import Knowledge
from bot.guard import deeds_of, opposed, speaks_of_another_document
from bot.lexicon import Lexicon
from bot.mask import MASK
from bot.model import Entry
from bot.view import view
from locator.language import mark
from locator.text import fold

_EMPTY: Final = mark("A phrase needs a letter in it.")
_LONG: Final = mark("A phrase has at most {what} characters. Please say it shorter.")
_MASKED: Final = mark("Numbers are covered in this phrase. Please write it without them.")
_ALREADY: Final = mark("“{what}” has this phrase already.")
_ELSEWHERE: Final = mark("This phrase leads to “{what}” already. One phrase leads to one entry.")
_OPPOSITE: Final = mark("This phrase names what “{what}” does, which is the opposite of this entry.")
_OTHER_DOCUMENT: Final = mark(
    "This phrase is about another document or account, and “{what}” is about the card."
)


class Objection(NamedTuple):
    """A marked sentence, and what it is to be filled with: a number, or the id of an entry."""

    sentence: str
    what: str = ""


def objection(phrase: str, entry_id: str, knowledge: Knowledge, lexicon: Lexicon) -> Objection | None:
    """None when nothing speaks against it. `entry_id` may be an entry that is not there yet."""
    if said := _unsayable(phrase):
        return said
    if home := _home(phrase, knowledge):
        return Objection(_ALREADY if home == entry_id else _ELSEWHERE, home)
    entry = knowledge.entries.get(entry_id)
    return _misleading(phrase, entry, knowledge, lexicon) if entry else None


def _unsayable(phrase: str) -> Objection | None:
    if not fold(phrase):
        return Objection(_EMPTY)
    if len(phrase) > LONGEST_PHRASE:
        return Objection(_LONG, str(LONGEST_PHRASE))
    return Objection(_MASKED) if MASK in phrase else None


def _home(phrase: str, knowledge: Knowledge) -> str:
    folded = fold(phrase)
    entries = knowledge.entries.values()
    return next((one.id for one in entries if any(fold(asked) == folded for asked in one.asked)), "")


def _misleading(phrase: str, entry: Entry, knowledge: Knowledge, lexicon: Lexicon) -> Objection | None:
    seen = view(phrase, lexicon)
    if entry.is_card and speaks_of_another_document(seen.seen.units, seen.found, lexicon):
        return Objection(_OTHER_DOCUMENT, entry.id)
    other = knowledge.entries.get(entry.opposite)
    if other is None:
        return None
    own, opposite = (deeds_of(view(one.title.zh, lexicon).meanings, lexicon) for one in (entry, other))
    is_opposed = opposed(frozenset(seen.meanings), own, opposite)
    return Objection(_OPPOSITE, other.id) if is_opposed else None
