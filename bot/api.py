"""The JSON face of the chat, below /api/v1: ask, visitors, chat, opinions, topics.

Law: what somebody wrote, or where they are, comes in a POST body only; nothing of it is logged or repeated in an error.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Final

import orjson
from flask import Flask, Response
from flask_openapi3 import APIBlueprint, Schema, Tag
from flask_openapi3.types import ResponseDict
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from bot import answers
from bot.adviser import Adviser, Advising
from bot.button import NoSuchButton, Stale
from bot.chat import Chat
from bot.faq import Knowledge
from bot.pace import TooFast
from bot.ports import LONGEST_ID, LONGEST_TEXT, Message, Party, Reused, StoreFailed
from bot.render import in_traditional
from bot.spoken import SIMPLIFIED
from bot.talk import Clock, Expired, NoSuchMessage, Talk
from locator.answers import schemas
from locator.api import (
    JSON,
    cached_answer,
    json_answer,
    refuse_what_is_not_json,
    refused,
    responses,
)
from locator.datum import Datum, to_wgs84
from locator.errors import BadInput
from locator.language import ENGLISH, Language
from locator.model import CHINA, Point
from locator.parse import Whole
from locator.render import Json

_TAG: Final = Tag(name="chat", description="Answers on the social security card, like the 12333 hotline.")
_PHRASES: Final = 3  # of an entry, among the topics
_BUSY_S: Final = 5  # until somebody may try again when the store could not answer
_LONGEST_TOKEN: Final = 200
_LAST_LETTER: Final = 2**53  # what JavaScript counts to
ANYBODY: Final = Party("ask", "anybody")  # asks once, and nothing is kept
_LINES: Final = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"
_NO_CONTROLS: Final = r"^[^\u0000-\u001f\u007f-\u009f]*$"

_POSITION: Final[JsonDict] = {
    "required": ["lat", "lon", "datum"],
    "properties": {
        "lat": {"type": "number"},
        "lon": {"type": "number"},
        "datum": {"type": "string"},
        "text": {"not": {}},
        "choice": {"not": {}},
    },
}
_NO_POSITION: Final[JsonDict] = {field: {"not": {}} for field in ("lat", "lon", "datum")}
_TEXT: Final[JsonDict] = {"type": "string"}
_ONE_OF: Final[JsonDict] = {
    "oneOf": [
        {"required": ["text"], "properties": {"text": _TEXT, "choice": {"not": {}}, **_NO_POSITION}},
        {"required": ["choice"], "properties": {"choice": _TEXT, "text": {"not": {}}, **_NO_POSITION}},
        _POSITION,
    ]
}

MessageId = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$", description="The client's own, one a message.")
]
Token = Annotated[str, Field(min_length=1, max_length=_LONGEST_TOKEN)]
LanguageCode = Annotated[answers.LANGUAGES, Field(description="Otherwise the language of the text.")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Said(_Strict):
    """One thing somebody says: a text, a button, or a position."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=_LINES)] | None = None
    choice: Annotated[str, Field(min_length=1, max_length=LONGEST_ID, pattern=_NO_CONTROLS)] | None = Field(
        None, description="The id of a button."
    )
    lat: float | None = Field(None, ge=CHINA.south, le=CHINA.north, strict=True, allow_inf_nan=False)
    lon: float | None = Field(None, ge=CHINA.west, le=CHINA.east, strict=True, allow_inf_nan=False)
    datum: Datum | None = Field(None, description="What `lat` and `lon` are in. Phones give wgs84.")
    language: LanguageCode | None = None

    @property
    def point(self) -> Point | None:
        if self.lat is None or self.lon is None or self.datum is None:
            return None
        return Point(*to_wgs84(self.lat, self.lon, self.datum))


class AskBody(Said):
    """A question that stands alone."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_ONE_OF)


class ChatBody(Said):
    """A message of a conversation."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_ONE_OF)

    token: Token
    id: MessageId


class OpinionBody(_Strict):
    token: Token
    id: MessageId
    helpful: bool = Field(strict=True)
    language: LanguageCode | None = None


class LettersBody(_Strict):
    token: Token
    read: Whole = Field(0, ge=0, le=_LAST_LETTER, description="The id of the newest one you have.")


class NothingBody(_Strict):
    """An empty object."""


class TopicsQuery(_Strict):
    language: answers.LANGUAGES = "zh-Hans"


