"""Who works at the desk: names, roles, and what a password must be.

Law: a name is compared as it is kept, so one person has one name, however it was typed.
"""

import re
import unicodedata
from enum import Enum
from typing import Final, NamedTuple

from locator.errors import BadInput

LONGEST_NAME: Final = 32  # characters
SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 200
_NAME: Final = re.compile(rf"[^\W_][\w.-]{{1,{LONGEST_NAME - 1}}}")


class Role(Enum):
    """What somebody may do: all that those before may, and more."""

    AGENT = "agent"  # answers the phone
    EDITOR = "editor"  # keeps the knowledge true
    ADMIN = "admin"  # sees who did what

    def includes(self, other: "Role") -> bool:
        return _ORDER.index(self) >= _ORDER.index(other)


_ORDER: Final = tuple(Role)


class Staff(NamedTuple):
    """One person at the desk."""

    name: str
    role: Role


def read_name(text: str) -> str:
    """The name as it is kept. Raises BadInput for one that cannot be."""
    name = folded_name(text)
    if not _NAME.fullmatch(name):
        raise BadInput(
            "name",
            f"must have 2 to {LONGEST_NAME} letters, digits, dots, - or _, and begin with a letter or digit",
        )
    return name


def folded_name(text: str) -> str:
    """The name that somebody may have meant, whatever was typed."""
    return unicodedata.normalize("NFKC", text[: 4 * LONGEST_NAME]).strip().lower()


def read_password(text: str) -> str:
    """The password as it is hashed. Raises BadInput, which never holds it."""
    password = composed(text)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadInput("password", f"must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        raise BadInput("password", "must not hold control characters")
    return password


def composed(password: str) -> str:
    """The same for each way to type it: some keyboards send é as one character, some as two."""
    return unicodedata.normalize("NFC", password[: LONGEST_PASSWORD + 1])
