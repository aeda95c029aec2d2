"""What people read: short, exact, and the same in both languages."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator.calendar import Day, DayKind
from locator.errors import BadInput
from locator.hours import CHINA_TIME, Opening, OpeningState, opening, read_hours
from locator.language import CHINESE, ENGLISH, TRADITIONAL, Language, language_of
from locator.model import (
    Filter,
    Gap,
    KnownBy,
    Level,
    Name,
    Offer,
    Origin,
    Place,
    Point,
    Precision,
    Query,
    Service,
    Source,
    Status,
    Unknown,
    Why,
)
from locator.timetable import Asked, asked, opening_words, time_words, usual_lines
from locator.wording import (
    distance_words,
    gap_notice,
    mended_words,
    offer_words,
    origin_words,
    place_words,
    precision_words,
    refusal_words,
    service_words,
    source_words,
    status_words,
    unknown_words,
)
from tests.catalogues import catalogue_faults
from tests.doors import CALENDAR, SOURCE, door

LOCATOR = Path(__file__).parents[1] / "locator"
WEEK = "Mo-Fr 09:00-12:00,14:00-17:30; PH off"
SEASONS = "May-Sep Mo-Fr 08:30-12:00; Oct-Apr Mo-Fr 09:00-12:00; PH off"


# -- the catalogue --


def test_every_sentence_has_its_chinese_and_none_is_left_over() -> None:
    assert catalogue_faults(LOCATOR) == []


@pytest.mark.parametrize(
    ("tags", "language"),
    [
        ("zh", CHINESE),
        ("en", ENGLISH),
        ("en-GB,en;q=0.9,zh;q=0.8", ENGLISH),
        ("fr-FR, zh-CN;q=0.5", CHINESE),
        ("en_GB.UTF-8", ENGLISH),
        ("zh-Hant", TRADITIONAL),
        ("zh_TW.UTF-8", TRADITIONAL),
        ("zh-HK,en;q=0.9", TRADITIONAL),
        ("zh-Hans-HK", CHINESE),
        ("zh-Hanted", CHINESE),
        ("", CHINESE),
        ("<script>", CHINESE),
        ("x," * 5_000 + "en", CHINESE),
    ],
)
def test_the_first_language_we_speak_is_spoken(tags: str, language: Language) -> None:
    assert language_of(tags) is language


# -- how far --


@pytest.mark.parametrize(
    ("metres", "exact", "chinese", "english"),
    [
        (3, True, "50 米", "50 m"),
        (862, True, "850 米", "850 m"),
        (974, True, "950 米", "950 m"),
        (976, True, "1.0 公里", "1.0 km"),
        (3_249, True, "3.2 公里", "3.2 km"),
        (123_456, True, "123 公里", "123 km"),
        (0, False, "约 1 公里", "about 1 km"),
        (11_600, False, "约 12 公里", "about 12 km"),
    ],
)
def test_a_distance_is_said_no_more_exactly_than_it_is_known(
    metres: float, exact: bool, chinese: str, english: str
) -> None:
    assert distance_words(metres, CHINESE, exact=exact) == chinese
    assert distance_words(metres, ENGLISH, exact=exact) == english


@given(st.floats(0, 5_000_000), st.booleans())
def test_a_distance_never_reads_as_nothing(metres: float, exact: bool) -> None:
    number = distance_words(metres, ENGLISH, exact=exact).removeprefix("about ").split()[0]
    assert float(number) > 0


# -- open or not --


def said(hours: str, at: str, *, chosen: bool = False, language: Language = CHINESE) -> str:
    time = datetime.fromisoformat(at).replace(tzinfo=CHINA_TIME)
    return opening_words(opening(read_hours(hours), time, CALENDAR), Asked(time, chosen=chosen), language)


@pytest.mark.parametrize(
    ("at", "chinese", "english"),
    [
        ("2026-11-23 10:00", "现在开门，12:00 关门", "Open now, closes 12:00"),
        ("2026-11-23 11:45", "快关门了，12:00 关门", "Closing soon, closes 12:00"),
        ("2026-11-23 12:30", "现在关门，14:00 开门", "Closed now, opens 14:00"),
        ("2026-11-23 18:00", "现在关门，明天（周二）9:00 开门", "Closed now, opens tomorrow (Tue) 9:00"),
        ("2026-11-27 18:00", "现在关门，11月30日（周一）9:00 开门", "Closed now, opens Mon 30 November 9:00"),
        (
            "2026-10-01 10:00",
            "今天国庆节放假，10月8日（周四）9:00 开门",
            "Closed today for National Day, opens Thu 8 October 9:00",
        ),
        (
            "2026-10-10 10:00",
            "现在开门，12:00 关门；今天调休上班",
            "Open now, closes 12:00; today is a make-up workday",
        ),
        (
            "2026-12-31 18:00",
            "现在关门。本程序尚未收录2027年放假安排，请先打 12333 问一问",
            "Closed now. The public holidays of 2027 are not in this program yet; please ask 12333 first",
        ),
        (
            "2027-01-04 10:00",
            "本程序尚未收录2027年放假安排，请先打 12333 问一问",
            "The public holidays of 2027 are not in this program yet; please ask 12333 first",
        ),
    ],
)
def test_a_door_is_said_open_or_closed_and_until_when(at: str, chinese: str, english: str) -> None:
    assert said(WEEK, at) == chinese
    assert said(WEEK, at, language=ENGLISH) == english


@pytest.mark.parametrize(
    ("at", "chinese"),
    [
        ("2026-11-23 10:00", "到时开门，12:00 关门"),
        ("2026-11-23 11:45", "到时快关门了，12:00 关门"),
        ("2026-11-23 18:00", "到时关门，11月24日（周二）9:00 开门"),
        ("2026-10-01 10:00", "那天国庆节放假，10月8日（周四）9:00 开门"),
        ("2026-10-10 10:00", "到时开门，12:00 关门；10月10日（周六）调休上班"),
        ("2026-12-31 18:00", "到时关门。本程序尚未收录2027年放假安排，请先打 12333 问一问"),
    ],
)
def test_a_time_somebody_chose_is_never_called_now_today_or_tomorrow(at: str, chinese: str) -> None:
    words = said(WEEK, at, chosen=True)
    assert words == chinese
    assert not any(word in words for word in ("现在", "今天", "明天"))


@pytest.mark.parametrize(
    ("hours", "at", "chinese"),
    [
        ("Mo-Fr 09:00-17:00", "2026-10-01 10:00", "今天国庆节放假，这里开不开门待核实，请先打 12333 问一问"),
        (
            "Mo 09:00-17:00; Tu-Fr 10:00-17:00; PH off",
            "2026-10-10 10:00",
            "今天调休上班，这里开不开门待核实，请先打 12333 问一问",
        ),
        ("Mo-Fr 09:00-17:00; PH 10:00-12:00", "2026-10-01 09:00", "现在关门，10:00 开门"),
        ("24/7", "2026-10-01 09:00", "现在开门"),
        ("off", "2026-05-20 09:00", "现在关门"),
    ],
)
def test_what_the_hours_do_not_say_is_not_guessed(hours: str, at: str, chinese: str) -> None:
    assert said(hours, at) == chinese


def test_hours_nobody_sourced_are_to_be_asked_for() -> None:
    at = Asked(datetime(2026, 11, 23, 10, tzinfo=CHINA_TIME))
    assert opening_words(Opening(OpeningState.UNKNOWN), at, CHINESE) == "开放时间待核实，请先打 12333 问一问"


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - given its zone below
    st.sampled_from([WEEK, SEASONS, "24/7", "Mo-Fr 09:00-17:00", "Mo-Su 08:00-24:00", "off"]),
    st.booleans(),
    st.sampled_from([CHINESE, ENGLISH]),
)
def test_every_minute_has_its_words(at: datetime, hours: str, chosen: bool, language: Language) -> None:
    time = at.replace(tzinfo=CHINA_TIME)
    words = opening_words(opening(read_hours(hours), time, CALENDAR), Asked(time, chosen=chosen), language)
    assert words
    assert "{" not in words
    assert "None" not in words


def test_a_holiday_the_program_has_no_english_for_keeps_its_own_name() -> None:
    at = datetime(2026, 10, 1, 10, tzinfo=CHINA_TIME)
    shut = Opening(OpeningState.OPENS_LATER, at + timedelta(days=1), Day(DayKind.HOLIDAY, "抗战胜利纪念日"))
    assert "抗战胜利纪念日" in opening_words(shut, Asked(at), ENGLISH)


def test_a_time_in_another_zone_is_said_in_chinas() -> None:
    london = datetime.fromisoformat("2026-10-10T02:00:00+00:00")
    assert time_words(london, CHINESE) == "10月10日（周六）10:00"


def test_only_a_time_that_was_named_counts_as_chosen() -> None:
    at = datetime(2026, 11, 23, 10, tzinfo=CHINA_TIME)
    later = at + timedelta(days=1)
    assert asked(Query(at=at)) == Asked(at)
    assert asked(Query(at=at, filter=Filter(open_at=at))) == Asked(at)
    assert asked(Query(at=at, filter=Filter(open_at=later))) == Asked(later, chosen=True)


# -- usual hours --


@pytest.mark.parametrize(
    ("hours", "chinese", "english"),
    [
        (
            WEEK,
            "周一至周五 9:00–12:00、14:00–17:30；法定节假日休息",
            "Mon to Fri 9:00–12:00, 14:00–17:30; closed on public holidays",
        ),
        (
            SEASONS,
            "五月至九月 周一至周五 8:30–12:00；十月至次年四月 周一至周五 9:00–12:00；法定节假日休息",
            "May to September Mon to Fri 8:30–12:00; October through April Mon to Fri 9:00–12:00; closed on public holidays",
        ),
        ("Mo-Fr 09:00-17:00; Sa,Su,PH off", "周一至周五 9:00–17:00；周六、周日、法定节假日休息", None),
        ("Mo-Su 08:00-20:00", "每天 8:00–20:00", "every day 8:00–20:00"),
        ("24/7", "每天 24 小时", None),
        ("Mo[1] 09:00-12:00", "Mo[1] 09:00-12:00", "Mo[1] 09:00-12:00"),
        ("", "", ""),
    ],
)
def test_usual_hours_are_read_out_in_words(hours: str, chinese: str, english: str | None) -> None:
    assert "；".join(usual_lines(hours, CHINESE)) == chinese
    if english is not None:
        assert "; ".join(usual_lines(hours, ENGLISH)) == english


# -- the rest --


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_every_code_has_its_words_and_no_two_the_same(language: Language) -> None:
    for words in (
        [service_words(service, language) for service in Service],
        [offer_words(Service.ACTIVATION, offer, language) for offer in Offer],
        [status_words(status, language) for status in Status],
        [precision_words(precision, language) for precision in Precision],
        [unknown_words(Unknown(why), language) for why in Why],
    ):
        assert all(words)
        assert len(set(words)) == len(words)


def test_an_unconfirmed_hall_is_never_said_to_serve_cards() -> None:
    assert status_words(Status.UNCONFIRMED, CHINESE) == "这里是否办理社保卡业务，尚未确认。"
    assert offer_words(Service.ACTIVATION, Offer.UNKNOWN, CHINESE) == "激活：是否办理待核实"


def test_the_gap_notice_gives_chongqings_own_number_only_for_chongqing() -> None:
    chongqing = Gap("gap-1", Name("沙坪坝区", "Shapingba District"), "重庆市", "沙坪坝区", SOURCE)
    luzhou = Gap("gap-2", Name("合江县", "Hejiang County"), "泸州市", "合江县", SOURCE)
    assert gap_notice(chongqing, CHINESE) == "沙坪坝区的办理网点地址待核实，请拨打 12333（重庆 023-12333）。"
    assert gap_notice(luzhou, CHINESE) == "合江县的办理网点地址待核实，请拨打 12333。"
    assert "Hejiang County" in gap_notice(luzhou, ENGLISH)


def place(name: str, level: Level, city: str, district: str) -> Place:
    return Place(Name(name, name), level, city, district, None, Precision.TOWN)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        (place("太平镇", Level.TOWN, "泸州市", "古蔺县"), "太平镇（泸州市古蔺县）"),
        (place("江阳区", Level.DISTRICT, "泸州市", "江阳区"), "江阳区（泸州市）"),
        (place("泸州市", Level.CITY, "泸州市", ""), "泸州市"),
    ],
)
def test_a_choice_says_what_tells_it_from_the_others(named: Place, words: str) -> None:
    assert place_words(named, CHINESE) == words


def test_where_distances_start_is_said_as_exactly_as_it_is_known() -> None:
    here = Point(29.5, 106.5)
    name = Name("沙坪坝区", "Shapingba District")
    assert origin_words(Origin(here, KnownBy.SHARED, Precision.BUILDING, None), CHINESE) == "从您的位置量起。"
    rough = Origin(here, KnownBy.NAMED, Precision.DISTRICT, name)
    assert origin_words(rough, CHINESE) == "从沙坪坝区的大致位置量起，距离是约数。"
    assert (
        origin_words(Origin(here, KnownBy.NAMED, Precision.STREET, name), ENGLISH)
        == "Measured from Shapingba District."
    )


def test_a_mended_typing_error_is_told() -> None:
    name = Name("沙坪坝区", "Shapingba District")
    sure = Origin(Point(29.5, 106.5), KnownBy.NAMED, Precision.DISTRICT, name)
    mended = Origin(Point(29.5, 106.5), KnownBy.NAMED, Precision.DISTRICT, name, exact=False)
    assert mended_words(sure, CHINESE) == ""
    assert mended_words(mended, CHINESE) == "已按“沙坪坝区”查找。如果不对，请重新输入。"


@pytest.mark.parametrize("field", ["place", "lat", "lon", "datum", "service", "open_at", "district", "body"])
def test_a_refusal_says_what_to_do_in_words_not_in_the_programs_terms(field: str) -> None:
    words = refusal_words(BadInput(field, "must lie between 3 and 54 degrees"), CHINESE)
    assert words.startswith(("请", "这个位置", "有一项"))
    assert "degrees" not in words


def test_a_source_says_when_it_is_undated() -> None:
    outlet = door(1, 29.5, 106.5)
    assert source_words(outlet, CHINESE) == "来源：made up for a test（2026）"
    undated = replace(outlet, source=Source("某网页", "", ""))
    assert source_words(undated, CHINESE) == "来源：某网页（未注明日期）"
