"""What somebody sent the bot: understood, or ignored for a reason that repeats nothing of it."""

import json
import re
from itertools import count
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.mask import MASK
from bot.ports import LONGEST_ID, LONGEST_TEXT, Party
from bot.update import ALLOWED, Act, Heard, Ignored, Me, read_update
from locator.model import Point

Json = dict[str, Any]

ME = Me(1234567, "LuYuBot")
ANNA = {"id": 501, "is_bot": False, "first_name": "Anna", "language_code": "zh-hans"}
BELA = {"id": 502, "is_bot": False, "first_name": "Bela", "language_code": "en"}
ROBOT = {"id": 77, "is_bot": True, "first_name": "Robot"}
US = {"id": ME.id, "is_bot": True, "first_name": "We", "username": ME.username}
GROUP = {"id": -4001, "type": "group", "title": "Family"}
SUPERGROUP = {"id": -1_000_000_004_001, "type": "supergroup", "title": "Family"}
CHANNEL = {"id": -1_000_000_005_001, "type": "channel", "title": "News"}
LUZHOU = {"latitude": 28.887654, "longitude": 105.443219}
PARIS = {"latitude": 48.8567, "longitude": 2.3522}
CANARY = "canary"
LONGEST_OF_TELEGRAM = 4_096
ID_NUMBER = "510502199001011234"
SEVEN_DIGITS = re.compile(r"\d{7}")
NUMBERS = count(700_000_001)


# -- updates, as Telegram makes them --


def private(sender: Json) -> Json:
    return {"id": sender["id"], "type": "private", "first_name": "Somebody"}


def sent(content: Json, *, sender: Json = ANNA, chat: Json | None = None, kind: str = "message") -> Json:
    """An update with a message of that content."""
    message = {"message_id": 9, "date": 1_795_000_000, "chat": chat or private(sender), "from": sender}
    return {"update_id": next(NUMBERS), kind: message | content}


def written(text: str, **more: Any) -> Json:
    """The command at the beginning is marked as one."""
    command = re.match(r"/[A-Za-z0-9_]+(?:@\w+)?", text)
    marked = [{"type": "bot_command", "offset": 0, "length": command.end()}] if command else []
    return sent({"text": text} | ({"entities": marked} if marked else {}), **more)


def pressed(data: str | None, *, sender: Json = ANNA, chat: Json | None = None, date: int = 1) -> Json:
    """A button below message 9; of one that is out of reach Telegram says date 0."""
    message = {"message_id": 9, "chat": chat or private(sender), "date": date}
    query = {"id": "4711", "from": sender, "message": message, "chat_instance": "1"}
    return {
        "update_id": next(NUMBERS),
        "callback_query": query if data is None else query | {"data": data},
    }


def typed(query: str, *, location: Json | None = None, sender: Json = ANNA) -> Json:
    """Behind the bot's name, in some other chat."""
    asked: Json = {"id": "4712", "from": sender, "query": query, "offset": ""}
    return {"update_id": next(NUMBERS), "inline_query": asked | ({"location": location} if location else {})}


def heard(update: Any, me: Me = ME) -> Heard:
    read = read_update(update, me)
    assert isinstance(read, Heard), read
    return read


def why_not(update: Any, me: Me = ME) -> str:
    read = read_update(update, me)
    assert isinstance(read, Ignored), read
    return read.why


# -- what it is --


def test_a_text_is_a_text_of_its_sender_in_their_chat() -> None:
    update = written("卡丢了怎么办")
    assert read_update(update, ME) == Heard(
        update["update_id"],
        Act.TEXT,
        Party("telegram", "501"),
        chat=501,
        message=9,
        text="卡丢了怎么办",
        language="zh-hans",
    )


