"""The page of one hall in a real browser: on a phone and a desk, by keyboard, on paper, without scripts; and the report."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from locator.model import Gap, Name, Offer, Precision, Service
from locator.outlets import write_outlets
from tests.doors import SOURCE, door
from tests.serving import serving
from tests.watching import Browse, Watch, barriers, no_complaints, watched

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
HALL = replace(
    door(
        1,
        29.55,
        106.45,
        hours="Mo-Fr 09:00-12:00,14:00-17:30; PH off",
        services={Service.ACTIVATION: Offer.YES, Service.PIN_RESET: Offer.NO},
        name="沙坪坝区人力资源和社会保障服务中心大厅",
    ),
    id="shapingba-00000001",
    phone="023-12345678",
    also=("旧名大厅", "老社保局"),
    checked=date(2026, 9, 30),
    access="停车场在后门 / Parking behind the house",
)
VAGUE = replace(
    door(2, 28.88, 105.44, city="泸州市", district="江阳区", precision=Precision.DISTRICT),
    id="jiangyang-00000002",
)
MISSING = Gap("gap-beibei", Name("北碚区", "Beibei District"), "重庆市", "北碚区", SOURCE)
PAGE = f"/outlets/{HALL.id}"
ADDRESS = "重庆市沙坪坝区测试路1号"

Open = Callable[..., tuple[Page, Watch]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole product over three records."""
    folder = tmp_path_factory.mktemp("halls")
    outlets = folder / "outlets.geojson"
    outlets.write_bytes(write_outlets([HALL, VAGUE], [MISSING]))
    settings = {"LOCATOR_OUTLETS": str(outlets), "BOT_DATABASE_URL": f"sqlite:///{folder / 'bot.db'}"}
    with serving("bot", "--workers", "1", **settings) as served:
        yield served.url


@pytest.fixture
def open_page(browse: Browse, server: str) -> Open:

    def opened(path: str = PAGE, *, scripts: bool = True, **options: Any) -> tuple[Page, Watch]:
        page, watch = watched(browse(server, java_script_enabled=scripts, **{"viewport": PHONE} | options))
        page.goto(path)
        return page, watch

    return opened


def unfold(page: Page) -> None:
    for summary in page.locator("summary").all():
        summary.click()


def see_map(page: Page) -> None:
    page.locator(".way").scroll_into_view_if_needed()
    expect(page.locator("#map .leaflet-marker-icon.outlet")).to_have_count(1)


def is_wide(page: Page, width: int) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") > width)


# -- it keeps nobody out --


ENGLISH, LARGE = f"/outlets/{VAGUE.id}?lang=en", f"{PAGE}?lang=zh-Hant&size=large"


@pytest.mark.parametrize(
    "path, viewport, scheme",
    [
        (PAGE, PHONE, "light"),
        (PAGE, DESKTOP, "dark"),
        (ENGLISH, DESKTOP, "light"),
        (ENGLISH, PHONE, "dark"),
        (LARGE, PHONE, "light"),
        (LARGE, DESKTOP, "dark"),
    ],
)
def test_a_hall_with_all_unfolded_and_its_map_keeps_nobody_out(
    open_page: Open, server: str, path: str, viewport: dict[str, int], scheme: str
) -> None:
    page, watch = open_page(path, viewport=viewport, color_scheme=scheme)
    with no_complaints(watch, server):
        unfold(page)
        see_map(page)
        assert barriers(page) == []
        assert not is_wide(page, viewport["width"])


@pytest.mark.parametrize("query, viewport", [("", PHONE), ("?lang=en", DESKTOP)])
def test_gap_gone_form_refusal_and_thanks_keep_nobody_out(
    open_page: Open, query: str, viewport: dict[str, int]
) -> None:
    page, _ = open_page(f"/outlets/{MISSING.id}{query}", viewport=viewport)
    states = [("gap", barriers(page), is_wide(page, viewport["width"]))]
    for name, path in (("gone", "/outlets/shapingba-99999999"), ("form", f"{PAGE}/report")):
        page.goto(path + query)
        states.append((name, barriers(page), is_wide(page, viewport["width"])))
    page.evaluate("document.querySelector('form.ask').noValidate = true")
    page.locator(".go").click()
    page.get_by_role("alert").wait_for()
    states.append(("refused", barriers(page), is_wide(page, viewport["width"])))
    page.locator("[value=hours]").check()
    page.locator(".go").click()
    expect(page.locator("form.ask")).to_have_count(0)
    states.append(("thanks", barriers(page), is_wide(page, viewport["width"])))
    assert states == [(name, [], False) for name in ("gap", "gone", "form", "refused", "thanks")]


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}?lang=en", f"{PAGE}/report"])
def test_nothing_is_wider_than_the_narrowest_phone(open_page: Open, path: str) -> None:
    page, _ = open_page(path, viewport={"width": 320, "height": 640})
    unfold(page)
    assert not is_wide(page, 320)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/report"])
