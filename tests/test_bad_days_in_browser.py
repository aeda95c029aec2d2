"""Bad days: no scripts, no storage, a network that crawls, and texts that want to be more than texts."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.watching import Browse, Watch, no_complaints, watched

SIZES: Final[tuple[ViewportSize, ...]] = ({"width": 360, "height": 740}, {"width": 1280, "height": 800})
OUTLET: Final = "/outlets/qijiang-83a4d946"
# 250 kbit/s, and most of a second until anything comes back.
SLOW: Final = {"offline": False, "latency": 800, "downloadThroughput": 31_250, "uploadThroughput": 31_250}
# When something could first be read, in milliseconds since the page was asked for.
PAINTED: Final = """() => new Promise((tell) => {
  const seen = (list) => list.getEntriesByName("first-contentful-paint").forEach(({ startTime }) => tell(startTime));
  new PerformanceObserver(seen).observe({ type: "paint", buffered: true });
})"""
# All that a browser refuses whose owner, or whose private window, allows no storage.
STORAGE_OFF: Final = """
for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("off", "SecurityError"); } });
}
if (navigator.serviceWorker) {
  navigator.serviceWorker.register = () => Promise.reject(new DOMException("off", "SecurityError"));
}
"""
# Whichever of them is taken for markup or for a script says so.
MARKUP: Final = (
    "<img src=x onerror=window.xss=1>",
    "\"'><svg onload=window.xss=1>",
    "</title></textarea></script><script>window.xss=1</script>",
)
ALL: Final = "".join(MARKUP)
HOSTILE: Final = (*MARKUP, "javascript:window.xss=1", "{{7*7}}${7*7}<%=7*7%>")
PARAMETERS: Final = (
    "district", "service", "status", "open", "when", "lang", "size", "place", "lat", "lon", "datum", "text", "token",
)  # fmt: skip

Open = Callable[..., tuple[Page, Watch]]


@pytest.fixture(params=SIZES, ids=["phone", "desktop"])
def size(request: pytest.FixtureRequest) -> ViewportSize:
    chosen: ViewportSize = request.param
    return chosen


@pytest.fixture
def open_page(browse: Browse, bot_server: str) -> Open:
    """A page of the whole product, not yet gone anywhere; keyword arguments are the browser context's."""

    def opened(**options: Any) -> tuple[Page, Watch]:
        return watched(browse(bot_server, **options))

    return opened


def find(page: Page, place: str) -> None:
    page.locator("#place").fill(place)
    page.locator("#ask button.go").first.click()
    page.wait_for_selector(".card")


def width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


# -- no scripts --


def test_without_scripts_everything_can_be_found_and_asked(open_page: Open, size: ViewportSize) -> None:
    page, _ = open_page(viewport=size, java_script_enabled=False)
    page.goto("/")
    find(page, "沙坪坝区")
    assert page.locator(".card").count() == 5
    assert width(page) <= size["width"]
    page.locator(".card h3 a").first.click()
    expect(page.locator("main dl").first).to_contain_text("地址")
    assert width(page) <= size["width"]
    page.goto("/chat")
    page.locator("#chat-text").fill("社保卡丢了怎么办")
    page.locator("[data-chat-send]").click()
    expect(page.locator(".turn.us")).to_contain_text("挂失")
    assert width(page) <= size["width"]


# -- no storage --


def test_without_storage_everything_works_and_nothing_complains(
    open_page: Open, bot_server: str, size: ViewportSize
) -> None:
    page, watch = open_page(viewport=size)
    page.add_init_script(STORAGE_OFF)
    with no_complaints(watch, bot_server):
        page.goto("/")
        find(page, "沙坪坝区")
        expect(page.locator("#map .leaflet-pane").first).to_be_attached()
        page.locator("[data-chat-open]").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.goto(OUTLET)
        page.goto("/chat")
        page.locator("#chat-text").fill("社保卡丢了怎么办")
        page.locator("[data-chat-send]").click()
        expect(page.locator(".turn.us")).to_contain_text("挂失")
        page.wait_for_load_state("networkidle")


def test_storage_is_off_when_it_is_said_to_be(open_page: Open) -> None:
    """The control."""
    page, _ = open_page()
    page.add_init_script(STORAGE_OFF)
    page.goto("/")
    names = ["localStorage", "sessionStorage", "indexedDB", "caches"]
    is_off = "name => { try { return !window[name]; } catch { return true; } }"
    assert [name for name in names if page.evaluate(is_off, name)] == names


# -- a slow network --


