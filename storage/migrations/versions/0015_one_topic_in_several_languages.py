"""one topic in several languages"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topic_names",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("topic", "language", "name")),
        sa.PrimaryKeyConstraint("topic", "language", name="pk_topic_names"),
        sa.UniqueConstraint("language", "name", name="uq_topic_names_language_name"),
    )


def downgrade() -> None:
    op.drop_table("topic_names")
