"""The yardstick, before and after a change: how well the labelled questions are understood, and which of them move.

Law: it judges and does not learn. The questions that are only for measuring are not among these: whoever publishes sees
every question that moves.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import TypeAdapter

from bot.adviser import Adviser
from bot.decide import Answer, Clarify, Decision
from bot.evaluate import Outcome, Question, ask, figures, is_wrong, offers, read_questions
from bot.model import OUT_OF_SCOPE

FOLDER: Final = "yardstick"  # below faq/
_ANSWER, _CHOICE, _NONE = "answer", "choice", "none"


class Verdict(NamedTuple):
    """What one question gets."""

    kind: str  # "answer", "choice" or "none"
    entries: tuple[str, ...]  # their ids
    is_right: bool


class Moved(NamedTuple):
    """A question that gets something else."""

    question: str
    intent: str  # its label
    before: Verdict
    after: Verdict


class Figures(NamedTuple):
    """Shares lie between 0 and 1; the others are numbers of questions."""

    questions: int
    top1: float
    coverage: float  # of questions on the card, with at most 2 % of the answers wrong
    wrong: int  # answers that are not the right one


class Replay(NamedTuple):
    before: Figures
    after: Figures
    moved: tuple[Moved, ...]


_JSON: Final = TypeAdapter(Replay)


def replay_json(replay: Replay) -> object:
    """For the database."""
    held: object = _JSON.dump_python(replay, mode="json")
    return held


def read_replay(value: object) -> Replay:
    return _JSON.validate_python(value)


def read_yardstick(faq: Path) -> list[Question]:
    """All labelled questions that are shipped. Raises FaultyFile."""
    return [question for path in sorted((faq / FOLDER).glob("*.jsonl")) for question in read_questions(path)]


def ask_all(questions: Sequence[Question], adviser: Adviser) -> list[Outcome]:
    return [ask(question, adviser) for question in questions]


def compare(before: Sequence[Outcome], after: Sequence[Outcome]) -> Replay:
    """Of the same questions, in the same order."""
    pairs = [(one.question, _verdict(one), _verdict(two)) for one, two in zip(before, after, strict=True)]
    moved = tuple(Moved(question.q, question.intent, one, two) for question, one, two in pairs if one != two)
    return Replay(_figures(before), _figures(after), moved)


def _figures(outcomes: Sequence[Outcome]) -> Figures:
    told = figures(outcomes)
    wrong = sum(is_wrong(one) for one in outcomes)
    return Figures(len(outcomes), told["top1"], told["coverage_at_2pct_error"], wrong)


def _verdict(one: Outcome) -> Verdict:
    return Verdict(*_given(one.decision), is_right=_is_right(one))


def _given(decision: Decision) -> tuple[str, tuple[str, ...]]:
    if isinstance(decision, Answer):
        return _ANSWER, (decision.entry.id,)
    if isinstance(decision, Clarify):
        return _CHOICE, tuple(entry.id for entry in decision.entries)
    return _NONE, ()


def _is_right(one: Outcome) -> bool:
    if isinstance(one.decision, Answer):
        return not is_wrong(one)
    return offers(one) or one.question.intent == OUT_OF_SCOPE
