"""Drafts and editions of the knowledge, kept in the database: what is being worked on, and what was published.

Law: nobody overwrites what they have not seen. A draft has a version and the knowledge an edition; who comes with an older
one is told what is there by now, and nothing is changed. An edition is never changed: rolling back publishes it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.audit import note
from bot.change import Change, change_json, combined, read_change
from bot.database import Database, hold, insert_first
from bot.tables import CHANGES, DRAFTS, EDITIONS, REPLAYS

_NEVER: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_KEEP_REPLAY: Final = insert_first(REPLAYS)


class Deed(NamedTuple):
    """Who does something at the desk, and when."""

    who: str
    at: datetime  # aware


class Draft(NamedTuple):
    """What is being worked on in one entry."""

    entry: str
    version: int = 0  # grows with each change, and never comes again
    change: Change | None = None
    who: str = ""
    at: datetime = _NEVER


class Edition(NamedTuple):
    """All that was published up to then, on top of the files."""

    number: int = 0  # 0: the files as they are
    at: datetime = _NEVER
    who: str = ""
    about: str = ""  # the entry that was changed
    same_as: int | None = None  # the edition that was rolled back to
    changes: tuple[Change, ...] = ()


class Behind(Exception):  # noqa: N818 - reads as what it is: somebody is behind, nothing is broken
    """Somebody else was faster. Nothing was changed."""


class Editions:
    """Of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- what was published --

    def number(self) -> int:
        """Of the newest edition."""
        with self._database.statements() as connection:
            return _newest(connection)

    def newest(self) -> Edition:
        with self._database.statements() as connection:
            return _edition(connection, _newest(connection))

    def history(self, most: int) -> Sequence[Edition]:
        """The newest first, without their changes."""
        rows = sa.select(EDITIONS).order_by(EDITIONS.c.number.desc()).limit(most)
        with self._database.statements() as connection:
            return [_told(row) for row in connection.execute(rows)]

    def publish(self, draft: Draft, changes: Sequence[Change], after: int, deed: Deed) -> Edition:
        """Make `changes` the edition that comes after number `after`; the draft is done.

        Raises Behind unless both the draft and the edition are still as they were.
        """
        with self._database.transaction() as connection:
            _hold(connection, draft.entry)
            if _draft(connection, draft.entry).version != draft.version or draft.change is None:
                raise Behind
            edition = Edition(after + 1, deed.at, deed.who, draft.entry, None, tuple(changes))
            _add(connection, edition, _numbers(connection, changes, after))
            _put(connection, draft._replace(change=None), deed)
            after_json = {"edition": edition.number, "change": change_json(draft.change)}
            _note(connection, deed, "edition.publish", draft.entry, {"edition": after}, after_json)
        return edition

    def roll_back(self, to: int, after: int, deed: Deed) -> Edition:
        """Publish edition `to` once more. Raises Behind unless `after` is still the newest, or when there is no such edition."""
        with self._database.transaction() as connection:
            hold(connection, "editions")
            old = _row(connection, to)
            if not 0 <= to < after or (to and old is None):
                raise Behind
            edition = Edition(after + 1, deed.at, deed.who, "", to, _edition(connection, to).changes)
            _add(connection, edition, list(old.changes) if old else [])
            _note(
                connection,
                deed,
                "edition.roll-back",
                str(to),
                {"edition": after},
                {"edition": edition.number},
            )
        return edition

    # -- drafts --

    def draft(self, entry: str) -> Draft:
        with self._database.statements() as connection:
            return _draft(connection, entry)

    def drafts(self) -> Sequence[Draft]:
        """Those with something in them, the latest first."""
        rows = sa.select(DRAFTS).order_by(DRAFTS.c.at.desc(), DRAFTS.c.entry)
        with self._database.statements() as connection:
            found = [_read(row) for row in connection.execute(rows)]
        return [draft for draft in found if draft.change is not None]

    def add(self, change: Change, deed: Deed) -> Draft:
        """Add this to the draft of its entry, whatever else is in that by now."""
        with self._database.transaction() as connection:
            _hold(connection, change.entry)
            draft = _draft(connection, change.entry)
            both = combined(draft.change or Change(change.entry), change)
            kept = _put(connection, draft._replace(change=None if both.is_empty else both), deed)
            _note(connection, deed, "draft.add", change.entry, _texts(draft.change), _texts(both))
        return kept

    def save(self, change: Change, version: int, deed: Deed) -> Draft:
        """Make this the draft of its entry. Raises Behind unless the draft is still that version."""
        with self._database.transaction() as connection:
            _hold(connection, change.entry)
            draft = _draft(connection, change.entry)
            if draft.version != version:
                raise Behind
            kept = _put(connection, draft._replace(change=None if change.is_empty else change), deed)
            _note(connection, deed, "draft.save", change.entry, _texts(draft.change), _texts(change))
        return kept

    def drop(self, entry: str, version: int, deed: Deed) -> None:
        """Raises Behind unless the draft is still that version."""
        with self._database.transaction() as connection:
            _hold(connection, entry)
            draft = _draft(connection, entry)
            if draft.version != version:
                raise Behind
            _put(connection, draft._replace(change=None), deed)
            _note(connection, deed, "draft.drop", entry, _texts(draft.change), None)

    # -- replays --

    def replay(self, edition: int, draft: Draft) -> Any:
        """As it was kept; None when there is none of just this draft on just this edition."""
        key = (REPLAYS.c.edition == edition) & (REPLAYS.c.entry == draft.entry)
        found = sa.select(REPLAYS.c.replay).where(key & (REPLAYS.c.version == draft.version))
        with self._database.statements() as connection:
            return connection.execute(found).scalar()

    def keep_replay(self, edition: int, draft: Draft, replay: Any) -> None:
        row = {"edition": edition, "entry": draft.entry, "version": draft.version, "replay": replay}
        with self._database.transaction() as connection:
            connection.execute(sa.delete(REPLAYS).where(REPLAYS.c.edition < edition))
            connection.execute(_KEEP_REPLAY[connection.dialect.name], row)


