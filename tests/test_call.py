"""Calls of the Bot API: nothing is made that Telegram would refuse, and nothing of a reply gets lost."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.adviser import Adviser
from bot.button import Kind, Pick
from bot.call import (
    LONGEST,
    LONGEST_DATA,
    OWN,
    VENUE,
    Call,
    Press,
    To,
    data_of,
    full_id,
    message,
    pieces_of,
    read_call,
    reply_calls,
    text_of,
)
from bot.chat import Chat
from bot.nearby import Nearby
from bot.spoken import SPOKEN
from locator.live import Live
from locator.model import Point, Precision, Status
from locator.settings import Settings
from tests.doors import GAZETTEER, OFFICE_HOURS, door, guide
from tests.test_reply import as_json, every_turn, walked
from tests.visitors import said, session, without_store

pytest_plugins = ("tests.databases", "tests.product")

Json = dict[str, Any]

CODES = sorted(SPOKEN)
HERE = Point(29.56, 106.46)
MOST_BUTTONS = 100  # below one message
LONGEST_NOTICE = 200


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def buttons_of(call: Call) -> list[Json]:
    return [button for row in rows_of(call) for button in row]


def rows_of(call: Call) -> list[list[Json]]:
    rows: list[list[Json]] = call.fields.get("reply_markup", {}).get("inline_keyboard", [])
    return rows


def reply(text: str = "hello", **more: Any) -> Json:
    """A reply in English, as the chat makes it."""
    plain: Json = {
        "id": "7",
        "decision": "answer",
        "entry": "lost",
        "language": "en",
        "text": text,
        "spots": None,
        "buttons": [],
        "asks": False,
        "sources": [],
        "opinion": False,
    }
    return plain | more


def button(text: str, pick: str = "entry:lost") -> Json:
    return {"id": pick, "text": text, "kind": pick.partition(":")[0]}


# -- the text in pieces --

WORDS = st.text(st.sampled_from("ab字😀👨‍👩‍👧。；，. \n"), min_size=1, max_size=200)
LONG_TEXTS = st.builds(
    lambda parts: "".join(part * times for part, times in parts).strip(),
    st.lists(st.tuples(WORDS, st.sampled_from([1, 2, 30, 700])), max_size=8),
)


@given(text=LONG_TEXTS)
@example("😀" * 4_096)
@example(f"a{'😀' * 2_047}b{'😀' * 2_047}")
@example("a" * 10_000)
@example("a" * 4_096)
@example("a" * 4_097)
@example(f"a{' ' * 9_000}b")
@example(f"{'字' * 2_048}\n\n{'字' * 2_048}")
def test_the_pieces_fit_and_together_are_the_text_but_for_spaces_at_the_cuts(text: str) -> None:
    pieces = pieces_of(text)
    assert all(units(piece) <= LONGEST for piece in pieces)
    rest = text
    for piece in pieces:
        assert piece == piece.strip()
        rest = rest.lstrip() if rest is not text else rest
        assert rest.startswith(piece)
        rest = rest.removeprefix(piece)
    assert rest == ""
    assert (len(pieces) == 1) == (units(text) <= LONGEST)
    assert all(pieces) or text == ""


@pytest.mark.parametrize(
    ("between", "kept"),
    [("\n\n", ""), ("\n", ""), ("。", "。"), ("；", "；"), (". ", "."), ("，", "，"), (" ", "")],
)
def test_a_text_is_cut_where_something_ends(between: str, kept: str) -> None:
    text = f"{'a' * 3_000}{between}{'b' * 3_000}"
    assert pieces_of(text) == [f"{'a' * 3_000}{kept}", "b" * 3_000]


def test_the_best_end_is_chosen_unless_it_would_leave_little() -> None:
    paragraphs = f"{'a' * 2_500}\n\n{'b' * 1_000}\n{'c' * 3_000}"
    assert pieces_of(paragraphs)[0] == "a" * 2_500
    early = f"a\n\n{'b' * 3_000}\n{'c' * 3_000}"
    assert pieces_of(early)[0] == f"a\n\n{'b' * 3_000}"


# -- a reply in calls --


def test_a_short_reply_is_one_message() -> None:
    (call,) = reply_calls(reply("hello", buttons=[button("More")]), To(5))
    assert call == Call(
        "sendMessage",
        {
            "chat_id": 5,
            "text": "hello",
            "link_preview_options": {"is_disabled": True},
            "reply_markup": {"inline_keyboard": [[{"text": "More", "callback_data": "entry:lost"}]]},
        },
    )


@pytest.mark.parametrize("to", [To(5), To(5, edits=9), To(5, answers=3)])
def test_a_long_reply_is_several_messages_with_the_buttons_below_the_last(to: To) -> None:
    calls = reply_calls(reply("字" * 10_000, buttons=[button("More")]), to)
    assert "".join(call.fields["text"] for call in calls) == "字" * 10_000
    assert [bool(buttons_of(call)) for call in calls] == [False, False, True]


@pytest.mark.parametrize("length", [10, 10_000])
def test_one_edits_and_what_has_no_room_there_is_sent_behind_it(length: int) -> None:
    first, *others = reply_calls(reply("字" * length), To(5, edits=9))
    assert (first.method, first.fields["message_id"]) == ("editMessageText", 9)
    assert len(others) == (length - 1) // LONGEST
    for call in others:
        assert call.method == "sendMessage"
        assert "message_id" not in call.fields
        assert call.fields["chat_id"] == 5


def test_where_several_talk_each_message_answers_the_one_that_asked_if_it_is_still_there() -> None:
    calls = reply_calls(reply("字" * 5_000), To(-5, answers=3))
    assert len(calls) == 2
    for call in calls:
        assert call.fields["reply_parameters"] == {"message_id": 3, "allow_sending_without_reply": True}
    assert "reply_parameters" not in message("hello", To(5)).fields
    assert "reply_parameters" not in message("hello", To(-5, edits=9, answers=3)).fields


@given(text=st.text(st.characters(exclude_categories=["Cs"])), chat=st.integers(-(2**52), 2**52))
def test_a_call_is_kept_and_read_as_it_was(text: str, chat: int) -> None:
    call = message(text, To(chat), [[{"text": text, "callback_data": "x"}]])
    assert read_call(call.body) == call
    assert json.loads(call.body) == {"method": call.method, **call.fields}


# -- the buttons --


def rows_for(*texts: str) -> list[list[str]]:
    (call,) = reply_calls(reply(buttons=[button(text) for text in texts]), To(5))
    return [[one["text"] for one in row] for row in rows_of(call)]


def test_two_short_buttons_share_a_line_and_a_long_one_has_its_own() -> None:
    long = "a" * 17
    assert rows_for("1", "2", "3") == [["1", "2"], ["3"]]
    assert rows_for("1", long, "2", "3") == [["1"], [long], ["2", "3"]]
    assert rows_for(long, long) == [[long], [long]]
    assert rows_for("a" * 16, "2") == [["a" * 16, "2"]]


def test_a_reply_without_buttons_has_no_keyboard() -> None:
    (call,) = reply_calls(reply(), To(5))
    assert "reply_markup" not in call.fields


def test_who_may_say_what_helped_is_asked_with_the_reply_s_own_number() -> None:
    (call,) = reply_calls(reply(opinion=True, id="700000001"), To(5))
    assert [one["callback_data"] for one in buttons_of(call)] == ["helped:700000001", "unhelped:700000001"]
    (call,) = reply_calls(reply(opinion=False), To(5))
    assert buttons_of(call) == []


def test_to_share_a_position_a_button_of_this_face_s_own_stands_in() -> None:
    (call,) = reply_calls(reply(buttons=[button("Here", "here:")], language="zh-Hant"), To(5))
    assert buttons_of(call) == [{"text": "Here", "callback_data": "here:zh-Hant"}]


# -- ids in 64 bytes --


@pytest.fixture(scope="module")
def known(nearby: Nearby) -> list[str]:
    """All that a button may name and that grows with the data."""
    places = [Pick(Kind.PLACE, name).id for name in nearby.names()]
    return places + [Press(VENUE, outlet).data for outlet in nearby.outlet_ids()]


def test_every_place_and_outlet_fits_into_what_a_button_sends_and_is_found_again(known: list[str]) -> None:
    assert len(known) > 1_000
    assert all(1 <= len(data_of(one).encode()) <= LONGEST_DATA for one in known)
    # At least one is too long, or this would say nothing.
    shortened = [one for one in known if data_of(one) != one]
    assert shortened
    assert all(full_id(data_of(one), known) == one for one in shortened)
    assert all(full_id(one, known) == one for one in known if one not in shortened)


@given(
    name=st.text(st.characters(exclude_categories=["Cs"])),
    other=st.text(st.characters(exclude_categories=["Cs"])),
)
@example(name="字" * 40, other="字" * 41)
@example(name="a" * 58, other="a" * 59)
def test_any_id_fits_and_is_found_among_others(name: str, other: str) -> None:
    ids = [f"place:{other}", f"place:{name}"]
    assert all(len(data_of(one).encode()) <= LONGEST_DATA for one in ids)
    assert full_id(data_of(ids[1]), ids) == ids[1]


def test_what_is_shortened_and_not_known_is_nothing(known: list[str]) -> None:
    assert full_id("~00", known) == ""
    assert full_id(data_of("place:" + "字" * 40), known) == ""


def test_nothing_of_this_face_s_own_is_called_as_something_of_the_chat_s() -> None:
    assert not (OWN - {"here"}) & set(Kind)


# -- every reply there is --


@pytest.fixture(scope="module")
def chat(adviser: Adviser) -> Chat:
    return without_store(adviser)


def from_exact_doors(adviser: Adviser, code: str) -> Iterator[Json]:
    """Of the shipped outlets none is known to the street yet."""
    precisions = list(Precision)
    doors = [
        door(
            number,
            29.56 + number / 100,
            106.46,
            precision=precisions[number % len(precisions)],
            status=Status.OFFICIAL if number % 2 else Status.UNCONFIRMED,
            hours=OFFICE_HOURS if number % 3 else "",
        )
        for number in range(8)
    ]
    made = guide(doors)
    nearby = Nearby(Live(Settings().outlets, GAZETTEER.units, lambda _: made))
    chat = replace(without_store(adviser), nearby=nearby)
    before = session()
    for choice in ("find:replacement", "more:3", "more:6"):
        turn = chat.turn(said(choice=choice, language=code, point=HERE if choice[0] == "f" else None), before)
        before = turn.session
        yield as_json(turn)


@pytest.fixture(scope="module", params=CODES)
def replies(adviser: Adviser, chat: Chat, request: pytest.FixtureRequest) -> list[Json]:
    """All that the chat can say in one language."""
    turns = [*every_turn(chat, request.param), *(turn for _, turn in walked(chat, request.param))]
    told = [*map(as_json, turns), *from_exact_doors(adviser, request.param)]
    return list({orjson.dumps(one): one for one in map(without_mark, told)}.values())


@pytest.fixture(scope="module")
def calls(replies: list[Json]) -> list[Call]:
    """Of each of them, as a message, in place of one, and as an answer in a group."""
    ways = (To(5), To(5, edits=9), To(-5, answers=3))
    return [call for told in replies for to in ways for call in reply_calls(told, to)]


def without_mark(told: Json) -> Json:
    """On Telegram a chat is one party's, and its buttons need no mark."""
    buttons = [one | {"id": one["id"].partition("@")[0]} for one in told["buttons"]]
    return told | {"buttons": buttons}


