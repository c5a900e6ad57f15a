"""What can be wrong with the polygon, circle and heights of an area."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Literal, TypeAlias

from anlan.cap.alert import Area, Ring

# The crossing test compares each side with each other: beyond this many points it is left out.
_CROSSING_LIMIT = 600

Row: TypeAlias = tuple[Literal["error", "warning"], str, str]


def area_findings(area: Area) -> Iterator[Row]:
    """(severity, path below the area, sentence) for each fault of an area."""
    if not area.description.strip():
        yield "error", "/areaDesc", "'areaDesc' is empty; name the place"
    if not (area.polygons or area.circles or area.geocodes):
        yield "warning", "", "neither polygon, circle nor geocode; receivers cannot match a place"
    for number, ring in enumerate(area.polygons, 1):
        yield from _ring(ring, f"/polygon[{number}]")
    for number, circle in enumerate(area.circles, 1):
        at = f"/circle[{number}]"
        yield from _degrees(((circle.lon, circle.lat),), at)
        if circle.radius_km < 0:
            yield "error", at, f"the radius {circle.radius_km} km is negative"
    if area.ceiling is not None and area.altitude is None:
        yield "error", "/ceiling", "ceiling needs an altitude; give both"
    elif area.ceiling is not None and area.altitude is not None and area.ceiling < area.altitude:
        yield "error", "/ceiling", f"ceiling {area.ceiling} is below altitude {area.altitude}"


def _degrees(points: Ring, at: str) -> Iterator[Row]:
    for lon, lat in points:
        if not -90 <= lat <= 90:
            yield "error", at, f"latitude {lat} is beyond 90 degrees; write latitude,longitude"
            return
        if not -180 <= lon <= 180:
            yield "error", at, f"longitude {lon} is beyond 180 degrees; write latitude,longitude"
            return


def _ring(ring: Ring, at: str) -> Iterator[Row]:
    yield from _degrees(ring, at)
    if len(ring) < 4:
        yield "error", at, f"{len(ring)} points; a polygon needs four or more"
        return
    if ring[0] != ring[-1]:
        yield "error", at, "the last point differs from the first; close the polygon"
        return
    if len(ring) > _CROSSING_LIMIT:
        yield "warning", at, f"{len(ring)} points; simplify below {_CROSSING_LIMIT} for receivers"
    elif crosses_itself(ring):
        yield "error", at, "the polygon crosses itself; order its points around the area"


def crosses_itself(ring: Ring) -> bool:
    """Whether two sides of a closed ring (lon, lat) that do not adjoin touch or cross."""
    sides = [(start, end) for start, end in itertools.pairwise(ring) if start != end]
    count = len(sides)
    for i in range(count):
        for j in range(i + 2, count):
            if i == 0 and j == count - 1:
                continue
            if _meet(*sides[i], *sides[j]):
                return True
    return False


_Point: TypeAlias = tuple[float, float]


def _turn(a: _Point, b: _Point, c: _Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _between(a: _Point, b: _Point, c: _Point) -> bool:
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def _meet(a: _Point, b: _Point, c: _Point, d: _Point) -> bool:
    if max(a[0], b[0]) < min(c[0], d[0]) or max(c[0], d[0]) < min(a[0], b[0]):
        return False
    abc, abd, cda, cdb = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if abc * abd < 0 and cda * cdb < 0:
        return True
    return (
        (abc == 0 and _between(a, b, c))
        or (abd == 0 and _between(a, b, d))
        or (cda == 0 and _between(c, d, a))
        or (cdb == 0 and _between(c, d, b))
    )
