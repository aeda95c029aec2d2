"""The shapes of the chat's answers, as /openapi.json describes them. `render` makes them; a test holds the two together."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.button import Kind
from locator.answers import Lat, Lon
from locator.hours import OpeningState
from locator.model import Precision, Status

DECISIONS = Literal[
    "answer",
    "clarify",
    "decline",
    "spots",
    "ask-where",
    "hand-over",
    "ask-staff",
    "handed",
    "not-handed",
    "no-staff",
    "language",
    "forgotten",
]
LONGEST: Final = 4_096  # characters of a reply, for every face
LANGUAGES = Literal["zh-Hans", "zh-Hant", "en"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LinkAnswer(_Shape):
    name: str
    url: str


class CardAnswer(_Shape):
    """An outlet in words."""

    number: int
    id: str
    name: str
    distance: str
    state: OpeningState
    opening: str
    shut: bool = Field(description="Whether a notice closes it at that time.")
    notices: list[str] = Field(description="Other hours for a while, and what begins within seven days.")
    address: str = Field(description="As it is written there: always simplified Chinese.")
    phone: str
    hours: list[str]
    services: str
    note: str
    status: Status
    status_words: str
    call_first: str
    precision_words: str
    source: str
    source_url: str
    checked: str = Field(description="When somebody last made sure; or empty.")
    exact: bool = Field(description="Whether its position is known at least to the street.")
    precision: Precision
    district: str = Field(description="In Chinese, as it is called today.")
    lat: Lat
    lon: Lon
    links: list[LinkAnswer]


class SpotAnswer(_Shape):
    """WGS-84."""

    lat: Lat
    lon: Lon


class SpotsAnswer(_Shape):
    """The outlets that were found, the best first."""

    title: str
    said: list[str]
    notice: str = Field(
        description="That the address of the district's own outlet is not confirmed; or empty."
    )
    origin: SpotAnswer | None = Field(
        description="Of a place that was named; a shared position is not repeated."
    )
    cards: list[CardAnswer]


class ButtonAnswer(_Shape):
    """Something to choose next; `here` means: send your position."""

    id: str = Field(description="To be sent back as `choice`.")
    text: str
    kind: Kind


class ReplyAnswer(_Shape):
    """What the chat says."""

    id: str = Field(description="The message that this answers.")
    decision: DECISIONS
    entry: str = Field(description="The answer's id in the knowledge, or empty.")
    language: LANGUAGES
    text: Annotated[str, Field(max_length=LONGEST)]
    spots: SpotsAnswer | None
    buttons: list[ButtonAnswer]
    asks: bool = Field(description="Whether one of the buttons has to be chosen to go on.")
    sources: list[str]
    opinion: bool = Field(description="Whether to ask if it helped.")


class VisitorAnswer(_Shape):
    """A visitor's token, good for so many days; what was said is kept no longer."""

    token: str
    keeps_days: int


class OpinionAnswer(_Shape):
    """What to say to it."""

    text: str


class LetterAnswer(_Shape):
    """An answer of the staff."""

    id: int
    asked: str = Field(description="The question, as it was kept.")
    text: str
    language: LANGUAGES = Field(description="Of the conversation.")


class LettersAnswer(_Shape):
    """What came for a visitor, the oldest first; each again and again until it is said to be read."""

    letters: list[LetterAnswer]
    waits: bool = Field(description="Whether a question is still with the staff.")


class EntryAnswer(_Shape):
    id: str
    title: str
    asks: list[str] = Field(description="Some of the ways people ask for it.")


class TopicAnswer(_Shape):
    title: str
    entries: list[EntryAnswer]


class TopicsAnswer(_Shape):
    """What can be asked about the card."""

    topics: list[TopicAnswer]
