"""HTTP for warnings: drafts to decide on, previews, deliveries, one's own messages, CAP feed."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel
from sqlalchemy import Connection, Select, func, select
from starlette.concurrency import run_in_threadpool

from anlan.access import Caller
from anlan.access.desk import (
    Decider,
    Desk,
    DeskHere,
    PeopleReader,
    PhoneUser,
    Viewer,
    optional_caller,
)
from anlan.access.repeats import Key, once
from anlan.access.vault import Vault, masked_name
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn import actions, views
from anlan.warn.records import public_events

router = APIRouter(tags=["warn"])
feed = APIRouter(prefix="/cap", tags=["warn"])
A, D, P = schema.alert, schema.delivery, schema.person
MOST_IN_FEED = 100
ATOM = "http://www.w3.org/2005/Atom"
XML = "application/cap+xml; charset=utf-8"
# a phone shows what was really handed over, not what is still planned
IN_HAND = ("sending", "sent", "unknown", "delivered", "read", "answered")


class Note(BaseModel):
    """A remark that goes with a decision."""

    note: str = ""


class Ending(BaseModel):
    """Why an alert ends; ``mistake`` withdraws it at any time."""

    reason: str
    mistake: bool = False


class Handwritten(BaseModel):
    """An alert in an officer's own words; ``area`` is a territory code."""

    event: str
    colour: str
    area: str
    headline: str
    description: str
    instruction: str = ""
    hours: float = 12


def _named(desk: Desk, view: dict[str, Any]) -> dict[str, Any]:
    for approval in view["approvals"]:
        names = [
            desk.city.accounts[one].name if one in desk.city.accounts else one
            for one in approval["officer"].split("|")
        ]
        approval["officer_name"] = "、".join(names)
    return view


@router.get("/alerts")
def alerts(desk: DeskHere, caller: Viewer, state: str | None = None) -> list[dict[str, Any]]:
    """Alerts, newest first, with approvals so far and deliveries by state."""
    with desk.store.read() as conn:
        found = views.alerts(conn, desk.city, states=(state,) if state else ())
    return [_named(desk, view) for view in found]


@router.post("/alerts")
def write(given: Handwritten, desk: DeskHere, caller: Decider, key: Key = None) -> dict[str, Any]:
    """Draft an alert by hand; it then needs the same approvals as any other."""

    def do(act: Act) -> dict[str, Any]:
        made = given.model_dump()
        colour_name = made.pop("colour")
        return {
            "id": actions.write(
                act, desk.city, colour_name=colour_name, live=desk.clock.real, **made
            )
        }

    return once(desk, caller, key, do)


@router.get("/alerts/{alert_id}")
def alert(alert_id: str, desk: DeskHere, caller: Viewer) -> dict[str, Any]:
    """One alert with its CAP document, its chain and how far it got with each person."""
    with desk.store.read() as conn:
        view = views.alert(conn, desk.city, alert_id)
        view["coverage"] = views.coverage(conn, alert_id)
    return _named(desk, view)


@router.get("/alerts/{alert_id}/audience")
def audience(alert_id: str, desk: DeskHere, caller: PeopleReader) -> dict[str, Any]:
    """Who would get it, by channel and tier, who cannot be reached, and what they would read."""
    with desk.store.read() as conn:
        shown = asdict(actions.preview(conn, desk.city, alert_id))
        vault = Vault.of(desk.store)
        shown["unreachable"] = [
            _person(conn, desk, vault, {"person": person, "reason": reason})
            for person, reason in shown["unreachable"]
        ]
    shown["unreachable_by_reason"] = dict(Counter(one["reason"] for one in shown["unreachable"]))
    return shown


def _person(conn: Connection, desk: Desk, vault: Vault, row: dict[str, Any]) -> dict[str, Any]:
    """``row`` with the territory's name and a masked name in place of the person."""
    found = conn.execute(
        select(P.c.name_enc, P.c.territory, P.c.role).where(P.c.id == row["person"])
    ).first()
    if found is not None:
        row["person_masked"] = masked_name(vault.open(found.name_enc))
        row["role"] = found.role
        row["territory_name"] = desk.city.territory.unit(found.territory).name
    return row


@router.post("/alerts/{alert_id}/approve")
def approve(
    alert_id: str, given: Note, desk: DeskHere, caller: Decider, key: Key = None
) -> dict[str, Any]:
    """Approve a draft; the last approval needed issues it."""
    return once(
        desk,
        caller,
        key,
        lambda act: asdict(actions.approve(act, desk.city, alert_id, given.note)),
    )


@router.post("/alerts/{alert_id}/reject")
def reject(alert_id: str, given: Note, desk: DeskHere, caller: Decider) -> dict[str, Any]:
    """Turn a draft down; it comes back only when the evidence changes."""
    with desk.act(caller) as act:
        actions.reject(act, desk.city, alert_id, given.note)
    return {"alert": alert_id, "state": "rejected"}


