"""a post that somebody picked is no nudge in the event table either"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BEFORE = """
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
NOW = BEFORE.replace("n.sent_at IS NOT NULL", "n.sent_at IS NOT NULL AND n.why != 'asked'")


def upgrade() -> None:
    op.execute("DROP VIEW happened")
    op.execute(NOW)


def downgrade() -> None:
    op.execute("DROP VIEW happened")
    op.execute(BEFORE)
