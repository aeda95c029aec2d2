"""A question and a place, joined: what is said, what is looked for nearby, what has to be asked first.

Law: no I/O, and sees values only. A place is asked for when somebody asks where; otherwise it is offered.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from bot.button import NOBODY, Kind, NoSuchButton, Pick, Stale
from bot.decide import Answer, Clarify, Decision
from bot.model import Entry, Region
from bot.ports import Message, Session
from bot.spoken import SPOKEN
from bot.spots import MOST_SHOWN, Search, full_name
from bot.wish import Wish
from locator.model import Found, Level, Place, Point, Service, Unclear, Unknown, Why

_MOST_ASKED: Final = 8  # places to choose from; of more, the city's districts are offered
OUTLETS: Final = "outlets_hours"  # the intent of questions that the outlets themselves answer
EITHER: Final = "either"  # the region was asked for, and not told
_REGIONS: Final[Mapping[str, Region]] = MappingProxyType(
    {"重庆市": Region.CHONGQING, "泸州市": Region.SICHUAN}
)
_REGION_CODES: Final = frozenset(Region)
_REGION_ASKED: Final = frozenset(Pick(Kind.REGION, region).id for region in Region)  # both are on offer
_SERVICE_CODES: Final = frozenset(Service)
_JUST_NOW: Final = timedelta(hours=1)  # who wanted to go then goes now
# What is done, by what the question says of it: an entry may be about several services.
DEEDS: Final[Mapping[str, Service]] = MappingProxyType(
    {
        "replace": Service.REPLACEMENT,
        "report": Service.LOSS_REPORT,
        "unreport": Service.LOSS_CANCEL,
        "activate": Service.ACTIVATION,
        "apply": Service.APPLICATION,
        "reset": Service.PIN_RESET,
        "change": Service.INFO_CHANGE,
        "query": Service.INQUIRY,
    }
)


class AskWhere(NamedTuple):
    """Ask where somebody is; `city`: whose districts are offered, "" for the cities themselves."""

    city: str = ""


class WhichPlace(NamedTuple):
    """Ask which of these was meant."""

    places: tuple[Place, ...]


class NoPlace(NamedTuple):
    """Say why the place cannot be measured from, and ask again."""

    unknown: Unknown


@dataclass(frozen=True, slots=True)
class WhichLanguage:
    """Ask in which language to go on."""


Asks = AskWhere | WhichPlace | NoPlace | WhichLanguage


class Handing(StrEnum):
    """What becomes of a question for the staff; as it is recorded."""

    ASKED = "ask-staff"  # the next message is theirs
    DONE = "handed"
    NOT = "not-handed"  # nobody wants it any more
    NEVER = "no-staff"  # there is nobody


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a message, before anything is looked up nearby."""

    session: Session  # as it goes on
    decision: Decision | None = None  # about the question
    search: Search | None = None
    asks: Asks | None = None
    hour_assumed: bool = False  # the hour of the search is ours
    offers_find: bool = False  # the outlets for the session's service may be asked for next
    asks_region: bool = False
    speaks: bool = False  # the language was chosen
    handing: Handing | None = None


def plan_question(
    message: Message, wish: Wish, decision: Decision, meanings: tuple[str, ...], session: Session
) -> Plan:
    """A text: a question, a place, or both."""
    decision = beside_where(decision) if wish.asks_where else decision
    session = _without_past(session, message)
    entry = decision.entry if isinstance(decision, Answer) else None
    session = _with_region(session, _region(decision, wish, session))
    session = _with_time(_with_place(session, wish), wish)
    if wish.is_bare:
        return _bare(message, wish, decision, session)
    session = _with_entry(session, entry, meanings)
    plan = _told(session, decision)
    if entry is None or not (entry.services or entry.intent == OUTLETS):
        return plan
    if wish.asks_where or entry.intent == OUTLETS or _is_spot(wish):
        return _directed(message, wish, plan)
    return replace(plan, offers_find=True)


def plan_shared(message: Message, point: Point, session: Session) -> Plan:
    """A position: measured from where it is, kept as a square kilometre."""
    kept = replace(_without_past(session, message), place="", lat=point.lat, lon=point.lon)
    return Plan(kept, search=_search(message, kept)._replace(point=point))


def plan_handed(message: Message, session: Session) -> Plan:
    """A text for the staff: they get it as it is."""
    return Plan(_without_past(session, message), handing=Handing.DONE)


def is_for_the_staff(session: Session) -> bool:
    """Whether the next text is, as was just said."""
    return _NOT_THE_STAFF in session.choices


def plan_pick(message: Message, wish: Wish, entries: Mapping[str, Entry], session: Session) -> Plan:
    """A button. Raises Stale when what it names is gone, NoSuchButton when it never was."""
    if wish.pick is None:
        raise ValueError("nothing was pressed")
    session = _without_past(session, message)
    return _PICKS[wish.pick.kind](_Chosen(message, wish, wish.pick.value, entries, session))


