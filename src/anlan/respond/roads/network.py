"""Roads as a graph: nodes where they meet, edges between, and the ground that they lie on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from anlan.city import City, Road
from anlan.refusal import Refusal

Floats = NDArray[np.float64]
DIGITS = 6
"""Decimals of a degree at which two vertices are one: about a decimetre."""
REACH_M = 3000.0
"""How far from the nearest road somebody may be and still be sent for, m."""


@dataclass(frozen=True)
class Edge:
    """One way from node to node. ``line``: (n, 2) lon, lat in the direction of travel."""

    start: int
    end: int
    road: Road
    length_m: float
    line: Floats
    twin: int | None
    """The same stretch the other way; None on a one-way road."""


@dataclass(frozen=True, eq=False)
class Network:
    """The graph. ``xy``: (N, 2) nodes in m of the city's system; ``out``: edges that leave each."""

    xy: Floats
    lonlat: Floats
    edges: tuple[Edge, ...]
    out: tuple[tuple[int, ...], ...]
    tree: cKDTree

    def nearest(self, x: float, y: float) -> tuple[int, float]:
        """The node nearest to a point (m), and how far it is, m.

        Raises:
            Refusal: where no road is within `REACH_M`.
        """
        gap, node = self.tree.query((x, y))
        if not gap <= REACH_M:
            raise Refusal(
                f"no road within {REACH_M / 1000:g} km of x {x:.0f}, y {y:.0f}; "
                "choose a point nearer to a road",
                field="point",
                value=f"{x:.0f}, {y:.0f}",
                remedy="a point near a road",
                kind="not_found",
            )
        return int(node), float(gap)


@lru_cache(maxsize=8)
def network_of(city: City) -> Network:
    """The graph of a city's roads, built once.

    Raises:
        Refusal: for a city without roads.
    """
    if not city.roads:
        raise Refusal(
            f"{city.name} has no roads.csv or roads.gpkg; add the city's road layer to "
            f"{city.folder}",
            field="roads",
            remedy="roads.csv or roads.gpkg in the city folder",
            kind="not_found",
        )
    return build(city, city.roads)


def build(city: City, roads: Sequence[Road]) -> Network:
    """Cut roads where they share a vertex, and make a node of every cut and end."""
    drawn = [_vertices(road) for road in roads]
    seen: dict[tuple[float, float], int] = {}
    joints: set[tuple[float, float]] = set()
    for line in drawn:
        for n, at in enumerate(map(tuple, line)):
            seen[at] = seen.get(at, 0) + 1
            if n in (0, len(line) - 1) or seen[at] > 1:
                joints.add(at)
    index: dict[tuple[float, float], int] = {}
    edges: list[Edge] = []
    for road, line in zip(roads, drawn, strict=True):
        cuts = [n for n, at in enumerate(map(tuple, line)) if at in joints]
        for low, high in pairwise(cuts):
            part = line[low : high + 1]
            ends = [index.setdefault(tuple(part[k]), len(index)) for k in (0, -1)]
            metres = np.column_stack(city.to_xy(part[:, 0], part[:, 1]))
            length = float(np.hypot(*np.diff(metres, axis=0).T).sum())
            here = len(edges)
            back = None if road.one_way else here + 1
            edges.append(Edge(ends[0], ends[1], road, length, part, back))
            if back is not None:
                edges.append(Edge(ends[1], ends[0], road, length, part[::-1], here))
    lonlat = np.array(list(index), dtype=np.float64)
    xy = np.column_stack(city.to_xy(lonlat[:, 0], lonlat[:, 1]))
    out: list[list[int]] = [[] for _ in index]
    for k, edge in enumerate(edges):
        out[edge.start].append(k)
    return Network(xy, lonlat, tuple(edges), tuple(map(tuple, out)), cKDTree(xy))


def _vertices(road: Road) -> Floats:
    """(n, 2) lon, lat along a road, without standing still on the way."""
    line = np.round(shapely.get_coordinates(road.geometry), DIGITS)
    moved = np.any(np.diff(line, axis=0) != 0, axis=1)
    return np.asarray(line[np.concatenate([[True], moved])])
