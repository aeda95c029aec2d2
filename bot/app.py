"""The whole product, put together in one place: the map, the API, the chat."""

from datetime import UTC, datetime, timedelta
from typing import Final

from flask_openapi3 import OpenAPI

import locator.app
from bot.adviser import Adviser, make_adviser
from bot.api import add_chat_refusals, make_chat_api
from bot.chat import Chat
from bot.keeper import Keeper
from bot.nearby import Nearby
from bot.pace import Pace
from bot.ports import Store
from bot.settings import BotSettings, read_bot_settings
from bot.store import open_store
from bot.talk import Clock, Talk
from bot.web import make_web
from locator.guide import Guide, make_live
from locator.live import Live
from locator.server import listening, serve
from locator.settings import Settings, read_settings

# Messages that wait for PostgreSQL leave time for others; on SQLite they would only queue for its one writer.
WAITING_THREADS: Final = 4


def run(
    settings: Settings, own: BotSettings, *, host: str | None, port: int | None, workers: int | None
) -> None:
    """Serve until told to stop. Whatever is wrong is told here, once, and not by each process."""
    where = listening(settings, host=host, port=port, workers=workers)
    make_live(where)
    make_adviser(own.faq)
    url = own.database_url.get_secret_value()
    open_store(url).close()
    serve("bot.app:create_app", where, 1 if url.startswith("sqlite") else WAITING_THREADS)


def create_app() -> OpenAPI:
    """The WSGI service, set up from the environment."""
    settings, own = read_settings(), read_bot_settings()
    store = open_store(own.database_url.get_secret_value())
    live = make_live(settings)
    app = make_app(live, settings, own, make_adviser(own.faq), store, lambda: datetime.now(UTC))
    live.watch(settings.look_every_s)  # last: it puts aside all that was made so far
    Keeper(store, timedelta(days=own.keep_days), lambda: datetime.now(UTC)).start()
    return app


def make_app(  # noqa: PLR0913, PLR0917 - all that the house stands on
    live: Live[Guide], settings: Settings, own: BotSettings, adviser: Adviser, store: Store, now: Clock
) -> OpenAPI:
    """The WSGI service over what is handed in; tests hand in their own."""
    chat = Chat(adviser, Nearby(live), store, Pace(own.messages_at_once, own.messages_per_minute))
    secret = own.secret.get_secret_value().encode() or store.secret()
    talk = Talk(chat, secret, now, timedelta(days=own.keep_days))
    web = make_web(talk, adviser.knowledge, settings, own.keep_days)
    app = locator.app.make_app(live, settings, now, panel=web.panel)
    app.register_api(make_chat_api(chat, talk, now, own.keep_days))
    app.register_blueprint(web.pages)
    add_chat_refusals(app)
    return app
