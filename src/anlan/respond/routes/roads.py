"""HTTP for roads: where they pass, the way from here to there, how far one gets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import shapely
from fastapi import APIRouter, Query

from anlan.access.desk import Desk, DeskHere, Viewer
from anlan.city import City
from anlan.refusal import Refusal
from anlan.respond.roads import by_hand
from anlan.respond.roads.network import network_of
from anlan.respond.roads.reach import isochrones
from anlan.respond.roads.route import Leg, Traffic, route, traffic
from anlan.respond.roads.vehicle import vehicle_of, vehicles_of
from anlan.respond.roads.water import RoadWater, dry, known_layer, newest, on_roads

router = APIRouter(tags=["roads"])
SYNTHETIC = "合成路网，仅供演示，不可用于导航 invented roads, for demonstration, not for driving"


@lru_cache(maxsize=6)
def _computed(city: City, runs: Path, run: tuple[str, str], layer: str) -> RoadWater:
    return on_roads(city, network_of(city), runs, run, layer)


@lru_cache(maxsize=24)
def _traffic(
    city: City, water: RoadWater, vehicle: str, orders: tuple[by_hand.ByHand, ...]
) -> Traffic:
    return traffic(network_of(city), water, vehicle_of(city.settings, vehicle), orders)


def water_now(desk: Desk, layer: str) -> RoadWater:
    """Water on the roads by the newest run that still speaks; dry where none does."""
    now = desk.clock.now()
    known_layer(layer)
    with desk.store.read() as conn:
        run = newest(conn, now)
    if run is None or layer == "dry":
        return dry(network_of(desk.city), now.replace(minute=0, second=0, microsecond=0))
    return _computed(desk.city, desk.store.data_dir / "runs", run, layer)


def traffic_now(desk: Desk, layer: str, vehicle: str) -> Traffic:
    """A vehicle class on the roads as forecast now, with what people closed or opened."""
    vehicle_of(desk.city.settings, vehicle)
    city = desk.city
    with desk.store.read() as conn:
        orders = by_hand.in_force(conn, city, network_of(city), desk.clock.now())
    return _traffic(city, water_now(desk, layer), vehicle, orders)


def said_of(water: RoadWater, city: City) -> dict[str, Any]:
    """On what an answer about roads rests, in words for map and API."""
    return {
        "run": water.run,
        "issued": water.issued,
        "water": water.layer,
        "forecast": water.run is not None,
        "synthetic": SYNTHETIC if any(road.synthetic for road in city.roads) else "",
    }


def point(name: str, given: str) -> tuple[float, float]:
    """``lon,lat`` in degrees; raises `Refusal` for anything else."""
    parts = given.split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        lon = lat = float("nan")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Refusal(
            f"{name} '{given[:40]}' is no point; give lon,lat in degrees such as 121.015,30.699",
            field=name,
            value=given[:40],
            remedy="lon,lat in degrees",
        )
    return lon, lat


def departure(desk: Desk, depart: datetime | None) -> datetime:
    """When one sets out, UTC; now if not said. Raises `Refusal` for a time without its zone."""
    now = desk.clock.now()
    if depart is None:
        return now
    if depart.tzinfo is None:
        raise Refusal(
            f"depart {depart} has no offset from UTC; write it as 2021-07-26T02:00:00+08:00",
            field="depart",
            value=depart,
            remedy="a time with its offset",
        )
    return max(now, depart)


@router.get("/roads/vehicles")
def vehicles(desk: DeskHere, caller: Viewer) -> list[dict[str, Any]]:
    """Classes of vehicle: the depth from which each stops (m), and where that is from.

    ``speed_assumed``: its speed in water rests on no published curve.
    """
    return [
        {
            "id": each.id,
            "name": each.name,
            "name_en": each.name_en,
            "limit_m": each.limit_m,
            "source": each.source,
            "speed_assumed": each.assumed,
        }
        for each in vehicles_of(desk.city.settings).values()
    ]


@router.get("/roads")
def roads(
    desk: DeskHere, caller: Viewer, vehicle: str = "car", water: str = "p90"
) -> dict[str, Any]:
    """Roads with when each is closed to a vehicle by forecast water, and how deep it gets.

    ``closed``: spans [from, to) in which depth reaches the vehicle's limit, or a person closed
    it; ``slow``: in which it is driven more slowly; ``by_hand``: the order that counts now, if
    any. Depth in m at the quantile asked for.
    """
    city = desk.city
    if not city.roads:
        return {"type": "FeatureCollection", "features": [], "forecast": False, "synthetic": ""}
    known = traffic_now(desk, water, vehicle)
    held = known.water.held()
    features = []
    now = known.second(desk.clock.now())
    for k, edge in enumerate(known.network.edges):
        if edge.twin is not None and edge.twin < k:
            continue
        pace, bare = known.arcs[k].speeds, known.dry_arcs[k].speeds[0]
        said = known.said_of(k, now)
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": edge.line.tolist()},
                "properties": {
                    "id": edge.road.id,
                    "name": edge.road.name,
                    "name_en": edge.road.name_en,
                    "kind": edge.road.kind,
                    "speed_kmh": edge.road.speed_kmh,
                    "deepest_m": round(float(held[k].max()), 2),
                    "closed": _spans(known, [each <= 0 for each in pace]),
                    "slow": _spans(known, [0 < each < bare for each in pace]),
                    "by_hand": None if said is None else {"id": said.id, "effect": said.effect},
                    "synthetic": edge.road.synthetic,
                },
            }
        )
    return {
        "type": "FeatureCollection",
        "features": features,
        "vehicle": vehicle,
        **said_of(known.water, city),
    }


def _spans(known: Traffic, holds: Sequence[bool]) -> list[list[str | None]]:
    """Spans [from, to) of the intervals in which something holds; no end: to the last and on."""
    moments = [known.moment(second).isoformat() for second in known.times]
    spans: list[list[str | None]] = []
    for k, here in enumerate(holds):
        if not here:
            continue
        end = moments[k + 1] if k + 1 < len(moments) else None
        if spans and spans[-1][1] == moments[k]:
            spans[-1][1] = end
        else:
            spans.append([moments[k], end])
    return spans


def leg_view(leg: Leg) -> dict[str, Any]:
    """One leg as JSON."""
    return {
        "name": leg.name,
        "name_en": leg.name_en,
        "kind": leg.kind,
        "length_m": round(leg.length_m),
        "enter": leg.enter,
        "leave": leg.leave,
        "waits_min": round(leg.waits_s / 60, 1),
        "depth_m": round(leg.depth_m, 2),
        "line": leg.line,
        "synthetic": leg.synthetic,
        "opened": leg.opened,
    }


@router.get("/route")
def way(
    desk: DeskHere,
    caller: Viewer,
    start: Annotated[str, Query(alias="from")],
    to: str,
    vehicle: str = "car",
    water: str = "p90",
    depart: datetime | None = None,
) -> dict[str, Any]:
    """The way that arrives first round forecast water, and why each road was left out.

    ``from``, ``to``: lon,lat in degrees. ``water``: p50, p90 (the stricter) or dry. A route at
    p50 also names in ``risky`` its roads that p90 closes: of ten members one has them so deep.
    """
    known = traffic_now(desk, water, vehicle)
    city = desk.city
    begin, goal = point("from", start), point("to", to)
    leave = departure(desk, depart)
    found = route(known, city.to_xy(*begin), city.to_xy(*goal), leave)
    risky: list[str] = []
    if water == "p50" and known.water.run is not None:
        strict = traffic_now(desk, "p90", vehicle)
        now = strict.second(leave)
        names = {
            edge.road.name
            for k, edge in enumerate(strict.network.edges)
            if not min(strict.arcs[k].speeds) and strict.said_of(k, now) is None
        }
        risky = sorted({leg.name for leg in found.legs} & names)
    return {
        "vehicle": vehicle,
        "limit_m": known.vehicle.limit_m,
        "speed_assumed": known.vehicle.assumed,
        "depart": found.depart,
        "arrive": found.arrive,
        "minutes": round((found.arrive - found.depart).total_seconds() / 60, 1),
        "dry_minutes": round(found.dry_s / 60, 1),
        "length_m": round(found.length_m),
        "off_road_m": [round(each) for each in found.off_road_m],
        "legs": [leg_view(leg) for leg in found.legs],
        "avoided": [
            {
                "road": each.road,
                "name": each.name,
                "name_en": each.name_en,
                "at": each.at,
                "depth_m": round(each.depth_m, 2),
                "limit_m": each.limit_m,
                "effect": each.effect,
                "why": each.why,
                "line": each.line,
            }
            for each in found.avoided
        ],
        "risky": risky,
        "beyond": found.beyond,
        **said_of(known.water, city),
    }


@router.get("/isochrones")
def reach(
    desk: DeskHere,
    caller: Viewer,
    start: Annotated[str, Query(alias="from")],
    vehicle: str = "truck",
    water: str = "p90",
    minutes: str = "10,20,30",
    depart: datetime | None = None,
) -> dict[str, Any]:
    """Areas that a vehicle reaches within some minutes, the widest first."""
    known = traffic_now(desk, water, vehicle)
    try:
        asked = [float(each) for each in minutes.split(",")]
    except ValueError:
        asked = []
    begin = point("from", start)
    found = isochrones(desk.city, known, desk.city.to_xy(*begin), departure(desk, depart), asked)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": shapely.geometry.mapping(each.area),
                "properties": {"minutes": each.minutes, "roads_km": each.roads_km},
            }
            for each in found
        ],
        "vehicle": vehicle,
        **said_of(known.water, desk.city),
    }