def test_everything_to_press_is_large_enough_for_a_finger(open_page: Open, path: str) -> None:
    page, _ = open_page(path)
    targets = page.locator(
        "main :is(button, summary, .apps a, .dial, a.second, label:has(input), textarea):visible"
    )
    heights = {one.inner_text(): box["height"] for one in targets.all() if (box := one.bounding_box())}
    assert len(heights) > 5
    assert {words: height for words, height in heights.items() if height < 44 and words != "1"} == {}


def test_by_keyboard_from_what_to_bring_to_a_report(open_page: Open) -> None:
    page, _ = open_page()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the band on top
    tab_to(page, "SUMMARY")
    assert not page.locator("details").first.evaluate("it => it.open")
    page.keyboard.press("Enter")
    expect(page.locator(".bring").first).to_be_visible()
    tab_to(page, "A", f"{PAGE}/report")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{PAGE}/report")
    tab_to(page, "INPUT")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[value=phone]")).to_be_checked()
    tab_to(page, "TEXTAREA")
    page.keyboard.type("打不通")
    tab_to(page, "BUTTON")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("您说的我们记下了")


def tab_to(page: Page, tag: str, href: str = "") -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        at: dict[str, str] = page.evaluate(
            "({ tag: document.activeElement.tagName, href: document.activeElement.getAttribute('href') ?? '' })"
        )
        if at["tag"] == tag and href in at["href"]:
            return
    raise AssertionError(f"the keyboard never comes to {tag} {href}")


# -- with scripts --


def test_the_address_is_copied_as_the_source_writes_it(open_page: Open) -> None:
    page, _ = open_page(f"{PAGE}?lang=zh-Hant", permissions=["clipboard-read", "clipboard-write"])
    expect(page.locator("dd").first).to_have_text("重慶市沙坪壩區測試路1號")
    page.locator("[data-copy]").click()
    expect(page.get_by_role("status")).to_have_text("已複製")
    assert page.evaluate("navigator.clipboard.readText()") == ADDRESS


def test_a_browser_that_does_not_let_us_copy_shows_the_address_alone(open_page: Open) -> None:
    page, watch = open_page()
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.locator("[data-copy]").click()
    expect(page.locator("[data-copy]")).to_be_hidden()
    expect(page.locator("dd").first).to_have_text(ADDRESS)
    assert watch.complaints == []


def test_the_page_is_shared_where_the_browser_can(open_page: Open, server: str) -> None:
    page, _ = open_page()
    page.add_init_script("navigator.share = async (what) => { window.shared = what; };")
    page.reload()
    page.get_by_role("button", name="分享").click()
    assert page.evaluate("window.shared") == {"title": HALL.name.zh, "url": f"{server}{PAGE}"}
    without, _ = open_page()
    without.add_init_script("delete Navigator.prototype.share;")
    without.reload()
    expect(without.locator("[data-copy]")).to_be_visible()
    expect(without.locator("[data-share]")).to_be_hidden()


def test_the_map_comes_when_it_is_about_to_be_seen_and_is_marked_together_with_the_name(
    open_page: Open,
) -> None:
    page, watch = open_page()
    page.wait_for_load_state("networkidle")
    assert not [url for url in watch.urls if "leaflet" in url or "map.js" in url]
    see_map(page)
    marker = page.locator("#map .leaflet-marker-icon.outlet")
    expect(marker).to_have_accessible_name(re.compile(HALL.name.zh))
    marker.press("Enter")
    expect(page.locator(".pinned")).to_be_focused()


