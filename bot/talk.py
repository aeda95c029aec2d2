"""Talking with the visitors of the web: who they are, and their messages.

Law: a visitor is a random name in a signed token that the browser keeps. It says nothing about a person, and a button's
mark says whose it is.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from secrets import token_urlsafe
from typing import Any, Final

from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from bot.button import NoSuchButton
from bot.chat import Chat
from bot.ports import Mail, Message, Party
from bot.spoken import spoken
from locator.errors import LocatorError
from locator.language import mark
from locator.model import Point

CHANNEL: Final = "web"
SHARED: Final = "here:"  # what is recorded of a message that was only a position
_NAME_BYTES: Final = 16
_HELPED: Final = mark("Thank you, I am glad it helped.")
_DID_NOT_HELP: Final = mark(
    "Thank you for telling me. Please say it in other words, or call {hotline} and ask a person."
)

Clock = Callable[[], datetime]


class Expired(LocatorError):  # noqa: N818 - reads as what it is
    """A token that is not ours, or too old: the visitor gets a new one and starts anew."""

    def __init__(self) -> None:
        super().__init__("token: is not valid any more; get a new one and send the message again")


class NoSuchMessage(LocatorError):  # noqa: N818 - reads as what it is
    """The visitor sent no message of that id."""

    def __init__(self) -> None:
        super().__init__("id: is no message of this visitor")


class Talk:
    """The chat, for visitors with a token."""

    def __init__(self, chat: Chat, secret: bytes, now: Clock, lasts: timedelta) -> None:
        """`now` gives an aware datetime; a token is good for as long as `lasts`."""
        self._chat = chat
        self._secret = secret
        self._now = now
        self._lasts_s = round(lasts.total_seconds())
        self._tokens = _tokens(secret, now)

    def visitor(self) -> str:
        """A new visitor's token."""
        return str(self._tokens.dumps(token_urlsafe(_NAME_BYTES)))

    def answer(  # noqa: PLR0913 - a message has many sides
        self,
        token: str,
        message_id: str,
        *,
        text: str = "",
        choice: str = "",
        point: Point | None = None,
        language: str = "",
    ) -> bytes:
        """The reply as JSON. Raises Expired, and what Chat.answer raises."""
        name = self.name(token)
        ours = self._mark(name)
        chosen = SHARED if point else _unmarked(choice, ours)
        message = Message(Party(CHANNEL, name), message_id, text, chosen, self._now(), point, language)
        return self._chat.answer(message, ours)

    def opinion(self, token: str, message_id: str, *, helpful: bool, language: str = "") -> str:
        """What to say to it. Raises Expired, NoSuchMessage."""
        party = Party(CHANNEL, self.name(token))
        if not self._chat.store.note(party, message_id, helpful=helpful):
            raise NoSuchMessage
        sentence = _HELPED if helpful else _DID_NOT_HELP
        return spoken(language).say(sentence, hotline=self._chat.adviser.hotline)

    def letters(self, token: str, read: int) -> Mail:
        """Answers of the staff; those up to the id `read` have arrived. Raises Expired."""
        return self._chat.store.fetch(Party(CHANNEL, self.name(token)), read)

    def name(self, token: str) -> str:
        """The visitor's random name. Raises Expired."""
        try:
            name: str = self._tokens.loads(token, max_age=self._lasts_s)
        except (SignatureExpired, BadData):
            raise Expired from None
        return name

    def _mark(self, name: str) -> str:
        return blake2b(name.encode(), key=self._secret, digest_size=3).hexdigest()


def _tokens(secret: bytes, now: Clock) -> URLSafeTimedSerializer:
    class Signer(TimestampSigner):
        """Dates a token by the clock that the messages are dated by."""

        def get_timestamp(self) -> int:
            return int(now().timestamp())

    options: dict[str, Any] = {"signer": Signer}
    return URLSafeTimedSerializer(secret, salt=CHANNEL, **options)


def _unmarked(choice: str, ours: str) -> str:
    """The button's own id. One without a mark is nobody's in particular: a topic, a command."""
    pick, at, whose = choice.rpartition("@")
    if not at:
        return choice
    if whose != ours:
        raise NoSuchButton("belongs to another conversation; press one of the newest buttons here")
    return pick
