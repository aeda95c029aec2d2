"""A citizen's whole talk with the bot on Telegram, by webhook and by polling: what is said, sent, refused, kept."""

import json
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from bot.hook import PATH
from locator.model import Offer, Precision, Service
from locator.outlets import write_outlets
from tests.bot_api import BotApi, Call, Fault, Group, Json, User, serving_bot_api
from tests.doors import door
from tests.serving import drain
from tests.telegram_service import Mode, Running, starting, telegram_bot, wait_on

# The outlets of this test: the door of one is known exactly, of the other only the town.
EXACT, ROUGH = "测试网点1", "测试网点2"
DOORS: Final = (
    door(1, 29.551, 106.441, name=EXACT, services={Service.REPLACEMENT: Offer.YES}),
    door(2, 29.6, 106.5, name=ROUGH, precision=Precision.TOWN),
)
HERE: Final = (29.563812, 106.450734)
# What of the talk must be found nowhere afterwards; and what must, so that the search is seen to find.
ID_NUMBER: Final = "510502199001011234"
POSITION: Final = ("29.563", "106.450", "563812", "450734")
CANARY: Final = "鹅黄色的金丝雀"

APPS: Final = {"高德": "uri.amap.com", "百度": "api.map.baidu.com", "Apple": "maps.apple.com"} | {
    "Google": "www.google.com"
}
TELLING: Final = ("sendMessage", "sendVenue", "editMessageText", "editMessageReplyMarkup")
PATIENCE_S: Final = 10.0
QUESTION: Final = "卡丢了怎么办"  # what is said of it stands in one message, with an opinion asked for

both = pytest.mark.parametrize("stage", ["webhook", "polling"], indirect=True)
webhook = pytest.mark.parametrize("stage", ["webhook"], indirect=True)
polling = pytest.mark.parametrize("stage", ["polling"], indirect=True)


class Stage(NamedTuple):
    """The bot, and the server it is on."""

    mode: Mode
    api: BotApi
    bot: Running
    folder: Path  # of its database

    @property
    def database(self) -> Path:
        return self.folder / "bot.db"

    def told(self, chat: int) -> list[Call]:
        """The calls that told the chat something, each of which took effect."""
        mine = [call for call in self.api.journal.of(*TELLING) if call.took_effect]
        return [call for call in mine if str(call.parameters["chat_id"]) == str(chat)]

    def answer(self, chat: int, act: Callable[[], object]) -> Call:
        """What the bot tells the chat after the act."""
        before = len(self.told(chat))
        act()
        self.wait(lambda: len(self.told(chat)) > before)
        return self.told(chat)[before]

    def wait(self, what: Callable[[], object]) -> None:
        self.api.waits_for(what, PATIENCE_S)

    def settle(self, users: Sequence[User]) -> None:
        """Until all was taken, and each of them has an answer."""
        chats = {user.id for user in users}
        self.wait(
            lambda: not self.api.pending and chats.isdisjoint(update.chat for update in self.api.unanswered())
        )


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """With the limits of the real Telegram; and in groups the bot hears all, so that it has to choose."""
    folder = tmp_path_factory.mktemp(request.param)
    outlets = folder / "outlets.geojson"
    outlets.write_bytes(write_outlets(DOORS, []))
    with (
        serving_bot_api(limits=True, reads_groups=True) as api,
        telegram_bot(request.param, api, folder / "bot.db", LOCATOR_OUTLETS=str(outlets)) as bot,
    ):
        yield Stage(request.param, api, bot, folder)


# -- the talk --


@dataclass
class Talk:
    """What was seen of it, step by step, and what it left behind before all was to be forgotten."""

    user: User
    answers: dict[str, Call] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    offers: list[Json] = field(default_factory=list)
    files: str = ""
    calls: list[Call] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    def keyboard(self, step: str) -> list[Json]:
        return buttons(self.answers[step])


def buttons(call: Call) -> list[Json]:
    rows: list[list[Json]] = call.parameters.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


