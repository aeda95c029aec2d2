"""A citizen and a clerk, each in a real browser: the question goes to the desk, and the answer comes back."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.staff import Role
from tests.desks import DeskServer, OpenDesk
from tests.watching import Watch, barriers, no_complaints

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"}
DESKTOP = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}
ASKED = "请问怎么升级宽带套餐"
ANSWER = "这个不归我们管。\n请问您的宽带公司。"


def hand_over(page: Page, text: str = ASKED) -> None:
    page.locator("#chat-text").fill(text)
    page.locator("[data-chat-send]").click()
    page.get_by_role("button", name="请工作人员回复").last.click()
    expect(page.locator(".turn.us").last).to_contain_text("您的问题已经转给工作人员")


def look_again(page: Page) -> None:
    """As somebody who comes back to the page."""
    page.evaluate("dispatchEvent(new Event('focus'))")


def open_question(page: Page, beginning: str) -> None:
    page.get_by_role("link", name=beginning).first.click()
    expect(page.locator(".queue-asked")).to_contain_text(beginning)


def citizen(desk_page: OpenDesk, **options: Any) -> tuple[Page, Watch]:
    return desk_page("/chat", role=None, **options)


def test_a_question_goes_to_a_clerk_and_the_answer_comes_back(
    desk_page: OpenDesk, desk_server: DeskServer
) -> None:
    clerk, seen = desk_page("/desk/queue")
    person, watch = citizen(desk_page, **PHONE)
    with no_complaints(watch, desk_server.url), no_complaints(seen, desk_server.url):
        hand_over(person)
        expect(person.locator(".turn.us").last).to_contain_text("请不要关掉这个网页")
        clerk.keyboard.press("r")
        expect(clerk.locator("[data-question]")).to_have_text([ASKED])
        clerk.keyboard.press("1")
        expect(clerk.locator(".queue-asked")).to_have_text(ASKED)
        clerk.wait_for_load_state()
        clerk.keyboard.press("c")
        expect(clerk.locator("#text")).to_be_focused()
        clerk.keyboard.type(ANSWER)
        clerk.keyboard.press("Control+Enter")
        expect(clerk.locator(".queue-piece")).to_have_text(ANSWER)
        clerk.keyboard.press("Control+Enter")
        expect(clerk.get_by_role("status")).to_have_text("回复已发出。")
        expect(clerk.get_by_text("对方还没收到")).to_be_visible()
        look_again(person)
        letter = person.get_by_role("log").locator(".turn.us").last
        expect(letter).to_contain_text("12333 工作人员")
        expect(letter.locator(".bubble .text")).to_have_text(ANSWER)
        expect(letter).to_contain_text(f"您问的：{ASKED}")
        expect(person.locator("#chat-text")).not_to_be_focused()
        clerk.reload()
        expect(clerk.get_by_text("已送到")).to_be_visible()
        look_again(person)
        person.reload()
        expect(person.locator(".from-staff")).to_have_count(1)


def test_a_page_asks_only_while_a_question_waits(desk_page: OpenDesk) -> None:
    desk_page("/desk/queue")
    person, watch = citizen(desk_page)
    look_again(person)
    hand_over(person)
    assert not any(url.endswith("/letters") for url in watch.urls)
    with person.expect_response("**/api/v1/letters"):
        look_again(person)
    person.get_by_role("button", name="把我忘掉").or_(person.locator("[value^=forget]")).first.click()
    expect(person.locator(".turn.you")).to_have_count(0)
    before = sum(url.endswith("/letters") for url in watch.urls)
    look_again(person)
    person.locator("#chat-text").fill("你好")
    person.locator("[data-chat-send]").click()
    expect(person.locator(".turn.us")).to_have_count(2)
    assert sum(url.endswith("/letters") for url in watch.urls) == before


def test_without_scripts_there_is_a_button_that_asks(desk_page: OpenDesk) -> None:
    clerk, _ = desk_page("/desk/queue", name="nora")
    person, _ = citizen(desk_page, java_script_enabled=False)
    person.locator("#chat-text").fill("怎样升级我家的宽带")
    person.locator("[data-chat-send]").click()
    person.get_by_role("button", name="请工作人员回复").click()
    expect(person.get_by_text("还没有回复。")).to_be_visible()
    clerk.reload()
    open_question(clerk, "怎样升级我家的宽带")
    clerk.get_by_role("button", name="认领").click()
    clerk.locator("#text").fill("请打宽带公司的电话。")
    clerk.get_by_role("button", name="预览").click()
    clerk.get_by_role("button", name="发送回复").click()
    person.get_by_role("button", name="有回复吗").click()
    expect(person.locator(".from-staff")).to_have_text("12333 工作人员")
    expect(person.get_by_text("请打宽带公司的电话。")).to_be_visible()
    person.get_by_role("button", name="有回复吗").click()
    expect(person.locator(".from-staff")).to_have_count(0)
    expect(person.get_by_text("您没有问题在工作人员那里。")).to_be_visible()


def test_what_somebody_wrote_is_text_at_the_desk(desk_page: OpenDesk) -> None:
    clerk, seen = desk_page("/desk/queue", name="olga")
    person, _ = citizen(desk_page)
    hand_over(person, "<img src=x onerror=alert(1)>=HYPERLINK(1) 宽带套餐怎么升级")
    clerk.reload()
    open_question(clerk, "<img src=x onerror=alert(1)>=HYPERLINK(1)")
    assert clerk.locator("main img").count() == 0
    assert seen.complaints == []


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone, light", "desktop, dark"])
def test_nothing_stands_in_the_way_of_anybody(desk_page: OpenDesk, screen: dict[str, Any]) -> None:
    clerk, _ = desk_page("/desk/queue", name="pia", role=Role.EDITOR, **screen)
    person, _ = citizen(desk_page, **screen)
    hand_over(person, f"{ASKED}，{screen['color_scheme']}")
    assert barriers(person) == []
    clerk.reload()
    assert barriers(clerk) == []
    open_question(clerk, f"{ASKED}，{screen['color_scheme']}")
    clerk.get_by_role("button", name="认领").click()
    clerk.locator("#text").fill("请打 0830-1234567 问宽带公司。")
    clerk.get_by_text("不回复就关闭").click()
    assert barriers(clerk) == []
    clerk.get_by_role("button", name="预览").click()
    expect(clerk.get_by_role("alert")).to_contain_text("里面有长号码")
    assert barriers(clerk) == []
    clerk.get_by_role("button", name="发送回复").click()
    assert barriers(clerk) == []
    look_again(person)
    expect(person.locator(".from-staff")).to_be_visible()
    assert barriers(person) == []
    for page in (clerk, person):
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
