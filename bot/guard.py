"""What likeness alone gets wrong: negated words, opposites, other documents.

Law: a guard only takes away. It never makes an entry fit.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.lexicon import Found, Lexicon

# What a person may say not to mean: 不是挂失, 卡没丢, 没有注销过. Other deeds stand negated in ordinary questions
# (没激活, 用不了), and their forms are in the lexicon as they are.
_DENIABLE: Final = frozenset(
    "lost report unreport found-again replace break close expire forget change die gen3 apply complain".split()
)
_NEGATORS: Final = frozenset(
    [
        "没",
        "没有",
        "不是",
        "不想",
        "不用",
        "并非",
        "不要",
        "未",
        "无",
        "没得",
        "莫得",
        "not",
        "never",
        "isnt",
        "wasnt",
        "didnt",
    ]
)
_BETWEEN: Final = frozenset("要想来去问说再是被有把办给") | {"to", "been"}
_MOST_BETWEEN: Final = 2

# Naming one of these, a question with another document in it may still be about the card.
_OWN: Final = frozenset(
    """
    card ecard plain-card new-card old-card temp-card no-card gen3 gen2 e-voucher social-function bank-function
    social-insurance medical-insurance pension-insurance benefit
    """.split()
)
# 带身份证, 没得身份证: a document to bring is not what the question is about.
_BROUGHT: Final = frozenset("带要拿凭用没得持") | {"need", "bring", "with", "without"}
# Groups of the lexicon.
ELSEWHERE, DEEDS = "elsewhere", "deeds"


def denied(units: Sequence[str], found: Iterable[Found]) -> list[tuple[int, int]]:
    """The spans (from, to) of deeds that the text says it does not mean, each with its negator."""
    return [
        (start, one.end)
        for one in found
        if one.meaning in _DENIABLE and (start := _negator(units, one.start)) is not None
    ]


def _negator(units: Sequence[str], end: int) -> int | None:
    """Where the negator begins that stands before `end`, with at most two small words between; 是不是 is none."""
    for between in range(_MOST_BETWEEN + 1):
        stop = end - between
        if not _BETWEEN.issuperset(units[stop:end]):
            break
        for length in (2, 1):
            start = stop - length
            if start >= 0 and "".join(units[start:stop]) in _NEGATORS:
                return None if _asks_whether(units, start, stop) else start
    return None


def _asks_whether(units: Sequence[str], start: int, stop: int) -> bool:
    """是不是, 要不要, 用不用, 有没有, 丢没丢: the word before the negator comes again."""
    if start == 0:
        return False
    return units[start - 1] == units[stop - 1] or (stop < len(units) and units[start - 1] == units[stop])


def kept(units: Sequence[str], spans: Iterable[tuple[int, int]]) -> list[str]:
    """What is left of the text without the spans, in pieces."""
    gone = {number for start, end in spans for number in range(start, end)}
    text = "".join(
        " " if number in gone else (f" {unit} " if unit.isascii() else unit)
        for number, unit in enumerate(units)
    )
    return text.split()


def speaks_of_another_document(units: Sequence[str], found: Sequence[Found], lexicon: Lexicon) -> bool:
    """身份证丢了, SIM卡锁了: another document or account is what the question is about, and the card is not named."""
    elsewhere = lexicon.groups.get(ELSEWHERE, frozenset())
    others = [one for one in found if one.meaning in elsewhere]
    if not others or any(one.meaning in _OWN for one in found):
        return False
    return not all(_is_brought(units, one.start) for one in others)


def _is_brought(units: Sequence[str], start: int) -> bool:
    return not _BROUGHT.isdisjoint(units[max(0, start - 2) : start])


def deeds_of(meanings: Iterable[str], lexicon: Lexicon) -> frozenset[str]:
    """What is done, of all that is meant."""
    return lexicon.groups.get(DEEDS, frozenset()).intersection(meanings)


def opposed(asked: frozenset[str], own: frozenset[str], opposite: frozenset[str]) -> bool:
    """Whether the question names what the opposite does, and nothing that this entry does."""
    return bool(own and opposite) and not asked & (own - opposite) and bool(asked & (opposite - own))