def test_every_message_is_one_that_telegram_takes(calls: list[Call]) -> None:
    for call in calls:
        assert call.method in ("sendMessage", "editMessageText")
        assert 1 <= units(call.fields["text"]) <= LONGEST
        assert call.fields["text"] == call.fields["text"].strip()
        assert b"parse_mode" not in call.body
        assert b"entities" not in call.body


def test_every_button_is_one_that_telegram_takes(calls: list[Call]) -> None:
    seen = 0
    for call in calls:
        assert len(buttons_of(call)) <= MOST_BUTTONS
        assert all(rows_of(call)), call
        for one in buttons_of(call):
            seen += 1
            assert one["text"].strip()
            assert one.keys() in ({"text", "callback_data"}, {"text", "url"})
            assert 1 <= len(one.get("callback_data", "x").encode()) <= LONGEST_DATA
            assert re.match(r"https://[a-z.]+/", one.get("url", "https://a.cn/"))
    assert seen > 1_000


def test_every_button_of_a_reply_is_there_and_means_what_it_meant(
    replies: list[Json], known: list[str]
) -> None:
    for told in replies:
        sent = [one.get("callback_data", "") for call in reply_calls(told, To(5)) for one in buttons_of(call)]
        meant = {full_id(data, known) for data in sent}
        for one in told["buttons"]:
            wanted = f"here:{told['language']}" if one["kind"] == Kind.HERE else one["id"]
            assert wanted in meant


