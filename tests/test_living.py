"""The newest edition in every process: at once, whole, and in spite of whatever is wrong with it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import cast

import pytest

from bot.change import Change, texts_of
from bot.chat import Chat
from bot.database import Database
from bot.editions import Deed, Edition, Editions
from bot.evaluate import Question, ask
from bot.living import Base, Living, read_base
from bot.nearby import Nearby
from bot.objection import objection
from bot.pace import Pace
from bot.ports import Message, Party, Store, StoreFailed
from bot.replay import Verdict, compare, read_replay, read_yardstick, replay_json
from bot.settings import BotSettings
from locator.guide import make_live
from locator.settings import Settings
from tests.knowledge import REPORT, Folder
from tests.props import Clock

pytest_plugins = ("tests.databases", "tests.product")

PHRASE = Change(REPORT, asked=("卡卡落堰塘头去了",))
FAULTY = Change(REPORT, texts={"sms.zh": ("请打{hotline}。", "99天内打{hotline}。")})
UNFIT = Change("nowhere", asked=("说法",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Folder().write(tmp_path / "faq")


@pytest.fixture
def editions(database: Database) -> Editions:
    return Editions(database)


@pytest.fixture
def living(folder: Path, editions: Editions, clock: Clock) -> Living:
    return Living(read_base(folder), editions, clock)


def publish(editions: Editions, clock: Clock, *changes: Change) -> Edition:
    """All that is published from now on."""
    deed = Deed("anna", clock())
    draft = editions.add(Change(REPORT, asked=("一条说法",)), deed)
    return editions.publish(draft, changes, editions.number(), deed)


def leads_to(living: Living, text: str) -> str:
    ranked = living.newest.advise(text).matches.ranked
    return ranked[0].entry.id if ranked and ranked[0].parts["alike"] == 10 else ""


def test_what_was_published_before_is_known_from_the_start(
    folder: Path, editions: Editions, clock: Clock
) -> None:
    publish(editions, clock, PHRASE)
    assert leads_to(Living(read_base(folder), editions, clock), PHRASE.asked[0]) == REPORT


def test_what_another_process_publishes_is_known_after_a_look(
    living: Living, database: Database, clock: Clock
) -> None:
    before = living.newest
    assert not living.look()
    publish(Editions(database), clock, PHRASE)
    assert leads_to(living, PHRASE.asked[0]) == ""
    assert living.look()
    assert leads_to(living, PHRASE.asked[0]) == REPORT
    assert living.newest.edition != before.edition
    assert not living.look()


def test_a_process_looks_by_itself(living: Living, editions: Editions, clock: Clock) -> None:
    living.watch(every_s=0.01)
    publish(editions, clock, PHRASE)
    until = monotonic() + 30
    while leads_to(living, PHRASE.asked[0]) != REPORT:
        assert monotonic() < until
        sleep(0.005)
    living.stop()


def test_a_process_goes_on_when_the_database_is_away(
    folder: Path, editions: Editions, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    class Away:
        is_away, looked = False, Event()

        def number(self) -> int:
            if self.is_away:
                self.looked.set()
                raise StoreFailed("the database is away")
            return editions.number()

        def newest(self) -> Edition:
            return editions.newest()

    away = Away()
    living = Living(read_base(folder), cast(Editions, away), clock)
    away.is_away = True
    living.watch(every_s=0.001)
    assert away.looked.wait(30)
    publish(editions, clock, PHRASE)
    away.is_away = False
    until = monotonic() + 30
    while leads_to(living, PHRASE.asked[0]) != REPORT:
        assert monotonic() < until
        sleep(0.005)
    living.stop()
    assert "the database is away" in caplog.text


def test_a_change_holds_from_its_day_on(living: Living, editions: Editions, clock: Clock) -> None:
    since = living.today() + timedelta(days=2)
    publish(editions, clock, replace(PHRASE, since=since))
    assert not living.look()
    clock.pass_by(days=1)
    assert not living.look()
    clock.pass_by(days=1)
    assert living.look()
    assert leads_to(living, PHRASE.asked[0]) == REPORT


@pytest.mark.parametrize(("broken", "why"), [(FAULTY, "sms.zh"), (UNFIT, "nowhere")])
def test_a_change_that_is_wrong_is_put_aside_and_the_others_hold(
    living: Living, editions: Editions, clock: Clock, broken: Change, why: str
) -> None:
    other = Change("fee", asked=("要好多钱嘛",))
    publish(editions, clock, broken, other)
    assert living.look()
    assert [one.change for one in living.unfit] == [broken]
    assert why in living.unfit[0].what
    assert leads_to(living, "要好多钱嘛") == "fee"


def test_what_the_files_came_to_hold_falls_away(folder: Path, editions: Editions, clock: Clock) -> None:
    publish(editions, clock, Change(REPORT, texts={"fee.zh": ("不收费", "收费")}))
    Folder().spoil(REPORT, "fee.zh", "收费").write(folder)
    living = Living(read_base(folder), editions, clock)
    assert living.unfit == ()
    Folder().spoil(REPORT, "fee.zh", "看情况").write(folder)
    living = Living(read_base(folder), editions, clock)
    assert [one.what for one in living.unfit] == ["fee.zh"]
    assert living.knowledge.entries[REPORT].said.aspects
    assert editions.newest().changes != ()  # nothing is lost


def test_a_remembered_reply_does_not_outlive_its_edition(
    editions: Editions, base: Base, clock: Clock
) -> None:
    living = Living(base, editions, clock)
    chat = Chat(living, Nearby(make_live(Settings())), cast(Store, None), Pace(1, 1))
    message = Message(Party("ask", "anybody"), "", "卡的费用要好多", "", clock())
    before = chat.advise(message)
    assert chat.advise(message) is before
    home = next(
        table
        for tables in base.files.topics.values()
        for table in tables.get("entry", ())
        if table["id"] == "fee"
    )
    told = texts_of(home)["answer.zh"]
    publish(
        editions,
        clock,
        Change("fee", asked=(message.text,), texts={"answer.zh": (told, "新的回答，请打{hotline}。")}),
    )
    living.look()
    assert "新的回答" in chat.advise(message).decode()


# -- objections and the yardstick --


@pytest.fixture(scope="module")
def base() -> Base:
    return read_base(BotSettings().faq)


def test_every_phrase_that_is_there_would_be_refused_as_being_there(living: Living) -> None:
    adviser = living.newest
    for entry in list(adviser.knowledge.entries.values())[:5]:
        for phrase in entry.asked:
            found = objection(phrase, entry.id, adviser.knowledge, adviser.matcher.lexicon)
            assert found
            assert found.what == entry.id


def test_a_replay_tells_what_moves_and_how(living: Living) -> None:
    before = living.newest
    question = Question(q=PHRASE.asked[0], intent="loss_report")
    after = living.base.adviser([PHRASE], "1")
    replay = compare([ask(question, before)], [ask(question, after)])
    assert [(one.question, one.after) for one in replay.moved] == [
        (question.q, Verdict("answer", (REPORT,), is_right=True))
    ]
    assert not replay.moved[0].before.is_right
    assert read_replay(replay_json(replay)) == replay
    assert compare([ask(question, after)], [ask(question, after)]).moved == ()


def test_the_questions_that_only_measure_are_not_replayed() -> None:
    asked = {question.q for question in read_yardstick(BotSettings().faq)}
    held_out = Path(__file__).parent / "questions" / "held_out.jsonl"
    kept = {Question.model_validate_json(line).q for line in held_out.read_text().splitlines()}
    assert len(asked) > 1_200
    assert len(kept) > 300
    assert len(asked & kept) < 0.03 * len(kept)  # now and then two people wrote the same
