"""The time a message speaks of: 周六下午, 明早9点半, 10月10号, tomorrow at 3pm.

Law: never a guess. A date that cannot be, a day of the moon's calendar, a range of days, a duration: no time at all.
Where only a day or a part of it is said, the hour is ours (PARTS), and `hour_named` says so.

Of several times the last one counts: what happened is told before what is asked (今天丢了，明天去行吗). Of those said
together (明天周六, 周六(10月10日), 周六还是周日) the most exact one counts, then the first.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeVar

from locator.hours import CHINA_TIME

MOST_READ: Final = 600  # characters

_T = TypeVar("_T")
_Span = tuple[int, int]


class When(NamedTuple):
    """A moment asked for."""

    at: datetime  # in CHINA_TIME
    hour_named: bool  # False: only a day, or a part of one, was named, and the hour is from PARTS
    spans: tuple[tuple[int, int], ...]  # the words on time in the text handed in, (start, end), in order


class Part(NamedTuple):
    """A part of the day. Times are minutes since midnight."""

    words: str  # a pattern
    chosen: int  # when no hour is named
    until: int  # said of today, it is not over before then
    earliest: int  # the hour its twelve hours begin with: 晚上8点 is 20:00, 晚上12点 is 24:00


class _Said(NamedTuple, Generic[_T]):
    """Something said. The first of its values that is not past counts; without any, it cannot be."""

    start: int
    end: int
    rank: int  # 0 is the most exact
    values: tuple[_T, ...]


class _Clock(NamedTuple):
    minute: int  # since the day's midnight; the small hours of a night go on past 1440
    until: int | None = None  # of a part of the day; None: the hour was named


# Stand where something was read, where nothing may be, and where a day was named that is not the one meant.
_READ: Final = "\x01"
_PASSED_OVER: Final = "\x02"
_ANOTHER_DAY: Final = "\x03"

# The patterns are in simplified characters. One for one, so that every place stays where it is.
_SIMPLER: Final = MappingProxyType(
    dict(
        zip(
            "週禮後點號兒兩鐘鍾現這陣國慶勞動節個時間裡裏會從過舊曆歷農陰臘問說聲證還險維氣級學長擊評贊選塊張樓線廣鎮來見題議開陽沒樣歲’鄉幾臺牀當經網請門馬黃",
            "周礼后点号儿两钟钟现这阵国庆劳动节个时间里里会从过旧历历农阴腊问说声证还险维气级学长击评赞选块张楼线广镇来见题议开阳没样岁'乡几台床当经网请门马黄",
            strict=True,
        )
    )
)

_PLAINER: Final = MappingProxyType(
    str.maketrans(_SIMPLER | dict(zip("，。！？：；（）", ",。!?:;()", strict=True)))
)

# -- numbers and parts of the day --

_ONES: Final = "[一二三四五六七八九]"
_NUMBER: Final = rf"(?:\d{{1,2}}|{_ONES}?十{_ONES}?|[零〇一二两三四五六七八九])"
_COUNTED: Final = r"(?:\d+|[几半一二两三四五六七八九十]+)"
_FIRST: Final = r"(?<![\d.:第零〇一二两三四五六七八九十百-])"  # not the 3 of 12333点, 第3点, 1-3点
_WORD: Final = "(?<![a-z])"  # \b sees no border between Latin and Chinese
_ENDS: Final = "(?![a-z])"
_OF_A_DAY: Final = f"(?<={_READ})"  # 明早, 周六晚
_WITH_HOUR: Final = rf"(?={_NUMBER}\s?[点:])"  # 晚8点

PARTS: Final = (
    Part("凌晨", 3 * 60, 6 * 60, 0),
    Part(rf"早上|早晨|大?清早|清晨|一大?早(?!上)|{_OF_A_DAY}早|早{_WITH_HOUR}", 9 * 60, 10 * 60, 1),
    Part(rf"上午|{_WORD}morning{_ENDS}", 10 * 60, 12 * 60, 1),
    Part(rf"中午|晌午|正午|{_WORD}(?:at\s+)?noon{_ENDS}", 12 * 60 + 30, 14 * 60, 10),
    Part(rf"下午|午后|{_WORD}afternoon{_ENDS}", 15 * 60, 18 * 60, 12),
    Part(
        rf"晚上|晚间|夜里|夜间|夜晚|深夜|(?<!点)半夜|傍晚|打黑|擦黑|{_OF_A_DAY}[晚夜](?![了些])|晚{_WITH_HOUR}"
        rf"|{_WORD}(?:at\s+)?(?:evening|night){_ENDS}",
        19 * 60,
        24 * 60,
        17,
    ),
)
# None is named. Offices keep office hours: 3点 is 15:00, 9点 is 9:00.
ANY_PART: Final = Part("", 10 * 60, 24 * 60, 7)
_PART: Final = "|".join(part.words for part in PARTS)

# -- what a match of a day says: the days it may mean, () when it cannot be, None when nobody would go then --

_AHEAD: Final = MappingProxyType(
    {"今": 0, "today": 0, "to": 0, "明": 1, "tomorrow": 1, "后": 2, "day after tomorrow": 2, "大后": 3}
)
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAYS: Final = "mon tue wed thu fri sat sun".split()
_CHINESE_WEEKDAYS: Final = MappingProxyType(
    {name: number % 7 for number, name in enumerate("一二三四五六日1234567")}
    | {"天": 6, "末": 5, "weekend": 5}
)
_YEARS_AROUND: Final = 2


def _read_date(found: re.Match[str], today: date) -> tuple[date, ...] | None:
    name = found["month"]
    month = _MONTHS.index(name[:3]) + 1 if name[:3] in _MONTHS else _number(name)
    day = _number(found["day"])
    if found["year"] is None:
        return _yearly(today, month, day)
    year = int(found["year"])
    # A birthday, or the day a card was made.
    return _date(year, month, day) if abs(year - today.year) <= _YEARS_AROUND else None


def _yearly(today: date, month: int, day: int) -> tuple[date, ...]:
    """The next such date. Nine years hold a 29 February."""
    dates = (one for year in range(today.year, today.year + 9) for one in _date(year, month, day))
    return tuple(one for one in dates if one >= today)[:1]


def _date(year: int, month: int, day: int) -> tuple[date, ...]:
    try:
        return (date(year, month, day),)
    except ValueError:
        return ()


def _read_day_of_month(found: re.Match[str], today: date) -> tuple[date, ...]:
    months = today.year * 12 + today.month - 1 + (found["which"] == "下")
    return _date(months // 12, months % 12 + 1, _number(found["day"]))


def _read_number_of_day(found: re.Match[str], today: date) -> tuple[date, ...]:
    days = (today + timedelta(ahead) for ahead in range(62))  # from 1 June, when 31 May is over, to 31 July
    return tuple(one for one in days if one.day == int(found["day"]))[:1]


def _read_ahead(found: re.Match[str], today: date) -> tuple[date, ...]:
    return (today + timedelta(_AHEAD[" ".join(found["day"].split())]),)


def _read_weekday(found: re.Match[str], today: date) -> tuple[date, ...]:
    """A weekday of this calendar week or a later one, as said; else the next one."""
    name, which = found["day"], found.groupdict().get("which")
    weekday = _CHINESE_WEEKDAYS[name] if name in _CHINESE_WEEKDAYS else _WEEKDAYS.index(name[:3])
    if which:
        weeks = 1 if which == "next" else which.count("下")
        return (today + timedelta(weekday - today.weekday(), weeks=weeks),)
    coming = today + timedelta((weekday - today.weekday()) % 7)
    return coming, coming + timedelta(weeks=1)


def _read_new_year(_: re.Match[str], today: date) -> tuple[date, ...]:
    return _yearly(today, 1, 1)


def _read_labour_day(_: re.Match[str], today: date) -> tuple[date, ...]:
    return _yearly(today, 5, 1)


def _read_national_day(_: re.Match[str], today: date) -> tuple[date, ...]:
    return _yearly(today, 10, 1)


def _read_never(_: re.Match[str], __: date) -> tuple[date, ...]:
    return ()


# -- days --

_MONTH: Final = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY_OF_MONTH: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_OF_YEAR: Final = r"(?:,?\s*(?P<year>20\d\d)(?!\d))?"
_LONG: Final = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_SHORT: Final = "mon|tues?|wed|thu(?:rs?)?|fri|sat|sun"
_WEEK: Final = "(?:周|星期|礼拜)"
# Not in 周一次, 下周一定, 下周四川, 下周三代卡, 下周二维码; but in 下周一直接去.
_WEEKDAY: Final = (
    r"(?:一(?!直(?!接)|[定起共样般切旦])|二(?![代维])|三(?![代方])|四(?!川)|五(?!险)|六|[日天末]|[1-7](?!\d))"
    "(?![次趟回个岁年]|天(?!气))"
)
# Not in 问一下周六, 看下周六, 线下周六.
_WHICH: Final = "(?P<which>(?<![一看查线楼乡])(?<!(?<!请)问)下+|[这本])"

# 八月十五 without its 日 is the moon's.
_CHINESE_DATE: Final = (
    rf"{_FIRST}(?:(?P<year>\d{{4}})\s?年\s?)?(?P<month>{_NUMBER})\s?月\s?(?P<day>{_NUMBER})"
    r"(?:\s?[日号]|(?<=\d)(?!\s?[\d点时:.天个年]))"
)
_MONTH_FIRST: Final = (
    rf"{_WORD}(?:on\s+)?{_MONTH}\.?\s*(?:the\s+)?{_DAY_OF_MONTH}"
    rf"(?![\da-z:]|\s?(?:people|persons?|times|days?|cards?|photos?|[ap]\.?m)){_OF_YEAR}"
)
_DAY_FIRST: Final = (
    rf"{_WORD}(?<![\d:.])(?<!at\s)(?:on\s+)?(?:the\s+)?{_DAY_OF_MONTH}\s*(?:of\s+)?{_MONTH}{_ENDS}"
    rf"(?!\s+(?:i|we|you|it){_ENDS}){_OF_YEAR}"
)
# Not 酒城大道10号, 10号窗口, 3号线.
_NUMBER_OF_DAY: Final = (
    r"(?:^|(?<=[\s,。.!?;、去在到我想就是等要]))(?P<day>\d{1,2})\s?[号日]"
    rf"(?=\s?(?:{_PART}|{_WEEK}|{_NUMBER}\s?[点:]|开门|上班|去))"
)
_CHINESE_AHEAD: Final = (
    "(?P<day>大后|(?<![大外然])后|今|(?<![证说声表文昆])明)"
    "(?:[天日]|儿个?|(?<=[今明])(?=[早晚夜](?!点)|[上中下]午))"
)
_ENGLISH_AHEAD: Final = (
    rf"{_WORD}(?:the\s+)?(?P<day>(?:day\s+after\s+tomorrow|tomorrow|today){_ENDS}|to(?=night{_ENDS}))"
)
_OF_THE_MOON: Final = (
    rf"春节|过年|除夕|大年|正月|腊月|元宵|清明|端午|中秋|七夕|重阳|(?<![最当起月])初(?:十|{_ONES})(?![学年级班中步])"
    rf"|{_WORD}(?:(?:chinese|lunar)\s+new\s+year|spring\s+festival|mid-?autumn|dragon\s+boat|qing\s?ming)"
)
_RANGE: Final = (
    rf"{_WEEK}{_WEEKDAY}\s*(?:到|至|[-~–—])\s*{_WEEK}?[一二三四五六日天末1-7]"
    rf"|{_WORD}(?:{_LONG}|{_SHORT})\s*(?:[-–]|to|through|till|until)\s*(?:{_LONG}|{_SHORT}){_ENDS}"
)
_ENGLISH_WEEKDAY: Final = (
    r"(?:(?:on|at)\s+)?(?:(?P<which>this|next)\s+|(?:the|coming)\s+)?"
    rf"(?P<day>{_LONG}|weekend)s?{_ENDS}"
)
_LABOUR_DAY: Final = (
    rf"劳动节|{_FIRST}五一(?:劳动节|节|假期)?(?![路街村镇广新一二三四五六七八九十])"
    rf"|{_WORD}(?:labou?r|may)\s+day{_ENDS}"
)
_NATIONAL_DAY: Final = (
    rf"国庆(?:节|日)?(?![路街村镇])|{_FIRST}十一(?=放假|假期|长假|黄金周)|{_WORD}national\s+day{_ENDS}"
)

_ReadDay = Callable[[re.Match[str], date], tuple[date, ...] | None]
# The most exact first: what a row takes, the rows below do not see.
_DAYS: Final[tuple[tuple[re.Pattern[str], _ReadDay], ...]] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (rf"(?:农历|阴历|旧历).{{0,4}}?{_NUMBER}月(?:初?{_NUMBER}[日号]?)?", _read_never),
        (r"(?<![\d./-])(?P<year>20\d\d)[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?)(?![\d/-]|\.\d)", _read_date),
        (_CHINESE_DATE, _read_date),
        (_MONTH_FIRST, _read_date),
        (_DAY_FIRST, _read_date),
        (rf"(?P<which>[这本下])个?月(?P<day>{_NUMBER})[号日]", _read_day_of_month),
        (_NUMBER_OF_DAY, _read_number_of_day),
        (_CHINESE_AHEAD, _read_ahead),
        (_ENGLISH_AHEAD, _read_ahead),
        (_OF_THE_MOON, _read_never),
        (_RANGE, _read_never),
        (rf"{_WHICH}?个?{_WEEK}(?P<day>{_WEEKDAY})(?:(?<=六)[、和]?[日天](?!气))?", _read_weekday),
        (_WORD + _ENGLISH_WEEKDAY, _read_weekday),
        # Short ones only where they can be little else: he sat, they wed, in the sun.
        (rf"{_WORD}(?:on|coming|(?P<which>this|next))\s+(?P<day>{_SHORT}){_ENDS}", _read_weekday),
        (rf"{_WORD}(?<!the\s)(?P<day>{_SHORT})\.", _read_weekday),
        (rf"元旦|{_WORD}new\s+year'?s?\s+day", _read_new_year),
        (_LABOUR_DAY, _read_labour_day),
        (_NATIONAL_DAY, _read_national_day),
    )
)
# When no day is read: whatever hour or part is named, nobody knows of which day.
_NO_ONE_DAY: Final = re.compile(
    rf"{_ANOTHER_DAY}|下+个?(?:{_WEEK}|月)|{_WORD}next\s+(?:week|month|year){_ENDS}|{_COUNTED}天[之以]?后|过{_COUNTED}天"
    rf"|每[天日]|天天|平时|平常|工作日|{_WORD}(?:every\s?day|daily|usually|weekdays){_ENDS}"
)

# -- hours --

_MINUTES: Final = (
    r"钟|整|(?P<half>半)(?!小时|个|天)|(?P<quarters>[一三13])刻"
    rf"|(?P<minute>{_NUMBER}(?=分(?!钟))|(?:\d\d|[二三四五]?十{_ONES}?|[零〇]{_ONES})(?![\d年月天岁元块张个楼路号点分]))分?"
)
_HOUR: Final = (
    rf"(?:(?P<hour>{_NUMBER})\s?点(?![击评赞名选])|(?P<digits>\d{{1,2}})\s?时(?![间候段长期]))(?:{_MINUTES})?"
)
_AT: Final = rf"(?:{_WORD}at\s+)?{_FIRST}"
_HALF_OF_DAY: Final = rf"(?P<noon>[ap])\.?m(?:\.|{_ENDS})"
_HOURS: Final = tuple(
    map(
        re.compile,
        (
            _FIRST + _HOUR,
            rf"{_AT}(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?!\d|:\d)(?:\s?{_HALF_OF_DAY})?",
            rf"{_AT}(?P<hour>\d{{1,2}})\s?{_HALF_OF_DAY}",
            rf"{_AT}(?P<hour>\d{{1,2}})\s?o'?clock",
            rf"{_FIRST}(?P<hour>\d{{1,2}})(?=\s+in\s+the\s+{_READ})",
            # Not: at 3 Renmin Road.
            rf"{_WORD}at\s+(?P<hour>\d{{1,2}})(?=\s*(?:$|[?.!;{_READ}]|on\s))",
        ),
    )
)

# -- what surrounds them --

_NOW: Final = re.compile(
    rf"(?:现在(?!的)|这会儿|这阵(?!子)|这哈儿?|此刻)(?:(?:是|都|才|已经)*(?:{_PART})?{_HOUR})?"
    rf"|{_WORD}(?:right\s+)?now{_ENDS}"
)
# Nothing in them is read. What is past goes with its hour: 昨天下午3点.
_LOOK_ALIKES: Final = tuple(
    map(
        re.compile,
        (
            rf"(?:大?(?<![以之从目])前[天日]|昨[天日儿晚夜]|(?<![马早晚网线街])上+个?{_WEEK}{_WEEKDAY})的?(?:{_PART})?的?(?:{_HOUR})?",
            rf"{_WORD}(?:yesterday|last\s+(?:{_LONG}|{_SHORT}|night|week))(?:\s+(?:morning|afternoon|evening|night))?{_ENDS}",
            rf"(?:早上|[上中下]午|晚上)好(?![像多久])|{_WORD}good\s+(?:morning|afternoon|evening|night){_ENDS}",
            rf"(?<![周期拜]){_COUNTED}个?{_WEEK}",
            "(?<![今明后天])[早晚快慢差]一?点(?!钟|半|整)|有一点|一点(?:[也都儿点]|不[^开]|没)",
            rf"{_NUMBER}点(?:要求|建议|疑问|原因|说明|问题|意见|注意|不明白|不懂|时间)",
            # 逛了一下午; but 周一下午
            "上下午|(?<![周期拜])(?:一|整个?)(?:[上下]午|早上|晚上)",
        ),
    )
)
# 10点前, 周六之前: by then, not then. 国庆节后: not that day. But 前来, 前往, 后天.
_BY_THEN: Final = re.compile(r"\s*[之以]?前(?![天台往来面])")
_NOT_THAT_DAY: Final = re.compile(r"\s*(?:[之以]?[前后](?![天台往来面])|以来|起(?!床))")
_BY: Final = re.compile(r"(?:before|by)\s+(?:the\s+)?$")
_NOT_ON: Final = re.compile(r"(?:before|by|after|since)\s+(?:the\s+)?$")
_LONGEST_PREPOSITION: Final = 12
# Without one of these a text names no time: each time is an hour, a part of a day, a day, or now.
_NUMERAL: Final = r"[\d零〇一二两三四五六七八九十]"
_CLUE: Final = re.compile(
    rf"{_NUMERAL}\s?[点时:号日]|月\s?{_NUMERAL}|\d[-/.]\d|[早晚夜晨晌午]|[打擦]黑|[今明后][天日儿]"
    rf"|[周期拜][一二三四五六日天末1-7]|现在|这[会阵哈]|此刻|元旦|劳动节|五一|国庆|十一"
    r"|\d\s?(?:[ap]\.?m|o)|at\s+\d|\d\s+in|day|tomorrow|night|noon|morn|evening|week|now"
    r"|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun"
)
# Between words that say one time, or a time and its alternative.
_JOINT: Final = re.compile(
    rf"[\s,、/()是的{_READ}]*(?:还是|或者?|和|跟|到|至|[-~–—]|or|and|to|the|of)?[\s{_READ}]*"
)
_FROM_PART_TO_HOUR: Final = 4  # characters: 下午大概3点, afternoon at 3
_FROM_HOUR_TO_PART: Final = re.compile(r"\s+in\s+the\s+|(?<=clock)\s+")


def read_when(text: str, at: datetime) -> When | None:
    """The time asked for, when `at` (aware) is the time of asking; None when the text names none."""
    plain = _plain(text[:MOST_READ])
    if _CLUE.search(plain) is None:  # as of most questions
        return None
    now = at.astimezone(CHINA_TIME)
    plain = _pass_over(plain)
    nows = [found.span() for found in _NOW.finditer(plain)]
    plain = _blank(plain, nows)
    days, plain = _days(plain, now.date())
    clocks, spans, plain = _clocks(plain)
    if not days and _NO_ONE_DAY.search(plain):
        return None
    moment = _moment(_last(days, plain), _last(clocks, plain), now, says_now=bool(nows))
    if moment is None:
        return None
    said = sorted([*nows, *spans, *((day.start, day.end) for day in days)])
    return When(*moment, tuple(said))


def _moment(
    day: _Said[date] | None, clock: _Said[_Clock] | None, now: datetime, *, says_now: bool
) -> tuple[datetime, bool] | None:
    """The moment, and whether its hour was named."""
    today = now.date()
    if says_now and clock is None and (day is None or day.values == (today,)):
        return now, True
    if (day is None and clock is None) or any(said is not None and not said.values for said in (day, clock)):
        return None
    days = day.values if day else (today, today + timedelta(1))
    hour = clock.values[0] if clock else _Clock(ANY_PART.chosen, ANY_PART.until)
    if days[0] == today and not (day and len(days) > 1) and _is_going_on(hour, now):
        return now, False
    this_minute = now.replace(second=0, microsecond=0)
    moments = [_on(one, hour.minute) for one in days]
    return next((one for one in moments if one >= this_minute), moments[-1]), hour.until is None


def _is_going_on(hour: _Clock, now: datetime) -> bool:
    """At four, this afternoon is now, not an hour ago."""
    return hour.until is not None and hour.minute < now.hour * 60 + now.minute < hour.until


def _on(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(tzinfo=CHINA_TIME)) + timedelta(minutes=minute)


def _days(text: str, today: date) -> tuple[list[_Said[date]], str]:
    """Every day said, and the text without them."""
    days = []
    for rank, (pattern, read) in enumerate(_DAYS):
        for found in pattern.finditer(text):
            values, mark = read(found, today), _READ
            if values is None:
                mark = _PASSED_OVER
            elif _is_beside(found, _NOT_THAT_DAY, _NOT_ON):
                mark = _ANOTHER_DAY
            else:
                days.append(_Said(*found.span(), rank, values))
            text = _blank(text, [found.span()], mark)
    return days, text


def _clocks(text: str) -> tuple[list[_Said[_Clock]], list[_Span], str]:
    """Every hour, and every part of a day that has none; where all those words stand; the text without them."""
    parts, text = _parts(text)
    clocks: list[_Said[_Clock]] = []
    spans: list[_Span] = []
    for pattern in _HOURS:
        for found in pattern.finditer(text):
            own = [span for span in parts if _belongs(span, found, text)]
            minutes = _minutes(found, parts[own[0]] if own else None)
            if minutes is None:
                continue
            words = [found.span(), *own]
            if not _is_beside(found, _BY_THEN, _BY):
                clocks.append(_Said(*found.span(), 0, tuple(map(_Clock, minutes))))
                spans += words
            parts = {span: part for span, part in parts.items() if span not in own}
            text = _blank(text, words)
    clocks += (_Said(*span, 0, (_Clock(part.chosen, part.until),)) for span, part in parts.items())
    return clocks, [*spans, *parts], text


def _parts(text: str) -> tuple[dict[_Span, Part], str]:
    parts: dict[_Span, Part] = {}
    for part in PARTS:
        taken = list(re.finditer(part.words, text))
        parts |= {found.span(): part for found in taken if not _is_beside(found, _BY_THEN, _BY)}
        text = _blank(text, (found.span() for found in taken))
    return parts, text


def _belongs(part: _Span, hour: re.Match[str], text: str) -> bool:
    if part[0] < hour.start():
        between = text[part[1] : hour.start()]
        return len(between) <= _FROM_PART_TO_HOUR and _READ not in between
    return _FROM_HOUR_TO_PART.fullmatch(text, hour.end(), part[0]) is not None


def _minutes(found: re.Match[str], part: Part | None) -> tuple[int, ...] | None:
    """Since midnight; () when there is no such hour, None when 一点 may be "a little"."""
    groups = found.groupdict()
    if found[0] == "一点" and part is None:
        return None
    name = groups["hour"] or groups["digits"]
    hour, minute = _number(name), _minute(groups)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return ()
    if hour <= 12:
        earliest = _earliest(name, groups.get("noon"), part)
        hour = earliest + (hour - earliest) % 12
    return (hour * 60 + minute,)


def _earliest(hour: str, noon: str | None, part: Part | None) -> int:
    if noon:
        return 12 if noon == "p" else 0
    if part:
        return part.earliest
    return 0 if hour[0] in "0零〇" else ANY_PART.earliest  # 03:30 is a clock's


def _minute(groups: dict[str, str | None]) -> int:
    if groups.get("half"):
        return 30
    if quarters := groups.get("quarters"):
        return 15 * _number(quarters)
    return _number(groups.get("minute") or "0")


def _number(name: str) -> int:
    """Of digits, or of Chinese ones below a hundred."""
    if name.isdecimal():
        return int(name)
    digits = "零一二三四五六七八九"
    tens, ten, ones = name.replace("两", "二").replace("〇", "零").lstrip("零").rpartition("十")
    return (10 * digits.index(tens or "一") if ten else 0) + (digits.index(ones) if ones else 0)


# -- the text --


def _plain(text: str) -> str:
    """Lower case, half width, simplified as far as the patterns need it; every character in its place."""
    plain = text.translate(_PLAINER).lower()
    if len(plain) == len(text) and unicodedata.is_normalized("NFKC", plain):  # as most
        return plain
    return "".join(map(_plain_character, text))


@lru_cache(maxsize=8_192)
def _plain_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", _SIMPLER.get(character, character)).lower()
    return folded if len(folded) == 1 else character


def _pass_over(text: str) -> str:
    for pattern in _LOOK_ALIKES:
        text = _blank(text, (found.span() for found in pattern.finditer(text)), _PASSED_OVER)
    return text


def _blank(text: str, spans: Iterable[_Span], mark: str = _READ) -> str:
    for start, end in spans:
        text = f"{text[:start]}{mark * (end - start)}{text[end:]}"
    return text


def _is_beside(found: re.Match[str], after: re.Pattern[str], before: re.Pattern[str]) -> bool:
    text, (start, end) = found.string, found.span()
    return bool(after.match(text, end) or before.search(text[max(0, start - _LONGEST_PREPOSITION) : start]))


def _last(said: Sequence[_Said[_T]], text: str) -> _Said[_T] | None:
    """Of those said together at the end, the most exact one, then the first."""
    together: list[_Said[_T]] = []
    for one in sorted(said, key=lambda one: one.start, reverse=True):
        if together and not _JOINT.fullmatch(text, one.end, together[-1].start):
            break
        together.append(one)
    return min(reversed(together), key=lambda one: one.rank, default=None)
