"""what every tick looks for is in small indexes of its own"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INDEXES = {  # table, columns, of which rows
    "ix_employees_zone": ("employees", ["time_zone"], "state = 'active'"),
    "ix_employees_new": ("employees", ["id"], "welcomed_at IS NULL"),
    "ix_employees_with_roles": ("employees", ["id"], "CAST(roles AS VARCHAR) != '[\"employee\"]'"),
    "ix_employees_tour": ("employees", ["tour_step"], None),
    "ix_employees_planned": ("employees", ["planned_at"], None),
    "ix_links_news": ("links", ["code"], "has_news"),
    "ix_runs_open": ("runs", ["due_at"], "state NOT IN ('done', 'skipped')"),
}


def upgrade() -> None:
    # The version before does not know the column: what it inserts has the default, and its cards are told of clicks as
    # it does. Where there are clicks that no card shows yet, it is as if they came now.
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("links")}
    if "has_news" not in columns:
        op.add_column("links", sa.Column("has_news", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.execute("UPDATE links SET has_news = true WHERE unique_clicks > 0")
    with op.get_context().autocommit_block():
        for name, (table, columns, of) in INDEXES.items():
            where = None if of is None else sa.text(of)
            op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)  # half made by one that was killed
            op.create_index(
                name, table, columns, sqlite_where=where, postgresql_where=where, postgresql_concurrently=True
            )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name, (table, _columns, _of) in INDEXES.items():
            op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)
    op.drop_column("links", "has_news")
