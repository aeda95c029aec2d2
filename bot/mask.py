"""What tells who a person is, taken out of a message before anything is written.

Law: seven digits or more in one run are masked whole, unless all of the run reads as a date, a time, a short code or
a position. When in doubt, mask.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

MASK: Final = "***"
_FEWEST: Final = 7  # digits: a local phone number, and the shortest number on a card or permit
_ID_WITHOUT_CHECK: Final = 17  # digits of an 身份证号 before its last, which may be an X

# --- letters as they are meant

_SILENT: Final = frozenset({"Cf", "Cc", "Mn", "Me"})
_FILLERS: Final = "\u115f\u1160"  # letters to Unicode, but nothing is seen
_SPOKEN: Final = "〇一二三四五六七八九"
_NUMERALS: Final = {
    ord(written): spoken
    for forms, spoken in zip(
        ("零○◯", "壹幺", "贰貳两兩", "叁", "肆", "伍", "陆陸", "柒", "捌", "玖"),
        _SPOKEN,
        strict=True,
    )
    for written in forms
}
_AS_DIGITS: Final = {ord(spoken): str(digit) for digit, spoken in enumerate(_SPOKEN)}
# --- runs

# Our own mask joins nothing, or a second pass would see the numbers beside it as one.
_RUN: Final = re.compile(rf"[\d{_SPOKEN}](?:(?:(?!\*\*\*)[\W_]){{0,3}}[\d{_SPOKEN}])*")
_NOT_DIGIT: Final = re.compile(rf"[^\d{_SPOKEN}]+")
_LETTERS_BEFORE: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]{1,2}\Z")
_CHECK_LETTER: Final = re.compile(r"[\W_]{0,2}[Xx×](?![A-Za-z\d])")

# --- shapes that may stay, so narrow that hardly a number of a person can be written as one

_JOIN: Final = r"[^\w:.]{1,3}"
_TO: Final = "[-~—–]"
_MONTH: Final = "(?:1[0-2]|0?[1-9])"
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])"
_MONTH_DAY: Final = rf"{_MONTH}[-./]{_DAY}"
_SINCE_2000: Final = "|".join(
    rf"20\d\d{cut}{_MONTH}(?:{cut}{_DAY}|(?!{cut}\d\d?(?!\d)))" for cut in ("-", r"\.", "/")
)
_SINCE_1900: Final = "|".join(rf"(?:19|20)\d\d{cut}{_MONTH}{cut}{_DAY}" for cut in ("-", r"\.", "/"))
_TIME: Final = r"(?:2[0-4]|[01]?\d):[0-5]\d(?::[0-5]\d)?"
_AREA: Final = r"0(?:10|2\d|[3-9]\d\d)"
_FIVE: Final = r"(?:123\d\d|100\d\d|9[56]\d{3})"
_CODE: Final = rf"(?:{_AREA}[^\w:.]{{1,2}})?(?:{_FIVE}|11[0249]|12[02])"
_ITEM: Final = "|".join(
    (
        rf"(?:{_SINCE_2000})(?:{_TO}{_MONTH_DAY})?",
        rf"{_MONTH_DAY}(?:{_TO}{_MONTH_DAY})?(?={_JOIN}\d\d?:)",
        _TIME,
        _CODE,
    )
)
_SMALL: Final = rf"\d\d?(?:{_TO}\d\d?)?"  # of what comes before or after: 9:00-17:30，3-5个工作日
_LIST: Final = rf"(?:(?!0){_SMALL}[^\w:]{{1,3}})?(?:{_ITEM})(?:{_JOIN}(?:{_ITEM})){{0,7}}(?:{_JOIN}{_SMALL})?"
_ALONE: Final = "|".join(
    (
        r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",
        _SINCE_1900,
        _AREA + _FIVE,
        rf"(?:19|20)\d\d{_TO}(?:19|20)\d\d",
        rf"{_MONTH}[./]{_DAY}{_JOIN}{_MONTH}[./]{_DAY}",
    )
)
# Numerals at the ends belong to words: 周一、三、五09:00-17:30，一般; 023-12333一直打不通.
_SHAPE: Final = re.compile(
    rf"(?:[{_SPOKEN}][^\w:]{{0,3}}){{0,5}}(?:{_LIST}|{_ALONE})(?:[^\w:]{{0,3}}[{_SPOKEN}]){{0,3}}"
)
_MONEY: Final = re.compile(rf"[1-9]\d{{0,4}}{_TO}[1-9]\d{{0,4}}[元块]")
_NAMES_ONE: Final = re.compile(  # a mobile number; an 身份证号 of 15 digits: province, place, date of birth
    r"(?:(?:00)?86)?1[3-9]\d{9}"
    r"|(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{6}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}"
)
_LETTERED: Final = re.compile(r"(?:[A-Za-z]|(?<![A-Za-z])[A-Za-z][\W_])\Z")

# --- positions, anywhere on land in China

_LATITUDE: Final = r"(?:[1-4]\d|5[0-4])"
_LONGITUDE: Final = r"(?:7[3-9]|[89]\d|1[0-2]\d|13[0-6])"
_CUT: Final = r"\.\d{2,6}"
_POSITION: Final = re.compile(
    rf"{_LATITUDE}{_CUT}[, ]{{1,2}}{_LONGITUDE}{_CUT}|{_LONGITUDE}{_CUT}[, ]{{1,2}}{_LATITUDE}{_CUT}"
)
_DEGREES: Final = re.compile(rf"(?:{_LATITUDE}|{_LONGITUDE})\.\d{{3,4}}")
_BEYOND_TWO_DECIMALS: Final = re.compile(r"(?<=\.\d\d)\d+")

# --- doors

_PART: Final = rf"[A-Za-z]?[\d{_SPOKEN}十百]{{1,5}}(?:[-—–之][\d{_SPOKEN}]{{1,5}}){{0,3}}[A-Za-z]?"
_NUMBER: Final = rf"附?(?:{_PART}|[A-Za-z](?=[栋棟幢座]))"
_UNIT: Final = r" ?(?:号楼|号院|[号號](?![线線窗])|[单單]元|[栋棟幢座楼樓层層室组組社弄#])"
_LINK: Final = rf"(?: ?[-,]? ?{_NUMBER}{_UNIT})"
_LAST: Final = r"(?:(?:-\d{1,4}){1,3}|(?<![号號]) ?\d{3,4})(?![\d年月日点时:个元天])"
_MORE: Final = rf"{_LINK}{{0,6}}(?:{_LAST})?"
_ROAD: Final = "(?:[路街巷村]|[大街干]道|[一二三四五六七八九十]段|小区)"
_DOORS: Final = (
    re.compile(rf"{_ROAD} ?(?P<door>{_NUMBER}{_UNIT}{_MORE})"),
    re.compile(rf"(?P<door>(?:{_NUMBER}{_UNIT} ?)?{_NUMBER}[单單]元{_MORE})"),
)


# --- most messages: characters that are what they look like, few digits, none before what numbers a door

_EVERYDAY: Final = re.compile("[A-Za-z0-9\u4e00-\u9fff \n,!?()，。？！、：；（）《》“”…-]*")
_DIGIT: Final = re.compile(rf"[0-9{_SPOKEN}{''.join(map(chr, _NUMERALS))}]")
_DOOR: Final = re.compile(rf"(?:{_DIGIT.pattern}|[A-Za-z十百])\s*[号號单單栋棟幢座楼樓层層室组組社弄]")


class _Copy(NamedTuple):
    """The text in plain letters, and where each of them stood: disguises are seen through, nothing is lost."""

    text: str
    starts: list[int]
    ends: list[int]


class _Edit(NamedTuple):
    start: int
    end: int
    put: str


def masked(text: str) -> str:
    """The text without numbers that name a person, and with positions at two decimals; else as it was.

    Masking twice is masking once.
    """
    if not any(map(str.isnumeric, text)) or _is_harmless(text):
        return text
    copy = _plain_copy(text)
    return _edited(text, sorted([*_numbers(copy), *_doors(copy)]))


def _is_harmless(text: str) -> bool:
    """Whether it can be told at a glance that nothing is to be masked: three of four messages with numerals."""
    few = len(_DIGIT.findall(text)) < _FEWEST
    return few and _EVERYDAY.fullmatch(text) is not None and _DOOR.search(text) is None


def _plain_copy(text: str) -> _Copy:
    copy = _Copy("", [], [])
    letters: list[str] = []
    for at, character in enumerate(text):
        plain = _plain(character)
        if copy.ends and (not plain or plain == letters[-1] == " "):
            copy.ends[-1] = at + 1
            continue
        letters += plain
        copy.starts.extend([at] * len(plain))
        copy.ends.extend([at + 1] * len(plain))
    return copy._replace(text="".join(letters))


@lru_cache(maxsize=8_192)
def _plain(character: str) -> str:
    """Half width, without circles; a digit of any script as ours, a numeral as 〇 to 九; nothing for the unseen."""
    return "".join(map(_meant, unicodedata.normalize("NFKC", character)))


def _meant(character: str) -> str:
    if character.isspace():
        return " "
    kind = unicodedata.category(character)
    if kind in _SILENT or character in _FILLERS:
        return ""
    if kind.startswith("N") and character not in _SPOKEN:
        value = unicodedata.numeric(character, -1.0)
        return str(int(value)) if value.is_integer() and value >= 0 else character
    return character.translate(_NUMERALS)


def _numbers(copy: _Copy) -> Iterator[_Edit]:
    for found in _RUN.finditer(copy.text):
        start, end = found.span()
        put = _instead(copy.text, start, end)
        if put == MASK:
            start, end = _with_letters(copy.text, start, end)
        if put != found[0]:
            yield _Edit(copy.starts[start], copy.ends[end - 1], put)


def _instead(text: str, start: int, end: int) -> str:
    run = text[start:end]
    if len(_digits(run)) < _FEWEST:
        return _coarse(run) if _DEGREES.fullmatch(run) else run
    if _is_numbered(run, text[max(0, start - 3) : start]):
        return MASK
    if _POSITION.fullmatch(run):
        return _coarse(run)
    return run if _SHAPE.fullmatch(run) or _MONEY.fullmatch(text[start : end + 1]) else MASK


def _is_numbered(run: str, before: str) -> bool:
    """Whether it is a mobile number, an old 身份证号, or behind a letter as on cards, whatever else it looks like."""
    return ":" not in run and bool(_LETTERED.search(before) or _NAMES_ONE.fullmatch(_digits(run)))


def _digits(run: str) -> str:
    return _NOT_DIGIT.sub("", run).translate(_AS_DIGITS)


def _coarse(position: str) -> str:
    return _BEYOND_TWO_DECIMALS.sub("", position)


def _with_letters(text: str, start: int, end: int) -> tuple[int, int]:
    """The run and the letters that are part of the number: those before it, and the X of an 身份证号."""
    before = _LETTERS_BEFORE.search(text[max(0, start - 3) : start])
    after = _CHECK_LETTER.match(text, end) if len(_digits(text[start:end])) >= _ID_WITHOUT_CHECK else None
    return start - len(before[0]) if before else start, after.end() if after else end


def _doors(copy: _Copy) -> Iterator[_Edit]:
    for door in _DOORS:
        for found in door.finditer(copy.text):
            start, end = found.span("door")
            yield _Edit(copy.starts[start], copy.ends[end - 1], MASK)


def _edited(text: str, edits: Iterable[_Edit]) -> str:
    pieces: list[str] = []
    done = 0
    for edit in _apart(edits):
        pieces += text[done : edit.start], edit.put
        done = edit.end
    return "".join(pieces) + text[done:]


def _apart(edits: Iterable[_Edit]) -> list[_Edit]:
    """What touches is one."""
    apart: list[_Edit] = []
    for edit in edits:
        if apart and edit.start <= apart[-1].end:
            apart[-1] = _Edit(apart[-1].start, max(apart[-1].end, edit.end), MASK)
        else:
            apart.append(edit)
    return apart
