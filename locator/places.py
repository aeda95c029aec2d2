"""A typed place becomes a Place: Gazetteer.find, without I/O.

Law: the longest name first, the larger place first, and never a guess between two: those are Unclear.

A text is cut into Units (a Chinese character, a Latin word, a number). The longest run of Units that is a name is a
Mention, with all places so called as its Senses; cities and districts named in the text choose among its towns. Only
what names nothing is tried again: as initials, by its sound, by its letters.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from operator import add
from pathlib import Path
from typing import Final, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from locator.listing import Listing, list_outlet, read_listings, read_outside
from locator.model import Found, Level, Outlet, Place, Unclear, Unknown, Why
from locator.text import bounded, fold, sound, words

LONGEST_TEXT: Final = 200  # characters
MOST_CHOICES: Final = 8

_SIZE: Final = {level: size for size, level in enumerate(Level)}
_UNIT: Final = re.compile(r"[a-z]+|\d+|.")
_WRITTEN_IN_LATIN: Final = re.compile(r"[a-z\d]")
_ROAD: Final = re.compile(r"[东南西北中正上下一二三四五六七八九十]{0,2}(?:段|路|街(?!道)|巷|大道|大街)")
# 江阳西路 is a road, 太平村 a village, 朝阳区 a district far away: none says that our place of that name is meant.
_OTHER: Final = re.compile(_ROAD.pattern + r"|村|社区|区|县|州|市(?!场|民|政|中心)")
# These hold a name of ours by accident (长江北岸, 打开县城地图), or say nothing (四川: Luzhou and many others).
_NEUTRAL: Final = frozenset(
    ["四川省", "四川", "sichuan", "中国", "china", "长江", "嘉陵江", "沱江", "太平洋", "人和人", "打开"]
)
# Inside a sentence a name of two characters begins a word only after these, and surely ends one only before those.
_BEFORE: Final = frozenset("在到去往从离来住是于至近经过给找查问跟同和与及或")
_AFTER: Final = frozenset("的附这那边里呢吗啊去到离怎哪有最办和与")
# Towns whose bare name is an everyday word: 我在酒店 names no town, 酒店乡 does.
_EVERYDAY: Final = re.compile(
    "一品|三教|上和|下路|公平|东城|西城|南城|北城|城东|城西|城南|城北|江南|江东|保安|保家|联合|胜利|平安|太阳|惠民|同乐|和顺|"
    "大路|大进|大树|大石|火炉|水口|水田|桥头|土地|旧县|海洋|青年|温泉|冷水|红星|民主|白云|黄金|仁义|群力|新生|新村|新市|新民|"
    "天文|文化|酒店|高楼|高峰|高升|河边|河口|田坝|竹园|竹海|荔枝|海棠|莲花|菩提|正东|直升|东新|复兴|建平"
)
# Words around a name; what is left of a text without them may be a name with a slip.
_FILLER: Final = re.compile(
    "wo|zai|fu|jin|de|near(est)?|in|at|to|from|the|of|i|am|is|my|live|where|around|district|county|city|town|street|"
    "qu|xian|shi|zhen|jiedao|xiang"
)
_NAMELESS: Final = Unknown(Why.NO_SUCH_PLACE)
_LONGEST_SENTENCE: Final = 600  # characters
_LONGEST_WORD: Final = 60  # Latin letters without a space; the longest name has 37


class Unit(NamedTuple):
    """The smallest part of a text that can be part of a name."""

    text: str
    begins: bool  # a word: a space or a mark stood before it
    written: str  # what was typed, when `text` is only its sound

    @property
    def is_han(self) -> bool:
        return not self.written.isascii()


class Sense(NamedTuple):
    """A place that a name may mean."""

    place: Place
    areas: frozenset[str]  # the districts, present and former, that people put before this name
    bare: bool

    @property
    def is_small(self) -> bool:
        return self.place.level in (Level.TOWN, Level.OUTLET)

    def holds(self, other: "Sense") -> bool:
        """Whether this one only says where the other is."""
        if self.place.level is Level.CITY:
            return other.place.level is not Level.CITY and other.place.city == self.place.city
        within = other.is_small or (
            _is_unit(self.place) and not _is_unit(other.place) and not other.place.former
        )
        return not self.is_small and within and bool(self.areas & other.areas)

    def through(self, areas: frozenset[str]) -> "Sense":
        """Remember the former district by which the place was told from others."""
        if self.place.district in areas:
            return self
        return self._replace(place=replace(self.place, former=min(self.areas & areas)))


class Mention(NamedTuple):
    """The Units `start` to `end` of a text are a name with these Senses."""

    start: int
    end: int
    senses: tuple[Sense, ...]

    @property
    def areas(self) -> frozenset[str]:
        return frozenset(
            area for sense in self.senses if sense.place.level is Level.DISTRICT for area in sense.areas
        )

    @property
    def is_weak(self) -> bool:
        """Two characters of a sentence that are also a town."""
        return self.end - self.start == 2 and all(sense.is_small and sense.bare for sense in self.senses)

    @property
    def is_large(self) -> bool:
        return any(sense.place.level is not Level.TOWN for sense in self.senses)


def read_gazetteer(folder: Path) -> "Gazetteer":
    """Read districts.csv, towns.csv and outside.csv; README.md beside them tells their columns and sources."""
    return Gazetteer(_Shipped(read_listings(folder), read_outside(folder)))


class _Shipped:
    """The districts and towns, indexed once however often the outlets change."""

    def __init__(self, listings: Sequence[Listing], outside: Mapping[str, str]) -> None:
        """`outside`: names of places elsewhere in China, and the pinyin of each."""
        self.names = _indexed(listings)
        # 长沙 is far away before it is a town of 开州, but "fuyang" may well be our 符阳 and not 阜阳.
        spelled = {pinyin.replace(" ", ""): name for name, pinyin in outside.items()}
        ours = {pinyin for pinyin, name in spelled.items() if pinyin in self.names and name not in self.names}
        self.elsewhere = outside.keys() | (spelled.keys() - ours)
        self.initials = _initials(listings)
        self.spelled = _by_first_letter((*_mendable(self.names), *self.elsewhere))
        self.longest = max(len(_UNIT.findall(name)) for name in (*self.names, *self.elsewhere))
        self.places = tuple(listing.place for listing in listings)


class Reading(NamedTuple):
    """What a sentence says of places, letter by letter."""

    found: Found | Unclear | Unknown  # Unknown: it names none of ours
    rest: str  # the sentence without their names, folded, in pieces


class Gazetteer:
    """All places a text can name. Never changes once made, so threads may share it."""

    def __init__(self, shipped: _Shipped, outlets: Iterable[Outlet] = ()) -> None:
        listings = tuple(map(list_outlet, outlets))
        named = _indexed(listings)
        self._shipped = shipped
        self._elsewhere, self._initials, self._spelled = shipped.elsewhere, shipped.initials, shipped.spelled
        self._names = shipped.names | {
            name: (*shipped.names.get(name, ()), *senses) for name, senses in named.items()
        }
        self._longest = max(shipped.longest, *(len(_UNIT.findall(name)) for name in named), 0)
        self._beginnings = {name[:2] for name in (*self._names, *self._elsewhere) if not name[0].isascii()}
        self._latin = sorted({name for name in (*self._names, *self._elsewhere) if name[0].isascii()})
        self._latin_known = frozenset(self._latin)
        self._any_size = tuple(range(self._longest, 0, -1))
        self._sizes = _sizes((*self._names, *self._elsewhere, *_NEUTRAL))
        self.places = (*shipped.places, *(listing.place for listing in listings))
        self.units = frozenset((place.city, place.district) for place in shipped.places if place.district)

    def with_outlets(self, outlets: Iterable[Outlet]) -> "Gazetteer":
        """Make another Gazetteer, which finds these outlets by name too."""
        return Gazetteer(self._shipped, outlets)

    def districts_of(self, city: str) -> tuple[Place, ...]:
        """All present districts of a city, in official order."""
        return tuple(place for place in self.places if place.city == city and _is_unit(place))

    def find(self, text: str) -> Found | Unclear | Unknown:
        """Tell which place the text names. Raises BadInput when it is too long or holds control characters."""
        units = self._units(words(bounded(text, LONGEST_TEXT, "place")))
        if not units:
            return Unknown(Why.NO_SUCH_PLACE)
        mentions, is_outside = self._mentions(units)
        if is_outside and not mentions:
            return Unknown(Why.OUTSIDE)
        places = _resolved(mentions)
        if all(place.level is Level.CITY for place in places):
            return self._mended(units, mentions, places) or _answer(places, exact=True)
        return self._named(units, mentions, places)

    def read(self, sentence: str) -> Reading:
        """Tell which place a sentence about something else names: nothing is mended, for most of it is no name.

        Any text will do; of a long one the beginning is read.
        """
        pieces = words(sentence[:_LONGEST_SENTENCE])
        if not self._may_name(pieces):
            return Reading(_NAMELESS, " ".join(pieces))
        units = self._units(pieces)
        mentions, is_outside = self._mentions(units)
        if not mentions:
            return Reading(Unknown(Why.OUTSIDE if is_outside else Why.NO_SUCH_PLACE), _rest(units, mentions))
        return Reading(self._named(units, mentions, _resolved(mentions)), _rest(units, mentions))

    def _named(
        self, units: Sequence[Unit], mentions: Sequence[Mention], places: Sequence[Place]
    ) -> Found | Unclear | Unknown:
        if len(mentions) == 1 and mentions[0].is_weak and len(units) > 2:
            return self._beyond(units, mentions[0], places)
        return _answer(places, exact=True)

    # -- what the text says --

    def _may_name(self, pieces: Sequence[str]) -> bool:
        """Whether a name may begin anywhere. Most sentences that name no place are told at once."""
        begins = self._beginnings.isdisjoint
        if not all(begins(piece) and begins(map(add, piece, piece[1:])) for piece in pieces):
            return True
        if not _WRITTEN_IN_LATIN.search(" ".join(pieces)):
            return False
        units = [unit for piece in pieces for unit in _UNIT.findall(piece)]
        return any(map(self._may_begin, units, (*units[1:], "")))

    def _may_begin(self, unit: str, after: str) -> bool:
        """Whether a name that is not Chinese may begin with the unit, written in one with others or in pieces."""
        if not unit.isascii():
            return False
        both = unit + after
        if any(both[:end] in self._latin_known for end in range(len(both), 0, -1)):
            return True
        place = bisect_left(self._latin, both)
        return bool(after) and place < len(self._latin) and self._latin[place].startswith(both)

    def _units(self, pieces: Iterable[str]) -> list[Unit]:
        units = (
            Unit(part, place == 0, part)
            for word in pieces
            for place, unit in enumerate(_UNIT.findall(word))
            for part in self._parts(unit)
        )
        return list(islice(units, _LONGEST_SENTENCE))  # one sign may stand for a whole sentence: ﷺ

    def _parts(self, unit: str) -> list[str]:
        """Cut names written in one, "chongqingshapingba"; all of it or nothing."""
        if unit in self._names or not unit.isascii() or len(unit) > _LONGEST_WORD:
            return [unit]
        parts, start = [], 0
        while start < len(unit):
            ends = range(len(unit), start, -1)
            end = next((end for end in ends if unit[start:end] in self._names), None)
            if end is None:
                return [unit]
            parts.append(unit[start:end])
            start = end
        return parts

    def _mentions(self, units: Sequence[Unit], *, heard: bool = False) -> tuple[list[Mention], bool]:
        """Read from left to right, longest name first; also tell whether a place elsewhere is named."""
        mentions: list[Mention] = []
        start, is_outside, is_away = 0, False, False
        while start < len(units):
            end, senses, outside = self._longest_at(
                units, start, mentions[-1].end if mentions else 0, heard=heard
            )
            # A town named on after a place elsewhere lies there, 成都市双流区太平镇, until a new word begins.
            is_away = outside or (is_away and not units[start].begins)
            mention = Mention(start, end, senses)
            if senses and (not is_away or mention.is_large or any(other.is_large for other in mentions)):
                mentions.append(mention)
            is_outside = is_outside or outside
            start = end
        return mentions, is_outside

    def _longest_at(
        self, units: Sequence[Unit], start: int, named_until: int, *, heard: bool
    ) -> tuple[int, tuple[Sense, ...], bool]:
        for end, name in _runs(units, start, self._sizes_of(units[start].text)):
            if name in _NEUTRAL:
                return end, (), False
            if name not in self._names and name not in self._elsewhere:
                continue
            span = _Span(units, start, end, named_until, name)
            stands = span.is_heard if heard else span.is_meant
            senses = tuple(sense for sense in self._names.get(name, ()) if stands(sense))
            outside = not heard and name in self._elsewhere and not span.is_road
            if senses or outside:
                return end, senses, outside
        return start + 1, (), False

    def _sizes_of(self, first: str) -> Sequence[int]:
        """In how many Units a name may be written that begins with this one, the most first."""
        return self._any_size if first.isascii() else self._sizes.get(first, ())

    # -- what it may have meant to say --

    def _mended(
        self, units: Sequence[Unit], mentions: Sequence[Mention], places: Sequence[Place]
    ) -> Found | Unclear | Unknown | None:
        return self._by_initials(units) or self._by_sound(units, places) or self._by_letters(units, mentions)

    def _beyond(
        self, units: Sequence[Unit], town: Mention, places: Sequence[Place]
    ) -> Found | Unclear | Unknown:
        """Ask whether a longer name was meant: 沙坪把 holds the town 沙坪, and sounds like the district 沙坪坝."""
        heard, _ = self._mentions(_spoken(units), heard=True)
        longer = [other for other in heard if other.start <= town.start and town.end < other.end]
        if longer:
            return _answer(_resolved(longer), exact=False)
        mended = self._by_letters(units, ())
        if isinstance(mended, Found):
            return _answer((mended.place, *places), exact=False)
        return _answer(places, exact=True)

    def _by_initials(self, units: Sequence[Unit]) -> Found | Unclear | Unknown | None:
        places = self._initials.get(units[0].text, ()) if len(units) == 1 else ()
        return _answer(places, exact=True) if places else None

    def _by_sound(self, units: Sequence[Unit], known: Sequence[Place]) -> Found | Unclear | Unknown | None:
        if not any(unit.is_han for unit in units):
            return None
        mentions, _ = self._mentions(_spoken(units), heard=True)
        places = _resolved(mentions)
        return None if set(places) <= set(known) else _answer(places, exact=False)

    def _by_letters(
        self, units: Sequence[Unit], mentions: Sequence[Mention]
    ) -> Found | Unclear | Unknown | None:
        written = _unnamed(units, mentions)
        limit = _slips(written)
        if not limit:
            return None
        near = process.extract(
            written, self._spelled.get(written[0], ()), scorer=OSA.distance, score_cutoff=limit, limit=None
        )
        best = min((slips for _, slips, _ in near), default=0)
        names = [name for name, slips, _ in near if slips == best]
        senses = [sense for name in names for sense in self._names.get(name, ()) if _is_mendable(name, sense)]
        if senses:
            return _answer(_largest(_in_named_cities(senses, mentions)), exact=False)
        is_outside = written.isascii() and not mentions and any(name in self._elsewhere for name in names)
        return Unknown(Why.OUTSIDE) if is_outside else None


@dataclass(frozen=True, slots=True)
class _Span:
    """The units `start` to `end` of a text, which read `name`; whether they really stand for a place there."""

    units: Sequence[Unit]
    start: int
    end: int
    named_until: int  # where the mention before ends
    name: str

    def is_meant(self, sense: Sense) -> bool:
        if not sense.bare:
            return True
        if _OTHER.match(self._rest) or (self.name[-1] in "路街" and self._rest[:1].isdigit()):
            return False
        if sense.place.level is not Level.TOWN or len(self.name) > 2:  # two Latin letters are no name
            return True
        return self._is_alone if _EVERYDAY.fullmatch(self.name) else self._begins

    def is_heard(self, sense: Sense) -> bool:
        """Whether a name of the same sound is long enough, or stands alone enough, to be no accident."""
        syllables = self.end - self.start
        if sense.bare and _OTHER.match(self._rest):
            return False
        if sense.place.level is Level.TOWN:
            return self._is_alone or (syllables > 3 and not sense.bare)
        return syllables > 2 or (self._begins and self._ends)

    @property
    def is_road(self) -> bool:
        return _ROAD.match(self._rest) is not None

    @property
    def _rest(self) -> str:
        return "".join(unit.written for unit in self.units[self.end : self.end + 4])

    @property
    def _is_alone(self) -> bool:
        return self.start in (0, self.named_until) and self.end == len(self.units)

    @property
    def _begins(self) -> bool:
        before = self.units[self.start - 1].written
        return self.start in (0, self.named_until) or self.units[self.start].begins or before in _BEFORE

    @property
    def _ends(self) -> bool:
        if self.end == len(self.units):
            return True
        after = self.units[self.end]
        return after.begins or after.written in _AFTER


def _runs(units: Sequence[Unit], start: int, sizes: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield the end and the text of every run of so many Units from `start` on."""
    for size in sizes:
        if start + size <= len(units):
            yield start + size, "".join([unit.text for unit in units[start : start + size]])


