"""An evacuation plan as proposed now: from the newest forecast, the roads and the shelters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from anlan.city import City, Shelter
from anlan.forecast import Products
from anlan.refusal import Refusal
from anlan.respond.dispatch.needs import Evacuation
from anlan.respond.evacuation.allocate import Allocation, Group, Haven, allocate
from anlan.respond.evacuation.changes import changes
from anlan.respond.records import AnyRow
from anlan.respond.roads import search
from anlan.respond.roads.route import Traffic
from anlan.store import ids, schema

E, S, M = schema.evacuation_plan, schema.shelter_use, schema.assessment
DRY_M = 0.15
"""Water from which a shelter is no refuge, m, at the high side of the forecast."""
SEARCH_STEPS = 7
"""Halvings of the time until the water: a leaving time is right to within a hundredth of it."""


@dataclass(frozen=True)
class People:
    """Residents of a hazard place that forecast water reaches."""

    id: str
    name: str
    village: str
    persons: int
    lon: float
    lat: float
    probability: float
    onset: datetime | None


def in_reach(city: City, document: Mapping[str, Any], probability: float) -> list[People]:
    """Who lives at a place that reaches its depth of attention with this probability."""
    found = []
    for part in document["places"]:
        place = city.places.get(part["id"])
        chance = part["attention"]["probability"]
        if place is None or not place.residents or chance < probability:
            continue
        onset = part["attention"]["onset"]
        found.append(
            People(
                place.id,
                place.name,
                place.territory,
                int(place.residents),
                place.lon,
                place.lat,
                chance,
                None if onset is None else datetime.fromisoformat(onset),
            )
        )
    return sorted(found, key=lambda each: (each.onset is None, each.onset or 0, each.id))


def assessed(conn: Connection, run: str | None) -> Mapping[str, Any] | None:
    """The assessment of a run; None where there is none."""
    if run is None:
        return None
    row = conn.execute(select(M.c.content).where(M.c.run == run)).first()
    return None if row is None else row.content


def accepted(conn: Connection) -> AnyRow | None:
    """The plan in force, if any."""
    return conn.execute(
        select(E).where(E.c.state == "accepted").order_by(E.c.accepted_at.desc(), E.c.id.desc())
    ).first()


def used_shelters(conn: Connection) -> dict[str, AnyRow]:
    """Places taken, by shelter."""
    return {row.id: row for row in conn.execute(select(S))}


def depth_at_shelters(city: City, products: Products) -> dict[str, float]:
    """The greatest depth at each shelter's cell at p90, m; 0 off the grid."""
    terrain = city.terrain(products.resolution_m)
    deepest = np.nan_to_num(np.asarray(products.frames("p90"))).max(axis=0)
    found = {}
    for shelter in city.shelters.values():
        try:
            found[shelter.id] = float(deepest[terrain.cell(*city.to_xy(shelter.lon, shelter.lat))])
        except Refusal:
            found[shelter.id] = 0.0
    return found


