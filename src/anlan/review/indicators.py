"""Numbers of a response: how fast people answered, what was late, who was not reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from anlan.city import City
from anlan.respond import views
from anlan.store import schema

REACHED = frozenset({"sent", "delivered", "read", "answered"})


def quantiles(minutes: Sequence[float]) -> dict[str, float | int | None]:
    """Median and 90th percentile of durations in minutes, and how many there were."""
    if not minutes:
        return {"p50_min": None, "p90_min": None, "count": 0}
    p50, p90 = np.percentile(np.asarray(minutes, dtype=np.float64), [50, 90])
    return {
        "p50_min": round(float(p50), 1),
        "p90_min": round(float(p90), 1),
        "count": len(minutes),
    }


def _minutes(pairs: Iterable[tuple[datetime | None, datetime | None]]) -> list[float]:
    return [(end - start).total_seconds() / 60 for start, end in pairs if start and end]


def of_tasks(conn: Connection, city: City) -> dict[str, Any]:
    """Tasks: how many were done, on time, late, escalated; time to answer and to finish."""
    rows = conn.execute(select(schema.task).order_by(schema.task.c.id)).all()
    late = [row for row in rows if row.late]
    on_time = [row for row in rows if row.done_at and row.done_at <= row.due_at]
    done = [row for row in rows if row.state == "done"]
    by_role = {}
    for role in sorted({row.role for row in rows}):
        own = [row for row in rows if row.role == role]
        by_role[role] = {
            "opened": len(own),
            "on_time": sum(row in on_time for row in own),
            "escalated": sum(row.escalation > 0 for row in own),
            "acknowledge": quantiles(_minutes((r.opened_at, r.acknowledged_at) for r in own)),
        }
    towns: Counter[str] = Counter()
    for row in late:
        town = city.territory.town_of(row.territory)
        towns[town.name if town else city.name] += 1
    return {
        "opened": len(rows),
        "done": len(done),
        "on_time": len(on_time),
        "done_late": len(done) - len(on_time),
        "withdrawn": sum(row.state == "expired" for row in rows),
        "unfinished": sum(row.state not in ("done", "expired") for row in rows),
        "late": len(late),
        "escalated": sum(row.escalation > 0 for row in rows),
        "escalations": sum(row.escalation for row in rows),
        "late_by_town": dict(sorted(towns.items())),
        "acknowledge": quantiles(_minutes((r.opened_at, r.acknowledged_at) for r in rows)),
        "finish": quantiles(_minutes((r.opened_at, r.done_at) for r in rows)),
        "by_role": by_role,
    }


def of_cases(conn: Connection) -> dict[str, Any]:
    """Cases by state and kind, and how long they took from opening to closing."""
    rows = conn.execute(select(schema.case_item)).all()
    return {
        **views.counts(conn)["cases"],
        "by_state": dict(sorted(Counter(row.state for row in rows).items())),
        "by_kind": dict(sorted(Counter(row.kind for row in rows).items())),
        "close": quantiles(_minutes((r.opened_at, r.closed_at) for r in rows if r.closed_at)),
    }


def of_alerts(conn: Connection) -> dict[str, Any]:
    """Drafting to sending of our own alerts: how long approval took."""
    A = schema.alert
    rows = conn.execute(select(A).where(A.c.official.is_(False))).all()
    return {
        "issued": sum(row.sent_at is not None for row in rows),
        "approve": quantiles(_minutes((r.drafted_at, r.sent_at) for r in rows)),
    }


def of_deliveries(conn: Connection, city: City) -> dict[str, Any]:
    """Deliveries by final state, time to answer, and who was not reached by any channel.

    A person is not reached by an alert version when none of its deliveries to them got as far
    as being sent. Persons are given by id, never by name; counts by town.
    """
    D, P = schema.delivery, schema.person
    states: Counter[str] = Counter()
    reached: set[tuple[str, int, str]] = set()
    asked: dict[tuple[str, int, str], list[str]] = {}
    answers = []
    columns = select(
        D.c.alert, D.c.version, D.c.person, D.c.state, D.c.reason, D.c.sent_at, D.c.answered_at
    )
    for row in conn.execute(columns.order_by(D.c.id)):
        states[row.state] += 1
        key = (row.alert, row.version, row.person)
        asked.setdefault(key, []).append(row.reason)
        if row.state in REACHED:
            reached.add(key)
        if row.sent_at and row.answered_at:
            answers.append((row.sent_at, row.answered_at))
    # kept back on purpose (asleep after duty, opted out, budget spent) is a reason, not a reach
    missed = [key for key in asked if key not in reached]
    territory = {row.id: row.territory for row in conn.execute(select(P.c.id, P.c.territory))}
    by_town: Counter[str] = Counter()
    people = sorted({person for _, _, person in missed})
    for person in people:
        code = territory.get(person)
        town = city.territory.town_of(code) if code else None
        by_town[town.name if town else city.name] += 1
    return {
        "planned": sum(states.values()),
        "by_state": dict(sorted(states.items())),
        "answer": quantiles(_minutes(answers)),
        "not_reached": {
            "persons": len(people),
            "messages": len(missed),
            "by_town": dict(sorted(by_town.items())),
            "by_reason": dict(
                sorted(Counter(reason for key in missed for reason in asked[key][-1:]).items())
            ),
            "ids": people,
        },
    }
