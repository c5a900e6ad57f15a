"""A small network of the tests' own: a short road through low land and a long one round it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import shapely

from anlan.city import City, Road
from anlan.respond.roads.network import Network, build
from anlan.respond.roads.water import RoadWater

START = datetime(2021, 7, 25, 0, 0, tzinfo=UTC)
A, B, C = (121.10, 30.70), (121.12, 30.70), (121.11, 30.72)


def road(name: str, *points: tuple[float, float], kmh: float = 36.0, one_way: bool = False) -> Road:
    line = shapely.LineString(points)
    return Road(name, f"{name}路", "", "local", kmh, one_way, 0.0, "", line, True)


ROADS = (road("short", A, B), road("long-1", A, C), road("long-2", C, B))


def network(city: City) -> Network:
    return build(city, ROADS)


def water(net: Network, short: list[float], other: float = 0.0) -> RoadWater:
    """Hourly depths on the short road; one depth for ever on the others."""
    depth = np.full((len(net.edges), len(short)), other)
    for k, edge in enumerate(net.edges):
        if edge.road.id == "short":
            depth[k] = short
    times = tuple(START + timedelta(hours=h) for h in range(len(short)))
    return RoadWater("RUN", "p50", START, times, depth)
