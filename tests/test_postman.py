"""Letters to Telegram, over a real store and a server of its API: each is delivered once, or it is known why not."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import SecretStr
from telegram.ext import ExtBot

from bot.call import Call, To, message
from bot.ports import Letter, Party, Store
from bot.postman import LASTS, LEASE, Bot, Postman, holder, make_bot
from bot.settings import BotSettings
from bot.store import SqlStore, open_store
from bot.telegram import EACH
from tests.bot_api import HANGS_UP, HANGS_UP_AFTERWARDS, BotApi, Fault, Group, User, serving_bot_api
from tests.props import Clock
from tests.visitors import WEDNESDAY

pytest_plugins = ("tests.bot_api",)
# The door for calls that are JSON already is meant to be used here; the program says so too.
pytestmark = pytest.mark.filterwarnings("ignore:Please use 'Bot")

LATER = timedelta(seconds=5)
IN_TIME_S = 20.0
PARTY = Party("telegram", "1")


@pytest.fixture(autouse=True)
def seconds_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """As python-telegram-bot will have it; otherwise it warns."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(open_store(f"sqlite:///{tmp_path / 'bot.db'}")) as opened:
        yield opened


@pytest.fixture
def anna(bot_api: BotApi) -> User:
    return started(bot_api, "Anna")


def started(api: BotApi, name: str) -> User:
    user = api.user(name)
    user.commands("/start")
    return user


@asynccontextmanager
async def in_charge(_: Bot) -> AsyncIterator[None]:
    yield


@dataclass
class Office:
    """What a postman works with."""

    store: SqlStore
    settings: BotSettings
    clock: Clock = field(default_factory=lambda: Clock(WEDNESDAY))

    def goes(self, does: Callable[[Postman], Awaitable[object]]) -> None:
        """In an event loop and with connections of its own."""

        async def go() -> None:
            async with make_bot(self.settings) as bot:
                await asyncio.wait_for(does(self.postman(bot)), IN_TIME_S)

        asyncio.run(go())

    def postman(self, bot: Bot, name: str = "one") -> Postman:
        return Postman(bot, self.store, self.clock, name, in_charge, timedelta())

    def post(self, who: User | Group, call: Call) -> int:
        return self.store.post(Letter(Party("telegram", str(who.id)), call.body, self.clock.now))

    def says(self, who: User | Group, text: str) -> int:
        return self.post(who, message(text, To(who.id)))

    def delivers(self, rounds: int = 1, between: timedelta = EACH) -> None:
        """All that is due; and again, when some time has passed."""

        async def go(postman: Postman) -> None:
            for _ in range(rounds):
                while await postman.deliver_next():
                    pass
                self.clock.pass_by(between)

        self.goes(go)

    @property
    def notes(self) -> list[str]:
        return [letter.note for letter in self.store.undelivered()]

    @property
    def is_done(self) -> bool:
        """None is due, however long one waits, and none is on its way."""
        return not self.store.take("telegram", self.clock.now + timedelta(days=1)) and not self.store.doubt(
            "telegram"
        )


@pytest.fixture
def office(store: SqlStore, bot_api: BotApi) -> Office:
    return Office(store, settings_for(bot_api))


def settings_for(api: BotApi) -> BotSettings:
    return BotSettings(telegram_token=SecretStr(api.token), telegram_base_url=api.url)


def texts(user: User, chat: Group | None = None) -> list[str]:
    return [said["text"] for said in user.told(chat)]


def sends(api: BotApi) -> list[str]:
    """What was asked to be sent, whatever came of it."""
    return [call.parameters["text"] for call in api.journal.of("sendMessage")]


# -- in order, and not too fast --


