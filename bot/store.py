"""Conversations, kept in SQLite or PostgreSQL: no message is lost or answered twice, by any number of processes.

Law: what is kept of a message is kept at once, and only when its party's session is still as it was found; else the
message is worked on anew. SQLite lets one writer in at a time; on PostgreSQL nobody waits for a message that is worked
on, and no transaction is open meanwhile. Nothing of the driver gets out, neither its errors nor what they quote.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes
from select import POLLIN, poll
from time import monotonic, sleep
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from bot.ports import (
    LONGEST_ID,
    LONGEST_TEXT,
    Letter,
    Message,
    Miss,
    Outcome,
    Party,
    Reused,
    Session,
    StoreFailed,
    Told,
    Update,
    Work,
)
from locator.errors import BadInput
from locator.text import bounded, fold

MOST_EXAMPLES: Final = 5  # of a miss
_WAIT_S: Final = 10.0
_LOOK_AGAIN_S: Final = 0.001
_SECRET_BYTES: Final = 32
_MOST_TRIES: Final = 100  # each time, another message of the party was kept
_WHEREABOUTS_KEPT: Final = timedelta(hours=1)
REVISION: Final = "3"  # the newest step in `migrations`
# A letter is due, then on its way, then one of the others.
_DUE, _ON_ITS_WAY, _DELIVERED, _REFUSED, _UNSURE = "due", "on its way", "delivered", "refused", "unsure"

# By the beginning of SQLite's error name or PostgreSQL's SQLSTATE: what is wrong, and what to do.
_ADVICE: Final[Mapping[str, str]] = {
    "SQLITE_BUSY": "is locked; close the program that holds it (a backup, a shell), then try again",
    "SQLITE_LOCKED": "is locked; close the program that holds it (a backup, a shell), then try again",
    "SQLITE_FULL": "is full; free space on its disk",
    "SQLITE_READONLY": "may not be written; give this program's user the right to write the file and its folder",
    "SQLITE_PERM": "may not be written; give this program's user the right to write the file and its folder",
    "SQLITE_CANTOPEN": "cannot be opened; its folder must exist, and this program's user must be able to write there",
    "SQLITE_NOTADB": "is no SQLite database; name another file",
    "SQLITE_CORRUPT": "is damaged; put a backup in its place",
    "SQLITE_IOERR": "cannot be read or written; check its disk",
    "55P03": "is locked; end the transaction that holds it, then try again",
    "53100": "is full; free space on its server's disk",
    "25006": "may not be written; name the primary server, not a standby",
    "42501": "may not be changed by this user; make the user its owner",
    "57P": "is shutting down; try again when its server is running",
    "40": "is busy; try again",
}
# psycopg gives no code for a connection that was not made.
_UNREACHABLE: Final = (
    "cannot be reached; check its address, that its server is running, that the database was created, the user and"
    " the password"
)


class _UtcTime(sa.TypeDecorator[datetime]):
    """Aware going in and coming out; SQLite knows no zones, so what is stored is UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


# -- the tables as they are now; how they came to be is in `migrations` --

