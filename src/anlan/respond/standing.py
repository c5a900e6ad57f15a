"""How an incident stands at a moment: what is open, late, unanswered, away, and what is to come.

Read from the store, as ids and counts; `handover` puts it into words. Times are ISO 8601 UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from anlan.city import City
from anlan.respond import case as cases
from anlan.respond import task as tasks
from anlan.respond.incidents import alerts_in_force, latest_assessment, speaks
from anlan.respond.orders import open_orders
from anlan.respond.posts import holders
from anlan.respond.records import C, I, T
from anlan.store import schema

MOST = 30
"""Of each kind so many are named; the counts say how many there are."""
AWAY = ("acknowledged", "en_route", "on_site")
FORCES = ("crew", "volunteer")
SILENT = timedelta(hours=1)
FORGOTTEN = timedelta(days=2)
Facts = dict[str, Any]


def facts(conn: Connection, city: City, now: datetime, incident_id: str, leaver: str) -> Facts:
    """What a hand-over is drafted from; ``incident_id`` may be "" where there is none.

    Keys: ``level``, ``cases``, ``tasks``, ``orders``, ``alerts``, ``messages``, ``away``, ``lent``,
    ``outlook``, ``silent`` (stations), ``posts``; lists hold at most `MOST` items beside a count.
    """
    found = conn.execute(select(I).where(I.c.id == incident_id)).first()
    return {
        "at": now.isoformat(),
        "incident": incident_id,
        "name": found.name if found else "",
        "level": found.level if found else "",
        "level_set_at": _iso(found.level_set_at) if found else None,
        "proposed_level": found.proposed_level if found else "",
        "proposed_reason": found.proposed_reason if found else "",
        "proposed_run": found.proposed_run if found else "",
        "cases": _cases(conn, now),
        "tasks": _tasks(conn, now),
        "orders": _orders(conn, now, incident_id),
        "alerts": _alerts(conn, now),
        "messages": _messages(conn, now),
        "away": _away(conn, city),
        "lent": _lent(conn),
        "outlook": _outlook(conn, now),
        "silent": _silent(conn, city, now),
        "posts": sorted(p for p, a in holders(conn, incident_id).items() if a == leaver),
    }


def _cases(conn: Connection, now: datetime) -> Facts:
    rows = conn.execute(
        select(C).where(C.c.state.not_in((*cases.ENDED, "draft"))).order_by(C.c.due_at, C.c.id)
    ).all()
    late = [row for row in rows if row.due_at is not None and row.due_at < now]
    return {
        "open": len(rows),
        "unchecked": sum(row.state == "done_claimed" for row in rows),
        "late_count": len(late),
        "late": [
            {"id": r.id, "title": r.title, "owner": r.owner, "due": _iso(r.due_at)}
            for r in late[:MOST]
        ],
        "waiting": conn.execute(
            select(func.count()).select_from(C).where(C.c.state == "draft")
        ).scalar_one(),
    }


def _tasks(conn: Connection, now: datetime) -> Facts:
    rows = conn.execute(
        select(T).where(T.c.state.not_in(tasks.ENDED)).order_by(T.c.due_at, T.c.id)
    ).all()
    silent = [r for r in rows if r.state in tasks.WAITING and r.ack_due_at and r.ack_due_at < now]
    late = [r for r in rows if r not in silent and r.due_at < now]

    def named(found: list[Any]) -> list[Facts]:
        return [
            {"id": r.id, "title": r.title, "assignee": r.assignee, "due": _iso(r.due_at)}
            for r in found[:MOST]
        ]

    return {
        "open": len(rows),
        "unanswered_count": len(silent),
        "unanswered": named(silent),
        "late_count": len(late),
        "late": named(late),
    }


def _orders(conn: Connection, now: datetime, incident_id: str) -> Facts:
    rows = open_orders(conn, incident_id)
    return {
        "open": len(rows),
        "rows": [
            {
                "id": row.id,
                "state": row.state,
                "to": row.given_to,
                "late": row.state == "given"
                and row.ack_due_at is not None
                and row.ack_due_at < now,
                "given": _iso(row.given_at),
            }
            for row in rows[:MOST]
        ],
    }


def _alerts(conn: Connection, now: datetime) -> Facts:
    A = schema.alert
    drafts = conn.execute(select(A).where(A.c.state == "draft").order_by(A.c.id)).all()

    def named(row: Any) -> Facts:
        return {
            "id": row.id,
            "area": row.area_name,
            "event": row.event_name,
            "colour": row.colour,
            "issuer": row.issuer if row.official else "",
            "expires": _iso(row.expires_at),
        }

    in_force = alerts_in_force(conn, now)
    return {
        "count": len(in_force),
        "in_force": [named(row) for row in in_force[:MOST]],
        "drafts": [named(row) for row in drafts[:MOST]],
    }


def _messages(conn: Connection, now: datetime) -> Facts:
    """Messages that somebody should have answered and has not, and those of unknown fate."""
    D = schema.delivery
    waiting = ("sent", "delivered", "read")
    unanswered = select(func.count()).where(
        D.c.state.in_(waiting), D.c.ack_due_at.is_not(None), D.c.ack_due_at < now
    )
    return {
        "unanswered": conn.execute(unanswered).scalar_one(),
        "unknown": conn.execute(select(func.count()).where(D.c.state == "unknown")).scalar_one(),
    }


def _away(conn: Connection, city: City) -> list[Facts]:
    """Teams and crews with work under way, and where."""
    teams = {team.account: team.name for team in city.teams.values() if team.account}
    rows = conn.execute(
        select(T.c.id, T.c.title, T.c.assignee, T.c.state, T.c.territory)
        .where(T.c.state.in_(AWAY), T.c.assignee.is_not(None))
        .where(T.c.role.in_(FORCES) | T.c.assignee.in_(teams))
        .order_by(T.c.assignee, T.c.id)
        .limit(MOST)
    )
    return [
        {
            "task": row.id,
            "title": row.title,
            "assignee": row.assignee,
            "team": teams.get(row.assignee, ""),
            "state": row.state,
        }
        for row in rows
    ]


def _lent(conn: Connection) -> Facts:
    """Things at work in a case, supplies sent and not settled, people in shelters."""
    A, F, S = schema.asset, schema.resource_fill, schema.shelter_use
    things = conn.execute(
        select(A.c.id, A.c.name, A.c.case_id).where(A.c.case_id.is_not(None)).order_by(A.c.id)
    ).all()
    supplies = select(func.count()).select_from(F).where(F.c.closed_at.is_(None))
    taken = select(func.coalesce(func.sum(S.c.taken), 0))
    return {
        "count": len(things),
        "things": [{"id": r.id, "name": r.name, "case": r.case_id} for r in things[:MOST]],
        "supplies": conn.execute(supplies).scalar_one(),
        "sheltered": int(conn.execute(taken).scalar_one()),
    }


def _outlook(conn: Connection, now: datetime) -> Facts | None:
    """What the newest assessment that still speaks expects; None without one."""
    row = latest_assessment(conn)
    if row is None or not speaks(row, now):
        return None
    document: Mapping[str, Any] = row.content
    tide, rain = document.get("tide"), document.get("rain") or {}
    city = document["city"]
    return {
        "run": row.run,
        "issued": document.get("issued"),
        "horizon_h": document.get("horizon_h"),
        "rain_p50": (rain.get("total_mm") or {}).get("p50"),
        "rain_p90": (rain.get("total_mm") or {}).get("p90"),
        "tide_p50": tide["peak"]["p50"] if tide else None,
        "tide_p90": tide["peak"]["p90"] if tide else None,
        "tide_time": tide["peak_time"] if tide else None,
        "datum": tide["datum"] if tide else "",
        "attention_p50": (city.get("places_attention") or {}).get("p50"),
        "danger_p50": (city.get("places_danger") or {}).get("p50"),
    }


def _silent(conn: Connection, city: City, now: datetime) -> list[str]:
    """Stations that spoke within two days and have not for an hour or three times their cadence."""
    R = schema.observation
    found = []
    for station in city.stations.values():
        newest = conn.execute(
            select(func.max(R.c.valid_at)).where(R.c.series == station.series)
        ).scalar_one()
        patience = max(SILENT, 3 * station.cadence)
        if newest is not None and now - FORGOTTEN < newest < now - patience:
            found.append(station.name)
    return found[:MOST]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
