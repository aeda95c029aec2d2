"""The whole product with its desk, and people who are signed in there.

Use with `pytest_plugins = ("tests.databases", "tests.product", "tests.staffed")`.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from playwright.sync_api import Page

from bot.adviser import Adviser
from bot.app import add_desk, make_app
from bot.board import Board
from bot.closures import Closures
from bot.database import Database, open_database
from bot.editions import Editions
from bot.gate import COOKIE
from bot.living import Base, Living, read_base
from bot.settings import BotSettings
from bot.staff import Role
from bot.store import SqlStore
from locator.guide import Guide, Informed
from locator.live import Live
from locator.settings import Settings
from tests.desks import Clerk, DeskServer, OpenDesk, sign_in
from tests.props import Clock
from tests.serving import serving
from tests.watching import Browse, Watch, watched


@pytest.fixture(scope="session")
def base() -> Base:
    """The shipped files, read once: what the desk publishes goes on top."""
    return read_base(BotSettings().faq)


@pytest.fixture
def living(base: Base, adviser: Adviser, database: Database, clock: Clock) -> Living:
    return Living(base, Editions(database), clock, adviser)


@pytest.fixture
def desk(living: Living, live: Live[Guide], database: Database, clock: Clock) -> OpenAPI:
    """The whole product on a new database; its clock stands still."""
    settings, own, store = Settings(), BotSettings(), SqlStore(database)
    board = Board(Closures(database), clock)
    informed = Informed(live, board.notices)
    app = make_app(informed, settings, own, living, store, clock)
    add_desk(app, informed, database, settings, own, store, clock, living, board)
    return app


@pytest.fixture
def clerk(desk: OpenAPI, database: Database, clock: Clock) -> Callable[..., Clerk]:
    """Somebody who is signed in: call it with a name and a role."""

    def make(name: str = "anna", role: Role = Role.AGENT, language: str = "") -> Clerk:
        client = desk.test_client()
        client.set_cookie(COOKIE, sign_in(database, name, role, clock(), language), secure=True)
        return Clerk(client, name)

    return make


@pytest.fixture(scope="module")
def desk_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskServer]:
    url = f"sqlite:///{tmp_path_factory.mktemp('desk') / 'bot.db'}"
    with (
        closing(open_database(url)) as opened,
        serving("bot", "--workers", "1", BOT_DATABASE_URL=url, BOT_MESSAGES_AT_ONCE="1000") as served,
    ):
        yield DeskServer(served.url, opened)


@pytest.fixture
def desk_page(browse: Browse, desk_server: DeskServer) -> OpenDesk:
    """Opens a path of the desk for somebody signed in; `role=None` is nobody. The rest is for the browser's context."""

    def opened(
        path: str = "/desk",
        *,
        name: str = "anna",
        role: Role | None = Role.AGENT,
        language: str = "",
        **options: Any,
    ) -> tuple[Page, Watch]:
        size = {"viewport": {"width": 1280, "height": 800}}
        context = browse(desk_server.url, **size | options)
        if role:
            desk_server.sign_in(context, f"{name}-{role.value}", role, language)
        page, watch = watched(context)
        page.goto(path)
        return page, watch

    return opened
