"""Runs the real bot on Telegram for a test: against a Bot API server of the test's own, by webhook or by polling."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue
from threading import Thread
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from tests.bot_api import BotApi, Call
from tests.serving import PROJECT, STARTS_WITHIN_S, drain, free_port, pump, stop

Mode = Literal["webhook", "polling"]

WORKERS: Final = 2


class Running(NamedTuple):
    """A bot that runs."""

    process: subprocess.Popen[str]
    url: str  # without a last slash; of one that polls nobody listens there
    lines: Queue[str]  # what it prints

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        """With its workers, and without a word to any of them."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def telegram_bot(
    mode: Mode, api: BotApi, database: Path, *, workers: int = WORKERS, **settings: str
) -> Iterator[Running]:
    """The bot, as soon as it is in charge."""
    seen = len(api.journal.calls)
    with starting(mode, api, database, settings, workers=workers) as running:
        wait_on(api, running, lambda: _is_in_charge(mode, api.journal.calls[seen:], workers))
        yield running


@contextmanager
def starting(  # noqa: PLR0913 - all that differs from one start to the next
    mode: Mode,
    api: BotApi,
    database: Path,
    settings: Mapping[str, str] = MappingProxyType({}),
    *,
    port: int = 0,
    workers: int = WORKERS,
    program: str = "bot",
) -> Iterator[Running]:
    """Start it, with these settings and no others; wait for nothing."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    serves = ("serve", "--port", str(port), "--workers", str(workers))
    arguments = serves if mode == "webhook" else ("telegram",)
    others = {name: value for name, value in os.environ.items() if not name.startswith(("LOCATOR_", "BOT_"))}
    own = {
        "BOT_DATABASE_URL": f"sqlite:///{database}",
        "BOT_TELEGRAM_TOKEN": api.token,
        "BOT_TELEGRAM_BASE_URL": api.url,
        "BOT_TELEGRAM_WEBHOOK": url if mode == "webhook" else "",
        "PYTHONUNBUFFERED": "1",
    }
    with subprocess.Popen(
        [sys.executable, "-m", program, *arguments],
        cwd=PROJECT,
        env=others | own | dict(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        running = Running(process, url, Queue())
        reader = Thread(target=pump, args=(process.stdout, running.lines), daemon=True)
        reader.start()
        try:
            yield running
        finally:
            stop(process)
            reader.join()


def wait_on(
    api: BotApi, running: Running, what: Callable[[], object], timeout_s: float = STARTS_WITHIN_S
) -> None:
    """Until the server has seen it; a bot that ended meanwhile, or says nothing for so long, has failed."""
    deadline = time.monotonic() + timeout_s
    while True:
        with suppress(TimeoutError):
            api.waits_for(what, timeout=0.2)
            return
        if running.has_ended or time.monotonic() > deadline:
            said = "".join(drain(running.lines))
            raise AssertionError(f"not within {timeout_s} s (exit {running.process.poll()}):\n{said}")


def _is_in_charge(mode: Mode, calls: list[Call], workers: int) -> bool:
    """Each process of a webhook's asks who the bot is, and one of them says where to deliver."""
    done = [call.method for call in calls if call.took_effect]
    if mode == "webhook":
        return "setWebhook" in done and done.count("getMe") >= workers
    return any(call.method == "getUpdates" for call in calls)
