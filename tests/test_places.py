"""What place a typed text names."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from locator.errors import BadInput
from locator.model import (
    Found,
    Level,
    Name,
    Outlet,
    Place,
    Point,
    Precision,
    Source,
    Status,
    Unclear,
    Unknown,
    Why,
)
from locator.places import LONGEST_TEXT, MOST_CHOICES, read_gazetteer
from locator.text import sound, words

GAZETTEER = read_gazetteer(Path(__file__).parents[1] / "locator" / "data")
DISTRICTS = [place for city in ("重庆市", "泸州市") for place in GAZETTEER.districts_of(city)]
TOWNS = [place for place in GAZETTEER.places if place.level is Level.TOWN]
TO_TRADITIONAL = OpenCC("s2t")


def label(place: Place) -> str:
    return place.name.zh if place.level in (Level.CITY, Level.DISTRICT) else place.district + place.name.zh


def named(text: str) -> str:
    return told(GAZETTEER.find(text))


def told(result: Found | Unclear | Unknown) -> str:
    """Say the result in one line, so that a table of texts can be read."""
    if isinstance(result, Unknown):
        return f"! {result.why}"
    if isinstance(result, Unclear):
        return "? " + " ".join(label(place) for place in result.places)
    former = f" (was {result.place.former})" if result.place.former else ""
    return ("" if result.exact else "~ ") + label(result.place) + former


@pytest.mark.parametrize(
    "text, answer",
    [
        # cities and districts
        ("重庆", "重庆市"),
        ("泸州市", "泸州市"),
        ("Luzhou", "泸州市"),
        ("沙坪坝", "沙坪坝区"),
        ("忠县", "忠县"),
        ("石柱", "石柱土家族自治县"),
        ("石柱县", "石柱土家族自治县"),
        ("彭水", "彭水苗族土家族自治县"),
        ("万盛", "万盛经开区"),
        ("万盛经开区", "万盛经开区"),
        ("两江新区", "两江新区"),
        ("重庆高新区", "重庆高新区"),
        # former names
        ("潼南县", "潼南区 (was 潼南县)"),
        ("江津市", "江津区 (was 江津市)"),
        ("开县", "开州区 (was 开县)"),
        ("万县市", "万州区 (was 万县市)"),
        ("江北区", "两江新区 (was 江北区)"),
        ("渝北", "两江新区 (was 渝北区)"),
        ("江北县", "两江新区 (was 江北县)"),
        ("渝北区兴隆镇", "北碚区兴隆镇 (was 渝北区)"),
        ("北碚区兴隆镇", "北碚区兴隆镇"),
        ("江北区观音桥街道", "两江新区观音桥街道 (was 江北区)"),
        ("北碚区蔡家岗街道", "两江新区蔡家岗街道 (was 北碚区)"),
        # other ways of writing
        ("瀘州", "泸州市"),
        ("沙坪壩", "沙坪坝区"),
        ("江陽區", "江阳区"),
        ("shapingba", "沙坪坝区"),
        ("sha ping ba qu", "沙坪坝区"),
        ("chongqingshapingba", "沙坪坝区"),
        ("spb", "沙坪坝区"),
        ("Shapingba District", "沙坪坝区"),
        ("Jiangyang, Luzhou", "江阳区"),
        ("Zhong County", "忠县"),
        ("luxian", "泸县"),
        ("fuyang", "合江县符阳街道"),
        ("Mu’er", "两江新区木耳镇"),
        # typing errors
        ("沙坪把", "~ 沙坪坝区"),
        ("江扬区", "~ 江阳区"),
        ("泸洲", "~ 泸州市"),
        ("常寿区", "~ 长寿区"),
        ("重庆市沙平坝区", "~ 沙坪坝区"),
        ("我在沙平坝", "~ 沙坪坝区"),
        ("shapinba", "~ 沙坪坝区"),
        ("龙马谭区", "~ 龙马潭区"),
        ("qanjiangqu", "~ 黔江区"),
        ("jiangjiqu", "~ 江津区"),
        ("忠线", "~ 忠县"),
        ("沙坪贝区", "? 沙坪坝区 垫江县沙坪镇"),
        # longer texts
        ("重庆市沙坪坝区渝碚路5号", "沙坪坝区"),
        ("沙坪坝区渝碚路街道", "沙坪坝区渝碚路街道"),
        ("沙坪坝区磁器口街道", "沙坪坝区磁器口街道"),
        ("我在泸州江阳区这边", "江阳区"),
        ("忠县忠州街道", "忠县忠州街道"),
        ("离江津最近的网点", "江津区"),
        ("泸州市江阳区江阳西路23号", "江阳区"),
        ("重庆沙坪坝 磁器口", "沙坪坝区磁器口街道"),
        ("重庆 社保卡", "重庆市"),
        ("沙坪坝区本地人和家人", "沙坪坝区"),
        ("磁器口街道 观音桥旁", "沙坪坝区磁器口街道"),
        ("綦江区万盛经开区", "万盛经开区"),
        # several
        ("太平镇", "? 古蔺县太平镇 垫江县太平镇 铜梁区太平镇"),
        ("四川太平镇", "? 古蔺县太平镇 垫江县太平镇 铜梁区太平镇"),
        ("两江新区 江北区", "两江新区 (was 江北区)"),
        ("沙坪坝和观音桥", "? 沙坪坝区 两江新区观音桥街道"),
        ("沙坪坝和南坪", "沙坪坝区"),
        ("泸州太平镇", "古蔺县太平镇"),
        ("古蔺县太平镇", "古蔺县太平镇"),
        ("从沙坪坝到江津", "? 江津区 沙坪坝区"),
        ("从泸州到江津", "? 泸州市 江津区"),
        ("沙坪坝区太平镇", "? 沙坪坝区 古蔺县太平镇 垫江县太平镇 铜梁区太平镇"),
        # a district and a town of one name: the district, unless a district before it says otherwise
        ("合江", "合江县"),
        ("江北", "两江新区 (was 江北区)"),
        ("江北城街道", "两江新区江北城街道"),
        ("江北镇", "江阳区江北镇"),
        ("涪陵江北", "涪陵区江北街道"),
        ("从涪陵到江北", "? 两江新区 涪陵区"),
        ("大足", "大足区"),
        ("叙永", "叙永县"),
        ("叙永县叙永镇", "叙永县叙永镇"),
        # no place at all
        ("江阳西路", "! no-such-place"),
        ("长江北岸", "! no-such-place"),
        ("打开县城地图", "! no-such-place"),
        ("我在酒店", "! no-such-place"),
        ("我本人和家人", "! no-such-place"),
        ("社保卡怎么办", "! no-such-place"),
        ("你好", "! no-such-place"),
        ("hello world", "! no-such-place"),
        ("12345", "! no-such-place"),
        ("四川", "! no-such-place"),
        # outside
        ("成都", "! outside"),
        ("Chengdu", "! outside"),
        ("北京朝阳区", "! outside"),
        ("成都市双流区太平镇", "! outside"),
        ("遵义", "! outside"),
        ("恩施州", "! outside"),
        ("长沙", "! outside"),
        ("nanjng", "! outside"),
        ("changsha", "! outside"),
        ("成都路", "! no-such-place"),
        ("开州长沙", "开州区长沙镇"),
        ("成都路 沙坪坝", "沙坪坝区"),
        ("从成都来，到观音桥", "两江新区观音桥街道"),
    ],
)
def test_a_text_names_its_place(text: str, answer: str) -> None:
    assert named(text) == answer


def test_a_place_without_a_sourced_point_is_found_without_one() -> None:
    found = GAZETTEER.find("重庆高新区")
    assert isinstance(found, Found)
    assert found.place.point is None


def test_a_town_known_by_name_only_borrows_the_point_of_its_district() -> None:
    town, district = GAZETTEER.find("万州区高笋塘街道"), GAZETTEER.find("万州区")
    assert isinstance(town, Found)
    assert isinstance(district, Found)
    assert town.place.point == district.place.point
    assert town.place.precision is Precision.DISTRICT


@pytest.mark.parametrize("text", ["", "   ", "，。！", "🙂"])
def test_a_text_without_a_word_names_no_place(text: str) -> None:
    assert GAZETTEER.find(text) == Unknown(Why.NO_SUCH_PLACE)


def test_one_sign_that_stands_for_a_sentence_is_read_no_further_than_any_text() -> None:
    assert isinstance(GAZETTEER.find("沙坪坝" + "\ufdfa" * 190), Found | Unclear | Unknown)


@pytest.mark.parametrize("text", ["坝" * (LONGEST_TEXT + 1), "沙坪坝\x00"])
def test_a_text_that_cannot_be_used_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        GAZETTEER.find(text)
    assert refused.value.field == "place"


# -- every place we ship --


def found_place(text: str) -> Place | None:
    found = GAZETTEER.find(text)
    return found.place if isinstance(found, Found) else None


def choices(text: str) -> tuple[Place, ...]:
    result = GAZETTEER.find(text)
    if isinstance(result, Unclear):
        return result.places
    return (result.place,) if isinstance(result, Found) else ()


@pytest.mark.parametrize("place", DISTRICTS, ids=label)
def test_a_district_is_found_by_its_name_its_pinyin_and_its_english_name(place: Place) -> None:
    for text in (place.name.zh, sound(place.name.zh), sound(place.name.zh).replace(" ", ""), place.name.en):
        assert found_place(text) == place, text


def test_every_town_is_found_by_its_name_behind_its_district() -> None:
    assert [label(place) for place in TOWNS if found_place(label(place)) != place] == []


def test_every_town_is_found_by_its_name_alone_or_is_among_the_choices() -> None:
    assert [label(place) for place in TOWNS if place not in choices(place.name.zh)] == []


def test_no_name_needs_more_choices_than_are_shown() -> None:
    assert max(len(choices(place.name.zh)) for place in TOWNS) < MOST_CHOICES


def test_traditional_characters_name_the_same_place() -> None:
    # OpenCC itself writes 澄江 as 澂江, another place, and does not find the way back.
    texts = [label(place) for place in (*DISTRICTS, *TOWNS) if place.name.zh != "澄江镇"]
    assert [text for text in texts if choices(TO_TRADITIONAL.convert(text)) != choices(text)] == []


def homophones(name: str) -> Iterator[str]:
    """Write the name with one character replaced by another of the same sound."""
    for place, character in enumerate(name):
        for other in "丙平兵阳洋扬江将姜津进近北背倍川传船州洲周南难安岸案区去趣县现线":
            if other != character and sound(other) == sound(character):
                yield name[:place] + other + name[place + 1 :]


def test_a_district_is_the_first_choice_in_spite_of_a_character_of_the_same_sound() -> None:
    slips = [(place, typo) for place in DISTRICTS for typo in homophones(place.name.zh)]
    assert len(slips) > 100
    missed = [typo for place, typo in slips if choices(typo)[:1] != (place,)]
    assert missed == []


def test_no_more_choices_are_given_than_a_person_can_read() -> None:
    assert len(choices("渝中 南岸 沙坪坝 九龙坡 大渡口 北碚 巴南 江津 合川 永川")) == MOST_CHOICES


def test_choices_come_in_order_of_level_city_and_district() -> None:
    texts = ("沙坪坝到江津和泸州", "从泸州到江津", "白沙", "双龙")
    for places in map(choices, texts):
        order = [(list(Level).index(place.level), place.city, place.district) for place in places]
        assert order == sorted(order)
        assert len(places) > 1


# -- outlets --


def outlet(name: str, english: str, *also: str) -> Outlet:
    source = Source("a list", "", "2020")
    return Outlet(
        "x-1", Name(name, english), "重庆市", "涪陵区", "顺江大道6号", Point(29.7, 107.4), Precision.STREET,
        Status.UNCONFIRMED, source, also=also,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "涪陵区社会保险事务中心",
        "我要去涪陵区社会保险事务中心",
        "涪陵社保大厅",
        "Fuling District Social Insurance Centre",
    ],
)
def test_an_outlet_is_found_by_each_of_its_names(text: str) -> None:
    hall = outlet("涪陵区社会保险事务中心", "Fuling District Social Insurance Centre", "涪陵社保大厅")
    found = GAZETTEER.with_outlets([hall]).find(text)
    assert isinstance(found, Found)
    assert (found.place.level, found.place.outlet_id, found.place.point) == (Level.OUTLET, "x-1", hall.point)


def test_a_district_is_still_found_beside_its_outlets() -> None:
    hall = outlet("涪陵区社会保险事务中心", "Fuling District Social Insurance Centre")
    assert GAZETTEER.with_outlets([hall]).find("涪陵区") == GAZETTEER.find("涪陵区")


# -- anything typed --

PIECES = st.sampled_from(
    [
        "沙坪",
        "坝",
        "区",
        "太平",
        "镇",
        "江北",
        "路",
        "5号",
        "成都",
        "shaping",
        "ba",
        " ",
        "，",
        "重庆",
        "xian",
        "到",
    ]
)
NONSENSE = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=15).map("".join))


@settings(max_examples=10_000)
@given(NONSENSE)
def test_nothing_typed_raises_anything_but_bad_input(text: str) -> None:
    with suppress(BadInput):
        result = GAZETTEER.find(text)
        assert isinstance(result, Found | Unclear | Unknown)
        assert not isinstance(result, Unclear) or 1 < len(result.places) <= MOST_CHOICES
        assert not isinstance(result, Unknown) or result.why in (Why.NO_SUCH_PLACE, Why.OUTSIDE)


# -- a sentence about something else --


@pytest.mark.parametrize(
    ("sentence", "place", "rest"),
    [
        ("卡丢了，沙坪坝附近哪里可以补", "沙坪坝区", "卡丢了 附近哪里可以补"),
        ("我住沙坪坝区渝碚路，卡丢了", "沙坪坝区渝碚路街道", "我住 卡丢了"),
        ("合江激活", "合江县", "激活"),
        ("我想在大足激活", "大足区", "我想在 激活"),
        ("重庆的卡丢了", "重庆市", "的卡丢了"),
        ("太平镇哪里补", "? 古蔺县太平镇 垫江县太平镇 铜梁区太平镇", "哪里补"),
        ("从泸州到江津", "? 泸州市 江津区", "从 到"),
        ("Where in Shapingba can I replace my card?", "沙坪坝区", "where in can i replace my card"),
        ("我在江津，社保卡在哪裡補辦", "江津区", "我在 社保卡在哪里补办"),
        ("成都哪里补卡", "! outside", "成都哪里补卡"),
        ("沙坪坝", "沙坪坝区", ""),
        # nothing is mended, for most of a sentence is no name
        ("沙平坝哪里补卡", "! no-such-place", "沙平坝哪里补卡"),
        ("忠心感谢", "! no-such-place", "忠心感谢"),
        ("spb", "! no-such-place", "spb"),
        ("打开县城地图", "! no-such-place", "打开县城地图"),
        ("安全吗", "! no-such-place", "安全吗"),
        ("社保卡怎么激活", "! no-such-place", "社保卡怎么激活"),
        ("", "! no-such-place", ""),
        ("，。🙂", "! no-such-place", ""),
    ],
)
def test_a_sentence_names_its_place_and_the_rest_is_left(sentence: str, place: str, rest: str) -> None:
    reading = GAZETTEER.read(sentence)
    assert told(reading.found) == place
    assert reading.rest == rest


@pytest.mark.parametrize("place", DISTRICTS, ids=label)
def test_a_district_is_read_out_of_a_question_in_both_scripts(place: Place) -> None:
    for question in (f"卡丢了，{place.name.zh}哪里补", TO_TRADITIONAL.convert(f"{place.name.zh}哪里补卡")):
        reading = GAZETTEER.read(question)
        assert isinstance(reading.found, Found)
        assert reading.found.place == place
        assert "补" in reading.rest
        assert place.name.zh not in reading.rest


def test_of_a_very_long_sentence_the_beginning_is_read() -> None:
    assert GAZETTEER.read("我" * 10_000 + "沙坪坝").found == Unknown(Why.NO_SUCH_PLACE)
    assert isinstance(GAZETTEER.read("沙坪坝" + "我" * 10_000).found, Found)


@settings(max_examples=2_000)
@given(NONSENSE)
def test_what_a_sentence_names_a_text_names_too_and_the_rest_is_all_there_is_besides(sentence: str) -> None:
    reading = GAZETTEER.read(sentence)
    everything = "".join(words(sentence[:200]))
    if isinstance(reading.found, Unknown):
        assert reading.rest.replace(" ", "") == everything
    else:
        assert len(reading.rest.replace(" ", "")) < len(everything)
        with suppress(BadInput):
            assert not isinstance(GAZETTEER.find(sentence), Unknown)
