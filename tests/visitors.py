"""A visitor who talks with the chat, for tests that read as stories."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast

from bot.adviser import Adviser
from bot.button import Button, Kind
from bot.chat import Chat, Turn
from bot.nearby import Nearby
from bot.pace import Pace
from bot.ports import Message, Party, Session, Store
from locator.guide import make_live
from locator.model import Point
from locator.settings import Settings
from tests.doors import BEIJING

WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=BEIJING)
NUMBERS = count()
SOMEBODY = Party("web", "somebody")


def session(**known: Any) -> Session:
    """Somebody's session, as far as it is known."""
    return Session(SOMEBODY, **{"updated": WEDNESDAY} | known)


def said(text: str = "", *, choice: str = "", language: str = "", point: Point | None = None) -> Message:
    """What somebody says on Wednesday."""
    return Message(SOMEBODY, "message", text, choice, WEDNESDAY, point, language)


def without_store(adviser: Adviser) -> Chat:
    """A chat of which only `turn` and `advise` are used: these keep nothing."""
    return Chat(adviser, Nearby(make_live(Settings())), cast(Store, None), Pace(1, 1))


def offered(turn: Turn) -> list[Button]:
    """The buttons that can be sent back."""
    return [button for button in turn.reply.buttons if button.pick.kind is not Kind.HERE]


@dataclass
class Visitor:
    """Says one thing after the other; `told` is the last reply."""

    chat: Chat
    language: str = ""
    party: Party = field(default_factory=lambda: Party("web", f"visitor{next(NUMBERS)}"))
    at: datetime = WEDNESDAY
    told: dict[str, Any] = field(default_factory=dict)

    def says(self, text: str = "", **more: Any) -> dict[str, Any]:
        self.at += timedelta(seconds=20)
        message = Message(
            self.party,
            more.pop("id", f"message-{next(NUMBERS)}"),
            text,
            more.pop("choice", ""),
            self.at,
            more.pop("point", None),
            self.language,
        )
        self.told = json.loads(self.chat.answer(message))
        return self.told

    def presses(self, kind: str, text: str = "") -> dict[str, Any]:
        """The first button of that kind whose words hold the text."""
        button = next(one for one in self.told["buttons"] if one["kind"] == kind and text in one["text"])
        return self.says(choice=button["id"])

    def shares(self, lat: float, lon: float) -> dict[str, Any]:
        return self.says(choice="here:", point=Point(lat, lon))

    @property
    def kinds(self) -> list[str]:
        return [button["kind"] for button in self.told["buttons"]]

    @property
    def cards(self) -> list[dict[str, Any]]:
        return list(self.told["spots"]["cards"]) if self.told["spots"] else []