TABLES: Final = sa.MetaData()
_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_sessions = sa.Table(
    "sessions",
    TABLES,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("party", sa.Text, primary_key=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("lat", sa.Float),
    sa.Column("lon", sa.Float),
    sa.Column("choices", sa.JSON, nullable=False),
    sa.Column("updated", _UtcTime, nullable=False, index=True),
    sa.Column("heard", sa.Text, nullable=False, server_default=""),
    sa.Column("open_at", _UtcTime),
    sa.Column("pace", _UtcTime),
)
_turns = sa.Table(
    "turns",
    TABLES,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("choice", sa.Text, nullable=False),
    sa.Column("at", _UtcTime, nullable=False, index=True),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("reply", sa.LargeBinary, nullable=False),
    sa.Column("helpful", sa.Boolean),
    sa.UniqueConstraint("channel", "message", name="a_message_is_answered_once"),
    sa.Index("ix_turns_party", "channel", "party"),
    sqlite_autoincrement=True,
)
# A miss goes with its turn: nothing that somebody wrote is kept longer.
_misses = sa.Table(
    "misses",
    TABLES,
    sa.Column(
        "turn",
        _NUMBER,
        sa.ForeignKey("turns.number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("folded", sa.Text, nullable=False),
)
_letters = sa.Table(
    "letters",
    TABLES,
    sa.Column("id", _NUMBER, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", _UtcTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("not_before", _UtcTime),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_letters_party", "channel", "party"),
    # An id that came back would let `delivered` mark somebody else's letter.
    sqlite_autoincrement=True,
)
_updates = sa.Table(
    "updates",
    TABLES,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", _UtcTime, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
)
_leases = sa.Table(
    "leases",
    TABLES,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", _UtcTime, nullable=False),
)
_secrets = sa.Table(
    "secrets",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("value", sa.LargeBinary, nullable=False),
)
# What one session holds beside its party, what it holds of where and when somebody wants to go, and the time that
# orders each table.
_HELD: Final = tuple(field.name for field in fields(Session) if field.name != "party")
_WHEREABOUTS: Final[Mapping[str, str | None]] = {"place": "", "lat": None, "lon": None, "open_at": None}
_AGES: Final = {
    _turns: _turns.c.at,
    _sessions: _sessions.c.updated,
    _letters: _letters.c.at,
    _updates: _updates.c.at,
}


# -- what is said for each message: made once, and in as few statements as the lock allows --

_INSERTS: Final[Mapping[str, Callable[[sa.Table], Any]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
_SEEN: Final = (_turns.c.party, _turns.c.text, _turns.c.choice, _turns.c.reply)


# Another one whenever PostgreSQL has written the session; SQLite has let in no other writer.
_VERSION: Final[Mapping[str, sa.ColumnElement[Any]]] = {
    "postgresql": sa.literal_column("sessions.xmin::text"),
    "sqlite": sa.literal_column("''"),
}


def _find(version: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """One row: what is seen of the turn that has the id, the session's version, and what is held of it; or nulls.

    Last, whether something else for the party waits, or was delivered after `since`.
    """
    one = sa.select(sa.literal_column("1")).subquery()
    channel, message, party = (sa.bindparam(name, type_=sa.Text) for name in ("channel", "message", "party"))
    turn = (_turns.c.channel == channel) & (_turns.c.message == message)
    session = (_sessions.c.channel == channel) & (_sessions.c.party == party)
    letter = (_letters.c.channel == channel) & (_letters.c.party == party)
    busy = sa.exists().where(letter & _is_recent(sa.bindparam("since", type_=_UtcTime()))).label("busy")
    joined = one.outerjoin(_turns, turn).outerjoin(_sessions, session)
    return sa.select(*_SEEN, version, *(_sessions.c[name] for name in _HELD), busy).select_from(joined)


def _is_recent(since: Any) -> sa.ColumnElement[bool]:
    return sa.or_(_letters.c.state.in_((_DUE, _ON_ITS_WAY)), _letters.c.at > since)


def _insert_or_update(new: Any) -> Any:
    """`new`: an insert of a session, of either dialect."""
    kept = {name: new.excluded[name] for name in _HELD}
    return new.on_conflict_do_update(index_elements=_sessions.primary_key.columns, set_=kept)


def _new(table: sa.Table) -> dict[str, sa.BindParameter[Any]]:
    """A value of each column, by names that two tables may use in one statement."""
    return {
        column.name: sa.bindparam(f"{table.name}_{column.name}", type_=column.type)
        for column in table.columns
    }


def _if_unchanged(*, is_new: bool, is_miss: bool) -> sa.Insert:
    """Session, turn and miss in one statement of PostgreSQL's: one row, or none when the session is another by now."""
    row = _new(_sessions)
    mine = (_sessions.c.channel == row.pop("channel")) & (_sessions.c.party == row.pop("party"))
    is_known = mine & (_VERSION["postgresql"] == sa.bindparam("version"))
    session: Any = (
        postgresql.insert(_sessions).values(_new(_sessions)).on_conflict_do_nothing()
        if is_new
        else sa.update(_sessions).where(is_known).values(row)
    )
    kept = session.returning(_sessions.c.channel).cte("kept")
    turn = {name: value for name, value in _new(_turns).items() if name not in ("number", "helpful")}
    told = sa.insert(_turns).from_select(list(turn), sa.select(*turn.values()).select_from(kept))
    if not is_miss:
        return told
    number = told.returning(_turns.c.number).cte("told")
    return sa.insert(_misses).from_select(
        ["turn", "folded"], sa.select(number.c.number, _new(_misses)["folded"]).select_from(number)
    )


def _insert_first(table: sa.Table) -> Mapping[str, sa.Insert]:
    """By dialect; a row that is there stays as it is."""
    return {name: _counted(insert(table).on_conflict_do_nothing()) for name, insert in _INSERTS.items()}


def _counted(insert: Any) -> Any:
    """Its row count tells whether anything was kept; SQLAlchemy does not look at that of an insert unasked."""
    return insert.execution_options(preserve_rowcount=True)


_LOCK: Final = sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("lock", type_=sa.BigInteger)))
_FIND: Final = {name: _find(version) for name, version in _VERSION.items()}
_KEEP_SESSION: Final = _insert_or_update(sqlite.insert(_sessions))
_KEEP_TURN: Final = sa.insert(_turns).inline()
_KEEP_TURN_AND_TELL: Final = sa.insert(_turns).returning(_turns.c.number)
_KEEP_IF_UNCHANGED: Final = {
    (is_new, is_miss): _counted(_if_unchanged(is_new=is_new, is_miss=is_miss))
    for is_new in (True, False)
    for is_miss in (True, False)
}
_KEEP_MISS: Final = _insert_first(_misses)
_KEEP_SECRET: Final = _insert_first(_secrets)
_KEEP_UPDATE: Final = _insert_first(_updates)
_KEEP_LEASE: Final = _insert_first(_leases)


# -- the store --


class SqlStore:
    """The port `Store`, on one database. Threads may share it; a process that forks opens its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def once(self, message: Message, work: Work) -> bytes:
        return self.tell(message, work, message.at).reply

    def tell(self, message: Message, work: Work, since: datetime) -> Told:
        message = _bounded(message)
        known = {**_key(message.party), "message": message.id, "since": since}
        for _ in range(_MOST_TRIES):
            with self._statements() as connection:
                found = connection.execute(_FIND[connection.dialect.name], known).one()
                if (seen := _seen(found, message)) is not None:
                    return Told(seen, is_first=False)
                outcome = work(_session(found, message))
                if _keep(connection, message, outcome, found[len(_SEEN)]):
                    return Told(outcome.reply, is_first=not found.busy)
        raise StoreFailed("the party writes from too many places at once; try again")

    def note(self, party: Party, message_id: str, *, helpful: bool) -> bool:
        _check_party(party)
        _check_id(message_id, "id")
        with self._transaction() as connection:
            _hold(connection, *party)
            which = _of(_turns, party) & (_turns.c.message == message_id)
            turn = connection.execute(sa.select(_turns.c.number, _turns.c.text).where(which)).one_or_none()
            if turn is None:
                return False
            connection.execute(sa.update(_turns).where(which).values(helpful=helpful))
            if not helpful:
                _keep_miss(connection, turn.number, turn.text)
        return True

    def language(self, party: Party) -> str:
        with self._statements() as connection:
            return (
                connection.execute(sa.select(_sessions.c.language).where(_of(_sessions, party))).scalar()
                or ""
            )

    def misses(self) -> Sequence[Miss]:
        count = sa.func.count().label("count")
        texts = sa.select(_misses.c.folded, _turns.c.text, count).join(_turns).group_by("folded", "text")
        with self._transaction() as connection:
            return _grouped(connection.execute(texts).all())

    def forget(self, party: Party) -> None:
        _check_party(party)
        with self._transaction() as connection:
            _hold(connection, *party)
            # The session first: a message that is worked on meanwhile is not kept without it.
            for table in (_sessions, _turns, _letters):
                connection.execute(sa.delete(table).where(_of(table, party)))

    def expire(self, now: datetime, keep: timedelta) -> None:
        idle = _sessions.c.updated < now - _WHEREABOUTS_KEPT
        known = sa.or_(*(_sessions.c[name].is_distinct_from(gone) for name, gone in _WHEREABOUTS.items()))
        with self._transaction() as connection:
            for table, age in _AGES.items():
                connection.execute(sa.delete(table).where(age < now - keep))
            connection.execute(sa.update(_sessions).where(idle & known).values(_WHEREABOUTS))

    def accept(self, update: Update) -> bool:
        row = {"channel": update.channel, "id": update.id, "at": update.at, "note": update.note}
        with self._transaction() as connection:
            kept = connection.execute(_KEEP_UPDATE[connection.dialect.name], row)
            if kept.rowcount != 1:
                return False
            for letter in update.letters:
                connection.execute(
                    sa.insert(_letters).values(_letter_row(letter) | {"not_before": update.not_before})
                )
        return True

    def is_free(self, party: Party, since: datetime) -> bool:
        busy = sa.exists().where(_of(_letters, party) & _is_recent(since))
        with self._statements() as connection:
            return not connection.execute(sa.select(busy)).scalar_one()

    def post(self, letter: Letter) -> int:
        with self._transaction() as connection:
            new = sa.insert(_letters).values(_letter_row(letter)).returning(_letters.c.id)
            return int(connection.execute(new).scalar_one())

    def take(self, channel: str, now: datetime) -> Letter | None:
        before = _letters.alias()
        waits = sa.exists().where(
            (before.c.channel == _letters.c.channel)
            & (before.c.party == _letters.c.party)
            & (before.c.id < _letters.c.id)
            & before.c.state.in_((_DUE, _ON_ITS_WAY))
        )
        may_go = _letters.c.not_before.is_(None) | (_letters.c.not_before <= now)
        due = (_letters.c.channel == channel) & (_letters.c.state == _DUE) & may_go & ~waits
        with self._transaction() as connection:
            row = connection.execute(
                sa.select(_letters)
                .where(due)
                .order_by(_letters.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if row is None:
                return None
            _mark(connection, row.id, state=_ON_ITS_WAY)
            return _letter(row)

    def delivered(self, letter_id: int, at: datetime, next_at: datetime) -> None:
        """The party's other letters wait until `next_at`."""
        with self._transaction() as connection:
            party = sa.select(_letters.c.channel, _letters.c.party).where(_letters.c.id == letter_id)
            row = connection.execute(party).one_or_none()
            if row is not None:
                _mark(connection, letter_id, state=_DELIVERED, at=at)
                others = _of(_letters, Party(*row)) & (_letters.c.state == _DUE)
                connection.execute(sa.update(_letters).where(others).values(not_before=next_at))

    def put_off(self, letter_id: int, until: datetime) -> None:
        with self._transaction() as connection:
            _mark(connection, letter_id, state=_DUE, not_before=until)

    def refuse(self, letter_id: int, note: str) -> None:
        with self._transaction() as connection:
            _mark(connection, letter_id, state=_REFUSED, note=note)

    def doubt(self, channel: str) -> int:
        on_their_way = (_letters.c.channel == channel) & (_letters.c.state == _ON_ITS_WAY)
        with self._transaction() as connection:
            return connection.execute(sa.update(_letters).where(on_their_way).values(state=_UNSURE)).rowcount

    def undelivered(self) -> Sequence[Letter]:
        kept = sa.select(_letters).where(_letters.c.state.in_((_REFUSED, _UNSURE))).order_by(_letters.c.id)
        with self._transaction() as connection:
            return [_letter(row) for row in connection.execute(kept)]

    def again(self, letter_id: int) -> bool:
        return self._change_undelivered(
            letter_id, sa.update(_letters).values(state=_DUE, note="", not_before=None)
        )

    def drop(self, letter_id: int) -> bool:
        return self._change_undelivered(letter_id, sa.delete(_letters))

    def _change_undelivered(self, letter_id: int, change: sa.Update | sa.Delete) -> bool:
        which = (_letters.c.id == letter_id) & _letters.c.state.in_((_REFUSED, _UNSURE))
        with self._transaction() as connection:
            return connection.execute(change.where(which)).rowcount == 1

    def hold(self, lease: str, holder: str, now: datetime, lasts: timedelta) -> bool:
        free = (_leases.c.name == lease) & ((_leases.c.holder == holder) | (_leases.c.until <= now))
        row = {"name": lease, "holder": holder, "until": now + lasts}
        with self._transaction() as connection:
            if connection.execute(_KEEP_LEASE[connection.dialect.name], row).rowcount == 1:
                return True
            taken = connection.execute(
                sa.update(_leases).where(free).values(holder=holder, until=now + lasts)
            )
            return taken.rowcount == 1

    def holder(self, lease: str) -> str:
        with self._statements() as connection:
            found = connection.execute(sa.select(_leases.c.holder).where(_leases.c.name == lease)).scalar()
            return found or ""

    def release(self, lease: str, holder: str) -> None:
        held = (_leases.c.name == lease) & (_leases.c.holder == holder)
        with self._transaction() as connection:
            connection.execute(sa.delete(_leases).where(held))

    def secret(self) -> bytes:
        with self._transaction() as connection:
            connection.execute(
                _KEEP_SECRET[connection.dialect.name], {"id": 1, "value": token_bytes(_SECRET_BYTES)}
            )
            return bytes(connection.execute(sa.select(_secrets.c.value)).scalar_one())

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _statements(self) -> Iterator[Connection]:
        """On PostgreSQL each is a transaction of its own; on SQLite all are one."""
        if self._engine.dialect.name == "sqlite":
            with self._transaction() as connection:
                yield connection
        else:
            with _explained(self._engine.url), self._engine.connect() as connection:
                yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with _explained(self._engine.url), _begin(self._engine) as connection:
            yield connection


def _bounded(message: Message) -> Message:
    """As it is stored, and compared with what is stored."""
    _check_party(message.party)
    _check_id(message.id, "id")
    if message.at.tzinfo is None:
        raise ValueError("at must name its time zone")
    return message._replace(
        text=bounded(message.text, LONGEST_TEXT, "text"), choice=bounded(message.choice, LONGEST_ID, "choice")
    )


def _check_party(party: Party) -> None:
    _check_id(party.channel, "channel")
    _check_id(party.id, "party")


def _check_id(text: str, name: str) -> None:
    if not bounded(text, LONGEST_ID, name):
        raise BadInput(name, "must not be empty")


def _hold(connection: Connection, *names: str) -> None:
    """Until the transaction ends, others with the same names wait."""
    if connection.dialect.name == "postgresql":  # SQLite has let in no other writer
        digest = blake2b(repr(names).encode(), digest_size=8).digest()
        lock = int.from_bytes(digest, signed=True, byteorder="big")
        connection.execute(_LOCK, {"lock": lock})


def _key(party: Party) -> dict[str, Any]:
    return {"channel": party.channel, "party": party.id}


def _of(table: sa.Table, party: Party) -> sa.ColumnElement[bool]:
    return (table.c.channel == party.channel) & (table.c.party == party.id)


def _seen(found: sa.Row[Any], message: Message) -> bytes | None:
    """The reply it got. Raises Reused when the id stands for another message, or another party's."""
    party, text, choice, reply = found[: len(_SEEN)]
    if reply is None:
        return None
    if (party, text, choice) != (message.party.id, message.text, message.choice):
        raise Reused
    return bytes(reply)


def _session(found: sa.Row[Any], message: Message) -> Session:
    """As the party's last message left it, or a new one."""
    held = dict(zip(_HELD, found[len(_SEEN) + 1 : -1], strict=True))
    if held["updated"] is None:
        return Session(message.party, updated=message.at)
    return Session(message.party, **held | {"choices": tuple(held["choices"])})


def _keep(connection: Connection, message: Message, outcome: Outcome, version: str | None) -> bool:
    """Session and turn, and the miss if it is one. False, and nothing kept: the session is not as it was found."""
    session, turn = _session_row(message, outcome.session), _turn_row(message, outcome)
    try:
        if connection.dialect.name == "postgresql":
            return _keep_if_unchanged(connection, session, turn, version, is_miss=outcome.miss)
        connection.execute(_KEEP_SESSION, session)
        kept = connection.execute(_KEEP_TURN_AND_TELL if outcome.miss else _KEEP_TURN, turn)
    except IntegrityError:
        # Another party's message took the id while this one was worked on.
        raise Reused from None
    if outcome.miss:
        _keep_miss(connection, kept.scalar_one(), message.text)
    return True


def _keep_if_unchanged(
    connection: Connection,
    session: Mapping[str, Any],
    turn: Mapping[str, Any],
    version: str | None,
    *,
    is_miss: bool,
) -> bool:
    values = {f"sessions_{name}": value for name, value in session.items()}
    values |= {f"turns_{name}": value for name, value in turn.items()}
    values |= {"misses_folded": fold(turn["text"])} if is_miss else {}
    values |= {} if version is None else {"version": version}
    return connection.execute(_KEEP_IF_UNCHANGED[version is None, is_miss], values).rowcount == 1


def _session_row(message: Message, session: Session) -> dict[str, Any]:
    if session.party != message.party:
        raise ValueError("a message cannot change another party's session")
    row = {name: getattr(session, name) for name in _HELD}
    return row | _key(session.party) | {"updated": max(session.updated, message.at)}


def _turn_row(message: Message, outcome: Outcome) -> dict[str, Any]:
    return {
        **_key(message.party),
        "message": message.id,
        "text": message.text,
        "choice": message.choice,
        "at": message.at,
        "decision": outcome.decision,
        "entry": outcome.entry,
        "reply": outcome.reply,
    }


def _letter_row(letter: Letter) -> dict[str, Any]:
    _check_party(letter.party)
    return {**_key(letter.party), "body": letter.body, "at": letter.at, "state": _DUE}


def _letter(row: sa.Row[Any]) -> Letter:
    return Letter(Party(row.channel, row.party), row.body, row.at, row.id, row.note)


def _mark(connection: Connection, letter_id: int, **values: Any) -> None:
    """One that is gone is no error."""
    connection.execute(sa.update(_letters).where(_letters.c.id == letter_id).values(values))


def _keep_miss(connection: Connection, turn: int, text: str) -> None:
    connection.execute(_KEEP_MISS[connection.dialect.name], {"turn": turn, "folded": fold(text)})


def _grouped(rows: Sequence[tuple[Any, ...]]) -> Sequence[Miss]:
    """Rows of (folded, text, count)."""
    texts: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for folded, text, count in rows:
        texts[folded].append((-count, text))
    misses = [
        Miss(
            folded,
            -sum(count for count, _ in found),
            tuple(text for _, text in sorted(found)[:MOST_EXAMPLES]),
        )
        for folded, found in texts.items()
    ]
    return sorted(misses, key=lambda miss: (-miss.times, miss.folded))


# -- opening --


def open_store(url: str, *, wait_s: float = _WAIT_S) -> SqlStore:
    """Open the database at "sqlite:///path" or "postgresql://…", and bring its tables up to date.

    A SQLite file is made when there is none, for this user's eyes only. Any number of processes may open one database
    at once. `wait_s` is how long one waits for another.

    Raises BadInput for another kind of address, StoreFailed when the database cannot be used or is newer than this
    program.
    """
    address = _read_address(url)
    with _explained(address):
        if address.get_backend_name() == "sqlite":
            _make_file(Path(str(address.database)))
        engine = _engine(address, wait_s)
        try:
            _migrate(engine)
        except BaseException:
            engine.dispose()
            raise
    return SqlStore(engine)


def _read_address(url: str) -> URL:
    wanted = "must be sqlite:///path or postgresql://user@host/name"
    try:
        address = make_url(url)
        address.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError):
        # Without the address: it may hold a password.
        raise BadInput("database", wanted) from None
    if address.drivername not in ("sqlite", "postgresql", "postgresql+psycopg") or not address.database:
        raise BadInput("database", wanted)
    if address.drivername == "sqlite" and (":memory:" in address.database or address.query):
        raise BadInput(
            "database", "must be a file: what is in memory is lost, and each connection has its own"
        )
    return address


def _make_file(path: Path) -> None:
    """Before SQLite does, which would let everybody read it."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except PermissionError:
        raise StoreFailed(f"the database {path} {_ADVICE['SQLITE_PERM']}") from None
    except OSError:
        raise StoreFailed(f"the database {path} {_ADVICE['SQLITE_CANTOPEN']}") from None


def _engine(address: URL, wait_s: float) -> Engine:
    wait_ms = round(wait_s * 1000)
    if address.get_backend_name() == "postgresql":
        engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", hide_parameters=True)
        _tell_first(engine, f"SET lock_timeout = {wait_ms}")
        _pass_over_the_dead(engine)
        return engine
    engine = sa.create_engine(address, hide_parameters=True)
    _tell_first(
        engine,
        f"PRAGMA busy_timeout = {wait_ms}",
        "PRAGMA journal_mode = DELETE",  # WAL can corrupt a database before SQLite 3.51.3
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA secure_delete = ON",  # who asks to be forgotten is not left in the file
    )
    _begin_immediate(engine, wait_s)
    return engine


@contextmanager
def _begin(engine: Engine) -> Iterator[Connection]:
    """One transaction, in which each statement sees what was committed while it waited."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="READ COMMITTED")
        with connection.begin():
            yield connection


def _tell_first(engine: Engine, *statements: str) -> None:
    """Each new connection."""

    @event.listens_for(engine, "connect")
    def tell(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()


def _pass_over_the_dead(engine: Engine) -> None:
    """A connection at rest with something to read is one that its server has hung up: no ping is needed to see it."""

    @event.listens_for(engine, "checkout")
    def look(connection: DBAPIConnection, _: ConnectionPoolEntry, __: PoolProxiedConnection) -> None:
        line = poll()
        line.register(connection.fileno(), POLLIN)
        if line.poll(0):
            raise DisconnectionError  # which has the pool make a new one


def _begin_immediate(engine: Engine, wait_s: float) -> None:
    """A transaction that reads first and writes then would otherwise fail when another has written in between.

    SQLite's own waiting sleeps longer and longer, up to a tenth of a second: who waits long would wait longest.
    """

    @event.listens_for(engine, "connect")
    def leave_it_to_us(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        until = monotonic() + wait_s
        while not _has_begun(connection, waits=monotonic() < until):
            sleep(_LOOK_AGAIN_S)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(wait_s * 1000)}")


def _has_begun(connection: Connection, *, waits: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if not waits or "SQLITE_BUSY" not in str(getattr(error.orig, "sqlite_errorname", "")):
            raise
        return False
    return True


def _migrate(engine: Engine) -> None:
    with _begin(engine) as connection:
        _hold(connection, "migrate")
        revision = _revision(connection)
        if revision == REVISION:
            return
        from bot.migrate import upgrade  # noqa: PLC0415 - 10 MiB that no process needs once the tables are right

        if not upgrade(connection, revision):
            raise StoreFailed(
                f"the database {engine.url.database} was made by a newer version of this program; install that version"
            )


def _revision(connection: Connection) -> str | None:
    """As Alembic notes it; None of an empty database."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return revision


@contextmanager
def _explained(address: URL) -> Iterator[None]:
    """Raise StoreFailed for whatever the database refuses, without what was to be stored."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreFailed(f"the database {address.database} {_advice(error)}") from None


def _advice(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    if code is None:
        unreachable = isinstance(error, OperationalError)
        return _UNREACHABLE if unreachable else f"is busy; try again ({type(error).__name__})"
    known = (advice for prefix, advice in _ADVICE.items() if code.startswith(prefix))
    return next(known, f"refused what was asked of it ({code}); put a backup in its place, or report this")
