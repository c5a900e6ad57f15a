"""What other sides call the messages handed to them, and addresses beside telephone numbers"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "hand_off",
        *(sa.Column(name, Words(), nullable=False) for name in ("channel", "reference")),
        sa.Column("delivery", Words(), nullable=True),
        sa.Column("repeat", sa.Integer(), nullable=False, server_default="0"),
        *(
            sa.Column(name, Words(), nullable=False, server_default="")
            for name in ("address_key", "state")
        ),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "reference"),
    )
    op.create_index("hand_off_delivery", "hand_off", ["delivery"])
    op.create_index("hand_off_address", "hand_off", ["address_key"])
    op.create_table(
        "contact",
        *(
            sa.Column(name, Words(), nullable=False)
            for name in ("person", "kind", "address_enc", "address_key")
        ),
        sa.PrimaryKeyConstraint("person", "kind"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("contact")
    op.drop_table("hand_off")
