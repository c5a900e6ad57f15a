"""The dossier 一企一档 and the plan 一企一策 of a firm, as JSON-able dicts.

Times are ISO 8601 in UTC. Free text is joined back from its note; None once erased.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from anlan.city import City, Firm
from anlan.refusal import Refusal
from anlan.respond import case as cases
from anlan.respond.firms.facts import F, M, S, facts_of_all
from anlan.respond.firms.passes import passes_of
from anlan.respond.firms.settings import Enterprise, load
from anlan.respond.firms.standing import OPERATIONS, Facts, Reason, Standing, stand
from anlan.respond.records import C
from anlan.store import schema

View = dict[str, Any]
N = schema.note


def find(city: City, firm_id: str) -> Firm:
    """A firm of the city; raises `Refusal` (not_found)."""
    if firm_id not in city.firms:
        raise Refusal(
            f"there is no firm {firm_id[:40]}; see the list of firms",
            field="firm",
            value=firm_id[:40],
            remedy="an id of /api/v1/firms",
            kind="not_found",
        )
    return city.firms[firm_id]


def firm_of(city: City, account: str) -> Firm | None:
    """The firm that an account speaks for, or None."""
    return next((firm for firm in city.firms.values() if firm.account == account), None)


def notes(conn: Connection, digests: Iterable[str | None]) -> dict[str | None, str | None]:
    """The words of notes by their digest; what was erased is None."""
    wanted = sorted({digest for digest in digests if digest})
    rows = conn.execute(select(N.c.digest, N.c.body).where(N.c.digest.in_(wanted)))
    return {row.digest: row.body for row in rows}


def _reason(city: City, reason: Reason) -> View:
    place = city.places.get(reason.ref)
    name = place.name if place else ""
    if not name and reason.ref in city.territory:
        name = city.territory.unit(reason.ref).name
    return {
        "colour": reason.colour,
        "code": reason.code,
        "ref": reason.ref,
        "ref_name": name,
        "value": reason.value,
    }


def _line(
    city: City, known: Enterprise, firm: Firm, facts: Facts, now: datetime, override: Any
) -> View:
    """What stands in the list: identity, place, colour with its reasons, how it works."""
    town = city.territory.town_of(firm.territory)
    worked_out: Standing = stand(facts, known.colour, now)
    in_force = override is not None and override.colour is not None
    in_force = in_force and (override.colour_until is None or override.colour_until > now)
    return {
        "id": firm.id,
        "name": firm.name,
        "name_en": firm.name_en,
        "kind": firm.kind,
        "lon": firm.lon,
        "lat": firm.lat,
        "territory": firm.territory,
        "territory_name": city.territory.unit(firm.territory).name,
        "town": town.code if town else "",
        "town_name": town.name if town else "",
        "employees": firm.employees,
        "essential": firm.essential,
        "synthetic": firm.synthetic,
        "operation": facts.operation,
        "operation_zh": OPERATIONS[facts.operation],
        "colour": override.colour if in_force else worked_out.colour,
        "colour_worked_out": worked_out.colour,
        "colour_set": {
            "colour": override.colour,
            "by": override.colour_by,
            "at": override.colour_at.isoformat(),
            "until": override.colour_until.isoformat() if override.colour_until else None,
        }
        if in_force
        else None,
        "reasons": [_reason(city, reason) for reason in worked_out.reasons],
        "open_cases": len(facts.cases),
        "visited_at": facts.visited_at.isoformat() if facts.visited_at else None,
    }


def lines(conn: Connection, city: City, now: datetime) -> list[View]:
    """Every firm in a line, red first; empty for a city without firms."""
    if not city.firms:
        return []
    known = load(city.folder)
    facts = facts_of_all(conn, city, known.colour, now)
    set_by_hand = {row.firm: row for row in conn.execute(select(S))}
    found = [
        _line(city, known, firm, facts[firm.id], now, set_by_hand.get(firm.id))
        for firm in city.firms.values()
    ]
    order = ("red", "yellow", "green")
    return sorted(found, key=lambda line: (order.index(line["colour"]), line["id"]))


def dossier(conn: Connection, city: City, firm_id: str, now: datetime) -> View:
    """One firm in full: its line, team, cases, passes, measures and the words of an override."""
    firm = find(city, firm_id)
    known = load(city.folder)
    facts = facts_of_all(conn, city, known.colour, now)[firm_id]
    override = conn.execute(select(S).where(S.c.firm == firm_id)).first()
    line = _line(city, known, firm, facts, now, override)
    if line["colour_set"] is not None and override is not None:
        words = notes(conn, [override.colour_note])
        line["colour_set"]["reason"] = words.get(override.colour_note)
    team = known.team_of(line["town"])
    return line | {
        "account": firm.account,
        "team": team.model_dump(exclude={"town"}) if team else None,
        "task_force": known.task_force.model_dump(),
        "cases": _cases(conn, firm_id),
        "passes": passes_of(conn, now, [firm_id]),
        "measures": _measures(conn, firm_id, now),
    }


def _cases(conn: Connection, firm_id: str) -> list[View]:
    rows = conn.execute(
        select(C)
        .join(F, F.c.case_id == C.c.id)
        .where(F.c.firm == firm_id)
        .order_by(C.c.opened_at.desc(), C.c.id.desc())
        .limit(200)
    ).all()
    words = notes(conn, [row.data.get("text_note") for row in rows])
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "title": row.title,
            "text": words.get(row.data.get("text_note")),
            "state": row.state,
            "state_zh": cases.STATES[row.state],
            "late": bool(row.data.get("late")),
            "opened_at": row.opened_at.isoformat(),
            "due_at": row.due_at.isoformat() if row.due_at else None,
            "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        }
        for row in rows
    ]


def _measures(conn: Connection, firm_id: str, now: datetime) -> list[View]:
    rows = conn.execute(
        select(M).where(M.c.firm == firm_id).order_by(M.c.state.desc(), M.c.due_at, M.c.id)
    ).all()
    words = notes(conn, [note for row in rows for note in (row.words_note, row.ended_note)])
    return [
        {
            "id": row.id,
            "text": words.get(row.words_note),
            "department": row.department,
            "state": row.state,
            "overdue": row.state == "open" and row.due_at < now,
            "due_at": row.due_at.isoformat(),
            "made_at": row.made_at.isoformat(),
            "made_by": row.made_by,
            "ended_at": row.ended_at.isoformat() if row.ended_at else None,
            "ended_by": row.ended_by,
            "ended_text": words.get(row.ended_note),
        }
        for row in rows
    ]
