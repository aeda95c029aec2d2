"""The look-up of the desk in a real browser: three calls by keyboard alone, what is copied, and what a browser keeps."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.desks import DeskServer, OpenDesk
from tests.watching import barriers, no_complaints

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

COPYING = {"permissions": ["clipboard-read", "clipboard-write"]}
PHONE = {"viewport": {"width": 360, "height": 740}}
SCRIPT = "挂失分两步。"


def copied(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def answer(page: Page, entry: str) -> Any:
    return page.locator(f"[data-answer='{entry}']")


def said(page: Page) -> Any:
    return page.locator("[data-lookup-status]")


def in_a_column(page: Page) -> list[float]:
    """How far from the left the list, the answer and the halls begin."""
    names = ("list", "answer", "spots")
    return [page.locator(f"[data-lookup-{name}]").bounding_box()["x"] for name in names]  # type: ignore[index]


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["1280 × 800", "360 × 740"])
def test_a_clerk_answers_three_calls_by_keyboard_alone(
    desk_page: OpenDesk, desk_server: DeskServer, screen: dict[str, Any]
) -> None:
    page, watch = desk_page(name="mei", **COPYING, **screen)
    with no_complaints(watch, desk_server.url):
        # "I have lost it, I want it blocked": the box has the focus.
        page.keyboard.type("挂失")
        expect(answer(page, "loss-report")).to_be_visible()
        page.keyboard.press("Enter")
        expect(said(page)).to_have_text("已复制：电话说法 · 通用 · 到窗口挂失")
        assert copied(page).startswith(SCRIPT)
        # By initials, and as an SMS.
        page.keyboard.press("Escape")
        expect(page.locator("[data-lookup-box]")).to_have_value("")
        page.keyboard.type("sbkgs")
        expect(answer(page, "loss-report")).to_be_visible()
        page.keyboard.press("F2")
        page.keyboard.press("Enter")
        expect(said(page)).to_contain_text("已复制：短信")
        assert 0 < len(copied(page)) <= 70
        # With the caller's place.
        page.keyboard.press("Escape")
        page.keyboard.type("补卡 沙坪坝")
        expect(page.locator("[data-hall]")).to_have_count(3)
        expect(page.locator("[data-region-choice]:checked")).to_have_value("chongqing")
        page.keyboard.press("Shift+Enter")
        expect(said(page)).to_contain_text("已复制：九龙坡区社会保险事务中心")
        assert "先打12333" in copied(page)  # an SMS still
        for _ in range(3):
            page.keyboard.press("F2")
        expect(said(page)).to_have_text("电话说法")
        page.keyboard.press("Shift+Enter")
        expect(said(page)).to_contain_text("已复制")
        assert copied(page).startswith("最近的是九龙坡区社会保险事务中心")
    assert all("挂失" not in url and "sbkgs" not in url for url in watch.urls)
    begins = in_a_column(page)
    assert begins == sorted(begins) if screen else begins[0] < begins[1] < begins[2]


def test_what_is_typed_last_is_what_enter_copies(desk_page: OpenDesk) -> None:
    """However fast somebody types, and presses Enter before the answer is there."""
    page, _ = desk_page(name="fast", **COPYING)
    page.keyboard.type("解挂")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("卡找到了：解挂")
    page.keyboard.press("Escape")
    page.keyboard.type("激活")
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("激活社保卡")
    expect(answer(page, "activate")).to_be_visible()


def test_entries_are_chosen_by_arrows_and_by_number(desk_page: OpenDesk) -> None:
    page, _ = desk_page()
    hits = page.locator("[data-hit]")
    page.keyboard.type("密码")
    expect(hits).to_have_count(9)
    ids = [one.get_attribute("value") or "" for one in hits.all()]
    page.keyboard.press("ArrowDown")
    expect(answer(page, ids[1])).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")  # from the first to the last
    expect(answer(page, ids[8])).to_be_visible()
    page.keyboard.press("Alt+4")
    expect(answer(page, ids[3])).to_be_visible()
    page.keyboard.press("Tab")  # into the list, where a digit is no text
    page.keyboard.press("3")
    expect(answer(page, ids[2])).to_be_visible()
    expect(page.locator("[data-lookup-box]")).to_have_value("密码")
    expect(hits.nth(2)).to_have_attribute("aria-current", "true")
    page.keyboard.press("/")
    page.keyboard.type("12333")
    expect(page.locator("[data-lookup-box]")).to_have_value("12333")
    expect(answer(page, "hotline")).to_be_visible()


def test_an_opposite_is_one_press_away(desk_page: OpenDesk) -> None:
    page, _ = desk_page("/desk?entry=loss-report")
    expect(page.locator(".opposite")).to_contain_text("不要和“卡找到了：解挂”弄混")
    page.locator(".opposite button").press("Enter")
    expect(answer(page, "loss-cancel")).to_be_visible()
    expect(page.locator("[data-lookup-answer]")).to_be_focused()


def test_regions_are_tabs_and_go_with_the_documents(desk_page: OpenDesk) -> None:
    page, _ = desk_page()
    page.keyboard.type("补卡 江阳区")
    shown = page.locator("[data-panel]:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("四川")
    page.keyboard.press("F4")
    expect(shown).to_contain_text("重庆")
    expect(page.locator("[data-facts]:visible")).to_have_attribute("data-facts", "chongqing")


def test_a_basket_joins_what_was_put_into_it(desk_page: OpenDesk) -> None:
    page, _ = desk_page(**COPYING)
    page.keyboard.type("挂失 沙坪坝")
    expect(page.locator("[data-hall]")).to_have_count(3)
    page.keyboard.press("F8")
    expect(said(page)).to_have_text("篮子里有 1 条")
    page.locator("[data-hall-basket]").first.press("Enter")
    expect(said(page)).to_have_text("篮子里有 2 条")
    page.keyboard.press("Shift+F8")
    expect(said(page)).to_have_text("已复制：篮子里的全部内容")
    first, second = copied(page).split("\n\n")
    assert "挂失" in first
    assert second.startswith("最近的是")
    page.get_by_role("button", name="拿掉").first.press("Enter")
    expect(page.locator("[data-lookup-basket] li")).to_have_count(1)


def test_pins_and_what_was_used_are_there_for_the_next_call_and_nothing_typed_is_kept(
    desk_page: OpenDesk,
) -> None:
    page, _ = desk_page(name="lan", **COPYING)
    page.keyboard.type("sbkgs")
    expect(answer(page, "loss-report")).to_be_visible()
    page.keyboard.press("F9")
    expect(said(page)).to_have_text("已钉住：到窗口挂失")
    page.keyboard.press("Escape")
    page.keyboard.type("激活 张三")
    expect(answer(page, "activate")).to_be_visible()
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("已复制")
    page.reload()
    expect(page.locator("[data-lookup-list] h2")).to_have_text(["钉住的", "最近用过"])
    page.keyboard.press("Alt+2")
    expect(answer(page, "activate")).to_be_visible()
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert "loss-report" in kept
    assert "张三" not in kept
    assert "sbkgs" not in kept
    held = json.loads(kept)[0]
    assert {name.rpartition("-")[2] for name in held} <= {"pinned", "recent", "voice"}


def test_where_copying_is_refused_the_text_is_marked_for_the_hand(desk_page: OpenDesk) -> None:
    page, _ = desk_page(name="no-copy")
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('refused'))")
    page.reload()
    page.keyboard.type("挂失")
    expect(answer(page, "loss-report")).to_be_visible()
    page.keyboard.press("Enter")
    expect(said(page)).to_contain_text("请按 Ctrl C")
    marked: str = page.evaluate("getSelection().toString() || document.activeElement.value")
    assert marked.startswith(SCRIPT)


def test_the_desk_says_so_when_it_does_not_answer_and_goes_on_after(desk_page: OpenDesk) -> None:
    page, _ = desk_page()
    page.route("**/desk/api/look-up", lambda route: route.abort())
    page.keyboard.type("挂")
    expect(said(page)).to_contain_text("工作台没有回应")
    page.unroute("**/desk/api/look-up")
    page.keyboard.type("失")
    expect(answer(page, "loss-report")).to_be_visible()
    expect(said(page)).to_have_text("第 1 条：到窗口挂失")


@pytest.mark.parametrize(
    "text", ["<img src=x onerror=\"document.title='hit'\">挂失", "<script>document.title='hit'</script>"]
)
def test_no_script_in_a_text_runs(desk_page: OpenDesk, desk_server: DeskServer, text: str) -> None:
    page, watch = desk_page()
    with no_complaints(watch, desk_server.url), page.expect_response("**/desk/api/look-up"):
        page.locator("[data-lookup-box]").fill(text)
    expect(page.locator("[data-hit]").first).to_be_visible()
    assert "hit" not in page.title()
    expect(page.locator("main img, main form script")).to_have_count(0)


def test_without_scripts_the_form_shows_the_same(desk_page: OpenDesk) -> None:
    page, _ = desk_page(java_script_enabled=False)
    page.get_by_role("textbox").fill("补卡 沙坪坝")
    page.get_by_role("button", name="查", exact=True).click()
    expect(answer(page, "replace-lost")).to_be_visible()
    expect(page.locator("[data-hall]")).to_have_count(3)
    expect(page.get_by_role("heading", name="短信 · 四川")).to_be_visible()
    page.get_by_role("button", name="替别人挂失、补卡").click()
    expect(answer(page, "replace-agent")).to_be_visible()
    expect(page.get_by_role("textbox").first).to_have_value("补卡 沙坪坝")


def test_the_list_of_keys_tells_those_of_the_look_up(desk_page: OpenDesk) -> None:
    page, _ = desk_page()
    page.keyboard.press("?")  # nothing that is looked up begins with it
    keys = page.get_by_role("dialog", name="快捷键")
    expect(keys).to_contain_text("复制正在看的答案")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(page.locator("[data-lookup-box]")).to_have_value("")
    page.keyboard.type("挂失?")
    expect(page.locator("[data-lookup-box]")).to_have_value("挂失?")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")  # out of the box
    page.keyboard.press("g")
    page.keyboard.press("2")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("查询")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [{}, PHONE], ids=["1280 × 800", "360 × 740"])
def test_nothing_stands_in_the_way_of_anybody(
    desk_page: OpenDesk, screen: dict[str, Any], scheme: str
) -> None:
    page, _ = desk_page(language="en" if scheme == "dark" else "", color_scheme=scheme, **screen)
    assert barriers(page) == []
    page.keyboard.type("挂失 沙坪坝")
    expect(page.locator("[data-hall]")).to_have_count(3)
    page.keyboard.press("F8")
    expect(page.locator("[data-lookup-basket]")).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    page.keyboard.type("太平镇")
    expect(page.locator("[data-place-choice]").first).to_be_visible()
    assert barriers(page) == []
    wider: bool = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wider
