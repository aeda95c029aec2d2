"""The chat, as citizens talk with it: question and place joined, the thread remembered, nothing made up."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adviser import Adviser
from bot.button import Kind, NoSuchButton, Pick, Stale
from bot.chat import Chat
from bot.mask import masked
from bot.model import Region
from bot.nearby import Nearby
from bot.pace import Pace, TooFast
from bot.ports import Message, Party, Session
from bot.spoken import SPOKEN
from bot.store import SqlStore, open_store
from tests.visitors import WEDNESDAY, Visitor, said, session, without_store

pytest_plugins = ("tests.databases", "tests.product")

LUZHOU_SQUARE = (28.887654, 105.443219)
CODES = sorted(SPOKEN)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[SqlStore]:
    with closing(open_store(sqlite_url)) as opened:
        yield opened


@pytest.fixture
def chat(adviser: Adviser, nearby: Nearby, store: SqlStore) -> Chat:
    return Chat(adviser, nearby, store, Pace(at_once=100, per_minute=60))


@pytest.fixture(scope="module")
def unstored(adviser: Adviser) -> Chat:
    return without_store(adviser)


@pytest.fixture
def visitor(chat: Chat) -> Visitor:
    return Visitor(chat)


# -- a whole talk --


@pytest.mark.parametrize(
    ("language", "said", "title", "saturday"),
    [
        (
            "zh-Hans",
            ("卡丢了", "补卡", "沙坪坝", "周六开门的网点"),
            "沙坪坝区附近，办补",
            "11月28日（周六）10:00",
        ),
        (
            "zh-Hant",
            ("卡丟了", "補卡", "沙坪壩", "週六開門的網點"),
            "沙坪壩區附近，辦補",
            "11月28日（週六）10:00",
        ),
        (
            "en",
            (
                "I lost my card",
                "Replace a lost card",
                "Shapingba",
                "which are open on Saturday",
            ),
            "Near Shapingba District: replac",
            "Sat 28 November 10:00",
        ),
    ],
)
def test_from_the_lost_card_to_the_doors_that_may_be_open_on_saturday(
    chat: Chat, language: str, said: tuple[str, ...], title: str, saturday: str
) -> None:
    visitor = Visitor(chat, language)
    lost, again, place, time = said
    assert visitor.says(lost)["entry"] == "lost"
    assert visitor.says(again)["entry"] == "replace-lost"
    visitor.says(place)
    assert visitor.told["decision"] == "spots"
    assert visitor.told["spots"]["title"].startswith(title)
    assert len(visitor.cards) == 3
    visitor.says(time)
    assert visitor.told["spots"]["title"].startswith(title)
    assert saturday in "".join(visitor.told["spots"]["said"])
    assert {card["state"] for card in visitor.cards} == {"unknown"}
    assert visitor.told["language"] == language


def test_question_and_place_in_one_message_get_answer_documents_and_doors(visitor: Visitor) -> None:
    visitor.says("卡丢了，沙坪坝附近哪里可以补")
    assert (visitor.told["decision"], visitor.told["entry"]) == ("answer", "replace-lost")
    assert "要带：" in visitor.told["text"]
    assert "地址待核实" in visitor.told["spots"]["notice"]
    assert [card["number"] for card in visitor.cards] == [1, 2, 3]
    assert all("待核实" in card["services"] for card in visitor.cards)
    assert all(card["opening"] for card in visitor.cards)


def test_a_time_that_is_asked_for_is_kept_until_it_is_over(visitor: Visitor) -> None:
    visitor.says("合江县哪里能激活社保卡，周六下午去")
    assert "11月28日（周六）15:00" in "".join(visitor.told["spots"]["said"])
    assert "没说几点" in "".join(visitor.told["spots"]["said"])
    visitor.says("江阳区呢")
    assert "11月28日（周六）15:00" in "".join(visitor.told["spots"]["said"])
    visitor.at += timedelta(days=7)
    visitor.says("江阳区呢")
    assert "周六" not in "".join(visitor.told["spots"]["said"])


def test_doors_known_to_be_open_come_first_and_closed_ones_are_left_out(visitor: Visitor) -> None:
    visitor.says("綦江区附近网点，周四上午十点")
    states = [card["state"] for card in visitor.cards]
    assert states[0] == "open"
    assert set(states) <= {"open", "unknown"}


def test_a_time_that_was_asked_for_is_over_for_buttons_and_positions_too(visitor: Visitor) -> None:
    visitor.says("綦江区附近网点，周三十点半")
    assert "11月25日（周三）10:30" in "".join(visitor.told["spots"]["said"])
    visitor.at += timedelta(minutes=45)
    visitor.presses("more")
    assert "10:30" not in "".join(visitor.told["spots"]["said"])
    assert visitor.cards[0]["state"] == "open"  # who wanted to go then goes now
    visitor.at += timedelta(hours=1)
    visitor.shares(*LUZHOU_SQUARE)
    assert "10:30" not in "".join(visitor.told["spots"]["said"])
    assert "unknown" in {card["state"] for card in visitor.cards}


@pytest.mark.parametrize(
    ("text", "entry", "title"),
    [
        ("我住沙坪坝，社保卡密码忘了怎么办", "pin-reset", "沙坪坝区附近，办重置密码"),
        ("昨天在江津逛街，社保卡掉了，怎么挂失", "loss-report", "江津区附近，办挂失"),
        ("我是江阳区的，孩子的社保卡怎么办理", "apply-child", "江阳区附近，办申领"),
    ],
)
def test_a_story_that_names_a_place_is_answered_and_shows_what_is_near_it(
    visitor: Visitor, text: str, entry: str, title: str
) -> None:
    assert visitor.says(text)["entry"] == entry
    assert visitor.told["spots"]["title"] == title


def test_what_comes_after_goes_on_with_the_service_that_was_looked_for(visitor: Visitor) -> None:
    visitor.says("卡丢了怎么办")
    visitor.says(choice=Pick(Kind.FIND, "replacement").id)
    visitor.says("沙坪坝")
    assert visitor.says("要带什么")["entry"] == "lost"
    assert visitor.says("江阳区呢")["spots"]["title"] == "江阳区附近，办补卡、换卡"


# -- where --


def test_asked_where_without_a_place_it_answers_asks_and_remembers_the_service(visitor: Visitor) -> None:
    visitor.says("社保卡丢了，哪里可以补")
    assert visitor.told["asks"]
    assert visitor.kinds == ["city", "city", "here"]
    assert "您在哪里" in visitor.told["text"]
    visitor.presses("city", "泸州")
    assert visitor.kinds == ["place"] * 7 + ["here"]
    visitor.presses("place", "合江")
    assert visitor.told["spots"]["title"].startswith("合江县附近，办补")


@pytest.mark.parametrize("number", ["2", "２", " 2。", "第二个", "选2", "二", "②"])
def test_a_typed_number_presses_the_button(visitor: Visitor, number: str) -> None:
    visitor.says("哪里有网点")
    (_, second, _) = visitor.told["buttons"]
    visitor.says(number)
    assert second["text"] in visitor.told["text"]


@pytest.mark.parametrize("number", ["9", "0", "第九个"])
def test_a_number_that_no_button_has_is_told_politely(visitor: Visitor, number: str) -> None:
    visitor.says("哪里有网点")
    assert visitor.says(number)["decision"] in ("decline", "ask-where")


def test_a_shared_position_is_measured_from_in_whole_kilometres(visitor: Visitor, store: SqlStore) -> None:
    visitor.says("社保卡丢了，哪里可以补")
    visitor.shares(*LUZHOU_SQUARE)
    assert visitor.told["spots"]["title"].startswith("您附近，办补")
    assert visitor.told["spots"]["origin"] is None
    assert all(re.fullmatch(r"约 \d+ 公里", card["distance"]) for card in visitor.cards)
    visitor.says("周六去")
    assert visitor.told["spots"]["title"].startswith("您附近，办补")
    held = session_of(store, visitor.party)
    assert (held.lat, held.lon, held.place) == (28.89, 105.44, "")


def session_of(store: SqlStore, party: Party) -> Session:
    found: list[Session] = []

    def look(session: Session) -> None:
        found.append(session)
        raise LookupError

    with pytest.raises(LookupError):
        store.once(Message(party, "look", "", "", WEDNESDAY), look)  # type: ignore[arg-type]
    return found[0]


def test_an_ambiguous_name_is_asked_back(visitor: Visitor) -> None:
    visitor.says("太平镇")
    assert visitor.kinds[:3] == ["place"] * 3
    visitor.says("3")
    assert "太平镇附近" in visitor.told["spots"]["title"]


def test_a_city_alone_gives_its_districts(visitor: Visitor) -> None:
    visitor.says("重庆哪里能补社保卡")
    assert visitor.kinds.count("place") > 30
    assert "重庆市哪里" in visitor.told["text"]


def test_a_place_elsewhere_is_said_to_be_elsewhere(visitor: Visitor) -> None:
    visitor.says("哪里有网点")
    visitor.says("成都")
    assert "不在泸州和重庆" in visitor.told["text"]
    assert visitor.kinds == ["city", "city", "here"]


@pytest.mark.parametrize("text", ["成都", "北京", "chengdu"])
def test_a_place_elsewhere_is_said_to_be_elsewhere_also_when_nobody_asked(
    visitor: Visitor, store: SqlStore, text: str
) -> None:
    visitor.says(text)
    assert re.search("不在泸州和重庆|outside Luzhou and Chongqing", visitor.told["text"])
    assert visitor.kinds == ["city", "city", "here"]
    assert store.misses() == []


def test_a_city_among_the_choices_gives_its_districts_and_not_the_outlets_of_before(visitor: Visitor) -> None:
    visitor.says("渝中区附近网点")
    visitor.says("从泸州到江津")
    visitor.presses("place", "泸州")
    assert visitor.told["spots"] is None
    assert "泸州市哪里" in visitor.told["text"]
    assert visitor.kinds == ["place"] * 7 + ["here"]


def test_a_question_that_names_a_city_is_not_asked_where(visitor: Visitor) -> None:
    visitor.says("重庆的社保卡丢了怎么办")
    assert (visitor.told["entry"], visitor.told["asks"]) == ("lost", False)
    assert "find" in visitor.kinds


def test_a_place_without_a_position_is_said_to_be_one(visitor: Visitor) -> None:
    visitor.says("重庆高新区附近网点")
    assert "不知道它的准确位置" in visitor.told["text"]
    assert visitor.kinds == ["city", "city", "here"]


@pytest.mark.parametrize("slip", ["沙坪把", "shapingbaa", "沙评坝"])
def test_a_place_with_a_slip_is_understood_aloud(visitor: Visitor, slip: str) -> None:
    visitor.says("哪里有网点")
    visitor.says(slip)
    assert "沙坪坝区" in visitor.told["spots"]["title"]
    assert any("理解成沙坪坝区" in line or "沙坪坝区" in line for line in visitor.told["spots"]["said"])


@pytest.mark.parametrize("text", ["密码", "今天天气怎么样"])
def test_asked_where_what_means_something_else_is_no_unknown_place(visitor: Visitor, text: str) -> None:
    visitor.says("哪里有网点")
    visitor.says(text)
    assert "没有找到这个地方" not in visitor.told["text"]


def test_asked_where_a_street_we_do_not_know_is_asked_for_again(visitor: Visitor) -> None:
    visitor.says("哪里有网点")
    visitor.says("石梯坎巷")
    assert "没有找到这个地方" in visitor.told["text"]
    assert visitor.kinds == ["city", "city", "here"]


def test_where_to_do_something_is_about_that_and_not_about_outlets_in_general(visitor: Visitor) -> None:
    visitor.says("社保卡丢了怎么办")
    assert visitor.says("补卡，沙坪坝附近哪里可以办")["entry"] == "replace-lost"
    assert "办补" in visitor.told["spots"]["title"]
    visitor.says("周六下午去呢")
    assert "办补" in visitor.told["spots"]["title"]


def test_asked_where_a_new_question_is_answered_and_not_taken_for_a_place(visitor: Visitor) -> None:
    visitor.says("哪里有网点")
    assert visitor.says("社保卡密码忘了怎么办")["entry"] == "pin-reset"
    assert visitor.says("谢谢")["entry"] == "thanks"


@pytest.mark.parametrize("text", ["重庆今天天气", "我的身份证在沙坪坝哪里补", "沙坪坝哪家火锅好吃"])
def test_what_is_not_ours_stays_so_wherever_it_is_asked(visitor: Visitor, text: str) -> None:
    visitor.says(text)
    assert visitor.told["decision"] in ("decline", "clarify")
    assert not visitor.cards


def test_more_goes_on_counting_and_ends(visitor: Visitor) -> None:
    visitor.says("渝中区附近网点")
    seen = [card["id"] for card in visitor.cards]
    while "more" in visitor.kinds:
        visitor.presses("more")
        assert visitor.cards[0]["number"] == len(seen) + 1
        seen += [card["id"] for card in visitor.cards]
    assert len(seen) == len(set(seen)) == 16


def test_behind_the_last_outlet_it_is_said_that_there_are_no_more(visitor: Visitor) -> None:
    visitor.says("渝中区附近网点")
    visitor.says(choice=Pick(Kind.MORE, "27").id)
    assert visitor.cards == []
    assert "我知道的大厅就这些了" in visitor.told["text"]
    assert visitor.kinds == ["where"]


# -- which region --


def test_the_region_is_asked_once_and_taken_from_the_answer(visitor: Visitor) -> None:
    visitor.says("卡丢了怎么办")
    assert visitor.kinds[:2] == ["region", "region"]
    assert "四川：" in visitor.told["text"]
    assert "重庆：" in visitor.told["text"]
    visitor.says("社保卡怎么激活")
    assert "region" not in visitor.kinds
    visitor.says("卡丢了怎么办")
    visitor.says(choice=Pick(Kind.REGION, Region.SICHUAN).id)
    assert "四川：" in visitor.told["text"]
    assert "重庆：" not in visitor.told["text"]
    assert visitor.kinds.count("region") == 1


@pytest.mark.parametrize(
    ("lost", "told", "own", "other"),
    [
        ("卡丢了", "重庆的", "重庆：", "四川："),
        ("卡丢了", "重庆", "重庆：", "四川："),
        ("卡丢了", "泸州的", "四川：", "重庆："),
        ("卡丢了", "四川", "四川：", "重庆："),
        ("卡丢了", "是重庆的卡", "重庆：", "四川："),
        ("I lost my card", "Chongqing", "Chongqing: ", "Sichuan: "),
        ("I lost my card", "from Luzhou", "Sichuan: ", "Chongqing: "),
    ],
)
def test_asked_for_the_region_a_city_is_the_answer(
    visitor: Visitor, lost: str, told: str, own: str, other: str
) -> None:
    visitor.says(lost)
    visitor.says(told)
    assert (visitor.told["decision"], visitor.told["entry"]) == ("answer", "lost")
    assert own in visitor.told["text"]
    assert other not in visitor.told["text"]
    assert visitor.kinds[:2] == ["region", "find"]


def test_asked_where_a_city_is_no_answer_about_the_card(visitor: Visitor) -> None:
    visitor.says("卡丢了")
    visitor.presses("find")
    assert "重庆市哪里" in visitor.says("重庆")["text"]


@pytest.mark.parametrize(("place", "other"), [("江阳区", "重庆："), ("荣昌区", "四川：")])
def test_the_region_is_taken_from_the_place(visitor: Visitor, place: str, other: str) -> None:
    visitor.says(f"我在{place}，卡丢了怎么办")
    assert other not in visitor.told["text"]
    assert "四川办的，还是重庆办的" not in visitor.told["text"]


def test_where_the_rules_are_the_same_nobody_asks(visitor: Visitor, adviser: Adviser) -> None:
    same = [entry for entry in adviser.knowledge.entries.values() if entry.is_card and not entry.regions]
    assert same
    for entry in same:
        visitor.says(choice=Pick(Kind.ENTRY, entry.id).id)
        assert "region" not in visitor.kinds


# -- languages --


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("卡丢了", "zh-Hans"),
        ("社保卡丟了怎麼辦", "zh-Hant"),
        ("I lost my card", "en"),
        ("shebaoka diule", "zh-Hans"),
        ("台灣人怎麼辦社保卡", "zh-Hant"),
    ],
)
def test_it_answers_in_the_language_it_was_written_to(visitor: Visitor, text: str, language: str) -> None:
    assert visitor.says(text)["language"] == language


@pytest.mark.parametrize(
    ("chosen", "face", "written", "heard", "language"),
    [
        ("en", "zh-Hant", "卡丢了", "zh-Hans", "en"),
        ("zh-Hans", "en", "卡丟了", "en", "zh-Hans"),
        ("", "zh-Hant", "I lost my card", "en", "zh-Hant"),
        ("", "en", "卡丢了", "zh-Hans", "en"),
        ("", "zh-Hans", "卡丟了怎麼辦", "en", "zh-Hant"),  # most faces say so without being asked
        ("", "", "I lost my card", "zh-Hant", "en"),
        ("", "", "江津", "zh-Hant", "zh-Hant"),
        ("", "", "江津", "en", "en"),
        ("", "", "沙坪壩", "", "zh-Hant"),
        ("", "", "", "zh-Hant", "zh-Hant"),
        ("", "", "", "", "zh-Hans"),
    ],
)
def test_chosen_goes_before_face_and_face_before_writing_and_writing_before_what_was_heard(  # noqa: PLR0913, PLR0917
    chat: Chat, chosen: str, face: str, written: str, heard: str, language: str
) -> None:
    choice = "" if written else Pick(Kind.WHERE).id
    turn = chat.turn(said(written, choice=choice, language=face), session(language=chosen, heard=heard))
    assert turn.spoken.code == language
    assert turn.session.heard == language


def test_a_number_or_a_neutral_place_goes_on_in_the_language_before(visitor: Visitor) -> None:
    visitor.says("where can I replace my lost card")
    assert visitor.says("1")["language"] == "en"
    visitor.says("社保卡丟了，哪裡補辦")
    assert visitor.says("江津")["language"] == "zh-Hant"


def test_a_language_that_was_chosen_stays(visitor: Visitor) -> None:
    assert visitor.says("English")["decision"] == "language"
    assert visitor.says("卡丢了")["language"] == "en"
    assert visitor.says("中文")["language"] == "zh-Hans"
    assert visitor.says("I lost my card")["language"] == "zh-Hans"


# -- what somebody says of themselves --


def test_a_number_that_was_written_is_covered_and_said_to_be(visitor: Visitor) -> None:
    visitor.says("社保卡510502199001011234丢了怎么办")
    assert "遮住" in visitor.told["text"]
    assert "没有保存" in visitor.told["text"]
    assert visitor.told["entry"]


MARKER = "zqxjkvzq"
PIECES = st.sampled_from(
    (
        *(
            "卡丢了",
            "怎么激活",
            "沙坪坝",
            "附近哪里可以补",
            "周六下午",
            "现在",
            "太平镇",
            "重庆",
            "成都",
            "2",
            "第九个",
        ),
        *(
            "更多",
            "换个地方",
            "English",
            "繁体",
            "谢谢",
            "转人工",
            "江阳区呢",
            "从泸州到江津",
            "要带什么",
            "\n",
            "，",
        ),
        *("I lost my card", "shapingba", "on saturday", "沙坪壩", "***", "510502199001011234", "重庆高新区"),
    )
)
SAID = st.one_of(
    st.lists(PIECES, min_size=1, max_size=4).map("".join),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200),
)


@settings(max_examples=300)
@given(st.lists(st.tuples(SAID, st.integers(0, 90_000)), min_size=1, max_size=6), st.sampled_from(CODES))
def test_whatever_is_said_one_after_the_other_is_answered_and_never_repeated(
    unstored: Chat, texts: list[tuple[str, int]], code: str
) -> None:
    known, at = session(), WEDNESDAY
    for text, later in texts:
        at += timedelta(seconds=later)
        message = said(masked(f"{text} {MARKER}"), language=code)._replace(at=at)
        turn = unstored.turn(message, known)
        known = turn.session
        assert MARKER not in repr(turn.reply)
        assert MARKER not in repr(known)
        assert turn.reply.text or turn.reply.listing
        assert known.open_at is None or known.open_at > at - timedelta(hours=1)
        assert len(set(known.choices)) == len(known.choices)


def test_what_is_covered_is_neither_kept_nor_said(visitor: Visitor, store: SqlStore) -> None:
    visitor.says("我的身份证510502199001011234丢了，咕噜咕噜")
    assert "1990" not in json.dumps(visitor.told)
    assert "1990" not in repr((store.misses(), session_of(store, visitor.party)))


def test_who_is_forgotten_starts_anew_and_hears_it_again_when_asked_again(
    visitor: Visitor, store: SqlStore
) -> None:
    visitor.says("卡丢了")
    first = visitor.says("忘记我", id="message-forget")
    assert first["decision"] == "forgotten"
    assert visitor.says("忘记我", id="message-forget") == first
    assert session_of(store, visitor.party).entry == ""
    assert visitor.says("那要带什么")["entry"] != "lost"


@pytest.mark.parametrize(
    ("text", "face", "reply"),
    [
        ("忘记我", "", "都已经删除了"),
        ("刪除我的記錄", "", "都已經刪除了"),
        ("Forget me!", "", "is deleted"),
        ("/forget", "zh-Hant", "都已經刪除了"),
    ],
)
def test_who_asks_to_be_forgotten_hears_it_in_the_language_of_the_wish(
    chat: Chat, text: str, face: str, reply: str
) -> None:
    visitor = Visitor(chat, face)
    visitor.says("卡丢了")
    assert reply in visitor.says(text)["text"]


def test_the_button_forgets_too(visitor: Visitor, store: SqlStore) -> None:
    visitor.says("咕噜咕噜")
    assert len(store.misses()) == 1
    assert visitor.says(choice=Pick(Kind.FORGET).id)["decision"] == "forgotten"
    assert store.misses() == []


# -- a question that stands alone --


def test_who_asks_alone_and_wants_to_be_forgotten_is_told_that_nothing_is_left(unstored: Chat) -> None:
    assert b'"forgotten"' in unstored.advise(said("忘记我"))


def test_the_same_question_is_answered_anew_when_time_has_passed(unstored: Chat) -> None:
    asked = said("綦江区附近网点，周六去")
    first = unstored.advise(asked)
    assert unstored.advise(asked._replace(at=WEDNESDAY + timedelta(seconds=30))) is first
    for later in (timedelta(minutes=1), timedelta(days=1), timedelta(days=30)):
        assert unstored.advise(asked._replace(at=WEDNESDAY + later)) is not first
    assert "12月26日" in unstored.advise(asked._replace(at=WEDNESDAY + timedelta(days=30))).decode()


# -- misses, pace, buttons that lead nowhere --


def test_what_was_not_answered_well_is_a_miss_and_what_was_is_none(visitor: Visitor, store: SqlStore) -> None:
    for text in ("卡丢了怎么办", "沙坪坝", "2", "谢谢", "English", "呜啦啦啊咕噜咕噜"):
        visitor.says(text)
    assert [miss.examples[0] for miss in store.misses()] == ["呜啦啦啊咕噜咕噜"]


def test_a_repeat_gets_the_same_bytes_whatever_was_said_since(visitor: Visitor, chat: Chat) -> None:
    texts = ["卡丢了", "补卡", "沙坪坝", "周六开门的网点", "2", "English", "more"]
    messages = [
        Message(visitor.party, f"message-{number}", text, "", WEDNESDAY + number * timedelta(minutes=1))
        for number, text in enumerate(texts)
    ]
    first = [chat.answer(message) for message in messages]
    later = timedelta(days=3)
    assert [chat.answer(message._replace(at=message.at + later)) for message in messages] == first


def test_who_writes_too_fast_is_told_how_long_to_wait_and_a_repeat_is_free(
    adviser: Adviser, nearby: Nearby, store: SqlStore
) -> None:
    chat, party = Chat(adviser, nearby, store, Pace(at_once=2, per_minute=6)), Party("web", "fast")
    said = [Message(party, f"message-{number}", "卡丢了", "", WEDNESDAY) for number in range(3)]
    first = [chat.answer(one) for one in said[:2]]
    with pytest.raises(TooFast) as told:
        chat.answer(said[2])
    assert told.value.wait_s == 10
    assert [chat.answer(one) for one in said[:2]] == first
    chat.answer(said[2]._replace(at=WEDNESDAY + timedelta(seconds=10)))


@pytest.mark.parametrize(
    "choice", ["nonsense", "entry", "here:", "region:x", "find:x", "more:x", "language:x"]
)
def test_what_is_no_button_is_refused(visitor: Visitor, choice: str) -> None:
    with pytest.raises(NoSuchButton):
        visitor.says(choice=choice)


@pytest.mark.parametrize("choice", ["entry:gone", "place:亚特兰蒂斯", "city:北京市"])
def test_what_is_gone_is_said_to_be_gone(visitor: Visitor, choice: str) -> None:
    with pytest.raises(Stale):
        visitor.says(choice=choice)
