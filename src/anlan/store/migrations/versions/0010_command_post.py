"""The command post: orders, posts, hand-overs, answers of a drill"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _words(*names: str, null: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, Words(), nullable=null) for name in names]


def _moments(*names: str, null: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, Instant(), nullable=null) for name in names]


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "command_order",
        *_words("id", "incident", "kind", "state", "given_by", "entered_by"),
        *_words("given_to", "to_note", null=True),
        *_words("what_note", "means"),
        *_moments("given_at", "entered_at"),
        *_moments("ack_due_at", "acknowledged_at", "ended_at", null=True),
        *_words("acknowledged_by", "acknowledged_means", "answer_note", null=True),
        *_words("ended_by", "ended_note", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("command_order_incident", "command_order", ["incident", "given_at"])
    op.create_table(
        "post_holding",
        *_words("id", "incident", "post", "account", "given_by"),
        *_moments("held_from"),
        *_moments("held_to", null=True),
        *_words("ended_by", "how", "reason_note", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("post_holding_incident", "post_holding", ["incident", "post"])
    op.create_table(
        "handover",
        *_words("id", "incident", "state", "from_account"),
        *_words("to_account", "acknowledged_by", "remark_note", null=True),
        *_moments("drafted_at"),
        sa.Column("facts", sa.JSON(), nullable=False),
        *_words("text_note"),
        *_moments("signed_at", "acknowledged_at", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("handover_incident", "handover", ["incident", "drafted_at"])
    op.create_table(
        "drill_answer",
        *_words("inject", "account"),
        sa.Column("choice", sa.Integer(), nullable=False),
        *_moments("at"),
        sa.PrimaryKeyConstraint("inject", "account"),
    )


def downgrade() -> None:
    """Go back."""
    for table in ("drill_answer", "handover", "post_holding", "command_order"):
        op.drop_table(table)
