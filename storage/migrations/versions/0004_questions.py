"""questions"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_calls",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_model_calls")),
    )
    op.create_table(
        "routing_models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_back", sa.Integer(), nullable=False),
        sa.Column("accuracy", sa.Double(), nullable=True),
        sa.Column("accuracy_before", sa.Double(), nullable=True),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_models")),
    )
    op.create_table(
        "text_vectors",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_text_vectors")),
    )
    op.create_table(
        "topics",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=True),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("room_workspace", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_topics_channel_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["employees.id"], name=op.f("fk_topics_deputy_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["employees.id"], name=op.f("fk_topics_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_topics_channel_id")),
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("topic_id", sa.String(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("source_url", sa.String(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["employees.id"], name=op.f("fk_entries_owner_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_entries_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entries_state"), ["state"], unique=False)

    op.create_table(
        "routing_examples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("topic_id", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_routing_examples_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_examples")),
        sa.UniqueConstraint("text", name="uq_routing_examples_text"),
    )
    op.create_table(
        "entry_variants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_variants_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_variants")),
    )
    with op.batch_alter_table("entry_variants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_variants_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "entry_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("likeness", sa.Double(), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_offers_entry_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_entry_offers_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_offers")),
    )
    with op.batch_alter_table("entry_offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_offers_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_entry_offers_question_id"), ["question_id"], unique=False)

    op.create_table(
        "question_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["employees.id"], name=op.f("fk_question_notes_author_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_question_notes_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_notes")),
    )
    with op.batch_alter_table("question_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_notes_question_id"), ["question_id"], unique=False)

    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_anonymous", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("language", sa.String(), nullable=False, server_default="en"))
        batch_op.add_column(sa.Column("state", sa.String(), nullable=False, server_default="open"))
        batch_op.add_column(sa.Column("topic_id", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("probability", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("why", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("into_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("entry_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("workspace_id", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("place", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("remind_claim_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("remind_answer_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reminded", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("first_answered_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("was_in_time", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("answered_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("decline_reason", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("helped", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("follow_ups", sa.Integer(), nullable=False, server_default="0"))
        batch_op.alter_column("asker_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column("owner_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.drop_index(batch_op.f("ix_questions_owner_id"))
        batch_op.create_index(batch_op.f("ix_questions_into_id"), ["into_id"], unique=False)
        batch_op.create_index("ix_questions_look", ["state", "look_at"], unique=False)
        batch_op.create_index("ix_questions_owner", ["owner_id", "state"], unique=False)
        batch_op.create_index("ix_questions_topic", ["topic_id", "state"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_questions_answered_by_id"), "employees", ["answered_by_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_questions_entry_id"), "entries", ["entry_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_questions_into_id"), "questions", ["into_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_questions_topic_id"), "topics", ["topic_id"], ["id"])

    op.execute("UPDATE questions SET state = 'answered', first_answered_at = answered_at WHERE answer IS NOT NULL")
    op.execute("UPDATE questions SET answered_by_id = owner_id WHERE answer IS NOT NULL")
    op.execute("UPDATE questions SET opened_at = asked_at, look_at = asked_at WHERE answer IS NULL")


def downgrade() -> None:
    # A question whose asker was forgotten, or that nobody answers for, has no place in the older table.
    op.execute("DELETE FROM question_notes")
    op.execute("DELETE FROM entry_offers")
    op.execute("UPDATE questions SET into_id = NULL")
    op.execute("DELETE FROM questions WHERE asker_id IS NULL OR owner_id IS NULL")
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_questions_topic_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_questions_into_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_questions_entry_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_questions_answered_by_id"), type_="foreignkey")
        batch_op.drop_index("ix_questions_topic")
        batch_op.drop_index("ix_questions_owner")
        batch_op.drop_index("ix_questions_look")
        batch_op.drop_index(batch_op.f("ix_questions_into_id"))
        batch_op.create_index(batch_op.f("ix_questions_owner_id"), ["owner_id"], unique=False)
        batch_op.alter_column("owner_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.alter_column("asker_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("follow_ups")
        batch_op.drop_column("helped")
        batch_op.drop_column("decline_reason")
        batch_op.drop_column("answered_by_id")
        batch_op.drop_column("was_in_time")
        batch_op.drop_column("first_answered_at")
        batch_op.drop_column("reminded")
        batch_op.drop_column("look_at")
        batch_op.drop_column("answer_by")
        batch_op.drop_column("remind_answer_at")
        batch_op.drop_column("acknowledge_by")
        batch_op.drop_column("remind_claim_at")
        batch_op.drop_column("claimed_at")
        batch_op.drop_column("opened_at")
        batch_op.drop_column("place")
        batch_op.drop_column("workspace_id")
        batch_op.drop_column("entry_id")
        batch_op.drop_column("into_id")
        batch_op.drop_column("why")
        batch_op.drop_column("probability")
        batch_op.drop_column("topic_id")
        batch_op.drop_column("state")
        batch_op.drop_column("language")
        batch_op.drop_column("is_anonymous")

    with op.batch_alter_table("question_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_notes_question_id"))

    op.drop_table("question_notes")
    with op.batch_alter_table("entry_offers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_offers_question_id"))
        batch_op.drop_index(batch_op.f("ix_entry_offers_entry_id"))

    op.drop_table("entry_offers")
    with op.batch_alter_table("entry_variants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_variants_entry_id"))

    op.drop_table("entry_variants")
    op.drop_table("routing_examples")
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entries_state"))

    op.drop_table("entries")
    op.drop_table("topics")
    op.drop_table("text_vectors")
    op.drop_table("routing_models")
    op.drop_table("model_calls")
