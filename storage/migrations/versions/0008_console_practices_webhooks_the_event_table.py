"""console, practices, webhooks, the event table"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

HAPPENED = """
CREATE VIEW happened (at, kind, unit_id, channel, post_id, number) AS
SELECT n.sent_at, 'nudged', e.unit_id, NULL, n.post_id, 1
  FROM nudges n JOIN employees e ON e.id = n.employee_id WHERE n.sent_at IS NOT NULL
UNION ALL
SELECT n.acted_at, 'declined', e.unit_id, NULL, n.post_id, 1
  FROM nudges n JOIN employees e ON e.id = n.employee_id
 WHERE n.decline_reason IS NOT NULL AND n.acted_at IS NOT NULL
UNION ALL
SELECT s.opened_at, 'opened', e.unit_id, s.channel, s.post_id, 1
  FROM shares s JOIN employees e ON e.id = s.employee_id WHERE s.opened_at IS NOT NULL
UNION ALL
SELECT s.confirmed_at, 'shared', e.unit_id, s.channel, s.post_id, 1
  FROM shares s JOIN employees e ON e.id = s.employee_id
 WHERE s.state = 'confirmed' AND s.confirmed_at IS NOT NULL
UNION ALL
SELECT s.confirmed_at, 'clicked', e.unit_id, s.channel, s.post_id, l.unique_clicks
  FROM shares s JOIN employees e ON e.id = s.employee_id JOIN links l ON l.code = s.code
 WHERE s.state = 'confirmed' AND s.confirmed_at IS NOT NULL AND l.unique_clicks > 0
UNION ALL
SELECT q.opened_at, 'asked', NULL, q.topic_id, q.post_id, 1 FROM questions q WHERE q.opened_at IS NOT NULL
UNION ALL
SELECT q.first_answered_at, 'answered', NULL, q.topic_id, q.post_id, 1
  FROM questions q WHERE q.first_answered_at IS NOT NULL
UNION ALL
SELECT m.heard_at, 'heard', NULL, m.topic_id, m.post_id, 1 FROM mentions m
UNION ALL
SELECT m.settled_at, 'looked_after', NULL, m.topic_id, m.post_id, 1 FROM mentions m WHERE m.settled_at IS NOT NULL
UNION ALL
SELECT d.at, 'lead', e.unit_id, s.channel, s.post_id, 1
  FROM leads d JOIN shares s ON s.code = d.code JOIN employees e ON e.id = s.employee_id
"""


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    op.create_table(
        "oidc_states",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oidc_states")),
    )
    with op.batch_alter_table("oidc_states", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oidc_states_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("url", name=op.f("uq_webhooks_url")),
    )
    op.create_table(
        "webhook_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_calls_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_calls")),
    )
    with op.batch_alter_table("webhook_calls", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_calls_due", ["state", "due_at"], unique=False)

    op.create_table(
        "console_links",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_console_links_employee_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_console_links")),
    )
    with op.batch_alter_table("console_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_console_links_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "console_sessions",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_console_sessions_employee_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_console_sessions")),
    )
    with op.batch_alter_table("console_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_console_sessions_employee_id"), ["employee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_console_sessions_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "practices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("finding", sa.JSON(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["employees.id"], name=op.f("fk_practices_ask_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practices")),
        sa.UniqueConstraint("week", "kind", name="uq_practices_week"),
    )
    op.add_column("digests", sa.Column("summary", sa.JSON(), nullable=False, server_default="{}"))

    op.execute(HAPPENED)


def downgrade() -> None:
    op.execute("DROP VIEW happened")

    op.drop_column("digests", "summary")

    op.drop_table("practices")
    with op.batch_alter_table("console_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_console_sessions_seen_at"))
        batch_op.drop_index(batch_op.f("ix_console_sessions_employee_id"))

    op.drop_table("console_sessions")
    with op.batch_alter_table("console_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_console_links_expires_at"))

    op.drop_table("console_links")
    with op.batch_alter_table("webhook_calls", schema=None) as batch_op:
        batch_op.drop_index("ix_webhook_calls_due")

    op.drop_table("webhook_calls")
    op.drop_table("webhooks")
    with op.batch_alter_table("oidc_states", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oidc_states_expires_at"))

    op.drop_table("oidc_states")
    op.drop_table("api_tokens")
