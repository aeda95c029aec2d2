"""The Bot API server the bot is tested against: what it must do to pass for the real one."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import httpx
import pytest
import telegram
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.ext import AIORateLimiter, ExtBot, Updater
from telegram.request import HTTPXRequest

from tests.bot_api import (
    HANGS_UP,
    HANGS_UP_AFTERWARDS,
    NEVER_ANSWERS,
    NEVER_ANSWERS_AFTERWARDS,
    BotApi,
    Fault,
    Json,
    User,
    serving_bot_api,
)
from tests.bot_api_text import parse_html, units

pytest_plugins = ("tests.bot_api",)

BUTTONS = {
    "inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}, {"text": "Site", "url": "https://a.cn"}]]
}
LONGEST = 4096
# Straight to the server, and without reading certificates, which takes longer than the call.
PLAIN: Json = {"trust_env": False, "verify": False}


@pytest.fixture(autouse=True)
def seconds_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """As python-telegram-bot will have it; otherwise it warns."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def somebody(bot_api: BotApi) -> User:
    """Has started the bot."""
    user = bot_api.user("Li")
    user.commands("/start")
    return user


def call(api: BotApi, method: str, **given: Any) -> Json:
    """The whole answer to a call in JSON."""
    answer = httpx.post(f"{api.base_url}{api.token}/{method}", json=given, timeout=10, **PLAIN)
    body: Json = answer.json()
    assert answer.status_code == (200 if body["ok"] else body["error_code"])
    return body


def result(api: BotApi, method: str, **given: Any) -> Any:
    body = call(api, method, **given)
    assert body["ok"], body
    return body["result"]


def refusal(api: BotApi, method: str, **given: Any) -> str:
    body = call(api, method, **given)
    assert not body["ok"], body
    return str(body["description"])


# -- python-telegram-bot, as it is --


def request(read_timeout: float = 5.0) -> HTTPXRequest:
    return HTTPXRequest(read_timeout=read_timeout, httpx_kwargs=PLAIN)


def make_bot(api: BotApi, limiter: AIORateLimiter | None = None, read_timeout: float = 5.0) -> ExtBot[Any]:
    return ExtBot(
        api.token,
        base_url=api.base_url,
        base_file_url=api.base_file_url,
        request=request(read_timeout),
        get_updates_request=request(),
        rate_limiter=limiter,
    )


def ask(api: BotApi, does: Callable[[ExtBot[Any]], Awaitable[Any]], **options: Any) -> Any:
    """What python-telegram-bot makes of it."""

    async def go() -> Any:
        async with make_bot(api, **options) as bot:
            return await does(bot)

    return asyncio.run(go())


# -- a webhook --


@dataclass
class Delivery:
    """What came to the webhook."""

    update: Json
    secret: str | None


Says = tuple[int, dict[str, str], bytes]
FINE: Says = (200, {}, b"")


@dataclass
class Hook:
    """A bot behind a webhook; `says` answers each delivery."""

    says: Callable[[Json], Says]
    deliveries: list[Delivery] = field(default_factory=list)
    url: str = ""

    @property
    def numbers(self) -> list[Any]:
        return [delivery.update["update_id"] for delivery in list(self.deliveries)]


def answer_delivery(handler: BaseHTTPRequestHandler, hook: Hook) -> None:
    body = handler.rfile.read(int(handler.headers["Content-Length"]))
    try:
        update = json.loads(body)
    except ValueError:
        update = {"update_id": body}
    hook.deliveries.append(Delivery(update, handler.headers.get("X-Telegram-Bot-Api-Secret-Token")))
    status, headers, content = hook.says(update)
    handler.send_response(status)
    for name, value in ({"Content-Length": str(len(content))} | headers).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


@contextmanager
def hooked(api: BotApi, says: Callable[[Json], Says] = lambda _: FINE, **options: Any) -> Iterator[Hook]:
    """A webhook that is set."""
    hook = Hook(says)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            answer_delivery(self, hook)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        hook.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        result(api, "setWebhook", url=hook.url, **options)
        yield hook
    finally:
        result(api, "deleteWebhook")  # which hangs up, so that the threads end
        server.shutdown()
        thread.join()
        server.server_close()


def in_body(method: str, **given: Any) -> Says:
    """A call in the answer, as JSON."""
    return 200, {"Content-Type": "application/json"}, json.dumps({"method": method} | given).encode()


# -- making requests --


@pytest.mark.parametrize("verb", ["GET", "POST"])
@pytest.mark.parametrize(
    "given",
    [
        {"params": {"chat_id": 0, "text": "卡 & 1"}},
        {"data": {"chat_id": 0, "text": "卡 & 1"}},
        {"json": {"chat_id": 0, "text": "卡 & 1"}},
        {"files": {"chat_id": (None, "0"), "text": (None, "卡 & 1")}},
    ],
    ids=["query", "form", "json", "multipart"],
)
def test_parameters_come_in_each_of_the_four_ways(
    bot_api: BotApi, somebody: User, verb: str, given: Json
) -> None:
    ((way, values),) = given.items()
    named = values | {"chat_id": (None, str(somebody.id)) if way == "files" else somebody.id}
    url = f"{bot_api.base_url}{bot_api.token}/sendMessage"
    with httpx.Client(**PLAIN) as client:
        assert client.request(verb, url, **{way: named}).json()["ok"]
    assert somebody.told()[0]["text"] == "卡 & 1"


def test_a_body_in_chunks_is_read(bot_api: BotApi) -> None:
    with httpx.Client(**PLAIN) as client:
        url = f"{bot_api.base_url}{bot_api.token}/setMyDescription"
        head = {"Content-Type": "application/json"}
        assert client.post(url, content=iter([b'{"descrip', b'tion": "x"}']), headers=head).json()["ok"]
    assert result(bot_api, "getMyDescription") == {"description": "x"}


def test_methods_may_be_spelt_in_any_case(bot_api: BotApi) -> None:
    assert result(bot_api, "GETME")["username"] == "test_bot"
    assert [entry.method for entry in bot_api.journal.calls] == ["getMe"]


