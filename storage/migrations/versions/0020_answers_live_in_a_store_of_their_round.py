"""answers and invitations live in a store of their round alone; comments are kept as released, with answers beside them

The ballot box of earlier versions is removed with all that is in it; a round that was open ends without figures. Where
CHORUS_BALLOT_URL named another place, that is to be removed by hand.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE kind IN ('pulse', 'pulse_reminder')")
    op.execute("UPDATE rounds SET state = 'published' WHERE state IN ('open', 'closing')")
    op.drop_table("invitations")
    released = op.get_bind().execute(sa.text("SELECT id, comments FROM rounds WHERE comments IS NOT NULL")).all()
    op.drop_table("pulse_comments")
    comments = op.create_table(
        "pulse_comments",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("round_id", sa.Integer(), sa.ForeignKey("rounds.id"), nullable=False, index=True),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by", sa.Integer(), sa.ForeignKey("employees.id"), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
    )
    rows = [
        {"round_id": number, "theme": item["theme"], "text": item["text"]}
        for number, kept in released
        for item in (sa.JSON().result_processor(op.get_bind().dialect, None)(kept) if isinstance(kept, str) else kept)
    ]
    if rows:
        op.bulk_insert(comments, rows)
    with op.batch_alter_table("rounds") as rounds:
        rounds.add_column(sa.Column("no_figures", sa.String(), nullable=True))
        for name in ("invited", "emptied_at", "comments"):
            rounds.drop_column(name)
    with op.batch_alter_table("pulse_cycles") as cycles:
        for name in ("destroy_on", "destroyed_at"):
            cycles.drop_column(name)
    _remove_ballot_box()


def _remove_ballot_box() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SCHEMA IF EXISTS chorus_ballots CASCADE")
        return
    path = op.get_bind().engine.url.database or ""
    for ending in ("", "-wal", "-shm"):
        Path(f"{path.removesuffix('.db')}-ballots.db{ending}").unlink(missing_ok=True)


def downgrade() -> None:
    with op.batch_alter_table("pulse_cycles") as cycles:
        cycles.add_column(sa.Column("destroy_on", sa.Date(), nullable=False, server_default="2000-01-01"))
        cycles.add_column(sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE pulse_cycles SET destroyed_at = started_at")
    op.execute("UPDATE rounds SET state = 'published' WHERE state IN ('open', 'closing')")
    with op.batch_alter_table("rounds") as rounds:
        rounds.drop_column("no_figures")
        rounds.add_column(sa.Column("invited", sa.JSON(), nullable=False, server_default="{}"))
        rounds.add_column(sa.Column("emptied_at", sa.DateTime(timezone=True), nullable=True))
        rounds.add_column(sa.Column("comments", sa.JSON(), nullable=True))
    op.execute("UPDATE rounds SET emptied_at = closed_at")
    op.drop_table("pulse_comments")
    op.create_table(
        "pulse_comments",
        sa.Column("token", sa.String(), primary_key=True),
        sa.Column("round_id", sa.Integer(), sa.ForeignKey("rounds.id"), nullable=False, index=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("round_id", sa.Integer(), sa.ForeignKey("rounds.id"), nullable=False),
        sa.Column("employee_id", sa.Integer(), sa.ForeignKey("employees.id"), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("round_id", "employee_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invitations_person", "invitations", ["employee_id", "round_id"])
