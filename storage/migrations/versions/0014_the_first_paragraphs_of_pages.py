"""the first paragraphs of pages, for starters"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("posts", sa.Column("excerpt", sa.String()))


def downgrade() -> None:
    op.drop_column("posts", "excerpt")
