"""Fits the curve of bot/risk.py: `python -m benchmarks.risk`.

On faq/yardstick/, which holds no phrase of faq/ and were written by others than the phrases. Prints the numbers to
put there, and how well such a curve predicts questions it was not fitted on (ten-fold cross-validation).
"""

from itertools import pairwise

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from benchmarks.questions import YARDSTICK
from bot.adviser import make_adviser
from bot.evaluate import read_questions
from bot.model import ADJACENT, CARD_INTENTS
from bot.risk import Signs, signs
from bot.settings import BotSettings
from bot.view import view

FITTED_ON = ("card.jsonl", "mixed.jsonl", "other.jsonl")
BANDS = (0, 2, 5, 10, 20, 40, 60, 80, 100)


def main() -> None:
    """Fit, and print."""
    matcher = make_adviser(BotSettings().faq).matcher
    seen: list[Signs] = []
    right: list[bool] = []
    for question in (one for name in FITTED_ON for one in read_questions(YARDSTICK / name)):
        matches = matcher.match(view(question.q, matcher.lexicon))
        if matches.ranked and matches.top.entry.intent in {*CARD_INTENTS, ADJACENT}:
            seen.append(signs(matches))
            right.append(matches.top.entry.intent == question.intent)
    held, truth = np.array(seen), np.array(right)
    curve = LogisticRegression(max_iter=5_000)
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    risk = 100 * cross_val_predict(curve, held, truth, cv=folds, method="predict_proba")[:, 0]
    curve.fit(held, truth)
    print(f"INTERCEPT: Final = {curve.intercept_[0]:.3f}")
    print("SLOPES: Final = Signs(")
    for name, slope in zip(Signs._fields, curve.coef_[0], strict=True):
        print(f"    {name}={slope:.3f},")
    print(f")\n\n{'risk':>10} {'n':>5} {'said':>6} {'wrong of 100':>13}")
    for low, high in pairwise(BANDS):
        band = (risk >= low) & (risk < high)
        if band.any():
            print(
                f"{low:>4} to {high:>3} {band.sum():>5} {risk[band].mean():>6.1f} {100 * (1 - truth[band].mean()):>13.1f}"
            )


if __name__ == "__main__":
    main()
