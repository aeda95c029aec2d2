"""Takes the updates of the Bot API server of the tests to the webhook, over and over until a 2xx comes."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from http.client import HTTPConnection, HTTPException
from itertools import count
from select import select
from socket import SHUT_RDWR
from threading import Condition, Thread
from time import monotonic, time
from typing import Final
from urllib.parse import urlsplit

from tests.bot_api_state import Attempt, Refused, Update, Webhook, World
from tests.bot_api_wire import Parameters, read_parameters

LONGEST_RETRY_AFTER_S: Final = 3600
# As the real server: of these a webhook's answer makes nothing, and neither of any get….
NOT_IN_ANSWERS: Final = frozenset({"setwebhook", "deletewebhook", "close", "logout"})
_BACKOFF_GROWS: Final = 8  # times, at most

Lane = tuple[str, int]
Perform = Callable[[str, Parameters], object]


@dataclass
class Disorder:
    """What goes wrong with deliveries on purpose."""

    duplicates: float = 0.0  # the share of updates that are delivered twice
    answers_lost: bool = True  # the first answer to such an update is not looked at
    spread_s: float = 0.0  # updates are held back up to so long, each by itself


@dataclass(frozen=True)
class Reply:
    """What the webhook answered; status 0 and an error if it did not."""

    status: int = 0
    error: str = ""
    retry_after: int = 0
    content_type: str = ""
    body: bytes = b""

    @property
    def fine(self) -> bool:
        return 200 <= self.status <= 299


@dataclass
class Errand:
    """An update on its way."""

    update: Update
    lane: Lane
    webhook: Webhook


@dataclass
class Queues:
    """Updates by lane, and when the first of each lane is to go."""

    webhook: Webhook  # the one they are for
    lanes: dict[Lane, deque[Update]] = field(default_factory=dict)
    due: list[tuple[float, int, Lane]] = field(default_factory=list)  # a heap


class Line:
    """A connection to the webhook, kept alive."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._connection: HTTPConnection | None = None
        self._place = ""

    def deliver(self, webhook: Webhook, body: bytes) -> Reply:
        address = urlsplit(webhook.url)
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            # Bot API, setWebhook: the header in every request.
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        try:
            return self._post(self._open(address.netloc), path, body, headers)
        except TimeoutError:
            self.close()
            return Reply(error="Read timeout expired")
        except ConnectionRefusedError:
            self.close()
            return Reply(error="Connection refused")
        except (OSError, HTTPException):
            self.close()
            return Reply(error="Connection closed")

    def leave_all_but(self, webhook: Webhook) -> None:
        """Close the connection if it leads elsewhere."""
        if urlsplit(webhook.url).netloc != self._place:
            self.close()

    def hang_up(self) -> None:
        """From another thread."""
        if self._connection and self._connection.sock:
            try:
                self._connection.sock.shutdown(SHUT_RDWR)
            except OSError:
                return  # it was closed already

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _open(self, place: str) -> HTTPConnection:
        if self._is_stale():
            self.close()
        if self._connection is None:
            self._connection, self._place = HTTPConnection(place, timeout=self._timeout_s), place
        return self._connection

    def _is_stale(self) -> bool:
        """Whether the other side hung up since; nothing else makes an idle connection readable."""
        idle = self._connection.sock if self._connection else None
        return idle is not None and bool(select([idle], [], [], 0)[0])

    @staticmethod
    def _post(connection: HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        written = answer.getheader("Retry-After", "")
        retry_after = min(int(written), LONGEST_RETRY_AFTER_S) if written.isdigit() else 0
        fine = 200 <= answer.status <= 299
        error = "" if fine else f"Wrong response from the webhook: {answer.status} {answer.reason}"
        return Reply(answer.status, error, retry_after, answer.getheader("Content-Type", ""), content)


class Courier:
    """Several deliveries at once, as many as max_connections; in each chat one after the other."""

    def __init__(
        self, world: World, perform: Perform, backoff_s: float, timeout_s: float, dice: random.Random
    ) -> None:
        self.disorder = Disorder()
        self._world, self._perform, self._dice = world, perform, dice
        self._backoff_s, self._timeout_s = backoff_s, timeout_s
        self._queues = Queues(world.webhook)
        self._order = count()
        self._failures: dict[int, int] = {}  # by update
        self._doubled: set[int] = set()
        # Both with the world's lock. One worker waits for the time to come, all others for work.
        self._work, self._time = Condition(world.lock), Condition(world.lock)
        self._somebody_waits = False
        self._busy = self._idle = 0
        self._workers: list[Thread] = []
        self._lines: list[Line] = []
        world.on_push = self._enqueue
        world.on_webhook = self._follow

    def stop(self) -> None:
        """Call once the world is stopped."""
        with self._world.changed:
            self._work.notify_all()
            self._time.notify_all()
            for line in self._lines:
                line.hang_up()
        for worker in self._workers:
            worker.join()

    # -- the queues; all of these hold the world's lock --

    def _follow(self) -> None:
        """Another webhook, or none: all that is pending goes there."""
        self._queues = Queues(self._world.webhook)
        for update in self._world.pending.values():
            self._enqueue(update)
        self._work.notify_all()  # to hang up
        self._time.notify_all()

    def _enqueue(self, update: Update) -> None:
        if not self._world.webhook.url:
            return
        spread = self.disorder.spread_s
        lane = ("alone", update.id) if spread else update.lane
        waiting = self._queues.lanes.setdefault(lane, deque())
        waiting.append(update)
        if len(waiting) == 1:
            self._schedule(lane, self._dice.random() * spread)
            self._call_for_help()

    def _schedule(self, lane: Lane, in_s: float) -> None:
        heappush(self._queues.due, (monotonic() + in_s, next(self._order), lane))

    def _call_for_help(self) -> None:
        """Somebody idle looks at the queues; if nobody is, somebody new."""
        if not self._idle and len(self._workers) < self._queues.webhook.max_connections:
            self._hire()
        self._work.notify()
        self._time.notify()

    def _hire(self) -> None:
        line = Line(self._timeout_s)
        worker = Thread(target=self._run, args=(line,), name=f"webhook-{len(self._workers)}")
        self._workers.append(worker)
        self._lines.append(line)
        worker.start()

    def _take(self) -> Errand | None:
        """The next update that is due, if one more may be under way."""
        queues = self._queues
        while queues.due and self._busy < queues.webhook.max_connections and not self._world.stopped:
            if queues.due[0][0] > monotonic():
                return None
            _, _, lane = heappop(queues.due)
            waiting = queues.lanes[lane]
            while waiting and waiting[0].id not in self._world.pending:
                waiting.popleft()  # it was dropped meanwhile
            if waiting:
                return Errand(waiting[0], lane, queues.webhook)
            del queues.lanes[lane]
        return None

    def _settle(self, errand: Errand, again_in_s: float | None) -> None:
        """It is delivered, or will be delivered again in so many seconds."""
        number = errand.update.id
        if again_in_s is None:
            self._world.pending.pop(number, None)
            self._failures.pop(number, None)
        if errand.webhook is not self._queues.webhook:
            return  # the queues are others by now
        waiting = self._queues.lanes[errand.lane]
        if again_in_s is None:
            waiting.popleft()
        if waiting:
            self._schedule(errand.lane, again_in_s or 0.0)
        else:
            del self._queues.lanes[errand.lane]

    # -- the workers --

    def _run(self, line: Line) -> None:
        while errand := self._next(line):
            reply = line.deliver(errand.webhook, errand.update.body)
            lost = reply.fine and self._is_doubled(errand.update.id)
            if reply.fine and not (lost and self.disorder.answers_lost):
                self._perform_what_it_says(reply)
            with self._world.changed:
                self._busy -= 1
                self._note(errand, reply, lost)
                self._settle(errand, self._again_in_s(errand.update.id, reply, lost))
                self._world.changed.notify_all()
        line.close()

    def _next(self, line: Line) -> Errand | None:
        """Wait for it; None once the server stops."""
        with self._world.changed:
            while not self._world.stopped:
                line.leave_all_but(self._queues.webhook)
                if errand := self._take():
                    self._busy += 1
                    if self._queues.due:
                        self._call_for_help()
                    return errand
                self._wait()
            return None

    def _wait(self) -> None:
        self._idle += 1
        queues = self._queues
        if self._somebody_waits or not queues.due or self._busy >= queues.webhook.max_connections:
            self._work.wait()
        else:
            self._somebody_waits = True
            self._time.wait(max(queues.due[0][0] - monotonic(), 0))
            self._somebody_waits = False
        self._idle -= 1

    def _is_doubled(self, number: int) -> bool:
        """Whether an update that was taken is delivered once more."""
        with self._world.changed:
            if number in self._doubled or self._dice.random() >= self.disorder.duplicates:
                return False
            self._doubled.add(number)
            return True

    def _again_in_s(self, number: int, reply: Reply, lost: bool) -> float | None:
        if reply.fine:
            return 0.0 if lost else None
        failures = self._failures[number] = self._failures.get(number, 0) + 1
        backoff = self._backoff_s * min(2 ** (failures - 1), _BACKOFF_GROWS)
        return float(reply.retry_after) or backoff

    def _note(self, errand: Errand, reply: Reply, lost: bool) -> None:
        attempt = Attempt(errand.update.id, self._world.now, reply.status, reply.error, lost)
        self._world.journal.attempts.append(attempt)
        if reply.error and errand.webhook is self._queues.webhook:
            # Bot API, WebhookInfo: of "the most recent error", it stays.
            self._world.last_error = int(time()), reply.error

    def _perform_what_it_says(self, reply: Reply) -> None:
        """Bot API, Making requests when getting updates: one call in the body, and nobody learns what became of it."""
        try:
            given = read_parameters("", reply.content_type, reply.body)
        except (Refused, UnicodeDecodeError):
            return
        method = given.text("method").lower()
        if method and method not in NOT_IN_ANSWERS and not method.startswith("get"):
            self._perform(given.text("method"), given)
