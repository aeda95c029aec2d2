"""Replies to questions that stand alone, for whoever asks the same again: most people ask what many ask.

Law: what somebody wrote is not kept, only a digest of it that nobody can undo; and no reply outlives what it says.
"""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from secrets import token_bytes
from threading import Lock
from typing import Final, NamedTuple

MOST: Final = 4_096  # replies; some 6 MiB
_KEY_BYTES: Final = 32


class Remembered(NamedTuple):
    """A reply, and when it holds."""

    reply: bytes
    during: str  # how the moments begin at which it says the same: a minute, or a day


class Recall:
    """Remembers the replies that were asked for last. Threads may share it."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._key = token_bytes(_KEY_BYTES)
        self._held: OrderedDict[bytes, Remembered] = OrderedDict()
        self._lock = Lock()

    def reply(self, asked: tuple[str, ...], moment: str, make: Callable[[], Remembered]) -> bytes:
        """The reply to what was asked, made when none is remembered that holds at this moment (ISO 8601).

        `asked`: all that the reply depends on besides.
        """
        digest = blake2b("\0".join(asked).encode(), key=self._key).digest()
        with self._lock:
            known = self._held.get(digest)
            if known is not None and moment.startswith(known.during):
                self._held.move_to_end(digest)
                return known.reply
        made = make()
        # A copy: JSON is written into several KiB, and the bytes it becomes hold on to them.
        made = made._replace(reply=bytes(memoryview(made.reply)))
        with self._lock:
            self._held[digest] = made
            self._held.move_to_end(digest)
            if len(self._held) > self._most:
                self._held.popitem(last=False)
        return made.reply
