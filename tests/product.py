"""The service for citizens on a new database, with a clock that stands still: what most tests of the bot begin with.

Use with `pytest_plugins = ("tests.databases", "tests.product")`. A file that means other settings has its own `bot_settings`.
"""

from collections.abc import Iterator
from contextlib import closing

import pytest
from flask.testing import FlaskClient

from bot.adviser import Adviser
from bot.app import make_app
from bot.database import Database, open_database
from bot.nearby import Nearby
from bot.settings import BotSettings
from bot.store import SqlStore
from locator.guide import Guide, make_live
from locator.live import Live
from locator.settings import Settings
from tests.props import Clock


@pytest.fixture(scope="session")
def live() -> Live[Guide]:
    """The shipped outlets, read once: nothing changes them."""
    return make_live(Settings())


@pytest.fixture(scope="session")
def nearby(live: Live[Guide]) -> Nearby:
    return Nearby(live)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    with closing(open_database(sqlite_url)) as opened:
        yield opened


@pytest.fixture
def store(database: Database) -> SqlStore:
    return SqlStore(database)


@pytest.fixture
def bot_settings() -> BotSettings:
    return BotSettings()


@pytest.fixture
def client(
    live: Live[Guide], bot_settings: BotSettings, adviser: Adviser, store: SqlStore, clock: Clock
) -> FlaskClient:
    return make_app(live, Settings(), bot_settings, adviser, store, clock).test_client()
