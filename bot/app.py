"""The whole product, put together in one place: the map, the API, the chat."""

import os
from datetime import UTC, datetime, timedelta
from typing import Final

from flask_openapi3 import OpenAPI

import locator.app
from bot.adviser import Adviser, make_adviser
from bot.api import add_chat_refusals, make_chat_api
from bot.chat import Chat
from bot.desk import Desk, Known, Shared
from bot.keeper import Keeper
from bot.nearby import Nearby
from bot.pace import Pace
from bot.ports import Store
from bot.settings import BotSettings, read_bot_settings
from bot.store import open_store
from bot.talk import Clock, Talk
from bot.telegram import EACH, Telegram
from bot.update import Me
from bot.web import make_web
from locator.guide import Guide, make_live
from locator.live import Live
from locator.server import listening, serve
from locator.settings import Settings, read_settings

# Messages that wait for PostgreSQL leave time for others; on SQLite they would only queue for its one writer.
WAITING_THREADS: Final = 4
# What Telegram allows a bot to send to one chat.
_ONE_BY_ONE: Final = Pace(1, int(timedelta(minutes=1) / EACH))


def run(
    settings: Settings, own: BotSettings, *, host: str | None, port: int | None, workers: int | None
) -> None:
    """Serve until told to stop. Whatever is wrong is told here, once, and not by each process."""
    where = listening(settings, host=host, port=port, workers=workers)
    make_live(where)
    make_adviser(own.faq)
    url = own.database_url.get_secret_value()
    open_store(url).close()
    # Each process makes its app anew, and asks how many share.
    os.environ["LOCATOR_WORKERS"] = str(where.workers)
    serve("bot.app:create_app", where, 1 if url.startswith("sqlite") else WAITING_THREADS)


def create_app() -> OpenAPI:
    """The WSGI service, set up from the environment."""
    settings, own = read_settings(), read_bot_settings()
    store = open_store(own.database_url.get_secret_value())
    live, adviser = make_live(settings), make_adviser(own.faq)
    app = make_app(live, settings, own, adviser, store, _now)
    if own.telegram_token.get_secret_value() and own.telegram_webhook:
        chat = Chat(adviser, Nearby(live), store, _ONE_BY_ONE)
        _add_telegram(app, chat, own, settings.workers)
    live.watch(settings.look_every_s)  # last: it puts aside all that was made so far
    Keeper(store, timedelta(days=own.keep_days), _now).start()
    return app


def _add_telegram(app: OpenAPI, chat: Chat, own: BotSettings, workers: int) -> None:
    from bot.hook import Attendant, make_hook, secret_of  # noqa: PLC0415 - 25 MiB that only Telegram needs

    # A third of what Telegram allows is for letters; the rest is for answers, in equal shares.
    share = Shared(own.telegram_per_second * 2 / 3 / workers)
    telegram = Telegram(chat, chat.nearby, _now, own.keep_days)
    desk = Desk(
        telegram,
        chat.store,
        Known(Me(int(own.telegram_token.get_secret_value().partition(":")[0]))),
        _now,
        share,
    )
    secret = secret_of(chat.store.secret(), own.telegram_token.get_secret_value())
    app.register_blueprint(make_hook(desk, secret))
    Attendant(own, desk, secret, chat.store, _now).start()


def _now() -> datetime:
    return datetime.now(UTC)


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
