"""HTTP for what came too late for a task, and for how the task stands now."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from anlan.access.desk import DeskHere, PhoneUser
from anlan.access.repeats import Key, once
from anlan.journal import Act
from anlan.respond import noting
from anlan.respond.routes.seeing import Command, dressed, names_of

router = APIRouter(tags=["respond"])


@router.post("/tasks/{task_id}/note")
def note_on_task(
    task_id: str, given: Command, desk: DeskHere, caller: PhoneUser, key: Key = None
) -> dict[str, object]:
    """Keep words or photos in the history of a task that one has or had a part in."""

    def do(act: Act) -> dict[str, object]:
        noting.note(act, desk.city, task_id, given.model_extra or {})
        return {"noted": task_id}

    return once(desk, caller, key, do)


@router.get("/tasks/{task_id}/standing")
def standing_of_task(task_id: str, desk: DeskHere, caller: PhoneUser) -> dict[str, Any]:
    """How a task stands and what happened to it last, also for who had it before."""
    with desk.store.read() as conn:
        act = Act(conn, desk.clock.now(), caller.id)
        view = dressed(desk, noting.standing(act, desk.city, task_id))
    happened: dict[str, Any] = view["happened"]
    happened["actor_name"] = names_of(desk).get(happened["actor"], "系统")
    return view
