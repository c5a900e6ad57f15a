"""What every stage writes to: journal, notes, attachments, timers, counters."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, Table

from anlan.store.schema.columns import BigKey, Instant, Words, metadata, moment, text

meta = Table("meta", metadata, text("key", key=True), Column("value", JSON))

counter = Table("counter", metadata, text("name", key=True), Column("value", BigInteger))

journal = Table(
    "journal",
    metadata,
    Column("seq", BigKey, primary_key=True, autoincrement=False),
    moment("valid_at"),
    moment("recorded_at"),
    text("kind"),
    text("subject"),
    text("actor"),
    Column("on_behalf", Words),
    Column("grounds", JSON, nullable=False),
    text("digest"),
    text("prev_hash"),
    text("hash"),
    Index("journal_subject", "subject"),
)

note = Table(
    "note",
    metadata,
    text("digest", key=True),
    text("kind"),
    Column("body", Words),
    text("author"),
    moment("at"),
)

attachment = Table(
    "attachment",
    metadata,
    text("digest", key=True),
    text("mime"),
    Column("content", LargeBinary, nullable=False),
    moment("at"),
)

timer = Table(
    "timer",
    metadata,
    text("id", key=True),
    moment("due_at"),
    text("kind"),
    text("subject"),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("fired_at", Instant),
    Index("timer_due", "due_at"),
)
