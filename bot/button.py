"""A button: something to choose, and the id by which a face sends the choice back.

Law: an id says all that is needed to act on it, so a button works however old it is – unless what it names is gone.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from locator.errors import BadInput, LocatorError

BETWEEN: Final = "|"  # without scripts a button sends its id and, to be shown again, its words


class Kind(StrEnum):
    """What a button leads to; behind the colon of its id stands which."""

    ENTRY = "entry"  # the answer of this id
    REGION = "region"  # the last answer, as it is in this region
    FIND = "find"  # the nearest outlets for this service; empty: for anything
    PLACE = "place"  # measured from the place of this full name
    CITY = "city"  # the districts of this city, to choose from
    WHERE = "where"  # another place
    MORE = "more"  # the outlets behind the first so many
    LANGUAGE = "language"  # the language of this BCP 47 code
    FORGET = "forget"  # everything of this party
    HERE = "here"  # the position of who presses it: a face sends that instead
    STAFF = "staff"  # the staff get the message of this id; empty: the next one; NOBODY: none


NOBODY: Final = "no"  # who is asked for instead of the staff


class Stale(LocatorError):  # noqa: N818 - reads as what it is
    """A button names something that is not known any more."""

    def __init__(self) -> None:
        super().__init__(
            "choice: leads to something that is gone; ask again in words, or press a newer button"
        )


class NoSuchButton(BadInput):
    """A choice that was never on offer, or not here."""

    def __init__(
        self, why: str = "is no button of ours; press one of the newest buttons, or write the question"
    ) -> None:
        super().__init__("choice", why)


class Pick(NamedTuple):
    """What was chosen."""

    kind: Kind
    value: str = ""

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.value}"


class Button(NamedTuple):
    """Something to choose, and what it is called."""

    pick: Pick
    text: str

    @property
    def id(self) -> str:
        return self.pick.id


_KINDS: Final = frozenset(Kind)


def read_pick(choice: str) -> Pick:
    """The choice a face sent back. Raises NoSuchButton."""
    kind, colon, value = choice.partition(":")
    if not colon or kind not in _KINDS or kind == Kind.HERE:
        raise NoSuchButton
    return Pick(Kind(kind), value)
