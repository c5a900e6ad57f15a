"""What comes too late for a task, kept all the same: a note in its history that changes nothing.

Somebody who worked without a signal may find the task taken, done or withdrawn meanwhile. What
they saw and did is still worth keeping, and they are told what happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from anlan.city import City
from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.respond import task as tasks
from anlan.respond.machine import has_evidence
from anlan.respond.payload import KEYS, checked
from anlan.respond.records import (
    AnyRow,
    append,
    check_photos,
    get_case,
    get_task,
    history_of,
    moment_of,
    set_apart,
    who_for_task,
)

_TAKEN = {name: KEYS[name] for name in ("text", "photos", "lon", "lat", "depth_m", "age_s")}


def note(act: Act, city: City, task_id: str, payload: Mapping[str, object]) -> None:
    """Add ``text`` (to an erasable note) or ``photos`` to a task's history; no state changes.

    ``age_s``: seconds since it was written. Raises `Refusal`: not_found for a task in which
    the actor never had a part, invalid without words and photos.
    """
    task, _ = _own(act, city, task_id)
    given = checked(payload, keys=_TAKEN)
    if not has_evidence(given):
        raise Refusal(
            f"a note on task {task_id} needs a text or a photo's digest",
            field="text",
            remedy="a text that is not blank, or photos",
        )
    photos = given.get("photos")
    check_photos(act, photos if isinstance(photos, list | tuple) else ())
    kept = set_apart(act, "task.note", given)
    moment = moment_of(act, kept, task.opened_at)
    append(act, task.case_id, "task.noted", kept, task_id=task_id, valid_at=moment)


def standing(act: Act, city: City, task_id: str) -> dict[str, object]:
    """How a task stands, and what happened to it last, for whoever has or had a part in it.

    ``happened``: {type, at, actor} of the last change of its state. Raises `Refusal` (not_found).
    """
    task, history = _own(act, city, task_id)
    last = next((row for row in reversed(history) if "to" in row.payload), history[-1])
    return {
        "id": task.id,
        "title": task.title,
        "state": task.state,
        "state_zh": tasks.STATES[task.state],
        "territory": task.territory,
        "assignee": task.assignee,
        "happened": {"type": last.type, "at": last.at.isoformat(), "actor": last.actor},
    }


def _own(act: Act, city: City, task_id: str) -> tuple[AnyRow, Sequence[AnyRow]]:
    task = get_task(act.tx, task_id)
    history = _of_task(act.tx, task)
    held = {row.payload.get("assignee") for row in history} | {row.actor for row in history}
    relations = who_for_task(act, city, get_case(act.tx, task.case_id), task).relations
    offered = any(row.type == "task.offered" for row in history)
    if (
        act.actor in held
        or relations & {"assignee", "supervisor"}
        or ("eligible" in relations and offered)
    ):
        return task, history
    # a foreign task is not even confirmed to exist
    raise Refusal(
        f"there is no task {task_id}; see the list of tasks",
        field="task",
        value=task_id,
        remedy="the id of a task that exists",
        kind="not_found",
    )


def _of_task(conn: Connection, task: AnyRow) -> list[AnyRow]:
    return [row for row in history_of(conn, task.case_id) if row.task_id == task.id]
