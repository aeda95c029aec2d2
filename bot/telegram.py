"""The chat on Telegram: from an update to the calls that answer it.

Law: what is asked goes through the chat and its store under the update's number, so an update that is delivered again is
answered with the same calls. What only says what this face can do is the same for everybody, and is not kept.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson

from bot.button import Kind, NoSuchButton, Pick, Stale
from bot.call import (
    DID_NOT_HELP,
    HELPED,
    HERE,
    LONGEST,
    OWN,
    SERVICES,
    VENUE,
    Call,
    To,
    card_text,
    data_of,
    full_id,
    message,
    pieces_of,
    pressable,
    reply_calls,
    text_of,
)
from bot.chat import Chat
from bot.nearby import Nearby
from bot.ports import Message, Party, Reused
from bot.spoken import TRADITIONAL, spoken
from bot.update import Act, Heard, Ignored, Me, read_update
from locator.errors import BadInput
from locator.language import Language, language_of, mark, traditional
from locator.model import Service
from locator.wording import service_words

_SHARED: Final = "here:"  # what is recorded of a message that was only a position
_OUTLET: Final = "outlet_"  # a deep link to an outlet: ?start=outlet_<id>
_ENTRIES: Final[Mapping[str, str]] = MappingProxyType(
    {"start": "hello", "help": "about-bot", "hotline": "human"}
)
_CHOICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "nearest": Pick(Kind.FIND).id,
        "lang": Pick(Kind.LANGUAGE).id,
        "forget": Pick(Kind.FORGET).id,
    }
)
COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "nearest": mark("The nearest hall"),
        "hotline": mark("Talk to a person"),
        "lang": mark("Choose the language"),
        "help": mark("What I can do"),
        "forget": mark("Delete what I wrote"),
    }
)
"""What the bot's menu offers, in the order it does."""

_NO_FILES: Final = mark(
    "I cannot look at pictures, voices or files, and did not open yours. Please write your question in words; never send a"
    " photo of a card or an ID."
)
_FAR_AWAY: Final = mark(
    "This position is far away from Luzhou and Chongqing. Write a district, town or street there, for example Shapingba."
)
_TOO_OLD: Final = mark("This button is too old. Please press a newer one, or just write your question.")
_SHARE: Final = mark(
    "On a phone, press the button below, or send a place with the paper-clip: I look for the nearest hall, and keep only where it is"
    " to about a kilometre. Or just write a district, town or street."
)
_SHARE_BUTTON: Final = mark("Send my position")
_PRIVACY: Final = mark(
    "What you write is kept for {days} days, and numbers like those of an ID or a card are covered first; /forget deletes"
    " everything at once."
)
_THANKS: Final[Mapping[str, str]] = MappingProxyType(
    {HELPED: mark("Thank you, I am glad it helped."), DID_NOT_HELP: mark("Thank you for telling me.")}
)
_NOTHING_TO_SEND: Final = frozenset({"decline", "clarify", "ask-where", "language", "forgotten"})
_ANOTHER: Final = "under its number came something else before"
_TOPICS: Final = ("lost", "activate", "fee", "outlets")  # entries offered when nothing is typed yet
_MOST_OFFERED: Final = 10
_LONGEST_ABOUT: Final = 100  # characters of what is seen of an offer before it is chosen
_CACHED_S: Final = 300  # open or closed changes by the minute, answers by the day

# A message to one chat (Bots FAQ, "My bot is hitting limits"), and a little for the way there.
EACH: Final = timedelta(seconds=1.1)

Clock = Callable[[], datetime]


class Said(NamedTuple):
    """The calls that answer, and whether the first message among them may go at once."""

    calls: tuple[Call, ...] = ()
    is_first: bool = False


class Answered(NamedTuple):
    """What an update is answered with."""

    update: int
    party: Party | None
    calls: tuple[Call, ...] = ()
    why: str = ""  # there is no call
    is_first: bool = False  # nothing else was sent to the party a moment ago: it may go at once


