"""Who did what at the desk, and when: noted with the change itself, or neither is kept.

Law: rows are added, and neither changed nor deleted. None holds a password, a secret, or what a citizen wrote.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.tables import AUDIT


def note(  # noqa: PLR0913 - what an auditor asks
    connection: Connection,
    *,
    at: datetime,
    who: str,
    what: str,
    about: str,
    before: Any = None,
    after: Any = None,
) -> None:
    """Within the transaction that makes the change.

    `who`: a name of the staff, or the command. `what`: a few fixed words with dots, such as "account.role". `about`: the
    id of what was changed. `before` and `after`: what it was and is, as JSON; None when it was not there.
    """
    connection.execute(
        sa.insert(AUDIT).values(
            at=at, who=who, what=what, about=about, before=_json(before), after=_json(after)
        )
    )


def _json(value: Any) -> Any:
    return sa.null() if value is None else value  # not JSON's null
