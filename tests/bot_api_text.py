"""The texts and keyboards of the Bot API, checked as the real server checks them, in its words."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.bot_api_state import Json, Refused, bad

# Bot API, HTML style: these tags and no others.
TAGS: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
# Bot API, HTML style: "only the following named HTML entities" – and all numerical ones.
NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
LONGEST_TEXT: Final = 4096
LONGEST_CAPTION: Final = 1024
LONGEST_DATA: Final = 64  # bytes

_REFERENCE: Final = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?")
_PLAIN: Final = re.compile(r"[^<&]+")
_NAME: Final = re.compile(r"[^\s>]*")
_ATTRIBUTE: Final = re.compile(r"[^\s=>]*")
_TOKEN: Final = re.compile(r"[A-Za-z0-9.-]*")
_SPACE: Final = re.compile(r"\s*")
_SPOTTED: Final = re.compile(
    r"(?P<url>https?://[^\s<>]+)"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?!\w)"
    r"|(?<!\w)(?P<mention>@\w{3,32})"
)


def units(text: str) -> int:
    """Bot API, MessageEntity: offsets and lengths are in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def spot(text: str) -> list[Json]:
    """The entities a client finds by itself: commands, mentions and addresses."""
    return [
        {"type": found.lastgroup, "offset": units(text[: found.start()]), "length": units(found.group())}
        for found in _SPOTTED.finditer(text)
    ]


# -- HTML --


def parse_html(source: str) -> tuple[str, list[Json]]:
    """The text and its entities; 400 "can't parse entities: …" as the real server says it."""
    return _Html(source).read()


@dataclass
class _Open:
    """A tag that waits for its end."""

    name: str
    argument: str
    offset: int


