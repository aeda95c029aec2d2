"""The door and the frame of the desk in a real browser: by keyboard alone, small and large, and what axe says of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Page, expect

from bot.accounts import Accounts
from bot.staff import Role, Staff
from tests.desks import DeskServer, OpenDesk
from tests.watching import barriers, no_complaints

pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")

PASSWORD = "泸州老窖 is no password"
PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"}
DESKTOP = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}


@pytest.fixture(scope="module")
def door(desk_server: DeskServer) -> str:
    """Where Mei, who has an account, signs in."""
    Accounts(desk_server.database, PasswordHasher()).add(
        Staff("mei", Role.EDITOR), PASSWORD, by="bot staff", at=datetime.now(UTC)
    )
    return "/desk/sign-in"


def is_wider_than_the_screen(page: Page) -> bool:
    wider: bool = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return wider


def test_somebody_signs_in_looks_around_and_signs_out_by_keyboard_alone(
    desk_page: OpenDesk, desk_server: DeskServer, door: str
) -> None:
    page, watch = desk_page(door, role=None)
    with no_complaints(watch, desk_server.url):
        page.keyboard.type("Mei")  # the box has the focus
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("查询")
        page.wait_for_load_state()
        expect(page.locator("#lookup-box")).to_be_focused()
        page.keyboard.press("?")
        keys = page.get_by_role("dialog", name="快捷键")
        expect(keys).to_be_visible()
        expect(keys).to_contain_text("按编号去工作台的某一部分")
        page.keyboard.press("Escape")
        expect(keys).to_be_hidden()
        expect(page.locator("#lookup-box")).to_be_focused()
        page.keyboard.press("Escape")  # out of the box of the look-up
        expect(page.locator("#lookup-box")).not_to_be_focused()
        page.keyboard.press("g")
        places = page.locator("[data-place]").all_inner_texts()
        page.keyboard.press(next(place[0] for place in places if place.endswith("我的账号")))
        expect(page.get_by_role("heading", level=1)).to_have_text("我的账号")
        page.locator("#new").focus()
        page.keyboard.type("g1?")
        expect(page.locator("#new")).to_have_value("g1?")
        expect(keys).to_be_hidden()
        for _ in range(20):
            page.keyboard.press("Shift+Tab")
            if page.evaluate("document.activeElement.textContent") == "退出":
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("您已退出。")


def test_the_language_is_one_key_away_and_stays(desk_page: OpenDesk) -> None:
    page, _ = desk_page("/desk/account", name="lan")
    page.get_by_role("button", name="English").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("My account")
    page.get_by_role("link", name="Look-up").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_scripts_send_with_the_token_and_are_led_to_the_door_when_the_sign_in_is_over(
    desk_page: OpenDesk, desk_server: DeskServer
) -> None:
    page, _ = desk_page("/desk/account", name="lin")
    frame = page.locator("script[src*='desk-frame']").get_attribute("src")
    page.route("**/desk/api/made-up", lambda route: route.fulfill(status=401))
    Accounts(desk_server.database, PasswordHasher()).remove("lin-agent", by="bot staff", at=datetime.now(UTC))
    token = page.locator("body").get_attribute("data-form-token")
    with page.expect_request("**/desk/api/made-up") as asked:
        page.evaluate("async frame => { (await import(frame)).send('/desk/api/made-up', {}) }", frame)
    assert asked.value.headers["x-form-token"] == token
    expect(page).to_have_url(f"{desk_server.url}/desk/sign-in?next=%2Fdesk%2Faccount")


def look(page: Page, state: str) -> None:
    """Bring the page into a state."""
    if state == "wrong":
        page.locator("#name").fill("mei")
        page.locator("#password").fill("wrong, and long enough")
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("alert")).to_be_visible()
    if state == "keys":
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()


STATES = [
    ("/desk/sign-in", None, ""),
    ("/desk/sign-in", None, "wrong"),
    ("/desk", Role.AGENT, ""),
    ("/desk", Role.AGENT, "keys"),
    ("/desk/account", Role.ADMIN, ""),
]


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone, light", "desktop, dark"])
@pytest.mark.parametrize(("path", "role", "state"), STATES)
def test_nothing_stands_in_the_way_of_anybody(  # noqa: PLR0913, PLR0917 - all that a page depends on
    desk_page: OpenDesk, door: str, path: str, role: Role | None, state: str, screen: dict[str, Any]
) -> None:
    del door
    page, _ = desk_page(path, role=role, **screen)
    look(page, state)
    assert barriers(page) == []
    assert not is_wider_than_the_screen(page)
