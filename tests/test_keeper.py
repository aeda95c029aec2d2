"""What is too old is forgotten while the service runs."""

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from bot.keeper import Keeper
from bot.ports import Message, Outcome, Party, Session, StoreFailed
from bot.store import SqlStore, open_store
from tests.visitors import WEDNESDAY

pytest_plugins = ("tests.databases",)
KEEP = timedelta(days=30)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[SqlStore]:
    with closing(open_store(sqlite_url)) as opened:
        yield opened


def say(store: SqlStore) -> None:
    def work(session: Session) -> Outcome:
        return Outcome(session, "decline", "", b"{}", miss=True)

    store.once(Message(Party("web", "anna"), "message-1", "卡丢了", "", WEDNESDAY), work)


def test_a_conversation_is_kept_for_its_time_and_no_longer(store: SqlStore) -> None:
    say(store)
    asked_at: list[datetime] = []
    Keeper(store, KEEP, lambda: WEDNESDAY + KEEP - timedelta(seconds=1), asked_at.append).look()
    assert len(store.misses()) == 1
    Keeper(store, KEEP, lambda: WEDNESDAY + KEEP + timedelta(seconds=1), asked_at.append).look()
    assert store.misses() == []
    assert asked_at == [WEDNESDAY + KEEP + timedelta(seconds=side) for side in (-1, 1)]


def test_nothing_is_forgotten_before_it_was_counted(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    def count(_: datetime) -> None:
        assert len(store.misses()) == 1
        raise StoreFailed("the database is locked")

    say(store)
    Keeper(store, KEEP, lambda: WEDNESDAY + 2 * KEEP, count).look()
    assert len(store.misses()) == 1
    assert "not deleted" in caplog.text


def test_a_store_that_cannot_be_used_is_told_of_and_asked_again_later(
    sqlite_url: str, store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(open_store(sqlite_url, wait_s=0.05)) as hasty:
        keeper = Keeper(hasty, KEEP, lambda: WEDNESDAY, lambda _: None)

        def meanwhile(session: Session) -> Outcome:
            keeper.look()
            return Outcome(session, "answer", "", b"{}", miss=False)

        with caplog.at_level(logging.WARNING):
            store.once(Message(Party("web", "anna"), "message-1", "卡丢了", "", WEDNESDAY), meanwhile)
        assert "not deleted" in caplog.text
        keeper.look()
