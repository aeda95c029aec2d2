"""A table, handed out as a file: written whole before anything is sent, and who took it is noted.

Law: what cannot be written whole is not sent. The file has no name on our disk and is gone with the answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from types import MappingProxyType
from typing import Final

from flask import Response

from bot.audit import note
from bot.database import Database
from bot.desk import page, staff, visit
from bot.export import MOST_ROWS, WRITERS, Row, TooMany
from locator.api import Clock
from locator.language import mark

_TYPES: Final = MappingProxyType(
    {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
_HELD: Final = 2**20  # bytes; what is longer goes to the disk meanwhile
_PIECE: Final = 2**16  # bytes
_TOO_MANY: Final = mark(
    "These are more than {most} rows, too many for one file. Nothing was left out silently: there is no file."
    " Please choose fewer days or one person."
)


@dataclass(frozen=True, slots=True)
class Downloads:
    """Those of one database."""

    database: Database
    now: Clock

    def hand_out(self, name: str, ending: str, rows: Iterable[Row], chosen: Mapping[str, str]) -> Response:
        """`rows`: the head first. `chosen`: which of all, for the note. Raises StoreFailed."""
        pieces = _pieces(ending, rows)
        try:
            next(pieces)
        except TooMany:
            return page("desk-refused.html", status=413, why=visit().language.say(_TOO_MANY, most=MOST_ROWS))
        self._note(name, ending, chosen)
        answer = Response(pieces, content_type=_TYPES[ending])
        answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{ending}")
        return answer

    def _note(self, name: str, ending: str, chosen: Mapping[str, str]) -> None:
        with self.database.transaction() as connection:
            note(
                connection,
                at=self.now(),
                who=staff().name,
                what=f"export.{name}",
                about=ending,
                after=dict(chosen),
            )


def _pieces(ending: str, rows: Iterable[Row]) -> Iterator[bytes]:
    """The file. The first step writes all of it, gives nothing, and may raise TooMany."""
    with SpooledTemporaryFile(_HELD) as file:
        WRITERS[ending](file, rows)
        file.seek(0)
        yield b""
        while piece := file.read(_PIECE):
            yield piece
