"""Two clerks edit the same drafts at once: none of what they were told is kept may be lost. `python -m tests.edits 10000`."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import NamedTuple

import sqlalchemy as sa

from bot.change import Change, change_json, combined
from bot.database import Database, insert_first, open_database
from bot.editions import Behind, Deed, Draft, Editions
from bot.tables import DRAFTS

ENTRIES = tuple(f"entry-{number}" for number in range(40))
CLERKS = ("anna", "bela")
BOTH_HAVE_READ = Barrier(len(CLERKS), timeout=30)
Edit = Callable[[Editions, Database, str, str, Deed], int]


class Ran(NamedTuple):
    edits: int
    lost: int
    collisions: int  # noticed, told, and done anew


def run(url: str, edits: int, edit: Edit) -> Ran:
    """Each clerk makes half of the edits, each with a phrase of its own, one entry after the other."""
    with closing(open_database(url)) as database:
        editions = Editions(database)

        def work(clerk: str) -> tuple[list[tuple[str, str]], int]:
            kept, collisions = [], 0
            for number in range(edits // len(CLERKS)):
                entry, phrase = ENTRIES[number % len(ENTRIES)], f"{clerk}的第{number}条"
                collisions += edit(editions, database, entry, phrase, Deed(clerk, datetime.now(UTC)))
                kept.append((entry, phrase))
            return kept, collisions

        with ThreadPoolExecutor(len(CLERKS)) as clerks:
            done = list(clerks.map(work, CLERKS))
        held = {entry: set(asked(editions.draft(entry))) for entry in ENTRIES}
    promised = [one for kept, _ in done for one in kept]
    lost = sum(phrase not in held[entry] for entry, phrase in promised)
    return Ran(len(promised), lost, sum(collisions for _, collisions in done))


def asked(draft: Draft) -> tuple[str, ...]:
    return draft.change.asked if draft.change else ()


def add(editions: Editions, _: Database, entry: str, phrase: str, deed: Deed) -> int:
    """As the page of misses does: it cannot collide."""
    editions.add(Change(entry, asked=(phrase,)), deed)
    return 0


def save(editions: Editions, _: Database, entry: str, phrase: str, deed: Deed) -> int:
    """As the form of an entry does: read, write, and again when somebody else was faster."""
    collisions = 0
    while True:
        draft = editions.draft(entry)
        change = combined(draft.change or Change(entry), Change(entry, asked=(phrase,)))
        try:
            editions.save(change, draft.version, deed)
        except Behind:
            collisions += 1
        else:
            return collisions


def overwrite(editions: Editions, database: Database, entry: str, phrase: str, deed: Deed) -> int:
    """As it must not be: both read, then both write, and the last one wins. The run must be able to see that this loses some."""
    draft = editions.draft(entry)
    BOTH_HAVE_READ.wait()
    change = combined(draft.change or Change(entry), Change(entry, asked=(phrase,)))
    row = {"version": draft.version + 1, "change": change_json(change), "who": deed.who, "at": deed.at}
    with database.transaction() as connection:
        connection.execute(insert_first(DRAFTS)[connection.dialect.name], row | {"entry": entry})
        connection.execute(sa.update(DRAFTS).where(DRAFTS.c.entry == entry).values(row))
    return 0


def main(edits: int) -> None:
    """Print what became of them."""
    for edit in (add, save, overwrite):
        with TemporaryDirectory() as folder:
            ran = run(f"sqlite:///{Path(folder) / 'bot.db'}", edits, edit)
        print(f"{edit.__name__}: {ran.edits} edits, {ran.lost} lost, {ran.collisions} collisions told")  # noqa: T201 - what it was started for


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