def _sizes(names: Iterable[str]) -> Mapping[str, tuple[int, ...]]:
    """By the Chinese character that a name begins with: in how many Units such names are written, the most first.

    A character that begins no name has no sizes. A Latin word may be a piece of a name, so it is not listed.
    """
    found: defaultdict[str, set[int]] = defaultdict(set)
    for name in names:
        if not name[0].isascii():
            found[name[0]].add(len(_UNIT.findall(name)))
    return {first: tuple(sorted(sizes, reverse=True)) for first, sizes in found.items()}


def _spoken(units: Sequence[Unit]) -> list[Unit]:
    """Write each Chinese character as its syllable."""
    run = "".join(unit.text for unit in units if unit.is_han)
    syllables = sound(run).split()
    if len(syllables) != len(run):  # a character without a known reading is no syllable
        syllables = [sound(character) or character for character in run]
    spoken = iter(syllables)
    return [unit._replace(text=next(spoken)) if unit.is_han else unit for unit in units]


def _resolved(mentions: Sequence[Mention]) -> tuple[Place, ...]:
    """Let the places named in one text choose among each other; the larger ones that only say where fall away."""
    picked = [sense for index in range(len(mentions)) for sense in _picked(mentions, index)]
    if any(sense.is_small and not sense.bare for sense in picked):
        picked = [sense for sense in picked if not (sense.is_small and sense.bare)]
    kept = [sense.place for sense in picked if not any(sense.holds(other) for other in picked)]
    formers = {place.name for place in kept if place.former}
    return tuple(dict.fromkeys(place for place in kept if place.former or place.name not in formers))


