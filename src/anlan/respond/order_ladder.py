"""An order that nobody answers climbs one rung, once: who stands above hears of it and may answer.

The rung is the plan's: the first role above the one to whom it was given that somebody else holds
there. What went to somebody without an account goes to the duty officers of the city.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, select

from anlan.city import City
from anlan.journal import Act
from anlan.respond import ladder
from anlan.respond.plan import load
from anlan.respond.records import AnyRow, lineage, officer, officers
from anlan.store import schema

TOLD = schema.order_told


def climb(act: Act, city: City, order: AnyRow) -> list[str]:
    """Tell the next rung of an order without an answer; the accounts told, none if told before."""
    if act.tx.execute(select(TOLD.c.account).where(TOLD.c.order_id == order.id)).first():
        return []
    told = above(act.tx, city, order)
    for account in told:
        act.tx.execute(TOLD.insert().values(order_id=order.id, account=account, told_at=act.now))
    return told


def above(conn: Connection, city: City, order: AnyRow) -> list[str]:
    """Who stands above the one to whom an order was given; neither they nor who gave it."""
    person = officer(conn, order.given_to) if order.given_to else None
    place = person.territory if person else city.territory.root.code
    role = person.role if person else ""
    ladders: Mapping[str, Any] = load(city.folder).escalation.ladders
    # after the role's own ladder comes whoever is left: silence must end at a person
    climbing = {role: (*ladders.get(role, ()), *ladder.LAST_RESORT)}
    department = person.department if person else ""
    rungs = ladder.rungs(climbing, role, officers(conn), lineage(city, place), department)
    parties = {order.given_to, order.given_by, order.entered_by}
    for rung in rungs:
        told = [account for account in rung.accounts if account not in parties]
        if told:
            return told
    return []


def told_of(conn: Connection, names: Collection[str]) -> dict[str, list[AnyRow]]:
    """order -> who was told of it and when, of those that climbed."""
    found: dict[str, list[AnyRow]] = {}
    rows = conn.execute(
        select(TOLD).where(TOLD.c.order_id.in_(sorted(names))).order_by(TOLD.c.account)
    )
    for row in rows:
        found.setdefault(row.order_id, []).append(row)
    return found


def was_told(conn: Connection, order_id: str, account: str) -> bool:
    """Whether an order climbed to this account."""
    mine = (TOLD.c.order_id == order_id, TOLD.c.account == account)
    return conn.execute(select(TOLD.c.account).where(*mine)).first() is not None
