"""The search box of the first page, read by the bot: what it looks for, and a card on the question in it.

Law: a card says no more than the chat would, and the question goes on there in a POST body only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any, Final

from flask import render_template
from markupsafe import Markup

from bot.adviser import Adviser, Advising
from bot.button import BETWEEN
from bot.decide import Answer, Decision, Decline
from bot.intent import is_english
from bot.nearby import Nearby
from bot.phrase import Voice, phrase
from bot.sought import Sought, read_sought
from bot.spoken import spoken
from bot.talk import Talk
from bot.when import When
from locator.frame import Look
from locator.hours import CHINA_TIME
from locator.language import CHINESE, ENGLISH, Language
from locator.pages import CHOSEN
from locator.parse import MOST_CHARACTERS, NOW
from locator.search import Reading

_CHAT: Final = "/chat"
_A_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SearchBox:
    """Reads what is typed there."""

    adviser: Advising
    nearby: Nearby
    talk: Talk

    def read(self, text: str, at: datetime, look: Look) -> Reading:
        """As the form wants it. `at` is aware."""
        if len(text) > MOST_CHARACTERS:  # the form says so
            return Reading(text)
        known = self.adviser.newest
        sought = read_sought(text, at, known, self.nearby)
        if sought.place and (sought.service, sought.when, sought.decision) == (None, None, None):
            return Reading(text)  # a place alone stays as it was typed
        is_open, when = _open(sought.when, at)
        return Reading(
            place=sought.place,
            service=sought.service or "",
            open=is_open,
            when=when,
            hour_assumed=is_open == CHOSEN and sought.when is not None and not sought.when.hour_named,
            question=text if sought.decision else "",
            card=self._card(sought, text, look, known) if sought.decision else Markup(),
        )

    def _card(self, sought: Sought, text: str, look: Look, known: Adviser) -> Markup:
        language = _language(sought, look, known)
        told = _told(sought.decision, language, known) if sought.decision else {}
        card = render_template("chat-card.html", **told, **self._form(text, look))
        return Markup(card)  # noqa: S704 - a template's

    def _form(self, text: str, look: Look) -> dict[str, Any]:
        """What it takes to ask the same in the chat."""
        return {
            "there": look.url(_CHAT),
            "token": self.talk.visitor(),
            "next_id": token_urlsafe(16),
            "text": text,
        }


def _told(decision: Decision, language: Language, known: Adviser) -> dict[str, Any]:
    reply = phrase(decision, known.knowledge.entries, known.hotline, language, Voice.FULL)
    said = reply.text.split("\n\n", 1)[0]
    is_answer = isinstance(decision, Answer)
    return {
        "language": language,
        "say": language.say,
        "title": language.pick(decision.entry.title) if isinstance(decision, Answer) else "",
        "said": said,
        "choices": list(_choices(reply.buttons)) if not is_answer else [],
        "declines": isinstance(decision, Decline),
    }


def _language(sought: Sought, look: Look, known: Adviser) -> Language:
    """The page's; on a Chinese page, that of an English question, as in the chat."""
    is_foreign = sought.seen is not None and is_english(sought.seen, known.matcher.english)
    asked_in = ENGLISH if look.language is CHINESE and is_foreign else look.language
    return spoken(asked_in.code)


def _choices(buttons: Any) -> Iterator[tuple[str, str]]:
    """What a button sends, and how it is called."""
    return ((f"{button.id}{BETWEEN}{button.text}", button.text) for button in buttons)


def _open(when: When | None, at: datetime) -> tuple[str, str]:
    """The form's `open` and `when`."""
    if when is None:
        return "", ""
    if when.at < at + _A_MINUTE:
        return NOW, ""
    return CHOSEN, when.at.astimezone(CHINA_TIME).strftime("%Y-%m-%dT%H:%M")
