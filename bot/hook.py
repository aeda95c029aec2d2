"""Telegram's webhook: an update comes in, and the answer to the request carries the call that answers it.

Law: nobody but Telegram is listened to. What could not be kept is answered with 503, and Telegram delivers it again.
Source: Telegram Bot API, "Making requests when getting updates", "setWebhook".
"""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import blake2b
from hmac import compare_digest
from typing import Any, Final

from flask import Blueprint, Response, request
from telegram.error import TelegramError
from werkzeug.exceptions import RequestEntityTooLarge

from bot.intake import Intake
from bot.menu import offer_menu
from bot.pace import TooFast
from bot.ports import Store, StoreFailed
from bot.postman import Bot, Postman, apart, holder, make_bot
from bot.settings import BotSettings
from bot.telegram import Clock
from bot.update import ALLOWED, Me

log = logging.getLogger(__name__)

PATH: Final = "/telegram"
_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
_JSON: Final = "application/json"
_BUSY_S: Final = 1
_AGAIN_S: Final = 5.0
# Bytes; the longest message has 24 KiB when each of its characters is written as six.
_LARGEST: Final = 4 * 2**20
_MOST_CONNECTIONS: Final = 40


def secret_of(secret: bytes, token: str) -> str:
    """What Telegram sends with each update, so that we know it is Telegram."""
    return blake2b(token.encode(), key=secret[:64], digest_size=32).hexdigest()


def make_hook(intake: Intake, secret: str) -> Blueprint:
    hook = Blueprint("telegram", __name__)

    @hook.post(PATH)
    def update() -> Response:
        if not compare_digest(request.headers.get(_HEADER, "").encode(), secret.encode()):
            return Response(status=403)
        try:
            call = intake.receive(_read())
        except TooFast as error:
            return _later(error.wait_s)
        except StoreFailed as error:
            log.warning("an update could not be kept: %s", error)
            return _later(_BUSY_S)
        return Response(call.body, content_type=_JSON) if call else Response(status=200)

    return hook


def _read() -> Any:
    """None of what is no JSON, or too much: delivered again it would be so again."""
    request.max_content_length = _LARGEST
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError, RequestEntityTooLarge):
        return None


def _later(seconds: int) -> Response:
    return Response(status=503, headers={"Retry-After": str(seconds)})


class Attendant(threading.Thread):
    """Asks Telegram who the bot is; when this process is in charge, tells it where to deliver, and sends the letters."""

    def __init__(self, settings: BotSettings, intake: Intake, secret: str, store: Store, now: Clock) -> None:
        super().__init__(name="telegram", daemon=True)
        self._settings = settings
        self._intake = intake
        self._secret = secret
        self._store = store
        self._now = now

    def run(self) -> None:
        asyncio.run(self._attend())

    async def _attend(self) -> None:
        bot = make_bot(self._settings)
        await _until_it_answers(bot)
        self._intake.known.me = Me(bot.id, bot.username)
        await Postman(bot, self._store, self._now, holder(), self._in_charge, apart(self._settings)).run(
            asyncio.Event()
        )

    @asynccontextmanager
    async def _in_charge(self, bot: Bot) -> AsyncIterator[None]:
        await offer_menu(bot)
        await bot.set_webhook(
            self._settings.telegram_webhook + PATH,
            secret_token=self._secret,
            allowed_updates=ALLOWED,
            max_connections=_MOST_CONNECTIONS,
        )
        yield


async def _until_it_answers(bot: Bot) -> None:
    while True:
        try:
            await bot.initialize()
        except TelegramError as error:
            log.warning("Telegram does not answer (%s); trying again", error.message)
            await asyncio.sleep(_AGAIN_S)
        else:
            return
