"""Resources 应急保障: what is in stock, who and what can be sent, requests and what fills them.

Quantities never fall below zero: every change is an UPDATE that asks for enough being there, and
the database refuses the rest.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Double, Index, Integer, Table

from anlan.store.schema.columns import Instant, Words, metadata, moment, text

stock_lot = Table(
    "stock_lot",
    metadata,
    text("id", key=True),
    text("depot"),
    text("item"),
    text("unit"),
    Column("quantity", Double, nullable=False),
    Column("expires_at", Instant),
    moment("stocked_at"),
    Column("synthetic", Boolean, nullable=False),
    CheckConstraint("quantity >= 0", name="stock_lot_not_negative"),
    Index("stock_lot_item", "item"),
)

asset = Table(
    "asset",
    metadata,
    text("id", key=True),
    text("kind"),
    text("name"),
    text("territory"),
    text("department"),
    Column("account", Words),
    text("vehicle"),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("capacity", Double, nullable=False),
    text("unit"),
    Column("skills", JSON, nullable=False),
    text("state"),
    Column("fill", Words),
    Column("case_id", Words),
    Column("task_id", Words),
    moment("since"),
    Column("synthetic", Boolean, nullable=False),
)

shelter_use = Table(
    "shelter_use",
    metadata,
    text("id", key=True),
    Column("capacity", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("open", Boolean, nullable=False),
    moment("since"),
    CheckConstraint("taken >= 0", name="shelter_use_not_negative"),
)

resource_request = Table(
    "resource_request",
    metadata,
    text("id", key=True),
    text("case_id"),
    text("item"),
    text("unit"),
    Column("quantity", Double, nullable=False),
    Column("filled", Double, nullable=False),
    text("state"),
    text("territory"),
    Column("department", Words),
    text("requested_by"),
    moment("requested_at"),
    Column("note", Words),
    CheckConstraint("filled >= 0", name="resource_request_not_negative"),
    Index("resource_request_case", "case_id"),
)

resource_fill = Table(
    "resource_fill",
    metadata,
    text("id", key=True),
    text("request"),
    text("source_kind"),
    text("source"),
    text("depot"),
    Column("quantity", Double, nullable=False),
    Column("returned", Double, nullable=False),
    Column("consumed", Double, nullable=False),
    text("state"),
    text("sent_by"),
    moment("sent_at"),
    Column("received_at", Instant),
    Column("closed_at", Instant),
    CheckConstraint("returned + consumed <= quantity", name="resource_fill_not_more_back"),
    Index("resource_fill_request", "request"),
)

dispatch_refusal = Table(
    "dispatch_refusal",
    metadata,
    text("case_id", key=True),
    text("asset", key=True),
    text("by"),
    moment("at"),
    Column("note", Words),
)

evacuation_plan = Table(
    "evacuation_plan",
    metadata,
    text("id", key=True),
    Column("run", Words),
    text("state"),
    text("accepted_by"),
    moment("accepted_at"),
    Column("content", JSON, nullable=False),
)

road_order = Table(
    "road_order",
    metadata,
    text("id", key=True),
    text("road"),
    text("effect"),
    Column("lon", Double),
    Column("lat", Double),
    text("territory"),
    text("note"),
    text("by"),
    moment("at"),
    moment("until"),
    Column("lifted_at", Instant),
    Column("lifted_by", Words),
    Index("road_order_until", "until"),
)
