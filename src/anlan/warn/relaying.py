"""Other authorities' warnings passed on under their names. Not our judgement: no approval here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from anlan.city import City, OfficialWarning
from anlan.journal import Act
from anlan.store import schema
from anlan.warn.approval import issue, write_words
from anlan.warn.drafting import status_of
from anlan.warn.records import (
    AlertRow,
    alert_row,
    area_names,
    change_alert,
    facts_of,
    insert_alert,
    keep_facts,
    new_identifier,
)
from anlan.warn.relayed_words import english_event, english_text

OFFICIAL = "official"
LIFE = timedelta(hours=24)
"""How long a relayed warning holds that names no end."""
A = schema.alert


def relay(act: Act, city: City, official: OfficialWarning, *, live: bool = False) -> str:
    """Pass on another authority's warning under its name; returns its id here.

    Relaying the same warning again changes nothing. A newer one replaces those that it says it
    follows, or else the one of the same issuer and event. ``live`` as in `evaluate`.
    """
    area = " ".join(sorted(official.places)) or city.territory.root.code
    rule = f"{OFFICIAL}:{official.id}"
    known = act.tx.execute(select(A.c.id).where(A.c.rule == rule).order_by(A.c.version)).scalar()
    if known is not None:
        return str(known)
    status = status_of(city, live)
    followed = _followed(act, official, status)
    earlier = followed[0] if followed else None
    name = new_identifier(act, city, status)
    insert_alert(
        act,
        {
            "id": name,
            "chain": earlier.chain if earlier else name,
            "version": earlier.version + 1 if earlier else 1,
            "rule": rule,
            "area": area,
            "area_name": area_names(city, area),
            "event": OFFICIAL,
            "event_name": official.event,
            "colour": official.colour,
            "msg_type": "Update" if earlier else "Alert",
            "status": status,
            "state": "draft",
            "official": True,
            "issuer": official.issuer,
            "drafted_at": act.now,
            "onset_at": official.issued,
            "expires_at": official.expires or official.issued + LIFE,
            "headline": "",
            "description": "",
            "instruction": "",
            "grounds": [f"official:{official.id}"],
            "references": [],
            "approvals_needed": 0,
        },
    )
    expires, areas = official.expires or official.issued + LIFE, area_names(city, area, "en")
    facts = {
        "official": "yes",
        "text": official.text,
        "event_en": english_event(official.event),
        "area_en": areas,
        "text_en": english_text(city, areas, official.issued, expires),
    }
    keep_facts(act, name, facts)
    write_words(act, city, alert_row(act.tx, name))
    act.record("alert.relayed", name, grounds=[f"official:{official.id}"], valid_at=official.issued)
    issue(act, city, alert_row(act.tx, name))
    for other in followed[1:]:
        change_alert(act, other.id, "issued", state="superseded")
        act.record("alert.superseded", other.id, grounds=[f"alert:{name}"])
    return name


def end_relay(act: Act, city: City, official_id: str, by: str) -> str | None:
    """Tell those who got a relayed warning that its issuer has ended it.

    Args:
        official_id: of the warning; ``by``: of the message that ended it.

    Returns:
        The id of the all-clear; None where nothing of it is in force here.
    """
    row = act.tx.execute(
        select(A).where(
            A.c.rule == f"{OFFICIAL}:{official_id}",
            A.c.state == "issued",
            A.c.msg_type != "Cancel",
        )
    ).first()
    if row is None:
        return None
    name = new_identifier(act, city, row.status)
    kept = ("chain", "rule", "area", "area_name", "event", "event_name", "colour", "status")
    insert_alert(
        act,
        {
            **{column: getattr(row, column) for column in (*kept, "issuer")},
            "id": name,
            "version": row.version + 1,
            "msg_type": "Cancel",
            "state": "draft",
            "official": True,
            "drafted_at": act.now,
            "expires_at": max(row.expires_at, act.now + timedelta(hours=1)),
            "headline": "",
            "description": "",
            "instruction": "",
            "grounds": [f"official:{by}", f"alert:{row.id}"],
            "references": [],
            "approvals_needed": 0,
        },
    )
    keep_facts(act, name, facts_of(act.tx, row.id))
    write_words(act, city, alert_row(act.tx, name))
    act.record("alert.relayed", name, grounds=[f"official:{by}", f"alert:{row.id}"])
    issue(act, city, alert_row(act.tx, name))
    return name


def _followed(act: Act, official: OfficialWarning, status: str) -> Sequence[AlertRow]:
    """The relayed warnings in force that this one replaces."""
    standing: list[Any] = [
        A.c.status == status,
        A.c.official.is_(True),
        A.c.state == "issued",
        A.c.msg_type != "Cancel",
    ]
    if official.replaces is None:
        standing += [A.c.issuer == official.issuer, A.c.event_name == official.event]
    else:
        standing.append(A.c.rule.in_([f"{OFFICIAL}:{each}" for each in official.replaces]))
    query = select(A).where(*standing).order_by(A.c.drafted_at, A.c.id)
    found = act.tx.execute(query).all()
    return found[:1] if official.replaces is None else found
