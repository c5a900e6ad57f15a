"""Accounts and their credentials."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Table

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
)
