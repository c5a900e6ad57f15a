"""Alerts and deliveries as JSON for desk, terminal and review. Reading only; nobody's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from anlan.city import City
from anlan.store import schema
from anlan.warn.colour import colour
from anlan.warn.drafting import UNAPPROVED
from anlan.warn.following import escalated_to
from anlan.warn.polygon import drawn, polygon_key
from anlan.warn.records import AlertRow, alert_row, chain_rows, facts_of, facts_of_all, is_public

A, D, P, T = schema.alert, schema.delivery, schema.approval, schema.timer


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _view(city: City, row: AlertRow, extras: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "identifier": row.id,
        "chain": row.chain,
        "version": row.version,
        "rule": row.rule,
        "area": row.area.split(),
        "area_name": row.area_name,
        "event": row.event,
        "event_name": row.event_name,
        "colour": row.colour,
        "colour_name": colour(row.colour).zh,
        "msg_type": row.msg_type,
        "status": row.status,
        "state": row.state,
        "official": row.official,
        "issuer": row.issuer,
        "public": not row.official and is_public(city, row.event),
        "drafted_at": _iso(row.drafted_at),
        "sent_at": _iso(row.sent_at),
        "onset_at": _iso(row.onset_at),
        "expires_at": _iso(row.expires_at),
        "headline": row.headline,
        "description": row.description,
        "instruction": row.instruction,
        "grounds": row.grounds,
        "approvals_needed": row.approvals_needed,
        **extras,
    }


def alerts(
    conn: Connection, city: City, *, states: tuple[str, ...] = (), most: int = 500
) -> list[dict[str, Any]]:
    """Alerts, newest first, with approvals so far, deliveries by state, and overdue approval."""
    query = select(A).order_by(A.c.drafted_at.desc(), A.c.id.desc()).limit(most)
    rows = conn.execute(query.where(A.c.state.in_(states)) if states else query).all()
    return _with_progress(conn, city, rows)


def _with_progress(conn: Connection, city: City, rows: Sequence[AlertRow]) -> list[dict[str, Any]]:
    """The views of ``rows``, in their order, with how far each got."""
    names = [row.id for row in rows]
    given: dict[str, list[dict[str, Any]]] = {}
    for one in conn.execute(select(P).where(P.c.alert.in_(names)).order_by(P.c.at)):
        given.setdefault(one.alert, []).append(
            {"officer": one.officer, "decision": one.decision, "at": _iso(one.at)}
        )
    sent: dict[str, dict[str, int]] = {}
    for name, state, count in conn.execute(
        select(D.c.alert, D.c.state, func.count())
        .where(D.c.alert.in_(names))
        .group_by(D.c.alert, D.c.state)
    ):
        sent.setdefault(name, {})[state] = count
    facts = facts_of_all(conn, [row.id for row in rows if row.state in ("draft", "issued")])
    late = {
        one.subject: one.fired_at
        for one in conn.execute(
            select(T).where(
                T.c.kind == UNAPPROVED, T.c.fired_at.is_not(None), T.c.subject.in_(names)
            )
        )
    }
    return [
        _view(
            city,
            row,
            {
                "approvals": given.get(row.id, []),
                "deliveries": sent.get(row.id, {}),
                "unapproved_since": _iso(late.get(row.id)) if row.state == "draft" else None,
                "escalated_to": escalated_to(conn)
                if row.id in late and row.state == "draft"
                else [],
                "polygon_key": polygon_key(facts.get(row.id, {})),
                "event_name_en": facts.get(row.id, {}).get("event_en", ""),
                "text_en": facts.get(row.id, {}).get("text_en", "") if row.official else "",
            },
        )
        for row in rows
    ]


def alert(conn: Connection, city: City, alert_id: str) -> dict[str, Any]:
    """One alert with its chain and CAP document.

    Raises:
        Refusal: ``not_found``.
    """
    row = alert_row(conn, alert_id)
    (found,) = _with_progress(conn, city, [row])
    return {
        **found,
        **drawn(facts_of(conn, alert_id)),
        "cap_xml": row.cap_xml,
        "chain_ids": [one.id for one in chain_rows(conn, row.chain)],
    }


def active(conn: Connection, city: City) -> list[dict[str, Any]]:
    """Alerts in force now: issued, not replaced, not all-clears."""
    return [one for one in alerts(conn, city, states=("issued",)) if one["msg_type"] != "Cancel"]


def deliveries(
    conn: Connection, alert_id: str = "", person: str = "", state: str = "", most: int = 1000
) -> list[dict[str, Any]]:
    """Deliveries of an alert, to a person, in a state; newest first; persons by id only."""
    query = select(D).order_by(D.c.planned_at.desc(), D.c.id).limit(most)
    if alert_id:
        query = query.where(D.c.alert == alert_id)
    if person:
        query = query.where(D.c.person == person)
    if state:
        query = query.where(D.c.state == state)
    return [
        {
            name: _iso(value) if isinstance(value, datetime) else value
            for name, value in row._mapping.items()
        }
        for row in conn.execute(query)
    ]


def coverage(conn: Connection, alert_id: str) -> dict[str, int]:
    """People of an alert by how far it got with each: the best of their channels counts."""
    order = ("answered", "read", "delivered", "sent", "unknown", "sending", "planned", "queued")
    best: dict[str, str] = {}
    for row in conn.execute(select(D.c.person, D.c.state).where(D.c.alert == alert_id)):
        now = best.get(row.person)
        ranks = {state: number for number, state in enumerate((*order, "suppressed", "failed"))}
        if now is None or ranks[row.state] < ranks[now]:
            best[row.person] = row.state
    return dict(Counter(best.values()))