@pytest.mark.parametrize(
    ("content", "act"),
    [
        ({"text": "hello"}, Act.TEXT),
        ({"location": LUZHOU}, Act.SHARED),
        ({"location": LUZHOU | {"live_period": 900}}, Act.SHARED),
        ({"location": LUZHOU, "venue": {"location": LUZHOU, "title": "T", "address": "A"}}, Act.SHARED),
        ({"photo": [{"file_id": "f"}]}, Act.FILE),
        ({"photo": [{"file_id": "f"}], "caption": "我的卡"}, Act.FILE),
        ({"voice": {"file_id": "f"}}, Act.FILE),
        ({"sticker": {"file_id": "f"}}, Act.FILE),
        ({"document": {"file_id": "f"}}, Act.FILE),
        ({"animation": {"file_id": "f"}, "document": {"file_id": "f"}}, Act.FILE),
        ({"video_note": {"file_id": "f"}}, Act.FILE),
        ({"contact": {"phone_number": "1", "first_name": "B"}}, Act.FILE),
        ({"text": "forwarded", "forward_origin": {"type": "hidden_user"}}, Act.TEXT),
        ({"text": "via another bot", "via_bot": ROBOT}, Act.TEXT),
    ],
)
def test_each_kind_of_message_is_told_apart(content: Json, act: Act) -> None:
    assert heard(sent(content)).act is act


@pytest.mark.parametrize(
    ("text", "command", "behind"),
    [
        ("/start", "start", ""),
        ("/start lost", "start", "lost"),
        ("/start@LuYuBot lost", "start", "lost"),
        ("/start@luyubot", "start", ""),
        ("/NEAREST 沙坪坝", "nearest", "沙坪坝"),
        ("/nearest   沙坪坝  ", "nearest", "沙坪坝"),
        ("/nearest\n沙坪坝", "nearest", "沙坪坝"),
        ("/nearest@LuYuBot\n沙坪坝", "nearest", "沙坪坝"),
        ("/no_such_command", "no_such_command", ""),
    ],
)
def test_a_command_is_its_name_and_what_stands_behind_it(text: str, command: str, behind: str) -> None:
    read = heard(written(text))
    assert (read.act, read.command, read.text) == (Act.COMMAND, command, behind)


def test_a_slash_that_is_not_marked_as_a_command_is_text() -> None:
    assert heard(sent({"text": "/ or not"})).act is Act.TEXT
    later = {"text": "see /help", "entities": [{"type": "bot_command", "offset": 4, "length": 5}]}
    assert heard(sent(later)).act is Act.TEXT


def test_a_press_is_what_its_button_sends_on_the_message_below_which_it_hangs() -> None:
    update = pressed("entry:lost", sender=BELA)
    assert read_update(update, ME) == Heard(
        update["update_id"],
        Act.PRESSED,
        Party("telegram", "502"),
        chat=502,
        message=9,
        text="entry:lost",
        language="en",
        query="4711",
    )


def test_of_a_press_on_a_message_out_of_reach_only_the_chat_is_known() -> None:
    read = heard(pressed("entry:lost", chat=GROUP, date=0))
    assert (read.chat, read.message, read.is_group) == (GROUP["id"], 0, True)


def test_a_press_below_an_inline_message_is_its_presser_s() -> None:
    update = pressed("entry:lost")
    del update["callback_query"]["message"]
    read = heard(update | {"callback_query": update["callback_query"] | {"inline_message_id": "x"}})
    assert (read.party, read.chat, read.message) == (Party("telegram", "501"), 501, 0)


def test_a_press_that_sends_nothing_is_a_press_all_the_same() -> None:
    assert heard(pressed(None)).text == ""


def test_what_is_typed_behind_the_name_has_a_query_to_be_answered_by() -> None:
    read = heard(typed("卡丢了"))
    assert (read.act, read.text, read.query, read.point) == (Act.INLINE, "卡丢了", "4712", None)
    there = heard(typed("", location=LUZHOU))
    assert (there.act, there.point) == (Act.INLINE, Point(28.887654, 105.443219))


def test_an_edited_message_is_heard_anew() -> None:
    read = heard(written("卡丢了", kind="edited_message"))
    assert (read.act, read.text, read.message) == (Act.TEXT, "卡丢了", 9)


