"""The page of one outlet says all that is known, how it is known, and what is not."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from locator.app import make_app
from locator.guide import make_live
from locator.model import Gap, Name, Offer, Outlet, Precision, Service
from locator.outlets import write_outlets
from locator.settings import Settings
from tests.doors import OFFICE_HOURS, SATURDAY_WORKED, SOURCE, door
from tests.reading import Reader, read
from tests.watching import Watch, barriers, no_complaints

SHIPPED = Settings()
KNOWN = replace(
    door(1, 29.55, 106.45, hours=OFFICE_HOURS, services={Service.ACTIVATION: Offer.YES}),
    id="shapingba-00000001",
    phone="023-12345678",
)
VAGUE = replace(door(2, 29.56, 106.46, precision=Precision.DISTRICT), id="shapingba-00000002")
MISSING = Gap("gap-beibei", Name("北碚区", "Beibei District"), "重庆市", "北碚区", SOURCE)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Over three records, on the worked Saturday 2026-10-10."""
    path = tmp_path_factory.mktemp("outlets") / "outlets.geojson"
    path.write_bytes(write_outlets([KNOWN, VAGUE], [MISSING]))
    settings = Settings(outlets=path)
    return make_app(make_live(settings), settings, lambda: SATURDAY_WORKED).test_client()


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


def test_each_page_leads_to_itself_in_the_other_language(client: FlaskClient) -> None:
    assert f"/outlets/{KNOWN.id}?lang=en" in page_of(client, KNOWN).links()
    english = page_of(client, KNOWN, "?lang=en")
    assert f"/outlets/{KNOWN.id}" in english.links()
    assert "The next seven days" in english.text


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


def test_the_sitemap_names_every_page_that_stands_still_in_both_languages(client: FlaskClient) -> None:
    root = ET.fromstring(client.get("/sitemap.xml").data)
    named = [one.text or "" for one in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(named) == len(set(named)) == 2 * (1 + 2)
    for address in named:
        assert address.startswith("http://localhost/")
        assert client.get(address.removeprefix("http://localhost")).status_code == 200
    assert "Sitemap: http://localhost/sitemap.xml" in client.get("/robots.txt").text


def test_nothing_runs_inline_and_what_is_open_now_is_not_kept(client: FlaskClient) -> None:
    response = client.get(f"/outlets/{KNOWN.id}")
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-cache"
    assert "style=" not in response.text


@pytest.mark.parametrize("width, height", [(360, 740), (1280, 800)])
@pytest.mark.parametrize("path", ["wuxi-3a490442", "beibei-d28395bf?lang=en", "gap-shapingba"])
def test_in_a_browser_it_keeps_nobody_out_and_nothing_complains(
    browser: Browser, live_server: str, path: str, width: int, height: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=live_server)
    page, watch = context.new_page(), Watch()
    watch.over(page)
    with no_complaints(watch, live_server):
        page.goto(f"/outlets/{path}")
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_shipped_outlets_all_have_a_page() -> None:
    app = make_app(make_live(SHIPPED), SHIPPED, lambda: SATURDAY_WORKED).test_client()
    for feature in json.loads(SHIPPED.outlets.read_bytes())["features"]:
        assert app.get(f"/outlets/{feature['properties']['id']}").status_code == 200
