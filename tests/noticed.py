"""The whole product on a Wednesday on which the desk was told of two of its three halls."""

import argparse
from datetime import date, datetime

from flask_openapi3 import OpenAPI

from bot.adviser import make_adviser
from bot.app import make_app
from bot.settings import read_bot_settings
from bot.store import open_store
from locator.guide import Informed
from locator.hours import CHINA_TIME
from locator.live import Live
from locator.model import Name, Notice, NoticeKind
from locator.notices import AskDesk, make_notices
from locator.server import listening, serve
from locator.settings import Settings, read_settings
from tests.doors import GAZETTEER, OFFICE_HOURS, door, guide

WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=CHINA_TIME)
TOLD = date(2026, 11, 20)
PLACE = "重庆市沙坪坝区测试网点1"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA_TIME)


NOTICES = make_notices(
    [
        Notice(
            "door-000001",
            NoticeKind.CLOSED,
            day("2026-11-25"),
            day("2026-11-27"),
            TOLD,
            Name("装修", "renovation"),
        ),
        Notice(
            "door-000002",
            NoticeKind.HOURS,
            day("2026-11-27"),
            day("2026-12-01"),
            TOLD,
            hours="Mo-Fr 09:00-12:00",
        ),
    ],
    {"door-000003": date(2026, 11, 25)},
)
CLOSED = "临时停办：装修，至11月26日（周四）；11月27日（周五）9:00 开门"
COMING = "11月27日（周五）至11月30日（周一）时间临时调整：周一至周五 9:00–12:00"


def informed(ask_desk: AskDesk) -> Informed:
    """Three halls to the north of 沙坪坝, one behind the other, all with office hours."""
    made = guide(door(number, 29.55 + number / 100, 106.45, hours=OFFICE_HOURS) for number in range(1, 4))
    return Informed(Live(Settings().outlets, GAZETTEER.units, lambda _: made), ask_desk)


def create_app() -> OpenAPI:
    settings, own = read_settings(), read_bot_settings()
    store = open_store(own.database_url.get_secret_value())
    live = informed(lambda: NOTICES)
    return make_app(live, settings, own, make_adviser(own.faq), store, lambda: WEDNESDAY)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("serve")
    parser.add_argument("--port", type=int)
    wanted = parser.parse_args()
    serve("tests.noticed:create_app", listening(read_settings(), host=None, port=wanted.port, workers=None))


if __name__ == "__main__":
    main()
