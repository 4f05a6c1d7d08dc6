"""posts that are composed: without a link, with pictures of their own, for an audience, in several languages"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NONE = sa.text("'[]'")
POSTS = sa.table("posts", sa.column("id"), sa.column("unit_id"), sa.column("units", sa.JSON()))


def upgrade() -> None:
    with op.batch_alter_table("posts") as table:
        table.add_column(sa.Column("video_url", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("cover", sa.String()))
        for name in ("units", "roles", "interests", "writers"):
            table.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default=NONE))
        table.add_column(sa.Column("story_id", sa.Integer()))
        table.create_foreign_key("fk_posts_story_id", "posts", ["story_id"], ["id"])
        table.create_index("ix_posts_story_id", ["story_id"])
        table.alter_column("canonical_url", existing_type=sa.String(), nullable=True)
    limited = sa.select(POSTS.c.id, POSTS.c.unit_id).where(POSTS.c.unit_id.is_not(None))
    for post, unit in op.get_bind().execute(limited).all():
        op.execute(POSTS.update().where(POSTS.c.id == post).values(units=[unit]))
    with op.batch_alter_table("posts") as table:
        table.drop_constraint("fk_posts_unit_id", type_="foreignkey")
        table.drop_column("unit_id")
    op.create_table(
        "post_pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("alt", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_pictures_post_id"),
        sa.PrimaryKeyConstraint("id", name="pk_post_pictures"),
        sa.UniqueConstraint("key", name="uq_post_pictures_key"),
    )
    op.create_index("ix_post_pictures_post_id", "post_pictures", ["post_id"])


def downgrade() -> None:
    """Posts without a link keep a name of ours in its place; of several units the first is left."""
    op.drop_index("ix_post_pictures_post_id", "post_pictures")
    op.drop_table("post_pictures")
    op.execute("UPDATE posts SET canonical_url = 'chorus:post:' || id WHERE canonical_url IS NULL")
    with op.batch_alter_table("posts") as table:
        table.add_column(sa.Column("unit_id", sa.Integer()))
        table.create_foreign_key("fk_posts_unit_id", "units", ["unit_id"], ["id"])
        table.alter_column("canonical_url", existing_type=sa.String(), nullable=False)
    for post, units in op.get_bind().execute(sa.select(POSTS.c.id, POSTS.c.units)).all():
        if units:
            op.execute(POSTS.update().where(POSTS.c.id == post).values(unit_id=units[0]))
    with op.batch_alter_table("posts") as table:
        table.drop_constraint("fk_posts_story_id", type_="foreignkey")
        table.drop_index("ix_posts_story_id")
        for name in ("writers", "story_id", "interests", "roles", "units", "cover", "video_url"):
            table.drop_column(name)
