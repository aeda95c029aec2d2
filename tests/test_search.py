"""One box that takes a place, an outlet, a service, a time or a question: what it makes of a text, and what it shows."""

import logging
from collections.abc import Iterator
from contextlib import closing
from itertools import takewhile

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

import locator.app
from bot.adviser import Adviser
from bot.app import make_app
from bot.decide import Answer, Clarify, Decline
from bot.nearby import Nearby
from bot.settings import BotSettings
from bot.sought import Sought, read_sought
from bot.store import open_store
from locator.guide import make_live
from locator.listing import read_listings
from locator.model import Found, Level
from locator.places import read_gazetteer
from locator.search import Reading, read_place
from locator.settings import DATA, Settings
from locator.suggest import MOST_OUTLETS, named_places
from locator.text import sound
from tests.doors import door
from tests.reading import Reader, read
from tests.visitors import WEDNESDAY

pytest_plugins = ("tests.databases", "tests.product")

SHIPPED = Settings()


@pytest.fixture(scope="module")
def client(adviser: Adviser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The whole product, on a Wednesday."""
    url = f"sqlite:///{tmp_path_factory.mktemp('search') / 'bot.db'}"
    with closing(open_store(url)) as store:
        app = make_app(make_live(SHIPPED), SHIPPED, BotSettings(), adviser, store, lambda: WEDNESDAY)
        yield app.test_client()


def told(sought: Sought) -> str:
    """In one line: place [service] @time, then what is said of the question."""
    decision = sought.decision
    parts = [
        sought.place,
        f"[{sought.service}]" if sought.service else "",
        f"@{sought.when.at:%m-%d %H:%M}" if sought.when else "",
        f"={decision.entry.id}" if isinstance(decision, Answer) else "",
        f"?{len(decision.entries)}" if isinstance(decision, Clarify) else "",
        f"!{decision.why}" if isinstance(decision, Decline) else "",
    ]
    return " ".join(filter(None, parts))


# -- what a text says --


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        # a place alone
        ("沙坪坝", "沙坪坝区"),
        ("shapingba", "shapingba"),
        ("spb", "spb"),
        ("Shapingba", "Shapingba"),
        ("沙坪把", "沙坪坝区"),
        ("江阳区政务服务中心", "江阳区"),
        ("渝中区行政服务中心", "渝中区行政服务中心"),
        ("解放碑", "解放碑街道"),
        ("三峡广场", "三峡广场"),
        ("渝碚路12号", "渝碚路12号"),
        ("沙坪坝区渝碚路12号", "沙坪坝区"),
        ("太平镇", "太平镇"),
        ("成都", "成都"),
        ("asdfgh", "asdfgh"),
        ("人民路12号", "人民路12号"),
        # and a service
        ("补卡 沙坪坝", "沙坪坝区 [replacement]"),
        ("换卡 沙坪坝", "沙坪坝区 [replacement]"),
        ("沙坪坝哪里可以补卡", "沙坪坝区 [replacement]"),
        ("沙坪坝能不能激活", "沙坪坝区 [activation]"),
        ("修改信息 沙坪坝", "沙坪坝区 [info-change]"),
        ("改密码 沙坪坝", "沙坪坝区 [pin-reset]"),
        ("Shapingba replace card", "沙坪坝区 [replacement]"),
        ("where can I replace my card near Shapingba", "沙坪坝区 [replacement]"),
        ("buka shapingba", "沙坪坝区 [replacement]"),
        ("zhongxian guashi", "忠县 [loss-report]"),
        ("沙坪壩 補卡", "沙坪坝区 [replacement]"),
        ("太平镇 补卡", "太平镇 补卡 [replacement]"),
        ("重庆 补卡", "重庆市 [replacement]"),
        ("成都补卡", "成都补卡 [replacement]"),
        # and a time
        ("周六开门", "@11-28 10:00"),
        ("周六上午 沙坪坝 补卡", "沙坪坝区 [replacement] @11-28 10:00"),
        ("明天下午3点 合江", "合江县 @11-26 15:00"),
        ("现在开门的 沙坪坝", "沙坪坝区 @11-25 10:00"),
        ("Saturday shapingba", "沙坪坝区 @11-28 10:00"),
        # where it is not said
        ("附近", ""),
        ("补卡", "[replacement] =replace-lost"),
        ("哪里可以激活社保卡", "[activation] =activate"),
        # a question; the day it happened is no time to go
        ("怎么解挂", "=loss-cancel"),
        ("昨天卡丢了", "=lost"),
        ("重庆补卡要多少钱", "=fee"),
        ("你好", "=hello"),
        ("电子社保卡", "?4"),
        # of somewhere
        ("沙坪坝卡丢了", "沙坪坝区 [loss-report] =lost"),
        ("沙坪坝补卡要带什么", "沙坪坝区 [replacement] ?2"),
        ("北京的卡在沙坪坝能补吗", "=cross-province-replace"),
        # another matter
        ("公积金怎么提取", "!elsewhere"),
        ("公积金 沙坪坝", "!elsewhere"),
        ("今天天气怎么样", "!elsewhere"),
        ("建设银行", "!unsure"),
    ],
)
def test_a_text_is_understood_as_far_as_it_goes(
    adviser: Adviser, nearby: Nearby, text: str, sought: str
) -> None:
    assert told(read_sought(text, WEDNESDAY, adviser, nearby)) == sought


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("挂失 沙坪坝", "loss-report"),
        ("解挂 沙坪坝", "loss-cancel"),
        ("取消挂失 沙坪坝", "loss-cancel"),
        ("激活 沙坪坝", "activation"),
        ("不是挂失，是解挂 沙坪坝", "loss-cancel"),
    ],
)
def test_opposites_are_told_apart(adviser: Adviser, nearby: Nearby, text: str, service: str) -> None:
    assert read_sought(text, WEDNESDAY, adviser, nearby).service == service


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_any_text_is_read_and_a_place_stands_in_it_or_is_ours(
    adviser: Adviser, nearby: Nearby, text: str
) -> None:
    place = read_sought(text, WEDNESDAY, adviser, nearby).place
    assert place in {"", text} or isinstance(nearby.place(place), Found)


# -- what the form makes of it --


def test_what_is_set_in_the_form_wins_over_what_the_text_says() -> None:
    empty = {"place": "x", "lat": "1", "lon": "2", "datum": "wgs84", "service": "", "open": "", "when": ""}
    reading = Reading("沙坪坝", "replacement", "chosen", "2026-11-28T10:00")
    assert reading.into(empty) == {
        **dict.fromkeys(("lat", "lon", "datum"), ""),
        "place": "沙坪坝",
        "service": "replacement",
        "open": "chosen",
        "when": "2026-11-28T10:00",
    }
    chosen = reading.into(empty | {"service": "activation", "open": "now"})
    assert (chosen["service"], chosen["open"], chosen["when"]) == ("activation", "now", "")


def test_a_position_stays_when_the_text_names_no_place() -> None:
    fields = dict.fromkeys(("place", "lat", "lon", "datum", "service", "open", "when"), "7")
    assert Reading(service="replacement").into(fields) == fields | {"place": ""}


def test_the_locator_alone_takes_the_text_for_a_place() -> None:
    alone = locator.app.make_app(make_live(SHIPPED), SHIPPED, lambda: WEDNESDAY).test_client()
    page = read(alone.post("/", data={"place": "沙坪坝 补卡"}))
    assert shown(page, "service") == ""
    assert cards(page) == 5
    assert read_place("补卡", WEDNESDAY, None) == Reading("补卡")  # type: ignore[arg-type]


# -- what is shown --


def search(client: FlaskClient, text: str, url: str = "/", **fields: str) -> Reader:
    response = client.post(url, data={"place": text} | fields)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    return read(response)


def shown(page: Reader, select: str) -> str:
    """What is chosen there."""
    start = next(
        place for place, (tag, own) in enumerate(page.elements) if tag == "select" and own["id"] == select
    )
    after = page.elements[start + 1 :]
    options = takewhile(lambda element: element[0] in ("option", "optgroup"), after)
    return next((own["value"] for _, own in options if "selected" in own), "")


def box(page: Reader) -> str:
    return page.all("input", id="place")[0]["value"]


def cards(page: Reader) -> int:
    return len(page.all("li", class_="card"))


def asks_chat(page: Reader) -> list[str]:
    return [
        button.value
        for button in page.buttons()
        if button.action.startswith("/chat")
        and button.name in ("text", "choice")
        and not button.value.startswith(("find", "forget"))
    ]


def test_a_service_and_a_place_become_filters_that_can_be_taken_away(client: FlaskClient) -> None:
    page = search(client, "补卡 沙坪坝 周六")
    assert cards(page) > 0
    assert (box(page), shown(page, "service")) == ("沙坪坝区", "replacement")
    assert "您写的，我们是这样理解的" in page.text
    assert "您没有说几点" in page.text
    away = next(
        button for button in page.buttons() if button.fields.get("open") and "service" not in button.fields
    )
    assert away.fields["place"] == "沙坪坝区"
    without = read(client.post(away.action, data=away.fields))
    assert (shown(without, "service"), cards(without) > 0) == ("", True)


def test_filters_and_not_the_text_go_into_links(client: FlaskClient) -> None:
    page = search(client, "补卡 沙坪坝")
    assert any("service=replacement" in link for link in page.links())
    assert not [link for link in page.links() if "沙坪坝 补" in link or "%20%E8%A1%A5" in link]


def test_a_time_alone_asks_where(client: FlaskClient) -> None:
    page = search(client, "周六开门")
    assert "您在哪里" in page.text
    assert not cards(page)
    assert any("open=chosen" in link and "district=" in link for link in page.links())


def test_a_question_is_answered_and_leads_to_the_chat(client: FlaskClient) -> None:
    page = search(client, "怎么解挂")
    assert page.all("article", class_="asked")
    assert box(page) == "怎么解挂"
    assert not cards(page)
    (button,) = [one for one in page.buttons() if one.name == "text" and one.value == "怎么解挂"]
    chat = read(client.post(button.action.partition("#")[0], data=button.fields))
    assert "怎么解挂" in chat.text
    assert len(chat.all("div", class_="answer")) == 1


def test_another_matter_is_declined_with_12333(client: FlaskClient) -> None:
    page = search(client, "公积金怎么提取")
    assert "tel:12333" in page.links()
    assert page.all("article", class_="asked")
    assert not cards(page)


@pytest.mark.parametrize(
    ("url", "words"), [("/?lang=en", "All about it, in the chat"), ("/?lang=zh-Hant", "在對話裡看全部")]
)
def test_the_card_speaks_as_the_page_does(client: FlaskClient, url: str, words: str) -> None:
    page = search(client, "怎么解挂", url)
    assert words in page.text
    assert any(button.action.startswith(url.replace("/?", "/chat?")) for button in page.buttons())


def test_an_english_question_is_answered_in_english(client: FlaskClient) -> None:
    page = search(client, "how do I activate my social security card")
    assert page.all("article", class_="asked")[0]["lang"] == "en"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>怎么补卡"])
def test_markup_stays_text(client: FlaskClient, text: str) -> None:
    response = client.post("/", data={"place": text})
    assert "<script>alert" not in response.text
    assert "<img src=x" not in response.text
    assert box(read(response)) == text


def test_what_was_typed_is_logged_nowhere(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("locator").warning("a line is seen")
    search(client, "怎么解挂 秘密的话")
    assert "a line is seen" in caplog.text
    assert "秘密的话" not in caplog.text


# -- what is offered while somebody types --


def test_every_place_is_offered_by_all_its_names() -> None:
    rows = named_places(())
    offered = {row["zh"] for row in rows}
    assert offered == {
        name
        for listing in read_listings(DATA)
        for name in (listing.place.former or listing.place.name.zh, *listing.also)
    }
    assert {row["now"] for row in rows if row["zh"] in ("万县市", "江北区")} == {"万州区", "两江新区"}
    assert all(row["pinyin"] == sound(row["zh"]) for row in rows[::20])


def test_what_is_offered_says_enough_to_name_one_place() -> None:
    gazetteer = read_gazetteer(DATA)
    city_of = {place.district: place.city for place in gazetteer.places if place.district}
    for row in named_places(())[::7]:
        name = row.get("now", row["zh"]) if row["kind"] == Level.TOWN else row["zh"]
        parts = (city_of.get(row["of"], ""), str(row["of"]), str(name))
        full = "".join(dict.fromkeys(parts))
        found = gazetteer.find(full)
        assert getattr(found, "place", None), full


def test_halls_are_offered_unless_there_are_too_many() -> None:
    doors = [door(number, 29.5, 106.4) for number in range(MOST_OUTLETS + 1)]
    assert [row["kind"] for row in named_places(doors[:1])][-1] == "outlet"
    assert named_places(doors)[-1]["kind"] == "town"


def test_the_list_may_be_kept_and_is_sent_once(client: FlaskClient) -> None:
    response = client.get("/suggestions.json")
    assert response.mimetype == "application/json"
    assert "max-age" in response.headers["Cache-Control"]
    again = client.get("/suggestions.json", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    kinds = [row["kind"] for row in response.get_json()]
    assert set(kinds) == {"city", "district", "town", "outlet", "service"}


def test_the_traditional_page_is_offered_traditional_names(client: FlaskClient) -> None:
    rows = client.get("/suggestions.json?lang=zh-Hant").get_json()
    assert next(row for row in rows if row["zh"] == "沙坪坝区")["written"] == "沙坪壩區"
