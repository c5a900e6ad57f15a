"""Bringing what the city folder says of its stores, equipment, teams and shelters into the store.

What is there already stays as it is: the desk's own records count from the first day on.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from anlan.city import City
from anlan.journal import Act
from anlan.store import schema

L, A, S = schema.stock_lot, schema.asset, schema.shelter_use
VEHICLE_OF_TEAM = {"pump_truck": "truck", "rescue": "fire_engine"}


def seed(act: Act, city: City) -> int:
    """Load what the store does not know yet; returns how many rows were new."""
    new = _add(act, L, [_lot(act, each) for each in city.stores.supplies.values()])
    new += _add(act, A, [_thing(act, each) for each in city.stores.equipment.values()])
    new += _add(act, A, [_team(act, city, each) for each in city.teams.values()])
    new += _add(
        act,
        S,
        [
            {"id": each.id, "capacity": each.capacity, "taken": 0, "open": False, "since": act.now}
            for each in city.shelters.values()
        ],
    )
    if new:
        act.record("resource.loaded", city.id, content=new)
    return new


def _add(act: Act, table: Any, rows: list[dict[str, Any]]) -> int:
    known = set(act.tx.execute(select(table.c.id)).scalars())
    fresh = [row for row in rows if row["id"] not in known]
    if fresh:
        act.tx.execute(table.insert(), fresh)
    return len(fresh)


def _lot(act: Act, supply: Any) -> dict[str, Any]:
    return {
        "id": supply.id,
        "depot": supply.depot,
        "item": supply.item,
        "unit": supply.unit,
        "quantity": supply.quantity,
        "expires_at": supply.expires,
        "stocked_at": act.now,
        "synthetic": supply.synthetic,
    }


def _thing(act: Act, thing: Any) -> dict[str, Any]:
    return {
        "id": thing.id,
        "kind": thing.kind,
        "name": thing.name,
        "territory": thing.territory,
        "department": thing.department,
        "account": thing.account or None,
        "vehicle": thing.vehicle,
        "lon": thing.lon,
        "lat": thing.lat,
        "capacity": thing.capacity,
        "unit": thing.unit,
        "skills": list(thing.skills),
        "state": "ready",
        "since": act.now,
        "synthetic": thing.synthetic,
    }


def _team(act: Act, city: City, team: Any) -> dict[str, Any]:
    home = city.territory.unit(team.territory)
    return {
        "id": team.id,
        "kind": team.kind,
        "name": team.name,
        "territory": team.territory,
        "department": team.department,
        "account": team.account or None,
        "vehicle": VEHICLE_OF_TEAM.get(team.kind, "car"),
        "lon": home.lon,
        "lat": home.lat,
        "capacity": float(team.strength),
        "unit": "persons",
        "skills": list(team.skills),
        "state": "ready",
        "since": act.now,
        "synthetic": team.synthetic,
    }
