"""A Telegram Bot API server for tests, with people who talk to the bot, and faults on demand.

It follows https://core.telegram.org/bots/api, and says no in the words of the real server
(https://github.com/tdlib/telegram-bot-api). As a pytest plugin: `pytest_plugins = ("tests.bot_api",)` and the fixture
`bot_api`; anywhere else: `with serving_bot_api() as api`. PYTEST_DONT_REWRITE, for a test may import it before it is a plugin.
"""

import random
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from math import ceil
from typing import Any, Final, TypeVar

import pytest

from tests.bot_api_methods import METHODS, SENDING, SPELT, Worded
from tests.bot_api_people import PATIENCE_S, Group, User, await_on
from tests.bot_api_state import Attempt, Call, Journal, Json, Refused, Update, World, bad
from tests.bot_api_webhook import Courier
from tests.bot_api_wire import Answer, End, Parameters, Server, accepted, refusal

__all__ = [
    "HANGS_UP",
    "HANGS_UP_AFTERWARDS",
    "NEVER_ANSWERS",
    "NEVER_ANSWERS_AFTERWARDS",
    "Attempt",
    "BotApi",
    "Call",
    "End",
    "Fault",
    "Group",
    "Journal",
    "Json",
    "Limits",
    "Update",
    "User",
    "bot_api",
    "serving_bot_api",
]

TOKEN: Final = "1234567:AAtest-token_of-the-bot-for-tests-0"
SEED: Final = 20200928
# What stands in front of the real server says this itself, and not in JSON.
BAD_GATEWAY: Final = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body>\r\n</html>\r\n"
T = TypeVar("T")


@dataclass(frozen=True)
class Fault:
    """What happens to a call instead of, or after, what it asks for."""

    code: int = 0
    description: str = ""  # by default what the status says
    retry_after: int = 0  # seconds; with 429
    end: End = End.ANSWER
    took_effect: bool = False  # the call is carried out all the same

    @property
    def why(self) -> str:
        if self.description or self.end is not End.ANSWER:
            return self.description or self.end.value
        more = f": retry after {self.retry_after}" if self.retry_after else ""
        return f"{HTTPStatus(self.code).phrase}{more}"


HANGS_UP: Final = Fault(end=End.HANG_UP)
HANGS_UP_AFTERWARDS: Final = Fault(end=End.HANG_UP, took_effect=True)
NEVER_ANSWERS: Final = Fault(end=End.SILENCE)
NEVER_ANSWERS_AFTERWARDS: Final = Fault(end=End.SILENCE, took_effect=True)


@dataclass
class _Planned:
    """A fault that waits for its calls."""

    method: str  # "*": any
    fault: Fault
    times: int | None  # so often at most
    share: float  # of the calls