def make_chat_api(chat: Chat, talk: Talk, now: Clock, keeps_days: int) -> APIBlueprint:
    """The routes. `now` gives an aware datetime."""
    api = APIBlueprint("chat_api", __name__, url_prefix="/api/v1", abp_tags=[_TAG])
    api.components_schemas.update({name: Schema(**schema) for name, schema in schemas(*_SHAPES).items()})
    api.before_request(refuse_what_is_not_json)
    known = Topics(chat.adviser)

    @api.post("/ask", responses=_described(answers.ReplyAnswer, 404, 410))
    def ask(body: AskBody) -> Response:
        """Answer one question; nothing is kept."""
        _check_one(body)
        message = Message(
            ANYBODY, "", body.text or "", body.choice or "", now(), body.point, body.language or ""
        )
        return _told(chat.advise(message))

    @api.post("/visitors", responses=_described(answers.VisitorAnswer))
    def visitors(body: NothingBody) -> Response:  # noqa: ARG001 - checked to be empty
        """A new visitor's token. It holds a random name, and nothing about a person."""
        return json_answer({"token": talk.visitor(), "keeps_days": keeps_days})

    @api.post("/chat", responses=_described(answers.ReplyAnswer, 401, 404, 409, 410, 429, 503))
    def converse(body: ChatBody) -> Response:
        """Answer a message in the light of those before. The same message may safely be sent again."""
        _check_one(body)
        told = talk.answer(
            body.token,
            body.id,
            text=body.text or "",
            choice=body.choice or "",
            point=body.point,
            language=body.language or "",
        )
        return _told(told)

    @api.post("/chat/opinion", responses=_described(answers.OpinionAnswer, 401, 404, 503))
    def opinion(body: OpinionBody) -> Response:
        """Say whether a reply helped."""
        said = talk.opinion(body.token, body.id, helpful=body.helpful, language=body.language or "")
        return json_answer({"text": said})

    @api.post("/letters", responses=_described(answers.LettersAnswer, 401, 503))
    def letters(body: LettersBody) -> Response:
        """What the staff answered. Each is told until you say that you have read it."""
        mail = talk.letters(body.token, body.read)
        told = [{"id": one.id, **orjson.loads(one.body)} for one in mail.letters]
        return _told(orjson.dumps({"letters": told, "waits": mail.waits}))

    @api.get("/topics", responses=responses(200, JSON, answers.TopicsAnswer, 422))
    def topics(query: TopicsQuery) -> Response:
        """What can be asked about the card, with some of the ways people ask it."""
        return cached_answer(known.told(query.language), JSON)

    return api


def add_chat_refusals(app: Flask) -> None:
    """What the chat raises, as problems."""
    for error, (status, field, why) in _PROBLEMS.items():
        app.register_error_handler(error, _refuser(status, field, why))
    app.register_error_handler(TooFast, _too_fast)
    app.register_error_handler(StoreFailed, _store_failed)


_REFUSALS: Final = {
    401: "The token is not valid any more: get a new one at /api/v1/visitors and send the message again.",
    404: "No such button, or no such message of this visitor.",
    409: "The id stands for another message.",
    410: "What the button leads to is gone: ask in words.",
    429: "Too many messages at once; Retry-After says when to go on.",
    503: "The message could not be stored. Send it again, with the same id, after Retry-After.",
}
_PROBLEMS: Final = {
    Expired: (
        401,
        "token",
        "is not valid any more; get a new one at /api/v1/visitors and send the message again",
    ),
    NoSuchMessage: (404, "id", "is no message of this visitor"),
    Reused: (409, "id", "stands for another message; give each message an id of its own"),
    NoSuchButton: (
        404,
        "choice",
        "is no button of this conversation; press one of the newest buttons, or ask in words",
    ),
    Stale: (410, "choice", "leads to something that is gone; ask in words, or press a newer button"),
}
_SHAPES: Final = (
    answers.ReplyAnswer,
    answers.VisitorAnswer,
    answers.OpinionAnswer,
    answers.LettersAnswer,
    answers.TopicsAnswer,
)


def _described(shape: type[BaseModel], *refusals: int) -> ResponseDict:
    own = {status: _REFUSALS[status] for status in refusals}
    return responses(200, JSON, shape, 400, 413, 415, 422, own=own)


def _check_one(body: Said) -> None:
    """Raises BadInput unless it is just one of a text, a button and a whole position."""
    position = (body.lat, body.lon, body.datum)
    given = [body.text is not None, body.choice is not None, any(one is not None for one in position)]
    if sum(given) != 1:
        raise BadInput("text", "send just one of: text, choice, or lat, lon and datum")
    if given[2] and body.point is None:
        raise BadInput("lat", "a position needs lat, lon and datum (wgs84, gcj02 or bd09)")


def _told(reply: bytes) -> Response:
    response = Response(reply, content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def _refuser(status: int, field: str, why: str) -> Callable[[Exception], Response]:
    def refuse(_: Exception) -> Response:
        return refused(status, [(field, why)], _REFUSALS[status])

    return refuse


def _too_fast(error: TooFast) -> Response:
    return _later(429, error.wait_s, [("id", str(error))])


def _store_failed(_: StoreFailed) -> Response:
    return _later(503, _BUSY_S, [])


def _later(status: int, seconds: int, errors: list[tuple[str, str]]) -> Response:
    response = refused(status, errors, _REFUSALS[status])
    response.headers["Retry-After"] = str(seconds)
    return response


class Topics:
    """What can be asked, made once for each edition of the knowledge."""

    def __init__(self, adviser: Advising) -> None:
        self._adviser = adviser
        self._made: tuple[Adviser | None, Mapping[str, Json]] = (None, {})

    def told(self, language: str) -> Json:
        adviser = self._adviser.newest
        made_of, told = self._made
        if made_of is not adviser:
            told = _topics_in_all(adviser.knowledge)
            self._made = adviser, told  # one assignment: another thread sees the old ones or the new ones
        return told[language]


def _topics_in_all(knowledge: Knowledge) -> Mapping[str, Json]:
    simplified = _topics(knowledge, SIMPLIFIED)
    english = _topics(knowledge, ENGLISH)
    return {"zh-Hans": simplified, "zh-Hant": in_traditional(simplified), "en": english}


def _topics(knowledge: Knowledge, language: Language) -> Json:
    topics: dict[str, list[Json]] = {}
    for entry in knowledge.entries.values():
        if entry.is_card:
            asks = [one for one in entry.asked if one.isascii() == (language is ENGLISH)]
            told = {"id": entry.id, "title": language.pick(entry.title), "asks": asks[:_PHRASES]}
            topics.setdefault(language.pick(entry.topic), []).append(told)
    return {"topics": [{"title": title, "entries": entries} for title, entries in topics.items()]}
