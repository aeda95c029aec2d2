"""The newest good value made from an outlets file that may change under us.

Law: a changed file is checked whole before it counts; a faulty one is refused, and the last good one stays.
"""

import ctypes
import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

from locator.errors import Fault, FaultyFile
from locator.feature import Units
from locator.outlets import Atlas, read_outlets
from locator.watcher import Watcher

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

log = logging.getLogger(__name__)

FAULTS_LOGGED = 50  # a broken export of 200,000 rows must not fill the disk with its log


class Current(Protocol[T_co]):
    """A value that may be another one each time it is asked for."""

    @property
    def value(self) -> T_co: ...

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Why a newer one was refused."""
        ...


class Live(Generic[T]):
    """The newest good value built from a file that may change under us. Safe to use from several threads.

    A faulty file is refused: the old value stays and `faults` says why, until the file changes again. Raises
    FaultyFile when the first reading fails: there is nothing to keep then.
    """

    def __init__(self, path: Path, units: Units, build: Callable[[Atlas], T]) -> None:
        self._path = path
        self._units = units
        self._build = build
        self._looking = threading.Lock()
        self._watcher: Watcher | None = None
        self._seen = _signature(path)  # before reading: what is written meanwhile is then seen as a change
        self._value = self._built()
        self._faults: tuple[Fault, ...] = ()

    @property
    def value(self) -> T:
        return self._value

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self._faults

    def look(self) -> bool:
        """Read the file again if it changed; whether there is a new value."""
        with self._looking:
            seen = _signature(self._path)
            if seen == self._seen:
                return False
            self._seen = seen
            return self._reread()

    def _reread(self) -> bool:
        try:
            value = self._built()
        except FaultyFile as error:
            self._faults = error.faults
            _log_faults(error)
            return False
        self._value = value  # one assignment: a reader sees the old value or the new one
        self._faults = ()
        log.info("%s changed and was read again", self._path.name)
        return True

    def _built(self) -> T:
        with _collector_paused():
            return self._build(read_outlets(self._path, self._units))

    def watch(self, interval_s: float) -> None:
        """Look every `interval_s` seconds, in one daemon thread, until stop()."""
        _settle()
        self._watcher = Watcher("outlets", self._look_and_settle, interval_s)
        self._watcher.start()

    def stop(self) -> None:
        """End the watching, if any; returns when its last look is over."""
        if self._watcher:
            self._watcher.stop()

    def _look_and_settle(self) -> None:
        if self.look():
            _settle()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """All that is made here stays; counting it over and over while it grows took a third of the time."""
    ran = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if ran:
            gc.enable()


def _settle() -> None:
    """Throw the old value away, and keep the collector from walking the new one: 30 ms and more each time."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    if _TRIM is not None:
        _TRIM(0)


def _trim() -> Callable[[int], object] | None:
    """Give back to the system what was only needed to read: some 30 MiB a process. glibc keeps it otherwise."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another C library
        return None


_TRIM: Final = _trim()


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _log_faults(error: FaultyFile) -> None:
    for fault in error.faults[:FAULTS_LOGGED]:
        log.warning("%s refused, the last good one stays: %s", error.name, fault)
    if len(error.faults) > FAULTS_LOGGED:
        log.warning("%s: and %d more faults", error.name, len(error.faults) - FAULTS_LOGGED)
