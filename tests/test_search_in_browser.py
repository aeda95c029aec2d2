"""The search box in a real browser: what it offers while somebody types, by keyboard, by touch, and without scripts."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.watching import Browse, Watch, barriers, no_complaints, own_browser, watched

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
LIST = "**/suggestions.json*"
WITHOUT_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });
}
"""

Open = Callable[..., tuple[Page, Watch]]


@pytest.fixture
def open_page(browse: Browse, bot_server: str) -> Open:
    """Open a path of the whole product; keyword arguments are the browser context's."""

    def opened(
        path: str = "/", *, route: tuple[str, Any] | None = None, **options: Any
    ) -> tuple[Page, Watch]:
        context = browse(bot_server, **options)
        if route:
            context.route(*route)
        page, watch = watched(context)
        page.goto(path)
        return page, watch

    return opened


def box(page: Page) -> Locator:
    return page.locator("#place")


def options(page: Page) -> Locator:
    return page.locator("#place-list:not([hidden]) [role=option]")


def names(page: Page) -> list[str]:
    return [" ".join(option.split()) for option in options(page).all_inner_texts()]


def write(page: Page, text: str) -> None:
    """As somebody types, once the list is there."""
    if page.evaluate("document.activeElement.id") != "place":
        with page.expect_response(LIST):
            box(page).focus()
    box(page).fill(text)


# -- what is offered --


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("沙坪", "沙坪坝区 重庆市 区县"),
        ("沙坪坝", "沙坪坝区 重庆市 区县"),
        ("shapingba", "沙坪坝区 重庆市 区县"),
        ("Sha ping", "沙坪坝区 重庆市 区县"),
        ("spb", "沙坪坝区 重庆市 区县"),
        ("沙平坝", "沙坪坝区 重庆市 区县"),
        ("sapinba", "沙坪坝区 重庆市 区县"),
        ("沙坪坝 ", "沙坪坝区 重庆市 区县"),
        ("万县", "万州区（万县） 重庆市 区县"),
        ("jiangjin", "江津区 重庆市 区县"),
        ("Wanzhou", "万州区 重庆市 区县"),
        ("解放碑", "解放碑街道 渝中区 乡镇街道"),
        ("渝中区行政", "渝中区行政服务中心 渝中区 网点"),
        ("解挂", "解挂 业务"),
        ("jihuo", "激活 业务"),
        ("卡丢了怎么办", "卡丢了先做什么 问题"),
        ("补卡 江阳", "江阳区 泸州市 区县"),
    ],
)
def test_the_best_is_offered_first_and_says_what_it_is(shared: Page, typed: str, first: str) -> None:
    write(shared, typed)
    expect(options(shared).first).to_be_visible()
    assert names(shared)[0] == first
    assert len(names(shared)) <= 8


@pytest.fixture(scope="module")
def shared(browser: Browser, bot_server: str) -> Iterator[Page]:
    """One page on a desktop, typed into again and again."""
    with own_browser(browser, bot_server, viewport=DESKTOP) as context:
        page = context.new_page()
        page.goto("/")
        yield page


def test_two_towns_of_one_name_show_their_districts(shared: Page) -> None:
    write(shared, "太平镇")
    expect(options(shared)).not_to_have_count(0)
    assert names(shared)[:3] == [f"太平镇 {where} 乡镇街道" for where in ("铜梁区", "垫江县", "古蔺县")]


@pytest.mark.parametrize("typed", ["<img src=x onerror=alert(1)>", "'\"><b>卡", "。。。", "ｑｘｚｖ"])
def test_what_names_nothing_offers_nothing_and_stays_text(shared: Page, typed: str) -> None:
    write(shared, "沙坪")
    expect(options(shared)).not_to_have_count(0)
    write(shared, typed)
    expect(options(shared)).to_have_count(0)
    assert shared.locator("img, .place-box b").count() == 0


def test_no_key_asks_anybody(open_page: Open) -> None:
    page, watch = open_page(viewport=PHONE)
    write(page, "s")
    before = list(watch.urls)
    assert [url for url in before if "suggestions.json" in url]
    page.keyboard.type("hapingba")
    expect(options(page).first).to_contain_text("沙坪坝区")
    page.wait_for_load_state("networkidle")
    assert watch.urls == before


