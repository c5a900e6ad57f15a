"""The decision log for people: journal entries in words, traces, and the check of the chain."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from sqlalchemy import select

from anlan.access.desk import DeskHere, JournalReader
from anlan.journal import anchor, trace
from anlan.store import schema

router = APIRouter(prefix="/journal", tags=["journal"])
J = schema.journal


@router.get("")
def entries(
    desk: DeskHere, caller: JournalReader, before: int | None = None, limit: int = 100
) -> list[dict[str, object]]:
    """Entries, newest first, without the arrival of readings (see /series for those)."""
    query = select(J).where(J.c.kind != "observe.batch").order_by(J.c.seq.desc())
    if before is not None:
        query = query.where(J.c.seq < before)
    with desk.store.read() as conn:
        rows = conn.execute(query.limit(max(1, min(limit, 500)))).all()
    names = {account.id: account.name for account in desk.city.accounts.values()}
    return [
        {
            "seq": row.seq,
            "valid_at": row.valid_at,
            "recorded_at": row.recorded_at,
            "kind": row.kind,
            "subject": row.subject,
            "actor": row.actor,
            "actor_name": names.get(row.actor, "系统"),
            "on_behalf": row.on_behalf,
            "grounds": row.grounds,
        }
        for row in rows
    ]


@router.get("/trace/{subject}")
def traced(subject: str, desk: DeskHere, caller: JournalReader) -> list[dict[str, object]]:
    """From a message, alert, case or task back to the run and the readings behind it."""
    with desk.store.read() as conn:
        return trace(conn, subject)


@router.get("/verify")
def verified(desk: DeskHere, caller: JournalReader) -> dict[str, object]:
    """Whether the chain holds and is what was anchored outside the database; what is wrong."""
    with desk.store.read() as conn:
        return asdict(anchor.check(conn, anchor.anchor_file(desk.store)))
