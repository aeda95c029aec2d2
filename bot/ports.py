"""What the line from message to reply needs of the outside: a store, and the values that pass through it.

Law: nothing here knows how or where anything is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from locator.errors import LocatorError
from locator.model import Point

LONGEST_TEXT: Final = 1_000  # characters of a message
LONGEST_ID: Final = 128  # characters of a channel, a party, a message id or a choice
_DECIMALS: Final = 2  # of a degree: about a kilometre


class Reused(LocatorError):  # noqa: N818 - reads as what it is: the id was used before
    """A message came under an id that stands for another one. Never carries either."""

    def __init__(self) -> None:
        super().__init__("the message id stands for another message; give each message an id of its own")


class StoreFailed(LocatorError):  # noqa: N818 - reads as what it is
    """The store could not do what was asked: why, and what to do. Trying again with the same message id is safe."""


class Party(NamedTuple):
    """Who is talking."""

    channel: str  # "web", "telegram", …
    id: str  # the channel's own


class Message(NamedTuple):
    """One thing a Party sent."""

    party: Party
    id: str  # the channel's own, one message each; the same again is the same message delivered again
    text: str  # already masked
    choice: str  # the id of the button that was pressed, or ""
    at: datetime  # aware
    # What came along but is no part of what was sent: it is not kept with the turn, and may differ the next time.
    point: Point | None = None  # the position that was shared
    language: str = ""  # what the face speaks, a hint


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation, as far as the next message may refer to it.

    A position is rounded to about a kilometre. Raises ValueError for half a position, or a time without a zone.
    """

    party: Party
    _: KW_ONLY
    language: str = ""  # chosen by the party, or empty
    heard: str = ""  # the language of the last reply
    entry: str = ""  # the id of the last answer on the card
    region: str = ""
    service: str = ""
    place: str = ""
    lat: float | None = None  # degrees, WGS-84
    lon: float | None = None
    open_at: datetime | None = None  # aware; the time that was asked for
    choices: tuple[str, ...] = ()  # the ids of the buttons on offer
    pace: datetime | None = None  # aware; when the party's allowance is whole again
    updated: datetime

    def __post_init__(self) -> None:
        for name, at in (("updated", self.updated), ("open_at", self.open_at), ("pace", self.pace)):
            if at is not None and at.tzinfo is None:
                raise ValueError(f"{name} must name its time zone")
        if self.lat is None or self.lon is None:
            if self.lat is not self.lon:
                raise ValueError("a position needs lat and lon")
            return
        object.__setattr__(self, "lat", round(self.lat, _DECIMALS))
        object.__setattr__(self, "lon", round(self.lon, _DECIMALS))


class Outcome(NamedTuple):
    """What became of a message: the session that goes on, and what is recorded of the turn."""

    session: Session
    decision: str
    entry: str  # the id of the entry it was answered with, or ""
    reply: bytes  # JSON
    miss: bool  # the question could not be answered well


Work = Callable[[Session], Outcome]


class Told(NamedTuple):
    """A reply, and whether the party may get it right away."""

    reply: bytes
    is_first: bool  # it was made just now, and nothing else for the party waits or was delivered a moment ago


class Miss(NamedTuple):
    """A question that could not be answered well, in all the ways it was written."""

    folded: str  # what these have in common
    times: int
    examples: tuple[str, ...]  # the most frequent first


class LetterState(StrEnum):
    """What became of a letter."""

    DUE = "due"
    ON_ITS_WAY = "on its way"
    DELIVERED = "delivered"
    REFUSED = "refused"
    UNSURE = "unsure"


class Letter(NamedTuple):
    """A reply that waits for its channel to deliver it."""

    party: Party
    body: bytes  # JSON
    at: datetime  # aware
    id: int = 0  # given by the store
    note: str = ""  # why it was refused


class Mail(NamedTuple):
    """What a party that fetches its letters finds."""

    letters: tuple[Letter, ...]  # the oldest first
    waits: bool  # a question of theirs is with the staff


class Update(NamedTuple):
    """What a channel delivered, as far as it is kept: that it was, and the letters it is answered with."""

    channel: str
    id: str  # the channel's own
    at: datetime  # aware
    letters: tuple[Letter, ...] = ()
    note: str = ""  # why there is no answer
    not_before: datetime | None = None  # the letters wait until then


class Store(Protocol):
    """Where conversations are kept. Every method is all or nothing, and may raise StoreFailed."""

    def once(self, message: Message, work: Work) -> bytes:
        """Answer a message once, however often it is delivered: the reply, which is safe to send.

        `work` is called within the transaction, with the session as the party's last message left it, and must not
        call the store. When it raises, nothing is stored.

        Raises BadInput for a text or an id that is too long or holds control characters, Reused when the id stands
        for another message.
        """

    def tell(self, message: Message, work: Work, since: datetime) -> Told:
        """The same, for channels with letters. A moment ago: after `since`."""

    def note(self, party: Party, message_id: str, *, helpful: bool) -> bool:
        """Mark what the party thinks of a reply; what did not help is a miss.

        False: the party has no such message. Raises BadInput for an id that no message can have.
        """

    def language(self, party: Party) -> str:
        """The language the party chose; "" when it chose none."""

    def misses(self) -> Sequence[Miss]:
        """The most frequent first."""

    def forget(self, party: Party) -> None:
        """Delete everything of a party."""

    def expire(self, now: datetime, keep: timedelta) -> None:
        """Delete what is older than `keep`; where and when somebody wants to go, after an hour without a message."""

    def accept(self, update: Update) -> bool:
        """Keep an update and its letters. False, and nothing kept: it was accepted before."""

    def is_free(self, party: Party, since: datetime) -> bool:
        """Whether no letter to the party is waiting or was delivered after `since`."""

    def post(self, letter: Letter) -> int:
        """Keep a letter until it is delivered; the id it got."""

    def take(self, channel: str, now: datetime) -> Letter | None:
        """The oldest letter that is due: on its way from now on. A party's letters go one after the other."""

    def delivered(self, letter_id: int, at: datetime, next_at: datetime) -> None:
        """A letter that is gone is no error. The party's next one waits until `next_at`."""

    def put_off(self, letter_id: int, until: datetime) -> None:
        """Due again, not before `until`."""

    def refuse(self, letter_id: int, note: str) -> None:
        """It will never be delivered, and why."""

    def doubt(self, channel: str) -> int:
        """Nobody knows what became of the letters that are on their way: how many there are."""

    def undelivered(self) -> Sequence[Letter]:
        """Those refused or in doubt, for people to look at; the oldest first."""

    def again(self, letter_id: int) -> bool:
        """Send a letter that was refused or is in doubt once more; False when it is neither."""

    def drop(self, letter_id: int) -> bool:
        """Delete a letter that was refused or is in doubt; False when it is neither."""

    def fetch(self, party: Party, read: int) -> Mail:
        """For a channel whose parties come for their letters. Those up to the id `read` are delivered, and not told again."""

    def is_staffed(self, at: datetime) -> bool:
        """Whether anybody may answer at the desk; as it was within half a minute before `at`."""

    def hold(self, lease: str, holder: str, now: datetime, lasts: timedelta) -> bool:
        """Whether the holder has the lease now, until `now + lasts`: it is free, ran out, or was the holder's."""

    def holder(self, lease: str) -> str:
        """Who has it, or had it last; "" when nobody ever had."""

    def release(self, lease: str, holder: str) -> None:
        """The lease is free, if the holder has it."""

    def secret(self) -> bytes:
        """32 random bytes, made once: every process gets the same, for ever."""

    def close(self) -> None:
        """Let go of every connection."""