def test_while_a_word_is_composed_nothing_is_chosen(open_page: Open) -> None:
    page, _ = open_page()
    write(page, "")
    composing = """(key) => {
      const box = document.getElementById("place");
      box.value = "沙坪";
      box.dispatchEvent(new InputEvent("input", { isComposing: true }));
      box.dispatchEvent(new KeyboardEvent("keydown", { key, isComposing: true, bubbles: true, cancelable: true }));
    }"""
    page.evaluate(composing, "ArrowDown")
    expect(options(page)).to_have_count(0)
    page.evaluate('document.getElementById("place").dispatchEvent(new CompositionEvent("compositionend"))')
    expect(options(page)).not_to_have_count(0)
    page.evaluate(composing, "ArrowDown")
    expect(box(page)).not_to_have_attribute("aria-activedescendant", "place-list-0")


# -- by keyboard --


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_keyboard_alone_chooses_a_district_and_keeps_the_filters(
    open_page: Open, bot_server: str, viewport: dict[str, int]
) -> None:
    page, watch = open_page("/?service=replacement", viewport=viewport)
    with no_complaints(watch, bot_server):
        write(page, "")
        page.keyboard.type("江阳")
        expect(box(page)).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowDown")
        expect(box(page)).to_have_attribute("aria-activedescendant", "place-list-0")
        expect(options(page).first).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Enter")
        page.wait_for_selector(".card")
    where = unquote(page.url)
    assert "district=江阳区" in where
    assert "service=replacement" in where


