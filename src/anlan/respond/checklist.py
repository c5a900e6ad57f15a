"""The plan as a checklist 清单: per level and step what is done, what is late, by whom, and where.

Steps of levels that are not reached yet show how many cases they would open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.respond import case as cases
from anlan.respond.expand import DOWN
from anlan.respond.levels import foresee
from anlan.respond.plan import LEVELS, Step, load, rank
from anlan.respond.records import AnyRow, C, T, get_incident
from anlan.respond.task import WAITING

View = dict[str, Any]
MOST_ROWS = 300
Sees = Callable[[str], bool]


def checklist(conn: Connection, city: City, now: datetime, incident_id: str, sees: Sees) -> View:
    """The plan's steps of an incident, for who ``sees`` a territory (a code).

    A row is a case: ``status`` is ``waiting`` (for other steps), ``open``, ``late``, ``done``,
    ``done_late`` or ``withdrawn``. Raises `Refusal` (not_found). Times ISO 8601 UTC.
    """
    incident = get_incident(conn, incident_id)
    plan = load(city.folder)
    rows = conn.execute(
        select(C)
        .where(C.c.incident == incident_id, C.c.plan_step.is_not(None))
        .order_by(C.c.opened_at, C.c.id)
    ).all()
    work: dict[str, list[AnyRow]] = {}
    for task in conn.execute(
        select(T).join(C, C.c.id == T.c.case_id).where(C.c.incident == incident_id).order_by(T.c.id)
    ):
        work.setdefault(task.case_id, []).append(task)
    coming = Counter(
        opening.step.id
        for opening in foresee(conn, now, city, incident_id, LEVELS[-1]).starts
        if sees(opening.target.territory)
    )
    names = {account.id: account.name for account in city.accounts.values()}
    seen = [row for row in rows if sees(row.territory)]
    return {
        "incident": incident_id,
        "plan": plan.plan.id,
        "plan_name": plan.plan.name,
        "plan_name_en": plan.plan.name_en,
        "level": incident.level,
        "at": now.isoformat(),
        "levels": [
            {
                "level": level,
                "reached": bool(incident.level) and rank(level) <= rank(incident.level),
                "steps": [
                    _step(city, step, seen, work, now, names, coming[step.id])
                    for step in plan.step
                    if step.level == level
                ],
            }
            for level in LEVELS[1:]
        ],
    }


def _step(
    city: City,
    step: Step,
    rows: Sequence[AnyRow],
    work: Mapping[str, Sequence[AnyRow]],
    now: datetime,
    names: Mapping[str, str],
    coming: int,
) -> View:
    own = [row for row in rows if row.plan_step.removesuffix(DOWN) == step.id]
    shown = [_row(city, row, work.get(row.id, ()), now, names) for row in own]
    live = [row for row in shown if row["status"] != "withdrawn"]
    people: dict[str, Counter[str]] = {}
    towns: dict[str, Counter[str]] = {}
    for row in live:
        for name, group in ((row["who_name"] or "", people), (row["town_name"], towns)):
            group.setdefault(name, Counter())[row["status"]] += 1
    return {
        "id": step.id,
        "title": step.title,
        "title_en": step.title_en,
        "text": step.text,
        "target": step.target,
        "roles": list(step.roles),
        "post": step.post,
        "after": list(step.after),
        "ack_min": step.ack_min,
        "done_min": step.done_min,
        "when_lowered": step.when_lowered,
        "stand_down": step.stand_down.title if step.stand_down else None,
        "coming": coming,
        "counts": dict(Counter(row["status"] for row in shown)),
        "total": len(live),
        "by": [{"name": name, **counts} for name, counts in sorted(people.items())],
        "towns": [{"name": name, **counts} for name, counts in sorted(towns.items())],
        "rows": shown[:MOST_ROWS],
    }


def _row(
    city: City, row: AnyRow, work: Sequence[AnyRow], now: datetime, names: Mapping[str, str]
) -> View:
    last = work[-1] if work else None
    who = (last.assignee if last else None) or row.owner
    town = city.territory.town_of(row.territory)
    done = [task.done_at for task in work if task.done_at is not None]
    return {
        "case": row.id,
        "title": row.title,
        "down": row.plan_step.endswith(DOWN),
        "state": row.state,
        "status": _status(row, work, now),
        "unanswered": any(
            task.state in WAITING and task.ack_due_at is not None and task.ack_due_at < now
            for task in work
        ),
        "who": who,
        "who_name": names.get(who, who) if who else None,
        "town_name": town.name if town else city.territory.unit(row.territory).name,
        "opened_at": row.opened_at.isoformat(),
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "done_at": max(done).isoformat() if done and row.state in cases.SETTLED else None,
    }


def _status(row: AnyRow, work: Sequence[AnyRow], now: datetime) -> str:
    if row.state == "cancelled":
        return "withdrawn"
    late = bool(row.data.get("late")) or any(task.late for task in work)
    if row.state in cases.SETTLED:
        return "done_late" if late else "done"
    if row.state == "draft":
        return "waiting"
    return "late" if late or (row.due_at is not None and row.due_at < now) else "open"
