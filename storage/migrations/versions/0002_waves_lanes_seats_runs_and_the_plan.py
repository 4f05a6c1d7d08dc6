"""Waves, lanes, seats, runs and the plan"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lanes",
        sa.Column("bucket", sa.String(), nullable=False),
        sa.Column("free_at", sa.Float(precision=53), nullable=False),
        sa.Column("paused_until", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_lanes")),
    )
    with op.batch_alter_table("lanes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lanes_free_at"), ["free_at"], unique=False)

    op.create_table(
        "runs",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index("ix_runs_job", ["job", "scope", "due_at"], unique=False)

    op.create_table(
        "seats",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=True),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
    )
    op.create_table(
        "nudge_weeks",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("allowed", sa.JSON(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_nudge_weeks_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", "week", name=op.f("pk_nudge_weeks")),
    )
    with op.batch_alter_table("nudge_weeks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nudge_weeks_starts_at"), ["starts_at"], unique=False)

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wave", sa.String(), nullable=False, server_default="before-waves"))
        batch_op.add_column(sa.Column("cause", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("holder", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_deliveries_person", ["employee_id", "kind", "due_at"], unique=False)
        batch_op.create_index("ix_deliveries_wave", ["wave", "state", "due_at"], unique=False)

    with op.batch_alter_table("employees", schema=None) as batch_op:
        batch_op.add_column(sa.Column("country", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("away_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("heard_from_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("asked_fewer_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("nudges", schema=None) as batch_op:
        batch_op.add_column(sa.Column("slot", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("timing", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("acted_in_time", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_nudges_sent", ["employee_id", "sent_at"], unique=False)

    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channels", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.drop_column("priority")
        batch_op.drop_column("channels")

    with op.batch_alter_table("nudges", schema=None) as batch_op:
        batch_op.drop_index("ix_nudges_sent")
        batch_op.drop_column("acted_at")
        batch_op.drop_column("acted_in_time")
        batch_op.drop_column("timing")
        batch_op.drop_column("slot")

    with op.batch_alter_table("employees", schema=None) as batch_op:
        batch_op.drop_column("asked_fewer_at")
        batch_op.drop_column("heard_from_at")
        batch_op.drop_column("planned_at")
        batch_op.drop_column("away_until")
        batch_op.drop_column("country")

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_wave")
        batch_op.drop_index("ix_deliveries_person")
        batch_op.drop_column("looked_at")
        batch_op.drop_column("holder")
        batch_op.drop_column("cause")
        batch_op.drop_column("wave")

    with op.batch_alter_table("nudge_weeks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nudge_weeks_starts_at"))

    op.drop_table("nudge_weeks")
    op.drop_table("seats")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index("ix_runs_job")

    op.drop_table("runs")
    with op.batch_alter_table("lanes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lanes_free_at"))

    op.drop_table("lanes")
