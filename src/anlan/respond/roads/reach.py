"""How far a vehicle gets: isochrones over the roads under water."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from anlan.city import City
from anlan.refusal import Refusal
from anlan.respond.roads.route import Traffic
from anlan.respond.roads.search import drive

BAND_M = 250.0
"""How far beside a road that was reached the area is taken as reached, m."""
MOST_MINUTES = 240.0


@dataclass(frozen=True)
class Reached:
    """What lies within ``minutes``: an area in lon, lat round the roads driven by then."""

    minutes: float
    area: shapely.Geometry
    roads_km: float


def isochrones(
    city: City,
    known: Traffic,
    start: tuple[float, float],
    depart: datetime,
    minutes: Sequence[float],
) -> list[Reached]:
    """Areas reached from ``start`` (x, y in m) within each time, the longest first.

    An edge that is only driven in part counts by that part.

    Raises:
        Refusal: for no times, or times outside 1 to `MOST_MINUTES`.
    """
    asked = sorted(set(minutes), reverse=True)
    if not asked or len(asked) > 6 or not all(1 <= each <= MOST_MINUTES for each in asked):
        raise Refusal(
            f"minutes {', '.join(f'{m:g}' for m in minutes) or '(none)'} cannot be drawn; "
            f"give one to six times of 1 to {MOST_MINUTES:g} minutes",
            field="minutes",
            value=",".join(f"{m:g}" for m in minutes),
            remedy="such as 10,20,30",
        )
    node, _ = known.network.nearest(*start)
    found = known.from_(node, depart, minutes=asked[0])
    at = known.second(depart)
    reached = []
    for each in asked:
        lines, metres = _driven(city, known, found.arrival, at + 60.0 * each)
        # one by one and rough: buffering the whole net at once takes seconds
        bands = shapely.buffer(shapely.simplify(lines, 30.0), BAND_M, quad_segs=3)
        area = shapely.simplify(shapely.union_all(bands), 40.0)
        turned = shapely.transform(area, _degrees(city))
        reached.append(Reached(each, turned, round(metres / 1000.0, 1)))
    return reached


def _driven(
    city: City, known: Traffic, arrival: Mapping[int, float], latest: float
) -> tuple[list[shapely.LineString], float]:
    """The stretches driven by ``latest`` (s), m, and their length.

    A road driven from end to end is not counted again the other way.
    """
    lines = []
    total = 0.0
    whole: set[int] = set()
    for k, edge in enumerate(known.network.edges):
        begin = arrival.get(edge.start)
        if begin is None or begin > latest:
            continue
        passing = drive(edge.length_m, known.arcs[k].speeds, known.times, begin)
        if passing is None or passing.enter > latest:
            continue
        if edge.twin in whole:
            continue
        share = min(1.0, (latest - passing.enter) / max(passing.leave - passing.enter, 1e-9))
        line = shapely.LineString(np.column_stack(city.to_xy(edge.line[:, 0], edge.line[:, 1])))
        lines.append(line if share == 1.0 else shapely.ops.substring(line, 0.0, share, True))
        total += edge.length_m * share
        if share == 1.0:
            whole.add(k)
    return lines, total


def _degrees(city: City) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    return lambda xy: np.column_stack(city.to_lonlat(xy[:, 0], xy[:, 1]))
