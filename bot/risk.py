"""How often a match like this one is wrong: a score made into "N of 100".

A logistic curve over a few signs. `python -m benchmarks.risk` fits it on faq/yardstick/ – questions that are in no
phrase – and says how well it predicts those it was not fitted on.
"""

import math
from operator import mul
from typing import Final, NamedTuple

from bot.match import ALIKE, THREAD, Matches

_WIDEST_MARGIN: Final = 30.0
_MOST_UNITS: Final = 60


class Signs(NamedTuple):
    """What tells a good match from a bad one."""

    score: float
    margin: float  # before the best entry of another intent
    alike: float  # to its own most alike phrase, 0 to 1
    ahead: float  # alike, before the most alike phrase of another intent
    familiar: float  # 0 to 1
    names_card: float
    says_card: float  # 卡, and not which
    on_card: float  # the match is
    card_named: float  # both
    length: float


# What each sign adds to the log odds of being right; printed by benchmarks.risk.
INTERCEPT: Final = -5.324
SLOPES: Final = Signs(
    score=0.304,
    margin=1.978,
    alike=1.723,
    ahead=1.882,
    familiar=1.959,
    names_card=1.160,
    says_card=0.992,
    on_card=-1.810,
    card_named=1.042,
    length=0.876,
)


def wrong_of_100(matches: Matches) -> float:
    """How many of 100 matches like the first one are wrong; 100 when there is none."""
    if not matches.ranked:
        return 100.0
    odds = INTERCEPT + sum(map(mul, SLOPES, signs(matches)))
    return 100 / (1 + math.exp(odds))


def signs(matches: Matches) -> Signs:
    """The signs of a match; `matches` holds at least one."""
    top = matches.top
    alike = top.parts[ALIKE]
    rivals = [one.parts[ALIKE] for one in matches.ranked if one.entry.intent != top.entry.intent]
    # What was said before names the card as well as any word.
    names_card = float(matches.names_card or top.parts[THREAD] > 0)
    on_card = float(top.entry.is_card)
    return Signs(
        score=top.score / 10,
        margin=min(matches.margin, _WIDEST_MARGIN) / 10,
        alike=alike / 10,
        ahead=(alike - max(rivals, default=0.0)) / 10,
        familiar=matches.familiar,
        names_card=names_card,
        says_card=float("plain-card" in matches.meanings and not names_card),
        on_card=on_card,
        card_named=on_card * names_card,
        length=math.log1p(min(matches.length, _MOST_UNITS)),
    )
