"""Outlets made up for tests. Their addresses say so."""

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone

from locator.calendar import Calendar
from locator.finder import Finder, Geocodes
from locator.guide import Guide
from locator.model import Gap, Name, Offer, Outlet, Point, Precision, Service, Source, Status
from locator.outlets import Atlas
from locator.places import Gazetteer, read_gazetteer
from locator.render import Features
from locator.settings import DATA

BEIJING = timezone(timedelta(hours=8))
SATURDAY_WORKED = datetime(2026, 10, 10, 10, 0, tzinfo=BEIJING)
NATIONAL_DAY = datetime(2026, 10, 1, 10, 0, tzinfo=BEIJING)
OFFICE_HOURS = "Mo-Fr 09:00-17:00; PH off"
EARLY_HOURS = "Mo-Fr 07:00-09:30; PH off"
SOURCE = Source("made up for a test", "", "2026")
CALENDAR = Calendar.shipped()
GAZETTEER: Gazetteer = read_gazetteer(DATA)


def door(  # noqa: PLR0913 - a door has many sides, and a test names the one it is about
    number: int,
    lat: float,
    lon: float,
    *,
    district: str = "沙坪坝区",
    city: str = "重庆市",
    hours: str = "",
    services: Mapping[Service, Offer] | None = None,
    status: Status = Status.OFFICIAL,
    precision: Precision = Precision.BUILDING,
    name: str = "",
) -> Outlet:
    return Outlet(
        id=f"door-{number:06d}",
        name=Name(name or f"测试网点{number}", f"Test outlet {number}"),
        city=city,
        district=district,
        address=f"测试路{number}号",
        point=Point(lat, lon),
        precision=precision,
        status=status,
        source=SOURCE,
        hours=hours,
        services=services or {},
    )


def gap(district: str, city: str = "重庆市") -> Gap:
    return Gap("gap-1", Name(district, district), city, district, SOURCE)


def town(count: int, seed: int = 1) -> list[Outlet]:
    """Doors all over the two cities, of every kind, in random order."""
    dice = random.Random(seed)
    doors = [
        door(
            number,
            round(dice.uniform(27.6, 32.3), 6),
            round(dice.uniform(104.9, 110.3), 6),
            district=dice.choice(["沙坪坝区", "江津区", "永川区"]),
            hours=dice.choice(["", OFFICE_HOURS, EARLY_HOURS, "24/7"]),
            services={service: dice.choice(list(Offer)) for service in Service},
            status=dice.choice([Status.OFFICIAL, Status.UNCONFIRMED]),
        )
        for number in range(count)
    ]
    dice.shuffle(doors)
    return doors


def finder(outlets: Iterable[Outlet], gaps: Iterable[Gap] = (), geocoder: Geocodes | None = None) -> Finder:
    atlas = Atlas(tuple(outlets), tuple(gaps), "0" * 16)
    return Finder(atlas, GAZETTEER.with_outlets(atlas.outlets), CALENDAR, geocoder)


def guide(outlets: Iterable[Outlet], gaps: Iterable[Gap] = ()) -> Guide:
    return Guide(finder(outlets, gaps), Features())
