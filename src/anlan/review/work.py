"""How long work took against its deadlines: of tasks, and step by step of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.respond.expand import DOWN
from anlan.respond.plan import load
from anlan.respond.records import AnyRow, C, T

Pair = tuple[datetime, datetime | None, datetime | None]


class Times(TypedDict):
    """How long something took.

    ``count`` ended, ``in_time`` of the ``of`` that ended or were due by now; median and longest
    in minutes.
    """

    count: int
    of: int
    in_time: int
    p50_min: float | None
    max_min: float | None


def times(pairs: Sequence[Pair], now: datetime) -> Times:
    """Of (begun, ended, due): how long those took that ended, and how many were in time."""
    ended = [(begun, end, due) for begun, end, due in pairs if end is not None]
    minutes = sorted((end - begun).total_seconds() / 60 for begun, end, _ in ended)
    return {
        "count": len(ended),
        "of": len(ended)
        + sum(end is None and due is not None and due <= now for _, end, due in pairs),
        "in_time": sum(due is None or end <= due for _, end, due in ended),
        "p50_min": round(_middle(minutes), 1) if minutes else None,
        "max_min": round(minutes[-1], 1) if minutes else None,
    }


def _middle(values: Sequence[float]) -> float:
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def of_tasks(rows: Sequence[AnyRow], now: datetime) -> dict[str, Any]:
    """Tasks against their own deadlines; those withdrawn before anybody worked are set aside."""
    counted = [row for row in rows if row.state != "expired" or row.done_at is not None]
    return {
        "tasks": len(counted),
        "withdrawn": len(rows) - len(counted),
        "acknowledge": times(
            [(r.opened_at, r.acknowledged_at, r.ack_due_at) for r in counted], now
        ),
        "finish": times([(r.opened_at, r.done_at, r.due_at) for r in counted], now),
        "late": sum(row.late for row in counted),
        "escalated": sum(row.escalation > 0 for row in counted),
        "unfinished": sum(_overdue(row, now) for row in counted),
        "not_due": sum(row.done_at is None and not _overdue(row, now) for row in counted),
    }


def _overdue(row: AnyRow, now: datetime) -> bool:
    return row.done_at is None and row.due_at is not None and bool(row.due_at <= now)


def of_steps(city: City, work: Sequence[AnyRow], now: datetime) -> list[dict[str, Any]]:
    """Every step of the plan that was begun, beside what the plan asks.

    ``work``: rows of tasks with the ``plan_step`` of their case.
    """
    shown = []
    for step in load(city.folder).step:
        for suffix, words in (("", step), (DOWN, step.stand_down)):
            own = [row for row in work if row.plan_step == step.id + suffix]
            if words is None or not own:
                continue
            shown.append(
                {
                    "step": step.id + suffix,
                    "level": step.level,
                    "title": words.title,
                    "title_en": words.title_en,
                    "ack_min": words.ack_min,
                    "done_min": words.done_min,
                    **of_tasks(own, now),
                }
            )
    return shown


def of_plan(conn: Connection) -> Sequence[AnyRow]:
    """Tasks with the step of the plan that they belong to."""
    return conn.execute(
        select(T, C.c.plan_step)
        .join(C, C.c.id == T.c.case_id)
        .where(C.c.plan_step.is_not(None))
        .order_by(T.c.opened_at, T.c.id)
    ).all()
