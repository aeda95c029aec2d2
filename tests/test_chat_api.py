"""The JSON face of the chat, as a program meets it."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot import answers
from bot.adviser import Adviser
from bot.app import make_app
from bot.ports import LONGEST_TEXT
from bot.settings import BotSettings
from bot.store import SqlStore, open_store
from locator.guide import Guide
from locator.live import Live
from locator.settings import Settings
from tests.props import Clock

pytest_plugins = ("tests.databases", "tests.product")

SHIPPED = Settings()
OWN = BotSettings(messages_at_once=3, messages_per_minute=6)
ID = "message-1"
HERE = {"lat": 28.887654, "lon": 105.443219, "datum": "wgs84"}
Json = dict[str, Any]


@pytest.fixture
def bot_settings() -> BotSettings:
    return OWN


def post(client: FlaskClient, route: str, body: Json) -> TestResponse:
    return client.post(f"/api/v1/{route}", json=body)


def visitor(client: FlaskClient) -> str:
    token: str = post(client, "visitors", {}).get_json()["token"]
    return token


def say(client: FlaskClient, token: str, text: str = "卡丢了", id: str = ID, **more: Any) -> TestResponse:  # noqa: A002 - as in the body
    return post(client, "chat", {"token": token, "id": id, "text": text} | more)


def problem(response: TestResponse) -> tuple[int, str]:
    """Its status and the field it names."""
    assert response.mimetype == "application/problem+json"
    said = response.get_json()
    assert said["status"] == response.status_code
    return response.status_code, said["errors"][0]["field"] if said.get("errors") else ""


# -- asking --


def test_a_question_is_answered_without_a_visitor_and_nothing_is_kept(
    client: FlaskClient, sqlite_url: str
) -> None:
    before = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()
    said = post(client, "ask", {"text": "卡丢了，沙坪坝附近哪里可以补"}).get_json()
    assert (said["decision"], said["entry"]) == ("answer", "replace-lost")
    assert "要带" in said["text"]
    assert len(said["spots"]["cards"]) == 3
    assert Path(sqlite_url.removeprefix("sqlite:///")).read_bytes() == before


def test_a_button_of_such_an_answer_may_be_asked_too(client: FlaskClient) -> None:
    (button, *_) = post(client, "ask", {"text": "哪里有网点"}).get_json()["buttons"]
    assert post(client, "ask", {"choice": button["id"]}).get_json()["decision"] == "ask-where"


@pytest.mark.parametrize(
    "body",
    [
        {"text": "卡丢了怎么办"},
        {"text": "where can I replace my card near Shapingba on Saturday"},
        {"text": "社保卡丟了怎麼辦", "language": "zh-Hant"},
        {"text": "太平镇"},
        {"text": "天气"},
        HERE,
    ],
    ids=str,
)
def test_every_answer_has_the_shape_that_is_described(client: FlaskClient, body: Json) -> None:
    answers.ReplyAnswer.model_validate(post(client, "ask", body).get_json())


def test_topics_are_told_in_each_language_and_may_be_cached(client: FlaskClient) -> None:
    for language, word in (("zh-Hans", "挂失"), ("zh-Hant", "掛失"), ("en", "loss")):
        response = client.get(f"/api/v1/topics?language={language}")
        answers.TopicsAnswer.model_validate(response.get_json())
        assert word in response.get_data(as_text=True)
        again = client.get(
            f"/api/v1/topics?language={language}", headers={"If-None-Match": response.headers["ETag"]}
        )
        assert again.status_code == 304


# -- a conversation --


def test_a_message_sent_again_gets_the_same_bytes(client: FlaskClient, clock: Clock) -> None:
    token = visitor(client)
    first = say(client, token).get_data()
    clock.pass_by(hours=1)
    assert say(client, token).get_data() == first


def test_what_was_said_is_remembered_for_the_visitor_and_nobody_else(client: FlaskClient) -> None:
    anna, bela = visitor(client), visitor(client)
    say(client, anna, "社保卡丢了怎么补")
    assert "补" in say(client, anna, "沙坪坝", "message-2").get_json()["spots"]["title"]
    assert "补" not in say(client, bela, "沙坪坝", "message-3").get_json()["spots"]["title"]


def test_a_shared_position_is_measured_from_and_not_repeated(client: FlaskClient, sqlite_url: str) -> None:
    said = post(client, "chat", {"token": visitor(client), "id": ID} | HERE).get_json()
    assert said["spots"]["origin"] is None
    held = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()
    assert b"28.887" not in held
    assert b"105.443" not in held


def test_an_opinion_is_thanked_for_and_a_bad_one_is_a_miss(client: FlaskClient, sqlite_url: str) -> None:
    token = visitor(client)
    say(client, token)
    told = post(client, "chat/opinion", {"token": token, "id": ID, "helpful": False}).get_json()
    assert "12333" in told["text"]
    with closing(open_store(sqlite_url)) as store:
        assert [miss.examples for miss in store.misses()] == [("卡丢了",)]


def test_the_pace_is_kept_politely_and_a_repeat_costs_nothing(client: FlaskClient, clock: Clock) -> None:
    token = visitor(client)
    for number in range(3):
        assert say(client, token, id=f"message-{number}").status_code == 200
    refused = say(client, token, id="message-3")
    assert problem(refused) == (429, "id")
    assert refused.headers["Retry-After"] == "10"
    assert say(client, token, id="message-0").status_code == 200
    assert say(client, visitor(client), id="message-9").status_code == 200
    clock.pass_by(seconds=10)
    assert say(client, token, id="message-3").status_code == 200


def test_who_asks_to_be_forgotten_is_gone(client: FlaskClient, sqlite_url: str) -> None:
    token = visitor(client)
    say(client, token, "社保卡被我弄丢了啦")
    assert say(client, token, "忘记我", "message-2").get_json()["decision"] == "forgotten"
    assert "弄丢了啦".encode() not in Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()


# -- bad input --


def test_a_message_id_used_for_another_text_is_a_conflict(client: FlaskClient) -> None:
    token = visitor(client)
    say(client, token)
    assert problem(say(client, token, "找到了")) == (409, "id")
    assert problem(say(client, visitor(client))) == (409, "id")


def test_a_token_that_is_wrong_or_too_old_leads_to_a_new_one(client: FlaskClient, clock: Clock) -> None:
    token = visitor(client)
    for wrong in ("x", token[:5] + ("A" if token[5] != "A" else "B") + token[6:], token + "x"):
        response = say(client, wrong)
        assert problem(response) == (401, "token")
        assert "/api/v1/visitors" in response.get_json()["detail"]
    clock.pass_by(days=OWN.keep_days, seconds=2)
    assert problem(say(client, token)) == (401, "token")
    assert say(client, visitor(client)).status_code == 200


@pytest.mark.parametrize(
    ("choice", "status"),
    [
        ("nonsense", 404),
        ("entry:", 410),
        ("entry:no-such-entry", 410),
        ("place:亚特兰蒂斯", 410),
        ("city:北京市", 410),
        ("region:atlantis", 404),
        ("find:haircut", 404),
        ("more:-1", 404),
        ("more:" + "9" * 99, 404),
        ("language:tlh", 404),
        ("here:", 404),
        ("entry:lost@ffffff", 404),
    ],
)
def test_a_button_that_leads_nowhere_is_told_and_the_talk_goes_on(
    client: FlaskClient, choice: str, status: int
) -> None:
    token = visitor(client)
    response = post(client, "chat", {"token": token, "id": ID, "choice": choice})
    assert problem(response) == (status, "choice")
    assert "ask in words" in response.get_json()["detail"]
    assert say(client, token).status_code == 200


def test_a_button_of_another_conversation_does_nothing_here(client: FlaskClient) -> None:
    anna, bela = visitor(client), visitor(client)
    (button, *_) = say(client, anna).get_json()["buttons"]
    body = {"token": bela, "id": "message-2", "choice": button["id"]}
    assert problem(post(client, "chat", body)) == (404, "choice")
    assert post(client, "chat", body | {"token": anna, "id": "message-3"}).status_code == 200


def test_a_button_whose_answer_is_gone_from_the_knowledge_says_so(
    client: FlaskClient, live: Live[Guide], adviser: Adviser, clock: Clock, store: SqlStore
) -> None:
    token = visitor(client)
    button = next(one for one in say(client, token).get_json()["buttons"] if one["kind"] == "entry")
    gone = button["id"].removeprefix("entry:").partition("@")[0]
    entries = {
        name: replace(entry, see=tuple(one for one in entry.see if one != gone))
        for name, entry in adviser.knowledge.entries.items()
        if name != gone
    }
    smaller = Adviser(type(adviser.knowledge)(entries, adviser.knowledge.reference), adviser.matcher)
    later = make_app(live, SHIPPED, OWN, smaller, store, clock).test_client()
    response = post(later, "chat", {"token": token, "id": "message-2", "choice": button["id"]})
    assert problem(response) == (410, "choice")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "token"),
        ({"id": "short"}, "id"),
        ({"id": "with spaces"}, "id"),
        ({"text": ""}, "text"),
        ({"text": "长" * (LONGEST_TEXT + 1)}, "text"),
        ({"text": "nul \x00"}, "text"),
        ({"text": 5}, "text"),
        ({"text": None}, "text"),
        ({"choice": "entry:lost"}, "text"),
        ({"text": None, "lat": 29.5}, "lat"),
        ({"text": None, "lat": 129.5, "lon": 106, "datum": "wgs84"}, "lat"),
        ({"language": "fr"}, "language"),
        ({"more": 1}, "more"),
    ],
    ids=str,
)
def test_a_body_that_cannot_be_used_is_refused_by_its_field(
    client: FlaskClient, body: Json, field: str
) -> None:
    whole = {"token": visitor(client), "id": ID, "text": "卡丢了"} | body if body else {"id": ID, "text": "x"}
    response = post(client, "chat", {name: value for name, value in whole.items() if value is not None})
    assert problem(response) == (422, field)
    assert "长长" not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"text": "\\ud800"}', "application/json", 400),
        (b'{"lat": NaN}', "application/json", 400),
        (b"[" * 5_000, "application/json", 400),
        (b"x" * 1_000_000, "application/json", 413),
        (b"text=hi", "application/x-www-form-urlencoded", 415),
    ],
    ids=lambda value: str(value)[:20],
)
@pytest.mark.parametrize("route", ["ask", "visitors", "chat", "chat/opinion"])
def test_what_is_no_json_object_is_told_before_anything_looks_into_it(
    client: FlaskClient, route: str, sent: bytes, kind: str, status: int
) -> None:
    response = client.post(f"/api/v1/{route}", data=sent, content_type=kind)
    assert problem(response)[0] == status


def test_an_opinion_on_somebody_elses_message_is_refused(client: FlaskClient) -> None:
    say(client, visitor(client))
    body = {"token": visitor(client), "id": ID, "helpful": True}
    assert problem(post(client, "chat/opinion", body)) == (404, "id")


def test_a_store_that_cannot_write_asks_to_send_again_later(client: FlaskClient, sqlite_url: str) -> None:
    token = visitor(client)
    Path(sqlite_url.removeprefix("sqlite:///")).write_bytes(b"not a database" * 100)
    response = say(client, token)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"


def test_replies_are_not_cached(client: FlaskClient) -> None:
    assert say(client, visitor(client)).headers["Cache-Control"] == "no-store"
    assert post(client, "ask", {"text": "卡丢了"}).headers["Cache-Control"] == "no-store"


def test_the_description_names_every_route_and_refusal(client: FlaskClient) -> None:
    paths = json.loads(client.get("/openapi.json").get_data())["paths"]
    for route in ("ask", "visitors", "chat", "chat/opinion"):
        assert {"200", "400", "413", "415", "422"} <= paths[f"/api/v1/{route}"]["post"]["responses"].keys()
    assert {"401", "404", "409", "410", "429", "503"} <= paths["/api/v1/chat"]["post"]["responses"].keys()
