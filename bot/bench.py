"""An entry at the desk, as it is and as its draft would have it, and what its parts are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from flask import Response, abort, make_response, redirect, request

from bot.change import Change, Home, home_of, language_of, phrases_of, texts_of
from bot.desk import staff, visit
from bot.editions import Deed, Draft, Editions
from bot.fault_words import why_in_words
from bot.living import Living
from bot.missed import Missed
from bot.model import Region
from bot.trial import Trials
from locator.api import Clock
from locator.language import Language, mark

_BOTH: Final = ("zh", "en")

WORDS: Final = {
    "title": mark("Title"),
    "answer": mark("Answer"),
    "documents": mark("Documents"),
    "self": mark("in person"),
    "agent": mark("for somebody else"),
    "fee": mark("Fee"),
    "time": mark("How long it takes"),
    "channel": mark("Where and how"),
    "phone": mark("Read aloud on the phone"),
    "sms": mark("Text message"),
    "ask": mark("Phrases"),
    "intent": mark("Label"),
    "services": mark("Services of a hall"),
    "opposite": mark("Opposite entry"),
    "see": mark("See also"),
    "sources": mark("Sources"),
    "reviewed": mark("Reviewed on"),
    "review_by": mark("Review again by"),
    "region": "",
    Region.SICHUAN.value: mark("Sichuan"),
    Region.CHONGQING.value: mark("Chongqing"),
    "zh": mark("Chinese"),
    "en": mark("English"),
}


class State(NamedTuple):
    """An entry as it would be with its draft."""

    entry: str
    home: Home | None  # as published
    draft: Draft
    texts: Mapping[str, str]  # by path, with the phrases

    @property
    def topic(self) -> str:
        return self.home.topic if self.home else (self.draft.change.topic if self.draft.change else "")


@dataclass(frozen=True, slots=True)
class Bench:
    """What the pages are made from."""

    living: Living
    editions: Editions
    trials: Trials
    missed: Missed
    now: Clock

    def state(self, entry: str) -> State:
        """404 for an entry that is neither published nor drafted."""
        draft = self.editions.draft(entry)
        home = home_of(self.living.files(), entry)
        if home is None and draft.change is None:
            abort(404)
        return State(entry, home, draft, overlaid(home.table if home else {}, draft.change))

    def name(self, state: State) -> str:
        """Its title, also when it is not published yet."""
        if state.home:
            return self.title(state.entry)
        return state.texts.get(f"title.{visit().language.short}", state.entry)

    def deed(self) -> Deed:
        return Deed(staff().name, self.now())

    def title(self, entry: str) -> str:
        """As people read it; the id of one that is not published yet."""
        found = self.living.knowledge.entries.get(entry)
        return visit().language.pick(found.title) if found else entry


def overlaid(table: Mapping[str, Any], change: Change | None) -> dict[str, str]:
    """An entry's texts and its phrases, one a line, as a draft would have them, whether or not it still fits."""
    made = change or Change("")
    texts = texts_of(table) | {path: text for path, (_, text) in made.texts.items()}
    phrases = [one for one in phrases_of(table) if one not in made.unasked]
    phrases += [one for one in made.asked if one not in phrases]
    asked = {
        f"ask.{language}": "\n".join(one for one in phrases if language_of(one) == language)
        for language in _BOTH
    }
    return {path: text for path, text in (texts | asked).items() if text}


# -- what pages share --


def label(path: str, language: Language) -> str:
    """What a path means, in words."""
    words = (WORDS.get(name, name) for name in path.split("."))
    return " · ".join(language.say(word) for word in words if word)


def filled(sentence: str, what: str) -> str:
    """A reason in words; a field of an entry, and what is wrong there, are said as people say them."""
    language = visit().language
    path, _, why = what.partition(": ")
    if path.partition(".")[0] not in WORDS or " " in path:
        return language.say(sentence, what=why_in_words(what, language))
    colon = language.say(": ")
    named = f"{label(path, language)}{colon if why else ''}{why_in_words(why, language)}"
    return language.say(sentence, what=named)


def number(name: str) -> int:
    """A number of the form; -1 when it is none."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def to(url: str) -> Response:
    return make_response(redirect(url, 303))
