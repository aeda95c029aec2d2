"""Looks at something again and again, aside, for as long as the service runs.

Law: whatever goes wrong in a look, the next one comes. A watcher that dies in silence would keep what is old for ever.
"""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Watcher:
    """Calls `look` at once, and then so many seconds after it has returned, in one daemon thread."""

    def __init__(self, name: str, look: Callable[[], object], every_s: float) -> None:
        self._look = look
        self._every_s = every_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the last look is over."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._look()
            except Exception:
                log.exception("%s: looking failed", self._thread.name)
            self._stopped.wait(self._every_s)
