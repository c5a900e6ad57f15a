"""Entities and observations of SensorThings"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "sensorthings_entity",
        sa.Column("kind", Words(), nullable=False),
        sa.Column("id", Words(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("properties", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "id"),
    )
    op.create_table(
        "sensorthings_observation",
        sa.Column("series", Words(), nullable=False),
        sa.Column("valid_at", Instant(), nullable=False),
        *(sa.Column(n, Instant(), nullable=True) for n in ("result_at", "valid_from", "valid_to")),
        *(
            sa.Column(n, sa.JSON(none_as_null=True), nullable=True)
            for n in ("parameters", "quality")
        ),
        sa.Column("feature", Words(), nullable=True),
        sa.PrimaryKeyConstraint("series", "valid_at"),
        sqlite_with_rowid=False,
    )
    op.create_index("sensorthings_feature", "sensorthings_observation", ["feature"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("sensorthings_observation")
    op.drop_table("sensorthings_entity")
