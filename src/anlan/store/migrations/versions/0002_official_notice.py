"""Warnings of the authorities as they came"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = (
    *("feed", "sender", "identifier", "status", "msg_type", "scope", "why", "issuer", "event"),
    *("code", "colour", "headline", "text", "instruction", "headline_en", "text_en", "area"),
)


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "official_notice",
        sa.Column("id", Words(), nullable=False),
        *(sa.Column(name, Words(), nullable=False) for name in WORDS),
        *(sa.Column(name, Instant(), nullable=False) for name in ("sent", "received_at")),
        sa.Column("onset_at", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("verified", "here", "ends")),
        *(sa.Column(n, sa.JSON(), nullable=False) for n in ("places", "references", "remarks")),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("official_notice_expires", "official_notice", ["expires_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("official_notice")
