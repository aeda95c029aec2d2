"""The knowledge as a page takes it along, to be looked up without a network: how it is asked, what is answered, and whence.

Law: what is told there is what is told here, whole: no answer is shortened, and none is made up.
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, Final

from bot.adviser import Adviser, Advising
from bot.decide import Answer
from bot.faq import Knowledge
from bot.model import Entry, Source
from bot.phrase import Voice, phrase
from bot.spoken import SIMPLIFIED, SPOKEN
from locator.language import Language
from locator.model import Name

Json = dict[str, Any]

MOST_ASKS: Final = 25  # ways to ask one thing, in each language: a phone has to carry them


class TopicsAlong:
    """What is taken along, made once for each edition of the knowledge."""

    def __init__(self, adviser: Advising) -> None:
        self._adviser = adviser
        self._made: tuple[Adviser | None, tuple[Json, ...]] = (None, ())

    def __call__(self) -> tuple[Json, ...]:
        adviser = self._adviser.newest
        made_of, topics = self._made
        if made_of is not adviser:
            topics = topics_along(adviser.knowledge, adviser.hotline)
            self._made = adviser, topics  # one assignment: another thread sees the old ones or the new ones
        return topics


def topics_along(knowledge: Knowledge, hotline: str) -> tuple[Json, ...]:
    """The topics on the card, each with its entries. What is read is by language code, and as in Chinese when missing.

    An entry: its `id`, `title`, `asks` (in all languages), `answer` and `sources`.
    """
    on_card = (entry for entry in knowledge.entries.values() if entry.is_card)
    topics = groupby(on_card, key=lambda entry: entry.topic)
    return tuple(
        {
            "title": _named(topic),
            "entries": [_entry(entry, knowledge, hotline) for entry in entries],
        }
        for topic, entries in topics
    )


def _entry(entry: Entry, knowledge: Knowledge, hotline: str) -> Json:
    def told(language: Language) -> str:
        return phrase(Answer(entry), knowledge.entries, hotline, language, Voice.FULL).text

    return {
        "id": entry.id,
        "title": _named(entry.title),
        "asks": list(_asks(entry)),
        "answer": _said(told),
        "sources": [_source(source) for source in entry.sources],
    }


def _asks(entry: Entry) -> Iterator[str]:
    """Chinese ones stand first; some of each."""
    chinese = [ask for ask in entry.asked if not ask.isascii()]
    english = [ask for ask in entry.asked if ask.isascii()]
    yield from (*chinese[:MOST_ASKS], *english[:MOST_ASKS])


def _source(source: Source) -> str:
    return f"{source.title} ({source.dated})" if source.dated else source.title


def _named(name: Name) -> dict[str, str]:
    return _said(lambda language: language.pick(name))


def _said(say: Callable[[Language], str]) -> dict[str, str]:
    first = say(SIMPLIFIED)
    others = {code: say(language) for code, language in SPOKEN.items()}
    return {SIMPLIFIED.code: first} | {code: said for code, said in others.items() if said != first}
