"""Tables as files for a spreadsheet, CSV and XLSX, in which nothing that somebody wrote becomes a formula.

Law: a text stays a text. In CSV, one that a spreadsheet might take for a formula gets an apostrophe before it; in XLSX it is a
text as it is, and remains one when somebody edits it. Rows pass one by one; none is held.
Source: OWASP, "CSV Injection".
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import TextIOWrapper
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import IO, Final
from unicodedata import category, normalize

from locator.errors import LocatorError

MOST_ROWS: Final = 100_000  # of one file
_SIGNS: Final = frozenset("=+-@")
_BREAKS: Final = ("\t", "\r", "\n")
_LONGEST_CELL: Final = 32_767  # characters: what XLSX allows
_UNSEEN: Final = ("C", "Z")  # controls and spaces, as Unicode names their kinds
_CUT: Final = "…"

Cell = str | int
Row = Sequence[Cell]


class TooMany(LocatorError):  # noqa: N818 - reads as what it is
    """There are more rows than one file takes. The file is of no use."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST_ROWS} rows; ask for fewer")


def defused(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet might take it for a formula."""
    return f"'{text}" if _bites(text) else text


def _bites(text: str) -> bool:
    """Full-width signs count, and what stands behind spaces and what nobody sees."""
    seen = next((one for one in text if category(one)[0] not in _UNSEEN), "")
    return text.startswith(_BREAKS) or normalize("NFKC", seen)[:1] in _SIGNS


def write_csv(file: IO[bytes], rows: Iterable[Row]) -> None:
    """UTF-8 with a byte order mark, so that Excel reads Chinese; every cell quoted. Raises TooMany."""
    written = TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    table = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    try:
        for row in _bounded(rows):
            table.writerow([defused(cell) if isinstance(cell, str) else cell for cell in row])
    finally:
        written.detach()  # leaves the file open, with everything in it


def write_xlsx(file: IO[bytes], rows: Iterable[Row]) -> None:
    """One sheet; the first row stays in sight. Raises TooMany."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - 3 MiB that most processes never need

    with TemporaryDirectory() as folder:
        book = Workbook(file, {"constant_memory": True, "tmpdir": folder})
        # What Excel itself does for a text that begins with an apostrophe.
        plain, bold = book.add_format({"quote_prefix": True}), book.add_format({"bold": True})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        try:
            for down, row in enumerate(_bounded(rows)):
                for across, cell in enumerate(row):
                    if isinstance(cell, int):
                        sheet.write_number(down, across, cell)
                    else:
                        sheet.write_string(down, across, _short(cell), plain if down else bold)
        finally:
            book.close()


WRITERS: Final[Mapping[str, Callable[[IO[bytes], Iterable[Row]], None]]] = MappingProxyType(
    {"csv": write_csv, "xlsx": write_xlsx}
)
"""By the end of the file's name."""


def _bounded(rows: Iterable[Row]) -> Iterator[Row]:
    """The first row is the head."""
    for number, row in enumerate(rows):
        if number > MOST_ROWS:
            raise TooMany
        yield row


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + _CUT
