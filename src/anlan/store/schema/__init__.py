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
from anlan.store.schema.command import command_order, drill_answer, handover, post_holding
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
from anlan.store.schema.volunteers import (
    hours_correction,
    invitation,
    learning_item,
    learning_read,
    notice,
    volunteer,
    volunteer_asked,
    volunteer_call,
    volunteer_claim,
    volunteer_skill,
    volunteer_work,
)

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
    "command_order",
    "contact",
    "counter",
    "credential",
    "delivery",
    "depth_report",
    "drill_answer",
    "hand_off",
    "handover",
    "history",
    "hours_correction",
    "incident",
    "invitation",
    "journal",
    "kept_aggregate",
    "learning_item",
    "learning_read",
    "meta",
    "metadata",
    "milliseconds",
    "note",
    "notice",
    "observation",
    "official_notice",
    "person",
    "post_holding",
    "quarantine",
    "rain_frame",
    "rule_state",
    "run",
    "sensorthings_entity",
    "sensorthings_observation",
    "storm_fix",
    "task",
    "timer",
    "volunteer",
    "volunteer_asked",
    "volunteer_call",
    "volunteer_claim",
    "volunteer_skill",
    "volunteer_work",
]
