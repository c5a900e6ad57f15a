"""Help to firms: standing, measures, passes and their keys, shots; roots of a joint case"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _words(*names: str, null: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, Words(), nullable=null) for name in names]


def _moments(*names: str, null: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, Instant(), nullable=null) for name in names]


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "firm_case",
        *_words("case_id", "firm"),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("firm_case_firm", "firm_case", ["firm"])
    op.create_table(
        "firm_standing",
        *_words("firm", "operation"),
        *_moments("operation_at", "colour_at", "colour_until", null=True),
        *_words("operation_by", "colour", "colour_note", "colour_by", null=True),
        sa.PrimaryKeyConstraint("firm"),
    )
    op.create_table(
        "firm_measure",
        *_words("id", "firm", "words_note", "department", "state", "made_by"),
        *_moments("due_at", "made_at"),
        *_moments("ended_at", null=True),
        *_words("ended_by", "ended_note", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("firm_measure_firm", "firm_measure", ["firm"])
    op.create_table(
        "pass_key",
        *_words("id", "public"),
        *_moments("made_at"),
        *_moments("retired_at", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "freight_pass",
        *_words("id", "case_id", "firm", "plate", "cargo", "origin", "destination"),
        *_moments("valid_from", "valid_to"),
        *_words("state", "key", "token"),
        *_moments("decided_at", "ended_at", null=True),
        *_words("decided_by", "ended_by", "ended_note", null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("freight_pass_firm", "freight_pass", ["firm"])
    op.create_index("freight_pass_case", "freight_pass", ["case_id"])
    op.create_table(
        "check_shot",
        *_words("case_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        *_words("shot", "digest", "mime", "way", "sent_by"),
        *_moments("sent_at"),
        *_words("verdict", "verdict_note", "verdict_by", null=True),
        *_moments("verdict_at", null=True),
        sa.PrimaryKeyConstraint("case_id", "number"),
    )
    op.create_table(
        "joint_root",
        *_words("case_id", "root", "joined_by"),
        *_moments("joined_at"),
        *_moments("signed_at", null=True),
        *_words("signed_by", "signed_note", null=True),
        sa.PrimaryKeyConstraint("case_id", "root"),
    )


def downgrade() -> None:
    """Go back."""
    for table in (
        "joint_root",
        "check_shot",
        "freight_pass",
        "pass_key",
        "firm_measure",
        "firm_standing",
        "firm_case",
    ):
        op.drop_table(table)