def test_a_letter_is_delivered_as_it_is_and_once(office: Office, bot_api: BotApi, anna: User) -> None:
    buttons = [[{"text": "Yes", "callback_data": "yes"}]]
    office.post(anna, message("卡丢了 😀 <b>*_`", To(anna.id), buttons))
    office.delivers(rounds=3)
    (said,) = anna.told()
    assert said["text"] == "卡丢了 😀 <b>*_`"
    assert said["reply_markup"] == {"inline_keyboard": buttons}
    assert len(sends(bot_api)) == 1
    assert office.is_done
    assert office.notes == []


def test_the_letters_of_a_party_go_in_order_and_one_a_second(office: Office, anna: User) -> None:
    for number in range(3):
        office.says(anna, str(number))
    office.delivers(between=EACH - timedelta(milliseconds=1))
    assert texts(anna) == ["0"]
    office.delivers(between=timedelta(milliseconds=1))
    assert texts(anna) == ["0"]
    office.delivers()
    assert texts(anna) == ["0", "1"]
    office.delivers()
    assert texts(anna) == ["0", "1", "2"]


def test_nobody_waits_for_the_letters_of_others(office: Office, bot_api: BotApi, anna: User) -> None:
    bela = started(bot_api, "Bela")
    for who in (anna, anna, bela, bela):
        office.says(who, who.name)
    office.delivers()
    assert sends(bot_api) == ["Anna", "Bela"]
    office.delivers()
    assert sends(bot_api) == ["Anna", "Bela", "Anna", "Bela"]


def test_where_nothing_is_due_nothing_is_done(office: Office, bot_api: BotApi) -> None:
    async def go(postman: Postman) -> None:
        assert await postman.deliver_next() is False

    office.goes(go)
    assert {call.method for call in bot_api.journal.calls} == {"getMe"}


# -- when Telegram says no --


def test_too_many_requests_are_waited_out(office: Office, bot_api: BotApi, anna: User) -> None:
    bot_api.fault("sendMessage", Fault(429, retry_after=1), times=1)
    office.says(anna, "hello")
    office.delivers()
    assert texts(anna) == ["hello"]
    assert [call.code for call in bot_api.journal.of("sendMessage")] == [429, 200]
    assert bot_api.early == 0
    assert office.notes == []


def test_who_has_waited_often_enough_waits_for_the_next_round(
    office: Office, bot_api: BotApi, anna: User
) -> None:
    bot_api.fault("sendMessage", Fault(429, retry_after=30), times=1)
    office.says(anna, "hello")

    async def go(_: Postman) -> None:
        # As it is after all its retries.
        async with impatient(bot_api) as bot:
            assert await office.postman(bot).deliver_next()

    office.goes(go)
    assert office.store.take("telegram", office.clock.now + timedelta(seconds=29.9)) is None
    assert office.notes == []
    assert office.store.take("telegram", office.clock.now + timedelta(seconds=30)) is not None


def impatient(api: BotApi) -> Bot:
    """Leaves waiting to whoever calls."""
    return cast(Bot, ExtBot(api.token, api.base_url, api.base_file_url))


def test_who_blocked_the_bot_gets_nothing_and_the_reason_is_kept(
    office: Office, bot_api: BotApi, anna: User
) -> None:
    anna.blocks()
    office.says(anna, "hello")
    office.delivers(rounds=3, between=timedelta(hours=1))
    assert office.notes == ["Forbidden: bot was blocked by the user"]
    assert len(sends(bot_api)) == 1
    assert office.is_done


def test_a_letter_that_is_refused_keeps_nobody_waiting(office: Office, bot_api: BotApi, anna: User) -> None:
    bot_api.fault("sendMessage", Fault(400, "Bad Request: chat not found"), times=1)
    office.says(anna, "first")
    office.says(anna, "second")
    office.delivers()
    assert texts(anna) == ["second"]
    assert len(office.notes) == 1


