"""The page as a browser without scripts meets it."""

import logging
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from locator.app import make_app
from locator.datum import Datum, to_wgs84
from locator.guide import make_live
from locator.language import traditional
from locator.model import Gap, Name, Offer, Outlet, Point, Precision, Service, Status
from locator.nearest import Index
from locator.outlets import write_outlets
from locator.settings import Settings
from tests.doors import OFFICE_HOURS, SATURDAY_WORKED, door, gap
from tests.reading import Reader, read

SHIPPED = Settings()
NOTHING = dict.fromkeys(Service, Offer.NO)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """Over the shipped file, on the worked Saturday 2026-10-10."""
    return make_app(make_live(SHIPPED), SHIPPED, lambda: SATURDAY_WORKED).test_client()


def test_when_no_hall_is_known_to_be_open_it_says_so(client: FlaskClient) -> None:
    page = read(post(client, place="沙坪坝区", open="chosen", when="2026-10-10T23:00"))
    assert "没有查到那时开门的大厅" in page.text
    assert "先是开门的" not in page.text


def test_an_address_that_leads_nowhere_leads_back_to_the_first_page(client: FlaskClient) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    page = read(response)
    assert "没有这个网页" in page.text
    assert {"/", "tel:12333"} <= set(page.links())
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]


def test_what_breaks_here_is_said_without_a_traceback() -> None:
    broken = make_app(make_live(SHIPPED), SHIPPED, lambda: 1 // 0)  # type: ignore[arg-type,return-value]
    response = broken.test_client().post("/", data={"place": "沙坪坝区"})
    assert response.status_code == 500
    assert "这里出了点问题" in response.text
    assert "ZeroDivisionError" not in response.text
    refused = broken.test_client().post("/api/v1/nearest", json={"place": "沙坪坝区"})
    assert (refused.status_code, refused.mimetype) == (500, "application/problem+json")


def test_asked_for_a_time_it_leaves_room_for_near_halls_whose_hours_nobody_knows(client: FlaskClient) -> None:
    page = read(post(client, place="沙坪坝区", open="now"))
    badges = [one["class"] for one in page.all("p") if one.get("class", "").startswith("badge")]
    assert badges == ["badge open"] * 5 + ["badge unknown"] * 5
    assert "先是开门的，后是时间待核实的" in page.text


def client_over(tmp_path: Path, outlets: list[Outlet], **settings: str) -> FlaskClient:
    path = tmp_path / "outlets.geojson"
    path.write_bytes(write_outlets(outlets, [gap("江津区")]))
    own = Settings(outlets=path, **settings)  # type: ignore[arg-type]
    return make_app(make_live(own), own, lambda: SATURDAY_WORKED).test_client()


def post(client: FlaskClient, url: str = "/", **fields: str) -> TestResponse:
    return client.post(url, data=fields)


def names(page: Reader) -> int:
    return len(page.all("li", class_="card"))


# -- asking and finding --


def test_the_empty_page_asks_where_you_are_and_lists_all_districts(client: FlaskClient) -> None:
    response = client.get("/")
    page = read(response)
    assert response.status_code == 200
    assert page.all("input", name="place")[0]["value"] == ""
    assert len([link for link in page.links() if "district=" in link]) == 38 + 7
    assert names(page) == 0


def test_a_place_is_found_without_scripts_nearest_first(client: FlaskClient) -> None:
    page = read(post(client, place="泸州江阳区"))
    assert names(page) == 5
    assert page.text.index("泸州市人民政府政务服务中心") < page.text.index("泸州市人力资源和社会保障局")
    assert "约 1 公里" in page.text
    assert "泸州市江阳区酒城大道一段2号" in page.text


def test_the_form_is_a_post_and_keeps_what_was_typed(client: FlaskClient) -> None:
    page = read(post(client, place="沙坪坝", service="activation", open="chosen", when="2026-10-12T10:00"))
    form = page.all("form", id="ask")[0]
    assert (form["method"], form["action"]) == ("post", "/#results")
    assert page.all("input", name="place")[0]["value"] == "沙坪坝"
    assert "selected" in page.all("option", value="activation")[0]
    assert "checked" in page.all("input", id="open-chosen")[0]
    assert page.all("input", id="when")[0]["value"] == "2026-10-12T10:00"


def test_no_link_of_an_answer_carries_what_was_typed(client: FlaskClient) -> None:
    page = read(post(client, place="沙坪坝区天星桥", service="activation", open="now"))
    own = [link for link in page.links() if not urlsplit(link).netloc]
    assert own
    assert not [link for link in own if "天星桥" in link or quote("天星桥") in link]
    assert f"/?service=activation&open=now&district={quote('万州区')}#results" in page.links()


def test_a_filter_that_was_refused_goes_into_no_link(client: FlaskClient) -> None:
    page = read(post(client, place="沙坪坝区", service="secret", open="chosen", when="secret"))
    assert not [link for link in page.links() if "secret" in link]


def test_an_answer_to_a_post_is_not_stored_and_a_page_may_be(client: FlaskClient) -> None:
    assert post(client, place="沙坪坝区").headers["Cache-Control"] == "no-store"
    assert post(client, place="").headers["Cache-Control"] == "no-store"
    assert "no-store" not in client.get("/").headers.get("Cache-Control", "")


def test_no_answer_sets_a_cookie(client: FlaskClient) -> None:
    for response in (client.get("/"), post(client, place="沙坪坝区"), client.get("/docs")):
        assert "Set-Cookie" not in response.headers


def test_a_district_in_the_url_is_where_it_measures_from_not_a_filter(client: FlaskClient) -> None:
    page = read(client.get("/", query_string={"district": "沙坪坝区", "service": "activation"}))
    assert names(page) == 5
    assert "从沙坪坝区的大致位置量起" in page.text
    assert "重庆市九龙坡区" in page.text


@pytest.mark.parametrize("free_text", ["天星桥", "<b>", "江北区", "沙坪坝区渝碚路5号"])
def test_the_url_takes_present_day_districts_and_no_free_text(client: FlaskClient, free_text: str) -> None:
    response = client.get("/", query_string={"district": free_text})
    page = read(response)
    assert response.status_code == 422
    assert "请从页面下方的列表里选一个区县。" in page.text
    assert (
        free_text not in page.all("input", name="place")[0]["value"] + page.all("form", id="ask")[0]["action"]
    )


def test_a_position_or_a_place_in_the_url_is_ignored(client: FlaskClient) -> None:
    page = read(
        client.get("/", query_string={"place": "沙坪坝区", "lat": "29.5", "lon": "106.5", "datum": "wgs84"})
    )
    assert names(page) == 0


def test_a_position_is_measured_from_and_said_to_be(client: FlaskClient) -> None:
    page = read(post(client, place="", lat="28.882", lon="105.431", datum="wgs84"))
    assert "从您的位置量起。" in page.text
    assert names(page) == 5
    assert page.all("input", name="lat")[0]["value"] == "28.882"


def test_a_typed_place_has_the_last_word_over_a_position_left_in_the_form(client: FlaskClient) -> None:
    page = read(post(client, place="合江县", lat="29.5", lon="106.5", datum="wgs84"))
    assert "从合江县的大致位置量起" in page.text
    assert page.all("input", name="lat")[0]["value"] == ""


def test_a_city_or_an_ambiguous_name_gives_choices_each_a_button_that_finds(client: FlaskClient) -> None:
    page = read(post(client, place="太平镇", service="activation"))
    hidden = [element["value"] for element in page.all("input", type="hidden", name="place")]
    sent = [text for text in hidden if text != "太平镇"]  # that one is the other languages'
    assert names(page) == 0
    assert len(sent) > 1
    assert "太平镇（泸州市古蔺县）" in page.text
    for text in sent:
        assert names(read(post(client, place=text, service="activation"))) == 5
    assert len(read(post(client, place="泸州")).all("input", type="hidden", name="place")) == 7 + 1


@pytest.mark.parametrize(
    ("place", "words"), [("北京市朝阳区", "这个地方不在泸州和重庆"), ("qwertzuiop", "没有找到这个地方")]
)
def test_what_is_not_found_says_why_and_what_to_do(client: FlaskClient, place: str, words: str) -> None:
    response = post(client, place=place)
    page = read(response)
    assert response.status_code == 200
    assert words in page.text
    assert "tel:12333" in page.links()


def test_a_typing_error_is_mended_aloud(client: FlaskClient) -> None:
    assert "已按“沙坪坝区”查找" in read(post(client, place="沙平坝区")).text


# -- what a card says --


@pytest.mark.parametrize(("place", "number"), [("合江县", "12333"), ("重庆沙坪坝区", "023-12333")])
def test_a_district_without_a_known_outlet_says_so_above_the_list(
    client: FlaskClient, place: str, number: str
) -> None:
    page = read(post(client, place=place))
    assert "的办理网点地址待核实，请拨打" in page.text
    assert f"tel:{number}" in page.links()
    assert page.text.index("地址待核实") < page.text.index(" 公里")
    assert names(page) == 5


def test_a_district_with_a_hall_has_no_such_notice(client: FlaskClient) -> None:
    assert "地址待核实" not in read(post(client, place="江阳区")).text


def test_every_card_says_what_is_not_confirmed_and_to_call_first(client: FlaskClient) -> None:
    page = read(post(client, place="忠县"))
    assert page.text.count("这里是否办理社保卡业务，尚未确认。") == 5
    assert page.text.count("出发前请拨打") == 5
    assert "可以办理" not in page.text


def test_a_phone_is_a_link_that_dials(client: FlaskClient) -> None:
    assert "tel:023-54247045" in read(post(client, place="忠县")).links()


def test_an_open_state_is_said_in_words_beside_its_colour(client: FlaskClient) -> None:
    page = read(post(client, place="忠县"))
    assert "现在开门，12:00 关门；今天调休上班" in page.text
    assert page.all("p", class_="badge open")


def test_a_chosen_time_is_named_and_answered_for(client: FlaskClient) -> None:
    page = read(post(client, place="忠县", open="chosen", when="2026-10-12T10:00"))
    assert "按10月12日（周一）10:00计算。" in page.text
    assert "到时开门，12:00 关门" in page.text
    assert [words for words in page.words if words.startswith("现在")] == ["现在"]  # the form's own


def test_a_service_asked_for_is_said_to_be_unknown_where_it_is(client: FlaskClient) -> None:
    page = read(post(client, place="忠县", service="activation"))
    assert page.text.count("激活：是否办理待核实") == 5


def test_a_source_is_linked_only_where_its_own_page_was_read(client: FlaskClient) -> None:
    hosts = {urlsplit(link).hostname or "" for link in read(post(client, place="江阳区")).links()}
    outside = {
        host for host in hosts if host and not host.endswith(("amap.com", "baidu.com", "qq.com", "apple.com"))
    }
    assert {host for host in outside if not host.endswith(("gov.cn", "google.com"))} == set()


@pytest.mark.parametrize("precision", list(Precision))
def test_a_map_link_leads_within_a_metre_or_searches_the_address(
    tmp_path: Path, precision: Precision
) -> None:
    outlet = door(1, 29.543736, 106.452904, precision=precision)
    page = read(post(client_over(tmp_path, [outlet]), place="沙坪坝区"))
    queries = {
        urlsplit(link).hostname: parse_qs(urlsplit(link).query) for link in page.links() if "//" in link
    }
    if not precision.is_exact:
        assert "按地址搜索" in page.text
        assert all("测试路1号" in str(query) for query in queries.values())
        return
    lon, lat = queries["uri.amap.com"]["position"][0].split(",")
    assert metres_from(outlet, Datum.GCJ02, lat, lon) < 1
    assert metres_from(outlet, Datum.BD09, *queries["api.map.baidu.com"]["location"][0].split(",")) < 1
    assert metres_from(outlet, Datum.GCJ02, *queries["maps.apple.com"]["ll"][0].split(",")) < 1
    assert metres_from(outlet, Datum.GCJ02, *queries["www.google.com"]["query"][0].split(",")) < 1


def metres_from(outlet: Outlet, datum: Datum, lat: str, lon: str) -> float:
    index = Index([outlet.point.lat], [outlet.point.lon])
    return index.nearest(Point(*to_wgs84(float(lat), float(lon), datum)), 1)[0][0]


def test_an_official_outlet_shows_what_it_does_and_its_exact_distance(tmp_path: Path) -> None:
    does = {Service.ACTIVATION: Offer.YES, Service.LOSS_REPORT: Offer.YES}
    outlet = door(1, 29.55, 106.46, hours=OFFICE_HOURS, services=does)
    client = client_over(tmp_path, [outlet])
    page = read(post(client, place="", lat="29.548", lon="106.46", datum="wgs84"))
    assert "在官方公布的网点名单上。" in page.text
    assert "激活、挂失" in page.text
    assert "200 米" in page.text
    assert "名单尚未在公开来源中查到" not in read(client.get("/")).text


# -- bad input --


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"place": ""}, "请写一个地方"),
        ({"place": "   "}, "请写一个地方"),
        ({"place": "太" * 201}, "请写一个地方"),
        ({"place": "太" * 10_000}, "请写一个地方"),
        ({"place": "沙坪坝\x00区"}, "请写一个地方"),
        ({"place": "沙坪坝区", "service": "dancing"}, "请从列表里选一项业务"),
        ({"place": "沙坪坝区", "open": "chosen"}, "请选好日期和时间"),
        ({"place": "沙坪坝区", "open": "chosen", "when": "2026-02-31T10:00"}, "请选好日期和时间"),
        ({"place": "沙坪坝区", "open": "later"}, "请选好日期和时间"),
        ({"lat": "nan", "lon": "106.5", "datum": "wgs84"}, "这个位置用不了"),
        ({"lat": "1e309", "lon": "106.5", "datum": "wgs84"}, "这个位置用不了"),
        ({"lat": "106.5", "lon": "29.5", "datum": "wgs84"}, "这个位置用不了"),
        ({"lat": "29.5", "lon": "106.5"}, "这个位置用不了"),
        ({"lat": "29.5", "lon": "106.5", "datum": "mars"}, "这个位置用不了"),
        ({"lat": "here", "lon": "106.5", "datum": "wgs84"}, "这个位置用不了"),
        ({"lat": "9" * 5_000, "lon": "106.5", "datum": "wgs84"}, "这个位置用不了"),
    ],
)
def test_bad_input_is_answered_at_its_field_in_plain_words(
    client: FlaskClient, fields: dict[str, str], words: str
) -> None:
    response = post(client, **fields)
    page = read(response)
    assert response.status_code == 422
    assert page.text.count(words) == 2  # at the field, and where the answer would stand
    assert page.all("p", role="alert")


