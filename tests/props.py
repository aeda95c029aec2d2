"""What the tests of the bot are played with: a clock, and a store that fails. tests.product hands them out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.ports import Message, StoreFailed, Work
from bot.store import SqlStore
from tests.doors import SATURDAY_WORKED


@dataclass
class Clock:
    """Stands still until it is told to go on."""

    now: datetime = SATURDAY_WORKED

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta = timedelta(), **more: float) -> None:
        self.now += time + timedelta(**more)


class Full(SqlStore):
    """A store whose disk is full."""

    def __init__(self, store: SqlStore) -> None:
        super().__init__(store._database)  # noqa: SLF001 - the same store, but for one thing

    def once(self, message: Message, work: Work) -> bytes:  # noqa: ARG002 - as the store has it
        raise StoreFailed("the disk is full")
