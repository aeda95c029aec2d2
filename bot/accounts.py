"""The accounts of the staff, as whoever runs the desk keeps them.

Law: a changed password, a changed role and a removal end all sign-ins of that account in the same transaction, and are
noted there. A password is kept as its argon2id hash.
Source: RFC 9106, the second recommended choice: 64 MiB, 3 passes, 4 lanes; 0.16 s of a processor.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.engine import Connection

from bot import presence
from bot.audit import note
from bot.database import Database, hold, insert_first
from bot.staff import Role, Staff, read_password
from bot.tables import ACCOUNTS
from locator.errors import BadInput

_ADD: Final = insert_first(ACCOUNTS)


class Account(NamedTuple):
    """One account, as it may be shown."""

    staff: Staff
    has_code: bool  # besides the password


class Accounts:
    """Those in one database. `by` is who changes them."""

    def __init__(self, database: Database, hasher: PasswordHasher) -> None:
        self._database = database
        self._hasher = hasher

    def all(self) -> Sequence[Account]:
        """By name."""
        with self._database.statements() as connection:
            rows = connection.execute(sa.select(ACCOUNTS).order_by(ACCOUNTS.c.name))
            return [Account(Staff(row.name, Role(row.role)), row.code_step is not None) for row in rows]

    def add(self, staff: Staff, password: str, *, by: str, at: datetime) -> None:
        """Raises BadInput when the name is taken, or for what cannot be a password."""
        row = {"name": staff.name, "role": staff.role.value, "password": self._hashed(password)}
        with self._database.transaction() as connection:
            if connection.execute(_ADD[connection.dialect.name], row).rowcount != 1:
                raise BadInput("name", "is taken; choose another one")
            role = {"role": staff.role.value}
            note(connection, at=at, who=by, what="account.add", about=staff.name, after=role)

    def change_role(self, staff: Staff, *, by: str, at: datetime) -> None:
        """Raises BadInput for an unknown name."""
        after = {"role": staff.role.value}
        with self._database.transaction() as connection:
            before = {"role": _known(connection, staff.name).role}
            change(connection, staff.name, **after)
            presence.end_all(connection, staff.name)
            note(connection, at=at, who=by, what="account.role", about=staff.name, before=before, after=after)

    def replace_password(self, name: str, password: str, *, by: str, at: datetime) -> None:
        """For who forgot it, or lost their phone: it takes no code any more.

        Raises BadInput for an unknown name, or what cannot be a password.
        """
        new = self._hashed(password)
        with self._database.transaction() as connection:
            _known(connection, name)
            change(connection, name, password=new, code_secret="", code_step=None)
            presence.end_all(connection, name)
            note(connection, at=at, who=by, what="account.password", about=name)

    def remove(self, name: str, *, by: str, at: datetime) -> None:
        """Raises BadInput for an unknown name."""
        with self._database.transaction() as connection:
            role = {"role": _known(connection, name).role}
            connection.execute(sa.delete(ACCOUNTS).where(ACCOUNTS.c.name == name))  # its sign-ins go with it
            note(connection, at=at, who=by, what="account.remove", about=name, before=role)

    def _hashed(self, password: str) -> str:
        return self._hasher.hash(read_password(password))


# -- rows --


def found(connection: Connection, name: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.name == name)).one_or_none()


def held(connection: Connection, name: str) -> sa.Row[Any] | None:
    """Nobody else changes it until the transaction ends."""
    hold(connection, "account", name)
    return found(connection, name)


def change(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(sa.update(ACCOUNTS).where(ACCOUNTS.c.name == name).values(values))


def _known(connection: Connection, name: str) -> sa.Row[Any]:
    row = held(connection, name)
    if row is None:
        raise BadInput("name", "is no account; `bot staff list` names them")
    return row
