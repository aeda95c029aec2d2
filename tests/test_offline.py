"""What a browser takes along: all of it can be had, it is lean, it is true, and its edition is new when it is."""

import gzip
import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.adviser import Adviser
from bot.takeaway import MOST_ASKS, topics_along
from locator.app import Added, make_app
from locator.finder import Finder
from locator.frame import Look
from locator.guide import Guide, make_live
from locator.hours import CHINA_TIME
from locator.language import LANGUAGES, TRADITIONAL
from locator.live import Current
from locator.model import Name, Notice, NoticeKind, Offer, Service
from locator.notices import make_notices
from locator.offline import DAYS, Along, take_along
from locator.outlets import write_outlets
from locator.settings import Settings
from locator.suggest import MOST_OUTLETS
from tests.doors import BEIJING, NATIONAL_DAY, OFFICE_HOURS, door, finder, gap, guide, town
from tests.reading import read

SHIPPED = Settings()
BEFORE_NATIONAL_DAY = date(2026, 9, 30)
KNOWN = replace(
    door(1, 29.55, 106.45, hours=OFFICE_HOURS, services={Service.ACTIVATION: Offer.YES}),
    access="二楼 / second floor",
)
SILENT = door(2, 29.56, 106.46)
NOTHING_MORE = Along()
LEANEST = 150 * 1024  # bytes, compressed


@pytest.fixture(scope="module")
def topics(adviser: Adviser) -> tuple[dict[str, Any], ...]:
    return topics_along(adviser.knowledge, adviser.hotline)


@pytest.fixture(scope="module")
def client(topics: tuple[dict[str, Any], ...]) -> FlaskClient:
    """Over the shipped file, with the bot's questions."""
    return visiting(make_live(SHIPPED), NATIONAL_DAY, Along(topics=lambda: topics))


def visiting(live: Current[Guide], at: datetime, along: Along = NOTHING_MORE) -> FlaskClient:
    return make_app(live, SHIPPED, lambda: at, Added(along=along)).test_client()


def taken(client: FlaskClient) -> dict[str, Any]:
    """What the worker is to take."""
    first, _ = client.get("/sw.js").text.split("\n", 1)
    told: dict[str, Any] = json.loads(first.removeprefix("const TAKEN = ").removesuffix(";"))
    return told


def fetched(client: FlaskClient, url: str) -> TestResponse:
    answer = client.get(url)
    answer.get_data()
    answer.close()  # its file
    return answer


def data(client: FlaskClient) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(client.get("/offline.json").data)
    return told


def edition(live: Current[Guide], at: datetime, along: Along = NOTHING_MORE) -> str:
    return str(taken(visiting(live, at, along))["edition"])


def hall(finder_: Finder, on: date = BEFORE_NATIONAL_DAY) -> dict[str, Any]:
    """The first of them as it is taken along."""
    first: dict[str, Any] = take_along(finder_, on, NOTHING_MORE)["halls"][0]
    return first


class Fixed:
    """A guide that stays."""

    faults = ()

    def __init__(self, value: Guide) -> None:
        self.value = value


# -- the worker's list --


def test_all_that_the_worker_takes_can_be_had(client: FlaskClient) -> None:
    listed = taken(client)
    urls = [*listed["files"], *listed["shells"]]
    assert [url for url in urls if fetched(client, url).status_code != 200] == []
    assert len(urls) > 20


def test_there_is_a_shell_in_every_look(client: FlaskClient) -> None:
    shells = {
        Look(language, is_large).url("/offline")
        for language in LANGUAGES.values()
        for is_large in (True, False)
    }
    assert set(taken(client)["shells"]) == shells


def test_every_module_of_a_page_is_taken(client: FlaskClient) -> None:
    files = {url.partition("?")[0] for url in taken(client)["files"]}
    for url in sorted(files):
        if url.endswith(".js") and "/leaflet/" not in url:
            imported = re.findall(r'(?:from|import\() ?"\./([^"]+)"', fetched(client, url).text)
            assert {f"/static/{name}" for name in imported} <= files, url


def test_the_worker_is_asked_for_anew_each_time_and_is_a_script(client: FlaskClient) -> None:
    worker = client.get("/sw.js")
    assert worker.mimetype == "text/javascript"
    assert worker.headers["Cache-Control"] == "no-cache"


