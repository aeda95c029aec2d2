"""Questions for the staff, kept in the database: who has one, what was answered, and what became of the answer.

Law: a turn that was handed over waits until it is answered or closed, which happens once. One clerk has it at a time;
who does nothing about it for a while has it no longer. It is deleted with its turn, and nothing of it is kept longer.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Any, Final, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.audit import note
from bot.database import Database, hold, insert_first
from bot.ports import Letter, LetterState, Party
from bot.store import letter_row
from bot.tables import HANDED, LETTERS, TURNS

IDLE: Final = timedelta(minutes=15)
MOST_SHOWN: Final = 200  # questions, and turns of a conversation
_STAFF: Final = "staff:"  # a button that names the message it hands over
# Written out: SQLite finds the index of these turns by the words.
_IS_HANDED: Final = TURNS.c.decision == sa.literal_column("'handed'")
_HAS_FAILED: Final = LETTERS.c.state.in_((LetterState.REFUSED, LetterState.UNSURE))


class State(StrEnum):
    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why a question is closed without an answer."""

    ANSWERED_BEFORE = "answered-before"
    BY_PHONE = "by-phone"
    NO_QUESTION = "no-question"
    NOT_OURS = "not-ours"
    ABUSE = "abuse"


class Done(Enum):
    """What came of what a clerk wanted."""

    DONE = "done"
    GONE = "gone"  # there is no such question, or it was forgotten
    OVER = "over"  # it was answered or closed before
    TAKEN = "taken"  # another clerk has it


class Matter(NamedTuple):
    """One question for the staff."""

    number: int
    party: Party
    at: datetime  # aware
    language: str  # BCP 47, of the conversation
    asked: str  # masked; "" when it is not kept any more
    state: State = State.WAITING
    who: str = ""  # has it, or did it
    since: datetime | None = None  # aware; when they last did something about it
    answer: str = ""
    reason: str = ""
    letters: tuple[LetterState | None, ...] = ()  # of the answer; None: dropped

    def holder(self, at: datetime) -> str:
        """Who has it at that time; "" when it is free."""
        has = self.state is State.WAITING and self.since is not None and at - self.since < IDLE
        return self.who if has else ""


class Said(NamedTuple):
    """A turn of a conversation, and what the staff answered to it."""

    at: datetime  # aware
    text: str  # masked; "": a button was pressed, or a position shared
    reply: str
    answer: str
    who: str  # answered it


class Failed(NamedTuple):
    """A letter that was refused, or is in doubt."""

    letter: Letter
    state: LetterState