@dataclass(frozen=True, slots=True)
class Telegram:
    """The chat, for one bot. `now` gives an aware datetime."""

    chat: Chat
    nearby: Nearby
    now: Clock
    keeps_days: int

    def answer(self, update: Any, me: Me) -> Answered:
        """The same calls however often the update is delivered. Raises TooFast and StoreFailed: deliver it again."""
        heard = read_update(update, me)
        if isinstance(heard, Ignored):
            return Answered(heard.update, None, why=heard.why)
        said = _ACTS[heard.act](self, heard)
        is_first = said.is_first and not heard.is_group  # where several write, each at their own pace
        return Answered(heard.update, heard.party, said.calls, "" if said.calls else _ANOTHER, is_first)

    # -- what was done --

    def _text(self, heard: Heard) -> Said:
        return self._told(heard, text=heard.text)

    def _shared(self, heard: Heard) -> Said:
        if heard.point is not None:
            return self._told(heard, choice=_SHARED)
        return Said((message(self._language(heard).say(_FAR_AWAY), _to(heard)),))

    def _file(self, heard: Heard) -> Said:
        return Said((message(self._language(heard).say(_NO_FILES), _to(heard)),))

    def _command(self, heard: Heard) -> Said:
        if heard.command == "nearest" and heard.text:
            return self._told(heard, text=heard.text)
        return self._told(heard, choice=self._meant(heard), is_start=heard.command == "start")

    def _meant(self, heard: Heard) -> str:
        """The choice a command stands for."""
        if heard.command == "start" and heard.text:
            return self._linked(heard.text)
        entry = Pick(Kind.ENTRY, _ENTRIES.get(heard.command, _ENTRIES["help"])).id
        return _CHOICES.get(heard.command, entry)

    def _linked(self, payload: str) -> str:
        if payload.startswith(_OUTLET) and (name := self.nearby.outlet(payload.removeprefix(_OUTLET))):
            return Pick(Kind.PLACE, name).id
        entries = self.chat.adviser.knowledge.entries
        return Pick(Kind.ENTRY, payload if payload in entries else _ENTRIES["start"]).id

    def _language(self, heard: Heard) -> Language:
        """As was chosen, else as the app is."""
        return spoken(self.chat.store.language(heard.party) or heard.language)

    # -- through the chat --

    def _told(self, heard: Heard, *, text: str = "", choice: str = "", is_start: bool = False) -> Said:
        try:
            reply, is_first = self._reply(heard, text, choice)
        except Reused:
            return Said()
        except (BadInput, Stale):
            return Said((message(self._language(heard).say(_TOO_OLD), _to(heard)),))
        if is_start:
            privacy = spoken(reply["language"]).say(_PRIVACY, days=self.keeps_days)
            reply["text"] = "\n\n".join(filter(None, (reply["text"], privacy)))
        return Said(tuple(reply_calls(reply, _to(heard))), is_first)

    def _reply(self, heard: Heard, text: str, choice: str) -> tuple[dict[str, Any], bool]:
        """The reply, and whether it may go at once."""
        asked = Message(heard.party, str(heard.update), text, choice, self.now(), heard.point, heard.language)
        told = self.chat.tell(asked, EACH)
        return orjson.loads(told.reply), told.is_first

    # -- buttons --

    def _pressed(self, heard: Heard) -> Said:
        choice = full_id(heard.text, self._known())
        name, _, value = choice.partition(":")
        try:
            if name not in OWN:
                return self._chosen(heard, choice)
            calls = tuple(self._own(heard, name, value))
        except Reused:
            return Said((_notice(heard),))
        except (BadInput, Stale):
            return Said((_notice(heard, self._language(heard).say(_TOO_OLD)),))
        return Said(calls if calls[0].method == "answerCallbackQuery" else (_notice(heard), *calls))

    def _chosen(self, heard: Heard, choice: str) -> Said:
        if not choice:
            raise NoSuchButton
        reply, is_first = self._reply(heard, "", choice)
        return Said((_notice(heard), *reply_calls(reply, _to(heard))), is_first)

    def _own(self, heard: Heard, name: str, value: str) -> Iterator[Call]:
        language = self._language(heard)
        if name == VENUE:
            yield self._venue(heard, value, language)
        elif name == SERVICES:
            yield _services(heard, spoken(value))
        elif name == HERE:
            yield _share(heard, spoken(value))
        elif name in _THANKS:
            known = self.chat.store.note(heard.party, value, helpful=name == HELPED)
            yield _notice(heard, language.say(_THANKS[name] if known else _TOO_OLD))

    def _venue(self, heard: Heard, outlet_id: str, language: Language) -> Call:
        outlet = self.nearby.outlet_of(outlet_id)
        if outlet is None or not outlet.precision.is_exact:
            raise Stale
        return Call(
            "sendVenue",
            {
                "chat_id": heard.chat,
                "latitude": outlet.point.lat,
                "longitude": outlet.point.lon,
                "title": _as_written(language.pick(outlet.name), language),
                "address": f"{outlet.city}{outlet.district}{outlet.address}",
            },
        )

    def _known(self) -> Iterator[str]:
        """The ids of buttons that may be too long to be sent as they are."""
        yield from (Pick(Kind.PLACE, name).id for name in self.nearby.names())
        yield from (f"{VENUE}:{outlet}" for outlet in self.nearby.outlet_ids())

    # -- in other chats --

    def _inline(self, heard: Heard) -> Said:
        offers = {offer["id"]: offer for offer in self._offers(heard)}
        results = list(offers.values())[:_MOST_OFFERED]
        fields = {
            "inline_query_id": heard.query,
            "results": results,
            "cache_time": _CACHED_S,
            # Telegram would show it to whoever types the same, in whatever language.
            "is_personal": True,
        }
        return Said((Call("answerInlineQuery", fields),))

    def _offers(self, heard: Heard) -> Iterator[dict[str, Any]]:
        if heard.point is None and not heard.text:
            for name in _TOPICS:
                yield from _articles(self._advice(heard, choice=Pick(Kind.ENTRY, name).id))
            return
        reply = self._advice(heard, text=heard.text if heard.point is None else "")
        yield from _articles(reply)
        if reply["asks"]:
            for button in reply["buttons"]:
                if button["kind"] == Kind.ENTRY:
                    yield from _articles(self._advice(heard, choice=button["id"]))

    def _advice(self, heard: Heard, *, text: str = "", choice: str = "") -> dict[str, Any]:
        asked = Message(heard.party, "", text, choice, self.now(), heard.point, heard.language)
        told: dict[str, Any] = orjson.loads(self.chat.advise(asked))
        return told


