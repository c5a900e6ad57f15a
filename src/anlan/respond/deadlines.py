"""Deadlines that passed: each fires once, oldest first, and climbs the ladder one rung."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from anlan.city import City
from anlan.journal import Act
from anlan.respond import case as cases
from anlan.respond import giving_way, hours, ladder, opening, orders, packs, pausing
from anlan.respond import task as tasks
from anlan.respond.plan import load
from anlan.respond.records import (
    AnyRow,
    C,
    T,
    append,
    get_case,
    get_task,
    lineage,
    officers,
    start_timer,
    tasks_of,
)
from anlan.store import timers

LOOK_AGAIN_MIN = 60.0
PREFIXES = ("task.", "case.", "order.")


def fire_timers(act: Act, city: City) -> list[dict[str, Any]]:
    """Fire what is due of ``task.…``, ``case.…`` and ``order.…``; returns what came of each.

    A timer whose matter has been settled meanwhile does nothing. Those that fell due while
    nobody looked fire once, and the rung after them gets its full time from now on.
    """
    engine = Act(act.tx, act.now, "system")
    came: list[dict[str, Any]] = []
    while True:
        due = [timer for prefix in PREFIXES for timer in timers.claim_due(act.tx, act.now, prefix)]
        if not due:
            return came
        for timer in sorted(due, key=lambda timer: (timer.due_at, timer.id)):
            outcome = _fire(engine, city, timer)
            if outcome:
                came.append({"kind": timer.kind, "subject": timer.subject, **outcome})


def _fire(act: Act, city: City, timer: timers.Timer) -> dict[str, Any] | None:
    if timer.kind in ("task.ack", "task.done"):
        task = get_task(act.tx, timer.subject)
        if not tasks.overdue(timer.kind, task.state):
            return None
        return escalate_task(act, city, task, timer.kind, "overdue")
    if timer.kind == orders.ACK:
        return orders.unanswered(act, city, timer.subject)
    case = get_case(act.tx, timer.subject)
    if timer.kind == "case.wait" and case.state == "draft":
        opening.begin(act, city, case.id)
        return {"outcome": "begun"}
    if timer.kind == pausing.RUN_AGAIN:
        stood = pausing.run_clock(act, city, case.id, "longest")
        return {"outcome": "clock_resumed"} if stood else None
    if timer.kind == giving_way.LOOK:
        return {"outcome": "gave_way"} if giving_way.look(act, city, case) else None
    unsettled = timer.kind == "case.due" and case.state not in cases.SETTLED
    if unsettled and any(task.state not in tasks.ENDED for task in tasks_of(act.tx, case.id)):
        # its open tasks climb by themselves; telling the same people twice would teach them
        # to look away. Look again later: a case must not fall silent when its tasks end
        mark_late(act, case)
        start_timer(act, "case.due", case.id, LOOK_AGAIN_MIN, hours.of_kind(city, case.kind))
        return None
    unchecked = timer.kind == "case.verify" and case.state == "done_claimed"
    return escalate_case(act, city, case, timer.kind) if unsettled or unchecked else None


def mark_late(act: Act, case: AnyRow, **more: object) -> None:
    """Put down that the case's time has run out; the history says so once."""
    if not case.data.get("late"):
        append(act, case.id, "case.late", {})
    data = {**case.data, "late": True, **more}
    act.tx.execute(update(C).where(C.c.id == case.id).values(data=data))


def _rungs(act: Act, city: City, case: AnyRow, role: str) -> tuple[list[ladder.Rung], float]:
    plan = load(city.folder).escalation
    own = packs.standing(city.folder, case.kind).escalation
    ladders = {role: own.ladder} if own else {role: ladder.LAST_RESORT, **plan.ladders}
    above = lineage(city, case.territory)
    found = ladder.rungs(ladders, role, officers(act.tx), above, case.department or "")
    return found, own.minutes if own else plan.minutes


def escalate_task(act: Act, city: City, task: AnyRow, kind: str, cause: str) -> dict[str, Any]:
    """Tell the next rung above a task that is unanswered, unfinished or declined.

    The task is marked late where time ran out; those skipped are told as well. At the end of
    the ladder only the lateness is put down.
    """
    case = get_case(act.tx, task.case_id)
    above, minutes = _rungs(act, city, case, task.role)
    step = ladder.climb(task.escalation, task.assignee, above)
    late = bool(task.late or cause == "overdue")
    values: dict[str, object] = {"late": late}
    if step is None:
        content: dict[str, Any] = {"cause": kind, "why": cause, "told": [], "skipped": []}
        append(act, task.case_id, "task.unheard", content, task_id=task.id)
    else:
        values["escalation"] = task.escalation + 1
        content = _content(step, kind, cause)
        append(act, task.case_id, "task.escalated", content, task_id=task.id)
        if step.step + 1 < len(above):
            start_timer(act, kind, task.id, minutes, hours.of_kind(city, case.kind))
    act.tx.execute(update(T).where(T.c.id == task.id).values(**values))
    return {"outcome": "escalated" if step else "unheard", **content}


def escalate_case(act: Act, city: City, case: AnyRow, kind: str) -> dict[str, Any]:
    """Tell the next rung above a case whose time ran out, or whose result nobody checks.

    Every clock climbs from the lowest rung: work sent back, and the check of it, find those who
    were told in an earlier round there again.
    """
    above, minutes = _rungs(act, city, case, case.owner_role)
    times = int(case.data.get("escalation", 0))
    step = ladder.climb(int(case.data.get("rung", times)), case.owner, above)
    if step is None:
        content: dict[str, Any] = {"cause": kind, "why": "overdue", "told": [], "skipped": []}
        append(act, case.id, "case.unheard", content)
        mark_late(act, case)
    else:
        content = {**_content(step, kind, "overdue"), "count": times + 1}
        append(act, case.id, "case.escalated", content)
        mark_late(act, case, escalation=times + 1, rung=step.step + 1)
        if step.step + 1 < len(above):
            start_timer(act, kind, case.id, minutes, hours.of_kind(city, case.kind))
    return {"outcome": "escalated" if step else "unheard", **content}


def _content(step: ladder.Escalation, kind: str, cause: str) -> dict[str, Any]:
    return {
        "cause": kind,
        "why": cause,
        "step": step.step + 1,
        "role": step.role,
        "told": list(step.told),
        "skipped": list(step.skipped),
    }
