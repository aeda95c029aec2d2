"""Brings the store's tables up to date, one step after the other. Loaded only when there is something to bring."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

_STEPS: Final = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, revision: str | None) -> bool:
    """From `revision` (None: nothing is there) to the newest, in the transaction of the connection.

    False, and nothing done, when the revision is none of ours: a newer program made it.
    """
    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    known = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    if revision is not None and revision not in known:
        return False
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True