# -- a text --


def beside_where(decision: Decision) -> Decision:
    """Asked where, outlets are shown in any case: the question is what else may have been meant."""
    if not isinstance(decision, Clarify):
        return decision
    others = tuple(entry for entry in decision.entries if entry.intent != OUTLETS)
    if len(others) == 1 and others[0].services:
        return Answer(others[0], None, decision.region, decision.risk)
    return decision._replace(entries=others) if len(others) > 1 else decision


def _bare(message: Message, wish: Wish, decision: Decision, session: Session) -> Plan:
    """A place, a time, "where": the question is the one before. A city may be the region that we asked for."""
    if isinstance(decision, Answer) and _tells_region(wish, session):
        return replace(_told(session, decision), offers_find=bool(decision.entry.services))
    plan = _directed(message, wish, Plan(session))
    goes_on = isinstance(decision, Answer) and decision.aspect is not None
    return replace(plan, decision=decision) if goes_on and isinstance(plan.asks, AskWhere) else plan


def _tells_region(wish: Wish, session: Session) -> bool:
    is_city = isinstance(wish.place, Found) and wish.place.place.level is Level.CITY
    return is_city and not wish.asks_where and _REGION_ASKED.issubset(session.choices)


def _is_spot(wish: Wish) -> bool:
    return isinstance(wish.place, Found) and wish.place.place.level is not Level.CITY


def _directed(message: Message, wish: Wish, plan: Plan) -> Plan:
    """With what is looked for, or what has to be asked first."""
    if isinstance(wish.place, Unclear):
        return replace(plan, asks=_which(wish.place.places))
    if isinstance(wish.place, Found) and wish.place.place.level is Level.CITY:
        return replace(plan, asks=AskWhere(wish.place.place.city))
    if isinstance(wish.place, Unknown) and (wish.is_lost or wish.place.why is Why.OUTSIDE):
        return replace(plan, asks=NoPlace(wish.place))
    if not _is_placed(plan.session):
        return replace(plan, asks=AskWhere())
    assumed = wish.when is not None and not wish.when.hour_named
    return replace(plan, search=_search(message, plan.session), hour_assumed=assumed)


def _which(places: tuple[Place, ...]) -> Asks:
    cities = {one.city for one in places}
    if all(one.level is Level.CITY for one in places):
        return AskWhere()
    if len(places) > _MOST_ASKED and len(cities) == 1:
        return AskWhere(cities.pop())
    return WhichPlace(places)


def _region(decision: Decision, wish: Wish, session: Session) -> str:
    """As it was named; else as it was known; else that of the place."""
    named = decision.region if isinstance(decision, Answer | Clarify) else None
    if named or session.region in _REGION_CODES:
        return named or session.region
    regions = {_REGIONS[one.city] for one in _places(wish)}
    return regions.pop() if len(regions) == 1 else session.region


def _with_region(session: Session, region: str) -> Session:
    return session if region == session.region else replace(session, region=region)


def _places(wish: Wish) -> tuple[Place, ...]:
    if isinstance(wish.place, Found):
        return (wish.place.place,)
    return wish.place.places if isinstance(wish.place, Unclear) else ()


def _with_place(session: Session, wish: Wish) -> Session:
    if not isinstance(wish.place, Found) or wish.place.place.level is Level.CITY:
        return session
    return replace(session, place=full_name(wish.place.place), lat=None, lon=None)


def _with_time(session: Session, wish: Wish) -> Session:
    """A time that is asked for counts; one that is only told of does not."""
    if wish.when is not None and (wish.is_bare or wish.asks_where):
        return replace(session, open_at=wish.when.at)
    return session


def _without_past(session: Session, message: Message) -> Session:
    """A time that was asked for counts until it is over."""
    over = session.open_at is not None and session.open_at + _JUST_NOW < message.at
    return replace(session, open_at=None) if over else session


def _with_entry(session: Session, entry: Entry | None, meanings: tuple[str, ...]) -> Session:
    if entry is None or not entry.is_card:
        return session
    service = _service(entry, meanings, session) if entry.services else session.service
    return replace(session, entry=entry.id, service=service)


def _service(entry: Entry, meanings: tuple[str, ...], session: Session) -> str:
    """As the question names it; else as before, when it is still the same answer; else the entry's first."""
    named = [DEEDS[meaning] for meaning in meanings if meaning in DEEDS]
    before = [session.service] if entry.id == session.entry else []
    return next((one for one in (*named, *before) if one in entry.services), entry.services[0])


