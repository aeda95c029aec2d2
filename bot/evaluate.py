"""The yardstick: how well labelled questions are understood, beside what lexical methods alone achieve.

Law: it never learns from the questions. Terms:

* a card question has a label of the card; `adjacent` and `out_of_scope` are no card questions;
* top1, top3 and mrr rank the entries by score, whatever is decided, and compare an entry's intent with the label;
* answered: an Answer on the card or an adjacent pointer was given; wrong: its intent is not the label;
* a clarify is right if an entry of the label is among its choices;
* adjacent_right: an adjacent question was answered by an adjacent pointer;
* oos_answered: an out_of_scope question was answered with an entry on the card;
* coverage_at_2pct_error: the share of card questions that could be answered if 2 % of all answers may be wrong.
"""

import math
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.adviser import Adviser
from bot.decide import Answer, Clarify, Decision
from bot.match import Matcher
from bot.model import ADJACENT, CARD_INTENTS, INTENTS, OUT_OF_SCOPE, Entry
from bot.risk import wrong_of_100
from locator.errors import Fault, FaultyFile

TOLERATED: Final = 0.02


class Question(BaseModel):
    """One line of the file; other members are let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    q: str
    intent: str
    register_: str | None = Field(None, alias="register")
    style: str | None = None

    @property
    def is_card(self) -> bool:
        return self.intent in CARD_INTENTS

    @property
    def manner(self) -> str:
        return self.register_ or self.style or "unnamed"


class Outcome(NamedTuple):
    """What became of one question."""

    question: Question
    rank: int  # of the first entry with the right intent, from 1; 0: none
    decision: Decision
    risk: float  # expected wrong of 100 such answers
    top: Entry | None
    microseconds: float


def read_questions(path: Path) -> list[Question]:
    """Raises FaultyFile with every faulty line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FaultyFile(path.name, [Fault("", "", f"cannot be read: {error}")]) from None
    questions, faults = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = Question.model_validate_json(line)
        except ValidationError as error:
            faults += [
                Fault(f"line {number}", ".".join(map(str, one["loc"])), one["msg"]) for one in error.errors()
            ]
            continue
        if question.intent not in INTENTS:
            faults.append(Fault(f"line {number}", "intent", "is not one of the labels"))
        questions.append(question)
    if not questions and not faults:
        faults.append(Fault("", "", "holds no question"))
    if faults:
        raise FaultyFile(path.name, faults)
    return questions


def evaluate(questions: Sequence[Question], adviser: Adviser) -> dict[str, Any]:
    """Ask every question, and report."""
    return report([ask(question, adviser) for question in questions], adviser.matcher)


def ask(question: Question, adviser: Adviser) -> Outcome:
    start = time.perf_counter_ns()
    advice = adviser.advise(question.q)
    taken = (time.perf_counter_ns() - start) / 1_000
    ranked = adviser.matcher.ranking(advice.seen)
    return Outcome(
        question=question,
        rank=_rank(question.intent, (entry.intent for entry in ranked)),
        decision=advice.decision,
        risk=wrong_of_100(advice.matches),
        top=ranked[0] if ranked else None,
        microseconds=taken,
    )


def _rank(intent: str, ranked: Iterable[str]) -> int:
    return next((rank for rank, found in enumerate(ranked, start=1) if found == intent), 0)


