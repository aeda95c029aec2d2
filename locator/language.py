"""The languages we speak: Chinese and English.

Law: a sentence's key is its English wording, locale/zh.po holds the Chinese, and a test compares the two. `say` takes
values by name and never looks into them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages.pofile import read_po

from locator.model import Name

_CATALOGUES: Final = Path(__file__).parent / "locale"
_LONGEST_TAGS: Final = 200


@dataclass(frozen=True, slots=True)
class Language:
    """One of the languages we speak."""

    code: str  # BCP 47, as HTML wants it
    short: str  # as a URL says it
    name: str  # as its speakers call it
    space: str  # between two sentences
    locale: Locale = field(repr=False, compare=False)
    sentences: Mapping[str, str] = field(repr=False, compare=False)  # by their English wording

    def say(self, sentence: str, **values: object) -> str:
        """Say the sentence in this language, its {names} filled in."""
        return self.sentences.get(sentence, sentence).format_map(values)

    def pick(self, name: Name) -> str:
        return name.zh if self.short == "zh" else name.en


def mark(sentence: str) -> str:
    """Mark a sentence that is said later, so that the test finds it."""
    return sentence


def read_sentences(path: Path) -> dict[str, str]:
    """A gettext catalogue as it is."""
    with path.open(encoding="utf-8") as file:
        catalogue = read_po(file)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


CHINESE: Final = Language(
    "zh-Hans", "zh", "中文", "", Locale("zh", script="Hans"), read_sentences(_CATALOGUES / "zh.po")
)
ENGLISH: Final = Language("en", "en", "English", " ", Locale("en"), {})


def language_of(tags: str) -> Language:
    """The first language we speak in a code or an Accept-Language header ("en-GB,en;q=0.9"), else Chinese."""
    for tag in re.split("[,;]", tags[:_LONGEST_TAGS]):
        spoken = re.match("zh|en", tag.strip().lower())
        if spoken:
            return ENGLISH if spoken[0] == "en" else CHINESE
    return CHINESE


def list_words(parts: Iterable[str], language: Language) -> str:
    return language.say(", ").join(parts)