def _hold(connection: Connection, entry: str) -> None:
    """Editions first, so that no two wait for each other."""
    hold(connection, "editions")
    hold(connection, "drafts", entry)


def _newest(connection: Connection) -> int:
    return connection.execute(sa.select(sa.func.max(EDITIONS.c.number))).scalar() or 0


def _row(connection: Connection, number: int) -> sa.Row[Any] | None:
    return connection.execute(sa.select(EDITIONS).where(EDITIONS.c.number == number)).one_or_none()


def _edition(connection: Connection, number: int) -> Edition:
    row = _row(connection, number)
    if row is None:
        return Edition()
    changes = sa.select(CHANGES.c.number, CHANGES.c.change).where(CHANGES.c.number.in_(row.changes))
    by_number = {one.number: read_change(one.change) for one in connection.execute(changes)}
    return _told(row)._replace(changes=tuple(by_number[one] for one in row.changes))


def _told(row: sa.Row[Any]) -> Edition:
    return Edition(row.number, row.at, row.who, row.about, row.same_as)


def _add(connection: Connection, edition: Edition, numbers: list[int]) -> None:
    """Raises Behind when there is an edition after the one it was made from."""
    if _newest(connection) != edition.number - 1:
        raise Behind
    row = edition._asdict() | {"changes": numbers}
    connection.execute(sa.insert(EDITIONS).values(row))


def _numbers(connection: Connection, changes: Sequence[Change], after: int) -> list[int]:
    """Those that edition `after` has already keep their row."""
    row = _row(connection, after)
    held = zip(_edition(connection, after).changes, row.changes if row else (), strict=True)
    known = list(held)
    return [
        next((number for old, number in known if old == one), None) or _keep(connection, one)
        for one in changes
    ]


def _keep(connection: Connection, change: Change) -> int:
    new = sa.insert(CHANGES).values(change=change_json(change)).returning(CHANGES.c.number)
    return int(connection.execute(new).scalar_one())


def _draft(connection: Connection, entry: str) -> Draft:
    row = connection.execute(sa.select(DRAFTS).where(DRAFTS.c.entry == entry)).one_or_none()
    return _read(row) if row else Draft(entry)


def _read(row: sa.Row[Any]) -> Draft:
    change = None if row.change is None else read_change(row.change)
    return Draft(row.entry, row.version, change, row.who, row.at)


def _put(connection: Connection, draft: Draft, deed: Deed) -> Draft:
    kept = Draft(draft.entry, draft.version + 1, draft.change, deed.who, deed.at)
    held = sa.null() if kept.change is None else change_json(kept.change)
    row = {"entry": kept.entry, "version": kept.version, "who": kept.who, "at": kept.at, "change": held}
    if draft.version == 0:
        connection.execute(sa.insert(DRAFTS).values(row))
    else:
        connection.execute(sa.update(DRAFTS).where(DRAFTS.c.entry == kept.entry).values(row))
    return kept


def _texts(change: Change | None) -> Mapping[str, Any] | None:
    """What an auditor may see of a draft: no phrase, which may be a citizen's."""
    if change is None:
        return None
    held: dict[str, Any] = change_json(replace(change, asked=(), unasked=()))
    return {"texts": held["texts"], "phrases": len(change.asked), "phrases_gone": len(change.unasked)}


def _note(connection: Connection, deed: Deed, what: str, about: str, before: Any, after: Any) -> None:  # noqa: PLR0913, PLR0917 - as `note`
    note(connection, at=deed.at, who=deed.who, what=what, about=about, before=before, after=after)
