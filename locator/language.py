"""The languages we speak: Chinese in both scripts, and English.

Law: a sentence's key is its English wording, locale/zh.po holds the Chinese, and a test compares the two. `say` takes
values by name and never looks into them. Chinese is written in simplified characters; OpenCC makes traditional ones of
a whole sentence, last of all.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import opencc
from babel import Locale
from babel.messages.pofile import read_po

from locator.model import Name

_CATALOGUES: Final = Path(__file__).parent / "locale"
_LONGEST_TAGS: Final = 200


@dataclass(frozen=True, slots=True)
class Language:
    """One of the languages we speak."""

    code: str  # BCP 47, as HTML wants it and a URL says it
    short: str  # the side of a Name it takes: both scripts say "zh"
    name: str  # as its speakers call it
    space: str  # between two sentences
    locale: Locale = field(repr=False, compare=False)
    sentences: Mapping[str, str] = field(repr=False, compare=False)  # by their English wording
    write: Callable[[str], str] = field(
        default=str, repr=False, compare=False
    )  # simplified text in its script

    def say(self, sentence: str, **values: object) -> str:
        """Say the sentence in this language, its {names} filled in."""
        return self.write(self.sentences.get(sentence, sentence).format_map(values))

    def pick(self, name: Name) -> str:
        return self.write(name.zh) if self.short == "zh" else name.en


def mark(sentence: str) -> str:
    """Mark a sentence that is said later, so that the test finds it."""
    return sentence


def read_sentences(path: Path) -> dict[str, str]:
    """A gettext catalogue as it is."""
    with path.open(encoding="utf-8") as file:
        catalogue = read_po(file)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


# -- traditional characters --

# In two steps, with Taiwan's forms of characters (裡, 為, 核): its table of both at once takes 15 MiB more.
_TO_TRADITIONAL: Final = opencc.OpenCC("s2t")
_TO_TAIWANS: Final = opencc.OpenCC("t2tw")
# What OpenCC takes for other words: a hair clip, blond hair, a foreign name – and the names of other places.
_OURS: Final = {
    "发卡": "發卡",
    "金发": "金發",
    "别着": "別著",
    "卡里": "卡裡",
    "制卡": "製卡",
    "海棠溪": "海棠溪",
    "竹溪": "竹溪",
    "澄江": "澄江",
    "东升街": "東升街",
    "余家镇": "余家鎮",
    "岳溪": "岳溪",
    "郁山": "郁山",
    "钟多": "鐘多",
    "几江街": "几江街",
}
# What is written already stays, so that a sentence may hold another one.
_WRITTEN: Final = _OURS | {written: written for written in _OURS.values()}
_BETWEEN_WRITTEN: Final = re.compile(f"({'|'.join(_WRITTEN)})")


def traditional(text: str) -> str:
    """The text in traditional characters."""
    return "".join(_WRITTEN.get(piece) or _converted(piece) for piece in _BETWEEN_WRITTEN.split(text))


def _converted(text: str) -> str:
    written: str = _TO_TAIWANS.convert(_TO_TRADITIONAL.convert(text))
    return written


# -- ours --

CHINESE: Final = Language(
    "zh-Hans", "zh", "中文", "", Locale("zh", script="Hans"), read_sentences(_CATALOGUES / "zh.po")
)
TRADITIONAL: Final = replace(
    CHINESE, code="zh-Hant", name="繁體", locale=Locale("zh", script="Hant"), write=traditional
)
ENGLISH: Final = Language("en", "en", "English", " ", Locale("en"), {})
LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {one.code: one for one in (CHINESE, TRADITIONAL, ENGLISH)}
)
"""By BCP 47 code."""

_TAG: Final = re.compile(r"(zh-(?:hant|tw|hk|mo)(?![a-z]))|zh|(en)")


def language_of(tags: str) -> Language:
    """The first language we speak in a code, an Accept-Language header ("en-GB,en;q=0.9") or LANG, else Chinese."""
    for tag in re.split("[,;]", tags[:_LONGEST_TAGS]):
        if ours := _TAG.match(tag.strip().lower().replace("_", "-")):
            return TRADITIONAL if ours[1] else ENGLISH if ours[2] else CHINESE
    return CHINESE


def list_words(parts: Iterable[str], language: Language) -> str:
    return language.say(", ").join(parts)
