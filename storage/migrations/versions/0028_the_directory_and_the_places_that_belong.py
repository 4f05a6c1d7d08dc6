"""the directory, the places that belong, tokens that end"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory_records",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("resource", sa.JSON(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=True),
        sa.Column("granted", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name="fk_directory_records_employee_id_employees"),
        sa.PrimaryKeyConstraint("id", name="pk_directory_records"),
        sa.UniqueConstraint("kind", "name", name="uq_directory_records_kind"),
    )
    op.create_index("ix_directory_records_employee_id", "directory_records", ["employee_id"])
    op.create_index("ix_directory_records_external_id", "directory_records", ["external_id"])
    op.create_table(
        "directory_members",
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["directory_records.id"], name="fk_directory_members_group_id_directory_records"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["directory_records.id"], name="fk_directory_members_member_id_directory_records"
        ),
        sa.PrimaryKeyConstraint("group_id", "member_id", name="pk_directory_members"),
    )
    op.create_index("ix_directory_members_member_id", "directory_members", ["member_id"])
    op.create_table(
        "directory_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_directory_rules_unit_id_units"),
        sa.PrimaryKeyConstraint("id", name="pk_directory_rules"),
        sa.UniqueConstraint("kind", "name", name="uq_directory_rules_kind"),
    )
    op.create_table(
        "allowed_places",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("allowed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", name="pk_allowed_places"),
    )
    op.create_table(
        "install_links",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_install_links"),
    )
    op.add_column(
        "employees", sa.Column("closed_by_directory", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("sign_in_accounts", sa.Column("granted", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("api_tokens", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sources", sa.Column("secret", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("sources", "secret")
    op.drop_column("api_tokens", "expires_at")
    op.drop_column("sign_in_accounts", "granted")
    op.drop_column("employees", "closed_by_directory")
    for name in ("install_links", "allowed_places", "directory_rules", "directory_members", "directory_records"):
        op.drop_table(name)
