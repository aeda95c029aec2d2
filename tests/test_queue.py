"""A question for a person: offered, handed over, claimed, shown before it is sent, answered; by hand, without a browser."""

import re
from collections.abc import Callable
from itertools import count
from secrets import token_hex
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from bot.database import Database
from bot.ports import Letter, Party
from bot.staff import Role
from bot.store import SqlStore
from bot.tables import LETTERS, TURNS
from tests.desks import Clerk
from tests.props import Clock

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

ASKED = "请问怎么升级宽带套餐"
ANSWER = "这个请问宽带公司。"
OFFER = "请工作人员回复"


class Citizen:
    """Somebody in the chat."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = client.post("/api/v1/visitors", json={}).get_json()["token"]
        self.ids = (f"{token_hex(4)}-{number}" for number in count())

    def say(self, text: str = "", **what: Any) -> dict[str, Any]:
        said = {"text": text} if text else what
        body = {"token": self.token, "id": next(self.ids), **said}
        answer = self.client.post("/api/v1/chat", json=body)
        assert answer.status_code == 200
        told: dict[str, Any] = answer.get_json()
        return told

    def press(self, reply: dict[str, Any], words: str = OFFER) -> dict[str, Any]:
        return self.say(choice=next(one["id"] for one in reply["buttons"] if one["text"] == words))

    def letters(self, read: int = 0) -> dict[str, Any]:
        told: dict[str, Any] = self.client.post(
            "/api/v1/letters", json={"token": self.token, "read": read}
        ).get_json()
        return told


@pytest.fixture
def anna(clerk: Callable[..., Clerk]) -> Clerk:
    return clerk()


@pytest.fixture
def citizen(desk: OpenAPI, anna: Clerk) -> Citizen:
    """Where somebody works at the desk."""
    assert anna.name
    return Citizen(desk.test_client())


def offers(reply: dict[str, Any]) -> bool:
    return any(one["kind"] == "staff" for one in reply["buttons"])


def shown(answer: Any) -> str:
    page: str = answer.get_data(as_text=True)
    return page


def questions(someone: Clerk) -> list[str]:
    return re.findall(r'href="(/desk/queue/\d+)"', shown(someone.get("/desk/queue")))


def preview(someone: Clerk, url: str, text: str = ANSWER) -> str:
    """What is to be sent back to have just that sent."""
    found = re.search('name="shown" value="(.*?)"', shown(someone.post(f"{url}/answer", text=text)))
    assert found
    return found[1]


@pytest.fixture
def url(citizen: Citizen, anna: Clerk) -> str:
    """Of a question that waits."""
    citizen.press(citizen.say(ASKED))
    return questions(anna)[0]


# -- in the chat --


def test_nobody_is_offered_who_is_not_there(desk: OpenAPI) -> None:
    citizen = Citizen(desk.test_client())
    assert citizen.say(ASKED)["decision"] == "decline"
    for text in (ASKED, "人工"):
        assert not offers(citizen.say(text))
    reply = citizen.say(choice="staff:")
    assert (reply["decision"], "现在没有工作人员" in reply["text"]) == ("no-staff", True)


@pytest.mark.parametrize(
    ("text", "is_offered"), [(ASKED, True), ("人工", True), ("卡丢了怎么办", False), ("沙坪坝", False)]
)
def test_the_staff_are_offered_where_the_bot_has_no_answer(
    citizen: Citizen, text: str, is_offered: bool
) -> None:
    reply = citizen.say(text)
    assert offers(reply) is is_offered
    assert not (is_offered and reply["asks"])


def test_the_staff_are_not_offered_to_whom_nothing_is_kept_of(citizen: Citizen) -> None:
    reply = citizen.client.post("/api/v1/ask", json={"text": ASKED}).get_json()
    assert (reply["decision"], offers(reply)) == ("decline", False)


def test_who_asks_for_a_person_is_asked_what_about(citizen: Citizen, anna: Clerk) -> None:
    asked = citizen.press(citizen.say("人工"))
    assert (asked["decision"], asked["asks"]) == ("ask-staff", True)
    assert "12333" in asked["text"]
    assert questions(anna) == []
    assert citizen.say("卡丢了怎么办，我的号是13800138000")["decision"] == "handed"
    assert "卡丢了怎么办，我的号是***" in shown(anna.get(questions(anna)[0]))
    assert citizen.say("卡丢了怎么办")["decision"] == "answer"


def test_who_would_rather_not_is_answered_as_before(citizen: Citizen, anna: Clerk) -> None:
    citizen.press(citizen.press(citizen.say("人工")), "不用了")
    assert citizen.say("卡丢了怎么办")["decision"] == "answer"
    assert questions(anna) == []


def test_a_button_from_before_one_was_forgotten_asks_for_the_question(citizen: Citizen) -> None:
    reply = citizen.say(ASKED)
    citizen.say(choice="forget:")
    assert citizen.press(reply)["decision"] == "ask-staff"


@pytest.mark.parametrize("value", ["a b", "'; --", "x" * 65])
def test_a_button_that_names_no_message_is_none(citizen: Citizen, value: str) -> None:
    citizen.say(ASKED)
    body = {"token": citizen.token, "id": "message-99", "choice": f"staff:{value}"}
    assert citizen.client.post("/api/v1/chat", json=body).status_code == 404


@pytest.mark.parametrize("body", [{}, {"read": -1}, {"read": "1"}, {"read": 2**60}, {"more": 1}])
def test_letters_are_asked_for_in_one_way(citizen: Citizen, body: dict[str, Any]) -> None:
    token = {"token": citizen.token} if body else {}
    assert citizen.client.post("/api/v1/letters", json=token | body).status_code == 422


def test_a_token_that_is_not_ours_gets_no_letters(citizen: Citizen) -> None:
    assert citizen.client.post("/api/v1/letters", json={"token": "x"}).status_code == 401


# -- at the desk --


def test_a_question_is_claimed_shown_and_answered_once(citizen: Citizen, anna: Clerk, url: str) -> None:
    assert anna.post(f"{url}/claim").location == f"{url}?said=claimed"
    assert citizen.letters() == {"letters": [], "waits": True}
    looked = preview(anna, url)
    assert citizen.letters()["letters"] == []
    for _ in range(2):  # pressed twice
        assert anna.post(f"{url}/answer", text=ANSWER, shown=looked).location == f"{url}?said=sent"
    came = citizen.letters()
    assert [(one["asked"], one["text"]) for one in came["letters"]] == [(ASKED, ANSWER)]
    assert "对方还没收到" in shown(anna.get(url))
    citizen.letters(came["letters"][0]["id"])
    assert "已送到" in shown(anna.get(url))


def test_what_was_changed_is_shown_again_before_it_is_sent(citizen: Citizen, anna: Clerk, url: str) -> None:
    looked = preview(anna, url)
    page = shown(anna.post(f"{url}/answer", text="另一句话", shown=looked))
    assert "内容改过了" in page
    assert citizen.letters()["letters"] == []


def test_lines_stay_lines(citizen: Citizen, anna: Clerk, url: str) -> None:
    text = "一\r\n二"
    anna.post(f"{url}/answer", text=text, shown=preview(anna, url, text))
    assert citizen.letters()["letters"][0]["text"] == "一\n二"


@pytest.mark.parametrize(
    ("text", "warned"), [("请打 0830-1234567", True), (ANSWER, False), ("打12333", False)]
)
def test_a_long_number_is_warned_of(anna: Clerk, url: str, text: str, warned: bool) -> None:
    assert ("里面有长号码" in shown(anna.post(f"{url}/answer", text=text))) is warned


@pytest.mark.parametrize("text", ["", "   ", "x" * 4097, "a\x00b"])
def test_what_cannot_be_sent_is_told_and_not_lost(citizen: Citizen, anna: Clerk, url: str, text: str) -> None:
    anna.post(f"{url}/claim")
    answer = anna.post(f"{url}/answer", text=text)
    assert (answer.status_code, 'role="alert"' in shown(answer)) == (422, True)
    assert text.strip("\x00 ")[:20] in shown(answer)
    assert citizen.letters()["letters"] == []


def test_another_clerk_is_told_and_loses_nothing(
    citizen: Citizen, anna: Clerk, clerk: Callable[..., Clerk], url: str
) -> None:
    bela, edith = clerk("bela"), clerk("edith", Role.EDITOR)
    anna.post(f"{url}/claim")
    answer = bela.post(f"{url}/answer", text="我的草稿", shown="x")
    assert answer.status_code == 409
    assert "另一位同事正在处理" in shown(answer)
    assert "我的草稿" in shown(answer)
    assert "anna 在处理" in shown(bela.get("/desk/queue"))
    assert bela.post(f"{url}/take-over").status_code == 403
    assert edith.post(f"{url}/take-over").status_code == 303
    assert anna.post(f"{url}/answer", text="太晚了").status_code == 409
    assert citizen.letters()["letters"] == []


def test_who_looks_at_their_question_keeps_it(
    anna: Clerk, clerk: Callable[..., Clerk], clock: Clock, url: str
) -> None:
    bela = clerk("bela")
    anna.post(f"{url}/claim")
    clock.pass_by(minutes=14)
    bela.get(url)
    anna.get(url)
    clock.pass_by(minutes=14)
    assert bela.post(f"{url}/claim").status_code == 409
    clock.pass_by(minutes=1)
    assert bela.post(f"{url}/claim").status_code == 303


def test_a_question_is_closed_with_a_reason(citizen: Citizen, anna: Clerk, url: str) -> None:
    anna.post(f"{url}/claim")
    assert anna.post(f"{url}/close", reason="because").status_code == 422
    assert anna.post(f"{url}/close", reason="not-ours").status_code == 303
    assert "不归我们管" in shown(anna.get("/desk/queue"))
    assert citizen.letters() == {"letters": [], "waits": False}


def test_what_was_forgotten_is_gone(citizen: Citizen, anna: Clerk, url: str) -> None:
    looked = preview(anna, url)
    citizen.say(choice="forget:")
    answer = anna.post(f"{url}/answer", text=ANSWER, shown=looked)
    assert answer.status_code == 404
    assert "这个问题没有了" in shown(answer)
    assert ASKED not in shown(anna.get("/desk/queue"))


@pytest.mark.parametrize("number", ["0", "999", "-1", "1.0", "١", "9" * 30, "x"])
def test_a_question_that_is_none_is_not_found(anna: Clerk, number: str) -> None:
    assert anna.get(f"/desk/queue/{number}").status_code == 404
    assert anna.post(f"/desk/queue/{number}/claim").status_code == 404


def test_what_somebody_wrote_is_text(citizen: Citizen, anna: Clerk) -> None:
    written = "<script>alert(1)</script>=1+1 宽带怎么升级"
    citizen.press(citizen.say("人工"))
    citizen.say(written)
    for page in (shown(anna.get("/desk/queue")), shown(anna.get(questions(anna)[0]))):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;=1+1" in page


def test_what_else_the_same_person_waits_for_is_told(desk: OpenAPI, citizen: Citizen, anna: Clerk) -> None:
    citizen.press(citizen.say(ASKED))
    citizen.press(citizen.say("怎样升级我家的宽带"))
    other = Citizen(desk.test_client())
    other.press(other.say("怎么学做红烧肉呢"))
    first, second, _ = questions(anna)
    page = shown(anna.get(first))
    assert "同一个人还在等" in page
    assert f'href="{second}"' in page
    assert "怎么学做红烧肉呢" not in page


def test_nobody_is_named(citizen: Citizen, anna: Clerk, url: str, database: Database) -> None:
    with database.statements() as connection:
        (party,) = set(connection.execute(sa.select(TURNS.c.party)).scalars())
    pages = shown(anna.get("/desk/queue")) + shown(anna.get(url))
    assert party not in pages
    assert citizen.token.split(".", maxsplit=1)[0] not in pages
    assert re.search("网页访客 [0-9A-F]{4}", pages)


def test_the_page_learns_of_what_has_come(citizen: Citizen, anna: Clerk) -> None:
    assert anna.get("/desk/api/queue").get_json() == {"newest": 0}
    assert 'data-newest="0"' in shown(anna.get("/desk/queue"))
    citizen.press(citizen.say(ASKED))
    newest = anna.get("/desk/api/queue").get_json()["newest"]
    assert newest > 0
    assert f'data-newest="{newest}"' in shown(anna.get("/desk/queue"))


# -- letters that failed --


@pytest.fixture
def failed(anna: Clerk, database: Database, clock: Clock) -> str:
    """The number of a letter that was refused."""
    assert anna.name
    store = SqlStore(database)
    number = store.post(Letter(Party("telegram", "5"), b'{"method":"sendMessage","text":"hello"}', clock()))
    store.refuse(number, "bot was blocked by the user")
    return str(number)


def test_a_letter_that_failed_is_shown_and_sent_once_more(
    anna: Clerk, database: Database, failed: str
) -> None:
    page = shown(anna.get("/desk/queue"))
    assert "hello" in page
    assert "bot was blocked by the user" in page
    assert anna.post(f"/desk/queue/letters/{failed}/again").location == "/desk/queue?said=again"
    with database.statements() as connection:
        assert connection.execute(sa.select(LETTERS.c.state, LETTERS.c.note)).one() == ("due", "")
    assert anna.post(f"/desk/queue/letters/{failed}/again").status_code == 404


def test_a_letter_that_failed_is_deleted(anna: Clerk, database: Database, failed: str) -> None:
    assert anna.post(f"/desk/queue/letters/{failed}/drop").location == "/desk/queue?said=dropped"
    with database.statements() as connection:
        assert connection.execute(sa.select(LETTERS)).all() == []
    assert anna.post(f"/desk/queue/letters/{failed}/drop").status_code == 404
