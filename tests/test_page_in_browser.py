"""The page in a real browser: with scripts and without, by keyboard, on a narrow screen, and what leaves it."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from locator.settings import Settings
from tests.serving import drain, serving
from tests.watching import Browse, Watch, no_complaints, watched

HERE = {"latitude": 28.887_654, "longitude": 105.443_219}


Open = Callable[..., tuple[Page, Watch]]


@pytest.fixture
def open_page(browse: Browse, live_server: str) -> Open:
    """Open a path of the live service; keyword arguments are the browser context's."""

    def opened(path: str = "/", **options: Any) -> tuple[Page, Watch]:
        page, watch = watched(browse(live_server, **options))
        page.goto(path)
        return page, watch

    return opened


def find(page: Page, place: str) -> None:
    page.locator("#place").fill(place)
    page.locator("#ask button.go").first.click()
    page.wait_for_selector("#results")


def test_without_scripts_the_form_finds_outlets_and_offers_nothing_that_needs_them(open_page: Open) -> None:
    page, _ = open_page(java_script_enabled=False)
    find(page, "泸州江阳区")
    assert page.locator(".card").count() == 5
    assert "泸州市人民政府政务服务中心" in page.locator(".card").first.inner_text()
    assert not page.locator("#here").is_visible()
    assert not page.locator("#map-section").is_visible()


def test_the_map_shows_as_many_markers_as_there_are_cards_and_asks_nobody_else(
    open_page: Open, live_server: str
) -> None:
    page, watch = open_page()
    with no_complaints(watch, live_server):
        find(page, "重庆沙坪坝区")
        expect(page.locator("#map .outlet")).to_have_count(page.locator(".card").count())
        expect(page.locator("#map path.river")).not_to_have_count(0)
        expect(page.locator("#map .name", has_text="长江")).to_have_count(1)
        page.wait_for_load_state("networkidle")


def test_no_marker_hides_another(open_page: Open) -> None:
    """Two halls of 渝中区 share the district's point."""
    page, _ = open_page("/?district=渝中区")
    expect(page.locator("#map .outlet")).to_have_count(5)
    boxes = [box for marker in page.locator("#map .outlet span").all() if (box := marker.bounding_box())]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    assert len(middles) == 5
    for index, (x, y) in enumerate(middles):
        assert all(abs(x - a) > 20 or abs(y - b) > 20 for a, b in middles[:index])


def test_a_marker_leads_to_its_card_and_a_number_to_its_marker(open_page: Open) -> None:
    page, _ = open_page("/?district=合江县")
    page.locator("#map .outlet").nth(1).click()
    second = page.locator(".card").nth(1)
    expect(second).to_have_class(re.compile("chosen"))
    expect(second).to_be_focused()
    page.locator("button.number").nth(2).click()
    expect(page.locator("#map .outlet").nth(2)).to_have_class(re.compile("chosen"))


def test_a_position_that_is_allowed_goes_out_rounded_and_in_no_address(
    open_page: Open, live_server: str
) -> None:
    page, watch = open_page(permissions=["geolocation"], geolocation=HERE)
    with no_complaints(watch, live_server):
        page.locator("#here").click()
        expect(page.locator("#here-box")).to_be_visible()
        assert "只用来算距离" in page.locator("#here-box").inner_text()
        page.locator("#here-yes").click()
        page.wait_for_selector(".card")
    assert "从您的位置量起。" in page.locator("#results").inner_text()
    assert not [url for url in [*watch.urls, page.url] if "28.8" in url or "105.4" in url]
    sent = next(request for request in watch.requests if request.method == "POST").post_data or ""
    assert "lat=28.888&lon=105.443" in sent
    assert page.evaluate("({ ...localStorage, ...sessionStorage })") == {}
    assert page.context.cookies() == []


