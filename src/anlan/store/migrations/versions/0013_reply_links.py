"""Reply links: by which somebody answers a message without signing in"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "reply_link",
        sa.Column("token", Words(), nullable=False),
        sa.Column("delivery", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("reply_link_delivery", "reply_link", ["delivery"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("reply_link")
