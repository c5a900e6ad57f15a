"""The states of one delivery and which of them may follow which. Pure.

planned → (queued) → sending → sent → delivered → read → answered; beside them unknown (neither
accepted nor refused is known), failed and suppressed(reason). Late receipts only move forward.
"""

from __future__ import annotations

from enum import StrEnum

from anlan.store import ids


class State(StrEnum):
    """State of one alert version to one person by one channel."""

    PLANNED = "planned"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    ANSWERED = "answered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"


# How far along a message is. A receipt may only raise it.
RANK = {
    State.PLANNED: 0,
    State.QUEUED: 0,
    State.SENDING: 1,
    State.UNKNOWN: 1,
    State.SENT: 2,
    State.DELIVERED: 3,
    State.READ: 4,
    State.ANSWERED: 5,
}
RECEIPTS = (State.SENT, State.DELIVERED, State.READ, State.ANSWERED, State.FAILED)
WAITING = (State.PLANNED, State.QUEUED)
# Somebody may have the message in hand: an all-clear must go to them too.
PERHAPS_TOLD = (
    State.SENDING,
    State.UNKNOWN,
    State.SENT,
    State.DELIVERED,
    State.READ,
    State.ANSWERED,
)
MAX_REPEATS = 2
# Answers by message that acknowledge, and those that say no to what was asked, where the city
# names none
YES = ("1", "y", "yes", "ok", "收到", "已收到", "知道了", "明白", "是")
NO = ("2", "n", "no", "不", "否", "不去", "不来", "不能", "不能来", "来不了", "去不了", "没空")
SAID_NO = "said_no"
"""Why a delivery of a notice is answered: with no."""


def key(alert: str, version: int, person: str, channel: str) -> str:
    """The idempotency key, which is the delivery's id: the same four give the same key."""
    return "D" + ids.digest([alert, version, person, channel])[:20]


def after_receipt(state: State, receipt: State) -> State | None:
    """The state after a receipt, or None when it says nothing new.

    A failure counts only until the message is known to have arrived; a success corrects a
    failure, since the message did arrive. Nothing revives what was never handed over.
    """
    if state in (State.SUPPRESSED, *WAITING):
        return None
    if receipt is State.FAILED:
        return State.FAILED if state in (State.SENDING, State.UNKNOWN, State.SENT) else None
    if state is State.FAILED:
        return receipt if RANK[receipt] > RANK[State.SENT] else None
    return receipt if RANK[receipt] > RANK[state] else None


class Found(StrEnum):
    """What an outlet says about a key that it may or may not have accepted."""

    SENT = "sent"
    ABSENT = "absent"
    CANNOT_TELL = "cannot_tell"


def after_query(found: Found, repeat: int) -> tuple[State, bool]:
    """State of an unknown hand-off after asking the outlet, and whether sending is a repeat.

    Surely absent: planned again, and no repeat, since nothing was sent. Cannot tell: planned
    again as a marked repeat, at most `MAX_REPEATS` times; then it stays unknown for people to see.
    """
    if found is Found.SENT:
        return State.SENT, False
    if found is Found.ABSENT:
        return State.PLANNED, False
    return (State.PLANNED, True) if repeat < MAX_REPEATS else (State.UNKNOWN, False)
