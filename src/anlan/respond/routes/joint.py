"""HTTP for joint teams of neighbouring cities: who takes part, tasks for both, signatures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from anlan.access import Caller
from anlan.access.desk import Commander, Decider, Desk, DeskHere, PhoneUser, Viewer
from anlan.access.repeats import Key, once
from anlan.journal import Act
from anlan.respond import actions, joint
from anlan.respond.routes.seeing import no_such, seen_case

router = APIRouter(tags=["firms"])


class Joining(BaseModel):
    """The code of the neighbouring city that is asked in."""

    root: str


class Signing(BaseModel):
    """What the signer's city agrees to."""

    text: str


class JointTask(BaseModel):
    """Work for somebody of either city."""

    title: str = Field(max_length=120)
    instruction: str = Field("", max_length=1000)
    assignee: str
    done_min: float = Field(240, gt=0, le=10_080)


@router.get("/neighbours")
def neighbours(desk: DeskHere, caller: Viewer) -> list[dict[str, Any]]:
    """The neighbouring cities that can take part in a case."""
    return [
        {"code": unit.code, "name": unit.name, "name_en": unit.name_en}
        for unit in desk.city.territory.neighbours()
    ]


@router.get("/me/joint")
def my_joint_cases(desk: DeskHere, caller: PhoneUser) -> list[str]:
    """Ids of the joint cases of a partner's city; empty for everybody else."""
    if caller.role != joint.PARTNER:
        return []
    with desk.store.read() as conn:
        return joint.cases_of(conn, caller.territory)


def _seen(desk: Desk, caller: Caller, conn: Connection, joint_id: str) -> dict[str, Any]:
    view = seen_case(desk, caller, conn, joint_id)
    if view["kind"] != joint.KIND:
        raise no_such("case", joint_id)
    return view


@router.get("/joint/{joint_id}")
def joint_case(joint_id: str, desk: DeskHere, caller: PhoneUser) -> dict[str, Any]:
    """A joint case: its cities, who signed, whom it may give tasks to, and the caller's part."""
    with desk.store.read() as conn:
        view = _seen(desk, caller, conn, joint_id)
        return {
            "id": joint_id,
            "title": view["title"],
            "text": view["text"],
            "state": view["state"],
            "cities": joint.view(conn, desk.city, joint_id),
            "may_sign": joint.may_sign_for(conn, desk.city, caller.id, joint_id),
        }


@router.post("/joint/{joint_id}/join")
def join(joint_id: str, given: Joining, desk: DeskHere, caller: Decider) -> dict[str, Any]:
    """Ask a neighbouring city into the case."""
    with desk.act(caller) as act:
        _seen(desk, caller, act.tx, joint_id)
        joint.join(act, desk.city, joint_id, given.root)
        return {"cities": joint.view(act.tx, desk.city, joint_id)}


@router.post("/joint/{joint_id}/sign")
def sign(joint_id: str, given: Signing, desk: DeskHere, caller: PhoneUser) -> dict[str, str]:
    """Sign for one's city that the matter is settled."""
    with desk.act(caller) as act:
        _seen(desk, caller, act.tx, joint_id)
        return {"root": joint.sign(act, desk.city, joint_id, given.text)}


@router.post("/joint/{joint_id}/tasks")
def give(
    joint_id: str, given: JointTask, desk: DeskHere, caller: Commander, key: Key = None
) -> dict[str, object]:
    """Give a task in the joint case to somebody of this city, or to a partner who takes part."""

    def do(act: Act) -> dict[str, object]:
        _seen(desk, caller, act.tx, joint_id)
        task = actions.give_task(
            act,
            desk.city,
            joint_id,
            given.title,
            assignee=given.assignee,
            instruction=given.instruction,
            done_min=given.done_min,
        )
        return {"id": task}

    return once(desk, caller, key, do)
