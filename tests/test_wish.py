"""What a message wants beside its question: a button, a place, a time; and when it is no question at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adviser import Adviser
from bot.button import Kind, NoSuchButton
from bot.chat import Chat
from bot.wish import LONGEST_COMMAND, Wish, read_wish, wants_to_be_forgotten
from locator.model import Found, Level, Point, Unclear
from tests.visitors import said, session, without_store

ON_OFFER = ("entry:lost", "place:重庆市渝中区", "more:3")


@pytest.fixture(scope="module")
def chat(adviser: Adviser) -> Chat:
    return without_store(adviser)


def read(chat: Chat, text: str = "", **more: Any) -> Wish:
    known = chat.adviser
    commands = known.knowledge.reference.commands
    before = session(choices=more.pop("choices", ON_OFFER))
    return read_wish(said(text, **more), before, commands, chat.nearby, known.matcher.lexicon)


def told(wish: Wish) -> str:
    """In one line: [button] place @time, then what else is known."""
    place = wish.place
    parts = [
        f"[{wish.pick.id}]" if wish.pick else "",
        place.place.name.zh if isinstance(place, Found) else "",
        f"{len(place.places)} places" if isinstance(place, Unclear) else "",
        f"@{wish.when.at:%m-%d %H:%M}" if wish.when else "",
        "bare" if wish.is_bare else "",
        "where" if wish.asks_where else "",
    ]
    return " ".join(filter(None, parts))


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        # a question
        ("卡丢了", ""),
        ("社保卡怎么激活", ""),
        ("我住沙坪坝区渝碚路，卡丢了", "渝碚路街道"),
        ("沙坪坝哪里可以补卡", "沙坪坝区 where"),
        ("太平镇哪里补卡", "3 places where"),
        ("周六去沙坪坝补卡", "沙坪坝区 @11-28 10:00"),
        ("重庆的卡丢了", "重庆市"),
        # none: a place, a time, or where
        ("沙坪坝", "沙坪坝区 bare"),
        ("我在沙坪坝", "沙坪坝区 bare"),
        ("shapingba", "沙坪坝区 bare"),
        ("重庆的", "重庆市 bare"),
        ("太平镇", "3 places bare"),
        ("沙坪坝附近有没有", "沙坪坝区 bare where"),
        ("周六下午去呢", "@11-28 15:00 bare"),
        ("open on saturday?", "@11-28 10:00 bare where"),
        ("那江阳区周六下午几点关门", "江阳区 @11-28 15:00 bare where"),
        ("离我最近的", "bare where"),
        ("几点开门", "bare where"),
        # a time of day or a day is no number of a button
        ("三点", "@11-25 15:00 bare"),
        ("2号去", "@12-02 10:00 bare"),
        # a button, by its number
        ("2", "[place:重庆市渝中区] 渝中区"),
        ("２", "[place:重庆市渝中区] 渝中区"),
        ("3、", "[more:3]"),
        ("第一个", "[entry:lost]"),
        ("我选第1个", "[entry:lost]"),
        ("要三", "[more:3]"),
        ("0", ""),
        ("4", ""),
        ("第十个", ""),
        ("22", ""),
        ("2 2", ""),
        # a command, however it is written
        ("English.", "[language:en]"),
        ("繁體", "[language:zh-Hant]"),
        ("换个地方！", "[where:]"),
        ("更 多", "[more:3]"),
        ("Forget me", "[forget:]"),
    ],
)
def test_a_text_wants(chat: Chat, text: str, wish: str) -> None:
    assert told(read(chat, text)) == wish


def test_more_without_anything_shown_is_the_first_of_all(chat: Chat) -> None:
    assert told(read(chat, "更多", choices=())) == "[more:]"


def test_the_place_is_no_part_of_the_question_and_a_city_is(chat: Chat) -> None:
    for text, left in (("沙坪坝哪里补卡", "哪里补卡"), ("重庆哪里补卡", "重庆哪里补卡")):
        seen = read(chat, text).seen
        assert seen
        assert "".join(seen.seen.units) == left


def test_a_position_is_wanted_and_nothing_else(chat: Chat) -> None:
    here = Point(29.56, 106.55)
    assert read(chat, choice="here:", point=here) == Wish(point=here)


@pytest.mark.parametrize("choice", ["", "here:", "dance:1", "entry", "：", "ENTRY:lost"])
def test_what_is_no_button_is_refused(chat: Chat, choice: str) -> None:
    if choice:
        with pytest.raises(NoSuchButton):
            read(chat, choice=choice)
    else:
        assert read(chat, "卡丢了").pick is None


def test_a_long_text_is_no_command_and_no_number(chat: Chat) -> None:
    commands = chat.adviser.knowledge.reference.commands
    for text in ("English", "2"):
        assert read(chat, text).pick
        assert read(chat, text + " " * LONGEST_COMMAND).pick is None
    assert wants_to_be_forgotten(said("忘记我"), commands)
    assert not wants_to_be_forgotten(said("忘记我" + "！" * LONGEST_COMMAND), commands)
    assert not wants_to_be_forgotten(said("别忘记我的卡"), commands)
    assert wants_to_be_forgotten(said(choice="forget:"), commands)
    assert not wants_to_be_forgotten(said("忘记我", choice="where:"), commands)


def test_every_command_is_understood_and_its_words_are_no_number(chat: Chat) -> None:
    commands = chat.adviser.knowledge.reference.commands
    assert set(commands.values()) == {
        "forget",
        "language-zh-Hans",
        "language-zh-Hant",
        "language-en",
        "where",
        "more",
    }
    for phrase in commands:
        pick = read(chat, phrase, choices=()).pick
        assert pick, phrase
        assert pick.kind in {Kind.FORGET, Kind.LANGUAGE, Kind.WHERE, Kind.MORE}


@given(st.text(max_size=80))
def test_any_text_is_a_button_or_a_sentence(chat: Chat, text: str) -> None:
    wish = read(chat, text)
    assert (wish.pick is None) != (wish.seen is None)
    assert not wish.is_lost
    if isinstance(wish.place, Found) and wish.is_bare:
        assert wish.place.place.level in set(Level)
