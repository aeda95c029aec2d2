"""Runs the real service for a test: on a port of its own, with the settings the test names and no others."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, NamedTuple
from urllib.request import ProxyHandler, build_opener

PROJECT = Path(__file__).parents[1]
STARTS_WITHIN_S = 90


class Served(NamedTuple):
    """A service that runs."""

    process: subprocess.Popen[str]
    url: str  # without a last slash
    lines: Queue[str]  # what it prints


@contextmanager
def serving(package: str, *arguments: str, **settings: str) -> Iterator[Served]:
    """Run `python -m package serve` on a free port, with these settings and no others."""
    port = free_port()
    command = [sys.executable, "-m", package, "serve", "--port", str(port), *arguments]
    others = {name: value for name, value in os.environ.items() if not name.startswith(("LOCATOR_", "BOT_"))}
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        env=others | settings | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            lines: Queue[str] = Queue()
            wait_until_healthy(process, url, lines)
            yield Served(process, url, lines)
        finally:
            stop(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(process: subprocess.Popen[str], url: str, lines: Queue[str]) -> None:
    """Ask again at every line the service prints, and at least ten times a second."""
    assert process.stdout is not None
    Thread(target=pump, args=(process.stdout, lines), daemon=True).start()
    said: list[str] = []
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not is_healthy(url):
        with suppress(Empty):
            said.append(lines.get(timeout=0.1))
        if process.poll() is not None or time.monotonic() > deadline:
            said += drain(lines)
            raise AssertionError(f"the service did not start (exit {process.poll()}):\n{''.join(said)}")


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