@pytest.mark.parametrize(
    "path, code, description",
    [
        ("/bot1234567:another/getMe", 401, "Unauthorized"),
        ("/botnonsense/getMe", 404, "Not Found"),
        ("/bot{token}/getNothing", 404, "Not Found: method not found"),
        ("/", 404, "Not Found"),
        ("/file/bot{token}/files/none", 404, "Not Found"),
    ],
)
def test_nothing_is_found_where_nothing_is(bot_api: BotApi, path: str, code: int, description: str) -> None:
    answer = httpx.get(bot_api.url + path.format(token=bot_api.token), **PLAIN)
    assert answer.status_code == code
    assert answer.json() == {"ok": False, "error_code": code, "description": description}


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"chat_id": "\xff"}'])
def test_what_cannot_be_read_is_a_bad_request(bot_api: BotApi, body: bytes) -> None:
    url = f"{bot_api.base_url}{bot_api.token}/sendMessage"
    head = {"Content-Type": "application/json"}
    assert httpx.post(url, content=body, headers=head, **PLAIN).json()["error_code"] == 400


def test_a_parameter_of_a_wrong_shape_is_a_bad_request(bot_api: BotApi, somebody: User) -> None:
    given = {"chat_id": somebody.id, "text": "x", "reply_parameters": [1]}
    assert refusal(bot_api, "sendMessage", **given).startswith("Bad Request: parameters of a wrong shape")


# -- python-telegram-bot makes every method --


def test_python_telegram_bot_makes_every_method(bot_api: BotApi, somebody: User) -> None:
    pressed = somebody_presses(bot_api, somebody)
    inline = somebody.types_inline("card", (28.9, 105.4))
    article = InlineQueryResultArticle("1", "Card", InputTextMessageContent("<b>Card</b>", parse_mode="HTML"))
    photo = b"\x89PNG"

    async def all_of_them(bot: ExtBot[Any]) -> None:
        chat = somebody.id
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="more")]])
        assert (await bot.get_me()).username == "test_bot"
        assert [one.update_id for one in await bot.get_updates()] == [one.id for one in bot_api.updates]
        assert await bot.set_webhook("http://127.0.0.1:9/x", drop_pending_updates=True, secret_token="s")
        assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/x"
        assert await bot.delete_webhook(drop_pending_updates=True)
        sent = await bot.send_message(chat, "<b>a</b> b", parse_mode="HTML", reply_markup=keyboard)
        assert sent.parse_entities() == {sent.entities[0]: "a"}
        assert isinstance(await sent.edit_text("c"), telegram.Message)
        assert isinstance(await sent.edit_reply_markup(keyboard), telegram.Message)
        venue = await bot.send_venue(chat, 28.9, 105.4, "Hall", "Road 1", reply_to_message_id=sent.message_id)
        assert venue.venue is not None
        assert venue.reply_to_message is not None
        assert (await bot.send_location(chat, 28.9, 105.4, live_period=60)).location is not None
        assert await bot.send_chat_action(chat, "typing")
        pictured = await bot.send_photo(chat, photo, caption="<i>x</i>", parse_mode="HTML")
        assert await (await pictured.photo[-1].get_file()).download_as_bytearray() == photo
        assert (await bot.send_photo(chat, pictured.photo[-1].file_id)).photo
        assert await venue.delete()
        assert await bot.answer_callback_query(pressed, "Noted", show_alert=True)
        assert await bot.answer_inline_query(inline, [article], cache_time=0)
        assert await bot.set_my_commands([("loss", "Lost")], telegram.BotCommandScopeAllPrivateChats(), "zh")
        scope = telegram.BotCommandScopeAllPrivateChats()
        assert [one.command for one in await bot.get_my_commands(scope, "zh")] == ["loss"]
        assert await bot.delete_my_commands(scope, "zh")
        assert await bot.get_my_commands(scope, "zh") == ()
        assert await bot.set_my_description("Long", "zh")
        assert await bot.set_my_short_description("Short", "zh")
        assert (await bot.get_my_short_description("zh")).short_description == "Short"
        assert await bot.set_chat_menu_button(chat, telegram.MenuButtonCommands())
        assert (await bot.get_chat_menu_button(chat)).type == "commands"

    ask(bot_api, all_of_them)
    assert bot_api.journal.refused == []
    assert somebody.notices() == [{"text": "Noted", "show_alert": True, "url": ""}]
    assert [offer["title"] for offer in somebody.offers()] == ["Card"]
    kinds = [sorted(message.keys() & {"text", "location", "photo"}) for message in somebody.told()[1:]]
    assert kinds == [["text"], ["location"], ["photo"], ["photo"]]


def somebody_presses(api: BotApi, user: User) -> str:
    result(api, "sendMessage", chat_id=user.id, text="Well?", reply_markup=BUTTONS)
    return user.presses("Yes")


def test_an_updater_receives_updates_and_acknowledges_them(bot_api: BotApi, somebody: User) -> None:
    async def poll() -> list[telegram.Update]:
        queue: asyncio.Queue[object] = asyncio.Queue()
        async with Updater(make_bot(bot_api), queue) as updater:
            await updater.start_polling(timeout=1)
            await asyncio.to_thread(somebody.says, "second")
            came = [await asyncio.wait_for(queue.get(), 5) for _ in range(2)]
            await updater.stop()
        return [update for update in came if isinstance(update, telegram.Update)]

    came = asyncio.run(poll())
    assert [update.message.text for update in came if update.message] == ["/start", "second"]
    assert bot_api.pending == []


# -- getUpdates --


def numbers(updates: list[Json]) -> list[int]:
    return [update["update_id"] for update in updates]


@pytest.mark.parametrize(
    "given, returned, kept",
    [
        ({}, [0, 1, 2], [0, 1, 2]),
        ({"offset": 1}, [1, 2], [1, 2]),
        ({"offset": 3}, [], []),
        ({"offset": -1}, [2], [2]),
        ({"offset": -9}, [0, 1, 2], [0, 1, 2]),
        ({"limit": 2}, [0, 1], [0, 1, 2]),
        ({"limit": 0}, [0], [0, 1, 2]),
    ],
)
def test_an_offset_confirms_all_below_it(
    bot_api: BotApi, given: dict[str, int], returned: list[int], kept: list[int]
) -> None:
    user = bot_api.user("Li")
    for text in "abc":
        user.says(text)
    first = bot_api.updates[0].id
    asked = given | ({"offset": first + given["offset"]} if given.get("offset", 0) > 0 else {})
    assert numbers(result(bot_api, "getUpdates", **asked)) == [first + number for number in returned]
    assert [update.id for update in bot_api.pending] == [first + number for number in kept]


def test_a_long_poll_ends_with_the_first_update(bot_api: BotApi) -> None:
    user = bot_api.user("Li")
    with ThreadPoolExecutor() as pool:
        polled = pool.submit(result, bot_api, "getUpdates", timeout=50)
        bot_api.waits_for(lambda: bot_api.journal.of("getUpdates"))
        user.says("x")
        assert numbers(polled.result(5)) == [bot_api.updates[0].id]


