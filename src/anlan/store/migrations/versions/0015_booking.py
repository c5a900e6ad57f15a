"""Rooms that are booked: a row for each slot"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "booking_slot",
        sa.Column("venue", Words(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("case_id", Words(), nullable=False),
        sa.PrimaryKeyConstraint("venue", "starts_at"),
    )
    op.create_index("booking_case", "booking_slot", ["case_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("booking_slot")
