"""The people who talk to the bot of the tests, and the groups they do it in."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from tests.bot_api_chats import without_reply
from tests.bot_api_state import Chat, Json, World
from tests.bot_api_text import spot

NOT_STARTED: Final = "bot can't initiate conversation with a user"
BLOCKED: Final = "bot was blocked by the user"
PATIENCE_S: Final = 5.0

T = TypeVar("T")

_FIRST_USER: Final = 500_000_000
_FIRST_GROUP: Final = -4_000_000
# Bot API, Chat: supergroups have identifiers of their own, beginning with -100.
_FIRST_SUPERGROUP: Final = -1_000_000_000_000


def await_on(world: World, what: Callable[[], T], timeout: float) -> T:
    """The first true value, looked for whenever something happened; TimeoutError after so many seconds."""
    until = time.monotonic() + timeout
    with world.changed:
        while not (found := what()):
            if time.monotonic() >= until:
                raise TimeoutError(f"nothing for {timeout} s; the last calls: {world.journal.calls[-5:]}")
            world.changed.wait(until - time.monotonic())
        return found


class Group:
    """A group the bot is in."""

    def __init__(self, world: World, title: str, supergroup: bool) -> None:
        self._world = world
        with world.changed:
            first = _FIRST_SUPERGROUP if supergroup else _FIRST_GROUP
            kind = "supergroup" if supergroup else "group"
            self.chat = Chat(first - next(world.numbers), kind, title, met=True)
            world.chats[self.chat.id] = self.chat

    @property
    def id(self) -> int:
        return self.chat.id

    def migrates(self) -> None:
        """Becomes a supergroup: calls for the old identifier get 400 with migrate_to_chat_id."""
        with self._world.changed:
            old = self.chat
            self.chat = Chat(_FIRST_SUPERGROUP + old.id, "supergroup", old.name, met=True)
            self._world.chats[self.id] = self.chat
            old.moved_to = self.id
            for chat, content in (
                (old, {"migrate_to_chat_id": self.id}),
                (self.chat, {"migrate_from_chat_id": old.id}),
            ):
                # Bot API, Message: both are service messages.
                message = self._world.put(chat, self._world.bot, content)
                self._world.push("message", message, ("chat", chat.id))

    def removes_bot(self, by: "User") -> None:
        """Sends are refused from now on, 403."""
        with self._world.changed:
            self.chat.barrier = f"bot was kicked from the {self.chat.kind} chat"
            _push_membership(self._world, self.chat, by.as_json, "member", "kicked")

    def adds_bot(self, by: "User") -> None:
        with self._world.changed:
            self.chat.barrier = ""
            _push_membership(self._world, self.chat, by.as_json, "left", "member")


class User:
    """Somebody with a private chat with the bot, which is not started before they say something."""

    def __init__(self, world: World, name: str, language_code: str) -> None:
        self._world = world
        self.name = name
        with world.changed:
            self.id = _FIRST_USER + next(world.numbers)
            self.chat = Chat(self.id, "private", name, barrier=NOT_STARTED)
            world.chats[self.id] = self.chat
        self.as_json: Json = {"id": self.id, "is_bot": False, "first_name": name}
        if language_code:
            self.as_json["language_code"] = language_code

    # -- what they do --

    def says(
        self, text: str, *, chat: Group | None = None, mention: bool = False, reply_to: Json | None = None
    ) -> Json:
        """A text, its commands, mentions and addresses marked; returns the message."""
        written = f"@{self._world.bot['username']} {text}" if mention else text
        return self._sends(_written(written), chat, reply_to)

    def commands(self, command: str, *arguments: str, chat: Group | None = None) -> Json:
        """A command: `commands("/start", "loss")`."""
        return self.says(" ".join((command, *arguments)), chat=chat)

    def shares(self, lat: float, lon: float, *, live: bool = False, chat: Group | None = None) -> Json:
        """A position in WGS-84 degrees; a live one is followed by `moves`."""
        return self._sends({"location": _location(lat, lon, live)}, chat)

    def moves(self, message_id: int, lat: float, lon: float, *, chat: Group | None = None) -> Json:
        """Bot API, Location: a live position comes as an edit of its message."""
        return self._changes(message_id, {"location": _location(lat, lon, live=True)}, chat)

    def sends_venue(
        self, title: str, address: str, lat: float, lon: float, *, chat: Group | None = None
    ) -> Json:
        location = _location(lat, lon, live=False)
        venue = {"location": location, "title": title, "address": address}
        return self._sends({"venue": venue, "location": location}, chat)

    def sends_photo(self, caption: str = "", *, chat: Group | None = None) -> Json:
        content: Json = {"photo": [_file(self._world) | {"width": 90, "height": 67}]}
        return self._sends(content | ({"caption": caption} if caption else {}), chat)

    def sends_sticker(self, emoji: str = "👍", *, chat: Group | None = None) -> Json:
        kind = {"type": "regular", "is_animated": False, "is_video": False}
        sticker = _file(self._world) | {"width": 512, "height": 512, "emoji": emoji} | kind
        return self._sends({"sticker": sticker}, chat)

    def sends_poll(
        self, question: str = "?", options: Sequence[str] = ("1", "2"), *, chat: Group | None = None
    ) -> Json:
        poll = {
            "id": f"poll-{question}",
            "question": question,
            "options": [
                {"text": option, "voter_count": 0, "persistent_id": str(number)}
                for number, option in enumerate(options)
            ],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
        return self._sends({"poll": poll}, chat)

    def forwards(self, text: str, *, chat: Group | None = None) -> Json:
        """Another's words. Bot API, MessageOriginHidden."""
        origin = {"type": "hidden_user", "sender_user_name": "Somebody", "date": int(time.time())}
        return self._sends(_written(text) | {"forward_origin": origin}, chat)

    def edits(self, message_id: int, text: str, *, chat: Group | None = None) -> Json:
        return self._changes(message_id, _written(text), chat)

    def presses(self, button: str, *, chat: Group | None = None) -> str:
        """The newest button with these words; returns the query's identifier, "" for a reply keyboard's button."""
        with self._world.changed:
            where = chat.chat if chat else self.chat
            for message in reversed(where.messages.values()):
                for found in _buttons(message.get("reply_markup"), "inline_keyboard"):
                    if found["text"] == button and "callback_data" in found:
                        return self._asks(where, message, found["callback_data"])
            if any(found["text"] == button for found in _buttons(where.keyboard, "keyboard")):
                self.says(button, chat=chat)
                return ""
        raise LookupError(f"no button {button!r} that sends something among {self._shown(where)}")

    def presses_data(self, data: str, message_id: int | None = None, *, chat: Group | None = None) -> str:
        """A button by its data, shown or not: on that message, or on the newest that shows it."""
        with self._world.changed:
            where = chat.chat if chat else self.chat
            if message_id is not None:
                # Bot API, InaccessibleMessage: date is 0 for a message that was deleted.
                gone = {"chat": where.as_json, "message_id": message_id, "date": 0}
                return self._asks(where, where.messages.get(message_id, gone), data)
            for message in reversed(where.messages.values()):
                shown = _buttons(message.get("reply_markup"), "inline_keyboard")
                if any(button.get("callback_data") == data for button in shown):
                    return self._asks(where, message, data)
        raise LookupError(f"no button with {data!r} among {self._shown(where)}")

    def types_inline(self, query: str, location: tuple[float, float] | None = None) -> str:
        """After the bot's name, in any chat; the location is in degrees. Returns the query's identifier."""
        with self._world.changed:
            self.chat.met = True
            asked = self._world.ask("inline_query", self.id)
            content: Json = {"id": asked.id, "from": self.as_json, "query": query, "offset": ""}
            if location:
                content["location"] = _location(*location, live=False)
            self._world.push("inline_query", content, ("inline", self.id))
            return asked.id

    def blocks(self) -> None:
        """Sends are refused from now on, 403."""
        with self._world.changed:
            self.chat.barrier = BLOCKED
            _push_membership(self._world, self.chat, self.as_json, "member", "kicked")

    def unblocks(self) -> None:
        with self._world.changed:
            self.chat.barrier = ""
            _push_membership(self._world, self.chat, self.as_json, "kicked", "member")

    # -- what they see --

    def sees(self, chat: Group | None = None) -> list[Json]:
        """The messages as they stand now, their own too, in the order they were sent."""
        with self._world.changed:
            return list((chat.chat if chat else self.chat).messages.values())

    def told(self, chat: Group | None = None) -> list[Json]:
        """Those of the bot."""
        return [message for message in self.sees(chat) if message["from"]["is_bot"]]

    def keyboard(self, chat: Group | None = None) -> list[str]:
        """The words on the reply keyboard."""
        with self._world.changed:
            return [
                button["text"] for button in _buttons((chat.chat if chat else self.chat).keyboard, "keyboard")
            ]

    def waits_for(
        self, predicate: Callable[[Json], bool], timeout: float = PATIENCE_S, *, chat: Group | None = None
    ) -> Json:
        """The newest message of the bot of which it is true; TimeoutError after so many seconds."""

        def newest() -> list[Json]:
            return [message for message in reversed(self.told(chat)) if predicate(message)][:1]

        return await_on(self._world, newest, timeout)[0]

    def notices(self) -> list[Json]:
        """The answers to their callback queries: text, show_alert, url."""
        return self._answers("callback_query")

    def offers(self) -> list[Json]:
        """The results of the last inline query that was answered."""
        answers = self._answers("inline_query")
        return list(answers[-1]["results"]) if answers else []

    def offered_button(self) -> Json | None:
        """Bot API, InlineQueryResultsButton: the one above these results."""
        answers = self._answers("inline_query")
        return answers[-1]["button"] if answers else None

    # -- how --

    def _answers(self, kind: str) -> list[Json]:
        with self._world.changed:
            mine = [one for one in self._world.queries.values() if (one.user, one.kind) == (self.id, kind)]
            return [answer for query in mine for answer in query.answers]

    def _sends(self, content: Json, group: Group | None, reply_to: Json | None = None) -> Json:
        with self._world.changed:
            chat = group.chat if group else self.chat
            if chat is self.chat:
                chat.met, chat.barrier = True, ""  # saying something starts the bot, and unblocks it
            self.chat.met = True
            replied = {"reply_to_message": without_reply(reply_to)} if reply_to else {}
            message = self._world.put(chat, self.as_json, replied | content)
            if self._reaches_bot(chat, message):
                self._world.push("message", message, ("chat", chat.id), chat.id)
            return message

    def _changes(self, message_id: int, content: Json, group: Group | None) -> Json:
        with self._world.changed:
            chat = group.chat if group else self.chat
            kept = {name: value for name, value in chat.messages[message_id].items() if name != "entities"}
            message = kept | content | {"edit_date": int(time.time())}
            chat.messages[message_id] = message
            if self._reaches_bot(chat, message):
                self._world.push("edited_message", message, ("chat", chat.id))
            return message

    def _reaches_bot(self, chat: Chat, message: Json) -> bool:
        """Bots, Privacy mode: in groups commands, mentions and replies to the bot, unless it reads all."""
        bot = self._world.bot
        if chat.kind == "private" or self._world.reads_groups:
            return True
        if message.get("reply_to_message", {}).get("from", {}).get("id") == bot["id"]:
            return True
        return any(
            _is_for(bot["username"], message["text"], entity) for entity in message.get("entities", ())
        )

    def _asks(self, chat: Chat, message: Json, data: str) -> str:
        self.chat.met = True
        query = self._world.ask("callback_query", self.id)
        content = {
            "id": query.id,
            "from": self.as_json,
            "message": message,
            "chat_instance": str(chat.id),
            "data": data,
        }
        self._world.push("callback_query", content, ("chat", chat.id), chat.id)
        return query.id

    @staticmethod
    def _shown(chat: Chat) -> list[str]:
        markups = [message.get("reply_markup") for message in chat.messages.values()]
        inline = [button["text"] for markup in markups for button in _buttons(markup, "inline_keyboard")]
        return inline + [button["text"] for button in _buttons(chat.keyboard, "keyboard")]