def _picked(mentions: Sequence[Mention], index: int) -> list[Sense]:
    mention = mentions[index]
    senses = _in_named_cities(mention.senses, mentions)
    level = min((sense.place.level for sense in senses), key=_SIZE.__getitem__)
    largest = [sense for sense in senses if sense.place.level is level]
    areas = frozenset().union(*(other.areas for place, other in enumerate(mentions) if place != index))
    inside = [sense.through(areas) for sense in senses if sense.is_small and sense.areas & areas]
    if level in (Level.CITY, Level.DISTRICT):
        follows = index > 0 and mentions[index - 1].end == mention.start and mentions[index - 1].areas
        return inside if follows and inside else largest
    if inside or not areas:
        return inside or largest
    return [sense for sense in largest if not mention.is_weak]


def _in_named_cities(senses: Sequence[Sense], mentions: Sequence[Mention]) -> Sequence[Sense]:
    cities = {
        sense.place.city
        for mention in mentions
        for sense in mention.senses
        if sense.place.level is Level.CITY
    }
    return [sense for sense in senses if sense.place.city in cities] or senses


def _largest(senses: Sequence[Sense]) -> tuple[Place, ...]:
    level = min((sense.place.level for sense in senses), key=_SIZE.__getitem__)
    return tuple(dict.fromkeys(sense.place for sense in senses if sense.place.level is level))


