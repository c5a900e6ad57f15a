"""Replay crews and grid workers: they answer for tasks, go there, work and bring evidence.

Some are late and some never answer, so that the ladder above them is climbed; whoever is told
then steps in: gives the task to a colleague, or takes the answer by telephone and sees to it.
What a person does next follows from the task's last move in the history and from chance named
by the task's id: killed and started again, they go on as they would have.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from anlan import respond
from anlan.city import City
from anlan.replay.attempt import attempt
from anlan.replay.cast import EVERYBODY, Cast
from anlan.replay.chance import Chance
from anlan.replay.habits import Crews
from anlan.replay.officers import ReplayedAct, holding
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
    """A task under way: what matters of its row, and when it last moved (UTC)."""

    task: str
    state: str
    assignee: str | None
    role: str
    territory: str
    department: str
    escalation: int
    ack_due_at: datetime
    moved_at: datetime


@dataclass(frozen=True)
class Step:
    """What somebody does with a task, and the moment it is due."""

    account: str
    command: str
    payload: dict[str, object]
    due: datetime


#: Where a person's own next step leads; other steps end a person's turn.
NEXT_STATE = {
    "acknowledge": "acknowledged",
    "depart": "en_route",
    "arrive": "on_site",
}


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
    return [
        Work(
            row.id,
            row.state,
            row.assignee,
            row.role,
            row.territory,
            row.department or "",
            row.escalation,
            row.ack_due_at,
            row.moved_at or row.opened_at,
        )
        for row in rows
    ]


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
        if account.role == work.role
        and account.territory == code
        and account.id != work.assignee
        and (not work.department or not account.department or account.department == work.department)
    ]


def work_on_tasks(
    tx: Connection,
    now: datetime,
    city: City,
    crews: Crews,
    chance: Chance,
    cast: Cast = EVERYBODY,
) -> list[str]:
    """Let everybody with a task do what is due; returns a task's id per step.

    Steps that fell due since the last tick follow one another within it.
    """
    moved = []
    for found in under_way(tx):
        work: Work | None = found
        while work is not None:
            step = next_step(work, city, crews, chance)
            if step is None or not cast.moves(step.account) or not cast.comes(step.due, now):
                break
            state = None
            with attempt(tx, step.account, work.task):
                respond.actions.task_command(
                    ReplayedAct(tx, now, step.account), city, work.task, step.command, step.payload
                )
                moved.append(work.task)
                state = NEXT_STATE.get(step.command)
            work = None if state is None else replace(work, state=state, moved_at=step.due)
    return moved


def next_step(work: Work, city: City, crews: Crews, chance: Chance) -> Step | None:
    """Who does what with a task next, and when; None while nobody would."""
    person = work.assignee
    if person is None or work.state in ("offered", "declined"):
        return _take_offered(work, city, crews, chance)
    manner = habit(crews, chance, work.task, person)

    def own(command: str, median: float, payload: dict[str, object] | None = None) -> Step:
        wait = chance.delay(median * manner.pace, command, work.task, person)
        return Step(person, command, payload or {}, work.moved_at + wait)

    if work.state in UNANSWERED:
        others = _step_in(work, city, crews, chance)
        answers = None if manner.silent else own("acknowledge", crews.acknowledge_min)
        if answers is None or (others is not None and others.due < answers.due):
            return others
        return answers
    if work.state == "acknowledged":
        return own("depart", 0.4 * crews.travel_min)
    if work.state == "en_route":
        return own("arrive", 0.6 * crews.travel_min)
    if work.state == "on_site":
        return own("complete", crews.work_min, {"text": EVIDENCE})
    return None


def _take_offered(work: Work, city: City, crews: Crews, chance: Chance) -> Step | None:
    due = work.moved_at + chance.delay(crews.step_in_min, "offer", work.task)
    free = colleagues(city, work)
    if free and work.state == "offered":
        return Step(free[0], "claim", {}, due)
    overseers = _overseers(city, work)
    if not overseers:
        return None
    # nobody holds the role here: the overseer's own officer takes it
    takers = [*free, *overseers[1:], *overseers[:1]]
    return Step(overseers[0], "assign", {"assignee": takers[0], "ack_min": 15}, due)


def _step_in(work: Work, city: City, crews: Crews, chance: Chance) -> Step | None:
    """Those who were told of an unanswered task act, after a while."""
    overseers = _overseers(city, work) if work.escalation else []
    if not overseers or work.assignee is None:
        return None
    name = (work.task, work.assignee)
    asked = max(work.moved_at, work.ack_due_at)
    due = asked + chance.delay(crews.step_in_min, "step in", *name)
    actor = overseers[min(work.escalation - 1, len(overseers) - 1)]
    free = [account for account in colleagues(city, work) if account != actor]
    if free and chance.happens(0.5, "hand over", *name):
        return Step(actor, "assign", {"assignee": free[0], "ack_min": 15}, due)
    return Step(actor, "acknowledge", {"reason": BY_PHONE}, due)


def _overseers(city: City, work: Work) -> list[str]:
    able = supervisors(city, work.territory, work.department)
    return [account for account in able if account != work.assignee]


def settle_cases(
    tx: Connection,
    now: datetime,
    city: City,
    crews: Crews,
    chance: Chance,
    cast: Cast = EVERYBODY,
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
        if not cast.comes(row.at + chance.delay(crews.verify_min, row.state, row.id), now):
            continue
        able = supervisors(city, row.territory, row.department or "")
        if row.state == "done_claimed":
            able = [account for account in able if account not in _doers(tx, row.id)]
        able = [account for account in able if cast.moves(account)]
        if not able:
            continue
        command = "verify" if row.state == "done_claimed" else "close"
        with attempt(tx, able[0], row.id):
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


def stuck_cases(
    tx: Connection, now: datetime, city: City, crews: Crews, cast: Cast = EVERYBODY
) -> list[str]:
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
        able = [account for account in able if cast.moves(account)]
        if able:
            reason = {"reason": "任务已全部失效，另行安排"}
            with attempt(tx, able[0], row.id):
                respond.actions.case_command(
                    ReplayedAct(tx, now, able[0]), city, row.id, "cancel", reason
                )
                ended.append(str(row.id))
    return ended
