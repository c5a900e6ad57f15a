"""The one place where CAP's ``lat,lon`` text meets lon, lat pairs (GeoJSON order)."""

from __future__ import annotations

import math
from decimal import Decimal

from anlan.cap.alert import Circle, Ring


def decimal_text(value: float) -> str:
    """The shortest decimal text that reads back as ``value``, never in exponent form.

    Raises:
        ValueError: when ``value`` is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number; give degrees or kilometres")
    return format(Decimal(repr(float(value))), "f")


def point_text(lon: float, lat: float) -> str:
    """``lat,lon`` as CAP writes a point given in lon, lat."""
    return f"{decimal_text(lat)},{decimal_text(lon)}"


def read_point(text: str) -> tuple[float, float]:
    """The (lon, lat) of CAP's ``lat,lon``.

    Raises:
        ValueError: when the text is not two finite numbers joined by one comma.
    """
    parts = text.split(",")
    if len(parts) != 2:
        raise ValueError(f"'{text[:40]}' is not a point; write latitude,longitude")
    try:
        lat, lon = float(parts[0]), float(parts[1])
    except ValueError:
        raise ValueError(f"'{text[:40]}' is not a point; write latitude,longitude") from None
    if not (math.isfinite(lat) and math.isfinite(lon)):
        raise ValueError(f"'{text[:40]}' is not finite; write latitude,longitude in degrees")
    return lon, lat


def ring_text(ring: Ring) -> str:
    """The points of a ring (lon, lat) as CAP's blank-separated ``lat,lon`` list."""
    return " ".join(point_text(lon, lat) for lon, lat in ring)


def read_ring(text: str) -> Ring:
    """The ring (lon, lat) of CAP's polygon text.

    Raises:
        ValueError: when a point cannot be read or there is none.
    """
    ring = tuple(read_point(part) for part in text.split())
    if not ring:
        raise ValueError("the polygon is empty; write four or more points, the first again last")
    return ring


def circle_text(circle: Circle) -> str:
    """``lat,lon radius`` with the radius in kilometres."""
    return f"{point_text(circle.lon, circle.lat)} {decimal_text(circle.radius_km)}"


def read_circle(text: str) -> Circle:
    """The circle of CAP's ``lat,lon radius``.

    Raises:
        ValueError: when the point or the radius is missing or not a number.
    """
    parts = text.split()
    if len(parts) != 2:
        raise ValueError(f"'{text[:40]}' is not a circle; write latitude,longitude radius_km")
    lon, lat = read_point(parts[0])
    try:
        radius = float(parts[1])
    except ValueError:
        raise ValueError(f"the radius '{parts[1][:20]}' is not a number of kilometres") from None
    if not math.isfinite(radius):
        raise ValueError(f"the radius '{parts[1][:20]}' is not finite")
    return Circle(lon, lat, radius)
