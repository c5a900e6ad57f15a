"""roads.csv of Pinghu: an invented road network between the places that are known.

Trunk roads follow the schematic courses of lines.csv; country roads join villages, shelters and
hazard places that have no third of them between them (Gabriel's rule); streets run where roads
cross. The expressway is left and entered at interchanges only. Every row is synthetic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.ops
from making import wkt, write_table
from pinghu_facts import ROADS
from pinghu_land import Land, drawn, to_lonlat
from pinghu_places import Place
from pinghu_territory import Village

EXPRESSWAY = "D01"
#: kind, km/h, carriageway above the fields beside it (m): all assumed
TRUNK = ("primary", 60, 0.3)
RAISED = {"D01": ("expressway", 100, 2.2), "D04": ("primary", 60, 0.7)}
COUNTRY = ("tertiary", 40, 0.15)
STREET = ("local", 30, 0.0)
RAMP = ("secondary", 40, 0.3)
#: A country road longer than this (m) is nobody's way.
LONGEST = 4200.0
#: Roads that would end this near (m) to another meet it there.
NEAR = 60.0
INTERCHANGES = 5

Adding = Callable[..., None]


@dataclass(frozen=True)
class Spot:
    """A place that roads lead to (x, y in m)."""

    name: str
    x: float
    y: float
    urban: bool


def write(folder: Path, land: Land, units: Sequence[Village], places: Sequence[Place]) -> None:
    """roads.csv."""
    spots = [Spot(unit.name, unit.x, unit.y, unit.urban) for unit in units]
    dry = [place for place in places if place.kind not in ("underpass", "dike_section")]
    for place in dry:
        if min(np.hypot(spot.x - place.x, spot.y - place.y) for spot in spots) > 150.0:
            spots.append(Spot(str(place.row["name"]).split("（")[0], place.x, place.y, False))
    rows: list[dict[str, object]] = []

    def add(
        name: str, course: shapely.LineString, sort: tuple[str, int, float], **more: str
    ) -> None:
        kind, speed, raised = sort
        rows.append(
            {
                "id": f"RD{len(rows) + 1:04d}", "name": f"{name}（虚构）", "kind": kind,
                "speed_kmh": speed, "one_way": False, "raised_m": raised,
                "wkt": wkt(course, to_lonlat), "synthetic": True, **more,
            }
        )  # fmt: skip

    courses = _courses(land, spots)
    meshed = shapely.node(shapely.MultiLineString([course for _, course, _ in courses]))
    owners = shapely.STRtree([course for _, course, _ in courses])
    parts = sorted(shapely.get_parts(meshed), key=lambda part: part.coords[0])
    crossings: list[tuple[float, float]] = []
    for part in parts:
        if part.length < 1.0:
            continue
        middle = part.interpolate(0.5, normalized=True)
        name, _, sort = courses[int(owners.nearest(middle))]
        add(name, part, sort)
        crossings += [part.coords[0], part.coords[-1]]
    # the very coordinates, so that what meets there is written with the same digits
    met = {(round(x, 2), round(y, 2)): (x, y) for x, y in crossings}
    nodes = shapely.points([met[key] for key in sorted(met)])
    tree = shapely.STRtree(nodes)
    _expressway(land, nodes, tree, add)
    for place in places:
        if place.kind == "underpass":
            _underpass(place, nodes, tree, add)
    write_table(
        folder / "roads.csv",
        "id,name,name_en,kind,speed_kmh,one_way,raised_m,place,wkt,synthetic",
        rows,
    )


def _courses(
    land: Land, spots: Sequence[Spot]
) -> list[tuple[str, shapely.LineString, tuple[str, int, float]]]:
    """Trunk roads and country roads, with their names and sorts, before they are noded."""
    found = []
    for name, title, _, _, _, course in ROADS:
        if name == EXPRESSWAY:
            continue
        road = shapely.intersection(shapely.LineString(drawn(course)), land.outline)
        road = max(shapely.get_parts(road), key=lambda part: part.length)
        found.append((title.split("（")[0], road, RAISED.get(name, TRUNK)))
    points = np.array([(spot.x, spot.y) for spot in spots])
    for a, b in _gabriel(points):
        if np.hypot(*(points[a] - points[b])) <= LONGEST:
            street = spots[a].urban and spots[b].urban
            ends = spots[a].name, spots[b].name
            between = f"{ends[0]}内" if ends[0] == ends[1] else f"{ends[0]}至{ends[1]}"
            name = between + ("道路" if street else "乡道")
            found.append((name, shapely.LineString(points[[a, b]]), STREET if street else COUNTRY))
    return found


def _gabriel(points: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of points whose circle, drawn on the line between them, holds no third point."""
    square = ((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    pairs = []
    for a in range(len(points)):
        for b in range(a + 1, len(points)):
            through = square[a] + square[b]
            through[[a, b]] = np.inf
            if square[a, b] < through.min():
                pairs.append((a, b))
    return pairs


def _expressway(land: Land, nodes: Any, tree: shapely.STRtree, add: Adding) -> None:
    course = next(row[5] for row in ROADS if row[0] == EXPRESSWAY)
    road = shapely.intersection(shapely.LineString(drawn(course)), land.outline)
    road = max(shapely.get_parts(road), key=lambda part: part.length)
    ends = [
        road.interpolate(share, normalized=True) for share in np.linspace(0.04, 0.96, INTERCHANGES)
    ]
    cuts = [road.project(end) for end in ends]
    for low, high in pairwise(cuts):
        add("杭浦高速", shapely.ops.substring(road, low, high), RAISED[EXPRESSWAY])
    for n, end in enumerate(ends, start=1):
        near = nodes[int(tree.nearest(end))]
        add(f"杭浦高速{n}号互通匝道", shapely.LineString([end, near]), RAMP)


def _underpass(place: Place, nodes: Any, tree: shapely.STRtree, add: Adding) -> None:
    """A short cut under a railway or main road, between the two nearest crossings."""
    here = shapely.Point(place.x, place.y)
    ranked = sorted(range(len(nodes)), key=lambda n: (nodes[n].distance(here), n))
    first = nodes[ranked[0]]
    second = next(
        (nodes[n] for n in ranked[1:12] if _opposite(first, here, nodes[n])), nodes[ranked[1]]
    )
    line = shapely.LineString([first, here, second])
    name = str(place.row["name"]).split("（")[0]
    add(name, line, ("secondary", 50, 0.0), place=str(place.row["id"]))


def _opposite(a: shapely.Point, middle: shapely.Point, b: shapely.Point) -> bool:
    return bool((a.x - middle.x) * (b.x - middle.x) + (a.y - middle.y) * (b.y - middle.y) < 0)
