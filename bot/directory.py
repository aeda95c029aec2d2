"""The outlets as a directory to look in: by name, district and street, by how they sound, and by initials.

Law: whoever holds every word that was typed is found; only when nobody does, who comes close.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

from locator.finder import Finder
from locator.model import Outlet
from locator.text import bounded, fold, sound, words

LONGEST: Final = 60  # characters of what somebody looks for
MOST: Final = 50  # outlets shown at once
_CLOSE: Final = 70  # of 100; a slip in a word of four syllables
_MOST_HEARD: Final = 5_000  # of more outlets, working out how they sound would take seconds


class _Row(NamedTuple):
    written: str
    heard: str
    outlet: Outlet


class Directory:
    """Made when first asked, and anew when the outlets have changed. Threads may share it."""

    def __init__(self) -> None:
        self._made: tuple[str, Sequence[_Row]] = "", ()

    def find(self, text: str, finder: Finder) -> list[Outlet]:
        """At most MOST, those with the word at the beginning of their name first; all of them for no text.

        Raises BadInput("text") for what nobody types.
        """
        wanted = words(bounded(text, LONGEST, "text"))
        rows = self._rows(finder)
        found = [row for row in rows if all(word in row.written or word in row.heard for word in wanted)]
        if not found:
            found = list(_close("".join(wanted), rows))
        found.sort(key=lambda row: _rank(row, wanted))
        return [row.outlet for row in found[:MOST]]

    def _rows(self, finder: Finder) -> Sequence[_Row]:
        fingerprint, rows = self._made
        if fingerprint != finder.atlas.fingerprint:
            rows = [_row(outlet, hears=len(finder.outlets) <= _MOST_HEARD) for outlet in finder.outlets]
            self._made = finder.atlas.fingerprint, rows
        return rows


def _row(outlet: Outlet, *, hears: bool) -> _Row:
    names = (outlet.name.zh, outlet.name.en, *outlet.also, outlet.city + outlet.district, outlet.address)
    spoken = (outlet.name.zh, outlet.district, outlet.address) if hears else ()
    return _Row(
        " ".join(map(fold, names)), " ".join(way for text in spoken for way in _ways(sound(text))), outlet
    )


def _ways(heard: str) -> Iterator[str]:
    """How it may be typed: in full, or by the first letter of each syllable."""
    syllables = heard.split()
    yield "".join(syllables)
    yield "".join(syllable[0] for syllable in syllables)


def _close(wanted: str, rows: Sequence[_Row]) -> Iterator[_Row]:
    written = [row.written for row in rows]
    for _, _, place in process.extract(
        wanted, written, scorer=fuzz.partial_ratio, score_cutoff=_CLOSE, limit=9
    ):
        yield rows[place]


def _rank(row: _Row, wanted: Sequence[str]) -> tuple[bool, str, str, str]:
    begins = bool(wanted) and any(text.startswith(wanted[0]) for text in (row.written, row.heard))
    return not begins, row.outlet.city, row.outlet.district, row.outlet.name.zh
