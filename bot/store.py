"""Conversations, kept in SQLite or PostgreSQL: no message is lost or answered twice, by any number of processes.

Law: what is kept of a message is kept at once, and only when its party's session is still as it was found; else the
message is worked on anew. SQLite lets one writer in at a time; on PostgreSQL nobody waits for a message that is worked
on, and no transaction is open meanwhile.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.database import WAIT_S, Database, counted, hold, insert_first, open_database
from bot.ports import (
    LONGEST_ID,
    LONGEST_TEXT,
    Letter,
    LetterState,
    Mail,
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
from bot.tables import (
    ACCOUNTS,
    HANDED,
    LEASES,
    LETTERS,
    MISSES,
    SECRETS,
    SESSIONS,
    TURNS,
    UPDATES,
    UtcTime,
)
from locator.errors import BadInput
from locator.text import bounded, fold

MOST_EXAMPLES: Final = 5  # of a miss
_SECRET_BYTES: Final = 32
_MOST_TRIES: Final = 100  # each time, another message of the party was kept
_WHEREABOUTS_KEPT: Final = timedelta(hours=1)
# A letter is due, then on its way, then one of the others.
_DUE, _ON_ITS_WAY, _DELIVERED, _REFUSED, _UNSURE = LetterState
_STAFFED_ANEW: Final = timedelta(seconds=30)
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

# What one session holds beside its party, what it holds of where and when somebody wants to go, and the time that
# orders each table.
_HELD: Final = tuple(field.name for field in fields(Session) if field.name != "party")
_WHEREABOUTS: Final[Mapping[str, str | None]] = {"place": "", "lat": None, "lon": None, "open_at": None}
_AGES: Final = {
    TURNS: TURNS.c.at,
    SESSIONS: SESSIONS.c.updated,
    LETTERS: LETTERS.c.at,
    UPDATES: UPDATES.c.at,
}


# -- what is said for each message: made once, and in as few statements as the lock allows --

_SEEN: Final = (TURNS.c.party, TURNS.c.text, TURNS.c.choice, TURNS.c.reply)


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
    turn = (TURNS.c.channel == channel) & (TURNS.c.message == message)
    session = (SESSIONS.c.channel == channel) & (SESSIONS.c.party == party)
    letter = (LETTERS.c.channel == channel) & (LETTERS.c.party == party)
    busy = sa.exists().where(letter & _is_recent(sa.bindparam("since", type_=UtcTime()))).label("busy")
    joined = one.outerjoin(TURNS, turn).outerjoin(SESSIONS, session)
    return sa.select(*_SEEN, version, *(SESSIONS.c[name] for name in _HELD), busy).select_from(joined)


def _is_recent(since: Any) -> sa.ColumnElement[bool]:
    return sa.or_(LETTERS.c.state.in_((_DUE, _ON_ITS_WAY)), LETTERS.c.at > since)


def _insert_or_update(new: Any) -> Any:
    """`new`: an insert of a session, of either dialect."""
    kept = {name: new.excluded[name] for name in _HELD}
    return new.on_conflict_do_update(index_elements=SESSIONS.primary_key.columns, set_=kept)


def _new(table: sa.Table) -> dict[str, sa.BindParameter[Any]]:
    """A value of each column, by names that two tables may use in one statement."""
    return {
        column.name: sa.bindparam(f"{table.name}_{column.name}", type_=column.type)
        for column in table.columns
    }


def _if_unchanged(*, is_new: bool, is_miss: bool) -> sa.Insert:
    """Session, turn and miss in one statement of PostgreSQL's: one row, or none when the session is another by now."""
    row = _new(SESSIONS)
    mine = (SESSIONS.c.channel == row.pop("channel")) & (SESSIONS.c.party == row.pop("party"))
    is_known = mine & (_VERSION["postgresql"] == sa.bindparam("version"))
    session: Any = (
        postgresql.insert(SESSIONS).values(_new(SESSIONS)).on_conflict_do_nothing()
        if is_new
        else sa.update(SESSIONS).where(is_known).values(row)
    )
    kept = session.returning(SESSIONS.c.channel).cte("kept")
    turn = {name: value for name, value in _new(TURNS).items() if name not in ("number", "helpful")}
    told = sa.insert(TURNS).from_select(list(turn), sa.select(*turn.values()).select_from(kept))
    if not is_miss:
        return told
    number = told.returning(TURNS.c.number).cte("told")
    return sa.insert(MISSES).from_select(
        ["turn", "folded"], sa.select(number.c.number, _new(MISSES)["folded"]).select_from(number)
    )


_FIND: Final = {name: _find(version) for name, version in _VERSION.items()}
_KEEP_SESSION: Final = _insert_or_update(sqlite.insert(SESSIONS))
_KEEP_TURN: Final = sa.insert(TURNS).inline()
_KEEP_TURN_AND_TELL: Final = sa.insert(TURNS).returning(TURNS.c.number)
_KEEP_IF_UNCHANGED: Final = {
    (is_new, is_miss): counted(_if_unchanged(is_new=is_new, is_miss=is_miss))
    for is_new in (True, False)
    for is_miss in (True, False)
}
_KEEP_MISS: Final = insert_first(MISSES)
_KEEP_SECRET: Final = insert_first(SECRETS)
_KEEP_UPDATE: Final = insert_first(UPDATES)
_KEEP_LEASE: Final = insert_first(LEASES)


