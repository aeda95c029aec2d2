"""Signing in as a browser without scripts meets it: the door, the cookie, forged forms, one's own account."""

from collections.abc import Callable
from contextlib import closing
from html import escape
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from pyotp import TOTP
from werkzeug.test import TestResponse

from bot.accounts import Accounts
from bot.attempts import PER_NAME
from bot.database import Database, open_database
from bot.entrance import Entrance
from bot.gate import COOKIE
from bot.staff import Role, Staff
from bot.tables import ACCOUNTS, AUDIT, SIGN_INS
from tests.desks import LIMITS, Clerk, form_token
from tests.props import Clock
from tests.reading import read

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "泸州老窖 is no password"
OTHER = "another one, as long"
DOOR = "/desk/sign-in"


@pytest.fixture
def client(desk: OpenAPI, database: Database, clock: Clock) -> FlaskClient:
    """Of somebody who stands before the door. Anna has an account."""
    Accounts(database, QUICK).add(Staff("anna", Role.EDITOR), PASSWORD, by="bot staff", at=clock())
    return desk.test_client()


def knock(client: FlaskClient, url: str = DOOR, **fields: str) -> TestResponse:
    """Fill in the form of the door, and send it."""
    typed = {"form_token": form_token(client, url), "name": "anna", "password": PASSWORD}
    return client.post(url, data=typed | fields)


def cookie(client: FlaskClient) -> str:
    held = client.get_cookie(COOKIE)
    return held.value if held else ""


def count(database: Database, table: sa.Table) -> int:
    with database.statements() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


# -- the door --


def test_the_door_says_what_it_is_and_keeps_nothing_that_was_typed(client: FlaskClient) -> None:
    page = read(client.get(DOOR))
    assert "热线工作台" in page.text
    assert [field["autocomplete"] for field in page.all("input") if "autocomplete" in field] == [
        "username",
        "current-password",
        "one-time-code",
    ]
    again = knock(client, name="<script>x", password="typed into it", code="987654")
    assert again.status_code == 422
    assert "账号、密码或动态码不对" in read(again).text
    assert not any(typed in again.get_data(as_text=True) for typed in ("script>x", "typed into it", "987654"))


def test_the_cookie_is_for_this_host_alone_and_no_script_reads_it(client: FlaskClient) -> None:
    answer = knock(client)
    (handed,) = answer.headers.getlist("Set-Cookie")
    assert handed.startswith("__Host-desk=")
    assert set(handed.split("; ")[1:]) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_the_right_password_opens_the_desk_and_leads_back(client: FlaskClient) -> None:
    answer = knock(client, f"{DOOR}?next=/desk/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/account")
    page = read(client.get("/desk/account"))
    assert "anna · 编辑" in page.text
    assert client.get(DOOR).headers["Location"] == "/desk"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org",
        "//example.org",
        "/desk//example.org",
        "/",
        "/chat",
        "/desk/../chat",
        "/desk/x?q=1",
        "/desk\\x",
        "x",
    ],
)
def test_nobody_is_led_out_of_the_desk(clerk: Callable[..., Clerk], elsewhere: str) -> None:
    answer = clerk().get(DOOR, query_string={"next": elsewhere})
    assert answer.headers["Location"] == "/desk"


def test_who_signs_in_gets_a_token_that_nobody_saw_before(client: FlaskClient, desk: OpenAPI) -> None:
    client.get(DOOR)
    planted = cookie(client)
    knock(client)
    assert cookie(client) not in ("", planted)
    thief = desk.test_client()
    thief.set_cookie(COOKIE, planted, secure=True)
    assert thief.get("/desk").status_code == 302


def test_a_cookie_that_was_stolen_is_worth_nothing_after_signing_out(
    clerk: Callable[..., Clerk], desk: OpenAPI
) -> None:
    anna, thief = clerk(), desk.test_client()
    thief.set_cookie(COOKIE, cookie(anna.client), secure=True)
    assert thief.get("/desk").status_code == 200
    answer = anna.post("/desk/sign-out")
    assert answer.headers["Location"] == f"{DOOR}?said=out"
    assert cookie(anna.client) == ""
    assert "您已退出" in read(anna.get(f"{DOOR}?said=out")).text
    assert thief.get("/desk").status_code == 302
    assert thief.get("/desk/account").status_code == 302


