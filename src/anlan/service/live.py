"""The live stream: journal entries as they are written, and the clock.

Entries carry ids only, so the stream names what changed and the page asks for it with its
own rights. `Last-Event-ID` resumes after a broken line.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import APIRouter, Header, Request
from sqlalchemy import select
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from anlan.access import Caller
from anlan.access.desk import Desk, DeskHere, PhoneUser
from anlan.journal import last_seq
from anlan.store import schema

router = APIRouter(tags=["live"])
J = schema.journal
PERIOD = 0.4
MOST_CATCH_UP = 2000
# phone pages hear of what concerns messages, tasks and cases; not of how decisions came about
PHONE_KINDS = ("task.", "case.", "delivery.", "alert.issued", "alert.updated", "alert.cancelled")


def hears(caller: Caller, kind: str) -> bool:
    """True when an entry of this kind may be named to the caller."""
    return "journal" in caller.rights or "view" in caller.rights or kind.startswith(PHONE_KINDS)


def entries_after(desk: Desk, caller: Caller, seq: int) -> tuple[int, list[dict[str, object]]]:
    """The newest number, and the entries after ``seq`` that the caller may hear of."""
    with desk.store.read() as conn:
        rows = conn.execute(
            select(J.c.seq, J.c.kind, J.c.subject, J.c.actor, J.c.recorded_at)
            .where(J.c.seq > seq)
            .order_by(J.c.seq)
            .limit(MOST_CATCH_UP)
        ).all()
    heard = [
        {
            "seq": row.seq,
            "kind": row.kind,
            "subject": row.subject,
            "actor": row.actor,
            "at": row.recorded_at.isoformat(),
        }
        for row in rows
        if hears(caller, row.kind)
    ]
    return (rows[-1].seq if rows else seq), heard


async def stream(
    request: Request,
    desk: Desk,
    caller: Caller,
    after: int | None,
    clock_view: Callable[[], dict[str, object]],
) -> AsyncIterator[ServerSentEvent]:
    """Journal entries after ``after`` (default: from now on), with the clock in between."""

    def newest() -> int:
        with desk.store.read() as conn:
            return last_seq(conn)

    seq = await run_in_threadpool(newest) if after is None else after
    while not await request.is_disconnected():
        head = await run_in_threadpool(newest)
        if head < seq:  # the replay was started again
            seq = 0
            yield ServerSentEvent(event="reload", data="{}")
        seq, entries = await run_in_threadpool(entries_after, desk, caller, seq)
        for entry in entries:
            yield ServerSentEvent(event="journal", id=str(entry["seq"]), data=json.dumps(entry))
        yield ServerSentEvent(event="clock", data=json.dumps(clock_view()))
        await asyncio.sleep(PERIOD)


@router.get("/live")
async def live(
    request: Request,
    desk: DeskHere,
    caller: PhoneUser,
    last_event_id: Annotated[int | None, Header()] = None,
) -> EventSourceResponse:
    """Server-sent events: ``journal``, ``clock``, ``reload``."""
    view = request.app.state.clock_view
    return EventSourceResponse(stream(request, desk, caller, last_event_id, view), ping=15)