def test_no_two_buttons_below_a_message_send_the_same(calls: list[Call]) -> None:
    for call in calls:
        sent = [one["callback_data"] for one in buttons_of(call) if "callback_data" in one]
        assert len(set(sent)) == len(sent)


def test_all_that_a_reply_says_stands_in_its_messages(replies: list[Json]) -> None:
    for told in replies:
        whole = "".join(call.fields["text"] for call in reply_calls(told, To(5)))
        spots = told["spots"] or {"title": "", "said": [], "notice": "", "cards": []}
        parts = [told["text"], spots["title"], spots["notice"], *spots["said"], *told["sources"]]
        for card in spots["cards"]:
            parts += [f"{card['number']}. {card['name']}", card["distance"], card["opening"], card["address"]]
            parts += [card["phone"], card["services"], card["note"], *card["hours"]]
        assert [part for part in parts if squeezed(part) not in squeezed(whole)] == []


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_who_is_to_call_first_is_told_to(replies: list[Json]) -> None:
    """What no office has confirmed is said to be unconfirmed, and a confirmed one is not."""
    seen = set()
    for told in replies:
        for card in told["spots"]["cards"] if told["spots"] else []:
            seen.add(card["status"])
            assert (card["call_first"] in text_of(told | {"spots": told["spots"] | {"cards": [card]}})) == (
                card["status"] != Status.OFFICIAL
            )
    assert seen == {"official", "unconfirmed"}