def test_every_kind_that_is_asked_for_is_heard() -> None:
    updates = (
        written("hello"),
        written("hello", kind="edited_message"),
        pressed("x"),
        typed("hello"),
    )
    assert {kind for update in updates for kind in update if kind != "update_id"} == set(ALLOWED)
    assert all(isinstance(read_update(update, ME), Heard) for update in updates)


# -- positions --


@pytest.mark.parametrize(
    "content",
    [
        {"location": LUZHOU},
        {"location": LUZHOU | {"live_period": 900, "heading": 3, "horizontal_accuracy": 12.5}},
        {"venue": {"location": LUZHOU, "title": "T", "address": "A"}},
        {"location": LUZHOU, "venue": {"location": LUZHOU, "title": "T", "address": "A"}},
    ],
)
def test_however_a_place_is_sent_it_is_one_point(content: Json) -> None:
    read = heard(sent(content))
    assert (read.act, read.point, read.text) == (Act.SHARED, Point(28.887654, 105.443219), "")


@pytest.mark.parametrize(
    "position", [PARIS, {"latitude": 0, "longitude": 0}, {"latitude": -90, "longitude": -180}]
)
def test_a_point_far_from_china_is_shared_without_a_point(position: Json) -> None:
    read = heard(sent({"location": position}))
    assert (read.act, read.point) == (Act.SHARED, None)


def test_typed_from_far_away_it_is_what_was_typed() -> None:
    read = heard(typed("卡丢了", location=PARIS))
    assert (read.act, read.text, read.point) == (Act.INLINE, "卡丢了", None)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), "north", None, [28], 10**400, 105.44])
def test_what_is_no_latitude_is_no_position(number: object) -> None:
    assert "shape" in why_not(sent({"location": {"latitude": number, "longitude": 105.4}}))


# -- in groups --


@pytest.mark.parametrize("chat", [GROUP, SUPERGROUP])
@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"text": "@LuYuBot 卡丢了"}, "卡丢了"),
        ({"text": "卡丢了 @luyubot"}, "卡丢了"),
        ({"text": "请问@LuYuBot卡丢了"}, "请问 卡丢了"),
        ({"text": "卡丢了", "reply_to_message": {"message_id": 3, "from": US}}, "卡丢了"),
    ],
)
def test_in_a_group_what_is_said_to_the_bot_is_heard_without_its_name(
    chat: Json, content: Json, text: str
) -> None:
    read = heard(sent(content, chat=chat))
    assert (read.act, read.text, read.is_group, read.chat) == (Act.TEXT, text, True, chat["id"])


def test_in_a_group_a_command_to_the_bot_is_heard() -> None:
    read = heard(written("/nearest@LuYuBot 沙坪坝", chat=GROUP))
    assert (read.act, read.command, read.text) == (Act.COMMAND, "nearest", "沙坪坝")


def test_in_a_group_pictures_and_positions_are_heard_when_they_answer_the_bot() -> None:
    reply = {"reply_to_message": {"message_id": 3, "from": US}}
    assert heard(sent({"location": LUZHOU} | reply, chat=GROUP)).act is Act.SHARED
    assert heard(sent({"photo": [{}]} | reply, chat=GROUP)).act is Act.FILE
    assert heard(sent({"photo": [{}], "caption": "@LuYuBot"}, chat=GROUP)).act is Act.FILE


@pytest.mark.parametrize(
    "content",
    [
        {"text": "卡丢了"},
        {"text": "LuYuBot"},
        {"text": "@LuYuBot2 卡丢了"},
        {"text": "卡丢了", "reply_to_message": {"message_id": 3, "from": BELA}},
        {"text": "卡丢了", "reply_to_message": {"message_id": 3}},
        {"location": LUZHOU},
        {"photo": [{}]},
    ],
)
def test_in_a_group_what_is_said_to_others_is_not_ours(content: Json) -> None:
    assert "in a group" in why_not(sent(content, chat=GROUP))


def test_a_command_to_nobody_is_ours_alone_in_private() -> None:
    assert heard(written("/help")).act is Act.COMMAND
    assert "in a group" in why_not(written("/help", chat=GROUP))


