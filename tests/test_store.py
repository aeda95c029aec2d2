"""The store: no message is lost or answered twice, on SQLite and on a real PostgreSQL, and people can be forgotten."""

import json
import multiprocessing
import sqlite3
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random
from threading import Barrier as ThreadBarrier
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.pool import NullPool

from bot import migrations
from bot.ports import (
    LONGEST_ID,
    LONGEST_TEXT,
    Letter,
    Message,
    Outcome,
    Party,
    Reused,
    Session,
    Store,
    StoreFailed,
    Told,
    Update,
    Work,
)
from bot.store import MOST_EXAMPLES, SqlStore, open_store
from bot.tables import REVISION, TABLES
from locator.errors import BadInput
from locator.model import Point

pytest_plugins = ("tests.databases",)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=8)))
ANNA, BELA = Party("web", "anna"), Party("web", "bela")
KEEP = timedelta(days=30)
SOON_S = 0.05
# Workers start from a process that knows this file, instead of from a copy of the whole test run.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])
PATIENT_S = 30.0  # a process that fails must not let the others wait for ever


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    with closing(open_store(database_url)) as opened:
        yield opened


# -- a small cast --


def said(
    number: int | str, text: str = "卡掉了", party: Party = ANNA, *, choice: str = "", at: datetime = NOON
) -> Message:
    return Message(party, str(number), text, choice, at)


def answer(session: Session, reply: bytes = b"{}", *, miss: bool = False) -> Outcome:
    return Outcome(session, "answer", "loss-report", reply, miss)


def missed(session: Session) -> Outcome:
    return answer(session, miss=True)


def counting(session: Session, name: str = "") -> Outcome:
    """Count the party's messages in its session; the reply is the count, and who counted."""
    number = int(session.place or 0) + 1
    return answer(replace(session, place=str(number)), json.dumps([number, name]).encode())


class UnseenError(Exception):
    """The store asked for an answer that it should have had."""


def unseen(_: Session) -> Outcome:
    raise UnseenError


def session_of(store: Store, party: Party) -> Session:
    """As the next message would find it."""
    found: list[Session] = []

    def look(session: Session) -> Outcome:
        found.append(session)
        raise UnseenError

    with pytest.raises(UnseenError):
        store.once(said("look", party=party), look)
    return found[0]