def _answer(places: Sequence[Place], *, exact: bool) -> Found | Unclear | Unknown:
    if not places:
        return Unknown(Why.NO_SUCH_PLACE)
    if len(places) == 1:
        return Found(places[0], exact)
    ordered = sorted(
        places, key=lambda place: (_SIZE[place.level], place.city, place.district, place.name.zh)
    )
    return Unclear(tuple(ordered[:MOST_CHOICES]))


def _is_unit(place: Place) -> bool:
    return place.level is Level.DISTRICT and place.name.zh == place.district and not place.former


def _rest(units: Sequence[Unit], mentions: Sequence[Mention]) -> str:
    named = {place for mention in mentions for place in range(mention.start, mention.end)}
    pieces = (
        " " if place in named else f" {unit.text}" if unit.begins or not unit.is_han else unit.text
        for place, unit in enumerate(units)
    )
    return " ".join("".join(pieces).split())


def _unnamed(units: Sequence[Unit], mentions: Sequence[Mention]) -> str:
    named = {place for mention in mentions for place in range(mention.start, mention.end)}
    rest = [unit for place, unit in enumerate(units) if place not in named]
    han = "".join(unit.text for unit in rest if unit.is_han)
    return han or "".join(
        unit.text for unit in rest if unit.text.isalpha() and not _FILLER.fullmatch(unit.text)
    )