@pytest.mark.parametrize("chat", [None, GROUP])
def test_a_command_to_another_bot_is_not_ours(chat: Json | None) -> None:
    assert "another bot" in why_not(written("/help@OtherBot", chat=chat))


def test_while_the_bot_s_name_is_not_known_nothing_in_a_group_is_taken_for_its() -> None:
    nameless = Me(ME.id)
    assert "in a group" in why_not(sent({"text": "@ hello"}, chat=GROUP), nameless)
    assert heard(sent({"text": "@LuYuBot hello"}), nameless).text == "@LuYuBot hello"


def test_while_the_bot_s_name_is_not_known_a_command_to_somebody_may_be_for_it() -> None:
    for chat in (None, GROUP):
        assert heard(written("/help@LuYuBot", chat=chat), Me(ME.id)).command == "help"


@pytest.mark.parametrize("before", ["İİİİ", "ẞẞ", "😀😀", "ŉŉ", "ΐ"])
def test_the_name_is_taken_out_whole_whatever_stands_before_it(before: str) -> None:
    assert heard(sent({"text": f"{before} @LuYuBot card"}, chat=GROUP)).text.split() == [before, "card"]


def test_in_a_group_each_is_a_party_of_their_own_and_in_private_another_one() -> None:
    updates = [
        sent({"text": "@LuYuBot hi"}, sender=sender, chat=chat)
        for sender in (ANNA, BELA)
        for chat in (None, GROUP, SUPERGROUP)
    ]
    parties = {heard(update).party for update in updates}
    assert len(parties) == len(updates)
    assert heard(pressed("x", chat=GROUP)).party == heard(sent({"text": "@LuYuBot"}, chat=GROUP)).party


# -- what is ignored --


@pytest.mark.parametrize(
    ("update", "why"),
    [
        (sent({"poll": {"id": "1", "question": "?"}}), "nothing to answer"),
        (sent({"dice": {"emoji": "🎲", "value": 4}}), "nothing to answer"),
        (sent({"new_chat_members": [ANNA]}), "nothing to answer"),
        (sent({"left_chat_member": ANNA}, chat=GROUP), "in a group"),
        (sent({"migrate_to_chat_id": -1}, chat=GROUP), "in a group"),
        (sent({"text": ""}), "nothing to answer"),
        (sent({"text": "news"}, chat=CHANNEL, kind="channel_post"), "not answered"),
        (sent({"text": "news"}, chat=CHANNEL), "nobody in particular"),
        (sent({"text": "hi"}, sender=ROBOT), "a bot"),
        (sent({"text": "hi", "via_bot": US}), "a bot"),
        ({"update_id": 1, "my_chat_member": {"chat": private(ANNA), "from": ANNA}}, "not answered"),
        ({"update_id": 1, "poll": {"id": "1"}}, "not answered"),
        ({"update_id": 1}, "not answered"),
    ],
)
def test_what_nobody_asked_is_ignored_for_a_reason(update: Json, why: str) -> None:
    read = read_update(update, ME)
    assert isinstance(read, Ignored)
    assert why in read.why
    assert read.update == update["update_id"]


def test_what_nobody_in_particular_wrote_is_ignored() -> None:
    anonymous = written("hi", chat=GROUP)
    del anonymous["message"]["from"]
    assert "nobody" in why_not(anonymous)


def test_what_a_bot_pressed_is_ignored() -> None:
    assert "a bot" in why_not(pressed("x", sender=ROBOT))


def nested(depth: int) -> Any:
    value: Any = CANARY
    for _ in range(depth):
        value = {"reply_to_message": value, "message": [value]}
    return value