@pytest.fixture(scope="module")
def talk(stage: Stage) -> Talk:
    user = stage.api.user("Li")
    talk = Talk(user)
    for step, act in _steps(user).items():
        _take(talk, stage, step, act)
    user.types_inline("挂失")
    stage.wait(user.offers)
    talk.offers = user.offers()
    _take(talk, stage, "forget", lambda: user.commands("/forget"))
    talk.calls = list(stage.api.journal.calls)
    return talk


def _steps(user: User) -> dict[str, Callable[[], object]]:
    return {
        "start": lambda: user.commands("/start"),
        "number": lambda: user.says(f"{CANARY}，我的身份证号是{ID_NUMBER}，卡丢了怎么办"),
        "lost": lambda: user.says(QUESTION),
        "region": lambda: user.presses("我的卡是重庆的"),
        "shared": lambda: user.shares(*HERE),
        "venue": lambda: user.presses("1 看地图"),
        "lang": lambda: user.commands("/lang"),
        "english": lambda: user.presses("English"),
        "photo": user.sends_photo,
    }


def _take(talk: Talk, stage: Stage, step: str, act: Callable[[], object]) -> None:
    try:
        talk.answers[step] = stage.answer(talk.user.id, act)
    except TimeoutError:
        talk.unanswered.append(step)
        return
    talk.texts[step] = talk.answers[step].parameters.get("text", "")
    talk.files += "".join(_files(stage.folder))


def _files(folder: Path) -> Iterator[str]:
    """All that stands in files beside the outlets: the database, and its journal while there is one."""
    for path in folder.glob("bot.db*"):
        try:
            yield path.read_bytes().decode(errors="replace")
        except FileNotFoundError:  # a journal whose transaction ended
            continue


@both
def test_the_talk_is_answered_in_the_language_that_was_chosen(talk: Talk) -> None:
    assert "您好" in talk.texts["start"]
    assert "/forget" in talk.texts["start"]
    assert "看不了图片" not in talk.texts["photo"]
    assert "pictures" in talk.texts["photo"]
    assert "English" in talk.texts["english"]


@both
def test_a_button_changes_the_message_it_hangs_on(talk: Talk) -> None:
    assert talk.answers["lost"].method == "sendMessage"
    assert talk.answers["region"].method == "editMessageText"
    assert "重庆" in talk.answers["region"].parameters["text"]
    assert talk.user.notices()


@both
def test_a_pin_brings_the_outlets_with_a_link_for_every_app(talk: Talk) -> None:
    told = talk.answers["shared"].parameters["text"]
    assert EXACT in told
    assert ROUGH in told
    links = {
        button["text"]: urlsplit(button["url"]).netloc
        for button in talk.keyboard("shared")
        if "url" in button
    }
    for app, place in APPS.items():
        assert links[f"1 {app}"] == place
        assert links[f"2 {app}"] == place


@both
def test_an_outlet_is_shown_on_the_map_only_where_its_door_is_known(talk: Talk) -> None:
    words = [button["text"] for button in talk.keyboard("shared")]
    assert "1 看地图" in words
    assert "2 看地图" not in words
    venue = talk.answers["venue"]
    assert venue.method == "sendVenue"
    assert venue.parameters["title"] == EXACT
    assert [float(venue.parameters[name]) for name in ("latitude", "longitude")] == [29.551, 106.441]


@both
def test_an_inline_query_is_answered_with_something_to_send(talk: Talk) -> None:
    assert any("挂失" in offer["title"] for offer in talk.offers)


@both
def test_no_file_is_ever_fetched(talk: Talk) -> None:
    assert [call for call in talk.calls if call.method == "getFile"] == []


@both
def test_in_the_whole_talk_no_call_is_refused(talk: Talk) -> None:
    assert [(call.method, call.why) for call in talk.calls if call.refused] == []


@both
def test_in_the_whole_talk_each_update_is_answered_once(talk: Talk) -> None:
    chat = str(talk.user.id)
    told = [call for call in talk.calls if call.method in TELLING and call.took_effect]
    told = [call for call in told if str(call.parameters["chat_id"]) == chat]
    assert talk.unanswered == []
    assert len(told) == len(talk.answers)


