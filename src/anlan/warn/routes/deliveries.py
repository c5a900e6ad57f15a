"""How far an alert's messages came, and one's own messages with their acknowledgement."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection, select

from anlan.access import Caller
from anlan.access.desk import DeskHere, PeopleReader, PhoneUser
from anlan.access.repeats import Key, once
from anlan.access.vault import Vault
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn import actions, views
from anlan.warn.routes.people import masked

router = APIRouter()
A, D, P = schema.alert, schema.delivery, schema.person
# a phone shows what was really handed over, not what is still planned
IN_HAND = ("sending", "sent", "unknown", "delivered", "read", "answered")


@router.get("/deliveries")
def deliveries(
    desk: DeskHere,
    caller: PeopleReader,
    alert: str = "",
    state: str | None = None,
    most: int = 200,
) -> list[dict[str, Any]]:
    """Deliveries of an alert, persons masked; the texts themselves are not shown here."""
    with desk.store.read() as conn:
        found = views.deliveries(conn, alert, state=state or "", most=max(1, min(most, 500)))
        vault = Vault.of(desk.store)
        return [
            masked(conn, desk, vault, {k: v for k, v in row.items() if k != "body"})
            for row in found
        ]


def _self(conn: Connection, caller: Caller) -> list[str]:
    return list(conn.execute(select(P.c.id).where(P.c.account == caller.id)).scalars())


@router.get("/me/messages")
def my_messages(desk: DeskHere, caller: PhoneUser) -> list[dict[str, Any]]:
    """What was sent to the caller, newest first, each once however many channels carried it."""
    with desk.store.read() as conn:
        rows = conn.execute(
            select(D, A.c.event_name, A.c.colour, A.c.msg_type, A.c.official)
            .join(A, A.c.id == D.c.alert)
            .where(D.c.person.in_(_self(conn, caller)), D.c.state.in_(IN_HAND))
            .order_by(D.c.planned_at.desc(), D.c.id)
            .limit(200)
        ).all()
    best: dict[str, Any] = {}
    for row in rows:
        kept = best.get(row.alert)
        if kept is None or (row.answered_at and not kept.answered_at):
            best[row.alert] = row
    return [
        {
            "delivery": row.id,
            "alert": row.alert,
            "event_name": row.event_name,
            "colour": row.colour,
            "msg_type": row.msg_type,
            "official": row.official,
            "body": row.body,
            "channel": row.channel,
            "state": row.state,
            "sent_at": row.sent_at,
            "answered_at": row.answered_at,
        }
        for row in best.values()
    ]


@router.post("/deliveries/{delivery_id}/acknowledge")
def acknowledge(
    delivery_id: str, desk: DeskHere, caller: PhoneUser, key: Key = None
) -> dict[str, Any]:
    """收到: the caller has read it and answers for it. Own messages only."""

    def do(act: Act) -> dict[str, Any]:
        owner = act.tx.execute(select(D.c.person).where(D.c.id == delivery_id)).scalar_one_or_none()
        if owner is None or owner not in _self(act.tx, caller):
            raise Refusal(
                f"message {delivery_id} is not one of yours",
                field="delivery",
                value=delivery_id,
                remedy="a message of /api/v1/me/messages",
                kind="not_found",
            )
        return {"state": actions.acknowledge(act, delivery_id)}

    return once(desk, caller, key, do)
