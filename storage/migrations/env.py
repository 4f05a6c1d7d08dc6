"""Alembic's entry: runs on the connection it is handed by `storage.database`."""

from alembic import context

from storage.base import Base
from storage.tables import FAMILIES

assert FAMILIES  # imported so that Base knows every table  # noqa: S101

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
