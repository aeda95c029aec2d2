"""The service as one must not write it: it answers first and stores a little later."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Event, Thread
from typing import Final

from flask_openapi3 import OpenAPI

from bot.adviser import make_adviser
from bot.app import make_app
from bot.ports import Message, Session, Work
from bot.settings import read_bot_settings
from bot.store import SqlStore, open_store
from locator.guide import make_live
from locator.server import listening, serve
from locator.settings import read_settings

LATER_S: Final = 0.3


class Behind(SqlStore):
    """Keeps what it answered in mind, and writes it down now and then."""

    def __init__(self, store: SqlStore) -> None:
        super().__init__(store._database)  # noqa: SLF001 - it is the same store, less careful
        self._waiting: SimpleQueue[tuple[Message, Work]] = SimpleQueue()
        self._known: dict[tuple[str, str], bytes] = {}
        Thread(target=self._write, daemon=True).start()

    def once(self, message: Message, work: Work) -> bytes:
        key = (message.party.id, message.id)
        if key not in self._known:
            outcome = work(Session(message.party, updated=message.at))
            self._known[key] = outcome.reply
            self._waiting.put((message, lambda _: outcome))
        return self._known[key]

    def _write(self) -> None:
        pause = Event()
        while True:
            pause.wait(LATER_S)
            for message, work in self._all_waiting():
                super().once(message, work)

    def _all_waiting(self) -> Iterator[tuple[Message, Work]]:
        for _ in range(self._waiting.qsize()):
            yield self._waiting.get()


def create_app() -> OpenAPI:
    settings, own = read_settings(), read_bot_settings()
    store = Behind(open_store(own.database_url.get_secret_value()))
    return make_app(
        make_live(settings), settings, own, make_adviser(own.faq), store, lambda: datetime.now(UTC)
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("serve")
    parser.add_argument("--port", type=int)
    parser.add_argument("--workers", type=int)
    wanted = parser.parse_args()
    serve(
        "tests.careless:create_app",
        listening(read_settings(), host=None, port=wanted.port, workers=wanted.workers),
    )


if __name__ == "__main__":
    main()
