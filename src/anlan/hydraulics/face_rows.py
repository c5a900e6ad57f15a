"""The discharges of one row of faces of a tile, along either axis.

A tile keeps what its rows share in scratch rows; column k of each is the grid's column left + k.
Faces of the x axis lie between columns, those of the y axis between rows: what differs is the
step from a face to its cells and neighbours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anlan.hydraulics.arrays import Water
from anlan.hydraulics.numerics import Array, part, stretch
from anlan.hydraulics.rows import carry_row, flow_row, inertial_row, speed_row
from anlan.hydraulics.tabled_rows import tabled_flow_row, tabled_inertial_row
from anlan.hydraulics.tables import Tables, face_row, level_row

# Rows of scratch, wider than a tile by SPARE columns for what lies around it. Those with tables
# alone: level of cells and its rise per metre of water, area, roughness and pace of faces, and
# the deepest of them in a single number.
SCRATCH_ROWS = 27
SPARE = 64
X, Y, SHARE, MEAN_X, MEAN_Y, SPEED, U_X, U_Y, LOST = 0, 2, 5, 7, 9, 13, 15, 16, 18
LEVEL, RISE, AREA, ROUGH, PACE, DEEPEST = 19, 21, 23, 24, 25, 26


@part
def level_rows(
    tables: Tables, old: Water, scratch: Array, base: int, r: int, left: int, count: int
) -> None:
    """Depth above the lowest bed in the cells of row r, and its rise per metre of water."""
    b = left + count
    level_row(
        stretch(scratch, LEVEL + r % 2, 0, count),
        stretch(scratch, RISE + r % 2, 0, count),
        stretch(old.h, base + r, left, b),
        stretch(tables.brim, r, left, b),
        stretch(tables.per, r, left, b),
        stretch(tables.spread, r, left, b),
        tables.depth,
        r * tables.brim.shape[1] + left,
    )


@part
def centre_rows(
    old: Water, scratch: Array, base: int, r: int, left: int, count: int, dt_dx: Any
) -> None:
    """Carried velocity along y, and speed, at the cells of row r."""
    row = base + r
    a = left
    b = left + count
    k = MEAN_Y + 2 * (r % 2)
    carry_row(
        stretch(scratch, k, 0, count),
        stretch(scratch, k + 1, 0, count),
        stretch(old.qy, row, a, b),
        stretch(old.qy, row + 1, a, b),
        stretch(old.uy, row - 1, a, b),
        stretch(old.uy, row, a, b),
        stretch(old.uy, row + 1, a, b),
        stretch(old.uy, row + 2, a, b),
        dt_dx,
    )
    speed_row(
        stretch(scratch, SPEED + r % 2, 0, count),
        stretch(old.ux, row, a, b),
        stretch(old.ux, row, a + 1, b + 1),
        stretch(old.uy, row, a, b),
        stretch(old.uy, row + 1, a, b),
    )


def _faces(full: bool, tabled: bool, axis: int) -> Callable[..., Any]:
    """The function that computes a row of faces; it returns the largest |u| found."""
    di = 1 - axis
    dj = axis
    carried_here = full and axis == 0
    # Each condition a constant: the compiler then leaves out what is not meant.
    tabled_flow, plain_flow = full and tabled, full and not tabled
    plain_inertial = not full and not tabled

    @part
    def carry(old: Water, scratch: Array, row: int, left: int, count: int, dt_dx: Any) -> None:
        """Mean discharge and carried velocity along x at the cells of a row."""
        carry_row(
            stretch(scratch, MEAN_X, 0, count + 16),
            stretch(scratch, MEAN_X + 1, 0, count + 16),
            stretch(old.qx, row, left, left + count + 16),
            stretch(old.qx, row, left + 1, left + count + 17),
            stretch(old.ux, row, left - 1, left + count + 15),
            stretch(old.ux, row, left, left + count + 16),
            stretch(old.ux, row, left + 1, left + count + 17),
            stretch(old.ux, row, left + 2, left + count + 18),
            dt_dx,
        )

    @part
    def look_up(ground: Any, scratch: Array, r: int, left: int, count: int, reach: Any) -> None:
        """Area, roughness and pace of the faces of row r from their tables."""
        faces = ground.tables.x if axis == 0 else ground.tables.y
        a = left + 1
        b = a + count
        deepest = face_row(
            stretch(scratch, AREA, 1, count + 1),
            stretch(scratch, ROUGH, 1, count + 1),
            stretch(scratch, PACE, 1, count + 1),
            stretch(scratch, LEVEL + (r - dj) % 2, 1 - di, count + 1 - di),
            stretch(scratch, LEVEL + r % 2, 1, count + 1),
            stretch(ground.z, r - dj, a - di, b - di),
            stretch(ground.z, r, a, b),
            stretch(scratch, RISE + (r - dj) % 2, 1 - di, count + 1 - di),
            stretch(scratch, RISE + r % 2, 1, count + 1),
            stretch(faces.low, r, a, b),
            stretch(faces.span, r, a, b),
            stretch(faces.per, r, a, b),
            stretch(faces.open, r, a, b),
            faces.area,
            faces.manning,
            r * ground.z.shape[1] + a,
            ground.tables.toward,
            reach,
        )
        if deepest > scratch[DEEPEST, 0]:
            scratch[DEEPEST, 0] = deepest

    @part
    def faces(
        ground: Any,
        rain: Array,
        rain_base: int,
        old: Water,
        scratch: Array,
        base: int,
        r: int,
        left: int,
        count: int,
        wind: Any,
        theta: Any,
        grain: Any,
        g: Any,
        dt: Any,
        dt_u: Any,
        dx: Any,
    ) -> Any:
        """Discharges of the faces of row r, and velocities where the scheme keeps them."""
        row = base + r
        a = left + 1
        b = a + count
        q, p = (old.qx, old.qy) if axis == 0 else (old.qy, old.qx)
        u = old.ux if axis == 0 else old.uy
        new_u = stretch(scratch, U_X if axis == 0 else U_Y + r % 2, 1, count + 1)
        new_q = stretch(scratch, X + r % 2 if axis == 0 else Y + r % 3, 1, count + 1)
        mean_a = MEAN_X if axis == 0 else MEAN_Y + 2 * ((r - 1) % 2)
        mean_b = MEAN_X if axis == 0 else MEAN_Y + 2 * (r % 2)
        if carried_here:
            carry(old, scratch, row, left, count, dt / dx)
        if tabled:
            # Steps are stable up to dt^2 g A (1/w_a + 1/w_b) = theta dx^2, see ``face_row``.
            weight = dt / dt if full else theta
            look_up(ground, scratch, r, left, count, weight * dx * dx / (g * dt * dt_u))
        if plain_flow:
            return flow_row(
                new_u,
                new_q,
                stretch(u, row, a, b),
                stretch(u, row - di, a - dj, b - dj),
                stretch(u, row + di, a + dj, b + dj),
                stretch(scratch, mean_a, 1 - di, count + 1 - di),
                stretch(scratch, mean_a + 1, 1 - di, count + 1 - di),
                stretch(scratch, mean_b, 1, count + 1),
                stretch(scratch, mean_b + 1, 1, count + 1),
                stretch(p, row - dj, a - di, b - di),
                stretch(p, row, a, b),
                stretch(p, row + di - dj, a + dj - di, b + dj - di),
                stretch(p, row + di, a + dj, b + dj),
                stretch(old.h, row - 2 * dj, a - 2 * di, b - 2 * di),
                stretch(old.h, row - dj, a - di, b - di),
                stretch(old.h, row, a, b),
                stretch(old.h, row + dj, a + di, b + di),
                stretch(ground.z, r - 2 * dj, a - 2 * di, b - 2 * di),
                stretch(ground.z, r - dj, a - di, b - di),
                stretch(ground.z, r, a, b),
                stretch(ground.z, r + dj, a + di, b + di),
                stretch(ground.n, r - dj, a - di, b - di),
                stretch(ground.n, r, a, b),
                stretch(scratch, SPEED + (r - dj) % 2, 1 - di, count + 1 - di),
                stretch(scratch, SPEED + r % 2, 1, count + 1),
                stretch(rain, rain_base + r - dj, a - di, b - di),
                stretch(rain, rain_base + r, a, b),
                wind,
                grain,
                g,
                dt,
                dt_u,
                dx,
            )
        if plain_inertial:
            return inertial_row(
                new_q,
                stretch(q, row, a, b),
                stretch(q, row - dj, a - di, b - di),
                stretch(q, row + dj, a + di, b + di),
                stretch(p, row - dj, a - di, b - di),
                stretch(p, row, a, b),
                stretch(p, row + di - dj, a + dj - di, b + dj - di),
                stretch(p, row + di, a + dj, b + dj),
                stretch(old.h, row - dj, a - di, b - di),
                stretch(old.h, row, a, b),
                stretch(ground.z, r - dj, a - di, b - di),
                stretch(ground.z, r, a, b),
                stretch(ground.n, r - dj, a - di, b - di),
                stretch(ground.n, r, a, b),
                wind,
                theta,
                grain,
                g,
                dt,
                dx,
            )
        if tabled_flow:
            return tabled_flow_row(
                new_u,
                new_q,
                stretch(q, row, a, b),
                stretch(u, row, a, b),
                stretch(u, row - di, a - dj, b - dj),
                stretch(u, row + di, a + dj, b + dj),
                stretch(scratch, mean_a, 1 - di, count + 1 - di),
                stretch(scratch, mean_a + 1, 1 - di, count + 1 - di),
                stretch(scratch, mean_b, 1, count + 1),
                stretch(scratch, mean_b + 1, 1, count + 1),
                stretch(p, row - dj, a - di, b - di),
                stretch(p, row, a, b),
                stretch(p, row + di - dj, a + dj - di, b + dj - di),
                stretch(p, row + di, a + dj, b + dj),
                stretch(old.h, row - dj, a - di, b - di),
                stretch(old.h, row, a, b),
                stretch(scratch, LEVEL + (r - dj) % 2, 1 - di, count + 1 - di),
                stretch(scratch, LEVEL + r % 2, 1, count + 1),
                stretch(ground.z, r - dj, a - di, b - di),
                stretch(ground.z, r, a, b),
                stretch(scratch, RISE + (r - dj) % 2, 1 - di, count + 1 - di),
                stretch(scratch, RISE + r % 2, 1, count + 1),
                stretch(scratch, AREA, 1, count + 1),
                stretch(scratch, ROUGH, 1, count + 1),
                stretch(scratch, PACE, 1, count + 1),
                stretch(scratch, SPEED + (r - dj) % 2, 1 - di, count + 1 - di),
                stretch(scratch, SPEED + r % 2, 1, count + 1),
                stretch(rain, rain_base + r - dj, a - di, b - di),
                stretch(rain, rain_base + r, a, b),
                wind,
                grain,
                g,
                dt_u,
                dx,
            )
        return tabled_inertial_row(
            new_q,
            stretch(q, row, a, b),
            stretch(q, row - dj, a - di, b - di),
            stretch(q, row + dj, a + di, b + di),
            stretch(p, row - dj, a - di, b - di),
            stretch(p, row, a, b),
            stretch(p, row + di - dj, a + dj - di, b + dj - di),
            stretch(p, row + di, a + dj, b + dj),
            stretch(old.h, row - dj, a - di, b - di),
            stretch(old.h, row, a, b),
            stretch(scratch, LEVEL + (r - dj) % 2, 1 - di, count + 1 - di),
            stretch(scratch, LEVEL + r % 2, 1, count + 1),
            stretch(ground.z, r - dj, a - di, b - di),
            stretch(ground.z, r, a, b),
            stretch(scratch, RISE + (r - dj) % 2, 1 - di, count + 1 - di),
            stretch(scratch, RISE + r % 2, 1, count + 1),
            stretch(scratch, AREA, 1, count + 1),
            stretch(scratch, ROUGH, 1, count + 1),
            stretch(scratch, PACE, 1, count + 1),
            wind,
            theta,
            grain,
            g,
            dt,
            dx,
        )

    return faces


full_x, full_y = _faces(True, False, 0), _faces(True, False, 1)
inertial_x, inertial_y = _faces(False, False, 0), _faces(False, False, 1)
tabled_full_x, tabled_full_y = _faces(True, True, 0), _faces(True, True, 1)
tabled_inertial_x, tabled_inertial_y = _faces(False, True, 0), _faces(False, True, 1)
