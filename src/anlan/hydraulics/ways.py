"""Faces with a law of their own: walls, barriers, bridges and the edges of the domain.

There are few of them, so plain scalar code computes each after the row it lies in and replaces
what the packed loop has put there. What a face lets through is limited by what the giving cell
has, like any other discharge, and summed in ``volume``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from anlan.hydraulics.arrays import Ground, Water
from anlan.hydraulics.numerics import Array, part, piece
from anlan.hydraulics.physics import LEAST_DEPTH, ONE, WALL, ZERO, inertial_discharge
from anlan.hydraulics.tabled_ways import tabled_bridge_flow, tabled_way_flow
from anlan.hydraulics.tables import tables_of
from anlan.hydraulics.way_laws import (
    BARRIER,
    BRIDGE,
    DISCHARGE,
    LEVEL,
    NORMAL_DEPTH,
    OPEN,
    Ways,
    kept_from_rest,
    weir_limit,
)
from anlan.hydraulics.works import bridge_loss, through_bridge


@part
def barrier_flow(
    ground: Ground, ways: Ways, old: Water, member: int, axis: int, k: int, dt: Any, g: Any, dx: Any
) -> tuple[float, float]:
    """Velocity and discharge over the crest of way ``k``, of the run's real type.

    Most crests stand above the water most of the time: no more is read than tells so.
    """
    r = ways.row[k]
    i = ways.column[k]
    row = member * ground.z.shape[0] + r
    di = 1 if axis == 0 else 0
    dj = 1 - di
    h_a, h_b = old.h[row - dj, i - di], old.h[row, i]
    real = old.h.dtype.type
    if h_a <= ways.over_a[k] and h_b <= ways.over_b[k]:
        return real(0.0), real(0.0)
    z_a, z_b = ground.z[r - dj, i - di], ground.z[r, i]
    eta_a = h_a + z_a
    eta_b = h_b + z_b
    crest = max(real(ways.value[member, k]), max(z_a, z_b))
    up = max(eta_a, eta_b) - crest
    if up <= LEAST_DEPTH:
        return real(0.0), real(0.0)
    here = old.qx[row, i] if axis == 0 else old.qy[row, i]
    discharge, _ = inertial_discharge(
        here,
        here,
        here,
        ZERO,
        h_a,
        h_b,
        z_a,
        z_b,
        crest,
        ground.n[r - dj, i - di],
        ground.n[r, i],
        ZERO,
        ONE,
        real(np.finfo(old.h.dtype).eps),
        g,
        dt,
        dx,
    )
    most = real(weir_limit(np.float64(up), np.float64(min(eta_a, eta_b) - crest)))
    discharge = min(max(discharge, -most), most)
    return discharge / up, discharge


@part
def edge_flow(
    ground: Ground, ways: Ways, old: Water, member: int, axis: int, k: int, dt: Any, g: Any, dx: Any
) -> tuple[float, float]:
    """Velocity and discharge of way ``k``, an edge or closed, of the run's real type."""
    r = ways.row[k]
    i = ways.column[k]
    row = member * ground.z.shape[0] + r
    di = 1 if axis == 0 else 0
    dj = 1 - di
    q = old.qx if axis == 0 else old.qy
    z_a, z_b = ground.z[r - dj, i - di], ground.z[r, i]
    h_a, h_b = old.h[row - dj, i - di], old.h[row, i]
    n_a, n_b = ground.n[r - dj, i - di], ground.n[r, i]
    real = old.h.dtype.type
    grain = real(np.finfo(old.h.dtype).eps)
    value = real(ways.value[member, k])
    kind = ways.kind[k]
    inward = ways.inward[k]
    discharge = real(0.0)
    depth = real(LEAST_DEPTH)
    if inward != 0:
        # The domain's cell, what it would meet outside, and the flow at its far face.
        h, z, n = (h_b, z_b, n_b) if inward > 0 else (h_a, z_a, n_a)
        far = q[row + dj, i + di] if inward > 0 else q[row - dj, i - di]
        outer_h = h
        outer_z = z
        start = q[row, i]
        if kind == DISCHARGE:
            discharge = value if inward > 0 else -value
            depth = max(h, real((np.float64(value) ** 2 / np.float64(g)) ** (1.0 / 3.0)))
        elif kind == NORMAL_DEPTH:
            if h > LEAST_DEPTH:
                size = real(np.float64(h) ** (5.0 / 3.0) * math.sqrt(np.float64(value)))
                discharge = -size / n if inward > 0 else size / n
                depth = h
        else:
            if kind == LEVEL:
                outer_h = max(value - z, real(0.0))
            else:
                z_in = ground.z[r + dj, i + di] if inward > 0 else ground.z[r - 2 * dj, i - 2 * di]
                if z_in < WALL:
                    outer_z = z - max(z_in - z, real(0.0))
                start = far
            if inward > 0:
                discharge, _ = inertial_discharge(
                    start,
                    start,
                    start,
                    ZERO,
                    outer_h,
                    h,
                    outer_z,
                    z,
                    z,
                    n,
                    n,
                    ZERO,
                    ONE,
                    grain,
                    g,
                    dt,
                    dx,
                )
            else:
                discharge, _ = inertial_discharge(
                    start,
                    start,
                    start,
                    ZERO,
                    h,
                    outer_h,
                    z,
                    outer_z,
                    z,
                    n,
                    n,
                    ZERO,
                    ONE,
                    grain,
                    g,
                    dt,
                    dx,
                )
            if kind == OPEN and discharge * inward > ZERO:
                discharge = real(0.0)
            depth = max(max(h, outer_h), real(LEAST_DEPTH))
    return discharge / depth, discharge


