"""Drafts to decide on, and the preview of what an approval would send."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from anlan.access import CITY_WIDE, Caller
from anlan.access.desk import Decider, Desk, DeskHere, PeopleReader, Viewer
from anlan.access.repeats import Key, once
from anlan.access.vault import Vault
from anlan.journal import Act
from anlan.warn import actions, views
from anlan.warn.handwritten import MOST_SIGNS
from anlan.warn.officers import officers_of
from anlan.warn.records import unknown
from anlan.warn.routes.people import masked

router = APIRouter()


class Note(BaseModel):
    """A remark that goes with a decision."""

    note: str = Field("", max_length=MOST_SIGNS)


class Approving(Note):
    """``seen``: the ``polygon_key`` of the area that the officer saw; null where it is not said."""

    seen: str | None = Field(None, max_length=64)


class Area(BaseModel):
    """``polygon``: GeoJSON Polygon or MultiPolygon, lon, lat; null: the whole area."""

    polygon: dict[str, Any] | None


class Ending(BaseModel):
    """Why an alert ends; ``mistake`` withdraws it at any time."""

    reason: str = Field(max_length=MOST_SIGNS)
    mistake: bool = False


class Handwritten(BaseModel):
    """An alert in an officer's own words; ``area`` is a territory code, ``polygon`` GeoJSON."""

    event: str
    colour: str
    area: str
    headline: str
    description: str
    instruction: str = ""
    hours: float = 12
    polygon: dict[str, Any] | None = None
    headline_en: str = ""
    description_en: str = ""


def _named(desk: Desk, view: dict[str, Any]) -> dict[str, Any]:
    for approval in view["approvals"]:
        names = [
            desk.city.accounts[one].name if one in desk.city.accounts else one
            for one in officers_of(approval["officer"])
        ]
        approval["officer_name"] = "、".join(names)
    return view


@router.get("/alerts")
def alerts(desk: DeskHere, caller: Viewer, state: str | None = None) -> list[dict[str, Any]]:
    """Alerts, newest first, with approvals so far and deliveries by state.

    What is not issued yet, or never was, is for the command post and its departments alone.
    """
    with desk.store.read() as conn:
        found = views.alerts(conn, desk.city, states=(state,) if state else ())
    return [_named(desk, view) for view in found if _may_see(caller, view)]


def _may_see(caller: Caller, view: dict[str, Any]) -> bool:
    return bool(view["sent_at"]) or "people" in caller.rights or caller.role in CITY_WIDE


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
        if not _may_see(caller, view):
            raise unknown(alert_id)
        view["coverage"] = views.coverage(conn, alert_id)
    return _named(desk, view)


@router.get("/alerts/{alert_id}/audience")
def audience(alert_id: str, desk: DeskHere, caller: PeopleReader) -> dict[str, Any]:
    """Who would get it, by channel and tier, who cannot be reached, and what they would read."""
    with desk.store.read() as conn:
        shown = asdict(actions.preview(conn, desk.city, alert_id))
        vault = Vault.of(desk.store)
        shown["unreachable"] = [
            masked(conn, desk, vault, {"person": person, "reason": reason})
            for person, reason in shown["unreachable"]
        ]
    shown["unreachable_by_reason"] = dict(Counter(one["reason"] for one in shown["unreachable"]))
    return shown


@router.post("/alerts/{alert_id}/polygon")
def polygon(alert_id: str, given: Area, desk: DeskHere, caller: Decider) -> dict[str, Any]:
    """Tell only those within a drawn area, and who answers for its units; approvals are void."""
    with desk.act(caller) as act:
        return actions.narrow(act, desk.city, alert_id, given.polygon)


@router.post("/alerts/{alert_id}/approve")
def approve(
    alert_id: str, given: Approving, desk: DeskHere, caller: Decider, key: Key = None
) -> dict[str, Any]:
    """Approve a draft; the last approval needed issues it."""
    return once(
        desk,
        caller,
        key,
        lambda act: asdict(
            actions.approve(act, desk.city, alert_id, given.note, caller.let_in_by, given.seen)
        ),
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