def report(outcomes: Sequence[Outcome], matcher: Matcher) -> dict[str, Any]:
    """All figures, by the names the README gives them; shares lie between 0 and 1."""
    return {
        **figures(outcomes),
        "by_intent": _grouped(outcomes, lambda one: one.question.intent),
        "by_register": _grouped(outcomes, lambda one: one.question.manner),
        "baselines": _baselines([one.question for one in outcomes if one.question.is_card], matcher),
    }


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Those of all questions together."""
    card = [one for one in outcomes if one.question.is_card]
    answered = [one for one in outcomes if _is_answered(one.decision)]
    clarified = [one for one in outcomes if isinstance(one.decision, Clarify)]
    outside = [one for one in outcomes if one.question.intent == OUT_OF_SCOPE]
    beside = [one for one in outcomes if one.question.intent == ADJACENT]
    taken = [one.microseconds for one in outcomes]
    return {
        "n": len(outcomes),
        "card_n": len(card),
        **_ranks([one.rank for one in card]),
        "answered": _share(_is_answered(one.decision) for one in card),
        "wrong_among_answered": _share(is_wrong(one) for one in answered),
        "clarified": _share(isinstance(one.decision, Clarify) for one in outcomes),
        "clarify_right": _share(offers(one) for one in clarified),
        "coverage_at_2pct_error": _coverage(outcomes),
        "oos_answered": _share(_is_answered(one.decision, card_only=True) for one in outside),
        "adjacent_right": _share(_points_beside(one.decision) for one in beside),
        "p50_us": _quantile(taken, 0.5),
        "p99_us": _quantile(taken, 0.99),
    }


def _is_answered(decision: Decision, *, card_only: bool = False) -> bool:
    if not isinstance(decision, Answer):
        return False
    return decision.entry.is_card or (not card_only and decision.entry.intent == ADJACENT)


def _points_beside(decision: Decision) -> bool:
    return isinstance(decision, Answer) and decision.entry.intent == ADJACENT


def is_wrong(one: Outcome) -> bool:
    """Whether an answer was given, and not the right one."""
    return isinstance(one.decision, Answer) and one.decision.entry.intent != one.question.intent


def offers(one: Outcome) -> bool:
    """Whether a choice was offered with the right one in it."""
    return isinstance(one.decision, Clarify) and any(
        entry.intent == one.question.intent for entry in one.decision.entries
    )


def _ranks(ranks: Sequence[int]) -> dict[str, float]:
    return {
        "top1": _share(rank == 1 for rank in ranks),
        "top3": _share(1 <= rank <= 3 for rank in ranks),
        "mrr": statistics.fmean(1 / rank if rank else 0.0 for rank in ranks) if ranks else 0.0,
    }


def _share(held: Iterable[bool]) -> float:
    counted = list(held)
    return sum(counted) / len(counted) if counted else 0.0


def _coverage(outcomes: Sequence[Outcome]) -> float:
    """Answer the surest first, what is equally sure together, for as long as at most 2 % of the answers are wrong."""
    offered = [
        one for one in outcomes if one.top is not None and (one.top.is_card or one.top.intent == ADJACENT)
    ]
    card = sum(one.question.is_card for one in outcomes)
    given = wrong = held = most = 0
    for _, group in groupby(sorted(offered, key=_risk), key=_risk):
        for one in group:
            given += 1
            wrong += one.top is not None and one.top.intent != one.question.intent
            held += one.question.is_card
        if wrong <= TOLERATED * given:
            most = held
    return most / card if card else 0.0


def _risk(one: Outcome) -> float:
    return one.risk


def _quantile(values: Sequence[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else 0.0


def _grouped(outcomes: Iterable[Outcome], key: Callable[[Outcome], str]) -> dict[str, dict[str, float]]:
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        groups[key(one)].append(one)
    return {name: _group(group) for name, group in sorted(groups.items())}


def _group(group: Sequence[Outcome]) -> dict[str, float]:
    answered = [one for one in group if _is_answered(one.decision)]
    return {
        "n": len(group),
        "top1": _share(one.rank == 1 for one in group),
        "answered": len(answered) / len(group),
        "wrong_among_answered": _share(is_wrong(one) for one in answered),
    }


# -- baselines --


def _baselines(questions: Sequence[Question], matcher: Matcher) -> dict[str, dict[str, float]]:
    from bot.baselines import make_baselines  # noqa: PLC0415 - scipy's matrices, which only this needs

    held = [(entry, phrase) for entry in matcher.entries for phrase in entry.asked]
    scorers = make_baselines([phrase for _, phrase in held])
    entries = [entry for entry, _ in held]
    return {name: _baseline(scorer, questions, entries) for name, scorer in scorers.items()}


def _baseline(
    scorer: Callable[[str], Any], questions: Sequence[Question], entries: Sequence[Entry]
) -> dict[str, float]:
    ranks, taken = [], []
    for question in questions:
        start = time.perf_counter_ns()
        scores = scorer(question.q)
        order = np.argsort(-scores, kind="stable") if scores.any() else ()
        taken.append((time.perf_counter_ns() - start) / 1_000)
        ranked = dict.fromkeys(entries[number].id for number in order)
        intents = {entry.id: entry.intent for entry in entries}
        ranks.append(_rank(question.intent, (intents[name] for name in ranked)))
    measured = _ranks(ranks)
    return {"top1": measured["top1"], "mrr": measured["mrr"], "p50_us": _quantile(taken, 0.5)}


def interval(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of n."""
    if not n:
        return 0.0, 1.0
    z = 1.959964
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return centre - half, centre + half


# -- for people --


def report_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """The report as a table; shares of card questions with their 95 % interval."""
    n, card = report["n"], report["card_n"]
    yield f"{n} questions, {card} of them on the card"
    for name in ("top1", "top3", "answered"):
        low, high = interval(report[name], card)
        yield f"{name:<24} {report[name]:>8.1%}   ({low:.1%} to {high:.1%})"
    yield f"{'mrr':<24} {report['mrr']:>8.3f}"
    for name in (
        "wrong_among_answered",
        "clarified",
        "clarify_right",
        "coverage_at_2pct_error",
        "oos_answered",
        "adjacent_right",
    ):
        yield f"{name:<24} {report[name]:>8.1%}"
    yield f"{'p50 / p99':<24} {report['p50_us']:>8.0f} / {report['p99_us']:.0f} µs"
    yield "\nbaselines, same phrases and questions"
    for name, one in report["baselines"].items():
        yield f"{name:<24} {one['top1']:>8.1%}   mrr {one['mrr']:.3f}   {one['p50_us']:.0f} µs"
    for title in ("by_register", "by_intent"):
        yield f"\n{title:<24} {'n':>5} {'top1':>7} {'answered':>9} {'wrong':>7}"
        for name, one in report[title].items():
            shares = f"{one['top1']:>7.1%} {one['answered']:>9.1%} {one['wrong_among_answered']:>7.1%}"
            yield f"{name:<24} {one['n']:>5} {shares}"
