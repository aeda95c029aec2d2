"""Every kind of page, reached from the first one as a person reaches it: by its links and by its buttons.

A kind is a path and the names in its URL, in one language or in large type. Of each kind one page is opened in a
browser, and each button of a kind is pressed once, with plain words in the fields. Every other link on these pages is
followed in one language, without a browser.
"""

import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, Route

from tests.watching import Watch

MOST_PAGES: Final = 150
WORN_IN_A_URL: Final = ("lang", "size")
REFUSED: Final = 400
LEFT: Final = "net::ERR_ABORTED"  # the page was left while it loaded, as people do
# Swagger UI draws this page: it has no h1 of ours, and writes styles into itself (locator.files.allow_own_styles).
SWAGGER: Final = "/docs"

# Chromium asks there about every form it sees, whoever wrote it.
BROWSERS_OWN: Final = "CONNECT content-autofill.googleapis.com:443"

# What a page reports at once, before anybody can leave it.
REPORT = (
    "addEventListener('securitypolicyviolation', event =>"
    " reportViolation(`${event.effectiveDirective} ${event.blockedURI}`));"
)
SHAPE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  return {
    title: document.title.trim(),
    headings: document.querySelectorAll("h1").length,
    language: document.documentElement.lang,
    twice: ids.filter((id, index) => ids.indexOf(id) !== index),
    links: [...document.querySelectorAll("a[href]")].map((one) => one.href),
  };
}"""
# A button is known by where its form goes, what it sends, and the first word of its own value.
BUTTONS = """() => {
  const kind = (button) => {
    const action = button.hasAttribute("formaction") ? button.formAction : button.form.action;
    const { pathname, search } = new URL(action, location);
    const names = [...new FormData(button.form, button).keys()].sort();
    return [pathname.replace(/outlets.[^/]+/, "outlets/*"), search, ...new Set(names), button.value.split(":")[0]].join(" ");
  };
  const shown = [...document.querySelectorAll("form button:not([type=button])")].filter((one) => one.checkVisibility());
  window.buttonsOfAKind = Object.fromEntries(shown.reverse().map((one) => [kind(one), one]));
  return Object.keys(window.buttonsOfAKind);
}"""
PRESS = """(kind) => {
  const button = window.buttonsOfAKind[kind];
  for (const field of button.form.elements) {
    if (field.matches("textarea, input[type=text], input[type=search]")) field.value = "沙坪坝区";
    if (field.matches("input[type=datetime-local]")) field.value = "2026-11-30T10:00";
    if (field.matches("input[type=radio]") && !button.form.elements[field.name].value) field.checked = true;
  }
  button.click();
}"""


class Way(NamedTuple):
    """How a page is reached."""

    url: str
    presses: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " > ".join((self.url, *self.presses))


@dataclass
class Found:
    """What a crawl met."""

    ways: list[Way] = field(default_factory=list)
    languages: set[str] = field(default_factory=set)
    statuses: dict[str, int] = field(default_factory=dict)  # of every link, in one language
    complaints: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    untidy: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


class Crawler:
    """Opens pages in one context; what it meets is in `found`."""

    def __init__(self, context: BrowserContext, server: str) -> None:
        """`server`: its address without a last slash."""
        self.found = Found()
        self._context, self._server = context, server
        self._kinds: set[str] = set()
        self._waiting: deque[Way] = deque()
        self.page, self._watch, self._pending = context.new_page(), Watch(), 0
        self._watch_over(self.page)

    def crawl(self, path: str) -> Found:
        self._meet(f"{self._server}{path}")
        while self._waiting and len(self.found.ways) < MOST_PAGES:
            self.open(self._waiting.popleft())
        return self.found

    def open(self, way: Way) -> None:
        self.page.goto(way.url)
        self._settle()
        for kind in way.presses:
            self._press(kind)
        self.found.ways.append(way)
        self._look(way)

    # -- one page --

    def _press(self, kind: str) -> None:
        self.page.evaluate(BUTTONS)
        with self.page.expect_request(lambda one: one.method == "POST" or one.is_navigation_request()):
            self.page.evaluate(PRESS, kind)
        self.page.wait_for_load_state()
        self._settle()

    def _settle(self) -> None:
        """Until all that was asked for has come."""
        while self._pending:
            self.page.wait_for_event("requestfinished")

    def _look(self, way: Way) -> None:
        shape = self.page.evaluate(SHAPE)
        self.found.languages.add(shape["language"])
        self.found.untidy += [f"{way}: {fault}" for fault in faults(shape, urlsplit(way.url).path)]
        self.found.complaints += [f"{way}: {said}" for said in self._watch.complaints]
        self._watch.complaints.clear()
        for link in shape["links"]:
            self._meet(urldefrag(link).url)
        for kind in self.page.evaluate(BUTTONS):
            if self._is_new(f"button {kind}"):
                self._waiting.append(Way(way.url, (*way.presses, kind)))

    # -- where to go --

    def _meet(self, url: str) -> None:
        """Follow the link if there was none like it, in this language or another."""
        bare = without_what_is_worn(url)
        is_new = self._is_new(kind_of(url))
        if not url.startswith(f"{self._server}/") or (bare in self.found.statuses and not is_new):
            return
        answer = self._context.request.get(url)
        self.found.statuses[bare] = answer.status
        if is_new and answer.headers.get("content-type", "").startswith("text/html"):
            self._waiting.append(Way(url))

    def _is_new(self, kind: str) -> bool:
        if kind in self._kinds:
            return False
        self._kinds.add(kind)
        return True

    # -- what it hears --

    def _watch_over(self, page: Page) -> None:
        self._watch.over(page)
        page.expose_function("reportViolation", self._violated)
        page.add_init_script(REPORT)
        page.on("request", lambda _: self._count(1))
        page.on("requestfinished", lambda _: self._count(-1))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _count(self, more: int) -> None:
        self._pending += more

    def _violated(self, said: str) -> None:
        self.found.violations.append(f"{self.page.url}: {said}")

    def _failed(self, request: Request) -> None:
        self._count(-1)
        if request.failure != LEFT:
            self.found.failures.append(f"{self.page.url}: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= REFUSED:
            self.found.failures.append(f"{self.page.url}: {response.url} {response.status}")


def kind_of(url: str) -> str:
    """The path without what tells one hall from another; its language, or else its size; and the other names in the URL."""
    parts = urlsplit(url)
    path = re.sub("/outlets/(gap-)?[^/]+", r"/outlets/\1*", parts.path)
    told = dict(parse_qsl(parts.query))
    worn = next((f"{name}={told[name]}" for name in WORN_IN_A_URL if name in told), "")
    return " ".join((path, worn, *sorted(set(told) - set(WORN_IN_A_URL))))


def without_what_is_worn(url: str) -> str:
    parts = urlsplit(url)
    told = [(name, value) for name, value in parse_qsl(parts.query) if name not in WORN_IN_A_URL]
    return parts._replace(query=urlencode(told)).geturl()


def faults(shape: dict[str, Any], path: str) -> Iterator[str]:
    if not shape["title"]:
        yield "no title"
    if not shape["language"]:
        yield "no language"
    if shape["headings"] != 1 and path != SWAGGER:
        yield f"{shape['headings']} headings of the first level"
    if shape["twice"] and path != SWAGGER:
        yield f"ids that are there twice: {shape['twice']}"


# -- a network that leads nowhere --


@contextmanager
def a_proxy_to_nowhere() -> Iterator[tuple[str, list[str]]]:
    """Its address, and what it was asked for. What it gets is everything that is not for this machine."""
    asked: list[str] = []

    class Note(StreamRequestHandler):
        def handle(self) -> None:
            wanted = self.rfile.readline().decode(errors="replace").strip()
            if not wanted.startswith(BROWSERS_OWN):
                asked.append(wanted)

    with ThreadingTCPServer(("127.0.0.1", 0), Note) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


@contextmanager
def crawler(browser: Browser, server: str) -> Iterator[Crawler]:
    with a_proxy_to_nowhere() as (proxy, asked):
        context = browser.new_context(
            reduced_motion="reduce", proxy={"server": proxy, "bypass": "127.0.0.1"}, accept_downloads=False
        )
        context.set_default_timeout(30_000)
        crawler = Crawler(context, server)
        crawler.found.elsewhere = asked
        yield crawler
        context.close()


@pytest.fixture(scope="module")
def found(browser: Browser, bot_server: str) -> Iterator[Found]:
    with crawler(browser, bot_server) as one:
        yield one.crawl("/")


# -- what must hold --


def test_every_kind_of_page_was_reached_in_every_language(found: Found) -> None:
    kinds = {kind_of(way.url).split(" ")[0] for way in found.ways}
    assert {"/", "/chat", "/outlets/*", "/docs"} <= kinds
    assert {"zh-Hans", "zh-Hant", "en"} <= found.languages
    assert len(found.ways) < MOST_PAGES, "more kinds than are looked at"
    assert any(way.presses for way in found.ways)


def test_every_link_leads_somewhere(found: Found) -> None:
    assert len(found.statuses) > 50
    assert {url: status for url, status in found.statuses.items() if status >= REFUSED} == {}


def test_nothing_breaks_the_policy_of_a_page(found: Found) -> None:
    assert found.violations == []


def test_no_console_complains(found: Found) -> None:
    assert found.complaints == []


def test_no_request_fails(found: Found) -> None:
    assert found.failures == []


def test_every_page_has_a_title_a_language_one_heading_and_no_id_twice(found: Found) -> None:
    assert found.untidy == []


def test_no_request_leaves_this_machine(found: Found) -> None:
    assert found.elsewhere == []


def test_no_page_allows_inline_scripts_or_styles_but_the_description_for_programs(
    found: Found, bot_server: str, browser: Browser
) -> None:
    context = browser.new_context()
    policies = {
        urlsplit(url).path: context.request.get(url).headers.get("content-security-policy", "")
        for url in {way.url for way in found.ways}
    }
    context.close()
    assert {path for path, policy in policies.items() if "default-src 'self'" not in policy} == set()
    assert {path for path, policy in policies.items() if "unsafe-inline" in policy} == {SWAGGER}
    assert "script-src" not in policies[SWAGGER], bot_server


# -- the controls --

SPOILT = """<script>document.title = ""</script><h1 id="place">二</h1><img src="/static/none.png">
<img src="http://elsewhere.example/picture.png">"""


def spoil(route: Route) -> None:
    held = route.fetch()
    route.fulfill(response=held, body=held.text().replace("</body>", f"{SPOILT}</body>"))


def test_a_page_that_is_spoilt_is_noticed(browser: Browser, bot_server: str) -> None:
    with crawler(browser, bot_server) as one:
        one.page.route(re.compile("/$"), spoil)
        one.open(Way(urljoin(bot_server, "/")))
    found = one.found
    assert any("script-src" in said and "inline" in said for said in found.violations)
    assert any("elsewhere.example" in said for said in found.violations)
    assert any("none.png 404" in said for said in found.failures)
    assert any("Content Security Policy" in said for said in found.complaints)
    assert any("2 headings" in said for said in found.untidy)
    assert any("twice: ['place']" in said for said in found.untidy)


def test_a_request_that_leaves_this_machine_is_noticed(browser: Browser, bot_server: str) -> None:
    with crawler(browser, bot_server) as one:
        one.page.goto("about:blank")  # no policy keeps this one
        one.page.evaluate("fetch('http://elsewhere.example/').catch(() => 0)")
    assert any("elsewhere.example" in said for said in one.found.elsewhere)
