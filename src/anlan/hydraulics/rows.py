"""One row of a tile at a time, by loops that become packed instructions.

The functions see plain 1-D views and index them with one loop variable each, so x and y faces
share one function. Two traps undo the packing: a ``pow`` in the loop (hence
``inverse_cube_root``), and a literal that widens single precision to double (hence the constants
of ``physics``).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from anlan.hydraulics.numerics import (
    Array,
    from_ordered_bits,
    ordered_bits,
    part,
    widest,
)
from anlan.hydraulics.physics import (
    HALF,
    ONE,
    QUARTER,
    ZERO,
    carried_velocity,
    driven,
    inertial_discharge,
    passing_depth,
    slowed_velocity,
)

# Keeps the share of a cell that gives nothing from being 0 / 0.
TINY = np.float32(1e-30)


@part
def speed_row(speed: Array, u_a: Array, u_b: Array, v_a: Array, v_b: Array) -> None:
    """Speed of the flow at the cells of a row, m/s."""
    widest()
    for i in range(speed.shape[0]):
        u = HALF * (u_a[i] + u_b[i])
        v = HALF * (v_a[i] + v_b[i])
        speed[i] = math.sqrt(u * u + v * v)


@part
def carry_row(
    mean_q: Array,
    carried: Array,
    q_a: Array,
    q_b: Array,
    u_aa: Array,
    u_a: Array,
    u_b: Array,
    u_bb: Array,
    dt_dx: Any,
) -> None:
    """Mean discharge and carried velocity at the cells of a row."""
    widest()
    for i in range(mean_q.shape[0]):
        q = HALF * (q_a[i] + q_b[i])
        mean_q[i] = q
        carried[i] = carried_velocity(q, u_aa[i], u_a[i], u_b[i], u_bb[i], dt_dx)


@part
def flow_row(
    new_u: Array,
    new_q: Array,
    u: Array,
    u_low: Array,
    u_high: Array,
    mean_a: Array,
    carried_a: Array,
    mean_b: Array,
    carried_b: Array,
    p_low_a: Array,
    p_low_b: Array,
    p_high_a: Array,
    p_high_b: Array,
    h_aa: Array,
    h_a: Array,
    h_b: Array,
    h_bb: Array,
    z_aa: Array,
    z_a: Array,
    z_b: Array,
    z_bb: Array,
    n_a: Array,
    n_b: Array,
    speed_a: Array,
    speed_b: Array,
    rain_a: Array,
    rain_b: Array,
    wind: Any,
    grain: Any,
    g: Any,
    dt: Any,
    dt_u: Any,
    dx: Any,
) -> Any:
    """Velocity and discharge of one row of faces by ``face_flow``; returns the largest |u|.

    ``p_low_a`` ... ``p_high_b`` are the discharges across, at the four faces around the two cells.
    """
    dt_dx = dt_u / dx
    # A chain of sums that wait for each other is longer than the processor looks ahead, so it is
    # cut into loops; the rows that come out hold what one loop hands the next.
    widest()
    for i in range(new_u.shape[0]):
        new_u[i] = driven(
            u[i],
            HALF * (h_a[i] + h_b[i]),
            mean_a[i],
            carried_a[i],
            mean_b[i],
            carried_b[i],
            HALF * (p_low_a[i] + p_low_b[i]),
            u_low[i],
            HALF * (p_high_a[i] + p_high_b[i]),
            u_high[i],
            h_a[i],
            h_b[i],
            z_a[i],
            z_b[i],
            wind,
            grain,
            g,
            dt_u,
            dt_dx,
        )
    dt_dx = dt / dx
    for i in range(new_u.shape[0]):
        new_q[i] = passing_depth(
            new_u[i],
            h_aa[i],
            h_a[i],
            h_b[i],
            h_bb[i],
            z_aa[i],
            z_a[i],
            z_b[i],
            z_bb[i],
            u[i],
            dt_dx,
        )
    fastest = ordered_bits(new_u.dtype.type(0.0))
    for i in range(new_u.shape[0]):
        velocity, discharge = slowed_velocity(
            u[i],
            new_u[i],
            HALF * (h_a[i] + h_b[i]),
            new_q[i],
            HALF * (n_a[i] + n_b[i]),
            speed_a[i],
            speed_b[i],
            HALF * (rain_a[i] + rain_b[i]),
            g,
            dt_u,
        )
        new_u[i] = velocity
        new_q[i] = discharge
        bits = ordered_bits(abs(velocity))
        fastest = bits if bits > fastest else fastest
    return from_ordered_bits(fastest, new_u.dtype.type(0.0))


@part
def inertial_row(
    new_q: Array,
    q: Array,
    q_before: Array,
    q_after: Array,
    p_low_a: Array,
    p_low_b: Array,
    p_high_a: Array,
    p_high_b: Array,
    h_a: Array,
    h_b: Array,
    z_a: Array,
    z_b: Array,
    n_a: Array,
    n_b: Array,
    wind: Any,
    theta: Any,
    grain: Any,
    g: Any,
    dt: Any,
    dx: Any,
) -> Any:
    """Discharge of one row of faces by ``inertial_discharge``; returns the largest |u|."""
    fastest = ordered_bits(new_q.dtype.type(0.0))
    widest()
    for i in range(new_q.shape[0]):
        crest = z_a[i] if z_a[i] > z_b[i] else z_b[i]
        discharge, speed = inertial_discharge(
            q[i],
            q_before[i],
            q_after[i],
            QUARTER * ((p_low_a[i] + p_high_b[i]) + (p_low_b[i] + p_high_a[i])),
            h_a[i],
            h_b[i],
            z_a[i],
            z_b[i],
            crest,
            n_a[i],
            n_b[i],
            wind,
            theta,
            grain,
            g,
            dt,
            dx,
        )
        new_q[i] = discharge
        bits = ordered_bits(speed)
        fastest = bits if bits > fastest else fastest
    return from_ordered_bits(fastest, new_q.dtype.type(0.0))


@part
def share_of(
    q_west: Any, q_east: Any, q_south: Any, q_north: Any, h: Any, c: Any, keep: Any, dt_dx: Any
) -> Any:
    """Fraction of its outflow that a cell can give: 1 where it holds enough."""
    west = -q_west if q_west < ZERO else ZERO
    east = q_east if q_east > ZERO else ZERO
    south = -q_south if q_south < ZERO else ZERO
    north = q_north if q_north > ZERO else ZERO
    wanted = dt_dx * ((west + east) + (south + north)) + TINY
    held = keep * (h + c)
    share = held / wanted
    return share if (held < wanted) & (wanted > TINY) else ONE


@part
def stored(
    h: Any,
    c: Any,
    rain: Any,
    q_west: Any,
    q_east: Any,
    q_south: Any,
    q_north: Any,
    dt: Any,
    dt_dx: Any,
) -> tuple[Any, Any]:
    """Depth and carry of a cell after what crossed its faces and fell, with Kahan's compensation.

    Without ``c``, rain of 0.1 mm/h would vanish in single precision over 3 m of water: one step
    brings less than the spacing of the numbers there.
    """
    net = (q_west - q_east) + (q_south - q_north)
    gain = dt_dx * net + dt * rain + c
    after = h + gain
    return after, gain - (after - h)


@part
def share_row(
    share: Array,
    q_west: Array,
    q_east: Array,
    q_south: Array,
    q_north: Array,
    h: Array,
    c: Array,
    keep: Any,
    dt_dx: Any,
) -> Any:
    """Fraction of its outflow that each cell of a row can give; returns whether any is below 1."""
    short = np.int32(0)
    widest()
    for i in range(share.shape[0]):
        s = share_of(q_west[i], q_east[i], q_south[i], q_north[i], h[i], c[i], keep, dt_dx)
        share[i] = s
        short = np.int32(short | np.int32(s < ONE))
    return short != 0


@part
def scale_row(q: Array, share_a: Array, share_b: Array) -> None:
    """Cut the discharge of faces between cells a and b to what the giving cell has."""
    widest()
    for i in range(q.shape[0]):
        q[i] *= share_a[i] if q[i] > ZERO else share_b[i]


@part
def copy_row(out: Array, row: Array) -> None:
    """Store a finished row."""
    widest()
    for i in range(out.shape[0]):
        out[i] = row[i]


@part
def clear_row(row: Array) -> None:
    """Set a row to 0."""
    widest()
    for i in range(row.shape[0]):
        row[i] = ZERO


@part
def depth_row(
    new_h: Array,
    new_c: Array,
    h: Array,
    c: Array,
    rain: Array,
    q_west: Array,
    q_east: Array,
    q_south: Array,
    q_north: Array,
    dt: Any,
    dt_dx: Any,
) -> Any:
    """Conservation of volume in one row of cells, by ``stored``; returns the greatest depth."""
    deepest = ordered_bits(new_h.dtype.type(0.0))
    widest()
    for i in range(new_h.shape[0]):
        after, new_c[i] = stored(
            h[i], c[i], rain[i], q_west[i], q_east[i], q_south[i], q_north[i], dt, dt_dx
        )
        new_h[i] = after
        bits = ordered_bits(after)
        deepest = bits if bits > deepest else deepest
    return from_ordered_bits(deepest, new_h.dtype.type(0.0))


@part
def deepest_row(h: Array) -> Any:
    """The greatest depth of one row of cells."""
    deepest = ordered_bits(h.dtype.type(0.0))
    widest()
    for i in range(h.shape[0]):
        bits = ordered_bits(h[i])
        deepest = bits if bits > deepest else deepest
    return from_ordered_bits(deepest, h.dtype.type(0.0))


@part
def lost(h: Any, c: Any, asked: Any) -> tuple[Any, Any, Any]:
    """Depth and carry of a cell after a loss, and the loss: at most what is there, m."""
    all_of_it = asked >= h
    after = ZERO if all_of_it else h - asked
    rest = ZERO if all_of_it else c + ((h - after) - asked)
    return after, rest, h + c if all_of_it else asked


@part
def loss_row(taken: Array, h: Array, c: Array, losses: Array, dt: Any) -> None:
    """Take losses from one row of cells and add them to ``taken``, m.

    That has one sum per column: a single one would have every addition wait for the one before.
    """
    widest()
    for i in range(h.shape[0]):
        h[i], c[i], took = lost(h[i], c[i], dt * losses[i])
        taken[i] += took


@part
def soak_row(taken: Array, soaked: Array, h: Array, c: Array, losses: Array, dt: Any) -> None:
    """``loss_row`` that also tells each cell what its soil took, m."""
    widest()
    for i in range(h.shape[0]):
        h[i], c[i], took = lost(h[i], c[i], dt * losses[i])
        soaked[i] += took
        taken[i] += took


@part
def add_row(total: Array, row: Array) -> None:
    """Add a row to sums in double precision, and clear it."""
    widest()
    for i in range(row.shape[0]):
        total[i] += np.float64(row[i])
        row[i] = ZERO
