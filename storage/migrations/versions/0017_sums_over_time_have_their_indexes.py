"""sums over time have their indexes: shares by when they were confirmed, questions by when they were answered"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_shares_confirmed_at", "shares", ["confirmed_at"])
    op.create_index("ix_questions_first_answered_at", "questions", ["first_answered_at"])


def downgrade() -> None:
    op.drop_index("ix_questions_first_answered_at", "questions")
    op.drop_index("ix_shares_confirmed_at", "shares")
