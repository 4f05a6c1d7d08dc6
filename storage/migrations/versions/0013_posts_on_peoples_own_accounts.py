"""posts on people's own accounts"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
IN_USE = sa.text("state <> 'ended'")


def upgrade() -> None:
    op.create_table(
        "connected_accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("network", "subject", "name", "url", "host")),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("max_length", sa.Integer()),
        sa.Column("connected_at", MOMENT, nullable=False),
        *(sa.Column(name, MOMENT) for name in ("expires_at", "warned_at", "busy_until")),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name="fk_connected_accounts_employee_id"),
        sa.PrimaryKeyConstraint("id", name="pk_connected_accounts"),
    )
    op.create_index(
        "uq_connected_accounts_employee",
        "connected_accounts",
        ["employee_id", "network"],
        unique=True,
        sqlite_where=IN_USE,
        postgresql_where=IN_USE,
    )
    op.create_index("ix_connected_accounts_subject", "connected_accounts", ["network", "subject"])
    op.create_table(
        "account_requests",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state_digest", sa.String()),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("workspace_id", sa.String()),
        sa.Column("message", sa.String()),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name="fk_account_requests_employee_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_account_requests"),
    )
    op.create_index("ix_account_requests_state_digest", "account_requests", ["state_digest"])
    op.create_index("ix_account_requests_expires_at", "account_requests", ["expires_at"])
    op.create_table(
        "network_clients",
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("network", "host", name="pk_network_clients"),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("share_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("key", "state", "text", "link", "about", "title", "description")
        ),
        sa.Column("picture", sa.String()),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("written_at", "due_at")),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *(sa.Column(name, MOMENT) for name in ("first_attempt_at", "sending_until", "uncertain_since")),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("post", sa.String()),
        sa.Column("url", sa.String()),
        sa.Column("posted_at", MOMENT),
        *(sa.Column(name, sa.Integer()) for name in ("likes", "replies", "reshares")),
        sa.Column("counted_at", MOMENT),
        sa.ForeignKeyConstraint(["share_id"], ["shares.id"], name="fk_publications_share_id"),
        sa.ForeignKeyConstraint(["account_id"], ["connected_accounts.id"], name="fk_publications_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        sa.UniqueConstraint("share_id", name="uq_publications_share_id"),
    )
    op.create_index("ix_publications_account_id", "publications", ["account_id"])
    op.create_index("ix_publications_due", "publications", ["state", "due_at"])


def downgrade() -> None:
    for table in ("publications", "network_clients", "account_requests", "connected_accounts"):
        op.drop_table(table)
