"""The yardstick: what its figures mean, that it learns nothing, and the baselines beside it."""

import json
import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.adviser import Adviser
from bot.baselines import make_baselines
from bot.decide import Answer, Clarify, Decision, Decline, Why
from bot.evaluate import Outcome, Question, evaluate, interval, read_questions, report, report_lines
from bot.faq import Knowledge
from bot.grams import grams, see
from bot.lexicon import Lexicon
from bot.match import Matcher
from bot.model import ADJACENT, OUT_OF_SCOPE, SMALL_TALK, Entry, Saying
from bot.reference import Reference
from locator.errors import FaultyFile
from locator.model import Name

LOST, CANCEL, FEE = "lost_general", "loss_cancel", "fee"
TIMES = {"p50_us", "p99_us"}


def entry(intent: str, *asked: str) -> Entry:
    return Entry(
        id=intent.replace("_", "-"),
        topic=Name("题", "Topic"),
        intent=intent,
        title=Name(asked[0], asked[0]),
        asked=asked,
        said=Saying(Name("答。", "Answer.")),
        regions={},
        services=(),
        opposite="",
        see=(),
        sources=(),
        reviewed=date(2026, 1, 1),
        review_by=date(2027, 1, 1),
    )


ENTRIES = {
    one.intent: one
    for one in (
        entry(LOST, "卡丢了怎么办", "社保卡不见了", "I lost my card"),
        entry(CANCEL, "卡找到了怎么解挂", "取消挂失", "cancel the loss report"),
        entry(FEE, "补卡要多少钱", "收费标准", "what does it cost"),
        entry(ADJACENT, "养老金什么时候涨", "怎么缴费", "pension increase"),
        entry(OUT_OF_SCOPE, "身份证丢了", "今天天气怎么样", "tell me a joke"),
        entry(SMALL_TALK, "你好", "谢谢", "hello"),
    )
}
MEANINGS = {"things": {"card": "社保卡 卡 card", "lost": "丢了 不见 lost"}}
ADVISER = Adviser(
    Knowledge({one.id: one for one in ENTRIES.values()}, Reference({}, {}, {}, MEANINGS)),
    Matcher(tuple(ENTRIES.values()), Lexicon(MEANINGS)),
)
PHRASES = [phrase for one in ENTRIES.values() for phrase in one.asked]


def answer(intent: str) -> Answer:
    return Answer(ENTRIES[intent])


def choice(*intents: str) -> Clarify:
    return Clarify(tuple(ENTRIES[intent] for intent in intents))


UNSURE = Decline(Why.UNSURE)


def outcome(label: str, decision: Decision, rank: int = 1, risk: float = 5.0, **more: Any) -> Outcome:
    """`more`: top, the intent of the best entry, "" for none; register; microseconds."""
    question = Question.model_validate({"q": "…", "intent": label, "register": more.get("register")})
    top = ENTRIES.get(more.get("top", label))
    return Outcome(question, rank, decision, risk, top, more.get("microseconds", 1.0))


def figure(name: str, outcomes: Sequence[Outcome]) -> Any:
    return report(outcomes, ADVISER.matcher)[name]


# -- the figures --


def test_the_report_has_exactly_these_figures() -> None:
    made = report([outcome(LOST, answer(LOST), register="spoken")], ADVISER.matcher)
    assert (
        list(made)
        == (
            "n card_n top1 top3 mrr answered wrong_among_answered clarified clarify_right coverage_at_2pct_error"
            " oos_answered adjacent_right p50_us p99_us by_intent by_register baselines"
        ).split()
    )
    assert list(made["by_intent"]) == [LOST]
    assert list(made["by_register"]) == ["spoken"]
    assert made["by_intent"][LOST].keys() == {"n", "top1", "answered", "wrong_among_answered"}
    assert [one.keys() for one in made["baselines"].values()] == [{"top1", "mrr", "p50_us"}] * 4
    assert json.loads(json.dumps(made)) == made


RIGHT, WRONG = outcome(LOST, answer(LOST)), outcome(LOST, answer(FEE), rank=2, top=FEE)
POINTED = outcome(ADJACENT, answer(ADJACENT))
OUTSIDE = outcome(OUT_OF_SCOPE, Decline(Why.ELSEWHERE))


