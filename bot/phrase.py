"""A decision, said: the reply in the voice of a face, in the language asked for.

Law: what is printed comes from the entry, its reference, or the catalogue; never from the message.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from bot.button import Button, Kind, Pick
from bot.decide import Answer, Clarify, Decision, Decline, Why
from bot.model import NOTHING, Aspect, Entry, Region, Saying, Source
from bot.spots import Spots
from locator.language import Language, mark


class Voice(StrEnum):
    """How an answer is said."""

    FULL = "full"  # on a page or in a chat
    PHONE = "phone"  # read aloud by a clerk, in Chinese
    SMS = "sms"  # in Chinese


class Listing(NamedTuple):
    """Outlets that were found, and what is said of them as a list."""

    title: str
    said: tuple[str, ...]
    notice: str  # that the address of the district's own outlet is not confirmed; "" when it is
    spots: Spots


class Reply(NamedTuple):
    """What to say, and what may be chosen next. Each face writes it in its own way."""

    text: str
    buttons: tuple[Button, ...] = ()
    sources: tuple[str, ...] = ()
    is_answer: bool = False  # the buttons go further; else they are a choice that has to be made
    listing: Listing | None = None


_REMEMBERED: Final = (
    512  # answers: what an entry says of one aspect in one region and language, over and over
)
_LABELS: Final[Mapping[Aspect, str]] = MappingProxyType(
    {
        Aspect.DOCUMENTS: mark("Bring: {what}"),
        Aspect.AGENT_DOCUMENTS: mark("If somebody goes for you: {what}"),
        Aspect.FEE: mark("Cost: {what}"),
        Aspect.TIME: mark("How long: {what}"),
        Aspect.CHANNEL: mark("Where: {what}"),
    }
)
_REGIONS: Final[Mapping[Region, str]] = MappingProxyType(
    {Region.SICHUAN: mark("Sichuan: {what}"), Region.CHONGQING: mark("Chongqing: {what}")}
)
_DECLINED: Final[Mapping[Why, str]] = MappingProxyType(
    {
        Why.EMPTY: mark("Please write your question in words, for example: my card is lost, what now?"),
        Why.ELSEWHERE: mark(
            "This is not about the social security card, so I cannot say. I answer questions on the card: loss,"
            " replacement, activation, PIN. For the rest of social insurance, call {hotline}."
        ),
        Why.UNSURE: mark(
            "I am not sure what you mean, and would rather not guess. Please say it in other words, or call {hotline}"
            " and ask a person."
        ),
    }
)


def phrase(
    decision: Decision, entries: Mapping[str, Entry], hotline: str, spoken: Language, voice: Voice
) -> Reply:
    """Say the decision."""
    if isinstance(decision, Answer):
        return Reply(
            _answer(decision.entry, decision.aspect, decision.region, spoken, voice),
            _buttons((entries[name] for name in decision.entry.see), spoken),
            _sources(decision.entry, spoken),
            is_answer=True,
        )
    if isinstance(decision, Clarify):
        return Reply(spoken.say("Which of these do you mean?"), _buttons(decision.entries, spoken))
    return Reply(_declined(decision, hotline, spoken))


def _declined(decision: Decline, hotline: str, spoken: Language) -> str:
    if decision.entry is not None:
        return spoken.pick(decision.entry.said.answer)
    return spoken.say(_DECLINED[decision.why], hotline=hotline)


def _buttons(entries: Iterable[Entry], spoken: Language) -> tuple[Button, ...]:
    return tuple(Button(Pick(Kind.ENTRY, entry.id), spoken.pick(entry.title)) for entry in entries)


@lru_cache(maxsize=_REMEMBERED)
def _sources(entry: Entry, spoken: Language) -> tuple[str, ...]:
    return tuple(f"{_source(one, spoken)} {one.public_url}".strip() for one in entry.sources)


def _source(source: Source, spoken: Language) -> str:
    if not source.dated:
        return source.title
    return spoken.say("{title} ({dated})", title=source.title, dated=source.dated)


# -- an answer --


@lru_cache(maxsize=_REMEMBERED)
def _answer(entry: Entry, asked: Aspect | None, region: Region | None, spoken: Language, voice: Voice) -> str:
    if voice is Voice.PHONE:
        return _regional(entry, region).phone or entry.said.phone
    if voice is Voice.SMS:
        return _regional(entry, region).sms or entry.said.sms
    lines = list(_aspect_lines(entry, region, [asked], spoken)) if asked else []
    if lines:
        return "\n".join(lines)
    return "\n\n".join(_whole(entry, region, spoken))


def _regional(entry: Entry, region: Region | None) -> Saying:
    return entry.regions.get(region, NOTHING) if region else NOTHING


def _whole(entry: Entry, region: Region | None, spoken: Language) -> Iterator[str]:
    """The answer, what is special in the region – in each, when none is known –, and every aspect."""
    yield spoken.pick(entry.said.answer)
    yield from _told_by_region(entry, region, spoken)
    aspects = "\n".join(_aspect_lines(entry, region, Aspect, spoken))
    if aspects:
        yield aspects


def _told_by_region(entry: Entry, region: Region | None, spoken: Language) -> Iterator[str]:
    """What is special, always with the region it is special to: what was understood may be wrong."""
    for one, saying in entry.regions.items():
        if region in (None, one) and (said := spoken.pick(saying.answer)):
            told = spoken.say(_REGIONS[one], what=said)
            yield said if said.startswith(told[: len(told) - len(said)].rstrip()) else told


def _aspect_lines(
    entry: Entry, region: Region | None, aspects: Iterable[Aspect], spoken: Language
) -> Iterator[str]:
    between = spoken.say("; ")
    held = entry.said.aspects.keys() | {one for saying in entry.regions.values() for one in saying.aspects}
    for aspect in aspects:
        if aspect in held and (said := between.join(_aspect_words(entry, region, aspect, spoken))):
            yield spoken.say(_LABELS[aspect], what=said)


def _aspect_words(entry: Entry, region: Region | None, aspect: Aspect, spoken: Language) -> Iterator[str]:
    """What holds in the region; when none is known, each region's own, and what holds in general for the rest."""

    def own(saying: Saying) -> str:
        return spoken.pick(saying.aspects[aspect]) if aspect in saying.aspects else ""

    general = own(entry.said)
    if region:
        yield own(_regional(entry, region)) or general
        return
    regional = list(_by_region(entry, None, own, spoken))
    if general and len(regional) < len(Region):
        yield general
    yield from regional


def _by_region(
    entry: Entry, region: Region | None, part: Callable[[Saying], str], spoken: Language
) -> Iterator[str]:
    """`part` of the region's saying; of every region's, each named, when none is known."""
    if region:
        if said := part(_regional(entry, region)):
            yield said
        return
    for one, saying in entry.regions.items():
        if said := part(saying):
            yield spoken.say(_REGIONS[one], what=said)
