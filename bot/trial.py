"""What stands between a draft and its publication: what speaks against it, and the yardstick replayed with it.

Law: nothing is published that was not replayed just as it is, on just what is published now; and nothing that would leave
the knowledge with a fault. A replay is made aside, one after the other: who waits for an answer does not wait for it.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from threading import Lock
from typing import Final, NamedTuple

from bot.adviser import Adviser
from bot.change import Change, apply, in_force, joined
from bot.editions import Deed, Draft, Edition, Editions
from bot.evaluate import Outcome, Question
from bot.faq import knowledge_in
from bot.living import FAULTY, Living, edition_name
from bot.objection import objection
from bot.replay import Replay, ask_all, compare, read_replay, replay_json
from locator.errors import FaultyFile
from locator.language import mark

_LATER: Final = mark("Another change of this entry, which holds from {what}, would not fit any more.")
_NOT_REPLAYED: Final = mark("The yardstick has not been replayed with this yet.")


class Refusal(NamedTuple):
    """A marked sentence, and what it is to be filled with."""

    sentence: str
    what: str = ""


class Refused(Exception):  # noqa: N818 - reads as what it is
    """What stands in the way of a publication."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__()


class _Tried(NamedTuple):
    replay: Replay
    adviser: Adviser


_Key = tuple[int, str, int]  # an edition, an entry, a version of its draft


class Trials:
    """Of one process."""

    def __init__(self, living: Living, editions: Editions, questions: Sequence[Question]) -> None:
        self._living = living
        self._editions = editions
        self._questions = questions
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="replay")
        self._lock = Lock()
        self._tried: dict[_Key, Future[_Tried]] = {}
        self._before: tuple[str, list[Outcome]] | None = None

    def refusals(self, edition: Edition, draft: Draft, since: date | None = None) -> list[Refusal]:
        """Why this draft cannot be published on top of this edition; none if it can."""
        if draft.change is None:
            return []
        change = replace(draft.change, since=since)
        return [*self._objections(change), *self._faults(edition, change)]

    def replay(self, edition: Edition, draft: Draft) -> Replay | None:
        """None while it is being made."""
        if kept := self._editions.replay(edition.number, draft):
            return read_replay(kept)
        future = self._future(edition, draft)
        if not future.done():
            return None
        if error := future.exception():
            self._tried.pop(_key(edition, draft), None)  # whoever looks again tries again
            raise error
        return future.result().replay

    def publish(self, draft: Draft, edition: Edition, since: date | None, deed: Deed) -> Edition:
        """On top of this edition. Raises Refused, Behind, StoreFailed."""
        refusals = self.refusals(edition, draft, since)
        if not refusals and not self._editions.replay(edition.number, draft):
            refusals = [Refusal(_NOT_REPLAYED)]
        if refusals or draft.change is None:
            raise Refused(refusals)
        change = replace(draft.change, since=since)
        changes = joined(edition.changes, change, self._living.today())
        published = self._editions.publish(draft, changes, edition.number, deed)
        self._living.take(published, self._ready(edition, draft, change))
        return published

    # -- what speaks against it --

    def _objections(self, change: Change) -> Iterator[Refusal]:
        known = self._living.newest
        for phrase in change.asked:
            found = objection(phrase, change.entry, known.knowledge, known.matcher.lexicon)
            if found:
                title = known.knowledge.entries.get(found.what)
                yield Refusal(found.sentence, title.title.zh if title else found.what)

    def _faults(self, edition: Edition, change: Change) -> Iterator[Refusal]:
        today = self._living.today()
        changes = joined(edition.changes, change, today)
        days = sorted({today, *(one.since for one in changes if one.since and one.since > today)})
        for day in days:
            applied = apply(self._living.base.files, in_force(changes, day))
            own = [one for one in applied.unfit if one.change.entry == change.entry]
            if own and day == (change.since or today):
                yield from (Refusal(one.why, one.what) for one in own)
            elif own:
                yield Refusal(_LATER, day.isoformat())
        yield from self._own_faults(changes, max(days[0], change.since or today), change.entry)

    def _own_faults(self, changes: Sequence[Change], day: date, entry: str) -> Iterator[Refusal]:
        try:
            knowledge_in(apply(self._living.base.files, self._standing(in_force(changes, day))).files)
        except FaultyFile as error:
            own = [fault for fault in error.faults if fault.where == entry]
            yield from (Refusal(FAULTY, f"{fault.field}: {fault.why}") for fault in own or error.faults)

    def _standing(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Without those that were put aside already: they are told of, and hold up no others."""
        aside = [one.change for one in self._living.unfit]
        return tuple(one for one in changes if one not in aside)

    # -- replaying --

    def _future(self, edition: Edition, draft: Draft) -> Future[_Tried]:
        key = _key(edition, draft)
        with self._lock:
            if key not in self._tried:
                self._tried = {one: held for one, held in self._tried.items() if not held.done()}
                self._tried[key] = self._aside.submit(partial(self._try, edition, draft))
            return self._tried[key]

    def _try(self, edition: Edition, draft: Draft) -> _Tried:
        changes = in_force(edition.changes, today := self._living.today())
        made = joined(edition.changes, draft.change or Change(draft.entry), today)
        name = edition_name(edition.number + 1, today)
        self._living.look()
        after = self._living.base.adviser(self._standing(in_force(made, today)), name)
        found = compare(self._outcomes(changes), ask_all(self._questions, after))
        self._editions.keep_replay(edition.number, draft, replay_json(found))
        return _Tried(found, after)

    def _outcomes(self, changes: Sequence[Change]) -> list[Outcome]:
        """Of the questions, as things are; remembered until they change."""
        name, held = repr(changes), self._before
        if held is None or held[0] != name:
            held = name, ask_all(self._questions, self._living.newest)
            self._before = held
        return held[1]

    def _ready(self, edition: Edition, draft: Draft, change: Change) -> Adviser | None:
        """The adviser it was replayed with, if that was here and it holds at once."""
        future = self._tried.get(_key(edition, draft))
        if change.since is not None or future is None or not future.done():
            return None
        return future.result().adviser


def _key(edition: Edition, draft: Draft) -> _Key:
    return edition.number, draft.entry, draft.version
