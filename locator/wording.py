"""Sentences for people, in Chinese and English: every wording of every face is said here.

Law: a sentence's key is its English wording, locale/zh.po holds the Chinese, and a test compares the two. A sentence
promises no more than its source: where nobody has confirmed a thing, it says so and names 12333.

Times are said in China's time. `say` takes values by name and never looks into them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from babel import Locale, dates
from babel.messages.pofile import read_po

from locator.calendar import DayKind
from locator.errors import BadInput
from locator.hours import CHINA_TIME, Opening, OpeningState, Span, UsualRule, read_hours, usual
from locator.model import (
    Gap,
    Hit,
    KnownBy,
    Name,
    Offer,
    Origin,
    Outlet,
    Place,
    Precision,
    Query,
    Service,
    Status,
    Unknown,
    Why,
)

_CATALOGUES: Final = Path(__file__).parent / "locale"
_LONGEST_TAGS: Final = 200


@dataclass(frozen=True, slots=True)
class Language:
    """One of the languages we speak."""

    code: str  # BCP 47, as HTML wants it
    short: str  # as a URL says it
    name: str  # as its speakers call it
    space: str  # between two sentences
    locale: Locale = field(repr=False, compare=False)
    sentences: Mapping[str, str] = field(repr=False, compare=False)  # by their English wording

    def say(self, sentence: str, **values: object) -> str:
        """Say the sentence in this language, its {names} filled in."""
        return self.sentences.get(sentence, sentence).format_map(values)

    def pick(self, name: Name) -> str:
        return name.zh if self.short == "zh" else name.en


def mark(sentence: str) -> str:
    """Mark a sentence that is said later, so that the test finds it."""
    return sentence


def _read_sentences(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8") as file:
        catalogue = read_po(file)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


CHINESE: Final = Language(
    "zh-Hans", "zh", "中文", "", Locale("zh", script="Hans"), _read_sentences(_CATALOGUES / "zh.po")
)
ENGLISH: Final = Language("en", "en", "English", " ", Locale("en"), {})


def language_of(tags: str) -> Language:
    """The first language we speak in a code or an Accept-Language header ("en-GB,en;q=0.9"), else Chinese."""
    for tag in re.split("[,;]", tags[:_LONGEST_TAGS]):
        spoken = re.match("zh|en", tag.strip().lower())
        if spoken:
            return ENGLISH if spoken[0] == "en" else CHINESE
    return CHINESE


# -- how far --

_FAR_M: Final = 100_000  # from here on, tenths of a kilometre tell nobody anything


def distance_words(metres: float, language: Language, *, exact: bool) -> str:
    """How far. `exact` only if both ends are known to their street; metres are rounded to 50, as positions are."""
    if not exact:
        return language.say("about {km} km", km=max(1, round(metres / 1000)))
    if metres < 975:
        return language.say("{metres} m", metres=max(50, round(metres / 50) * 50))
    return language.say("{km} km", km=f"{metres / 1000:.{0 if metres >= _FAR_M else 1}f}")


def is_exact(hit: Hit, origin: Origin) -> bool:
    return hit.outlet.precision.is_exact and origin.precision.is_exact


# -- open or not --


@dataclass(frozen=True, slots=True)
class Asked:
    """The time an answer is about. `chosen`: somebody named it, so it is not "now"."""

    at: datetime
    chosen: bool = False


def asked(query: Query) -> Asked:
    chosen = query.filter.open_at
    return Asked(query.at) if chosen in (None, query.at) else Asked(chosen or query.at, chosen=True)


def opening_words(opening: Opening, time: Asked, language: Language) -> str:
    """Whether the door is open, and until or from when."""
    said = _OPENINGS[opening.state](opening, time, language)
    makeup = opening.day is not None and opening.day.kind is DayKind.MAKEUP
    if not makeup or opening.state is OpeningState.UNKNOWN:
        return said
    day = _day(_china(time.at), language) if time.chosen else language.say("today")
    return language.say("{state}; {day} is a make-up workday", state=said, day=day)


def _open(opening: Opening, time: Asked, language: Language) -> str:
    if opening.next_change is None:
        return language.say("Open then") if time.chosen else language.say("Open now")
    when = _when(opening.next_change, time, language)
    if time.chosen:
        return language.say("Open then, closes {when}", when=when)
    return language.say("Open now, closes {when}", when=when)


def _closes_soon(opening: Opening, time: Asked, language: Language) -> str:
    when = _when(opening.next_change or time.at, time, language)
    if time.chosen:
        return language.say("Closing soon then, closes {when}", when=when)
    return language.say("Closing soon, closes {when}", when=when)


def _opens_later(opening: Opening, time: Asked, language: Language) -> str:
    opens = opening.next_change or time.at
    when = _when(opens, time, language)
    if _is_holiday(opening) and _china(opens).date() != _china(time.at).date():
        holiday = _holiday(opening, language)
        if time.chosen:
            return language.say("Closed that day for {holiday}, opens {when}", holiday=holiday, when=when)
        return language.say("Closed today for {holiday}, opens {when}", holiday=holiday, when=when)
    if time.chosen:
        return language.say("Closed then, opens {when}", when=when)
    return language.say("Closed now, opens {when}", when=when)


def _closed(opening: Opening, time: Asked, language: Language) -> str:
    said = language.say("Closed then") if time.chosen else language.say("Closed now")
    if opening.horizon is None:
        return said
    return language.say("{state}. {horizon}", state=said, horizon=horizon_words(opening.horizon, language))


def _unknown(opening: Opening, time: Asked, language: Language) -> str:
    if opening.horizon is not None:
        return horizon_words(opening.horizon, language)
    if opening.day is None or opening.day.kind in (DayKind.WORKDAY, DayKind.WEEKEND):
        return language.say("Opening hours not confirmed, please ask 12333 first")
    day = _day(_china(time.at), language) if time.chosen else language.say("Today")
    if opening.day.kind is DayKind.MAKEUP:
        return language.say(
            "{day} is a make-up workday; whether it opens is not known, please ask 12333 first", day=day
        )
    return language.say(
        "{day} is a day off for {holiday}; whether it opens is not known, please ask 12333 first",
        day=day,
        holiday=_holiday(opening, language),
    )


_OPENINGS: Final = {
    OpeningState.OPEN: _open,
    OpeningState.CLOSES_SOON: _closes_soon,
    OpeningState.OPENS_LATER: _opens_later,
    OpeningState.CLOSED: _closed,
    OpeningState.UNKNOWN: _unknown,
}


def horizon_words(year: int, language: Language) -> str:
    """The holidays of a year are not out yet, or not here."""
    return language.say(
        "The public holidays of {year} are not in this program yet; please ask 12333 first", year=year
    )


def time_words(at: datetime, language: Language) -> str:
    """Day and time: 10月10日（周六）10:00."""
    local = _china(at)
    return language.say("{day} {time}", day=_day(local, language), time=_clock(local))


def _when(moment: datetime, time: Asked, language: Language) -> str:
    """As short as it can be said: the time alone on the same day, tomorrow by that name."""
    local, now = _china(moment), _china(time.at)
    if local.date() == now.date():
        return _clock(local)
    if not time.chosen and local.date() == now.date() + timedelta(days=1):
        weekday = _date(local, "EEE", language)
        return language.say("tomorrow ({weekday}) {time}", weekday=weekday, time=_clock(local))
    return time_words(local, language)


def _day(local: datetime, language: Language) -> str:
    return _date(local, language.say("EEE d MMMM"), language)  # a date pattern of CLDR


def _date(day: date, pattern: str, language: Language) -> str:
    return dates.format_date(day, pattern, locale=language.locale)


def _china(at: datetime) -> datetime:
    return at.astimezone(CHINA_TIME)


def _clock(at: datetime) -> str:
    return f"{at.hour}:{at.minute:02}"


def _is_holiday(opening: Opening) -> bool:
    return opening.day is not None and opening.day.kind is DayKind.HOLIDAY


def _holiday(opening: Opening, language: Language) -> str:
    name = opening.day.name if opening.day else ""
    return language.pick(Name(name, _HOLIDAYS.get(name, name)))


# Chinese names are the calendar's own; one it does not know yet is said as it is written there.
_HOLIDAYS: Final = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-Sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
}

# -- usual hours --


def usual_lines(hours: str, language: Language) -> tuple[str, ...]:
    """An OSM opening_hours text in words, a rule a line; as it is written when it is too intricate; () when empty."""
    if not hours:
        return ()
    rules = usual(read_hours(hours))
    if rules is None:
        return (hours,)
    return tuple(_rule_words(rule, language) for rule in rules)


def _rule_words(rule: UsualRule, language: Language) -> str:
    days, times = _days_words(rule, language), _times_words(rule.spans, language)
    said = language.say("{days} {times}", days=days, times=times)
    if not rule.spans:
        said = language.say("closed on {days}", days=days)
    if not rule.months:
        return said
    return language.say("{months} {rule}", months=_months_words(rule, language), rule=said)


def _days_words(rule: UsualRule, language: Language) -> str:
    names = dates.get_day_names("abbreviated", locale=language.locale)
    if rule.weekdays == ((0, 6),):
        return language.say("every day")
    days = [_range_words(names[first], names[last], language) for first, last in rule.weekdays]
    return _list_words([*days, *([language.say("public holidays")] if rule.holidays else [])], language)


def _months_words(rule: UsualRule, language: Language) -> str:
    names = dates.get_month_names("wide", locale=language.locale)
    ranges = [
        language.say("{first} through {last}", first=names[first], last=names[last])
        if last < first
        else _range_words(names[first], names[last], language)
        for first, last in rule.months
    ]
    return _list_words(ranges, language)


def _range_words(first: str, last: str, language: Language) -> str:
    return first if first == last else language.say("{first} to {last}", first=first, last=last)


def _times_words(spans: Iterable[Span], language: Language) -> str:
    if tuple(spans) == ((0, 1440),):
        return language.say("around the clock")
    return _list_words([f"{_minutes(start)}–{_minutes(end)}" for start, end in spans], language)


def _minutes(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def _list_words(parts: Iterable[str], language: Language) -> str:
    return language.say(", ").join(parts)


# -- what an outlet does, and how well it is known --

_SERVICES: Final = {
    Service.INQUIRY: mark("card inquiry"),
    Service.ACTIVATION: mark("activation"),
    Service.LOSS_REPORT: mark("reporting a loss"),
    Service.LOSS_CANCEL: mark("cancelling a loss report"),
    Service.APPLICATION: mark("applying for a card"),
    Service.REPLACEMENT: mark("replacing a card"),
    Service.PIN_RESET: mark("resetting the PIN"),
    Service.INFO_CHANGE: mark("changing personal details"),
}
_OFFERS: Final = {
    Offer.YES: mark("{service}: done here"),
    Offer.UNKNOWN: mark("{service}: whether it is done here is not confirmed"),
    Offer.NO: mark("{service}: not done here"),
}
_STATUSES: Final = {
    Status.OFFICIAL: mark("On the published list of outlets."),
    Status.UNCONFIRMED: mark("Whether this hall handles social security cards is not confirmed."),
    Status.GAP: mark("Address not confirmed."),
}
_PRECISIONS: Final = {
    Precision.BUILDING: mark("Position known to the building"),
    Precision.STREET: mark("Position known to the street"),
    Precision.TOWN: mark("Position known only roughly, to the town"),
    Precision.DISTRICT: mark("Position known only roughly, to the district"),
}


def service_words(service: Service, language: Language) -> str:
    return language.say(_SERVICES[service])


def offer_words(service: Service, offer: Offer, language: Language) -> str:
    return language.say(_OFFERS[offer], service=service_words(service, language))


def services_words(outlet: Outlet, language: Language) -> str:
    """What it is known to do, "" when nothing is."""
    done = (service_words(service, language) for service in Service if outlet.offers(service) is Offer.YES)
    return _list_words(done, language)


def status_words(status: Status, language: Language) -> str:
    return language.say(_STATUSES[status])


def precision_words(precision: Precision, language: Language) -> str:
    return language.say(_PRECISIONS[precision])


def source_words(outlet: Outlet, language: Language) -> str:
    """Where its address was read, and the date of that page."""
    source = outlet.source
    if not source.date:
        return language.say("Source: {title} (undated)", title=source.title)
    return language.say("Source: {title} ({date})", title=source.title, date=source.date)


def access_words(outlet: Outlet, language: Language) -> str:
    """Its notes; a note in both languages is written "中文 / English"."""
    chinese, slash, english = outlet.access.partition(" / ")
    return language.pick(Name(chinese, english)) if slash else chinese


def call_first_words(language: Language) -> str:
    return language.say("Please call 12333 to check before you go.")


# -- where from, and what was not found --


def place_words(place: Place, language: Language) -> str:
    """A place among choices: 太平镇（泸州市古蔺县）."""
    name, city = language.pick(place.name), place.city
    where = city if place.district in ("", place.name.zh) else f"{city}{place.district}"
    return name if place.name.zh == city else language.say("{name} ({where})", name=name, where=where)


def origin_words(origin: Origin, language: Language) -> str:
    """Where the distances are measured from."""
    if origin.known_by is KnownBy.SHARED or origin.name is None:
        return language.say("Measured from your position.")
    name = language.pick(origin.name)
    if origin.precision.is_exact:
        return language.say("Measured from {place}.", place=name)
    return language.say("Measured roughly, from the position we have for {place}.", place=name)


def mended_words(origin: Origin, language: Language) -> str:
    """What was understood in spite of a typing error; "" when there was none."""
    if origin.exact or origin.name is None:
        return ""
    return language.say(
        "We read this as {place}. If that is wrong, please write it again.", place=language.pick(origin.name)
    )


def gap_notice(gap: Gap, language: Language) -> str:
    if gap.city == "重庆市":
        return language.say(
            "The address of the card outlet in {district} is not confirmed. Please call 12333 (Chongqing: 023-12333).",
            district=_gap_district(gap, language),
        )
    return language.say(
        "The address of the card outlet in {district} is not confirmed. Please call 12333.",
        district=_gap_district(gap, language),
    )


def _gap_district(gap: Gap, language: Language) -> str:
    return gap.district if language is CHINESE else gap.name.en


_WHYS: Final = {
    Why.NO_SUCH_PLACE: mark(
        "We know no such place in Luzhou or Chongqing. Try the name of a district, for example 江阳区."
    ),
    Why.OUTSIDE: mark(
        "That place lies outside Luzhou and Chongqing. This service covers only these two cities."
    ),
    Why.NO_POINT: mark(
        "We know this place, but not where exactly it lies. Try a district or town beside it."
    ),
    Why.GEOCODER_FAILED: mark(
        "The address service did not answer. Try again, or write just the district or town."
    ),
}


def unknown_words(unknown: Unknown, language: Language) -> str:
    """Why nothing was found, and what to do."""
    return language.say(_WHYS[unknown.why])


def unclear_words(language: Language) -> str:
    return language.say("Which of these do you mean?")


_REFUSALS: Final = {
    "place": mark(
        "Please write a place: a district, a town, a street or an address, at most 200 characters."
    ),
    **dict.fromkeys(
        ("lat", "lon", "datum"), mark("This position cannot be used. Please write a place instead.")
    ),
    "service": mark("Please choose one of the services listed."),
    "open_at": mark("Please choose a day and a time."),
    "district": mark("Please choose one of the districts listed below."),
}
_REFUSED: Final = mark("Something in the form cannot be used. Please check it and try again.")


def refusal_words(error: BadInput, language: Language) -> str:
    """What to do about a form field that could not be used."""
    field_of = {"lon": "lat", "datum": "lat"}.get(error.field, error.field)
    return language.say(
        _REFUSALS.get(field_of, mark("Something in the form cannot be used. Please check it and try again."))
    )
