"""tables and a column named after what they hold: leases, rate limits, identities joined by an email address"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("seats", "worker_leases")
    op.drop_index("ix_lanes_free_at", "lanes")
    op.rename_table("lanes", "rate_limits")
    op.create_index("ix_rate_limits_free_at", "rate_limits", ["free_at"])
    op.execute("ALTER TABLE identities RENAME COLUMN joined_by_address TO joined_by_email")


def downgrade() -> None:
    op.execute("ALTER TABLE identities RENAME COLUMN joined_by_email TO joined_by_address")
    op.drop_index("ix_rate_limits_free_at", "rate_limits")
    op.rename_table("rate_limits", "lanes")
    op.create_index("ix_lanes_free_at", "lanes", ["free_at"])
    op.rename_table("worker_leases", "seats")