@part
def way_flow(
    ground: Ground, ways: Ways, old: Water, member: int, axis: int, k: int, dt: Any, g: Any, dx: Any
) -> tuple[float, float]:
    """Velocity and discharge of way ``k``, unless it is a bridge; of the run's real type."""
    if ways.kind[k] == BARRIER:
        return barrier_flow(ground, ways, old, member, axis, k, dt, g, dx)
    return edge_flow(ground, ways, old, member, axis, k, dt, g, dx)


@part
def bridge_flow(
    ground: Ground,
    ways: Ways,
    old: Water,
    member: int,
    axis: int,
    k: int,
    q: float,
    dt: Any,
    dx: Any,
) -> float:
    """What the bridge over way ``k`` leaves of the discharge ``q`` of the open face, m2/s."""
    r = ways.row[k]
    i = ways.column[k]
    row = member * ground.z.shape[0] + r
    di = 1 if axis == 0 else 0
    dj = 1 - di
    z_a, z_b = np.float64(ground.z[r - dj, i - di]), np.float64(ground.z[r, i])
    eta_a = np.float64(old.h[row - dj, i - di]) + z_a
    eta_b = np.float64(old.h[row, i]) + z_b
    bed = max(z_a, z_b)
    b = ways.bridges
    f = ways.bridge[k]
    loss = bridge_loss(
        eta_a,
        eta_b,
        bed,
        b.soffit[f],
        b.top[f],
        b.pier_share[f],
        b.sluice[f],
        b.orifice[f],
        b.weir[f],
    )
    return through_bridge(q, loss, max(eta_a, eta_b) - bed, np.float64(dt), np.float64(dx))


@part
def _law(
    tables: Any,
    ground: Any,
    ways: Ways,
    old: Water,
    free: Any,
    member: int,
    axis: int,
    k: int,
    dt: Any,
    g: Any,
    dx: Any,
) -> tuple[float, float]:
    if tables is None:
        return way_flow(ground, ways, old, member, axis, k, dt, g, dx)
    return tabled_way_flow(ground, ways, old, free, member, axis, k, dt, g, dx)


@part
def _bridge(
    tables: Any,
    ground: Any,
    ways: Ways,
    old: Water,
    member: int,
    axis: int,
    k: int,
    q: float,
    dt: Any,
    dx: Any,
) -> float:
    if tables is None:
        return bridge_flow(ground, ways, old, member, axis, k, q, dt, dx)
    return tabled_bridge_flow(ground, ways, old, member, axis, k, q, dt, dx)


@piece
def _cross(
    ways: Ways,
    full: bool,
    ground: Ground,
    old: Water,
    scratch: Array,
    member: int,
    axis: int,
    r: int,
    slot_q: int,
    slot_u: int,
    left: int,
    count: int,
    dt: Any,
    g: Any,
    dx: Any,
) -> Any:
    fastest = dt - dt
    start = ways.start_x if axis == 0 else ways.start_y
    for k in range(start[r], start[r + 1]):
        at = ways.column[k] - left
        if not 1 <= at <= count:
            continue
        if ways.kind[k] == BRIDGE:
            before = np.float64(scratch[slot_q, at])
            tables = tables_of(ground)
            after = _bridge(tables, ground, ways, old, member, axis, k, before, dt, dx)
            scratch[slot_q, at] = after
            if full and before != 0.0:
                scratch[slot_u, at] *= after / before
            continue
        free = scratch[slot_q, at]
        tables = tables_of(ground)
        velocity, discharge = _law(tables, ground, ways, old, free, member, axis, k, dt, g, dx)
        if full:
            kept = kept_from_rest(ways, k, velocity, dt, dx)
            velocity *= kept
            discharge *= kept
            scratch[slot_u, at] = velocity
        scratch[slot_q, at] = discharge
        fastest = max(fastest, abs(velocity))
    return fastest


