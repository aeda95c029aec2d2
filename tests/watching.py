"""What a page in a real browser asks for, complains of, and keeps from people who use it otherwise."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request

AXE = Axe()
PATIENCE_MS = 30_000  # a slow machine is no failure


@dataclass
class Watch:
    """What a page asked for, and what its console complained of."""

    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108 - Playwright marks what it is given
        page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def urls(self) -> list[str]:
        return [request.url for request in self.requests]


Browse = Callable[..., BrowserContext]


def own_browser(browser: Browser, url: str, *, takes_along: bool = False, **options: Any) -> BrowserContext:
    """A browser of somebody's own, at a service; `options` are Playwright's. Close it after use.

    It takes nothing along for a day without a network, which would cost a second each time, unless a test is about that.
    """
    context = browser.new_context(base_url=url, **{"reduced_motion": "reduce"} | options)
    context.set_default_timeout(PATIENCE_MS)
    if not takes_along:
        context.add_init_script("delete Navigator.prototype.serviceWorker")
    return context


def watched(context: BrowserContext) -> tuple[Page, Watch]:
    """A new page of it."""
    page, watch = context.new_page(), Watch()
    watch.over(page)
    return page, watch


@contextmanager
def no_complaints(watch: Watch, server: str) -> Iterator[None]:
    yield
    assert watch.complaints == []
    assert {urlsplit(url).netloc for url in watch.urls} == {urlsplit(server).netloc}


def barriers(page: Page, *stricter: str) -> list[tuple[str, list[Any]]]:
    """What axe finds: the rule, and the elements that break it. `stricter`: rules beside its usual ones."""
    rules = {rule: {"enabled": True} for rule in stricter}
    found = AXE.run(page, options={"resultTypes": ["violations"], "rules": rules}).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