def test_no_answer_of_the_api_and_no_page_that_may_hold_a_person_is_taken(client: FlaskClient) -> None:
    listed = taken(client)
    assert not [
        url
        for url in [*listed["files"], *listed["shells"]]
        if url.startswith(("/api", "/chat", "/?", "/outlets"))
    ]


def test_a_product_may_have_more_taken() -> None:
    along = Along(files=("/static/bot/chat.js?v=1",))
    assert "/static/bot/chat.js?v=1" in taken(visiting(make_live(SHIPPED), NATIONAL_DAY, along))["files"]


# -- its edition --


def test_two_processes_tell_one_edition() -> None:
    evening = NATIONAL_DAY + timedelta(hours=9)
    assert edition(make_live(SHIPPED), NATIONAL_DAY) == edition(make_live(SHIPPED), evening)


@pytest.mark.parametrize(
    ("other", "at", "along"),
    [
        (guide([KNOWN, SILENT]), NATIONAL_DAY + timedelta(days=1), NOTHING_MORE),
        (guide([KNOWN, SILENT]), NATIONAL_DAY, Along(files=("/static/bot/chat.js",))),
        (guide([KNOWN, replace(SILENT, phone="023-1")]), NATIONAL_DAY, NOTHING_MORE),
        (guide([KNOWN, SILENT], [gap("江津区")]), NATIONAL_DAY, NOTHING_MORE),
    ],
    ids=["another day", "another file", "another phone number", "another gap"],
)
def test_another_content_is_another_edition(other: Guide, at: datetime, along: Along) -> None:
    assert edition(Fixed(guide([KNOWN, SILENT])), NATIONAL_DAY) != edition(Fixed(other), at, along)


def test_a_changed_outlets_file_is_another_edition(tmp_path: Path) -> None:
    path = tmp_path / "outlets.geojson"
    shipped = make_live(SHIPPED).value.finder
    path.write_bytes(write_outlets(shipped.outlets, shipped.atlas.gaps))
    live = make_live(Settings(outlets=path))
    client = visiting(live, NATIONAL_DAY)
    before = taken(client)["edition"]
    path.write_bytes(write_outlets(shipped.outlets[1:], shipped.atlas.gaps))
    assert live.look()
    assert taken(client)["edition"] != before
    assert len(data(client)["halls"]) == len(shipped.outlets) - 1


def test_news_of_the_desk_are_another_edition() -> None:
    closed = Notice(KNOWN.id, NoticeKind.CLOSED, NATIONAL_DAY, None, NATIONAL_DAY.date(), Name("装修", ""))
    one = finder([KNOWN])
    told = guide([KNOWN])._replace(finder=one.knowing(make_notices([closed])))
    assert edition(Fixed(guide([KNOWN])), NATIONAL_DAY) != edition(Fixed(told), NATIONAL_DAY)


# -- what is taken --


def test_it_is_lean(client: FlaskClient) -> None:
    assert len(gzip.compress(client.get("/offline.json").data)) < LEANEST