GARBAGE: list[Any] = [
    None,
    True,
    [],
    {},
    "",
    "x",
    CANARY,
    0,
    -1,
    1.5,
    float("nan"),
    10**4_000,
    [[]],
    {"update_id": None},
    {"update_id": True, "message": {}},
    {"update_id": 1.0, "message": CANARY},
    {"update_id": 10**400},
    {"update_id": 2**63, "message": None},
    {"update_id": -(2**64)},
    {"update_id": "7", "message": {"text": CANARY}},
    {"update_id": 1, "message": None},
    {"update_id": 1, "message": []},
    {"update_id": 1, "message": {"message_id": 1}},
    {"update_id": 1, "callback_query": {"id": CANARY * 100, "from": ANNA}},
    {"update_id": 1, "callback_query": {"id": "1", "from": ANNA, "data": CANARY * 100}},
    {"update_id": 1, "inline_query": {"id": 5, "from": ANNA, "query": CANARY}},
    {"update_id": 1, "inline_query": {"id": "5", "from": {"id": "anna"}, "query": CANARY}},
    sent({"text": [CANARY]}),
    sent({"text": {CANARY: CANARY}}),
    sent({"text": 5}),
    sent({"text": None}),
    sent({"text": CANARY, "entities": CANARY}),
    sent({"text": CANARY, "entities": [None]}),
    sent({"text": "/x", "entities": [{"type": "bot_command", "offset": "0", "length": 10**30}]}),
    sent({"text": "", "entities": [{"type": "bot_command", "offset": 0, "length": 9}]}),
    sent({"text": CANARY}, sender={"id": 10**30}),
    sent({"text": CANARY}, chat={"id": 1.5, "type": "private"}),
    sent({"text": CANARY, "message_id": True}),
    sent({"venue": LUZHOU}),
    sent({"location": []}),
    sent({"text": "\ud800" + CANARY}),
    sent({"photo": None, CANARY: CANARY}),
    *(nested(depth) for depth in (2, 8)),
]


@pytest.mark.parametrize("update", GARBAGE)
def test_garbage_is_ignored_or_heard_and_no_reason_repeats_it(update: Any) -> None:
    read = read_update(update, ME)
    if isinstance(read, Ignored):
        assert read.why
        assert CANARY not in read.why
        assert -(2**63) < read.update < 2**63


