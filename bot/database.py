"""One database, SQLite or PostgreSQL: opened, brought up to date, and what goes wrong with it explained.

Law: SQLite lets one writer in at a time, who waits for the disk. Nothing of the driver gets out, neither its errors nor
what they quote.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from select import POLLIN, poll
from time import monotonic, sleep
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from bot.ports import StoreFailed
from bot.tables import REVISION
from locator.errors import BadInput

WAIT_S: Final = 10.0
_LOOK_AGAIN_S: Final = 0.001
_READS: Final = "only_reads"
_INSERTS: Final[Mapping[str, Callable[[sa.Table], Any]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
_LOCK: Final = sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("lock", type_=sa.BigInteger)))

# By the beginning of SQLite's error name or PostgreSQL's SQLSTATE: what is wrong, and what to do.
_ADVICE: Final[Mapping[str, str]] = {
    "SQLITE_BUSY": "is locked; close the program that holds it (a backup, a shell), then try again",
    "SQLITE_LOCKED": "is locked; close the program that holds it (a backup, a shell), then try again",
    "SQLITE_FULL": "is full; free space on its disk",
    "SQLITE_READONLY": "may not be written; give this program's user the right to write the file and its folder",
    "SQLITE_PERM": "may not be written; give this program's user the right to write the file and its folder",
    "SQLITE_CANTOPEN": "cannot be opened; its folder must exist, and this program's user must be able to write there",
    "SQLITE_NOTADB": "is no SQLite database; name another file",
    "SQLITE_CORRUPT": "is damaged; put a backup in its place",
    "SQLITE_IOERR": "cannot be read or written; check its disk",
    "55P03": "is locked; end the transaction that holds it, then try again",
    "53100": "is full; free space on its server's disk",
    "25006": "may not be written; name the primary server, not a standby",
    "42501": "may not be changed by this user; make the user its owner",
    "57P": "is shutting down; try again when its server is running",
    "40": "is busy; try again",
}
# psycopg gives no code for a connection that was not made.
_UNREACHABLE: Final = (
    "cannot be reached; check its address, that its server is running, that the database was created, the user and"
    " the password"
)


class Database:
    """Threads may share it; a process that forks opens its own. Whatever fails in it raises StoreFailed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(**{_READS: True})

    @contextmanager
    def statements(self) -> Iterator[Connection]:
        """On PostgreSQL each is a transaction of its own; on SQLite all are one."""
        if self._engine.dialect.name == "sqlite":
            with self.transaction() as connection:
                yield connection
        else:
            with _explained(self._engine.url), self._engine.connect() as connection:
                yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with _explained(self._engine.url), _begin(self._engine) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Whoever only reads, and holds up no writer."""
        with _explained(self._engine.url), self._reader.connect() as connection:
            yield connection

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


def hold(connection: Connection, *names: str) -> None:
    """Until the transaction ends, others with the same names wait."""
    if connection.dialect.name == "postgresql":  # SQLite has let in no other writer
        digest = blake2b(repr(names).encode(), digest_size=8).digest()
        lock = int.from_bytes(digest, signed=True, byteorder="big")
        connection.execute(_LOCK, {"lock": lock})


def insert_first(table: sa.Table) -> Mapping[str, sa.Insert]:
    """By dialect; a row that is there stays as it is."""
    return {name: counted(insert(table).on_conflict_do_nothing()) for name, insert in _INSERTS.items()}


def counted(insert: Any) -> Any:
    """Its row count tells whether anything was kept; SQLAlchemy does not look at that of an insert unasked."""
    return insert.execution_options(preserve_rowcount=True)


# -- opening --


def open_database(url: str, *, wait_s: float = WAIT_S) -> Database:
    """Open the database at "sqlite:///path" or "postgresql://…", and bring its tables up to date.

    A SQLite file is made when there is none, for this user's eyes only. Any number of processes may open one database
    at once. `wait_s` is how long one waits for another.

    Raises BadInput for another kind of address, StoreFailed when the database cannot be used or is newer than this
    program.
    """
    address = _read_address(url)
    with _explained(address):
        if address.get_backend_name() == "sqlite":
            _make_file(Path(str(address.database)))
        engine = _engine(address, wait_s)
        try:
            _migrate(engine)
        except BaseException:
            engine.dispose()
            raise
    return Database(engine)


def _read_address(url: str) -> URL:
    wanted = "must be sqlite:///path or postgresql://user@host/name"
    try:
        address = make_url(url)
        address.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError):
        # Without the address: it may hold a password.
        raise BadInput("database", wanted) from None
    if address.drivername not in ("sqlite", "postgresql", "postgresql+psycopg") or not address.database:
        raise BadInput("database", wanted)
    if address.drivername == "sqlite" and (":memory:" in address.database or address.query):
        raise BadInput(
            "database", "must be a file: what is in memory is lost, and each connection has its own"
        )
    return address


def _make_file(path: Path) -> None:
    """Before SQLite does, which would let everybody read it."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except PermissionError:
        raise StoreFailed(f"the database {path} {_ADVICE['SQLITE_PERM']}") from None
    except OSError:
        raise StoreFailed(f"the database {path} {_ADVICE['SQLITE_CANTOPEN']}") from None


