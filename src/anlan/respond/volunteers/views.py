"""Volunteers as JSON: for their own phone, and what both pages share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.respond.volunteers import hours, learning
from anlan.respond.volunteers.records import (
    CL,
    AnyRow,
    K,
    Q,
    S,
    W,
    mine,
    past_of,
    skill_state,
)
from anlan.respond.volunteers.rules import Rules, load
from anlan.store import schema

N = schema.note
SHOWN_AFTER = timedelta(days=14)
MOST = 300
SOON = timedelta(days=30)


def of_rules(rules: Rules) -> dict[str, Any]:
    """What the pages need of the city's rules."""
    return {
        "skills": [
            {"id": name, "title": one.title, "title_en": one.title_en, "proof": one.proof,
             "valid_months": one.valid_months}
            for name, one in rules.skills.items()
        ],
        "reply_min": rules.call.reply_min,
        "confidence": rules.call.confidence,
        "safe_min": rules.safety.safe_min,
        "extend_min": rules.safety.extend_min,
        "keep_months": rules.data.keep_months,
        "invite_places": rules.data.invite_places,
    }  # fmt: skip


def texts_of(conn: Connection, digests: Iterable[str | None]) -> Mapping[str, str]:
    names = [name for name in digests if name]
    if not names:
        return {}
    rows = conn.execute(select(N.c.digest, N.c.body).where(N.c.digest.in_(names)))
    return {row.digest: row.body or "" for row in rows}


def work_shown(conn: Connection, city: City, rows: Iterable[AnyRow]) -> list[dict[str, Any]]:
    rows = list(rows)
    said = texts_of(conn, (row.detail_note for row in rows))
    waiting: dict[str, int] = defaultdict(int)
    for row in conn.execute(
        select(CL.c.work).where(CL.c.work.in_([row.id for row in rows]), CL.c.state == "waiting")
    ):
        waiting[row.work] += 1
    found = []
    for row in rows:
        place = city.places.get(row.place or "")
        unit = city.territory.unit(row.territory)
        found.append(
            {
                "id": row.id, "case": row.case_id, "title": row.title,
                "detail": said.get(row.detail_note or "", ""), "territory": row.territory,
                "territory_name": unit.name, "place_name": place.name if place else None,
                "lon": row.lon, "lat": row.lat, "skill": row.skill, "starts_at": row.starts_at,
                "ends_at": row.ends_at, "needed": row.needed, "places": row.places,
                "taken": row.taken, "waiting": waiting[row.id], "safe_min": row.safe_min,
                "self_claim": row.self_claim, "drill": row.drill, "status": row.status,
                "state": row.state, "at": row.at,
            }
        )  # fmt: skip
    return found


def skills_shown(conn: Connection, names: Collection[str], now: datetime) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    rows = conn.execute(select(S).where(S.c.volunteer.in_(names)).order_by(S.c.skill))
    for row in rows:
        state = skill_state(row, now)
        soon = state == "valid" and row.expires_at is not None and row.expires_at < now + SOON
        found[row.volunteer].append(
            {"skill": row.skill, "state": state, "soon": soon, "learned_at": row.learned_at,
             "expires_at": row.expires_at, "proof": row.proof}
        )  # fmt: skip
    return found


def own(conn: Connection, city: City, account: str, now: datetime) -> dict[str, Any]:
    """Everything that the phone page of one account shows."""
    row = mine(conn, account)
    items = [
        {"id": one.id, "title": one.title, "body": one.body, "at": one.at, "read_at": one.read_at,
         "understood_at": one.understood_at}
        for one in learning.for_account(conn, city, account)
    ]  # fmt: skip
    found: dict[str, Any] = {
        "rules": of_rules(load(city.folder)), "volunteer": None, "calls": [], "offers": [],
        "mine": [], "learning": items,
    }  # fmt: skip
    if row is None:
        return found
    past = past_of(conn, [row], now)[row.id]
    found["volunteer"] = {
        "id": row.id, "state": row.state, "territory": row.territory,
        "territory_name": city.territory.unit(row.territory).name, "times": row.times,
        "away_until": row.away_until, "synthetic": row.synthetic, "erase_at": row.erase_at,
        "skills": skills_shown(conn, [row.id], now)[row.id],
        "minutes": hours.of_volunteers(conn, [row.id])[row.id],
        "past": {"asked": past.asked, "yes": past.yes, "promised": past.promised,
                 "came": past.came},
    }  # fmt: skip
    if row.state != "approved":
        return found
    claims = conn.execute(
        select(CL)
        .join(W, W.c.id == CL.c.work)
        .where(CL.c.volunteer == row.id, W.c.ends_at > now - SHOWN_AFTER)
        .order_by(W.c.starts_at.desc())
        .limit(MOST)
    ).all()
    held = {one.work: one for one in claims}
    names = [*held]
    calls = conn.execute(
        select(K.c.id, K.c.work, K.c.reply_by, Q.c.answer)
        .join(Q, Q.c.call == K.c.id)
        .join(W, W.c.id == K.c.work)
        .where(Q.c.volunteer == row.id, W.c.state == "open", W.c.ends_at > now)
        .order_by(K.c.reply_by)
    ).all()
    offers = conn.execute(
        select(W)
        .where(W.c.state == "open", W.c.self_claim.is_(True), W.c.ends_at > now)
        .order_by(W.c.starts_at)
        .limit(MOST)
    ).all()
    wanted = {*names, *(one.work for one in calls)}
    more = conn.execute(select(W).where(W.c.id.in_(wanted))).all()
    by_id = {
        one["id"]: one
        for one in work_shown(conn, city, {r.id: r for r in (*more, *offers)}.values())
    }
    minutes = hours.of_claims(conn, [one.id for one in claims])
    said = texts_of(conn, (one.note_on_volunteer for one in claims))
    called = {one.work for one in calls}
    found["calls"] = [
        {"call": one.id, "work": by_id[one.work], "reply_by": one.reply_by, "answer": one.answer,
         "state": held[one.work].state if one.work in held else None}
        for one in calls
    ]  # fmt: skip
    found["offers"] = [
        by_id[one.id]
        for one in offers
        if one.id not in called and (one.id not in held or held[one.id].state == "withdrawn")
    ]
    found["mine"] = [
        {"work": by_id[one.work], "state": one.state, "out_at": one.out_at,
         "safe_until": one.safe_until, "back_at": one.back_at,
         "searched": one.search_case is not None, "minutes": minutes[one.id][1],
         "rating_of_work": one.rating_of_work, "rating_of_volunteer": one.rating_of_volunteer,
         "said": said.get(one.note_on_volunteer or "", "")}
        for one in claims
        if one.state != "withdrawn"
    ]  # fmt: skip
    return found
