"""What the water did and how people, homes and firms were helped back, from cases and standings.

Each kind of case is a pack of the city: what is counted is what its form asks by choice or number.
Nothing personal is read: words and sealed answers stay where they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.respond import case as cases
from anlan.respond import packs
from anlan.respond.pack import Field
from anlan.respond.records import AnyRow, C
from anlan.review.indicators import quantiles
from anlan.store import schema

#: Units of what is measured: their greatest value is told, not their sum.
MEASURES = frozenset({"cm", "m", "m2", "m²", "h", "小时"})
RESUMPTION = "resumption"
#: How far a firm works: Chinese and English.
OPERATIONS = {
    "running": ("正常生产", "running"),
    "reduced": ("部分停产", "reduced"),
    "stopped": ("停产", "stopped"),
}


def of_kinds(conn: Connection, city: City, now: datetime) -> list[dict[str, Any]]:
    """Each kind of case that was opened, but for plan steps: how many, how fast, what was found.

    ``late``: not settled by its time, or settled after it. ``answers``: by field of the form, its
    ``counts`` by choice, or a ``total`` (``greatest`` for a measure) with ``unit``. Merged and
    cancelled cases are counted as such and nowhere else.
    """
    rows = conn.execute(select(C).where(C.c.plan_step.is_(None)).order_by(C.c.id)).all()
    shown = []
    for kind in sorted({row.kind for row in rows}):
        pack = packs.standing(city.folder, kind)
        own = [row for row in rows if row.kind == kind]
        counted = [row for row in own if row.state not in ("merged", "cancelled")]
        took = [_minutes(row.opened_at, row.closed_at) for row in counted if row.closed_at]
        shown.append(
            {
                "kind": kind,
                "title": pack.pack.title,
                "title_en": pack.pack.title_en,
                "opened": len(counted),
                "closed": sum(row.state == "closed" for row in counted),
                "unsettled": sum(row.state not in cases.SETTLED for row in counted),
                "set_aside": len(own) - len(counted),
                "late": sum(_late(row, now) for row in counted),
                "close": quantiles(took),
                "answers": [
                    found
                    for field in pack.field
                    if not field.personal and (found := _answers(field, counted))
                ],
            }
        )
    return sorted(shown, key=lambda each: (-each["opened"], each["kind"]))


def of_firms(conn: Connection, city: City) -> dict[str, Any]:
    """Firms by how far they work, what they asked to resume, and how long that took.

    ``standings``: known operation, ``people`` employed there. ``resumption``: requests, granted
    (closed), open, and minutes from request to the decision.
    """
    S = schema.firm_standing
    known = {row.firm: row.operation for row in conn.execute(select(S))}
    asked = conn.execute(select(C).where(C.c.kind == RESUMPTION)).all()
    counted = [row for row in asked if row.state not in ("merged", "cancelled")]
    granted = [row for row in counted if row.state == "closed"]
    operations = [
        {
            "operation": name,
            "title": words[0],
            "title_en": words[1],
            "firms": len(own),
            "people": sum(firm.employees for firm in own),
        }
        for name, words in OPERATIONS.items()
        if (own := [f for f in city.firms.values() if known.get(f.id, "running") == name])
    ]
    return {
        "firms": len(city.firms),
        "operations": operations,
        "resumption": {
            "asked": len(counted),
            "granted": len(granted),
            "open": sum(row.state not in cases.SETTLED for row in counted),
            "decide": quantiles(
                [_minutes(row.opened_at, row.closed_at) for row in granted if row.closed_at]
            ),
        },
        "synthetic": any(firm.synthetic for firm in city.firms.values()),
    }


def _late(row: AnyRow, now: datetime) -> bool:
    if row.data.get("late"):
        return True
    return row.state not in cases.SETTLED and row.due_at is not None and bool(row.due_at < now)


def _minutes(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 60


def _answers(field: Field, rows: Sequence[AnyRow]) -> dict[str, Any] | None:
    given = [value for row in rows if (value := _given(row, field.key)) is not None]
    if not given or field.each:
        return None
    named = {"key": field.key, "label": field.label, "label_en": field.label_en}
    if field.type in ("choice", "choices"):
        counts = Counter(part for value in given for part in _listed(value))
        return named | {
            "counts": [
                {"label": one.label, "label_en": one.label_en, "count": counts[one.value]}
                for one in field.choices
                if counts[one.value]
            ]
        }
    if field.type not in ("integer", "number"):
        return None
    numbers = [float(value) for value in given if isinstance(value, int | float)]
    how = "greatest" if field.unit in MEASURES else "total"
    value = max(numbers) if how == "greatest" else sum(numbers)
    return named | {how: round(value, 2), "unit": field.unit} if numbers else None


def _given(row: AnyRow, key: str) -> object:
    return (row.data.get("form") or {}).get(key)


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else [value]
