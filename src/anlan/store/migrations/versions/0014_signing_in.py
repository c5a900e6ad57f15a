"""Passwords, second factors, sessions, and openings of personal data"""

import sqlalchemy as sa
from alembic import op

from anlan.store.schema import Instant, Words

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _words(*names: str, null: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, Words(), nullable=null) for name in names]


def _moments(*names: str, null: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, Instant(), nullable=null) for name in names]


def upgrade() -> None:
    """Go forward. Who was signed in signs in once more: sessions have their own table now."""
    op.create_table(
        "account_secret",
        *_words("account"),
        *_words("password", null=True),
        *_moments("password_at", null=True),
        *_words("totp_enc", null=True),
        *_moments("totp_at", null=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "recovery_code",
        *_words("code_hash", "account"),
        *_moments("used_at", null=True),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_index("recovery_code_account", "recovery_code", ["account"])
    op.create_table(
        "identity",
        *_words("issuer", "subject", "account"),
        *_moments("linked_at"),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_table(
        "session",
        *_words("id", "account", "token_hash"),
        *_words("previous_hash", null=True),
        *_words("method"),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        *_words("device"),
        *_moments("created_at", "rotated_at", "seen_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("session_token", "session", ["token_hash"])
    op.create_index("session_previous", "session", ["previous_hash"])
    op.create_index("session_account", "session", ["account"])
    op.create_table(
        "sign_in_fault",
        *_words("id", "who"),
        *_moments("at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sign_in_fault_who", "sign_in_fault", ["who", "at"])
    op.create_table(
        "opening",
        *_words("id", "person", "account", "note"),
        *_words("subject", null=True),
        *_moments("at", "until"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("opening_account", "opening", ["account", "at"])
    op.create_index("opening_person", "opening", ["person", "at"])
    op.add_column("person", sa.Column("keep_until", Instant(), nullable=True))
    op.add_column("person", sa.Column("erased_at", Instant(), nullable=True))
    op.execute("DELETE FROM credential WHERE kind = 'session'")


def downgrade() -> None:
    """Go back."""
    op.drop_column("person", "erased_at")
    op.drop_column("person", "keep_until")
    for table in (
        "opening",
        "sign_in_fault",
        "session",
        "identity",
        "recovery_code",
        "account_secret",
    ):
        op.drop_table(table)
