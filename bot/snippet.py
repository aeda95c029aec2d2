"""What a clerk reads aloud or sends: an answer in each voice, by region; an outlet in one sentence.

Law: nothing is said here that the entry or the outlet does not say. That an outlet must be asked first is in every
sentence on one, however short.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from bot.adviser import Adviser
from bot.decide import Answer
from bot.model import NOTHING, Aspect, Entry, Region
from bot.phrase import Voice, phrase
from bot.spoken import SIMPLIFIED
from bot.spots import Spots
from locator import wording
from locator.cards import Card, card_of
from locator.hours import OpeningState
from locator.language import CHINESE, ENGLISH, Language, language_of, mark
from locator.model import Hit, Offer

LONGEST_SMS: Final = 70  # characters of one message
ENGLISH_VOICE: Final = "en"
VOICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        Voice.PHONE.value: mark("Phone script"),
        Voice.SMS.value: mark("SMS"),
        Voice.FULL.value: mark("Full answer"),
        ENGLISH_VOICE: mark("English"),
    }
)
"""How each is called, in the order of the keys."""
GENERAL: Final = "general"
_REGIONS: Final[Mapping[Region, str]] = MappingProxyType(
    {Region.SICHUAN: mark("Sichuan"), Region.CHONGQING: mark("Chongqing")}
)
_FACTS: Final[Mapping[Aspect, str]] = MappingProxyType(
    {
        Aspect.DOCUMENTS: mark("The person brings"),
        Aspect.AGENT_DOCUMENTS: mark("Who goes for them brings"),
        Aspect.FEE: mark("Cost"),
        Aspect.TIME: mark("How long"),
        Aspect.CHANNEL: mark("Where"),
    }
)


class Fact(NamedTuple):
    """One aspect of an answer."""

    name: str
    said: str
    is_known: bool


class Variant(NamedTuple):
    """An answer as it holds in one region, or in general."""

    code: str  # the region's, or GENERAL
    name: str
    texts: Mapping[str, str]  # by voice
    lent: frozenset[str]  # the voices that are the general text, as the region has none of its own
    facts: tuple[Fact, ...]


class Told(NamedTuple):
    """An outlet in one sentence, by voice."""

    said: str
    sms: str
    english: str


def variants(entry: Entry, adviser: Adviser, language: Language) -> tuple[Variant, ...]:
    """In general, then by region where rules differ; what is not for callers is written in `language`."""
    regions = (None, *(region for region in Region if region in entry.regions))
    return tuple(_variant(entry, region, adviser, language) for region in regions)


def _variant(entry: Entry, region: Region | None, adviser: Adviser, language: Language) -> Variant:
    return Variant(
        region.value if region else GENERAL,
        language.say(_REGIONS[region]) if region else language.say("In general"),
        {voice: _text(entry, region, voice, adviser) for voice in VOICES},
        _lent(entry, region),
        tuple(_facts(entry, region, adviser.hotline, language)),
    )


def _text(entry: Entry, region: Region | None, voice: str, adviser: Adviser) -> str:
    """As it is said to a caller: in Chinese, or in English."""
    spoken, how = (ENGLISH, Voice.FULL) if voice == ENGLISH_VOICE else (SIMPLIFIED, Voice(voice))
    decision = Answer(entry, None, region)
    return phrase(decision, adviser.knowledge.entries, adviser.hotline, spoken, how).text


def _lent(entry: Entry, region: Region | None) -> frozenset[str]:
    if region is None:
        return frozenset()
    own = entry.regions[region]
    told = {Voice.PHONE.value: own.phone, Voice.SMS.value: own.sms}
    return frozenset(voice for voice, text in told.items() if not text)


def _facts(entry: Entry, region: Region | None, hotline: str, language: Language) -> Iterator[Fact]:
    """The region's own, else what holds in general. Who goes for somebody is told of wherever documents are."""
    own = entry.regions.get(region, NOTHING).aspects if region else {}
    held = {**entry.said.aspects, **own}
    for aspect, name in _FACTS.items():
        if aspect in held:
            yield Fact(language.say(name), language.pick(held[aspect]), is_known=True)
        elif aspect is Aspect.AGENT_DOCUMENTS and Aspect.DOCUMENTS in held:
            said = language.say("Not in our sources; ask {hotline}.", hotline=hotline)
            yield Fact(language.say(name), said, is_known=False)


# -- an outlet --


def tell(hit: Hit, spots: Spots) -> Told:
    """What to say of an outlet that was found."""
    chinese = card_of(hit, spots.query, spots.result.origin, CHINESE)
    english = card_of(hit, spots.query, spots.result.origin, ENGLISH)
    return Told(_said(chinese, spots, SIMPLIFIED), _sms(chinese), _said(english, spots, ENGLISH))


def _said(card: Card, spots: Spots, language: Language) -> str:
    outlet, locators = card.hit.outlet, language_of(language.short)
    parts = (
        _begun(card, spots, language),
        language.say("Address: {address}.", address=_address(card)),
        language.say("Phone: {phone}.", phone=outlet.phone) if outlet.phone else "",
        *(_sentence(line, language) for line in (card.opening, *card.notices)),
        _sentence(card.services, language) if spots.query.filter.service else "",
        wording.status_words(outlet.status, locators),
        wording.call_first_words(locators),
    )
    return language.space.join(filter(None, parts))


def _sentence(line: str, language: Language) -> str:
    return language.say("{line}.", line=line[:1].upper() + line[1:])


def _begun(card: Card, spots: Spots, language: Language) -> str:
    named = {"name": card.name, "distance": card.distance}
    if _is_nearest(card.hit, spots):
        return language.say("The nearest is {name}, {distance} away.", **named)
    return language.say("There is {name}, {distance} away.", **named)


def _is_nearest(hit: Hit, spots: Spots) -> bool:
    """The first is, unless those stand first that are known to fit."""
    is_sorted = spots.query.filter.open_at is None and hit.offer is not Offer.YES
    return is_sorted and not spots.skipped and hit is spots.result.hits[0]


def _sms(card: Card) -> str:
    """The longest that fits in one message; when none does, the shortest. It always tells whether it is open."""
    outlet, say = card.hit.outlet, SIMPLIFIED.say
    phone = say(", phone {phone}", phone=outlet.phone) if outlet.phone else ""
    short = f"{outlet.district}{outlet.address}"
    sentence = _UNSURE if card.hit.opening.state is OpeningState.UNKNOWN else _IN_SHORT
    drafts = [
        say(sentence, name=card.name, address=address, phone=told, opening=card.opening)
        for address, told in ((_address(card), phone), (short, phone), (short, ""))
    ]
    return next((draft for draft in drafts if len(draft) <= LONGEST_SMS), drafts[-1])


def _address(card: Card) -> str:
    outlet = card.hit.outlet
    return f"{outlet.city}{outlet.district}{outlet.address}"


_IN_SHORT: Final = mark("{name}, {address}{phone}. {opening}. Call 12333 before you go.")
_UNSURE: Final = mark(
    "{name}, {address}{phone}. Whether it is open is not confirmed: call 12333 before you go."
)
