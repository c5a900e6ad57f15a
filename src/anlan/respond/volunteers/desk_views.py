"""Volunteers as JSON for the organiser: names masked, everything in the organiser's territory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from anlan.access.vault import Vault, masked_name
from anlan.city import City
from anlan.respond.volunteers import calling, hours
from anlan.respond.volunteers.claiming import HOLDING
from anlan.respond.volunteers.ranking import Ranked
from anlan.respond.volunteers.records import CL, AnyRow, K, P, Q, V, W, past_of
from anlan.respond.volunteers.views import MOST, SHOWN_AFTER, skills_shown, texts_of, work_shown
from anlan.store import schema


def _names(conn: Connection, vault: Vault, people: Collection[str]) -> dict[str, str]:
    rows = conn.execute(select(P.c.id, P.c.name_enc).where(P.c.id.in_(people)))
    return {row.id: masked_name(vault.open(row.name_enc)) for row in rows}


def roster(
    conn: Connection,
    city: City,
    vault: Vault,
    within: Collection[str] | None,
    now: datetime,
    only: str | None = None,
) -> list[dict[str, Any]]:
    """Volunteers in a part of the city, names masked; the erased ones left out."""
    query = select(V).where(V.c.state != "erased").order_by(V.c.id)
    if only is not None:
        query = query.where(V.c.id == only)
    rows = [row for row in conn.execute(query).all() if within is None or row.territory in within]
    names = _names(conn, vault, [row.person for row in rows])
    ids = [row.id for row in rows]
    skills, past = skills_shown(conn, ids, now), past_of(conn, rows, now)
    minutes = hours.of_volunteers(conn, ids)
    out = set(conn.execute(select(CL.c.volunteer).where(CL.c.state == "on_site")).scalars())
    return [
        {
            "id": row.id, "name": names.get(row.person, ""), "state": row.state,
            "territory": row.territory,
            "territory_name": city.territory.unit(row.territory).name,
            "skills": skills[row.id], "times": row.times, "away_until": row.away_until,
            "applied_at": row.applied_at, "minutes": minutes[row.id], "out": row.id in out,
            "past": {"asked": past[row.id].asked, "yes": past[row.id].yes,
                     "promised": past[row.id].promised, "came": past[row.id].came},
            "synthetic": row.synthetic, "erase_at": row.erase_at,
        }
        for row in rows
    ]  # fmt: skip


def works(
    conn: Connection, city: City, within: Collection[str] | None, now: datetime
) -> list[dict[str, Any]]:
    """Offered work in a part of the city, the newest first, with who is out there."""
    rows = conn.execute(
        select(W).where(W.c.ends_at > now - SHOWN_AFTER).order_by(W.c.starts_at.desc()).limit(MOST)
    ).all()
    rows = [row for row in rows if within is None or row.territory in within]
    found = work_shown(conn, city, rows)
    people: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in conn.execute(
        select(CL).where(CL.c.state == "on_site").order_by(CL.c.safe_until, CL.c.volunteer)
    ):
        late = row.safe_until is not None and row.safe_until <= now
        people[row.work].append(
            {"volunteer": row.volunteer, "out_at": row.out_at, "safe_until": row.safe_until,
             "overdue": late, "search_case": row.search_case}
        )  # fmt: skip
    for one in found:
        there = people[one["id"]]
        one |= {"out": there, "overdue": sum(each["overdue"] for each in there)}
    return found


def one_work(
    conn: Connection, city: City, vault: Vault, row: AnyRow, now: datetime
) -> dict[str, Any]:
    """One piece of work with its claims, its calls and their answers, and what to expect."""
    [found] = work_shown(conn, city, [row])
    claims = conn.execute(select(CL).where(CL.c.work == row.id).order_by(CL.c.seq)).all()
    calls = conn.execute(select(K).where(K.c.work == row.id).order_by(K.c.at)).all()
    asked = conn.execute(
        select(Q).where(Q.c.call.in_([one.id for one in calls])).order_by(Q.c.call, Q.c.rank)
    ).all()
    ids = {one.volunteer for one in claims} | {one.volunteer for one in asked}
    people = {one.id: one for one in conn.execute(select(V).where(V.c.id.in_(ids)))}
    names = _names(conn, vault, [one.person for one in people.values() if one.person])
    minutes = hours.of_claims(conn, [one.id for one in claims])
    said = texts_of(conn, (note for one in claims for note in (one.note_on_work,)))

    def named(volunteer: str) -> dict[str, Any]:
        person = people[volunteer].person
        return {"volunteer": volunteer, "name": names.get(person or "", "已注销")}

    states = _delivery_states(conn, [one.notice for one in calls if one.notice])
    found["claims"] = [
        {
            **named(one.volunteer), "state": one.state, "claimed_at": one.claimed_at,
            "out_at": one.out_at, "safe_until": one.safe_until, "back_at": one.back_at,
            "overdue": one.state == "on_site" and one.safe_until is not None
            and one.safe_until <= now,
            "search_case": one.search_case, "called": one.call is not None,
            "minutes_journal": minutes[one.id][0], "minutes": minutes[one.id][1],
            "rating_of_work": one.rating_of_work, "rating_of_volunteer": one.rating_of_volunteer,
            "said": said.get(one.note_on_work or "", ""),
        }
        for one in claims
        if one.state != "withdrawn"
    ]  # fmt: skip
    found["calls"] = [
        {
            "id": call.id, "at": call.at, "reply_by": call.reply_by, "state": call.state,
            "expected": call.expected,
            "asked": [
                {**named(one.volunteer), "rank": one.rank, "reasons": one.reasons,
                 "answer": one.answer, "answered_at": one.answered_at,
                 "delivery": states.get((call.notice, people[one.volunteer].person))}
                for one in asked
                if one.call == call.id
            ],
        }
        for call in calls
    ]  # fmt: skip
    found["held"] = sum(one.state in HOLDING for one in claims)
    found["outlook"] = calling.outlook(conn, city, row, now)
    return found


def _delivery_states(
    conn: Connection, notices: Collection[str]
) -> dict[tuple[str | None, str | None], str]:
    """(notice, person) -> state of the newest delivery."""
    D = schema.delivery
    rows = conn.execute(
        select(D.c.alert, D.c.person, D.c.state)
        .where(D.c.alert.in_(notices))
        .order_by(D.c.planned_at, D.c.id)
    )
    return {(row.alert, row.person): row.state for row in rows}


def selection_view(conn: Connection, vault: Vault, found: Any) -> dict[str, Any]:
    """A preview of a call: who, why, and how many are expected; names masked."""
    people = [each.candidate.id for each in (*found.chosen, *found.spare)]
    people += [name for name, _ in found.left_out]
    rows = {row.id: row.person for row in conn.execute(select(V).where(V.c.id.in_(people)))}
    names = _names(conn, vault, [one for one in rows.values() if one])

    def shown(each: Ranked) -> dict[str, Any]:
        name = each.candidate.id
        return {"volunteer": name, "name": names.get(rows[name], ""), "reasons": each.reasons()}

    return {
        "chosen": [shown(each) for each in found.chosen],
        "spare": [shown(each) for each in found.spare[:100]],
        "left_out": [
            {"volunteer": name, "name": names.get(rows[name], ""), "reason": reason}
            for name, reason in found.left_out
        ],
        "expected": found.expected.as_json(),
        "confidence": found.confidence,
        "short": found.short,
    }
