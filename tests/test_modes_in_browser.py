"""The ways a page can look – large, dark, of high contrast, narrow, in three scripts – in a real browser, state by state."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.watching import AXE, barriers, own_browser

PHONE = {"width": 360, "height": 740}
MOST = "color-contrast-enhanced"
NARROWEST = {"width": 320, "height": 256}  # 1280 × 1024 at 400 %
HALL = "/outlets/wuxi-3a490442"
# By the path, or by what is typed into the box.
STATES: Mapping[str, str] = MappingProxyType(
    {
        "empty": "/",
        "results": "/?district=江阳区",
        "gap": "/?district=沙坪坝区",
        "nothing fits": "/?district=江阳区&status=official&service=replacement",
        "unclear": "太平镇",
        "unknown": "北京",
        "refused": "",
    }
)
# The traditional script is the simplified page in other letters: what can differ is seen where there are most of them.
LANGUAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"zh-Hans": tuple(STATES), "zh-Hant": ("results", "gap"), "en": tuple(STATES)}
)


@pytest.fixture(scope="module")
def context(browser: Browser, bot_server: str) -> Iterator[BrowserContext]:
    with own_browser(browser, bot_server, viewport=PHONE, reduced_motion="no-preference") as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


def show(page: Page, state: str, **look: str) -> None:
    """Open the page in that state; `look`: what else stands in its URL."""
    where = STATES[state]
    path = where if where.startswith("/") else "/"
    fields = "&".join(f"{name}={value}" for name, value in look.items())
    page.goto(f"{path}{'&' if '?' in path else '?'}{fields}" if fields else path)
    if not where.startswith("/"):
        page.locator("#place").fill(where)
        page.locator("#place").press("Enter")
        page.wait_for_selector("#results")


def too_pale(page: Page, *stricter: str) -> list[str]:
    """What has less contrast than 4.5:1; with MOST, than 7:1 – for large letters, 3:1 and 4.5:1."""
    found = AXE.run(page, options={"runOnly": ["color-contrast", *stricter]}).response["violations"]
    return [node["html"][:120] for one in found for node in one["nodes"]]


# -- axe, in every language, light, dark and large --


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_barrier_light_or_dark(page: Page, language: str) -> None:
    found: dict[str, Any] = {}
    for state in LANGUAGES[language]:
        page.emulate_media(color_scheme="light")
        show(page, state, lang=language)
        assert page.locator("html").get_attribute("lang") == language
        found[state] = barriers(page)
        page.emulate_media(color_scheme="dark")
        found[f"{state}, dark"] = too_pale(page)
    assert {state: faults for state, faults in found.items() if faults} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_large_type_has_no_barrier_and_seven_to_one(page: Page, language: str) -> None:
    found: dict[str, Any] = {}
    for state in LANGUAGES[language]:
        page.emulate_media(color_scheme="light")
        show(page, state, lang=language, size="large")
        found[state] = barriers(page, MOST)
        page.emulate_media(color_scheme="dark")
        found[f"{state}, 7:1, dark"] = too_pale(page, MOST)
    assert {state: faults for state, faults in found.items() if faults} == {}


def test_that_measure_finds_pale_letters(page: Page) -> None:
    show(page, "empty", size="large")
    page.evaluate("document.querySelector('.lead').style.color = '#666'")
    assert too_pale(page) == []
    assert "lead" in too_pale(page, MOST)[0]


# -- large --

TOO_SMALL = """least => [...document.querySelectorAll("body *")].filter((one) => {
  const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return own && one.checkVisibility() && !one.closest(".map, script, template, option") && parseFloat(getComputedStyle(one).fontSize) < least;
}).map((one) => one.outerHTML.slice(0, 100))"""
TOO_LOW = """least => [...document.querySelectorAll("a, button, select, summary, input:not([type=hidden]), textarea")].filter((one) => {
  const target = one.closest(".choices label") ?? one;
  const inText = one.matches("a.whole, .skip");
  return one.checkVisibility() && !inText && !one.closest(".map") && target.getBoundingClientRect().height < least;
}).map((one) => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize(
    "path", ["/", "/?district=江阳区", "/?district=忠县", HALL, "/outlets/gap-shapingba", "/chat"]
)
def test_in_large_type_letters_have_22_pixels_and_what_is_pressed_60(page: Page, path: str) -> None:
    page.goto(f"{path}{'&' if '?' in path else '?'}size=large")
    page.evaluate("document.querySelectorAll('main details').forEach((fold) => { fold.open = true; })")
    assert page.evaluate(TOO_SMALL, 22) == []
    assert page.evaluate(TOO_LOW, 60) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_standard_type_has_smaller_ones(page: Page) -> None:
    """So those two measures measure something."""
    show(page, "results")
    assert page.evaluate(TOO_SMALL, 22) != []
    assert page.evaluate(TOO_LOW, 60) != []


def test_the_large_type_is_one_press_away_and_stays_on_every_way(page: Page) -> None:
    show(page, "results", lang="zh-Hant")
    page.locator(".looks .size").click()
    expect(page.locator("html.large")).to_have_count(1)
    assert parse_qs(urlsplit(page.url).query) == {
        "district": ["江阳区"],
        "lang": ["zh-Hant"],
        "size": ["large"],
    }
    page.wait_for_load_state("domcontentloaded")
    own = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"/\"]:not(.size), form')]"
        ".filter((one) => !one.closest('.looks, .foot')).map((one) => one.getAttribute('href') ?? one.getAttribute('action'))"
    )
    assert len(own) > 50
    assert [url for url in own if "size=large" not in url or "lang=zh-Hant" not in url] == []
    page.locator(".card h3 a").first.click()
    expect(page.locator("html.large[lang=zh-Hant]")).to_have_count(1)
    page.locator(".brand a").click()
    page.locator(".ask-us a").evaluate("link => location.assign(link.href)")
    page.wait_for_url("**/chat?*size=large*")
    expect(page.locator("html.large[lang=zh-Hant]")).to_have_count(1)
    page.locator(".looks .size").click()
    expect(page.locator("html.large")).to_have_count(0)


