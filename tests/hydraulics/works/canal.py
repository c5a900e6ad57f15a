"""A canal with one bridge in plain NumPy: the flow that a bridge's loss acts on."""

from __future__ import annotations

import math

import numpy as np

from anlan.hydraulics.numerics import Array
from anlan.hydraulics.works import bridge_loss, through_bridge

G = 9.81
CELLS, DX, SLOPE, MANNING = 60, 10.0, 1e-4, 0.03


def canal_with_bridge(
    soffit: float, discharge: float, duration: float = 2400.0
) -> tuple[Array, Array]:
    """Falls [m] and discharges [m2/s] at the bridge over the last ten minutes.

    The bridge stands in the middle, over a bed at 0 m; ``discharge`` comes in at one end, and the
    other holds the level 5 m. Local inertia without advection.
    """
    bed = -SLOPE * DX * (np.arange(CELLS) - CELLS // 2)
    face = CELLS // 2
    crest = max(bed[face - 1], bed[face])
    depth = 5.0 - bed
    q = np.full(CELLS + 1, discharge)
    time, falls, passed = 0.0, [], []
    while time < duration:
        dt = 0.7 * DX / math.sqrt(G * depth.max())
        level = depth + bed
        over = np.maximum(level[1:], level[:-1]) - np.maximum(bed[1:], bed[:-1])
        drag = 1.0 + dt * G * MANNING**2 * np.abs(q[1:-1]) / over ** (7.0 / 3.0)
        q[1:-1] = (q[1:-1] - G * over * dt * np.diff(level) / DX) / drag
        loss = bridge_loss(
            level[face - 1], level[face], crest, soffit, math.inf, 0.0, 0.5, 0.8, 0.85
        )
        q[face] = through_bridge(q[face], loss, over[face - 1], dt, DX)
        q[-1] = q[-2]
        depth = depth - dt * np.diff(q) / DX
        depth[-1] = 5.0 - bed[-1]
        time += dt
        if time > duration - 600.0:
            falls.append(depth[face - 1] + bed[face - 1] - depth[face] - bed[face])
            passed.append(q[face])
    return np.array(falls), np.array(passed)
