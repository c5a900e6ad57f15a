"""Help to firms: their standing, plans, passes and remote checks; and joint teams of two cities."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from anlan.store.schema.columns import Instant, Words, metadata, moment, text

firm_case = Table(
    "firm_case",
    metadata,
    text("case_id", key=True),
    text("firm"),
    Index("firm_case_firm", "firm"),
)

firm_standing = Table(
    "firm_standing",
    metadata,
    text("firm", key=True),
    text("operation"),
    Column("operation_at", Instant),
    Column("operation_by", Words),
    Column("colour", Words),
    Column("colour_note", Words),
    Column("colour_by", Words),
    Column("colour_at", Instant),
    Column("colour_until", Instant),
)

firm_measure = Table(
    "firm_measure",
    metadata,
    text("id", key=True),
    text("firm"),
    text("words_note"),
    text("department"),
    moment("due_at"),
    text("state"),
    moment("made_at"),
    text("made_by"),
    Column("ended_at", Instant),
    Column("ended_by", Words),
    Column("ended_note", Words),
    Index("firm_measure_firm", "firm"),
)

pass_key = Table(
    "pass_key",
    metadata,
    text("id", key=True),
    text("public"),
    moment("made_at"),
    Column("retired_at", Instant),
)

freight_pass = Table(
    "freight_pass",
    metadata,
    text("id", key=True),
    text("case_id"),
    text("firm"),
    text("plate"),
    text("cargo"),
    text("origin"),
    text("destination"),
    moment("valid_from"),
    moment("valid_to"),
    text("state"),
    text("key"),
    text("token"),
    Column("decided_at", Instant),
    Column("decided_by", Words),
    Column("ended_at", Instant),
    Column("ended_by", Words),
    Column("ended_note", Words),
    Index("freight_pass_firm", "firm"),
    Index("freight_pass_case", "case_id"),
)

check_shot = Table(
    "check_shot",
    metadata,
    text("case_id", key=True),
    Column("number", Integer, primary_key=True),
    text("shot"),
    text("digest"),
    text("mime"),
    text("way"),
    moment("sent_at"),
    text("sent_by"),
    Column("verdict", Words),
    Column("verdict_note", Words),
    Column("verdict_by", Words),
    Column("verdict_at", Instant),
)

joint_root = Table(
    "joint_root",
    metadata,
    text("case_id", key=True),
    text("root", key=True),
    moment("joined_at"),
    text("joined_by"),
    Column("signed_at", Instant),
    Column("signed_by", Words),
    Column("signed_note", Words),
)
