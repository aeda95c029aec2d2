"""What several tests share: a real browser, the real service on a port of its own, and the bot that knows all of faq/."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import hypothesis
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from bot.adviser import Adviser, make_adviser
from bot.settings import BotSettings
from tests.serving import serving
from tests.watching import PATIENCE_MS, Browse, own_browser

# Nothing of Chromium's own goes out, and no test depends on a graphics card.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# Files of a minute and more. Those that mostly wait come first, beside the browsers, which compute.
LONGEST = (
    "test_telegram_talk",
    "test_chat_in_browser",
    "test_telegram_kills",
    "test_map_in_browser",
    "test_modes_in_browser",
    "test_offline_in_browser",
    "test_bad_days_in_browser",
    "test_drafts_page",
    "test_outlet_page_in_browser",
    "test_signin_in_browser",
    "test_lookup_in_browser",
)

# A slow machine is no failure: timings are the benchmark's business.
hypothesis.settings.register_profile("untimed", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("untimed")
expect.set_options(timeout=PATIENCE_MS)

# The tests mean the settings they name, not those of the shell they run in.
for _name in [name for name in os.environ if name.startswith(("LOCATOR_", "BOT_"))]:
    del os.environ[_name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: each is one worker's, and none should be left alone at the end."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium from the PATH, else Playwright's own (tests/install_browser.sh brings one).

    For a file only: while Playwright lives its event loop runs in this thread, and asyncio.run() refuses.
    """
    on_path = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    # Chromium's sandbox refuses to run as root, which a container usually is.
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, on_path), None), args=[*root, *QUIET]
        )
        yield browser
        browser.close()


@pytest.fixture
def browse(browser: Browser) -> Iterator[Browse]:
    """Makes browsers of people's own: call it with the address of a service, and the options of `own_browser`."""
    with ExitStack() as made:
        yield lambda url, **options: made.enter_context(own_browser(browser, url, **options))


@pytest.fixture(scope="session")
def adviser() -> Adviser:
    """It knows the shipped knowledge; a second to make, and nothing changes it."""
    return make_adviser(BotSettings().faq)


@pytest.fixture(scope="session")
def live_server() -> Iterator[str]:
    """Start the locator as a user does, with its default settings; yield its address without a last slash."""
    with serving("locator") as served:
        yield served.url


@pytest.fixture(scope="session")
def bot_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the whole product as a user does, on a database of its own."""
    path = tmp_path_factory.mktemp("bot") / "bot.db"
    # A test types faster than anybody.
    with serving("bot", BOT_DATABASE_URL=f"sqlite:///{path}", BOT_MESSAGES_AT_ONCE="1000") as served:
        yield served.url
