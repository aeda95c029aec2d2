"""Where updates come in: what may go at once, what is kept as letters, and how fast."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.adviser import Adviser
from bot.call import Call
from bot.chat import Chat
from bot.intake import Intake, Known, Shared
from bot.nearby import Nearby
from bot.pace import Pace, TooFast
from bot.ports import Letter, Message, Outcome, Party, StoreFailed
from bot.store import SqlStore
from bot.telegram import EACH, Telegram
from tests.props import Clock
from tests.test_call import reply
from tests.test_update import ANNA, BELA, GROUP, LUZHOU, ME, PARIS, US, pressed, sent, typed, written
from tests.visitors import WEDNESDAY

pytest_plugins = ("tests.databases", "tests.product")

Json = dict[str, Any]

PARTY = Party("telegram", str(ANNA["id"]))
SECOND = timedelta(seconds=1)
PLENTY = Pace(at_once=100, per_minute=60)
WAITS = {"zh-hans": "您发得太快", "zh-hant": "您發得太快", "en": "You write faster"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
def clock() -> Clock:
    return Clock(WEDNESDAY)


@dataclass
class Office:
    """Makes desks over one store, as processes do."""

    adviser: Adviser
    nearby: Nearby
    store: SqlStore
    clock: Clock

    def intake(self, pace: Pace = PLENTY, per_second: float = 30) -> Intake:
        chat = Chat(self.adviser, self.nearby, self.store, pace)
        telegram = Telegram(chat, self.nearby, self.clock, keeps_days=30)
        return Intake(telegram, self.store, Known(ME), self.clock, Shared(per_second))


@pytest.fixture
def office(adviser: Adviser, nearby: Nearby, store: SqlStore, clock: Clock) -> Office:
    return Office(adviser, nearby, store, clock)


@pytest.fixture
def intake(office: Office) -> Intake:
    return office.intake()


def letters(path: Path) -> list[Json]:
    """The calls that are kept, in order."""
    return [json.loads(body) for (body,) in rows(path, "SELECT body FROM letters ORDER BY id")]


def methods(path: Path) -> list[str]:
    return [call["method"] for call in letters(path)]


def updates(path: Path) -> list[tuple[str, str]]:
    """Those that are kept: their number, and why there is no answer."""
    return [
        (str(number), str(note)) for number, note in rows(path, "SELECT id, note FROM updates ORDER BY id")
    ]


def rows(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def deliver(store: SqlStore, clock: Clock) -> list[Letter]:
    """All that are due, each a second after the one before."""
    delivered = []
    clock.pass_by(EACH)
    while letter := store.take("telegram", clock.now):
        store.delivered(letter.id, clock.now, clock.now + EACH)
        delivered.append(letter)
        clock.pass_by(EACH)
    return delivered


# -- what may go at once --


def test_one_answer_to_one_message_rides_and_leaves_nothing(intake: Intake, path: Path) -> None:
    call = intake.receive(written("卡丢了"))
    assert call is not None
    assert (call.method, call.fields["chat_id"]) == ("sendMessage", ANNA["id"])
    assert (letters(path), updates(path)) == ([], [])


def test_what_telegram_did_not_get_goes_alike_as_a_letter_and_once(intake: Intake, path: Path) -> None:
    """Nobody knows what was sent to the chat since: it may not ride again."""
    update = written("卡丢了")
    first = intake.receive(update)
    assert first is not None
    assert [intake.receive(update) for _ in range(3)] == [None] * 3
    assert [Call(one.pop("method"), one) for one in letters(path)] == [first]


@pytest.mark.parametrize(
    "update",
    [
        written("@LuYuBot 卡丢了", chat=GROUP),
        sent({"location": LUZHOU, "reply_to_message": {"from": US}}, chat=GROUP),
        sent({"photo": [{}]}),
        sent({"location": PARIS}),
    ],
)
def test_what_no_pace_was_kept_for_is_a_letter_that_waits_a_second(
    intake: Intake, store: SqlStore, clock: Clock, path: Path, update: Json
) -> None:
    """In a group several ask at once; and what only says what we cannot do is not counted."""
    assert intake.receive(update) is None
    assert methods(path) == ["sendMessage"]
    assert store.take("telegram", clock.now) is None
    clock.pass_by(EACH)
    assert store.take("telegram", clock.now) is not None


def test_two_calls_go_as_letters_in_their_order(
    intake: Intake, store: SqlStore, clock: Clock, path: Path
) -> None:
    update = answered_at_length(store)
    assert intake.receive(update) is None
    kept = letters(path)
    assert [call["text"] for call in kept] == ["字" * 4_096, "字" * 904]
    assert updates(path) == [(str(update["update_id"]), "")]
    clock.pass_by(EACH)  # the answer was made before, and may just have been told
    first = store.take("telegram", clock.now)
    assert first is not None
    assert json.loads(first.body) == kept[0]
    assert store.take("telegram", clock.now) is None


def answered_at_length(store: SqlStore) -> Json:
    """An update whose answer, longer than any of ours, is there already."""
    update = written("卡丢了")
    answer = json.dumps(reply("字" * 5_000)).encode()
    message = Message(PARTY, str(update["update_id"]), "卡丢了", "", WEDNESDAY)
    store.once(message, lambda session: Outcome(session, "answer", "lost", answer, miss=False))
    return update


def test_a_query_is_answered_at_once_and_what_it_changes_is_a_letter(intake: Intake, path: Path) -> None:
    call = intake.receive(pressed("entry:lost"))
    assert call is not None
    assert call.method == "answerCallbackQuery"
    assert methods(path) == ["editMessageText"]
    call = intake.receive(typed("卡丢了"))
    assert call is not None
    assert call.method == "answerInlineQuery"
    assert methods(path) == ["editMessageText"]


def test_a_press_that_is_delivered_again_is_answered_again_and_kept_once(intake: Intake, path: Path) -> None:
    update = pressed("entry:lost")
    first = intake.receive(update)
    assert intake.receive(update) == first is not None
    assert len(letters(path)) == len(updates(path)) == 1


def test_a_letter_that_waits_keeps_the_next_answer_from_riding(
    intake: Intake, store: SqlStore, clock: Clock, path: Path
) -> None:
    store.post(Letter(PARTY, Call("sendMessage", {"text": "waits"}).body, clock.now))
    clock.pass_by(timedelta(hours=1))
    assert intake.receive(written("卡丢了")) is None
    assert [letter["text"] == "waits" for letter in letters(path)] == [True, False]
    assert intake.receive(written("卡丢了", sender=BELA)) is not None


def test_a_letter_on_its_way_keeps_the_next_answer_from_riding(
    intake: Intake, store: SqlStore, clock: Clock
) -> None:
    store.post(Letter(PARTY, Call("sendMessage", {}).body, clock.now))
    store.take("telegram", clock.now)
    clock.pass_by(timedelta(hours=1))
    assert intake.receive(written("卡丢了")) is None


@pytest.mark.parametrize(
    ("since", "rides"), [(timedelta(0), False), (EACH * 0.99, False), (EACH, True), (5 * EACH, True)]
)
def test_a_letter_that_was_just_delivered_keeps_the_next_answer_from_riding(
    intake: Intake, store: SqlStore, clock: Clock, since: timedelta, *, rides: bool
) -> None:
    number = store.post(Letter(PARTY, Call("sendMessage", {}).body, clock.now))
    store.take("telegram", clock.now)
    clock.pass_by(timedelta(hours=1))
    store.delivered(number, clock.now, clock.now + EACH)
    clock.pass_by(since)
    assert (intake.receive(written("卡丢了")) is not None) == rides


def test_an_update_that_was_accepted_never_rides_again(
    intake: Intake, store: SqlStore, clock: Clock, path: Path
) -> None:
    number = store.post(Letter(PARTY, Call("sendMessage", {}).body, clock.now))
    update = written("卡丢了")
    assert intake.receive(update) is None
    store.refuse(number, "gone")
    assert len(deliver(store, clock)) == 1
    clock.pass_by(timedelta(hours=1))
    assert intake.receive(update) is None
    assert store.take("telegram", clock.now) is None
    assert len(letters(path)) == 2


def test_what_one_process_accepted_does_not_ride_in_another(office: Office, store: SqlStore) -> None:
    store.post(Letter(PARTY, Call("sendMessage", {}).body, WEDNESDAY))
    update = written("卡丢了")
    assert office.intake().receive(update) is None
    deliver(store, office.clock)
    office.clock.pass_by(timedelta(hours=1))
    assert office.intake().receive(update) is None


def test_what_is_received_and_kept_is_delivered_once_and_in_order(
    intake: Intake, store: SqlStore, clock: Clock
) -> None:
    store.post(Letter(PARTY, Call("sendMessage", {"text": "first"}).body, clock.now))
    asked = [written(text) for text in ("卡丢了", "社保卡怎么激活", "密码忘了怎么办")]
    for update in (*asked, *asked):
        assert intake.receive(update) is None
        intake.keep(update)
    first, *others = deliver(store, clock)
    assert json.loads(first.body)["text"] == "first"
    expected = [intake.telegram.answer(update, ME).calls for update in asked]
    assert [letter.body for letter in others] == [call.body for calls in expected for call in calls]


# -- kept, where nothing can go at once --


@pytest.mark.parametrize(
    ("update", "kept"),
    [
        (written("卡丢了"), ["sendMessage"]),
        (pressed("entry:lost"), ["answerCallbackQuery", "editMessageText"]),
        (typed("卡丢了"), ["answerInlineQuery"]),
        (sent({"photo": [{}]}), ["sendMessage"]),
    ],
)
def test_all_calls_are_kept_however_often_it_comes(
    intake: Intake, path: Path, update: Json, kept: list[str]
) -> None:
    intake.keep(update)
    intake.keep(update)
    assert methods(path) == kept
    assert updates(path) == [(str(update["update_id"]), "")]


@pytest.mark.parametrize(
    ("update", "why"),
    [
        (written("hello", chat=GROUP), "in a group, and not to the bot"),
        (sent({"poll": {"id": "1"}}), "it holds nothing to answer"),
        (written("/help@OtherBot"), "it is a command to another bot"),
        ({"update_id": 8, "poll": {}}, "it is of a kind that is not answered"),
        ({"update_id": 8, "message": "金丝雀"}, "it has not the shape of an update"),
    ],
)
@pytest.mark.parametrize("way", [Intake.receive, Intake.keep])
def test_what_is_ignored_is_kept_with_its_reason_and_without_what_it_held(
    intake: Intake, path: Path, way: Any, update: Json, why: str
) -> None:
    assert way(intake, update) is None
    assert way(intake, update) is None
    assert updates(path) == [(str(update["update_id"]), why)]
    assert letters(path) == []
    assert "金丝雀".encode() not in path.read_bytes()


@pytest.mark.parametrize(
    "garbage", [None, [], "x", 5, {}, {"update_id": -1}, {"update_id": "8"}, {"message": {}}]
)
@pytest.mark.parametrize("way", [Intake.receive, Intake.keep])
def test_of_what_is_no_update_nothing_is_kept(intake: Intake, path: Path, way: Any, garbage: Any) -> None:
    assert way(intake, garbage) is None
    assert (letters(path), updates(path)) == ([], [])


def test_an_update_under_an_old_number_is_kept_with_the_reason(intake: Intake, path: Path) -> None:
    update = written("卡丢了")
    intake.receive(update)
    assert intake.receive(written("密码") | {"update_id": update["update_id"]}) is None
    assert updates(path) == [(str(update["update_id"]), "under its number came something else before")]


def test_nothing_is_acknowledged_that_could_not_be_kept(intake: Intake, store: SqlStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE updates RENAME TO gone")
    for way in (intake.receive, intake.keep):
        with pytest.raises(StoreFailed):
            way(pressed("entry:lost"))
    assert store.take("telegram", WEDNESDAY + timedelta(days=1)) is None


@pytest.mark.parametrize("way", [Intake.receive, Intake.keep])
def test_a_fault_of_ours_is_put_aside_and_holds_up_nobody(intake: Intake, path: Path, way: Any) -> None:
    """It would come again with every delivery."""
    chat = intake.telegram.chat
    broken = replace(intake.telegram, chat=replace(chat, adviser=cast(Adviser, None)))
    update = written("金丝雀")
    assert way(replace(intake, telegram=broken), update) is None
    ((number, why),) = updates(path)
    assert number == str(update["update_id"])
    assert why
    assert "金丝雀" not in why
    way(intake, update)
    assert letters(path) == []
    assert intake.receive(written("卡丢了")) is not None


# -- too fast --


def test_who_writes_too_fast_is_not_received_and_later_is(office: Office, path: Path) -> None:
    intake = office.intake(Pace(at_once=1, per_minute=60))
    assert intake.receive(written("卡丢了")) is not None
    second = written("社保卡怎么激活")
    with pytest.raises(TooFast) as told:
        intake.receive(second)
    assert told.value.wait_s == 1
    assert (letters(path), updates(path)) == ([], [])
    office.clock.pass_by(SECOND)
    assert intake.receive(second) is not None


@pytest.mark.parametrize("tag", WAITS)
def test_where_nobody_delivers_again_who_writes_too_fast_is_asked_once_to_wait(
    office: Office, store: SqlStore, path: Path, tag: str
) -> None:
    intake = office.intake(Pace(at_once=1, per_minute=1))
    anna = ANNA | {"language_code": tag}
    intake.keep(written("卡丢了", sender=anna))
    assert len(deliver(store, office.clock)) == 1
    office.clock.pass_by(SECOND)
    hasty = [written("卡丢了", sender=anna) for _ in range(20)]
    for update in hasty:
        intake.keep(update)
    (_, polite) = letters(path)
    assert (polite["method"], polite["chat_id"]) == ("sendMessage", ANNA["id"])
    assert WAITS[tag] in polite["text"]
    noted = dict(updates(path))
    assert {noted[str(update["update_id"])] for update in hasty} == {"too many messages at once"}
    # It is not said before the answer could be read, nor answered when it comes again.
    assert store.take("telegram", office.clock.now) is None
    assert len(deliver(store, office.clock)) == 1
    office.clock.pass_by(timedelta(minutes=5))
    intake.keep(hasty[0])
    assert len(letters(path)) == 2


def test_who_has_a_letter_waiting_is_not_asked_to_wait_as_well(office: Office, path: Path) -> None:
    intake = office.intake(Pace(at_once=1, per_minute=1))
    for _ in range(5):
        intake.keep(written("卡丢了"))
    assert len(letters(path)) == 1
    assert len(updates(path)) == 5


def test_who_presses_too_fast_is_asked_to_wait_too(office: Office, store: SqlStore, path: Path) -> None:
    intake = office.intake(Pace(at_once=1, per_minute=1))
    intake.keep(pressed("entry:lost"))
    deliver(store, office.clock)
    for _ in range(5):
        intake.keep(pressed("entry:lost"))
    assert methods(path) == ["answerCallbackQuery", "editMessageText", "sendMessage"]


def test_ignored_updates_cost_no_pace(office: Office) -> None:
    intake = office.intake(Pace(at_once=1, per_minute=1))
    for _ in range(5):
        intake.receive(written("hello", chat=GROUP))
    assert intake.receive(written("卡丢了")) is not None


# -- a process's share --


def test_what_goes_beyond_the_share_has_to_come_again_and_is_answered_alike(
    office: Office, path: Path
) -> None:
    intake = office.intake(per_second=2)
    people = [ANNA | {"id": 600 + number} for number in range(3)]
    asked = [written("卡丢了", sender=person) for person in people]
    assert None not in [intake.receive(one) for one in asked[:2]]
    with pytest.raises(TooFast):
        intake.receive(asked[2])
    assert (letters(path), updates(path)) == ([], [])
    office.clock.pass_by(SECOND)
    assert intake.receive(asked[2]) is None
    assert [one["chat_id"] for one in letters(path)] == [602]


def test_letters_and_notices_cost_no_share(office: Office) -> None:
    intake = office.intake(per_second=2)
    for number in range(20):
        intake.receive(pressed("entry:lost", sender=ANNA | {"id": 600 + number}))
        intake.receive(typed("卡丢了", sender=ANNA | {"id": 600 + number}))
    assert intake.receive(written("卡丢了")) is not None


def spend(share: Shared, at: datetime) -> bool:
    try:
        share.spend(at)
    except TooFast:
        return False
    return True


def most_in_a_second(spent: list[datetime]) -> int:
    """In any, from whenever on."""
    return max((sum(first <= one < first + SECOND for one in spent) for first in spent), default=0)


@given(
    per_second=st.integers(1, 40) | st.floats(1, 40),
    steps=st.lists(st.integers(0, 1_500_000) | st.integers(0, 30_000), max_size=150),
)
@example(per_second=3, steps=[0] * 20)
def test_in_no_second_a_process_sends_more_than_its_share(per_second: float, steps: list[int]) -> None:
    share, at, spent = Shared(per_second), WEDNESDAY, []
    for step in steps:
        at += timedelta(microseconds=step)
        if spend(share, at):
            spent.append(at)
    assert most_in_a_second(spent) <= per_second


@pytest.mark.parametrize("per_second", [*range(1, 33), 5.1, 6.67, 20 / 3])
def test_not_even_who_sends_at_the_first_moment_that_is_allowed(per_second: float) -> None:
    spent: list[datetime] = []
    while len(spent) <= 2 * per_second + 2:
        spent.append(first_moment(per_second, spent))
    assert most_in_a_second(spent) <= per_second


def first_moment(per_second: float, spent: list[datetime]) -> datetime:
    """To the microsecond, when one more may be sent: what is refused changes nothing, so it may be tried."""
    share = Shared(per_second)
    assert all(spend(share, at) for at in spent)
    early = spent[-1] if spent else WEDNESDAY
    if allows(per_second, spent, early):
        return early
    late = early + 2 * SECOND
    while late - early > timedelta(microseconds=1):
        middle = early + (late - early) // 2
        early, late = (early, middle) if allows(per_second, spent, middle) else (middle, late)
    return late


def allows(per_second: float, spent: list[datetime], at: datetime) -> bool:
    share = Shared(per_second)
    for one in spent:
        share.spend(one)
    return spend(share, at)


@pytest.mark.parametrize("per_second", [2, 7, 30])
def test_of_its_share_a_process_can_send_nearly_half_for_ever(per_second: int) -> None:
    share = Shared(per_second)
    at, sent_in_all = WEDNESDAY, 0
    for _ in range(10 * 1_000):
        at += timedelta(milliseconds=1)
        sent_in_all += spend(share, at)
    assert sent_in_all >= 10 * (per_second // 2)


def test_a_fault_of_ours_is_put_aside_and_what_was_written_is_not_logged(
    office: Office, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Delivered again it would break again, and hold up all that comes behind it."""
    canary = "金丝雀"

    def breaks() -> datetime:
        raise ValueError(canary)

    intake = office.intake()
    broken = replace(intake, telegram=replace(intake.telegram, now=breaks))
    update = written(f"{canary}的卡丢了")
    assert broken.receive(update) is None
    assert updates(path) == [(str(update["update_id"]), "a fault of the program")]
    assert "ValueError" in caplog.text
    assert canary not in caplog.text
