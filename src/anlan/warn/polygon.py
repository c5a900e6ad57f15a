"""Where water is expected, drawn or computed: a polygon that narrows a warning's area."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from anlan.refusal import Refusal
from anlan.store import ids

KEY_SIGNS = 12
MOST_POINTS = 5000
POINTS_IN_CAP = 500
MARGIN = 0.002  # degrees, some 200 m: outlines are coarse, and who lives at the edge is told


def read_polygon(given: Mapping[str, Any], unit: shapely.Geometry | None) -> BaseGeometry:
    """A GeoJSON Polygon or MultiPolygon (lon, lat in degrees, EPSG:4326).

    Args:
        unit: the polygon of the warning's area, to which the given one is cut; None: not known.

    Raises:
        Refusal: for what is no such polygon, has too many points, or lies elsewhere.
    """
    try:
        shape: BaseGeometry = shapely.from_geojson(json.dumps(given))
    except (shapely.errors.GEOSException, TypeError, ValueError):
        raise _refused("is not GeoJSON", "a GeoJSON Polygon, lon before lat") from None
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        raise _refused(f"is a {shape.geom_type}", "a Polygon or MultiPolygon with an area")
    count = int(shapely.get_num_coordinates(shape))
    if count > MOST_POINTS:
        raise _refused(f"has {count} points", f"{MOST_POINTS} or fewer")
    if not shape.is_valid:
        raise _refused(shapely.is_valid_reason(shape)[:80], "a border that does not cross itself")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _refused("leaves the degrees of the earth", "lon before lat, in degrees")
    return shape if unit is None else _cut(shape, unit)


def _cut(shape: BaseGeometry, unit: shapely.Geometry) -> BaseGeometry:
    """The part within the warning's area: nobody is told of a warning that their own officers,
    who answer for another area, have not got."""
    ground = unit.buffer(MARGIN)
    if ground.contains(shape):
        return shape
    common = shapely.make_valid(shape).intersection(ground)
    parts = [
        each for each in shapely.get_parts(common) if each.geom_type == "Polygon" and each.area
    ]
    if not parts:
        raise _refused("lies outside the warning's area", "a polygon that meets it, lon before lat")
    united: BaseGeometry = shapely.union_all(parts)
    return united


def for_cap(shape: BaseGeometry) -> BaseGeometry:
    """The polygon with few enough points for a message, never smaller than a cell of a map."""
    tolerance = 0.0
    while int(shapely.get_num_coordinates(shape)) > POINTS_IN_CAP:
        tolerance = tolerance * 2 or 0.0002
        shape = shape.simplify(tolerance)
    return shape


def drawn(facts: Mapping[str, str]) -> dict[str, Any]:
    """The area that an officer or a run drew: ``polygon`` as GeoJSON (None: the whole area), and
    ``polygon_key``, by which an approval says which one it was given to."""
    text = facts.get("polygon", "")
    polygon = json.loads(shapely.to_geojson(shapely.from_wkt(text))) if text else None
    return {"polygon": polygon, "polygon_key": polygon_key(facts)}


def polygon_key(facts: Mapping[str, str]) -> str:
    """A short digest of the drawn area; empty for the whole area."""
    text = facts.get("polygon", "")
    return ids.digest(text)[:KEY_SIGNS] if text else ""


def _refused(what: str, remedy: str) -> Refusal:
    return Refusal(f"polygon {what}; give {remedy}", field="polygon", remedy=remedy)
