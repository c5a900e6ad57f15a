"""Values over hours and days in place of old readings"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "kept_aggregate",
        sa.Column("series", Words(), nullable=False),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("step", Words(), nullable=False),
        sa.Column("start_at", Instant(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("sum", "low", "high", "mean")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("count", "aside")),
        sa.Column("availability", sa.Double(), nullable=False),
        *(sa.Column(name, Instant(), nullable=False) for name in ("known_at", "kept_at")),
        sa.PrimaryKeyConstraint("series", "end_at", "step"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("kept_aggregate")