def _engine(address: URL, wait_s: float) -> Engine:
    wait_ms = round(wait_s * 1000)
    if address.get_backend_name() == "postgresql":
        engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", hide_parameters=True)
        _tell_first(engine, f"SET lock_timeout = {wait_ms}")
        _pass_over_the_dead(engine)
        return engine
    engine = sa.create_engine(address, hide_parameters=True)
    _tell_first(
        engine,
        f"PRAGMA busy_timeout = {wait_ms}",
        "PRAGMA journal_mode = DELETE",  # WAL can corrupt a database before SQLite 3.51.3
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA secure_delete = ON",  # who asks to be forgotten is not left in the file
    )
    _begin_immediate(engine, wait_s)
    return engine


@contextmanager
def _begin(engine: Engine) -> Iterator[Connection]:
    """One transaction, in which each statement sees what was committed while it waited."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="READ COMMITTED")
        with connection.begin():
            yield connection


def _tell_first(engine: Engine, *statements: str) -> None:
    """Each new connection."""

    @event.listens_for(engine, "connect")
    def tell(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()


def _pass_over_the_dead(engine: Engine) -> None:
    """A connection at rest with something to read is one that its server has hung up: no ping is needed to see it."""

    @event.listens_for(engine, "checkout")
    def look(connection: DBAPIConnection, _: ConnectionPoolEntry, __: PoolProxiedConnection) -> None:
        line = poll()
        line.register(connection.fileno(), POLLIN)
        if line.poll(0):
            raise DisconnectionError  # which has the pool make a new one


def _begin_immediate(engine: Engine, wait_s: float) -> None:
    """A transaction that reads first and writes then would otherwise fail when another has written in between.

    SQLite's own waiting sleeps longer and longer, up to a tenth of a second: who waits long would wait longest.
    """

    @event.listens_for(engine, "connect")
    def leave_it_to_us(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_READS):
            return
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        until = monotonic() + wait_s
        while not _has_begun(connection, waits=monotonic() < until):
            sleep(_LOOK_AGAIN_S)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(wait_s * 1000)}")


def _has_begun(connection: Connection, *, waits: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if not waits or "SQLITE_BUSY" not in str(getattr(error.orig, "sqlite_errorname", "")):
            raise
        return False
    return True


def _migrate(engine: Engine) -> None:
    with _begin(engine) as connection:
        hold(connection, "migrate")
        revision = _revision(connection)
        if revision == REVISION:
            return
        from bot.migrate import upgrade  # noqa: PLC0415 - 10 MiB that no process needs once the tables are right

        if not upgrade(connection, revision):
            raise StoreFailed(
                f"the database {engine.url.database} was made by a newer version of this program; install that version"
            )


def _revision(connection: Connection) -> str | None:
    """As Alembic notes it; None of an empty database."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return revision


@contextmanager
def _explained(address: URL) -> Iterator[None]:
    """Raise StoreFailed for whatever the database refuses, without what was to be stored."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreFailed(f"the database {address.database} {_advice(error)}") from None


def _advice(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    if code is None:
        unreachable = isinstance(error, OperationalError)
        return _UNREACHABLE if unreachable else f"is busy; try again ({type(error).__name__})"
    known = (advice for prefix, advice in _ADVICE.items() if code.startswith(prefix))
    return next(known, f"refused what was asked of it ({code}); put a backup in its place, or report this")
