"""What the Bot API server of the tests remembers: chats, updates, queries, and a journal of all that went through it."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from threading import Condition, RLock
from typing import Any, Final

Json = dict[str, Any]

# Bot API, Update: "identifiers start from a certain positive number and increase sequentially".
FIRST_UPDATE: Final = 700_000_001
# Bot API, getUpdates: an empty list means all but these.
NOT_BY_DEFAULT: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
# How long the real server waits for answerCallbackQuery or answerInlineQuery is not documented.
QUERIES_LIVE_S: Final = 30.0


class Refused(Exception):  # noqa: N818 - what the server says, no fault of its own
    """A call the server refuses: an HTTP status, a description, and what ResponseParameters has to add."""

    def __init__(self, code: int, why: str, **parameters: int) -> None:
        super().__init__(why)
        self.code, self.why, self.parameters = code, why, parameters

    @property
    def body(self) -> Json:
        """Bot API, Making requests: `ok`, `error_code`, `description`, and at times `parameters`."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.why}
        return body | {"parameters": self.parameters} if self.parameters else body


def bad(why: str) -> Refused:
    """400, in the real server's words."""
    return Refused(400, f"Bad Request: {why}")


@dataclass
class Call:
    """One call of a method; `code` is 0 while it lasts, and for good if nobody was answered."""

    tick: int  # updates and calls share one count, so that they can be put in order
    at: float  # seconds since the server started
    method: str
    parameters: Json
    in_webhook: bool  # it came in the body of a webhook's answer
    code: int = 0
    why: str = ""  # it was refused
    result: Any = None
    early: bool = False  # within the retry_after of an earlier one
    took_effect: bool = False

    @property
    def refused(self) -> bool:
        return bool(self.why)


@dataclass(frozen=True)
class Attempt:
    """One delivery of an update; `status` is 0 if no answer came."""

    update_id: int
    at: float  # seconds since the server started
    status: int
    error: str
    lost: bool = False  # its answer was not looked at, and the update is delivered again


@dataclass
class Journal:
    """Everything in order. Both lists only grow."""

    calls: list[Call] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    def of(self, *methods: str) -> list[Call]:
        """The calls of these methods."""
        return [call for call in list(self.calls) if call.method in methods]

    @property
    def refused(self) -> list[Call]:
        return [call for call in list(self.calls) if call.refused]

    def attempts_of(self, update_id: int) -> list[Attempt]:
        return [attempt for attempt in list(self.attempts) if attempt.update_id == update_id]


@dataclass(frozen=True)
class Update:
    """One update as it is delivered."""

    id: int
    tick: int
    kind: str  # "" if it is no update at all
    body: bytes
    lane: tuple[str, int]  # updates of one lane are delivered one after the other
    content: Json
    chat: int = 0  # where an answer is awaited; 0: nowhere


@dataclass
class Chat:
    """A chat as it stands now."""

    id: int
    kind: str  # private, group or supergroup
    name: str
    username: str = ""
    messages: dict[int, Json] = field(default_factory=dict)
    keyboard: Json | None = None  # the reply keyboard under it
    met: bool = False  # the bot has heard of it
    barrier: str = ""  # why the bot may not write
    moved_to: int = 0

    @property
    def as_json(self) -> Json:
        """Bot API, Chat."""
        name = "first_name" if self.kind == "private" else "title"
        username = {"username": self.username} if self.username else {}
        return {"id": self.id, "type": self.kind, name: self.name} | username


@dataclass
class Query:
    """A callback query or an inline query that waits for an answer."""

    id: str
    kind: str
    user: int
    asked_at: float
    answers: list[Json] = field(default_factory=list)


@dataclass(frozen=True)
class Webhook:
    """What setWebhook said."""

    url: str
    max_connections: int = 40
    secret_token: str = ""


@dataclass
class Profile:
    """What people see of the bot before they talk to it."""

    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)  # by scope and language
    descriptions: dict[str, str] = field(default_factory=dict)  # by language
    short_descriptions: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[int, Json] = field(default_factory=dict)  # by private chat; 0: by default


class World:
    """All of it. Whoever reads or changes it holds `changed`, and notifies."""

    def __init__(self, token: str, reads_groups: bool, clock: Callable[[], float]) -> None:
        self.token = token
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Test bot",
            "username": "test_bot",
        }
        self.reads_groups = reads_groups
        self.lock = RLock()
        self.changed = Condition(self.lock)
        self.stopped = False
        self.chats: dict[int, Chat] = {}
        self.pending: dict[int, Update] = {}
        self.pushed: list[Update] = []
        self.queries: dict[str, Query] = {}
        self.queries_live_s = QUERIES_LIVE_S
        self.files: dict[str, bytes] = {}
        self.profile = Profile()
        self.journal = Journal()
        self.webhook = Webhook("")
        self.last_error: tuple[int, str] | None = None  # Unix time, and what was wrong
        self.allowed: frozenset[str] | None = None  # None: all but NOT_BY_DEFAULT
        self.poller = 0  # counts the calls of getUpdates
        self.told_at: dict[int, int] = {}  # by chat: the tick of the last call that told it something
        self.on_push: Callable[[Update], None] = lambda _: None
        self.on_webhook: Callable[[], None] = lambda: None
        self._clock, self._started_at = clock, clock()
        self.ticks: Iterator[int] = count(1)
        self.numbers: Iterator[int] = count(1)  # of messages, queries and files
        self._ids: Iterator[int] = count(FIRST_UPDATE)

    @property
    def now(self) -> float:
        """Seconds since the server started."""
        return self._clock() - self._started_at

    def push(self, kind: str, content: Json, lane: tuple[str, int], chat: int = 0) -> Update | None:
        """An update of that kind, unless the bot does not want to hear of it."""
        return self.push_anyway(kind, content, lane, chat) if self._wanted(kind) else None

    def push_anyway(self, kind: str, content: Json, lane: tuple[str, int], chat: int = 0) -> Update:
        number = next(self._ids)
        body = json.dumps({"update_id": number, kind: content}).encode()
        return self.queue(Update(number, next(self.ticks), kind, body, lane, content, chat))

    def push_bytes(self, body: bytes) -> Update:
        """Something that is no update."""
        number = next(self._ids)
        return self.queue(Update(number, next(self.ticks), "", body, ("raw", number), {}))

    def queue(self, update: Update) -> Update:
        self.pending[update.id] = update
        self.pushed.append(update)
        self.on_push(update)
        self.changed.notify_all()
        return update

    def _wanted(self, kind: str) -> bool:
        return kind not in NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed

    def ask(self, kind: str, user: int) -> Query:
        """A new query of that kind."""
        query = Query(str(next(self.numbers)), kind, user, self.now)
        self.queries[query.id] = query
        return query

    def put(self, chat: Chat, sender: Json, content: Json) -> Json:
        """A new message in the chat."""
        message: Json = {
            "message_id": next(self.numbers),
            "from": sender,
            "chat": chat.as_json,
            "date": int(time.time()),
        } | content
        chat.messages[message["message_id"]] = message
        return message

    def keep_file(self, content: bytes) -> str:
        """Bot API, File: the identifier by which it can be sent again and downloaded."""
        name = f"file-{next(self.numbers)}"
        self.files[name] = content
        return name