@pytest.mark.parametrize(
    "name, outcomes, value",
    [
        ("n", [], 0),
        ("n", [RIGHT, POINTED, OUTSIDE], 3),
        ("card_n", [RIGHT, POINTED, OUTSIDE], 1),
        # Ranks: of card questions, whatever was decided.
        ("top1", [], 0),
        ("top1", [RIGHT, WRONG], 1 / 2),
        ("top1", [outcome(LOST, UNSURE), WRONG], 1 / 2),
        ("top1", [WRONG, POINTED, OUTSIDE], 0),
        ("top3", [outcome(LOST, UNSURE, rank) for rank in (0, 1, 2, 3, 4)], 3 / 5),
        ("mrr", [outcome(LOST, UNSURE, rank) for rank in (0, 1, 2, 4)], 1.75 / 4),
        ("mrr", [], 0),
        # Answered: of card questions, by an entry on the card or a pointer beside it.
        ("answered", [RIGHT, WRONG, outcome(LOST, UNSURE), outcome(LOST, choice(LOST, FEE))], 2 / 4),
        ("answered", [outcome(LOST, answer(ADJACENT)), outcome(LOST, UNSURE)], 1 / 2),
        ("answered", [outcome(LOST, answer(SMALL_TALK))], 0),
        ("answered", [outcome(LOST, UNSURE), POINTED], 0),
        # Wrong: of all that were answered so, whatever their label.
        ("wrong_among_answered", [RIGHT, RIGHT, WRONG, outcome(LOST, UNSURE)], 1 / 3),
        ("wrong_among_answered", [RIGHT, outcome(LOST, answer(ADJACENT))], 1 / 2),
        ("wrong_among_answered", [RIGHT, POINTED, outcome(OUT_OF_SCOPE, answer(LOST)), OUTSIDE], 1 / 3),
        ("wrong_among_answered", [RIGHT, outcome(LOST, answer(SMALL_TALK))], 0),
        ("wrong_among_answered", [outcome(LOST, UNSURE)], 0),
        # Choices: of all questions; right when the label is among them.
        ("clarified", [RIGHT, outcome(ADJACENT, choice(LOST, FEE)), outcome(LOST, choice(LOST, FEE))], 2 / 3),
        ("clarify_right", [RIGHT, outcome(ADJACENT, choice(LOST, FEE)), outcome(LOST, choice(FEE, LOST))], 1 / 2),
        ("clarify_right", [RIGHT], 0),
        # Outside and beside.
        ("oos_answered", [OUTSIDE, outcome(OUT_OF_SCOPE, answer(LOST)), WRONG], 1 / 2),
        ("oos_answered", [outcome(OUT_OF_SCOPE, answer(ADJACENT)), outcome(OUT_OF_SCOPE, choice(LOST, FEE))], 0),
        ("adjacent_right", [POINTED, outcome(ADJACENT, answer(LOST)), outcome(ADJACENT, UNSURE), RIGHT], 1 / 3),
        # Times: of all.
        ("p50_us", [outcome(LOST, UNSURE, microseconds=taken) for taken in (1.0, 100.0, 7.0)], 7),
        ("p99_us", [outcome(LOST, UNSURE, microseconds=float(taken)) for taken in range(101)], 99),
        ("p50_us", [], 0),
    ],
)  # fmt: skip
def test_a_figure_is_what_its_definition_says(name: str, outcomes: Sequence[Outcome], value: float) -> None:
    assert figure(name, outcomes) == pytest.approx(value)


def surest_first(*right: bool) -> list[Outcome]:
    """Card questions, each a little less sure than the one before."""
    return [
        outcome(LOST, UNSURE, risk=float(place), top=LOST if held else FEE)
        for place, held in enumerate(right, start=1)
    ]


