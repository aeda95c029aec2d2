"""Calls of the Telegram Bot API: a reply written as messages, with buttons below.

Law: text goes out plain, with nothing to be parsed in it, so that no word of anybody's can break a message; and no call
is made that Telegram would refuse for its size.
Source: Telegram Bot API, "sendMessage", "InlineKeyboardButton", "editMessageText".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson

from bot.button import Kind
from bot.render import in_traditional
from bot.spoken import TRADITIONAL, spoken
from locator.cards import card_labels
from locator.language import Language, language_of, mark
from locator.model import Status

Json = Mapping[str, Any]

LONGEST: Final = 4_096  # UTF-16 code units of a message
LONGEST_DATA: Final = 64  # bytes of what a button sends
_SHORTENED: Final = "~"  # stands before the digest of a longer one
_WIDE: Final = 16  # characters; buttons with longer words get a line of their own
_IN_A_ROW: Final = 2
_ENDS: Final = ("\n\n", "\n", "。", "；", ". ", "，", " ")  # where a long text is best cut, the best first
# The apps that open in a browser on every phone.
_APPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "uri.amap.com": "高德",
        "api.map.baidu.com": "百度",
        "maps.apple.com": "Apple",
        "www.google.com": "Google",
    }
)
_ON_THE_MAP: Final = mark("Show on the map")
_WRITTEN: Final = mark("Where this is written")


class Press(NamedTuple):
    """A button of this face's own, beside those of the reply."""

    name: str
    value: str = ""

    @property
    def data(self) -> str:
        return f"{self.name}:{self.value}"


VENUE, SERVICES, HERE, HELPED, DID_NOT_HELP = "venue", "services", "here", "helped", "unhelped"
OWN: Final = frozenset({VENUE, SERVICES, HERE, HELPED, DID_NOT_HELP})


class Call(NamedTuple):
    """One call: the method, and its fields as JSON has them."""

    method: str
    fields: Json

    @property
    def body(self) -> bytes:
        """As it stands in the answer to a webhook, and as it is kept."""
        return orjson.dumps({"method": self.method, **self.fields})


def read_call(body: bytes) -> Call:
    fields = orjson.loads(body)
    return Call(fields.pop("method"), fields)


class To(NamedTuple):
    """Where a reply goes."""

    chat: int
    edits: int = 0  # the message that it takes the place of; 0: it is a message of its own
    answers: int = 0  # the message that it answers, where several talk


def reply_calls(reply: Json, to: To) -> list[Call]:
    """A reply as one message, or as several when it is longer than a message may be; the buttons below the last."""
    pieces = pieces_of(text_of(reply))
    keyboard = [list(row) for row in _rows(reply)]
    calls = [message(piece, to) for piece in pieces[:-1]]
    calls.append(message(pieces[-1], to, keyboard))
    if to.edits:
        calls[1:] = map(anew, calls[1:])  # only one can take its place; the rest come behind it
    return calls


def anew(edit: Call) -> Call:
    """What an edit says, as a message of its own."""
    return Call("sendMessage", {name: value for name, value in edit.fields.items() if name != "message_id"})


def message(text: str, to: To, keyboard: Sequence[Sequence[Json]] = ()) -> Call:
    fields: dict[str, Any] = {
        "chat_id": to.chat,
        "text": text,
        "link_preview_options": {"is_disabled": True},
    }
    if keyboard:
        fields["reply_markup"] = {"inline_keyboard": keyboard}
    if to.edits:
        return Call("editMessageText", {**fields, "message_id": to.edits})
    if to.answers:
        fields["reply_parameters"] = {"message_id": to.answers, "allow_sending_without_reply": True}
    return Call("sendMessage", fields)


# -- the text --


def text_of(reply: Json) -> str:
    language = spoken(reply["language"])
    parts = [reply["text"]]
    if spots := reply["spots"]:
        parts += ["\n".join(filter(None, (spots["title"], *spots["said"], spots["notice"])))]
        parts += [card_text(card, language) for card in spots["cards"]]
    if reply["sources"]:
        parts.append("\n".join((f"{language.say(_WRITTEN)}{_colon(language)}", *reply["sources"])))
    return "\n\n".join(filter(None, parts))


