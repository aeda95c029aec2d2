"""What a clerk typed while somebody is on the phone: the entries it may mean, and the place, the time and the service in it.

Law: nothing of it is kept. A place is read letter by letter inside a sentence; a word of its own may be a slip, pinyin or
initials.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from bot.adviser import Adviser
from bot.bring import region_of
from bot.intent import NO_THREAD, read_intent
from bot.join import DEEDS, OUTLETS
from bot.lookup import Hit, look_up_with
from bot.model import Entry, Region
from bot.nearby import Nearby
from bot.ports import Message, Party, Session
from bot.spots import Search, full_name
from bot.view import View, view
from bot.when import When
from bot.wish import NOWHERE, OF_PLACES, Wish, read_wish, without
from locator.model import Found, Level, Service, Unclear, Unknown
from locator.text import bounded

LONGEST: Final = 500  # characters
_NOBODY: Final = Party("desk", "")  # nothing of them is kept

Where = Found | Unclear | Unknown


class Sent(NamedTuple):
    """What comes from the box, and what was chosen below it."""

    text: str = ""
    entry: str = ""  # its id
    place: str = ""  # a full name


class Typed(NamedTuple):
    """A text, as far as it is understood."""

    text: str
    hits: tuple[Hit, ...]  # the best first
    entry: Entry | None  # the one that was chosen, else the best
    region: Region | None  # whose rules are asked for
    place: Where
    service: Service | None  # to be done there
    when: When | None  # to be open then

    def search(self, at: datetime) -> Search | None:
        """What to look for, when it is known from where; `at` is aware."""
        if not isinstance(self.place, Found) or _is_city(self.place):
            return None
        then = max(self.when.at, at) if self.when else None
        return Search(at, self.service, full_name(self.place.place), open_at=then)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what clerks type."""

    adviser: Adviser
    nearby: Nearby

    def read(self, sent: Sent, at: datetime) -> Typed:
        """`at` is aware. Raises BadInput for a text that is too long or holds control characters."""
        text = bounded(sent.text, LONGEST, "text")
        wish, seen = self._wish(text, at)
        hits = look_up_with(self.adviser.matcher).find(seen)
        if self._names_only_a_place(wish, seen, hits):
            hits = ()
        if wish.asks_where and _names_deed(seen):  # where, the halls themselves tell
            hits = tuple(sorted(hits, key=lambda hit: hit.entry.intent == OUTLETS))
        entry = self.adviser.knowledge.entries.get(sent.entry) or (hits[0].entry if hits else None)
        place = self.nearby.place(sent.place) if sent.place else wish.place
        return Typed(
            text=text,
            hits=hits,
            entry=entry,
            region=read_intent(seen, NO_THREAD, self.adviser.matcher.lexicon).region or _region(place),
            place=place,
            service=_service(entry, seen) if entry else None,
            when=wish.when if wish.is_bare or wish.asks_where or _names_deed(seen) else None,
        )

    def _wish(self, text: str, at: datetime) -> tuple[Wish, View]:
        """With the place, and the view of what stands beside it."""
        lexicon = self.adviser.matcher.lexicon
        message = Message(_NOBODY, "", text, "", at)
        wish = read_wish(message, Session(_NOBODY, updated=at), {}, self.nearby, lexicon)
        if wish.place == NOWHERE:
            return self._with_word(text, wish)
        if isinstance(wish.place, Unclear) or (_is_city(wish.place) and " " in text):
            rest = view(self.nearby.read(without(text, wish.when)).rest, lexicon)
            return wish, rest if rest.seen.units else view(text, lexicon)
        return wish, wish.seen or view(text, lexicon)

    def _with_word(self, text: str, wish: Wish) -> tuple[Wish, View]:
        """A place that is a word of its own, or all of the text: 补卡 spb, 沙平坝."""
        lexicon = self.adviser.matcher.lexicon
        first, *others = text.split() or [""]
        for word in others or [first]:
            if not OF_PLACES.issuperset(view(word, lexicon).meanings):
                continue
            if not isinstance(place := self.nearby.place(word), Unknown):
                rest = " ".join(one for one in (first, *others) if one != word)
                return wish._replace(place=place), view(rest or text, lexicon)
        return wish, wish.seen or view(text, lexicon)

    @staticmethod
    def _names_only_a_place(wish: Wish, seen: View, hits: tuple[Hit, ...]) -> bool:
        if wish.place == NOWHERE or any(hit.goes_on for hit in hits):
            return False
        return not _is_city(wish.place) and OF_PLACES.issuperset(seen.meanings)


def _is_city(place: Where) -> bool:
    return isinstance(place, Found) and place.place.level is Level.CITY


def _region(place: Where) -> Region | None:
    return region_of(place.place.city) if isinstance(place, Found) else None


def _service(entry: Entry, seen: View) -> Service | None:
    """As the text names it, else the entry's first; none for what the outlets themselves answer."""
    if entry.intent == OUTLETS or not entry.services:
        return None
    named = (DEEDS[meaning] for meaning in seen.meanings if meaning in DEEDS)
    return next((one for one in named if one in entry.services), entry.services[0])


def _names_deed(seen: View) -> bool:
    return not DEEDS.keys().isdisjoint(seen.meanings)
