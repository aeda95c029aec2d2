"""What the bot adds to the page of a hall: what to bring, and a form to say what is wrong – without scripts."""

from datetime import timedelta
from typing import cast

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from bot.adviser import Adviser
from bot.app import make_app
from bot.mask import masked
from bot.mistake import LONGEST, Mistake, Mistakes, Wrong
from bot.pace import Pace
from bot.ports import LONGEST_TEXT, Message, Store, Work
from bot.settings import BotSettings
from bot.store import SqlStore
from locator.guide import Guide
from locator.live import Live
from locator.settings import Settings
from tests.doors import SATURDAY_WORKED
from tests.props import Clock, Full
from tests.reading import Reader, read

pytest_plugins = ("tests.databases", "tests.product")

SHIPPED = Settings()
AT_ONCE = 3
OWN = BotSettings(messages_at_once=AT_ONCE, messages_per_minute=6)
HALL = "beibei-d28395bf"
LUZHOU = "jiangyang-27c2635f"
FORM = f"/outlets/{HALL}/report"
ID = "message-1"


@pytest.fixture
def bot_settings() -> BotSettings:
    return OWN


def form(client: FlaskClient, url: str = FORM) -> dict[str, str]:
    """The fields that the form holds when nothing is filled in."""
    page = read(client.get(url))
    return {name: page.all("input", name=name)[0]["value"] for name in ("token", "id")}


def send(client: FlaskClient, url: str = FORM, **filled: str) -> TestResponse:
    return client.post(url, data=form(client, url) | filled)


def kept(store: SqlStore) -> list[str]:
    return [text for miss in store.misses() for text in miss.examples]


# -- what to bring --


@pytest.fixture
def page(client: FlaskClient) -> Reader:
    return read(client.get(f"/outlets/{HALL}"))


def test_each_service_tells_what_to_bring_folded_away(page: Reader) -> None:
    assert len(page.all("details")) == 8
    assert not [one for one in page.all("details") if "open" in one]
    assert page.text.count("这个大厅自己要求带哪些材料，我们不知道。") == 1


def test_it_is_told_by_the_region_of_the_hall_with_source_and_review(
    client: FlaskClient, page: Reader
) -> None:
    luzhou = read(client.get(f"/outlets/{LUZHOU}"))
    assert "要带：身份证原件、1张1寸照片" in page.text
    assert "重庆是这样要求的。" in page.text
    assert "重庆有没有另外的要求，我们没有查到" in page.text
    assert "四川是这样要求的。" in luzhou.text
    services = luzhou.text[luzhou.text.index("这里办什么") : luzhou.text.index("我们不知道")]
    assert "重庆" not in services
    assert "别人代办，要带：" in page.text
    assert "别人代办要带什么，我们没有查到" in page.text
    assert "我们2026年11月23日核对过。" in page.text
    assert "这些话的依据：" in page.text


def test_a_copy_of_a_source_is_named_but_not_linked(client: FlaskClient, adviser: Adviser) -> None:
    links = set(read(client.get(f"/outlets/{HALL}")).links())
    sources = [one for entry in adviser.knowledge.entries.values() for one in entry.sources]
    assert links & {one.url for one in sources if one.public_url}
    assert not links & {one.url for one in sources if one.url and not one.public_url}


@pytest.mark.parametrize("language, words", [("en", "Bring: "), ("zh-Hant", "要帶：身分證")])
def test_what_to_bring_is_told_in_the_language_of_the_page(
    client: FlaskClient, language: str, words: str
) -> None:
    page = read(client.get(f"/outlets/{HALL}?lang={language}"))
    assert words in page.text.replace("身份證", "身分證")
    assert f"{FORM}?lang={language}" in page.links()


# -- what is wrong --


def test_from_the_page_to_the_form_and_thanks_without_scripts(
    client: FlaskClient, store: SqlStore, page: Reader
) -> None:
    assert FORM in page.links()
    asked = read(client.get(FORM))
    assert "北碚区行政服务中心" in asked.text
    assert [one["value"] for one in asked.all("input", name="wrong")] == [one.value for one in Wrong]
    response = send(client, wrong="hours", text="周六也开门")
    thanks = read(response)
    assert response.status_code == 200
    assert "您说的我们记下了" in thanks.text
    assert f"/outlets/{HALL}" in thanks.links()
    assert not thanks.all("form")
    assert kept(store) == [f"{HALL} hours: 周六也开门"]


