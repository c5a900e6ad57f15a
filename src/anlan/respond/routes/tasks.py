"""HTTP for tasks, and for what the caller is told of them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from anlan.access.desk import DeskHere, PhoneUser
from anlan.access.repeats import Key, once
from anlan.journal import Act
from anlan.respond import actions, packs, views
from anlan.respond.records import get_case, get_task
from anlan.respond.routes.seeing import (
    Command,
    dressed,
    require_task,
    vault_for,
    with_buttons,
    within,
)

router = APIRouter(tags=["respond"])


@router.get("/tasks")
def tasks(
    desk: DeskHere, caller: PhoneUser, mine: bool = False, state: str | None = None
) -> list[dict[str, Any]]:
    """Tasks by urgency; ``mine``: given to the caller, or open for the caller to claim."""
    field = mine or "view" not in caller.rights
    with desk.store.read() as conn:
        found = views.tasks(
            conn,
            territory=within(desk, caller),
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
        with_buttons(act, desk, found)
    return [dressed(desk, task) for task in found]


@router.post("/tasks/{task_id}/{command}")
def command_task(
    task_id: str, command: str, given: Command, desk: DeskHere, caller: PhoneUser, key: Key = None
) -> dict[str, object]:
    """Give a task a command (see ``allowed``)."""

    def do(act: Act) -> dict[str, object]:
        require_task(desk, caller, act.tx, task_id)
        payload = given.model_extra or {}
        case = get_case(act.tx, get_task(act.tx, task_id).case_id)
        pack = packs.standing(desk.city.folder, case.kind)
        vault = vault_for(desk, pack, payload.get("form"))
        state = actions.task_command(act, desk.city, task_id, command, payload, vault)
        return {"state": state}

    return once(desk, caller, key, do)


@router.get("/notices")
def notices(desk: DeskHere, caller: PhoneUser) -> list[dict[str, Any]]:
    """Escalations that the caller was told of, or was passed over in."""
    with desk.store.read() as conn:
        return views.notices(conn, caller.id)
