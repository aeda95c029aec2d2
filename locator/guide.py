"""What every face answers from: a finder over one outlets file, made anew when the file changes."""

from pathlib import Path
from typing import NamedTuple

from locator.calendar import Calendar
from locator.errors import Fault
from locator.finder import Finder, Geocodes
from locator.live import Current, Live
from locator.notices import AskDesk
from locator.outlets import Atlas
from locator.places import read_gazetteer
from locator.render import Features
from locator.settings import DATA, Settings


class Guide(NamedTuple):
    """One outlets file, whole: how to find in it, and its Features made so far."""

    finder: Finder
    features: Features


class Informed:
    """A guide that knows each time what the desk knows then."""

    def __init__(self, live: Current[Guide], ask_desk: AskDesk) -> None:
        self._live = live
        self._ask_desk = ask_desk

    @property
    def value(self) -> Guide:
        finder, features = self._live.value
        return Guide(finder.knowing(self._ask_desk()), features)

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self._live.faults


def make_live(settings: Settings) -> Live[Guide]:
    """Raises FaultyFile when the outlets file or a holiday file is faulty."""
    gazetteer = read_gazetteer(DATA)
    calendar = make_calendar(settings.years)
    geocoder = _geocoder(settings) if settings.geocoder else None

    def build(atlas: Atlas) -> Guide:
        finder = Finder(atlas, gazetteer.with_outlets(atlas.outlets), calendar, geocoder)
        return Guide(finder, Features())

    return Live(settings.outlets, gazetteer.units, build)


def make_calendar(folder: Path | None) -> Calendar:
    """The shipped years, and those of the folder: one JSON file a year."""
    calendar = Calendar.shipped()
    for path in sorted(folder.glob("*.json")) if folder else ():
        calendar = calendar.with_year_file(path)
    return calendar


def _geocoder(settings: Settings) -> Geocodes | None:
    from locator.geocode import make_geocoder  # noqa: PLC0415 - 10 MiB that nobody needs who asks no outside service

    return make_geocoder(
        settings.geocoder,
        key=settings.geocoder_key.get_secret_value(),
        user_agent=f"luyu-card ({settings.geocoder_contact})" if settings.geocoder_contact else "",
        timeout_s=settings.geocoder_timeout_s,
        url=settings.geocoder_url,
        processes=settings.workers,
    )
