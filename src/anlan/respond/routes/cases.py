"""HTTP for cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from anlan.access import Caller
from anlan.access.desk import Desk, DeskHere, PhoneUser
from anlan.access.repeats import Key, once
from anlan.journal import Act
from anlan.observe import people
from anlan.refusal import Refusal
from anlan.respond import actions, duplicates, packs, views
from anlan.respond.pack import Pack
from anlan.respond.records import get_case, who_for_case
from anlan.respond.routes.seeing import (
    FIELD_ROLES,
    Command,
    dressed,
    names_of,
    seen_case,
    seen_territory,
    vault_for,
    with_buttons,
    within,
)

router = APIRouter(tags=["respond"])


class NewCase(BaseModel):
    """A case as reported; give ``place``, ``territory``, or ``lon`` and ``lat`` (degrees).

    ``form``: answers to the questions of the kind's pack (GET /api/v1/packs, phase open).

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
    form: dict[str, Any] = {}


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
        view |= views.case_outcome(conn, case_id)
        view["duplicates"] = _duplicates(desk, caller, act, case_id)
        with_buttons(act, desk, view["tasks"])
    names = names_of(desk)
    for task in view["tasks"]:
        dressed(desk, task)
    for happening in view["history"]:
        happening["actor_name"] = names.get(happening["actor"], "系统")
        told = happening["payload"].get("told") or ()
        happening["told_names"] = [names.get(account, account) for account in told]
    return dressed(desk, view)


def _duplicates(desk: Desk, caller: Caller, act: Act, case_id: str) -> list[dict[str, Any]]:
    """What may be the same matter, as far as the caller sees it; for who may decide."""
    case = get_case(act.tx, case_id)
    if "supervisor" not in who_for_case(act, desk.city, case).relations:
        return []
    found = []
    for each in duplicates.of_case(act.tx, desk.city, case):
        other = get_case(act.tx, each.id)
        if caller.sees(desk.city, other.territory):
            found.append({**each.as_json(), "title": other.title, "state": other.state})
    return found


def _may_open(caller: Caller, pack: Pack) -> None:
    if caller.role not in pack.pack.opens:
        listed = ", ".join(pack.pack.opens) or "nobody: the plan opens it"
        raise Refusal(
            f"role {caller.role} may not open a case of kind {pack.kind}; it is opened by {listed}",
            field="kind",
            value=pack.kind,
            remedy=listed,
            kind="forbidden",
        )


@router.post("/cases")
def open_case(
    new: NewCase, desk: DeskHere, caller: PhoneUser, key: Key = None
) -> dict[str, object]:
    """Report something. Sent twice with one Idempotency-Key it opens one case."""
    pack = packs.of_kind(desk.city.folder, new.kind)
    _may_open(caller, pack)
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
            form=new.form,
            source="phone" if "view" not in caller.rights else "desk",
            reporter=caller.id,
            vault=vault_for(desk, pack, new.form),
        )
        if pack.pack.within:
            seen_territory(desk, caller, get_case(act.tx, case_id).territory)
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
        payload = given.model_extra or {}
        pack = packs.standing(desk.city.folder, get_case(act.tx, case_id).kind)
        vault = vault_for(desk, pack, payload.get("form"))
        state = actions.case_command(act, desk.city, case_id, command, payload, vault)
        return {"state": state}

    return once(desk, caller, key, do)
