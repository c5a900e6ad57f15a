"""A view of a case, and what an event makes of it: the slow, obvious twin of the store's rows.

Whoever holds a view and hears of every event since must see what a fresh look would show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from anlan.respond import case as cases
from anlan.respond import task as tasks
from anlan.respond.records import AnyRow, get_case, tasks_of

View = dict[str, Any]


def fresh(conn: Connection, case_id: str) -> View:
    """What the store shows of a case now."""
    row = get_case(conn, case_id)
    return {
        "state": row.state,
        "owner": row.owner,
        "due_at": row.due_at,
        "closed_at": row.closed_at,
        "late": bool(row.data.get("late")),
        "escalation": int(row.data.get("escalation", 0)),
        "paused": (row.data.get("paused") or {}).get("cause"),
        "form": dict(row.data.get("form", {})),
        "tasks": {
            task.id: {
                "state": task.state,
                "assignee": task.assignee,
                "ack_due_at": task.ack_due_at,
                "due_at": task.due_at,
                "acknowledged_at": task.acknowledged_at,
                "done_at": task.done_at,
                "late": task.late,
                "escalation": task.escalation,
            }
            for task in tasks_of(conn, case_id)
        },
    }


def fold(view: View, events: Iterable[AnyRow]) -> View:
    """The view that ``events`` make of an older one."""
    for row in events:
        view = _task(view, row) if row.task_id else _case(view, row)
    return view


def _moment(payload: Mapping[str, Any], key: str) -> dict[str, datetime]:
    value = payload.get(key)
    return {key: datetime.fromisoformat(value)} if value else {}


def _case(view: View, row: AnyRow) -> View:
    told = row.payload
    new = {**view, **_moment(told, "due_at"), "form": {**view["form"], **told.get("form", {})}}
    if "to" in told:
        new["state"] = told["to"]
        was_ended = view["state"] in cases.ENDED
        if told["to"] in cases.ENDED and not was_ended:
            new["closed_at"] = row.at
        elif told["to"] not in cases.ENDED:
            new["closed_at"] = None
    if row.type == "case.assigned":
        new["owner"] = told["owner"]
    elif row.type == "case.late":
        new["late"] = True
    elif row.type == "case.escalated":
        new["escalation"] = told["count"]
    elif row.type == "case.clock_stopped":
        new["paused"] = told["cause"]
    elif row.type == "case.clock_resumed":
        new["paused"] = None
        new["tasks"] = {
            name: task if task["state"] in tasks.ENDED else _later(task, told["stood_s"])
            for name, task in view["tasks"].items()
        }
    return new


def _later(task: View, seconds: int) -> View:
    return {**task, "due_at": task["due_at"] + timedelta(seconds=seconds)}


NOBODY: View = {
    "state": "",
    "assignee": None,
    "ack_due_at": None,
    "due_at": None,
    "acknowledged_at": None,
    "done_at": None,
    "late": False,
    "escalation": 0,
}


def _task(view: View, row: AnyRow) -> View:
    told = row.payload
    task = {**NOBODY, **view["tasks"].get(row.task_id, {})}
    task |= _moment(told, "ack_due_at") | _moment(told, "due_at")
    if "to" in told:
        task["state"] = told["to"]
    if "assignee" in told:
        task["assignee"] = told["assignee"]
    if row.type == "task.assigned":
        task["acknowledged_at"] = None
    elif row.type == "task.claimed":
        task["assignee"] = row.actor
    if told.get("to") in ("acknowledged", "done") and task["acknowledged_at"] is None:
        task["acknowledged_at"] = row.at
    if told.get("to") == "done":
        task["done_at"] = row.at
        task["late"] = task["late"] or row.at > task["due_at"]
    if row.type == "task.escalated":
        task["escalation"] = told["step"]
    if row.type in ("task.escalated", "task.unheard"):
        task["late"] = task["late"] or told["why"] == "overdue"
    new_form = {**view["form"], **told.get("form", {})}
    return {**view, "form": new_form, "tasks": {**view["tasks"], row.task_id: task}}