@pytest.mark.parametrize(
    "outcomes, value",
    [
        ([], 0),
        (surest_first(True, True, True), 1),
        (surest_first(True, True, False), 2 / 3),
        (surest_first(False, True, True), 0),
        (surest_first(*[True] * 48, False, True), 1),  # 1 of 50 is 2 %
        (surest_first(*[True] * 48, False), 48 / 49),
        (surest_first(False, *[True] * 49), 1),
        (surest_first(*[True] * 48, False, False, *[True] * 49), 48 / 99),
        (surest_first(*[True] * 48, False, False, *[True] * 50), 1),
        # A pointer given rightly is an answer, but not to a card question; small talk and what has no match is none.
        ([*surest_first(True), outcome(ADJACENT, UNSURE), outcome(SMALL_TALK, UNSURE)], 1),
        ([*surest_first(True, True), outcome(LOST, UNSURE, risk=9.0, top=SMALL_TALK)], 2 / 3),
        ([*surest_first(True, True), outcome(LOST, UNSURE, risk=9.0, top="")], 2 / 3),
        # An entry on the card is wrong for what is outside.
        ([outcome(OUT_OF_SCOPE, UNSURE, risk=0.0, top=LOST), *surest_first(True)[:1]], 0),
    ],
)
def test_coverage_takes_the_surest_while_two_of_a_hundred_are_wrong(
    outcomes: Sequence[Outcome], value: float
) -> None:
    assert figure("coverage_at_2pct_error", outcomes) == pytest.approx(value)
    assert figure("coverage_at_2pct_error", outcomes[::-1]) == pytest.approx(value)


def test_coverage_takes_what_is_equally_sure_together() -> None:
    equal = [outcome(LOST, UNSURE, top=LOST), outcome(LOST, UNSURE, top=FEE)]
    assert figure("coverage_at_2pct_error", equal) == 0
    assert figure("coverage_at_2pct_error", equal[::-1]) == 0


def test_groups_tell_each_label_and_register_apart() -> None:
    outcomes = [
        outcome(LOST, answer(LOST), register="dialect"),
        outcome(LOST, answer(FEE), 2, top=FEE, register="dialect"),
        outcome(LOST, UNSURE, 0),
        outcome(OUT_OF_SCOPE, answer(LOST), 2, register="typo"),
    ]
    by_intent, by_register = figure("by_intent", outcomes), figure("by_register", outcomes)
    assert by_intent[LOST] == pytest.approx(
        {"n": 3, "top1": 1 / 3, "answered": 2 / 3, "wrong_among_answered": 1 / 2}
    )
    assert by_intent[OUT_OF_SCOPE] == {"n": 1, "top1": 0, "answered": 1, "wrong_among_answered": 1}
    assert {name: one["n"] for name, one in by_register.items()} == {"dialect": 2, "typo": 1, "unnamed": 1}


def test_a_style_is_a_register_too() -> None:
    assert Question(q="…", intent=LOST, style="voice").manner == "voice"
    assert (
        Question.model_validate({"q": "…", "intent": LOST, "register": "typo", "style": "x"}).manner == "typo"
    )


@pytest.mark.parametrize(
    "right, n, low, high",
    [  # Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0000),
    ],
)
def test_the_interval_is_wilsons(right: int, n: int, low: float, high: float) -> None:
    assert interval(right / n, n) == pytest.approx((low, high), abs=5e-5)


def test_of_nothing_everything_is_possible() -> None:
    assert interval(0.0, 0) == (0.0, 1.0)


# -- asking --

ASKED = [
    Question.model_validate({"q": text, "intent": label})
    for text, label in (
        ("卡丢了怎么办", LOST),
        ("社保卡找不到了", LOST),
        ("找到了想解挂", CANCEL),
        ("补卡多少钱", FEE),
        ("养老金涨了吗", ADJACENT),
        ("讲个笑话", OUT_OF_SCOPE),
        ("hello", SMALL_TALK),
        ("？！", LOST),
        ("\x00卡" * 1_000, LOST),
    )
]


def without_times(made: dict[str, Any]) -> dict[str, Any]:
    return {
        name: without_times(value) if isinstance(value, dict) else value
        for name, value in made.items()
        if name not in TIMES
    }


def test_a_question_that_is_a_phrase_is_ranked_first_and_one_without_a_letter_nowhere() -> None:
    phrases = [Question(q=text, intent=one.intent) for one in ENTRIES.values() for text in one.asked]
    assert {
        name: one["top1"] for name, one in evaluate(phrases, ADVISER)["by_intent"].items()
    } == dict.fromkeys(sorted(ENTRIES), 1)
    strange = [Question(q=text, intent=OUT_OF_SCOPE) for text in ENTRIES[LOST].asked]
    assert evaluate(strange, ADVISER)["by_intent"][OUT_OF_SCOPE]["top1"] == 0
    empty = evaluate([Question(q="？！", intent=LOST)], ADVISER)
    assert (empty["mrr"], empty["answered"], empty["coverage_at_2pct_error"]) == (0, 0, 0)