def _written(text: str) -> Json:
    entities = spot(text)
    return {"text": text} | ({"entities": entities} if entities else {})


def _location(lat: float, lon: float, live: bool) -> Json:
    return {"latitude": lat, "longitude": lon} | ({"live_period": 900} if live else {})


def _file(world: World) -> Json:
    with world.changed:
        name = world.keep_file(b"a file")
    return {"file_id": name, "file_unique_id": name}


def _buttons(markup: Json | None, name: str) -> list[Json]:
    rows: list[list[Any]] = (markup or {}).get(name) or []
    return [{"text": button} if isinstance(button, str) else button for row in rows for button in row]


def _is_for(username: str, text: str, entity: Json) -> bool:
    """A mention of the bot, or a command that is not for another bot."""
    raw = text.encode("utf-16-le")
    marked = raw[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le")
    _, at, name = marked.partition("@")
    if entity["type"] == "mention":
        return name == username
    return entity["type"] == "bot_command" and (not at or name == username)


def _push_membership(world: World, chat: Chat, by: Json, old: str, new: str) -> None:
    """Bot API, ChatMemberUpdated, of the bot itself."""
    world.push(
        "my_chat_member",
        {
            "chat": chat.as_json,
            "from": by,
            "date": int(time.time()),
            "old_chat_member": _membership(world.bot, old),
            "new_chat_member": _membership(world.bot, new),
        },
        ("chat", chat.id),
    )


def _membership(bot: Json, status: str) -> Json:
    # Bot API, ChatMemberBanned: until_date is 0 for good.
    return {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})
