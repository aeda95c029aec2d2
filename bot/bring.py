"""What to bring to a hall, by service: what the knowledge names, and what it leaves open.

Law: a region's own list takes the place of the general one, and it is said which of the two it is. What no entry names
is said to be unknown.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from bot.faq import Knowledge
from bot.model import NOTHING, Aspect, Entry, Region, Source
from locator.model import Name, Service

CHONGQING: Final = "重庆市"

# The questions whose answers are about going to a counter for just this.
_INTENTS: Final[Mapping[Service, frozenset[str]]] = MappingProxyType(
    {
        Service.INQUIRY: frozenset({"query_card_info"}),
        Service.ACTIVATION: frozenset({"activate_general", "activate_social"}),
        Service.LOSS_REPORT: frozenset({"loss_report"}),
        Service.LOSS_CANCEL: frozenset({"loss_cancel"}),
        Service.APPLICATION: frozenset({"apply_new", "apply_child", "apply_agent", "apply_foreigner_hmt"}),
        Service.REPLACEMENT: frozenset({"replace_lost", "replace_damaged", "replace_expired"}),
        Service.PIN_RESET: frozenset({"pwd_social"}),
        Service.INFO_CHANGE: frozenset({"info_change"}),
    }
)


class Papers(NamedTuple):
    """What is to be brought."""

    holder: Name  # by the person whose card it is
    agent: Name | None  # by who goes instead, where that is known
    is_regional: bool  # the region's own list; else what holds in general


class Case(NamedTuple):
    """The entries that name the same papers."""

    papers: Papers
    entries: tuple[Entry, ...]


def region_of(city: str) -> Region:
    """Whose rules hold in a city of ours."""
    return Region.CHONGQING if city == CHONGQING else Region.SICHUAN


def cases_of(service: Service, region: Region, knowledge: Knowledge) -> tuple[Case, ...]:
    """What to bring for a service in a region; () when no entry names anything."""
    found: dict[Papers, list[Entry]] = {}
    for entry in _entries(service, knowledge):
        if papers := _papers(entry, region):
            found.setdefault(papers, []).append(entry)
    return tuple(Case(papers, tuple(entries)) for papers, entries in found.items())


def sources_of(entries: Iterable[Entry], region: Region) -> tuple[Source, ...]:
    """Where they are written, each once, without what holds in the other region only."""
    others = frozenset(Region) - {region}
    sources = (source for entry in entries for source in entry.sources)
    return tuple(dict.fromkeys(source for source in sources if source.region not in others))


def _entries(service: Service, knowledge: Knowledge) -> Iterator[Entry]:
    for entry in knowledge.entries.values():
        if entry.intent in _INTENTS[service] and service in entry.services:
            yield entry


def _papers(entry: Entry, region: Region) -> Papers | None:
    own, general = entry.regions.get(region, NOTHING).aspects, entry.said.aspects
    named = {**general, **own}
    if Aspect.DOCUMENTS not in named:
        return None
    return Papers(named[Aspect.DOCUMENTS], named.get(Aspect.AGENT_DOCUMENTS), Aspect.DOCUMENTS in own)
