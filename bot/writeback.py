"""What was published at the desk, written back into the files of faq/ for review in version control.

Law: comments, order and style of the files stay; what is written is read again and checked before any file is touched.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.items import AoT

from bot.change import Change, Unfit, apply, language_of, put, value_of
from bot.faq import Files, knowledge_in, read_files
from locator.text import fold

_ONE_LINE: Final = 60  # characters of a list that stands on one line


def write_back(folder: Path, changes: Iterable[Change]) -> tuple[tuple[Change, ...], tuple[Unfit, ...]]:
    """Write the changes into the files of the folder: what was written, and what does not fit them.

    Changes that the files hold already are neither. Raises FaultyFile when the files would have a fault with them;
    then no file was touched.
    """
    files = read_files(folder)
    knowledge_in(files)
    applied = apply(files, changes)
    held = {topic: list(_of(topic, applied.files, applied.held)) for topic in files.topics}
    written = {topic: _rewritten(folder / topic, own) for topic, own in held.items() if own}
    knowledge_in(_read_again(files, written))
    for topic, text in written.items():
        (folder / topic).write_text(text, encoding="utf-8")
    return applied.held, applied.unfit


def _of(topic: str, files: Files, changes: Iterable[Change]) -> Iterator[Change]:
    ids = {table["id"] for table in files.topics[topic].get("entry", ())}
    return (one for one in changes if one.entry in ids)


def _read_again(files: Files, written: Mapping[str, str]) -> Files:
    topics = {name: tomllib.loads(text) for name, text in written.items()}
    return replace(files, topics={**files.topics, **topics})


def _rewritten(path: Path, changes: Iterable[Change]) -> str:
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    entries = document.setdefault("entry", tomlkit.aot())
    for change in changes:
        _write(_table(entries, change), change)
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _table(entries: AoT, change: Change) -> Any:
    """The entry's own; a new one stands last."""
    found = next((table for table in entries if table["id"] == change.entry), None)
    if found is not None:
        return found
    table = tomlkit.table()
    table["id"] = change.entry
    table.trivia.indent = "\n"
    entries.append(table)
    return entries[-1]


def _write(table: Any, change: Change) -> None:
    for path, (_, text) in change.texts.items():
        _put(table, path, value_of(path, text))
    gone = {fold(phrase) for phrase in change.unasked}
    for language in ("zh", "en"):
        new = [phrase for phrase in change.asked if language_of(phrase) == language]
        _ask(table, f"ask.{language}", new, gone)


def _ask(table: Any, path: str, new: list[str], gone: set[str]) -> None:
    name, language = path.split(".")
    held = table.get(name, {}).get(language)
    if held is None:
        if new:
            table.append(tomlkit.key([name, language]), _column(new))
        return
    for phrase in [one for one in held if fold(one) in gone]:
        held.remove(phrase)
    known = {fold(one) for one in held}
    held.extend(phrase for phrase in new if fold(phrase) not in known)


def _put(table: Any, path: str, value: Any) -> None:
    """In its place; what is new stands in a line of its own: fee.zh = "…"."""
    if value == "" or _is_there(table, path.split(".")):
        put(table, path, value if value == "" else _item(value))
    else:
        table.append(tomlkit.key(path.split(".")), _item(value))


def _is_there(table: Any, names: list[str]) -> bool:
    for name in names:
        if name not in table:
            return False
        table = table[name]
    return True


def _item(value: Any) -> Any:
    if isinstance(value, list):
        return _row(value) if sum(map(len, value)) < _ONE_LINE else _column(value)
    if isinstance(value, date):
        return tomlkit.date(value.isoformat())
    return _lines(value) if "\n" in value else tomlkit.string(value)


def _lines(text: str) -> Any:
    """Beginning below the quotes, as the files have it."""
    written = tomlkit.string(f"{text}\n", multiline=True).as_string()
    return tomlkit.value(written.replace('"""', '"""\n', 1))


def _row(values: list[str]) -> Any:
    listed = tomlkit.array()
    listed.extend(values)
    return listed


def _column(values: list[str]) -> Any:
    """One a line, as phrases stand."""
    listed = tomlkit.array()
    for value in values:
        listed.add_line(value, indent="  ")
    listed.add_line(indent="")
    return listed
