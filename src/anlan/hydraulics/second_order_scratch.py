"""What a thread keeps of a step of the second-order scheme, and the rows that it works on.

Fluxes, shares and gains are needed only near the row that is at work, so they stand in a few
scratch rows, each taken anew a few rows later.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from anlan.hydraulics.numerics import Array, part, piece, stretch
from anlan.hydraulics.second_order_rows import (
    first_stage_row,
    flux_row,
    gain_row,
    scale_row,
    second_stage_row,
    share_row,
    slope_row,
    velocity_row,
)

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
def slopes(s: Scratch, z: Array, h: Array, c: Array, j: int, at: int, axis: int) -> None:
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
def fluxes(
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
def clear(rows: Array, at: int, count: int) -> None:
    """Set ``count`` scratch rows from ``at`` on to 0."""
    for k in range(at, at + count):
        row = stretch(rows, k, 0, rows.shape[1])
        for i in range(row.shape[0]):
            row[i] = 0.0


@piece
def shares(s: Scratch, z: Array, h: Array, c: Array, j: int, keep: Any, dt_dx: Any) -> None:
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
def cut(rows: Array, at: int, share_a: int, share_b: int, di: int) -> None:
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
def gains(s: Scratch, gain: Array, at: int, z: Array, j: int, dt_dx: Any) -> None:
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
def velocities(s: Scratch, h: Array, c: Array, qx: Array, qy: Array, first: int, last: int) -> None:
    """Velocities of the rows from ``first`` to before ``last``, and which of them hold water."""
    columns = h.shape[1]
    for j in range(first, last):
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
def zero_row(array: Array, j: int) -> None:
    """Set a row to 0."""
    row = stretch(array, j, 0, array.shape[1])
    for i in range(row.shape[0]):
        row[i] = 0.0


@piece
def end_first(
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
    """Row ``j`` after the first stage."""
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
def end_second(
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
    """Row ``j`` after both stages; returns its fastest wave, m/s."""
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
