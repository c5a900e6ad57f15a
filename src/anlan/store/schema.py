"""Every table of the store. Times are `Instant` (UTC, to the millisecond), JSON is text.

One definition serves SQLite and PostgreSQL; migrations are written from it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def milliseconds(moment: datetime) -> int:
    """A moment as the store keeps it: since 1970-01-01T00:00Z, what is finer cut off."""
    return (moment - EPOCH) // MILLISECOND


class Instant(TypeDecorator[datetime]):
    """A moment, kept as integer milliseconds since 1970-01-01T00:00Z; aware UTC in Python."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To the database: refuses naive times, which mean nothing across zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time {value} has no zone; the store takes aware datetimes")
        return milliseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """From the database: aware UTC."""
        return None if value is None else EPOCH + value * MILLISECOND


class Words(TypeDecorator[str]):
    """Text, compared and ordered by its code points on every engine.

    PostgreSQL would order by the language of its server, and cannot keep the character NUL: it is
    kept as the mark that stands for what cannot be shown (U+FFFD).
    """

    impl = Text().with_variant(Text(collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else value.replace("\0", "\ufffd")


metadata = MetaData()
# autoincrement needs INTEGER on SQLite, where it is 64 bits wide anyway
BigKey = BigInteger().with_variant(Integer(), "sqlite")


def _text(name: str, *, key: bool = False, default: str | None = None) -> Column[str]:
    return Column(name, Words, primary_key=key, nullable=False, server_default=default)


def _moment(name: str) -> Column[datetime]:
    return Column(name, Instant, nullable=False)


meta = Table("meta", metadata, _text("key", key=True), Column("value", JSON))
counter = Table("counter", metadata, _text("name", key=True), Column("value", BigInteger))

journal = Table(
    "journal",
    metadata,
    Column("seq", BigKey, primary_key=True, autoincrement=False),
    _moment("valid_at"),
    _moment("recorded_at"),
    _text("kind"),
    _text("subject"),
    _text("actor"),
    Column("on_behalf", Words),
    Column("grounds", JSON, nullable=False),
    _text("digest"),
    _text("prev_hash"),
    _text("hash"),
    Index("journal_subject", "subject"),
)
note = Table(
    "note",
    metadata,
    _text("digest", key=True),
    _text("kind"),
    Column("body", Words),
    _text("author"),
    _moment("at"),
)
attachment = Table(
    "attachment",
    metadata,
    _text("digest", key=True),
    _text("mime"),
    Column("content", LargeBinary, nullable=False),
    _moment("at"),
)

observation = Table(
    "observation",
    metadata,
    _text("series", key=True),
    Column("valid_at", Instant, primary_key=True),
    Column("recorded_at", Instant, primary_key=True),
    Column("start_at", Instant),
    Column("value", Double),
    _text("flag"),
    _text("source"),
    sqlite_with_rowid=False,
)
#: Entities that somebody made through SensorThings; those of the city folder are not kept.
sensorthings_entity = Table(
    "sensorthings_entity",
    metadata,
    _text("kind", key=True),
    _text("id", key=True),
    Column("number", BigInteger, nullable=False),
    Column("properties", JSON, nullable=False),
    Column("links", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    _moment("changed_at"),
    Column("withdrawn_at", Instant),
)
#: What SensorThings says of an observation beside its reading.
sensorthings_observation = Table(
    "sensorthings_observation",
    metadata,
    _text("series", key=True),
    Column("valid_at", Instant, primary_key=True),
    Column("result_at", Instant),
    Column("valid_from", Instant),
    Column("valid_to", Instant),
    Column("parameters", JSON(none_as_null=True)),
    Column("quality", JSON(none_as_null=True)),
    Column("feature", Words),
    Index("sensorthings_feature", "feature"),
    sqlite_with_rowid=False,
)
#: Values over hours and days whose readings are no longer kept one by one.
kept_aggregate = Table(
    "kept_aggregate",
    metadata,
    _text("series", key=True),
    Column("end_at", Instant, primary_key=True),
    _text("step", key=True),
    _moment("start_at"),
    Column("sum", Double),
    Column("low", Double),
    Column("high", Double),
    Column("mean", Double),
    Column("count", Integer, nullable=False),
    Column("aside", Integer, nullable=False),
    Column("availability", Double, nullable=False),
    _moment("known_at"),
    _moment("kept_at"),
    sqlite_with_rowid=False,
)
#: What people report of the water; who did stands in the journal under the report's id.
depth_report = Table(
    "depth_report",
    metadata,
    _text("id", key=True),
    _moment("seen_at"),
    _moment("recorded_at"),
    _text("depth_class"),
    _text("role"),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("accuracy_m", Double, nullable=False),
    _text("territory"),
    Column("place", Words),
    Column("photos", JSON, nullable=False),
    Column("case_id", Words),
    Index("depth_report_seen", "seen_at"),
)
quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    _moment("received_at"),
    _text("source"),
    _text("raw"),
    _text("error"),
)

run = Table(
    "run",
    metadata,
    _text("id", key=True),
    _moment("issued_at"),
    _moment("visible_at"),
    _moment("from_at"),
    _moment("to_at"),
    Column("members", Integer, nullable=False),
    _text("state"),
    Column("wall_s", Double),
    _text("path"),
    _text("input_hash"),
    Column("settings", JSON, nullable=False),
    Column("summary", JSON),
)
assessment = Table(
    "assessment",
    metadata,
    _text("run", key=True),
    _moment("made_at"),
    _text("level"),
    _text("reason"),
    Column("content", JSON, nullable=False),
)

rule_state = Table(
    "rule_state",
    metadata,
    _text("rule", key=True),
    _text("area", key=True),
    Column("state", JSON, nullable=False),
)
alert = Table(
    "alert",
    metadata,
    _text("id", key=True),
    _text("chain"),
    Column("version", Integer, nullable=False),
    _text("rule"),
    _text("area"),
    _text("area_name"),
    _text("event"),
    _text("event_name"),
    _text("colour"),
    _text("msg_type"),
    _text("status"),
    _text("state"),
    Column("official", Boolean, nullable=False),
    _text("issuer"),
    _moment("drafted_at"),
    Column("sent_at", Instant),
    Column("onset_at", Instant),
    _moment("expires_at"),
    _text("headline"),
    _text("description"),
    _text("instruction"),
    Column("grounds", JSON, nullable=False),
    Column("references", JSON, nullable=False),
    Column("cap_xml", Words),
    Column("approvals_needed", Integer, nullable=False),
    Index("alert_state", "state"),
)
approval = Table(
    "approval",
    metadata,
    _text("alert", key=True),
    _text("officer", key=True),
    _text("decision"),
    _moment("at"),
    Column("note_digest", Words),
)
person = Table(
    "person",
    metadata,
    _text("id", key=True),
    Column("account", Words),
    _text("name_enc"),
    _text("phone_enc"),
    _text("role"),
    _text("tier"),
    _text("territory"),
    _text("language"),
    Column("lon", Double),
    Column("lat", Double),
    Column("place", Words),
    Column("deputy", Words),
    Column("opted_out", Boolean, nullable=False),
    Column("on_duty", Boolean, nullable=False),
    Column("synthetic", Boolean, nullable=False),
)
delivery = Table(
    "delivery",
    metadata,
    _text("id", key=True),
    _text("alert"),
    Column("version", Integer, nullable=False),
    _text("person"),
    _text("channel"),
    _text("tier"),
    _text("state"),
    _text("reason", default=""),
    _text("body"),
    Column("repeat", Integer, nullable=False, server_default="0"),
    _moment("planned_at"),
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
    _text("channel", key=True),
    _text("reference", key=True),
    Column("delivery", Words),
    Column("repeat", Integer, nullable=False, server_default="0"),
    _text("address_key", default=""),
    _text("state", default=""),
    _moment("at"),
    Index("hand_off_delivery", "delivery"),
    Index("hand_off_address", "address_key"),
)
# Addresses other than telephone numbers, encrypted as those are.
contact = Table(
    "contact",
    metadata,
    _text("person", key=True),
    _text("kind", key=True),
    _text("address_enc"),
    _text("address_key"),
)

timer = Table(
    "timer",
    metadata,
    _text("id", key=True),
    _moment("due_at"),
    _text("kind"),
    _text("subject"),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("fired_at", Instant),
    Index("timer_due", "due_at"),
)
incident = Table(
    "incident",
    metadata,
    _text("id", key=True),
    _text("name"),
    _text("event"),
    _text("state"),
    _text("level"),
    Column("level_set_at", Instant),
    _text("proposed_level", default=""),
    _text("proposed_reason", default=""),
    _text("proposed_run", default=""),
    _moment("opened_at"),
    Column("closed_at", Instant),
)
case_item = Table(
    "case_item",
    metadata,
    _text("id", key=True),
    Column("incident", Words),
    _text("kind"),
    _text("title"),
    _text("state"),
    _text("territory"),
    Column("place", Words),
    Column("lon", Double),
    Column("lat", Double),
    _text("owner_role"),
    Column("owner", Words),
    Column("department", Words),
    _moment("opened_at"),
    Column("due_at", Instant),
    Column("closed_at", Instant),
    Column("priority", Integer, nullable=False),
    _text("source"),
    Column("reporter", Words),
    Column("plan_step", Words),
    Column("data", JSON, nullable=False),
)
task = Table(
    "task",
    metadata,
    _text("id", key=True),
    _text("case_id"),
    _text("title"),
    _text("instruction"),
    _text("state"),
    Column("assignee", Words),
    _text("role"),
    _text("territory"),
    _moment("opened_at"),
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
    _text("case_id", key=True),
    Column("seq", Integer, primary_key=True),
    Column("task_id", Words),
    _text("type"),
    _moment("at"),
    _text("actor"),
    Column("on_behalf", Words),
    Column("payload", JSON, nullable=False),
)

official_notice = Table(
    "official_notice",
    metadata,
    _text("id", key=True),
    _text("feed"),
    _text("sender"),
    _text("identifier"),
    _moment("sent"),
    _moment("received_at"),
    _text("status"),
    _text("msg_type"),
    _text("scope"),
    Column("verified", Boolean, nullable=False),
    _text("why"),
    _text("issuer"),
    _text("event"),
    _text("code"),
    _text("colour"),
    _text("headline"),
    _text("text"),
    _text("instruction"),
    _text("headline_en"),
    _text("text_en"),
    _text("area"),
    Column("places", JSON, nullable=False),
    Column("here", Boolean, nullable=False),
    Column("onset_at", Instant),
    _moment("expires_at"),
    Column("references", JSON, nullable=False),
    Column("ends", Boolean, nullable=False),
    Column("remarks", JSON, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Index("official_notice_expires", "expires_at"),
)

storm_fix = Table(
    "storm_fix",
    metadata,
    _text("storm", key=True),
    _text("agency", key=True),
    Column("base_at", Instant, primary_key=True),
    Column("valid_at", Instant, primary_key=True),
    Column("recorded_at", Instant, primary_key=True),
    _text("name"),
    _text("name_en"),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("pressure_hpa", Double),
    Column("wind_ms", Double),
    Column("r7", JSON(none_as_null=True)),
    Column("r10", JSON(none_as_null=True)),
    Column("r12", JSON(none_as_null=True)),
    _text("source"),
    Index("storm_fix_base", "base_at"),
)

rain_frame = Table(
    "rain_frame",
    metadata,
    _text("product", key=True),
    Column("base_at", Instant, primary_key=True),
    Column("start_at", Instant, primary_key=True),
    Column("end_at", Instant, primary_key=True),
    Column("recorded_at", Instant, primary_key=True),
    Column("forecast", Boolean, nullable=False),
    _text("path"),
    Column("place", Integer, nullable=False),
    _text("digest"),
    _text("source"),
    Index("rain_frame_path", "path"),
    Index("rain_frame_end", "end_at"),
)

camera_frame = Table(
    "camera_frame",
    metadata,
    _text("camera", key=True),
    Column("taken_at", Instant, primary_key=True),
    _text("path"),
    _text("digest"),
    Column("level_m", Double),
    Column("confidence", Double),
    _text("why"),
)

account = Table(
    "account",
    metadata,
    _text("id", key=True),
    _text("name"),
    _text("name_en"),
    _text("role"),
    _text("territory"),
    Column("department", Words),
    Column("disabled", Boolean, nullable=False),
)
credential = Table(
    "credential",
    metadata,
    _text("token_hash", key=True),
    _text("account"),
    _text("kind"),
    Column("station", Words),
    _moment("created_at"),
    Column("expires_at", Instant),
    Column("used_at", Instant),
)