def test_only_updates_that_are_allowed_are_kept_until_another_list_comes(bot_api: BotApi) -> None:
    user = bot_api.user("Li")
    result(bot_api, "getUpdates", allowed_updates=["inline_query"])
    user.says("no")
    user.types_inline("yes")
    assert [update.kind for update in bot_api.updates] == ["inline_query"]
    result(bot_api, "getUpdates")
    user.says("no")
    assert len(bot_api.updates) == 1
    result(bot_api, "getUpdates", allowed_updates=[])
    user.says("yes")
    assert [update.kind for update in bot_api.updates] == ["inline_query", "message"]


def test_a_second_poller_ends_the_first(bot_api: BotApi) -> None:
    with ThreadPoolExecutor() as pool:
        first = pool.submit(call, bot_api, "getUpdates", timeout=50)
        bot_api.waits_for(lambda: bot_api.journal.of("getUpdates"))
        assert result(bot_api, "getUpdates") == []
        ended = first.result(5)
    assert ended["error_code"] == 409
    assert ended["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )


def test_a_webhook_ends_polling_and_bars_it(bot_api: BotApi) -> None:
    with ThreadPoolExecutor() as pool:
        polling = pool.submit(refusal, bot_api, "getUpdates", timeout=50)
        bot_api.waits_for(lambda: bot_api.journal.of("getUpdates"))
        assert call(bot_api, "setWebhook", url="http://127.0.0.1:9")["description"] == "Webhook was set"
        assert polling.result(5) == "Conflict: terminated by setWebhook request"
    assert refusal(bot_api, "getUpdates").startswith(
        "Conflict: can't use getUpdates method while webhook is active"
    )
    assert call(bot_api, "setWebhook", url="http://127.0.0.1:9")["description"] == "Webhook is already set"
    assert call(bot_api, "deleteWebhook")["description"] == "Webhook was deleted"
    assert call(bot_api, "deleteWebhook")["description"] == "Webhook is already deleted"
    assert result(bot_api, "getUpdates") == []


# -- webhooks --


def test_a_webhook_gets_what_was_pending_and_what_comes_with_its_secret(
    bot_api: BotApi, somebody: User
) -> None:
    with hooked(bot_api, secret_token="a-Secret_1") as hook:
        somebody.says("second")
        bot_api.waits_until_taken()
        assert hook.numbers == [update.id for update in bot_api.updates]
        assert {delivery.secret for delivery in hook.deliveries} == {"a-Secret_1"}


def test_an_update_comes_again_until_a_2xx_and_the_next_of_the_chat_waits(
    bot_api: BotApi, somebody: User
) -> None:
    statuses = iter([500, 404, 302, 204, 200])
    with hooked(bot_api, lambda _: (next(statuses), {}, b"")) as hook:
        somebody.says("second")
        bot_api.waits_until_taken()
        first, second = (update.id for update in bot_api.updates)
        assert hook.numbers == [first, first, first, first, second]
        assert [attempt.status for attempt in bot_api.journal.attempts_of(first)] == [500, 404, 302, 204]
        info = result(bot_api, "getWebhookInfo")
        assert info["pending_update_count"] == 0
        assert info["last_error_message"] == "Wrong response from the webhook: 302 Found"
        assert info["last_error_date"] > 0


def test_retry_after_is_waited_out(bot_api: BotApi, somebody: User) -> None:
    said = iter([(503, {"Retry-After": "1"}, b""), FINE])
    with hooked(bot_api, lambda _: next(said)):
        bot_api.waits_until_taken()
        refused, taken = bot_api.journal.attempts
        assert (refused.status, taken.status) == (503, 200)
        assert taken.at - refused.at >= 1
    assert somebody.told() == []


def test_nobody_at_the_webhook_is_an_error_that_shows(bot_api: BotApi, somebody: User) -> None:
    result(bot_api, "setWebhook", url="http://127.0.0.1:9/nobody")
    bot_api.waits_for(lambda: len(bot_api.journal.attempts) > 2)
    info = result(bot_api, "getWebhookInfo")
    assert (info["last_error_message"], info["pending_update_count"]) == ("Connection refused", 1)
    assert result(bot_api, "deleteWebhook", drop_pending_updates=True)
    assert bot_api.pending == []
    somebody.says("kept")
    assert len(result(bot_api, "getUpdates")) == 1


def test_chats_are_served_at_the_same_time(bot_api: BotApi) -> None:
    all_here = Barrier(3, timeout=5)

    def wait_for_the_others(_: Json) -> Says:
        all_here.wait()
        return FINE

    with hooked(bot_api, wait_for_the_others):
        for name in ("Li", "Wang", "Zhang"):
            bot_api.user(name).says("x")
        bot_api.waits_until_taken()
        assert [attempt.status for attempt in bot_api.journal.attempts] == [200, 200, 200]


def test_one_connection_means_one_delivery_at_a_time(bot_api: BotApi) -> None:
    another_here = Barrier(2, timeout=0.05)
    alone = []

    def wait_for_another(update: Json) -> Says:
        try:
            another_here.wait()
        except BrokenBarrierError:
            alone.append(update["update_id"])
            another_here.reset()
        return FINE

    with hooked(bot_api, wait_for_another, max_connections=1):
        for name in ("Li", "Wang", "Zhang"):
            bot_api.user(name).says("x")
        bot_api.waits_until_taken()
    assert alone == [update.id for update in bot_api.updates]


@pytest.mark.parametrize(
    "content_type, body",
    [
        ("application/json", b'{"method": "sendMessage", "chat_id": %d, "text": "hello"}'),
        ("application/x-www-form-urlencoded", b"method=sendmessage&chat_id=%d&text=hello"),
    ],
)
def test_a_call_in_the_answer_is_made(
    bot_api: BotApi, somebody: User, content_type: str, body: bytes
) -> None:
    with hooked(bot_api, lambda _: (200, {"Content-Type": content_type}, body % somebody.id)):
        assert somebody.waits_for(lambda message: message["text"] == "hello")
        (made,) = bot_api.journal.of("sendMessage")
        assert (made.in_webhook, made.refused, made.parameters["text"]) == (True, False, "hello")


def test_a_refused_call_in_the_answer_vanishes(bot_api: BotApi, somebody: User) -> None:
    with hooked(
        bot_api, lambda _: in_body("sendMessage", chat_id=somebody.id, text="<p>", parse_mode="HTML")
    ):
        bot_api.waits_until_taken()
        info = result(bot_api, "getWebhookInfo")
    assert "last_error_message" not in info
    assert [attempt.status for attempt in bot_api.journal.attempts] == [200]
    assert somebody.told() == []
    assert [made.why for made in bot_api.journal.refused] == [
        'Bad Request: can\'t parse entities: Unsupported start tag "p" at byte offset 0'
    ]


@pytest.mark.parametrize(
    "said",
    [
        in_body("getMe"),
        in_body("deleteWebhook"),
        in_body("setWebhook", url=""),
        (200, {"Content-Type": "application/json"}, b"{"),
        (200, {"Content-Type": "text/html"}, b"method=sendMessage"),
        (500, *in_body("sendChatAction")[1:]),
    ],
)
def test_some_answers_call_nothing(bot_api: BotApi, somebody: User, said: Says) -> None:
    said_so_far = iter([said, FINE])
    with hooked(bot_api, lambda _: next(said_so_far, FINE)):
        bot_api.waits_until_taken()
        assert [made.method for made in bot_api.journal.calls] == ["setWebhook"]
    assert somebody.told() == []


def test_garbage_is_delivered_as_it_is(bot_api: BotApi) -> None:
    bot_api.push_raw(b"{")
    bot_api.push({"business_message": {"x": 1}})
    assert [list(update) for update in result(bot_api, "getUpdates")] == [["update_id", "business_message"]]
    with hooked(bot_api) as hook:
        bot_api.waits_until_taken()
        assert set(hook.numbers) == {b"{", bot_api.updates[1].id}


def test_duplicates_come_twice_and_the_first_answer_is_lost(bot_api: BotApi, somebody: User) -> None:
    bot_api.duplicates(1)
    with hooked(bot_api, lambda _: in_body("sendMessage", chat_id=somebody.id, text="once")) as hook:
        bot_api.waits_until_taken()
        assert hook.numbers == [bot_api.updates[0].id] * 2
    assert [attempt.lost for attempt in bot_api.journal.attempts] == [True, False]
    assert [message["text"] for message in somebody.told()] == ["once"]


def test_both_answers_to_a_duplicate_may_count(bot_api: BotApi, somebody: User) -> None:
    bot_api.duplicates(1, answers_lost=False)
    with hooked(bot_api, lambda _: in_body("sendMessage", chat_id=somebody.id, text="twice")):
        bot_api.waits_until_taken()
    assert [message["text"] for message in somebody.told()] == ["twice", "twice"]


def test_updates_may_come_out_of_order(bot_api: BotApi) -> None:
    bot_api.reorders()
    user = bot_api.user("Li")
    with hooked(bot_api) as hook:
        for number in range(30):
            user.says(str(number))
        bot_api.waits_until_taken()
        assert sorted(hook.numbers) == [update.id for update in bot_api.updates]
        assert hook.numbers != sorted(hook.numbers)


def test_hundreds_of_updates_go_through_in_order(bot_api: BotApi) -> None:
    users = [bot_api.user(str(number)) for number in range(10)]
    seen: dict[int, list[str]] = {user.id: [] for user in users}

    def note(update: Json) -> Says:
        seen[update["message"]["chat"]["id"]].append(update["message"]["text"])
        return FINE

    with hooked(bot_api, note):
        for number in range(30):
            for user in users:
                user.says(str(number))
        bot_api.waits_until_taken(30)
    assert all(texts == [str(number) for number in range(30)] for texts in seen.values())


# -- what is refused, and in which words --

HERE = {"latitude": 28.9, "longitude": 105.4}
VENUE = HERE | {"title": "Hall", "address": "Road 1"}


def keyboard(*buttons: object) -> Json:
    return {"inline_keyboard": [list(buttons)]}


@pytest.mark.parametrize(
    "method, given, why",
    [
        ("sendMessage", {"text": ""}, "message text is empty"),
        ("sendMessage", {"text": " \n "}, "text must be non-empty"),
        ("sendMessage", {"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ("sendMessage", {"text": "卡" * (LONGEST + 1)}, "message is too long"),
        ("sendMessage", {"text": "😀" * (LONGEST // 2 + 1)}, "message is too long"),
        ("sendMessage", {"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ("sendMessage", {"text": "x", "chat_id": ""}, "chat_id is empty"),
        ("sendMessage", {"text": "x", "chat_id": 5}, "chat not found"),
        ("sendMessage", {"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ("sendMessage", {"text": "x", "entities": [{"type": "bold"}]}, "can't parse MessageEntity: Can't find field \"offset\""),
        ("sendMessage", {"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ("sendMessage", {"text": "x", "reply_markup": []}, "object expected as reply markup"),
        (
            "sendMessage",
            {"text": "x", "reply_markup": {"inline_keyboard": {}}},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array',
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": {"inline_keyboard": [{}]}},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": keyboard({"text": "a"})},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": keyboard({"text": "a", "callback_data": ""})},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": keyboard({"callback_data": "a"})},
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": keyboard({"text": "a", "callback_data": "a", "style": "pink"})},
            "can't parse inline keyboard button: invalid button style specified",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": keyboard("a")},
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": keyboard({"text": "", "callback_data": "a"})},
            "inline keyboard button text must be non-empty",
        ),
        ("sendMessage", {"text": "x", "reply_markup": keyboard({"text": "a", "callback_data": "卡" * 22})}, "BUTTON_DATA_INVALID"),
        (
            "sendMessage",
            {"text": "x", "reply_markup": keyboard({"text": "a", "url": "http://localhost:1"})},
            "inline keyboard button URL 'http://localhost:1' is invalid: Wrong HTTP URL",
        ),
        (
            "sendMessage",
            {"text": "x", "reply_markup": keyboard({"text": "a", "url": "mail://a.cn"})},
            "inline keyboard button URL 'mail://a.cn' is invalid: Unsupported URL protocol",
        ),
        ("sendMessage", {"text": "x", "reply_markup": {"keyboard": [[""]]}}, "keyboard button text must be non-empty"),
        ("sendMessage", {"text": "x", "reply_parameters": {"message_id": 99999}}, "message to be replied not found"),
        ("sendMessage", {"text": "x", "reply_to_message_id": 99999}, "message to be replied not found"),
        ("sendLocation", {"latitude": 28.9}, 'parameter "longitude" is required'),
        ("sendLocation", HERE | {"latitude": 90.1}, "wrong location specified"),
        ("sendLocation", HERE | {"longitude": -180.1}, "wrong location specified"),
        ("sendLocation", HERE | {"latitude": "north"}, 'can\'t parse "latitude" as Number'),
        ("sendLocation", HERE | {"live_period": 59}, "wrong live location period specified"),
        ("sendLocation", HERE | {"horizontal_accuracy": 1501}, "wrong horizontal accuracy specified"),
        ("sendVenue", VENUE | {"title": ""}, 'parameter "title" is required'),
        ("sendChatAction", {"action": "yawning"}, "wrong parameter action in request"),
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendPhoto", {"photo": "none"}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": "https://a.cn/a.png", "caption": "x" * 1025}, "message caption is too long"),
        ("editMessageText", {"text": "x"}, "message identifier is not specified"),
        ("editMessageText", {"text": "x", "message_id": 99999}, "message to edit not found"),
        ("editMessageText", {"text": "", "message_id": 99999}, "message text is empty"),
        ("deleteMessage", {"message_id": 99999}, "message to delete not found"),
        (
            "answerCallbackQuery",
            {"callback_query_id": "1"},
            "query is too old and response timeout expired or query ID is invalid",
        ),
        (
            "answerInlineQuery",
            {"inline_query_id": "1", "results": []},
            "query is too old and response timeout expired or query ID is invalid",
        ),
        ("setMyCommands", {"commands": [{"command": "Loss", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "", "description": "x"}]}, "command must be non-empty"),
        ("setMyCommands", {"commands": [{"command": "x" * 33, "description": "x"}]}, "command length must not exceed 32"),
        ("setMyCommands", {"commands": [{"command": "x", "description": ""}]}, "command description must be non-empty"),
        (
            "setMyCommands",
            {"commands": [{"command": "x", "description": "x" * 257}]},
            "command description length must not exceed 256",
        ),
        ("setMyCommands", {"commands": [], "language_code": "zh-hans"}, "invalid language code specified"),
        ("setMyCommands", {"commands": [], "scope": {"type": "x"}}, "can't parse BotCommandScope: unsupported type specified"),
        ("setMyDescription", {"description": "x" * 513}, "description is too long"),
        ("setMyShortDescription", {"short_description": "x" * 121}, "short description is too long"),
        ("setWebhook", {"url": "ftp://a"}, "bad webhook: this server delivers over HTTP only"),
        ("setWebhook", {"url": "http://a.cn", "secret_token": "é"}, "secret token contains unallowed characters"),
        ("getFile", {"file_id": "none"}, "invalid file_id"),
    ],
)  # fmt: skip
def test_the_server_says_why_it_refuses(
    bot_api: BotApi, somebody: User, method: str, given: Json, why: str
) -> None:
    assert refusal(bot_api, method, **({"chat_id": somebody.id} | given)) == f"Bad Request: {why}"
    (refused,) = bot_api.journal.refused
    assert (refused.method, refused.why, refused.code) == (method, f"Bad Request: {why}", 400)
    assert somebody.told() == []


@pytest.mark.parametrize(
    "method, given",
    [
        ("sendMessage", {"text": "卡" * LONGEST}),
        ("sendMessage", {"text": "&lt;" * LONGEST, "parse_mode": "HTML"}),
        ("sendMessage", {"text": "x", "reply_markup": keyboard({"text": "a", "callback_data": "x" * 64})}),
        (
            "sendMessage",
            {"text": "x", "reply_markup": keyboard({"text": "a", "url": "tg://resolve?domain=a"})},
        ),
        ("sendMessage", {"text": "x", "reply_markup": keyboard({"text": "a", "url": "a.cn/卡"})}),
        (
            "sendMessage",
            {"text": "x", "reply_parameters": {"message_id": 99999, "allow_sending_without_reply": True}},
        ),
        ("sendLocation", {"latitude": -90, "longitude": 180, "live_period": 0x7FFFFFFF}),
        ("sendVenue", VENUE),
        ("sendPhoto", {"photo": "https://a.cn/a.png", "caption": "x" * 1024}),
    ],
)
def test_what_is_just_allowed_is_sent(bot_api: BotApi, somebody: User, method: str, given: Json) -> None:
    assert result(bot_api, method, chat_id=somebody.id, **given)["message_id"]
    assert len(somebody.told()) == 1


@pytest.mark.parametrize(
    "source, text, entities",
    [
        ("<b>a</b>", "a", [("bold", 0, 1)]),
        ("😀<i>卡</i>", "😀卡", [("italic", 2, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("<B >a</B >", "a", [("bold", 0, 1)]),
        ("<b>a</>", "a", [("bold", 0, 1)]),
        ("<u></u>a", "a", []),
        ("&lt;&gt;&amp;&quot;&#33;&#x21;&nbsp;&", '<>&"!!&nbsp;&', []),
        ('<a href="https://a.cn/?x=1&amp;y=2">a</a>', "a", [("text_link", 0, 1)]),
        ('<a href="nowhere">a</a>', "a", []),
        ("<a href='tg://user?id=5'>a</a>", "a", [("text_mention", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ('<pre><code class="language-python">a</code></pre>', "a", [("pre", 0, 1)]),
        ("<pre>a</pre>", "a", [("pre", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ('<tg-emoji emoji-id="5">😀</tg-emoji>', "😀", [("custom_emoji", 0, 2)]),
        ("<code title=x>a</code>", "a", [("code", 0, 1)]),
    ],
)
def test_html_becomes_a_text_with_entities(
    source: str, text: str, entities: list[tuple[str, int, int]]
) -> None:
    shown, found = parse_html(source)
    assert shown == text
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in found] == entities


@pytest.mark.parametrize(
    "source, why",
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a <", "Unclosed start tag at byte offset 2"),
        ("卡<p>", 'Unsupported start tag "p" at byte offset 3'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>a", "Can't find end tag corresponding to start tag b"),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        (
            "<a href>a</a>",
            'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0',
        ),
        ("<a =x>a</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ('<a href="x>a</a>', "Unclosed start tag at byte offset 0"),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href=http://a.cn>a</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji>😀</tg-emoji>", "Invalid custom emoji identifier specified"),
    ],
)
def test_html_that_cannot_be_parsed_says_where(
    bot_api: BotApi, somebody: User, source: str, why: str
) -> None:
    given = {"chat_id": somebody.id, "text": source, "parse_mode": "HTML"}
    assert refusal(bot_api, "sendMessage", **given) == f"Bad Request: can't parse entities: {why}"


def test_a_text_is_stored_without_white_space_around_it(bot_api: BotApi, somebody: User) -> None:
    sent = result(bot_api, "sendMessage", chat_id=somebody.id, text="\n 😀<b> a </b> ", parse_mode="HTML")
    assert sent["text"] == "😀 a"
    assert sent["entities"] == [{"type": "bold", "offset": 2, "length": 2}]


def test_markdown_is_not_pretended_to_be_read(bot_api: BotApi, somebody: User) -> None:
    body = call(bot_api, "sendMessage", chat_id=somebody.id, text="*x*", parse_mode="MarkdownV2")
    assert body["error_code"] == 501


# -- editing --


def test_an_edit_changes_the_message_and_drops_its_keyboard(bot_api: BotApi, somebody: User) -> None:
    sent = result(bot_api, "sendMessage", chat_id=somebody.id, text="a", reply_markup=BUTTONS)
    where = {"chat_id": somebody.id, "message_id": sent["message_id"]}
    edited = result(bot_api, "editMessageText", **where, text="b")
    assert (edited["text"], "reply_markup" in edited, edited["edit_date"] > 0) == ("b", False, True)
    assert somebody.told() == [edited]
    assert result(bot_api, "editMessageReplyMarkup", **where, reply_markup=BUTTONS)["reply_markup"] == BUTTONS


@pytest.mark.parametrize(
    "method, given",
    [
        ("editMessageText", {"text": "a", "reply_markup": BUTTONS}),
        ("editMessageText", {"text": " <b></b>a", "parse_mode": "HTML", "reply_markup": BUTTONS}),
        ("editMessageReplyMarkup", {"reply_markup": BUTTONS}),
    ],
)
def test_an_edit_must_change_something(bot_api: BotApi, somebody: User, method: str, given: Json) -> None:
    sent = result(bot_api, "sendMessage", chat_id=somebody.id, text="a", reply_markup=BUTTONS)
    where = {"chat_id": somebody.id, "message_id": sent["message_id"]}
    assert refusal(bot_api, method, **where, **given).startswith(
        "Bad Request: message is not modified: specified"
    )


def test_only_texts_of_its_own_can_be_edited(bot_api: BotApi, somebody: User) -> None:
    theirs = somebody.says("x")["message_id"]
    venue = result(bot_api, "sendVenue", chat_id=somebody.id, **VENUE)["message_id"]
    edits = {"chat_id": somebody.id, "text": "y"}
    assert (
        refusal(bot_api, "editMessageText", **edits, message_id=theirs)
        == "Bad Request: message can't be edited"
    )
    why = refusal(bot_api, "editMessageText", **edits, message_id=venue)
    assert why == "Bad Request: there is no text in the message to edit"


# -- queries --


def test_a_query_is_too_old_some_time_later(bot_api: BotApi, somebody: User) -> None:
    pressed = somebody_presses(bot_api, somebody)
    assert result(bot_api, "answerCallbackQuery", callback_query_id=pressed, text="x")
    bot_api.forgets_queries()
    assert refusal(bot_api, "answerCallbackQuery", callback_query_id=pressed).startswith(
        "Bad Request: query is too old"
    )
    assert [notice["text"] for notice in somebody.notices()] == ["x"]


def article(**more: Any) -> Json:
    return {"type": "article", "id": "1", "title": "x", "input_message_content": {"message_text": "x"}} | more


@pytest.mark.parametrize(
    "given, why",
    [
        ({"results": [article(id=str(number)) for number in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article(id="卡" * 22)]}, "RESULT_ID_INVALID"),
        ({"results": [article(id="")]}, "RESULT_ID_INVALID"),
        ({"results": {}}, "expected an Array of inline query results"),
        ({"results": [{}]}, 'can\'t parse inline query result: type "" is unsupported for the inline query result'),
        ({"results": [{"type": "article", "id": "1"}]}, "can't parse inline query result: Can't find field \"title\""),
        ({"results": [article(input_message_content={"message_text": "<p>", "parse_mode": "HTML"})]},
            'can\'t parse entities: Unsupported start tag "p" at byte offset 0'),
        ({"results": [article(reply_markup=keyboard({"text": "a", "callback_data": "x" * 65}))]}, "BUTTON_DATA_INVALID"),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "button": {"text": "x", "start_parameter": "a b"}}, "START_PARAM_INVALID"),
    ],
)  # fmt: skip
def test_inline_results_are_looked_at(bot_api: BotApi, somebody: User, given: Json, why: str) -> None:
    asked = somebody.types_inline("x")
    assert refusal(bot_api, "answerInlineQuery", inline_query_id=asked, **given) == f"Bad Request: {why}"
    assert somebody.offers() == []


def test_fifty_results_are_offered(bot_api: BotApi, somebody: User) -> None:
    asked = somebody.types_inline("x")
    results = [article(id=str(number)) for number in range(50)]
    button = {"text": "Ask", "start_parameter": "inline"}
    assert result(bot_api, "answerInlineQuery", inline_query_id=asked, results=results, button=button)
    assert (somebody.offers(), somebody.offered_button()) == (results, button)


# -- people --

DOINGS: list[tuple[Callable[[User], object], Callable[[telegram.Update], object]]] = [
    (lambda user: user.says("卡 https://a.cn"), lambda update: message_of(update).parse_entities(["url"])),
    (lambda user: user.commands("/start", "loss"), lambda update: message_of(update).parse_entities(["bot_command"])),
    (lambda user: user.shares(28.9, 105.4), lambda update: message_of(update).location),
    (lambda user: user.shares(28.9, 105.4, live=True), lambda update: message_of(update).location.live_period),
    (
        lambda user: user.moves(user.shares(1, 2, live=True)["message_id"], 3, 4),
        lambda update: update.edited_message and update.edited_message.location,
    ),
    (lambda user: user.sends_venue("Hall", "Road 1", 1, 2), lambda update: message_of(update).venue),
    (lambda user: user.sends_photo("look"), lambda update: message_of(update).photo),
    (lambda user: user.sends_sticker(), lambda update: message_of(update).sticker),
    (lambda user: user.sends_poll(), lambda update: message_of(update).poll),
    (lambda user: user.forwards("x"), lambda update: message_of(update).forward_origin),
    (
        lambda user: user.edits(user.says("x")["message_id"], "y"),
        lambda update: update.edited_message and update.edited_message.edit_date,
    ),
    (lambda user: user.types_inline("x", (1, 2)), lambda update: update.inline_query and update.inline_query.location),
    (lambda user: user.presses_data("old", 99999), lambda update: update.callback_query and update.callback_query.data),
    (lambda user: user.blocks(), lambda update: update.my_chat_member and update.my_chat_member.new_chat_member),
]  # fmt: skip


def message_of(update: telegram.Update) -> Any:
    return update.message


@pytest.mark.parametrize("does, shows", DOINGS)
def test_what_people_do_comes_as_an_update_that_can_be_read(
    bot_api: BotApi, does: Callable[[User], object], shows: Callable[[telegram.Update], object]
) -> None:
    user = bot_api.user("Li", "en")
    does(user)
    update = telegram.Update.de_json(json.loads(bot_api.updates[-1].body), None)
    assert shows(update)
    assert update.effective_user is not None
    assert (update.effective_user.id, update.effective_user.language_code) == (user.id, "en")
    assert [one.id for one in bot_api.updates] == list(
        range(bot_api.updates[0].id, bot_api.updates[0].id + len(bot_api.updates))
    )


def test_entities_count_in_utf_16(bot_api: BotApi) -> None:
    said = bot_api.user("Li").says("😀 /loss@test_bot 😀 @other_bot")
    assert said["entities"] == [
        {"type": "bot_command", "offset": 3, "length": 14},
        {"type": "mention", "offset": 21, "length": 10},
    ]
    assert units("😀卡") == 3


def test_a_button_is_pressed_on_the_newest_message_that_shows_it(bot_api: BotApi, somebody: User) -> None:
    for text in ("old", "new"):
        newest = result(bot_api, "sendMessage", chat_id=somebody.id, text=text, reply_markup=BUTTONS)
    pressed = somebody.presses("Yes")
    content = bot_api.updates[-1].content
    assert (content["id"], content["data"], content["message"]) == (pressed, "yes", newest)
    somebody.presses_data("yes")
    assert bot_api.updates[-1].content["message"] == newest
    with pytest.raises(LookupError, match="'Site'"):
        somebody.presses("Site")
    with pytest.raises(LookupError, match="'no'"):
        somebody.presses_data("no")


def test_a_reply_keyboard_stays_until_it_is_removed(bot_api: BotApi, somebody: User) -> None:
    markup = {"keyboard": [["Near me", {"text": "Here", "request_location": True}]]}
    sent = result(bot_api, "sendMessage", chat_id=somebody.id, text="x", reply_markup=markup)
    assert "reply_markup" not in sent
    assert somebody.keyboard() == ["Near me", "Here"]
    assert somebody.presses("Near me") == ""
    assert somebody.sees()[-1]["text"] == "Near me"
    result(bot_api, "sendMessage", chat_id=somebody.id, text="x", reply_markup={"remove_keyboard": True})
    assert somebody.keyboard() == []


def test_nobody_is_written_to_before_they_start_the_bot(bot_api: BotApi) -> None:
    user = bot_api.user("Li")
    hello = {"chat_id": user.id, "text": "x"}
    assert refusal(bot_api, "sendMessage", **hello) == "Bad Request: chat not found"
    user.types_inline("x")
    assert (
        refusal(bot_api, "sendMessage", **hello) == "Forbidden: bot can't initiate conversation with a user"
    )
    user.commands("/start")
    assert result(bot_api, "sendMessage", **hello)


def test_who_blocks_the_bot_is_not_written_to(bot_api: BotApi, somebody: User) -> None:
    somebody.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        ask(bot_api, lambda bot: bot.send_message(somebody.id, "x"))
    somebody.unblocks()
    assert result(bot_api, "sendMessage", chat_id=somebody.id, text="x")
    changes = [update.content for update in bot_api.updates if update.kind == "my_chat_member"]
    assert [change["new_chat_member"]["status"] for change in changes] == ["kicked", "member"]


def test_waiting_for_a_message_that_does_not_come_ends(somebody: User) -> None:
    with pytest.raises(TimeoutError, match=r"nothing for 0\.01 s"):
        somebody.waits_for(lambda _: True, 0.01)


# -- groups --


def test_privacy_mode_lets_through_what_is_meant_for_the_bot(bot_api: BotApi, somebody: User) -> None:
    group = bot_api.group("Family")
    before = len(bot_api.updates)
    ours = result(bot_api, "sendMessage", chat_id=group.id, text="hello")
    somebody.says("not for the bot", chat=group)
    somebody.says("/loss@other_bot", chat=group)
    somebody.says("mention", chat=group, mention=True)
    somebody.says("reply", chat=group, reply_to=ours)
    somebody.commands("/loss", chat=group)
    texts = [update.content["text"] for update in bot_api.updates[before:]]
    assert texts == ["@test_bot mention", "reply", "/loss"]
    assert len(somebody.sees(group)) == 6


def test_without_privacy_mode_all_comes_through() -> None:
    with serving_bot_api(reads_groups=True) as api:
        api.user("Li").says("x", chat=api.group("Family"))
        assert result(api, "getMe")["can_read_all_group_messages"]
        assert len(api.updates) == 1


def test_a_group_that_migrates_says_where_it_went(bot_api: BotApi, somebody: User) -> None:
    group = bot_api.group("Family")
    old = group.id
    group.migrates()
    with pytest.raises(ChatMigrated) as caught:
        ask(bot_api, lambda bot: bot.send_message(old, "x"))
    assert caught.value.new_chat_id == group.id
    assert result(bot_api, "sendMessage", chat_id=group.id, text="x")["chat"]["type"] == "supergroup"
    migrations = [update.content for update in bot_api.updates if update.content["chat"]["id"] != somebody.id]
    assert [message.get("migrate_to_chat_id") for message in migrations] == [group.id, None]


def test_a_bot_that_was_removed_cannot_write(bot_api: BotApi, somebody: User) -> None:
    group = bot_api.group("Family", supergroup=True)
    group.removes_bot(somebody)
    why = refusal(bot_api, "sendMessage", chat_id=group.id, text="x")
    assert why == "Forbidden: bot was kicked from the supergroup chat"
    group.adds_bot(somebody)
    assert result(bot_api, "sendMessage", chat_id=group.id, text="x")


def test_a_location_is_asked_for_in_private_only(bot_api: BotApi) -> None:
    markup = {"keyboard": [[{"text": "Here", "request_location": True}]]}
    why = refusal(bot_api, "sendMessage", chat_id=bot_api.group("Family").id, text="x", reply_markup=markup)
    assert why == "Bad Request: location can be requested in private chats only"


def test_in_a_group_only_own_messages_are_deleted(bot_api: BotApi, somebody: User) -> None:
    group = bot_api.group("Family")
    theirs = somebody.commands("/x", chat=group)["message_id"]
    why = refusal(bot_api, "deleteMessage", chat_id=group.id, message_id=theirs)
    assert why == "Bad Request: message can't be deleted"
    mine = somebody.says("x")["message_id"]
    assert result(bot_api, "deleteMessage", chat_id=somebody.id, message_id=mine)


# -- faults --


@pytest.mark.parametrize(
    "fault, raised, sent",
    [
        (Fault(400), BadRequest, 0),
        (Fault(403, "Forbidden: user is deactivated"), Forbidden, 0),
        (Fault(401), InvalidToken, 0),
        (Fault(429, retry_after=2), RetryAfter, 0),
        (Fault(500), NetworkError, 0),
        (Fault(502), NetworkError, 0),
        (Fault(502, took_effect=True), NetworkError, 1),
        (HANGS_UP, NetworkError, 0),
        (HANGS_UP_AFTERWARDS, NetworkError, 1),
        (NEVER_ANSWERS, TimedOut, 0),
        (NEVER_ANSWERS_AFTERWARDS, TimedOut, 1),
    ],
)
def test_a_call_fails_as_it_was_planned(
    bot_api: BotApi, somebody: User, fault: Fault, raised: type[Exception], sent: int
) -> None:
    bot_api.fault("sendMessage", fault, times=1)
    with pytest.raises(raised):
        ask(bot_api, lambda bot: bot.send_message(somebody.id, "x"), read_timeout=0.2)
    assert len(somebody.told()) == sent
    (failed,) = bot_api.journal.of("sendMessage")
    assert (failed.code, failed.why, failed.took_effect) == (fault.code, fault.why, bool(sent))


def test_a_fault_strikes_as_often_as_planned(bot_api: BotApi, somebody: User) -> None:
    bot_api.fault("sendMessage", Fault(500), times=2)
    bodies = [call(bot_api, "sendMessage", chat_id=somebody.id, text="x") for _ in range(3)]
    assert [body["ok"] for body in bodies] == [False, False, True]
    assert bodies[0]["description"] == "Internal Server Error"


def test_a_share_of_calls_fails_always_the_same(bot_api: BotApi) -> None:
    bot_api.fault("*", Fault(500), share=0.3)
    with serving_bot_api() as other:
        other.fault("*", Fault(500), share=0.3)
        here, there = ([call(api, "getMe")["ok"] for _ in range(40)] for api in (bot_api, other))
    assert here == there
    assert 4 <= here.count(False) <= 20
    bot_api.heals()
    assert all(call(bot_api, "getMe")["ok"] for _ in range(40))


def test_a_fault_in_a_webhooks_answer_vanishes_too(bot_api: BotApi, somebody: User) -> None:
    bot_api.fault("sendMessage", HANGS_UP)
    with hooked(bot_api, lambda _: in_body("sendMessage", chat_id=somebody.id, text="x")):
        bot_api.waits_until_taken()
    assert somebody.told() == []
    assert [made.why for made in bot_api.journal.refused] == [HANGS_UP.why]


def test_a_rate_limiter_waits_out_a_429(bot_api: BotApi, somebody: User) -> None:
    bot_api.fault("sendMessage", Fault(429, retry_after=1), times=1)
    ask(bot_api, lambda bot: bot.send_message(somebody.id, "x"), limiter=AIORateLimiter(max_retries=1))
    refused, sent = bot_api.journal.of("sendMessage")
    assert (refused.code, sent.code, bot_api.early) == (429, 200, 0)
    assert sent.at - refused.at >= 1
    assert len(somebody.told()) == 1


def test_a_call_inside_retry_after_is_refused_again_and_counted(bot_api: BotApi, somebody: User) -> None:
    bot_api.fault("sendMessage", Fault(429, retry_after=30), times=1)
    for _ in range(3):
        body = call(bot_api, "sendMessage", chat_id=somebody.id, text="x")
        assert body["error_code"] == 429
        assert 29 <= body["parameters"]["retry_after"] <= 30
    assert bot_api.early == 2
    other = bot_api.user("Wang")
    other.says("x")
    assert result(bot_api, "sendMessage", chat_id=other.id, text="x")


def test_the_answer_to_too_many_requests_says_when(bot_api: BotApi) -> None:
    bot_api.fault("getMe", Fault(429, retry_after=7))
    answer = httpx.get(f"{bot_api.base_url}{bot_api.token}/getMe", **PLAIN)
    assert answer.headers["Retry-After"] == "7"
    assert answer.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def waits_it_is_told(api: BotApi, chat: int) -> int:
    """The retry_after in seconds; 0 if the message was sent."""
    parameters = call(api, "sendMessage", chat_id=chat, text="x").get("parameters", {})
    return int(parameters.get("retry_after", 0))


def test_a_chat_gets_one_message_a_second() -> None:
    clock = Clock()
    with serving_bot_api(limits=True, clock=clock) as api:
        user = api.user("Li")
        user.says("x")
        assert [waits_it_is_told(api, user.id) for _ in range(3)] == [0, 1, 1]
        assert api.early == 1
        clock.now = 1
        assert waits_it_is_told(api, user.id) == 0


def test_all_chats_together_get_thirty_messages_a_second() -> None:
    clock = Clock()
    with serving_bot_api(limits=True, clock=clock) as api:
        users = [api.user(str(number)) for number in range(31)]
        for user in users:
            user.says("x")
        assert [waits_it_is_told(api, user.id) for user in users] == [0] * 30 + [1]
        clock.now = 1
        assert waits_it_is_told(api, users[30].id) == 0
        assert api.early == 0


def test_a_group_gets_twenty_messages_a_minute() -> None:
    clock = Clock()
    with serving_bot_api(limits=True, clock=clock) as api:
        group = api.group("Family")
        told = []
        for second in range(21):
            clock.now = second
            told.append(waits_it_is_told(api, group.id))
        assert told == [0] * 20 + [40]
        clock.now = 60
        assert waits_it_is_told(api, group.id) == 0


# -- what a harness counts --


def test_unanswered_updates_are_found(bot_api: BotApi, somebody: User) -> None:
    result(bot_api, "sendMessage", chat_id=somebody.id, text="x", reply_markup=BUTTONS)
    assert bot_api.unanswered() == []
    somebody.presses("Yes")
    refusal(bot_api, "sendMessage", chat_id=somebody.id, text="")
    assert [update.kind for update in bot_api.unanswered()] == ["callback_query"]
    result(bot_api, "sendMessage", chat_id=somebody.id, text="y")
    assert bot_api.unanswered() == []


def test_the_journal_is_in_order(bot_api: BotApi, somebody: User) -> None:
    result(bot_api, "sendMessage", chat_id=somebody.id, text="x", reply_markup=BUTTONS)
    refusal(bot_api, "sendMessage", chat_id=somebody.id, text="")
    sent, refused = bot_api.journal.calls
    assert bot_api.updates[0].tick < sent.tick < refused.tick
    assert sent.at <= refused.at
    assert sent.parameters == {"chat_id": str(somebody.id), "text": "x", "reply_markup": BUTTONS}
    assert sent.result == somebody.told()[0]
    assert bot_api.journal.refused == [refused]
