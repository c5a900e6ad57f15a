"""The compiled time loop of the local-inertial scheme."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from anlan.hydraulics.arrays import Forcing, Ground, Volumes, Water
from anlan.hydraulics.numerics import Array, G, entry, part, stretch
from anlan.hydraulics.rows import (
    FLOW_DEPTH,
    depth_row,
    flux_row,
    loss_row,
    scale_row,
    share_row,
)
from anlan.hydraulics.structures import Works, run_works


@part
def _apply_levels(
    water: Water, ground: Ground, forcing: Forcing, area: float, sums: Volumes
) -> bool:
    """Set the cells with a prescribed level; what that takes counts as inflow or outflow.

    Returns whether any depth changed.
    """
    h = water.h.reshape(-1)
    c = water.c.reshape(-1)
    z = ground.z.reshape(-1)
    highest = water.highest.reshape(-1)
    real = h.dtype.type
    came = 0.0
    went = 0.0
    changed = False
    for k in range(forcing.level_cell.shape[0]):
        cell = forcing.level_cell[k]
        depth = real(max(forcing.level[k] - np.float64(z[cell]), 0.0))
        gain = (np.float64(depth) - np.float64(h[cell]) - np.float64(c[cell])) * area
        came += max(gain, 0.0)
        went += max(-gain, 0.0)
        changed |= gain != 0.0
        h[cell] = depth
        c[cell] = 0.0
        highest[cell] = max(highest[cell], depth)
    sums.inflow[0] += came
    sums.outflow[0] += went
    return changed


@part
def _sweep(
    ground: Ground,
    forcing: Forcing,
    water: Water,
    qx: Array,
    qy: Array,
    new_qx: Array,
    new_qy: Array,
    share: Array,
    taken: Array,
    theta: Any,
    dt: Any,
    dx: Any,
    keep: Any,
) -> Any:
    """One step of the flow over the whole grid; returns the fastest wave, m/s.

    Row j finds its discharges, then its share, then cuts what crosses its faces; row j - 1, whose
    faces are now final, updates its depths. One pass over memory does all. ``taken`` (1, nx) sums
    the losses of each column, m.
    """
    h = water.h
    c = water.c
    z = ground.z
    ny = h.shape[0]
    dt_dx = dt / dx
    fastest = dt - dt
    short_before = False
    for j in range(ny + 1):
        short = False
        if j < ny:
            a = ground.faces_x[j, 0]
            b = ground.faces_x[j, 1]
            if a < b:
                speed = flux_row(
                    stretch(new_qx, j, a, b),
                    stretch(qx, j, a, b),
                    stretch(qx, j, a - 1, b - 1),
                    stretch(qx, j, a + 1, b + 1),
                    stretch(qy, j, a - 1, b - 1),
                    stretch(qy, j, a, b),
                    stretch(qy, j + 1, a - 1, b - 1),
                    stretch(qy, j + 1, a, b),
                    stretch(h, j, a - 1, b - 1),
                    stretch(h, j, a, b),
                    stretch(z, j, a - 1, b - 1),
                    stretch(z, j, a, b),
                    stretch(ground.zf_x, j, a, b),
                    stretch(ground.gn2_x, j, a, b),
                    stretch(ground.cap_x, j, a, b),
                    theta,
                    dt,
                    dx,
                )
                fastest = speed if speed > fastest else fastest
            a = ground.faces_y[j + 1, 0]
            b = ground.faces_y[j + 1, 1]
            if a < b:
                speed = flux_row(
                    stretch(new_qy, j + 1, a, b),
                    stretch(qy, j + 1, a, b),
                    stretch(qy, j, a, b),
                    stretch(qy, j + 2, a, b),
                    stretch(qx, j, a, b),
                    stretch(qx, j, a + 1, b + 1),
                    stretch(qx, j + 1, a, b),
                    stretch(qx, j + 1, a + 1, b + 1),
                    stretch(h, j, a, b),
                    stretch(h, j + 1, a, b),
                    stretch(z, j, a, b),
                    stretch(z, j + 1, a, b),
                    stretch(ground.zf_y, j + 1, a, b),
                    stretch(ground.gn2_y, j + 1, a, b),
                    stretch(ground.cap_y, j + 1, a, b),
                    theta,
                    dt,
                    dx,
                )
                fastest = speed if speed > fastest else fastest
            a = ground.cells[j, 0]
            b = ground.cells[j, 1]
            short = share_row(
                stretch(share, j % 2, a, b),
                stretch(new_qx, j, a, b),
                stretch(new_qx, j, a + 1, b + 1),
                stretch(new_qy, j, a, b),
                stretch(new_qy, j + 1, a, b),
                stretch(h, j, a, b),
                stretch(c, j, a, b),
                keep,
                dt_dx,
            )
            if short:
                a = ground.faces_x[j, 0]
                b = ground.faces_x[j, 1]
                scale_row(
                    stretch(new_qx, j, a, b),
                    stretch(share, j % 2, a - 1, b - 1),
                    stretch(share, j % 2, a, b),
                )
            if short or short_before:
                a = ground.faces_y[j, 0]
                b = ground.faces_y[j, 1]
                scale_row(
                    stretch(new_qy, j, a, b),
                    stretch(share, (j + 1) % 2, a, b),
                    stretch(share, j % 2, a, b),
                )
        if j > 0:
            k = j - 1
            a = ground.cells[k, 0]
            b = ground.cells[k, 1]
            depth_row(
                stretch(h, k, a, b),
                stretch(c, k, a, b),
                stretch(water.highest, k, a, b),
                stretch(forcing.rain, k, a, b),
                stretch(new_qx, k, a, b),
                stretch(new_qx, k, a + 1, b + 1),
                stretch(new_qy, k, a, b),
                stretch(new_qy, k + 1, a, b),
                dt,
                dt_dx,
            )
            if forcing.has_losses:
                loss_row(
                    stretch(taken, 0, a, b),
                    stretch(h, k, a, b),
                    stretch(c, k, a, b),
                    stretch(forcing.losses, k, a, b),
                    dt,
                )
        short_before = short
    return fastest


@part
def _advance(
    ground: Ground,
    forcing: Forcing,
    works: Works,
    water: Water,
    sums: Volumes,
    qx: Array,
    qy: Array,
    spare_qx: Array,
    spare_qy: Array,
    time: float,
    until: float,
    speed: float,
    first_step: float,
    courant: float,
    max_step: float,
    dx: float,
    theta: float,
) -> tuple[float, float, int]:
    """Step from ``time`` to ``until``; returns the time reached, the fastest wave and the steps.

    ``first_step`` > 0 makes one step of that length instead. After an odd number of steps the
    discharges are in the spare arrays.
    """
    real = water.h.dtype.type
    share = np.ones((2, water.h.shape[1]), water.h.dtype)
    taken = np.zeros((1, water.h.shape[1]))
    keep = real(1.0 - 32.0 * np.finfo(water.h.dtype).eps)
    area = dx * dx
    steps = 0
    while first_step > 0.0 or time < until:
        dt = first_step
        if first_step <= 0.0:
            dt = max_step if speed <= 0.0 else min(courant * dx / speed, max_step)
            # Landing on the end exactly, not by a sum of steps that rounds past it.
            dt = min(dt, until - time)
        fastest = _sweep(
            ground,
            forcing,
            water,
            qx,
            qy,
            spare_qx,
            spare_qy,
            share,
            taken,
            real(theta),
            real(dt),
            real(dx),
            keep,
        )
        qx, spare_qx = spare_qx, qx
        qy, spare_qy = spare_qy, qy
        speed = np.float64(fastest)
        sums.rain[0] += forcing.rain_sum * np.float64(real(dt)) * area
        if works.kind.shape[0] > 0:
            speed = max(speed, run_works(water, ground, works, dt, area))
        if forcing.level_cell.shape[0] > 0:
            _apply_levels(water, ground, forcing, area, sums)
        steps += 1
        time = until if first_step <= 0.0 and dt >= until - time else time + dt
        if first_step > 0.0:
            break
    sums.losses[0] += taken.sum() * area
    return time, speed, steps


@part
def _wave(ground: Ground, water: Water, qx: Array, qy: Array, j: int, i: int) -> float:
    """Largest |q| / hf + sqrt(g hf) over the faces of a cell that water covers, m/s; 0 if none."""
    h = water.h
    z = ground.z
    ny, nx = h.shape
    level = np.float64(h[j, i]) + np.float64(z[j, i])
    fastest = 0.0
    for side in range(4):
        jj = j + (side == 1) - (side == 0)
        ii = i + (side == 3) - (side == 2)
        if jj < 0 or ii < 0 or jj == ny or ii == nx:
            continue
        other = np.float64(h[jj, ii]) + np.float64(z[jj, ii])
        if side < 2:
            hf = max(level, other) - np.float64(ground.zf_y[max(j, jj), i])
            q = np.float64(qy[max(j, jj), i])
        else:
            hf = max(level, other) - np.float64(ground.zf_x[j, max(i, ii)])
            q = np.float64(qx[j, max(i, ii)])
        if hf > FLOW_DEPTH:
            fastest = max(fastest, abs(q) / hf + math.sqrt(G * hf))
    return fastest


@part
def _fastest_wave(ground: Ground, water: Water, qx: Array, qy: Array, cells: Array) -> float:
    """Fastest wave over the faces of the cells with these flat indices, m/s."""
    nx = water.h.shape[1]
    fastest = 0.0
    for k in range(cells.shape[0]):
        fastest = max(fastest, _wave(ground, water, qx, qy, cells[k] // nx, cells[k] % nx))
    return fastest


def _fingerprint() -> str:
    """Digest of the compiled sources.

    The compiler's cache notices a change only in the file of the function that Python calls; the
    digest is part of that function's closure, and so of its key in the cache.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(here.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _entries(fingerprint: str) -> tuple[Callable[..., Any], ...]:
    @entry
    def advance(*args: Any) -> Any:
        len(fingerprint)
        return _advance(*args)

    @entry
    def apply_levels(*args: Any) -> Any:
        len(fingerprint)
        return _apply_levels(*args)

    @entry
    def fastest_wave(*args: Any) -> Any:
        len(fingerprint)
        return _fastest_wave(*args)

    return advance, apply_levels, fastest_wave


advance, apply_levels, fastest_wave = _entries(_fingerprint())
