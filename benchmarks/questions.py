"""Questions: how long from a text to its matches, with the whole of faq/ and with 100,000 phrases."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from benchmarks.figures import Figure
from bot.adviser import make_adviser
from bot.evaluate import read_questions
from bot.match import Matcher
from bot.model import Entry
from bot.settings import BotSettings
from bot.view import view
from locator.text import fold

_HERE = Path(__file__).parents[1]
YARDSTICK = _HERE / "faq" / "yardstick"
ALL_QUESTIONS = (*sorted(YARDSTICK.glob("*.jsonl")), _HERE / "tests" / "questions" / "held_out.jsonl")
COMMAND = [sys.executable, "-m", "bot", "ask", "卡落了咋个整"]
MANY = 100_000
BEFORE = ("请问", "你好", "那个", "麻烦问下", "我想问", "师傅", "在吗", "急", "咨询", "喂")
AFTER = (
    "谢谢",
    "在线等",
    "求解答",
    "有人晓得不",
    "怎么弄",
    "要好久",
    "在泸州",
    "在重庆",
    "网上看的",
    "昨天去了",
)


def figures() -> list[Figure]:
    questions = [one.q for path in ALL_QUESTIONS for one in read_questions(path)]
    adviser = make_adviser(BotSettings().faq)
    matcher, lexicon = adviser.matcher, adviser.matcher.lexicon
    phrases = [fold(phrase) for entry in matcher.entries for phrase in entry.asked]
    ours = _taken(lambda text: matcher.match(view(text, lexicon)), questions)
    theirs = _taken(lambda text: process.extract(fold(text), phrases, scorer=fuzz.WRatio), questions[:200])
    cold = statistics.median(_cold() for _ in range(7))
    many_us, many_mib = _many()
    return [
        Figure(f"{len(phrases):,} phrases: fold and match, median", _quantile(ours, 0.5), "µs", at_most=300),
        Figure(f"{len(phrases):,} phrases: fold and match, p99", _quantile(ours, 0.99), "µs", at_most=1_500),
        Figure(
            "the same by process.extract with WRatio, times ours",
            _quantile(theirs, 0.5) / _quantile(ours, 0.5),
            "×",
            at_least=8,
        ),
        Figure("`bot ask` from a cold shell, median of 7", cold, "s", at_most=1.5),
        Figure(f"{MANY:,} phrases: fold and match, median", many_us, "µs", at_most=3_000),
        Figure(f"{MANY:,} phrases: memory of the whole process at its peak", many_mib, "MiB", at_most=500),
    ]


def _taken(call: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    for text in questions[:50]:
        call(text)
    taken = []
    for text in questions:
        start = time.perf_counter_ns()
        call(text)
        taken.append((time.perf_counter_ns() - start) / 1_000)
    return taken


def _quantile(taken: Sequence[float], share: float) -> float:
    return float(np.quantile(taken, share))


def _cold() -> float:
    start = time.perf_counter()
    subprocess.run(COMMAND, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


# -- 100,000 phrases --


def _many() -> tuple[float, float]:
    done = subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, check=True, text=True)
    median_us, mebibytes = json.loads(done.stdout)
    return median_us, mebibytes


_LOAD = """
import json, resource
from benchmarks.questions import many_us
print(json.dumps([many_us(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def many_us() -> float:
    """Median microseconds with as many phrases as a town could write: ours, each in many settings."""
    adviser = make_adviser(BotSettings().faq)
    knowledge, lexicon = adviser.knowledge, adviser.matcher.lexicon
    matcher = Matcher(tuple(_grown(tuple(knowledge.entries.values()))), lexicon)
    questions = [one.q for one in read_questions(YARDSTICK / "card.jsonl")]
    return statistics.median(_taken(lambda text: matcher.match(view(text, lexicon)), questions))


def _grown(entries: Sequence[Entry]) -> Iterator[Entry]:
    each = MANY // len(entries) + 1
    for entry in entries:
        grown = (f"{before}{phrase}{after}" for before, after, phrase in product(BEFORE, AFTER, entry.asked))
        yield replace(entry, asked=tuple(islice(grown, each)))