def rows(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Those of the last statement, past everything the store does."""
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        results = [connection.exec_driver_sql(statement) for statement in statements]
        return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []


def sizes(url: str) -> dict[str, int]:
    """How many rows each table has that has any."""
    found = {table: rows(url, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES.tables}
    return {table: size for table, size in found.items() if size}


def path_of(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


# -- once --


def test_a_message_delivered_again_gets_the_same_bytes_and_is_not_worked_on(store: SqlStore) -> None:
    reply = '{"text":  "拨打12333", "z": 1, "a": 2}'.encode()
    assert store.once(said(1), partial(answer, reply=reply)) == reply
    assert store.once(said(1), unseen) == reply
    assert store.once(said(1, at=NOON + timedelta(minutes=5)), unseen) == reply


@pytest.mark.parametrize(
    "other",
    [
        said(1, "卡找到了"),
        said(1, choice="loss-report"),
        said(1, party=BELA),  # who must not get to read what Anna was told
    ],
)
def test_an_id_stands_for_one_message(store: SqlStore, other: Message) -> None:
    store.once(said(1), answer)
    with pytest.raises(Reused):
        store.once(other, unseen)


def test_what_only_came_along_makes_no_other_message(store: SqlStore) -> None:
    shared = said(1)._replace(point=Point(29.54, 106.46), language="en")
    assert store.once(shared, partial(answer, reply=b"here")) == b"here"
    assert store.once(said(1), unseen) == b"here"


def test_channels_number_their_messages_each_for_itself(store: SqlStore) -> None:
    store.once(said(1), partial(answer, reply=b"web"))
    assert (
        store.once(said(1, party=Party("telegram", "anna")), partial(answer, reply=b"telegram"))
        == b"telegram"
    )


def test_a_session_comes_back_as_it_was_left_and_to_its_party_only(store: SqlStore) -> None:
    left = Session(
        ANNA,
        language="zh",
        heard="en",
        entry="loss-report",
        region="chongqing",
        service="loss-report",
        place="沙坪坝区",
        lat=29.541234,
        lon=106.457777,
        open_at=NOON + timedelta(days=5),
        choices=("本人", "代办"),
        pace=NOON + timedelta(microseconds=1),
        updated=NOON,
    )
    store.once(said(1), lambda _: answer(left))
    found = session_of(store, ANNA)
    assert found == left
    assert (found.lat, found.lon) == (29.54, 106.46)
    assert found.updated.tzinfo is UTC
    assert session_of(store, BELA) == Session(BELA, updated=NOON)


def test_the_language_that_was_chosen_is_known_without_a_message(store: SqlStore) -> None:
    assert store.language(ANNA) == ""
    store.once(said(1), lambda session: answer(replace(session, language="en")))
    assert (store.language(ANNA), store.language(BELA)) == ("en", "")


def test_a_session_is_as_new_as_its_last_message(store: SqlStore) -> None:
    store.once(said(1), answer)
    store.once(said(2, at=NOON + timedelta(hours=2)), lambda session: answer(replace(session, updated=NOON)))
    assert session_of(store, ANNA).updated == NOON + timedelta(hours=2)


def test_when_the_work_fails_nothing_is_stored_and_the_message_may_come_again(
    store: SqlStore, database_url: str
) -> None:
    with pytest.raises(UnseenError):
        store.once(said(1), unseen)
    assert sizes(database_url) == {}
    assert store.once(said(1), partial(answer, reply=b"now")) == b"now"
    assert sizes(database_url) == {"sessions": 1, "turns": 1}


def test_work_cannot_change_the_session_of_somebody_else(store: SqlStore, database_url: str) -> None:
    with pytest.raises(ValueError, match="another party"):
        store.once(said(1), lambda _: answer(Session(BELA, updated=NOON)))
    assert sizes(database_url) == {}


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (said(1, "长" * (LONGEST_TEXT + 1)), "text"),
        (said(1, "nul \x00"), "text"),
        (said(1, "half \ud800"), "text"),
        (said(1, choice="c" * (LONGEST_ID + 1)), "choice"),
        (said("i" * (LONGEST_ID + 1)), "id"),
        (said(""), "id"),
        (said(1, party=Party("", "anna")), "channel"),
        (said(1, party=Party("web", " ")), "party"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_name(store: SqlStore, message: Message, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        store.once(message, unseen)
    assert refused.value.field == field


def test_the_longest_text_is_kept(store: SqlStore) -> None:
    longest = said("i" * LONGEST_ID, "长" * LONGEST_TEXT)
    store.once(longest, answer)
    assert store.once(longest, unseen) == b"{}"


@pytest.mark.parametrize(
    "unfit",
    [
        {"lat": 29.5},
        {"lon": 106.5},
        {"updated": NOON.replace(tzinfo=None)},
        {"open_at": NOON.replace(tzinfo=None)},
        {"pace": NOON.replace(tzinfo=None)},
    ],
)
def test_a_session_with_half_a_position_or_no_time_zone_cannot_be_made(unfit: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Session(ANNA, **{"updated": NOON} | unfit)


def test_a_message_must_name_its_time_zone(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.once(said(1, at=NOON.replace(tzinfo=None)), unseen)


EXAMPLES = count()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), st.integers(1, 4), st.sampled_from(["卡掉了", "解挂"]), st.booleans()
        ),
        max_size=12,
    )
)
def test_any_deliveries_in_any_order_end_as_a_dictionary_would(
    store: SqlStore, deliveries: list[tuple[str, int, str, bool]]
) -> None:
    channel = f"example{next(EXAMPLES)}"
    model: dict[int, tuple[str, str, bytes]] = {}
    counted: Counter[str] = Counter()
    for name, number, text, fails in deliveries:
        message = said(number, text, Party(channel, name))
        if number in model:
            if model[number][:2] == (name, text):
                assert store.once(message, unseen) == model[number][2]
            else:
                with pytest.raises(Reused):
                    store.once(message, unseen)
        elif fails:
            with pytest.raises(UnseenError):
                store.once(message, unseen)
        else:
            counted[name] += 1
            reply = store.once(message, counting)
            assert reply == json.dumps([counted[name], ""]).encode()
            model[number] = (name, text, reply)


# -- many at once --


@contextmanager
def both(url: str) -> Iterator[tuple[SqlStore, SqlStore]]:
    """A store, and another one that waits for nobody."""
    with closing(open_store(url)) as patient, closing(open_store(url, wait_s=SOON_S)) as hasty:
        yield patient, hasty


def test_on_sqlite_a_partys_next_message_waits_until_its_last_one_is_done(sqlite_url: str) -> None:
    with both(sqlite_url) as (patient, hasty):

        def meanwhile(session: Session) -> Outcome:
            with pytest.raises(StoreFailed, match="is locked"):
                hasty.once(said(2), unseen)
            return counting(session)

        patient.once(said(1), meanwhile)
        assert hasty.once(said(2), counting) == b'[2, ""]'


@pytest.mark.parametrize("before", [0, 1], ids=["new party", "known party"])
@pytest.mark.parametrize("work", [counting, lambda session: counting(session)._replace(miss=True)])
def test_on_postgresql_a_message_is_worked_on_anew_when_its_party_was_answered_meanwhile(
    postgres_url: str, work: Work, before: int
) -> None:
    with both(postgres_url) as (one, other):
        for number in range(before):
            one.once(said(f"before{number}"), work)
        found: list[str] = []

        def meanwhile(session: Session) -> Outcome:
            found.append(session.place)
            if len(found) == 1:
                other.once(said(2), work)
            return work(session)

        reply = one.once(said(1), meanwhile)
    assert found == [str(before or ""), str(before + 1)]
    assert reply == json.dumps([before + 2, ""]).encode()
    assert rows(postgres_url, "SELECT place FROM sessions") == [(str(before + 2),)]
    assert rows(postgres_url, "SELECT count(*) FROM turns") == [(before + 2,)]


@pytest.mark.parametrize("before", [0, 1], ids=["new party", "known party"])
def test_on_postgresql_a_message_delivered_twice_at_once_is_answered_once(
    postgres_url: str, before: int
) -> None:
    with both(postgres_url) as (one, other):
        for number in range(before):
            one.once(said(f"before{number}"), counting)

        def meanwhile(session: Session) -> Outcome:
            other.once(said(1), partial(counting, name="other"))
            return counting(session, "one")

        assert one.once(said(1), meanwhile) == json.dumps([before + 1, "other"]).encode()
    assert rows(postgres_url, "SELECT count(*) FROM turns") == [(before + 1,)]


def test_on_postgresql_what_was_forgotten_meanwhile_does_not_come_back(postgres_url: str) -> None:
    with both(postgres_url) as (one, other):
        one.once(said(1), counting)

        def meanwhile(session: Session) -> Outcome:
            if session.place:
                other.forget(ANNA)
            return counting(session)

        assert one.once(said(2), meanwhile) == b'[1, ""]'
    assert rows(postgres_url, "SELECT message FROM turns") == [("2",)]


def test_who_writes_without_end_from_everywhere_is_told_to_try_again(postgres_url: str) -> None:
    with both(postgres_url) as (one, other):
        numbers = count()

        def meanwhile(session: Session) -> Outcome:
            other.once(said(f"other{next(numbers)}"), counting)
            return counting(session)

        with pytest.raises(StoreFailed, match="too many places"):
            one.once(said(1), meanwhile)
    assert rows(postgres_url, "SELECT * FROM turns WHERE message = '1'") == []


def test_on_postgresql_parties_do_not_wait_for_each_other(postgres_url: str) -> None:
    with both(postgres_url) as (patient, hasty):

        def meanwhile(session: Session) -> Outcome:
            hasty.once(said(2, party=BELA), counting)
            return counting(session)

        patient.once(said(1), meanwhile)
    assert sizes(postgres_url) == {"sessions": 2, "turns": 2}


def test_two_parties_who_use_one_id_at_once_are_told_apart(postgres_url: str) -> None:
    with both(postgres_url) as (patient, hasty):

        def meanwhile(session: Session) -> Outcome:
            hasty.once(said(1, party=BELA), answer)
            return answer(session)

        with pytest.raises(Reused):
            patient.once(said(1), meanwhile)
    assert rows(postgres_url, "SELECT party FROM turns") == [("bela",)]
    assert rows(postgres_url, "SELECT party FROM sessions") == [("bela",)]


Replies = dict[str, bytes]
Opener = Callable[[str], Any]


def send_all(  # noqa: PLR0913, PLR0917 - all that a process is given
    url: str, opener: Opener, name: str, sent: int, start: Barrier, meet: Barrier | None, told: Connection
) -> None:
    """What one writer does: its own messages and the shared ones in turn. It tells the replies it got."""
    with closing(opener(url)) as store:
        start.wait()
        replies = {
            message.id: store.once(message, partial(met, name, meet)) for message in to_send(name, sent)
        }
    told.send(replies)


def to_send(name: str, sent: int) -> Iterator[Message]:
    for number in range(sent // 2):
        party = Party("web", f"party{number % 5}")
        yield said(f"shared{number}", party=party)
        yield said(f"{name}{number}", party=party)


def met(name: str, meet: Barrier | None, session: Session) -> Outcome:
    """Where nothing keeps the writers apart, they meet while they work, and each answers what is shared."""
    if meet is not None:
        meet.wait()
    return counting(session, name)


def race(url: str, opener: Opener, sent: int, meet: Barrier | None = None) -> tuple[Replies, Replies]:
    """Two real processes at once, half of whose messages are the same; the replies each got."""
    start = PROCESSES.Barrier(2, timeout=PATIENT_S)
    pipes = [PROCESSES.Pipe(duplex=False) for _ in range(2)]
    writers = [
        PROCESSES.Process(target=send_all, args=(url, opener, name, sent, start, meet, told), daemon=True)
        for name, (_, told) in zip("xy", pipes, strict=True)
    ]
    for writer in writers:
        writer.start()
    for _, told in pipes:
        told.close()
    first, second = (heard.recv() for heard, _ in pipes)
    for writer in writers:
        writer.join()
    return first, second


def answered_twice(first: Replies, second: Replies) -> list[str]:
    return [name for name in first.keys() & second.keys() if first[name] != second[name]]


def stored_times(url: str, table: str) -> Counter[int]:
    """How many messages were stored how many times."""
    return Counter(times for (times,) in rows(url, f"SELECT count(*) FROM {table} GROUP BY message"))


def test_two_processes_lose_nothing_and_answer_nothing_twice(database_url: str) -> None:
    first, second = race(database_url, partial(open_store, wait_s=PATIENT_S), sent=200)
    assert len(first) == len(second) == 200
    assert len(first.keys() & second.keys()) == 100
    assert answered_twice(first, second) == []
    assert stored_times(database_url, "turns") == {1: 300}
    # Each found the session as the one before had left it: nobody counted the same number twice.
    counted: dict[str, list[int]] = {}
    for party, reply in rows(database_url, "SELECT party, reply FROM turns ORDER BY number"):
        counted.setdefault(party, []).append(json.loads(reply)[0])
    assert counted == {f"party{number}": list(range(1, 61)) for number in range(5)}


class Careless:
    """What one writes without a unique key and a lock: look, work, store."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url)

    def once(self, message: Message, work: Callable[[Session], Outcome]) -> bytes:
        look = sa.text("SELECT reply FROM careless WHERE message = :message")
        with self.engine.begin() as connection:
            seen = connection.execute(look, {"message": message.id}).scalar()
        if seen is not None:
            return str(seen).encode()
        reply = work(Session(message.party, updated=message.at)).reply
        with self.engine.begin() as connection:
            row = {"message": message.id, "reply": reply.decode()}
            connection.execute(sa.text("INSERT INTO careless VALUES (:message, :reply)"), row)
        return reply

    def close(self) -> None:
        self.engine.dispose()


def test_the_race_finds_what_a_store_without_a_unique_key_doubles(database_url: str) -> None:
    rows(database_url, "CREATE TABLE careless (message TEXT, reply TEXT)")
    first, second = race(database_url, Careless, sent=20, meet=PROCESSES.Barrier(2, timeout=PATIENT_S))
    assert len(answered_twice(first, second)) == 10
    assert stored_times(database_url, "careless") == {1: 20, 2: 10}


def test_four_processes_may_start_at_once_on_nothing(database_url: str) -> None:
    start = PROCESSES.Barrier(4, timeout=PATIENT_S)
    writers = [
        PROCESSES.Process(target=open_and_send, args=(database_url, name, start), daemon=True)
        for name in "abcd"
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert sizes(database_url) == {"sessions": 1, "turns": 4}


def open_and_send(url: str, name: str, start: Barrier) -> None:
    start.wait()
    with closing(open_store(url, wait_s=PATIENT_S)) as store:
        store.once(said(name), counting)


# -- killed --

KILLS = 10


def write_until_killed(url: str, told: Connection, first: int) -> None:
    with closing(open_store(url)) as store:
        for number in count(first):
            told.send((number, store.once(said(number), counting)))


def promise_too_early(url: str, told: Connection, first: int) -> None:
    """It acknowledges what is not stored yet."""

    def promise(session: Session, number: int) -> Outcome:
        told.send((number, b"too early"))
        PROCESSES.Event().wait()
        return answer(session)

    with closing(open_store(url)) as store:
        store.once(said(first), partial(promise, number=first))


def kill_after(
    url: str, writer: Callable[[str, Connection, int], None], first: int, acknowledged: int
) -> dict[int, bytes]:
    """Kill -9 once so many messages were acknowledged; all that were."""
    heard, told = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=writer, args=(url, told, first), daemon=True)
    process.start()
    told.close()
    replies = dict(heard.recv() for _ in range(acknowledged))
    process.kill()
    with heard:
        replies |= dict(rest_of(heard))
    process.join()
    return replies


def rest_of(heard: Connection) -> Iterator[tuple[int, bytes]]:
    try:
        while True:
            yield heard.recv()
    except (EOFError, OSError):  # OSError: in the middle of one
        return


def lost(store: Store, replies: dict[int, bytes]) -> list[int]:
    return [number for number, reply in replies.items() if reply_of(store, number) != reply]


def reply_of(store: Store, number: int) -> bytes | None:
    try:
        return store.once(said(number), unseen)
    except UnseenError:
        return None


def test_a_writer_killed_at_any_time_has_kept_what_it_acknowledged(database_url: str) -> None:
    open_store(database_url).close()
    random = Random(20261123)
    acknowledged: dict[int, bytes] = {}
    for number in range(KILLS):
        first = number * 1000
        acknowledged |= kill_after(database_url, write_until_killed, first, random.randint(1, 30))
        with closing(open_store(database_url)) as store:
            assert lost(store, acknowledged) == []
            # The one it was at: stored or not, it is answered once.
            at_it = said(max(acknowledged) + 1)
            assert store.once(at_it, counting) == store.once(at_it, unseen)
        if database_url.startswith("sqlite"):
            assert rows(database_url, "PRAGMA integrity_check") == [("ok",)]
    # Session and turn are stored together or not at all.
    ((turns,),) = rows(database_url, "SELECT count(*) FROM turns")
    assert rows(database_url, "SELECT place FROM sessions") == [(str(turns),)]
    assert turns == len(acknowledged) + KILLS


def test_the_killing_finds_what_a_writer_promised_too_early(database_url: str) -> None:
    open_store(database_url).close()
    promised = kill_after(database_url, promise_too_early, 7, acknowledged=1)
    with closing(open_store(database_url)) as store:
        assert lost(store, promised) == [7]


# -- misses --


def test_misses_are_grouped_by_what_they_have_in_common(store: SqlStore) -> None:
    for number, text in enumerate(["咋个整?", "咋个整", "咋個整！", "咋个整", "卡呢"]):
        store.once(said(number, text), missed)
    store.once(said("fine", "卡掉了"), answer)
    assert list(store.misses()) == [
        ("咋个整", 4, ("咋个整", "咋个整?", "咋個整！")),
        ("卡呢", 1, ("卡呢",)),
    ]


def test_a_miss_has_a_few_examples_only(store: SqlStore) -> None:
    for number in range(MOST_EXAMPLES + 1):
        store.once(said(number, "卡呢" + "?" * number), missed)
    (miss,) = store.misses()
    assert (miss.times, len(miss.examples)) == (MOST_EXAMPLES + 1, MOST_EXAMPLES)


def test_what_did_not_help_is_a_miss_however_often_it_is_said(store: SqlStore, database_url: str) -> None:
    store.once(said(1), answer)
    assert store.note(ANNA, "1", helpful=True)
    assert store.misses() == []
    assert store.note(ANNA, "1", helpful=False)
    assert store.note(ANNA, "1", helpful=False)
    assert list(store.misses()) == [("卡掉了", 1, ("卡掉了",))]
    assert [bool(helpful) for (helpful,) in rows(database_url, "SELECT helpful FROM turns")] == [False]


def test_nobody_can_mark_what_somebody_else_was_told(store: SqlStore) -> None:
    store.once(said(1), answer)
    assert not store.note(BELA, "1", helpful=False)
    assert not store.note(ANNA, "2", helpful=False)
    assert store.misses() == []
    with pytest.raises(BadInput):
        store.note(ANNA, "\x00", helpful=False)


# -- letters --

SECOND = timedelta(seconds=1)


def letter(body: str = "one", party: Party = ANNA, at: datetime = NOON) -> Letter:
    return Letter(party, body.encode(), at)


def taken(store: Store, at: datetime = NOON, channel: str = "web") -> str:
    """The body of the one that goes now; "" for none."""
    found = store.take(channel, at)
    return found.body.decode() if found else ""


def all_due(store: Store, at: datetime = NOON) -> list[str]:
    """As they go when each is delivered at once."""
    bodies = []
    while found := store.take("web", at):
        bodies.append(found.body.decode())
        store.delivered(found.id, at, at)
    return bodies


def test_a_letter_is_taken_as_it_was_posted_and_once(store: SqlStore) -> None:
    number = store.post(letter())
    assert store.take("web", NOON) == Letter(ANNA, b"one", NOON, number)
    assert store.take("web", NOON + KEEP) is None
    store.delivered(number, NOON, NOON)
    assert store.take("web", NOON + KEEP) is None
    assert store.undelivered() == []


def test_each_channel_has_its_own_letters(store: SqlStore) -> None:
    store.post(letter("web"))
    store.post(letter("telegram", Party("telegram", "anna")))
    assert taken(store, channel="telegram") == "telegram"
    assert taken(store, channel="telegram") == ""
    assert taken(store) == "web"


def test_the_letters_of_a_party_go_one_after_the_other(store: SqlStore) -> None:
    first = store.post(letter("first"))
    store.post(letter("second"))
    assert (taken(store), taken(store)) == ("first", "")
    store.delivered(first, NOON, NOON + SECOND)
    assert taken(store, NOON + 0.999 * SECOND) == ""
    assert taken(store, NOON + SECOND) == "second"


def test_nobody_waits_for_the_letters_of_another_party(store: SqlStore) -> None:
    same_id = Party("telegram", ANNA.id)
    for party in (ANNA, BELA, ANNA, BELA, same_id):
        store.post(letter(party.id, party))
    assert [taken(store), taken(store), taken(store)] == ["anna", "bela", ""]
    assert taken(store, channel="telegram") == "anna"


def test_the_oldest_that_is_due_goes_first(store: SqlStore) -> None:
    """The one that was posted first, whatever it says of its time."""
    for body, party, at in (("1", ANNA, SECOND), ("2", BELA, -SECOND), ("3", ANNA, 0 * SECOND)):
        store.post(letter(body, party, NOON + at))
    assert all_due(store) == ["1", "2", "3"]


def test_one_that_is_put_off_is_due_again_later_and_those_behind_it_wait(store: SqlStore) -> None:
    first = store.post(letter("first"))
    store.post(letter("second"))
    store.take("web", NOON)
    store.put_off(first, NOON + SECOND)
    assert taken(store, NOON + 0.999 * SECOND) == ""
    assert taken(store, NOON + SECOND) == "first"
    assert taken(store, NOON + KEEP) == ""


def test_one_that_was_delivered_makes_the_others_of_its_party_wait_and_no_one_else(store: SqlStore) -> None:
    first = store.post(letter("first"))
    for party in (ANNA, ANNA, BELA):
        store.post(letter(party.id, party))
    store.take("web", NOON)
    store.delivered(first, NOON, NOON + SECOND)
    assert all_due(store) == ["bela"]
    assert all_due(store, NOON + SECOND) == ["anna", "anna"]


def test_what_is_refused_is_kept_with_the_reason_and_keeps_nobody_waiting(store: SqlStore) -> None:
    first = store.post(letter("first"))
    store.post(letter("second"))
    store.take("web", NOON)
    store.refuse(first, "blocked")
    assert store.undelivered() == [Letter(ANNA, b"first", NOON, first, "blocked")]
    assert all_due(store, NOON + KEEP) == ["second"]
    assert len(store.undelivered()) == 1


def test_what_is_on_its_way_when_nobody_knows_is_in_doubt_and_does_not_go_again(store: SqlStore) -> None:
    elsewhere = Party("telegram", "anna")
    numbers = [store.post(letter(party.id, party)) for party in (ANNA, BELA, elsewhere)]
    store.post(letter("behind"))
    assert store.doubt("web") == 0
    for channel in ("web", "web", "telegram"):
        store.take(channel, NOON)
    assert store.doubt("web") == 2
    assert store.doubt("web") == 0
    assert [kept.id for kept in store.undelivered()] == numbers[:2]
    assert all_due(store, NOON + KEEP) == ["behind"]
    assert store.doubt("telegram") == 1


def test_what_turns_out_to_be_delivered_is_in_doubt_no_more(store: SqlStore) -> None:
    number = store.post(letter())
    store.take("web", NOON)
    store.doubt("web")
    store.delivered(number, NOON, NOON)
    assert store.undelivered() == []


@pytest.mark.parametrize("ends", [SqlStore.again, SqlStore.drop])
def test_a_person_decides_only_of_what_was_not_delivered(
    store: SqlStore, ends: Callable[[SqlStore, int], bool]
) -> None:
    due, on_its_way, delivered, refused, unsure = (
        store.post(letter(str(number), Party("web", str(number)))) for number in range(5)
    )
    for number in (unsure, refused, delivered):
        store.put_off(number, NOON)
    store.put_off(due, NOON + KEEP)
    store.put_off(on_its_way, NOON + SECOND)
    while store.take("web", NOON):
        pass
    store.delivered(delivered, NOON, NOON)
    store.refuse(refused, "blocked")
    assert store.doubt("web") == 1
    assert taken(store, NOON + SECOND) == "1"
    for number in (due, on_its_way, delivered, 0, unsure + 1):
        assert not ends(store, number)
    for number in (refused, unsure):
        assert ends(store, number)
        assert not ends(store, number)
    assert store.undelivered() == []
    assert all_due(store, NOON + SECOND) == (["3", "4"] if ends is SqlStore.again else [])
    assert all_due(store, NOON + KEEP) == ["0"]


@pytest.mark.parametrize(
    "does",
    [
        lambda store, number: store.delivered(number, NOON, NOON),
        lambda store, number: store.put_off(number, NOON),
        lambda store, number: store.refuse(number, "blocked"),
    ],
)
def test_a_letter_that_is_gone_is_no_error_and_its_id_never_comes_back(
    store: SqlStore, does: Callable[[SqlStore, int], None]
) -> None:
    gone = store.post(letter("one"))
    store.take("web", NOON)
    store.forget(ANNA)
    assert store.post(letter("two", BELA)) != gone
    does(store, gone)
    assert store.undelivered() == []
    assert all_due(store) == ["two"]


@pytest.mark.parametrize("party", [Party("web", ""), Party("", "anna"), Party("web", "x" * (LONGEST_ID + 1))])
def test_a_letter_to_nobody_is_not_kept(store: SqlStore, database_url: str, party: Party) -> None:
    with pytest.raises(BadInput):
        store.post(letter(party=party))
    with pytest.raises(BadInput):
        store.accept(Update("web", "1", NOON, (letter(), letter(party=party))))
    assert sizes(database_url) == {}


def test_those_who_take_at_once_never_take_the_same(database_url: str) -> None:
    """A postman who does not know yet that the lease is lost, and the one who has it."""
    parties = [Party("web", str(number)) for number in range(60)]
    with closing(open_store(database_url)) as store, ThreadPoolExecutor(4) as pool:
        for party in parties:
            store.post(letter(party.id, party))
        start = ThreadBarrier(4, timeout=PATIENT_S)

        def takes(_: int) -> list[str]:
            start.wait()
            return list(iter(partial(taken, store), ""))

        found = [body for bodies in pool.map(takes, range(4)) for body in bodies]
    assert sorted(found) == sorted(party.id for party in parties)


# -- updates --


def test_an_update_is_accepted_once_with_all_its_letters(store: SqlStore, database_url: str) -> None:
    update = Update("web", "1", NOON, (letter("first"), letter("second"), letter("third", BELA)))
    assert store.accept(update)
    assert not store.accept(update)
    assert not store.accept(update._replace(at=NOON + KEEP, letters=(letter("other"),), note="other"))
    assert sizes(database_url) == {"letters": 3, "updates": 1}
    assert rows(database_url, "SELECT channel, id, note FROM updates") == [("web", "1", "")]
    assert all_due(store) == ["first", "second", "third"]


def test_each_channel_has_its_own_updates(store: SqlStore) -> None:
    assert store.accept(Update("web", "1", NOON))
    assert store.accept(Update("telegram", "1", NOON))
    assert store.accept(Update("web", "2", NOON))


def test_why_an_update_has_no_answer_is_kept(store: SqlStore, database_url: str) -> None:
    store.accept(Update("web", "1", NOON, note="a bot wrote it"))
    assert rows(database_url, "SELECT id, note FROM updates") == [("1", "a bot wrote it")]


def test_the_letters_of_an_update_wait_as_long_as_it_says(store: SqlStore) -> None:
    store.accept(Update("web", "1", NOON, (letter(), letter("two", BELA)), not_before=NOON + SECOND))
    assert all_due(store, NOON + 0.999 * SECOND) == []
    assert all_due(store, NOON + SECOND) == ["one", "two"]


def test_an_update_that_all_accept_at_once_is_accepted_by_one(database_url: str) -> None:
    with closing(open_store(database_url)) as store, ThreadPoolExecutor(4) as pool:
        start = ThreadBarrier(4, timeout=PATIENT_S)

        def accepts(number: int) -> bool:
            start.wait()
            return store.accept(Update("web", "1", NOON, (letter(str(number)),)))

        assert sorted(pool.map(accepts, range(4))) == [False, False, False, True]
        assert len(all_due(store)) == 1


def test_where_nothing_waits_and_nothing_was_sent_the_way_is_free_and_asking_leaves_nothing(
    store: SqlStore, database_url: str
) -> None:
    assert store.is_free(ANNA, NOON - SECOND)
    assert sizes(database_url) == {}


def test_a_reply_is_told_first_once_and_only_while_the_way_is_free(store: SqlStore) -> None:
    first = store.tell(said(1), counting, NOON)
    assert first == Told(b'[1, ""]', is_first=True)
    assert store.tell(said(1), unseen, NOON) == first._replace(is_first=False)
    number = store.post(letter())
    assert not store.tell(said(2), counting, NOON + KEEP).is_first
    assert store.tell(said(3, party=BELA), counting, NOON).is_first
    store.take("web", NOON)
    store.delivered(number, NOON, NOON + SECOND)
    assert not store.tell(said(4), counting, NOON - SECOND).is_first
    assert store.tell(said(5), counting, NOON).is_first


def test_a_letter_that_waits_or_is_on_its_way_is_in_the_way_of_its_party_alone(store: SqlStore) -> None:
    later = NOON + KEEP
    number = store.post(letter())
    assert not store.is_free(ANNA, later)
    store.take("web", NOON)
    assert not store.is_free(ANNA, later)
    store.put_off(number, NOON)
    assert not store.is_free(ANNA, later)
    assert store.is_free(BELA, NOON - KEEP)
    assert store.is_free(Party("telegram", "anna"), NOON - KEEP)


def test_a_letter_that_was_delivered_is_in_the_way_for_a_while(store: SqlStore) -> None:
    number = store.post(letter(at=NOON - KEEP))
    store.take("web", NOON)
    store.delivered(number, NOON, NOON + SECOND)
    assert not store.is_free(ANNA, NOON - SECOND)
    assert store.is_free(ANNA, NOON)
    assert store.is_free(ANNA, NOON + SECOND)


@pytest.mark.parametrize("refused", [True, False])
def test_what_never_goes_is_in_nobody_s_way(store: SqlStore, *, refused: bool) -> None:
    number = store.post(letter(at=NOON - KEEP))
    store.take("web", NOON)
    if refused:
        store.refuse(number, "blocked")
    else:
        store.doubt("web")
    assert store.is_free(ANNA, NOON)


# -- leases --


def test_a_lease_has_one_holder_until_it_runs_out(store: SqlStore) -> None:
    assert store.hold("post", "one", NOON, SECOND)
    assert not store.hold("post", "two", NOON, SECOND)
    assert not store.hold("post", "two", NOON + 0.999 * SECOND, SECOND)
    assert store.hold("post", "two", NOON + SECOND, SECOND)
    assert not store.hold("post", "one", NOON + SECOND, SECOND)


def test_who_has_a_lease_makes_it_last(store: SqlStore) -> None:
    assert store.hold("post", "one", NOON, 2 * SECOND)
    assert store.hold("post", "one", NOON + SECOND, 2 * SECOND)
    assert not store.hold("post", "two", NOON + 2.999 * SECOND, SECOND)
    assert store.hold("post", "two", NOON + 3 * SECOND, SECOND)


def test_who_had_a_lease_gets_it_again_if_nobody_else_took_it(store: SqlStore) -> None:
    assert store.hold("post", "one", NOON, SECOND)
    assert store.hold("post", "one", NOON + KEEP, SECOND)


def test_each_lease_is_one_of_its_own(store: SqlStore) -> None:
    assert store.hold("post", "one", NOON, SECOND)
    assert store.hold("other", "two", NOON, SECOND)
    assert (store.holder("post"), store.holder("other"), store.holder("third")) == ("one", "two", "")


def test_who_lets_go_of_a_lease_leaves_it_to_others_and_nobody_else_can(store: SqlStore) -> None:
    store.hold("post", "one", NOON, SECOND)
    store.hold("other", "one", NOON, SECOND)
    store.release("post", "two")
    assert not store.hold("post", "two", NOON, SECOND)
    store.release("post", "one")
    store.release("post", "one")
    assert store.hold("post", "two", NOON, SECOND)
    assert not store.hold("other", "two", NOON, SECOND)


def test_who_had_a_lease_last_is_known(store: SqlStore) -> None:
    assert store.holder("post") == ""
    store.hold("post", "one", NOON, SECOND)
    store.hold("post", "two", NOON, SECOND)
    assert store.holder("post") == "one"
    store.hold("post", "two", NOON + KEEP, SECOND)
    assert store.holder("post") == "two"


@pytest.mark.parametrize("was_held", [False, True])
def test_of_those_who_want_a_lease_at_once_one_gets_it(database_url: str, *, was_held: bool) -> None:
    with closing(open_store(database_url)) as store, ThreadPoolExecutor(4) as pool:
        start = ThreadBarrier(4, timeout=PATIENT_S)
        if was_held:
            store.hold("post", "before", NOON - KEEP, SECOND)

        def holds(number: int) -> bool:
            start.wait()
            return store.hold("post", str(number), NOON, SECOND)

        assert sorted(pool.map(holds, range(4))) == [False, False, False, True]


# -- forgotten --

CANARY = "金丝雀canary"


def tell_everything(store: Store, party: Party) -> None:
    for number in range(20):
        store.once(said(f"{party.id}{number}", f"{CANARY}{number}", party), remembered)
    store.note(party, f"{party.id}1", helpful=False)
    store.post(Letter(party, CANARY.encode(), NOON))


def remembered(session: Session) -> Outcome:
    return missed(replace(session, place=CANARY))._replace(reply=CANARY.encode())


def test_to_forget_leaves_no_row_of_that_party_and_all_of_the_others(
    store: SqlStore, database_url: str
) -> None:
    tell_everything(store, BELA)
    others = sizes(database_url)
    tell_everything(store, ANNA)
    assert sizes(database_url) == {table: 2 * size for table, size in others.items()}
    store.forget(ANNA)
    assert sizes(database_url) == others == {"sessions": 1, "turns": 20, "misses": 20, "letters": 1}
    assert session_of(store, ANNA) == Session(ANNA, updated=NOON)


@pytest.mark.parametrize("vacuumed", [False, True])
def test_what_is_forgotten_is_not_left_in_the_file(sqlite_url: str, *, vacuumed: bool) -> None:
    # As most builds of SQLite have it, unless they are told.
    with told_first("PRAGMA secure_delete = OFF"), closing(open_store(sqlite_url)) as store:
        store.once(said("other", party=BELA), answer)
        tell_everything(store, ANNA)
        assert CANARY.encode() in path_of(sqlite_url).read_bytes()
        store.forget(ANNA)
    if vacuumed:
        with closing(sqlite3.connect(path_of(sqlite_url))) as connection:
            connection.execute("VACUUM")
    assert "卡掉了".encode() in path_of(sqlite_url).read_bytes()
    assert CANARY.encode() not in path_of(sqlite_url).read_bytes()
    assert [path.name for path in path_of(sqlite_url).parent.iterdir()] == ["bot.db"]


# Where and when somebody wants to go, and what the next message may still refer to.
WHEREABOUTS: dict[str, Any] = {"place": "沙坪坝区", "lat": 29.54, "lon": 106.46, "open_at": NOON}
NOWHERE: dict[str, Any] = {"place": "", "lat": None, "lon": None, "open_at": None}
ELSE: dict[str, Any] = {
    "language": "en",
    "heard": "en",
    "entry": "replacement",
    "region": "chongqing",
    "service": "replacement",
    "choices": ("a",),
    "pace": NOON,
}


@pytest.mark.parametrize(
    ("age", "kept", "whereabouts"),
    [
        (timedelta(minutes=59), True, WHEREABOUTS),
        (timedelta(hours=1), True, WHEREABOUTS),
        (timedelta(minutes=61), True, NOWHERE),
        (KEEP, True, NOWHERE),
        (KEEP + timedelta(seconds=1), False, {}),
    ],
)
def test_what_is_old_expires(
    store: SqlStore, database_url: str, age: timedelta, *, kept: bool, whereabouts: dict[str, Any]
) -> None:
    store.once(said(1), lambda session: missed(replace(session, **ELSE, **WHEREABOUTS)))
    store.post(Letter(ANNA, b"", NOON))
    update = sa.insert(TABLES.tables["updates"]).values(channel="telegram", id="1", at=NOON)
    with sa.create_engine(database_url, poolclass=NullPool).begin() as connection:
        connection.execute(update)
    store.expire(NOON + age, KEEP)
    everything = {"sessions": 1, "turns": 1, "misses": 1, "letters": 1, "updates": 1}
    assert sizes(database_url) == (everything if kept else {})
    if kept:
        assert session_of(store, ANNA) == Session(ANNA, **ELSE, **whereabouts, updated=NOON)


@pytest.mark.parametrize("known", [{"place": "沙坪坝区"}, {"lat": 29.54, "lon": 106.46}, {"open_at": NOON}])
def test_whatever_is_known_of_where_and_when_somebody_wants_to_go_expires(
    store: SqlStore, known: dict[str, Any]
) -> None:
    store.once(said(1), lambda session: answer(replace(session, **known)))
    store.expire(NOON + timedelta(minutes=61), KEEP)
    assert session_of(store, ANNA) == Session(ANNA, updated=NOON)


# -- the secret --


def test_a_database_has_one_secret_for_ever(store: SqlStore, database_url: str) -> None:
    secret = store.secret()
    assert len(secret) == 32
    assert secret == store.secret()
    store.forget(ANNA)
    store.expire(NOON + 100 * KEEP, KEEP)
    with closing(open_store(database_url)) as other:
        assert other.secret() == secret


def test_another_database_has_another_secret(sqlite_url: str, postgres_url: str) -> None:
    with closing(open_store(sqlite_url)) as one, closing(open_store(postgres_url)) as other:
        assert one.secret() != other.secret()


def test_a_secret_that_another_one_is_just_making_is_waited_for(database_url: str) -> None:
    first = b"first".ljust(32)
    with closing(open_store(database_url, wait_s=SOON_S)) as hasty:
        with sa.create_engine(database_url, poolclass=NullPool).begin() as other:
            other.execute(sa.insert(TABLES.tables["secrets"]).values(id=1, value=first))
            with pytest.raises(StoreFailed, match="is locked"):
                hasty.secret()
        assert hasty.secret() == first


def tell_secret(url: str, start: Barrier, told: Connection) -> None:
    with closing(open_store(url, wait_s=PATIENT_S)) as store:
        start.wait()
        told.send(store.secret())


def test_two_processes_who_ask_for_the_secret_at_once_get_the_same(database_url: str) -> None:
    start = PROCESSES.Barrier(2, timeout=PATIENT_S)
    pipes = [PROCESSES.Pipe(duplex=False) for _ in range(2)]
    for _, told in pipes:
        PROCESSES.Process(target=tell_secret, args=(database_url, start, told), daemon=True).start()
        told.close()
    first, second = (heard.recv() for heard, _ in pipes)
    assert first == second


# -- opening --


def test_the_migrations_make_the_tables_that_the_store_knows(database_url: str) -> None:
    open_store(database_url).close()
    with sa.create_engine(database_url, poolclass=NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, TABLES) == []


def made_by_the_first_version(url: str) -> None:
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    with sa.create_engine(url, poolclass=NullPool).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "1")


