"""The live stream: journal entries as they are written, and the clock.

Entries carry ids only, so the stream names what changed and the page asks for it with its
own rights. `Last-Event-ID` resumes after a broken line.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Request
from sqlalchemy import Connection, and_, or_, select
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from anlan.access import CITY_WIDE, Caller
from anlan.access.desk import Desk, DeskHere, PhoneUser, still_there
from anlan.journal import last_seq
from anlan.respond.firms.dossier import firm_of
from anlan.respond.joint import PARTNER
from anlan.store import schema

router = APIRouter(tags=["live"])
J, T, C = schema.journal, schema.task, schema.case_item
D, P = schema.delivery, schema.person
F, R = schema.firm_case, schema.joint_root
O = schema.command_order  # noqa: E741
X = schema.order_told.c
PERIOD = 0.4
MOST_CATCH_UP = 2000
ASK_AGAIN = timedelta(seconds=10)
"""After how long a stream asks whether its listener is still signed in."""
# what is about one case or one person: told of where it lies, or to whom it belongs
SOMEBODYS = frozenset({"case", "task", "delivery", "person", "personal", "photo", "access"})


@dataclass(frozen=True)
class Change:
    """A journal entry as far as the stream tells of it: what happened, to which thing."""

    seq: int
    kind: str
    subject: str


def own(conn: Connection, desk: Desk, caller: Caller, changes: Sequence[Change]) -> set[str]:
    """The subjects of ``changes`` that concern the caller.

    These are tasks given to the caller or open for the caller's role to claim, cases the caller
    reported or owns, cases about the caller's firm or joined by the caller's city, messages and
    orders to the caller.
    """
    named: dict[str, set[str]] = {"task": set(), "case": set(), "delivery": set(), "order": set()}
    for change in changes:
        group = change.kind.partition(".")[0]
        # what happens in a remote check is told under its case
        group = "case" if group == "check" else group
        if group in named:
            named[group].add(change.subject)
    # of a task the journal names the task or, for what it did to its case, the case
    things = named["task"] | named["case"]
    tasks = conn.execute(
        select(T.c.id, T.c.territory, T.c.assignee)
        .where(T.c.id.in_(things))
        .where(
            or_(
                T.c.assignee == caller.id,
                and_(T.c.state == "offered", T.c.assignee.is_(None), T.c.role == caller.role),
            )
        )
    ).all()
    cases = conn.execute(
        select(C.c.id)
        .where(C.c.id.in_(things))
        .where(or_(C.c.reporter == caller.id, C.c.owner == caller.id))
    ).scalars()
    messages = conn.execute(
        select(D.c.id)
        .join(P, P.c.id == D.c.person)
        .where(D.c.id.in_(named["delivery"]), P.c.account == caller.id)
    ).scalars()
    orders = conn.execute(
        select(O.c.id)
        .where(O.c.id.in_(named["order"]))
        .where(
            or_(
                O.c.given_to == caller.id,
                O.c.id.in_(select(X.order_id).where(X.account == caller.id)),
            )
        )
    ).scalars()
    mine = {
        task.id
        for task in tasks
        if task.assignee == caller.id or caller.sees(desk.city, task.territory)
    }
    return mine | set(cases) | set(messages) | set(orders) | _shared(conn, desk, caller, things)


def _shared(conn: Connection, desk: Desk, caller: Caller, things: set[str]) -> set[str]:
    """Of ``things`` the cases about the caller's firm, and those that the caller's city joined."""
    found: set[str] = set()
    firm = firm_of(desk.city, caller.id)
    if firm is not None:
        about = select(F.c.case_id).where(F.c.case_id.in_(things), F.c.firm == firm.id)
        found |= set(conn.execute(about).scalars())
    if caller.role == PARTNER:
        joined = select(R.c.case_id).where(R.c.case_id.in_(things), R.c.root == caller.territory)
        found |= set(conn.execute(joined).scalars())
    return found


def near(conn: Connection, desk: Desk, caller: Caller, changes: Sequence[Change]) -> set[str]:
    """The cases and tasks of ``changes`` that lie in the caller's part of the city."""
    things = {one.subject for one in changes if one.kind.partition(".")[0] in ("case", "task")}
    found = [
        *conn.execute(select(C.c.id, C.c.territory).where(C.c.id.in_(things))),
        *conn.execute(select(T.c.id, T.c.territory).where(T.c.id.in_(things))),
    ]
    return {row.id for row in found if caller.sees(desk.city, row.territory)}


def entries_after(desk: Desk, caller: Caller, seq: int) -> tuple[int, list[dict[str, object]]]:
    """The newest number, and the entries after ``seq`` that the caller may hear of.

    The city's desk hears of all of them. A desk of a part of it hears of cases and tasks there, and
    of what changes the picture, without ids; without the right "view" a caller hears of own things
    alone, by ``seq`` and ``kind``: the page then asks for what it may see.
    """
    with desk.store.read() as conn:
        rows = conn.execute(
            select(J.c.seq, J.c.kind, J.c.subject, J.c.actor, J.c.recorded_at)
            .where(J.c.seq > seq)
            .order_by(J.c.seq)
            .limit(MOST_CATCH_UP)
        ).all()
        newest = rows[-1].seq if rows else seq
        views = "view" in caller.rights
        if not rows or (views and caller.role in CITY_WIDE):
            return newest, [
                {
                    "seq": row.seq,
                    "kind": row.kind,
                    "subject": row.subject,
                    "actor": row.actor,
                    "at": row.recorded_at.isoformat(),
                }
                for row in rows
            ]
        changes = [Change(row.seq, row.kind, row.subject) for row in rows]
        mine = own(conn, desk, caller, changes)
        if views:
            mine |= near(conn, desk, caller, changes)
    return newest, [
        {"seq": change.seq, "kind": change.kind}
        for change in changes
        if change.subject in mine or (views and change.kind.partition(".")[0] not in SOMEBODYS)
    ]


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
    asked = desk.wall.now()
    while not await request.is_disconnected():
        if desk.wall.now() - asked >= ASK_AGAIN:
            known, asked = await run_in_threadpool(still_there, request, caller), desk.wall.now()
            if known is None or "phone" not in known.rights:
                yield ServerSentEvent(event="signed-out", data="{}")
                return
            caller = known
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
    """Server-sent events: ``journal``, ``clock``, ``reload``; ``signed-out`` ends the stream."""
    view = request.app.state.clock_view
    return EventSourceResponse(stream(request, desk, caller, last_event_id, view), ping=15)
