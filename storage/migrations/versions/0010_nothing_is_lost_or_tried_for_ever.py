"""runs that fail are tried again: how often that was; databases of demos are marked; pages are not read for ever"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("failures", sa.Integer, nullable=False, server_default="0"))
    op.add_column("posts", sa.Column("page_tries", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "demo_marks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("demo_marks")
    op.drop_column("posts", "page_tries")
    op.drop_column("runs", "failures")