@pytest.mark.parametrize("forged", ["", "x", "a" * 43, "é", "a" * 4_000])
def test_a_made_up_cookie_opens_nothing(desk: OpenAPI, clerk: Callable[..., Clerk], forged: str) -> None:
    clerk()
    client = desk.test_client()
    client.set_cookie(COOKIE, forged, secure=True)
    assert client.get("/desk").status_code == 302


def test_who_did_nothing_for_half_an_hour_signs_in_again(clerk: Callable[..., Clerk], clock: Clock) -> None:
    anna = clerk()
    clock.pass_by(minutes=29)
    assert anna.get("/desk").status_code == 200
    clock.pass_by(minutes=29)
    assert anna.get("/desk").status_code == 200
    clock.pass_by(minutes=30)
    assert anna.get("/desk").status_code == 302


def test_after_twelve_hours_everybody_signs_in_again(clerk: Callable[..., Clerk], clock: Clock) -> None:
    anna = clerk()
    for _ in range(12 * 60 // 24 - 1):
        clock.pass_by(minutes=24)
        assert anna.get("/desk").status_code == 200
    clock.pass_by(minutes=24)
    assert anna.get("/desk").status_code == 302


def test_who_tries_too_often_waits_and_is_told_how_long(client: FlaskClient, clock: Clock) -> None:
    for _ in range(PER_NAME.at_once):
        assert knock(client, password="wrong, and long enough").status_code == 422
    answer = knock(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "试的次数太多了，请等 60 秒再试" in read(answer).text
    clock.pass_by(minutes=1)
    assert knock(client).status_code == 303


def test_the_language_is_chosen_at_the_door_and_then_for_the_account(client: FlaskClient) -> None:
    page = read(client.get(DOOR))
    assert f"{DOOR}?lang=en" in page.links()
    assert "The name, the password or the code" in read(knock(client, f"{DOOR}?lang=en", password=OTHER)).text
    knock(client)
    token = form_token(client, "/desk")
    client.post("/desk/language", data={"form_token": token, "lang": "en", "next": "/desk/account"})
    assert "My account" in read(client.get("/desk/account")).text
    client.post("/desk/language", data={"form_token": token, "lang": "<x>"})
    assert "我的账号" in read(client.get("/desk/account")).text


# -- forged forms --


CHANGES: dict[str, dict[str, str]] = {
    "/desk/sign-out": {},
    "/desk/language": {"lang": "en"},
    "/desk/account/password": {"password": PASSWORD, "new": OTHER, "again": OTHER},
    "/desk/account/code": {"password": PASSWORD},
    "/desk/account/code/begin": {"code": "123456"},
    "/desk/account/code/end": {"password": PASSWORD, "code": "123456"},
}


def kept(database: Database) -> list[Any]:
    with database.statements() as connection:
        return [
            sorted(map(tuple, connection.execute(sa.select(table.c[column]))))
            for table, column in (
                (ACCOUNTS, "password"),
                (ACCOUNTS, "language"),
                (ACCOUNTS, "code_secret"),
                (SIGN_INS, "token"),
            )
        ]


@pytest.mark.parametrize("url", CHANGES)
@pytest.mark.parametrize("forged", ["", "0" * 32, "é", "another's"])
def test_a_form_without_the_token_changes_nothing(
    clerk: Callable[..., Clerk], database: Database, url: str, forged: str
) -> None:
    anna, bela = clerk(), clerk("bela")
    before = kept(database)
    token = bela.form_token() if forged == "another's" else forged
    answer = anna.client.post(url, data=CHANGES[url] | {"form_token": token})
    assert answer.status_code == 400
    assert "这个页面太旧，或者不是我们的，什么都没有改" in read(answer).text
    assert kept(database) == before
    assert count(database, AUDIT) == 0


def test_nobody_can_be_signed_in_by_a_page_from_elsewhere(client: FlaskClient, database: Database) -> None:
    typed = {"name": "anna", "password": PASSWORD}
    assert client.post(DOOR, data=typed).status_code == 400
    client.get(DOOR)
    assert client.post(DOOR, data=typed | {"form_token": "0" * 32}).status_code == 400
    assert count(database, SIGN_INS) == 0
    assert knock(client).status_code == 303  # and with it, it works
    assert count(database, SIGN_INS) == 1


def test_a_token_of_the_door_is_none_of_the_desk(client: FlaskClient) -> None:
    before = form_token(client, DOOR)
    knock(client)
    assert client.post("/desk/sign-out", data={"form_token": before}).status_code == 400
    assert client.get("/desk").status_code == 200


def test_what_is_far_too_long_is_refused_in_words(clerk: Callable[..., Clerk], desk: OpenAPI) -> None:
    answer = clerk().post("/desk/language", lang="x" * 600_000)
    assert answer.status_code == 413
    assert "内容太长" in read(answer).text
    stranger = desk.test_client()
    assert stranger.post(DOOR, data={"name": "x" * 20_000}).status_code == 413


# -- one's own account --


def test_a_password_is_changed_by_who_knows_the_old_one(client: FlaskClient, desk: OpenAPI) -> None:
    elsewhere = desk.test_client()
    for one in (client, elsewhere):
        knock(one)
    token = form_token(client, "/desk/account")

    def change(**fields: str) -> TestResponse:
        typed = {"form_token": token, "password": PASSWORD, "new": OTHER, "again": OTHER}
        return client.post("/desk/account/password", data=typed | fields)

    for fields, words in (
        ({"password": OTHER}, "密码或动态码不对，什么都没有改"),
        ({"again": OTHER + "!"}, "两次输入的新密码不一样"),
        ({"new": "short", "again": "short"}, "密码要有 10 到 200 个字符"),
    ):
        answer = change(**fields)
        assert answer.status_code == 422
        assert words in read(answer).text
    assert change().headers["Location"] == f"{DOOR}?said=password"
    for one in (client, elsewhere):
        assert one.get("/desk").status_code == 302
    assert knock(elsewhere).status_code == 422
    assert knock(elsewhere, password=OTHER).status_code == 303


def test_a_code_is_turned_on_used_and_turned_off(client: FlaskClient, clock: Clock) -> None:
    knock(client)
    token = {"form_token": form_token(client, "/desk/account")}
    offered = client.post("/desk/account/code", data=token | {"password": PASSWORD})
    page = read(offered)
    assert page.all("svg")
    secret = next(words for words in page.words if len(words.replace(" ", "")) == 32 and words.isupper())
    assert offered.headers["Cache-Control"] == "no-store"
    app = TOTP(secret.replace(" ", ""))
    wrong = client.post("/desk/account/code/begin", data=token | {"code": "abcdef"})
    assert (wrong.status_code, "这个动态码不对" in read(wrong).text) == (422, True)
    began = client.post("/desk/account/code/begin", data=token | {"code": app.at(clock())})
    assert "从现在起，登录要输动态码" in read(client.get(began.headers["Location"])).text
    assert secret not in client.get("/desk/account").get_data(as_text=True)
    clock.pass_by(seconds=30)
    client.post("/desk/sign-out", data=token)
    assert knock(client).status_code == 422
    assert knock(client, code=app.at(clock())).status_code == 303
    clock.pass_by(seconds=30)
    token = {"form_token": form_token(client, "/desk/account")}
    ended = client.post(
        "/desk/account/code/end", data=token | {"password": PASSWORD, "code": app.at(clock())}
    )
    assert "登录不再需要动态码" in read(client.get(ended.headers["Location"])).text


# -- when the database is away --


def test_the_desk_says_so_when_its_database_is_away(
    desk: OpenAPI, clerk: Callable[..., Clerk], database: Database
) -> None:
    anna = clerk()
    with database.transaction() as connection:
        connection.execute(sa.text("ALTER TABLE sign_ins RENAME TO gone"))
    answer = anna.get("/desk")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "工作台暂时连不上数据库" in read(answer).text
    assert desk.test_client().get("/").status_code == 200


def test_a_sign_in_holds_in_another_process(
    clerk: Callable[..., Clerk], sqlite_url: str, clock: Clock
) -> None:
    anna = clerk()
    with closing(open_database(sqlite_url)) as other:
        elsewhere = Entrance(other, QUICK, b"", LIMITS)
        assert elsewhere.find(cookie(anna.client), clock()) is not None
        anna.post("/desk/sign-out")
        assert elsewhere.find(cookie(anna.client), clock()) is None


def test_names_are_shown_as_text(clerk: Callable[..., Clerk], desk: OpenAPI) -> None:
    answer = clerk("<b>anna").get("/desk")  # no such name is taken in; if one were
    assert escape("<b>anna") in answer.get_data(as_text=True)
    assert "<b>anna" not in answer.get_data(as_text=True)
    assert (
        desk.test_client().get(f"{DOOR}?said=<b>x&lang=<b>&next=<b>").get_data(as_text=True).count("<b>") == 0
    )