# One row for each table of the first version, by its columns there.
FIRST_ROWS: dict[str, dict[str, Any]] = {
    "sessions": {
        "channel": "web",
        "party": "anna",
        "language": "zh",
        "entry": "loss-report",
        "region": "chongqing",
        "service": "loss-report",
        "place": "沙坪坝区",
        "lat": 29.54,
        "lon": 106.46,
        "choices": ["本人"],
        "updated": NOON.astimezone(UTC),
    },
    "turns": {
        "number": 7,
        "channel": "web",
        "message": "1",
        "party": "anna",
        "text": "卡掉了",
        "choice": "",
        "at": NOON.astimezone(UTC),
        "decision": "answer",
        "entry": "loss-report",
        "reply": b"kept",
        "helpful": False,
    },
    "misses": {"turn": 7, "folded": "卡掉了"},
    "letters": {
        "id": 5,
        "channel": "web",
        "party": "anna",
        "body": b"due",
        "at": NOON.astimezone(UTC),
        "state": "due",
    },
    "updates": {"channel": "telegram", "id": "1", "at": NOON.astimezone(UTC)},
}


def test_a_database_of_the_first_version_is_brought_up_to_date_and_loses_nothing(database_url: str) -> None:
    made_by_the_first_version(database_url)
    first = sa.MetaData()
    with sa.create_engine(database_url, poolclass=NullPool).begin() as connection:
        first.reflect(connection)
        for name, row in FIRST_ROWS.items():
            connection.execute(sa.insert(first.tables[name]).values(row))
    with closing(open_store(database_url)) as store:
        with sa.create_engine(database_url, poolclass=NullPool).connect() as connection:
            for name, row in FIRST_ROWS.items():
                columns = [TABLES.tables[name].c[column] for column in row]
                assert [dict(kept) for kept in connection.execute(sa.select(*columns)).mappings()] == [row]
        assert store.once(said(1), unseen) == b"kept"
        held = {
            key: FIRST_ROWS["sessions"][key] for key in FIRST_ROWS["sessions"].keys() - {"channel", "party"}
        }
        assert session_of(store, ANNA) == Session(ANNA, **held | {"choices": ("本人",)})
        # What it would not take before.
        store.once(said(2), lambda session: answer(replace(session, heard="en", open_at=NOON, pace=NOON)))
        assert store.secret() == store.secret()


