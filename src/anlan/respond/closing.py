"""Closing an incident: nothing in it may be left without an outcome."""

from __future__ import annotations

from sqlalchemy import select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond import orders, posts
from anlan.respond.incidents import cancel, command_post, must_be_open
from anlan.respond.payload import LONGEST_TEXT, require_words
from anlan.respond.records import C, I, get_incident


def close_incident(
    act: Act, city: City, incident_id: str, reason: str, *, cancel_open: bool = False
) -> list[str]:
    """Close an incident once every case and order in it has an outcome; returns cases cancelled.

    ``cancel_open`` cancels cases and withdraws orders still open, each with its own entry.
    Every post in it is laid down. Raises `Refusal` (conflict) naming the first open ones otherwise.
    """
    command_post(act, "close an incident")
    require_words("reason", reason, LONGEST_TEXT)
    incident = get_incident(act.tx, incident_id)
    must_be_open(incident)
    rows = act.tx.execute(select(C).where(C.c.incident == incident_id).order_by(C.c.id)).all()
    still_open = [row for row in rows if row.state not in cases.ENDED]
    unsettled = orders.open_orders(act.tx, incident_id)
    if (still_open or unsettled) and not cancel_open:
        count = f"{len(still_open)} cases" + (f" and {len(unsettled)} orders" if unsettled else "")
        named = ", ".join(row.id for row in (*still_open, *unsettled)[:5])
        raise Refusal(
            f"incident {incident_id} has {count} without outcome ({named}…); "
            "close or cancel them first, or cancel all that is open with it",
            field="incident",
            value=incident_id,
            remedy="close the cases and orders, or cancel_open",
            kind="conflict",
            zh=f"还有 {len(still_open)} 件事项、{len(unsettled)} 条指令没有结果，"
            "请先办结，或选择一并撤销。",
        )
    for row in still_open:
        cancel(act, row, "incident closed")
    for order in unsettled:
        orders.end(act, order)
    posts.end_all(act, incident_id)
    content: dict[str, object] = {"cancelled": [row.id for row in still_open]}
    if reason.strip():
        content["reason_note"] = keep_note(act, "incident.close", reason)
    act.tx.execute(
        update(I).where(I.c.id == incident_id).values(state="closed", level="", closed_at=act.now)
    )
    act.record("incident.closed", incident_id, content=content)
    return [row.id for row in still_open]