class Handed:
    """The questions in one database. `who` is a clerk's name, `at` aware."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self) -> Sequence[Matter]:
        """The oldest first."""
        open_ones = HANDED.c.state.is_(None) | (HANDED.c.state == State.WAITING)
        return self._matters(_matter().where(open_ones).order_by(TURNS.c.number).limit(MOST_SHOWN))

    def newest(self) -> int:
        """The number of the last question that was ever handed over; 0 when there is none."""
        with self._database.reading() as connection:
            return connection.execute(sa.select(sa.func.max(TURNS.c.number)).where(_IS_HANDED)).scalar() or 0

    def done(self, most: int) -> Sequence[Matter]:
        """The last first."""
        over = HANDED.c.state.in_((State.ANSWERED, State.CLOSED))
        return self._matters(_matter().where(over).order_by(HANDED.c.at.desc()).limit(most))

    def find(self, number: int) -> Matter | None:
        found = self._matters(_matter().where(TURNS.c.number == number))
        return found[0] if found else None

    def conversation(self, party: Party) -> Sequence[Said]:
        """The newest turns of the party, the oldest of them first."""
        whose = (TURNS.c.channel == party.channel) & (TURNS.c.party == party.id)
        turns = (
            sa.select(TURNS.c.at, TURNS.c.text, TURNS.c.reply, HANDED.c.answer, HANDED.c.who)
            .outerjoin_from(TURNS, HANDED)
            .where(whose)
            .order_by(TURNS.c.number.desc())
            .limit(MOST_SHOWN)
        )
        with self._database.reading() as connection:
            return [_said(row) for row in reversed(connection.execute(turns).all())]

    def claim(self, number: int, who: str, at: datetime) -> Done:
        """Also to go on having it."""
        return self._change(number, who, at, "queue.claim", who=who)

    def take_over(self, number: int, who: str, at: datetime) -> Done:
        """From whoever has it."""
        return self._change(number, who, at, "queue.take-over", who=who, over=True)

    def release(self, number: int, who: str, at: datetime) -> Done:
        return self._change(number, who, at, "queue.release", who="")

    def close(self, number: int, who: str, at: datetime, reason: Reason) -> Done:
        return self._change(number, who, at, "queue.close", who=who, state=State.CLOSED, reason=reason.value)

    def answer(self, number: int, who: str, at: datetime, text: str, bodies: Sequence[bytes]) -> Done:
        """With these letters, the first of them first. Once: who comes second is told that it is OVER."""

        def post(connection: Connection, party: Party) -> Mapping[str, Any]:
            return {"letters": [_post(connection, Letter(party, body, at)) for body in bodies]}

        return self._change(
            number, who, at, "queue.answer", also=post, who=who, state=State.ANSWERED, answer=text
        )

    def failed(self) -> Sequence[Failed]:
        """Letters that were refused or are in doubt, the oldest first."""
        kept = sa.select(LETTERS).where(_HAS_FAILED).order_by(LETTERS.c.id).limit(MOST_SHOWN)
        with self._database.reading() as connection:
            return [
                Failed(
                    Letter(Party(row.channel, row.party), row.body, row.at, row.id, row.note),
                    LetterState(row.state),
                )
                for row in connection.execute(kept)
            ]

    def again(self, letter_id: int, who: str, at: datetime) -> bool:
        """Send one of those once more; False when it is none of them any more."""
        due = sa.update(LETTERS).values(state=LetterState.DUE, note="", not_before=None)
        return self._change_failed(letter_id, due, who, at, "letter.again")

    def drop(self, letter_id: int, who: str, at: datetime) -> bool:
        """Delete one of those; False when it is none of them any more."""
        return self._change_failed(letter_id, sa.delete(LETTERS), who, at, "letter.drop")

    def _change_failed(
        self, letter_id: int, change: sa.Update | sa.Delete, who: str, at: datetime, what: str
    ) -> bool:
        with self._database.transaction() as connection:
            if connection.execute(change.where((LETTERS.c.id == letter_id) & _HAS_FAILED)).rowcount != 1:
                return False
            note(connection, at=at, who=who, what=what, about=str(letter_id))
        return True

    def _matters(self, wanted: sa.Select[Any]) -> Sequence[Matter]:
        with self._database.reading() as connection:
            rows = connection.execute(wanted).all()
            ids = [one for row in rows for one in row.letters or ()]
            states = sa.select(LETTERS.c.id, LETTERS.c.state).where(LETTERS.c.id.in_(ids))
            known = {row.id: LetterState(row.state) for row in connection.execute(states)} if ids else {}
        return [_read(row, known) for row in rows]

    def _change(  # noqa: PLR0913 - one change, whoever makes it
        self,
        number: int,
        by: str,
        at: datetime,
        what: str,
        *,
        over: bool = False,
        also: Callable[[Connection, Party], Mapping[str, Any]] | None = None,
        **values: Any,
    ) -> Done:
        """`over`: whoever has it; `also`: what is done with it, and gives more values."""
        with self._database.transaction() as connection:
            row = _held(connection, number, at)
            if row is None:
                return Done.GONE
            if row.state != State.WAITING:
                return Done.OVER
            had = row.who if at - row.at < IDLE else ""
            if had not in ("", by) and not over:
                return Done.TAKEN
            more = also(connection, Party(row.channel, row.party)) if also else {}
            changed = sa.update(HANDED).where(HANDED.c.turn == number)
            connection.execute(changed.values(at=at, **values, **more))
            if what != "queue.claim" or had != by:  # to go on having it is no news
                _note(connection, at, by, what, number, had, values)
        return Done.DONE


_KEEP_FIRST: Final = insert_first(HANDED)
_FIRST: Final[dict[str, Any]] = {
    "state": State.WAITING,
    "who": "",
    "answer": "",
    "reason": "",
    "letters": [],
}


def _held(connection: Connection, number: int, at: datetime) -> sa.Row[Any] | None:
    """What became of the turn until now; nobody else changes it until the transaction ends."""
    hold(connection, "handed", str(number))
    whose = sa.select(TURNS.c.channel, TURNS.c.party).where((TURNS.c.number == number) & _IS_HANDED)
    if connection.execute(whose).one_or_none() is None:
        return None
    connection.execute(_KEEP_FIRST[connection.dialect.name], _FIRST | {"turn": number, "at": at})
    became = sa.select(HANDED, TURNS.c.channel, TURNS.c.party).join_from(HANDED, TURNS)
    return connection.execute(became.where(HANDED.c.turn == number)).one()


def _note(  # noqa: PLR0913, PLR0917 - what an auditor asks
    connection: Connection, at: datetime, by: str, what: str, number: int, had: str, values: Mapping[str, Any]
) -> None:
    """Without the answer: it may repeat what a citizen wrote."""
    told = {name: value for name, value in values.items() if name != "answer"}
    note(connection, at=at, who=by, what=what, about=str(number), before={"who": had}, after=told)


def _matter() -> sa.Select[Any]:
    """A turn that was handed over, what became of it, and the message that its button named."""
    asked = TURNS.alias("asked")
    named = (
        (asked.c.channel == TURNS.c.channel)
        & (asked.c.party == TURNS.c.party)
        & TURNS.c.choice.startswith(_STAFF)
        & (asked.c.message == sa.func.substr(TURNS.c.choice, len(_STAFF) + 1))
    )
    columns = (TURNS.c.number, TURNS.c.channel, TURNS.c.party, TURNS.c.at, TURNS.c.text, TURNS.c.reply)
    became = (HANDED.c.state, HANDED.c.who, HANDED.c.at.label("since"), HANDED.c.answer, HANDED.c.reason)
    return (
        sa.select(*columns, asked.c.text.label("named"), *became, HANDED.c.letters)
        .outerjoin_from(TURNS, HANDED)
        .outerjoin(asked, named)
        .where(_IS_HANDED)
    )


def _read(row: sa.Row[Any], known: Mapping[int, LetterState]) -> Matter:
    matter = Matter(
        row.number,
        Party(row.channel, row.party),
        row.at,
        orjson.loads(row.reply)["language"],
        row.text or row.named or "",
    )
    if row.state is None:
        return matter
    return matter._replace(
        state=State(row.state),
        who=row.who,
        since=row.since,
        answer=row.answer,
        reason=row.reason,
        letters=tuple(known.get(one) for one in row.letters),
    )


def _said(row: sa.Row[Any]) -> Said:
    return Said(row.at, row.text, orjson.loads(row.reply)["text"], row.answer or "", row.who or "")


def _post(connection: Connection, letter: Letter) -> int:
    new = sa.insert(LETTERS).values(letter_row(letter)).returning(LETTERS.c.id)
    return int(connection.execute(new).scalar_one())