def test_opening_again_changes_nothing(database_url: str) -> None:
    for _ in range(2):
        with closing(open_store(database_url)) as store:
            store.once(said(1), answer)
    assert sizes(database_url) == {"sessions": 1, "turns": 1}
    assert rows(database_url, "SELECT version_num FROM alembic_version") == [(REVISION,)]


def test_a_database_newer_than_the_program_is_left_alone(database_url: str) -> None:
    open_store(database_url).close()
    rows(database_url, "UPDATE alembic_version SET version_num = '999'")
    with pytest.raises(StoreFailed, match="newer version"):
        open_store(database_url)


def test_sqlite_is_told_to_be_safe_and_the_file_is_for_nobody_else(sqlite_url: str) -> None:
    told: list[tuple[Any, ...]] = []

    def ask(connection: Any, _: Any) -> None:
        pragmas = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "secure_delete")
        told.append(tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas))

    with on(sa.Engine, "checkout", lambda connection, record, _: ask(connection, record)):
        open_store(sqlite_url, wait_s=1.5).close()
    assert told == [("delete", 2, 1500, 1, 1)]
    assert path_of(sqlite_url).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bot.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:bot?mode=memory&uri=true",
        "mysql://anna:sesame@localhost/bot",
        "oracle",
        "postgresql://anna:sesame@localhost",
        "postgresql://anna:sesame@localhost:port/bot",
        "postgresql+asyncpg://anna:sesame@localhost/bot",
    ],
)
def test_another_kind_of_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(BadInput, match="database: must be") as refused:
        open_store(url)
    assert "sesame" not in str(refused.value)