# -- the store --


class SqlStore:
    """The port `Store`, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._staffed = (_LONG_AGO, False)

    def once(self, message: Message, work: Work) -> bytes:
        return self.tell(message, work, message.at).reply

    def tell(self, message: Message, work: Work, since: datetime) -> Told:
        message = _bounded(message)
        known = {**_key(message.party), "message": message.id, "since": since}
        for _ in range(_MOST_TRIES):
            with self._database.statements() as connection:
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
        with self._database.transaction() as connection:
            hold(connection, *party)
            which = _of(TURNS, party) & (TURNS.c.message == message_id)
            turn = connection.execute(sa.select(TURNS.c.number, TURNS.c.text).where(which)).one_or_none()
            if turn is None:
                return False
            connection.execute(sa.update(TURNS).where(which).values(helpful=helpful))
            if not helpful:
                _keep_miss(connection, turn.number, turn.text)
        return True

    def language(self, party: Party) -> str:
        with self._database.reading() as connection:
            return (
                connection.execute(sa.select(SESSIONS.c.language).where(_of(SESSIONS, party))).scalar() or ""
            )

    def misses(self) -> Sequence[Miss]:
        count = sa.func.count().label("count")
        texts = sa.select(MISSES.c.folded, TURNS.c.text, count).join(TURNS).group_by("folded", "text")
        with self._database.reading() as connection:
            return _grouped(connection.execute(texts).all())

    def forget(self, party: Party) -> None:
        _check_party(party)
        with self._database.transaction() as connection:
            hold(connection, *party)
            # The session first: a message that is worked on meanwhile is not kept without it.
            for table in (SESSIONS, TURNS, LETTERS):
                connection.execute(sa.delete(table).where(_of(table, party)))

    def expire(self, now: datetime, keep: timedelta) -> None:
        idle = SESSIONS.c.updated < now - _WHEREABOUTS_KEPT
        known = sa.or_(*(SESSIONS.c[name].is_distinct_from(gone) for name, gone in _WHEREABOUTS.items()))
        with self._database.transaction() as connection:
            for table, age in _AGES.items():
                connection.execute(sa.delete(table).where(age < now - keep))
            connection.execute(sa.update(SESSIONS).where(idle & known).values(_WHEREABOUTS))

    def accept(self, update: Update) -> bool:
        row = {"channel": update.channel, "id": update.id, "at": update.at, "note": update.note}
        with self._database.transaction() as connection:
            kept = connection.execute(_KEEP_UPDATE[connection.dialect.name], row)
            if kept.rowcount != 1:
                return False
            for letter in update.letters:
                connection.execute(
                    sa.insert(LETTERS).values(letter_row(letter) | {"not_before": update.not_before})
                )
        return True

    def is_free(self, party: Party, since: datetime) -> bool:
        busy = sa.exists().where(_of(LETTERS, party) & _is_recent(since))
        with self._database.reading() as connection:
            return not connection.execute(sa.select(busy)).scalar_one()

    def post(self, letter: Letter) -> int:
        with self._database.transaction() as connection:
            new = sa.insert(LETTERS).values(letter_row(letter)).returning(LETTERS.c.id)
            return int(connection.execute(new).scalar_one())

    def take(self, channel: str, now: datetime) -> Letter | None:
        before = LETTERS.alias()
        waits = sa.exists().where(
            (before.c.channel == LETTERS.c.channel)
            & (before.c.party == LETTERS.c.party)
            & (before.c.id < LETTERS.c.id)
            & before.c.state.in_((_DUE, _ON_ITS_WAY))
        )
        may_go = LETTERS.c.not_before.is_(None) | (LETTERS.c.not_before <= now)
        due = (LETTERS.c.channel == channel) & (LETTERS.c.state == _DUE) & may_go & ~waits
        with self._database.transaction() as connection:
            row = connection.execute(
                sa.select(LETTERS)
                .where(due)
                .order_by(LETTERS.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if row is None:
                return None
            _mark(connection, row.id, state=_ON_ITS_WAY)
            return _letter(row)

    def delivered(self, letter_id: int, at: datetime, next_at: datetime) -> None:
        """The party's other letters wait until `next_at`."""
        with self._database.transaction() as connection:
            party = sa.select(LETTERS.c.channel, LETTERS.c.party).where(LETTERS.c.id == letter_id)
            row = connection.execute(party).one_or_none()
            if row is not None:
                _mark(connection, letter_id, state=_DELIVERED, at=at)
                others = _of(LETTERS, Party(*row)) & (LETTERS.c.state == _DUE)
                connection.execute(sa.update(LETTERS).where(others).values(not_before=next_at))

    def put_off(self, letter_id: int, until: datetime) -> None:
        with self._database.transaction() as connection:
            _mark(connection, letter_id, state=_DUE, not_before=until)

    def refuse(self, letter_id: int, note: str) -> None:
        with self._database.transaction() as connection:
            _mark(connection, letter_id, state=_REFUSED, note=note)

    def doubt(self, channel: str) -> int:
        on_their_way = (LETTERS.c.channel == channel) & (LETTERS.c.state == _ON_ITS_WAY)
        with self._database.transaction() as connection:
            return connection.execute(sa.update(LETTERS).where(on_their_way).values(state=_UNSURE)).rowcount

    def undelivered(self) -> Sequence[Letter]:
        kept = sa.select(LETTERS).where(LETTERS.c.state.in_((_REFUSED, _UNSURE))).order_by(LETTERS.c.id)
        with self._database.reading() as connection:
            return [_letter(row) for row in connection.execute(kept)]

    def again(self, letter_id: int) -> bool:
        return self._change_undelivered(
            letter_id, sa.update(LETTERS).values(state=_DUE, note="", not_before=None)
        )

    def drop(self, letter_id: int) -> bool:
        return self._change_undelivered(letter_id, sa.delete(LETTERS))

    def _change_undelivered(self, letter_id: int, change: sa.Update | sa.Delete) -> bool:
        which = (LETTERS.c.id == letter_id) & LETTERS.c.state.in_((_REFUSED, _UNSURE))
        with self._database.transaction() as connection:
            return connection.execute(change.where(which)).rowcount == 1

    def fetch(self, party: Party, read: int) -> Mail:
        _check_party(party)
        due = _of(LETTERS, party) & (LETTERS.c.state == _DUE)
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(LETTERS).where(due).order_by(LETTERS.c.id))
            letters = [_letter(row) for row in rows]
            waits = _waits(connection, party)
        if any(letter.id <= read for letter in letters):  # who only looks holds up no writer
            with self._database.transaction() as connection:
                seen = due & (LETTERS.c.id <= read)
                connection.execute(sa.update(LETTERS).where(seen).values(state=_DELIVERED))
        return Mail(tuple(letter for letter in letters if letter.id > read), waits)

    def is_staffed(self, at: datetime) -> bool:
        looked, staffed = self._staffed
        if abs(at - looked) >= _STAFFED_ANEW:
            with self._database.reading() as connection:
                anybody = sa.exists(sa.select(ACCOUNTS.c.name))
                staffed = bool(connection.execute(sa.select(anybody)).scalar_one())
            self._staffed = at, staffed  # one assignment: another thread sees the old pair or the new one
        return staffed

    def hold(self, lease: str, holder: str, now: datetime, lasts: timedelta) -> bool:
        free = (LEASES.c.name == lease) & ((LEASES.c.holder == holder) | (LEASES.c.until <= now))
        row = {"name": lease, "holder": holder, "until": now + lasts}
        with self._database.transaction() as connection:
            if connection.execute(_KEEP_LEASE[connection.dialect.name], row).rowcount == 1:
                return True
            taken = connection.execute(sa.update(LEASES).where(free).values(holder=holder, until=now + lasts))
            return taken.rowcount == 1

    def holder(self, lease: str) -> str:
        with self._database.reading() as connection:
            found = connection.execute(sa.select(LEASES.c.holder).where(LEASES.c.name == lease)).scalar()
            return found or ""

    def release(self, lease: str, holder: str) -> None:
        held = (LEASES.c.name == lease) & (LEASES.c.holder == holder)
        with self._database.transaction() as connection:
            connection.execute(sa.delete(LEASES).where(held))

    def secret(self) -> bytes:
        with self._database.transaction() as connection:
            connection.execute(
                _KEEP_SECRET[connection.dialect.name], {"id": 1, "value": token_bytes(_SECRET_BYTES)}
            )
            return bytes(connection.execute(sa.select(SECRETS.c.value)).scalar_one())

    def close(self) -> None:
        self._database.close()


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


def letter_row(letter: Letter) -> dict[str, Any]:
    """Of one that is due."""
    _check_party(letter.party)
    return {**_key(letter.party), "body": letter.body, "at": letter.at, "state": _DUE}


def _waits(connection: Connection, party: Party) -> bool:
    handed = _of(TURNS, party) & (TURNS.c.decision == "handed")
    done = sa.exists().where((HANDED.c.turn == TURNS.c.number) & (HANDED.c.state != "waiting"))
    return bool(connection.execute(sa.select(sa.exists().where(handed & ~done))).scalar_one())


def _letter(row: sa.Row[Any]) -> Letter:
    return Letter(Party(row.channel, row.party), row.body, row.at, row.id, row.note)


def _mark(connection: Connection, letter_id: int, **values: Any) -> None:
    """One that is gone is no error."""
    connection.execute(sa.update(LETTERS).where(LETTERS.c.id == letter_id).values(values))


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


def open_store(url: str, *, wait_s: float = WAIT_S) -> SqlStore:
    """A store of its own on the database at `url`, which is opened as `open_database` says."""
    return SqlStore(open_database(url, wait_s=wait_s))
