"""Telegram's webhook under load: updates a second, and how long a citizen waits for the reply at a steady rate.

Every update comes from a chat that was quiet for a while, as Telegram's would: one chat may not be told more than one
thing a second. A reply is the call in the answer; 503, "deliver it again", is an error here.
"""

import http.client
import json
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np

from benchmarks.chat import _postgres as postgres
from benchmarks.chat import _texts as questions
from benchmarks.figures import Figure
from benchmarks.load import BY
from bot.hook import PATH
from tests.bot_api import BotApi, serving_bot_api
from tests.telegram_service import telegram_bot

CLIENTS, SECONDS, ROUNDS = 40, 5, 3  # Telegram opens as many connections as the bot allows: 40
OFFERED, OFFERED_S = 100, 10  # updates a second, for so long
CHATS = 10_000
MOST_TEXTS = 1_500
SETTINGS = {"BOT_TELEGRAM_PER_SECOND": "10000"}  # the pace is Telegram's, and not what is measured
UPDATE, CHAT = "@UPDATE@", "@CHAT@"
_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Hook(NamedTuple):
    """A webhook that is served."""

    place: str  # host and port
    secret: str
    bodies: Sequence[str]


class Load(NamedTuple):
    """What came of it."""

    rate: float  # replies a second, errors not counted
    p99_ms: float
    errors: int


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        sqlite = _measured("SQLite, synchronous=FULL", f"sqlite:///{Path(folder) / 'bot.db'}", 2)
    with postgres() as url:
        return [*sqlite, *_measured("PostgreSQL", url, 4)]


def _measured(database: str, url: str, workers: int) -> list[Figure]:
    settings = SETTINGS | {"BOT_DATABASE_URL": url}
    with serving_bot_api() as api, telegram_bot("webhook", api, Path(), workers=workers, **settings) as bot:
        hook = Hook(urlsplit(bot.url).netloc, api.world.webhook.secret_token, _bodies())
        load = _by_wrk if BY == "wrk" else _by_threads
        rounds = [load(hook, number) for number in range(1 + ROUNDS)][1:]  # the first one warms up
        _until_quiet(api)
        steady = _offer(hook, 1 + ROUNDS, OFFERED, OFFERED_S)
    return [
        Figure(
            f"POST {PATH}, {database}, {workers} processes, {CLIENTS} clients by {BY}",
            statistics.median(one.rate for one in rounds),
            "/s",
            at_least=300,
        ),
        Figure("… p99, median of the rounds", statistics.median(one.p99_ms for one in rounds), "ms"),
        Figure("… errors", sum(one.errors for one in rounds), "", at_most=0),
        Figure(f"… {OFFERED}/s offered: p99 from update to reply", steady.p99_ms, "ms", at_most=50),
        Figure("… errors", steady.errors, "", at_most=0),
    ]


def _bodies() -> list[str]:
    """Updates as Telegram writes them, whose numbers are yet to be put in."""
    return [
        json.dumps(_update(text)).replace(f'"{UPDATE}"', UPDATE).replace(f'"{CHAT}"', CHAT)
        for text in _texts()
    ]


def _texts() -> list[str]:
    everything = questions()
    return everything[:: max(1, len(everything) // MOST_TEXTS)]


def _update(text: str) -> dict[str, object]:
    sender = {"id": CHAT, "is_bot": False, "first_name": "Li", "language_code": "zh-hans"}
    chat = {"id": CHAT, "type": "private", "first_name": "Li"}
    message = {"message_id": UPDATE, "from": sender, "chat": chat, "date": 1_795_600_000, "text": text}
    return {"update_id": UPDATE, "message": message}


def _numbered(body: str, number: int) -> str:
    return body.replace(UPDATE, str(number)).replace(CHAT, str(1_000 + number % CHATS))


def _first(run: int) -> int:
    """Updates of different runs have different numbers."""
    return 1 + run * 1_000_000


def _until_quiet(api: BotApi) -> None:
    """Replies that are longer than a message come as letters, some of them later."""
    before = -1
    while before != len(api.journal.calls):
        before = len(api.journal.calls)
        time.sleep(1)


# -- as fast as it goes --

_SCRIPT = """
local bodies, n = {BODIES}, FIRST
wrk.headers["Content-Type"] = "application/json"
wrk.headers["HEADER"] = "SECRET"
request = function()
  n = n + 1
  local number = string.format("%d", n)
  local chat = string.format("%d", 1000 + n % CHATS)
  local body = bodies[n % #bodies + 1]:gsub("@UPDATE@", number):gsub("@CHAT@", chat)
  return wrk.format("POST", nil, nil, body)
end
done = function(summary, latency)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format("figures %f %f %d", summary.requests / summary.duration * 1e6, latency:percentile(99) / 1000, failed))
end
"""


def _by_wrk(hook: Hook, run: int) -> Load:
    quoted = ",".join(f"[==[{body}]==]" for body in hook.bodies)
    written = _SCRIPT.replace("BODIES", quoted).replace("HEADER", _HEADER).replace("SECRET", hook.secret)
    written = written.replace("FIRST", str(_first(run))).replace("CHATS", str(CHATS))
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text(written, encoding="utf-8")
        address = f"http://{hook.place}{PATH}"
        command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "-s", str(script), address]
        said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    _, rate, p99_ms, errors = next(line for line in said.splitlines() if line.startswith("figures")).split()
    return Load(float(rate) - int(errors) / SECONDS, float(p99_ms), int(errors))


def _by_threads(hook: Hook, run: int) -> Load:
    """More is offered than can be answered, so that each client is behind its time."""
    return _offer(hook, run, 1_000, SECONDS)


# -- at a steady rate --


def _offer(hook: Hook, run: int, rate: int, seconds: int) -> Load:
    """Each update has its moment, whether or not those before it were answered; the wait is counted from there."""
    begin = time.perf_counter() + 0.1
    taken: list[list[float]] = [[] for _ in range(CLIENTS)]
    errors = [0] * CLIENTS

    def send(client: int) -> None:
        connection = http.client.HTTPConnection(hook.place, timeout=10)
        for number in range(client, rate * seconds, CLIENTS):
            moment = begin + number / rate
            time.sleep(max(0.0, moment - time.perf_counter()))
            body = _numbered(hook.bodies[number % len(hook.bodies)], _first(run) + number)
            errors[client] += not _is_answered(connection, hook, body)
            taken[client].append(1_000 * (time.perf_counter() - moment))
        connection.close()

    clients = [threading.Thread(target=send, args=(client,)) for client in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    everything = [one for own in taken for one in own]
    spent = time.perf_counter() - begin
    return Load((len(everything) - sum(errors)) / spent, float(np.quantile(everything, 0.99)), sum(errors))


def _is_answered(connection: http.client.HTTPConnection, hook: Hook, body: str) -> bool:
    connection.request("POST", PATH, body, {"Content-Type": "application/json", _HEADER: hook.secret})
    answer = connection.getresponse()
    answer.read()
    return answer.status == http.client.OK
