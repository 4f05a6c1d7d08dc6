"""only noisy sums are kept of a round; ratings, exact figures and who was invited are deleted

What earlier versions released of small groups could be worked back to single people, so it goes, too. A round that was
open or not yet answered ends without figures.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("answers")
    op.execute("DELETE FROM invitations")
    op.execute("DELETE FROM asked_statements")
    op.execute("UPDATE rounds SET state = 'published' WHERE state <> 'published'")
    op.execute("UPDATE rounds SET release = NULL")
    with op.batch_alter_table("rounds") as rounds:
        rounds.add_column(sa.Column("factor", sa.String(), nullable=False, server_default="goals"))
        rounds.add_column(sa.Column("reading", sa.JSON(), nullable=True))
        for name in ("k", "moved_to", "response", "has_invitations"):
            rounds.drop_column(name)
    with op.batch_alter_table("pulse_cycles") as cycles:
        cycles.drop_column("design")
    op.drop_table("asked_statements")
    op.create_table(
        "asked_statements",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("round_id", sa.Integer(), sa.ForeignKey("rounds.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.String(), sa.ForeignKey("statements.id"), nullable=False),
        sa.Column("wording_id", sa.Integer(), sa.ForeignKey("wordings.id"), nullable=False),
        sa.UniqueConstraint("round_id", "position"),
    )
    op.create_table(
        "pulse_spending",
        sa.Column("round_id", sa.Integer(), sa.ForeignKey("rounds.id"), primary_key=True),
        sa.Column("factor", sa.String(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("pulse_spending")
    op.drop_table("asked_statements")
    op.create_table(
        "asked_statements",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("round_id", sa.Integer(), sa.ForeignKey("rounds.id"), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("statement_id", sa.String(), sa.ForeignKey("statements.id"), nullable=False),
        sa.Column("wording_id", sa.Integer(), sa.ForeignKey("wordings.id"), nullable=False),
        sa.UniqueConstraint("round_id", "block", "position"),
    )
    with op.batch_alter_table("pulse_cycles") as cycles:
        cycles.add_column(sa.Column("design", sa.String(), nullable=False, server_default="same factor"))
    with op.batch_alter_table("rounds") as rounds:
        rounds.add_column(sa.Column("k", sa.Integer(), nullable=False, server_default="5"))
        rounds.add_column(sa.Column("moved_to", sa.String(), nullable=True))
        rounds.add_column(sa.Column("response", sa.JSON(), nullable=True))
        rounds.add_column(sa.Column("has_invitations", sa.Boolean(), nullable=False, server_default=sa.false()))
        for name in ("reading", "factor"):
            rounds.drop_column(name)
    op.execute("UPDATE rounds SET release = NULL")
    op.create_table(
        "answers",
        sa.Column("round_id", sa.Integer(), sa.ForeignKey("rounds.id"), primary_key=True),
        sa.Column("token", sa.String(), primary_key=True),
        sa.Column("statement_id", sa.String(), sa.ForeignKey("statements.id"), primary_key=True),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("value", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_answers_cycle", "answers", ["cycle_id", "round_id"])