def test_arrows_go_round_and_escape_leaves_what_was_typed(open_page: Open) -> None:
    page, _ = open_page()
    write(page, "")
    page.keyboard.type("太平")
    expect(options(page)).not_to_have_count(0)
    last = f"place-list-{options(page).count() - 1}"
    page.keyboard.press("ArrowUp")
    expect(box(page)).to_have_attribute("aria-activedescendant", last)
    page.keyboard.press("ArrowDown")
    assert box(page).get_attribute("aria-activedescendant") is None
    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(box(page)).to_have_value("太平")
    expect(box(page)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(options(page)).not_to_have_count(0)


def test_enter_without_a_choice_sends_what_was_typed(open_page: Open) -> None:
    page, watch = open_page()
    write(page, "")
    page.keyboard.type("补卡 沙坪坝")
    page.keyboard.press("Enter")
    page.wait_for_selector(".card")
    expect(page.locator("#service")).to_have_value("replacement")
    expect(box(page)).to_have_value("沙坪坝区")
    assert not [url for url in [*watch.urls, page.url] if "补卡" in unquote(url)]


def test_how_many_there_are_is_said_aloud(open_page: Open) -> None:
    page, _ = open_page()
    write(page, "太平镇")
    expect(page.locator("#place-said")).to_contain_text("个建议，按向下键选择")


# -- by touch --


def test_a_touch_on_a_town_measures_from_there(open_page: Open) -> None:
    page, watch = open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    write(page, "太平镇")
    page.locator("[role=option]", has_text="古蔺县").tap()
    page.wait_for_selector(".card")
    expect(page.locator("#results")).to_contain_text("太平镇")
    assert not [url for url in [*watch.urls, page.url] if "太平" in unquote(url)]


def test_a_former_name_measures_from_there(open_page: Open) -> None:
    page, _ = open_page(viewport=PHONE, has_touch=True)
    write(page, "江北区")
    page.locator("[role=option]", has_text="江北区").first.tap()
    page.wait_for_selector(".card")


def test_a_hall_opens_its_page_in_the_same_language(open_page: Open) -> None:
    page, _ = open_page("/?lang=en", viewport=PHONE, has_touch=True)
    write(page, "渝中区行政服务中心")
    expect(options(page).first).to_contain_text("Hall")
    options(page).first.tap()
    page.wait_for_url("**/outlets/yuzhong-*?lang=en")


def test_a_service_becomes_the_filter_and_the_box_waits_for_a_place(open_page: Open) -> None:
    page, _ = open_page(viewport=PHONE, has_touch=True)
    write(page, "jiegua")
    options(page).first.tap()
    expect(page.locator("#service")).to_have_value("loss-cancel")
    expect(box(page)).to_have_value("")
    expect(page.locator("#place-said")).to_contain_text("已选“解挂”")


def test_a_question_opens_the_chat_with_its_answer_and_closing_leads_back(open_page: Open) -> None:
    page, watch = open_page(viewport=PHONE, has_touch=True)
    write(page, "卡丢了先做什么")
    options(page).first.tap()
    expect(page.locator("dialog .turn.you")).to_contain_text("卡丢了先做什么")
    expect(page.locator("dialog .turn.us .answer")).to_have_count(1)
    page.locator("[data-chat-close]").tap()
    expect(box(page)).to_be_focused()
    assert not [url for url in watch.urls if "卡丢" in unquote(url)]


# -- a question that was sent --


def test_the_card_goes_on_in_the_panel(open_page: Open, bot_server: str) -> None:
    page, watch = open_page(viewport=PHONE)
    with no_complaints(watch, bot_server):
        box(page).fill("怎么解挂")
        page.keyboard.press("Enter")
        page.wait_for_selector(".asked")
        page.wait_for_load_state()  # before its script the card leads to the chat's own page
        page.locator(".asked button").click()
        expect(page.locator("dialog .turn.you")).to_contain_text("怎么解挂")
        expect(page.locator("dialog .turn.us .answer")).to_have_count(1)
    assert not [url for url in [*watch.urls, page.url] if "解挂" in unquote(url)]


def test_a_choice_on_the_card_is_answered_in_the_panel(open_page: Open) -> None:
    page, _ = open_page()
    box(page).fill("电子社保卡")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    choice = page.locator(".asked li button").first
    choice.wait_for()
    page.wait_for_load_state()
    words = choice.inner_text()
    choice.click()
    expect(page.locator("dialog .turn.you")).to_contain_text(words)
    expect(page.locator("dialog .turn.us .answer")).to_have_count(1)


# -- without --


def test_without_scripts_the_box_is_a_plain_field_and_a_card_leads_to_the_chat(open_page: Open) -> None:
    page, _ = open_page(java_script_enabled=False)
    assert box(page).get_attribute("role") is None
    box(page).fill("怎么解挂")
    page.locator("#ask button.go").first.click()
    page.locator(".asked button").click()
    expect(page.locator(".turn.us .answer")).to_have_count(1)
    assert page.url.endswith("/chat#newest")


def broken(route: Route) -> None:
    route.fulfill(status=500, body="broken")


@pytest.mark.parametrize("how", [broken, lambda route: route.abort()], ids=["500", "offline"])
def test_without_its_list_the_box_is_a_plain_field(open_page: Open, how: Callable[[Route], None]) -> None:
    page, watch = open_page(route=(LIST, how))
    box(page).focus()
    page.wait_for_load_state("networkidle")
    page.keyboard.type("沙坪坝")
    page.keyboard.press("ArrowDown")
    expect(options(page)).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_selector(".card")
    assert not [said for said in watch.complaints if "Failed to load resource" not in said]


def test_a_list_that_failed_is_asked_for_again(open_page: Open) -> None:
    page, _ = open_page(route=(LIST, broken))
    box(page).focus()
    page.wait_for_load_state("networkidle")
    page.context.unroute(LIST)
    page.locator("#service").focus()
    write(page, "沙坪")
    expect(options(page)).not_to_have_count(0)


def test_with_storage_off_it_works_and_with_it_on_nothing_is_stored(open_page: Open) -> None:
    page, watch = open_page()
    write(page, "沙坪")
    expect(options(page)).not_to_have_count(0)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.context.add_init_script(WITHOUT_STORAGE)
    page.reload()
    write(page, "沙坪")
    expect(options(page)).not_to_have_count(0)
    assert watch.complaints == []


# -- for everybody --


@pytest.mark.parametrize(
    ("path", "scheme"),
    [("/", "light"), ("/?lang=en", "dark"), ("/?lang=zh-Hant", "dark"), ("/?size=large", "light")],
)
def test_nothing_keeps_anybody_out(open_page: Open, path: str, scheme: str) -> None:
    page, _ = open_page(path, viewport=PHONE, color_scheme=scheme)
    write(page, "taiping")
    page.keyboard.press("ArrowDown")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for text in ("电子社保卡", "补卡 周六"):
        box(page).fill(text)
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        page.wait_for_selector("#results")
        assert barriers(page) == [], text
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