@both
def test_what_is_no_secret_is_found_as_long_as_it_is_kept(talk: Talk) -> None:
    """The control: this search finds what is there."""
    assert CANARY in talk.files


@both
def test_no_secret_of_the_talk_is_left_in_files_or_printed(stage: Stage, talk: Talk) -> None:
    printed = drain(stage.bot.lines)
    for line in printed:  # for the next who looks
        stage.bot.lines.put(line)
    left = talk.files + "".join(_files(stage.folder)) + "".join(printed)
    assert stage.api.token not in left
    assert stage.api.token.partition(":")[2] not in left
    for secret in (ID_NUMBER, *POSITION):
        assert secret not in left


@both
def test_no_row_of_the_database_holds_a_secret(stage: Stage, talk: Talk) -> None:
    assert talk.answers
    for value in _values(stage.database):
        held = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        assert not any(secret in held for secret in (stage.api.token, ID_NUMBER, *POSITION)), held[:200]


@both
def test_a_position_is_kept_to_two_decimals_until_it_is_forgotten(stage: Stage, talk: Talk) -> None:
    with closing(sqlite3.connect(stage.database)) as database:
        mine = "SELECT count(*) FROM {} WHERE party = ?"
        for table in ("sessions", "turns", "letters"):
            (left,) = database.execute(mine.format(table), (str(talk.user.id),)).fetchone()
            # In their place is only the word that all is deleted, when it went as a letter.
            assert left <= (table == "letters")
    somebody = stage.api.user("Wang")
    stage.answer(somebody.id, lambda: somebody.shares(*HERE))
    with closing(sqlite3.connect(stage.database)) as database:
        where = database.execute(
            "SELECT lat, lon FROM sessions WHERE party = ?", (str(somebody.id),)
        ).fetchone()
    assert where == (29.56, 106.45)


def _values(path: Path) -> Iterator[object]:
    """Every value of every table."""
    with closing(sqlite3.connect(path)) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            for row in database.execute(f"SELECT * FROM {name}"):
                yield from row


@both
def test_commands_and_descriptions_are_offered_in_both_languages(stage: Stage) -> None:
    profile = stage.api.world.profile
    commands = {language: offered for (_, language), offered in profile.commands.items()}
    assert [one["command"] for one in commands[""]] == [one["command"] for one in commands["en"]]
    assert len(commands["en"]) >= 5
    for said in (profile.descriptions, profile.short_descriptions):
        assert re.search(r"[\u4e00-\u9fff]", said[""])
        assert re.fullmatch(r"[\x00-\x7f]+", said["en"])


# -- other ways to write --


@both
def test_what_was_edited_and_what_was_forwarded_is_answered(stage: Stage) -> None:
    user = stage.api.user("Zhao")
    first = stage.answer(user.id, lambda: user.forwards(QUESTION))
    said = user.sees()[0]
    anew = stage.answer(user.id, lambda: user.edits(said["message_id"], "社保卡怎么激活"))
    assert number_of(first) != number_of(anew) != 0


@both
def test_the_longest_message_is_answered(stage: Stage) -> None:
    user = stage.api.user("Qian")
    assert stage.answer(user.id, lambda: user.says(("卡丢了怎么办，" * 600)[:4096])).parameters["text"]


@both
def test_a_position_that_moves_on_is_answered_once(stage: Stage) -> None:
    user = stage.api.user("Sun")
    held: list[Json] = []
    stage.answer(user.id, lambda: held.append(user.shares(*HERE, live=True)))
    user.moves(held[0]["message_id"], 29.57, 106.46)
    stage.answer(user.id, lambda: user.says(QUESTION))
    assert len(stage.told(user.id)) == 2


@both
def test_a_message_after_another_waits_for_its_second(stage: Stage) -> None:
    """A chat gets one message a second, whatever was the first."""
    user = stage.api.user("Zhou")
    since = _tick(stage.api)
    stage.answer(user.id, user.sends_photo)
    stage.answer(user.id, lambda: user.says(QUESTION))
    stage.answer(user.id, lambda: user.says("社保卡怎么激活"))
    stage.answer(user.id, user.sends_photo)
    assert refused_since(stage.api, since) == []


