"""A text of the search box in the eyes of the bot: a place, a service, a time, and the question in it.

Law: the question is decided as in the chat. What a text only tells of – the day the card was lost, the city whose rules
are asked about – is no filter.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from bot.adviser import Adviser
from bot.decide import Answer, Clarify, Decision, Decline
from bot.intent import NO_THREAD
from bot.join import DEEDS, OUTLETS, beside_where
from bot.lexicon import Lexicon
from bot.nearby import Nearby
from bot.ports import Message, Party, Session
from bot.spots import full_name
from bot.view import View, view
from bot.when import When
from bot.wish import ASKING, OF_PLACES, Wish, read_wish, without
from locator import wording
from locator.language import CHINESE
from locator.model import Found, Level, Service, Unclear, Unknown
from locator.model import Why as Unfound

_SOMEBODY: Final = Party("search", "")  # nothing of them is kept
_IDLE: Final = ASKING | DEEDS.keys() | {"card", "plain-card", "new-card", "city-chongqing", "city-sichuan"}
_LOOSE: Final = 1  # units that may stand beside
_ONE_WORD: Final = re.compile(r"\s*[a-zA-Z]{2,40}\s*")
# 补卡 names what for; 怎么补卡 asks. Where is no question here.
_ASKS: Final = re.compile(
    r"[怎咋啷啥吗?？]|如何|什么|为何|办法|多久|多少|几天"
    r"|(?<!where )\b(?:how|what|why|when|who|can|could|should|do|does|did|need|must|is|are)\b",
    re.IGNORECASE,
)
# What halls are called, behind a district's name: 江阳区政务服务中心.
_HALL: Final = re.compile(r"[\u4e00-\u9fff]{0,12}(?:中心|大厅|社保局|人社局|社保所|服务站|服务点)")
# As the page calls them; 换卡 and 修改信息 are one meaning in the lexicon.
_CALLED: Final = MappingProxyType(
    {
        tuple(name): service
        for service in Service
        for name in wording.service_words(service, CHINESE).split("、")
    }
)


class Sought(NamedTuple):
    """A text, understood."""

    place: str = ""  # to measure from; "" when the text names none
    service: Service | None = None
    when: When | None = None
    decision: Decision | None = None  # about the question in it, if there is one
    seen: View | None = None  # the question


def read_sought(text: str, at: datetime, adviser: Adviser, nearby: Nearby) -> Sought:
    """What the text wants; `at` is aware. Any text will do."""
    if _ONE_WORD.fullmatch(text) and _is_name(text, nearby):
        return Sought(text)
    message = Message(_SOMEBODY, "", text, "", at)
    wish = read_wish(message, Session(_SOMEBODY, updated=at), {}, nearby, adviser.matcher.lexicon)
    if wish.is_bare:
        return Sought(_where(text, wish, nearby), None, wish.when)
    return _joined(_look(text, wish, adviser, nearby), nearby)


class _Text(NamedTuple):
    text: str
    wish: Wish
    seen: View  # without the place
    decision: Decision
    named: tuple[Service, ...]
    asks: bool  # it does, and not only where
    is_plain: bool  # it names a service, and says nothing else

    @property
    def is_placed(self) -> bool:
        return isinstance(self.wish.place, Found | Unclear)

    @property
    def is_spot(self) -> bool:
        place = self.wish.place
        return isinstance(place, Unclear) or (
            isinstance(place, Found) and place.place.level is not Level.CITY
        )

    @property
    def is_about_places(self) -> bool:
        """Whether nothing in it means anything else."""
        if self.asks or self.named:
            return False
        is_hall = self.is_placed and _HALL.fullmatch("".join(self.seen.seen.units))
        return bool(is_hall) or OF_PLACES.issuperset(self.seen.meanings)

    @property
    def leads_to_outlets(self) -> bool:
        """Whether what it asks for is done there."""
        if isinstance(self.decision, Answer):
            return bool(self.decision.entry.services) or self.decision.entry.intent == OUTLETS
        return self.is_plain or isinstance(self.decision, Clarify)


def _look(text: str, wish: Wish, adviser: Adviser, nearby: Nearby) -> _Text:
    lexicon = adviser.matcher.lexicon
    seen = wish.seen or view(text, lexicon)
    if isinstance(wish.place, Unclear):
        seen = view(nearby.read(without(text, wish.when)).rest, lexicon)
    decision = adviser.advise_on(seen, NO_THREAD).decision
    return _Text(
        text=text,
        wish=wish,
        seen=seen,
        decision=beside_where(decision) if wish.asks_where else decision,
        named=tuple(dict.fromkeys(_named(seen))),
        asks=bool(_ASKS.search(text)),
        is_plain=not _ASKS.search(text) and _is_plain(seen, lexicon),
    )


def _joined(one: _Text, nearby: Nearby) -> Sought:
    if _is_place(one, nearby):
        return Sought(_where(one.text, one.wish, nearby) or one.text, None, one.wish.when)
    place = _where(one.text, one.wish, nearby) if _asks_near(one) else ""
    is_wanted = one.is_plain or one.wish.asks_where
    service = _service(one) if is_wanted or place else None
    when = one.wish.when if is_wanted else None
    is_told = one.is_plain and (place or isinstance(one.decision, Decline))
    return Sought(place, service, when, None if is_told else one.decision, one.seen)


def _is_place(one: _Text, nearby: Nearby) -> bool:
    """An address, a place with a slip in it, or one we do not know: no answer fits it better."""
    if one.is_plain or isinstance(one.decision, Answer):
        return False
    if one.is_placed or isinstance(one.decision, Decline):
        is_unsure = isinstance(one.decision, Decline) and one.decision.entry is None
        return one.is_about_places or (one.is_spot and is_unsure)
    return one.is_about_places and not isinstance(nearby.place(one.text), Unknown)


def _is_name(text: str, nearby: Nearby) -> bool:
    """Whether it is a place's, letter by letter, or its initials."""
    found = nearby.place(text)
    return isinstance(found, Unclear) or (isinstance(found, Found) and found.exact)


