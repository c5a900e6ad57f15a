"""Incidents, cases, tasks and their history."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Double, Index, Integer, Table

from anlan.store.schema.columns import Instant, Words, metadata, moment, text

incident = Table(
    "incident",
    metadata,
    text("id", key=True),
    text("name"),
    text("event"),
    text("state"),
    text("level"),
    Column("level_set_at", Instant),
    text("proposed_level", default=""),
    text("proposed_reason", default=""),
    text("proposed_run", default=""),
    moment("opened_at"),
    Column("closed_at", Instant),
)

case_item = Table(
    "case_item",
    metadata,
    text("id", key=True),
    Column("incident", Words),
    text("kind"),
    text("title"),
    text("state"),
    text("territory"),
    Column("place", Words),
    Column("lon", Double),
    Column("lat", Double),
    text("owner_role"),
    Column("owner", Words),
    Column("department", Words),
    moment("opened_at"),
    Column("due_at", Instant),
    Column("closed_at", Instant),
    Column("priority", Integer, nullable=False),
    text("source"),
    Column("reporter", Words),
    Column("plan_step", Words),
    Column("data", JSON, nullable=False),
)

task = Table(
    "task",
    metadata,
    text("id", key=True),
    text("case_id"),
    text("title"),
    text("instruction"),
    text("state"),
    Column("assignee", Words),
    text("role"),
    text("territory"),
    moment("opened_at"),
    Column("ack_due_at", Instant),
    Column("due_at", Instant),
    Column("acknowledged_at", Instant),
    Column("done_at", Instant),
    Column("escalation", Integer, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("evidence", JSON, nullable=False),
    Index("task_case", "case_id"),
)

history = Table(
    "history",
    metadata,
    text("case_id", key=True),
    Column("seq", Integer, primary_key=True),
    Column("task_id", Words),
    text("type"),
    moment("at"),
    text("actor"),
    Column("on_behalf", Words),
    Column("payload", JSON, nullable=False),
)