@both
def test_who_asks_to_be_forgotten_right_after_an_answer_is_told_so(stage: Stage) -> None:
    user = stage.api.user("Zheng")
    stage.answer(user.id, lambda: user.says(QUESTION))
    assert "删除" in stage.answer(user.id, lambda: user.commands("/forget")).parameters["text"]


@both
def test_in_a_group_only_who_addresses_the_bot_is_answered(stage: Stage) -> None:
    api, user = stage.api, stage.api.user("Wu")
    group = api.group("Neighbours", supergroup=True)
    ignored: list[Callable[[], object]] = [
        lambda: user.says(QUESTION, chat=group),
        lambda: user.commands("/start@other_bot", chat=group),
        lambda: user.sends_photo(chat=group),
    ]
    heard: list[Callable[[], object]] = [
        lambda: user.says(QUESTION, chat=group, mention=True),
        lambda: user.says("社保卡怎么激活", chat=group, reply_to=_last_of(user, group)),
        lambda: user.commands("/help@test_bot", chat=group),
    ]
    for act in heard:
        for other in ignored:
            other()
        stage.answer(group.id, act)
    api.waits_until_taken(PATIENCE_S)
    # One more that is answered, so that all before it were read.
    stage.answer(group.id, lambda: user.says(QUESTION, chat=group, mention=True))
    assert len(stage.told(group.id)) == len(heard) + 1
    assert all("reply_parameters" in call.parameters for call in stage.told(group.id))


def _last_of(user: User, group: Group) -> Json:
    return user.told(group)[-1]


# -- many at once, again, and in disorder --


def number_of(call: Call) -> int:
    """Of the update a reply answers: the buttons that ask for an opinion carry it. 0: of none."""
    data = (button.get("callback_data", "") for button in buttons(call))
    return next((int(one.partition(":")[2]) for one in data if one.startswith("helped:")), 0)


def answered_once(stage: Stage, users: list[User], since: int) -> None:
    """Each of their updates since that tick, and nothing else."""
    chats = {user.id for user in users}
    updates = [one.id for one in stage.api.updates if one.tick > since and one.chat in chats]

    def answered() -> list[int]:
        calls = [call for user in users for call in stage.told(user.id) if call.tick > since]
        return sorted(number_of(call) for call in calls)

    stage.wait(lambda: len(answered()) >= len(updates))  # some go as letters
    assert answered() == updates


def refused_since(api: BotApi, tick: int) -> list[str]:
    return [f"{call.method}: {call.why}" for call in api.journal.refused if call.tick > tick]


def _tick(api: BotApi) -> int:
    with api.world.changed:
        return next(api.world.ticks)


@both
def test_thirty_at_once_are_all_answered_and_no_call_is_too_many(stage: Stage) -> None:
    users = [stage.api.user(f"One of thirty, {number}") for number in range(30)]
    since = _tick(stage.api)
    for user in users:
        user.says(QUESTION)
    stage.settle(users)
    answered_once(stage, users, since)
    assert refused_since(stage.api, since) == []


@webhook
def test_what_is_delivered_twice_is_answered_once(stage: Stage) -> None:
    stage.api.duplicates(0.5)
    try:
        _all_ask_twice(stage, "Twice")
    finally:
        stage.api.duplicates(0)
    assert any(attempt.lost for attempt in stage.api.journal.attempts)


@webhook
def test_after_an_answer_that_had_to_be_told_again_the_next_waits_for_its_second(stage: Stage) -> None:
    """As when the program is killed before Telegram has the answer, and starts again some time later."""
    user, other, since = stage.api.user("Yang"), stage.api.user("Zhu"), _tick(stage.api)
    stage.answer(other.id, lambda: other.says(QUESTION))
    number = stage.api.updates[-1].id + 3
    _deliver(stage, message_from(user.id, QUESTION.encode(), number))
    for _ in range(2):  # which takes longer than a second
        stage.answer(other.id, lambda: other.says(QUESTION))
    user.says(QUESTION)
    user.says("社保卡怎么激活")
    stage.api.waits_until_taken(PATIENCE_S)
    assert stage.api.updates[-2].id == number
    answered_once(stage, [user], since)
    assert refused_since(stage.api, since) == []


