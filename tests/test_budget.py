"""How much a first visit loads: the bodies that cross the network, as they are sent, until nothing more is asked for.

Service workers are blocked while it is measured: what one takes along for a day without a network comes after the
page and is no part of it, and no answer may come from one unweighed.
"""

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize
from playwright.sync_api import TimeoutError as TooLate

from tests.watching import Browse, Watch, watched

KB = 1_000
WITHOUT_MAP = 40 * KB
WITH_MAP = 150 * KB
QUIET_MS = 1_000
OUTLET = "/outlets/qijiang-83a4d946"
PHONE: ViewportSize = {"width": 360, "height": 740}
# An asset of some 400 KB that is served anyway.
ONE_ASSET_MORE = "addEventListener('load', () => fetch('/static/swagger/js/swagger-ui-bundle.js'));"


@pytest.fixture
def phone(browse: Browse, bot_server: str) -> BrowserContext:
    """One that was never here before."""
    return browse(bot_server, viewport=PHONE)


def visited(phone: BrowserContext, path: str) -> tuple[Page, Watch]:
    page, watch = watched(phone)
    page.goto(path)
    settle(page)
    return page, watch


def settle(page: Page) -> None:
    """Until nothing was asked for during a second, and all has come."""
    with suppress(TooLate):
        while True:
            page.wait_for_event("request", timeout=QUIET_MS)
    page.wait_for_load_state("networkidle")


def weights(watch: Watch) -> dict[str, int]:
    """Bytes of the bodies, by path."""
    held: dict[str, int] = {}
    for request in watch.requests:
        path = urlsplit(request.url).path
        held[path] = held.get(path, 0) + request.sizes()["responseBodySize"]
    return held


def has_map(held: dict[str, int]) -> bool:
    return any("/leaflet/" in path for path in held)


@pytest.mark.parametrize("path", ["/", "/?lang=en"])
def test_the_first_page_comes_without_its_map_and_is_light(phone: BrowserContext, path: str) -> None:
    held = weights(visited(phone, path)[1])
    assert not has_map(held)
    assert sum(held.values()) <= WITHOUT_MAP, held


def to_the_map(page: Page) -> None:
    if page.locator("#map").is_hidden():
        page.locator("#map-toggle").click()
    page.locator("#map").scroll_into_view_if_needed()


def ask_for_halls(page: Page) -> None:
    page.locator("#chat-text").fill("卡丢了，沙坪坝附近哪里可以补")
    page.locator("[data-chat-send]").click()
    page.locator(".chat-map").scroll_into_view_if_needed()


@pytest.mark.parametrize(
    "path, bring",
    [("/", to_the_map), ("/?district=沙坪坝区", to_the_map), (OUTLET, to_the_map), ("/chat", ask_for_halls)],
)
def test_no_first_visit_is_heavy_even_with_its_map(
    phone: BrowserContext, path: str, bring: Callable[[Page], None]
) -> None:
    page, watch = visited(phone, path)
    bring(page)
    settle(page)
    held = weights(watch)
    assert has_map(held)
    assert sum(held.values()) <= WITH_MAP, held


def test_bodies_are_weighed_as_they_are_sent(phone: BrowserContext) -> None:
    page, watch = visited(phone, "/")
    sheet = next(request for request in watch.requests if "page.css" in request.url)
    response = sheet.response()
    assert response is not None
    assert response.headers["content-encoding"]
    assert 0 < sheet.sizes()["responseBodySize"] < len(response.body()) / 2
    assert page.title()


def test_one_asset_more_is_noticed(phone: BrowserContext) -> None:
    """The control: an asset that is too heavy breaks both budgets."""
    phone.add_init_script(ONE_ASSET_MORE)
    assert sum(weights(visited(phone, "/")[1]).values()) > WITH_MAP
