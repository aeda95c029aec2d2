"""Closures at the desk in a real browser: by keyboard alone, seen by a citizen at once, small and large."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.closures import Closures
from bot.staff import Role
from locator.hours import CHINA_TIME
from locator.model import Name, Notice, NoticeKind
from tests.desks import DeskServer, OpenDesk
from tests.watching import barriers, no_complaints

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

HALL = "qijiang-83a4d946"
NAME = "綦江区政务服务大厅"
PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"}
DESKTOP = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of that name has the focus."""
    for _ in range(60):
        if page.evaluate("document.activeElement.name || document.activeElement.id") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached")


def ask_where(page: Page, server: DeskServer) -> None:
    """As a citizen does, on the first page."""
    page.goto(f"{server.url}/")
    page.locator("#place").fill("綦江区")
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_be_visible()


def test_a_clerk_closes_a_hall_by_keyboard_alone_and_a_citizen_reads_it_at_once(
    desk_page: OpenDesk, desk_server: DeskServer
) -> None:
    page, watch = desk_page("/desk/outlets", name="kim")
    citizen, _ = desk_page("/desk/sign-in", role=None)
    with no_complaints(watch, desk_server.url):
        page.keyboard.type("qijiang")  # the box has the focus
        expect(page.locator("[data-hall]").first).to_have_text(NAME)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
        page.keyboard.press("n")
        tab_to(page, "reason")
        page.keyboard.type("停电")
        expect(page.locator("[data-foretold]")).to_contain_text("请写明消息来源")
        expect(page.get_by_role("button", name="发布")).to_be_hidden()
        tab_to(page, "source")
        page.keyboard.type("大厅来电")
        expect(page.locator("[data-foretold]")).to_contain_text("临时停办：停电，何时恢复还没有通知")
        expect(page.locator("[data-foretold]")).to_contain_text("Temporarily closed: power cut")
        page.get_by_role("button", name="发布").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_have_text("已经发布，各处马上都能看到。")
    ask_where(citizen, desk_server)
    expect(citizen.locator(f"[id='{HALL}']")).to_contain_text("临时停办：停电")
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_have_text("记下了：这个大厅今天核实过。")
    page.get_by_role("button", name="撤回").press("Enter")
    expect(page.get_by_role("status").first).to_have_text("通知已经撤回，各处都不再显示。")
    ask_where(citizen, desk_server)
    expect(citizen.locator(f"[id='{HALL}']")).not_to_contain_text("临时停办")


def test_what_another_process_was_told_is_read_within_moments(
    desk_page: OpenDesk, desk_server: DeskServer
) -> None:
    page, _ = desk_page("/desk/outlets", name="lea")
    hall = "rongchang-2fdf9b3c"
    at = datetime.now(UTC).replace(second=0, microsecond=0)
    notice = Notice(hall, NoticeKind.CLOSED, at, None, at.astimezone(CHINA_TIME).date(), Name("停水", ""))
    Closures(desk_server.database).add(notice, "大厅来电", who="lea", at=at)

    def is_told() -> bool:
        page.goto(f"/outlets/{hall}")
        return "临时停办：停水" in page.locator("main").inner_text()

    assert any(is_told() for _ in range(60))


def test_it_works_without_scripts(desk_page: OpenDesk) -> None:
    page, _ = desk_page("/desk/outlets", name="max", java_script_enabled=False)
    page.get_by_label("名称、区县或街道").fill("忠县")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name="忠县政务服务大厅").first.click()
    page.get_by_label("原因（市民会看到）").fill("装修")
    page.get_by_role("button", name="看看市民读到什么").click()
    expect(page.get_by_text("还没有发布")).to_be_visible()
    page.get_by_label("消息来源").fill("公告")
    page.get_by_role("button", name="看看市民读到什么").click()
    expect(page.get_by_text("临时停办：装修，何时恢复还没有通知").first).to_be_visible()
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_text("已经发布")).to_be_visible()
    page.get_by_role("link", name="修改").click()
    page.get_by_label("最后一天", exact=True).fill("2099-01-01")
    page.get_by_role("button", name="改好").click()
    expect(page.locator("#until-error")).to_contain_text("请看看年份对不对")


def look(page: Page, state: str) -> None:
    """Bring the page into a state."""
    if state == "hours":
        page.get_by_label("时间临时调整").check()
        expect(page.get_by_label("法定节假日")).to_be_visible()
    if state == "wrong":
        page.get_by_label("第一天", exact=True).fill("")
        page.get_by_role("button", name="看看市民读到什么").click()
        expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone, light", "desktop, dark"])
@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("/desk/outlets", ""),
        (f"/desk/outlets/{HALL}", ""),
        (f"/desk/outlets/{HALL}", "hours"),
        (f"/desk/outlets/{HALL}", "wrong"),
    ],
)
def test_nothing_stands_in_the_way_of_anybody(
    desk_page: OpenDesk, path: str, state: str, screen: dict[str, Any]
) -> None:
    page, _ = desk_page(path, role=Role.EDITOR, **screen)
    look(page, state)
    assert barriers(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
