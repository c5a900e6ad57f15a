"""Tracks of storms, by every agency, every version"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "storm_fix",
        sa.Column("storm", Words(), nullable=False),
        sa.Column("agency", Words(), nullable=False),
        *(sa.Column(n, Instant(), nullable=False) for n in ("base_at", "valid_at", "recorded_at")),
        *(sa.Column(name, Words(), nullable=False) for name in ("name", "name_en")),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("lon", "lat")),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("pressure_hpa", "wind_ms")),
        *(sa.Column(name, sa.JSON(), nullable=True) for name in ("r7", "r10", "r12")),
        sa.Column("source", Words(), nullable=False),
        sa.PrimaryKeyConstraint("storm", "agency", "base_at", "valid_at", "recorded_at"),
    )
    op.create_index("storm_fix_base", "storm_fix", ["base_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("storm_fix")
