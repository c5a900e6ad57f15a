"""The geometry of conduits inside the loops: closed forms without trigonometry or powers.

A circle's area and wetted perimeter are polynomials times a square root, fitted to better than
1e-7 of the full value; its surface width needs the root alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import overload

from anlan.hydraulics.drainage.lanes import (
    LANES,
    clip,
    lane,
    lanes_of,
    like,
    root,
    select,
    smaller,
    with_lane,
)
from anlan.hydraulics.drainage.sections import CROWN_FROM
from anlan.hydraulics.numerics import Array, part

CIRCLE, BOX, TRAPEZOID, TABLE = 0, 1, 2, 3
# Depths below this share of the height count as this, where a division needs an area.
LEAST_SHARE = 1e-6
# Columns of the table of conduits' shapes (links, SHAPE_FIELDS).
HEIGHT, BOTTOM, SLOPES, WALLS, FULL_AREA, SLOT, CLOSED = range(7)
SHAPE_FIELDS = 7


def _fit(function: Any, degree: int) -> tuple[float, ...]:
    """Coefficients of the polynomial through Chebyshev's points of [0, 0.5], lowest first."""
    nodes = 0.25 * (1.0 - np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1)))
    values = function(nodes)
    return tuple(float(c) for c in np.linalg.solve(np.vander(nodes, increasing=True), values))


def _circle_area(x: Any) -> Any:
    angle = 2.0 * np.arccos(1.0 - 2.0 * x)
    return (angle - np.sin(angle)) / 8.0 / x**1.5


A0, A1, A2, A3, A4, A5, A6, A7 = _fit(_circle_area, 7)
P0, P1, P2, P3, P4, P5, P6, P7 = _fit(lambda x: np.arccos(1.0 - 2.0 * x) / np.sqrt(x), 7)


@part
def circle_area(u: Any, s: Any) -> Any:
    """Area over diameter squared, for a relative depth u <= 0.5 and its root s."""
    low = A0 + u * (A1 + u * (A2 + u * (A3 + u * (A4 + u * (A5 + u * (A6 + u * A7))))))
    return u * s * low


@part
def circle_wall(u: Any, s: Any) -> Any:
    """Wetted perimeter over diameter, for a relative depth u <= 0.5 and its root s."""
    return s * (P0 + u * (P1 + u * (P2 + u * (P3 + u * (P4 + u * (P5 + u * (P6 + u * P7)))))))


def at(table: Array, row: int, column: int, place: Any) -> Any:
    """Linear interpolation in ``table[row, :, column]``; ``place`` counts its points from 0."""
    raise NotImplementedError


@part
def _at(table: Array, row: int, column: int, place: float) -> float:
    last = table.shape[1] - 1
    k = min(max(int(place), 0), last - 1)
    below = table[row, k, column]
    return float(below + (place - k) * (table[row, k + 1, column] - below))


@overload(at, strict=False)
def _at_lanes(table: Any, row: Any, column: Any, place: Any) -> Any:
    if place != LANES:
        return lambda table, row, column, place: _at(table, row, column, place)

    def lanes(table: Any, row: Any, column: Any, place: Any) -> Any:
        out = place
        for k in range(lanes_of(place)):
            out = with_lane(out, k, _at(table, row, column, lane(place, k)))
        return out

    return lanes


@part
def area_and_width(kind: int, shape: Array, i: int, tables: Array, row: int, y: Any) -> Any:
    """Water of a conduit over its length, slot included, and the rate at which it grows with depth.

    Above the top a closed section goes on as a slot, an open one between upright walls.

    Args:
        kind: CIRCLE, BOX, TRAPEZOID or TABLE.
        shape: (links, SHAPE_FIELDS).
        i: the link.
        tables: (sections, points, 2) area and hydraulic radius of tabulated sections.
        row: the link's section in them.
        y: depth, m, any number.
    """
    height = shape[i, HEIGHT]
    slot = shape[i, SLOT]
    inside = clip(y, 0.0, height)
    if kind == CIRCLE:
        x = inside * (1.0 / height)
        u = smaller(x, 1.0 - x)
        s = root(u)
        half = circle_area(u, s) * (height * height)
        area = select(x > 0.5, shape[i, FULL_AREA] - half, half)
        width = 2.0 * height * s * root(1.0 - u)
    elif kind == TABLE:
        last = tables.shape[1] - 1
        place = inside * (last / height)
        area = at(tables, row, 0, place)
        width = at(tables, row, 2, place)
    else:
        area = inside * (shape[i, BOTTOM] + 0.5 * shape[i, SLOPES] * inside)
        width = shape[i, BOTTOM] + shape[i, SLOPES] * inside
    over = y > height
    area = area + select(over, slot * (y - height), 0.0 * y)
    width = select(over, like(slot, y), width)
    return area, select(y > 0.0, width, 0.0 * y)


@part
def whole_section(kind: int, shape: Array, i: int, tables: Array, row: int, y: Any) -> Any:
    """Area with slot, m2, its growth, m, and hydraulic radius, m, at a depth, m; not quite dry."""
    height = shape[i, HEIGHT]
    slot = shape[i, SLOT]
    inside = clip(y, LEAST_SHARE * height, height)
    if kind == CIRCLE:
        x = inside * (1.0 / height)
        u = smaller(x, 1.0 - x)
        s = root(u)
        half = circle_area(u, s) * (height * height)
        wall = circle_wall(u, s)
        upper = x > 0.5
        area = select(upper, shape[i, FULL_AREA] - half, half)
        width = 2.0 * height * s * root(1.0 - u)
        wall = height * select(upper, np.pi - wall, wall)
        radius = area / wall
    elif kind == TABLE:
        last = tables.shape[1] - 1
        place = inside * (last / height)
        area = at(tables, row, 0, place)
        radius = at(tables, row, 1, place)
        width = at(tables, row, 2, place)
    else:
        area = inside * (shape[i, BOTTOM] + 0.5 * shape[i, SLOPES] * inside)
        width = shape[i, BOTTOM] + shape[i, SLOPES] * inside
        wall = shape[i, BOTTOM] + shape[i, WALLS] * inside
        if kind == BOX:
            share = (inside * (1.0 / height) - CROWN_FROM) * (1.0 / (1.0 - CROWN_FROM))
            wall = wall + shape[i, BOTTOM] * clip(share, 0.0, 1.0)
        radius = area / wall
    over = y > height
    area = area + select(over, slot * (y - height), 0.0 * y)
    return area, select(over, like(slot, y), width), radius
