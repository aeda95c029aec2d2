"""People at the desk for tests, by hand and in a real browser; tests.staffed makes them.

A test signs people in at once, without hashing a password; how one signs in is tested in test_signin.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Page
from werkzeug.test import TestResponse

from bot import presence
from bot.database import Database
from bot.gate import COOKIE
from bot.presence import Limits
from bot.staff import Role
from bot.tables import ACCOUNTS
from tests.watching import Watch

NOWHERE = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
LIMITS = Limits(timedelta(minutes=30), timedelta(hours=12))


@dataclass
class Clerk:
    """Somebody at the desk, with a browser without scripts."""

    client: FlaskClient
    name: str

    def get(self, url: str, **options: Any) -> TestResponse:
        return self.client.get(url, **options)

    def post(self, url: str, **fields: str) -> TestResponse:
        """Send a form, as a page of the desk does."""
        return self.client.post(url, data={"form_token": self.form_token()} | fields)

    def send(self, url: str, body: Any, method: str = "POST") -> TestResponse:
        """Send JSON, as a script of the desk does."""
        return self.client.open(url, method=method, json=body, headers={"X-Form-Token": self.form_token()})

    def form_token(self) -> str:
        return form_token(self.client, "/desk/account")


def form_token(client: FlaskClient, url: str) -> str:
    found = re.search('data-form-token="([0-9a-f]+)"', client.get(url).get_data(as_text=True))
    assert found
    return found[1]


def sign_in(database: Database, name: str, role: Role, at: datetime, language: str = "") -> str:
    """The token of somebody who has just signed in; their account is made if need be. No password opens it."""
    with database.transaction() as connection:
        if connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.name == name)).one_or_none() is None:
            row = {"name": name, "role": role.value, "password": NOWHERE, "language": language}
            connection.execute(sa.insert(ACCOUNTS).values(row))
        return presence.begin(connection, name, at, LIMITS)


# -- a real service, and real browsers at it --


@dataclass
class DeskServer:
    """The service on a port of its own, and its database."""

    url: str
    database: Database

    def sign_in(self, context: BrowserContext, name: str, role: Role, language: str = "") -> None:
        """Give a browser the cookie of somebody who has just signed in."""
        token = sign_in(self.database, name, role, datetime.now(UTC), language)
        # A browser takes http://127.0.0.1 for safe; Playwright has to be told.
        url = self.url.replace("http:", "https:")
        context.add_cookies([{"name": COOKIE, "value": token, "url": url, "secure": True, "httpOnly": True}])


OpenDesk = Callable[..., tuple[Page, Watch]]
