"""One row of the grid at a time: discharge at faces, limiting, depth at cells.

The functions see plain 1-D views and index them with one loop variable each. The x and y faces
therefore share one flux function, and the compiler turns every row into packed instructions.
Two traps undo that: a ``pow`` in the loop (hence ``inverse_cube_root``), and a literal that widens
single precision to double (hence the casts with ``dtype.type``).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from anlan.hydraulics.numerics import (
    Array,
    G,
    from_ordered_bits,
    inverse_cube_root,
    ordered_bits,
    part,
)

# Faces with less water over them carry none: h^(7/3) of less has no meaning over real ground.
FLOW_DEPTH = 1e-5
# A discharge below this is nothing; without it, theta-weighting spreads denormal numbers.
LEAST_DISCHARGE = 1e-15


@part
def flux_row(
    out: Array,
    q: Array,
    q_before: Array,
    q_after: Array,
    t00: Array,
    t01: Array,
    t10: Array,
    t11: Array,
    ha: Array,
    hb: Array,
    za: Array,
    zb: Array,
    zf: Array,
    gn2: Array,
    cap: Array,
    theta: Any,
    dt: Any,
    dx: Any,
) -> Any:
    """New discharge of one row of faces between cells a and b; returns the fastest wave, m/s.

    q* = theta q + (1 - theta)/2 (q_before + q_after) - g hf dt (eta_b - eta_a)/dx
    q  = q* / (1 + g dt n^2 |Q| / hf^(7/3)),  |Q| = |q| + (|Q_old| - |q_old|)

    de Almeida and Bates (2013), doi:10.1002/wrcr.20366, with the theta-weighting of de Almeida
    et al. (2012), doi:10.1029/2011WR011570. They take |Q| from the old step; here its part along
    the face is new, which makes the divisor the root of a quadratic: the same steady flow, but
    thin films relax to it instead of swinging around it.
    """
    real = out.dtype.type
    zero = real(0.0)
    one = real(1.0)
    two = real(2.0)
    four = real(4.0)
    quarter = real(0.25)
    least_depth = real(FLOW_DEPTH)
    least_q = real(LEAST_DISCHARGE)
    g = real(G)
    slope_dt = real(G * dt / dx)
    side = real(0.5) * (one - theta)
    fastest = ordered_bits(zero)
    for i in range(out.shape[0]):
        eta_a = ha[i] + za[i]
        eta_b = hb[i] + zb[i]
        eta = eta_a if eta_a > eta_b else eta_b
        hf = eta - zf[i]
        wet = hf > least_depth
        d = hf if wet else least_depth
        q_old = q[i]
        star = theta * q_old + side * (q_before[i] + q_after[i]) - slope_dt * d * (eta_b - eta_a)
        size = abs(star)
        across = quarter * ((t00[i] + t11[i]) + (t01[i] + t10[i]))
        turn = math.sqrt(q_old * q_old + across * across) - abs(q_old)
        r = inverse_cube_root(d)
        r3 = r * r * r
        a = dt * gn2[i] * (r3 * r3 * r)
        b = one + a * turn
        size = two * size / (b + math.sqrt(b * b + four * a * size))
        wave = math.sqrt(g * d)
        most = cap[i] * d * wave
        size = size if size < most else most
        size = size if wet else zero
        size = size if size > least_q else zero
        out[i] = size if star > zero else -size
        speed = size * r3 + wave
        speed = speed if wet else zero
        bits = ordered_bits(speed)
        fastest = bits if bits > fastest else fastest
    return from_ordered_bits(fastest, zero)


@part
def share_row(
    share: Array,
    qx_left: Array,
    qx_right: Array,
    qy_below: Array,
    qy_above: Array,
    h: Array,
    c: Array,
    keep: Any,
    dt_dx: Any,
) -> Any:
    """Fraction of its outflow that each cell of a row can give; returns whether any is below 1."""
    real = share.dtype.type
    zero = real(0.0)
    one = real(1.0)
    tiny = real(1e-30)
    short = np.int32(0)
    for i in range(share.shape[0]):
        west = -qx_left[i] if qx_left[i] < zero else zero
        east = qx_right[i] if qx_right[i] > zero else zero
        south = -qy_below[i] if qy_below[i] < zero else zero
        north = qy_above[i] if qy_above[i] > zero else zero
        wanted = dt_dx * ((west + east) + (south + north)) + tiny
        held = keep * (h[i] + c[i])
        s = held / wanted
        share[i] = s if held < wanted and wanted > tiny else one
        short |= np.int32(held < wanted and wanted > tiny)
    return short != 0


@part
def scale_row(q: Array, share_a: Array, share_b: Array) -> None:
    """Cut the discharge of faces between cells a and b to what the giving cell has."""
    zero = q.dtype.type(0.0)
    for i in range(q.shape[0]):
        q[i] *= share_a[i] if q[i] > zero else share_b[i]


@part
def depth_row(
    h: Array,
    c: Array,
    highest: Array,
    rain: Array,
    qx_left: Array,
    qx_right: Array,
    qy_below: Array,
    qy_above: Array,
    dt: Any,
    dt_dx: Any,
) -> None:
    """Conservation of volume in one row of cells, with Kahan's compensation.

    Without ``c``, rain of 0.1 mm/h would vanish in single precision over 3 m of water: one step
    brings less than the spacing of the numbers there.
    """
    for i in range(h.shape[0]):
        net = (qx_left[i] - qx_right[i]) + (qy_below[i] - qy_above[i])
        gain = dt_dx * net + dt * rain[i] + c[i]
        before = h[i]
        after = before + gain
        h[i] = after
        c[i] = gain - (after - before)
        highest[i] = after if after > highest[i] else highest[i]


@part
def loss_row(taken: Array, h: Array, c: Array, losses: Array, dt: Any) -> None:
    """Take losses from one row of cells, at most what is there, and add them to ``taken``, m.

    ``taken`` is in double precision and has one sum per column: a single one would have every
    addition wait for the one before.
    """
    zero = h.dtype.type(0.0)
    for i in range(h.shape[0]):
        before = h[i]
        asked = dt * losses[i]
        all_of_it = asked >= before
        after = before - asked
        after = zero if all_of_it else after
        rest = c[i] + ((before - after) - asked)
        took = before + c[i] if all_of_it else asked
        taken[i] += np.float64(took)
        c[i] = zero if all_of_it else rest
        h[i] = after
