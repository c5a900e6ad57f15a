"""Resources: stock, what can be sent, requests and fills, shelters in use, evacuation plans"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, Words(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Double(), nullable=False) for name in names]


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "stock_lot",
        *_words("id", "depot", "item", "unit"),
        *_numbers("quantity"),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("stocked_at", Instant(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name="stock_lot_not_negative"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("stock_lot_item", "stock_lot", ["item"])
    op.create_table(
        "asset",
        *_words("id", "kind", "name", "territory", "department"),
        sa.Column("account", Words(), nullable=True),
        *_words("vehicle"),
        *_numbers("lon", "lat", "capacity"),
        *_words("unit"),
        sa.Column("skills", sa.JSON(), nullable=False),
        *_words("state"),
        *(sa.Column(name, Words(), nullable=True) for name in ("fill", "case_id", "task_id")),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "shelter_use",
        *_words("id"),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.CheckConstraint("taken >= 0", name="shelter_use_not_negative"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "resource_request",
        *_words("id", "case_id", "item", "unit"),
        *_numbers("quantity", "filled"),
        *_words("state", "territory"),
        sa.Column("department", Words(), nullable=True),
        *_words("requested_by"),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("note", Words(), nullable=True),
        sa.CheckConstraint("filled >= 0", name="resource_request_not_negative"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("resource_request_case", "resource_request", ["case_id"])
    op.create_table(
        "resource_fill",
        *_words("id", "request", "source_kind", "source", "depot"),
        *_numbers("quantity", "returned", "consumed"),
        *_words("state", "sent_by"),
        sa.Column("sent_at", Instant(), nullable=False),
        *(sa.Column(name, Instant(), nullable=True) for name in ("received_at", "closed_at")),
        sa.CheckConstraint("returned + consumed <= quantity", name="resource_fill_not_more_back"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("resource_fill_request", "resource_fill", ["request"])
    op.create_table(
        "dispatch_refusal",
        *_words("case_id", "asset", "by"),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("note", Words(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "asset"),
    )
    op.create_table(
        "evacuation_plan",
        *_words("id"),
        sa.Column("run", Words(), nullable=True),
        *_words("state", "accepted_by"),
        sa.Column("accepted_at", Instant(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Go back."""
    for name in (
        "evacuation_plan",
        "dispatch_refusal",
        "resource_fill",
        "resource_request",
        "shelter_use",
        "asset",
        "stock_lot",
    ):
        op.drop_table(name)
