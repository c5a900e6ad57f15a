"""Whom an order that nobody answered climbed to"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "order_told",
        sa.Column("order_id", Words(), nullable=False),
        sa.Column("account", Words(), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "account"),
    )
    op.create_index("order_told_account", "order_told", ["account"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("order_told")