@part
def cross_ways(
    ways: Any,
    full: bool,
    ground: Ground,
    old: Water,
    scratch: Array,
    member: int,
    axis: int,
    r: int,
    slot_q: int,
    slot_u: int,
    left: int,
    count: int,
    dt: Any,
    g: Any,
    dx: Any,
) -> Any:
    """Give the ways of row ``r`` their discharge, in the scratch rows ``slot_q`` and ``slot_u``.

    Returns the largest |velocity| among them, m/s.
    """
    if ways is not None:
        start = ways.start_x if axis == 0 else ways.start_y
        if start[r] < start[r + 1]:
            return _cross(
                ways,
                full,
                ground,
                old,
                scratch,
                member,
                axis,
                r,
                slot_q,
                slot_u,
                left,
                count,
                dt,
                g,
                dx,
            )
    return dt - dt


@piece
def _free(ways: Ways, scratch: Array, r: int, slot: int, left: int, count: int) -> None:
    for k in range(ways.start_x[r], ways.start_x[r + 1]):
        if ways.inward[k] != 0:
            at = ways.column[k] - left - (1 if ways.inward[k] > 0 else 0)
            if 0 <= at <= count:
                scratch[slot, at] = 1.0
    for row in range(r, r + 2):
        for k in range(ways.start_y[row], ways.start_y[row + 1]):
            outer = row if ways.inward[k] < 0 else row - 1
            at = ways.column[k] - left
            if ways.inward[k] != 0 and outer == r and 0 <= at <= count:
                scratch[slot, at] = 1.0


@part
def give_freely(ways: Any, scratch: Array, r: int, slot: int, left: int, count: int) -> None:
    """Let what lies outside the edges of row ``r`` give all that is asked of it."""
    if ways is not None and ways.edge[r]:
        _free(ways, scratch, r, slot, left, count)


@piece
def _dry(ways: Ways, new: Water, base: int, row: int, i0: int, i1: int) -> bool:
    found = False
    for k in range(ways.start_x[row], ways.start_x[row + 1]):
        at = ways.column[k] - (1 if ways.inward[k] > 0 else 0)
        if ways.inward[k] != 0 and i0 <= at < i1:
            new.h[base + row, at] = 0.0
            new.c[base + row, at] = 0.0
            found = True
    for r in range(row, row + 2):
        for k in range(ways.start_y[r], ways.start_y[r + 1]):
            outer = r if ways.inward[k] < 0 else r - 1
            at = ways.column[k]
            if ways.inward[k] != 0 and outer == row and i0 <= at < i1:
                new.h[base + row, at] = 0.0
                new.c[base + row, at] = 0.0
                found = True
    return found


@part
def dry_outside(ways: Any, new: Water, base: int, row: int, i0: int, i1: int) -> bool:
    """Forget what crossed an edge into, or out of, what lies outside; whether any did here."""
    if ways is not None and ways.edge[row]:
        return _dry(ways, new, base, row, i0, i1)
    return False


@piece
def _count(
    ways: Ways, new: Water, base: int, member: int, j0: int, j1: int, i0: int, i1: int, face: float
) -> None:
    """Add what crossed the ways of one tile in the step to their volumes; ``face`` is dt dx."""
    for axis in range(2):
        start = ways.start_x if axis == 0 else ways.start_y
        q = new.qx if axis == 0 else new.qy
        for k in range(start[j0], start[j1]):
            if i0 <= ways.column[k] < i1:
                volume = np.float64(q[base + ways.row[k], ways.column[k]]) * face
                if volume > 0.0:
                    ways.came[member, k] += volume
                elif volume < 0.0:
                    ways.went[member, k] -= volume


@part
def count_ways(ways: Any, *args: Any) -> None:
    """Add what crossed the ways of one tile in the step to their volumes; see ``_count``."""
    if ways is not None:
        _count(ways, *args)
