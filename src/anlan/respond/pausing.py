"""A blocked case's clock: it stops only for a reason that the pack lists, and for so long at most.

While it stands, the deadlines of the case and of its unfinished tasks wait; when it runs again
each has as much time left as it had. A case blocked for any other reason keeps its clock running.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from anlan.city import City
from anlan.journal import Act
from anlan.respond import hours
from anlan.respond import task as tasks
from anlan.respond.pack import Pause
from anlan.respond.records import AnyRow, C, T, append, get_case, start_timer, tasks_of
from anlan.store import schema, timers

RUN_AGAIN = "case.pause"
"""The timer that ends a pause at its longest."""
_STOPPED = ("case.due", "task.done")


def stop_clock(act: Act, case: AnyRow, pause: Pause) -> None:
    """Stop the clock of a case that was just blocked for a listed reason."""
    subjects = [case.id, *(row.id for row in tasks_of(act.tx, case.id))]
    column = schema.timer.c
    running = act.tx.execute(
        select(column.kind, column.subject, column.due_at).where(
            column.subject.in_(subjects), column.kind.in_(_STOPPED), column.fired_at.is_(None)
        )
    ).all()
    for subject in subjects:
        timers.stop(act.tx, subject, _STOPPED)
    paused: dict[str, object] = {
        "cause": pause.code,
        "at": act.now.isoformat(),
        "timers": [[row.kind, row.subject, row.due_at.isoformat()] for row in running],
    }
    _put(act, case.id, paused)
    start_timer(act, RUN_AGAIN, case.id, pause.longest_min)
    append(act, case.id, "case.clock_stopped", {"cause": pause.code})


def run_clock(act: Act, city: City, case_id: str, why: str) -> bool:
    """Let a stopped clock run on; False when it was not stopped. ``why``: moved, or longest."""
    case = get_case(act.tx, case_id)
    paused = case.data.get("paused")
    if not paused:
        return False
    began = datetime.fromisoformat(paused["at"])
    clock = hours.of_kind(city, case.kind)

    def left(due: datetime) -> float:
        return hours.between(clock, began, due)

    due_at = hours.after(clock, act.now, left(case.due_at)) if case.due_at else None
    act.tx.execute(update(C).where(C.c.id == case_id).values(due_at=due_at))
    for task in tasks_of(act.tx, case_id):
        if task.state not in tasks.ENDED and task.due_at:
            moved = hours.after(clock, act.now, left(task.due_at))
            act.tx.execute(update(T).where(T.c.id == task.id).values(due_at=moved))
    ended = {row.id for row in tasks_of(act.tx, case_id) if row.state in tasks.ENDED}
    for kind, subject, was_due in paused["timers"]:
        if subject in ended:
            continue
        minutes = max(0.0, left(datetime.fromisoformat(was_due)))
        start_timer(act, kind, subject, minutes, clock)
    timers.stop(act.tx, case_id, [RUN_AGAIN])
    _put(act, case_id, None)
    content: dict[str, object] = {
        "cause": paused["cause"],
        "why": why,
        "stood_s": int((act.now - began).total_seconds()),
        "due_at": due_at.isoformat() if due_at else None,
    }
    append(act, case_id, "case.clock_resumed", content)
    return True


def _put(act: Act, case_id: str, paused: dict[str, object] | None) -> None:
    data = {**get_case(act.tx, case_id).data, "paused": paused}
    act.tx.execute(update(C).where(C.c.id == case_id).values(data=data))
