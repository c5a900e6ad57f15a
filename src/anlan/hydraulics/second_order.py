"""The second-order scheme: the package's own referee, for breaches and gates that open at once.

Finite volumes with depth and momentum at cell centres. Limited linear slopes of level, bed and
velocity (van Leer 1979); hydrostatic reconstruction at the faces (Audusse et al. 2004); HLLC;
two stages of Heun's method; outflow cut to what a cell holds, so that no depth is ever clamped.
Buttinger-Kreuzhuber et al. (2019), doi:10.1016/j.advwatres.2019.01.004, compare such schemes.

A tile is a band of rows. For its second stage it needs the first one in three rows more on either
side, which it computes once more, so tiles wait for nobody and their order changes no bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from anlan.hydraulics.arrays import PAD, Run, Settings, Water
from anlan.hydraulics.numerics import Array, G, kernel, part, piece, source_digest, stretch
from anlan.hydraulics.rows import lost
from anlan.hydraulics.second_order_rows import open_row
from anlan.hydraulics.second_order_scratch import (
    FLUX_X,
    FLUX_Y,
    GAIN,
    SHARE,
    SLOPE_X,
    SLOPE_Y,
    Scratch,
    clear,
    cut,
    end_first,
    end_second,
    fluxes,
    gains,
    shares,
    slopes,
    velocities,
    zero_row,
)
from anlan.hydraulics.second_order_ways import close_ways, count_row, cross_row

# dt = COURANT dx / (fastest |u| or |v| + sqrt(g h)); each axis may take half of a cell a step.
COURANT = 0.45
# Rows that a stage reads beyond those that it ends.
REACH = 3


@part
def _needs(s: Scratch, ways: Any, axis: int, r: int) -> bool:
    """Whether anything can cross row ``r`` of faces of ``axis``."""
    needed = s.wet[r] or (axis == 1 and s.wet[r - 1])
    if ways is not None:
        start = ways.start_x if axis == 0 else ways.start_y
        needed = needed or start[r] < start[r + 1]
    return bool(needed)


@piece
def _stage_fluxes(
    s: Scratch,
    z: Array,
    n: Array,
    h: Array,
    c: Array,
    ways: Any,
    member: int,
    r: int,
    counts: bool,
    g: Any,
    dt: Any,
    dx: Any,
    keep: Any,
) -> bool:
    """Fluxes of y row ``r`` and of x row ``r - 1``, and the final ones of rows ``r - 1``.

    ``counts`` is whether the tile owns the latter, and so adds them to the volumes of the ways.
    Returns whether anything crosses a face of the cells of row ``r - 1``.
    """
    j = r - 1
    at = FLUX_Y + 4 * (r % 3)
    crosses = _needs(s, ways, 1, r)
    if crosses or _needs(s, ways, 1, r + 1):
        slopes(s, z, h, c, r, SLOPE_Y + 4 * (r % 2), 1)
    if crosses:
        before, here = SLOPE_Y + 4 * (j % 2), SLOPE_Y + 4 * (r % 2)
        fluxes(s, z, h, c, r, at, before, here, 1, g)
        cross_row(ways, member, s.rows, s.u, s.v, z, n, h, c, 1, r, at, before, here, g, dt, dx)
    else:
        clear(s.rows, at, 4)
    at = FLUX_X + 4 * (j % 2)
    moves = _needs(s, ways, 0, j)
    if moves:
        slopes(s, z, h, c, j, SLOPE_X, 0)
        fluxes(s, z, h, c, j, at, SLOPE_X, SLOPE_X, 0, g)
        cross_row(ways, member, s.rows, s.u, s.v, z, n, h, c, 0, j, at, SLOPE_X, SLOPE_X, g, dt, dx)
    else:
        clear(s.rows, at, 4)
    moves = moves or crosses or _needs(s, ways, 1, j)
    if moves:
        # A row that lacks nothing has shares of 1, and scaling by them changes no bit.
        shares(s, z, h, c, j, keep, dt / dx)
        cut(s.rows, at, j % 2, j % 2, 1)
        cut(s.rows, FLUX_Y + 4 * (j % 3), (j - 1) % 2, j % 2, 0)
        if counts:
            count_row(ways, member, s.rows, 0, j, at, dt, dx)
            count_row(ways, member, s.rows, 1, j, FLUX_Y + 4 * (j % 3), dt, dx)
    else:
        for i in range(h.shape[1]):
            s.rows[SHARE + j % 2, i] = 1.0
    return moves


@piece
def _begin_stage(
    s: Scratch, z: Array, h: Array, c: Array, qx: Array, qy: Array, first: int, last: int
) -> None:
    velocities(s, h, c, qx, qy, first - REACH, last + REACH)
    slopes(s, z, h, c, first - 2, SLOPE_Y + 4 * (first % 2), 1)
    clear(s.rows, FLUX_X, SHARE - FLUX_X)
    for i in range(h.shape[1]):
        s.rows[SHARE, i] = 1.0
        s.rows[SHARE + 1, i] = 1.0


@piece
def _first_stage(
    s: Scratch,
    z: Array,
    n: Array,
    h: Array,
    c: Array,
    qx: Array,
    qy: Array,
    ways: Any,
    member: int,
    j0: int,
    j1: int,
    g: Any,
    dt: Any,
    dx: Any,
    keep: Any,
) -> None:
    """The first stage of rows ``j0`` to before ``j1``, and of those that their second one reads."""
    first, last = max(j0 - REACH, PAD), min(j1 + REACH, h.shape[0] - PAD)
    _begin_stage(s, z, h, c, qx, qy, first, last)
    for j in range(first, last):
        s.held[j] = s.wet[j]
    moved = False
    for r in range(first - 1, last + 2):
        counts = j0 < r <= j1
        moves = _stage_fluxes(s, z, n, h, c, ways, member, r, counts, g, dt, dx, keep)
        j = r - 2
        if j >= first:
            if moved:
                gains(s, s.gain, j, z, j, dt / dx)
                end_first(s, n, h, c, qx, qy, j, g, dt)
            else:
                zero_row(s.gain, j)
                zero_row(s.h, j)
                zero_row(s.c, j)
                zero_row(s.qx, j)
                zero_row(s.qy, j)
        moved = moves


@piece
def _second_stage(
    s: Scratch,
    z: Array,
    n: Array,
    h: Array,
    c: Array,
    qx: Array,
    qy: Array,
    new_h: Array,
    new_c: Array,
    new_qx: Array,
    new_qy: Array,
    ways: Any,
    member: int,
    j0: int,
    j1: int,
    g: Any,
    dt: Any,
    dx: Any,
    keep: Any,
) -> Any:
    """The second stage of rows ``j0`` to before ``j1``; returns their fastest wave, m/s."""
    _begin_stage(s, z, s.h, s.c, s.qx, s.qy, j0, j1)
    fastest = dt - dt
    moved = False
    for r in range(j0 - 1, j1 + 2):
        counts = j0 < r <= j1
        moves = _stage_fluxes(s, z, n, s.h, s.c, ways, member, r, counts, g, dt, dx, keep)
        j = r - 2
        if j >= j0:
            # A row that the first stage has left dry still ends with half of what it held.
            if moved or s.held[j]:
                gains(s, s.rows, GAIN, z, j, dt / dx)
                speed = end_second(s, n, h, c, qx, qy, new_h, new_c, new_qx, new_qy, j, g, dt)
                fastest = speed if speed > fastest else fastest
            else:
                zero_row(new_h, j)
                zero_row(new_c, j)
                zero_row(new_qx, j)
                zero_row(new_qy, j)
        moved = moves
    return fastest


@part
def _of_thread(s: Scratch, rank: int) -> Scratch:
    return Scratch(
        s.h[rank],
        s.c[rank],
        s.qx[rank],
        s.qy[rank],
        s.gain[rank],
        s.u[rank],
        s.v[rank],
        s.open_x[rank],
        s.open_y[rank],
        s.rows[rank],
        s.wet[rank],
        s.held[rank],
    )


@piece
def _rain_and_losses(
    run: Run, water: Water, member: int, tile: int, j0: int, j1: int, dt: Any
) -> bool:
    """What falls and what the ground takes, with its momentum; whether water is left."""
    forcing, tiles = run.forcing, run.tiles
    rows = run.ground.z.shape[0]
    last = run.ground.z.shape[1]
    zero = water.h.dtype.type(0.0)
    wet = False
    for j in range(j0, j1):
        at = member * rows + j
        rain = forcing.rain[member * forcing.rain_stride + j]
        losses = forcing.losses[member * forcing.losses_stride + j]
        for i in range(PAD, last):
            gain = dt * rain[i] + water.c[at, i]
            before = water.h[at, i]
            after = before + gain
            carry = gain - (after - before)
            if forcing.has_losses and after > zero:
                left, carry, took = lost(after, carry, dt * losses[i])
                share = left / after
                water.qx[at, i] *= share
                water.qy[at, i] *= share
                after = left
                tiles.taken[member, tile, (i - PAD) % tiles.width] += np.float64(took)
                if forcing.soaks:
                    forcing.soaked[at, i] += took
            water.h[at, i] = after
            water.c[at, i] = carry
            wet = wet or after > zero
    return wet


def _tile(digest: str) -> Callable[..., Any]:
    @kernel
    def tile(run: Run, settings: Settings, old: Water, new: Water, rank: int, item: int) -> None:
        """One step of a tile of the work list, whose rows are as long as the grid's.

        The step is at most COURANT dx over the fastest |u| or |v| + sqrt(g h).
        """
        len(digest)
        tiles = run.tiles
        member = tiles.work[item] // tiles.rows
        at = tiles.work[item] % tiles.rows
        size = run.ground.z.shape[0]
        a, b = member * size, (member + 1) * size
        j0 = PAD + at * tiles.height
        j1 = min(j0 + tiles.height, size - PAD)
        dt = old.h.dtype.type(run.crew.dt[member])
        fastest = _step(
            _of_thread(run.scratch, rank),
            run.ground.z,
            run.ground.n,
            old.h[a:b],
            old.c[a:b],
            old.qx[a:b],
            old.qy[a:b],
            new.h[a:b],
            new.c[a:b],
            new.qx[a:b],
            new.qy[a:b],
            run.ways,
            member,
            j0,
            j1,
            dt,
            old.h.dtype.type(settings.dx),
        )
        wet = _rain_and_losses(run, new, member, at, j0, j1, dt)
        tiles.speed[member, at] = np.float64(fastest)
        tiles.wet[member, at] = 1 if wet else 0
        tiles.calm[member, at] = 0 if wet else min(tiles.calm[member, at] + 1, 2)

    return tile


@piece
def _step(
    s: Scratch,
    z: Array,
    n: Array,
    h: Array,
    c: Array,
    qx: Array,
    qy: Array,
    new_h: Array,
    new_c: Array,
    new_qx: Array,
    new_qy: Array,
    ways: Any,
    member: int,
    j0: int,
    j1: int,
    dt: Any,
    dx: Any,
) -> Any:
    """One step of rows without rain; returns the fastest |u| or |v| + sqrt(g h) after it."""
    real = h.dtype.type
    g = real(G)
    keep = real(1.0 - 32.0 * np.finfo(h.dtype).eps)
    columns = h.shape[1]
    first, last = max(j0 - 2 * REACH, 1), min(j1 + 2 * REACH, h.shape[0])
    for j in range(first, last):
        open_row(
            stretch(s.open_x, j, 1, columns),
            stretch(z, j, 0, columns - 1),
            stretch(z, j, 1, columns),
        )
        open_row(
            stretch(s.open_y, j, 0, columns),
            stretch(z, j - 1, 0, columns),
            stretch(z, j, 0, columns),
        )
    close_ways(ways, s.open_x, s.open_y, first, last)
    _first_stage(s, z, n, h, c, qx, qy, ways, member, j0, j1, g, dt, dx, keep)
    return _second_stage(
        s, z, n, h, c, qx, qy, new_h, new_c, new_qx, new_qy, ways, member, j0, j1, g, dt, dx, keep
    )


tile_second_order = _tile(source_digest(__file__))
