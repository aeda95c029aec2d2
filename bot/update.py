"""A Telegram update, understood: what somebody sent the bot, or why there is nothing to answer.

Law: whatever is delivered is understood or ignored for a reason; nothing raises, and no reason repeats what was sent.
Source: Telegram Bot API, "Update" and the types below it.
"""

import re
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.mask import masked
from bot.ports import LONGEST_ID, LONGEST_TEXT, Party
from locator.model import CHINA, Point

CHANNEL: Final = "telegram"
_MOST_READ: Final = 8_192  # characters; Telegram's longest message has 4,096
_GAP: Final = " … "
_HALF: Final = (LONGEST_TEXT - len(_GAP)) // 2


class Me(NamedTuple):
    """The bot itself, as getMe tells."""

    id: int
    username: str = ""  # "" while it is not known


class Act(StrEnum):
    """What was done."""

    TEXT = "text"
    COMMAND = "command"
    SHARED = "shared"  # a position
    PRESSED = "pressed"
    INLINE = "inline"  # typed behind the bot's name in another chat
    FILE = "file"  # a photo, a voice, a document: never fetched


class Heard(NamedTuple):
    """One thing somebody did."""

    update: int
    act: Act
    party: Party
    chat: int = 0
    message: int = 0  # in the chat: what was sent, or what the button hangs on; 0 when it is out of reach
    text: str = ""  # masked; of a button, what it sends; of a command, what stands behind it
    command: str = ""
    point: Point | None = None
    language: str = ""
    query: str = ""  # the id by which a press or an inline query is answered
    is_group: bool = False


class Ignored(NamedTuple):
    """Nothing to answer, and why."""

    update: int  # -1 when it has no number
    why: str


# -- the shapes, as far as they are read --


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


_Number = Annotated[int, Field(strict=True, ge=-(2**63), lt=2**63)]


class _User(_Lenient):
    id: _Number
    is_bot: bool = False
    language_code: str = ""


class _Chat(_Lenient):
    id: _Number
    type: str = ""


class _Entity(_Lenient):
    type: str
    offset: int = 0
    length: int = 0


class _Location(_Lenient):
    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)


class _Venue(_Lenient):
    location: _Location


class _Replied(_Lenient):
    sender: _User | None = Field(None, alias="from")


class _Message(_Lenient):
    message_id: _Number
    chat: _Chat
    sender: _User | None = Field(None, alias="from")
    text: str = ""
    caption: str = ""
    entities: list[_Entity] = []
    location: _Location | None = None
    venue: _Venue | None = None
    reply_to_message: _Replied | None = None
    via_bot: _User | None = None


class _Hung(_Lenient):
    """The message a button hangs on; of one that is out of reach only its place is told."""

    message_id: _Number
    chat: _Chat
    date: int = 0  # 0: out of reach


class _Press(_Lenient):
    id: str = Field(max_length=LONGEST_ID)
    sender: _User = Field(alias="from")
    message: _Hung | None = None
    data: str = Field("", max_length=LONGEST_ID)


class _Inline(_Lenient):
    id: str = Field(max_length=LONGEST_ID)
    sender: _User = Field(alias="from")
    query: str = ""
    location: _Location | None = None


class _Update(_Lenient):
    update_id: _Number
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Press | None = None
    inline_query: _Inline | None = None


_FILES: Final = frozenset("photo document voice audio video video_note animation sticker contact".split())
# Of the kinds of update that we read; the others need no shape.
ALLOWED: Final = ("message", "edited_message", "callback_query", "inline_query")


def read_update(update: Any, me: Me) -> Heard | Ignored:
    """`update`: what the JSON held, whatever that is."""
    number = number_of(update)
    try:
        read = _Update.model_validate(update)
    except (ValidationError, RecursionError):
        return Ignored(number, "it has not the shape of an update")
    if read.edited_message and read.edited_message.location:
        return Ignored(number, "a live position moved on; the first one was answered")
    if message := read.message or read.edited_message:
        held = update.get("message") or update["edited_message"]
        return _message(number, message, frozenset(held), me)
    if read.callback_query:
        return _press(number, read.callback_query)
    if read.inline_query:
        return _inline(number, read.inline_query)
    return Ignored(number, "it is of a kind that is not answered")


