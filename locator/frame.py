"""What every page is drawn with: its language, the other one, its sentences, and how its numbers are marked."""

import re
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup, escape

from locator import wording
from locator.files import OWN
from locator.language import CHINESE, ENGLISH, Language

_HOTLINE: Final = re.compile(r"(?:023-)?12333")
_SPAN: Final = re.compile(r"\d\d?:\d\d–\d\d?:\d\d、?")


def texts(language: Language, path: str = "/") -> dict[str, Any]:
    """For the page at `path`, whose language stands in its URL."""
    other = ENGLISH if language is CHINESE else CHINESE
    return {
        "language": language,
        "other": other,
        "there": in_language(path, other),
        "home": in_language("/", language),
        "say": language.say,
        "wording": wording,
        "asset": OWN.url,
    }


def in_language(path: str, language: Language, **fields: str) -> str:
    """The path with what stands in its URL; Chinese goes without saying."""
    told = fields | ({} if language is CHINESE else {"lang": language.short})
    return f"{path}?{urlencode(told)}" if told else path


def dialable(text: str) -> Markup:
    """The hotline's numbers as links."""
    return _marked(_HOTLINE, r'<a class="whole" href="tel:\g<0>">\g<0></a>', text)


def whole(text: str) -> Markup:
    """From when until when, never broken over two lines."""
    return _marked(_SPAN, r'<span class="whole">\g<0></span>', text)


def _marked(pattern: re.Pattern[str], markup: str, text: str) -> Markup:
    # str(): joining pieces of Markup would escape what is put in.
    return Markup(pattern.sub(markup, str(escape(text))))  # noqa: S704 - escaped first