def test_a_refused_field_is_marked_for_screen_readers(client: FlaskClient) -> None:
    field = read(post(client, place="")).all("input", name="place")[0]
    assert field["aria-invalid"] == "true"
    assert "place-error" in field["aria-describedby"]


@pytest.mark.parametrize(
    "text", ['"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "{{ 7*7 }}", "'; --"]
)
def test_what_was_typed_is_shown_as_text_and_never_runs(client: FlaskClient, text: str) -> None:
    response = post(client, place=text, when=text, open="chosen")
    page = read(response)
    assert page.all("input", name="place")[0]["value"] == text
    assert not [element for element in page.elements if "onerror" in element[1] or element[0] == "img"]
    assert all("src" in script for script in page.all("script"))


def test_what_an_outlets_file_says_is_shown_as_text_too(tmp_path: Path) -> None:
    tags = "<b>bold</b>"
    outlet = replace(door(1, 29.5, 106.5, name=tags, hours=f'Mo[1] 09:00-12:00 "{tags}"'), access=tags)
    notice = Gap("gap-1", Name(tags, tags), "重庆市", "江津区", outlet.source)
    path = tmp_path / "outlets.geojson"
    path.write_bytes(write_outlets([outlet], [notice]))
    settings = Settings(outlets=path)
    client = make_app(make_live(settings), settings, lambda: SATURDAY_WORKED).test_client()
    for url in ("/", "/?lang=en"):
        page = read(post(client, url, place="江津区"))
        assert names(page) == 1
        assert not page.all("b")


def test_nothing_typed_is_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        post(client, place="沙坪坝区天星桥", lat="29.5", lon="106.5")
        post(client, place="天星桥" * 200)
        post(client, lat="29.54321", lon="here", datum="wgs84")
    assert "天星桥" not in caplog.text
    assert "29.5" not in caplog.text


def test_a_geocoder_is_offered_only_when_one_is_set_and_by_its_name(
    client: FlaskClient, tmp_path: Path
) -> None:
    assert not read(client.get("/")).all("input", name="use_geocoder")
    with_one = client_over(
        tmp_path, [door(1, 29.5, 106.5)], geocoder="nominatim", geocoder_contact="a@example.org"
    )
    page = read(with_one.get("/"))
    assert "checked" not in page.all("input", name="use_geocoder")[0]
    assert "OpenStreetMap Nominatim" in page.text


# -- two languages --


@pytest.mark.parametrize("path", ["/?lang=en", "/?lang=en&district=合江县"])
def test_the_english_page_says_everything_in_english_but_names_and_addresses(
    client: FlaskClient, path: str
) -> None:
    html = client.get(path).get_data(as_text=True)
    page = Reader(html)
    assert page.all("html")[0]["lang"] == "en"
    own = [words for words in page.words if re.search("[\u4e00-\u9fff]", words)]
    allowed = ("中文", "繁體", "江阳区", "重庆市", "泸州市", "Source:")
    assert [words for words in own if not any(mark in words for mark in allowed)] == []


@pytest.mark.parametrize("fields", [{}, {"place": "合江县"}, {"place": "太平镇"}, {"place": "北京"}])
def test_the_chinese_page_leaves_nothing_untranslated(client: FlaskClient, fields: dict[str, str]) -> None:
    page = read(post(client, **fields) if fields else client.get("/"))
    assert page.all("html")[0]["lang"] == "zh-Hans"
    english = [words for words in page.words if re.search("[A-Za-z]{3,}", words) and "来源：" not in words]
    assert [words for words in english if words != "English" and "Cookie" not in words] == []


@pytest.mark.parametrize("path", ["/", "/?district=沙坪坝区&service=replacement", "/outlets/wuxi-3a490442"])
def test_the_traditional_page_shows_no_simplified_character_but_hands_on_what_the_source_writes(
    client: FlaskClient, path: str
) -> None:
    simplified, page = (
        read(client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")) for lang in ("zh", "zh-Hant")
    )
    assert page.all("html")[0]["lang"] == "zh-Hant"
    assert [words for words in page.words if traditional(words) != words and words != "中文"] == []
    assert page.text != simplified.text
    for handed_on in ("data-copy", "//", "tel:"):
        assert handed(page, handed_on) == handed(simplified, handed_on)


def handed(page: Reader, how: str) -> list[str]:
    """What is copied, or what links with `how` in them lead to."""
    copied = [element[1][how] for element in page.elements if how in element[1]]
    return copied or [link for link in page.links() if how in link]


def test_a_page_names_itself_in_every_language_for_search_engines(client: FlaskClient) -> None:
    page = read(client.get("/?size=large&lang=en&district=合江县"))
    assert {link["hreflang"]: link["href"] for link in page.all("link", rel="alternate")} == {
        "zh-Hans": f"http://localhost/?district={quote('合江县')}",
        "zh-Hant": f"http://localhost/?district={quote('合江县')}&lang=zh-Hant",
        "en": f"http://localhost/?district={quote('合江县')}&lang=en",
    }
    assert not read(post(client, place="合江县")).all("link", rel="alternate")


def test_the_other_languages_are_one_link_away_and_keep_the_district(client: FlaskClient) -> None:
    page = read(client.get("/", query_string={"district": "合江县"}))
    district = f"/?district={quote('合江县')}"
    assert {f"{district}&lang=en", f"{district}&lang=zh-Hant"} <= set(page.links())


def test_after_a_post_the_other_language_is_a_post_too(client: FlaskClient) -> None:
    page = read(post(client, place="合江县"))
    assert {"/?lang=en#results", "/?lang=zh-Hant#results", "/?size=large#results"} <= {
        button.action for button in page.buttons()
    }
    english = read(post(client, "/?lang=en", place="合江县"))
    assert "Measured roughly, from the position we have for Hejiang County." in english.text
    assert english.all("form", id="ask")[0]["action"] == "/?lang=en#results"


# -- large --


def test_the_large_page_keeps_its_size_on_every_way_and_leads_back(client: FlaskClient) -> None:
    page = read(client.get("/?lang=en&size=large&district=合江县"))
    assert page.all("html")[0]["class"] == "large"
    own = [link for link in page.links() if link.startswith("/") and link != "/docs"]
    smaller = [link for link in own if "size=large" not in link]
    assert len(own) > 40
    assert smaller == [f"/?district={quote('合江县')}&lang=en"]
    assert page.all("form", id="ask")[0]["action"] == "/?lang=en&size=large#results"


# -- filters --


def test_a_chosen_district_leads_to_a_url_that_says_the_same(client: FlaskClient) -> None:
    asked = {"district": "合江县", "service": "activation", "open": "chosen", "when": "2026-10-12T10:00"}
    answer = post(client, "/?lang=en", **asked)
    assert answer.status_code == 303
    url = urlsplit(answer.headers["Location"])
    assert (url.path, url.fragment) == ("/", "results")
    assert parse_qs(url.query) == {name: [value] for name, value in asked.items()} | {"lang": ["en"]}
    page = read(client.get(answer.headers["Location"].partition("#")[0]))
    assert names(page) == 10
    assert "selected" in page.all("option", value="合江县")[0]
    assert "selected" in page.all("option", value="activation")[0]
    assert page.all("input", id="when")[0]["value"] == "2026-10-12T10:00"
    assert page.all("input", name="place")[0]["value"] == ""


@pytest.mark.parametrize(
    "fields",
    [{"place": "忠县"}, {"lat": "29.5", "lon": "106.5", "datum": "wgs84"}],
    ids=["typed", "position"],
)
def test_a_place_or_a_position_has_the_last_word_over_a_district(
    client: FlaskClient, fields: dict[str, str]
) -> None:
    answer = post(client, district="合江县", **fields)
    assert answer.status_code == 200
    page = read(answer)
    assert "从合江县" not in page.text
    assert not [link for link in page.links() if "29.5" in link and link.startswith("/")]
    assert "selected" not in page.all("option", value="合江县")[0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"district": "天星桥"}, "请从页面下方的列表里选一个区县。"),
        ({"district": "合江县", "service": "天星桥"}, "请从列表里选一项业务"),
        ({"district": "合江县", "status": "天星桥"}, "请从列表里选一类大厅"),
        ({"district": "合江县", "open": "chosen", "when": "天星桥"}, "请选好日期和时间"),
    ],
)
def test_what_is_in_no_list_is_refused_and_goes_into_no_url(
    client: FlaskClient, fields: dict[str, str], words: str
) -> None:
    answer = post(client, **fields)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (422, "no-store")
    page = read(answer)
    assert words in page.text
    assert not [link for link in page.links() if quote("天星桥") in link]