def test_a_group_that_moved_is_noted_and_not_written_to_again(office: Office, bot_api: BotApi) -> None:
    group = bot_api.group("Family")
    office.says(group, "hello")
    before = group.id
    group.migrates()
    office.delivers(rounds=3, between=timedelta(hours=1))
    assert before != group.id
    assert office.notes == [f"the group is now {group.id}"]
    assert len(sends(bot_api)) == 1


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (Call("sendMessage", {"text": "x"}), "chat_id is empty"),
        (message("", To(1)), "message text is empty"),
        (message("a" * 5_000, To(1)), "message is too long"),
    ],
)
def test_what_is_no_good_is_refused_with_the_reason_and_not_tried_again(
    office: Office, bot_api: BotApi, anna: User, call: Call, why: str
) -> None:
    fields = {name: anna.id if name == "chat_id" else value for name, value in call.fields.items()}
    office.post(anna, Call(call.method, fields))
    office.delivers(rounds=3, between=timedelta(hours=1))
    (note,) = office.notes
    assert why in note.lower()
    assert len(bot_api.journal.of("sendMessage")) == 1
    assert office.is_done


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_when_something_is_wrong_at_telegram_s_it_is_tried_again(
    office: Office, bot_api: BotApi, anna: User, code: int
) -> None:
    bot_api.fault("sendMessage", Fault(code), times=2)
    office.says(anna, "first")
    office.says(anna, "second")
    office.delivers(between=LATER - timedelta(milliseconds=1))
    office.delivers(between=timedelta(milliseconds=1))
    assert sends(bot_api) == ["first"]
    office.delivers(rounds=4, between=LATER)
    assert texts(anna) == ["first", "second"]
    assert sends(bot_api) == ["first", "first", "first", "second"]
    assert office.notes == []


# -- edits --


def edit(anna: User, text: str, message_id: int) -> Call:
    return message(text, To(anna.id, edits=message_id), [[{"text": "Yes", "callback_data": "yes"}]])


def told_before(office: Office, anna: User) -> int:
    """A message of the bot's; its number."""
    office.says(anna, "before")
    office.delivers()
    return int(anna.told()[0]["message_id"])


def test_an_edit_takes_the_place_of_what_was_said(office: Office, anna: User) -> None:
    office.post(anna, edit(anna, "after", told_before(office, anna)))
    office.delivers()
    assert texts(anna) == ["after"]


