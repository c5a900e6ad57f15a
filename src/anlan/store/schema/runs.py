"""Forecast runs and their assessments."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Double, Integer, Table

from anlan.store.schema.columns import metadata, moment, text

run = Table(
    "run",
    metadata,
    text("id", key=True),
    moment("issued_at"),
    moment("visible_at"),
    moment("from_at"),
    moment("to_at"),
    Column("members", Integer, nullable=False),
    text("state"),
    Column("wall_s", Double),
    text("path"),
    text("input_hash"),
    Column("settings", JSON, nullable=False),
    Column("summary", JSON),
)

assessment = Table(
    "assessment",
    metadata,
    text("run", key=True),
    moment("made_at"),
    text("level"),
    text("reason"),
    Column("content", JSON, nullable=False),
)
