"""Kill -9 under load, over and over, and look for what was lost or done twice: python -m tests.kills 200."""

import http.client
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final
from urllib.parse import urlsplit

from tests.serving import serving

CLIENTS: Final = 4
SAID: Final = ("卡丢了", "那要带什么", "重庆呢", "沙坪坝附近哪里可以补", "周六去", "社保卡怎么激活", "谢谢")
_WAIT_S: Final = 20.0  # for an answer, or for enough of them


@dataclass
class Ledger:
    """What the clients sent, and what they were promised."""

    sent: dict[str, tuple[str, str]] = field(
        default_factory=dict
    )  # by message id: the visitor's token, the text
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)  # got another reply when sent again
    refused: list[str] = field(default_factory=list)  # any status but 200
    lock: Lock = field(default_factory=Lock)

    def note(self, message: str, status: int, reply: bytes) -> None:
        if status != http.client.OK:
            self.refused.append(f"{status} {reply[:200]!r}")
        elif self.acknowledged.setdefault(message, reply) != reply:
            self.changed.append(message)

    @property
    def pending(self) -> list[str]:
        return [message for message in self.sent if message not in self.acknowledged]


@dataclass
class Outcome:
    """What a run found. All but the first two must be empty."""

    kills: int
    ledger: Ledger
    lost: list[str] = field(default_factory=list)  # acknowledged, and not stored as it was told
    doubled: list[str] = field(default_factory=list)  # stored more than once, or anew after a kill
    broken: list[str] = field(default_factory=list)  # what the integrity check complained of

    @property
    def faults(self) -> list[str]:
        return [*self.lost, *self.doubled, *self.broken, *self.ledger.changed, *self.ledger.refused]


def kill_often(kills: int, folder: Path, *, package: str = "bot", seed: int = 20200928) -> Outcome:
    """Serve, load, kill, look – so many times; then send everything again and look once more."""
    dice = random.Random(seed)
    path, ledger = folder / "bot.db", Ledger()
    outcome = Outcome(kills, ledger)
    numbers: dict[str, int] = {}  # of the turns, as first seen
    for _ in range(kills):
        _load_and_kill(path, package, ledger, at_least=dice.randint(1, 80))
        _look(path, numbers, outcome)
    _send_all_again(path, package, ledger)
    _look(path, numbers, outcome)
    return outcome


def _settings(path: Path) -> dict[str, str]:
    return {
        "BOT_DATABASE_URL": f"sqlite:///{path}",
        "BOT_MESSAGES_AT_ONCE": "1000",
        "BOT_MESSAGES_PER_MINUTE": "6000",
    }


def _load_and_kill(path: Path, package: str, ledger: Ledger, at_least: int) -> None:
    """Kill once so many messages more were acknowledged, in the middle of others."""
    goal = len(ledger.acknowledged) + at_least
    with serving(package, "--workers", "1", **_settings(path)) as served:
        waiting = ledger.pending
        load = Load(served.url, goal)
        clients = [
            Thread(target=_client, args=(load, ledger, waiting[number::CLIENTS])) for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        came = load.enough.wait(_WAIT_S)
        os.killpg(served.process.pid, signal.SIGKILL)
        for client in clients:
            client.join()
    if not came:
        raise AssertionError(f"too few answers: {ledger.refused[-3:]}")


@dataclass(frozen=True)
class Load:
    """What the clients of one round share."""

    url: str
    goal: int  # so many must have been acknowledged
    enough: Event = field(default_factory=Event)


def _client(load: Load, ledger: Ledger, first: list[str]) -> None:
    """One visitor: sends again what was not acknowledged, then new messages, until the service is gone."""
    try:
        with closing(_connect(load.url)) as connection:
            for message in first:
                _send(connection, ledger, message)
            token = json.loads(_post(connection, "visitors", {})[1])["token"]
            for number in count():
                message = os.urandom(9).hex()
                with ledger.lock:
                    ledger.sent[message] = (token, SAID[number % len(SAID)])
                _send(connection, ledger, message)
                if len(ledger.acknowledged) >= load.goal:
                    load.enough.set()
    except (OSError, http.client.HTTPException):
        return  # killed


def _send(connection: http.client.HTTPConnection, ledger: Ledger, message: str) -> None:
    token, text = ledger.sent[message]
    status, reply = _post(connection, "chat", {"token": token, "id": message, "text": text})
    with ledger.lock:
        ledger.note(message, status, reply)


def _connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=_WAIT_S)


def _post(connection: http.client.HTTPConnection, route: str, body: dict[str, str]) -> tuple[int, bytes]:
    connection.request("POST", f"/api/v1/{route}", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def _send_all_again(path: Path, package: str, ledger: Ledger) -> None:
    with (
        serving(package, "--workers", "1", **_settings(path)) as served,
        closing(_connect(served.url)) as connection,
    ):
        for message in list(ledger.sent):
            _send(connection, ledger, message)


def _look(path: Path, numbers: dict[str, int], outcome: Outcome) -> None:
    """Into the database, past the program."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT message, number, reply FROM turns").fetchall()
        complaints = [line for (line,) in database.execute("PRAGMA integrity_check") if line != "ok"]
    stored = {message: (number, reply) for message, number, reply in rows}
    outcome.broken += complaints
    outcome.lost += [
        message
        for message, reply in outcome.ledger.acknowledged.items()
        if stored.get(message, (0, b""))[1] != reply and message not in outcome.lost
    ]
    outcome.doubled += [
        message for message, number, _ in rows if numbers.setdefault(message, number) != number
    ]


def main(kills: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        found = kill_often(kills, Path(folder))
    ledger = found.ledger
    print(
        f"{found.kills} kills, {len(ledger.sent)} messages, {len(ledger.acknowledged)} acknowledged in the end"
    )
    print(
        f"{len(found.lost)} lost, {len(found.doubled)} done twice, {len(ledger.changed)} answered otherwise"
    )
    print(f"{len(ledger.refused)} refused, {len(found.broken)} complaints of the integrity check")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
