"""The whole product, put together in one place: the map, the API, the chat."""

import os
from datetime import UTC, datetime, timedelta
from typing import Final

from argon2 import PasswordHasher
from flask import Blueprint
from flask_openapi3 import OpenAPI

import locator.app
from bot.adviser import Advising, make_adviser
from bot.api import add_chat_refusals, make_chat_api
from bot.audit_page import Auditing, make_audit
from bot.bench import Bench
from bot.board import Board
from bot.chat import Chat
from bot.closures import Closures
from bot.closures_page import make_closures
from bot.counts import Counts
from bot.database import Database, open_database
from bot.download import Downloads
from bot.drafts_page import make_drafts
from bot.editions import Editions
from bot.entrance import Entrance
from bot.entries_page import make_entries
from bot.gate import Gate
from bot.hall import make_hall
from bot.handed import Handed
from bot.intake import Intake, Known, Shared
from bot.keeper import Keeper
from bot.living import Living, read_base
from bot.logbook import Logbook
from bot.lookup_page import make_lookup
from bot.missed import Missed
from bot.misses_page import Misses, make_misses
from bot.mistake import Mistakes
from bot.nearby import Nearby
from bot.pace import Pace
from bot.ports import Store
from bot.presence import Limits
from bot.queue_page import make_queue
from bot.replay import read_yardstick
from bot.search import SearchBox
from bot.settings import BotSettings, read_bot_settings
from bot.signin import make_signin
from bot.statistics_page import Figures, make_statistics
from bot.store import SqlStore, open_store
from bot.takeaway import TopicsAlong
from bot.talk import Clock, Talk
from bot.telegram import EACH, Telegram
from bot.trial import Trials
from bot.update import Me
from bot.web import make_web, web_files
from locator.guide import Guide, Informed, make_live
from locator.live import Current
from locator.offline import Along
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
    database = open_database(own.database_url.get_secret_value())
    store = SqlStore(database)
    live, living = make_live(settings), Living(read_base(own.faq), Editions(database), _now)
    board = Board(Closures(database), _now)
    informed = Informed(live, board.notices)
    app = make_app(informed, settings, own, living, store, _now)
    add_desk(app, informed, database, settings, own, store, _now, living, board)
    if own.telegram_token.get_secret_value() and own.telegram_webhook:
        chat = Chat(living, Nearby(informed), store, _ONE_BY_ONE)
        _add_telegram(app, chat, own, settings.workers)
    living.watch()
    board.start()
    live.watch(settings.look_every_s)  # last: it puts aside all that was made so far
    Keeper(store, timedelta(days=own.keep_days), _now, Counts(database).settle).start()
    return app


def _add_telegram(app: OpenAPI, chat: Chat, own: BotSettings, workers: int) -> None:
    from bot.hook import Attendant, make_hook, secret_of  # noqa: PLC0415 - 25 MiB that only Telegram needs

    # A third of what Telegram allows is for letters; the rest is for answers, in equal shares.
    share = Shared(own.telegram_per_second * 2 / 3 / workers)
    telegram = Telegram(chat, chat.nearby, _now, own.keep_days)
    intake = Intake(
        telegram,
        chat.store,
        Known(Me(int(own.telegram_token.get_secret_value().partition(":")[0]))),
        _now,
        share,
    )
    secret = secret_of(chat.store.secret(), own.telegram_token.get_secret_value())
    app.register_blueprint(make_hook(intake, secret))
    Attendant(own, intake, secret, chat.store, _now).start()


def add_desk(  # noqa: PLR0913, PLR0917 - all that the desk stands on
    app: OpenAPI,
    live: Current[Guide],
    database: Database,
    settings: Settings,
    own: BotSettings,
    store: Store,
    now: Clock,
    living: Living,
    board: Board,
) -> None:
    """What is below /desk, for the staff."""
    secret = _secret(own, store)
    limits = Limits(timedelta(minutes=own.desk_idle_minutes), timedelta(hours=own.desk_longest_hours))
    entrance = Entrance(database, PasswordHasher(), secret, limits)
    downloads, keep = Downloads(database, now), timedelta(days=own.keep_days)
    Gate(entrance, secret, settings, now).open(
        app,
        make_lookup(living, live, now),
        make_queue(Handed(database), store, living, secret, now),
        make_closures(live, board, downloads, now),
        *_knowledge_at_the_desk(database, own, secret, now, living),
        make_statistics(Figures(Counts(database), downloads, living, live, keep, now)),
        make_audit(Auditing(Logbook(database), downloads)),
        make_signin(entrance, now),
    )


def _knowledge_at_the_desk(
    database: Database, own: BotSettings, secret: bytes, now: Clock, living: Living
) -> tuple[Blueprint, ...]:
    editions, missed = Editions(database), Missed(database, secret)
    trials = Trials(living, editions, read_yardstick(own.faq))
    bench = Bench(living, editions, trials, missed, now)
    return make_misses(Misses(missed, editions, living, now)), make_drafts(bench), make_entries(bench)


def _secret(own: BotSettings, store: Store) -> bytes:
    return own.secret.get_secret_value().encode() or store.secret()


def _now() -> datetime:
    return datetime.now(UTC)


def make_app(  # noqa: PLR0913, PLR0917 - all that the house stands on
    live: Current[Guide], settings: Settings, own: BotSettings, adviser: Advising, store: Store, now: Clock
) -> OpenAPI:
    """The WSGI service over what is handed in; tests hand in their own."""
    chat = Chat(adviser, Nearby(live), store, Pace(own.messages_at_once, own.messages_per_minute))
    secret = _secret(own, store)
    talk = Talk(chat, secret, now, timedelta(days=own.keep_days))
    web = make_web(talk, adviser, settings, own.keep_days)
    mistakes = Mistakes(store, chat.pace)
    hall = make_hall(live, adviser, mistakes, talk, settings, now, own.keep_days)
    box = SearchBox(adviser, chat.nearby, talk)
    along = Along(web_files(), TopicsAlong(adviser))
    added = locator.app.Added(panel=web.panel, annex=hall.annex, read=box.read, along=along)
    app = locator.app.make_app(live, settings, now, added)
    app.register_api(make_chat_api(chat, talk, now, own.keep_days))
    app.register_blueprint(web.pages)
    app.register_blueprint(hall.pages)
    add_chat_refusals(app)
    return app
