"""Delivers letters to Telegram, one after the other: each is on its way, then delivered, refused, or in doubt.

Law: a letter that may have arrived is never sent again by itself. What is in doubt – this program died, or the answer
got lost – is kept for people to look at.
"""

import asyncio
import logging
import os
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from socket import gethostname
from typing import Any, Final, NamedTuple

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

from bot.call import Call, anew, read_call
from bot.intake import NO_MESSAGES
from bot.ports import Letter, Store, StoreFailed
from bot.settings import BotSettings
from bot.telegram import EACH
from bot.update import CHANNEL, number_of

log = logging.getLogger(__name__)
# Its requests are logged with their address, and that holds the token.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)
# How long to wait is told as a timedelta, as it will be from the next version on.
os.environ.setdefault("PTB_TIMEDELTA", "true")
# A letter holds a call as JSON has it, for which there is this one door.
warnings.filterwarnings("ignore", "Please use 'Bot", PTBUserWarning)

LEASE: Final = "telegram"
LASTS: Final = timedelta(seconds=15)  # without a sign of life, another takes over
_LOOK_FOR_LEASE_S: Final = 2.0
_LOOK_S: Final = 0.02  # for letters of other processes
_RETRIES: Final = 6
_LATER: Final = timedelta(seconds=5)
# Telegram's words for what is no fault: the message says already what it should.
_SAME: Final = "message is not modified"
# What surely did not reach Telegram.
_UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

_SLACK_S: Final = 5.0  # how much later than it should a long poll may end
_BETWEEN: Final = "/"
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

Clock = Callable[[], datetime]


class Raw(NamedTuple):
    """An update as Telegram wrote it. The library's own reading of one it does not know would stop all behind it."""

    update_id: int
    content: Any


class Bot(ExtBot[int]):
    """python-telegram-bot's, but updates are left as they came."""

    async def get_updates(  # type: ignore[override]
        self,
        offset: int | None = None,
        timeout: timedelta = timedelta(),  # noqa: ASYNC109 - as the library has it
        allowed_updates: Sequence[str] | None = None,
        **_: Any,
    ) -> tuple[Raw, ...]:
        seconds = int(timeout.total_seconds())
        fields = {"offset": offset, "timeout": seconds, "allowed_updates": allowed_updates}
        given = {name: value for name, value in fields.items() if value is not None}
        updates: Any = await self.do_api_request("getUpdates", given, read_timeout=seconds + _SLACK_S)
        return tuple(Raw(number_of(update), update) for update in updates)


def apart(settings: BotSettings) -> timedelta:
    """Evenly, and a third of what Telegram allows: the more letters, the more likely one is on its way when all stops."""
    return timedelta(seconds=3 / settings.telegram_per_second)


def make_bot(settings: BotSettings) -> Bot:
    """Its limiter is for groups, and waits out a 429; the postman sees to the rest."""
    proxy = settings.telegram_proxy.get_secret_value() or None
    base = settings.telegram_base_url.rstrip("/")
    return Bot(
        settings.telegram_token.get_secret_value(),
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=HTTPXRequest(proxy=proxy),
        get_updates_request=HTTPXRequest(proxy=proxy),
        rate_limiter=AIORateLimiter(
            overall_max_rate=settings.telegram_per_second, overall_time_period=1, max_retries=_RETRIES
        ),
    )


