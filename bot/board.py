"""The notice board: what this process knows of what the desk was told.

Law: whoever asks is answered at once from what is known. What another process was told is known here within a second; while
the database cannot be reached, what was known stays.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.closures import Closures
from bot.ports import StoreFailed
from locator.notices import NONE, Notices, make_notices
from locator.watcher import Watcher

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.5


class Board:
    """The newest notices of one database. Threads may share it; any number of processes may each have one."""

    def __init__(self, closures: Closures, now: Callable[[], datetime]) -> None:
        """`now` gives an aware datetime."""
        self.closures = closures
        self._now = now
        self._looking = threading.Lock()
        self._counted = (0, 0)
        self._notices = NONE
        self._is_cut_off = False

    def notices(self) -> Notices:
        """The same object for as long as nothing is new."""
        return self._notices

    def look(self) -> None:
        """Know what is new. A database that cannot be reached is asked again the next time."""
        with self._looking:
            try:
                self._look()
            except StoreFailed as error:
                if not self._is_cut_off:  # once, and not twice a second
                    log.warning("what the desk was told since is not known: %s", error)
                self._is_cut_off = True
            else:
                self._is_cut_off = False

    def start(self) -> None:
        """Look now, and then again and again, aside."""
        self.look()
        Watcher("board", self.look, LOOK_EVERY_S).start()

    def _look(self) -> None:
        counted = self.closures.counted()  # before reading: what is added meanwhile is then seen as new
        if counted != self._counted:
            self._notices = make_notices(self.closures.telling(self._now()), self.closures.checked())
            self._counted = counted
