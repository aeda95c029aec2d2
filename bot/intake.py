"""Where updates come in: each is answered, what is to be sent is kept, and it is decided what may go at once.

Law: nothing is acknowledged before it is kept. A call in the answer to a webhook is dropped without a word when Telegram
refuses it, so only what keeps within every limit goes that way; the rest is a letter.
"""

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from traceback import format_tb
from typing import Any, Final

from bot.call import Call, To, message
from bot.pace import TooFast
from bot.ports import Letter, Party, Store, StoreFailed, Update
from bot.spoken import spoken
from bot.telegram import EACH, Answered, Clock, Telegram
from bot.update import CHANNEL, Heard, Me, number_of, read_update
from locator.language import mark

log = logging.getLogger(__name__)

NO_MESSAGES: Final = frozenset({"answerCallbackQuery", "answerInlineQuery"})  # they count against no limit
_TOO_FAST: Final = mark("You write faster than I can answer. Please wait a moment, then ask again.")
_SECOND: Final = timedelta(seconds=1)
_FAULT: Final = "a fault of the program"
_TOLD_TO_WAIT: Final = "too many messages at once"


class Known:
    """Who the bot is, as soon as Telegram has told."""

    def __init__(self, me: Me) -> None:
        self.me = me


class Shared:
    """This process's share of what all chats together may get: in no second is it more, but for one."""

    def __init__(self, per_second: float) -> None:
        self._sent: deque[datetime] = deque(maxlen=max(1, int(per_second)))
        self._lock = Lock()

    def spend(self, at: datetime) -> None:
        """Raises TooFast."""
        with self._lock:
            if len(self._sent) == self._sent.maxlen and at - self._sent[0] < _SECOND:
                raise TooFast(1)
            self._sent.append(at)


@dataclass(frozen=True, slots=True)
class Intake:
    """For one bot, in one process."""

    telegram: Telegram
    store: Store
    known: Known
    now: Clock
    share: Shared

    def receive(self, update: Any) -> Call | None:
        """The call that may go at once; all else is kept. Raises TooFast, StoreFailed: the update has to come again."""
        answered = self._answered(update)
        if answered is None:
            return None
        calls = answered.calls
        if calls and (calls[0].method in NO_MESSAGES or (len(calls) == 1 and self._may_go(answered))):
            self._keep(answered, calls[1:])
            return calls[0]
        self._keep(answered, calls)
        return None

    def keep(self, update: Any) -> None:
        """The same where nothing can go at once, and nobody delivers again what came too fast. Raises StoreFailed."""
        try:
            answered = self._answered(update)
        except TooFast:
            self._ask_to_wait(update)
            return
        if answered:
            self._keep(answered, answered.calls)

    def _answered(self, update: Any) -> Answered | None:
        answered = self._answer(update)
        if answered.update < 0:
            log.warning("something that is no update was delivered, and is left alone: %s", answered.why)
            return None
        return answered

    def _answer(self, update: Any) -> Answered:
        try:
            return self.telegram.answer(update, self.known.me)
        except (TooFast, StoreFailed):
            raise
        except Exception as error:  # noqa: BLE001 - it would come again with every delivery, and hold up all behind it
            # Where it broke, and not what it says: that may be what somebody wrote.
            where = "".join(format_tb(error.__traceback__))
            log.warning(
                "an update could not be answered, and is put aside: %s\n%s", type(error).__name__, where
            )
            return Answered(number_of(update), None, why=_FAULT)

    def _may_go(self, answered: Answered) -> bool:
        if answered.is_first:
            self.share.spend(self.now())
        return answered.is_first

    def _keep(self, answered: Answered, calls: Sequence[Call]) -> None:
        if not calls and not answered.why:  # all of it went at once
            return
        now = self.now()
        party = answered.party or Party(CHANNEL, "nobody")
        letters = tuple(Letter(party, call.body, now) for call in calls)
        wait = None if answered.is_first else now + EACH
        self.store.accept(Update(CHANNEL, str(answered.update), now, letters, answered.why, wait))

    def _ask_to_wait(self, update: Any) -> None:
        """Once, not for every message: that would be as many letters as messages."""
        heard = read_update(update, self.known.me)
        if not isinstance(heard, Heard):
            return
        now = self.now()
        row = Update(CHANNEL, str(heard.update), now, note=_TOLD_TO_WAIT, not_before=now + EACH)
        if self.store.is_free(heard.party, now - EACH):
            call = message(spoken(heard.language).say(_TOO_FAST), To(heard.chat))
            row = row._replace(letters=(Letter(heard.party, call.body, now),))
        self.store.accept(row)
