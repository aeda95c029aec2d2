"""The look-up of the desk while clerks type: at the server alone, with fifty of them at once, and as seen in a browser."""

import http.client
import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.figures import Figure
from benchmarks.load import Server, server
from bot.adviser import make_adviser
from bot.database import Database, open_database
from bot.gate import COOKIE
from bot.settings import BotSettings
from bot.staff import Role
from tests.desks import DeskServer, sign_in

FIND = "/desk/api/look-up"
CLERKS, SECONDS, KEYS_A_SECOND = 50, 10, 5
KEYS_SEEN = 300
PLACES = ("", " 沙坪坝", " 江阳区", "", " 太平镇", " 周六 合川")
# From a key to the picture after the page has changed.
_KEY: Final = """async (text) => {
  const box = document.querySelector("[data-lookup-box]");
  const seen = new Promise((resolve) => {
    new MutationObserver((_, watch) => {
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    }).observe(document.querySelector("[data-lookup-answer]"), { childList: true });
  });
  const pressed = performance.now();
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  return await seen - pressed;
}"""


def figures() -> list[Figure]:
    texts = list(_typed())
    with tempfile.TemporaryDirectory() as folder:
        settings = {"BOT_DATABASE_URL": f"sqlite:///{Path(folder) / 'bot.db'}"}
        with (
            closing(open_database(settings["BOT_DATABASE_URL"])) as database,
            server("bot.app:create_app", settings=settings) as served,
        ):
            alone = _alone(served, database, texts)
            together, errors = _together(served, database, texts)
            seen = _seen(served, database, texts[:KEYS_SEEN])
    return [
        Figure(
            f"POST {FIND}, one clerk, each key of {len(texts):,}: p95",
            _quantile(alone, 0.95),
            "ms",
            at_most=10,
        ),
        Figure(
            f"{CLERKS} clerks, {KEYS_A_SECOND} keys a second each: p99",
            _quantile(together, 0.99),
            "ms",
            at_most=100,
        ),
        Figure("… median", _quantile(together, 0.5), "ms"),
        Figure("… answers a second", len(together) / SECONDS, "/s"),
        Figure("… errors", errors, "", at_most=0),
        Figure(
            f"from a key to what a browser shows, {KEYS_SEEN} keys: p95",
            _quantile(seen, 0.95),
            "ms",
            at_most=50,
        ),
        Figure("… median", _quantile(seen, 0.5), "ms"),
    ]


def _typed() -> Iterator[str]:
    """What the box holds after each key, for every entry; some with a place behind it."""
    entries = make_adviser(BotSettings().faq).knowledge.entries.values()
    for entry, place in zip(entries, cycle(PLACES), strict=False):
        text = f"{entry.asked[0]}{place}"
        yield from (text[: end + 1] for end in range(len(text)))


def _quantile(taken: Sequence[float], share: float) -> float:
    return float(np.quantile(taken, share))


class Clerk:
    """Somebody who is signed in, on a connection of their own."""

    def __init__(self, port: int, database: Database, name: str) -> None:
        token = sign_in(database, name, Role.AGENT, datetime.now(UTC))
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Cookie": f"{COOKIE}={token}", "Content-Type": "application/json"}
        self._connection.request("GET", "/desk", headers=self._headers)
        found = re.search(b'data-form-token="([0-9a-f]+)"', self._connection.getresponse().read())
        if found is None:
            raise RuntimeError("the desk did not open")
        self._headers["X-Form-Token"] = found[1].decode()

    def look_up(self, text: str) -> tuple[float, bool]:
        """Milliseconds until the answer is there, and whether it is one."""
        start = time.perf_counter()
        self._connection.request("POST", FIND, json.dumps({"text": text}), self._headers)
        answer = self._connection.getresponse()
        answer.read()
        return 1_000 * (time.perf_counter() - start), answer.status == 200


def _alone(served: Server, database: Database, texts: Sequence[str]) -> list[float]:
    clerk = Clerk(served.port, database, "alone")
    for text in texts[:100]:
        clerk.look_up(text)
    return [clerk.look_up(text)[0] for text in texts]


def _seen(served: Server, database: Database, texts: Sequence[str]) -> list[float]:
    url = f"http://127.0.0.1:{served.port}"
    with sync_playwright() as playwright:
        args = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=args)
        context = browser.new_context(base_url=url)
        DeskServer(url, database).sign_in(context, "seen", Role.AGENT)
        page = context.new_page()
        page.goto("/desk")
        page.locator("form.ready").wait_for()
        for text in texts[:20]:
            page.evaluate(_KEY, text)
        taken = [float(page.evaluate(_KEY, text)) for text in texts]
        browser.close()
    return taken


def _together(served: Server, database: Database, texts: Sequence[str]) -> tuple[list[float], int]:
    clerks = [Clerk(served.port, database, f"clerk-{number}") for number in range(CLERKS)]
    until = time.monotonic() + SECONDS
    taken: list[tuple[float, bool]] = []
    threads = [
        threading.Thread(target=_type, args=(clerk, number, texts, until, taken))
        for number, clerk in enumerate(clerks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [milliseconds for milliseconds, _ in taken], sum(not is_well for _, is_well in taken)


def _type(
    clerk: Clerk, number: int, texts: Sequence[str], until: float, taken: list[tuple[float, bool]]
) -> None:
    """A key, then the time until the next one; no two clerks in step."""
    apart = 1 / KEYS_A_SECOND
    time.sleep(apart * number / CLERKS)
    for text in islice(cycle(texts), 37 * number, None):
        start = time.monotonic()
        if start >= until:
            return
        taken.append(clerk.look_up(text))
        time.sleep(max(0.0, apart - (time.monotonic() - start)))
