"""the weekly digest"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("lesson", sa.String(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("week", name=op.f("uq_digests_week")),
    )
    op.create_table(
        "digest_copies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_digest_copies_digest_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_digest_copies_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_copies")),
        sa.UniqueConstraint("digest_id", "employee_id", "place_id", name="uq_digest_copies_reader"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("digest_copies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_digest_copies_employee_id"), ["employee_id"], unique=False)

    op.create_table(
        "digest_feedback",
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=True),
        sa.Column("lesson", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_digest_feedback_digest_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_digest_feedback_employee_id")),
        sa.PrimaryKeyConstraint("digest_id", "employee_id", name=op.f("pk_digest_feedback")),
    )
    op.create_table(
        "digest_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["set_by_id"], ["employees.id"], name=op.f("fk_digest_places_set_by_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_digest_places_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_places")),
        sa.UniqueConstraint("workspace_id", "address", name=op.f("uq_digest_places_workspace_id")),
    )
    op.add_column("employees", sa.Column("digest_wanted", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("employees", "digest_wanted")

    op.drop_table("digest_places")
    op.drop_table("digest_feedback")
    with op.batch_alter_table("digest_copies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_digest_copies_employee_id"))

    op.drop_table("digest_copies")
    op.drop_table("digests")