class _Html:
    """Reads Telegram's HTML from left to right."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text = ""
        self.length = 0  # of `text`, in UTF-16 units
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def read(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            if plain := _PLAIN.match(self.source, self.at):
                self._put(plain.group())
                self.at = plain.end()
            elif self.source[self.at] == "&":
                self._put(self._reference())
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise _unparsed(f"Can't find end tag corresponding to start tag {self.open[-1].name}")
        return self.text, sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))

    def _put(self, text: str) -> None:
        self.text += text
        self.length += units(text)

    def _reference(self) -> str:
        found = _REFERENCE.match(self.source, self.at)
        character = _character(found) if found else ""
        self.at = found.end() if found and character else self.at + 1
        return character or "&"

    def _start_tag(self) -> None:
        begin = self.at
        name = self._take(_NAME, begin + 1).lower()
        if self.at >= len(self.source):
            raise self._error("Unclosed start tag", begin)
        if name not in TAGS:
            raise self._error(f'Unsupported start tag "{name}"', begin)
        argument = ""
        while not self._closes(begin):
            attribute, value = self._attribute(name, begin)
            argument = _argument(name, attribute, value) or argument
        if name == "span" and argument != "spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler"', begin)
        self.open.append(_Open(name, argument, self.length))

    def _closes(self, begin: int) -> bool:
        self._take(_SPACE, self.at)
        if self.at >= len(self.source):
            raise self._error("Unclosed start tag", begin)
        closes = self.source[self.at] == ">"
        self.at += closes
        return closes

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._take(_ATTRIBUTE, self.at)
        if not name:
            raise self._error(f'Empty attribute name in the tag "{tag}"', begin)
        self._take(_SPACE, self.at)
        if not self.source.startswith("=", self.at):
            if (tag, name.lower()) == ("blockquote", "expandable"):
                return "expandable", ""
            raise self._error(f'Expected equal sign in declaration of an attribute of the tag "{tag}"', begin)
        self._take(_SPACE, self.at + 1)
        if self.at >= len(self.source):
            raise self._error(f'Unclosed start tag "{tag}"', begin)
        quote = self.source[self.at]
        return name.lower(), self._quoted(quote, begin) if quote in "'\"" else self._token()

    def _quoted(self, quote: str, begin: int) -> str:
        end = self.source.find(quote, self.at + 1)
        if end < 0:
            raise self._error("Unclosed start tag", begin)
        value = self.source[self.at + 1 : end]
        self.at = end + 1
        return _REFERENCE.sub(lambda found: _character(found) or found.group(), value)

    def _token(self) -> str:
        begin = self.at
        value = self._take(_TOKEN, begin).lower()
        if self.at < len(self.source) and not (self.source[self.at].isspace() or self.source[self.at] == ">"):
            raise self._error("Unexpected end of name token", begin)
        return value

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise self._error("Unexpected end tag", begin)
        name = self._take(_NAME, begin + 2).lower()
        self._take(_SPACE, self.at)
        if not self.source.startswith(">", self.at):
            raise self._error("Unclosed end tag", begin)
        self.at += 1
        tag = self.open.pop()
        if name not in ("", tag.name):
            raise self._error("Unmatched end tag", begin, f', expected "</{tag.name}>", found "</{name}>"')
        if self.length > tag.offset:
            self._add(tag)

    def _add(self, tag: _Open) -> None:
        entity: Json = {"type": TAGS[tag.name], "offset": tag.offset, "length": self.length - tag.offset}
        last = self.entities[-1] if self.entities else {}
        if tag.name == "a":
            self._add_link(entity, tag.argument)
        elif tag.name == "tg-emoji":
            if not tag.argument.isdigit():
                raise _unparsed("Invalid custom emoji identifier specified")
            self.entities.append(entity | {"custom_emoji_id": tag.argument})
        elif tag.name == "blockquote" and tag.argument:
            self.entities.append(entity | {"type": "expandable_blockquote"})
        elif tag.name == "code" and tag.argument:
            self.entities.append(entity | {"language": tag.argument})
        elif tag.name == "pre" and "language" in last and last["offset"] == tag.offset:
            self.entities[-1] = entity | {"language": last["language"]}
        else:
            self.entities.append(entity)

    def _add_link(self, entity: Json, href: str) -> None:
        written = self.text.encode("utf-16-le")[entity["offset"] * 2 :].decode("utf-16-le")
        address = href or written
        if address.startswith("tg://user?id="):
            user = parse_qs(urlsplit(address).query)["id"][0]
            mention = {"type": "text_mention", "user": {"id": int(user), "is_bot": False, "first_name": ""}}
            self.entities.append(entity | mention)
        elif not wrong_with_url(address):  # otherwise it is mere text
            self.entities.append(entity | {"url": address})

    def _take(self, what: re.Pattern[str], at: int) -> str:
        found = what.match(self.source, at)
        assert found is not None  # each of these patterns fits the empty text
        self.at = found.end()
        return found.group()

    def _error(self, what: str, at: int, more: str = "") -> Refused:
        return _unparsed(f"{what} at byte offset {len(self.source[:at].encode())}{more}")


def _unparsed(why: str) -> Refused:
    return bad(f"can't parse entities: {why}")


def _character(found: re.Match[str]) -> str:
    """What the reference stands for; "" if for nothing."""
    hexadecimal, decimal, name = found.groups()
    if name:
        return NAMED.get(name, "")
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0x10FFFF else ""


def _argument(tag: str, attribute: str, value: str) -> str:
    """What an attribute adds to its tag; all others are passed over."""
    match tag, attribute:
        case ("a", "href") | ("tg-emoji", "emoji-id"):
            return value
        case "code", "class" if value.startswith("language-"):
            return value.removeprefix("language-")
        case "span", "class" if value.startswith("tg-"):
            return value.removeprefix("tg-")
        case "blockquote", "expandable":
            return attribute
        case _:
            return ""


# -- texts --


def formatted(text: str, parse_mode: str, entities: Any) -> tuple[str, list[Json]]:
    """The text as it will be shown, with its entities."""
    match parse_mode.lower():
        case "html":
            text, found = parse_html(text)
        case "" | "none":
            found = [_entity(entity) for entity in entities or []]
        case "markdown" | "markdownv2":
            raise Refused(501, f"Not Implemented: this server reads HTML only, no {parse_mode}")
        case _:
            raise bad("unsupported parse_mode")
    return _trimmed(text, found or spot(text))


def _entity(entity: Any) -> Json:
    if not isinstance(entity, dict):
        raise bad("can't parse MessageEntity: expected an Object")
    for name in ("type", "offset", "length"):
        if name not in entity:
            raise bad(f"can't parse MessageEntity: Can't find field \"{name}\"")
    return entity


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without white space at either end, as the real server stores it."""
    shown = text.strip()
    lead, length = units(text[: len(text) - len(text.lstrip())]), units(shown)
    kept = []
    for entity in entities:
        begin = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, length)
        if begin < end:
            kept.append(entity | {"offset": begin, "length": end - begin})
    return shown, kept