_ACTS: Final[Mapping[Act, Callable[[Telegram, Heard], Said]]] = MappingProxyType(
    {
        Act.TEXT: Telegram._text,  # noqa: SLF001 - a table of its own methods
        Act.COMMAND: Telegram._command,  # noqa: SLF001
        Act.SHARED: Telegram._shared,  # noqa: SLF001
        Act.PRESSED: Telegram._pressed,  # noqa: SLF001
        Act.INLINE: Telegram._inline,  # noqa: SLF001
        Act.FILE: Telegram._file,  # noqa: SLF001
    }
)


def _to(heard: Heard) -> To:
    edits = heard.message if heard.act is Act.PRESSED else 0
    return To(heard.chat, edits, heard.message if heard.is_group and not edits else 0)


def _notice(heard: Heard, text: str = "") -> Call:
    """Ends the waiting of who pressed."""
    fields = {"callback_query_id": heard.query}
    return Call("answerCallbackQuery", {**fields, "text": text, "show_alert": True} if text else fields)


def _services(heard: Heard, language: Language) -> Call:
    """The services in place of the buttons; the text stays. Raises Stale for a message out of reach."""
    if not heard.message:
        raise Stale
    offered = [
        pressable(_as_written(_words(service, language), language), data_of(Pick(Kind.FIND, service).id))
        for service in Service
    ]
    rows = [offered[at : at + 2] for at in range(0, len(offered), 2)]
    fields = {"chat_id": heard.chat, "message_id": heard.message, "reply_markup": {"inline_keyboard": rows}}
    return Call("editMessageReplyMarkup", fields)


def _words(service: Service, language: Language) -> str:
    return service_words(service, language_of(language.short))


def _as_written(text: str, language: Language) -> str:
    """The locator knows simplified characters only."""
    return traditional(text) if language is TRADITIONAL else text


def _share(heard: Heard, language: Language) -> Call:
    """Only where somebody asked for it: Telegram on a computer cannot."""
    call = message(language.say(_SHARE), To(heard.chat))
    if heard.is_group:  # nobody's position is asked for before others
        return call
    keyboard = {
        "keyboard": [[{"text": language.say(_SHARE_BUTTON), "request_location": True}]],
        "one_time_keyboard": True,
        "resize_keyboard": True,
    }
    return call._replace(fields={**call.fields, "reply_markup": keyboard})


def _articles(reply: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The reply, and each outlet in it, as something to be sent into a chat."""
    if _says_something(reply):
        title = reply["spots"]["title"] if reply["spots"] else reply["text"].partition("\n")[0]
        yield _article(f"{reply['decision']}:{reply['entry']}", title, text_of(reply))
    language = spoken(reply["language"])
    for card in reply["spots"]["cards"] if reply["spots"] else []:
        yield _article(f"outlet:{card['number']}", card["name"], card_text(card, language))


def _says_something(reply: Mapping[str, Any]) -> bool:
    """A question back is nothing to send to others."""
    return not reply["asks"] and reply["decision"] not in _NOTHING_TO_SEND


def _article(name: str, title: str, text: str) -> dict[str, Any]:
    return {
        "type": "article",
        "id": data_of(name),
        "title": title,
        "description": text.replace("\n", " ")[:_LONGEST_ABOUT],
        "input_message_content": {
            "message_text": pieces_of(text)[0][:LONGEST],
            "link_preview_options": {"is_disabled": True},
        },
    }
