"""a session knows what its person answered for; sums over time have their indexes"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


SIGNED_IN = ("console_links", "console_sessions")


def upgrade() -> None:
    for table in SIGNED_IN:
        op.execute(sa.table(table).delete())  # who is signed in signs in again
        op.add_column(table, sa.Column("mandate", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    op.create_index("ix_shares_confirmed_at", "shares", ["confirmed_at"])
    op.create_index("ix_questions_first_answered_at", "questions", ["first_answered_at"])


def downgrade() -> None:
    for table in SIGNED_IN:
        op.drop_column(table, "mandate")
    op.drop_index("ix_questions_first_answered_at", "questions")
    op.drop_index("ix_shares_confirmed_at", "shares")
