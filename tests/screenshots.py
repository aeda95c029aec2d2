"""Pictures of the page, to be looked at: python -m tests.screenshots FOLDER. They show the real service, at the real time."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright


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


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with service() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for view in VIEWS:
            shoot(browser, url, view, folder)
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
    context.close()


def ask(page: Page, place: str) -> None:
    page.locator("#place").fill(place)
    with page.expect_navigation():
        page.locator("button.go").first.click()


@contextmanager
def service() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "locator", "serve", "--port", str(port), "--workers", "1"]
    with subprocess.Popen(command) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise SystemExit("the service did not start")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
