"""What a message asks beyond its subject: an aspect, a region – and whether it goes on from the answer before.

Law: a message goes on when it has no subject of its own. 那要带什么, 重庆呢 do; 怎么解开呢 has one, and is only read
in the light of what was said.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Final, NamedTuple

from bot.grams import is_pinyin
from bot.lexicon import Found, Lexicon
from bot.model import Aspect, Entry, Region
from bot.view import View

_ASPECTS: Final[Mapping[str, Aspect]] = MappingProxyType(
    {
        "documents": Aspect.DOCUMENTS,
        "photo": Aspect.DOCUMENTS,
        "id-card": Aspect.DOCUMENTS,
        "agent": Aspect.AGENT_DOCUMENTS,
        "fee": Aspect.FEE,
        "money": Aspect.FEE,
        "progress": Aspect.TIME,
        "at-once": Aspect.TIME,
        "where": Aspect.CHANNEL,
        "outlet": Aspect.CHANNEL,
        "app": Aspect.CHANNEL,
        "hotline": Aspect.CHANNEL,
    }
)
_REGIONS: Final[Mapping[str, Region]] = MappingProxyType(
    {"city-chongqing": Region.CHONGQING, "city-sichuan": Region.SICHUAN}
)
_POINTING: Final = frozenset({"plain-card"})  # 卡: the one that was spoken of
_VOWELS: Final = frozenset("aeiou")
_LOOSE: Final = 1  # units that may stand beside


class Thread(NamedTuple):
    """What was said before, as far as the next message may refer to it."""

    entry: Entry | None = None
    region: Region | None = None


NO_THREAD: Final = Thread()


class Intent(NamedTuple):
    """What one message asks."""

    aspect: Aspect | None
    region: Region | None
    goes_on: bool  # it has no subject of its own and refers to the thread's entry
    near: tuple[str, ...]  # ids of the entries that the thread leads to


def read_intent(seen: View, thread: Thread, lexicon: Lexicon) -> Intent:
    """Read what the message asks in the light of what was said before."""
    meanings = [one.meaning for one in seen.found]
    aspect = next((_ASPECTS[meaning] for meaning in meanings if meaning in _ASPECTS), None)
    named = {_REGIONS[meaning] for meaning in meanings if meaning in _REGIONS}
    (region,) = named if len(named) == 1 else (None,)
    entry = thread.entry
    goes_on = (
        entry is not None
        and (region is not None or _tells(entry, aspect))
        and _has_no_subject(seen.found, len(seen.seen.units), lexicon)
    )
    return Intent(aspect, region if named else thread.region, goes_on, _near(entry))


def is_english(seen: View, vocabulary: AbstractSet[str]) -> bool:
    """Whether to answer in English: no Chinese character, and more words of English than of pinyin.

    `vocabulary` holds the English words that are known; many of them could be pinyin too (change, can, pin).
    """
    units = seen.seen.units
    if not all(map(str.isascii, units)):
        return False
    letters = [unit for unit in units if unit.isalpha()]
    english = sum(unit in vocabulary or _cannot_be_pinyin(unit) for unit in letters)
    return english > len(letters) / 2


def _cannot_be_pinyin(unit: str) -> bool:
    return not is_pinyin(unit) and not _VOWELS.isdisjoint(unit)


def _tells(entry: Entry, aspect: Aspect | None) -> bool:
    return any(aspect in saying.aspects for saying in (entry.said, *entry.regions.values()))


def _has_no_subject(found: Sequence[Found], length: int, lexicon: Lexicon) -> bool:
    idle = lexicon.fillers | _ASPECTS.keys() | _REGIONS.keys() | _POINTING
    idling = {(one.start, one.end) for one in found if one.meaning in idle}
    if any((one.start, one.end) not in idling for one in found):
        return False
    covered = {number for one in found for number in range(one.start, one.end)}
    return length - len(covered) <= _LOOSE


def _near(entry: Entry | None) -> tuple[str, ...]:
    if entry is None:
        return ()
    return tuple(name for name in (entry.opposite, *entry.see) if name)
