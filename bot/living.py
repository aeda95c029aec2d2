"""The adviser of the newest edition, in this process: what an editor publishes is answered a moment later everywhere.

Law: nobody waits for a new edition, and nobody is answered by half of one: it is made aside, then takes the old one's
place in one assignment. Whatever is wrong with a change, the service answers; the change is put aside and told of.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from bot.adviser import Adviser, adviser_of
from bot.change import Applied, Change, Unfit, apply, in_force
from bot.editions import Edition, Editions
from bot.faq import Files, Knowledge, knowledge_in, read_files
from bot.lexicon import Lexicon
from bot.match import Matcher
from bot.ports import StoreFailed
from locator.errors import FaultyFile
from locator.hours import CHINA_TIME
from locator.language import mark
from locator.watcher import Watcher

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
LOOK_EVERY_S: Final = 0.25
FAULTY: Final = mark("With it, the knowledge has a fault: {what}")


@dataclass(frozen=True, slots=True)
class Base:
    """The files of faq/, read once, and what is made of them with changes."""

    files: Files
    lexicon: Lexicon

    def knowledge(self, changes: Iterable[Change]) -> tuple[Knowledge, Applied]:
        """Raises FaultyFile when it is faulty with them."""
        applied = apply(self.files, changes)
        return knowledge_in(applied.files), applied

    def sound(self, changes: Sequence[Change]) -> tuple[Knowledge, tuple[Unfit, ...]]:
        """The knowledge with as many of the changes as leave it without a fault."""
        left, faulty = tuple(changes), tuple[Unfit, ...]()
        while True:
            try:
                knowledge, applied = self.knowledge(left)
            except FaultyFile as error:
                guilty = _guilty(left, error)
                faulty += tuple(Unfit(one, FAULTY, str(error.faults[0])) for one in guilty)
                left = tuple(one for one in left if one not in guilty)
            else:
                return knowledge, (*applied.unfit, *faulty)

    def adviser(self, changes: Iterable[Change], edition: str) -> Adviser:
        """Raises FaultyFile when the knowledge is faulty with these changes."""
        return adviser_of(self.knowledge(changes)[0], self.lexicon, edition)


def _guilty(changes: Sequence[Change], error: FaultyFile) -> tuple[Change, ...]:
    """Those of the entries with a fault; all when it is nobody's. Raises the error when there are none."""
    if not changes:
        raise error
    entries = {fault.where for fault in error.faults}
    return tuple(one for one in changes if one.entry in entries) or tuple(changes)


def read_base(folder: Path) -> Base:
    """Raises FaultyFile with every fault of the knowledge."""
    files = read_files(folder)
    knowledge_in(files)
    return Base(files, Lexicon(files.reference.lexicon))


@dataclass(frozen=True, slots=True)
class _State:
    adviser: Adviser
    edition: Edition
    day: date
    changes: tuple[Change, ...]  # that hold on that day
    unfit: tuple[Unfit, ...]


class Living:
    """`Advising`, and always the newest. Safe to use from several threads."""

    def __init__(self, base: Base, editions: Editions, now: Clock, plain: Adviser | None = None) -> None:
        """Raises StoreFailed. `now` gives an aware datetime; `plain`: the adviser of the files alone, if there is one."""
        self.base = base
        self._editions = editions
        self._now = now
        self._plain = plain
        self._looking = threading.Lock()
        self._watcher: Watcher | None = None
        self._state = self._made(editions.newest(), self.today())

    # -- what it knows --

    @property
    def newest(self) -> Adviser:
        return self._state.adviser

    @property
    def knowledge(self) -> Knowledge:
        return self.newest.knowledge

    @property
    def matcher(self) -> Matcher:
        return self.newest.matcher

    @property
    def hotline(self) -> str:
        return self.newest.hotline

    @property
    def unfit(self) -> tuple[Unfit, ...]:
        """The published changes that are not applied, and why."""
        return self._state.unfit

    @property
    def edition(self) -> Edition:
        return self._state.edition

    def files(self) -> Files:
        """The files with all that holds today."""
        aside = [one.change for one in self.unfit]
        standing = [one for one in self._state.changes if one not in aside]
        return apply(self.base.files, standing).files

    def today(self) -> date:
        """In China, where a day of the knowledge begins."""
        return self._now().astimezone(CHINA_TIME).date()

    # -- how it comes to know --

    def look(self) -> bool:
        """Look whether something was published, or came to hold today; whether there is a new knowledge."""
        with self._looking:
            number, today, old = self._editions.number(), self.today(), self._state
            if (number, today) == (old.edition.number, old.day):
                return False
            edition = old.edition if number == old.edition.number else self._editions.newest()
            return self._take(edition, today)

    def take(self, edition: Edition, ready: Adviser | None = None) -> None:
        """An edition that was just published here; `ready`: an adviser with just these changes."""
        with self._looking:
            self._take(edition, self.today(), ready)

    def _take(self, edition: Edition, today: date, ready: Adviser | None = None) -> bool:
        changes = in_force(edition.changes, today)
        is_new = changes != self._state.changes
        if not is_new:
            old = self._state
            self._state = _State(old.adviser, edition, today, changes, old.unfit)
        elif ready:
            self._state = _State(ready, edition, today, changes, apply(self.base.files, changes).unfit)
        else:
            self._state = self._made(edition, today)
        return is_new

    def _made(self, edition: Edition, today: date) -> _State:
        changes = in_force(edition.changes, today)
        if self._plain and not changes:
            return _State(self._plain, edition, today, changes, ())
        knowledge, unfit = self.base.sound(changes)
        name = edition_name(edition.number, today) if changes else ""
        for one in unfit:
            log.warning("a published change of %s does not fit any more", one.change.entry)
        return _State(adviser_of(knowledge, self.base.lexicon, name), edition, today, changes, unfit)

    def watch(self, every_s: float = LOOK_EVERY_S) -> None:
        """Look every so many seconds, in one daemon thread, until stop()."""
        self._watcher = Watcher("editions", self._look, every_s)
        self._watcher.start()

    def stop(self) -> None:
        """End the watching, if any; returns when its last look is over."""
        if self._watcher:
            self._watcher.stop()

    def _look(self) -> None:
        try:
            self.look()
        except StoreFailed as error:
            log.warning("whether something was published is not known: %s", error)


def edition_name(number: int, today: date) -> str:
    """Another one whenever the knowledge may be another."""
    return f"{number}/{today}"
