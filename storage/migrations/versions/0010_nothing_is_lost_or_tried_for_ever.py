"""nothing is lost, or tried for ever: failed runs count, demos are marked, pages count tries, rounds share no token"""

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("failures", sa.Integer, nullable=False, server_default="0"))
    op.add_column("posts", sa.Column("page_tries", sa.Integer, nullable=False, server_default="0"))
    op.add_column("identities", sa.Column("joined_by_address", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "demo_marks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
    )

    _mark_joined()
    _part_rounds()


def _mark_joined() -> None:
    """Of a person known in several workspaces, the first identity is the person's own; the others share the address."""
    op.get_bind().execute(
        sa.text(
            "UPDATE identities SET joined_by_address = :yes WHERE EXISTS (SELECT 1 FROM identities AS first"
            " WHERE first.employee_id = identities.employee_id AND first.id < identities.id"
            " AND first.workspace_id <> identities.workspace_id)"
        ),
        {"yes": True},
    )


def _part_rounds() -> None:
    """Give the answers of each closed round tokens of their own, and forget who answered it."""
    database = op.get_bind()
    known = database.execute(sa.text("SELECT DISTINCT round_id, token FROM answers")).all()
    if known:
        renamed = sa.text("UPDATE answers SET token = :fresh WHERE round_id = :round AND token = :token")
        database.execute(renamed, [{"round": row[0], "token": row[1], "fresh": token_hex(32)} for row in known])
    database.execute(sa.text("UPDATE rounds SET moved_to = NULL WHERE closed_at IS NOT NULL"))
    forgotten = (
        "UPDATE invitations SET answered = :no WHERE round_id IN (SELECT id FROM rounds WHERE closed_at IS NOT NULL)"
    )
    database.execute(sa.text(forgotten), {"no": False})


def downgrade() -> None:
    op.drop_table("demo_marks")
    op.drop_column("identities", "joined_by_address")
    op.drop_column("posts", "page_tries")
    op.drop_column("runs", "failures")
