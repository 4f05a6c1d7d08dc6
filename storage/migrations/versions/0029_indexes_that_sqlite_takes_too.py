"""what every tick looks for is found without reading a large table, on SQLite, too"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

UNSETTLED = "state IN ('new', 'choosing', 'offered', 'open', 'claimed', 'asked_back')"
BEFORE = {  # table, columns, of which rows
    "ix_employees_new": ("employees", ["id"], "welcomed_at IS NULL"),
    "ix_employees_with_roles": ("employees", ["id"], "CAST(roles AS VARCHAR) != '[\"employee\"]'"),
    "ix_employees_tour": ("employees", ["tour_step"], None),
}
# SQLite prefers an index of which it knows nothing yet, by a column that the query compares, to one of which it knows
# that all have the same state there.
NOW = {
    "ix_employees_new": ("employees", ["state"], "welcomed_at IS NULL"),
    "ix_employees_with_roles": ("employees", ["state"], "CAST(roles AS VARCHAR) != '[\"employee\"]'"),
    "ix_employees_tour": ("employees", ["state"], "tour_step < 3"),
    "ix_employees_unplanned": ("employees", ["state", "nudges_wanted"], "planned_at IS NULL"),
    "ix_questions_unsettled": ("questions", ["state"], UNSETTLED),
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        _make(NOW)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in NOW.keys() - BEFORE.keys():
            op.drop_index(name, NOW[name][0], postgresql_concurrently=True, if_exists=True)
        _make(BEFORE)


def _make(indexes: dict[str, tuple[str, list[str], str | None]]) -> None:
    for name, (table, columns, of) in indexes.items():
        where = None if of is None else sa.text(of)
        op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where, postgresql_concurrently=True)