def _deliver(stage: Stage, body: bytes) -> None:
    """Past the server, which learns nothing of the answer."""
    header = {"X-Telegram-Bot-Api-Secret-Token": stage.api.world.webhook.secret_token}
    with build_opener(ProxyHandler({})).open(Request(f"{stage.bot.url}{PATH}", body, header)) as answer:
        assert answer.status == 200
        assert answer.read()


@webhook
def test_what_comes_out_of_order_is_answered_once(stage: Stage) -> None:
    stage.api.reorders(0.2)
    try:
        _all_ask_twice(stage, "In disorder")
    finally:
        stage.api.reorders(0)


def _all_ask_twice(stage: Stage, name: str) -> None:
    users = [stage.api.user(f"{name}, {number}") for number in range(6)]
    since = _tick(stage.api)
    for text in (QUESTION, "社保卡怎么激活"):
        for user in users:
            user.says(text)
    stage.api.waits_until_taken(PATIENCE_S)
    stage.settle(users)
    answered_once(stage, users, since)
    assert refused_since(stage.api, since) == []


# -- what is not Telegram, or no update --


@webhook
@pytest.mark.parametrize("secret", ["", "X-Telegram-Bot-Api-Secret-Token: wrong\r\n"])
def test_who_is_not_telegram_is_turned_away_before_the_body_is_read(stage: Stage, secret: str) -> None:
    with _asking(stage, secret) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 403 ")


@webhook
def test_who_is_telegram_is_listened_to(stage: Stage) -> None:
    """The control: with the secret the same request waits for its body."""
    secret = stage.api.world.webhook.secret_token
    with _asking(stage, f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\n") as connection:
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(100)
        connection.settimeout(5)
        connection.sendall(b"{" + b" " * 98 + b"}")
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def _asking(stage: Stage, header: str) -> socket.socket:
    """A request whose body has yet to come."""
    address = urlsplit(stage.bot.url)
    assert address.hostname
    assert address.port
    connection = socket.create_connection((address.hostname, address.port), timeout=5)
    head = f"POST {PATH} HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n{header}Content-Length: 100\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def message_from(user: int, text: bytes, number: int = 0) -> bytes:
    head = f'{{"update_id": {number or user}, "message": {{"message_id": 1, "date": 1, "from": {{"id": {user}}}, '
    return head.encode() + b'"chat": {"id": %d, "type": "private"}, "text": "%s"}}' % (user, text)


GARBAGE: Final = {
    "half of it": b"{",
    "a list": b"[]",
    "nothing": b"",
    "a word": b"null",
    "no JSON": b"\xff\xfe\x00",
    "NUL": b"\0",
    "NUL in a text": message_from(1, b"\\u0000"),
    "half a surrogate pair": message_from(2, b"\\ud800 \\udfff"),
    "a number of another kind": b'{"update_id": "3", "message": []}',
    "a number that is too large": b'{"update_id": 1' + b"0" * 30 + b', "message": {}}',
    "a number longer than any": b'{"update_id": ' + b"9" * 5_000 + b"}",
    "wrong types": b'{"update_id": 4, "message": {"message_id": [], "chat": 7, "from": "me", "text": {}}}',
    "wrong types in a press": b'{"update_id": 5, "callback_query": {"id": 1, "from": {"id": "x"}, "data": []}}',
    "a position that is none": b'{"update_id": 6, "inline_query": {"id": "1", "from": {"id": 7}, "query": "",'
    b' "location": {"latitude": NaN, "longitude": 1e400}}}',
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a deep update": b'{"update_id": 8, "message": ' + b'{"chat":' * 900 + b"1" + b"}" * 900 + b"}",
    "a megabyte": message_from(9, b"a" * 1_000_000),
    "a megabyte of nothing": b" " * 1_000_000,
}


