"""a caption says who employs its writer, unless a channel is set not to ask for it"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CHANNELS = sa.table("channels", sa.column("disclosure", sa.Boolean()))


def upgrade() -> None:
    op.execute(CHANNELS.update().values(disclosure=True))


def downgrade() -> None:
    """What was set before is not known any more; asking does no harm."""
