"""Accounts, what proves that somebody is one, sessions, and openings of personal data."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table

from anlan.store.schema.columns import Instant, Words, metadata, moment, text

account = Table(
    "account",
    metadata,
    text("id", key=True),
    text("name"),
    text("name_en"),
    text("role"),
    text("territory"),
    Column("department", Words),
    Column("disabled", Boolean, nullable=False),
)

credential = Table(
    "credential",
    metadata,
    text("token_hash", key=True),
    text("account"),
    text("kind"),
    Column("station", Words),
    moment("created_at"),
    Column("expires_at", Instant),
    Column("used_at", Instant),
    Column("made_by", Words),
)

# What an account proves itself with; a row is made when the first of them is set.
account_secret = Table(
    "account_secret",
    metadata,
    text("account", key=True),
    Column("password", Words),
    Column("password_at", Instant),
    Column("totp_enc", Words),
    Column("totp_at", Instant),
    # a code counts once (RFC 6238, 5.2): the newest time step that was taken
    Column("totp_step", BigInteger),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    text("code_hash", key=True),
    text("account"),
    Column("used_at", Instant),
    Index("recovery_code_account", "account"),
)

# A name that an OpenID provider gives somebody: one name, one account.
identity = Table(
    "identity",
    metadata,
    text("issuer", key=True),
    text("subject", key=True),
    text("account"),
    moment("linked_at"),
)

session = Table(
    "session",
    metadata,
    text("id", key=True),
    text("account"),
    text("token_hash"),
    Column("previous_hash", Words),
    text("method"),
    Column("second_factor", Boolean, nullable=False),
    text("device"),
    moment("created_at"),
    moment("rotated_at"),
    moment("seen_at"),
    Index("session_token", "token_hash"),
    Index("session_previous", "previous_hash"),
    Index("session_account", "account"),
)

# Failed sign-ins, by digests of account and address; old ones are swept away.
sign_in_fault = Table(
    "sign_in_fault",
    metadata,
    text("id", key=True),
    text("who"),
    moment("at"),
    Index("sign_in_fault_who", "who", "at"),
)

# Who looked at whose name and number, and for how long; why lies in an erasable note.
opening = Table(
    "opening",
    metadata,
    text("id", key=True),
    text("person"),
    text("account"),
    text("note"),
    Column("subject", Words),
    moment("at"),
    moment("until"),
    Index("opening_account", "account", "at"),
    Index("opening_person", "person", "at"),
)
