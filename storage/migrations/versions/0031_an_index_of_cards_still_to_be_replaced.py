"""an index of cards that are still to be replaced; made beside the work that goes on"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

NAME = "ix_deliveries_replacing"
WHERE = sa.text("state NOT IN ('sent', 'cancelled') AND replaces IS NOT NULL")


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(
            NAME, "deliveries", postgresql_concurrently=True, if_exists=True
        )  # half made by one that was killed
        op.create_index(
            NAME,
            "deliveries",
            ["replaces"],
            sqlite_where=WHERE,
            postgresql_where=WHERE,
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(NAME, "deliveries", postgresql_concurrently=True, if_exists=True)
