"""HTTP for incidents."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select

from anlan.access.desk import Decider, DeskHere, Viewer
from anlan.respond import actions, views
from anlan.store import schema

router = APIRouter(tags=["respond"])


class NewIncident(BaseModel):
    """An incident opened by hand."""

    name: str
    event: str = ""
    reason: str = ""


class LevelChange(BaseModel):
    """A response level IV–I, or empty to end the response, with the reason."""

    level: str
    reason: str = ""


class Closing(BaseModel):
    """Why an incident ends; ``cancel_open`` cancels the cases still open."""

    reason: str
    cancel_open: bool = False


@router.get("/incidents")
def incidents(desk: DeskHere, caller: Viewer) -> list[dict[str, Any]]:
    """Incidents, newest first, each with its level, the proposed one, and its log."""
    J = schema.journal
    with desk.store.read() as conn:
        found = views.incidents(conn)
        for incident in found:
            rows = conn.execute(
                select(J).where(J.c.subject == incident["id"]).order_by(J.c.seq.desc()).limit(60)
            ).all()
            incident["log"] = [
                {"seq": row.seq, "at": row.recorded_at, "kind": row.kind, "actor": row.actor}
                for row in rows
            ]
    return found


@router.post("/incidents")
def open_incident(new: NewIncident, desk: DeskHere, caller: Decider) -> dict[str, str]:
    """Open an incident by hand; needs no forecast."""
    with desk.act(caller) as act:
        return {"id": actions.open_incident(act, desk.city, new.name, new.event, reason=new.reason)}


@router.post("/incidents/{incident}/level")
def set_level(
    incident: str, change: LevelChange, desk: DeskHere, caller: Decider
) -> dict[str, object]:
    """Set the response level; the plan's steps for it become cases and tasks."""
    with desk.act(caller) as act:
        done = actions.set_level(act, desk.city, incident, change.level, change.reason)
    return {"level": done.level, "opened": done.opened, "withdrawn": done.withdrawn}


@router.post("/incidents/{incident}/close")
def close_incident(
    incident: str, closing: Closing, desk: DeskHere, caller: Decider
) -> dict[str, object]:
    """End an incident whose cases all have an outcome."""
    with desk.act(caller) as act:
        cancelled = actions.close_incident(
            act, desk.city, incident, closing.reason, cancel_open=closing.cancel_open
        )
    return {"cancelled": cancelled}
