"""Rooms held for a time: a row for each slot, so that none can be held twice."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table

from anlan.store.schema.columns import Instant, metadata, text

booking_slot = Table(
    "booking_slot",
    metadata,
    text("venue", key=True),
    Column("starts_at", Instant, primary_key=True, autoincrement=False),
    text("case_id"),
    Index("booking_case", "case_id"),
)
