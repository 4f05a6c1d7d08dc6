"""the database says which earlier versions still work with it"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

WORKS_FROM = "0020"  # this version only adds a table


def upgrade() -> None:
    table = op.create_table("schema_compatibility", sa.Column("works_from", sa.String(), primary_key=True))
    op.bulk_insert(table, [{"works_from": WORKS_FROM}])


def downgrade() -> None:
    op.drop_table("schema_compatibility")
