"""The page of one outlet says all that is known, how it is known, and what is not."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from markupsafe import Markup

from locator import engines
from locator.app import Added, make_app
from locator.frame import Look
from locator.guide import make_live
from locator.language import CHINESE, LANGUAGES, Language
from locator.model import Gap, Name, Offer, Outlet, Precision, Service
from locator.outlet_page import Annex, Extras, no_annex
from locator.outlets import write_outlets
from locator.settings import Settings
from tests.doors import OFFICE_HOURS, SATURDAY_WORKED, SOURCE, door
from tests.reading import Reader, read

SHIPPED = Settings()
KNOWN = replace(
    door(1, 29.55, 106.45, hours=OFFICE_HOURS, services={Service.ACTIVATION: Offer.YES}),
    id="shapingba-00000001",
    phone="023-12345678",
)
VAGUE = replace(door(2, 29.56, 106.46, precision=Precision.DISTRICT), id="shapingba-00000002")
MISSING = Gap("gap-beibei", Name("北碚区", "Beibei District"), "重庆市", "北碚区", SOURCE)


FULL = replace(
    door(3, 29.57, 106.47),
    id="shapingba-00000003",
    checked=date(2026, 9, 30),
    also=("旧名大厅", "老社保局"),
)
HALLS = [KNOWN, VAGUE, FULL]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return serving(HALLS, [MISSING], tmp_path_factory.mktemp("outlets"))


def serving(halls: list[Outlet], gaps: list[Gap], folder: Path, annex: Annex = no_annex) -> FlaskClient:
    """On the worked Saturday 2026-10-10."""
    path = folder / "outlets.geojson"
    path.write_bytes(write_outlets(halls, gaps))
    settings = Settings(outlets=path)
    added = Added(annex=annex)
    return make_app(make_live(settings), settings, lambda: SATURDAY_WORKED, added).test_client()


def page_of(client: FlaskClient, outlet: Outlet, query: str = "") -> Reader:
    response = client.get(f"/outlets/{outlet.id}{query}")
    assert response.status_code == 200
    return read(response)


def described(client: FlaskClient, outlet: Outlet) -> dict[str, object]:
    text = client.get(f"/outlets/{outlet.id}").text
    told: dict[str, object] = json.loads(
        text.split('<script type="application/ld+json">')[1].split("</script>")[0]
    )
    return told


def test_a_week_is_told_by_the_calendar_from_today_on(client: FlaskClient) -> None:
    text = page_of(client, KNOWN).text
    assert "10月10日（周六）" in text
    assert "调休上班" in text
    assert text.index("10月10日") < text.index("10月16日")
    assert "10月17日" not in text
    assert "现在开门" in text


def test_what_nobody_stated_is_said_to_be_unknown(client: FlaskClient) -> None:
    page = page_of(client, VAGUE)
    assert "开放时间待核实" in page.text
    assert page.text.count("是否办理待核实") == len(Service)
    assert "最近七天" not in page.text
    assert "tel:12333" in page.links()


def test_what_is_known_can_be_called_and_found(client: FlaskClient) -> None:
    links = page_of(client, KNOWN).links()
    assert "tel:023-12345678" in links
    assert any(link.startswith("https://uri.amap.com/marker") for link in links)
    assert any(link.startswith("https://uri.amap.com/search") for link in page_of(client, VAGUE).links())


def test_search_engines_are_told_a_position_only_where_it_is_the_doors(client: FlaskClient) -> None:
    assert described(client, KNOWN)["geo"] == {
        "@type": "GeoCoordinates",
        "latitude": 29.55,
        "longitude": 106.45,
    }
    vague = described(client, VAGUE)
    assert "geo" not in vague
    assert (vague["@type"], vague["url"]) == ("GovernmentOffice", f"http://localhost/outlets/{VAGUE.id}")


def test_each_page_leads_to_itself_in_the_other_languages(client: FlaskClient) -> None:
    url = f"/outlets/{KNOWN.id}"
    assert {f"{url}?lang=en", f"{url}?lang=zh-Hant"} <= set(page_of(client, KNOWN).links())
    english = page_of(client, KNOWN, "?lang=en")
    assert url in english.links()
    assert "The next seven days" in english.text


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=str)
def test_search_engines_are_told_which_page_this_is_and_where_it_speaks_other_languages(
    client: FlaskClient, language: Language
) -> None:
    page = page_of(client, KNOWN, f"?lang={language.code}&size=large")
    url = f"http://localhost/outlets/{KNOWN.id}"
    ours = url if language is CHINESE else f"{url}?lang={language.code}"
    assert [one["href"] for one in page.all("link", rel="canonical")] == [ours]
    others = {one["hreflang"]: one["href"] for one in page.all("link", rel="alternate")}
    assert others == {"zh-Hans": url, "x-default": url} | {
        code: f"{url}?lang={code}" for code in LANGUAGES if code != CHINESE.code
    }
    (title,) = page.all("meta", property="og:title")
    assert title["content"] == language.pick(KNOWN.name)


def test_a_page_is_described_by_what_is_known_of_it(client: FlaskClient) -> None:
    for outlet, told in (
        (
            KNOWN,
            "重庆市沙坪坝区测试路1号；023-12345678；平常时间：周一至周五 9:00–17:00；法定节假日休息。在官方公布的网点名单上。",
        ),
        (VAGUE, "重庆市沙坪坝区测试路2号。在官方公布的网点名单上。"),
    ):
        page = page_of(client, outlet)
        for one in (*page.all("meta", name="description"), *page.all("meta", property="og:description")):
            assert one["content"] == told


def test_a_hall_that_is_gone_says_so_and_names_those_of_its_district(client: FlaskClient) -> None:
    response = client.get("/outlets/shapingba-99999999")
    assert response.status_code == 410
    assert {f"/outlets/{KNOWN.id}", f"/outlets/{VAGUE.id}", "tel:12333"} <= set(read(response).links())


def test_a_district_without_an_address_has_its_notice(client: FlaskClient) -> None:
    for path in ("/outlets/gap-beibei", "/outlets/beibei-99999999"):
        response = client.get(path)
        assert response.status_code == (200 if "gap" in path else 410)
        assert "北碚区的办理网点地址待核实" in read(response).text


@pytest.mark.parametrize("name", ["nowhere", "x-1", "%3Cscript%3E", "..%2F..", "a" * 5_000])
def test_an_id_that_never_was_ours_is_no_page_and_is_not_repeated(client: FlaskClient, name: str) -> None:
    response = client.get(f"/outlets/{name}")
    assert response.status_code == 404
    assert "<script>" not in response.text


SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"


def test_the_sitemap_names_every_page_that_stands_still_in_every_language(client: FlaskClient) -> None:
    root = ET.fromstring(client.get("/sitemap.xml").data)
    named = [one.findtext(f"{SITEMAP}loc", "") for one in root]
    assert len(named) == len(set(named)) == len(LANGUAGES) * (1 + len(HALLS))
    for entry, address in zip(root, named, strict=True):
        assert address.startswith("http://localhost/")
        assert client.get(address.removeprefix("http://localhost")).status_code == 200
        others = {one.attrib["hreflang"]: one.attrib["href"] for one in entry.findall(LINK)}
        assert others.keys() == LANGUAGES.keys()
        assert address in others.values()
    assert "Sitemap: http://localhost/sitemap.xml" in client.get("/robots.txt").text


def test_the_sitemap_says_when_a_page_changed_only_where_somebody_checked_it(client: FlaskClient) -> None:
    root = ET.fromstring(client.get("/sitemap.xml").data)
    dated = {
        one.findtext(f"{SITEMAP}loc", "").rpartition("/")[2].partition("?")[0]: one.findtext(
            f"{SITEMAP}lastmod"
        )
        for one in root
    }
    assert {name: day for name, day in dated.items() if day} == {FULL.id: "2026-09-30"}


# -- everything that is known, and how --


def test_who_checked_it_and_when_is_said_or_that_nobody_did(client: FlaskClient) -> None:
    assert "核对 2026年9月30日核对过" in page_of(client, FULL).text
    assert "核对 还没有核对过" in page_of(client, KNOWN).text
    assert "Checked by us on 30 September 2026" in page_of(client, FULL, "?lang=en").text


def test_other_names_are_told_as_they_are_written(client: FlaskClient) -> None:
    assert "也叫 旧名大厅 老社保局" in page_of(client, FULL).text
    assert "也叫" not in page_of(client, KNOWN).text


def test_coordinates_are_told_only_where_they_are_the_doors(client: FlaskClient) -> None:
    assert "29.55000, 106.45000 (WGS-84)" in page_of(client, KNOWN).text
    vague = client.get(f"/outlets/{VAGUE.id}").text
    assert "WGS-84" not in vague
    assert "位置只是大概：准确到区县" in vague


@pytest.mark.parametrize(
    "until, words",
    [
        (date(2026, 10, 9), "来源里只写到2026年10月9日，这个大厅现在可能已经不在了"),
        (date(2026, 10, 10), "来源里写的是：这个大厅开到2026年10月10日"),
        (date(2026, 12, 31), "来源里写的是：这个大厅开到2026年12月31日"),
    ],
)
def test_a_hall_that_its_source_knows_until_a_day_says_so(tmp_path: Path, until: date, words: str) -> None:
    client = serving([replace(KNOWN, until=until)], [], tmp_path)
    assert words in page_of(client, KNOWN).text
    assert "来源里" not in page_of(serving([KNOWN], [], tmp_path), KNOWN).text


WORKDAYS = [f"https://schema.org/{day}" for day in "Monday Tuesday Wednesday Thursday Friday".split()]
HOLIDAYS = ["https://schema.org/PublicHolidays"]


@pytest.mark.parametrize(
    "hours, told",
    [
        (
            "Mo-Fr 09:00-12:00,14:00-17:30; PH off",
            [(WORKDAYS, "09:00", "12:00"), (WORKDAYS, "14:00", "17:30"), (HOLIDAYS, "00:00", "00:00")],
        ),
        ("Mo-Fr 09:00-24:00", [(WORKDAYS, "09:00", "23:59")]),
        (
            "Sa-Mo 10:00-11:00",
            [([f"https://schema.org/{day}" for day in ("Saturday", "Sunday", "Monday")], "10:00", "11:00")],
        ),
        ("May-Sep Mo-Fr 08:30-12:00; Oct-Apr Mo-Fr 09:00-12:00", None),  # schema.org knows no seasons
        ("Mo-Fr 09:00-17:00; Fr 09:00-12:00", None),  # one rule overrides another
        ("", None),
    ],
)
def test_search_engines_are_told_hours_only_where_they_are_sourced_and_plain(
    hours: str, told: list[tuple[list[str], str, str]] | None
) -> None:
    specified = engines.described(replace(KNOWN, hours=hours), "").get("openingHoursSpecification")
    found = specified and [(one["dayOfWeek"], one["opens"], one["closes"]) for one in specified]
    assert found == told


def test_the_locator_alone_has_no_documents_and_no_form(client: FlaskClient) -> None:
    response = client.get(f"/outlets/{KNOWN.id}")
    assert not read(response).all("details")
    assert "/report" not in response.text
    assert "要带什么" not in response.text
    assert client.get(f"/outlets/{KNOWN.id}/report").status_code == 404


@pytest.mark.parametrize("offer, is_told", [(Offer.YES, True), (Offer.UNKNOWN, True), (Offer.NO, False)])
def test_what_to_bring_is_told_unless_it_is_known_not_to_be_done_here(
    tmp_path: Path, offer: Offer, *, is_told: bool
) -> None:
    def annex(_hall: Outlet | Gap, _look: Look) -> Extras:
        return Extras({Service.PIN_RESET: Markup("<p>一块石头</p>")}, "/somewhere")

    client = serving([replace(KNOWN, services={Service.PIN_RESET: offer})], [MISSING], tmp_path, annex)
    page = page_of(client, KNOWN)
    assert len(page.all("details")) == is_told
    assert ("一块石头" in page.text) is is_told
    assert ("自己要求带哪些材料，我们不知道" in page.text) is is_told
    assert "/somewhere" in page.links()
    assert "/somewhere" in read(client.get(f"/outlets/{MISSING.id}")).links()


def test_nothing_runs_inline_and_what_is_open_now_is_not_kept(client: FlaskClient) -> None:
    response = client.get(f"/outlets/{KNOWN.id}")
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-cache"
    assert "style=" not in response.text


def test_the_shipped_outlets_all_have_a_page() -> None:
    app = make_app(make_live(SHIPPED), SHIPPED, lambda: SATURDAY_WORKED).test_client()
    for feature in json.loads(SHIPPED.outlets.read_bytes())["features"]:
        assert app.get(f"/outlets/{feature['properties']['id']}").status_code == 200