@pytest.mark.parametrize("wrong", [one.value for one in Wrong if one is not Wrong.OTHER])
def test_the_kind_alone_is_enough(client: FlaskClient, store: SqlStore, wrong: str) -> None:
    assert send(client, wrong=wrong).status_code == 200
    assert kept(store) == [f"{HALL} {wrong}:"]


@pytest.mark.parametrize(
    "filled, words",
    [
        ({}, "请先选一项"),
        ({"text": "都不对"}, "请先选一项"),
        ({"wrong": "everything"}, "请先选一项"),
        ({"wrong": "other"}, "请写一句"),
        ({"wrong": "other", "text": "  \r\n "}, "请写一句"),
        ({"wrong": "hours", "text": "长" * (LONGEST + 1)}, "最多500个字"),
        ({"wrong": "hours", "text": "\x07"}, "请用平常的话写"),
        ({"wrong": "hours", "id": ""}, "没有读懂"),
        ({"wrong": "hours", "id": "x" * 500}, "没有读懂"),
    ],
)
def test_what_cannot_be_used_comes_back_with_a_clear_word_and_all_that_was_typed(
    client: FlaskClient, store: SqlStore, filled: dict[str, str], words: str
) -> None:
    response = send(client, **filled)
    page = read(response)
    assert response.status_code == 422
    assert words in page.text
    assert page.all("p", role="alert")
    assert [one["value"] for one in page.all("input", name="wrong") if "checked" in one] == [
        one for one in [filled.get("wrong")] if one in tuple(Wrong)
    ]
    if text := filled.get("text", "").strip():
        assert text in response.text
    assert kept(store) == []


