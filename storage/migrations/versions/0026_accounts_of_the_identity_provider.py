"""accounts at the organisation's identity provider, and whose they are"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_accounts",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name="fk_sign_in_accounts_employee_id"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_sign_in_accounts"),
    )
    op.create_index("ix_sign_in_accounts_employee_id", "sign_in_accounts", ["employee_id"])
    with op.batch_alter_table("oidc_states") as batch:
        batch.add_column(sa.Column("employee_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_oidc_states_employee_id", "employees", ["employee_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("oidc_states") as batch:
        batch.drop_constraint("fk_oidc_states_employee_id", type_="foreignkey")
        batch.drop_column("employee_id")
    op.drop_index("ix_sign_in_accounts_employee_id", "sign_in_accounts")
    op.drop_table("sign_in_accounts")
