"""What somebody tells us is wrong at a hall, kept for the people who look after the list.

Law: it is masked before the first write and kept as a miss, so that it is forgotten like everything that somebody wrote.
What it says changes nothing by itself.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

import orjson

from bot.mask import masked
from bot.pace import Pace
from bot.ports import Message, Outcome, Party, Session, Store

CHANNEL: Final = "report"
LONGEST: Final = 500  # characters of what somebody writes about it
_DECISION: Final = "report"
_KEPT: Final = orjson.dumps({"decision": _DECISION})


class Wrong(StrEnum):
    """What is wrong."""

    ADDRESS = "address"
    PHONE = "phone"
    HOURS = "hours"
    SERVICES = "services"
    CLOSED = "closed"
    OTHER = "other"


class Mistake(NamedTuple):
    """What is wrong at which hall, and what somebody wrote about it."""

    outlet_id: str
    wrong: Wrong
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mistakes:
    """Keeps them, each once; a visitor may tell so many at a time, as in the chat."""

    store: Store
    pace: Pace

    def keep(self, mistake: Mistake, visitor: str, message_id: str, at: datetime) -> None:
        """Raises BadInput for a text that cannot be read, Reused, TooFast, StoreFailed."""
        message = Message(Party(CHANNEL, visitor), message_id, _written(mistake), "", at)
        self.store.once(message, partial(self._work, message))

    def _work(self, message: Message, session: Session) -> Outcome:
        kept = replace(session, pace=self.pace.after(session.pace, message.at))
        return Outcome(kept, _DECISION, "", _KEPT, miss=True)


def _written(mistake: Mistake) -> str:
    return f"{mistake.outlet_id} {mistake.wrong}: {masked(mistake.text)}"