@pytest.mark.parametrize("depth", [100, 1_000, 20_000])
def test_however_deeply_it_is_nested_nothing_breaks(depth: int) -> None:
    value: Any = {"text": CANARY}
    for _ in range(depth):
        value = {"reply_to_message": value, "from": ANNA}
    read = read_update({"update_id": 5, "message": {"message_id": 1, "chat": private(ANNA)} | value}, ME)
    assert isinstance(read, Ignored)
    assert (read.update, CANARY in read.why) == (5, False)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.just(CANARY)
    | st.text(st.characters(categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
# Where the keys are those of Telegram, garbage gets further.
NAMES = st.sampled_from(
    "id type text from chat message_id entities location venue latitude longitude data query is_bot date offset"
    " language_code message reply_to_message via_bot caption photo poll".split()
)


def of_telegram_s_names(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(NAMES, inner, max_size=6) | st.lists(inner, max_size=2)


LIKE_TELEGRAM_S = st.recursive(
    JSON | st.sampled_from([ANNA, private(ANNA), GROUP, US, LUZHOU, "private", "bot_command", 0, 9]),
    of_telegram_s_names,
    max_leaves=12,
)


@given(update=JSON)
def test_any_json_is_understood_or_ignored(update: Any) -> None:
    read = read_update(update, ME)
    assert isinstance(read, Ignored)
    assert CANARY not in read.why


@given(kind=st.sampled_from(ALLOWED), content=LIKE_TELEGRAM_S, number=JSON)
def test_any_json_in_place_of_what_an_update_holds_is_understood_or_ignored(
    kind: str, content: Any, number: Any
) -> None:
    for update in ({"update_id": 5, kind: content}, {"update_id": number, kind: content}):
        read = read_update(update, ME)
        assert isinstance(read, Heard) or (read.why and CANARY not in read.why)


@given(changed=st.dictionaries(NAMES, LIKE_TELEGRAM_S, min_size=1, max_size=2), at=st.sampled_from("mcq"))
def test_a_good_update_with_some_of_it_spoilt_is_understood_or_ignored(changed: Json, at: str) -> None:
    good = {"m": written(f"/start {CANARY}"), "c": pressed(CANARY), "q": typed(CANARY)}[at]
    spoilt = {name: value | changed if isinstance(value, dict) else value for name, value in good.items()}
    read = read_update(spoilt, ME)
    assert isinstance(read, Heard) or (read.why and CANARY not in read.why)


# -- the text --


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=5_000))
@example("😀" * 2_048)
@example("字" * 4_096)
@example("\x00" * 4_096)
@example("👨‍👩‍👧‍👦" * 300)
@example("a" * LONGEST_TEXT)
@example("\u202e卡丢了\u200b\r\n\t\x85\u2028")
def test_a_text_is_short_and_holds_no_control_characters(text: str) -> None:
    for update in (
        sent({"text": text}),
        sent({"text": f"/x {text}", "entities": [{"type": "bot_command", "offset": 0, "length": 2}]}),
        typed(text),
    ):
        read = read_update(update, ME)
        if isinstance(read, Heard):
            assert len(read.text) <= LONGEST_TEXT
            assert all(one.isprintable() or one == "\n" for one in read.text)
            assert read.text == read.text.strip()
            read.text.encode()


def test_a_short_text_stays_as_it_was_written() -> None:
    for text in ("卡丢了怎么办？", "Card 😀 lost", "两\n行", "a" * LONGEST_TEXT):
        assert heard(sent({"text": text})).text == text


def test_of_a_long_text_the_beginning_and_the_end_are_read() -> None:
    text = heard(sent({"text": f"开头{'很' * 4_000}结尾"})).text
    assert (text[:2], text[-2:]) == ("开头", "结尾")
    assert "…" in text


@pytest.mark.parametrize("data", ["\x00entry:lost", "entry:\x1blost", "\u202eentry:lost"])
def test_what_a_button_sends_holds_no_control_characters_either(data: str) -> None:
    assert heard(pressed(data)).text.isprintable()


def test_half_of_a_surrogate_pair_breaks_nothing() -> None:
    for update in (
        sent({"text": "\ud83d卡丢了"}),
        pressed("\udc00"),
        typed("\ud800"),
        json.loads(json.dumps(written("/start \udfff"))),
    ):
        read = read_update(update, ME)
        told = read.text if isinstance(read, Heard) else read.why
        told.encode()


@pytest.mark.parametrize("number", [ID_NUMBER, "6217 0038 1234 5678 901", "138-1234-5678"])
@pytest.mark.parametrize("before", ["", "我的身份证是", "x " * 600])
def test_a_number_of_a_person_is_covered(number: str, before: str) -> None:
    for update in (
        sent({"text": f"{before}{number} 丢了"}),
        written(f"/start {before}{number}"),
        typed(f"{before}{number}"),
    ):
        read = heard(update)
        assert MASK in read.text
        assert SEVEN_DIGITS.search(re.sub(r"[ -]", "", read.text)) is None


@given(before=st.integers(0, 600), behind=st.integers(480, 8_300))
@example(before=490, behind=600)
@example(before=494, behind=600)
@example(before=600, behind=494)
@example(before=0, behind=490)
@example(before=0, behind=8_180)
def test_a_number_that_lies_over_a_cut_leaves_no_seven_digits(before: int, behind: int) -> None:
    text = f"{'字' * before}{ID_NUMBER}{'词' * behind}"
    for whole in (text, text[::-1]):
        read = heard(sent({"text": whole}))
        digits = re.findall(r"\d", read.text)
        assert len(digits) < 7
        assert not digits or len(whole) > LONGEST_OF_TELEGRAM
        assert len(read.text) <= LONGEST_TEXT


# -- what else is kept of it --


def test_a_language_or_a_name_of_any_length_is_cut() -> None:
    long = "en" + "x" * 10_000 + "\x00"
    read = heard(written("/help", sender=ANNA | {"language_code": long}))
    assert len(read.language) <= LONGEST_ID
    assert read.language.isprintable()
    assert len(heard(written(f"/{'x' * 500}")).command) <= LONGEST_ID


def test_who_has_no_language_has_none() -> None:
    assert heard(sent({"text": "hi"}, sender={"id": 501, "is_bot": False})).language == ""