# -- when the database refuses --


@contextmanager
def on(target: Any, name: str, listener: Callable[..., None]) -> Iterator[None]:
    event.listen(target, name, listener)
    try:
        yield
    finally:
        event.remove(target, name, listener)


@contextmanager
def told_first(*statements: str) -> Iterator[None]:
    """Every new connection to SQLite."""

    def tell(connection: Any, _: Any) -> None:
        for statement in statements:
            connection.execute(statement).fetchall()

    with on(sa.Engine, "connect", tell):
        yield


def refusal(url: str) -> str:
    """What a person is told, who must not see what was said nor how we are built."""
    with pytest.raises(StoreFailed) as refused, closing(open_store(url, wait_s=SOON_S)) as store:
        store.once(said(1, CANARY), lambda session: answer(session, CANARY.encode() * 10_000))
    shown = "".join(traceback.format_exception(refused.value))
    assert CANARY not in shown
    assert "sqlalchemy" not in shown
    return str(refused.value)


def works(url: str) -> bool:
    with closing(open_store(url)) as store:
        return store.once(said(1), partial(answer, reply=b"now")) == b"now"


def test_a_locked_file_is_named_and_waited_for_no_longer_than_told(sqlite_url: str) -> None:
    open_store(sqlite_url).close()
    with closing(sqlite3.connect(path_of(sqlite_url), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreFailed, match=r"bot\.db is locked; close the program that holds it"):
            open_store(sqlite_url, wait_s=SOON_S)
    assert works(sqlite_url)


def test_a_locked_table_is_named_and_waited_for_no_longer_than_told(postgres_url: str) -> None:
    open_store(postgres_url).close()
    with sa.create_engine(postgres_url, poolclass=NullPool).begin() as other:
        other.exec_driver_sql("LOCK TABLE turns")
        assert "is locked; end the transaction" in refusal(postgres_url)
    assert works(postgres_url)


def test_a_full_disk_is_named(sqlite_url: str) -> None:
    open_store(sqlite_url).close()
    ((pages,),) = rows(sqlite_url, "PRAGMA page_count")
    with told_first(f"PRAGMA max_page_count = {pages}"):
        assert "is full; free space" in refusal(sqlite_url)
    assert sizes(sqlite_url) == {}
    assert works(sqlite_url)


def test_a_disk_that_fills_while_the_tables_are_made_leaves_none_of_them(sqlite_url: str) -> None:
    with told_first("PRAGMA max_page_count = 5"), pytest.raises(StoreFailed, match="is full"):
        open_store(sqlite_url)
    assert rows(sqlite_url, "SELECT name FROM sqlite_master") == []
    assert works(sqlite_url)


def test_a_file_that_may_not_be_written_is_named(sqlite_url: str) -> None:
    open_store(sqlite_url).close()
    with told_first("PRAGMA query_only = ON"):
        assert "may not be written; give this program's user the right" in refusal(sqlite_url)
    assert works(sqlite_url)


def test_a_standby_is_named(postgres_url: str) -> None:
    open_store(postgres_url).close()
    name = sa.make_url(postgres_url).database
    rows(postgres_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert "name the primary server" in refusal(postgres_url)


def test_a_full_server_is_named(postgres_url: str) -> None:
    open_store(postgres_url).close()
    rows(
        postgres_url,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION USING MESSAGE = NEW.text, ERRCODE = '53100'; END $$",
        "CREATE TRIGGER full_disk BEFORE INSERT ON turns FOR EACH ROW EXECUTE FUNCTION full_disk()",
    )
    assert "is full; free space on its server" in refusal(postgres_url)


def test_tables_that_are_gone_are_no_traceback(database_url: str) -> None:
    open_store(database_url).close()
    rows(database_url, "DROP TABLE sessions")
    assert "put a backup in its place" in refusal(database_url)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.write_text("no database " * 500), "is no SQLite database"),
        (lambda path: path.mkdir(), "cannot be opened"),
    ],
)
def test_a_file_that_is_something_else_is_named(
    sqlite_url: str, spoil: Callable[[Path], object], told: str
) -> None:
    spoil(path_of(sqlite_url))
    with pytest.raises(StoreFailed, match=told):
        open_store(sqlite_url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////no/such/folder/bot.db", "its folder must exist"),
        ("postgresql://anna:sesame@/bot?host=/no/such/folder", "cannot be reached"),
    ],
)
def test_a_database_that_is_not_there_is_named_without_its_password(url: str, told: str) -> None:
    with pytest.raises(StoreFailed, match=told) as refused:
        open_store(url)
    assert "sesame" not in "".join(traceback.format_exception(refused.value)).replace(url, "")


