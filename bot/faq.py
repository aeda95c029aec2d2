"""The knowledge: every topic of faq/ and what they refer to, read and checked as a whole.

Law: knowledge with one fault is not used at all, and all its faults are named at once, so that one repair is enough.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.entry import EntryReader
from bot.model import CARD_INTENTS, Entry
from bot.reference import NameRow, Reference, read_reference, read_toml, shape_faults
from locator.errors import Fault, FaultyFile
from locator.text import fold

REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that the bot knows to say."""

    entries: Mapping[str, Entry]  # by id, in the order of the files
    reference: Reference


@dataclass(frozen=True, slots=True)
class Files:
    """What the files hold, before the topics are read: tables as TOML gives them, by the name of the file."""

    name: str  # of the folder
    topics: Mapping[str, Mapping[str, Any]]
    reference: Reference
    faults: tuple[Fault, ...] = ()


def read_files(folder: Path) -> Files:
    """Every file of faq/, none of them checked but for what all refer to."""
    faults: list[Fault] = []
    reference = read_reference(folder / REFERENCE, faults)
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        faults.append(Fault("", "", "holds no topic (*.toml)"))
    topics = {path.name: read_toml(path, faults) for path in paths}
    return Files(folder.name, topics, reference, tuple(faults))


def knowledge_in(files: Files) -> Knowledge:
    """Check all of it, and read it. Raises FaultyFile with every Fault of every file."""
    faults = list(files.faults)
    reader = EntryReader(files.reference)
    entries: list[Entry] = []
    for name, tables in files.topics.items():
        if tables:
            entries += _read_topic(name, tables, reader, faults)
    if files.topics:
        faults += _faults_between(entries, complete=not faults)
    if faults:
        raise FaultyFile(files.name, faults)
    return Knowledge({entry.id: entry for entry in entries}, files.reference)


def read_knowledge(folder: Path) -> Knowledge:
    """Read and check all of faq/. Raises FaultyFile with every Fault of every file."""
    return knowledge_in(read_files(folder))


def overdue(knowledge: Knowledge, today: date) -> list[Entry]:
    """The entries whose day of review has passed."""
    return [entry for entry in knowledge.entries.values() if entry.review_by < today]


def _read_topic(
    name: str, tables: Mapping[str, Any], reader: EntryReader, faults: list[Fault]
) -> Iterator[Entry]:
    title = _title(name, tables, faults)
    strange = tables.keys() - {"title", "entry"}
    faults += [Fault(name, field, "is not a field of a topic") for field in strange]
    listed = tables.get("entry", [])
    if not isinstance(listed, list):
        faults.append(Fault(name, "entry", "must be a list of tables: [[entry]]"))
        return
    for number, table in enumerate(listed, start=1):
        read = reader.read(table, title.name, f"{name} entry {number}")
        if isinstance(read, Entry):
            yield read
        else:
            faults += read


def _title(name: str, tables: Mapping[str, Any], faults: list[Fault]) -> NameRow:
    try:
        return NameRow.model_validate(tables.get("title"))
    except ValidationError as error:
        faults += shape_faults(f"{name} title", error)
    stem = name.removesuffix(".toml")
    return NameRow(zh=stem, en=stem)


def _faults_between(entries: Sequence[Entry], *, complete: bool) -> Iterator[Fault]:
    """What is wrong only when entries are seen together; what is missing can be told when all were read."""
    yield from _doubled_ids(entries)
    yield from _doubled_phrases(entries)
    by_id = {entry.id: entry for entry in entries}
    for entry in entries if complete else ():
        named = (*(("see", other) for other in entry.see), ("opposite", entry.opposite))
        for field, other in named:
            if other and other not in by_id:
                yield Fault(entry.id, field, f"{other} is not an entry")
        if entry.opposite in by_id and by_id[entry.opposite].opposite != entry.id:
            yield Fault(entry.id, "opposite", f"{entry.opposite} does not name this entry in turn")
    if complete:
        answered = {entry.intent for entry in entries}
        yield from (Fault("", intent, "has no entry") for intent in sorted(CARD_INTENTS - answered))


def _doubled_ids(entries: Iterable[Entry]) -> Iterator[Fault]:
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            yield Fault(entry.id, "id", "is used twice")
        seen.add(entry.id)


def _doubled_phrases(entries: Iterable[Entry]) -> Iterator[Fault]:
    """The same phrase, once case, script and punctuation are folded away."""
    homes: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for entry in entries:
        for phrase in entry.asked:
            homes[fold(phrase)].append((entry.id, phrase))
    for phrase, found in homes.items():
        if not phrase:
            yield from (Fault(entry, "ask", "has a phrase without a letter") for entry, _ in found)
        elif len(found) > 1:
            (first, said), *rest = found
            yield from (Fault(entry, "ask", f"“{said}” is also asked of {first}") for entry, _ in rest)