@router.post("/alerts/{alert_id}/cancel")
def cancel(alert_id: str, given: Ending, desk: DeskHere, caller: Decider) -> dict[str, Any]:
    """Give the all-clear (条件已解除), or withdraw a mistake; goes to exactly those warned."""
    with desk.act(caller) as act:
        ended_by = actions.cancel(act, desk.city, alert_id, given.reason, mistake=given.mistake)
    return {"alert": ended_by}


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
            _person(conn, desk, vault, {k: v for k, v in row.items() if k != "body"})
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


def _published(desk: Desk, caller: Caller | None) -> Select[Any]:
    """Issued alerts that this reader may have: all for the desk.

    Strangers have those of public kinds that are real; an exercise stays inside, where nobody
    takes it for a warning.
    """
    query = select(A).where(A.c.cap_xml.is_not(None))
    if caller is not None and "view" in caller.rights:
        return query
    return query.where(A.c.status == "Actual", A.c.event.in_(public_events(desk.city)))


MOST_REPORT = 1_000_000  # octets of one push


@router.get("/channels")
def channels(request: Request, here: DeskHere, caller: Viewer) -> list[dict[str, Any]]:
    """The channels that reach beyond this machine: how fast, how they are, and what waits."""
    lines = getattr(request.app.state, "lines", {})
    with here.store.read() as conn:
        rows = conn.execute(
            select(D.c.channel, D.c.state, func.count())
            .where(D.c.channel.in_(list(lines)))
            .group_by(D.c.channel, D.c.state)
        ).all()
    return [
        {
            "name": name,
            "kind": line.kind,
            "title": line.title,
            "per_minute": line.common.per_minute,
            "receipts": line.receipts,
            "problem": line.problem(),
            "deliveries": {state: count for channel, state, count in rows if channel == name},
        }
        for name, line in sorted(lines.items())
    ]


@router.post("/channels/{name}/reports/{token}", include_in_schema=False)
async def take_report(name: str, token: str, request: Request) -> dict[str, object]:
    """What a provider pushes: receipts and answers. The token in the address lets it in.

    Providers sign nothing here. Whoever has not the token hears of no channel.
    """
    line = getattr(request.app.state, "lines", {}).get(name)
    known = "" if line is None else line.report_token
    if line is None or not known or not secrets.compare_digest(known.encode(), token.encode()):
        raise Refusal(
            "no such channel, or not this token (无此通道)", field="token", kind="not_found"
        )
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_REPORT:
            raise Refusal(
                f"a report has more than {MOST_REPORT} octets; push fewer at a time",
                field="body",
                remedy="fewer reports at a time",
            )
    found: dict[str, object] = await run_in_threadpool(line.take_report, bytes(body))
    return found


@feed.get("/alerts.atom")
def atom(
    request: Request,
    desk: DeskHere,
    caller: Annotated[Caller | None, Depends(optional_caller)],
) -> Response:
    """Issued alerts as an Atom feed of CAP documents."""
    ET.register_namespace("", ATOM)
    base = str(request.base_url).rstrip("/")
    root = ET.Element(f"{{{ATOM}}}feed")

    def add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
        child = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
        child.text = text or None
        return child

    with desk.store.read() as conn:
        query = _published(desk, caller).order_by(A.c.sent_at.desc(), A.c.id.desc())
        rows = conn.execute(query.limit(MOST_IN_FEED)).all()
    add(root, "id", f"{base}/cap/alerts.atom")
    add(root, "title", f"{desk.city.name} · 安澜" + (" · 演练 Exercise" if desk.exercise else ""))
    newest = rows[0].sent_at if rows else desk.clock.now()
    add(root, "updated", newest.isoformat())
    add(add(root, "author"), "name", desk.city.name)
    add(root, "link", rel="self", href=f"{base}/cap/alerts.atom")
    for row in rows:
        entry = add(root, "entry")
        add(entry, "id", f"{base}/cap/{row.id}.xml")
        add(entry, "title", row.headline)
        add(entry, "updated", row.sent_at.isoformat())
        add(entry, "summary", row.description)
        add(entry, "link", href=f"{base}/cap/{row.id}.xml", type="application/cap+xml")
    return Response(
        ET.tostring(root, "utf-8", xml_declaration=True), media_type="application/atom+xml"
    )


@feed.get("/{alert_id}.xml")
def cap_document(
    alert_id: str, desk: DeskHere, caller: Annotated[Caller | None, Depends(optional_caller)]
) -> Response:
    """One issued alert as its CAP 1.2 document."""
    with desk.store.read() as conn:
        found = conn.execute(_published(desk, caller).where(A.c.id == alert_id)).first()
    if found is None:
        raise Refusal(
            f"there is no published alert {alert_id}",
            field="alert",
            value=alert_id,
            remedy="an entry of /cap/alerts.atom",
            kind="not_found",
        )
    return Response(found.cap_xml, media_type=XML)