def propose(
    city: City,
    rules: Evacuation,
    people: Sequence[People],
    shelters: Mapping[str, AnyRow],
    depths: Mapping[str, float],
    known: Traffic,
    now: datetime,
    before: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The plan as JSON with what it changes in the plan in force (``before``, its content)."""
    boarding = timedelta(minutes=rules.boarding_min)
    margin = timedelta(minutes=rules.margin_min)
    nodes = {s.id: _node(city, known, s.lon, s.lat) for s in city.shelters.values()}
    travel: dict[tuple[str, str], float] = {}
    groups = []
    for group in people:
        latest = None if group.onset is None else (group.onset - margin - now).total_seconds()
        groups.append(Group(group.id, group.persons, latest))
        start = _node(city, known, group.lon, group.lat)
        if start is None:
            continue
        found = known.from_(start, now + boarding)
        for shelter, node in nodes.items():
            if node is not None and node in found.arrival:
                travel[group.id, shelter] = found.arrival[node] - known.second(now)
    havens = [
        Haven(s.id, _free(s, shelters), depths.get(s.id, 0.0) < DRY_M)
        for s in city.shelters.values()
    ]
    old = list(before["groups"]) if before else []
    stay = {
        (group["id"], move["shelter"]): move["persons"] for group in old for move in group["moves"]
    }
    allocation = allocate(groups, havens, travel, stay)
    shown = [_group(city, known, each, allocation, nodes, now, margin) for each in people]
    content = {
        "vehicle": known.vehicle.id,
        "groups": shown,
        "persons": sum(each.persons for each in people),
        "moved": sum(move.persons for move in allocation.moves),
    }
    return {
        **content,
        "digest": digest(content),
        "shelters": [_shelter(s, shelters, depths, allocation) for s in city.shelters.values()],
        "changes": changes(old, shown) if before else [],
    }


def digest(content: Mapping[str, Any]) -> str:
    """Names who goes where, so that a person accepts what was seen and nothing else.

    Leaving times are left out: they may move by minutes while one reads.
    """
    return ids.digest(
        [
            [group["id"], group["persons"], [[m["shelter"], m["persons"]] for m in group["moves"]]]
            for group in content["groups"]
        ]
    )


def _node(city: City, known: Traffic, lon: float, lat: float) -> int | None:
    try:
        return known.network.nearest(*city.to_xy(lon, lat))[0]
    except Refusal:
        return None


def _free(shelter: Shelter, used: Mapping[str, AnyRow]) -> int:
    row = used.get(shelter.id)
    return shelter.capacity if row is None else max(0, int(row.capacity - row.taken))


def _group(
    city: City,
    known: Traffic,
    group: People,
    allocation: Allocation,
    nodes: Mapping[str, int | None],
    now: datetime,
    margin: timedelta,
) -> dict[str, Any]:
    unit = city.territory.unit(group.village)
    town = city.territory.town_of(group.village)
    left, why = allocation.left.get(group.id, (0, ""))
    moves = [move for move in allocation.moves if move.group == group.id]
    by = [
        leave_by(city, known, group, nodes[move.haven], group.onset - margin, now)
        for move in moves
        if group.onset is not None and not move.late
    ]
    return {
        "id": group.id,
        "name": group.name,
        "village": group.village,
        "village_name": unit.name,
        "town_name": town.name if town else "",
        "persons": group.persons,
        "at": [group.lon, group.lat],
        "probability": group.probability,
        "onset": None if group.onset is None else group.onset.isoformat(),
        "leave_by": min((each for each in by if each is not None), default=None),
        "moves": [
            {
                "shelter": move.haven,
                "shelter_name": city.shelters[move.haven].name,
                "to": [city.shelters[move.haven].lon, city.shelters[move.haven].lat],
                "persons": move.persons,
                "arrive_min": round(move.travel_s / 60),
                "late": move.late,
            }
            for move in moves
        ],
        "late": any(move.late for move in moves),
        "left": left,
        "why": why,
    }


def leave_by(
    city: City, known: Traffic, group: People, goal: int | None, latest: datetime, now: datetime
) -> str | None:
    """The last time to leave and still arrive by ``latest``, ISO 8601; None where there is none.

    Nobody arrives earlier by leaving later (`search`), so halving finds it.
    """
    start = _node(city, known, group.lon, group.lat)
    if start is None or goal is None:
        return None
    low, high = known.second(now), known.second(latest)
    if not low < high or not _arrives(known, start, goal, low, high):
        return None
    end = high
    for _ in range(SEARCH_STEPS):
        middle = (low + high) / 2
        if _arrives(known, start, goal, middle, end):
            low = middle
        else:
            high = middle
    found = known.moment(low)
    return found.replace(second=0, microsecond=0).isoformat()


def _arrives(known: Traffic, start: int, goal: int, at: float, end: float) -> bool:
    found = search.earliest(
        known.arcs, known.network.out, known.times, start, at, [goal], latest=end
    )
    return goal in found.arrival


def _shelter(
    shelter: Shelter,
    used: Mapping[str, AnyRow],
    depths: Mapping[str, float],
    allocation: Allocation,
) -> dict[str, Any]:
    row = used.get(shelter.id)
    return {
        "id": shelter.id,
        "name": shelter.name,
        "lon": shelter.lon,
        "lat": shelter.lat,
        "capacity": shelter.capacity if row is None else row.capacity,
        "taken": 0 if row is None else row.taken,
        "open": row is not None and row.open,
        "assigned": sum(m.persons for m in allocation.moves if m.haven == shelter.id),
        "depth_m": round(depths.get(shelter.id, 0.0), 2),
        "dry": depths.get(shelter.id, 0.0) < DRY_M,
    }
