"""Pictures of cameras: which there are"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "camera_frame",
        sa.Column("camera", Words(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        *(sa.Column(name, Words(), nullable=False) for name in ("path", "digest")),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("level_m", "confidence")),
        sa.Column("why", Words(), nullable=False),
        sa.PrimaryKeyConstraint("camera", "taken_at"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("camera_frame")
