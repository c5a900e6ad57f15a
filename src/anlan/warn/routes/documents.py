"""Issued alerts as CAP documents, and the Atom feed of them."""

from __future__ import annotations

from typing import Annotated, Any
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Select, select

from anlan.access import Caller
from anlan.access.desk import Desk, DeskHere, optional_caller
from anlan.refusal import Refusal
from anlan.store import schema
from anlan.warn.records import public_events

router = APIRouter(prefix="/cap")
A = schema.alert
MOST_IN_FEED = 100
ATOM = "http://www.w3.org/2005/Atom"
XML = "application/cap+xml; charset=utf-8"


def _published(desk: Desk, caller: Caller | None) -> Select[Any]:
    """Issued alerts that this reader may have: all for the desk.

    Strangers have those of public kinds that are real; an exercise stays inside, where nobody
    takes it for a warning.
    """
    query = select(A).where(A.c.cap_xml.is_not(None))
    if caller is not None and "view" in caller.rights:
        return query
    return query.where(A.c.status == "Actual", A.c.event.in_(public_events(desk.city)))


@router.get("/alerts.atom")
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


@router.get("/{alert_id}.xml")
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
