"""One [[entry]] of a topic file and its rules: read into an Entry, or into all that is wrong with it.

Law: an answer states no figure that its sources do not state, and prints no phone number and no address of its own.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints, ValidationError

from bot.model import CARD_INTENTS, INTENTS, Aspect, Entry, Region, Saying, Source
from bot.reference import NameRow, Reference, Row, shape_faults
from locator.errors import Fault
from locator.model import Name, Service

LEAST_CHINESE: Final = 12
LEAST_ENGLISH: Final = 4
LONGEST_SMS: Final = 70
LONGEST_ANSWER: Final = 1_200
LONGEST_PHRASE: Final = 120
# Read aloud to an old person: four syllables a second, for 30 seconds.
MOST_SYLLABLES: Final = 120

ENTRY_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PLACEHOLDER: Final = re.compile(r"\{(\w*)\}")
_BRACES: Final = frozenset("{}｛｝")
_ADDRESS: Final = re.compile(r"https?:|www\.|[a-z0-9-]+\.(?:cn|com|gov|org|net)(?![a-z])", re.IGNORECASE)
_STEP: Final = re.compile(r"^\s*\d+\. ", re.MULTILINE)
_DIGITS: Final = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"两": 2}
_TENS: Final = {"十": 10, "百": 100, "千": 1_000}
_NUMERALS: Final = "".join((*_DIGITS, *_TENS, "万"))
_UNITS: Final = "天|日内|年内|个月|小时|分钟|元|块钱|次|%|个工作日"
_FIGURE: Final = re.compile(
    rf"(?:(?<![A-Za-z\d])|(?<=RMB)|(?<=CNY))\d+(?:[.,:-]\d+)*|(?<![第同{_NUMERALS}])[{_NUMERALS}]+(?=(?:{_UNITS}))"
)
# 一次, 一天, 两次 count nothing that a source would state.
_SMALL: Final = frozenset({"一", "两"})


class _SayingRow(Row):
    answer: NameRow | None = None
    documents: Mapping[str, tuple[str, ...]] | None = None
    fee: NameRow | None = None
    time: NameRow | None = None
    channel: NameRow | None = None
    phone: Mapping[str, str] | None = None
    sms: Mapping[str, str] | None = None


class _AskRow(Row):
    zh: tuple[Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PHRASE)], ...]
    en: tuple[Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PHRASE)], ...]


class EntryRow(_SayingRow):
    """As it stands in the file."""

    id: str = Field(pattern=f"^{ENTRY_ID.pattern}$")
    intent: str
    title: NameRow
    ask: _AskRow
    region: Mapping[Region, _SayingRow] = {}
    services: tuple[Service, ...] = ()
    opposite: str = ""
    see: tuple[str, ...] = ()
    sources: tuple[str, ...]
    reviewed: date
    review_by: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class EntryReader:
    """Reads entries that refer to one Reference. When that has faults, each is looked at by itself, and none is read."""

    reference: Reference

    def read(self, table: Any, topic: Name, where: str) -> Entry | list[Fault]:
        """The Entry, or every Fault of it; `where` names it when it has no usable id."""
        try:
            row = EntryRow.model_validate(table)
        except ValidationError as error:
            return shape_faults(_named(table, where), error)
        faults = list(self._faults(row))
        if faults or not self.reference.whole:
            return faults
        return self._entry(row, topic)

    def _entry(self, row: EntryRow, topic: Name) -> Entry:
        return Entry(
            id=row.id,
            topic=topic,
            intent=row.intent,
            title=self._name(row.title),
            asked=row.ask.zh + row.ask.en,
            said=self._saying(row),
            regions={region: self._saying(one) for region, one in row.region.items()},
            services=row.services,
            opposite=row.opposite,
            see=row.see,
            sources=self._sources(row),
            reviewed=row.reviewed,
            review_by=row.review_by,
            note=self._filled(row.note),
        )

    def _sources(self, row: EntryRow) -> tuple[Source, ...]:
        return tuple(self.reference.sources[name] for name in row.sources)

    def _saying(self, row: _SayingRow) -> Saying:
        return Saying(
            answer=self._name(row.answer),
            aspects=dict(self._aspects(row)),
            phone=self._filled((row.phone or {}).get("zh", "")),
            sms=self._filled((row.sms or {}).get("zh", "")),
        )

    def _aspects(self, row: _SayingRow) -> Iterator[tuple[Aspect, Name]]:
        listed = row.documents or {}
        for aspect, who in ((Aspect.DOCUMENTS, "self"), (Aspect.AGENT_DOCUMENTS, "agent")):
            if who in listed:
                yield aspect, self._listed(listed[who])
        for aspect in (Aspect.FEE, Aspect.TIME, Aspect.CHANNEL):
            if said := getattr(row, aspect):
                yield aspect, self._name(said)

    def _listed(self, ids: Iterable[str]) -> Name:
        names = [self.reference.documents[name] for name in ids]
        if not names:
            return Name("不用带材料", "nothing")
        return Name("、".join(name.zh for name in names), "; ".join(name.en for name in names))

    def _name(self, row: NameRow | None) -> Name:
        return Name(self._filled(row.zh), self._filled(row.en)) if row else Name("", "")

    def _filled(self, text: str) -> str:
        contacts = self.reference.contacts
        return _PLACEHOLDER.sub(lambda found: contacts[found[1]].phone, text).strip()

    # -- rules --

    def _faults(self, row: EntryRow) -> Iterator[Fault]:
        told = (
            *_phrase_faults(row),
            *_voice_faults(row),
            *self._length_faults(row),
            *(self._reference_faults(row) if self.reference.whole else ()),
        )
        yield from (Fault(row.id, field, why) for field, why in told)
        if row.intent not in INTENTS:
            yield Fault(row.id, "intent", f"{row.intent} is not one of the labels")
        if row.review_by <= row.reviewed:
            yield Fault(row.id, "review_by", "must lie after reviewed")

    def _reference_faults(self, row: EntryRow) -> Iterator[tuple[str, str]]:
        unknown = [name for name in row.sources if name not in self.reference.sources]
        yield from (("sources", f"{name} is not in sources.toml") for name in unknown)
        if row.intent in CARD_INTENTS and not row.sources:
            yield "sources", "an answer on the card needs at least one"
        for path, one in _sayings(row):
            for who, ids in (one.documents or {}).items():
                if who not in ("self", "agent"):
                    yield f"{path}documents", f"{who}: the person is self or agent"
                strange = [name for name in ids if name not in self.reference.documents]
                yield from (
                    (f"{path}documents.{who}", f"{name} is not in documents.toml") for name in strange
                )
        stated = self._stated(row)
        for field, text in _texts(row):
            yield from ((field, why) for why in self._text_faults(text, stated))

    def _stated(self, row: EntryRow) -> frozenset[str]:
        sources = (self.reference.sources[name] for name in row.sources if name in self.reference.sources)
        return frozenset(figure for source in sources for fact in source.says for figure in figures(fact))

    def _text_faults(self, text: str, stated: frozenset[str]) -> Iterator[str]:
        for name in _PLACEHOLDER.findall(text):
            if name not in self.reference.contacts:
                yield f"{{{name}}} is not in contacts.toml"
        if not _BRACES.isdisjoint(_PLACEHOLDER.sub("", text)):
            yield "holds a brace that is part of no {name}"
        if _ADDRESS.search(text):
            yield "holds an address; citizens get addresses from sources only"
        for figure in figures(_PLACEHOLDER.sub("", text)):
            if figure not in stated:
                yield f"the figure {figure} is in none of its sources"

    def _length_faults(self, row: EntryRow) -> Iterator[tuple[str, str]]:
        contacts = self.reference.contacts
        for field, raw in _texts(row):
            text = _PLACEHOLDER.sub(
                lambda one: contacts[one[1]].phone if one[1] in contacts else "", raw
            ).strip()
            if "sms" in field and len(text) > LONGEST_SMS:
                yield field, f"has {len(text)} characters, at most {LONGEST_SMS} fit"
            if "phone" in field and syllables(text) > MOST_SYLLABLES:
                yield field, f"has {syllables(text)} syllables, 30 seconds hold {MOST_SYLLABLES}"
            if len(text) > LONGEST_ANSWER:
                yield field, f"has {len(text)} characters, at most {LONGEST_ANSWER} are read"


def _named(table: Any, where: str) -> str:
    """The entry's id where it has one, else where it stands."""
    name = table.get("id") if isinstance(table, Mapping) else None
    return name if isinstance(name, str) and name else where


