"""Barriers, bridges and boundaries over ground with sub-grid tables."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from anlan.hydraulics.arrays import Water
from anlan.hydraulics.numerics import part, piece
from anlan.hydraulics.physics import LEAST_DEPTH, WALL, slowed_discharge
from anlan.hydraulics.tables import TabledGround, depth_of, face_of, surface_of
from anlan.hydraulics.way_laws import (
    BARRIER,
    DISCHARGE,
    LEVEL,
    NORMAL_DEPTH,
    OPEN,
    Ways,
    weir_limit,
)
from anlan.hydraulics.works import bridge_loss, through_bridge


@part
def _deep(ground: TabledGround, old: Water, base: int, row: int, column: int) -> float:
    """Depth above the lowest bed of a cell, m."""
    cell = row * ground.z.shape[1] + column
    return depth_of(ground.tables, cell, np.float64(old.h[base + row, column]))


@part
def _face(ground: TabledGround, axis: int, row: int, column: int, level: float) -> Any:
    """Area of flow, N, and depth over the lowest bed of a face at a level."""
    face = row * ground.z.shape[1] + column
    faces = ground.tables.x if axis == 0 else ground.tables.y
    deep = level - np.float64(faces.low[row, column])
    area, n = face_of(faces, face, deep)
    return area, n, deep


@piece
def tabled_way_flow(
    ground: TabledGround,
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
    """Velocity and discharge of way ``k``.

    A barrier passes no more than the open face would, ``free``, nor than its crest lets over the
    whole width; an edge passes what the face's table says.
    """
    r = ways.row[k]
    i = ways.column[k]
    base = member * ground.z.shape[0]
    di = 1 if axis == 0 else 0
    dj = 1 - di
    real = old.h.dtype.type
    value = np.float64(ways.value[member, k])
    kind = ways.kind[k]
    inward = ways.inward[k]
    if kind == BARRIER:
        z_a, z_b = np.float64(ground.z[r - dj, i - di]), np.float64(ground.z[r, i])
        level_a = _deep(ground, old, base, r - dj, i - di) + z_a
        level_b = _deep(ground, old, base, r, i) + z_b
        crest = max(value, max(z_a, z_b))
        up = max(level_a, level_b) - crest
        if up <= LEAST_DEPTH:
            return real(0.0), real(0.0)
        most = weir_limit(up, min(level_a, level_b) - crest)
        passed = max(min(np.float64(free), most), -most)
        return real(passed / up), real(passed)
    if inward == 0:
        return real(0.0), real(0.0)
    q = old.qx if axis == 0 else old.qy
    row, column = (r, i) if inward > 0 else (r - dj, i - di)
    z = np.float64(ground.z[row, column])
    level = _deep(ground, old, base, row, column) + z
    outer = max(level, value) if kind == LEVEL else level
    area, n, _ = _face(ground, axis, r, i, outer)
    depth = max(area, np.float64(LEAST_DEPTH))
    discharge: float = 0.0
    if kind == DISCHARGE:
        discharge = value * inward
        depth = max(area, (value * value / np.float64(g)) ** (1.0 / 3.0))
        depth = max(depth, np.float64(LEAST_DEPTH))
    elif kind == NORMAL_DEPTH:
        if area > LEAST_DEPTH:
            discharge = -inward * area ** (5.0 / 3.0) * math.sqrt(value) / max(n, 1e-6)
    elif area > LEAST_DEPTH:
        start = q[base + r, i]
        drop: float = value - level
        if kind == OPEN:
            behind = q[base + r + dj * inward, i + di * inward]
            z_in = np.float64(ground.z[row + dj * inward, column + di * inward])
            start = behind if z_in < WALL else start
            drop = -max(z_in - z, 0.0) if z_in < WALL else 0.0
        cell = row * ground.z.shape[1] + column
        step = np.float64(dt)
        surface = surface_of(ground.tables, cell, np.float64(old.h[base + row, column]))
        reach = np.float64(dx) * np.float64(dx) * surface / (np.float64(g) * step * step)
        step *= min(1.0, reach / area)
        star = np.float64(start) + step * np.float64(g) / np.float64(dx) * area * drop * inward
        discharge, _ = slowed_discharge(
            star, np.float64(start), 0.0, area, True, n, np.float64(g), step
        )
        if kind == OPEN and discharge * inward > 0.0:
            discharge = 0.0
    return real(discharge / depth), real(discharge)


@piece
def tabled_bridge_flow(
    ground: TabledGround,
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
    base = member * ground.z.shape[0]
    di = 1 if axis == 0 else 0
    dj = 1 - di
    level_a = _deep(ground, old, base, r - dj, i - di) + np.float64(ground.z[r - dj, i - di])
    level_b = _deep(ground, old, base, r, i) + np.float64(ground.z[r, i])
    area, _, deep = _face(ground, axis, r, i, max(level_a, level_b))
    b = ways.bridges
    f = ways.bridge[k]
    loss = bridge_loss(
        level_a,
        level_b,
        max(level_a, level_b) - deep,
        b.soffit[f],
        b.top[f],
        b.pier_share[f],
        b.sluice[f],
        b.orifice[f],
        b.weir[f],
    )
    return through_bridge(q, loss, area, np.float64(dt), np.float64(dx))


@piece
def tabled_conveyance(
    ground: TabledGround, ways: Ways, water: Water, base: int, row: int, column: int, way: int
) -> float:
    """A^(5/3) / N of the face ``way`` of a cell; of a frictionless one as if N were 0.001."""
    axis = 0 if way < ways.start_y[0] else 1
    level = _deep(ground, water, base, row, column) + np.float64(ground.z[row, column])
    area, n, _ = _face(ground, axis, ways.row[way], ways.column[way], level)
    if area <= 1e-3:
        return 0.0
    return float(math.exp(math.log(area) * 5.0 / 3.0) / max(n, 1e-3))
