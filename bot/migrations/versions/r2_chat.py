"""What a conversation remembers of language, time and pace; the secret."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("sessions", sa.Column("heard", sa.Text, nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("open_at", _AT))
    op.add_column("sessions", sa.Column("pace", _AT))
    op.create_table(
        "secrets",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
