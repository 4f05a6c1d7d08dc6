"""nudges go out past their indexes: of what changes then, only what is put off is looked for"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PUT_OFF = sa.text("again_at IS NOT NULL")


def upgrade() -> None:
    for name in ("ix_nudges_later", "ix_nudges_post", "ix_nudges_sent"):
        op.drop_index(name, "nudges")
    op.create_index("ix_nudges_post", "nudges", ["post_id"])
    op.create_index("ix_nudges_later", "nudges", ["again_at"], sqlite_where=PUT_OFF, postgresql_where=PUT_OFF)


def downgrade() -> None:
    for name in ("ix_nudges_later", "ix_nudges_post"):
        op.drop_index(name, "nudges")
    op.create_index("ix_nudges_later", "nudges", ["state", "again_at"])
    op.create_index("ix_nudges_post", "nudges", ["post_id", "state"])
    op.create_index("ix_nudges_sent", "nudges", ["employee_id", "sent_at"])
