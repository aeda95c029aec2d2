"""Drafts and editions in both databases: nobody overwrites what they have not seen, and nothing published is changed."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.change import Change
from bot.database import Database, open_database
from bot.editions import Behind, Deed, Draft, Edition, Editions
from bot.missed import AGAIN, Missed
from bot.ports import Message, Outcome, Party
from bot.store import SqlStore
from bot.tables import AUDIT, CHANGES, SETTLED
from tests.edits import Edit, add, overwrite, run, save

pytest_plugins = ("tests.databases",)

AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
ANNA, BELA = Deed("anna", AT), Deed("bela", AT + timedelta(minutes=1))
PHRASE = Change("fee", asked=("要好多钱嘛",))
TEXT = Change("fee", texts={"fee.zh": ("不收费", "收费")})
LATER = Change("lost", asked=("卡卡落了",), since=date(2027, 1, 1))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(open_database(database_url)) as opened:
        yield opened


@pytest.fixture
def editions(database: Database) -> Editions:
    return Editions(database)


def noted(database: Database) -> list[tuple[str, str, str]]:
    with database.statements() as connection:
        rows = connection.execute(sa.select(AUDIT).order_by(AUDIT.c.number))
        return [(row.who, row.what, row.about) for row in rows]


def test_without_an_edition_the_files_are_the_knowledge(editions: Editions) -> None:
    assert editions.newest() == Edition()
    assert (editions.number(), editions.history(9), editions.drafts()) == (0, [], [])
    assert editions.draft("fee") == Draft("fee")


def test_a_draft_grows_whoever_adds_to_it(editions: Editions, database: Database) -> None:
    editions.add(PHRASE, ANNA)
    draft = editions.add(TEXT, BELA)
    both = Change("fee", texts=TEXT.texts, asked=PHRASE.asked)
    assert draft == Draft("fee", 2, both, *BELA) == editions.draft("fee")
    assert list(editions.drafts()) == [draft]
    assert noted(database) == [("anna", "draft.add", "fee"), ("bela", "draft.add", "fee")]


def test_the_audit_holds_no_phrase_of_a_draft_for_it_may_be_a_citizens(
    editions: Editions, database: Database
) -> None:
    editions.add(PHRASE, ANNA)
    editions.save(TEXT, 1, ANNA)
    with database.statements() as connection:
        rows = [str(row) for row in connection.execute(sa.select(AUDIT))]
    assert "收费" in rows[1]
    assert not any(PHRASE.asked[0] in row for row in rows)


@pytest.mark.parametrize("version", [0, 2, -1])
def test_a_draft_is_not_overwritten_by_whoever_saw_another_version(editions: Editions, version: int) -> None:
    kept = editions.add(PHRASE, ANNA)
    with pytest.raises(Behind):
        editions.save(TEXT, version, BELA)
    with pytest.raises(Behind):
        editions.drop("fee", version, BELA)
    assert editions.draft("fee") == kept


def test_a_version_never_comes_again(editions: Editions) -> None:
    editions.add(PHRASE, ANNA)
    editions.drop("fee", 1, ANNA)
    assert editions.draft("fee") == Draft("fee", 2, None, *ANNA)
    editions.add(TEXT, BELA)
    assert editions.draft("fee").version == 3
    assert editions.save(Change("fee"), 3, BELA).change is None  # nothing is left of it
    assert editions.drafts() == []


def test_an_edition_holds_all_that_was_published_before(editions: Editions) -> None:
    one = editions.publish(editions.add(PHRASE, ANNA), [PHRASE], 0, ANNA)
    two = editions.publish(editions.add(LATER, BELA), [PHRASE, LATER], 1, BELA)
    assert one == Edition(1, ANNA.at, "anna", "fee", None, (PHRASE,))
    assert two == editions.newest() == Edition(2, BELA.at, "bela", "lost", None, (PHRASE, LATER))
    assert [(told.number, told.about) for told in editions.history(9)] == [(2, "lost"), (1, "fee")]
    assert editions.drafts() == []


def test_what_two_editions_share_is_kept_once(editions: Editions, database: Database) -> None:
    editions.publish(editions.add(PHRASE, ANNA), [PHRASE], 0, ANNA)
    editions.publish(editions.add(LATER, ANNA), [PHRASE, LATER], 1, ANNA)
    with database.statements() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(CHANGES)).scalar() == 2


def test_nothing_is_published_on_top_of_what_nobody_saw(editions: Editions, database: Database) -> None:
    draft = editions.add(PHRASE, ANNA)
    editions.publish(editions.add(LATER, BELA), [LATER], 0, BELA)
    before = noted(database)
    with pytest.raises(Behind):
        editions.publish(draft, [PHRASE], 0, ANNA)  # an edition came between
    editions.add(TEXT, BELA)
    with pytest.raises(Behind):
        editions.publish(draft, [LATER, PHRASE], 1, ANNA)  # the draft is another
    assert editions.newest().changes == (LATER,)
    assert noted(database) == [*before, ("bela", "draft.add", "fee")]


def test_rolling_back_publishes_an_older_edition_again(editions: Editions, database: Database) -> None:
    editions.publish(editions.add(PHRASE, ANNA), [PHRASE], 0, ANNA)
    editions.publish(editions.add(LATER, ANNA), [PHRASE, LATER], 1, ANNA)
    assert editions.roll_back(1, 2, BELA) == Edition(3, BELA.at, "bela", "", 1, (PHRASE,))
    assert editions.newest().changes == (PHRASE,)
    assert editions.roll_back(0, 3, BELA).changes == ()
    assert editions.roll_back(2, 4, BELA).changes == (PHRASE, LATER)
    assert noted(database)[-1] == ("bela", "edition.roll-back", "2")


@pytest.mark.parametrize(("to", "after"), [(1, 1), (2, 1), (-1, 1), (0, 0), (0, 2)])
def test_only_what_was_published_is_rolled_back_to(editions: Editions, to: int, after: int) -> None:
    editions.publish(editions.add(PHRASE, ANNA), [PHRASE], 0, ANNA)
    with pytest.raises(Behind):
        editions.roll_back(to, after, BELA)
    assert editions.number() == 1


def test_a_replay_is_of_just_one_draft_on_just_one_edition(editions: Editions) -> None:
    draft = editions.add(PHRASE, ANNA)
    editions.keep_replay(0, draft, [1])
    editions.keep_replay(0, draft, [2])
    assert editions.replay(0, draft) == [1]
    assert editions.replay(1, draft) is None
    assert editions.replay(0, draft._replace(version=2)) is None
    editions.keep_replay(1, draft, [3])
    assert editions.replay(0, draft) is None  # nobody publishes on it any more


# -- two clerks at once --


@pytest.mark.parametrize("edit", [add, save])
def test_of_two_clerks_at_once_nobody_loses_an_edit(database_url: str, edit: Edit) -> None:
    ran = run(database_url, 120, edit)
    assert (ran.edits, ran.lost) == (120, 0)


def test_the_run_sees_a_store_that_lets_the_last_one_win(database_url: str) -> None:
    assert run(database_url, 120, overwrite).lost == 60


# -- misses --


def missed_text(store: SqlStore, text: str, at: datetime, number: list[int]) -> None:
    number[0] += 1
    party = Party("web", "somebody")
    message = Message(party, f"message-{number[0]}", text, "", at)
    store.once(message, lambda session: Outcome(session, "decline", "", b"{}", miss=True))


def test_misses_are_grouped_and_counted_as_far_back_as_is_asked_for(database: Database) -> None:
    store, missed, number = SqlStore(database), Missed(database, b"secret"), [0]
    for text, days in (("卡掉了", 9), ("卡掉了！", 1), ("卡掉了", 1), ("卡 掉了", 0), ("咕噜", 0)):
        missed_text(store, text, AT - timedelta(days=days), number)
    found = missed.questions(AT - timedelta(days=7))
    assert [(one.times, one.examples[0]) for one in found] == [(3, "卡 掉了"), (1, "咕噜")]
    assert set(found[0].examples) == {"卡掉了", "卡掉了！", "卡 掉了"}
    assert found[0].last == AT
    assert [one.times for one in missed.questions(AT - timedelta(days=10))] == [4, 1]


def test_what_is_settled_comes_back_when_it_was_asked_often_enough(database: Database) -> None:
    store, missed, number = SqlStore(database), Missed(database, b"secret"), [0]
    missed_text(store, "咕噜", AT, number)
    (one,) = missed.questions(AT)
    missed.settle(one.key, "anna", AT, "dismissed")
    for times in range(1, AGAIN + 1):
        assert missed.questions(AT) == []
        missed_text(store, "咕噜！", AT + timedelta(minutes=times), number)
    assert [(one.times, one.examples) for one in missed.questions(AT)] == [(4, ("咕噜！", "咕噜"))]
    missed.settle(one.key, "anna", AT + timedelta(minutes=9), "dismissed")
    assert missed.questions(AT) == []


def test_nothing_that_somebody_wrote_is_kept_for_it_to_stay_settled(database: Database) -> None:
    store, missed, number = SqlStore(database), Missed(database, b"secret"), [0]
    missed_text(store, "咕噜", AT, number)
    missed.settle(missed.questions(AT)[0].key, "anna", AT, "dismissed")
    with database.statements() as connection:
        kept = [str(row) for table in (SETTLED, AUDIT) for row in connection.execute(sa.select(table))]
    assert len(kept) == 2
    assert not any("咕噜" in row for row in kept)
    other = Missed(database, b"another secret")
    assert other.questions(AT)[0].key != missed_key(database)


def missed_key(database: Database) -> str:
    with database.statements() as connection:
        return str(connection.execute(sa.select(SETTLED.c.question)).scalar_one())


def test_what_is_told_of_a_hall_is_no_question(database: Database) -> None:
    store = SqlStore(database)
    message = Message(Party("report", "somebody"), "message-1", "hall-1 phone: 打不通", "", AT)
    store.once(message, lambda session: Outcome(session, "report", "", b"{}", miss=True))
    assert Missed(database, b"secret").questions(AT) == []