def test_only_halls_of_the_chosen_kind_are_listed(tmp_path: Path) -> None:
    doors = [door(1, 29.5, 106.5), door(2, 29.5, 106.5, status=Status.UNCONFIRMED)]
    page = read(client_over(tmp_path, doors).get("/?district=沙坪坝区&status=unconfirmed"))
    assert names(page) == 1
    assert "测试网点2" in page.text
    assert "selected" in page.all("option", value="unconfirmed")[0]


def test_where_nothing_fits_it_says_what_and_offers_each_condition_that_helps(tmp_path: Path) -> None:
    doors = [
        door(number, 29.5, 106.5, hours=OFFICE_HOURS, services={Service.REPLACEMENT: Offer.YES})
        for number in range(3)
    ]
    client = client_over(tmp_path, [*doors, door(9, 29.5, 106.5, hours="24/7", services=NOTHING)])
    page = read(post(client, place="沙坪坝区", service="replacement", open="chosen", when="2026-10-11T10:00"))
    assert "没有同时满足“补卡、换卡”、“10月11日（周日）10:00 开门”的大厅。" in page.text
    assert "去掉“补卡、换卡”，有 1 个" in page.text
    assert "去掉“10月11日（周日）10:00 开门”，有 3 个" in page.text
    ways = [button for button in page.buttons() if button.fields.get("place") == "沙坪坝区"][-2:]
    assert [names(read(post(client, **way.fields))) for way in ways] == [1, 3]