@dataclass(slots=True)
class Postman:
    """Whoever holds the lease delivers; `in_charge` begins when it was got and ends when it is lost."""

    bot: Bot
    store: Store
    now: Clock
    holder: str
    in_charge: Callable[[Bot], AbstractAsyncContextManager[None]]
    apart: timedelta  # from one letter to the next, to whomever
    _renewed: datetime = field(default=_LONG_AGO, init=False)
    _last: datetime = field(default=_LONG_AGO, init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; whenever no other holds the lease, in charge."""
        while not stop.is_set():
            if await self._hold():
                await self._take_charge(stop)
            await _pause(stop, _LOOK_FOR_LEASE_S)
        await self._stored(self.store.release, LEASE, self.holder)

    async def _take_charge(self, stop: asyncio.Event) -> None:
        doubtful = await self._stored(self.store.doubt, CHANNEL)
        if doubtful:
            log.warning("%s letters may or may not have arrived: see `bot letters`", doubtful)
        lost = asyncio.Event()
        renewing = asyncio.create_task(self._renew(lost))
        try:
            async with self.in_charge(self.bot):
                await self._serve(stop, lost)
        except TelegramError as error:
            log.warning("Telegram refuses: %s; trying again", error.message)
        finally:
            renewing.cancel()

    async def _renew(self, lost: asyncio.Event) -> None:
        """Beside the work: a 429 may be waited out for longer than the lease lasts."""
        while not lost.is_set():
            await _pause(lost, LASTS.total_seconds() / 3)
            if not await self._hold():
                lost.set()

    async def _serve(self, stop: asyncio.Event, lost: asyncio.Event) -> None:
        while not (stop.is_set() or lost.is_set()):
            if self.now() - self._renewed > LASTS / 3 and not await self._hold():
                return
            if not await self.deliver_next():
                await _pause(stop, _LOOK_S)

    async def deliver_next(self) -> bool:
        """False: none is due, or it is too soon. What waits for its turn is not on its way yet."""
        if self.now() < self._last + self.apart:
            return False
        letter: Letter | None = await self._stored(self.store.take, CHANNEL, self.now())
        if letter is None:
            return False
        self._last = self.now()
        try:
            await self._deliver(letter)
        except TelegramError as error:
            await self._failed(letter, error)
        return True

    async def _deliver(self, letter: Letter) -> None:
        call = read_call(letter.body)
        try:
            await self._make(call)
        except BadRequest as error:
            if call.method != "editMessageText" or _SAME in error.message.lower():
                raise
            await self._make(anew(call))  # the message is gone, or too old: said anew below
        await self._delivered(letter, call)

    async def _make(self, call: Call) -> None:
        await self.bot.do_api_request(call.method, dict(call.fields))

    async def _delivered(self, letter: Letter, call: Call) -> None:
        now = self.now()
        next_at = now if call.method in NO_MESSAGES else now + EACH
        await self._stored(self.store.delivered, letter.id, now, next_at)

    async def _failed(self, letter: Letter, error: TelegramError) -> None:
        """What Telegram said to it decides what becomes of it."""
        if isinstance(error, RetryAfter):
            await self._stored(self.store.put_off, letter.id, self.now() + _wait(error))
        elif isinstance(error, BadRequest):
            await self._refused(letter, error)
        elif isinstance(error, ChatMigrated):
            await self._stored(self.store.refuse, letter.id, f"the group is now {error.new_chat_id}")
        elif isinstance(error, Forbidden):
            await self._stored(self.store.refuse, letter.id, error.message)
        elif isinstance(error, NetworkError) and _may_have_arrived(error):
            await self._stored(self.store.doubt, CHANNEL)
        else:
            log.warning("a letter waits: %s", error.message)
            await self._stored(self.store.put_off, letter.id, self.now() + _LATER)

    async def _refused(self, letter: Letter, error: BadRequest) -> None:
        call = read_call(letter.body)
        if _SAME in error.message.lower() or call.method in NO_MESSAGES:  # nobody waits for it any more
            await self._delivered(letter, call)
        else:
            await self._stored(self.store.refuse, letter.id, error.message)

    async def _hold(self) -> bool:
        other = await self._stored(self.store.holder, LEASE)
        if _is_dead(other):
            await self._stored(self.store.release, LEASE, other)
        now = self.now()
        held: bool = await self._stored(self.store.hold, LEASE, self.holder, now, LASTS)
        if held:
            self._renewed = now
        return held

    async def _stored(self, method: Callable[..., Any], *values: Any) -> Any:
        """What the store says, for as long as it takes: a letter that was sent must be marked."""
        while True:
            try:
                return await asyncio.to_thread(method, *values)
            except StoreFailed as error:
                log.warning("letters wait: %s", error)
                await asyncio.sleep(1)


def holder() -> str:
    """This process, by a name that tells the next one on this machine whether it still lives."""
    return f"{_machine()}{_BETWEEN}{os.getpid()}{_BETWEEN}{token_hex(4)}"


def _machine() -> str:
    """Containers may share a name, and each counts its own processes: the kernel tells them apart."""
    try:
        processes = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        processes = ""
    return f"{gethostname()} {processes}"


def _is_dead(name: str) -> bool:
    """Whether it surely is: one of another machine may live."""
    machine, _, rest = name.partition(_BETWEEN)
    number = rest.partition(_BETWEEN)[0]
    if machine != _machine() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _wait(error: RetryAfter) -> timedelta:
    after = error.retry_after
    return after if isinstance(after, timedelta) else timedelta(seconds=after)


def _may_have_arrived(error: NetworkError) -> bool:
    """A connection that broke after the call was sent; an answer that says it failed is no doubt."""
    cause = error.__cause__
    return isinstance(cause, httpx.HTTPError) and not isinstance(cause, _UNSENT)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
