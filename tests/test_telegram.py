"""The chat on Telegram: from an update to the calls that answer it, over the real chat and a real store."""

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.adviser import Adviser
from bot.button import Kind, Pick
from bot.call import LONGEST, LONGEST_DATA, Call, data_of
from bot.chat import Chat
from bot.nearby import Nearby
from bot.pace import Pace, TooFast
from bot.spoken import SPOKEN, spoken
from bot.store import SqlStore
from bot.telegram import COMMANDS, Answered, Telegram
from locator.live import Live
from locator.model import Precision
from locator.settings import Settings
from tests.doors import GAZETTEER, door, guide
from tests.test_update import ANNA, BELA, GROUP, LUZHOU, ME, PARIS, US, pressed, sent, typed, written
from tests.visitors import WEDNESDAY

pytest_plugins = ("tests.databases", "tests.product")

Json = dict[str, Any]

CODES = sorted(SPOKEN)
# As Telegram writes the language of its app, and what ours is called.
TAGS = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "en": "en"}
LONGEST_NOTICE = 200  # characters; Bot API, answerCallbackQuery
TOO_OLD = {"zh-hans": "这个按钮太旧了", "zh-hant": "這個按鈕太舊了", "en": "This button is too old"}
NO_FILES = {"zh-hans": "我看不了图片", "zh-hant": "我看不了圖片", "en": "I cannot look at pictures"}
FAR_AWAY = {"zh-hans": "离泸州和重庆太远", "zh-hant": "離瀘州和重慶太遠", "en": "far away from Luzhou"}
PRIVACY = {"zh-hans": "您写的话保留30天", "zh-hant": "您寫的話保留30天", "en": "kept for 30 days"}
SHARE = {"zh-hans": "用手机的", "zh-hant": "用手機的", "en": "On a phone"}
SHARE_BUTTON = {"zh-hans": "发送我的位置", "zh-hant": "發送我的位置", "en": "Send my position"}
THANKS = {"zh-hans": "能帮上忙就好", "zh-hant": "能幫上忙就好", "en": "glad it helped"}
REGRETS = {"zh-hans": "谢谢您告诉我", "zh-hant": "謝謝您告訴我", "en": "Thank you for telling me"}
LOSS = {"zh-hans": "挂失", "zh-hant": "掛失", "en": "Report"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
def chat(adviser: Adviser, nearby: Nearby, store: SqlStore) -> Chat:
    return Chat(adviser, nearby, store, Pace(at_once=100, per_minute=60))


@pytest.fixture
def telegram(chat: Chat) -> Telegram:
    return Telegram(chat, chat.nearby, lambda: WEDNESDAY, keeps_days=30)


@pytest.fixture
def exactly(chat: Chat) -> Telegram:
    """With a door that is known to the building, and one that is known to the town."""
    made = guide([door(1, 29.56, 106.46), door(2, 29.57, 106.46, precision=Precision.TOWN)])
    known = Nearby(Live(Settings().outlets, GAZETTEER.units, lambda _: made))
    return Telegram(replace(chat, nearby=known), known, lambda: WEDNESDAY, keeps_days=30)


def speaking(tag: str, who: Json = ANNA) -> Json:
    return who | {"language_code": tag}


def calls(telegram: Telegram, update: Json) -> tuple[Call, ...]:
    return telegram.answer(update, ME).calls


def told(telegram: Telegram, update: Json) -> Call:
    """The one message that answers it."""
    (call,) = calls(telegram, update)
    assert call.method == "sendMessage"
    return call


def text(telegram: Telegram, update: Json) -> str:
    return str(told(telegram, update).fields["text"])


def notice(telegram: Telegram, update: Json) -> Json:
    """What the presser is told, and nobody else."""
    (call,) = calls(telegram, update)
    assert call.method == "answerCallbackQuery"
    assert call.fields["callback_query_id"] == "4711"
    assert len(call.fields.get("text", "")) <= LONGEST_NOTICE
    return dict(call.fields)


def shown(call: Call) -> list[Json]:
    return [one for row in call.fields["reply_markup"]["inline_keyboard"] for one in row]


def offers(telegram: Telegram, update: Json) -> list[Json]:
    (call,) = calls(telegram, update)
    assert call.method == "answerInlineQuery"
    return list(call.fields["results"])


def turns(path: Path) -> list[tuple[Any, ...]]:
    """Of each that is kept: what was written, what was chosen, what it was answered with."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT text, choice, entry FROM turns ORDER BY number").fetchall()


# -- commands --


@pytest.mark.parametrize(
    ("command", "entry"),
    [
        ("/start", "hello"),
        ("/start lost", "lost"),
        ("/start nonsense", "hello"),
        ("/start outlet_nonsense", "hello"),
        ("/start outlet_", "hello"),
        (f"/start {'x' * 900}", "hello"),
        ("/help", "about-bot"),
        ("/help lost", "about-bot"),
        ("/hotline", "human"),
        ("/no_such_command", "about-bot"),
    ],
)
def test_a_command_is_answered_with_its_entry(
    telegram: Telegram, path: Path, command: str, entry: str
) -> None:
    assert text(telegram, written(command))
    assert turns(path) == [("", f"entry:{entry}", entry)]


@pytest.mark.parametrize("tag", TAGS)
def test_who_starts_is_told_in_their_language_what_is_kept_of_it(telegram: Telegram, tag: str) -> None:
    for command in ("/start", "/start lost"):
        assert PRIVACY[tag] in text(telegram, written(command, sender=speaking(tag)))
    assert PRIVACY[tag] not in text(telegram, written("/help", sender=speaking(tag)))


def test_a_link_to_an_entry_leads_to_it(telegram: Telegram) -> None:
    for tag, words in LOSS.items():
        assert words in text(telegram, written("/start lost", sender=speaking(tag)))


def test_a_link_to_an_outlet_leads_to_what_is_near_it(telegram: Telegram, path: Path) -> None:
    outlet = next(telegram.nearby.outlet_ids())
    said = text(telegram, written(f"/start outlet_{outlet}"))
    found = telegram.nearby.outlet_of(outlet)
    assert found is not None
    assert f"1. {found.name.zh}" in said
    assert turns(path) == [("", f"place:{telegram.nearby.outlet(outlet)}", "")]


def test_every_outlet_can_be_linked_to(telegram: Telegram) -> None:
    """Bot API, Deep linking: 64 characters, A-Z a-z 0-9 _ and -."""
    for outlet in telegram.nearby.outlet_ids():
        payload = f"outlet_{outlet}"
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
        assert telegram.nearby.outlet(outlet)


def test_a_message_begins_with_what_it_says(telegram: Telegram) -> None:
    outlet = next(telegram.nearby.outlet_ids())
    for command in ("/start", "/start lost", f"/start outlet_{outlet}", "/nearest 沙坪坝"):
        said = text(telegram, written(command))
        assert said == said.strip()


def test_nearest_asks_where_and_with_a_place_shows_what_is_near(telegram: Telegram) -> None:
    asked = told(telegram, written("/nearest"))
    assert [one["callback_data"] for one in shown(asked)][:2] == ["city:重庆市", "city:泸州市"]
    assert "here:zh-Hans" in [one["callback_data"] for one in shown(asked)]
    assert "沙坪坝区附近" in text(telegram, written("/nearest 沙坪坝"))


def test_the_language_can_be_chosen_and_is_remembered(telegram: Telegram) -> None:
    offered = shown(told(telegram, written("/lang")))
    assert {one["callback_data"] for one in offered} == {f"language:{code}" for code in CODES}
    calls(telegram, pressed("language:en"))
    assert "12333" in (said := text(telegram, written("/hotline")))
    assert not re.search("[\u4e00-\u9fff]", said)


def test_who_wants_to_be_forgotten_is_forgotten(telegram: Telegram, path: Path) -> None:
    calls(telegram, written("卡丢了"))
    calls(telegram, written("卡丢了", sender=BELA))
    assert len(turns(path)) == 2
    assert "都已经删除" in text(telegram, written("/forget"))
    assert len(turns(path)) == 1


def test_every_command_of_the_menu_does_something_of_its_own(telegram: Telegram) -> None:
    answers = {text(telegram, written(f"/{name}")) for name in COMMANDS}
    assert len(answers) == len(COMMANDS)
    # Bot API, BotCommand: 1–32 characters, and 1–256 of what it does.
    for name, what in COMMANDS.items():
        assert re.fullmatch("[a-z0-9_]{1,32}", name)
        assert all(1 <= len(spoken(code).say(what)) <= 256 for code in CODES)


# -- what is asked --


def test_a_question_is_answered_in_its_chat_and_kept_once(telegram: Telegram, path: Path) -> None:
    update = written("卡丢了怎么办")
    answered = telegram.answer(update, ME)
    assert (answered.update, answered.why, answered.is_first) == (update["update_id"], "", True)
    assert answered.party is not None
    assert answered.party.id == str(ANNA["id"])
    (call,) = answered.calls
    assert call.fields["chat_id"] == ANNA["id"]
    assert turns(path) == [("卡丢了怎么办", "", "lost")]


@pytest.mark.parametrize(
    "update",
    [
        written("/start"),
        written("/start lost"),
        written("/nearest 沙坪坝"),
        written("/lang"),
        written("/forget"),
        written("卡丢了，沙坪坝附近哪里可以补"),
        written("卡丢了", kind="edited_message"),
        written("@LuYuBot 卡丢了", chat=GROUP),
        sent({"location": LUZHOU}),
        sent({"location": PARIS}),
        sent({"photo": [{}]}),
        pressed("entry:lost"),
        pressed("entry:gone"),
        pressed("nonsense"),
        pressed("here:en"),
        pressed("services:en"),
        pressed("helped:5"),
        typed(""),
        typed("卡丢了"),
    ],
)
def test_an_update_that_is_delivered_again_is_answered_alike_and_kept_once(
    telegram: Telegram, path: Path, update: Json
) -> None:
    first = telegram.answer(update, ME)
    kept = turns(path)
    calls(telegram, written("重庆", sender=BELA))
    again = telegram.answer(update, ME)
    assert again == first._replace(is_first=False)
    assert first.calls
    assert [turn for turn in turns(path) if turn != ("重庆", "", "")] == kept
    assert len(kept) <= 1


def test_the_same_after_all_else_that_was_said_meanwhile(telegram: Telegram) -> None:
    updates = [written(said) for said in ("卡丢了", "沙坪坝", "English", "/help", "2")]
    first = [telegram.answer(update, ME) for update in updates]
    again = [telegram.answer(update, ME) for update in updates]
    assert again == [one._replace(is_first=False) for one in first]


def test_another_message_under_an_old_number_is_not_answered(telegram: Telegram) -> None:
    update = written("卡丢了")
    calls(telegram, update)
    other = written("密码忘了") | {"update_id": update["update_id"]}
    assert telegram.answer(other, ME) == Answered(
        update["update_id"],
        telegram.answer(update, ME).party,
        (),
        "under its number came something else before",
    )
    press = pressed("entry:lost") | {"update_id": update["update_id"]}
    assert "text" not in notice(telegram, press)


def test_what_is_ignored_has_no_calls_and_a_reason(telegram: Telegram, path: Path) -> None:
    for update in (sent({"poll": {"id": "1"}}), written("hi", chat=GROUP), {"update_id": 5}, None):
        answered = telegram.answer(update, ME)
        assert (answered.party, answered.calls) == (None, ())
        assert answered.why
    assert turns(path) == []


def test_a_number_of_a_person_is_neither_kept_nor_said(telegram: Telegram, path: Path) -> None:
    answered = telegram.answer(written("我的身份证510502199001011234丢了"), ME)
    assert "1990" not in repr((answered, turns(path)))
    assert b"1990" not in path.read_bytes()


def test_who_writes_too_fast_has_to_be_heard_again(adviser: Adviser, nearby: Nearby, store: SqlStore) -> None:
    chat = Chat(adviser, nearby, store, Pace(at_once=1, per_minute=60))
    telegram = Telegram(chat, nearby, lambda: WEDNESDAY, keeps_days=30)
    first = written("卡丢了")
    once = telegram.answer(first, ME)
    for update in (written("卡丢了"), pressed("entry:lost"), sent({"location": LUZHOU})):
        with pytest.raises(TooFast):
            telegram.answer(update, ME)
    assert telegram.answer(first, ME) == once._replace(is_first=False)
    assert calls(telegram, sent({"photo": [{}]}))


def test_an_empty_text_is_asked_back(telegram: Telegram) -> None:
    assert text(telegram, written("   "))
    assert text(telegram, sent({"text": "@LuYuBot"}, chat=GROUP))


# -- positions, pictures --


@pytest.mark.parametrize(
    "content",
    [
        {"location": LUZHOU},
        {"location": LUZHOU | {"live_period": 900}},
        {"location": LUZHOU, "venue": {"location": LUZHOU, "title": "T", "address": "A"}},
    ],
)
def test_a_position_is_answered_with_what_is_near_it_and_is_not_kept(
    telegram: Telegram, path: Path, content: Json
) -> None:
    assert "1. 泸州市人民政府政务服务中心" in text(telegram, sent(content))
    assert turns(path) == [("", "here:", "")]
    assert b"28.887654" not in path.read_bytes()


@pytest.mark.parametrize("tag", TAGS)
def test_a_position_far_away_is_said_to_be_far_away(telegram: Telegram, path: Path, tag: str) -> None:
    assert FAR_AWAY[tag] in text(telegram, sent({"location": PARIS}, sender=speaking(tag)))
    assert turns(path) == []


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("kind", ["photo", "voice", "document", "sticker", "video"])
def test_a_file_is_not_looked_at_and_that_is_said(telegram: Telegram, kind: str, tag: str) -> None:
    content = {kind: [{"file_id": "f"}], "caption": "510502199001011234"}
    assert NO_FILES[tag] in text(telegram, sent(content, sender=speaking(tag)))


@pytest.mark.parametrize("tag", ["", "de", "zh", "zh-CN", "pt-br"])
def test_whose_language_is_none_of_ours_is_answered_in_chinese(telegram: Telegram, tag: str) -> None:
    assert NO_FILES["zh-hans"] in text(telegram, sent({"photo": [{}]}, sender=speaking(tag)))


@pytest.mark.parametrize("tag", TAGS)
def test_the_chat_speaks_as_the_app_does(telegram: Telegram, tag: str) -> None:
    assert LOSS[tag] in text(telegram, sent({"text": "卡丢了"}, sender=speaking(tag)))


# -- in a group --


def test_in_a_group_the_message_is_answered_that_asked(telegram: Telegram) -> None:
    for update in (
        written("@LuYuBot 卡丢了", chat=GROUP),
        sent({"location": LUZHOU, "reply_to_message": {"from": US}}, chat=GROUP),
        sent({"location": PARIS, "reply_to_message": {"from": US}}, chat=GROUP),
        sent({"photo": [{}], "caption": "@LuYuBot"}, chat=GROUP),
        written("/help@LuYuBot", chat=GROUP),
    ):
        fields = told(telegram, update).fields
        assert (fields["chat_id"], fields["reply_parameters"]["message_id"]) == (GROUP["id"], 9)
        assert not telegram.answer(update, ME).is_first


def test_in_a_group_each_has_a_thread_of_their_own(telegram: Telegram) -> None:
    calls(telegram, written("@LuYuBot 卡丢了", chat=GROUP))
    calls(telegram, pressed("region:sichuan", chat=GROUP))
    assert "重庆：" not in text(telegram, written("@LuYuBot 卡丢了", chat=GROUP))
    assert "Chongqing: " in text(telegram, written("@LuYuBot I lost my card", chat=GROUP, sender=BELA))
    assert "重庆：" in text(telegram, written("卡丢了"))


# -- buttons --


def test_a_press_ends_the_waiting_and_edits_its_message(telegram: Telegram) -> None:
    first, second = calls(telegram, pressed("entry:lost"))
    assert first == Call("answerCallbackQuery", {"callback_query_id": "4711"})
    assert (second.method, second.fields["message_id"]) == ("editMessageText", 9)
    assert "挂失" in second.fields["text"]


@pytest.mark.parametrize(("where", "chat_id"), [(None, ANNA["id"]), (GROUP, GROUP["id"])])
def test_a_press_on_a_message_out_of_reach_sends_a_new_one(
    telegram: Telegram, where: Json | None, chat_id: int
) -> None:
    first, second = calls(telegram, pressed("entry:lost", date=0, chat=where))
    assert first.method == "answerCallbackQuery"
    assert (second.method, second.fields["chat_id"]) == ("sendMessage", chat_id)
    assert "message_id" not in second.fields


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize(
    "data",
    [
        "entry:gone",
        "place:亚特兰蒂斯",
        "city:北京市",
        "nonsense",
        "nonsense:x",
        "region:x",
        "~",
        "~00",
        "",
        None,
        "\x00",
        "venue:",
        "venue:gone",
        "helped:",
        "unhelped:1",
        "helped:\x00",
        f"helped:{'9' * 100}",
    ],
)
def test_a_button_that_leads_nowhere_says_what_to_do(
    telegram: Telegram, path: Path, data: str | None, tag: str
) -> None:
    assert TOO_OLD[tag] in notice(telegram, pressed(data, sender=speaking(tag)))["text"]
    assert turns(path) == []


def test_every_press_is_answered_with_something_to_see(telegram: Telegram) -> None:
    for data in (
        "entry:lost",
        "services:en",
        "here:en",
        "find:replacement",
        "more:3",
        "language:",
        "helped:1",
    ):
        for date in (0, 1):
            made = calls(telegram, pressed(data, date=date))
            assert made[0].method == "answerCallbackQuery"
            assert made[0].fields.get("text") or len(made) > 1, (data, date)


def test_buttons_of_places_with_long_names_work(telegram: Telegram) -> None:
    ids = [Pick(Kind.PLACE, name).id for name in telegram.nearby.names()]
    long = [one for one in ids if data_of(one) != one]
    assert long
    for one in long:
        _, edit = calls(telegram, pressed(data_of(one)))
        assert "附近" in edit.fields["text"]


@pytest.mark.parametrize("tag", TAGS)
def test_services_take_the_place_of_the_buttons(telegram: Telegram, tag: str) -> None:
    _, edit = calls(telegram, pressed(f"services:{TAGS[tag]}", sender=speaking(tag)))
    assert (edit.method, edit.fields["chat_id"], edit.fields["message_id"]) == (
        "editMessageReplyMarkup",
        ANNA["id"],
        9,
    )
    assert "text" not in edit.fields
    assert {one["callback_data"].partition(":")[0] for one in shown(edit)} == {"find"}
    words = " ".join(one["text"] for one in shown(edit))
    assert {"zh-hans": "挂失", "zh-hant": "掛失", "en": "eport"}[tag] in words


def test_a_service_that_was_chosen_is_looked_for_where_was_looked_before(telegram: Telegram) -> None:
    calls(telegram, written("沙坪坝"))
    _, edit = calls(telegram, pressed("services:zh-Hans"))
    for one in shown(edit):
        _, found = calls(telegram, pressed(one["callback_data"]))
        assert found.fields["text"].startswith("沙坪坝区附近，办")


@pytest.mark.parametrize("tag", TAGS)
def test_a_position_is_asked_for_by_a_button_in_private_only(telegram: Telegram, tag: str) -> None:
    _, call = calls(telegram, pressed(f"here:{TAGS[tag]}"))
    assert SHARE[tag] in call.fields["text"]
    ((button,),) = call.fields["reply_markup"]["keyboard"]
    assert button == {"text": SHARE_BUTTON[tag], "request_location": True}
    assert call.fields["reply_markup"]["one_time_keyboard"]
    _, call = calls(telegram, pressed(f"here:{TAGS[tag]}", chat=GROUP))
    assert SHARE[tag] in call.fields["text"]
    assert call.fields["chat_id"] == GROUP["id"]
    assert "reply_markup" not in call.fields


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("mark", [True, False])
def test_what_helped_is_noted_and_thanked_for(
    telegram: Telegram, path: Path, store: SqlStore, *, tag: str, mark: bool
) -> None:
    name = "helped" if mark else "unhelped"
    call = told(telegram, written("卡丢了", sender=speaking(tag)))
    (button,) = (one for one in shown(call) if one.get("callback_data", "").startswith(f"{name}:"))
    said = notice(telegram, pressed(button["callback_data"], sender=speaking(tag)))
    assert (THANKS if mark else REGRETS)[tag] in said["text"]
    assert helpful(path) == [mark]
    assert len(store.misses()) == (0 if mark else 1)


def helpful(path: Path) -> list[int | None]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT helpful FROM turns")]


def test_of_somebody_else_s_message_nothing_is_noted(telegram: Telegram, path: Path) -> None:
    asked = written("@LuYuBot 卡丢了", chat=GROUP)
    call = told(telegram, asked)
    (button,) = (one for one in shown(call) if one.get("callback_data", "").startswith("unhelped:"))
    said = notice(telegram, pressed(button["callback_data"], chat=GROUP, sender=BELA))
    assert TOO_OLD["en"] in said["text"]
    assert helpful(path) == [None]
    notice(telegram, pressed(button["callback_data"], chat=GROUP))
    assert helpful(path) == [0]


@pytest.mark.parametrize("tag", TAGS)
def test_an_exact_door_is_sent_as_a_pin(exactly: Telegram, tag: str) -> None:
    _, call = calls(exactly, pressed("venue:door-000001", sender=speaking(tag)))
    assert call == Call(
        "sendVenue",
        {
            "chat_id": ANNA["id"],
            "latitude": 29.56,
            "longitude": 106.46,
            "title": {"zh-hans": "测试网点1", "zh-hant": "測試網點1", "en": "Test outlet 1"}[tag],
            "address": "重庆市沙坪坝区测试路1号",
        },
    )


def test_a_door_that_is_known_to_the_town_only_is_no_pin(exactly: Telegram) -> None:
    assert TOO_OLD["zh-hans"] in notice(exactly, pressed("venue:door-000002"))["text"]


def test_the_buttons_of_a_door_lead_to_its_pin(exactly: Telegram) -> None:
    call = told(exactly, sent({"location": {"latitude": 29.56, "longitude": 106.46}}))
    pins = [one["callback_data"] for one in shown(call) if one.get("callback_data", "").startswith("venue:")]
    assert pins == ["venue:door-000001"]
    assert calls(exactly, pressed(pins[0]))[1].method == "sendVenue"


# -- behind the bot's name, in other chats --


@pytest.mark.parametrize("tag", TAGS)
def test_who_types_nothing_is_offered_topics(telegram: Telegram, tag: str) -> None:
    found = offers(telegram, typed("", sender=speaking(tag)))
    assert len(found) > 2
    assert LOSS[tag] in found[0]["title"]
    assert found[0]["id"] == "answer:lost"


@pytest.mark.parametrize(
    ("update", "first"),
    [
        (typed("卡丢了"), "answer:lost"),
        (typed("沙坪坝"), "spots:"),
        (typed("", location=LUZHOU), "spots:"),
        (typed("卡丢了", location=PARIS), "answer:lost"),
        (typed("", location=PARIS), "answer:lost"),
    ],
)
def test_a_question_a_place_and_a_position_are_answered(telegram: Telegram, update: Json, first: str) -> None:
    assert offers(telegram, update)[0]["id"] == first


def test_a_place_is_offered_as_a_whole_and_door_by_door(telegram: Telegram) -> None:
    found = offers(telegram, typed("沙坪坝"))
    assert [one["id"] for one in found] == ["spots:", "outlet:1", "outlet:2", "outlet:3"]
    for one in found[1:]:
        assert one["title"] in one["input_message_content"]["message_text"]
        assert (
            one["input_message_content"]["message_text"] in found[0]["input_message_content"]["message_text"]
        )


def test_a_question_that_may_mean_several_things_offers_their_answers(telegram: Telegram) -> None:
    found = offers(telegram, typed("社保"))
    assert len(found) > 1
    assert all(one["id"].startswith("answer:") for one in found)


@pytest.mark.parametrize("query", ["asdfgh", "哪里有网点", "重庆今天天气"])
def test_what_cannot_be_answered_is_nothing_to_send_to_others(telegram: Telegram, query: str) -> None:
    assert offers(telegram, typed(query)) == []


INLINE = [
    "",
    "卡丢了",
    "社保",
    "沙坪坝",
    "激活",
    "I lost my card",
    "/forget",
    "忘记我",
    "1",
    "字" * 250,
    "密码忘了沙坪坝",
]


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("query", INLINE)
def test_all_that_is_offered_is_what_telegram_takes(telegram: Telegram, query: str, tag: str) -> None:
    found = offers(telegram, typed(query, sender=speaking(tag)))
    assert len(found) <= 10
    assert len({one["id"] for one in found}) == len(found)
    for one in found:
        content = one["input_message_content"]
        assert 1 <= len(one["id"].encode()) <= LONGEST_DATA
        assert one["title"].strip()
        assert 1 <= len(content["message_text"].encode("utf-16-le")) // 2 <= LONGEST
        assert "parse_mode" not in content


def test_nothing_that_was_typed_is_kept(telegram: Telegram, path: Path) -> None:
    for query in INLINE:
        offers(telegram, typed(query))
    assert turns(path) == []


def test_who_types_to_be_forgotten_in_another_chat_loses_nothing(telegram: Telegram, path: Path) -> None:
    calls(telegram, written("卡丢了"))
    # Nothing was deleted, so nothing may say so.
    for wish in ("/forget", "忘记我", "Forget me!"):
        assert offers(telegram, typed(wish)) == []
    assert len(turns(path)) == 1


@pytest.mark.parametrize("update", [typed("", location=LUZHOU), typed("卡丢了", location=LUZHOU)])
def test_what_depends_on_who_asks_is_shown_to_nobody_else(telegram: Telegram, update: Json) -> None:
    (call,) = calls(telegram, update)
    assert call.fields["is_personal"]


@pytest.mark.parametrize("query", INLINE)
def test_what_is_shown_to_others_too_is_the_same_for_them(telegram: Telegram, query: str) -> None:
    """Telegram shows an answer that is not personal to whoever types the same."""
    answers = [calls(telegram, typed(query, sender=speaking(tag)))[0].fields for tag in TAGS]
    for answer in answers:
        assert answer["is_personal"] or all(other["results"] == answer["results"] for other in answers)
