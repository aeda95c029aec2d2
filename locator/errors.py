"""What can go wrong, by what the caller can do about it.

LocatorError
├── BadInput       somebody sent or typed something we cannot use: which field, why, what to do
└── FaultyFile     a file is not what it must be: every fault at once
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file, a setting or a request."""

    where: str  # an outlet id, a line, a setting; "" when the field says it all
    field: str
    why: str  # what was expected, and what to do

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.field, self.why) if part)


class LocatorError(Exception):
    """Root of everything this package raises on purpose."""


class BadInput(LocatorError):  # noqa: N818 - reads as what it is: the input is bad, the program is not
    """A request nobody could answer. Never carries the offending value: it may be a person's position."""

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        self.why = why
        super().__init__(f"{field}: {why}")


class FaultyFile(LocatorError):  # noqa: N818 - see BadInput
    """A file that must not be used, with all its faults."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        self.name = name
        self.faults = tuple(faults)
        super().__init__(
            f"{name}: {len(self.faults)} fault(s)\n" + "\n".join(f"  {fault}" for fault in self.faults)
        )
