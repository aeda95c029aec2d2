"""Kill -9 of the bot on Telegram under load, and look for what was lost or told twice: python -m tests.telegram_kills polling 300."""

import random
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final, get_args

from bot.call import HELPED, read_call
from bot.ports import Letter
from bot.store import open_store
from tests.bot_api import BotApi, Json, Limits, User, serving_bot_api
from tests.serving import drain, free_port
from tests.telegram_service import Mode, Running, starting

USERS: Final = 200
# One message a second in each chat. How many in all is not what is looked for here.
LIMITS: Final = Limits(overall=10_000)
# Each is answered, whatever was said before, in one message below which an opinion is asked for: there the update's
# number stands.
SAID: Final = ("/start lost", "/start loss-cancel", "/start apply-new", "社保卡怎么激活")
PRESSED: Final = ("entry:lost", "entry:activate", "entry:replace-lost")
_TELLING: Final = ("sendMessage", "editMessageText")
_WAITING: Final = 20  # so many updates are under way at any time …
_OF_LATE: Final = 100  # … of the newest; an older one is not answered any more
_FEWEST: Final = 20  # updates from one kill to the next
_LATEST_S: Final = 0.5  # after which a kill comes
_PATIENCE_S: Final = 30.0
_LOOK_S: Final = 0.01
_QUIET_S: Final = 2.0  # what has not come by then does not come
_SETTINGS: Final = {
    "BOT_MESSAGES_AT_ONCE": "1000",
    "BOT_MESSAGES_PER_MINUTE": "6000",
}
# By webhook as fast as it goes; polling at the pace that Telegram allows, since a letter is in doubt when the kill comes
# while it is on its way, and without a pace one always is.
_PER_SECOND: Final[dict[Mode, str]] = {"webhook": "1000", "polling": "30"}


@dataclass
class Outcome:
    """What a run found. Of the lists only `unsure` may hold anything."""

    kills: int
    updates: int
    lost: list[int]  # they got no reply, and none of theirs is in doubt
    twice: list[int]
    strays: int  # replies to none of the updates
    unsure: list[Letter]  # in doubt: they are left to people

    @property
    def faults(self) -> list[int]:
        return [*self.lost, *self.twice, *[0] * self.strays]


@dataclass
class Tally:
    """Which updates there were, and how often each was told something that took effect."""

    api: BotApi
    updates: list[int] = field(default_factory=list)
    replies: Counter[int] = field(default_factory=Counter)
    told_at: float = 0.0
    _looked_at: int = 0  # so many calls

    def look(self) -> None:
        world = self.api.world
        with world.changed:  # no call of these is half done meanwhile
            self.updates += [update.id for update in world.pushed[len(self.updates) :]]
            calls = self.api.journal.calls[self._looked_at :]
        self._looked_at += len(calls)
        for call in calls:
            if call.took_effect and call.method in _TELLING:
                self.replies[number_in(call.parameters)] += 1
                self.told_at = call.at

    @property
    def missing(self) -> list[int]:
        """No reply came to them."""
        return [number for number in self.updates if not self.replies[number]]

    @property
    def waiting(self) -> int:
        return sum(number not in self.replies for number in self.updates[-_OF_LATE:])


def number_in(fields: Json) -> int:
    """Of the update that a reply answers; 0 when it carries none."""
    rows = (fields.get("reply_markup") or {}).get("inline_keyboard", [])
    data = (button.get("callback_data", "").partition(":") for row in rows for button in row)
    return next((int(value) for name, _, value in data if name == HELPED), 0)


