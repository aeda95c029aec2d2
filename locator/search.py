"""What a text in the search box says: where from, what for, when – and the question in it, answered by whoever can.

Law: what a person set in the form wins over what the text says. Whoever knows no more takes the text for a place.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from markupsafe import Markup

from locator.frame import Look


class Reading(NamedTuple):
    """A text, as far as it was understood. "" where it says nothing."""

    place: str = ""  # to measure from
    service: str = ""
    open: str = ""  # as the form says it
    when: str = ""  # as <input type=datetime-local> writes it, Beijing time
    hour_assumed: bool = False  # only a day, or a part of one, was named
    question: str = ""  # what stays in the box when there is no place in it
    card: Markup = Markup()  # about the question

    def into(self, fields: Mapping[str, str]) -> dict[str, str]:
        """The form's fields, filled in. A place has the last word over a position left in the form."""
        told = {"place": self.place}
        if self.place:
            told |= {"lat": "", "lon": "", "datum": ""}
        if not fields["service"]:
            told["service"] = self.service
        if not fields["open"]:
            told |= {"open": self.open, "when": self.when}
        return {**fields, **told}


NOTHING_READ: Final = Reading()

Read = Callable[[str, datetime, Look], Reading]  # the text, the time (aware), the page's look


def read_place(text: str, _: datetime, __: Look) -> Reading:
    """Without anybody who understands more."""
    return Reading(text)
