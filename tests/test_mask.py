"""What may never be written down, however it is disguised; and what is left as it was."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.mask import MASK, masked

# --- numbers of a person


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("510502199001011234", id="ID of 18 digits"),
        pytest.param("51050219900101123X", id="ID that ends in X"),
        pytest.param("51050219900101123x", id="ID that ends in x"),
        pytest.param("5105 0219 9001 0112 3-X", id="ID in groups"),
        pytest.param("510502900101123", id="ID of 15 digits"),
        pytest.param("999999999999999999", id="ID that cannot be"),
        pytest.param("6222021234567", id="bank card of 13 digits"),
        pytest.param("6222 0212 3456 7890 123", id="bank card of 19 digits"),
        pytest.param("A12345678", id="social-security card"),
        pytest.param("A20261010", id="social-security card like a date"),
        pytest.param("A2026-10-10", id="the same, in groups"),
        pytest.param("13800138000", id="mobile"),
        pytest.param("138 0013 8000", id="mobile in groups"),
        pytest.param("0086-138-0013-8000", id="mobile from abroad"),
        pytest.param("138 0013 8000, 139 0013 9000", id="two mobiles"),
        pytest.param("2026-10-10 13800138000", id="mobile behind a date"),
        pytest.param("12333 13800138000", id="mobile behind a short code"),
        pytest.param("13.912,105.678", id="mobile like a position"),
        pytest.param("110.1018,50.101123", id="old ID like a position"),
        pytest.param("01-064296641", id="landline like a short code"),
        pytest.param("01-0642-96641", id="the same in groups"),
        pytest.param("45 060595791 33", id="bank card like a short code"),
        pytest.param("195588 12333", id="mobile like two short codes"),
        pytest.param("023-63819808", id="landline of Chongqing"),
        pytest.param("0830 2333333", id="landline of Luzhou"),
        pytest.param("6381-9808", id="landline without its area"),
        pytest.param("G12345678", id="passport"),
        pytest.param("EA1234567", id="passport with two letters"),
        pytest.param("H1234567890", id="permit for Hong Kong and Macao"),
        pytest.param("29.5638123456,106.5507345678", id="position to a millimetre"),
        pytest.param("2026-13-10", id="date in month 13"),
        pytest.param("2026-10-32", id="date on day 32"),
        pytest.param("20261310", id="date in month 13 without marks"),
        pytest.param("09:00-17:60", id="time at minute 60"),
        pytest.param("2026-10.10", id="date with two kinds of marks"),
        pytest.param("56.5638,106.5507", id="position north of China"),
    ],
)
@pytest.mark.parametrize("before, after", [("", ""), ("我的号码", "谢谢"), ("号码：", "。"), ("(", ")")])
def test_a_number_of_a_person_is_masked_whole(before: str, number: str, after: str) -> None:
    assert masked(before + number + after) == before + MASK + after


@pytest.mark.parametrize(
    "disguised",
    [
        pytest.param("１３８００１３８０００", id="full width"),
        pytest.param("١٣٨٠٠١٣٨٠٠٠", id="Arabic"),
        pytest.param("१३८००१३८०००", id="Devanagari"),
        pytest.param("①③⑧⓪⓪①③⑧⓪⓪⓪", id="circled"),
        pytest.param("❶❸❽⓿⓿❶❸❽⓿⓿⓿", id="circled, white on black"),
        pytest.param("¹³⁸⁰⁰¹³⁸⁰⁰⁰", id="raised"),
        pytest.param("𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎", id="bold"),
        pytest.param("⒈⒊⒏🄀🄀⒈⒊⒏🄀🄀🄀", id="each with a full stop"),
        pytest.param("⑴⑶⑻0 0⑴⑶⑻0 0 0", id="in brackets"),
        pytest.param("1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣", id="keycaps"),
        pytest.param("1\u200b3\u200c8\u200d0\ufeff0\u20601\u00ad38000", id="unseen characters"),
        pytest.param("138\u3164\u03160013\ufe0f8000", id="unseen letters and marks"),
        pytest.param("138.0013.8000", id="dots"),
        pytest.param("138_0013_8000", id="underscores"),
        pytest.param("138,0013，8000", id="commas"),
        pytest.param("138、0013；8000", id="Chinese commas"),
        pytest.param("138/0013\\8000", id="slashes"),
        pytest.param("138·0013・8000", id="middle dots"),
        pytest.param("138—0013–8000", id="dashes"),
        pytest.param("(138)0013(8000)", id="brackets"),
        pytest.param("138*0013*8000", id="asterisks"),
        pytest.param("138\n0013\r\n\n\n    8000", id="lines"),
        pytest.param("1 3 8 0 0 1 3 8 0 0 0", id="one by one"),
        pytest.param("1😀3😀8😀0😀0😀1😀3😀8😀0😀0😀0", id="pictures between"),
        pytest.param("一三八零零一三八零零零", id="numerals"),
        pytest.param("幺三八〇〇幺三八〇〇〇", id="spoken numerals"),
        pytest.param("一三八○○一三八○○○", id="numerals with drawn circles"),
        pytest.param("壹叁捌零零壹叁捌零零零", id="numerals of money"),
        pytest.param("一三八 0013 八000", id="numerals and digits"),
        pytest.param("一三八20131010", id="numerals before a date"),
        pytest.param("周二三八零零一三八零零零", id="behind the word for week"),
    ],
)
@pytest.mark.parametrize("before, after", [("我的号码", "谢谢"), ("card", "ok"), ("", "")])
def test_no_disguise_keeps_a_number(before: str, disguised: str, after: str) -> None:
    assert digits_of(masked(before + disguised + after)) == ""


@pytest.mark.parametrize(
    "text, left",
    [
        (
            "我叫张三，电话13800138000，身份证51050219900101123X，怎么挂失",
            "我叫张三，电话***，身份证***，怎么挂失",
        ),
        ("+86 138 0013 8000", "+***"),
        ("A 20261010", "A ***"),
        ("card13800138000OK", "card***OK"),
        ("办事员说51050219900101123Xu", "办事员说***Xu"),
        ("13800138000 x", "*** x"),
        ("1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣好", "***好"),
        ("02367-88020元", "***元"),
        ("138****8000", "138****8000"),
        ("1234***5678", "1234***5678"),
    ],
)
def test_what_stands_around_a_number_stays(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize(
    "text, left",
    [
        ("汉渝路5号3栋2单元501室", "汉渝路***"),
        ("我住汉渝路５号，怎么去", "我住汉渝路***，怎么去"),
        ("汉渝路 5 号 3 栋", "汉渝路 ***"),
        ("汉渝路十五号附3号", "汉渝路***"),
        ("汉渝路5号3栋2单元501", "汉渝路***"),
        ("汉渝路5号-3-501", "汉渝路***"),
        ("汉渝路5-3号A栋12楼", "汉渝路***"),
        ("江阳中路三段15号", "江阳中路三段***"),
        ("滨江大道8號樓", "滨江大道***樓"),
        ("水井村3组15号", "水井村***"),
        ("阳光花园3栋2单元501室", "阳光花园***"),
        ("小区3栋501", "小区***"),
        ("汉渝路5号13800138000", "汉渝路***"),
        ("汉渝路5号2026年10月", "汉渝路***2026年10月"),
        ("汉渝路3栋 2026年10月", "汉渝路*** 2026年10月"),
    ],
)
def test_a_door_is_masked_and_its_road_stays(text: str, left: str) -> None:
    assert masked(text) == left


# --- what stays

ALLOWED = [
    *("12333", "12345", "12393", "110/120", "95588", "12306", "12333/12345", "12333，12345,12393"),
    *(
        "023-12333",
        "028-12333",
        "0830-12333",
        "023 12333",
        "(0830)12333",
        "083012333",
        "010-95588",
        "023-12333-0-1",
    ),
    *("2026-10-10", "2026年10月10日", "20261010", "10.1", "2026/10/10", "2026.1.5", "1960-05-01", "2026-10"),
    *("2026.10-2026.12", "2026-10-01, 2026-10-02", "10.1-10.7 9:00-17:00", "2026-10-10-12"),
    *("2026-10-10~2026-10-12", "2026.10.1-10.7", "10.10 - 10.17", "10月1日-10月7日", "2024-2026", "2026"),
    *("09:00-17:30", "9点半", "8:30—12:00,14:00-17:30", "08：30～12：00、14：00～17：30", "00:00-24:00"),
    *("2026-10-10 09:00-17:30", "2026-10-10T09:00:00+08:00", "10.1 9:00-17:00", "10/10 09:30:15"),
    *(
        "2026-10-10 8:30 - 2026-10-12 17:30",
        "9:00-17:30 12333",
        "12333\n9:00-17:30",
        "周一、三、五 09:00-17:30",
        "周1-5 09:00-17:30",
    ),
    *("29.56, 106.55", "29.56,106.55", "106.55，29.56", "29.56 106.55", "29.56"),
    *("1. 带身份证 2. 带照片", "3-5个工作日", "9:00-17:30，3-5个工作日", "1. 2026-10-10前", "2、9:00-17:30"),
    *(
        "100000元",
        "123,456",
        "1234.56元",
        "500-1000元",
        "5000—10000块",
        "12万人",
        "400000",
        "90㎡",
        "２０２６年",
    ),
    *(
        "023-12333一直打不通",
        "周一至周五9:00-12:00 13:30-17:00（周末）",
        "登陆023-12333",
        "二〇二六年十月十日",
    ),
    *(
        "一五一十",
        "一百二十三万四千五百六十七",
        "5号线",
        "10号窗口",
        "路10号线",
        "道路5号窗口",
        "3栋",
        "第3号",
    ),
    *("Mon 09:00-17:30", "on 2026-10-10", "Tel: 023-12333", "e\u0301tude", "\ud83d"),
]


@pytest.mark.parametrize("shape", ALLOWED)
@pytest.mark.parametrize("before, after", [("", ""), ("电话", "能办吗"), ("请问，", "？")])
def test_what_names_nobody_stays_as_it_was(before: str, shape: str, after: str) -> None:
    assert masked(before + shape + after) == before + shape + after


@pytest.mark.parametrize(
    "text, left",
    [
        ("29.563812,106.550734", "29.56,106.55"),
        ("我在29.563812，106.550734附近", "我在29.56,106.55附近"),
        ("106.5507 29.563", "106.55 29.56"),
        ("２９.５６３８, 106.5507", "29.56, 106.55"),
        ("纬度29.5638 经度106.551", "纬度29.56 经度106.55"),
        ("经度106.550734", "经度***"),
    ],
)
def test_a_position_keeps_two_decimals(text: str, left: str) -> None:
    assert masked(text) == left


# --- any number, in any disguise

STYLES = [
    *("0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"),
    *("⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾", "〇一二三四五六七八九", "零幺两三四五六七八九", "零壹贰叁肆伍陆柒捌玖"),
]
PLAIN = {letter: str(digit) for style in STYLES for digit, letter in enumerate(style)}
MARKS = " -._·/,\n，、—"
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f"
AROUND = ["", "我的电话是", "号", "周", "汉渝路", "谢谢", "办", "元", "年", "card", "X", "ok"]

BORN = "(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
KINDS = {
    "ID": rf"[1-6][0-9]{{5}}(19|20)[0-9]{{2}}{BORN}[0-9]{{3}}[0-9Xx]",
    "old ID": rf"[1-6][0-9]{{7}}{BORN}[0-9]{{3}}",
    "bank card": "[3-6][0-9]{12,18}",
    "mobile": "((00)?86)?1[3-9][0-9]{9}",
    "landline": "0(10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{7}",
}
NUMBERS = st.sampled_from(sorted(KINDS.values())).flatmap(lambda kind: st.from_regex(kind, fullmatch=True))


def digits_of(text: str) -> str:
    """Every digit of it, read independently of the mask."""
    letters = (PLAIN.get(letter, unicodedata.normalize("NFKC", letter)) for letter in text)
    return "".join(filter(str.isdigit, "".join(letters)))


@st.composite
def disguises(draw: st.DrawFn) -> str:
    """A number in one to three kinds of digits, with marks of one kind or of all between."""
    number = draw(NUMBERS)
    styles = st.sampled_from(draw(st.lists(st.sampled_from(STYLES), min_size=1, max_size=3)))
    marks = st.text(draw(st.sampled_from([*MARKS, MARKS])), max_size=2)
    unseen = st.text(UNSEEN, max_size=1)
    cuts = draw(st.sets(st.integers(0, len(number) - 2)))
    around = st.sampled_from(AROUND)
    letters = [
        (draw(styles)[int(letter)] if letter.isdigit() else letter)
        + (draw(unseen) + draw(marks) + draw(unseen) if at in cuts else "")
        for at, letter in enumerate(number)
    ]
    return draw(around) + "".join(letters) + draw(around)


@given(disguises())
def test_not_a_digit_of_a_disguised_number_is_left(disguised: str) -> None:
    assert digits_of(disguised)
    assert digits_of(masked(disguised)) == ""


@given(st.lists(st.one_of(disguises(), st.sampled_from(["，", "怎么办"])), max_size=5).map("".join))
def test_nor_of_several(text: str) -> None:
    assert digits_of(masked(text)) == ""


CHINESE = st.text("社保卡办理时间地点请问怎么带照片吗", min_size=1, max_size=6)


@given(st.lists(st.sampled_from(ALLOWED), max_size=4), CHINESE)
def test_what_names_nobody_stays_between_words(shapes: Sequence[str], word: str) -> None:
    text = word + "".join(shape + word for shape in shapes)
    assert masked(text) == text


# --- any text

SIGNS = st.text("0123456789X x*-.,:/，年路号栋单元室段周一二三〇十AB１①\u200b\ufe0f½㎡\n", max_size=60)
ANY_TEXT = st.one_of(
    st.text(),
    SIGNS,
    st.lists(st.one_of(SIGNS, disguises(), st.sampled_from(ALLOWED)), max_size=5).map("".join),
)


@given(ANY_TEXT)
@example("1234A56789012345678X3456")
@example("1234**12345678**3456")
@example("路1单元1室1室1室1室1室1室1室1室1单元2室")
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


EVERYDAY = st.text("0123456789一三零百Aa社号楼单元路街坪 \n,，-。.卡", max_size=30)


@given(EVERYDAY)
@example("路一 号")
@example("31.1234")
def test_an_everyday_text_is_looked_at_as_closely_as_any_other(text: str) -> None:
    """One that holds an unseen character never passes at a glance."""
    unseen = "\u200b"
    assert masked(f"{text}卡{unseen}").replace(unseen, "") == masked(f"{text}卡")


@given(st.text(st.characters(exclude_categories=["N", "Lo"])))
def test_a_text_without_digits_stays_as_it_was(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "1",
            "1 ",
            "1-",
            "1   ",
            "   1",
            "一",
            "*",
            "1*",
            "A",
            "1A",
            " ",
            "\u200b",
            "1\u200b",
            "㊿",
            "\ufdfa",
        ),
        *("9:00-", "9:00 ", "2026-10-10 ", "10.1-", "12333/", "29.56,106.55,", "29.563812 ", "1:0"),
        *(
            "路1",
            "路1-",
            "1号",
            "1栋 ",
            "1单元",
            "1号1单元1室",
            "路1号1",
            "附",
            "附1-1-1-1A",
            "十",
            "路十号十",
        ),
    ],
)
def test_the_worst_text_of_a_thousand_letters_is_read(piece: str) -> None:
    text = (piece * 1_000)[:1_000]
    once = masked(text)
    assert masked(once) == once
    assert len(once) <= len(text) * len(MASK)
