"""the framework"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audiences",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audiences")),
    )
    op.create_table(
        "leads",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["links.code"], name=op.f("fk_leads_code")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_leads")),
    )
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leads_code"), ["code"], unique=False)

    op.create_table(
        "activities",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("audience", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("goal", sa.String(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["employees.id"], name=op.f("fk_activities_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
    )
    op.create_table(
        "calendar_addresses",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_calendar_addresses_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", name=op.f("pk_calendar_addresses")),
        sa.UniqueConstraint("digest", name=op.f("uq_calendar_addresses_digest")),
    )
    op.create_table(
        "framework_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["employees.id"], name=op.f("fk_framework_changes_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_changes")),
    )
    with op.batch_alter_table("framework_changes", schema=None) as batch_op:
        batch_op.create_index("ix_framework_changes_part", ["section", "part", "id"], unique=False)

    op.create_table(
        "goals",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("factor", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("baseline", sa.Double(), nullable=False),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["employees.id"], name=op.f("fk_goals_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goals")),
    )
    op.add_column("channels", sa.Column("name", sa.String(), nullable=True))
    op.add_column("channels", sa.Column("max_length", sa.Integer(), nullable=True))
    op.add_column("channels", sa.Column("tone", sa.String(), nullable=False, server_default=""))
    op.add_column("channels", sa.Column("share_page", sa.String(), nullable=True))

    op.add_column("posts", sa.Column("goal", sa.String(), nullable=True))

    op.add_column("units", sa.Column("phase", sa.String(), nullable=False, server_default="live"))
    op.add_column("units", sa.Column("phase_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("units", sa.Column("starts", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("units", "starts")
    op.drop_column("units", "phase_since")
    op.drop_column("units", "phase")

    op.drop_column("posts", "goal")

    op.drop_column("channels", "share_page")
    op.drop_column("channels", "tone")
    op.drop_column("channels", "max_length")
    op.drop_column("channels", "name")

    op.drop_table("goals")
    with op.batch_alter_table("framework_changes", schema=None) as batch_op:
        batch_op.drop_index("ix_framework_changes_part")

    op.drop_table("framework_changes")
    op.drop_table("calendar_addresses")
    op.drop_table("activities")
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leads_code"))

    op.drop_table("leads")
    op.drop_table("audiences")
