"""Where capability was short: what was asked for and did not come, came late, was turned down."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from anlan.city import City
from anlan.review.indicators import quantiles
from anlan.store import schema

R, F, X, W = (
    schema.resource_request,
    schema.resource_fill,
    schema.dispatch_refusal,
    schema.volunteer_work,
)


def of_resources(conn: Connection, city: City) -> list[dict[str, Any]]:
    """By item asked for: how much, how much of it came, what is still open, minutes to the first.

    ``short``: quantity that no filling covered, of requests not cancelled.
    """
    sent = select(F.c.request, func.min(F.c.sent_at).label("at")).group_by(F.c.request)
    first = {row.request: row.at for row in conn.execute(sent)}
    rows = conn.execute(select(R).where(R.c.state != "cancelled").order_by(R.c.id)).all()
    shown = []
    for item, unit in sorted({(row.item, row.unit) for row in rows}):
        own = [row for row in rows if (row.item, row.unit) == (item, unit)]
        towns: Counter[str] = Counter()
        for row in own:
            if row.filled < row.quantity:
                town = city.territory.town_of(row.territory)
                towns[town.name if town else city.name] += 1
        shown.append(
            {
                "item": item,
                "unit": unit,
                "requests": len(own),
                "wanted": sum(row.quantity for row in own),
                "filled": sum(row.filled for row in own),
                "short": sum(max(0.0, row.quantity - row.filled) for row in own),
                "short_by_town": dict(sorted(towns.items())),
                "first": quantiles(
                    [
                        (first[row.id] - row.requested_at).total_seconds() / 60
                        for row in own
                        if row.id in first
                    ]
                ),
            }
        )
    return sorted(shown, key=lambda each: (-each["short"], each["item"]))


def of_shelters(conn: Connection, city: City) -> list[dict[str, Any]]:
    """Shelters in use, the fullest first: places taken now of those there are."""
    S = schema.shelter_use
    rows = conn.execute(select(S).where(S.c.taken > 0)).all()
    shown = [
        {
            "shelter": row.id,
            "name": city.shelters[row.id].name if row.id in city.shelters else row.id,
            "taken": row.taken,
            "capacity": row.capacity,
        }
        for row in rows
    ]
    return sorted(shown, key=lambda each: (-each["taken"] / max(1, each["capacity"]), each["name"]))


def of_people(conn: Connection, now: datetime) -> dict[str, Any]:
    """Teams turned down in proposals, and volunteers' work that too few came forward for."""
    work = conn.execute(
        select(W).where(W.c.starts_at <= now, W.c.state != "cancelled").order_by(W.c.id)
    ).all()
    lacking = [row for row in work if row.taken < row.needed]
    return {
        "refused_proposals": conn.execute(select(func.count()).select_from(X)).scalar_one(),
        "volunteer_work": len(work),
        "volunteer_work_short": len(lacking),
        "volunteers_needed": sum(row.needed for row in work),
        "volunteers_short": sum(row.needed - row.taken for row in lacking),
    }
