"""Roads closed or opened by a person, with a reason and an end; routes respect it.

Closed: a landslip, a bridge that gave way, a police cordon. Nobody passes, whatever the class of
vehicle. Open: the forecast has water there, but somebody stands at the place and knows better;
it is driven as when dry. On one stretch the newest word counts. The end is part of the order:
nothing stays closed, or open against a forecast, because it was forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, select, update

from anlan.city import City
from anlan.journal import Act, keep_note
from anlan.refusal import Refusal
from anlan.respond.roads.network import Network
from anlan.store import ids, schema

R, N = schema.road_order, schema.note
EFFECTS = ("closed", "open")
LONGEST = {"closed": timedelta(days=30), "open": timedelta(hours=24)}
"""A road that stays closed belongs into the road layer; a dry one is looked at every day."""
NEAR_M = 300.0
MOST = 200
MOST_WORDS = 500
Sees = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class ByHand:
    """One order in force. ``edges``: both ways of each stretch that it is about."""

    id: str
    effect: str
    edges: tuple[int, ...]
    begins: datetime
    ends: datetime
    reason: str


@lru_cache(maxsize=8)
def _lines(city: City, network: Network) -> tuple[shapely.STRtree, list[shapely.LineString]]:
    lines = [
        shapely.LineString(np.column_stack(city.to_xy(edge.line[:, 0], edge.line[:, 1])))
        for edge in network.edges
    ]
    return shapely.STRtree(lines), lines


def stretch_at(city: City, network: Network, lon: float, lat: float) -> int:
    """The edge nearest to a point. Raises `Refusal` where none is within `NEAR_M`."""
    tree, lines = _lines(city, network)
    spot = shapely.Point(*city.to_xy(lon, lat))
    nearest = int(tree.nearest(spot))
    if lines[nearest].distance(spot) > NEAR_M:
        raise Refusal(
            f"no road within {NEAR_M:g} m of {lon:.5f},{lat:.5f}; click on a road",
            field="at",
            value=f"{lon:.5f},{lat:.5f}",
            remedy="a point on a road",
            kind="not_found",
        )
    return nearest


def _edges(
    city: City, network: Network, road: str, lon: float | None, lat: float | None
) -> tuple[int, ...]:
    """The edges of an order: of the whole road, or of its stretch at the point.

    Empty for a road that the layer has lost.
    """
    own = [k for k, edge in enumerate(network.edges) if edge.road.id == road]
    if lon is None or lat is None or not own:
        return tuple(own)
    spot = shapely.Point(*city.to_xy(lon, lat))
    _, lines = _lines(city, network)
    near = min(own, key=lambda k: lines[k].distance(spot))
    twin = network.edges[near].twin
    return (near,) if twin is None else (near, twin)


def order(
    act: Act,
    city: City,
    network: Network,
    sees: Sees,
    *,
    at: tuple[float, float],
    effect: str,
    until: datetime,
    reason: str,
    whole: bool = False,
) -> str:
    """Close or open the stretch at a point (lon, lat), or the whole road; returns the order's id.

    ``sees``: whether a part of the city is the actor's. A whole road must run through the actor's
    part alone.

    Raises:
        Refusal: naming the field; ``forbidden`` for a road in another part of the city.
    """
    if effect not in EFFECTS:
        raise Refusal(
            f"effect '{effect[:20]}' is none; say {' or '.join(EFFECTS)}",
            field="effect", value=effect[:20], remedy=" or ".join(EFFECTS),
        )  # fmt: skip
    if not reason.strip():
        raise Refusal(
            "say why, so that whoever is sent round knows (请写明原因)",
            field="reason", value="", remedy="a few words",
        )  # fmt: skip
    most = LONGEST[effect]
    if until.tzinfo is None or not act.now < until <= act.now + most:
        raise Refusal(
            f"until {until.isoformat()} is not within {most.total_seconds() / 3600:g} h from now; "
            "give the end with its offset (请给出结束时间)",
            field="until",
            value=until.isoformat(),
            remedy=f"a time with its offset, at most {most.total_seconds() / 3600:g} h from now",
        )
    edge = stretch_at(city, network, *at)
    road = network.edges[edge].road
    point = None if whole else at
    edges = _edges(city, network, road.id, *(point or (None, None)))
    foreign = [where for where in _villages(city, network, edges, at) if not sees(where)]
    if foreign:
        raise Refusal(
            f"{road.name} runs through {city.territory.unit(foreign[0]).name}, which is not your "
            "part of the city; close the stretch in yours, or ask the desk",
            field="at",
            value=road.id,
            remedy="a stretch in your own part, or the desk",
            kind="forbidden",
        )
    held = act.tx.execute(
        select(R.c.id).where(R.c.until > act.now, R.c.lifted_at.is_(None))
    ).fetchmany(MOST)
    if len(held) >= MOST:
        raise Refusal(
            f"{MOST} roads are closed or opened by hand already; lift some, or put the road "
            "layer right",
            field="at", value=road.id, remedy="fewer orders", kind="conflict",
        )  # fmt: skip
    name = ids.next_id(act.tx, "RO")
    act.tx.execute(
        R.insert().values(
            id=name, road=road.id, effect=effect,
            lon=None if whole else at[0], lat=None if whole else at[1],
            territory=city.territory.locate(*at).code,
            note=keep_note(act, "road.order", reason.strip()[:MOST_WORDS]),
            by=act.actor, at=act.now, until=until, lifted_at=None, lifted_by=None,
        )
    )  # fmt: skip
    act.record(
        f"road.{'closed' if effect == 'closed' else 'opened'}",
        name,
        grounds=[f"road:{road.id}"],
        content={"effect": effect, "until": until, "point": point},
    )
    return name


def _villages(
    city: City, network: Network, edges: tuple[int, ...], at: tuple[float, float]
) -> list[str]:
    """Where the order acts: the village of the point, and of every end for a whole road."""
    if len(edges) <= 2:
        return [city.territory.locate(*at).code]
    ends = [network.edges[k].line[n] for k in edges for n in (0, -1)]
    return sorted({city.territory.locate(float(lon), float(lat)).code for lon, lat in ends})


def lift(act: Act, sees: Sees, name: str) -> None:
    """The order ends now; a second time does nothing. Raises `Refusal` (not_found)."""
    row = act.tx.execute(select(R).where(R.c.id == name)).first()
    if row is None or not sees(row.territory):
        raise Refusal(
            f"there is no road order {name[:40]} here",
            field="order", value=name[:40], remedy="an order of /api/v1/roads/by-hand",
            kind="not_found",
        )  # fmt: skip
    won = act.tx.execute(
        update(R)
        .where(R.c.id == name, R.c.lifted_at.is_(None), R.c.until > act.now)
        .values(lifted_at=act.now, lifted_by=act.actor)
    )
    if won.rowcount == 1:
        act.record("road.lifted", name, grounds=[f"road:{row.road}"])


def _rows(conn: Connection, now: datetime) -> list[Any]:
    return list(
        conn.execute(
            select(R, N.c.body.label("reason"))
            .join(N, N.c.digest == R.c.note, isouter=True)
            .where(R.c.until > now, R.c.lifted_at.is_(None))
            .order_by(R.c.at, R.c.id)
        )
    )


def in_force(conn: Connection, city: City, network: Network, now: datetime) -> tuple[ByHand, ...]:
    """The orders in force, the older first; what a search of routes is given."""
    return tuple(
        ByHand(
            row.id,
            row.effect,
            _edges(city, network, row.road, row.lon, row.lat),
            row.at,
            row.until,
            row.reason or "",
        )
        for row in _rows(conn, now)
    )


def shown(conn: Connection, city: City, network: Network, now: datetime) -> list[dict[str, Any]]:
    """The orders in force for people, the newest first, with the lines (lon, lat) they are about.

    ``road_name`` is empty for a road that the layer has lost; such an order acts on nothing.
    """
    names = {road.id: road for road in city.roads}
    found = []
    for row in reversed(_rows(conn, now)):
        road = names.get(row.road)
        seen: set[int] = set()
        lines = []
        for k in _edges(city, network, row.road, row.lon, row.lat):
            if network.edges[k].twin not in seen:
                seen.add(k)
                lines.append(network.edges[k].line.tolist())
        found.append(
            {
                "id": row.id,
                "road": row.road,
                "road_name": road.name if road else "",
                "road_name_en": road.name_en if road else "",
                "effect": row.effect,
                "whole": row.lon is None,
                "territory": row.territory,
                "territory_name": city.territory.named(row.territory).name,
                "reason": row.reason or "",
                "by": row.by,
                "at": row.at,
                "until": row.until,
                "lines": lines,
            }
        )
    return found
