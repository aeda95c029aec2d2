"""What a browser takes along, so that the page answers without a network: files, halls, places, questions.

Law: nothing of a person is in it; it says of which day it is; and its edition is new whenever any of it is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeVar

import orjson
from flask import Blueprint, Response, make_response, render_template, request

from locator import timetable, wording
from locator.cards import card_labels
from locator.files import OWN, guard
from locator.finder import Finder
from locator.frame import Look, look_of, texts
from locator.guide import Guide
from locator.hours import CHINA_TIME, DayHours
from locator.language import CHINESE, LANGUAGES, TRADITIONAL, Language, mark
from locator.live import Current
from locator.model import Gap, Level, Name, Offer, Outlet, Place, Precision, Service, Status
from locator.settings import HERE, Settings
from locator.suggest import MOST_OUTLETS, named_places

Clock = Callable[[], datetime]
Json = dict[str, Any]
T = TypeVar("T")

OFFLINE: Final = "/offline"
DAYS: Final = 14  # from today on, for which opening hours are taken along
_DATA: Final = "/offline.json"
_OTHERS: Final = (*(f"/map/{code}/names.json" for code in LANGUAGES), _DATA)
_FOR_THE_MAP: Final = ("leaflet/leaflet.css", "leaflet/leaflet.js", "rivers.geojson")
_LEFT_BEHIND: Final = frozenset({"docs.js", "sw.js"})


class Along(NamedTuple):
    """What an app has the page take along besides."""

    files: tuple[str, ...] = ()  # URLs
    # Questions and their answers; others when what they are made of has changed.
    topics: Callable[[], tuple[Json, ...]] = tuple


def make_offline(live: Current[Guide], settings: Settings, now: Clock, along: Along) -> Blueprint:
    """`/sw.js`, the worker that takes along; `/offline.json`, the data; `/offline`, the page that reads them."""
    pages = Blueprint("offline", __name__, template_folder="templates")
    pages.after_request(guard(settings))
    packer = _Packer(live, settings, now, along)

    @pages.get("/sw.js")
    def worker() -> Response:
        return _asked_anew(Response(packer.pack().worker, content_type="text/javascript"))

    @pages.get(_DATA)
    def data() -> Response:
        return _asked_anew(Response(packer.pack().data, content_type="application/json"))

    @pages.get(OFFLINE)
    def shell() -> Response:
        return _asked_anew(make_response(_drawn(look_of(request.args), live.value.finder, settings)))

    return pages


def _asked_anew(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


class _Pack(NamedTuple):
    made_from: tuple[str, date, tuple[Json, ...]]
    data: bytes
    worker: bytes


class _Packer:
    """Packs anew each day, and when the outlets change or the desk hears news: a browser asks at every page."""

    def __init__(self, live: Current[Guide], settings: Settings, now: Clock, along: Along) -> None:
        self._live, self._settings, self._now, self._along = live, settings, now, along
        self._pack = _Pack(("", date.min, ()), b"", b"")

    def pack(self) -> _Pack:
        finder = self._live.value.finder
        today = self._now().astimezone(CHINA_TIME).date()
        pack, made_from = self._pack, (finder.edition, today, self._along.topics())
        if pack.made_from != made_from:
            data = orjson.dumps(take_along(finder, today, self._along))
            worker = _worker(_taken(data, finder, self._settings, self._along))
            pack = _Pack(made_from, data, worker)
            self._pack = pack  # one assignment: another thread sees the old one or the new one
        return pack


# -- the worker --


def _worker(taken: Json) -> bytes:
    return b"const TAKEN = %b;\n%b" % (orjson.dumps(taken), (HERE / "static" / "sw.js").read_bytes())


def _taken(data: bytes, finder: Finder, settings: Settings, along: Along) -> Json:
    looks = [Look(language, is_large) for language in LANGUAGES.values() for is_large in (False, True)]
    shift = ["/map/shift.json"] if settings.tiles_url else []  # the map asks for it then
    files = [*_own_files(), *along.files, *_OTHERS, *shift]
    made_of = [*files, *(_drawn(look, finder, settings) for look in looks)]
    edition = sha256(data + "".join(made_of).encode()).hexdigest()[:16]
    return {"edition": edition, "files": files, "shells": [look.url(OFFLINE) for look in looks]}


def _own_files() -> Iterator[str]:
    own = sorted(path.name for path in (HERE / "static").iterdir())
    yield from map(OWN.url, (name for name in own if name not in _LEFT_BEHIND))
    yield from map(OWN.url, _FOR_THE_MAP)


# -- the data --


def take_along(finder: Finder, today: date, along: Along) -> Json:
    """All that is looked up without a network, as it is told at the beginning of the day: every process says the same.

    `halls` is None when there are too many to be carried. What is read is said by language code; a language that is
    missing there says it as the first one does.
    """
    ahead = [today + timedelta(days) for days in range(DAYS)]
    places = named_places(finder.outlets)
    areas = [area for city, districts in _cities(finder) for area in (city, *districts)]
    return {
        "made": today.isoformat(),
        "made_words": _said(partial(timetable.date_words, today)),
        "days": [_said(partial(timetable.day_words, day)) for day in ahead],
        "areas": {area.name.zh: _named(area.name) for area in areas},
        "halls": _halls(finder, ahead),
        "gaps": [_gap(gap) for gap in finder.atlas.gaps],
        "topics": along.topics(),
        "places": [_written(row) for row in places],
        "letters": _letters([*(row["zh"] for row in places), *_asked(along)]),
    }


def _named(name: Name) -> dict[str, str]:
    return _said(lambda language: language.pick(name))


def _said(say: Callable[[Language], T]) -> dict[str, T]:
    first = say(CHINESE)
    others = ((code, say(language)) for code, language in LANGUAGES.items() if language != CHINESE)
    return {CHINESE.code: first} | {code: said for code, said in others if said != first}


def _written(row: Json) -> Json:
    """With its name in traditional characters, where that is another one."""
    written = TRADITIONAL.write(row["zh"])
    return row if written == row["zh"] else row | {"written": written}


def _halls(finder: Finder, ahead: Sequence[date]) -> list[Json] | None:
    if len(finder.outlets) > MOST_OUTLETS:
        return None
    return [_hall(outlet) | _hours(outlet, finder, ahead) for outlet in finder.outlets]


def _hall(outlet: Outlet) -> Json:
    address = f"{outlet.city}{outlet.district}{outlet.address}"
    return {
        "id": outlet.id,
        "name": _named(outlet.name),
        "district": outlet.district,
        "address": _said(lambda language: language.write(address)),
        "phone": outlet.phone,
        "lat": outlet.point.lat,
        "lon": outlet.point.lon,
        "exact": outlet.precision.is_exact,
        "precision": outlet.precision,
        "status": outlet.status,
        "services": [service for service in Service if outlet.offers(service) is Offer.YES],
        "note": _said(partial(wording.access_words, outlet)),
    }


def _hours(outlet: Outlet, finder: Finder, ahead: Sequence[date]) -> Json:
    """`days`: for each, the spans it is open in minutes, [] when closed, None when unknown; None when all are."""
    morning = datetime.combine(ahead[0], time(tzinfo=CHINA_TIME))
    notices, asked = finder.told(outlet, morning).notices, timetable.Asked(morning)
    days = [_spans(finder.day_of(outlet, day)) for day in ahead]
    return {
        "usual": _said(partial(timetable.usual_lines, outlet.hours)),
        "notices": _said(lambda language: timetable.told_lines(notices, asked, language)),
        "days": days if any(spans is not None for spans in days) else None,
    }


def _spans(day: DayHours) -> list[tuple[int, int]] | None:
    return None if day.spans is None else [(span.start, span.end) for span in day.spans]


def _gap(gap: Gap) -> Json:
    return {"id": gap.id, "district": gap.district, "notice": _said(partial(wording.gap_notice, gap))}


def _asked(along: Along) -> Iterator[str]:
    return (ask for topic in along.topics() for entry in topic["entries"] for ask in entry["asks"])


def _letters(ours: Iterable[str]) -> dict[str, str]:
    """By traditional character, the simplified one that our names and questions are written in."""
    letters: dict[str, str] = {}
    for text in ours:
        written = TRADITIONAL.write(text)
        if len(written) == len(text):
            letters |= zip(written, text, strict=True)
    return {written: own for written, own in letters.items() if written != own}


# -- the page --


def _cities(finder: Finder) -> list[tuple[Place, tuple[Place, ...]]]:
    """Each city with its districts."""
    cities = (place for place in finder.gazetteer.places if place.level is Level.CITY)
    return [(city, finder.gazetteer.districts_of(city.city)) for city in cities]


def _drawn(look: Look, finder: Finder, settings: Settings) -> str:
    return render_template(
        "offline.html",
        **texts(look, OFFLINE),
        settings=settings,
        cities=_cities(finder),
        script={"language": look.language.code, "words": _script_words(look.language)},
    )


def _script_words(language: Language) -> Json:
    """What the script says; it fills in the {names}."""
    return {
        **card_labels(language),
        **{name: language.say(sentence, **_GAPS) for name, sentence in _WORDS.items()},
        "call_first": wording.call_first_words(language),
        "space": language.space,
        "comma": language.say(", "),
        "statuses": {status.value: wording.status_words(status, language) for status in Status},
        "precisions": {
            precision.value: wording.precision_words(precision, language) for precision in Precision
        },
        "service_names": {service.value: wording.service_words(service, language) for service in Service},
    }


_GAPS: Final = {name: f"{{{name}}}" for name in ("day", "time", "when", "km", "place", "name", "where", "n")}
_WORDS: Final = {
    "no_network": mark("You are not connected to a network."),
    "age": mark("What follows was stored on {day}; please call 12333 to check before you go."),
    "nothing": mark("Nothing is stored on this device yet. Please come back with a network, or call 12333."),
    "too_many": mark("There are too many halls to be stored on this device. Please call 12333."),
    "nearest": mark("{n} nearest"),
    "from_place": mark("Measured roughly, from the position we have for {place}."),
    "from_here": mark("Measured from your position."),
    "no_point": mark("We know this place, but not where exactly it lies. Try a district or town beside it."),
    "no_filters": mark("Without a network, services and times are not sorted out; look at each hall."),
    "which": mark("Which of these do you mean?"),
    "place": mark("{name} ({where})"),
    "not_found": mark("Not found"),
    "unknown": mark("Nothing stored here fits. Try the name of a district, other words, or call 12333."),
    "no_hall": mark("This hall is not stored on this device."),
    "answers": mark("This may answer it"),
    "written": mark("Where this is written"),
    "distance": mark("about {km} km"),
    "open": mark("Open now, closes {when}"),
    "open_always": mark("Open now"),
    "closes-soon": mark("Closing soon, closes {when}"),
    "closed-opens-later": mark("Closed now, opens {when}"),
    "closed": mark("Closed now"),
    "unknown_hours": mark("Opening hours not confirmed, please ask 12333 first"),
    "moment": mark("{day} {time}"),
}
