"""What every page is drawn with: how it speaks and how large it is, its sentences, and how its numbers are marked.

Law: a page's Look stands in its URL, and every link and form of the page is made from it: it outlives a POST, and the
walk from page to page, without a cookie.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup, escape

from locator import wording
from locator.files import OWN
from locator.language import CHINESE, LANGUAGES, Language, language_of

_HOTLINE: Final = re.compile(r"(?:023-)?12333")
_SPAN: Final = re.compile(r"\d\d?:\d\d–\d\d?:\d\d、?")
_LARGE: Final = "large"


@dataclass(frozen=True, slots=True)
class Look:
    """How a page speaks, and whether it is written large."""

    language: Language = CHINESE
    is_large: bool = False

    def url(self, path: str = "/", **fields: str) -> str:
        """The path with what stands in its URL; Chinese and the standard size go without saying."""
        told = dict(fields)
        if self.language != CHINESE:
            told["lang"] = self.language.code
        if self.is_large:
            told["size"] = _LARGE
        return f"{path}?{urlencode(told)}" if told else path

    def in_language(self, language: Language) -> "Look":
        return replace(self, language=language)

    def resized(self) -> "Look":
        """The other of the two sizes."""
        return replace(self, is_large=not self.is_large)


class Way(NamedTuple):
    """The same page in another language."""

    language: Language
    url: str


def look_of(fields: Mapping[str, str]) -> Look:
    """The look that a URL's fields ask for."""
    return Look(language_of(fields.get("lang", "")), fields.get("size") == _LARGE)


def texts(look: Look, path: str = "/", **fields: str) -> dict[str, Any]:
    """For the page at `path`; `fields` are what else stands in its URL."""
    return {
        "look": look,
        "language": look.language,
        "languages": [
            Way(one, look.in_language(one).url(path, **fields))
            for one in LANGUAGES.values()
            if one != look.language
        ],
        "alternates": [Way(one, Look(one).url(path, **fields)) for one in LANGUAGES.values()],
        "resized": look.resized().url(path, **fields),
        "home": look.url("/"),
        "say": look.language.say,
        "write": look.language.write,
        "wording": wording,
        "asset": OWN.url,
    }


def dialable(text: str) -> Markup:
    """The hotline's numbers as links."""
    return _marked(_HOTLINE, r'<a class="whole" href="tel:\g<0>">\g<0></a>', text)


def whole(text: str) -> Markup:
    """From when until when, never broken over two lines."""
    return _marked(_SPAN, r'<span class="whole">\g<0></span>', text)


def _marked(pattern: re.Pattern[str], markup: str, text: str) -> Markup:
    # str(): joining pieces of Markup would escape what is put in.
    return Markup(pattern.sub(markup, str(escape(text))))  # noqa: S704 - escaped first
