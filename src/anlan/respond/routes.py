"""HTTP for incidents, cases, tasks and the photos that prove them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, select

from anlan.access import CITY_WIDE, Caller
from anlan.access.desk import Decider, Desk, DeskHere, PhoneUser, Viewer
from anlan.access.photos import keep_photo
from anlan.access.repeats import Key, once
from anlan.journal import Act
from anlan.observe import people
from anlan.refusal import Refusal
from anlan.respond import actions, views
from anlan.store import schema

router = APIRouter(tags=["respond"])
MOST_PHOTO_BYTES = 12_000_000
FIELD_ROLES = ("resident", "firm", "volunteer")
# kinds of case that somebody in the field may open; the others come from the plan or the desk
OPEN_TO_ALL = ("resident_report",)


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


class NewCase(BaseModel):
    """A case as reported; give ``place``, ``territory``, or ``lon`` and ``lat`` (degrees).

    With a ``depth_class`` it is a depth report too: ``accuracy_m`` of the position, ``age_s`` since
    it was seen.
    """

    kind: str = "resident_report"
    title: str = ""
    text: str = ""
    place: str | None = None
    territory: str = ""
    lon: float | None = None
    lat: float | None = None
    depth_class: str | None = None
    accuracy_m: float | None = None
    age_s: float = Field(0.0, ge=0.0, le=1e7)
    photos: list[str] = []


class Command(BaseModel):
    """What goes with a command: reason, text, photos, assignee, owner, into…"""

    model_config = ConfigDict(extra="allow")


def _names(desk: Desk) -> Mapping[str, str]:
    return {account.id: account.name for account in desk.city.accounts.values()}


def _dressed(desk: Desk, view: dict[str, Any]) -> dict[str, Any]:
    """``view`` with the names that people read: territory, town, place, persons."""
    unit = desk.city.territory.unit(view["territory"])
    names = _names(desk)
    place = desk.city.places.get(view.get("place") or "")
    view["territory_name"] = unit.name
    view["town_name"] = next(
        (u.name for u in [unit, *desk.city.territory.ancestors(unit.code)] if u.level == "town"), ""
    )
    view["place_name"] = place.name if place else None
    for key in ("assignee", "owner", "reporter"):
        if view.get(key):
            view[f"{key}_name"] = names.get(view[key], view[key])
    return view


def _within(desk: Desk, caller: Caller) -> list[str] | None:
    """Codes of the caller's part of the city; None for the whole of it."""
    if caller.role in CITY_WIDE:
        return None
    known = desk.city.territory
    return [u.code for u in known.units() if known.is_within(u.code, caller.territory)]


def _may_see_case(desk: Desk, caller: Caller, conn: Connection, view: Mapping[str, Any]) -> bool:
    if view["reporter"] == caller.id or view["owner"] == caller.id:
        return True
    if any(task["assignee"] == caller.id for task in view["tasks"]):
        return True
    return caller.role not in FIELD_ROLES and caller.sees(desk.city, view["territory"])


def _with_buttons(act: Act, desk: Desk, tasks: list[dict[str, Any]]) -> None:
    """Put the commands that the actor may give beside each task."""
    allowed = views.buttons_of_tasks(act, desk.city, [task["id"] for task in tasks])
    for task in tasks:
        task["allowed"] = allowed.get(task["id"], [])


def _may_see_photo(desk: Desk, caller: Caller, conn: Connection, digest: str) -> bool:
    """Whether the caller sees the whole city, took the photo, or may see a case naming it."""
    if "view" in caller.rights and caller.role in CITY_WIDE:
        return True
    J = schema.journal
    taken = select(J.c.seq).where(
        J.c.subject == digest, J.c.kind == "photo.kept", J.c.actor == caller.id
    )
    if conn.execute(taken.limit(1)).first() is not None:
        return True
    if "view" in caller.rights and any(
        caller.sees(desk.city, code) for code in people.territories_with_photo(conn, digest)
    ):
        return True
    return any(
        _may_see_case(desk, caller, conn, views.case(conn, case_id))
        for case_id in views.cases_with_photo(conn, digest)
    )


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


@router.get("/cases")
def cases(
    desk: DeskHere, caller: PhoneUser, state: str | None = None, mine: bool = False
) -> list[dict[str, Any]]:
    """Cases in the caller's part of the city; ``mine``: those the caller reported."""
    own = mine or caller.role in FIELD_ROLES
    with desk.store.read() as conn:
        found = views.cases(
            conn,
            reporter=caller.id if own else None,
            territory=None if own else _within(desk, caller),
            states=[state] if state else None,
        )
    return [_dressed(desk, view) for view in found]


@router.get("/cases/{case_id}")
def case(case_id: str, desk: DeskHere, caller: PhoneUser) -> dict[str, Any]:
    """One case with tasks, history and the commands that the caller may give now."""
    with desk.store.read() as conn:
        view = views.case(conn, case_id)
        if not _may_see_case(desk, caller, conn, view):
            # a foreign case is not even confirmed to exist
            raise Refusal(
                f"there is no case {case_id} in your part of the city",
                field="case",
                value=case_id,
                remedy="a case of /api/v1/cases",
                kind="not_found",
            )
        act = Act(conn, desk.clock.now(), caller.id)
        view["allowed"] = views.case_buttons(act, desk.city, case_id)
        _with_buttons(act, desk, view["tasks"])
    names = _names(desk)
    for task in view["tasks"]:
        _dressed(desk, task)
    for happening in view["history"]:
        happening["actor_name"] = names.get(happening["actor"], "系统")
    return _dressed(desk, view)


