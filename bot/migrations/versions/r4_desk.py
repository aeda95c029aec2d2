"""The desk: accounts, sign-ins, attempts to sign in, and who did what."""

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _accounts()
    _attempts()
    _audit()
    _closures()
    _knowledge()
    _handed()
    _counted()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False, server_default=""),
        sa.Column("code_secret", sa.Text, nullable=False, server_default=""),
        sa.Column("code_step", _NUMBER),
    )
    op.create_table(
        "sign_ins",
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column(
            "name", sa.Text, sa.ForeignKey("accounts.name", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("began", _AT, nullable=False, index=True),
        sa.Column("seen", _AT, nullable=False),
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("who", sa.Text, primary_key=True),
        sa.Column("whole", _AT, nullable=False, index=True),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("at", _AT, nullable=False, index=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sqlite_autoincrement=True,
    )
    if op.get_context().dialect.name == "sqlite":
        _keep_on_sqlite()
    else:
        _keep_on_postgresql()


def _closures() -> None:
    op.create_table(
        "closures",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("outlet", sa.Text, nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("begins", _AT, nullable=False),
        sa.Column("ends", _AT),
        sa.Column("told", sa.Date, nullable=False),
        sa.Column("reason_zh", sa.Text, nullable=False),
        sa.Column("reason_en", sa.Text, nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
    )
    op.create_table(
        "checks",
        sa.Column("outlet", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", _AT, nullable=False),
    )


def _keep_on_sqlite() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_is_kept_from_{change.lower()} BEFORE {change} ON audit"
            " BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END"
        )


def _keep_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'audit is only added to'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()"
    )


def _knowledge() -> None:
    op.create_table(
        "drafts",
        sa.Column("entry", sa.Text, primary_key=True),
        sa.Column("version", _NUMBER, nullable=False),
        sa.Column("change", sa.JSON),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", _AT, nullable=False),
    )
    op.create_table(
        "changes",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("change", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "editions",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("same_as", _NUMBER),
        sa.Column("changes", sa.JSON, nullable=False),
    )
    op.create_table(
        "replays",
        sa.Column("edition", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.Text, primary_key=True),
        sa.Column("version", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("replay", sa.JSON, nullable=False),
    )
    op.create_table(
        "settled",
        sa.Column("question", sa.Text, primary_key=True),
        sa.Column("at", _AT, nullable=False),
    )


def _handed() -> None:
    is_handed = sa.text("decision = 'handed'")
    op.create_index(
        "ix_turns_handed", "turns", ["number"], sqlite_where=is_handed, postgresql_where=is_handed
    )
    op.create_table(
        "handed",
        sa.Column(
            "turn",
            _NUMBER,
            sa.ForeignKey("turns.number", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("letters", sa.JSON, nullable=False),
    )


def _counted() -> None:
    op.create_table("counted", sa.Column("day", sa.Date, primary_key=True))
    op.create_table(
        "tallies",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("decision", sa.Text, primary_key=True),
        sa.Column("entry", sa.Text, primary_key=True),
        sa.Column("times", _NUMBER, nullable=False),
        sa.Column("unhelpful", _NUMBER, nullable=False),
    )
    op.create_table(
        "listed",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("outlet", sa.Text, primary_key=True),
        sa.Column("times", _NUMBER, nullable=False),
    )
