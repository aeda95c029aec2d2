"""The bot without a public address: it fetches its updates, and all it says are letters.

Law: an update is kept, with the letters that answer it, before Telegram is told that it arrived.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from telegram.error import InvalidToken, TelegramError
from telegram.ext import Updater

from bot.board import Board
from bot.chat import Chat
from bot.closures import Closures
from bot.counts import Counts
from bot.database import open_database
from bot.editions import Editions
from bot.intake import Intake, Known, Shared
from bot.keeper import Keeper
from bot.living import Living, read_base
from bot.menu import offer_menu
from bot.nearby import Nearby
from bot.pace import Pace
from bot.ports import Store, StoreFailed
from bot.postman import Bot, Postman, Raw, apart, holder, make_bot
from bot.settings import BotSettings
from bot.store import SqlStore
from bot.telegram import Telegram
from bot.update import ALLOWED, Me
from locator.errors import BadInput
from locator.guide import Informed, make_live
from locator.settings import Settings

log = logging.getLogger(__name__)
_AGAIN_S: Final = 1.0
_LONG_POLL: Final = timedelta(seconds=10)


class Kept(asyncio.Queue[object]):
    """The queue that python-telegram-bot puts updates in: what is put is kept, and nothing waits to be taken out."""

    def __init__(self, intake: Intake) -> None:
        super().__init__()
        self._intake = intake

    async def put(self, item: object) -> None:
        """Returns when it is kept, and not before: the next call tells Telegram that it arrived."""
        update = item.content if isinstance(item, Raw) else None
        while True:
            try:
                await asyncio.to_thread(self._intake.keep, update)
            except StoreFailed as error:
                log.warning("an update waits: %s", error)
                await asyncio.sleep(_AGAIN_S)
            else:
                return


@dataclass(frozen=True, slots=True)
class Poller:
    """Polls while it is in charge: two at once would answer twice."""

    queue: Kept

    @asynccontextmanager
    async def in_charge(self, bot: Bot) -> AsyncIterator[None]:
        await offer_menu(bot)
        async with Updater(bot, self.queue) as updater:
            await updater.start_polling(
                timeout=_LONG_POLL, allowed_updates=ALLOWED, bootstrap_retries=-1, error_callback=_tell
            )
            try:
                yield
            finally:
                await updater.stop()


def _tell(error: TelegramError) -> None:
    log.warning("Telegram: %s", error.message)


def poll(settings: Settings, own: BotSettings) -> None:
    """Until told to stop. Raises BadInput for a token that is missing or that Telegram does not know."""
    if not own.telegram_token.get_secret_value():
        raise BadInput("BOT_TELEGRAM_TOKEN", "is not set; @BotFather gives you one")
    live = make_live(settings)
    database = open_database(own.database_url.get_secret_value())
    store = SqlStore(database)
    board = Board(Closures(database), _now)
    nearby = Nearby(Informed(live, board.notices))
    living = Living(read_base(own.faq), Editions(database), _now)
    chat = Chat(living, nearby, store, Pace(own.messages_at_once, own.messages_per_minute))
    living.watch()
    board.start()
    live.watch(settings.look_every_s)
    Keeper(store, timedelta(days=own.keep_days), _now, Counts(database).settle).start()
    asyncio.run(_poll(Telegram(chat, nearby, _now, own.keep_days), store, own))
    store.close()


async def _poll(telegram: Telegram, store: Store, own: BotSettings) -> None:
    bot = make_bot(own)
    try:
        await bot.initialize()
    except InvalidToken:
        raise BadInput(
            "BOT_TELEGRAM_TOKEN", "is not known to Telegram; copy it again from @BotFather"
        ) from None
    except TelegramError as error:
        raise BadInput(
            "bot", f"Telegram cannot be reached ({error.message}); BOT_TELEGRAM_PROXY names a way around"
        ) from None
    intake = Intake(telegram, store, Known(Me(bot.id, bot.username)), _now, Shared(own.telegram_per_second))
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    print(f"@{bot.username} listens on Telegram (Ctrl-C stops it)", flush=True)  # noqa: T201 - what a person waits for
    await Postman(bot, store, _now, holder(), Poller(Kept(intake)).in_charge, apart(own)).run(stop)
    await bot.shutdown()


def _now() -> datetime:
    return datetime.now(UTC)