def check_text(text: str) -> None:
    """Bot API, sendMessage: 1–4096 characters after entities parsing. In UTF-16 units, the stricter reading."""
    if not text:
        raise bad("text must be non-empty")
    if units(text) > LONGEST_TEXT:
        raise bad("message is too long")


def check_caption(text: str) -> None:
    """Bot API, sendPhoto: 0–1024 characters after entities parsing."""
    if units(text) > LONGEST_CAPTION:
        raise bad("message caption is too long")


def wrong_with_url(address: str) -> str:
    """Why a link cannot be opened; "" if it can."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "http", address
    if scheme.lower() in ("tg", "ton"):
        return "" if rest else "URL host is empty"
    if scheme.lower() not in ("http", "https"):
        return "Unsupported URL protocol"
    host = urlsplit(f"http://{rest}").hostname or ""
    if not host:
        return "URL host is empty"
    # A host without a dot, as localhost, is none for Telegram.
    return "" if "." in host.strip(".") and not re.search(r"\s", host) else "Wrong HTTP URL"


# -- keyboards --


def read_markup(source: str, private: bool) -> tuple[Json | None, Json | None]:
    """The inline keyboard, or what happens to the reply keyboard."""
    if not source:
        return None, None
    try:
        markup = json.loads(source)
    except ValueError:
        raise bad("can't parse reply keyboard markup JSON object") from None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in markup:
        return _inline_keyboard(markup["inline_keyboard"]), None
    if "keyboard" in markup:
        _check_reply_keyboard(markup["keyboard"], private)
    return None, markup or None


def _inline_keyboard(rows: Any) -> Json | None:
    where = 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array'
    for button in (button for row in _rows(rows, where) for button in row):
        _check_inline_button(button)
    return {"inline_keyboard": rows} if any(rows) else None


def _rows(rows: Any, where: str) -> list[list[Any]]:
    if not isinstance(rows, list):
        raise bad(where)
    if not all(isinstance(row, list) for row in rows):
        raise bad(f"{where} of Arrays")
    return rows


def _check_inline_button(button: Any) -> None:
    """Bot API, InlineKeyboardButton: exactly one of the optional fields must be used."""
    unread = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad(f"{unread}InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad(f'{unread}Can\'t find field "text"')
    if not text:
        raise bad("inline keyboard button text must be non-empty")
    # Bot API, InlineKeyboardButton: style is danger, success or primary.
    if button.get("style", "primary") not in ("danger", "success", "primary"):
        raise bad(f"{unread}invalid button style specified")
    if button.get("url"):
        if why := wrong_with_url(str(button["url"])):
            raise bad(f"inline keyboard button URL '{button['url']}' is invalid: {why}")
    elif button.get("callback_data"):
        # Bot API, InlineKeyboardButton: callback_data has 1–64 bytes.
        if len(str(button["callback_data"]).encode()) > LONGEST_DATA:
            raise bad("BUTTON_DATA_INVALID")
    elif not button.keys() & {
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "web_app",
        "login_url",
        "copy_text",
        "callback_game",
        "pay",
    }:
        raise bad(f"{unread}Text buttons are unallowed in the inline keyboard")


def _check_reply_keyboard(rows: Any, private: bool) -> None:
    where = 'field "keyboard" of the ReplyKeyboardMarkup must be an Array'
    for button in (button for row in _rows(rows, where) for button in row):
        text = button if isinstance(button, str) else button.get("text") if isinstance(button, dict) else None
        if not isinstance(text, str):
            raise bad("can't parse keyboard button: KeyboardButton must be an Object")
        if not text:
            raise bad("keyboard button text must be non-empty")
        # Bot API, KeyboardButton: request_location is available in private chats only.
        if not private and isinstance(button, dict) and button.get("request_location"):
            raise bad("location can be requested in private chats only")
