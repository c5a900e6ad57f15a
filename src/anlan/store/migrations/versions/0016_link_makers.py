"""Who made a sign-in link or a key"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Words

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("credential", sa.Column("made_by", Words(), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("credential", "made_by")
