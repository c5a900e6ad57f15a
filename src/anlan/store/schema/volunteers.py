"""Volunteers: who they are, what they can, what they were asked and did, and what they learn.

Names and telephone numbers lie with `person`, encrypted; nothing here names anybody.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Double, Index, Integer, Table, UniqueConstraint

from anlan.store.schema.columns import Instant, Words, metadata, moment, text

# A message that is no alert: its deliveries go the way of all others, after them.
notice = Table(
    "notice",
    metadata,
    text("id", key=True),
    text("kind"),
    text("subject"),
    text("status"),
    text("state"),
    text("by"),
    moment("at"),
)

# Lets strangers make an account for themselves, so many and no longer than this says.
invitation = Table(
    "invitation",
    metadata,
    text("token_hash", key=True),
    text("territory"),
    Column("places", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    text("by"),
    moment("created_at"),
    moment("expires_at"),
)

volunteer = Table(
    "volunteer",
    metadata,
    text("id", key=True),
    Column("account", Words, unique=True),
    Column("person", Words),
    text("territory"),
    text("state"),
    Column("times", JSON, nullable=False),
    Column("past", JSON, nullable=False),
    moment("applied_at"),
    Column("decided_at", Instant),
    Column("decided_by", Words),
    Column("away_until", Instant),
    moment("erase_at"),
    Column("synthetic", Boolean, nullable=False),
    Index("volunteer_state", "state"),
)

volunteer_skill = Table(
    "volunteer_skill",
    metadata,
    text("volunteer", key=True),
    text("skill", key=True),
    moment("learned_at"),
    Column("expires_at", Instant),
    Column("proof", Words),
    Column("verified_by", Words),
    Column("verified_at", Instant),
)

volunteer_work = Table(
    "volunteer_work",
    metadata,
    text("id", key=True),
    Column("case_id", Words),
    text("title"),
    Column("detail_note", Words),
    text("territory"),
    Column("place", Words),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("skill", Words),
    moment("starts_at"),
    moment("ends_at"),
    Column("needed", Integer, nullable=False),
    Column("places", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("safe_min", Integer, nullable=False),
    Column("self_claim", Boolean, nullable=False),
    Column("drill", Boolean, nullable=False),
    text("status"),
    text("state"),
    text("by"),
    moment("at"),
    Index("volunteer_work_state", "state"),
)

volunteer_claim = Table(
    "volunteer_claim",
    metadata,
    text("id", key=True),
    text("work"),
    text("volunteer"),
    text("state"),
    Column("seq", Integer, nullable=False),
    Column("call", Words),
    moment("claimed_at"),
    Column("out_at", Instant),
    Column("safe_until", Instant),
    Column("back_at", Instant),
    Column("search_case", Words),
    Column("rating_of_work", Integer),
    Column("note_on_work", Words),
    Column("rating_of_volunteer", Integer),
    Column("note_on_volunteer", Words),
    UniqueConstraint("work", "volunteer"),
    Index("volunteer_claim_volunteer", "volunteer"),
)

volunteer_call = Table(
    "volunteer_call",
    metadata,
    text("id", key=True),
    text("work"),
    Column("notice", Words),
    moment("reply_by"),
    Column("expected", JSON, nullable=False),
    text("state"),
    text("by"),
    moment("at"),
    Index("volunteer_call_work", "work"),
)

volunteer_asked = Table(
    "volunteer_asked",
    metadata,
    text("call", key=True),
    text("volunteer", key=True),
    Column("rank", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("answer", Words),
    Column("answered_at", Instant),
    Index("volunteer_asked_volunteer", "volunteer"),
)

hours_correction = Table(
    "hours_correction",
    metadata,
    text("id", key=True),
    text("claim"),
    Column("minutes", Integer, nullable=False),
    text("reason_note"),
    text("by"),
    moment("at"),
    Index("hours_correction_claim", "claim"),
)

learning_item = Table(
    "learning_item",
    metadata,
    text("id", key=True),
    text("title"),
    text("body"),
    Column("group", JSON, nullable=False),
    text("by"),
    moment("at"),
    Column("withdrawn_at", Instant),
)

learning_read = Table(
    "learning_read",
    metadata,
    text("item", key=True),
    text("account", key=True),
    moment("read_at"),
    Column("understood_at", Instant),
)
