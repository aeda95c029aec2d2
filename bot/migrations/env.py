"""What Alembic runs to migrate: the steps, within the transaction that the store has begun."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
