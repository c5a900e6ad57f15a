"""Deadlines as rows. Each fires once, oldest first, also those that fell due while down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Executable, bindparam, select, update

from anlan.store import schema
from anlan.store.inserting import insert

T = schema.timer
# built once: deadlines are looked for at every step of the chain
_DUE = (
    select(T)
    .where(T.c.fired_at.is_(None), T.c.due_at <= bindparam("now"))
    .where(T.c.kind >= bindparam("prefix"), T.c.kind < bindparam("past"))
    .order_by(T.c.due_at, T.c.id)
    .limit(bindparam("most"))
)
_CLAIM = (
    update(T)
    .where(T.c.id == bindparam("name"), T.c.fired_at.is_(None))
    .values(fired_at=bindparam("now"))
)


@cache
def _starting(dialect: str) -> Executable:
    return insert(dialect, T).on_conflict_do_nothing()


@dataclass(frozen=True)
class Timer:
    """A deadline: what it is about (``subject``), which ladder step, and when (UTC)."""

    id: str
    due_at: datetime
    kind: str
    subject: str
    step: int


def start(tx: Connection, kind: str, subject: str, due_at: datetime, step: int = 0) -> str:
    """Set the timer ``kind:subject:step``; setting it again changes nothing."""
    name = f"{kind}:{subject}:{step}"
    row = {"id": name, "due_at": due_at, "kind": kind, "subject": subject, "step": step}
    tx.execute(_starting(tx.dialect.name), row)
    return name


def stop(tx: Connection, subject: str, kinds: Sequence[str] = ()) -> None:
    """Take away the unfired timers of ``subject`` (of the given kinds only, if any)."""
    unfired = T.delete().where(T.c.subject == subject, T.c.fired_at.is_(None))
    tx.execute(unfired.where(T.c.kind.in_(kinds)) if kinds else unfired)


def claim_due(tx: Connection, now: datetime, prefix: str, most: int = 500) -> list[Timer]:
    """Claim the timers due by ``now`` whose kind starts with ``prefix``, oldest first.

    A claim is a conditional UPDATE: of two claimants one gets the row, on any engine.
    """
    given = {"now": now, "prefix": prefix, "past": prefix + "\uffff", "most": most}
    claimed = []
    for row in tx.execute(_DUE, given).all():
        won = tx.execute(_CLAIM, {"name": row.id, "now": now})
        if won.rowcount == 1:
            claimed.append(Timer(row.id, row.due_at, row.kind, row.subject, row.step))
    return claimed