@pytest.mark.parametrize("path", ["/?district=沙坪坝区", OUTLET, "/chat"])
def test_on_a_slow_network_a_page_can_be_read_before_its_scripts_have_come(
    open_page: Open, size: ViewportSize, path: str
) -> None:
    page, _ = open_page(viewport=size)
    slow_down(page)
    held: list[Route] = []
    page.route("**/*.js?*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.goto(path, wait_until="commit")
    page.locator(".card:visible, main dl:visible, .opening:visible").first.wait_for()
    assert page.evaluate(PAINTED) > SLOW["latency"]
    assert held


def slow_down(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)


def test_the_form_works_before_any_script_has_come(open_page: Open, size: ViewportSize) -> None:
    page, _ = open_page(viewport=size)
    held: list[Route] = []
    page.route("**/*.js?*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.goto("/", wait_until="commit")
    find(page, "江阳区")
    assert page.locator(".card").count() == 5
    assert held
    page.goto("/chat", wait_until="commit")
    page.locator("#chat-text").fill("社保卡丢了怎么办")
    page.locator("[data-chat-send]").click()
    expect(page.locator(".turn.us")).to_contain_text("挂失")


def test_a_map_that_is_taken_away_before_its_names_have_come_complains_of_nothing(open_page: Open) -> None:
    """The map of an older reply goes when there is a newer one."""
    page, watch = open_page(viewport=SIZES[0], service_workers="block")
    held: list[Route] = []
    page.route("**/names.json*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.goto("/chat")
    for number, text in enumerate(("卡丢了，沙坪坝附近哪里可以补", "合江县呢"), start=1):
        page.locator("#chat-text").fill(text)
        page.locator("[data-chat-send]").click()
        expect(page.locator(".turn.us")).to_have_count(number)
        expect(page.locator(".turn.us").last.locator(".chat-map .outlet")).to_have_count(3)
    with page.expect_response("**/rivers.geojson*"):
        for route in held:
            route.continue_()
    expect(page.locator(".chat-map path.river")).not_to_have_count(0)
    assert held
    assert [said for said in watch.complaints if "blocked by Playwright" not in said] == []


# -- texts that want to be more --


@pytest.fixture
def careless(open_page: Open) -> Page:
    """A browser that would run what is written into a page: the policy is no help here."""
    page, _ = open_page(viewport=SIZES[0], bypass_csp=True, service_workers="block")
    return page


def was_run(page: Page) -> bool:
    ran: bool = page.evaluate(
        "window.xss !== undefined || document.querySelector('img[src=x], svg[onload]') !== null"
    )
    return ran


@pytest.mark.parametrize("text", MARKUP)
def test_a_text_that_is_written_into_a_page_as_it_is_is_noticed(careless: Page, text: str) -> None:
    """The control."""

    def write(route: Route) -> None:
        held = route.fetch()
        route.fulfill(response=held, body=held.text().replace("<h1>", f"<h1>{text}"))

    careless.route("**/", write)
    careless.goto("/")
    careless.wait_for_function("window.xss !== undefined")
    assert was_run(careless)


@pytest.mark.parametrize("path", ["/", "/chat", OUTLET, f"{OUTLET}/report"])
def test_nothing_in_a_url_is_run(careless: Page, path: str) -> None:
    for text in HOSTILE:
        careless.goto(f"{path}?{urlencode(dict.fromkeys(PARAMETERS, text))}#{text}")
        assert not was_run(careless), text
    for name in PARAMETERS:
        careless.goto(f"{path}?{urlencode({name: ALL})}")
        assert not was_run(careless), name


@pytest.mark.parametrize("before", ["", "qijiang-", "gap-"])
def test_nothing_in_the_path_of_an_outlet_is_run(careless: Page, before: str) -> None:
    for text in HOSTILE:
        careless.goto(f"/outlets/{before}{quote(text, safe='')}")
        assert not was_run(careless), text


@pytest.mark.parametrize("path", ["/", "/?district=渝中区", "/chat", f"{OUTLET}/report"])
def test_nothing_in_any_field_is_run(careless: Page, path: str) -> None:
    careless.goto(path)
    for number in range(careless.locator("form").count()):
        for text, kept in ((ALL, []), (ALL, ["token", "id"]), (HOSTILE[-1], ["token", "id"])):
            careless.goto(path)
            send_everything(careless, number, text, kept)
            assert not was_run(careless), (text, kept)


def send_everything(page: Page, number: int, text: str, kept: list[str]) -> None:
    """Send that form past every script, with the text in every field and behind a button's own word; but not in `kept`."""
    with page.expect_navigation():
        page.evaluate(
            """([number, text, kept]) => {
              const form = document.forms[number];
              for (const field of [...form.elements]) {
                if (!field.name || kept.includes(field.name)) continue;
                if (field.matches("select")) field.append(new Option(text, text, true, true));
                else if (field.matches("button")) {
                  const value = `${field.value.split("|")[0]}|${text}`;
                  form.append(Object.assign(document.createElement("input"), { name: field.name, value }));
                } else { field.removeAttribute("maxlength"); field.type = "text"; field.value = text; }
              }
              HTMLFormElement.prototype.submit.call(form);
            }""",
            [number, text, kept],
        )


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_written_is_shown_as_it_was_written(careless: Page, text: str) -> None:
    careless.set_viewport_size(SIZES[1])
    careless.goto("/")
    careless.locator("#place").fill(text)
    with careless.expect_navigation():
        careless.locator("#ask button.go").first.click()
    expect(careless.locator("#place")).to_have_value(text)
    assert not was_run(careless)
    careless.goto("/chat")
    careless.locator("#chat-text").press_sequentially(text)
    careless.locator("[data-chat-send]").click()
    careless.locator(".turn.us").wait_for()
    expect(careless.locator(".you .text")).to_have_text(text)
    assert not was_run(careless)
