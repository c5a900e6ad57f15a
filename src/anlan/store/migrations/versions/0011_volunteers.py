"""Volunteers, what they are asked and do, what they learn; messages that are no alerts"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "notice",
        sa.Column("id", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("status", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "invitation",
        sa.Column("token_hash", Words(), nullable=False),
        sa.Column("territory", Words(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "volunteer",
        sa.Column("id", Words(), nullable=False),
        sa.Column("account", Words(), nullable=True, unique=True),
        sa.Column("person", Words(), nullable=True),
        sa.Column("territory", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("past", sa.JSON(), nullable=False),
        sa.Column("applied_at", Instant(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", Words(), nullable=True),
        sa.Column("away_until", Instant(), nullable=True),
        sa.Column("erase_at", Instant(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("volunteer_state", "volunteer", ["state"])
    op.create_table(
        "volunteer_skill",
        sa.Column("volunteer", Words(), nullable=False),
        sa.Column("skill", Words(), nullable=False),
        sa.Column("learned_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("proof", Words(), nullable=True),
        sa.Column("verified_by", Words(), nullable=True),
        sa.Column("verified_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("volunteer", "skill"),
    )
    op.create_table(
        "volunteer_work",
        sa.Column("id", Words(), nullable=False),
        sa.Column("case_id", Words(), nullable=True),
        sa.Column("title", Words(), nullable=False),
        sa.Column("detail_note", Words(), nullable=True),
        sa.Column("territory", Words(), nullable=False),
        sa.Column("place", Words(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("skill", Words(), nullable=True),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("safe_min", sa.Integer(), nullable=False),
        sa.Column("self_claim", sa.Boolean(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("status", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("volunteer_work_state", "volunteer_work", ["state"])
    op.create_table(
        "volunteer_claim",
        sa.Column("id", Words(), nullable=False),
        sa.Column("work", Words(), nullable=False),
        sa.Column("volunteer", Words(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("call", Words(), nullable=True),
        sa.Column("claimed_at", Instant(), nullable=False),
        sa.Column("out_at", Instant(), nullable=True),
        sa.Column("safe_until", Instant(), nullable=True),
        sa.Column("back_at", Instant(), nullable=True),
        sa.Column("search_case", Words(), nullable=True),
        sa.Column("rating_of_work", sa.Integer(), nullable=True),
        sa.Column("note_on_work", Words(), nullable=True),
        sa.Column("rating_of_volunteer", sa.Integer(), nullable=True),
        sa.Column("note_on_volunteer", Words(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("work", "volunteer"),
    )
    op.create_index("volunteer_claim_volunteer", "volunteer_claim", ["volunteer"])
    op.create_table(
        "volunteer_call",
        sa.Column("id", Words(), nullable=False),
        sa.Column("work", Words(), nullable=False),
        sa.Column("notice", Words(), nullable=True),
        sa.Column("reply_by", Instant(), nullable=False),
        sa.Column("expected", sa.JSON(), nullable=False),
        sa.Column("state", Words(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("volunteer_call_work", "volunteer_call", ["work"])
    op.create_table(
        "volunteer_asked",
        sa.Column("call", Words(), nullable=False),
        sa.Column("volunteer", Words(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("answer", Words(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("call", "volunteer"),
    )
    op.create_index("volunteer_asked_volunteer", "volunteer_asked", ["volunteer"])
    op.create_table(
        "hours_correction",
        sa.Column("id", Words(), nullable=False),
        sa.Column("claim", Words(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason_note", Words(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("hours_correction_claim", "hours_correction", ["claim"])
    op.create_table(
        "learning_item",
        sa.Column("id", Words(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("body", Words(), nullable=False),
        sa.Column("group", sa.JSON(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "learning_read",
        sa.Column("item", Words(), nullable=False),
        sa.Column("account", Words(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.Column("understood_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("item", "account"),
    )


def downgrade() -> None:
    """Go back."""
    for name in (
        "learning_read",
        "learning_item",
        "hours_correction",
        "volunteer_asked",
        "volunteer_call",
        "volunteer_claim",
        "volunteer_work",
        "volunteer_skill",
        "volunteer",
        "invitation",
        "notice",
    ):
        op.drop_table(name)