def test_it_says_of_which_day_it_is_and_is_not_sent_twice(client: FlaskClient) -> None:
    answer = client.get("/offline.json")
    told = json.loads(answer.data)
    assert told["made"] == "2026-10-01"
    assert told["made_words"] == {"zh-Hans": "2026年10月1日", "en": "1 October 2026"}
    again = client.get("/offline.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_of_a_hall_it_says_what_its_page_says() -> None:
    told = hall(finder([KNOWN]))
    assert told["name"] == {"zh-Hans": "测试网点1", "zh-Hant": "測試網點1", "en": "Test outlet 1"}
    assert told["address"]["zh-Hans"] == "重庆市沙坪坝区测试路1号"
    assert told["services"] == ["activation"]
    assert told["note"] == {"zh-Hans": "二楼", "zh-Hant": "二樓", "en": "second floor"}
    assert told["usual"]["en"] == ("Mon to Fri 9:00–17:00", "closed on public holidays")


def test_the_days_ahead_are_those_of_the_calendar() -> None:
    days = hall(finder([KNOWN]))["days"]
    ahead = [BEFORE_NATIONAL_DAY + timedelta(number) for number in range(DAYS)]
    open_on = [day.isoformat() for day, spans in zip(ahead, days, strict=True) if spans]
    assert open_on == ["2026-09-30", "2026-10-08", "2026-10-09", "2026-10-10", "2026-10-12", "2026-10-13"]
    assert days[0] == [(540, 1020)]


def test_nothing_is_said_of_hours_that_nobody_stated() -> None:
    assert hall(finder([SILENT]))["days"] is None


def test_a_door_closed_by_a_notice_is_closed_here_too() -> None:
    from_ = datetime(2026, 9, 30, tzinfo=BEIJING)
    closed = Notice(
        KNOWN.id,
        NoticeKind.CLOSED,
        from_,
        from_ + timedelta(days=1),
        BEFORE_NATIONAL_DAY,
        Name("装修", "repairs"),
    )
    told = hall(finder([KNOWN]).knowing(make_notices([closed])))
    assert told["days"][0] == []
    assert "9月30日" in " ".join(told["notices"]["zh-Hans"])


def test_too_many_halls_are_not_carried() -> None:
    assert take_along(finder(town(3)), BEFORE_NATIONAL_DAY, NOTHING_MORE)["halls"] is not None
    assert take_along(finder(town(MOST_OUTLETS + 1)), BEFORE_NATIONAL_DAY, NOTHING_MORE)["halls"] is None


def test_every_gap_has_its_notice(client: FlaskClient) -> None:
    told = data(client)["gaps"]
    assert len(told) == len(make_live(SHIPPED).value.finder.atlas.gaps)
    assert all("12333" in gap_["notice"][code] for gap_ in told for code in LANGUAGES)


def test_traditional_characters_are_read_as_ours(client: FlaskClient) -> None:
    letters = data(client)["letters"]
    assert (
        "".join(letters.get(letter, letter) for letter in TRADITIONAL.write("沙坪坝怎么补办"))
        == "沙坪坝怎么补办"
    )


# -- the questions --


def test_every_question_on_the_card_is_taken_with_the_chats_own_answer(
    adviser: Adviser, topics: tuple[dict[str, Any], ...]
) -> None:
    entries = {entry["id"]: entry for topic in topics for entry in topic["entries"]}
    assert entries.keys() == {entry.id for entry in adviser.knowledge.entries.values() if entry.is_card}
    own = adviser.knowledge.entries["loss-cancel"]
    told = entries["loss-cancel"]
    assert told["answer"]["zh-Hans"].startswith(own.said.answer.zh)
    assert told["answer"]["en"].startswith(own.said.answer.en)
    assert told["answer"]["zh-Hant"] != told["answer"]["zh-Hans"]


def test_an_answer_names_the_phone_numbers_and_where_it_is_written(
    topics: tuple[dict[str, Any], ...],
) -> None:
    entries = [entry for topic in topics for entry in topic["entries"]]
    assert not [entry["id"] for entry in entries for text in entry["answer"].values() if "{" in text]
    assert all(entry["sources"] for entry in entries)


def test_some_ways_to_ask_are_taken_in_each_language(topics: tuple[dict[str, Any], ...]) -> None:
    for entry in (entry for topic in topics for entry in topic["entries"]):
        english = [ask for ask in entry["asks"] if ask.isascii()]
        assert 0 < len(english) <= MOST_ASKS
        assert 0 < len(entry["asks"]) - len(english) <= MOST_ASKS


# -- the page --


@pytest.mark.parametrize(
    ("look", "title"),
    [
        ("", "没有联网也能查"),
        ("?lang=zh-Hant", "沒有聯網也能查"),
        ("?lang=en&size=large", "Looked up without a network"),
    ],
)
def test_the_page_speaks_as_it_is_asked_to(client: FlaskClient, look: str, title: str) -> None:
    page = read(client.get(f"/offline{look}"))
    assert title in page.text
    assert page.all("meta", name="robots", content="noindex")


def test_without_scripts_it_names_the_hotline(client: FlaskClient) -> None:
    assert "12333" in read(client.get("/offline")).text


def test_a_page_has_the_worker_take_it_along(client: FlaskClient) -> None:
    for path in ("/", "/?district=合江县", "/outlets/nowhere"):
        assert [one for one in read(client.get(path)).all("script") if "/along.js" in one["src"]], path


def test_the_day_is_chinas() -> None:
    late = datetime(2026, 9, 30, 23, 30, tzinfo=CHINA_TIME)
    assert data(visiting(Fixed(guide([KNOWN])), late))["made"] == "2026-09-30"
    early = late + timedelta(hours=1)
    assert data(visiting(Fixed(guide([KNOWN])), early))["made"] == "2026-10-01"
