"""Letters that wait, fail or are in doubt; what became of an update; who is in charge."""

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"

_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("letters", sa.Column("not_before", _AT))
    op.add_column("letters", sa.Column("note", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_letters_party", "letters", ["channel", "party"])
    op.add_column("updates", sa.Column("note", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", _AT, nullable=False),
    )
