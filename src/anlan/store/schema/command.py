"""The command post: orders, who holds which post, hand-overs of a shift, answers of a drill."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, Table

from anlan.store.schema.columns import Instant, Words, metadata, moment, text

# what was ordered, and to whom if not to an account, are words: they stand in notes
command_order = Table(
    "command_order",
    metadata,
    text("id", key=True),
    text("incident"),
    text("kind"),
    text("state"),
    text("given_by"),
    text("entered_by"),
    Column("given_to", Words),
    Column("to_note", Words),
    text("what_note"),
    text("means"),
    moment("given_at"),
    moment("entered_at"),
    Column("ack_due_at", Instant),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Words),
    Column("acknowledged_means", Words),
    Column("answer_note", Words),
    Column("ended_at", Instant),
    Column("ended_by", Words),
    Column("ended_note", Words),
    Index("command_order_incident", "incident", "given_at"),
)

# whom an unanswered order climbed to
order_told = Table(
    "order_told",
    metadata,
    text("order_id", key=True),
    text("account", key=True),
    moment("told_at"),
    Index("order_told_account", "account"),
)

post_holding = Table(
    "post_holding",
    metadata,
    text("id", key=True),
    text("incident"),
    text("post"),
    text("account"),
    moment("held_from"),
    text("given_by"),
    Column("held_to", Instant),
    Column("ended_by", Words),
    Column("how", Words),
    Column("reason_note", Words),
    Index("post_holding_incident", "incident", "post"),
)

handover = Table(
    "handover",
    metadata,
    text("id", key=True),
    text("incident"),
    text("state"),
    text("from_account"),
    Column("to_account", Words),
    moment("drafted_at"),
    Column("facts", JSON, nullable=False),
    text("text_note"),
    Column("signed_at", Instant),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Words),
    Column("remark_note", Words),
    Index("handover_incident", "incident", "drafted_at"),
)

drill_answer = Table(
    "drill_answer",
    metadata,
    text("inject", key=True),
    text("account", key=True),
    Column("choice", Integer, nullable=False),
    moment("at"),
)
