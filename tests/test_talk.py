"""Who a visitor is: a random name in a signed token; and whose a button is."""

from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adviser import Adviser
from bot.button import NoSuchButton
from bot.chat import Chat
from bot.nearby import Nearby
from bot.pace import Pace
from bot.ports import Message
from bot.store import open_store
from bot.talk import SHARED, Expired, NoSuchMessage, Talk
from locator.guide import make_live
from locator.model import Point
from locator.settings import Settings
from tests.visitors import WEDNESDAY

pytest_plugins = ("tests.databases",)
LASTS = timedelta(days=30)
SECRET = b"a secret of thirty-two characters"


class Echo:
    """Stands for the chat: keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[tuple[Message, str]] = []

    def answer(self, message: Message, mark: str) -> bytes:
        self.messages.append((message, mark))
        return b"{}"


@pytest.fixture
def echo() -> Echo:
    return Echo()


def talk(echo: Echo, at: datetime = WEDNESDAY, secret: bytes = SECRET) -> Talk:
    return Talk(cast(Chat, echo), secret, lambda: at, LASTS)


def test_a_visitor_is_the_same_for_every_process_that_knows_the_secret(echo: Echo) -> None:
    token = talk(echo).visitor()
    for _ in range(2):
        talk(echo).answer(token, "message-1", text="卡丢了")
    (first, mark), (second, again) = echo.messages
    assert (first.party, mark) == (second.party, again)
    assert first.party.channel == "web"


def test_two_visitors_are_never_one(echo: Echo) -> None:
    ours = talk(echo)
    assert len({ours.visitor() for _ in range(200)}) == 200


@pytest.mark.parametrize(
    "spoil", [lambda _: "", lambda token: token[1:], lambda token: token + "A", lambda _: "ü"]
)
def test_a_token_that_was_changed_is_no_token(echo: Echo, spoil: Any) -> None:
    with pytest.raises(Expired):
        talk(echo).answer(spoil(talk(echo).visitor()), "message-1", text="卡丢了")


def test_a_token_of_another_secret_is_no_token(echo: Echo) -> None:
    with pytest.raises(Expired):
        talk(echo).answer(talk(echo, secret=b"x" * 32).visitor(), "message-1", text="卡丢了")


def test_a_token_lasts_as_long_as_conversations_are_kept(echo: Echo) -> None:
    token = talk(echo).visitor()
    talk(echo, WEDNESDAY + LASTS).answer(token, "message-1", text="卡丢了")
    with pytest.raises(Expired):
        talk(echo, WEDNESDAY + LASTS + timedelta(seconds=2)).answer(token, "message-1", text="卡丢了")


def test_a_button_is_of_one_conversation(echo: Echo) -> None:
    ours = talk(echo)
    anna, bela = ours.visitor(), ours.visitor()
    ours.answer(anna, "message-1", text="卡丢了")
    mark = echo.messages[0][1]
    ours.answer(anna, "message-2", choice=f"entry:lost@{mark}")
    assert echo.messages[1][0].choice == "entry:lost"
    with pytest.raises(NoSuchButton):
        ours.answer(bela, "message-3", choice=f"entry:lost@{mark}")


@pytest.mark.parametrize(
    "choice", ["entry:lost@", "entry:lost@000000", "@", "entry:lost@{mark}@", "{mark}@entry:lost"]
)
def test_a_button_with_a_mark_that_is_not_ours_is_no_button(echo: Echo, choice: str) -> None:
    ours = talk(echo)
    token = ours.visitor()
    ours.answer(token, "message-1", text="卡丢了")
    with pytest.raises(NoSuchButton):
        ours.answer(token, "message-2", choice=choice.format(mark=echo.messages[0][1]))


def test_visitors_have_marks_of_their_own(echo: Echo) -> None:
    ours = talk(echo)
    for _ in range(20):
        ours.answer(ours.visitor(), "message-1", text="卡丢了")
    assert len({mark for _, mark in echo.messages}) == 20


def test_a_topic_or_a_command_is_nobodys_in_particular(echo: Echo) -> None:
    ours = talk(echo)
    for choice in ("entry:lost", "forget:"):
        ours.answer(ours.visitor(), "message-1", choice=choice)
        assert echo.messages[-1][0].choice == choice


def test_a_position_is_all_of_its_message(echo: Echo) -> None:
    ours, here = talk(echo), Point(28.887654, 105.443219)
    ours.answer(ours.visitor(), "message-1", point=here, choice="entry:lost")
    message, _ = echo.messages[0]
    assert (message.point, message.choice, message.text) == (here, SHARED, "")
    assert message.at == WEDNESDAY


def test_what_somebody_thinks_is_thanked_for_in_their_language(adviser: Adviser, sqlite_url: str) -> None:
    with closing(open_store(sqlite_url)) as store:
        chat = Chat(adviser, Nearby(make_live(Settings())), store, Pace(10, 10))
        ours = Talk(chat, SECRET, lambda: WEDNESDAY, LASTS)
        anna, bela = ours.visitor(), ours.visitor()
        ours.answer(anna, "message-1", text="卡丢了")
        assert "谢谢" in ours.opinion(anna, "message-1", helpful=True)
        assert "12333" in ours.opinion(anna, "message-1", helpful=False, language="en")
        assert "謝謝" in ours.opinion(anna, "message-1", helpful=True, language="zh-TW")
        for token, message_id in ((anna, "message-2"), (bela, "message-1")):
            with pytest.raises(NoSuchMessage):
                ours.opinion(token, message_id, helpful=True)
        with pytest.raises(Expired):
            ours.opinion("nobody", "message-1", helpful=True)


@given(st.text(max_size=300))
def test_any_text_at_all_is_no_token(token: str) -> None:
    with pytest.raises(Expired):
        talk(Echo()).answer(token, "message-1", text="卡丢了")
