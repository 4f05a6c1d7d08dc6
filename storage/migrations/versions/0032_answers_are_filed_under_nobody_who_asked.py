"""an answer that was asked on about is filed under nobody, for it was under whoever asked; and the facts of weeks that
are over lose the words of questions, for those who had them erased meanwhile are not known any more"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

GONE_WORDS = "…"


def upgrade() -> None:
    op.execute("UPDATE question_notes SET author_id = NULL WHERE kind = 'answer'")
    digests = sa.table("digests", sa.column("id", sa.Integer), sa.column("facts", sa.Text))
    connection = op.get_bind()
    for number, written in connection.execute(sa.select(digests.c.id, digests.c.facts)).all():
        try:
            facts = json.loads(written)
        except ValueError:
            continue  # nobody can read it
        questions = facts.get("questions") or {}
        for waiting in questions.get("open") or []:
            waiting["text"] = GONE_WORDS
        left = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
        connection.execute(digests.update().where(digests.c.id == number).values(facts=left))


def downgrade() -> None:
    """Whose they were, and what they said, is not known any more."""
