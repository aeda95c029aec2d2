"""What the desk changes of the knowledge, kept apart from its files: phrases, texts, new entries.

Law: a change tells what it found and what it makes of it. Where the files say a third thing by now it does not fit, and
nothing of it is applied; where they say already what it makes of it, there is nothing left to do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import SequenceMatcher
from functools import reduce
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter

from bot.faq import Files
from locator.language import mark
from locator.text import fold

Texts = Mapping[
    str, str
]  # what an entry says, by path: "answer.zh", "region.chongqing.sms.zh"; "" is not there
Table = dict[str, Any]

NOTHING: Final = "-"  # a list that is there and empty: nothing to bring
LISTS: Final = ("documents.self", "documents.agent", "services", "see", "sources")
DAYS: Final = ("reviewed", "review_by")
_APART: Final = frozenset({"id", "ask"})  # what is no text of an entry

_GONE: Final = mark("The entry {what} is no more.")
_NO_TOPIC: Final = mark("The topic {what} is no more.")
_OTHERWISE: Final = mark("“{what}” says something else by now.")
_ASKED_OF_ANOTHER: Final = mark("“{what}” leads to another entry by now.")


@dataclass(frozen=True, slots=True)
class Change:
    """Of one entry."""

    entry: str
    topic: str = ""  # of an entry that is new: the file it belongs to
    texts: Mapping[str, tuple[str, str]] = field(
        default_factory=dict
    )  # by path: what was found, what it becomes
    asked: tuple[str, ...] = ()  # phrases that are added
    unasked: tuple[str, ...] = ()  # phrases that are taken away
    since: date | None = None  # the day from which it holds, in China; None: at once

    @property
    def is_empty(self) -> bool:
        return not (self.texts or self.asked or self.unasked)


class Unfit(NamedTuple):
    """A change that cannot be applied any more, and why."""

    change: Change
    why: str  # a marked sentence, to be filled with `what`
    what: str


class Applied(NamedTuple):
    """The files as they are with changes, and what became of these."""

    files: Files
    held: tuple[Change, ...]  # those that the files do not hold already
    unfit: tuple[Unfit, ...]


_JSON: Final = TypeAdapter(Change)


def change_json(change: Change) -> Any:
    """For the database."""
    return _JSON.dump_python(change, mode="json")


def read_change(value: Any) -> Change:
    return _JSON.validate_python(value)


# -- an entry, flat --


def tidy(text: str) -> str:
    """As texts are compared: however lines end, and whatever stands around them."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()


def texts_of(table: Mapping[str, Any]) -> dict[str, str]:
    """All that an entry's table says, but its id and its phrases."""
    return {path: tidy(text) for path, text in _walk(table, "") if path.partition(".")[0] not in _APART}


def _walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, held in value.items():
            yield from _walk(held, f"{path}.{name}" if path else name)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield path, "\n".join(map(str, value)) or NOTHING
    else:
        yield path, str(value)