def number_of(update: Any) -> int:
    """Of whatever was delivered; -1 when it has none."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and abs(number) < 2**63 else -1


# -- what was done --


def _message(number: int, message: _Message, parts: frozenset[str], me: Me) -> Heard | Ignored:
    sender, chat = message.sender, message.chat
    if sender is None or chat.type not in ("private", "group", "supergroup"):
        return Ignored(number, "nobody in particular wrote it")
    heard = Heard(
        number,
        Act.TEXT,
        _party(sender, chat),
        chat.id,
        message.message_id,
        language=_tag(sender.language_code),
        is_group=chat.type != "private",
    )
    if why := _why_not(message, sender, me, is_group=heard.is_group):
        return Ignored(number, why)
    return _said(heard, message, parts, me)


def _why_not(message: _Message, sender: _User, me: Me, *, is_group: bool) -> str:
    """Why it is not for us; "" when it is."""
    if sender.is_bot or (message.via_bot and message.via_bot.id == me.id):
        return "a bot wrote it"
    _, whom, _ = _command(message)
    if whom and me.username and whom.lower() != me.username.lower():
        return "it is a command to another bot"
    if is_group and not whom and not _is_addressed(message, me):
        return "in a group, and not to the bot"
    return ""


def _said(heard: Heard, message: _Message, parts: frozenset[str], me: Me) -> Heard | Ignored:
    name, _, behind = _command(message)
    if name:
        return heard._replace(act=Act.COMMAND, command=name, text=_fitting(behind))
    if position := message.location or (message.venue and message.venue.location):
        return _shared(heard, position)
    if message.text:
        return heard._replace(text=_fitting(_without_name(message.text, me)))
    if parts & _FILES:
        return heard._replace(act=Act.FILE)
    return Ignored(heard.update, "it holds nothing to answer")


def _press(number: int, press: _Press) -> Heard | Ignored:
    hung = press.message
    if press.sender.is_bot:
        return Ignored(number, "a bot pressed it")
    chat = hung.chat if hung else _Chat(id=press.sender.id, type="private")
    return Heard(
        number,
        Act.PRESSED,
        _party(press.sender, chat),
        chat.id,
        hung.message_id if hung and hung.date else 0,
        _clean(press.data),
        language=_tag(press.sender.language_code),
        query=_clean(press.id),
        is_group=chat.type not in ("private", ""),
    )


def _inline(number: int, query: _Inline) -> Heard:
    heard = Heard(
        number,
        Act.INLINE,
        Party(CHANNEL, str(query.sender.id)),
        text=_fitting(query.query),
        language=_tag(query.sender.language_code),
        query=_clean(query.id),
    )
    return _shared(heard, query.location)._replace(act=Act.INLINE) if query.location else heard


def _shared(heard: Heard, position: _Location) -> Heard:
    """A position far away is kept as none: nothing of ours is near it."""
    point = Point(position.latitude, position.longitude)
    inside = CHINA.south <= point.lat <= CHINA.north and CHINA.west <= point.lon <= CHINA.east
    return heard._replace(act=Act.SHARED, point=point if inside else None)


# -- who, and to whom --


def _party(sender: _User, chat: _Chat) -> Party:
    """In a group each talks for themselves."""
    return Party(CHANNEL, str(sender.id) if chat.id == sender.id else f"{chat.id}:{sender.id}")


def _command(message: _Message) -> tuple[str, str, str]:
    """(command, the bot it is for, what stands behind); "/start@LuYuBot loss" is ("start", "LuYuBot", "loss")."""
    first = message.entities[0] if message.entities else None
    if first is None or first.type != "bot_command" or first.offset != 0:
        return "", "", ""
    word, rest = message.text[: first.length], message.text[first.length :]
    name, _, whom = word.removeprefix("/").partition("@")
    return name.lower()[:LONGEST_ID], whom[:LONGEST_ID], rest.strip()


def _is_addressed(message: _Message, me: Me) -> bool:
    replied = message.reply_to_message
    if replied and replied.sender and replied.sender.id == me.id:
        return True
    return bool(me.username) and _name_of(me).search(message.text or message.caption) is not None


def _without_name(text: str, me: Me) -> str:
    return _name_of(me).sub(" ", text, count=1).strip() if me.username else text


@cache
def _name_of(me: Me) -> re.Pattern[str]:
    """@LuYuBot, and not @LuYuBot2."""
    return re.compile(rf"@{re.escape(me.username)}(?!\w)", re.IGNORECASE | re.ASCII)


# -- the text --


def _fitting(text: str) -> str:
    """Masked before it is cut, or half a number would pass. Of a long one the beginning and the end are read."""
    text = masked(_clean(text[:_MOST_READ])).strip()
    return text if len(text) <= LONGEST_TEXT else f"{text[:_HALF]}{_GAP}{text[-_HALF:]}"


def _clean(text: str) -> str:
    """Without control characters and halves of surrogate pairs."""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)


def _tag(language: str) -> str:
    return _clean(language)[:LONGEST_ID]
