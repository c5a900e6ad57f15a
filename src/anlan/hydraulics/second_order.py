"""The second-order scheme: the package's own referee, for breaches and gates that open at once.

Finite volumes with depth and momentum at cell centres. Limited linear slopes of level, bed and
velocity (van Leer 1979); hydrostatic reconstruction at the faces (Audusse et al. 2004); HLLC;
two stages of Heun's method; outflow cut to what a cell holds, so that no depth is ever clamped.
Buttinger-Kreuzhuber et al. (2019), doi:10.1016/j.advwatres.2019.01.004, compare such schemes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from anlan.hydraulics.arrays import PAD, Run, Settings, Water
from anlan.hydraulics.numerics import Array, G, kernel, part, piece, source_digest, stretch
from anlan.hydraulics.rows import lost
from anlan.hydraulics.second_order_rows import (
    first_stage_row,
    flux_row,
    gain_row,
    open_row,
    scale_row,
    second_stage_row,
    share_row,
    slope_row,
    velocity_row,
)
from anlan.hydraulics.second_order_ways import close_ways, count_row, cross_row

# dt = COURANT dx / (fastest |u| or |v| + sqrt(g h)); each axis may take half of a cell a step.
COURANT = 0.45

# Rows of ``Scratch.rows``: slopes of one x row and two y rows, fluxes of two x rows and three y
# rows, shares of two rows, gains of depth and momentum. Slopes and fluxes have four rows each.
SLOPE_X, SLOPE_Y, FLUX_X, FLUX_Y, SHARE, GAIN, GAIN_X, GAIN_Y, ROWS = (
    0,
    4,
    12,
    20,
    32,
    34,
    35,
    36,
    37,
)


class Scratch(NamedTuple):
    """Room for one step of one member, (NY, NX) of the run's real type where not said otherwise.

    What ``scratch`` makes has one of each for every thread, along a leading dimension.
    """

    h: Array  # depth, carry and discharges after the first stage
    c: Array
    qx: Array
    qy: Array
    gain: Array  # depth gained in the first stage, m
    u: Array  # velocities at cells, m/s
    v: Array
    open_x: Array  # what the west face of each cell is, see ``second_order_rows``
    open_y: Array
    rows: Array  # (ROWS, NX)
    wet: Array  # (NY,) bool rows that hold water at the start of the stage
    held: Array  # (NY,) bool rows that held some at the start of the step


def scratch(threads: int, shape: tuple[int, int], real: np.dtype[Any]) -> Scratch:
    """Room for steps on grids of ``shape`` (NY, NX)."""

    def grid() -> Array:
        return np.zeros((threads, *shape), real)

    def flags() -> Array:
        return np.zeros((threads, shape[0]), np.bool_)

    return Scratch(
        h=grid(),
        c=grid(),
        qx=grid(),
        qy=grid(),
        gain=grid(),
        u=grid(),
        v=grid(),
        open_x=grid(),
        open_y=grid(),
        rows=np.zeros((threads, ROWS, shape[1]), real),
        wet=flags(),
        held=flags(),
    )


@piece
def _slopes(s: Scratch, z: Array, h: Array, c: Array, j: int, at: int, axis: int) -> None:
    """Slopes of the cells of row ``j`` along ``axis``, into the scratch rows from ``at``."""
    dj, di = axis, 1 - axis
    a, b = 1, h.shape[1] - 1
    along, tangential = (s.u, s.v) if axis == 0 else (s.v, s.u)
    faces = s.open_x if axis == 0 else s.open_y
    slope_row(
        stretch(s.rows, at, a, b),
        stretch(s.rows, at + 1, a, b),
        stretch(s.rows, at + 2, a, b),
        stretch(s.rows, at + 3, a, b),
        stretch(h, j, a, b),
        stretch(h, j - dj, a - di, b - di),
        stretch(h, j + dj, a + di, b + di),
        stretch(c, j, a, b),
        stretch(c, j - dj, a - di, b - di),
        stretch(c, j + dj, a + di, b + di),
        stretch(z, j, a, b),
        stretch(z, j - dj, a - di, b - di),
        stretch(z, j + dj, a + di, b + di),
        stretch(along, j, a, b),
        stretch(along, j - dj, a - di, b - di),
        stretch(along, j + dj, a + di, b + di),
        stretch(tangential, j, a, b),
        stretch(tangential, j - dj, a - di, b - di),
        stretch(tangential, j + dj, a + di, b + di),
        stretch(faces, j, a, b),
        stretch(faces, j + dj, a + di, b + di),
    )


@piece
def _fluxes(
    s: Scratch,
    z: Array,
    h: Array,
    c: Array,
    j: int,
    at: int,
    before: int,
    here: int,
    axis: int,
    g: Any,
) -> None:
    """Fluxes of row ``j`` of faces of ``axis`` into the scratch rows from ``at``.

    ``before`` and ``here`` are the scratch rows of the slopes on their two sides.
    """
    dj, di = axis, 1 - axis
    a, b = 2, h.shape[1] - 1
    along, tangential = (s.u, s.v) if axis == 0 else (s.v, s.u)
    faces = s.open_x if axis == 0 else s.open_y
    flux_row(
        stretch(s.rows, at, a, b),
        stretch(s.rows, at + 1, a, b),
        stretch(s.rows, at + 2, a, b),
        stretch(s.rows, at + 3, a, b),
        stretch(h, j - dj, a - di, b - di),
        stretch(h, j, a, b),
        stretch(c, j - dj, a - di, b - di),
        stretch(c, j, a, b),
        stretch(z, j - dj, a - di, b - di),
        stretch(z, j, a, b),
        stretch(along, j - dj, a - di, b - di),
        stretch(along, j, a, b),
        stretch(tangential, j - dj, a - di, b - di),
        stretch(tangential, j, a, b),
        stretch(s.rows, before, a - di, b - di),
        stretch(s.rows, here, a, b),
        stretch(s.rows, before + 1, a - di, b - di),
        stretch(s.rows, here + 1, a, b),
        stretch(s.rows, before + 2, a - di, b - di),
        stretch(s.rows, here + 2, a, b),
        stretch(s.rows, before + 3, a - di, b - di),
        stretch(s.rows, here + 3, a, b),
        stretch(faces, j, a, b),
        g,
    )


@part
def _clear(rows: Array, at: int, count: int) -> None:
    for k in range(at, at + count):
        row = stretch(rows, k, 0, rows.shape[1])
        for i in range(row.shape[0]):
            row[i] = 0.0


@piece
def _share(s: Scratch, z: Array, h: Array, c: Array, j: int, keep: Any, dt_dx: Any) -> None:
    """Shares of the cells of row ``j``, whose fluxes stand in the scratch rows."""
    a, b = 2, h.shape[1] - 2
    x = FLUX_X + 4 * (j % 2)
    share_row(
        stretch(s.rows, SHARE + j % 2, a, b),
        stretch(s.rows, x, a, b),
        stretch(s.rows, x, a + 1, b + 1),
        stretch(s.rows, FLUX_Y + 4 * (j % 3), a, b),
        stretch(s.rows, FLUX_Y + 4 * ((j + 1) % 3), a, b),
        stretch(h, j, a, b),
        stretch(c, j, a, b),
        stretch(z, j, a, b),
        keep,
        dt_dx,
    )


@piece
def _scale(rows: Array, at: int, share_a: int, share_b: int, di: int) -> None:
    """Cut the fluxes in the scratch rows from ``at`` by the shares on their two sides."""
    a, b = 2, rows.shape[1] - 1
    scale_row(
        stretch(rows, at, a, b),
        stretch(rows, at + 1, a, b),
        stretch(rows, at + 2, a, b),
        stretch(rows, at + 3, a, b),
        stretch(rows, SHARE + share_a, a - di, b - di),
        stretch(rows, SHARE + share_b, a, b),
    )


@piece
def _gain(s: Scratch, gain: Array, at: int, z: Array, j: int, dt_dx: Any) -> None:
    """Gains of the cells of row ``j`` from the fluxes in the scratch rows."""
    a, b = 2, gain.shape[1] - 2
    x = FLUX_X + 4 * (j % 2)
    south = FLUX_Y + 4 * (j % 3)
    north = FLUX_Y + 4 * ((j + 1) % 3)
    gain_row(
        stretch(gain, at, a, b),
        stretch(s.rows, GAIN_X, a, b),
        stretch(s.rows, GAIN_Y, a, b),
        stretch(s.rows, x, a, b),
        stretch(s.rows, x, a + 1, b + 1),
        stretch(s.rows, south, a, b),
        stretch(s.rows, north, a, b),
        stretch(s.rows, x + 2, a, b),
        stretch(s.rows, x + 1, a + 1, b + 1),
        stretch(s.rows, south + 3, a, b),
        stretch(s.rows, north + 3, a, b),
        stretch(s.rows, x + 3, a, b),
        stretch(s.rows, x + 3, a + 1, b + 1),
        stretch(s.rows, south + 2, a, b),
        stretch(s.rows, north + 1, a, b),
        stretch(z, j, a, b),
        dt_dx,
    )


@part
def _velocities(s: Scratch, h: Array, c: Array, qx: Array, qy: Array) -> None:
    columns = h.shape[1]
    for j in range(h.shape[0]):
        deepest = velocity_row(
            stretch(s.u, j, 0, columns),
            stretch(s.v, j, 0, columns),
            stretch(h, j, 0, columns),
            stretch(c, j, 0, columns),
            stretch(qx, j, 0, columns),
            stretch(qy, j, 0, columns),
        )
        s.wet[j] = deepest > 0.0


@part
def _zero_row(array: Array, j: int) -> None:
    row = stretch(array, j, 0, array.shape[1])
    for i in range(row.shape[0]):
        row[i] = 0.0


@piece
def _end_first(
    s: Scratch,
    n: Array,
    h: Array,
    c: Array,
    qx: Array,
    qy: Array,
    j: int,
    g: Any,
    dt: Any,
) -> None:
    a, b = 2, h.shape[1] - 2
    first_stage_row(
        stretch(s.h, j, a, b),
        stretch(s.c, j, a, b),
        stretch(s.qx, j, a, b),
        stretch(s.qy, j, a, b),
        stretch(h, j, a, b),
        stretch(c, j, a, b),
        stretch(qx, j, a, b),
        stretch(qy, j, a, b),
        stretch(s.gain, j, a, b),
        stretch(s.rows, GAIN_X, a, b),
        stretch(s.rows, GAIN_Y, a, b),
        stretch(n, j, a, b),
        g,
        dt,
    )


@piece
def _end_second(
    s: Scratch,
    n: Array,
    h: Array,
    c: Array,
    qx: Array,
    qy: Array,
    new_h: Array,
    new_c: Array,
    new_qx: Array,
    new_qy: Array,
    j: int,
    g: Any,
    dt: Any,
) -> Any:
    a, b = 2, h.shape[1] - 2
    return second_stage_row(
        stretch(new_h, j, a, b),
        stretch(new_c, j, a, b),
        stretch(new_qx, j, a, b),
        stretch(new_qy, j, a, b),
        stretch(h, j, a, b),
        stretch(c, j, a, b),
        stretch(qx, j, a, b),
        stretch(qy, j, a, b),
        stretch(s.gain, j, a, b),
        stretch(s.h, j, a, b),
        stretch(s.qx, j, a, b),
        stretch(s.qy, j, a, b),
        stretch(s.rows, GAIN, a, b),
        stretch(s.rows, GAIN_X, a, b),
        stretch(s.rows, GAIN_Y, a, b),
        stretch(n, j, a, b),
        g,
        dt,
    )


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
    g: Any,
    dt: Any,
    dx: Any,
    keep: Any,
) -> bool:
    """Fluxes of y row ``r`` and of x row ``r - 1``, and the final ones of rows ``r - 1``.

    Returns whether anything crosses a face of the cells of row ``r - 1``.
    """
    j = r - 1
    at = FLUX_Y + 4 * (r % 3)
    crosses = False
    if r < h.shape[0] - 1:
        crosses = _needs(s, ways, 1, r)
        if crosses or (r + 2 < h.shape[0] and _needs(s, ways, 1, r + 1)):
            _slopes(s, z, h, c, r, SLOPE_Y + 4 * (r % 2), 1)
    if crosses:
        before, here = SLOPE_Y + 4 * (j % 2), SLOPE_Y + 4 * (r % 2)
        _fluxes(s, z, h, c, r, at, before, here, 1, g)
        cross_row(ways, member, s.rows, s.u, s.v, z, n, h, c, 1, r, at, before, here, g, dt, dx)
    else:
        _clear(s.rows, at, 4)
    at = FLUX_X + 4 * (j % 2)
    moves = _needs(s, ways, 0, j)
    if moves:
        _slopes(s, z, h, c, j, SLOPE_X, 0)
        _fluxes(s, z, h, c, j, at, SLOPE_X, SLOPE_X, 0, g)
        cross_row(ways, member, s.rows, s.u, s.v, z, n, h, c, 0, j, at, SLOPE_X, SLOPE_X, g, dt, dx)
    else:
        _clear(s.rows, at, 4)
    moves = moves or crosses or _needs(s, ways, 1, j)
    if moves:
        # A row that lacks nothing has shares of 1, and scaling by them changes no bit.
        _share(s, z, h, c, j, keep, dt / dx)
        _scale(s.rows, at, j % 2, j % 2, 1)
        _scale(s.rows, FLUX_Y + 4 * (j % 3), (j - 1) % 2, j % 2, 0)
        count_row(ways, member, s.rows, 0, j, at, dt, dx)
        count_row(ways, member, s.rows, 1, j, FLUX_Y + 4 * (j % 3), dt, dx)
    else:
        for i in range(h.shape[1]):
            s.rows[SHARE + j % 2, i] = 1.0
    return moves


@piece
def _begin_stage(s: Scratch, z: Array, h: Array, c: Array, qx: Array, qy: Array) -> None:
    _velocities(s, h, c, qx, qy)
    _slopes(s, z, h, c, 1, SLOPE_Y + 4, 1)
    _clear(s.rows, FLUX_X, SHARE - FLUX_X)
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
    g: Any,
    dt: Any,
    dx: Any,
    keep: Any,
) -> None:
    _begin_stage(s, z, h, c, qx, qy)
    for j in range(h.shape[0]):
        s.held[j] = s.wet[j]
    moved = False
    for r in range(2, h.shape[0]):
        moves = _stage_fluxes(s, z, n, h, c, ways, member, r, g, dt, dx, keep)
        if r > 3:
            j = r - 2
            if moved:
                _gain(s, s.gain, j, z, j, dt / dx)
                _end_first(s, n, h, c, qx, qy, j, g, dt)
            else:
                _zero_row(s.gain, j)
                _zero_row(s.h, j)
                _zero_row(s.c, j)
                _zero_row(s.qx, j)
                _zero_row(s.qy, j)
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
    g: Any,
    dt: Any,
    dx: Any,
    keep: Any,
) -> Any:
    _begin_stage(s, z, s.h, s.c, s.qx, s.qy)
    fastest = dt - dt
    moved = False
    for r in range(2, h.shape[0]):
        moves = _stage_fluxes(s, z, n, s.h, s.c, ways, member, r, g, dt, dx, keep)
        if r > 3:
            j = r - 2
            # A row that the first stage has left dry still ends with half of what it held.
            if moved or s.held[j]:
                _gain(s, s.rows, GAIN, z, j, dt / dx)
                speed = _end_second(s, n, h, c, qx, qy, new_h, new_c, new_qx, new_qy, j, g, dt)
                fastest = speed if speed > fastest else fastest
            else:
                _zero_row(new_h, j)
                _zero_row(new_c, j)
                _zero_row(new_qx, j)
                _zero_row(new_qy, j)
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
def _rain_and_losses(run: Run, water: Water, member: int, dt: Any) -> bool:
    """What falls and what the ground takes, with its momentum; whether water is left."""
    forcing, tiles = run.forcing, run.tiles
    rows = run.ground.z.shape[0]
    last = run.ground.z.shape[1]
    zero = water.h.dtype.type(0.0)
    wet = False
    for j in range(PAD, rows - PAD):
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
                tiles.taken[member, 0, (i - PAD) % tiles.width] += np.float64(took)
                if forcing.soaks:
                    forcing.soaked[at, i] += took
            water.h[at, i] = after
            water.c[at, i] = carry
            wet = wet or after > zero
    return wet


def _tile(digest: str) -> Callable[..., Any]:
    @kernel
    def tile(run: Run, settings: Settings, old: Water, new: Water, rank: int, item: int) -> None:
        """One step of a member, which is one tile in this scheme.

        The step is at most COURANT dx over the fastest |u| or |v| + sqrt(g h). The outermost two
        rows and columns of walls are not written.
        """
        len(digest)
        tiles = run.tiles
        member = tiles.work[item]
        size = run.ground.z.shape[0]
        a, b = member * size, (member + 1) * size
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
            dt,
            old.h.dtype.type(settings.dx),
        )
        wet = _rain_and_losses(run, new, member, dt)
        tiles.speed[member, 0] = np.float64(fastest)
        tiles.wet[member, 0] = 1 if wet else 0
        tiles.calm[member, 0] = 0 if wet else min(tiles.calm[member, 0] + 1, 2)

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
    dt: Any,
    dx: Any,
) -> Any:
    """One step of one member without rain; returns the fastest |u| or |v| + sqrt(g h) after it."""
    real = h.dtype.type
    g = real(G)
    keep = real(1.0 - 32.0 * np.finfo(h.dtype).eps)
    columns = h.shape[1]
    for j in range(1, h.shape[0]):
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
    close_ways(ways, s.open_x, s.open_y)
    _first_stage(s, z, n, h, c, qx, qy, ways, member, g, dt, dx, keep)
    return _second_stage(
        s, z, n, h, c, qx, qy, new_h, new_c, new_qx, new_qy, ways, member, g, dt, dx, keep
    )


tile_second_order = _tile(source_digest(__file__))