def card_text(card: Json, language: Language) -> str:
    """What somebody needs who sets out: how far, whether it is open, where, whom to call first."""
    labels = card_labels(language_of(language.short))
    if language is TRADITIONAL:
        labels = in_traditional(labels)
    colon = _colon(language)
    lines = (
        f"{card['number']}. {card['name']}",
        " · ".join(filter(None, (card["distance"], card["opening"]))),
        *card.get("notices", ()),  # replies were kept before there were any
        f"{labels['address']}{colon}{card['address']}",
        f"{labels['phone']}{colon}{card['phone']}" if card["phone"] else "",
        f"{labels['hours']}{colon}{'; '.join(card['hours'])}" if card["hours"] else "",
        card["services"],
        card["note"],
        f"{card['status_words']}{language.space}{card['call_first']}"
        if card["status"] != Status.OFFICIAL
        else "",
    )
    return "\n".join(filter(None, lines))


def _colon(language: Language) -> str:
    return ": " if language.short == "en" else "："


def pieces_of(text: str) -> list[str]:
    """The text in messages, cut where it hurts least: between paragraphs, lines, sentences, words."""
    pieces = []
    while _length(text) > LONGEST:
        end = _best_end(text)
        pieces.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*pieces, text]


def _best_end(text: str) -> int:
    most = len(text.encode("utf-16-le")[: 2 * LONGEST].decode("utf-16-le", "ignore"))
    for end in _ENDS:
        place = text.rfind(end, 1, most)
        if place > most // 2:
            return place + len(end)
    return most


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


# -- the buttons --


def data_of(button_id: str) -> str:
    """What a button sends: its id, or the digest of one that is too long."""
    return button_id if len(button_id.encode()) <= LONGEST_DATA else _SHORTENED + _digest(button_id)


def _digest(button_id: str) -> str:
    return blake2b(button_id.encode(), digest_size=12).hexdigest()


def full_id(data: str, known: Iterable[str]) -> str:
    """The id that a button meant, of all `known` ones; "" when it is none of them."""
    if not data.startswith(_SHORTENED):
        return data
    return next((one for one in known if data_of(one) == data), "")


def pressable(text: str, data: str) -> Json:
    return {"text": text, "callback_data": data}


def _rows(reply: Json) -> Iterator[list[Json]]:
    language = spoken(reply["language"])
    cards = reply["spots"]["cards"] if reply["spots"] else []
    for card in cards:
        yield list(_card_buttons(card, language))
    buttons = [_button(one, language) for one in reply["buttons"]]
    if cards:
        buttons.append(pressable(language.say("Another service"), Press(SERVICES, language.code).data))
    yield from _laid_out(buttons)
    if reply["opinion"]:
        yield [
            pressable(language.say("Helpful"), Press(HELPED, reply["id"]).data),
            pressable(language.say("Not helpful"), Press(DID_NOT_HELP, reply["id"]).data),
        ]


def _card_buttons(card: Json, language: Language) -> Iterator[Json]:
    """A pin only where the door is known: elsewhere the apps look for the address."""
    number = card["number"]
    if card["exact"]:
        yield pressable(f"{number} {language.say(_ON_THE_MAP)}", data_of(Press(VENUE, card["id"]).data))
    for link in card["links"]:
        app = _APPS.get(link["url"].split("/")[2])
        if app:
            yield {"text": f"{number} {app}", "url": link["url"]}


def _button(button: Json, language: Language) -> Json:
    data = Press(HERE, language.code).data if button["kind"] == Kind.HERE else data_of(button["id"])
    return pressable(button["text"], data)


def _laid_out(buttons: Iterable[Json]) -> Iterator[list[Json]]:
    """Two short ones in a line; a long one has its own."""
    row: list[Json] = []
    for button in buttons:
        if row and (len(button["text"]) > _WIDE or len(row) == _IN_A_ROW):
            yield row
            row = []
        row.append(button)
        if len(button["text"]) > _WIDE:
            yield row
            row = []
    if row:
        yield row