def test_where_one_condition_alone_is_too_much_it_says_so(tmp_path: Path) -> None:
    client = client_over(tmp_path, [door(1, 29.5, 106.5, services=NOTHING)])
    page = read(client.get("/?district=沙坪坝区&service=replacement"))
    assert "没有满足“补卡、换卡”的大厅。" in page.text
    assert "去掉“补卡、换卡”，有 1 个" in page.text
    assert "tel:12333" in page.links()


# -- what a browser may do with it --


def test_the_page_allows_nothing_inline_and_nothing_from_elsewhere(client: FlaskClient) -> None:
    response = post(client, place="沙坪坝区")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Permissions-Policy"] == "geolocation=(self)"
    page = read(response)
    assert not page.all("style")
    assert not [
        element
        for element in page.elements
        if "style" in element[1] or any(a.startswith("on") for a in element[1])
    ]


def test_only_the_programs_description_may_style_itself(client: FlaskClient) -> None:
    assert "style-src 'self' 'unsafe-inline'" in client.get("/docs").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("tiles", "origin"),
    [
        ("https://tiles.example.org/{z}/{x}/{y}.png", "https://tiles.example.org"),
        ("https://t{s}.example.org/{z}/{x}/{y}.png", "https://*.example.org"),
        ("/tiles/{z}/{x}/{y}.png", ""),
    ],
)
def test_map_tiles_may_come_from_their_own_origin_and_name_their_maker(
    tmp_path: Path, tiles: str, origin: str
) -> None:
    client = client_over(
        tmp_path, [door(1, 29.5, 106.5)], tiles_url=tiles, tiles_attribution="测试图 GS(2026)0000号"
    )
    response = post(client, place="沙坪坝区")
    directives = dict(
        part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";")
    )
    assert directives["img-src"] == f"'self' data: {origin}".strip()
    assert directives["default-src"] == "'self'"
    assert read(response).all("div", id="map")[0]["data-credit"] == "测试图 GS(2026)0000号"


def test_every_file_the_pages_name_is_there_and_may_be_kept_for_ever(client: FlaskClient) -> None:
    for response in (post(client, place="沙坪坝区"), client.get("/docs")):
        page = read(response)
        named = [e.get("src") or e.get("href", "") for e in page.all("script") + page.all("link")]
        named += [e["data-rivers"] for e in page.all("div", id="map")]
        for url in named:
            with client.get(url) as file:  # it stays open otherwise
                assert file.status_code == 200, url
                assert "immutable" in file.headers["Cache-Control"]
                assert file.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/static/../pages.py", "/static/%2e%2e/pages.py", "/static/leaflet/../../x", "/static/none.js"]
)
def test_no_other_file_can_be_had(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
