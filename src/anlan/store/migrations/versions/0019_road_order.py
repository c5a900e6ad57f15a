"""Roads that an officer closed or opened by hand, until when and why"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "road_order",
        *(sa.Column(name, Words(), nullable=False) for name in ("id", "road", "effect")),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        *(sa.Column(name, Words(), nullable=False) for name in ("territory", "note", "by")),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("lifted_by", Words(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("road_order_until", "road_order", ["until"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("road_order")
