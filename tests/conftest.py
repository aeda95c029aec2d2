"""What several tests share: a real browser, the real service on a port of its own, and the bot that knows all of faq/."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO
from urllib.request import ProxyHandler, build_opener

import hypothesis
import pytest
from playwright.sync_api import Browser, sync_playwright

from bot.adviser import Adviser, make_adviser
from bot.settings import BotSettings

PROJECT = Path(__file__).parents[1]
# Nothing of Chromium's own goes out, and no test depends on a graphics card.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STARTS_WITHIN_S = 30.0

# A slow machine is no failure: timings are the benchmark's business.
hypothesis.settings.register_profile("untimed", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("untimed")

# The tests mean the settings they name, not those of the shell they run in.
for _name in [name for name in os.environ if name.startswith(("LOCATOR_", "BOT_"))]:
    del os.environ[_name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: while Playwright lives its event loop runs in this thread, and asyncio.run() refuses."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium from the PATH, else Playwright's own (tests/install_browser.sh brings one)."""
    on_path = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    # Chromium's sandbox refuses to run as root, which a container usually is.
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, on_path), None), args=[*root, *QUIET]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def adviser() -> Adviser:
    """It knows the shipped knowledge; a second to make, and nothing changes it."""
    return make_adviser(BotSettings().faq)


@pytest.fixture(scope="session")
def live_server() -> Iterator[str]:
    """Start the service as a user does, with its default settings; yield its address without a last slash."""
    port = free_port()
    command = [sys.executable, "-m", "locator", "serve", "--port", str(port)]
    settings = {
        name: value for name, value in os.environ.items() if not name.startswith(("LOCATOR_", "BOT_"))
    }
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        env=settings | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_healthy(process, url)
            yield url
        finally:
            stop(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(process: subprocess.Popen[str], url: str) -> None:
    """Ask again at every line the service prints, and at least ten times a second."""
    lines: Queue[str] = Queue()
    assert process.stdout is not None
    Thread(target=pump, args=(process.stdout, lines), daemon=True).start()
    said: list[str] = []
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not is_healthy(url):
        with suppress(Empty):
            said.append(lines.get(timeout=0.1))
        if process.poll() is not None or time.monotonic() > deadline:
            said += drain(lines)
            pytest.fail(f"the service did not start (exit {process.poll()}):\n{''.join(said)}")


def pump(stream: IO[str], lines: Queue[str]) -> None:
    """Read for as long as the service lives: a full pipe would stop it."""
    for line in stream:
        lines.put(line)


def drain(lines: Queue[str]) -> list[str]:
    return [lines.get_nowait() for _ in range(lines.qsize())]


def is_healthy(url: str) -> bool:
    # No proxy: the machine's own may not know this host.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"{url}/healthz", timeout=2) as answer:
            return int(answer.status) == HTTPStatus.OK
    except OSError:
        return False


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # with its workers
