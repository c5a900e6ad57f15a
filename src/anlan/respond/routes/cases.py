"""HTTP for cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from anlan.access.desk import DeskHere, PhoneUser
from anlan.access.repeats import Key, once
from anlan.journal import Act
from anlan.observe import people
from anlan.respond import actions, views
from anlan.respond.routes.seeing import (
    FIELD_ROLES,
    Command,
    dressed,
    names_of,
    seen_case,
    with_buttons,
    within,
)

router = APIRouter(tags=["respond"])
# kinds of case that somebody in the field may open; the others come from the plan or the desk
OPEN_TO_ALL = ("resident_report",)


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
            territory=None if own else within(desk, caller),
            states=[state] if state else None,
        )
    return [dressed(desk, view) for view in found]


@router.get("/cases/{case_id}")
def case(case_id: str, desk: DeskHere, caller: PhoneUser) -> dict[str, Any]:
    """One case with tasks, history and the commands that the caller may give now."""
    with desk.store.read() as conn:
        view = seen_case(desk, caller, conn, case_id)
        act = Act(conn, desk.clock.now(), caller.id)
        view["allowed"] = views.case_buttons(act, desk.city, case_id)
        with_buttons(act, desk, view["tasks"])
    names = names_of(desk)
    for task in view["tasks"]:
        dressed(desk, task)
    for happening in view["history"]:
        happening["actor_name"] = names.get(happening["actor"], "系统")
    return dressed(desk, view)


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
        seen_case(desk, caller, act.tx, case_id)
        state = actions.case_command(act, desk.city, case_id, command, given.model_extra or {})
        return {"state": state}

    return once(desk, caller, key, do)
