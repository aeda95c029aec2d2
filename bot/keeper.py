"""Forgets what is too old, now and then, for as long as the service runs.

Law: nothing is forgotten before it was counted.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Store, StoreFailed
from locator.watcher import Watcher

log = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=10)  # positions go after an hour, and may not linger for much longer


class Keeper:
    """Looks through the store; any number of processes may each have one."""

    def __init__(
        self,
        store: Store,
        keep: timedelta,
        now: Callable[[], datetime],
        count: Callable[[datetime], None],
    ) -> None:
        """`now` gives an aware datetime; `count` counts the days that are over, and may raise StoreFailed."""
        self._count = count
        self._store = store
        self._keep = keep
        self._now = now

    def start(self) -> None:
        Watcher("keeper", self.look, EVERY.total_seconds()).start()

    def look(self) -> None:
        """Count, and forget what is too old; a store that is busy is asked again the next time."""
        try:
            at = self._now()
            self._count(at)
            self._store.expire(at, self._keep)
        except StoreFailed as error:
            log.warning("old conversations were not deleted: %s", error)