@router.post("/cases")
def open_case(
    new: NewCase, desk: DeskHere, caller: PhoneUser, key: Key = None
) -> dict[str, object]:
    """Report something. Sent twice with one Idempotency-Key it opens one case."""
    if new.kind not in OPEN_TO_ALL:
        caller.require("command")
    depth = people.CLASSES.get(new.depth_class or "")
    told = "；".join(part for part in (depth.words if depth else "", new.text) if part)

    def do(act: Act) -> dict[str, object]:
        case_id = actions.open_case(
            act,
            desk.city,
            new.kind,
            new.title if "command" in caller.rights else "",
            territory=new.territory,
            lon=new.lon,
            lat=new.lat,
            place=new.place,
            text=told,
            photos=new.photos,
            source="phone" if "view" not in caller.rights else "desk",
            reporter=caller.id,
        )
        if new.depth_class is not None:
            people.record(
                act,
                desk.city,
                caller.role,
                new.depth_class,
                people.Where(new.place, new.territory, new.lon, new.lat, new.accuracy_m),
                age=timedelta(seconds=new.age_s),
                photos=new.photos,
                case=case_id,
            )
        return {"id": case_id}

    return once(desk, caller, key, do)


@router.post("/cases/{case_id}/{command}")
def command_case(
    case_id: str, command: str, given: Command, desk: DeskHere, caller: PhoneUser, key: Key = None
) -> dict[str, object]:
    """Give a case a command (see ``allowed``); who may do what is decided by the case itself."""

    def do(act: Act) -> dict[str, object]:
        state = actions.case_command(act, desk.city, case_id, command, given.model_extra or {})
        return {"state": state}

    return once(desk, caller, key, do)


@router.get("/tasks")
def tasks(
    desk: DeskHere, caller: PhoneUser, mine: bool = False, state: str | None = None
) -> list[dict[str, Any]]:
    """Tasks by urgency; ``mine``: given to the caller, or open for the caller to claim."""
    field = mine or "view" not in caller.rights
    with desk.store.read() as conn:
        found = views.tasks(
            conn,
            territory=_within(desk, caller),
            states=[state] if state else None,
        )
        if field:
            own = views.tasks(conn, assignee=caller.id, states=[state] if state else None)
            offered = [
                task
                for task in found
                if task["state"] == "offered"
                and task["assignee"] is None
                and task["role"] == caller.role
            ]
            listed = {task["id"] for task in own}
            found = own + [task for task in offered if task["id"] not in listed]
        act = Act(conn, desk.clock.now(), caller.id)
        _with_buttons(act, desk, found)
    return [_dressed(desk, task) for task in found]


@router.post("/tasks/{task_id}/{command}")
def command_task(
    task_id: str, command: str, given: Command, desk: DeskHere, caller: PhoneUser, key: Key = None
) -> dict[str, object]:
    """Give a task a command (see ``allowed``)."""

    def do(act: Act) -> dict[str, object]:
        state = actions.task_command(act, desk.city, task_id, command, given.model_extra or {})
        return {"state": state}

    return once(desk, caller, key, do)


@router.get("/notices")
def notices(desk: DeskHere, caller: PhoneUser) -> list[dict[str, Any]]:
    """Escalations that the caller was told of, or was passed over in."""
    with desk.store.read() as conn:
        return views.notices(conn, caller.id)


@router.post("/attachments")
async def upload(file: UploadFile, desk: DeskHere, caller: PhoneUser) -> dict[str, str]:
    """A photo; it is re-encoded, its place and device data are dropped. Answers its digest."""
    raw = await file.read(MOST_PHOTO_BYTES + 1)
    if len(raw) > MOST_PHOTO_BYTES:
        raise Refusal(
            f"photo {file.filename} is larger than {MOST_PHOTO_BYTES // 1_000_000} MB; "
            "take it at a smaller size",
            field="file",
            value=file.filename,
            remedy=f"at most {MOST_PHOTO_BYTES // 1_000_000} MB",
        )
    with desk.act(caller) as act:
        return {"digest": keep_photo(act, raw, file.filename or "photo")}


@router.get("/attachments/{digest}")
def attachment(digest: str, desk: DeskHere, caller: PhoneUser) -> Response:
    """A photo by its digest, for who took it and for those who may see a case naming it."""
    A = schema.attachment
    with desk.store.read() as conn:
        row = conn.execute(select(A).where(A.c.digest == digest)).first()
        # a foreign photo is not even confirmed to exist
        seen = row is not None and _may_see_photo(desk, caller, conn, digest)
    if row is None or not seen:
        raise Refusal(
            f"there is no photo {digest[:12]}",
            field="digest",
            value=digest,
            remedy="a digest named by a case",
            kind="not_found",
        )
    return Response(
        row.content, media_type=row.mime, headers={"cache-control": "private, max-age=86400"}
    )