def test_an_edit_of_what_is_gone_is_said_anew(office: Office, bot_api: BotApi, anna: User) -> None:
    office.post(anna, edit(anna, "after", 99_999))
    office.delivers(rounds=3, between=timedelta(hours=1))
    (said,) = anna.told()
    assert said["text"] == "after"
    assert said["reply_markup"] == {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
    assert len(bot_api.journal.of("editMessageText")) == len(sends(bot_api)) == 1
    assert office.is_done


def test_an_edit_that_is_said_anew_stays_before_what_comes_behind_it(office: Office, anna: User) -> None:
    office.post(anna, edit(anna, "first half", 99_999))
    office.says(anna, "second half")
    office.delivers(rounds=3)
    assert texts(anna) == ["first half", "second half"]


def test_an_edit_that_changes_nothing_is_as_good_as_delivered(
    office: Office, bot_api: BotApi, anna: User
) -> None:
    number = told_before(office, anna)
    office.post(anna, edit(anna, "after", number))
    office.post(anna, edit(anna, "after", number))
    office.says(anna, "behind")
    office.delivers(rounds=4)
    assert texts(anna) == ["after", "behind"]
    assert "is not modified" in bot_api.journal.of("editMessageText")[1].why
    assert office.notes == []
    assert office.is_done


def test_buttons_that_cannot_be_changed_are_not_said_anew(
    office: Office, bot_api: BotApi, anna: User
) -> None:
    fields = {"chat_id": anna.id, "message_id": 99_999, "reply_markup": {"inline_keyboard": []}}
    office.post(anna, Call("editMessageReplyMarkup", fields))
    office.delivers(rounds=3, between=timedelta(hours=1))
    assert sends(bot_api) == []
    assert len(office.notes) == 1


def test_a_press_that_waits_no_longer_needs_no_answer(office: Office, bot_api: BotApi, anna: User) -> None:
    office.post(anna, Call("answerCallbackQuery", {"callback_query_id": "0"}))
    office.delivers(rounds=3, between=timedelta(hours=1))
    assert "too old" in bot_api.journal.of("answerCallbackQuery")[0].why
    assert len(bot_api.journal.of("answerCallbackQuery")) == 1
    assert office.notes == []


# -- when nobody knows --


@pytest.mark.parametrize(("fault", "arrived"), [(HANGS_UP_AFTERWARDS, ["first"]), (HANGS_UP, [])])
def test_after_a_connection_that_broke_it_is_in_doubt_and_not_sent_again(
    office: Office, bot_api: BotApi, anna: User, fault: Fault, arrived: list[str]
) -> None:
    """Nobody here can tell the two apart."""
    bot_api.fault("sendMessage", fault, times=1)
    office.says(anna, "first")
    office.says(anna, "second")
    office.delivers(rounds=3, between=timedelta(hours=1))
    assert texts(anna) == [*arrived, "second"]
    assert sends(bot_api) == ["first", "second"]
    assert [letter.body for letter in office.store.undelivered()] == [message("first", To(anna.id)).body]
    assert office.is_done


def test_what_was_surely_not_sent_is_tried_again(store: SqlStore) -> None:
    port = free_port()

    async def go() -> None:
        with serving_bot_api(port=port) as api:
            office = Office(store, settings_for(api))
            bot = make_bot(office.settings)
            await bot.initialize()
            number = started(api, "Anna").id
        postman = office.postman(bot)
        store.post(Letter(PARTY, message("hello", To(number)).body, office.clock.now))
        assert await postman.deliver_next()
        assert office.notes == []
        office.clock.pass_by(LATER - timedelta(milliseconds=1))
        assert not await postman.deliver_next()
        office.clock.pass_by(timedelta(milliseconds=1))
        with serving_bot_api(port=port) as again:
            anna = started(again, "Anna")
            assert await postman.deliver_next()
            assert (anna.id, texts(anna)) == (number, ["hello"])
            await bot.shutdown()
        assert office.is_done

    asyncio.run(asyncio.wait_for(go(), IN_TIME_S))


def free_port() -> int:
    """Of the moment: nobody listens there now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_letters_that_were_on_their_way_when_a_new_holder_comes_are_in_doubt(
    office: Office, bot_api: BotApi, anna: User
) -> None:
    office.says(anna, "on its way")
    office.says(anna, "behind")
    assert office.store.take("telegram", office.clock.now) is not None  # by one that died
    assert runs_until(bot_api, office, lambda: "behind" in texts(anna)) == ["one"]
    assert sends(bot_api) == ["behind"]
    assert [letter.body for letter in office.store.undelivered()] == [message("on its way", To(anna.id)).body]


# -- who delivers --


def noting(name: str, charged: list[str]) -> Callable[[Bot], AbstractAsyncContextManager[None]]:
    """Notes who is in charge, and that is all."""

    @asynccontextmanager
    async def note(_: Bot) -> AsyncIterator[None]:
        charged.append(name)
        yield

    return note


def runs_until(
    api: BotApi, office: Office, is_so: Callable[[], bool], names: tuple[str, ...] = ("one",)
) -> list[str]:
    """Postmen of these names at once, until it is so; who was in charge, in order."""
    charged: list[str] = []

    async def go() -> None:
        stop = asyncio.Event()
        async with make_bot(office.settings) as bot, asyncio.TaskGroup() as running:
            for name in names:
                postman = replace(office.postman(bot, name), in_charge=noting(name, charged))
                running.create_task(postman.run(stop))
            try:
                await asyncio.to_thread(api.waits_for, is_so, IN_TIME_S)
            finally:
                stop.set()

    asyncio.run(go())
    return charged


def looks_once(office: Office, name: str) -> list[str]:
    """Was a postman in charge who is told to stop as soon as they have looked at the clock."""
    charged: list[str] = []

    async def go(postman: Postman) -> None:
        stop = asyncio.Event()

        def now() -> datetime:
            stop.set()
            return office.clock.now

        await replace(postman, now=now, holder=name, in_charge=noting(name, charged)).run(stop)

    office.goes(go)
    return charged


def test_of_two_postmen_one_delivers(office: Office, bot_api: BotApi) -> None:
    people = [started(bot_api, f"{number}") for number in range(12)]
    for user in people:
        office.says(user, user.name)
    charged = runs_until(bot_api, office, lambda: all(map(texts, people)), names=("one", "two"))
    assert len(charged) == 1
    assert sorted(sends(bot_api)) == sorted(user.name for user in people)
    assert office.is_done


def test_who_has_died_is_replaced_when_the_lease_runs_out_and_not_before(
    office: Office, bot_api: BotApi, anna: User
) -> None:
    assert office.store.hold(LEASE, "dead", office.clock.now, LASTS)
    office.says(anna, "hello")
    assert looks_once(office, "one") == []
    office.clock.pass_by(LASTS - timedelta(milliseconds=1))
    assert looks_once(office, "one") == []
    office.clock.pass_by(timedelta(milliseconds=1))
    assert runs_until(bot_api, office, lambda: bool(texts(anna))) == ["one"]
    assert sends(bot_api) == ["hello"]


def test_who_stops_leaves_the_lease_to_others_at_once(office: Office, bot_api: BotApi, anna: User) -> None:
    office.says(anna, "hello")
    assert runs_until(bot_api, office, lambda: bool(texts(anna))) == ["one"]
    assert looks_once(office, "two") == ["two"]


@pytest.mark.parametrize("is_alive", [True, False])
def test_of_a_process_on_this_machine_one_knows_whether_it_lives(office: Office, *, is_alive: bool) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    other = holder() if is_alive else holder().replace(str(os.getpid()), str(ended.pid))
    assert office.store.hold(LEASE, other, office.clock.now, LASTS)
    assert looks_once(office, "one") == ([] if is_alive else ["one"])


class Robbed:
    """The store of a postman who loses the lease at the worst moment: behind a letter that was just delivered."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def __getattr__(self, name: str) -> Any:
        return getattr(self._office.store, name)

    def delivered(self, letter_id: int, at: datetime, next_at: datetime) -> None:
        self._office.store.delivered(letter_id, at, next_at)
        rob(self._office)


def rob(office: Office) -> None:
    """So much time passes that another one takes the lease."""
    office.clock.pass_by(LASTS)
    assert office.store.hold(LEASE, "another", office.clock.now, LASTS)


def test_who_has_lost_the_lease_delivers_no_more(office: Office, bot_api: BotApi, anna: User) -> None:
    office.says(anna, "first")
    office.says(started(bot_api, "Bela"), "second")

    async def go(postman: Postman) -> None:
        stop = asyncio.Event()

        @asynccontextmanager
        async def once(_: Bot) -> AsyncIterator[None]:
            yield
            stop.set()

        robbed = cast(Store, Robbed(office))
        await replace(postman, store=robbed, in_charge=once).run(stop)

    office.goes(go)
    assert sends(bot_api) == ["first"]
    assert not office.is_done


def test_who_lost_the_lease_while_getting_ready_delivers_nothing(
    office: Office, bot_api: BotApi, anna: User
) -> None:
    """Telling Telegram where to deliver takes as long as it takes."""
    office.says(anna, "hello")

    async def go(postman: Postman) -> None:
        stop = asyncio.Event()

        @asynccontextmanager
        async def slowly(_: Bot) -> AsyncIterator[None]:
            rob(office)
            yield
            stop.set()

        def now() -> datetime:
            office.clock.pass_by(timedelta(seconds=1))  # so that this ends whatever happens
            return office.clock.now

        await replace(postman, now=now, in_charge=slowly).run(stop)

    office.goes(go)
    assert sends(bot_api) == []