def _slips(written: str) -> int:
    """Tell how many letters may differ before it is another word."""
    if not written.isascii():
        return 1 if 3 <= len(written) <= 12 else 0
    if 5 <= len(written) <= 8:
        return 1
    return 2 if 8 < len(written) <= 40 else 0


def _is_mendable(name: str, sense: Sense) -> bool:
    """Short names are too near to each other, and those of towns to plain words."""
    if name.isascii():
        return len(name) >= (7 if sense.is_small else 5)
    return len(name) >= (5 if sense.is_small else 4) - sense.bare


def _indexed(listings: Iterable[Listing]) -> dict[str, tuple[Sense, ...]]:
    names: defaultdict[str, dict[Sense, None]] = defaultdict(dict)
    for listing in listings:
        for name, bare, former in listing.names:
            place = replace(listing.place, former=former) if former else listing.place
            names[fold(name)][Sense(place, listing.areas, bare)] = None
    names.pop("", None)
    return {name: tuple(senses) for name, senses in names.items()}


def _mendable(names: Mapping[str, Sequence[Sense]]) -> Iterator[str]:
    """All names but those of outlets, of which there may be very many."""
    return (
        name
        for name, senses in names.items()
        if any(sense.place.level is not Level.OUTLET for sense in senses)
    )


def _by_first_letter(names: Iterable[str]) -> dict[str, list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        groups[name[0]].append(name)
    return dict(groups)


def _initials(listings: Iterable[Listing]) -> dict[str, tuple[Place, ...]]:
    places: defaultdict[str, dict[Place, None]] = defaultdict(dict)
    for listing in listings:
        for letters in listing.initials:
            places[letters][listing.place] = None
    return {letters: tuple(found) for letters, found in places.items()}