def phrases_of(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Chinese, then English."""
    asked = table.get("ask", {})
    return (*asked.get("zh", ()), *asked.get("en", ()))


def value_of(path: str, text: str) -> Any:
    """The text as TOML has it: a list, a day, or a text. A day that is none stays a text, which is a fault."""
    if text and path.endswith(LISTS):
        return [] if text == NOTHING else text.split("\n")
    if path in DAYS:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


class Home(NamedTuple):
    """An entry as it stands in the files."""

    topic: str  # the name of its file
    table: Mapping[str, Any]


def home_of(files: Files, entry: str) -> Home | None:
    return next(
        (
            Home(name, table)
            for name, tables in files.topics.items()
            for table in tables.get("entry", ())
            if table["id"] == entry
        ),
        None,
    )


def put(table: Any, path: str, value: Any) -> None:
    """Write one value into an entry's table, which may be tomlkit's; "" takes it out, with what holds nothing else."""
    name, _, rest = path.partition(".")
    if rest:
        if name not in table:
            table[name] = {}
        put(table[name], rest, value)
        if not table[name]:
            del table[name]
    elif value != "":
        table[name] = value
    elif name in table:
        del table[name]


def language_of(phrase: str) -> str:
    """The list that a phrase belongs to."""
    return "en" if phrase.isascii() else "zh"


# -- applying --


def in_force(changes: Iterable[Change], today: date) -> tuple[Change, ...]:
    """Those that hold on this day, in the order in which they came to hold."""
    holding = (one for one in changes if one.since is None or one.since <= today)
    return tuple(sorted(holding, key=lambda one: one.since or date.min))


def apply(files: Files, changes: Iterable[Change]) -> Applied:
    """One after the other. The files that came in stay as they are."""
    copy = _Copy(files)
    held, unfit = [], []
    for change in changes:
        if misfit := copy.misfit(change):
            unfit.append(misfit)
        elif copy.make(change):
            held.append(change)
    return Applied(copy.files(), tuple(held), tuple(unfit))


class _Copy:
    """Of the files, to be written in."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._topics = {
            name: [table["id"] for table in tables.get("entry", ())] for name, tables in files.topics.items()
        }
        self._entries: dict[str, Table] = {
            table["id"]: table for tables in files.topics.values() for table in tables.get("entry", ())
        }
        self._homes = {
            fold(phrase): name for name, table in self._entries.items() for phrase in phrases_of(table)
        }

    def files(self) -> Files:
        topics = {
            name: {**self._files.topics[name], "entry": [self._entries[one] for one in ids]}
            for name, ids in self._topics.items()
        }
        return replace(self._files, topics=topics)

    def misfit(self, change: Change) -> Unfit | None:
        table = self._entries.get(change.entry)
        if table is None and not change.topic:
            return Unfit(change, _GONE, change.entry)
        if table is None and change.topic not in self._topics:
            return Unfit(change, _NO_TOPIC, change.topic)
        now = texts_of(table or {})
        for path, found_and_made in change.texts.items():
            if now.get(path, "") not in found_and_made:
                return Unfit(change, _OTHERWISE, path)
        for phrase in change.asked:
            if self._homes.get(fold(phrase), change.entry) != change.entry:
                return Unfit(change, _ASKED_OF_ANOTHER, phrase)
        return None

    def make(self, change: Change) -> bool:
        """Whether it made a difference."""
        known = self._entries.get(change.entry)
        table = deepcopy(known) if known else {"id": change.entry, "ask": {"zh": [], "en": []}}
        for path, (_, text) in change.texts.items():
            if texts_of(table).get(path, "") != text:
                put(table, path, value_of(path, text))
        self._ask(table, change)
        if table == known:
            return False
        if known is None:
            self._topics[change.topic].append(change.entry)
        self._entries[change.entry] = table
        return True

    def _ask(self, table: Table, change: Change) -> None:
        gone = {fold(phrase) for phrase in change.unasked}
        lists = table["ask"]
        for language in lists:
            lists[language] = [one for one in lists[language] if fold(one) not in gone]
        for phrase in gone:
            self._homes.pop(phrase, None)
        for phrase in change.asked:
            if self._homes.get(fold(phrase)) != change.entry:
                lists.setdefault(language_of(phrase), []).append(phrase)
                self._homes[fold(phrase)] = change.entry


# -- changes of changes --


def combined(first: Change, second: Change) -> Change:
    """One change that does what the two do, one after the other."""
    texts = dict(first.texts)
    for path, (found, made) in second.texts.items():
        texts[path] = (texts[path][0] if path in texts else found, made)
    return Change(
        entry=second.entry,
        topic=first.topic or second.topic,
        texts={path: pair for path, pair in texts.items() if pair[0] != pair[1]},
        asked=_and_not(first.asked, second.unasked) + _and_not(second.asked, first.asked + first.unasked),
        unasked=_and_not(first.unasked, second.asked) + _and_not(second.unasked, first.unasked + first.asked),
        since=second.since,
    )


def _and_not(phrases: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    gone = {fold(one) for one in others}
    return tuple(one for one in phrases if fold(one) not in gone)


def joined(published: Sequence[Change], new: Change, today: date) -> tuple[Change, ...]:
    """What is published when `new` is added: one change an entry, as far as they hold already."""
    if new.since is not None and new.since > today:
        return (*published, new)
    before = [one for one in in_force(published, today) if one.entry == new.entry]
    others = tuple(one for one in published if one not in before)
    made = replace(reduce(combined, (*before, new)), since=None)
    return others if made.is_empty else (*others, made)


def between(entry: str, table: Mapping[str, Any], texts: Texts, phrases: Sequence[str]) -> Change:
    """The change that makes an entry's table say these texts, and be asked with these phrases."""
    now, asked = texts_of(table), phrases_of(table)
    paths = dict.fromkeys((*now, *texts))
    pairs = {path: (now.get(path, ""), tidy(texts.get(path, ""))) for path in paths}
    return Change(
        entry,
        texts={path: pair for path, pair in pairs.items() if pair[0] != pair[1]},
        asked=_and_not(phrases, asked),
        unasked=_and_not(asked, phrases),
    )


class Piece(NamedTuple):
    """Of a text that was changed: what stays, what goes or what comes."""

    kind: str  # "same", "gone" or "new"
    text: str


def pieces(was: str, becomes: str) -> Iterator[Piece]:
    """Both texts in one."""
    for kind, start, end, other, other_end in SequenceMatcher(None, was, becomes, False).get_opcodes():
        if kind == "equal":
            yield Piece("same", was[start:end])
            continue
        if start < end:
            yield Piece("gone", was[start:end])
        if other < other_end:
            yield Piece("new", becomes[other:other_end])
