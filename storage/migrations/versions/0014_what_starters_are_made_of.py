"""starters: the first paragraphs of pages, and who approved what a model drafted"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("posts", sa.Column("excerpt", sa.String()))
    with op.batch_alter_table("captions") as table:
        table.add_column(sa.Column("approved_by_id", sa.Integer()))
        table.add_column(sa.Column("approved_at", sa.DateTime(timezone=True)))
        table.create_foreign_key("fk_captions_approved_by_id", "employees", ["approved_by_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("captions") as table:
        table.drop_constraint("fk_captions_approved_by_id", type_="foreignkey")
        table.drop_column("approved_at")
        table.drop_column("approved_by_id")
    op.drop_column("posts", "excerpt")
