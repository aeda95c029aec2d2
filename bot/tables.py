"""The tables of the store as they are now; how they came to be is in `migrations`."""

from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

REVISION: Final = "4"  # the newest step in `migrations`


class UtcTime(sa.TypeDecorator[datetime]):
    """Aware going in and coming out; SQLite knows no zones, so what is stored is UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


TABLES: Final = sa.MetaData()
_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IS_HANDED: Final = sa.text("decision = 'handed'")

SESSIONS: Final = sa.Table(
    "sessions",
    TABLES,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("party", sa.Text, primary_key=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("lat", sa.Float),
    sa.Column("lon", sa.Float),
    sa.Column("choices", sa.JSON, nullable=False),
    sa.Column("updated", UtcTime, nullable=False, index=True),
    sa.Column("heard", sa.Text, nullable=False, server_default=""),
    sa.Column("open_at", UtcTime),
    sa.Column("pace", UtcTime),
)
TURNS: Final = sa.Table(
    "turns",
    TABLES,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("choice", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False, index=True),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("reply", sa.LargeBinary, nullable=False),
    sa.Column("helpful", sa.Boolean),
    sa.UniqueConstraint("channel", "message", name="a_message_is_answered_once"),
    sa.Index("ix_turns_party", "channel", "party"),
    # Those for the staff, among all the others.
    sa.Index("ix_turns_handed", "number", sqlite_where=_IS_HANDED, postgresql_where=_IS_HANDED),
    sqlite_autoincrement=True,
)
# A miss goes with its turn: nothing that somebody wrote is kept longer.
MISSES: Final = sa.Table(
    "misses",
    TABLES,
    sa.Column(
        "turn",
        _NUMBER,
        sa.ForeignKey("turns.number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("folded", sa.Text, nullable=False),
)
LETTERS: Final = sa.Table(
    "letters",
    TABLES,
    sa.Column("id", _NUMBER, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("party", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("not_before", UtcTime),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_letters_party", "channel", "party"),
    # An id that came back would let `delivered` mark somebody else's letter.
    sqlite_autoincrement=True,
)
UPDATES: Final = sa.Table(
    "updates",
    TABLES,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
)
LEASES: Final = sa.Table(
    "leases",
    TABLES,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
)
SECRETS: Final = sa.Table(
    "secrets",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

# -- the desk --

ACCOUNTS: Final = sa.Table(
    "accounts",
    TABLES,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False),  # an argon2id hash
    sa.Column("language", sa.Text, nullable=False, server_default=""),
    # What an authenticator app was given, and the last half-minute it was used in: null until it was used once.
    sa.Column("code_secret", sa.Text, nullable=False, server_default=""),
    sa.Column("code_step", _NUMBER),
)
SIGN_INS: Final = sa.Table(
    "sign_ins",
    TABLES,
    sa.Column("token", sa.Text, primary_key=True),  # a hash of what the browser holds
    sa.Column(
        "name", sa.Text, sa.ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("began", UtcTime, nullable=False, index=True),
    sa.Column("seen", UtcTime, nullable=False),
)
ATTEMPTS: Final = sa.Table(
    "attempts",
    TABLES,
    sa.Column("who", sa.Text, primary_key=True),  # a keyed hash of a name or an address
    sa.Column("whole", UtcTime, nullable=False, index=True),
)
# Rows are added, and neither changed nor deleted: the database itself refuses it.
AUDIT: Final = sa.Table(
    "audit",
    TABLES,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("at", UtcTime, nullable=False, index=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("before", sa.JSON),
    sa.Column("after", sa.JSON),
    sqlite_autoincrement=True,
)
# Rows are added, and neither changed nor deleted.
CLOSURES: Final = sa.Table(
    "closures",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("outlet", sa.Text, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("begins", UtcTime, nullable=False),
    sa.Column("ends", UtcTime),
    sa.Column("told", sa.Date, nullable=False),
    sa.Column("reason_zh", sa.Text, nullable=False),
    sa.Column("reason_en", sa.Text, nullable=False),
    sa.Column("hours", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),  # of the first version
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
)
CHECKS: Final = sa.Table(
    "checks",
    TABLES,
    sa.Column("outlet", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

# -- the knowledge, as the desk changes it --

# What is being worked on, by entry. A row stays when nothing is left to work on: its version never comes again.
DRAFTS: Final = sa.Table(
    "drafts",
    TABLES,
    sa.Column("entry", sa.Text, primary_key=True),
    sa.Column("version", _NUMBER, nullable=False),
    sa.Column("change", sa.JSON),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)
CHANGES: Final = sa.Table(
    "changes",
    TABLES,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("change", sa.JSON, nullable=False),
    sqlite_autoincrement=True,
)
EDITIONS: Final = sa.Table(
    "editions",
    TABLES,
    sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),  # the entry that was changed, or empty: rolled back
    sa.Column("same_as", _NUMBER),  # the edition that was rolled back to
    sa.Column("changes", sa.JSON, nullable=False),  # their numbers
)
REPLAYS: Final = sa.Table(
    "replays",
    TABLES,
    sa.Column("edition", _NUMBER, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.Text, primary_key=True),
    sa.Column("version", _NUMBER, primary_key=True, autoincrement=False),
    sa.Column("replay", sa.JSON, nullable=False),
)
# Questions that were looked at, as keyed hashes: what somebody wrote is kept no longer for it.
SETTLED: Final = sa.Table(
    "settled",
    TABLES,
    sa.Column("question", sa.Text, primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
)

# -- questions for the staff --

# What became of a turn that was handed over; without a row nobody has looked at it. It goes with its turn.
HANDED: Final = sa.Table(
    "handed",
    TABLES,
    sa.Column(
        "turn",
        _NUMBER,
        sa.ForeignKey("turns.number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),  # has it, or had it last; or empty
    sa.Column("at", UtcTime, nullable=False),  # when they last did something about it
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),  # it was closed without an answer
    sa.Column("letters", sa.JSON, nullable=False),  # the ids of those that carry the answer
)

# -- numbers that stay when conversations go --

# The days that were counted; those without a row are counted from what is still there.
COUNTED: Final = sa.Table(
    "counted",
    TABLES,
    sa.Column("day", sa.Date, primary_key=True),  # in China
)
TALLIES: Final = sa.Table(
    "tallies",
    TABLES,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("decision", sa.Text, primary_key=True),
    sa.Column("entry", sa.Text, primary_key=True),
    sa.Column("times", _NUMBER, nullable=False),
    sa.Column("unhelpful", _NUMBER, nullable=False),
)
# How many replies showed an outlet.
LISTED: Final = sa.Table(
    "listed",
    TABLES,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("outlet", sa.Text, primary_key=True),
    sa.Column("times", _NUMBER, nullable=False),
)
