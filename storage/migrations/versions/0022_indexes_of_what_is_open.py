"""messages that arrived leave the two busiest indexes; made beside the work that goes on"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WAITS = sa.text("state = 'planned'")
OPEN = sa.text("state NOT IN ('sent', 'cancelled')")


def _create(name: str, columns: list[str], where: sa.TextClause | None = None) -> None:
    op.create_index(
        name,
        "deliveries",
        columns,
        sqlite_where=where,
        postgresql_where=where,
        postgresql_concurrently=True,
        if_not_exists=True,
    )


def _drop(name: str) -> None:
    op.drop_index(name, "deliveries", postgresql_concurrently=True, if_exists=True)


def upgrade() -> None:
    # PostgreSQL makes an index beside writers only outside of a transaction. An upgrade that was killed is run again:
    # what is there is left, what was half made is made anew.
    with op.get_context().autocommit_block():
        _drop("ix_deliveries_open")
        _create("ix_deliveries_open", ["state", "due_at"], OPEN)
        _drop("ix_deliveries_wave_waiting")
        _create("ix_deliveries_wave_waiting", ["wave", "due_at"], WAITS)
        _drop("ix_deliveries_due")
        _drop("ix_deliveries_wave")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _create("ix_deliveries_due", ["state", "due_at"])
        _create("ix_deliveries_wave", ["wave", "state", "due_at"])
        _drop("ix_deliveries_wave_waiting")
        _drop("ix_deliveries_open")
