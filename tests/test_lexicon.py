"""What words mean: found by letter and by sound; and what the guards make of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adviser import Adviser
from bot.grams import see
from bot.guard import deeds_of, denied, kept, opposed, speaks_of_another_document
from bot.lexicon import Lexicon

WORDS = Lexicon(
    {
        "things": {
            "card": "社保卡 电子卡 social_card card",
            "plain-card": "卡",
            "riddle": "can_he_die",
            "hall": "办事大厅",
            "pin": "密码",
            "shop": "药店",
        },
        "deeds": {
            "lost": "丢 丢了 丢失 lost lose",
            "report": "挂失 报失",
            "unreport": "解挂 解除挂失",
            "replace": "补办 补一下 replace",
            "close": "注销 close",
            "activate": "激活 没激活 activate",
            "break": "坏 坏了 失效",
            "expire": "失效",
            "small": "是小",
        },
        "elsewhere": {"id-card": "身份证 id_card", "sim": "sim卡", "bank-card": "银行卡"},
        "fillers": {"filler": "一下 不 了 我 要 怎么 是"},
    }
)


def meanings(text: str, lexicon: Lexicon = WORDS) -> list[str]:
    return [one.meaning for one in lexicon.find(see(text)) if one.meaning not in lexicon.fillers]


def spans(text: str) -> list[tuple[int, int, str]]:
    found = WORDS.find(see(text))
    return [(one.start, one.end, one.meaning) for one in found if one.meaning not in WORDS.fillers]


# --- by letter


@pytest.mark.parametrize(
    "text, found",
    [
        ("社保卡挂失", [(0, 3, "card"), (3, 5, "report")]),
        ("卡", [(0, 1, "plain-card")]),
        ("我的卡丢失了", [(2, 3, "plain-card"), (3, 5, "lost")]),
        ("解除挂失", [(0, 4, "unreport")]),
        ("SOCIAL card: lost!", [(0, 2, "card"), (2, 3, "lost")]),
        ("社會保障，社保卡掛失", [(4, 7, "card"), (7, 9, "report")]),
        ("", []),
        ("？！", []),
        ("天气", []),
    ],
)
def test_the_longest_form_is_found_and_nothing_inside_it(
    text: str, found: list[tuple[int, int, str]]
) -> None:
    assert spans(text) == found


def test_one_form_may_mean_two_things() -> None:
    assert meanings("失效") == ["break", "expire"]


def test_a_form_of_two_words_is_not_found_in_one_of_them() -> None:
    assert "card" not in meanings("social")
    assert meanings("social card") == ["card"]


# --- by sound


@pytest.mark.parametrize(
    "text, meaning",
    [
        ("卦失", "report"),
        ("挂时", "report"),
        ("注消", "close"),
        ("补一吓", "replace"),
        ("guashi", "report"),
        ("gua shi", "report"),
        ("jiechuguashi", "unreport"),
        ("社保咔", "card"),
        ("舍宝咖", "card"),
        ("设报ka", "card"),
        ("半是大厅", "hall"),
    ],
)
def test_a_word_that_only_sounds_right_is_heard(text: str, meaning: str) -> None:
    assert meanings(text) == [meaning]


@pytest.mark.parametrize("text", ["刮时", "卦是", "猪肖"])
def test_of_two_syllables_one_must_be_written_right(text: str) -> None:
    assert meanings(text) == []


@pytest.mark.parametrize("text", ["铥", "diu", "咔", "ka", "怀"])
def test_a_single_syllable_is_never_only_heard(text: str) -> None:
    assert meanings(text) == []


def test_an_english_form_is_not_heard_in_chinese() -> None:
    assert see("蚕喝跌").sounds == see("can he die").sounds
    assert meanings("Can he die?") == ["riddle"]
    assert meanings("蚕喝跌") == []


def test_what_is_heard_and_what_is_read_come_in_the_order_they_stand() -> None:
    assert spans("射宝咖丢了，卦失") == [(0, 3, "card"), (3, 5, "lost"), (5, 7, "report")]


def test_what_is_read_is_not_heard_as_something_else() -> None:
    assert see("失效").sounds == see("是小").sounds
    assert meanings("是小") == ["small"]
    assert "small" not in meanings("失效")


def test_a_filler_does_not_keep_a_word_from_being_heard_and_another_word_does() -> None:
    assert meanings("不一下") == ["replace"]
    spoken = {"deeds": {"replace": "补一下"}, "things": {"no": "不 一下"}}
    assert meanings("不一下", Lexicon(spoken)) == ["no", "no"]
    assert meanings("补一下", Lexicon(spoken)) == ["replace"]


@given(st.text(max_size=60) | st.text("社保卡挂失了一下不补ka shi", max_size=60))
def test_what_is_found_lies_within_the_text_in_the_order_it_stands(text: str) -> None:
    seen = see(text)
    found = WORDS.find(seen)
    assert list(found) == sorted(found)
    assert all(0 <= one.start < one.end <= len(seen.units) for one in found)


# --- what a text says not to mean


def meant(text: str, lexicon: Lexicon = WORDS) -> list[str]:
    seen = see(text)
    left = see(" ".join(kept(seen.units, denied(seen.units, lexicon.find(seen)))))
    return [one.meaning for one in lexicon.find(left) if one.meaning not in lexicon.fillers]


@pytest.mark.parametrize(
    "text, left",
    [
        ("不是挂失是解挂", ["unreport"]),
        ("我不是要挂失，是要解挂", ["unreport"]),
        ("卡没丢", ["plain-card"]),
        ("卡没有丢，坏了", ["plain-card", "break"]),
        ("没有注销过", []),
        ("没去注销过", []),
        ("没有去办注销", []),
        ("卡莫得丢", ["plain-card"]),
        ("並非丟失", []),
        ("没卦失", []),
        ("my card is not lost", ["card"]),
        ("never lost, never been lost, but lost now", ["lost"]),
        ("I do not want to replace the card", ["replace", "card"]),
        ("not to close", []),
        ("not been lost", []),
    ],
)
def test_a_denied_deed_is_not_meant(text: str, left: list[str]) -> None:
    assert meant(text) == left


@pytest.mark.parametrize(
    "text, deed",
    [
        ("是不是要挂失", "report"),
        ("要不要补办", "replace"),
        ("用不用去挂失", "report"),
        ("有没有挂失", "report"),
        ("丢没丢", "lost"),
        ("没激活", "activate"),
        ("卡还没有激活", "activate"),
        ("没有密码怎么补办", "replace"),
        ("没法去大厅补办", "replace"),
        ("不知道要去哪里挂失", "report"),
        ("not activated, want to replace", "replace"),
    ],
)
def test_a_question_whether_and_a_want_are_no_denial(text: str, deed: str) -> None:
    assert deed in meant(text)
    assert denied(see(text).units, WORDS.find(see(text))) == []


def test_a_denial_takes_its_negator_along_and_leaves_the_rest() -> None:
    units = see("卡没有丢card").units
    spans = denied(units, WORDS.find(see("卡没有丢card")))
    assert spans == [(1, 4)]
    assert kept(units, spans) == ["卡", "card"]
    assert kept(units, []) == ["卡没有丢", "card"]


@pytest.mark.parametrize(
    "deed",
    "丢 挂失 解挂 补办 坏 注销 忘 换 去世 三代 办卡 投诉 找到".split(),
)
def test_the_deeds_that_can_be_denied_are_in_the_shipped_lexicon(adviser: Adviser, deed: str) -> None:
    lexicon = adviser.matcher.lexicon
    assert meant(deed, lexicon) != []
    assert meant(f"不是{deed}", lexicon) == []
    assert meant(f"是不是{deed}", lexicon) == meant(deed, lexicon)


# --- another document


@pytest.mark.parametrize(
    "text, another",
    [
        ("我身份证丢了", True),
        ("身份证怎么补办", True),
        ("SIM卡锁了", True),
        ("银行卡丢了", True),
        ("补办要带身份证吗", False),
        ("没得身份证能不能补办", False),
        ("凭身份证补办", False),
        ("身份证在身上社保卡丢了", False),
        ("社保卡和银行卡都丢了", False),
        ("身份证也在那张卡的包里", False),
        ("带身份证补办银行卡", True),
        ("do I need my id card to replace it", False),
        ("with id card", False),
        ("id card lost", True),
        ("社保卡丢了", False),
        ("", False),
    ],
)
def test_a_question_on_another_document_is_told_from_one_in_which_it_is_brought(
    text: str, another: bool
) -> None:
    seen = see(text)
    assert speaks_of_another_document(seen.units, WORDS.find(seen), WORDS) is another


@pytest.mark.parametrize(
    "text", ["my id card is lost", "I lost my id card", "是不是身份证丢了", "是身份证丢了"]
)
def test_a_document_is_not_brought_because_it_is_mine_or_there_is_a_doubt(text: str) -> None:
    seen = see(text)
    assert speaks_of_another_document(seen.units, WORDS.find(seen), WORDS)


# --- opposites


def deeds(text: str) -> frozenset[str]:
    return frozenset(text.split())


@pytest.mark.parametrize(
    "asked, own, opposite, is_opposed",
    [
        ("unreport", "report", "unreport", True),
        ("unreport lost", "report", "unreport", True),
        ("report", "report", "unreport", False),
        ("report unreport", "report", "unreport", False),
        ("lost", "report", "unreport", False),
        ("", "report", "unreport", False),
        ("unreport", "", "unreport", False),
        ("unreport", "report", "", False),
        ("report", "report", "report unreport", False),
        ("unreport", "report", "report unreport", True),
        ("report", "report unreport", "report", False),
    ],
)
def test_an_entry_is_opposed_when_only_what_its_opposite_does_is_asked(
    asked: str, own: str, opposite: str, is_opposed: bool
) -> None:
    assert opposed(deeds(asked), deeds(own), deeds(opposite)) is is_opposed


def test_deeds_are_what_is_done_of_all_that_is_meant() -> None:
    assert deeds_of(["card", "report", "id-card", "filler"], WORDS) == {"report"}
    assert deeds_of(["report"], Lexicon({})) == frozenset()
