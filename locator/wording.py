"""Sentences about places and outlets, for every face. Those about times are in `timetable`.

Law: a sentence promises no more than its source: where nobody has confirmed a thing, it says so and names 12333.
"""

from typing import Final

from locator.errors import BadInput
from locator.language import CHINESE, Language, list_words, mark
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
    Service,
    Status,
    Unknown,
    Why,
)

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
_KINDS: Final = {
    Status.OFFICIAL: mark("Halls on the published list"),
    Status.UNCONFIRMED: mark("Halls not confirmed yet"),
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
    return list_words(done, language)


def status_words(status: Status, language: Language) -> str:
    return language.say(_STATUSES[status])


def kind_words(status: Status, language: Language) -> str:
    """The halls of a status, as a condition to choose."""
    return language.say(_KINDS[status])


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
    return language.pick(Name(chinese, english)) if slash else language.write(chinese)


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
    return gap.district if language.short == CHINESE.short else gap.name.en


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
    "status": mark("Please choose one of the kinds of halls listed."),
    "open_at": mark("Please choose a day and a time."),
    "district": mark("Please choose one of the districts listed below."),
}
_REFUSED: Final = mark("Something in the form cannot be used. Please check it and try again.")


def refusal_words(error: BadInput, language: Language) -> str:
    """What to do about a form field that could not be used."""
    return language.say(_REFUSALS.get(error.field.partition(".")[0], _REFUSED))
