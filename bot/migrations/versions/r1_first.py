"""Sessions, turns, misses, letters, updates."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _sessions()
    _turns()
    _letters()


def _sessions() -> None:
    op.create_table(
        "sessions",
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
        sa.Column("updated", _AT, nullable=False, index=True),
    )


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("choice", sa.Text, nullable=False),
        sa.Column("at", _AT, nullable=False, index=True),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("reply", sa.LargeBinary, nullable=False),
        sa.Column("helpful", sa.Boolean),
        sa.UniqueConstraint("channel", "message", name="a_message_is_answered_once"),
        sa.Index("ix_turns_party", "channel", "party"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "misses",
        sa.Column(
            "turn",
            _NUMBER,
            sa.ForeignKey("turns.number", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("folded", sa.Text, nullable=False),
    )


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "updates",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", _AT, nullable=False),
    )
