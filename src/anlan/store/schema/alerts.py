"""Rules, alerts, people and deliveries."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Double, Index, Integer, Table, UniqueConstraint

from anlan.store.schema.columns import Instant, Words, metadata, moment, text

rule_state = Table(
    "rule_state",
    metadata,
    text("rule", key=True),
    text("area", key=True),
    Column("state", JSON, nullable=False),
)

alert = Table(
    "alert",
    metadata,
    text("id", key=True),
    text("chain"),
    Column("version", Integer, nullable=False),
    text("rule"),
    text("area"),
    text("area_name"),
    text("event"),
    text("event_name"),
    text("colour"),
    text("msg_type"),
    text("status"),
    text("state"),
    Column("official", Boolean, nullable=False),
    text("issuer"),
    moment("drafted_at"),
    Column("sent_at", Instant),
    Column("onset_at", Instant),
    moment("expires_at"),
    text("headline"),
    text("description"),
    text("instruction"),
    Column("grounds", JSON, nullable=False),
    Column("references", JSON, nullable=False),
    Column("cap_xml", Words),
    Column("approvals_needed", Integer, nullable=False),
    Index("alert_state", "state"),
)

approval = Table(
    "approval",
    metadata,
    text("alert", key=True),
    text("officer", key=True),
    text("decision"),
    moment("at"),
    Column("note_digest", Words),
)

person = Table(
    "person",
    metadata,
    text("id", key=True),
    Column("account", Words),
    text("name_enc"),
    text("phone_enc"),
    text("role"),
    text("tier"),
    text("territory"),
    text("language"),
    Column("lon", Double),
    Column("lat", Double),
    Column("place", Words),
    Column("deputy", Words),
    Column("opted_out", Boolean, nullable=False),
    Column("on_duty", Boolean, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("keep_until", Instant),
    Column("erased_at", Instant),
)

delivery = Table(
    "delivery",
    metadata,
    text("id", key=True),
    text("alert"),
    Column("version", Integer, nullable=False),
    text("person"),
    text("channel"),
    text("tier"),
    text("state"),
    text("reason", default=""),
    text("body"),
    Column("repeat", Integer, nullable=False, server_default="0"),
    moment("planned_at"),
    Column("sending_at", Instant),
    Column("sent_at", Instant),
    Column("delivered_at", Instant),
    Column("read_at", Instant),
    Column("answered_at", Instant),
    Column("ack_due_at", Instant),
    UniqueConstraint("alert", "version", "person", "channel"),
    Index("delivery_state", "state"),
    Index("delivery_person", "person"),
)

# A part of a message as the other side names it: by this its receipts and answers find it again.
hand_off = Table(
    "hand_off",
    metadata,
    text("channel", key=True),
    text("reference", key=True),
    Column("delivery", Words),
    Column("repeat", Integer, nullable=False, server_default="0"),
    text("address_key", default=""),
    text("state", default=""),
    moment("at"),
    Index("hand_off_delivery", "delivery"),
    Index("hand_off_address", "address_key"),
)

# By which somebody answers a message without signing in: one token, one delivery.
reply_link = Table(
    "reply_link",
    metadata,
    text("token", key=True),
    text("delivery"),
    moment("at"),
    Index("reply_link_delivery", "delivery"),
)

# Addresses other than telephone numbers, encrypted as those are.
contact = Table(
    "contact",
    metadata,
    text("person", key=True),
    text("kind", key=True),
    text("address_enc"),
    text("address_key"),
)