def test_a_pin_is_offered_of_an_exact_door_only(replies: list[Json]) -> None:
    exact = set()
    for told in replies:
        cards = told["spots"]["cards"] if told["spots"] else []
        for call in reply_calls(told, To(5)):
            pins = [one["callback_data"] for one in buttons_of(call) if VENUE in one.get("callback_data", "")]
            wanted = [Press(VENUE, card["id"]).data for card in cards if card["exact"]]
            assert pins == (wanted if rows_of(call) else [])
        exact |= {card["exact"] for card in cards}
    assert exact == {True, False}


def test_each_door_has_its_number_on_its_buttons(replies: list[Json]) -> None:
    for told in replies:
        if told["spots"] and told["spots"]["cards"]:
            *_, last = reply_calls(told, To(5))
            rows = rows_of(last)[: len(told["spots"]["cards"])]
            for card, row in zip(told["spots"]["cards"], rows, strict=True):
                assert row
                assert all(one["text"].startswith(f"{card['number']} ") for one in row)


def test_the_words_around_a_reply_are_in_its_language(replies: list[Json], calls: list[Call]) -> None:
    code = replies[0]["language"]
    texts = {one["text"] for call in calls for one in buttons_of(call) if "url" not in one}
    whole = "\n".join(call.fields["text"] for call in calls)
    own = {
        "zh-Hans": ("办别的事", "地址：", "的依据："),
        "zh-Hant": ("辦別的事", "地址：", "的依據："),
        "en": ("Another service", "Address: ", "Where this is written: "),
    }[code]
    assert own[0] in texts
    assert own[1] in whole
    assert own[2].strip() in whole


def test_a_call_is_json_of_plain_values(calls: list[Call]) -> None:
    for call in calls:
        assert orjson.loads(call.body)["method"] == call.method
