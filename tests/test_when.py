"""Which time a message speaks of, and what only looks like one."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import opencc
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.when import ANY_PART, MOST_READ, PARTS, When, read_when
from locator.hours import CHINA_TIME

ASKED: Final = datetime(2026, 10, 7, 14, 20, 33, tzinfo=CHINA_TIME)  # a Wednesday
TO_TRADITIONAL: Final = opencc.OpenCC("s2t")
FULL_WIDTH: Final = str.maketrans("0123456789:", "０１２３４５６７８９：")

NAMED, CHOSEN = True, False
# What is asked, when it is (month-day hour:minute, from ASKED on), and whether the hour was named.
SAID: Final = [
    # days
    ("今天晚上开门吗", "10-07 19:00", CHOSEN),
    ("明天上午开门吗", "10-08 10:00", CHOSEN),
    ("明儿", "10-08 10:00", CHOSEN),
    ("明早", "10-08 09:00", CHOSEN),
    ("明晚7点", "10-08 19:00", NAMED),
    ("今晚", "10-07 19:00", CHOSEN),
    ("后天", "10-09 10:00", CHOSEN),
    ("大后天", "10-10 10:00", CHOSEN),
    ("tomorrow at 3pm", "10-08 15:00", NAMED),
    ("at 3 tomorrow", "10-08 15:00", NAMED),
    ("the day after tomorrow in the morning", "10-09 10:00", CHOSEN),
    ("open tonight?", "10-07 19:00", CHOSEN),
    ("noon tomorrow", "10-08 12:30", CHOSEN),
    # weekdays
    ("周六下午去", "10-10 15:00", CHOSEN),
    ("礼拜六", "10-10 10:00", CHOSEN),
    ("礼拜天", "10-11 10:00", CHOSEN),
    ("周日", "10-11 10:00", CHOSEN),
    ("星期日", "10-11 10:00", CHOSEN),
    ("这个星期天", "10-11 10:00", CHOSEN),
    ("周六日开门吗", "10-10 10:00", CHOSEN),
    ("周末", "10-10 10:00", CHOSEN),
    ("周三下午四点", "10-07 16:00", NAMED),
    ("周三下午两点", "10-14 14:00", NAMED),
    ("周三开门吗", "10-14 10:00", CHOSEN),
    ("本周一", "10-05 10:00", CHOSEN),
    ("下周一", "10-12 10:00", CHOSEN),
    ("下周一直接去", "10-12 10:00", CHOSEN),
    ("下个星期天", "10-18 10:00", CHOSEN),
    ("下下周三", "10-21 10:00", CHOSEN),
    ("周一一点半", "10-12 13:30", NAMED),
    ("周二十点", "10-13 10:00", NAMED),
    ("周六晚8点", "10-10 20:00", NAMED),
    ("saturday afternoon", "10-10 15:00", CHOSEN),
    ("next monday", "10-12 10:00", CHOSEN),
    ("is it open on sunday", "10-11 10:00", CHOSEN),
    ("open on saturdays?", "10-10 10:00", CHOSEN),
    ("this weekend", "10-10 10:00", CHOSEN),
    ("sunday 3 in the afternoon", "10-11 15:00", NAMED),
    ("on sat", "10-10 10:00", CHOSEN),
    ("Sat. 10am", "10-10 10:00", NAMED),
    # dates
    ("10月10号下午三点", "10-10 15:00", NAMED),
    ("10月10日周六", "10-10 10:00", CHOSEN),
    ("周六（10月10日）上午", "10-10 10:00", CHOSEN),
    ("十月十二日", "10-12 10:00", CHOSEN),
    ("10 月 12 日", "10-12 10:00", CHOSEN),
    ("2026年10月12日上午", "10-12 10:00", CHOSEN),
    ("2026-10-12 09:30", "10-12 09:30", NAMED),
    ("10月7日上午9点", "10-07 09:00", NAMED),
    ("10号下午开门吗", "10-10 15:00", CHOSEN),
    ("下个月5号上午", "11-05 10:00", CHOSEN),
    ("Oct 10", "10-10 10:00", CHOSEN),
    ("october 10th 9:30", "10-10 09:30", NAMED),
    ("the 10th of october", "10-10 10:00", CHOSEN),
    # hours
    ("晚上8点", "10-07 20:00", NAMED),
    ("今天下午5点半还开不开", "10-07 17:30", NAMED),
    ("两点半", "10-07 14:30", NAMED),
    ("三点一刻", "10-07 15:15", NAMED),
    ("三点二十", "10-07 15:20", NAMED),
    ("3点5分钟就到", "10-07 15:00", NAMED),
    ("9点", "10-08 09:00", NAMED),
    ("早九点", "10-08 09:00", NAMED),
    ("14:00", "10-08 14:00", NAMED),
    ("14：30", "10-07 14:30", NAMED),
    ("03:30", "10-08 03:30", NAMED),
    ("15时30分", "10-07 15:30", NAMED),
    ("下午2点", "10-08 14:00", NAMED),
    ("下午大概4点", "10-07 16:00", NAMED),
    ("下午去，4点到", "10-07 16:00", NAMED),
    ("下午一点", "10-08 13:00", NAMED),
    ("中午一点", "10-08 13:00", NAMED),
    ("中午12点半", "10-08 12:30", NAMED),
    ("凌晨2点", "10-08 02:00", NAMED),
    ("今晚十二点", "10-08 00:00", NAMED),
    ("今晚1点", "10-08 01:00", NAMED),
    ("12:30pm", "10-08 12:30", NAMED),
    ("12am", "10-08 00:00", NAMED),
    ("tonight at 8", "10-07 20:00", NAMED),
    ("open at 4 p.m.?", "10-07 16:00", NAMED),
    ("上午9点到下午5点", "10-08 09:00", NAMED),
    ("上午9点没开，下午3点开吗", "10-07 15:00", NAMED),
    ("上午没去下午4点去", "10-07 16:00", NAMED),
    ("下午3点晚上8点开吗", "10-07 15:00", NAMED),
    ("8 o'clock at night", "10-07 20:00", NAMED),
    ("下午5点前去，4点行吗", "10-07 16:00", NAMED),
    # parts of the day
    ("下午去", "10-07 15:00", CHOSEN),
    ("晌午", "10-08 12:30", CHOSEN),
    ("打黑", "10-07 19:00", CHOSEN),
    ("一早去", "10-08 09:00", CHOSEN),
    # the last one said, and of those said together the most exact
    ("今天丢了卡，明天上午去补可以吗", "10-08 10:00", CHOSEN),
    ("昨天下午3点没人接，周六上午去", "10-10 10:00", CHOSEN),
    ("周六上午没开，下午开吗", "10-10 15:00", CHOSEN),
    ("周六还是周日开门", "10-10 10:00", CHOSEN),
    ("周四（10月10日）", "10-10 10:00", CHOSEN),
    ("明天周四开门吗", "10-08 10:00", CHOSEN),
    ("明天中秋节开门吗", "10-08 10:00", CHOSEN),
    ("我现在出发，下午4点到还开门吗", "10-07 16:00", NAMED),
    ("周六去，60天内能拿到吗", "10-10 10:00", CHOSEN),
    # around them
    ("问一下周六开门吗", "10-10 10:00", CHOSEN),
    ("线下周六能办吗", "10-10 10:00", CHOSEN),
    ("网上周六能办吗", "10-10 10:00", CHOSEN),
    ("早上好，周六开门吗", "10-10 10:00", CHOSEN),
    ("周六前往江阳区", "10-10 10:00", CHOSEN),
    ("酒城大道10号下午开门吗", "10-07 15:00", CHOSEN),
]  # fmt: skip

NO_TIME: Final = """
下班后 一点也不 有一点 早一点 三点要求 网点 差点 早点 快点 一会儿 10点前要带什么 下午5点之前 12333 3-5天 2张照片
60天内 第三代 第三点 满16周岁 一周 两周 两周一次 两周一换 每周一次 一周六天 三周年 周期 周边 周围 周转 日 号码 卡号 月 3月 几点开门
12小时 1点击登录 10号窗口 3号线 酒城大道10号 五一路 国庆路 十一个 逛了一下午 下午好 说明天数 以前天天去
下周一定去 下周一起去 下周四川开门吗 下周三代卡能换吗 下周二维码
昨天下午3点 前天 上周六 上个星期天下午 1990年5月3日
春节上午开门吗 中秋节 端午 清明 农历八月十五 农历10月10日 初八上午 周一到周五下午几点关门 每天下午开门吗 下周下午 3天后上午
周六之前要带什么 10月10日前 国庆节后上午开门吗
13月40日 2月30日下午 10月32日 25点 明天25点 14:60 24:30 八月十五
""".split()
NO_TIME_IN_ENGLISH: Final = [
    "may i go",
    "I may come",
    "the cat sat here",
    "in the sun",
    "they wed in May",
    "one second",
    "I know",
    "nowhere",
    "at 3 Renmin Road",
    "good afternoon",
    "by friday",
    "before 3pm",
    "yesterday afternoon",
    "last monday",
    "Mon-Fri in the afternoon",
    "every day in the afternoon",
    "next week in the afternoon",
    "chinese new year's day",
    "march 5 people",
    "",
]


def moment(when: When | None) -> tuple[str, bool] | None:
    return when and (f"{when.at:%m-%d %H:%M}", when.hour_named)


@pytest.mark.parametrize("text, at, named", SAID)
def test_the_time_a_message_speaks_of(text: str, at: str, named: bool) -> None:
    when = read_when(text, ASKED)
    assert moment(when) == (at, named)
    assert when is not None
    assert when.at.year == 2026
    assert when.at.tzinfo is CHINA_TIME


@pytest.mark.parametrize("text", [*NO_TIME, *NO_TIME_IN_ENGLISH])
def test_what_only_looks_like_a_time_or_cannot_be_is_none(text: str) -> None:
    assert read_when(text, ASKED) is None
    assert read_when(TO_TRADITIONAL.convert(text), ASKED) is None


@pytest.mark.parametrize("text", [text for text, _, _ in SAID])
def test_other_characters_say_the_same_in_the_same_places(text: str) -> None:
    as_is = read_when(text, ASKED)
    for other in (TO_TRADITIONAL.convert(text), text.translate(FULL_WIDTH), text.upper()):
        assert len(other) == len(text)
        assert read_when(other, ASKED) == as_is


@pytest.mark.parametrize(
    "text, at",
    [
        ("国庆节开门吗", "2027-10-01"),
        ("十一长假", "2027-10-01"),
        ("元旦", "2027-01-01"),
        ("new year's day", "2027-01-01"),
        ("劳动节", "2027-05-01"),
        ("五一放假吗", "2027-05-01"),
        ("10月6日", "2027-10-06"),
        ("2月29日", "2028-02-29"),
        ("come on may 5", "2027-05-05"),
        ("10 may", "2027-05-10"),
        ("2026年10月6日", "2026-10-06"),
    ],
)
def test_a_date_without_its_year_is_the_next_one(text: str, at: str) -> None:
    when = read_when(text, ASKED)
    assert when is not None
    assert str(when.at.date()) == at


def test_a_holiday_asked_about_on_that_day_is_that_day() -> None:
    when = read_when("国庆节下午开门吗", datetime(2026, 10, 1, 9, tzinfo=CHINA_TIME))
    assert moment(when) == ("10-01 15:00", CHOSEN)


@pytest.mark.parametrize(
    "text", ["现在开门吗", "這會兒去", "现在是下午两点二十还开吗", "今天现在", "open now?", "right now"]
)
def test_now_is_the_time_of_asking_in_china(text: str) -> None:
    when = read_when(text, ASKED.astimezone(UTC))
    assert when is not None
    assert (when.at, when.at.tzinfo, when.hour_named) == (ASKED, CHINA_TIME, True)


def test_today_is_china_s() -> None:
    evening = datetime(2026, 10, 6, 20, tzinfo=UTC)  # four in the morning of the 7th in China
    assert moment(read_when("今天", evening)) == ("10-07 10:00", CHOSEN)
    assert moment(read_when("明天", evening)) == ("10-08 10:00", CHOSEN)


@pytest.mark.parametrize(
    "text, hour, at",
    [
        ("今天开门吗", 16, "10-07 16:00"),
        ("今天下午开门吗", 16, "10-07 16:00"),
        ("下午去", 16, "10-07 16:00"),
        ("下午去", 19, "10-08 15:00"),
        ("今天上午开门吗", 16, "10-07 10:00"),
        ("上午开门吗", 16, "10-08 10:00"),
    ],
)
def test_a_part_of_today_that_is_not_over_is_now(text: str, hour: int, at: str) -> None:
    assert moment(read_when(text, datetime(2026, 10, 7, hour, tzinfo=CHINA_TIME))) == (at, CHOSEN)


def test_the_minute_of_asking_is_not_past() -> None:
    assert moment(read_when("14:20", ASKED)) == ("10-07 14:20", NAMED)
    assert moment(read_when("14:19", ASKED)) == ("10-08 14:19", NAMED)


@pytest.mark.parametrize(
    "text, words",
    [
        ("江阳区周六下午哪里开门", ["周六", "下午"]),
        ("Is Jiangyang open ON Saturday at 3PM", ["ON Saturday", "at 3PM"]),
        ("㈱禮拜六３點半去㎏", ["禮拜六", "３點半"]),
        ("İ明早9点，今天丢的", ["明", "早", "9点", "今天"]),
        ("现在还开吗", ["现在"]),
    ],
)
def test_the_spans_are_the_words_on_time_in_the_text_as_handed_in(text: str, words: list[str]) -> None:
    when = read_when(text, ASKED)
    assert when is not None
    assert [text[start:end] for start, end in when.spans] == words


@pytest.mark.parametrize("text", [text for text, *_ in SAID])
def test_a_time_is_found_whatever_stands_far_before_it(text: str) -> None:
    """Also what looks like a time and is none: 现在的."""
    before = "我现在的卡不见了。"
    when = read_when(f"{before}{text}", ASKED)
    alone = read_when(text, ASKED)
    assert when is not None
    assert alone is not None
    assert (when.at, when.hour_named) == (alone.at, alone.hour_named)
    assert when.spans == tuple((start + len(before), end + len(before)) for start, end in alone.spans)


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert read_when("。" * (MOST_READ - 2) + "周六", ASKED) is not None
    assert read_when("。" * (MOST_READ - 1) + "周六", ASKED) is None


# --- whatever the time and the text

FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
TIMES: Final = st.timedeltas(timedelta(), timedelta(days=36_500)).map(lambda passed: FIRST + passed)
WEEKDAYS: Final = st.integers(0, 6)
PART_NAMES: Final = {"凌晨": 0, "早上": 1, "上午": 2, "中午": 3, "下午": 4, "晚上": 5}
MINUTE: Final = timedelta(minutes=1)


@given(TIMES, WEEKDAYS, st.sampled_from(["周", "星期", "礼拜"]), st.sampled_from(["", *PART_NAMES]))
def test_a_weekday_is_the_next_one_at_the_hour_of_its_part(
    at: datetime, weekday: int, week: str, name: str
) -> None:
    when = read_when(f"{week}{'一二三四五六日'[weekday]}{name}去", at)
    assert when is not None
    chosen = PARTS[PART_NAMES[name]].chosen if name else ANY_PART.chosen
    assert when.at.weekday() == weekday
    assert when.at.hour * 60 + when.at.minute == chosen
    assert -MINUTE < when.at - at <= timedelta(days=7)


@given(TIMES, WEEKDAYS, st.integers(0, 23), st.integers(0, 59))
def test_a_weekday_with_a_clock_s_hour_is_the_next_such_moment(
    at: datetime, weekday: int, hour: int, minute: int
) -> None:
    when = read_when(f"周{'一二三四五六日'[weekday]}{hour:02}:{minute:02}", at)
    assert when is not None
    assert (when.at.weekday(), when.at.hour, when.at.minute) == (weekday, hour, minute)
    assert -MINUTE < when.at - at <= timedelta(days=7)


@given(TIMES, WEEKDAYS, st.integers(0, 2))
def test_a_weekday_of_a_week_lies_in_that_calendar_week(at: datetime, weekday: int, weeks: int) -> None:
    name = "一二三四五六日"[weekday]
    when = read_when(f"{'下' * weeks or '这'}周{name}9点", at)
    assert when is not None
    today = at.astimezone(CHINA_TIME).date()
    monday = today - timedelta(today.weekday())
    assert when.at.date() == monday + timedelta(weekday, weeks=weeks)


@given(TIMES, st.dates())
def test_a_date_is_the_next_such_date_today_included(at: datetime, day: date) -> None:
    assume((day.month, day.day) != (2, 29))
    when = read_when(f"{day.month}月{day.day}日9点", at)
    assert when is not None
    assert (when.at.month, when.at.day) == (day.month, day.day)
    assert 0 <= (when.at.date() - at.astimezone(CHINA_TIME).date()).days <= 365


@given(TIMES, st.integers(1, 12), st.booleans())
def test_an_hour_without_a_part_of_the_day_is_an_office_s(at: datetime, hour: int, chinese: bool) -> None:
    name = "一 二 三 四 五 六 七 八 九 十 十一 十二".split()[hour - 1] if chinese else str(hour)
    when = read_when(f"{name}点钟", at)
    assert when is not None
    assert when.at.hour == (hour + 12 if hour <= 6 else hour)
    assert -MINUTE < when.at - at <= timedelta(days=1)


WORDS: Final = st.sampled_from(
    "周 六 日 一 二十 点 半 10 3 : 月 号 下 上 午 晚 早 明 今 天 后 前 现在 的 到 还是 ， 国庆 春节 at on pm sat next 週 ３ İ ㎏".split()
) | st.text(max_size=3)


@given(st.lists(WORDS, max_size=12).map("".join), TIMES)
def test_whatever_is_written_the_spans_lie_in_it_in_order_and_apart(text: str, at: datetime) -> None:
    when = read_when(text, at)
    if when is None:
        return
    places = [place for span in when.spans for place in span]
    assert places
    assert places == sorted(places)
    assert all(start < end for start, end in when.spans)
    assert places[0] >= 0
    assert places[-1] <= len(text)
    assert when.at.tzinfo is CHINA_TIME