def test_it_learns_nothing() -> None:
    first = without_times(evaluate(ASKED, ADVISER))
    assert without_times(evaluate(ASKED, ADVISER)) == first
    assert without_times(evaluate(ASKED[::-1], ADVISER)) == first
    others = [one.model_copy(update={"intent": CANCEL}) for one in ASKED]
    assert without_times(evaluate(others, ADVISER)) != first
    assert without_times(evaluate(ASKED, ADVISER)) == first


def test_the_table_says_every_figure_once() -> None:
    made = evaluate(ASKED, ADVISER)
    lines = list(report_lines(made))
    firsts = [line.split()[0] for line in lines if line.strip()]
    named = (made.keys() - {"n", "card_n", *TIMES, "baselines"}) | {"p50"}
    assert {name: firsts.count(name) for name in named} == dict.fromkeys(named, 1)
    assert lines[0] == f"{len(ASKED)} questions, {made['card_n']} of them on the card"
    assert [name for name in made["baselines"] if not any(line.startswith(name) for line in lines)] == []


# -- the file --


def test_a_file_of_questions_is_read(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(
        '{"q": "卡丢了", "intent": "lost_general", "register": "spoken", "id": 7}\n'
        "\n"
        '{"q": "卡\u2028丢了", "intent": "lost_general"}\n',
        encoding="utf-8",
    )
    assert [(one.q, one.intent, one.manner) for one in read_questions(path)] == [
        ("卡丢了", LOST, "spoken"),
        ("卡\u2028丢了", LOST, "unnamed"),
    ]


def test_every_faulty_line_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    lines = ['{"q": "a", "intent": "fee"}', "{", '{"q": 1}', "", '{"q": "b", "intent": "weather"}', "[]"]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(FaultyFile) as refused:
        read_questions(path)
    assert [(fault.where, fault.field) for fault in refused.value.faults] == [
        ("line 2", ""),
        ("line 3", "q"),
        ("line 3", "intent"),
        ("line 5", "intent"),
        ("line 6", ""),
    ]


# -- baselines --

FRUIT = ["apple pear", "apple apple plum", "fig"]


@pytest.mark.parametrize(
    "question, scores",
    [
        # Mean length 2; apple is in 2 of 3: ln 1.6; fig in 1: ln(1 + 2.5/1.5). Then the damped frequency.
        ("apple", [math.log(1.6) * 2.2 / 2.2, math.log(1.6) * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 1.5)), 0]),
        ("fig", [0, 0, math.log(1 + 2.5 / 1.5) * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 0.5))]),
        ("Apple, FIG!", [0.4700036, 0.5665797, 1.2330418]),
        ("apple apple", [0.9400073, 1.1331595, 0]),
        ("cherry", [0, 0, 0]),
        ("", [0, 0, 0]),
    ],
)
def test_bm25_is_okapis(question: str, scores: Sequence[float]) -> None:
    assert make_baselines(FRUIT)["BM25 words"](question) == pytest.approx(np.array(scores), abs=1e-6)


def cut(text: str) -> list[str]:
    return grams(see(text).units)


OURS = make_baselines(PHRASES)["TF-IDF character grams"]
PEER = TfidfVectorizer(analyzer=cut)
PEERS_PHRASES = PEER.fit_transform(PHRASES)


@given(st.lists(st.one_of(st.sampled_from(PHRASES), st.text(max_size=8)), max_size=4).map("".join))
def test_tf_idf_is_that_of_scikit_learn(question: str) -> None:
    theirs = (PEERS_PHRASES @ PEER.transform([question]).T).toarray()[:, 0]
    assert OURS(question) == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize(
    "name", ["BM25 words", "TF-IDF character grams", "rapidfuzz ratio", "rapidfuzz WRatio"]
)
def test_a_question_that_is_a_phrase_has_the_best_score(name: str) -> None:
    scorer = make_baselines(PHRASES)[name]
    assert [phrase for phrase in PHRASES if int(np.argmax(scorer(phrase))) != PHRASES.index(phrase)] == []
    assert int(np.argmax(scorer(PHRASES[0]))) != PHRASES.index(PHRASES[-1])
