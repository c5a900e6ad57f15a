"""Which units of the city a message is about: by codes, by shapes, by names. Pure."""

from __future__ import annotations

import math
import re

import shapely
import shapely.affinity
from shapely.geometry import Point, Polygon

from anlan.cap import Alert, Area, Circle
from anlan.cap.alert import Ring
from anlan.city import City
from anlan.city.territory import Unit

KM_PER_DEGREE = 111.2
_DIGITS = re.compile(r"\d{2,15}")
MOST_POINTS, MOST_TANGLED, MOST_SHAPES = 20_000, 300, 200
WIDEST_KM = 20_000.0


def places_of(alert: Alert, city: City) -> tuple[tuple[str, ...], bool]:
    """Territory codes that the message is about, and whether it names any place at all.

    A city or province above stands for the whole city. Names are looked for in ``areaDesc``
    alone: texts also name places that are left out.
    """
    areas = [area for info in alert.infos for area in info.areas]
    found: set[str] = set()
    stated = False
    for area in areas:
        codes, by_code = _coded(area, city)
        shapes, by_shape = _shaped(area, city)
        named = _named(area, city) if not by_code and not by_shape else set()
        stated = stated or by_code or by_shape or bool(named)
        found |= codes | shapes | named
    root = city.territory.root.code
    if root in found:
        return (root,), True
    return tuple(sorted(found)), stated


def _coded(area: Area, city: City) -> tuple[set[str], bool]:
    found, any_code = set(), False
    root = city.territory.root.code
    for _, value in area.geocodes:
        code = value.strip()
        if not _DIGITS.fullmatch(code):
            continue
        any_code = True
        padded = code[:12].ljust(12, "0")
        stem = code.rstrip("0")
        if padded in city.territory:
            found.add(padded)
        elif root.startswith(stem) and len(stem) >= 2:
            found.add(root)  # the prefecture, the province
    return found, any_code


def _shaped(area: Area, city: City) -> tuple[set[str], bool]:
    rings, circles = area.polygons[:MOST_SHAPES], area.circles[:MOST_SHAPES]
    shapes = [shape for ring in rings if (shape := _polygon(ring)) is not None]
    shapes += [_circle(circle) for circle in circles if 0 <= circle.radius_km <= WIDEST_KM]
    if not shapes:
        return set(), bool(area.polygons or area.circles)
    whole = shapely.union_all(shapes)
    towns = city.territory.towns() or city.territory.villages()
    found = {unit.code for unit in towns if _touches(whole, unit)}
    if found and len(found) == len(towns):
        return {city.territory.root.code}, True
    return found, True


def _touches(shape: shapely.Geometry, unit: Unit) -> bool:
    if unit.polygon is not None and shape.intersects(unit.polygon):
        return True
    return bool(shape.intersects(Point(unit.lon, unit.lat)))


def _polygon(ring: Ring) -> shapely.Geometry | None:
    if not 4 <= len(ring) <= MOST_POINTS:
        return None
    shape = Polygon(ring)
    if shape.is_valid:
        return shape
    # putting a tangled ring right takes the square of its points: of long ones the hull will do
    return shapely.make_valid(shape) if len(ring) <= MOST_TANGLED else shape.convex_hull


def _circle(circle: Circle) -> shapely.Geometry:
    """A circle as an ellipse in degrees; one without radius touches what lies at its centre."""

    wide = max(circle.radius_km, 0.05) / KM_PER_DEGREE
    round_ = Point(0.0, 0.0).buffer(1.0)
    shrink = max(0.05, math.cos(math.radians(circle.lat)))
    scaled = shapely.affinity.scale(round_, wide / shrink, wide, origin=(0.0, 0.0))
    return shapely.affinity.translate(scaled, circle.lon, circle.lat)


def _named(area: Area, city: City) -> set[str]:
    text = area.description
    towns = {unit.code for unit in city.territory.towns() if unit.name and unit.name in text}
    if towns:
        return towns
    root = city.territory.root
    return {root.code} if root.name and root.name in text else set()