@dataclass
class Run:
    """Users who talk to a bot that is killed over and over."""

    mode: Mode
    api: BotApi
    database: Path
    program: str
    dice: random.Random
    tally: Tally
    acts: Iterator[Callable[[], object]]
    port: int = field(default_factory=free_port)

    def live_and_die(self) -> None:
        """Kill it at a moment at random, soon after it was seen to answer."""
        goal = len(self.tally.updates) + self.dice.randint(_FEWEST // 2, 2 * _FEWEST)
        begin = self.api.world.now
        with self._starting() as running:
            self._feed_until(
                running, lambda: self.tally.told_at > begin and len(self.tally.updates) >= goal, _PATIENCE_S
            )
            moment = self.api.world.now + self.dice.uniform(0, _LATEST_S)
            self._feed_until(running, lambda: self.api.world.now >= moment, _PATIENCE_S)
            running.kill()

    def settle(self) -> None:
        """Nobody says anything more, and what is left is worked off."""
        begin = self.api.world.now
        with self._starting() as running:
            self._look_until(running, lambda: self._is_over(begin), 10 * _PATIENCE_S)

    def _starting(self) -> AbstractContextManager[Running]:
        return starting(
            self.mode,
            self.api,
            self.database,
            _SETTINGS | {"BOT_TELEGRAM_PER_SECOND": _PER_SECOND[self.mode]},
            port=self.port,
            workers=1,
            program=self.program,
        )

    def _is_over(self, begin: float) -> bool:
        """Nothing is under way any more; and if something is missing, some time went by, in which it might have come."""
        if self.api.world.pending or letters_left(self.database):
            return False
        missing = set(self.tally.missing) - in_doubt(self.database)
        return not missing or self.api.world.now - max(self.tally.told_at, begin + _QUIET_S) > _QUIET_S

    def _feed_until(self, running: Running, what: Callable[[], bool], timeout_s: float) -> None:
        def feed() -> bool:
            for _ in range(self.tally.waiting, _WAITING):
                next(self.acts)()
            return what()

        self._look_until(running, feed, timeout_s)

    def _look_until(self, running: Running, what: Callable[[], bool], timeout_s: float) -> None:
        world = self.api.world
        until = world.now + timeout_s
        self.tally.look()
        while not what():
            if running.has_ended or world.now > until:
                raise AssertionError(f"the bot does not answer any more:\n{''.join(drain(running.lines))}")
            with world.changed:
                world.changed.wait(_LOOK_S)
            self.tally.look()


def kill_often(
    mode: Mode, kills: int, folder: Path, *, program: str = "bot", seed: int = 20200928
) -> Outcome:
    database = folder / "bot.db"
    with serving_bot_api(limits=LIMITS) as api:
        dice = random.Random(seed)
        run = Run(mode, api, database, program, dice, Tally(api), acts(api, dice))
        for _ in range(kills):
            run.live_and_die()
        run.settle()
    return found(run.tally, kills, database)


def found(tally: Tally, kills: int, database: Path) -> Outcome:
    doubtful, known = in_doubt(database), set(tally.updates)
    return Outcome(
        kills,
        len(known),
        lost=[number for number in tally.missing if number not in doubtful],
        twice=[number for number in known if tally.replies[number] > 1],
        strays=sum(times for number, times in tally.replies.items() if number not in known),
        unsure=[letter for letter in undelivered(database) if not letter.note],
    )


def in_doubt(database: Path) -> set[int]:
    """The updates to which a letter may or may not have arrived."""
    unsure = (letter for letter in undelivered(database) if not letter.note)
    return {number_in(dict(read_call(letter.body).fields)) for letter in unsure}


def undelivered(database: Path) -> list[Letter]:
    """Letters that were refused, which have a note, or are in doubt."""
    store = open_store(f"sqlite:///{database}")
    letters = list(store.undelivered())
    store.close()
    return letters


def letters_left(database: Path) -> int:
    """Those that are still to be delivered."""
    if not database.exists():
        return 0
    with closing(sqlite3.connect(database)) as connection:
        left = "SELECT count(*) FROM letters WHERE state IN ('due', 'on its way')"
        return int(connection.execute(left).fetchone()[0])


def acts(api: BotApi, dice: random.Random) -> Iterator[Callable[[], object]]:
    """What people do, each in turn: they say something, one in five says two things in one go, one presses a button."""
    users = [api.user(f"User {number}") for number in range(USERS)]
    for turn in count():
        user = users[turn % USERS]
        if turn % 5 == 4 and user.told():
            yield _press(user, dice.choice(PRESSED))
        else:
            yield _say(user, dice.choice(SAID))
        if turn % 5 == 3:
            yield _say(user, dice.choice(SAID))


def _say(user: User, text: str) -> Callable[[], object]:
    return lambda: user.says(text)


def _press(user: User, data: str) -> Callable[[], object]:
    newest = user.told()[-1]["message_id"]
    return lambda: user.presses_data(data, newest)


def main(mode: str, kills: int) -> int:
    wanted = next(one for one in get_args(Mode) if one == mode)
    with tempfile.TemporaryDirectory() as folder:
        outcome = kill_often(wanted, kills, Path(folder))
    print(  # noqa: T201 - it can be run alone, and prints what it found
        f"{outcome.kills} kills, {outcome.updates} updates\n"
        f"{len(outcome.lost)} lost, {len(outcome.twice)} answered twice, {outcome.strays} replies to nothing\n"
        f"{len(outcome.unsure)} letters in doubt"
    )
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