def test_a_database_that_was_not_created_is_named(postgres_url: str) -> None:
    nowhere = sa.make_url(postgres_url).set(database="nowhere")
    with pytest.raises(StoreFailed, match=r"nowhere cannot be reached; .* that the database was created"):
        open_store(nowhere.render_as_string())


HANG_UP = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_a_server_that_was_restarted_between_messages_goes_unnoticed(postgres_url: str) -> None:
    with closing(open_store(postgres_url)) as store:
        store.once(said(1), counting)
        assert rows(postgres_url, HANG_UP) == [(True,)]
        assert store.once(said(2), counting) == b'[2, ""]'


def test_a_restart_goes_unnoticed_by_all_who_talk_at_once(postgres_url: str) -> None:
    with closing(open_store(postgres_url)) as store:

        def meanwhile(session: Session) -> Outcome:
            store.once(said(f"b{session.place}", party=BELA), counting)
            return counting(session)

        store.once(said(1), meanwhile)
        assert rows(postgres_url, HANG_UP) == [(True,), (True,)]
        assert store.once(said(2), meanwhile) == b'[2, ""]'
        assert session_of(store, BELA).place == "2"


def test_a_message_that_was_worked_on_when_the_server_hung_up_may_come_again(postgres_url: str) -> None:
    def cut_off(session: Session) -> Outcome:
        assert rows(postgres_url, HANG_UP) == [(True,)]
        return counting(session)

    with closing(open_store(postgres_url)) as store:
        with pytest.raises(StoreFailed, match=r"shutting down|cannot be reached"):
            store.once(said(1), cut_off)
        assert store.once(said(1), counting) == b'[1, ""]'
