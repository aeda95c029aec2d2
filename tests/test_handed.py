"""Questions for the staff on both databases: claimed by one, answered once, forgotten with their turn; and on Telegram."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Final

import orjson
import pytest
import sqlalchemy as sa

from bot.call import LONGEST
from bot.database import Database, open_database
from bot.handed import IDLE, Done, Handed, Matter, Reason, State
from bot.letter import letter_bodies, text_of_letter
from bot.ports import LetterState, Message, Outcome, Party
from bot.staff import Role
from bot.store import SqlStore
from bot.tables import AUDIT, HANDED, LETTERS
from tests.bot_api import serving_bot_api
from tests.desks import sign_in
from tests.telegram_service import Mode, telegram_bot

pytest_plugins = ("tests.databases",)

NOON: Final = datetime(2026, 10, 10, 12, tzinfo=UTC)
ANNA, BELA = "anna", "bela"
VISITOR: Final = Party("web", "Zm9v")
BODY: Final = letter_bodies(VISITOR, "?", "好的", "zh-Hans", "12333")
TRIES: Final = 200


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(open_database(database_url)) as opened:
        yield opened


@pytest.fixture
def handed(database: Database) -> Handed:
    return Handed(database)


@pytest.fixture
def store(database: Database) -> SqlStore:
    return SqlStore(database)


Hand = Callable[..., int]


@pytest.fixture
def hand(store: SqlStore, handed: Handed) -> Hand:
    """Hands a text, or the message that a button names, to the staff; the number of the question."""

    def over(text: str = "怎么办", *, choice: str = "", party: Party = VISITOR, at: datetime = NOON) -> int:
        keep(store, text, choice=choice, decision="handed", party=party, at=at)
        return handed.waiting()[-1].number

    return over


def keep(  # noqa: PLR0913 - a turn has many sides
    store: SqlStore,
    text: str,
    message_id: str = "",
    *,
    choice: str = "",
    decision: str = "decline",
    party: Party = VISITOR,
    at: datetime = NOON,
) -> None:
    reply = orjson.dumps({"language": "zh-Hans", "text": "我不知道"})
    message = Message(party, message_id or f"{text}{choice}{at.timestamp()}", text, choice, at)
    store.once(message, lambda session: Outcome(session, decision, "", reply, miss=False))


def found(handed: Handed, number: int) -> Matter:
    matter = handed.find(number)
    assert matter is not None
    return matter


# -- what waits --


def test_what_was_handed_over_waits_the_oldest_first(handed: Handed, store: SqlStore, hand: Hand) -> None:
    keep(store, "只是问问")
    first, second = hand("一"), hand("二", party=Party("telegram", "5"), at=NOON + timedelta(hours=1))
    assert [(one.number, one.asked) for one in handed.waiting()] == [(first, "一"), (second, "二")]


def test_a_button_hands_over_the_message_that_it_names(handed: Handed, store: SqlStore, hand: Hand) -> None:
    keep(store, "这张卡能坐地铁吗", "message-1")
    keep(store, "谢谢", "message-2")
    assert found(handed, hand("", choice="staff:message-1")).asked == "这张卡能坐地铁吗"


def test_a_button_hands_over_no_message_of_another(handed: Handed, store: SqlStore, hand: Hand) -> None:
    keep(store, "别人的话", "message-1", party=Party("web", "other"))
    assert found(handed, hand("", choice="staff:message-1")).asked == ""


def test_what_was_not_handed_over_is_no_question(handed: Handed, store: SqlStore, hand: Hand) -> None:
    keep(store, "只是问问")
    number = hand()
    assert handed.find(number - 1) is None
    assert handed.claim(number - 1, ANNA, NOON) is Done.GONE


# -- one clerk at a time --


def test_another_clerk_is_told_and_changes_nothing(handed: Handed, hand: Hand) -> None:
    number = hand()
    assert handed.claim(number, ANNA, NOON) is Done.DONE
    later = NOON + IDLE - timedelta(seconds=1)
    assert handed.claim(number, BELA, later) is Done.TAKEN
    assert handed.answer(number, BELA, later, "好的", BODY) is Done.TAKEN
    assert handed.close(number, BELA, later, Reason.BY_PHONE) is Done.TAKEN
    assert handed.release(number, BELA, later) is Done.TAKEN
    assert (found(handed, number).state, found(handed, number).holder(later)) == (State.WAITING, ANNA)


@pytest.mark.parametrize(
    ("idle", "holder"),
    [(timedelta(), ANNA), (IDLE - timedelta(seconds=1), ANNA), (IDLE, ""), (timedelta(days=1), "")],
)
def test_who_does_nothing_about_it_has_it_no_longer(
    handed: Handed, hand: Hand, idle: timedelta, holder: str
) -> None:
    number = hand()
    handed.claim(number, ANNA, NOON)
    assert found(handed, number).holder(NOON + idle) == holder
    assert handed.claim(number, BELA, NOON + idle) is (Done.TAKEN if holder else Done.DONE)


def test_it_can_be_given_back_and_taken_over(handed: Handed, hand: Hand) -> None:
    number = hand()
    handed.claim(number, ANNA, NOON)
    handed.take_over(number, BELA, NOON)
    assert found(handed, number).holder(NOON) == BELA
    handed.release(number, BELA, NOON)
    assert found(handed, number).holder(NOON) == ""


def winners(number: int, claim: Callable[[int, str, datetime], Done]) -> int:
    """How many of two clerks who claim it at the same moment have it."""
    together = Barrier(2)

    def try_it(who: str) -> Done:
        together.wait()
        return claim(number, who, NOON)

    with ThreadPoolExecutor(2) as both:
        return list(both.map(try_it, (ANNA, BELA))).count(Done.DONE)


def test_of_two_who_claim_it_at_once_one_has_it(handed: Handed, store: SqlStore, hand: Hand) -> None:
    hand("第一个")
    for number in range(1, TRIES):
        keep(store, f"第{number}个", decision="handed")
    numbers = [one.number for one in handed.waiting()]
    assert len(numbers) == TRIES
    assert [winners(number, handed.claim) for number in numbers] == [1] * TRIES


def test_the_race_is_lost_by_who_looks_first_and_takes_it_then(handed: Handed, hand: Hand) -> None:
    """The control: two who looked at the same moment both find it free, and both are seen to have got it."""
    looked = Barrier(2)

    def look_then_take(number: int, who: str, at: datetime) -> Done:
        is_free = not found(handed, number).holder(at)
        looked.wait()
        return handed.take_over(number, who, at) if is_free else Done.TAKEN

    assert winners(hand(), look_then_take) == 2


# -- once --


def test_it_is_answered_once_however_often_the_button_is_pressed(
    handed: Handed, store: SqlStore, hand: Hand
) -> None:
    number = hand()
    assert handed.answer(number, ANNA, NOON, "好的", BODY) is Done.DONE
    assert handed.answer(number, ANNA, NOON, "好的", BODY) is Done.OVER
    assert handed.close(number, ANNA, NOON, Reason.ABUSE) is Done.OVER
    assert handed.take_over(number, BELA, NOON) is Done.OVER
    assert [one.body for one in store.fetch(VISITOR, 0).letters] == BODY
    assert handed.waiting() == []
    assert [one.answer for one in handed.done(5)] == ["好的"]


def test_a_letter_is_told_until_it_was_read(handed: Handed, store: SqlStore, hand: Hand) -> None:
    number = hand()
    assert store.fetch(VISITOR, 0) == ((), True)
    handed.answer(number, ANNA, NOON, "好的", BODY)
    for _ in range(2):
        (letter,), waits = store.fetch(VISITOR, 0)
        assert not waits
    assert found(handed, number).letters == (LetterState.DUE,)
    assert store.fetch(Party("web", "other"), letter.id).letters == ()
    assert found(handed, number).letters == (LetterState.DUE,)
    assert store.fetch(VISITOR, letter.id) == ((), False)
    assert found(handed, number).letters == (LetterState.DELIVERED,)


def test_what_is_closed_waits_no_longer_and_sends_nothing(
    handed: Handed, store: SqlStore, hand: Hand
) -> None:
    number = hand()
    handed.close(number, ANNA, NOON, Reason.NOT_OURS)
    assert store.fetch(VISITOR, 0) == ((), False)
    assert (found(handed, number).state, found(handed, number).reason) == (State.CLOSED, Reason.NOT_OURS)


# -- what is kept --


def rows(database: Database, table: sa.Table) -> int:
    with database.statements() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_who_asks_to_be_forgotten_is_forgotten_here_too(
    handed: Handed, store: SqlStore, database: Database, hand: Hand
) -> None:
    other = hand("别人的", party=Party("web", "other"))
    number = hand()
    handed.claim(other, ANNA, NOON)
    handed.answer(number, ANNA, NOON, "好的", BODY)
    assert (rows(database, HANDED), rows(database, LETTERS)) == (2, 1)
    store.forget(VISITOR)
    assert (rows(database, HANDED), rows(database, LETTERS)) == (1, 0)
    assert handed.answer(number, ANNA, NOON, "好的", BODY) is Done.GONE
    assert [one.number for one in handed.waiting()] == [other]


def test_it_is_kept_no_longer_than_its_turn(
    handed: Handed, store: SqlStore, database: Database, hand: Hand
) -> None:
    handed.claim(hand(), ANNA, NOON)
    store.expire(NOON + timedelta(days=29), timedelta(days=30))
    assert rows(database, HANDED) == 1
    store.expire(NOON + timedelta(days=31), timedelta(days=30))
    assert (rows(database, HANDED), list(handed.waiting())) == (0, [])


def test_what_was_done_is_noted_without_a_word_of_the_citizen_s(
    handed: Handed, database: Database, hand: Hand
) -> None:
    number = hand("金丝雀")
    handed.claim(number, ANNA, NOON)
    handed.claim(number, ANNA, NOON)
    handed.take_over(number, BELA, NOON)
    handed.answer(number, BELA, NOON, "答金丝雀", BODY)
    with database.statements() as connection:
        noted = connection.execute(sa.select(AUDIT).order_by(AUDIT.c.number)).all()
    assert [(one.who, one.what, one.about) for one in noted] == [
        (ANNA, "queue.claim", str(number)),
        (BELA, "queue.take-over", str(number)),
        (BELA, "queue.answer", str(number)),
    ]
    assert "金丝雀" not in repr([tuple(one) for one in noted])


def test_the_desk_is_staffed_when_somebody_has_an_account(store: SqlStore, database: Database) -> None:
    assert not store.is_staffed(NOON)
    sign_in(database, ANNA, Role.AGENT, NOON)
    assert store.is_staffed(NOON + timedelta(minutes=1))


def test_the_conversation_is_told_from_its_beginning(handed: Handed, store: SqlStore, hand: Hand) -> None:
    keep(store, "先问的", at=NOON - timedelta(hours=1))
    keep(store, "别人的", party=Party("web", "other"))
    handed.answer(hand("后问的"), ANNA, NOON, "好的", BODY)
    said = handed.conversation(VISITOR)
    assert [(one.text, one.reply, one.answer) for one in said] == [
        ("先问的", "我不知道", ""),
        ("后问的", "我不知道", "好的"),
    ]


# -- letters --


def test_a_letter_to_telegram_goes_to_the_chat_it_was_asked_in_in_pieces_that_fit() -> None:
    text = "很长的回复。" * 900
    for party, chat in ((Party("telegram", "77"), 77), (Party("telegram", "-1001:77"), -1001)):
        bodies = letter_bodies(party, "<b>问</b>", text, "zh-Hans", "12333")
        calls = [orjson.loads(body) for body in bodies]
        assert {call["chat_id"] for call in calls} == {chat}
        assert all("parse_mode" not in call and len(call["text"]) <= LONGEST for call in calls)
        assert len(calls) == 2
        assert "".join(call["text"] for call in calls).startswith("12333 工作人员回复您问的“<b>问</b>”：\n\n")


def test_a_letter_to_the_web_says_what_was_asked() -> None:
    (body,) = letter_bodies(VISITOR, "问", "答\n二", "en", "12333")
    assert orjson.loads(body) == {"asked": "问", "text": "答\n二", "language": "en"}
    assert text_of_letter(body) == "答\n二"


@pytest.mark.parametrize("mode", ["webhook", "polling"])
def test_on_telegram_the_answer_comes_to_the_chat_and_what_became_of_it_is_told(
    tmp_path: Path, mode: Mode
) -> None:
    with closing(open_database(f"sqlite:///{tmp_path / 'bot.db'}")) as database:
        sign_in(database, ANNA, Role.AGENT, datetime.now(UTC))
        handed = Handed(database)
        with serving_bot_api() as api, telegram_bot(mode, api, tmp_path / "bot.db"):
            user, shy = api.user("Li"), api.user("Wu")
            for one in (user, shy):
                one.says("请问怎么升级宽带套餐")
                one.waits_for(lambda told: "reply_markup" in told)
                one.presses("请工作人员回复")
                one.waits_for(lambda told: "已经转给工作人员" in told["text"])
            shy.blocks()
            for matter in handed.waiting():
                assert matter.asked == "请问怎么升级宽带套餐"
                bodies = letter_bodies(matter.party, matter.asked, "请问宽带公司。", "zh-Hans", "12333")
                assert (
                    handed.answer(matter.number, ANNA, datetime.now(UTC), "请问宽带公司。", bodies)
                    is Done.DONE
                )
            told = user.waits_for(lambda told: told["text"].endswith("请问宽带公司。"))
            assert told["text"].startswith("12333 工作人员回复您问的")
            api.waits_for(handed.failed, timeout=10)
            states = {one.party.id: one.letters for one in handed.done(5)}
            assert states == {str(user.id): (LetterState.DELIVERED,), str(shy.id): (LetterState.REFUSED,)}
            (failed,) = handed.failed()
            assert failed.letter.party.id == str(shy.id)
            assert handed.drop(failed.letter.id, ANNA, datetime.now(UTC))
            assert not handed.again(failed.letter.id, ANNA, datetime.now(UTC))
