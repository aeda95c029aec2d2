"""The face at a terminal: results as lines that people read."""

from collections.abc import Iterable, Iterator, Mapping

from locator import timetable, wording
from locator.hours import DayHours, Hours, Opening
from locator.language import Language
from locator.model import Found, Hit, Nearest, Place, Precision, Query, Result, Status, Unclear, Unknown
from locator.outlets import Coverage
from locator.timetable import Asked


def result_lines(result: Result, query: Query, language: Language) -> Iterator[str]:
    """The answer to a Query: where from, the district's notice, then the outlets, nearest first."""
    if isinstance(result, Unclear):
        yield from _choices(result, language)
    elif isinstance(result, Unknown):
        yield from _unknown(result, language)
    else:
        yield from _nearest(result, query, language)


def places_lines(found: Found | Unclear | Unknown, language: Language) -> Iterator[str]:
    """What a text names."""
    if isinstance(found, Unclear):
        yield from _choices(found, language)
    elif isinstance(found, Unknown):
        yield wording.unknown_words(found, language)
    else:
        yield _place(found.place, language)


def hours_lines(
    hours: Hours, found: Opening, days: Iterable[DayHours], time: Asked, language: Language
) -> Iterator[str]:
    """Whether it is open at the time asked, its usual hours, then the week around that time."""
    yield timetable.opening_words(found, time, language)
    yield from timetable.usual_line(hours.text, language)
    yield from (f"  {line}" for line in timetable.week_lines(days, language))


def coverage_lines(found: Coverage) -> Iterator[str]:
    """What the file covers, for its operator."""
    listed = "imported" if found.official_list else "not imported"
    yield f"official list: {listed}"
    for city in found.cities:
        yield (
            f"{city.city}: {city.official} official of {city.announced} announced, {city.unconfirmed} unconfirmed, "
            f"{city.gaps} districts with no sourced address"
        )
    yield "by status: " + _counts(found.by_status)
    yield "by precision: " + _counts(found.by_precision)


def _nearest(result: Nearest, query: Query, language: Language) -> Iterator[str]:
    yield wording.origin_words(result.origin, language)
    if mended := wording.mended_words(result.origin, language):
        yield mended
    if result.gap:
        yield wording.gap_notice(result.gap, language)
    for number, hit in enumerate(result.hits, 1):
        exact = wording.is_exact(hit, result.origin)
        yield ""
        yield f"{number}. {language.pick(hit.outlet.name)}  {wording.distance_words(hit.metres, language, exact=exact)}"
        yield from (f"   {line}" for line in _about(hit, query, language))
    yield ""
    yield wording.call_first_words(language)


def _about(hit: Hit, query: Query, language: Language) -> Iterator[str]:
    outlet = hit.outlet
    yield f"{outlet.city}{outlet.district}{outlet.address}" + (f"  {outlet.phone}" if outlet.phone else "")
    yield timetable.opening_words(hit.opening, timetable.asked(query), language)
    yield from timetable.usual_line(outlet.hours, language)
    if query.filter.service and hit.offer:
        yield wording.offer_words(query.filter.service, hit.offer, language)
    yield wording.status_words(outlet.status, language)
    yield wording.source_words(outlet, language)


def _choices(found: Unclear, language: Language) -> Iterator[str]:
    yield wording.unclear_words(language)
    for place in found.places:
        yield f"  {wording.place_words(place, language)}"


def _unknown(unknown: Unknown, language: Language) -> Iterator[str]:
    yield wording.unknown_words(unknown, language)
    if unknown.gap:
        yield wording.gap_notice(unknown.gap, language)


def _place(place: Place, language: Language) -> str:
    position = (
        "" if place.point is None else f"  {place.point.lat:.4f}, {place.point.lon:.4f}  ({place.precision})"
    )
    return f"{wording.place_words(place, language)}{position}"


def _counts(counts: Mapping[Status, int] | Mapping[Precision, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
