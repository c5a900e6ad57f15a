"""Every volunteer as seen by a piece of work: what asking them would rest on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.respond.volunteers.ranking import Candidate
from anlan.respond.volunteers.records import (
    ACTIVE,
    CL,
    AnyRow,
    K,
    Q,
    S,
    V,
    W,
    distance_km,
    past_of,
    skill_state,
)
from anlan.respond.volunteers.times import free
from anlan.warn import notices

DAY = timedelta(hours=24)


def candidates(
    conn: Connection, city: City, row: AnyRow, now: datetime, within: Collection[str] | None = None
) -> list[Candidate]:
    """Every approved volunteer as seen by a piece of work.

    ``within``: codes of the organiser's part of the city; None for all of it.
    """
    people = conn.execute(select(V).where(V.c.state.in_(ACTIVE)).order_by(V.c.id)).all()
    people = [one for one in people if within is None or one.territory in within]
    past = past_of(conn, people, now)
    have = {
        one.volunteer: one for one in conn.execute(select(S).where(S.c.skill == (row.skill or "")))
    }
    engaged, out = _engaged(conn, row), _hours_out(conn, row.starts_at, now)
    asked = set(
        conn.execute(
            select(Q.c.volunteer).join(K, K.c.id == Q.c.call).where(K.c.work == row.id)
        ).scalars()
    )
    reach = notices.reachable(conn, city, {one.person: None for one in people})
    found = []
    for one in people:
        home = city.territory.unit(one.territory)
        skill = have.get(one.id)
        found.append(
            Candidate(
                id=one.id,
                skill="not_needed" if row.skill is None else skill_state(skill, row.starts_at),
                skill_until=None if skill is None else skill.expires_at,
                distance_km=distance_km(home.lon, home.lat, row.lon, row.lat),
                past=past[one.id],
                free=free(one.times, one.away_until, max(row.starts_at, now), city.zone),
                engaged=one.id in engaged,
                hours_out=out[one.id],
                reachable=reach.get(one.person) is not None,
                asked=one.id in asked,
            )
        )
    return found


def _engaged(conn: Connection, row: AnyRow) -> set[str]:
    """Who is down for this work or other work at the same time."""
    rows = conn.execute(
        select(CL.c.volunteer)
        .join(W, W.c.id == CL.c.work)
        .where(
            CL.c.state.in_(("claimed", "waiting", "on_site")),
            W.c.starts_at < row.ends_at,
            W.c.ends_at > row.starts_at,
        )
    )
    return set(rows.scalars())


def _hours_out(conn: Connection, until: datetime, now: datetime) -> dict[str, float]:
    """Hours that each was out in the 24 hours before ``until``, as far as known ``now``."""
    since = until - DAY
    hours: dict[str, float] = defaultdict(float)
    rows = conn.execute(
        select(CL.c.volunteer, CL.c.out_at, CL.c.back_at).where(
            CL.c.out_at.is_not(None), (CL.c.back_at.is_(None)) | (CL.c.back_at > since)
        )
    )
    for row in rows:
        end = min(until, row.back_at or now)
        hours[row.volunteer] += max(0.0, (end - max(since, row.out_at)).total_seconds() / 3600)
    return hours
