"""Depth of water as people report it"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "depth_report",
        sa.Column("id", Words(), nullable=False),
        *(sa.Column(name, Instant(), nullable=False) for name in ("seen_at", "recorded_at")),
        *(sa.Column(name, Words(), nullable=False) for name in ("depth_class", "role")),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("lon", "lat", "accuracy_m")),
        sa.Column("territory", Words(), nullable=False),
        sa.Column("place", Words(), nullable=True),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("case_id", Words(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("depth_report_seen", "depth_report", ["seen_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("depth_report")
