"""Work of the plan in force that a new plan makes needless: shown with it, ended by one yes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.journal import Act
from anlan.respond import actions as respond
from anlan.respond import case as cases
from anlan.respond import task as tasks
from anlan.respond.records import C, T

REASONS = {
    "removed": "新方案：预报积水不再影响这里，无须转移",
    "replaced": "方案已更新，由新任务代替",
}


def needless(
    conn: Connection,
    old: Mapping[str, Any],
    groups: Sequence[Mapping[str, Any]],
    changed: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Tasks of the plan in force (``old``, its content) that accepting the new one withdraws.

    ``why``: ``removed`` (nobody has to leave there any more) or ``replaced`` (a new task says
    what has changed). ``state``: how far the task is: whoever has set out is called back.
    """
    given: Mapping[str, Sequence[str]] = old.get("tasks", {})
    moving = {group["id"] for group in groups if group["moves"]}
    still = {group["id"] for group in groups}
    names = {each["group"]: each["name"] for each in changed}
    why = {
        group: "removed" if group not in still else "replaced"
        for group in names
        if group not in still or group in moving
    }
    wanted = {task: group for group in why for task in given.get(group, ())}
    if not wanted:
        return []
    rows = conn.execute(
        select(T.c.id, T.c.case_id, T.c.state, T.c.assignee)
        .where(T.c.id.in_(list(wanted)), T.c.state.not_in(sorted(tasks.ENDED)))
        .order_by(T.c.id)
    )
    return [
        {
            "task": row.id,
            "case": row.case_id,
            "state": row.state,
            "assignee": row.assignee,
            "group": wanted[row.id],
            "name": names[wanted[row.id]],
            "why": why[wanted[row.id]],
        }
        for row in rows
    ]


def withdraw(
    act: Act, city: City, found: Sequence[Mapping[str, Any]], opened: Sequence[str]
) -> list[str]:
    """Withdraw what `needless` named; returns the tasks.

    A case that a plan ``opened`` for nothing but this work is cancelled where nobody is moved
    from there any more and nobody was: a case in which work was done is closed by a person.
    """
    for each in found:
        respond.task_command(act, city, each["task"], "withdraw", {"reason": REASONS[each["why"]]})
    for case in sorted({each["case"] for each in found if each["why"] == "removed"} & set(opened)):
        others = act.tx.execute(select(T.c.id).where(T.c.case_id == case, T.c.state != "expired"))
        state = act.tx.execute(select(C.c.state).where(C.c.id == case)).scalar_one()
        if others.first() is None and state not in cases.SETTLED:
            respond.case_command(act, city, case, "cancel", {"reason": REASONS["removed"]})
    return [each["task"] for each in found]