def _sayings(row: EntryRow) -> Iterator[tuple[str, _SayingRow]]:
    yield "", row
    yield from ((f"region.{region}.", one) for region, one in row.region.items())


def _texts(row: EntryRow) -> Iterator[tuple[str, str]]:
    """Every text that people see or hear, with the field it stands in."""
    yield "note", row.note
    yield from ((f"title.{language}", text) for language, text in row.title)
    for path, one in _sayings(row):
        for field in ("answer", "fee", "time", "channel"):
            if said := getattr(one, field):
                yield from ((f"{path}{field}.{language}", text) for language, text in said)
        for field in ("phone", "sms"):
            voice: Mapping[str, str] = getattr(one, field) or {}
            yield from ((f"{path}{field}.{language}", text) for language, text in voice.items())


def _phrase_faults(row: EntryRow) -> Iterator[tuple[str, str]]:
    for language, least in (("zh", LEAST_CHINESE), ("en", LEAST_ENGLISH)):
        held = len(getattr(row.ask, language))
        if held < least:
            yield f"ask.{language}", f"has {held} phrases, needs {least}"


def _voice_faults(row: EntryRow) -> Iterator[tuple[str, str]]:
    if row.answer is None:
        yield "answer", "is missing"
    for field in ("phone", "sms"):
        if not (getattr(row, field) or {}).get("zh", "").strip():
            yield f"{field}.zh", "is missing"
    for path, one in _sayings(row):
        for field in ("phone", "sms"):
            strange = (getattr(one, field) or {}).keys() - {"zh"}
            yield from ((f"{path}{field}.{language}", "is a voice nobody speaks") for language in strange)
    if row.services:
        wanted = ("documents", "fee", "time", "channel")
        missing = [field for field in wanted if not getattr(row, field)]
        yield from ((field, "is missing; what is done at a counter needs it") for field in missing)


def figures(text: str) -> Iterator[str]:
    """The numbers in a text, without the numbers of its steps; 七天 counts as 7."""
    for found in _FIGURE.findall(_STEP.sub("", text)):
        if found in _SMALL:
            continue
        yield str(_number(found)) if found[0] in _NUMERALS else found


def _number(numerals: str) -> int:
    """七 is 7, 三十 is 30, 六十五 is 65, 三百 is 300; 两三 is 23, which no source states."""
    total = held = 0
    for numeral in numerals:
        if numeral == "万":
            total, held = (total + held) * 10_000, 0
        elif numeral in _TENS:
            total, held = total + (held or 1) * _TENS[numeral], 0
        else:
            held = held * 10 + _DIGITS[numeral]
    return total + held


def syllables(text: str) -> int:
    """How long a text is when read aloud: a Chinese character or a digit is one, a Latin word two."""
    words = re.findall(r"[A-Za-z]+", text)
    spoken = sum(1 for character in text if character.isdigit() or unicodedata.category(character) == "Lo")
    return spoken + 2 * len(words)
