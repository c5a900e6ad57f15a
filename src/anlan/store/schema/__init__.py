"""Every table of the store, a file for each part of the chain.

One definition serves SQLite and PostgreSQL; migrations are written from it.
"""

from anlan.store.schema.accounts import account, credential
from anlan.store.schema.alerts import (
    alert,
    approval,
    contact,
    delivery,
    hand_off,
    person,
    rule_state,
)
from anlan.store.schema.columns import (
    EPOCH,
    MILLISECOND,
    BigKey,
    Instant,
    Words,
    metadata,
    milliseconds,
)
from anlan.store.schema.readings import (
    camera_frame,
    depth_report,
    kept_aggregate,
    observation,
    official_notice,
    quarantine,
    rain_frame,
    sensorthings_entity,
    sensorthings_observation,
    storm_fix,
)
from anlan.store.schema.records import attachment, counter, journal, meta, note, timer
from anlan.store.schema.response import case_item, history, incident, task
from anlan.store.schema.runs import assessment, run

__all__ = [
    "EPOCH",
    "MILLISECOND",
    "BigKey",
    "Instant",
    "Words",
    "account",
    "alert",
    "approval",
    "assessment",
    "attachment",
    "camera_frame",
    "case_item",
    "contact",
    "counter",
    "credential",
    "delivery",
    "depth_report",
    "hand_off",
    "history",
    "incident",
    "journal",
    "kept_aggregate",
    "meta",
    "metadata",
    "milliseconds",
    "note",
    "observation",
    "official_notice",
    "person",
    "quarantine",
    "rain_frame",
    "rule_state",
    "run",
    "sensorthings_entity",
    "sensorthings_observation",
    "storm_fix",
    "task",
    "timer",
]
