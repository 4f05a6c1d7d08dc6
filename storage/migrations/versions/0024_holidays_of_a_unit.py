"""holidays of a unit; room in pages for what is written again and again"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# PostgreSQL writes a changed row beside the old one where the page has room and no index has changed (HOT); and rows
# that come and go by the hundred thousand are cleared away before they are a fifth of a year's.
ROOM = {"nudges": "fillfactor = 80", "links": "fillfactor = 80", "employees": "fillfactor = 90"}
CLEARED = "autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02"


def upgrade() -> None:
    op.add_column("units", sa.Column("country", sa.String(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        for table, room in ROOM.items():
            op.execute(f"ALTER TABLE {table} SET ({room})")
        op.execute(f"ALTER TABLE deliveries SET ({CLEARED})")


def downgrade() -> None:
    op.drop_column("units", "country")
    if op.get_bind().dialect.name == "postgresql":
        for table in ROOM:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
        op.execute("ALTER TABLE deliveries RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)")
