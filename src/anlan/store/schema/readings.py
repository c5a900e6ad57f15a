"""Readings and what came in beside them."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Index, Integer, LargeBinary, Table

from anlan.store.schema.columns import BigKey, Instant, Words, metadata, moment, text

observation = Table(
    "observation",
    metadata,
    text("series", key=True),
    Column("valid_at", Instant, primary_key=True),
    Column("recorded_at", Instant, primary_key=True),
    Column("start_at", Instant),
    Column("value", Double),
    text("flag"),
    text("source"),
    sqlite_with_rowid=False,
)

#: Entities that somebody made through SensorThings; those of the city folder are not kept.
sensorthings_entity = Table(
    "sensorthings_entity",
    metadata,
    text("kind", key=True),
    text("id", key=True),
    Column("number", BigInteger, nullable=False),
    Column("properties", JSON, nullable=False),
    Column("links", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    moment("changed_at"),
    Column("withdrawn_at", Instant),
)

#: What SensorThings says of an observation beside its reading.
sensorthings_observation = Table(
    "sensorthings_observation",
    metadata,
    text("series", key=True),
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
    text("series", key=True),
    Column("end_at", Instant, primary_key=True),
    text("step", key=True),
    moment("start_at"),
    Column("sum", Double),
    Column("low", Double),
    Column("high", Double),
    Column("mean", Double),
    Column("count", Integer, nullable=False),
    Column("aside", Integer, nullable=False),
    Column("availability", Double, nullable=False),
    moment("known_at"),
    moment("kept_at"),
    sqlite_with_rowid=False,
)

#: What people report of the water; who did stands in the journal under the report's id.
depth_report = Table(
    "depth_report",
    metadata,
    text("id", key=True),
    moment("seen_at"),
    moment("recorded_at"),
    text("depth_class"),
    text("role"),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("accuracy_m", Double, nullable=False),
    text("territory"),
    Column("place", Words),
    Column("photos", JSON, nullable=False),
    Column("case_id", Words),
    Index("depth_report_seen", "seen_at"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    moment("received_at"),
    text("source"),
    text("raw"),
    text("error"),
)

official_notice = Table(
    "official_notice",
    metadata,
    text("id", key=True),
    text("feed"),
    text("sender"),
    text("identifier"),
    moment("sent"),
    moment("received_at"),
    text("status"),
    text("msg_type"),
    text("scope"),
    Column("verified", Boolean, nullable=False),
    text("why"),
    text("issuer"),
    text("event"),
    text("code"),
    text("colour"),
    text("headline"),
    text("text"),
    text("instruction"),
    text("headline_en"),
    text("text_en"),
    text("area"),
    Column("places", JSON, nullable=False),
    Column("here", Boolean, nullable=False),
    Column("onset_at", Instant),
    moment("expires_at"),
    Column("references", JSON, nullable=False),
    Column("ends", Boolean, nullable=False),
    Column("remarks", JSON, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Index("official_notice_expires", "expires_at"),
)

storm_fix = Table(
    "storm_fix",
    metadata,
    text("storm", key=True),
    text("agency", key=True),
    Column("base_at", Instant, primary_key=True),
    Column("valid_at", Instant, primary_key=True),
    Column("recorded_at", Instant, primary_key=True),
    text("name"),
    text("name_en"),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("pressure_hpa", Double),
    Column("wind_ms", Double),
    Column("r7", JSON(none_as_null=True)),
    Column("r10", JSON(none_as_null=True)),
    Column("r12", JSON(none_as_null=True)),
    text("source"),
    Index("storm_fix_base", "base_at"),
)

rain_frame = Table(
    "rain_frame",
    metadata,
    text("product", key=True),
    Column("base_at", Instant, primary_key=True),
    Column("start_at", Instant, primary_key=True),
    Column("end_at", Instant, primary_key=True),
    Column("recorded_at", Instant, primary_key=True),
    Column("forecast", Boolean, nullable=False),
    text("path"),
    Column("place", Integer, nullable=False),
    text("digest"),
    text("source"),
    Index("rain_frame_path", "path"),
    Index("rain_frame_end", "end_at"),
)

camera_frame = Table(
    "camera_frame",
    metadata,
    text("camera", key=True),
    Column("taken_at", Instant, primary_key=True),
    text("path"),
    text("digest"),
    Column("level_m", Double),
    Column("confidence", Double),
    text("why"),
)