def test_after_a_post_the_size_and_the_language_change_without_typing_again(page: Page) -> None:
    show(page, "unclear")
    page.locator(".looks .size").click()
    expect(page.locator("html.large")).to_have_count(1)
    page.locator(".looks [lang=zh-Hant]").click()
    expect(page.locator("html.large[lang=zh-Hant] #results-title")).to_have_text("您說的是哪一個？請選一個。")
    assert "太平" not in page.url


def test_a_large_card_says_the_least_and_folds_the_rest(page: Page) -> None:
    show(page, "results", size="large")
    card = page.locator(".card").first
    for shown in (".distance", ".badge", ".dial", ".second", ".status"):
        expect(card.locator(shown).first).to_be_visible()
    expect(card.locator(".source")).to_be_hidden()
    card.locator("summary").click()
    expect(card.locator(".source")).to_be_visible()


def test_in_large_type_the_map_is_folded_until_it_is_asked_for(page: Page) -> None:
    show(page, "results", size="large")
    expect(page.locator("#map-toggle")).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#map")).to_be_hidden()
    page.locator("#map-toggle").click()
    expect(page.locator("#map .outlet")).to_have_count(5)


# -- as the system asks --


@pytest.mark.parametrize("size", ["", "large"])
@pytest.mark.parametrize("state", STATES)
def test_at_four_times_the_size_nothing_has_to_be_moved_sideways(page: Page, state: str, size: str) -> None:
    page.set_viewport_size(NARROWEST)  # type: ignore[arg-type]
    show(page, state, size=size)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST["width"]


def test_what_is_read_first_stands_first(page: Page) -> None:
    """On a wide screen too: the order of the document is the order on the page, column by column."""
    page.set_viewport_size({"width": 1280, "height": 800})
    show(page, "results")
    tops = page.evaluate(
        "[...document.querySelectorAll('h1, #place, #district, #service, #results-title, .card, .districts h3')].map((one) => one.getBoundingClientRect().top)"
    )
    assert len(tops) > 10
    assert tops == sorted(tops)


def test_nothing_moves_where_movement_was_declined(page: Page) -> None:
    moving = "[...document.querySelectorAll('*')].filter((one) => { const { transitionDuration, animationName } = getComputedStyle(one); return animationName !== 'none' || parseFloat(transitionDuration) > 0; }).length"
    page.emulate_media(reduced_motion="reduce")
    show(page, "empty")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    page.emulate_media(reduced_motion="no-preference")
    show(page, "empty", size="large")
    assert page.evaluate(moving) == 0
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    show(page, "empty")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "smooth"


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_where_more_contrast_is_asked_for_there_is_seven_to_one(page: Page, colours: Any) -> None:
    page.emulate_media(contrast="more", color_scheme=colours)
    found = {}
    for state in ("empty", "gap", "refused"):
        show(page, state)
        found[state] = too_pale(page, MOST)
    assert {state: faults for state, faults in found.items() if faults} == {}


def test_where_the_system_sets_the_colours_states_are_still_told_apart(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    show(page, "gap")
    for shown in (".badge", ".dial", ".number"):
        width = page.locator(shown).first.evaluate("one => getComputedStyle(one).borderTopWidth")
        assert width == "2px", shown


# -- the filters stand in the URL --


def test_what_was_chosen_comes_back_with_the_url_and_with_the_back_button(page: Page) -> None:
    page.goto("/")
    page.locator("#district").select_option("合江县")
    page.locator("#service").select_option("replacement")
    page.locator("#open-chosen").check()
    page.locator("#when").fill("2026-12-05T10:00")
    page.locator("#ask button.go").first.click()
    page.wait_for_selector(".card")
    assert parse_qs(urlsplit(page.url).query) == {
        "district": ["合江县"],
        "service": ["replacement"],
        "open": ["chosen"],
        "when": ["2026-12-05T10:00"],
    }
    page.locator(".districts a", has_text="忠县").click()
    page.wait_for_url(re.compile("district=%E5%BF%A0%E5%8E%BF"))
    page.go_back()
    expect(page.locator("#district")).to_have_value("合江县")
    expect(page.locator("#service")).to_have_value("replacement")
    expect(page.locator("#when")).to_have_value("2026-12-05T10:00")


def test_a_typed_place_and_a_chosen_district_give_way_to_each_other(page: Page) -> None:
    page.goto("/")
    page.locator("#place").fill("天星桥")
    page.locator("#district").select_option("忠县")
    expect(page.locator("#place")).to_have_value("")
    page.locator("#place").fill("天星桥")
    expect(page.locator("#district")).to_have_value("")


def test_where_nothing_fits_one_press_loosens_it(page: Page) -> None:
    show(page, "nothing fits")
    results = page.locator("#results")
    expect(results).to_contain_text("没有同时满足“补卡、换卡”、“公布名单上的网点”的大厅。")
    results.get_by_role("button", name="去掉“公布名单上的网点”").click()
    page.wait_for_selector(".card")
    assert parse_qs(urlsplit(page.url).query) == {"district": ["江阳区"], "service": ["replacement"]}