def test_the_service_prints_nothing_of_a_position_or_a_place(browser: Browser, tmp_path: Path) -> None:
    outlets = shutil.copy(Settings().outlets, tmp_path)
    with serving("locator", LOCATOR_OUTLETS=str(outlets)) as served:
        told: Any = {"permissions": ["geolocation"], "geolocation": HERE}
        page = browser.new_page(base_url=served.url, reduced_motion="reduce", **told)
        page.goto("/")
        find(page, "天星桥")
        page.locator("#here").click()
        page.locator("#here-yes").click()
        expect(page.locator("#results")).to_contain_text("从您的位置量起。")
        page.close()
        Path(outlets).write_text("{}", encoding="utf-8")
        printed = served.lines.get(timeout=30)  # of the faulty file: what it prints does come here
    printed += "".join(drain(served.lines))
    assert not [secret for secret in ("28.8", "105.4", "天星桥", quote("天星桥")) if secret in printed]


def test_nothing_is_asked_of_the_browser_before_the_person_agrees(open_page: Open) -> None:
    page, watch = open_page(permissions=["geolocation"], geolocation=HERE)
    page.locator("#here").click()
    page.locator("#here-no").click()
    expect(page.locator("#here-box")).to_be_hidden()
    expect(page.locator("#here")).to_be_focused()
    assert not [request for request in watch.requests if request.method == "POST"]


def test_a_refused_position_is_told_and_the_form_still_works(open_page: Open) -> None:
    page, _ = open_page(permissions=[])
    page.locator("#here").click()
    page.locator("#here-yes").click()
    expect(page.locator("#here-said")).to_contain_text("浏览器没有得到允许")
    expect(page.locator("#place")).to_be_focused()
    find(page, "江阳区")
    assert page.locator(".card").count() == 5


@pytest.mark.parametrize(("code", "words"), [(2, "现在无法确定您的位置"), (3, "等了太久")])
def test_a_position_that_cannot_be_had_is_told_in_its_own_words(
    open_page: Open, code: int, words: str
) -> None:
    page, _ = open_page()
    page.evaluate("code => { navigator.geolocation.getCurrentPosition = (_, fail) => fail({ code }); }", code)
    page.locator("#here").click()
    page.locator("#here-yes").click()
    expect(page.locator("#here-said")).to_contain_text(words)
    expect(page.locator("#place")).to_be_focused()


def test_the_keyboard_alone_finds_and_reaches_the_results(open_page: Open) -> None:
    page, _ = open_page()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "place":
            break
    page.keyboard.type("合江县")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card")
    assert urlsplit(page.url).fragment == "results"
    expect(page.locator("#results")).to_be_focused()
    page.keyboard.press("Tab")
    focused = "document.getElementById('results').contains(document.activeElement)"
    assert page.evaluate(focused), page.evaluate("document.activeElement.outerHTML")


@pytest.mark.parametrize(
    "path", ["/", "/?district=沙坪坝区", "/?lang=en&district=合江县", "/?district=石柱土家族自治县"]
)
def test_nothing_is_wider_than_the_narrowest_phone(open_page: Open, path: str) -> None:
    page, _ = open_page(path, viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_everything_to_press_is_large_enough_for_a_finger(open_page: Open) -> None:
    page, _ = open_page("/?district=忠县", viewport={"width": 360, "height": 740})
    targets = page.locator(
        "main button:visible, main .apps a, nav a, .choices label, .tel, .dial, #place, select"
    )
    heights = {
        target.inner_text()[:20]: box["height"] for target in targets.all() if (box := target.bounding_box())
    }
    # A card's number is drawn smaller than the area that takes the touch.
    assert {text: height for text, height in heights.items() if height < 44 and not text.isdigit()} == {}


def test_the_map_folds_away_on_a_phone(open_page: Open) -> None:
    page, _ = open_page("/?district=忠县", viewport={"width": 360, "height": 740})
    page.get_by_role("button", name="收起地图").click()
    expect(page.locator("#map")).to_be_hidden()
    page.get_by_role("button", name="打开地图").click()
    expect(page.locator("#map")).to_be_visible()


def test_the_day_and_time_are_asked_for_only_when_one_is_to_be_chosen(open_page: Open) -> None:
    page, _ = open_page()
    expect(page.locator("#when")).to_be_hidden()
    page.locator("#open-chosen").check()
    expect(page.locator("#when")).to_be_visible()


def test_the_description_for_programs_shows_its_routes_without_a_complaint(
    open_page: Open, live_server: str
) -> None:
    page, watch = open_page("/docs")
    with no_complaints(watch, live_server):
        expect(page.get_by_text("/api/v1/\u200bnearest", exact=False).first).to_be_visible()
