"""What to do with a question: answer it, ask which of a few was meant, or decline.

Law: every threshold is here, and decide sees values only.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from bot.intent import Intent, Thread
from bot.match import ALIKE, ALIKE_COUNTS, INITIALS, Match, Matches
from bot.model import OUT_OF_SCOPE, SMALL_TALK, Aspect, Entry, Region
from bot.risk import wrong_of_100

# Of 100 answers given this surely, at most so many are expected to be wrong.
ANSWER_BELOW: Final = 15.0
# A pointer to whom to ask does less harm when it is wrong.
POINT_BELOW: Final = 25.0
# Above it, not even a choice of entries is worth offering.
CLARIFY_BELOW: Final = 75.0
# A choice is offered of entries that lie so near behind the best.
_NEAR_BEHIND: Final = 12.0
MOST_CHOICES: Final = 4
LEAST_CHOICES: Final = 2
_TALK_ALIKE: Final = 5.0  # of 10: how alike small talk must be to one of its phrases


class Why(StrEnum):
    """Why there is no answer."""

    EMPTY = "empty"  # no letter in it
    ELSEWHERE = "elsewhere"  # another document or matter
    UNSURE = "unsure"


class Answer(NamedTuple):
    """Say this entry."""

    entry: Entry
    aspect: Aspect | None = None  # what was asked of it, if not all
    region: Region | None = None
    risk: float = 0.0  # so many of 100 such answers are wrong


class Clarify(NamedTuple):
    """Ask which of these was meant."""

    entries: tuple[Entry, ...]
    region: Region | None = None
    risk: float = 0.0


class Decline(NamedTuple):
    """Say that there is no answer here, and who has one; `entry` says it better than we can in general."""

    why: Why
    entry: Entry | None = None


Decision = Answer | Clarify | Decline


def decide(intent: Intent, matches: Matches, thread: Thread) -> Decision:
    """One message, everything gathered, one decision."""
    if intent.goes_on and thread.entry is not None:
        return Answer(thread.entry, intent.aspect, intent.region)
    if not matches.ranked:
        return Decline(Why.EMPTY)
    risk = wrong_of_100(matches)
    kind = matches.top.entry.intent
    if kind == SMALL_TALK:
        return _talk(matches.top)
    if kind == OUT_OF_SCOPE:
        return Decline(Why.ELSEWHERE, matches.top.entry if risk <= CLARIFY_BELOW else None)
    return _answer(intent, matches, risk)


def _talk(top: Match) -> Decision:
    return Answer(top.entry) if top.parts[ALIKE] >= _TALK_ALIKE else Decline(Why.UNSURE)


def _answer(intent: Intent, matches: Matches, risk: float) -> Decision:
    """An answer when it is sure enough, else a choice, else none."""
    if is_phrase(matches.top) or risk <= (ANSWER_BELOW if matches.top.entry.is_card else POINT_BELOW):
        return Answer(matches.top.entry, None, intent.region, risk)
    choices = _choices(matches)
    if risk <= CLARIFY_BELOW and len(choices) >= LEAST_CHOICES:
        return Clarify(choices, intent.region, risk)
    return Decline(Why.UNSURE)


def is_phrase(top: Match) -> bool:
    """Whether the question is a phrase word for word: its author said whose it is. Initials may be anybody's."""
    return top.parts[ALIKE] >= ALIKE_COUNTS and not top.parts[INITIALS]


def _choices(matches: Matches) -> tuple[Entry, ...]:
    """The best few that can be answered at all: two, and those that lie near behind the best."""
    able = [one for one in matches.ranked if _is_choice(one)]
    near = [one for one in able if one.score >= matches.top.score - _NEAR_BEHIND]
    return tuple(one.entry for one in able[: max(LEAST_CHOICES, min(len(near), MOST_CHOICES))])


def _is_choice(match: Match) -> bool:
    return match.entry.intent not in (OUT_OF_SCOPE, SMALL_TALK)