def _told(session: Session, decision: Decision) -> Plan:
    """With the region's rules; where they differ and nobody said which, it is asked once."""
    if not isinstance(decision, Answer) or not decision.entry.regions:
        return Plan(session, decision)
    if session.region in _REGION_CODES:
        return Plan(session, decision._replace(region=Region(session.region)))
    if session.region == EITHER:
        return Plan(session, decision)
    return Plan(replace(session, region=EITHER), decision, asks_region=True)


def _is_placed(session: Session) -> bool:
    return bool(session.place) or session.lat is not None


def _search(message: Message, session: Session, skipped: int = 0) -> Search:
    point = None
    if session.lat is not None and session.lon is not None:
        point = Point(session.lat, session.lon)
    return Search(
        at=message.at,
        service=Service(session.service) if session.service in _SERVICE_CODES else None,
        place="" if point else session.place,
        point=point,
        open_at=max(session.open_at, message.at) if session.open_at else None,
        skipped=skipped,
    )


# -- a button --


class _Chosen(NamedTuple):
    message: Message
    wish: Wish
    value: str
    entries: Mapping[str, Entry]
    session: Session


def _entry(chosen: _Chosen) -> Plan:
    if chosen.value not in chosen.entries:
        raise Stale
    entry = chosen.entries[chosen.value]
    plan = _told(_with_entry(chosen.session, entry, ()), Answer(entry))
    if _is_placed(plan.session) and plan.session.service != chosen.session.service:
        return replace(plan, search=_search(chosen.message, plan.session))
    return replace(plan, offers_find=bool(entry.services))


def _region_of(chosen: _Chosen) -> Plan:
    if chosen.value not in _REGION_CODES:
        raise NoSuchButton("names no region")
    session = replace(chosen.session, region=chosen.value)
    entry = chosen.entries.get(session.entry)
    if entry is None:
        return Plan(session, asks=AskWhere())
    return replace(_told(session, Answer(entry)), offers_find=bool(entry.services))


def _find(chosen: _Chosen) -> Plan:
    if chosen.value and chosen.value not in _SERVICE_CODES:
        raise NoSuchButton("names no service")
    return _from_there(chosen, replace(chosen.session, service=chosen.value))


def _place(chosen: _Chosen) -> Plan:
    if not isinstance(chosen.wish.place, Found):
        raise Stale
    session, place = _with_place(chosen.session, chosen.wish), chosen.wish.place.place
    if session.region not in _REGION_CODES:
        session = replace(session, region=_REGIONS.get(place.city, session.region))
    if place.level is Level.CITY:
        return Plan(session, asks=AskWhere(place.city))
    return _from_there(chosen, session)


def _city(chosen: _Chosen) -> Plan:
    if chosen.value not in _REGIONS:
        raise Stale
    return Plan(chosen.session, asks=AskWhere(chosen.value))


def _where(chosen: _Chosen) -> Plan:
    return Plan(chosen.session, asks=AskWhere())


def _more(chosen: _Chosen) -> Plan:
    value = chosen.value or "0"
    if not (value.isdecimal() and value.isascii() and int(value[:_DIGITS]) < MOST_SHOWN):
        raise NoSuchButton("counts past the last outlet")
    return _from_there(chosen, chosen.session, int(value[:_DIGITS]))


_DIGITS: Final = 4


def _language(chosen: _Chosen) -> Plan:
    if not chosen.value:
        return Plan(chosen.session, asks=WhichLanguage())
    if chosen.value not in SPOKEN:
        raise NoSuchButton("names no language of ours")
    return Plan(replace(chosen.session, language=chosen.value), speaks=True)


_NOT_THE_STAFF: Final = Pick(Kind.STAFF, NOBODY).id
_MESSAGE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _staff(chosen: _Chosen) -> Plan:
    if chosen.value == NOBODY:
        return Plan(chosen.session, handing=Handing.NOT)
    if not chosen.value or not chosen.session.heard:  # what it names was forgotten
        return Plan(chosen.session, handing=Handing.ASKED)
    if not _MESSAGE.fullmatch(chosen.value):
        raise NoSuchButton("names no message")
    return Plan(chosen.session, handing=Handing.DONE)


def _from_there(chosen: _Chosen, session: Session, skipped: int = 0) -> Plan:
    if not _is_placed(session):
        return Plan(session, asks=AskWhere())
    return Plan(session, search=_search(chosen.message, session, skipped))


def _elsewhere(_: _Chosen) -> Plan:
    raise NoSuchButton("cannot be chosen here")


_PICKS: Final[Mapping[Kind, Callable[[_Chosen], Plan]]] = MappingProxyType(
    {
        Kind.ENTRY: _entry,
        Kind.REGION: _region_of,
        Kind.FIND: _find,
        Kind.PLACE: _place,
        Kind.CITY: _city,
        Kind.WHERE: _where,
        Kind.MORE: _more,
        Kind.LANGUAGE: _language,
        Kind.STAFF: _staff,
        Kind.FORGET: _elsewhere,
        Kind.HERE: _elsewhere,
    }
)
