"""Gridded rain: which frames there are"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENTS = ("base_at", "start_at", "end_at", "recorded_at")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "rain_frame",
        sa.Column("product", Words(), nullable=False),
        *(sa.Column(name, Instant(), nullable=False) for name in MOMENTS),
        sa.Column("forecast", sa.Boolean(), nullable=False),
        sa.Column("path", Words(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        *(sa.Column(name, Words(), nullable=False) for name in ("digest", "source")),
        sa.PrimaryKeyConstraint("product", *MOMENTS),
    )
    op.create_index("rain_frame_path", "rain_frame", ["path"])
    op.create_index("rain_frame_end", "rain_frame", ["end_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("rain_frame")