@pytest.mark.parametrize("broken", ["**/leaflet.js*", "**/map.js*"])
def test_without_a_map_the_page_says_all_the_rest(open_page: Open, broken: str) -> None:
    page, _ = open_page(service_workers="block")  # it would fetch around us
    page.route(broken, lambda route: route.abort())
    page.reload()
    page.locator(".way").scroll_into_view_if_needed()
    expect(page.locator(".map-section")).to_be_hidden()
    expect(page.locator(".apps a")).to_have_count(5)
    expect(page.locator("[data-copy]")).to_be_visible()


# -- on paper --


def sheets(page: Page, path: Path) -> int:
    page.pdf(path=path, prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", path.read_bytes()))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("path", [PAGE, f"{PAGE}?lang=en", f"/outlets/{VAGUE.id}"])
def test_it_is_one_sheet_with_what_to_bring_and_no_buttons(
    open_page: Open, tmp_path: Path, path: str, *, scripts: bool
) -> None:
    page, _ = open_page(path, scripts=scripts, viewport=DESKTOP)
    assert sheets(page, tmp_path / "sheet.pdf") == 1
    page.emulate_media(media="print")
    for shown in ("h1", ".record dd >> nth=0", ".record dd >> nth=2", ".qr svg", ".paper >> nth=-1"):
        expect(page.locator(shown)).to_be_visible()
    assert page.locator(".case").first.evaluate("it => it.checkVisibility({ contentVisibilityAuto: true })")
    expect(page.locator("main :is(button, .apps, .dial, .map, .badge):visible")).to_have_count(0)
    expect(page.locator(".top")).to_be_hidden()


def test_on_the_screen_nothing_of_that_is_shown(open_page: Open) -> None:
    """The control: the same look finds them hidden and folded."""
    page, _ = open_page(viewport=DESKTOP)
    expect(page.locator(".paper").first).to_be_hidden()
    assert not page.locator(".case").first.evaluate(
        "it => it.checkVisibility({ contentVisibilityAuto: true })"
    )
    expect(page.locator("main :is(button, .apps, .dial):visible")).not_to_have_count(0)


# -- without scripts --


def test_without_scripts_all_is_there_and_a_mistake_can_be_told(open_page: Open) -> None:
    page, watch = open_page(scripts=False)
    text = page.locator("main").inner_text()
    for words in (ADDRESS, HALL.phone, "老社保局", "2026年9月30日核对过", "最近七天", "停车场在后门"):
        assert words in text
    expect(page.locator("[data-copy], [data-share], [data-print], .map-section")).to_have_count(4)
    expect(page.locator(":is([data-copy], [data-share], [data-print], .map-section):visible")).to_have_count(
        0
    )
    page.locator("summary").first.click()
    expect(page.locator(".bring").first).to_be_visible()
    page.get_by_role("link", name="信息有误？告诉我们").click()
    page.get_by_label("别的").check()
    page.locator("textarea").fill("周六也开门")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("status")).to_contain_text("您说的我们记下了")
    assert not [url for url in watch.urls if "周六" in url or "%E5%91%A8" in url]
    page.get_by_role("link", name="回到这个大厅").click()
    expect(page.locator("h1")).to_have_text(HALL.name.zh)


ODD = [
    "<img src=x onerror=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "{{ 7*7 }}",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("text", ODD)
def test_what_somebody_wrote_stays_text(open_page: Open, text: str) -> None:
    page, _ = open_page(f"{PAGE}/report")
    page.on("dialog", lambda _: pytest.fail("a script ran"))
    page.evaluate("document.querySelector('form.ask').noValidate = true")
    page.locator("textarea").fill(text)
    page.locator(".go").click()
    page.get_by_role("alert").wait_for()
    expect(page.locator("textarea")).to_have_value(text)
    assert page.locator("main img, main script").count() == 0


def test_what_search_engines_read_is_json_that_no_name_breaks_out_of(open_page: Open) -> None:
    page, _ = open_page()
    told = json.loads(page.locator("script[type='application/ld+json']").inner_text())
    assert told["alternateName"] == [HALL.name.en, *HALL.also]
    assert [one["opens"] for one in told["openingHoursSpecification"]] == ["09:00", "14:00", "00:00"]