class _Faults:
    """Chooses the calls that fail."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._planned: list[_Planned] = []

    def plan(self, planned: _Planned) -> None:
        self._planned.append(planned)

    def forget(self, method: str) -> None:
        self._planned = [one for one in self._planned if method not in ("*", one.method)]

    def draw(self, method: str) -> Fault | None:
        for one in self._planned:
            if one.method in ("*", method) and one.times != 0 and self._dice.random() < one.share:
                one.times = None if one.times is None else one.times - 1
                return one.fault
        return None


@dataclass(frozen=True)
class Limits:
    """Bots FAQ, "My bot is hitting limits": in a chat, in all, and in a group. No bursts here."""

    per_chat: int = 1  # a second
    overall: int = 30  # a second
    per_group: int = 20  # a minute


@dataclass
class _Pace:
    """Says 429, and what was called too early after it."""

    limits: Limits | None
    quiet_until: dict[str, float] = field(default_factory=dict)
    sent: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def check_early(self, call: Call, chat: str) -> None:
        """Bot API, ResponseParameters: retry_after is "the number of seconds left to wait"."""
        left = self.quiet_until.get(chat, 0) - call.at
        if left > 0:
            call.early = True
            raise _too_many(ceil(left))

    def hush(self, chat: str, at: float, seconds: int) -> None:
        self.quiet_until[chat] = at + seconds

    def check_limits(self, call: Call, chat: str, in_group: bool) -> None:
        if self.limits is None or call.method not in SENDING:
            return
        rules = [("", self.limits.overall, 1.0), (chat, self.limits.per_chat, 1.0)]
        rules += [(f"{chat} by the minute", self.limits.per_group, 60.0)] if in_group else []
        left = max(self._left(key, most, window, call.at) for key, most, window in rules)
        if left > 0:
            self.hush(chat, call.at, ceil(left))
            raise _too_many(ceil(left))
        for key, _, _ in rules:
            self.sent[key].append(call.at)

    def _left(self, key: str, most: int, window_s: float, at: float) -> float:
        """Seconds until one more may be sent."""
        sent = self.sent[key]
        while sent and sent[0] <= at - window_s:
            sent.popleft()
        return sent[-most] + window_s - at if len(sent) >= most else 0.0


def _too_many(seconds: int) -> Refused:
    return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


class BotApi:
    """The server, and all who use it."""

    def __init__(  # noqa: PLR0913 - each by its name, and each has a default
        self,
        *,
        token: str = TOKEN,
        port: int = 0,
        limits: bool | Limits = False,
        reads_groups: bool = False,
        backoff_s: float = 0.05,
        webhook_timeout_s: float = 60.0,
        seed: int = SEED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with `start()`.

        `limits` are those of the Bots FAQ; `reads_groups` switches privacy mode off; a delivery that failed comes
        again after `backoff_s`, doubled each time up to eight times as much, unless Retry-After says otherwise.
        The limits, the age of queries and the journal go by `clock`, in seconds.
        """
        self.world = World(token, reads_groups, clock)
        self._pace = _Pace(Limits() if limits is True else limits or None)
        self._faults = _Faults(random.Random(seed))
        self._courier = Courier(
            self.world, self._called_in_webhook, backoff_s, webhook_timeout_s, random.Random(seed + 1)
        )
        self._server = Server(token, port, self._called, self._file)
        self.token = token
        self.url = f"http://127.0.0.1:{self._server.port}"
        self.base_url = f"{self.url}/bot"
        self.base_file_url = f"{self.url}/file/bot"

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        with self.world.changed:
            self.world.stopped = True
            self.world.changed.notify_all()
        self._courier.stop()
        self._server.stop()

    # -- people --

    def user(self, name: str, language_code: str = "zh-hans") -> User:
        """Somebody who has not started the bot yet."""
        return User(self.world, name, language_code)

    def group(self, title: str, *, supergroup: bool = False) -> Group:
        """A group the bot is in; anybody may speak there."""
        return Group(self.world, title, supergroup)

    # -- updates --

    def push(self, content: Json) -> Update:
        """An update as it is, but for its identifier: {"message": {…}}."""
        (kind,) = content
        chat = content[kind].get("chat", {}).get("id", 0)
        with self.world.changed:
            return self.world.push_anyway(kind, content[kind], ("chat", chat))

    def push_raw(self, body: bytes) -> Update:
        """Bytes for the webhook that are no update; getUpdates passes over them."""
        with self.world.changed:
            return self.world.push_bytes(body)

    @property
    def updates(self) -> list[Update]:
        """All there ever were, in order."""
        with self.world.changed:
            return list(self.world.pushed)

    @property
    def pending(self) -> list[Update]:
        """Those nobody has taken."""
        with self.world.changed:
            return list(self.world.pending.values())

    # -- trouble --

    def fault(self, method: str, fault: Fault, *, times: int | None = None, share: float = 1.0) -> None:
        """What befalls calls of the method ("*": of any): a share of them, at most so many. Seeded."""
        with self.world.changed:
            self._faults.plan(_Planned(method, fault, times, share))

    def heals(self, method: str = "*") -> None:
        """No more faults of that method, or of any."""
        with self.world.changed:
            self._faults.forget(method)

    def duplicates(self, share: float, *, answers_lost: bool = True) -> None:
        """Deliver such a share of updates twice; the first answer is lost, or both count."""
        with self.world.changed:
            self._courier.disorder.duplicates, self._courier.disorder.answers_lost = share, answers_lost

    def reorders(self, spread_s: float = 0.05) -> None:
        """From now on hold each update back up to so many seconds, whatever its chat. 0: no longer."""
        with self.world.changed:
            self._courier.disorder.spread_s = spread_s

    def forgets_queries(self) -> None:
        """All callback and inline queries so far are too old."""
        with self.world.changed:
            for query in self.world.queries.values():
                query.asked_at -= self.world.queries_live_s + 1

    # -- what happened --

    @property
    def journal(self) -> Journal:
        return self.world.journal

    @property
    def early(self) -> int:
        """Calls inside the retry_after they were told."""
        return sum(call.early for call in list(self.journal.calls))

    def unanswered(self) -> list[Update]:
        """Messages and presses after which the bot neither sent nor edited anything in that chat."""
        with self.world.changed:
            told_at = self.world.told_at
            return [
                update
                for update in self.world.pushed
                if update.chat and told_at.get(update.chat, 0) < update.tick
            ]

    def waits_for(self, what: Callable[[], T], timeout: float = PATIENCE_S) -> T:
        """The first true value; TimeoutError after so many seconds."""
        return await_on(self.world, what, timeout)

    def waits_until_taken(self, timeout: float = PATIENCE_S) -> None:
        """Until no update is pending."""
        self.waits_for(lambda: not self.world.pending, timeout)

    # -- calls --

    def _called(self, method: str, given: Parameters) -> Answer:
        return self._call(method, given, in_webhook=False)

    def _called_in_webhook(self, method: str, given: Parameters) -> Answer:
        return self._call(method, given, in_webhook=True)

    def _file(self, path: str) -> bytes | None:
        with self.world.changed:
            return self.world.files.get(path.removeprefix("files/"))

    def _call(self, method: str, given: Parameters, *, in_webhook: bool) -> Answer:
        with self.world.changed:
            name = SPELT.get(method.lower(), method)
            call = Call(next(self.world.ticks), self.world.now, name, given.readable, in_webhook)
            self.journal.calls.append(call)
            try:
                return self._answer(call, given)
            except Refused as refused:
                call.code, call.why = refused.code, refused.why
                return refusal(refused)
            finally:
                self.world.changed.notify_all()

    def _answer(self, call: Call, given: Parameters) -> Answer:
        chat = given.text("chat_id") or call.method
        self._pace.check_early(call, chat)
        fault = self._faults.draw(call.method)
        if fault and not fault.took_effect:
            return self._fail(call, chat, fault)
        self._pace.check_limits(call, chat, in_group=chat.startswith("-"))
        said = self._carry_out(call, given)
        if fault:
            return self._fail(call, chat, fault)
        call.code = HTTPStatus.OK
        return said

    def _carry_out(self, call: Call, given: Parameters) -> Answer:
        if call.method not in METHODS:
            raise Refused(404, "Not Found: method not found")
        try:
            result: Any = METHODS[call.method](self.world, given)
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise bad(f"parameters of a wrong shape: {problem!r}") from problem
        call.result, description = result if isinstance(result, Worded) else (result, "")
        call.took_effect = True
        if isinstance(result, dict) and "message_id" in result:
            self.world.told_at[result["chat"]["id"]] = call.tick
        return accepted(call.result, description)

    def _fail(self, call: Call, chat: str, fault: Fault) -> Answer:
        call.code, call.why = fault.code, fault.why
        if fault.end is not End.ANSWER:
            return Answer(0, b"", fault.end)
        if fault.code == HTTPStatus.BAD_GATEWAY:
            return Answer(fault.code, BAD_GATEWAY, content_type="text/html")
        parameters = {"retry_after": fault.retry_after} if fault.retry_after else {}
        if fault.retry_after:
            self._pace.hush(chat, self.world.now, fault.retry_after)
        return refusal(Refused(fault.code, fault.why, **parameters))


@contextmanager
def serving_bot_api(**options: Any) -> Iterator[BotApi]:
    """Serve as long as the block lasts; the options are those of BotApi."""
    api = BotApi(**options)
    api.start()
    try:
        yield api
    finally:
        api.stop()


@pytest.fixture
def bot_api() -> Iterator[BotApi]:
    """A server of the test's own, with the default options."""
    with serving_bot_api() as api:
        yield api
