"""Faces with a law of their own in the second-order scheme: barriers and the edges of the domain.

Plain scalar code replaces what the packed loop has put at these faces. Momentum is taken less
g h^2/2 of the cell's depth at the face and with its part of the bed slope, as in
``second_order_rows.flux_row``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from anlan.hydraulics.hllc import DRY, hllc
from anlan.hydraulics.numerics import Array, part, piece
from anlan.hydraulics.physics import ZERO
from anlan.hydraulics.second_order_rows import EDGE, MIRROR
from anlan.hydraulics.way_laws import (
    BARRIER,
    BRIDGE,
    CLOSED,
    DISCHARGE,
    LEVEL,
    NORMAL_DEPTH,
    Ways,
    weir_limit,
)


@piece
def _close(ways: Ways, open_x: Array, open_y: Array, first: int, last: int) -> None:
    for axis in range(2):
        start = ways.start_x if axis == 0 else ways.start_y
        faces = open_x if axis == 0 else open_y
        for k in range(start[first], start[last]):
            kind = ways.kind[k]
            if kind in (CLOSED, BARRIER):
                faces[ways.row[k], ways.column[k]] = MIRROR
            elif kind != BRIDGE:
                faces[ways.row[k], ways.column[k]] = EDGE


@part
def close_ways(ways: Any, *args: Any) -> None:
    """Mark the faces of some rows that the packed loop must leave alone."""
    if ways is not None:
        _close(ways, *args)


@part
def _over_barrier(eta_a: float, eta_b: float, crest: float, dt_dx: float) -> float:
    """Discharge per unit width over a crest, m2/s; all float64.

    A weir, and never more than brings the two levels together within the step.
    """
    up, down = max(eta_a, eta_b) - crest, min(eta_a, eta_b) - crest
    if up <= 0.0:
        return 0.0
    most = 0.25 * abs(eta_a - eta_b) / dt_dx
    size = min(weir_limit(up, down), most)
    return size if eta_a > eta_b else -size


@part
def _at_edge(
    kind: int,
    value: float,
    eta: float,
    rise: Any,
    deep: Any,
    u: Any,
    v: Any,
    n: Any,
    g: Any,
) -> Any:
    """Fluxes out of the domain's cell: volume, momentum outward less g deep^2/2, and along.

    ``eta`` is the level of the cell, float64; ``rise`` and ``deep`` are what the level gains
    towards the face and the depth there, and ``u`` the velocity outward.
    """
    real = type(deep)
    if kind == LEVEL:
        outside = deep + real(value - eta) - rise
        outside = outside if outside > ZERO else ZERO
        inside_u = u if deep > DRY else outside - outside
        return hllc(deep, inside_u, v, outside, inside_u, v, g)
    volume = ZERO * deep
    across = ZERO * deep
    if kind == DISCHARGE:
        volume = real(-value)
        critical = real((value * value / np.float64(g)) ** (1.0 / 3.0))
        depth = deep if deep > critical else critical
        if depth > DRY:
            across = volume * volume / depth + real(0.5) * g * (depth - deep) * (depth + deep)
        return volume, across, v * (volume if volume > ZERO else ZERO * volume)
    if deep > DRY:
        if kind == NORMAL_DEPTH:
            d = np.float64(deep)
            volume = real(d ** (5.0 / 3.0) * math.sqrt(value) / np.float64(n))
        elif u > ZERO:
            volume = deep * u
        across = volume * volume / deep
    return volume, across, volume * v


@piece
def _cross(
    ways: Ways,
    member: int,
    rows: Array,
    u: Array,
    v: Array,
    z: Array,
    n: Array,
    h: Array,
    c: Array,
    axis: int,
    r: int,
    at: int,
    before: int,
    here: int,
    g: Any,
    dt: Any,
    dx: Any,
) -> None:
    dj, di = axis, 1 - axis
    start = ways.start_x if axis == 0 else ways.start_y
    normal, tangential = (u, v) if axis == 0 else (v, u)
    real = h.dtype.type
    for k in range(start[r], start[r + 1]):
        kind = ways.kind[k]
        i = ways.column[k]
        if kind in (CLOSED, BRIDGE):
            continue
        ja, ia = r - dj, i - di
        eta_a = np.float64(h[ja, ia]) + np.float64(c[ja, ia]) + np.float64(z[ja, ia])
        eta_b = np.float64(h[r, i]) + np.float64(c[r, i]) + np.float64(z[r, i])
        value = ways.value[member, k]
        if kind == BARRIER:
            crest = max(value, np.float64(max(z[ja, ia], z[r, i])))
            q = real(_over_barrier(eta_a, eta_b, crest, np.float64(dt) / np.float64(dx)))
            rows[at, i] = q
            rows[at + 3, i] = q * (tangential[ja, ia] if q > ZERO else tangential[r, i])
            continue
        if ways.inward[k] > 0:
            rise = rows[here, i]
            deep = h[r, i] - rows[here + 1, i]
            out_u = -(normal[r, i] - rows[here + 2, i])
            volume, across, along = _at_edge(
                kind, value, eta_b, -rise, deep, out_u, tangential[r, i], n[r, i], g
            )
            rows[at, i] = -volume
            rows[at + 2, i] = across - g * h[r, i] * rise
            rows[at + 3, i] = -along
        else:
            rise = rows[before, ia]
            deep = h[ja, ia] + rows[before + 1, ia]
            out_u = normal[ja, ia] + rows[before + 2, ia]
            volume, across, along = _at_edge(
                kind, value, eta_a, rise, deep, out_u, tangential[ja, ia], n[ja, ia], g
            )
            rows[at, i] = volume
            rows[at + 1, i] = across + g * h[ja, ia] * rise
            rows[at + 3, i] = along


@part
def cross_row(ways: Any, *args: Any) -> None:
    """Give the ways of one row of faces their fluxes, in the scratch rows from ``at``."""
    if ways is not None:
        _cross(ways, *args)


@piece
def _count(
    ways: Ways, member: int, rows: Array, axis: int, r: int, at: int, dt: Any, dx: Any
) -> None:
    start = ways.start_x if axis == 0 else ways.start_y
    for k in range(start[r], start[r + 1]):
        volume = 0.5 * np.float64(rows[at, ways.column[k]]) * np.float64(dt) * np.float64(dx)
        ways.came[member, k] += max(volume, 0.0)
        ways.went[member, k] += max(-volume, 0.0)


@part
def count_row(ways: Any, *args: Any) -> None:
    """Add what crosses the ways of one row of faces in a stage, half a step's share, to them."""
    if ways is not None:
        _count(ways, *args)
