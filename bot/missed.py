"""The questions that could not be answered well, for whoever looks after the knowledge.

Law: what is settled comes back when it was asked three times more. Of a settled question only a keyed hash is kept: what
somebody wrote is forgotten with all else they wrote.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.audit import note
from bot.database import Database, hold, insert_first
from bot.tables import MISSES, SETTLED, TURNS

AGAIN: Final = 3  # times a settled question is asked before it comes back
MOST_EXAMPLES: Final = 5
_NOT_ASKED: Final = ("report",)  # channels in which nobody asks anything
_SETTLE: Final = insert_first(SETTLED)


class Question(NamedTuple):
    """One question, in all the ways it was written."""

    key: str  # a hash of what these have in common
    times: int
    last: datetime
    examples: tuple[str, ...]  # the most frequent first


class Missed:
    """Of one database. `secret` keeps others from guessing what a hash stands for."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database = database
        self._secret = secret[:64]

    def questions(self, since: datetime) -> Sequence[Question]:
        """Those asked since then and not settled, the most frequent first."""
        count, last = (
            sa.func.count().label("count"),
            sa.func.max(TURNS.c.at, type_=TURNS.c.at.type).label("last"),
        )
        asked = (TURNS.c.at >= since) & TURNS.c.channel.not_in(_NOT_ASKED)
        rows = (
            sa.select(MISSES.c.folded, TURNS.c.text, count, last)
            .join(TURNS)
            .where(asked)
            .group_by(MISSES.c.folded, TURNS.c.text)
        )
        with self._database.transaction() as connection:
            found = self._grouped(connection.execute(rows).all())
            settled = {one.question: one.at for one in connection.execute(sa.select(SETTLED))}
            back = [one for folded, one in found if _is_back(connection, folded, settled.get(one.key))]
        return sorted(back, key=lambda one: (-one.times, -one.last.timestamp(), one.key))

    def settle(self, key: str, who: str, at: datetime, how: str) -> None:
        """Have a question go from the list. `how`: "attached", "drafted" or "dismissed"."""
        with self._database.transaction() as connection:
            hold(connection, "settled", key)
            row = {"question": key, "at": at}
            if connection.execute(_SETTLE[connection.dialect.name], row).rowcount != 1:
                connection.execute(sa.update(SETTLED).where(SETTLED.c.question == key).values(at=at))
            note(connection, at=at, who=who, what="miss.settle", about=key, after={"how": how})

    def _grouped(self, rows: Sequence[Any]) -> list[tuple[str, Question]]:
        texts: defaultdict[str, list[Any]] = defaultdict(list)
        for row in rows:
            texts[row.folded].append(row)
        return [(folded, self._question(folded, held)) for folded, held in texts.items()]

    def _question(self, folded: str, rows: Sequence[Any]) -> Question:
        key = blake2b(folded.encode(), key=self._secret, digest_size=16, person=b"missed").hexdigest()
        often = sorted(rows, key=lambda row: (-row.count, row.text))
        return Question(
            key,
            sum(row.count for row in rows),
            max(row.last for row in rows),
            tuple(row.text for row in often[:MOST_EXAMPLES]),
        )


def _is_back(connection: Connection, folded: str, settled: datetime | None) -> bool:
    if settled is None:
        return True
    after = (MISSES.c.folded == folded) & (TURNS.c.at > settled)
    times = sa.select(sa.func.count()).select_from(MISSES.join(TURNS)).where(after)
    return bool(connection.execute(times).scalar_one() >= AGAIN)
