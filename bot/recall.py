"""Replies to questions that stand alone, for whoever asks the same within the minute: when something happens, many do.

Law: what somebody wrote is not kept, only a digest of it that nobody can undo.
"""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from secrets import token_bytes
from threading import Lock
from typing import Final

MOST: Final = 1_024  # replies; some 3 MiB
_KEY_BYTES: Final = 32


class Recall:
    """Remembers the replies that were asked for last. Threads may share it."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._key = token_bytes(_KEY_BYTES)
        self._held: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = Lock()

    def reply(self, asked: tuple[str, ...], make: Callable[[], bytes]) -> bytes:
        """The reply to what was asked, made if it is not remembered. `asked`: all that the reply depends on."""
        digest = blake2b("\0".join(asked).encode(), key=self._key).digest()
        with self._lock:
            if (known := self._held.get(digest)) is not None:
                self._held.move_to_end(digest)
                return known
        made = make()
        with self._lock:
            self._held[digest] = made
            if len(self._held) > self._most:
                self._held.popitem(last=False)
        return made
