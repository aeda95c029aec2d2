"""An answer of the staff as letters, each as its channel delivers it.

Law: what was asked and what was answered stand in a letter as they are, as plain text, and in pieces that the channel
takes.
"""

from typing import Final

import orjson

from bot.call import To, message, pieces_of
from bot.ports import Party
from bot.spoken import spoken
from bot.update import CHANNEL as TELEGRAM
from locator.language import Language, mark

LONGEST_ANSWER: Final = 4_096  # characters
_LONGEST_QUOTE: Final = 60
_FROM: Final = mark("The staff of {hotline}, on your question “{question}”:")
_FROM_ALONE: Final = mark("The staff of {hotline}:")


def letter_bodies(party: Party, asked: str, answer: str, tag: str, hotline: str) -> list[bytes]:
    """`asked`: the question, or "" when it is not known; `tag`: the language of the conversation."""
    if party.channel != TELEGRAM:
        return [orjson.dumps({"asked": asked, "text": answer, "language": tag})]
    to = To(_chat(party))
    return [message(piece, to).body for piece in pieces_of(_written(asked, answer, spoken(tag), hotline))]


def text_of_letter(body: bytes) -> str:
    """What people read of it."""
    text: str = orjson.loads(body).get("text", "")
    return text


def quoted(text: str, longest: int = _LONGEST_QUOTE) -> str:
    """On one line, and its beginning only when it is long."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _written(asked: str, answer: str, language: Language, hotline: str) -> str:
    head = _FROM if asked else _FROM_ALONE
    return f"{language.say(head, hotline=hotline, question=quoted(asked))}\n\n{answer}"


def _chat(party: Party) -> int:
    """In a group, the group: where it was asked."""
    return int(party.id.partition(":")[0])
