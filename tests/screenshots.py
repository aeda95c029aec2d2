"""Pictures of every page in every state, to be looked at: python -m tests.screenshots FOLDER [WORD …].

With words, only pictures whose name holds one of them. They show the real service, at the real time.
"""

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.serving import serving


class View(NamedTuple):
    """How somebody looks at it."""

    name: str
    width: int
    height: int
    dark: bool = False
    worn: str = ""  # stands in every URL: a language, a size


class State(NamedTuple):
    """A page as somebody meets it."""

    name: str
    path: str
    then: Callable[[Page], None] = lambda _: None


VIEWS: Final = (
    View("phone", 360, 740),
    View("desktop", 1280, 800),
    View("phone-dark", 360, 740, dark=True),
    View("dark", 1280, 800, dark=True),
    View("narrow", 320, 640),
    View("phone-large", 360, 740, worn="size=large"),
    View("large", 1280, 800, worn="size=large"),
    View("phone-en", 360, 740, worn="lang=en"),
    View("phone-hant", 360, 740, worn="lang=zh-Hant"),
)
OUTLET: Final = "/outlets/qijiang-83a4d946"
TALK: Final = "卡丢了，沙坪坝附近哪里可以补"


def asking(place: str) -> Callable[[Page], None]:
    def ask(page: Page) -> None:
        page.locator("#place").fill(place)
        with page.expect_navigation():
            page.locator("#ask button.go").first.click()

    return ask


def talk(page: Page) -> None:
    page.locator("#chat-text").fill(TALK)
    page.keyboard.press("Enter")
    page.locator(".chat-map .outlet").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.locator(".about-it").evaluate("halls => halls.scrollIntoView()")


def open_panel(page: Page) -> None:
    page.locator("[data-chat-open]").click()
    page.get_by_role("dialog").wait_for()


STATES: Final = (
    State("home", "/"),
    State("shapingba", "/", asking("重庆沙坪坝区")),
    State("jiangyang", "/?district=江阳区#results"),
    State("open-now", "/?district=荣昌区&open=now&service=replacement#results"),
    State("unclear", "/", asking("太平镇")),
    State("unknown", "/", asking("北京市朝阳区")),
    State("what-for", "/", asking("补卡 周六 沙坪坝")),
    State("where", "/", asking("周六开门")),
    State("question", "/", asking("怎么解挂")),
    State("refused", "/?district=nowhere#results"),
    State("nothing-fits", "/?district=沙坪坝区&status=official#results"),
    State("outlet", OUTLET),
    State("outlet-unknown-hours", "/outlets/jiangyang-27c2635f"),
    State("report", f"{OUTLET}/report"),
    State("gap-page", "/outlets/gap-shapingba"),
    State("gone", "/outlets/qijiang-99999999"),
    State("lost", "/no-such-page"),
    State("offline", "/offline"),
    State("panel", "/", open_panel),
    State("chat-empty", "/chat"),
    State("chat", "/chat", talk),
)


def main(folder: Path, words: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    database = {"BOT_DATABASE_URL": f"sqlite:///{folder / 'bot.db'}", "BOT_MESSAGES_AT_ONCE": "1000"}
    with serving("bot", "--workers", "1", **database) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for view in VIEWS:
            shoot(browser, served.url, view, folder, words)
        browser.close()


def shoot(browser: Browser, url: str, view: View, folder: Path, words: Sequence[str]) -> None:
    for state in STATES:
        name = f"{view.name}-{state.name}"
        if not words or any(word in name for word in words):
            context = looking(browser, url, view)
            take(context.new_page(), state, worn(state.path, view.worn), folder / name)
            context.close()


def looking(browser: Browser, url: str, view: View) -> BrowserContext:
    """A new one for each picture: nothing is remembered from the one before."""
    return browser.new_context(
        base_url=url,
        viewport={"width": view.width, "height": view.height},
        color_scheme="dark" if view.dark else "light",
        reduced_motion="reduce",
    )


def take(page: Page, state: State, path: str, file: Path) -> None:
    """What is seen at first; and all of it."""
    page.goto(path)
    state.then(page)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=f"{file}.png")
    for drawing in page.locator(".map:visible").all():  # it comes when it is about to be seen
        drawing.scroll_into_view_if_needed()
        page.wait_for_load_state("networkidle")
    page.screenshot(path=f"{file}-full.png", full_page=True)


def worn(path: str, more: str) -> str:
    path, mark, place = path.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{more}{mark}{place}" if more else f"{path}{mark}{place}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
