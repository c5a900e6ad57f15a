"""Replay crews and grid workers: they answer for tasks, go there, work and bring evidence.

Some are late and some never answer, so that the ladder above them is climbed; whoever is told
then steps in: gives the task to a colleague, or takes the answer by telephone and sees to it.
What a person does next follows from the task's last move in the history and from chance named
by the task's id: killed and started again, they go on as they would have.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from anlan import respond
from anlan.city import City
from anlan.replay.chance import Chance
from anlan.replay.officers import ReplayedAct, holding
from anlan.replay.parameters import Crews
from anlan.store import schema

T, C, H = schema.task, schema.case_item, schema.history
UNANSWERED = ("assigned", "claimed", "delivered")
MOVES = ("task.offered", *(f"task.{move}" for move in (
    "assigned", "claimed", "delivered", "acknowledged", "departed", "arrived", "declined"
)))  # fmt: skip
LOCAL = ("village_officer", "town_officer")
CITY = ("duty_officer", "commander")
EVIDENCE = "已到现场处置，情况正常，照片待补。"
BY_PHONE = "电话联系到位，由值守人员代为确认"


@dataclass(frozen=True)
class Habit:
    """How one person takes one task. ``pace`` stretches every delay."""

    silent: bool
    pace: float


@dataclass(frozen=True)
class Work:
    """A task under way: its row, its case's row and when it last moved (UTC)."""

    task: Row[Any]
    territory: str
    department: str
    moved_at: datetime


def habit(crews: Crews, chance: Chance, task: str, person: str) -> Habit:
    """Whether this person answers for this task, and how fast."""
    late = chance.happens(crews.late_share, "late", task, person)
    return Habit(
        chance.happens(crews.silent_share, "silent", task, person),
        crews.late_factor if late else 1.0,
    )


def under_way(tx: Connection) -> list[Work]:
    """Tasks without an end, oldest first, each with the time of its last move."""
    # by case: the history's key starts with it
    last = (
        select(func.max(H.c.at))
        .where(H.c.case_id == T.c.case_id, H.c.task_id == T.c.id, H.c.type.in_(MOVES))
        .scalar_subquery()
        .label("moved_at")
    )
    rows = tx.execute(
        select(T, C.c.department, last)
        .join(C, C.c.id == T.c.case_id)
        .where(T.c.state.not_in(("done", "expired")))
        .order_by(T.c.id)
    ).all()
    return [Work(row, row.territory, row.department or "", row.moved_at) for row in rows]


def _lineage(city: City, code: str) -> list[str]:
    return [code, *(unit.code for unit in city.territory.ancestors(code))]


def supervisors(city: City, territory: str, department: str) -> list[str]:
    """Accounts that may oversee work in a territory, the nearest first."""
    above = _lineage(city, territory)
    accounts = sorted(city.accounts.values(), key=lambda a: a.id)
    near = [
        account.id
        for code in above
        for role in LOCAL
        for account in accounts
        if account.role == role and account.territory == code
    ]
    liaisons = [
        account.id
        for account in accounts
        if account.role == "liaison" and department and account.department == department
    ]
    return list(dict.fromkeys([*liaisons, *near, *holding(city, *CITY)]))


def colleagues(city: City, work: Work) -> list[str]:
    """Others with the role of a task, who answer for its territory, nearest first."""
    above = _lineage(city, work.territory)
    return [
        account.id
        for code in above
        for account in sorted(city.accounts.values(), key=lambda a: a.id)
        if account.role == work.task.role
        and account.territory == code
        and account.id != work.task.assignee
        and (not work.department or not account.department or account.department == work.department)
    ]


def work_on_tasks(
    tx: Connection, now: datetime, city: City, crews: Crews, chance: Chance
) -> list[str]:
    """Let everybody with a task do what is due; returns the tasks that moved."""
    moved = []
    for work in under_way(tx):
        step = _next(work, now, city, crews, chance)
        if step is not None:
            account, command, payload = step
            respond.actions.task_command(
                ReplayedAct(tx, now, account), city, work.task.id, command, payload
            )
            moved.append(str(work.task.id))
    return moved


Step = tuple[str, str, dict[str, object]]