@webhook
@pytest.mark.parametrize("body", GARBAGE.values(), ids=list(GARBAGE))
def test_garbage_is_acknowledged_once(stage: Stage, body: bytes) -> None:
    pushed = stage.api.push_raw(body)
    stage.wait(lambda: stage.api.journal.attempts_of(pushed.id))
    stage.api.waits_until_taken(PATIENCE_S)
    assert [attempt.status for attempt in stage.api.journal.attempts_of(pushed.id)] == [200]


@webhook
def test_after_garbage_the_next_message_is_answered(stage: Stage) -> None:
    user = stage.api.user("Feng")
    for body in GARBAGE.values():
        stage.api.push_raw(body)
    assert number_of(stage.answer(user.id, lambda: user.says(QUESTION)))
    stage.api.waits_until_taken(PATIENCE_S)


@both
@pytest.mark.parametrize(
    "content",
    [
        {"message": {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}}},
        {
            "message": {
                "message_id": 1,
                "date": 1,
                "chat": {"id": -7, "type": "channel", "title": ""},
                "text": "?",
            }
        },
        {
            "edited_channel_post": {
                "message_id": 1,
                "date": 1,
                "chat": {"id": -7, "type": "channel", "title": ""},
            }
        },
        {
            "callback_query": {
                "id": "1",
                "from": {"id": 7, "is_bot": False, "first_name": ""},
                "chat_instance": "1",
            }
        },
        {"kind_of_the_future": {"a": 1}},
    ],
    ids=["from nobody", "in a channel", "edited in a channel", "a press on nothing", "of a kind unknown"],
)
def test_an_update_that_asks_nothing_does_not_hold_up_the_next(stage: Stage, content: Json) -> None:
    stage.api.push(content)
    user = stage.api.user("Chen")
    assert number_of(stage.answer(user.id, lambda: user.says(QUESTION)))
    stage.api.waits_until_taken(PATIENCE_S)


def test_a_poller_passes_over_what_cannot_be_read_and_prints_nothing_of_it(tmp_path: Path) -> None:
    with serving_bot_api() as api, telegram_bot("polling", api, tmp_path / "bot.db") as bot:
        stage, user = Stage("polling", api, bot, tmp_path), api.user("Shen")
        api.push({"poll": {"id": CANARY}})
        assert number_of(stage.answer(user.id, lambda: user.says(QUESTION)))
        assert CANARY not in "".join(drain(bot.lines))


# -- too many requests --

LETTERS: Final = 40


def test_what_is_refused_as_too_many_is_delivered_later(tmp_path: Path) -> None:
    """Of the letters to many chats three in ten are refused, and none is sent before its time."""
    with (
        serving_bot_api() as api,
        telegram_bot("polling", api, tmp_path / "bot.db") as bot,
    ):
        stage = Stage("polling", api, bot, tmp_path)
        api.fault("sendMessage", Fault(429, retry_after=1), share=0.3)
        users = [api.user(f"User {number}") for number in range(LETTERS)]
        for user in users:
            user.says(QUESTION)
        api.waits_for(lambda: not api.pending and not api.unanswered(), 60)
        answered_once(stage, users, 0)
        assert api.early == 0
        assert len([call for call in api.journal.refused if call.code == 429]) >= LETTERS / 10


# -- two at once; the last of all, for the first one does not survive it --


@polling
def test_a_second_poller_waits_and_takes_over_when_the_first_is_killed(stage: Stage) -> None:
    api, user = stage.api, stage.api.user("Jiang")
    with ExitStack() as stack:
        second = stack.enter_context(starting("polling", api, stage.database))
        wait_on(api, second, second.lines.qsize)
        assert "listens" in second.lines.get()
        stage.answer(user.id, lambda: user.says(QUESTION))
        # Two who poll at once would have been told so.
        assert [call.why for call in api.journal.of("getUpdates") if call.refused] == []
        stage.bot.kill()
        assert number_of(stage.answer(user.id, lambda: user.says("社保卡怎么激活")))
        assert len(stage.told(user.id)) == 2
    assert json.loads(api.updates[-1].body)["update_id"] == number_of(stage.told(user.id)[-1])
