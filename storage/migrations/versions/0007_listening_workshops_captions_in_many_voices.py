"""listening, workshops, captions in many voices"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("audience", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("poll_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
    )
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sources_poll_after"), ["poll_after"], unique=False)

    op.create_table(
        "rollout_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["employees.id"], name=op.f("fk_rollout_records_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_rollout_records_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollout_records")),
        sa.UniqueConstraint("unit_id", "kind", "at", name="uq_rollout_records_unit"),
    )
    with op.batch_alter_table("rollout_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rollout_records_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "workshops",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inviting_after", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["opened_by_id"], ["employees.id"], name=op.f("fk_workshops_opened_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_workshops_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshops")),
    )
    with op.batch_alter_table("workshops", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workshops_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "commitments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("is_sponsor", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_commitments_employee_id")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_commitments_workshop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitments")),
    )
    with op.batch_alter_table("commitments", schema=None) as batch_op:
        batch_op.create_index("ix_commitments_due", ["state", "due"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitments_workshop_id"), ["workshop_id"], unique=False)

    op.create_table(
        "need_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("factor", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_need_groups_workshop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_groups")),
    )
    with op.batch_alter_table("need_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_groups_workshop_id"), ["workshop_id"], unique=False)

    op.create_table(
        "workshop_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("factor", sa.String(), nullable=False),
        sa.Column("made", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_workshop_proposals_workshop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_proposals")),
    )
    with op.batch_alter_table("workshop_proposals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workshop_proposals_workshop_id"), ["workshop_id"], unique=False)

    op.create_table(
        "workshop_ratings",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("factor", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_workshop_ratings_employee_id")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_workshop_ratings_workshop_id")),
        sa.PrimaryKeyConstraint("workshop_id", "employee_id", "factor", name=op.f("pk_workshop_ratings")),
    )
    op.create_table(
        "mentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("canonical_url", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("heard_by_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("tone", sa.String(), nullable=True),
        sa.Column("tone_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("topic_id", sa.String(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded", sa.JSON(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("was_in_time", sa.Boolean(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["heard_by_id"], ["employees.id"], name=op.f("fk_mentions_heard_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["employees.id"], name=op.f("fk_mentions_owner_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_mentions_post_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["employees.id"], name=op.f("fk_mentions_settled_by_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_mentions_source_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_mentions_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
    )
    with op.batch_alter_table("mentions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mentions_canonical_url"), ["canonical_url"], unique=False)
        batch_op.create_index("ix_mentions_fingerprint", ["fingerprint", "heard_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_mentions_heard_at"), ["heard_at"], unique=False)
        batch_op.create_index("ix_mentions_look", ["state", "look_at"], unique=False)
        batch_op.create_index("ix_mentions_owner", ["owner_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_mentions_source_id"), ["source_id"], unique=False)

    op.create_table(
        "needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_needs_employee_id")),
        sa.ForeignKeyConstraint(["group_id"], ["need_groups.id"], name=op.f("fk_needs_group_id")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_needs_workshop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs")),
    )
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_workshop_id"), ["workshop_id"], unique=False)

    op.create_table(
        "workshop_votes",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employees.id"], name=op.f("fk_workshop_votes_employee_id")),
        sa.ForeignKeyConstraint(["group_id"], ["need_groups.id"], name=op.f("fk_workshop_votes_group_id")),
        sa.PrimaryKeyConstraint("group_id", "employee_id", name=op.f("pk_workshop_votes")),
    )
    op.create_table(
        "sightings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mentions.id"], name=op.f("fk_sightings_mention_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_sightings_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
    )
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sightings_mention_id"), ["mention_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sightings_source_id"), ["source_id"], unique=False)

    op.add_column("captions", sa.Column("tone", sa.String(), nullable=False, server_default=""))
    op.add_column("captions", sa.Column("state", sa.String(), nullable=False, server_default="approved"))
    with op.batch_alter_table("captions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_captions_post_channel"), type_="unique")
        batch_op.create_index("ix_captions_post", ["post_id", "state"], unique=False)

    op.add_column("channels", sa.Column("blocked", sa.JSON(), nullable=False, server_default="[]"))

    op.add_column("employees", sa.Column("topics_wanted", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("employees", sa.Column("ranking_wanted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("employees", sa.Column("tour_step", sa.Integer(), nullable=False, server_default="3"))
    op.add_column("employees", sa.Column("tour_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("employees", sa.Column("away_by_own_word", sa.Boolean(), nullable=False, server_default=sa.false()))

    op.add_column("nudges", sa.Column("draft", sa.String(), nullable=True))
    op.add_column("nudges", sa.Column("draft_channel", sa.String(), nullable=True))

    op.add_column("posts", sa.Column("activity", sa.String(), nullable=True))


def downgrade() -> None:

    op.drop_column("posts", "activity")

    op.drop_column("nudges", "draft_channel")
    op.drop_column("nudges", "draft")

    op.drop_column("employees", "away_by_own_word")
    op.drop_column("employees", "tour_at")
    op.drop_column("employees", "tour_step")
    op.drop_column("employees", "ranking_wanted")
    op.drop_column("employees", "topics_wanted")

    op.drop_column("channels", "blocked")

    # Only one caption of each kind can stand again.
    op.execute("DELETE FROM captions WHERE state = 'proposed'")
    op.execute(
        "DELETE FROM captions WHERE id NOT IN (SELECT MIN(id) FROM captions GROUP BY post_id, channel, language, kind)"
    )
    with op.batch_alter_table("captions", schema=None) as batch_op:
        batch_op.drop_index("ix_captions_post")
        batch_op.create_unique_constraint(
            batch_op.f("uq_captions_post_channel"), ["post_id", "channel", "language", "kind"]
        )
        batch_op.drop_column("state")
        batch_op.drop_column("tone")

    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sightings_source_id"))
        batch_op.drop_index(batch_op.f("ix_sightings_mention_id"))

    op.drop_table("sightings")
    op.drop_table("workshop_votes")
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_needs_workshop_id"))
        batch_op.drop_index(batch_op.f("ix_needs_group_id"))

    op.drop_table("needs")
    with op.batch_alter_table("mentions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mentions_source_id"))
        batch_op.drop_index("ix_mentions_owner")
        batch_op.drop_index("ix_mentions_look")
        batch_op.drop_index(batch_op.f("ix_mentions_heard_at"))
        batch_op.drop_index("ix_mentions_fingerprint")
        batch_op.drop_index(batch_op.f("ix_mentions_canonical_url"))

    op.drop_table("mentions")
    op.drop_table("workshop_ratings")
    with op.batch_alter_table("workshop_proposals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workshop_proposals_workshop_id"))

    op.drop_table("workshop_proposals")
    with op.batch_alter_table("need_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_need_groups_workshop_id"))

    op.drop_table("need_groups")
    with op.batch_alter_table("commitments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commitments_workshop_id"))
        batch_op.drop_index("ix_commitments_due")

    op.drop_table("commitments")
    with op.batch_alter_table("workshops", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workshops_unit_id"))

    op.drop_table("workshops")
    with op.batch_alter_table("rollout_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rollout_records_unit_id"))

    op.drop_table("rollout_records")
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sources_poll_after"))

    op.drop_table("sources")