def test_five_hundred_characters_are_read_however_their_lines_end(
    client: FlaskClient, store: SqlStore
) -> None:
    text = "行\r\n" * (LONGEST // 2)
    assert send(client, wrong="hours", text=text).status_code == 200
    assert len(kept(store)) == 1


def test_a_page_that_is_far_too_long_is_refused_in_words(client: FlaskClient, store: SqlStore) -> None:
    response = send(client, wrong="hours", text="长" * 200_000)
    assert response.status_code == 413
    assert "最多500个字" in read(response).text
    assert kept(store) == []


def test_sending_it_twice_keeps_it_once(client: FlaskClient, store: SqlStore) -> None:
    sent = form(client) | {"wrong": "phone", "text": "打不通"}
    for _ in range(2):
        assert client.post(FORM, data=sent).status_code == 200
    assert [miss.times for miss in store.misses()] == [1]


def test_an_id_that_stands_for_another_one_is_asked_for_anew(client: FlaskClient, store: SqlStore) -> None:
    sent = form(client) | {"wrong": "phone"}
    assert client.post(FORM, data=sent).status_code == 200
    response = client.post(FORM, data=sent | {"wrong": "address"})
    assert response.status_code == 409
    again = {name: read(response).all("input", name=name)[0]["value"] for name in ("token", "id")}
    assert client.post(FORM, data=again | {"wrong": "address"}).status_code == 200
    assert len(kept(store)) == 2


@pytest.mark.parametrize("token", ["", "made-up", "x" * 5_000])
def test_a_token_that_is_not_ours_is_renewed_and_nothing_is_lost(
    client: FlaskClient, store: SqlStore, token: str
) -> None:
    response = send(client, token=token, wrong="hours", text="周六也开门")
    page = read(response)
    assert response.status_code == 401
    assert "请您再发一次" in page.text
    assert "周六也开门" in response.text
    assert kept(store) == []
    again = {name: page.all("input", name=name)[0]["value"] for name in ("token", "id")}
    assert client.post(FORM, data=again | {"wrong": "hours"}).status_code == 200


def test_a_form_that_was_open_for_longer_than_things_are_kept_is_too_old(
    client: FlaskClient, clock: Clock
) -> None:
    sent = form(client) | {"wrong": "hours"}
    clock.now += timedelta(days=OWN.keep_days, seconds=1)
    assert client.post(FORM, data=sent).status_code == 401


def test_who_is_too_fast_waits_and_is_told_how_long(
    client: FlaskClient, clock: Clock, store: SqlStore
) -> None:
    token = form(client)["token"]
    for number in range(AT_ONCE):
        assert send(client, token=token, id=f"message-{number}", wrong="hours").status_code == 200
    response = send(client, token=token, wrong="hours", text="周六也开门")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "10"
    assert "请等10秒" in read(response).text
    assert "周六也开门" in response.text
    assert send(client, wrong="hours").status_code == 200  # another visitor is not held up
    clock.now += timedelta(seconds=10)
    assert send(client, token=token, wrong="hours").status_code == 200
    assert len(kept(store)) == 1  # all of one text


def test_when_it_cannot_be_kept_nobody_is_thanked(
    live: Live[Guide], adviser: Adviser, clock: Clock, store: SqlStore
) -> None:
    client = make_app(live, SHIPPED, OWN, adviser, Full(store), clock).test_client()
    sent = form(client) | {"wrong": "hours", "text": "周六也开门"}
    response = client.post(FORM, data=sent)
    page = read(response)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "刚才没能存下来" in page.text
    assert "tel:12333" in page.links()
    assert "周六也开门" in response.text
    assert page.all("input", name="id")[0]["value"] == sent["id"]  # so that it is kept once


@pytest.mark.parametrize("path", [f"/outlets/{HALL}/report", "/outlets/gap-shapingba/report"])
@pytest.mark.parametrize("query", ["", "?lang=en", "?lang=zh-Hant", "?size=large"])
def test_halls_and_gaps_have_a_form_in_every_look(client: FlaskClient, path: str, query: str) -> None:
    response = client.get(path + query)
    page = read(response)
    assert response.status_code == 200
    assert page.all("form", action=path + query, method="post")
    assert response.headers["Cache-Control"] == "no-store"
    assert page.all("meta", name="robots", content="noindex")
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("name", ["beibei-99999999", "nowhere", "%3Cscript%3E"])
def test_where_no_hall_is_nothing_can_be_wrong(client: FlaskClient, store: SqlStore, name: str) -> None:
    assert client.get(f"/outlets/{name}/report").status_code == 404
    sent = form(client) | {"wrong": "hours"}
    assert client.post(f"/outlets/{name}/report", data=sent).status_code == 404
    assert kept(store) == []


ODD = ("<img src=x onerror=alert(1)>", "</textarea><script>alert(1)</script>", "{{ 7*7 }}", '"><b>x</b>')


@pytest.mark.parametrize("text", ODD)
def test_what_somebody_wrote_stays_text(client: FlaskClient, text: str) -> None:
    response = send(client, wrong="nothing", text=text)
    page = read(response)
    assert page.open == []
    assert text in page.text
    assert not page.all("img")
    assert not page.all("b")


@pytest.mark.parametrize(
    "secret", ["510502199001011234", "13812345678", "6217 0038 1002 3456 789", "29.563812,106.550734"]
)
def test_numbers_of_people_are_covered_before_anything_is_kept(
    client: FlaskClient, store: SqlStore, sqlite_url: str, secret: str
) -> None:
    send(client, wrong="other", text=f"请联系{secret}谢谢")
    held = "".join(kept(store))
    assert "谢谢" in held  # the control: it is kept
    assert secret not in held
    with open(sqlite_url.removeprefix("sqlite:///"), "rb") as file:  # noqa: PTH123 - as it lies on the disk
        raw = file.read()
    assert "谢谢".encode() in raw
    assert secret.encode() not in raw


def test_it_is_forgotten_like_all_that_somebody_wrote(
    client: FlaskClient, store: SqlStore, clock: Clock
) -> None:
    send(client, wrong="other", text="周六也开门")
    store.expire(clock.now + timedelta(days=29), timedelta(days=30))
    assert len(kept(store)) == 1
    store.expire(clock.now + timedelta(days=31), timedelta(days=30))
    assert kept(store) == []


class Noted:
    """Stands for a store: keeps what it is told, within its bounds."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def once(self, message: Message, _: Work) -> bytes:
        self.messages.append(message)
        return b"{}"


@given(st.text(max_size=LONGEST), st.sampled_from(Wrong))
def test_whatever_is_written_is_masked_and_fits(text: str, wrong: Wrong) -> None:
    noted = Noted()
    mistakes = Mistakes(cast(Store, noted), Pace(1, 1))
    mistakes.keep(Mistake("a" * 64, wrong, text), "visitor", ID, SATURDAY_WORKED)
    (message,) = noted.messages
    assert message.text == f"{'a' * 64} {wrong}: {masked(text)}"
    assert len(message.text) <= LONGEST_TEXT