# -- where --


def _where(text: str, wish: Wish, nearby: Nearby) -> str:
    """The place by a name that no other has; the text itself where that has to be asked, or is too far away."""
    if isinstance(wish.place, Found):
        place = wish.place.place
        return place.name.zh if nearby.place(place.name.zh) == Found(place) else full_name(place)
    if isinstance(wish.place, Unclear):
        return text
    return text if wish.place.why is Unfound.OUTSIDE else ""


def _asks_near(one: _Text) -> bool:
    """Whether outlets near the place it names are wanted, and not only told of."""
    return one.is_plain or one.wish.asks_where or (one.is_spot and one.leads_to_outlets)


# -- what for --


def _service(one: _Text) -> Service | None:
    """As it is named, where all that may be meant is done so; else the answer's first."""
    common = _common(one.decision)
    if fitting := [service for service in one.named if service in common]:
        return fitting[0]
    if one.is_plain and len(one.named) == 1:
        return one.named[0]
    return common[0] if isinstance(one.decision, Answer) and common else None


def _common(decision: Decision) -> tuple[Service, ...]:
    """What every entry that may be meant is about."""
    if isinstance(decision, Answer):
        return decision.entry.services
    if not isinstance(decision, Clarify):
        return ()
    first, *others = decision.entries
    return tuple(one for one in first.services if all(one in other.services for other in others))


def _named(seen: View) -> Iterator[Service]:
    called = {start: service for start, _, service in _names(seen)}
    for one in seen.found:
        if one.start in called or one.meaning in DEEDS:
            yield called.get(one.start) or DEEDS[one.meaning]
    yield from called.values()


def _names(seen: View) -> Iterator[tuple[int, int, Service]]:
    """Where a service stands as the page calls it, and no longer form does: 解除挂失 is no 挂失."""
    units = seen.seen.units
    for name, service in _CALLED.items():
        for start in range(len(units) - len(name) + 1):
            end = start + len(name)
            if units[start:end] == name and not any(
                one.start <= start and end <= one.end and one.end - one.start > len(name)
                for one in seen.found
            ):
                yield start, end, service


def _is_plain(seen: View, lexicon: Lexicon) -> bool:
    """Whether a service is named, and beside it only a card, a place, a time."""
    spans = [(start, end) for start, end, _ in _names(seen)]
    deeds = [one for one in seen.found if one.meaning in DEEDS]
    idle = [one for one in seen.found if one.meaning in _IDLE or one.meaning in lexicon.fillers]
    covered = {unit for start, end in spans for unit in range(start, end)}
    covered |= {unit for one in idle for unit in range(one.start, one.end)}
    others = any(not covered.issuperset(range(one.start, one.end)) for one in seen.found)
    return bool(spans or deeds) and not others and len(seen.seen.units) - len(covered) <= _LOOSE
