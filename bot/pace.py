"""How fast a party may write: so many messages at once, and so many a minute in the long run.

Law: the allowance is one moment in time (the generic cell rate algorithm), so it is kept in the session and holds for
any number of processes.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from locator.errors import LocatorError


class TooFast(LocatorError):  # noqa: N818 - reads as what it is
    """A party wrote faster than it may."""

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"too many messages at once; try again in {wait_s} seconds")


class Pace(NamedTuple):
    """The allowance."""

    at_once: int
    per_minute: int

    def after(self, whole: datetime | None, at: datetime) -> datetime:
        """When the allowance is whole again, after one more message at `at`; `whole`: when it was to be before.

        Raises TooFast when it is used up.
        """
        each = timedelta(minutes=1) / self.per_minute
        after = max(whole or at, at) + each
        excess = after - at - each * self.at_once
        if excess > timedelta(0):
            raise TooFast(-(-excess // timedelta(seconds=1)))
        return after
