"""How a decision is said: whole or in part, in each region, voice and language, and never with a word of the message."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise, product
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adviser import Adviser
from bot.button import Button, Kind, Pick
from bot.decide import Answer, Clarify, Decision, Decline, Why
from bot.model import Aspect, Entry, Region, Saying, Source, Tier
from bot.phrase import Reply, Voice, phrase
from bot.spoken import SIMPLIFIED
from bot.spoken import spoken as language
from locator.language import ENGLISH, Language
from locator.model import Name
from tests.catalogues import catalogue_faults

BOT = Path(__file__).parents[1] / "bot"
HOTLINE = "0830-555"
LANGUAGES = [SIMPLIFIED, ENGLISH]

PLAIN = Entry(
    id="plain",
    topic=Name("题", "Topic"),
    intent="loss_report",
    title=Name("挂失", "Report the loss"),
    asked=("怎么挂失", "how to report the loss"),
    said=Saying(Name("先挂失。", "Report it first."), phone="请先挂失。", sms="先挂失，再补卡。"),
    regions={},
    services=(),
    opposite="",
    see=(),
    sources=(),
    reviewed=date(2026, 1, 1),
    review_by=date(2027, 1, 1),
)
# Sichuan has its own fee and phone script, Chongqing its own time and message; both an answer and a place of their own.
RULES = replace(
    PLAIN,
    id="rules",
    said=Saying(
        Name("先挂失。", "Report it first."),
        {
            Aspect.CHANNEL: Name("窗口", "a counter"),
            Aspect.FEE: Name("十元", "10 yuan"),
            Aspect.DOCUMENTS: Name("身份证、照片", "ID card; photo"),
        },
        phone="请先挂失。",
        sms="先挂失，再补卡。",
    ),
    regions={
        Region.SICHUAN: Saying(
            Name("临时的管七天。", "A temporary one lasts 7 days."),
            {Aspect.FEE: Name("不收费", "free"), Aspect.CHANNEL: Name("四川窗口", "a counter in Sichuan")},
            phone="在四川，请先挂失。",
        ),
        Region.CHONGQING: Saying(
            Name("临时的管多久要问。", "Ask how long a temporary one lasts."),
            {Aspect.TIME: Name("当天", "the same day"), Aspect.CHANNEL: Name("重庆窗口", "in Chongqing")},
            sms="在重庆，先挂失。",
        ),
    },
)


def _button(name: str, title: str) -> Button:
    return Button(Pick(Kind.ENTRY, name), title)


def said(
    decision: Decision,
    spoken: Language = SIMPLIFIED,
    voice: Voice = Voice.FULL,
    entries: Iterable[Entry] = (),
) -> Reply:
    return phrase(decision, {entry.id: entry for entry in entries}, HOTLINE, spoken, voice)


# -- the whole answer --


@pytest.mark.parametrize(
    "region, chinese, english",
    [
        (
            None,
            [
                "先挂失。",
                "四川：临时的管七天。",
                "重庆：临时的管多久要问。",
                "要带：身份证、照片\n费用：十元；四川：不收费\n多久：重庆：当天\n在哪办：四川：四川窗口；重庆：重庆窗口",
            ],
            [
                "Report it first.",
                "Sichuan: A temporary one lasts 7 days.",
                "Chongqing: Ask how long a temporary one lasts.",
                "Bring: ID card; photo\nCost: 10 yuan; Sichuan: free\nHow long: Chongqing: the same day\nWhere: Sichuan: a counter in Sichuan; Chongqing: in Chongqing",
            ],
        ),
        (
            Region.SICHUAN,
            ["先挂失。", "四川：临时的管七天。", "要带：身份证、照片\n费用：不收费\n在哪办：四川窗口"],
            [
                "Report it first.",
                "Sichuan: A temporary one lasts 7 days.",
                "Bring: ID card; photo\nCost: free\nWhere: a counter in Sichuan",
            ],
        ),
        (
            Region.CHONGQING,
            [
                "先挂失。",
                "重庆：临时的管多久要问。",
                "要带：身份证、照片\n费用：十元\n多久：当天\n在哪办：重庆窗口",
            ],
            [
                "Report it first.",
                "Chongqing: Ask how long a temporary one lasts.",
                "Bring: ID card; photo\nCost: 10 yuan\nHow long: the same day\nWhere: in Chongqing",
            ],
        ),
    ],
)
def test_a_whole_answer_gives_both_regions_until_one_is_known_and_always_says_which(
    region: Region | None, chinese: list[str], english: list[str]
) -> None:
    assert said(Answer(RULES, region=region)).text.split("\n\n") == chinese
    assert said(Answer(RULES, region=region), ENGLISH).text.split("\n\n") == english


@pytest.mark.parametrize("region", [None, *Region])
def test_an_entry_without_aspects_and_regions_is_its_answer(region: Region | None) -> None:
    assert said(Answer(PLAIN, region=region)).text == "先挂失。"


@pytest.mark.parametrize(
    "aspect, region, words",
    [
        (Aspect.DOCUMENTS, None, "要带：身份证、照片"),
        (Aspect.FEE, None, "费用：十元；四川：不收费"),
        (Aspect.FEE, Region.SICHUAN, "费用：不收费"),
        (Aspect.FEE, Region.CHONGQING, "费用：十元"),
        (Aspect.TIME, None, "多久：重庆：当天"),
        (Aspect.TIME, Region.CHONGQING, "多久：当天"),
        (Aspect.CHANNEL, None, "在哪办：四川：四川窗口；重庆：重庆窗口"),
    ],
)
def test_only_the_aspect_asked_is_said(aspect: Aspect, region: Region | None, words: str) -> None:
    assert said(Answer(RULES, aspect, region)).text == words


@pytest.mark.parametrize(
    "aspect, region",
    [(Aspect.AGENT_DOCUMENTS, None), (Aspect.TIME, Region.SICHUAN), (Aspect.AGENT_DOCUMENTS, Region.SICHUAN)],
)
def test_an_aspect_that_nobody_stated_gets_the_whole_answer(aspect: Aspect, region: Region | None) -> None:
    assert said(Answer(RULES, aspect, region)).text == said(Answer(RULES, None, region)).text


@pytest.mark.parametrize("aspect", Aspect)
@pytest.mark.parametrize("spoken", LANGUAGES)
def test_each_aspect_has_its_own_label(aspect: Aspect, spoken: Language) -> None:
    def labelled(one: Aspect) -> str:
        return said(
            Answer(replace(PLAIN, said=Saying(PLAIN.said.answer, {one: Name("…", "…")})), one), spoken
        ).text

    assert labelled(aspect).endswith("…")
    assert labelled(aspect) != "…"
    assert [one for one in Aspect if labelled(one) == labelled(aspect)] == [aspect]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_what_an_entry_says_is_said_as_it_stands(spoken: Language) -> None:
    odd = Name("{what} {hotline} {0} 100%", "{what} {hotline} {0} 100%")
    entry = replace(PLAIN, said=Saying(odd, {Aspect.FEE: odd}), regions={Region.SICHUAN: Saying(odd)})
    assert said(Answer(entry), spoken).text.count(odd.zh) == 3
    assert said(Decline(Why.ELSEWHERE, entry), spoken).text == odd.zh


# -- voices --


@pytest.mark.parametrize(
    "voice, region, words",
    [
        (Voice.PHONE, None, "请先挂失。"),
        (Voice.PHONE, Region.SICHUAN, "在四川，请先挂失。"),
        (Voice.PHONE, Region.CHONGQING, "请先挂失。"),
        (Voice.SMS, None, "先挂失，再补卡。"),
        (Voice.SMS, Region.SICHUAN, "先挂失，再补卡。"),
        (Voice.SMS, Region.CHONGQING, "在重庆，先挂失。"),
    ],
)
@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("aspect", [None, Aspect.FEE])
def test_a_script_is_chinese_and_whole_with_the_regions_own_first(
    voice: Voice, region: Region | None, words: str, spoken: Language, aspect: Aspect | None
) -> None:
    assert said(Answer(RULES, aspect, region), spoken, voice).text == words


# -- what to choose next --


@pytest.mark.parametrize(
    "spoken, titles", [(SIMPLIFIED, ("怎么补", "解挂")), (ENGLISH, ("Replace it", "Cancel it"))]
)
def test_an_answer_leads_on_to_its_see_in_that_order(spoken: Language, titles: tuple[str, ...]) -> None:
    cancel = replace(PLAIN, id="cancel", title=Name("解挂", "Cancel it"))
    replaced = replace(PLAIN, id="replace", title=Name("怎么补", "Replace it"))
    entry = replace(PLAIN, see=("replace", "cancel"))
    reply = said(Answer(entry), spoken, entries=[cancel, entry, replaced])
    assert reply.buttons == (_button("replace", titles[0]), _button("cancel", titles[1]))
    assert reply.is_answer


@pytest.mark.parametrize(
    "spoken, text, title",
    [
        (SIMPLIFIED, "您想问的是哪一个？", "挂失"),
        (ENGLISH, "Which of these do you mean?", "Report the loss"),
    ],
)
def test_a_choice_asks_which_and_names_each(spoken: Language, text: str, title: str) -> None:
    reply = said(Clarify((RULES, PLAIN)), spoken)
    assert reply == Reply(text, (_button("rules", title), _button("plain", title)), (), is_answer=False)


# -- declining --


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_each_reason_to_decline_has_its_own_words_and_a_person_to_call(spoken: Language) -> None:
    replies = {why: said(Decline(why), spoken) for why in Why}
    assert len({reply.text for reply in replies.values()}) == len(Why)
    assert [why for why, reply in replies.items() if HOTLINE in reply.text] == [Why.ELSEWHERE, Why.UNSURE]
    assert {reply[1:] for reply in replies.values()} == {((), (), False, None)}


@pytest.mark.parametrize("spoken, words", [(SIMPLIFIED, "先挂失。"), (ENGLISH, "Report it first.")])
@pytest.mark.parametrize("why", Why)
def test_an_entry_declines_in_its_own_words(spoken: Language, words: str, why: Why) -> None:
    assert said(Decline(why, RULES), spoken) == Reply(words)


def test_the_hotline_is_the_one_in_the_contacts(adviser: Adviser) -> None:
    contacts = adviser.knowledge.reference.contacts
    assert adviser.hotline == contacts["hotline"].phone
    moved = {**contacts, "hotline": replace(contacts["hotline"], phone=HOTLINE)}
    reference = replace(adviser.knowledge.reference, contacts=moved)
    assert Adviser(replace(adviser.knowledge, reference=reference), adviser.matcher).hotline == HOTLINE


# -- sources --


@pytest.mark.parametrize(
    "tier, dated, chinese, english",
    [
        (
            Tier.A,
            "2023-07-28",
            "某通知（2023-07-28） https://x.example/a",
            "某通知 (2023-07-28) https://x.example/a",
        ),
        (Tier.A, "", "某通知 https://x.example/a", "某通知 https://x.example/a"),
        (Tier.B, "2019", "某通知（2019）", "某通知 (2019)"),
        (Tier.B, "", "某通知", "某通知"),
        (Tier.C, "", "某通知", "某通知"),
    ],
)
def test_a_source_has_its_day_and_only_the_authoritys_own_page_its_address(
    tier: Tier, dated: str, chinese: str, english: str
) -> None:
    source = Source("one", "某通知", "https://x.example/a", dated, tier, "national", ("七天",))
    for spoken, line in ((SIMPLIFIED, chinese), (ENGLISH, english)):
        assert said(Answer(replace(PLAIN, sources=(source,))), spoken).sources == (line,)


# -- languages --


@pytest.mark.parametrize(
    "code, spoken", [("zh", SIMPLIFIED), ("en", ENGLISH), ("fr", SIMPLIFIED), ("", SIMPLIFIED)]
)
def test_what_is_not_english_is_answered_in_chinese(code: str, spoken: Language) -> None:
    assert language(code) is spoken


def test_every_sentence_has_its_chinese_and_none_is_left_over() -> None:
    assert catalogue_faults(BOT) == []


@pytest.mark.parametrize(
    "code, written, fault",
    [
        ('say("One {n}")', {}, "is not in the catalogue"),
        ('mark("One {n}")', {}, "is not in the catalogue"),
        ("", {"One {n}": "一 {n}"}, "is said nowhere"),
        ('say("One {n}")', {"One {n}": " "}, "has no Chinese"),
        ('say("One {n}")', {"One {n}": "一"}, "fills in other names"),
        ('say("One {n}")', {"One {n}": "One {n}"}, "is still English"),
    ],
)
def test_a_fault_of_a_catalogue_is_found(
    tmp_path: Path, code: str, written: Mapping[str, str], fault: str
) -> None:
    (tmp_path / "locale").mkdir()
    (tmp_path / "code.py").write_text(code, encoding="utf-8")
    po = "".join(f'msgid "{sentence}"\nmsgstr "{chinese}"\n\n' for sentence, chinese in written.items())
    (tmp_path / "locale" / "zh.po").write_text(po, encoding="utf-8")
    assert catalogue_faults(tmp_path) == [(fault, "One {n}")]


# -- the message --


class Sayable(NamedTuple):
    """All that can be said of what is known, before anybody asks."""

    adviser: Adviser
    texts: frozenset[str]
    buttons: frozenset[Button]
    sources: frozenset[str]

    def holds(self, reply: Reply) -> bool:
        return (
            reply.text in self.texts
            and self.buttons.issuperset(reply.buttons)
            and self.sources.issuperset(reply.sources)
        )


@pytest.fixture(scope="module")
def sayable(adviser: Adviser) -> Sayable:
    entries = adviser.knowledge.entries
    answers = (
        Answer(entry, aspect, region)
        for entry, aspect, region in product(entries.values(), [None, *Aspect], [None, *Region])
    )
    declines = (Decline(why, entry) for why, entry in product(Why, [None, *entries.values()]))
    decisions: list[Decision] = [*answers, *declines, Clarify(tuple(entries.values()))]
    replies = [
        phrase(decision, entries, adviser.hotline, spoken, voice)
        for decision in decisions
        for spoken, voice in product(LANGUAGES, Voice)
    ]
    return Sayable(
        adviser,
        frozenset(reply.text for reply in replies),
        frozenset(button for reply in replies for button in reply.buttons),
        frozenset(source for reply in replies for source in reply.sources),
    )


def answered(adviser: Adviser, message: str, spoken: Language, voice: Voice) -> tuple[Decision, Reply]:
    decision = adviser.advise(message).decision
    return decision, phrase(decision, adviser.knowledge.entries, adviser.hotline, spoken, voice)


@given(st.data(), st.sampled_from(LANGUAGES), st.sampled_from(Voice))
def test_every_reply_could_be_written_down_before_anybody_asked(
    sayable: Sayable, data: st.DataObject, spoken: Language, voice: Voice
) -> None:
    known = st.sampled_from(
        [text for entry in sayable.adviser.knowledge.entries.values() for text in entry.asked]
    )
    message = "".join(data.draw(st.lists(st.one_of(st.text(max_size=40), known), max_size=4)))
    assert sayable.holds(answered(sayable.adviser, message, spoken, voice)[1])


def test_that_holds_for_answers_choices_and_declines_and_for_nothing_more(
    sayable: Sayable,
) -> None:
    mark = "zqxv7719"
    asked = [entry.asked[0] for entry in sayable.adviser.knowledge.entries.values()]
    messages = [*asked, *(one + other for one, other in pairwise(asked)), ""]
    told = [answered(sayable.adviser, message + mark, SIMPLIFIED, Voice.FULL) for message in messages]
    assert {type(decision) for decision, _ in told} == {Answer, Clarify, Decline}
    assert [reply for _, reply in told if not sayable.holds(reply) or mark in repr(reply)] == []
    assert not any(sayable.holds(reply._replace(text=reply.text + mark)) for _, reply in told)
