"""What somebody tells of themselves is in no table, no journal and no log: a canary looks for it everywhere."""

import json
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.serving import Served, drain, serving

# What is written, and what of it must not be found again.
TOLD: Final = (
    ("我的身份证号是510502199001011234，卡丢了", "510502199001011234"),
    ("身份证51050219900101123X卡掉了", "51050219900101123X"),
    ("老身份证 510502900101123 的卡", "510502900101123"),
    ("卡号６２１７００３８１００２３４５６７８９丢了", "6217003810023456789"),
    ("银行卡6217 0038 1002 3456 789", "6217 0038 1002"),
    ("打我电话13812345678", "13812345678"),
    ("电话138-1234-5678，卡坏了", "138-1234-5678"),
    ("我住沙坪坝区汉渝路5号3栋2单元501室，哪里补卡", "3栋2单元501"),
    ("我在29.563812,106.550734", "29.563"),
)
HERE: Final = {"lat": 29.347654, "lon": 105.913219, "datum": "wgs84"}  # where no hall is
CANARY: Final = "海棠溪畔的金丝雀"  # an ordinary text, which is stored: the search finds what is there
CLOCK: Final = re.compile(r"\d\d:\d\d:\d\d\.\d+")  # 06:41:29.356 is no 29.35 degrees


def post(served: Served, path: str, body: bytes, kind: str) -> Any:
    request = Request(f"{served.url}{path}", body, {"Content-Type": kind})
    with build_opener(ProxyHandler({})).open(request) as answer:
        held = answer.read()
    return json.loads(held) if kind == "application/json" else held.decode()


def say(served: Served, body: dict[str, Any], route: str = "chat") -> Any:
    return post(served, f"/api/v1/{route}", json.dumps(body).encode(), "application/json")


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> str:
    """All that is left of a talk in files and in what the service printed."""
    folder = tmp_path_factory.mktemp("canary")
    settings = {"BOT_DATABASE_URL": f"sqlite:///{folder / 'bot.db'}", "BOT_MESSAGES_AT_ONCE": "100"}
    with serving("bot", "--workers", "1", **settings) as served:
        token = say(served, {}, "visitors")["token"]
        for number, (text, _) in enumerate((*TOLD, (CANARY, ""))):
            say(served, {"token": token, "id": f"message-{number}", "text": text})
            say(served, {"text": text}, "ask")
            form = urlencode({"token": token, "id": f"form-message-{number}", "text": text}).encode()
            post(served, "/chat", form, "application/x-www-form-urlencoded")
        say(served, {"token": token, "id": "message-here", **HERE})
        say(served, {"token": token, "id": "message-where", "text": "换个地方"})
        held = "".join(path.read_bytes().decode(errors="replace") for path in folder.iterdir())
    return CLOCK.sub("", held + "".join(drain(served.lines)))


def test_the_canary_itself_is_found(traces: str) -> None:
    """The control: what is no secret is stored, and this search finds it."""
    assert traces.count(CANARY) >= 2


@pytest.mark.parametrize("secret", [secret for _, secret in TOLD])
def test_no_number_and_no_door_is_left_anywhere(traces: str, secret: str) -> None:
    assert secret not in traces
    assert secret.replace(" ", "").replace("-", "") not in traces


@pytest.mark.parametrize("digits", ["29.34", "29.35", "105.91", "347654"])
def test_a_position_that_was_shared_is_in_no_text_and_no_reply(traces: str, digits: str) -> None:
    assert digits not in traces


def test_a_file_of_the_database_is_for_its_owner_only(tmp_path: Path) -> None:
    settings = {"BOT_DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}"}
    with serving("bot", "--workers", "1", **settings):
        assert (tmp_path / "bot.db").stat().st_mode & 0o077 == 0
