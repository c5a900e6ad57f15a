"""Whether what was expected has come about by now: asked of the store, nothing remembered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from anlan.drill.script import Expect
from anlan.respond import case as cases
from anlan.respond.plan import COLOURS, rank
from anlan.respond.posts import holders
from anlan.respond.records import C, I, T
from anlan.store import schema

GOT_THERE = {
    "acknowledged": ("acknowledged", "en_route", "on_site", "done"),
    "on_site": ("on_site", "done"),
    "done": ("done",),
}
"""State that a task has to reach -> states in which it has."""


def holds(conn: Connection, each: Expect, since: datetime, case: str | None) -> bool:
    """Whether ``each`` holds now.

    Args:
        since: when its inject came, UTC; orders, alerts and hand-overs count from then.
        case: the case that the inject's own report opened, if any.
    """
    if each.what == "level":
        found = conn.execute(select(I.c.level).where(I.c.state == "open")).scalars()
        return any(rank(level) >= rank(each.level or "") for level in found)
    if each.what in ("alert", "all_clear"):
        return _alert(conn, each, since)
    if each.what == "order":
        O = schema.command_order  # noqa: E741
        states = {
            "given": ("given", "acknowledged", "done"),
            "acknowledged": ("acknowledged", "done"),
        }
        wanted = states.get(each.reaches or "", ("done",))
        given = (O.c.kind == "order", O.c.entered_at >= since, O.c.state.in_(wanted))
        return conn.execute(select(O.c.id).where(*given).limit(1)).first() is not None
    if each.what == "post":
        open_ = conn.execute(select(I.c.id).where(I.c.state == "open")).scalars()
        return any(each.post in holders(conn, incident) for incident in open_)
    if each.what == "handover":
        X = schema.handover
        wanted = ("signed", "acknowledged") if each.reaches == "signed" else ("acknowledged",)
        signed = (X.c.signed_at >= since, X.c.state.in_(wanted))
        return conn.execute(select(X.c.id).where(*signed).limit(1)).first() is not None
    if each.what == "report":
        return case is not None and _reached(conn, case, each.reaches or "done")
    own = conn.execute(
        select(C.c.id).where(C.c.plan_step == each.step, C.c.state != "cancelled")
    ).scalars()
    return _share([_reached(conn, one, each.reaches or "done") for one in own], each.share)


def _alert(conn: Connection, each: Expect, since: datetime) -> bool:
    A = schema.alert
    rows = conn.execute(
        select(A.c.colour, A.c.msg_type).where(
            A.c.event == each.event,
            A.c.official.is_(False),
            A.c.sent_at.is_not(None),
            A.c.sent_at >= since,
        )
    ).all()
    if each.what == "all_clear":
        return any(row.msg_type == "Cancel" for row in rows)
    wanted = COLOURS.index(each.colour or "blue")
    return any(
        row.msg_type != "Cancel" and row.colour in COLOURS and COLOURS.index(row.colour) >= wanted
        for row in rows
    )


def _reached(conn: Connection, case: str, state: str) -> bool:
    if state == "verified":
        found = conn.execute(select(C.c.state).where(C.c.id == case)).scalar_one()
        return found in ("verified", "closed")
    work = list(conn.execute(select(T.c.state).where(T.c.case_id == case)).scalars())
    live = [each for each in work if each != "expired"]
    if not live:
        settled = conn.execute(select(C.c.state).where(C.c.id == case)).scalar_one()
        return settled in cases.SETTLED and settled != "cancelled"
    return all(each in GOT_THERE[state] for each in live)


def _share(reached: Iterable[bool], share: float) -> bool:
    found = list(reached)
    return bool(found) and sum(found) >= share * len(found)
