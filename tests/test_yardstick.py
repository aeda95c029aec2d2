"""The shipped knowledge on the labelled questions: it does not get worse unnoticed."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.adviser import Adviser
from bot.evaluate import evaluate, read_questions
from bot.match import Matcher

QUESTIONS = Path(__file__).parent / "questions"


@pytest.fixture(scope="module")
def held_out(adviser: Adviser) -> Mapping[str, Any]:
    return evaluate(read_questions(QUESTIONS / "held_out.jsonl"), adviser)


def test_questions_nobody_tuned_on_are_understood(held_out: Mapping[str, Any]) -> None:
    assert held_out["top1"] >= 0.90
    assert held_out["top3"] >= 0.97
    assert held_out["wrong_among_answered"] <= 0.03
    assert held_out["oos_answered"] <= 0.02


def test_most_questions_are_answered_and_not_only_declined(held_out: Mapping[str, Any]) -> None:
    assert held_out["answered"] >= 0.75
    assert held_out["adjacent_right"] >= 0.90


def test_the_matcher_is_ahead_of_every_lexical_method(held_out: Mapping[str, Any]) -> None:
    best = max(one["top1"] for one in held_out["baselines"].values())
    assert held_out["top1"] >= best + 0.05


def test_answers_that_belong_to_other_questions_are_counted_as_wrong(adviser: Adviser) -> None:
    """With every entry's phrases given to its neighbour, nothing of this holds."""
    entries = adviser.matcher.entries
    shifted = [
        replace(one, asked=other.asked) for one, other in zip(entries, entries[1:] + entries[:1], strict=True)
    ]
    wrong = replace(adviser, matcher=Matcher(shifted, adviser.matcher.lexicon))
    report = evaluate(read_questions(QUESTIONS / "held_out.jsonl"), wrong)
    assert report["top1"] < 0.5
    assert report["wrong_among_answered"] > 0.5
