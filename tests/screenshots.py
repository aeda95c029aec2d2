"""Pictures of the page, to be looked at: python -m tests.screenshots FOLDER. They show the real service, at the real time."""

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from tests.serving import serving


class View(NamedTuple):
    name: str
    width: int
    height: int
    dark: bool = False


VIEWS = (
    View("phone", 360, 740),
    View("desktop", 1280, 800),
    View("dark", 1280, 800, dark=True),
    View("narrow", 320, 640),
)
SHOTS = {
    "home": ("/", ""),
    "jiangyang": ("/", "泸州江阳区"),
    "shapingba": ("/", "重庆沙坪坝区"),
    "unclear": ("/", "太平镇"),
    "unknown": ("/", "北京市朝阳区"),
    "english": ("/?lang=en", "合江县"),
}
TALK = "卡丢了，沙坪坝附近哪里可以补"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    database = {"BOT_DATABASE_URL": f"sqlite:///{folder / 'bot.db'}"}
    with serving("bot", "--workers", "1", **database) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for view in VIEWS:
            shoot(browser, served.url, view, folder)
        browser.close()


def shoot(browser: Browser, url: str, view: View, folder: Path) -> None:
    context = browser.new_context(
        viewport={"width": view.width, "height": view.height}, color_scheme="dark" if view.dark else "light"
    )
    page = context.new_page()
    for name, (path, place) in SHOTS.items():
        page.goto(url + path)
        if place:
            ask(page, place)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{view.name}-{name}.png")
        page.screenshot(path=folder / f"{view.name}-{name}-full.png", full_page=True)
    shoot_talk(page, url, folder / f"{view.name}-chat.png")
    context.close()


def shoot_talk(page: Page, url: str, path: Path) -> None:
    page.goto(f"{url}/chat")
    page.locator("#chat-text").fill(TALK)
    page.keyboard.press("Enter")
    page.locator(".chat-map .outlet").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.locator(".spots-title").scroll_into_view_if_needed()
    page.screenshot(path=path)


def ask(page: Page, place: str) -> None:
    page.locator("#place").fill(place)
    with page.expect_navigation():
        page.locator("button.go").first.click()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