def _next(work: Work, now: datetime, city: City, crews: Crews, chance: Chance) -> Step | None:
    """Who does what with a task now, if anybody: (account, command, payload)."""
    task = work.task
    if task.state in ("offered", "declined"):
        return _take_offered(work, now, city, crews, chance)
    person = task.assignee
    manner = habit(crews, chance, task.id, person)

    def due(median: float, *name: str) -> bool:
        wait = chance.delay(median * manner.pace, *name, task.id, person)
        return bool(work.moved_at + wait <= now)

    if task.state in UNANSWERED:
        if not manner.silent and due(crews.acknowledge_min, "acknowledge"):
            return person, "acknowledge", {}
        return _step_in(work, now, city, crews, chance)
    if task.state == "acknowledged":
        if due(0.4 * crews.travel_min, "depart"):
            return person, "depart", {}
    elif task.state == "en_route":
        if due(0.6 * crews.travel_min, "arrive"):
            return person, "arrive", {}
    elif task.state == "on_site" and due(crews.work_min, "work"):
        return person, "complete", {"text": EVIDENCE}
    return None


def _take_offered(
    work: Work, now: datetime, city: City, crews: Crews, chance: Chance
) -> Step | None:
    if work.moved_at + chance.delay(crews.step_in_min, "offer", work.task.id) > now:
        return None
    free = colleagues(city, work)
    if free and work.task.state == "offered":
        return free[0], "claim", {}
    overseers = [
        a for a in supervisors(city, work.territory, work.department) if a != work.task.assignee
    ]
    if not overseers:
        return None
    # nobody holds the role here: the overseer's own officer takes it
    takers = [*free, *overseers[1:], *overseers[:1]]
    return overseers[0], "assign", {"assignee": takers[0], "ack_min": 15}


def _step_in(work: Work, now: datetime, city: City, crews: Crews, chance: Chance) -> Step | None:
    """Those who were told of an unanswered task act, the higher the later."""
    task = work.task
    if task.escalation == 0:
        return None
    asked = max(work.moved_at, task.ack_due_at)
    if asked + chance.delay(crews.step_in_min, "step in", task.id, task.assignee) > now:
        return None
    overseers = [
        a for a in supervisors(city, work.territory, work.department) if a != task.assignee
    ]
    if not overseers:
        return None
    actor = overseers[min(task.escalation - 1, len(overseers) - 1)]
    free = [a for a in colleagues(city, work) if a != actor]
    if free and chance.happens(0.5, "hand over", task.id, task.assignee):
        return actor, "assign", {"assignee": free[0], "ack_min": 15}
    return actor, "acknowledge", {"reason": BY_PHONE}


def settle_cases(
    tx: Connection, now: datetime, city: City, crews: Crews, chance: Chance
) -> list[str]:
    """Verify what others claim done, then close it; returns the cases that moved.

    The one who verifies did none of the work: the action refuses anybody else.
    """
    last = (
        select(func.max(H.c.at))
        .where(H.c.case_id == C.c.id, H.c.type.in_(("case.done_claimed", "case.verified")))
        .scalar_subquery()
        .label("at")
    )
    rows = tx.execute(
        select(C.c.id, C.c.state, C.c.territory, C.c.department, last)
        .where(C.c.state.in_(("done_claimed", "verified")))
        .order_by(C.c.id)
    ).all()
    moved = []
    for row in rows:
        if row.at + chance.delay(crews.verify_min, row.state, row.id) > now:
            continue
        able = supervisors(city, row.territory, row.department or "")
        if row.state == "done_claimed":
            able = [account for account in able if account not in _doers(tx, row.id)]
        if not able:
            continue
        command = "verify" if row.state == "done_claimed" else "close"
        respond.actions.case_command(ReplayedAct(tx, now, able[0]), city, row.id, command)
        moved.append(str(row.id))
    return moved


def _doers(tx: Connection, case_id: str) -> set[str]:
    actors: Iterable[str] = tx.execute(
        select(H.c.actor).where(
            H.c.case_id == case_id, H.c.type.in_(("task.done", "case.done_claimed"))
        )
    ).scalars()
    return set(actors)


def stuck_cases(tx: Connection, now: datetime, city: City, crews: Crews) -> list[str]:
    """Cases whose tasks have all ended without anything done: the nearest overseer ends them.

    Returns the cases cancelled.
    """
    patience = timedelta(minutes=4 * crews.step_in_min)
    open_tasks = select(T.c.case_id).where(T.c.state.not_in(("done", "expired")))
    rows = tx.execute(
        select(C.c.id, C.c.territory, C.c.department)
        .where(
            C.c.state.in_(("open", "assigned", "accepted", "working")),
            C.c.due_at < now - patience,
            C.c.id.not_in(open_tasks),
        )
        .order_by(C.c.id)
    ).all()
    ended = []
    for row in rows:
        able = supervisors(city, row.territory, row.department or "")
        if able:
            reason = {"reason": "任务已全部失效，另行安排"}
            respond.actions.case_command(
                ReplayedAct(tx, now, able[0]), city, row.id, "cancel", reason
            )
            ended.append(str(row.id))
    return ended
