"""The flow across one face: scalar functions that every device compiles.

A face lies between cell ``a`` (west or south) and cell ``b`` (east or north); flow from a to b is
positive. Constants are single-precision numbers that both precisions hold exactly (or need not),
so that nothing widens a single-precision loop; ``g`` comes as an argument of the run's type.
Choices are written as ``x if condition else y`` on values at hand: packed code has no branches.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from anlan.hydraulics.numerics import inverse_cube_root, part

ZERO = np.float32(0.0)
QUARTER = np.float32(0.25)
HALF = np.float32(0.5)
ONE = np.float32(1.0)
TWO = np.float32(2.0)
FOUR = np.float32(4.0)
# Cells at or above this bed, m over the run's own zero, lie outside: nothing crosses their faces.
WALL = np.float32(1e6)
# Faces with less water over them carry none: h^(7/3) of less has no meaning over real ground.
LEAST_DEPTH = np.float32(1e-6)
# A discharge below this is nothing; without it, averages would spread denormal numbers.
LEAST_DISCHARGE = np.float32(1e-15)


@part
def fall(h_a: Any, h_b: Any, z_a: Any, z_b: Any, grain: Any) -> Any:
    """Level of cell a over that of cell b, m; 0 where they differ by no more than rounding.

    ``grain`` is the spacing of the run's numbers at 1. Without it still water in single precision
    would creep to and fro for ever.
    """
    drop = (h_a - h_b) + (z_a - z_b)
    scale = (h_a + h_b) + (abs(z_a) + abs(z_b))
    return drop if abs(drop) > grain * scale else ZERO


@part
def central_slope(a: Any, b: Any) -> Any:
    """Monotonised central difference of two neighbouring differences.

    Zero at an extremum, else the least of 2|a|, 2|b| and |a + b| / 2 with their sign
    (van Leer 1977, doi:10.1016/0021-9991(77)90095-X).
    """
    twice_a = TWO * abs(a)
    twice_b = TWO * abs(b)
    mean = HALF * abs(a + b)
    least = twice_a if twice_a < twice_b else twice_b
    least = mean if mean < least else least
    least = least if a * b > ZERO else ZERO
    return least if a > ZERO else -least


@part
def carried_velocity(q: Any, u_aa: Any, u_a: Any, u_b: Any, u_bb: Any, dt_dx: Any) -> Any:
    """Velocity that the flow through a cell carries along, m/s.

    ``u_a`` and ``u_b`` stand on the faces before and after the cell, ``u_aa`` and ``u_bb`` one
    face further out. Taken from upwind, with a limited slope reduced by what the flow covers in
    the step: second order in space and time where the flow is smooth.
    """
    down = q > ZERO
    near = u_a if down else u_b
    behind = u_a - u_aa if down else u_b - u_bb
    ahead = u_b - u_a if down else u_a - u_b
    return near + HALF * (ONE - abs(near) * dt_dx) * central_slope(behind, ahead)


@part
def face_depth(
    u: Any,
    down: Any,
    h_aa: Any,
    h_a: Any,
    h_b: Any,
    h_bb: Any,
    z_aa: Any,
    z_a: Any,
    z_b: Any,
    z_bb: Any,
    dt_dx: Any,
) -> Any:
    """Depth that the flow takes across a face, m.

    The depth of the giving cell with a limited slope. Where the bed rises along the flow, only
    the water above the step passes, unless the step is part of a smooth bed: the rise is forgiven
    up to the lesser depth, and up to the rise of the bed before it. Without the latter a shore
    would stand before every cell of a beach as before a kerb.
    """
    near = h_a if down else h_b
    ahead = h_b if down else h_a
    far = h_aa if down else h_bb
    z_near = z_a if down else z_b
    z_far = z_aa if down else z_bb
    rise = z_b - z_a if down else z_a - z_b
    behind = near - far if z_far < WALL else ZERO
    slope = HALF * (ONE - abs(u) * dt_dx) * central_slope(behind, ahead - near)
    rise = rise if rise > ZERO else ZERO
    smooth = near if near < ahead else ahead
    before = z_near - z_far
    smooth = before if before > smooth else smooth
    forgiven = rise if rise < smooth else smooth
    slope = slope if slope > -HALF * near else -HALF * near
    return near + slope - (rise - forgiven)


@part
def face_flow(
    u: Any,
    q_a: Any,
    carried_a: Any,
    q_b: Any,
    carried_b: Any,
    q_low: Any,
    u_low: Any,
    q_high: Any,
    u_high: Any,
    h_aa: Any,
    h_a: Any,
    h_b: Any,
    h_bb: Any,
    z_aa: Any,
    z_a: Any,
    z_b: Any,
    z_bb: Any,
    n_a: Any,
    n_b: Any,
    speed_a: Any,
    speed_b: Any,
    rain: Any,
    wind: Any,
    grain: Any,
    g: Any,
    dt: Any,
    dt_u: Any,
    dx: Any,
) -> Any:
    """New velocity [m/s] and discharge [m2/s] of a face by the momentum-conserving scheme.

    du/dt + [d(q u)/dx - u dq/dx + d(p u)/dy - u dp/dy] / h + g d(eta)/dx
        + g n^2 |U| u / h^(4/3) = (wind - rain u) / h

    Stelling and Duinmeijer (2003), doi:10.1002/fld.537, eq. 12-17, in the form that conserves
    momentum, with limited slopes along the flow. ``q_a``, ``carried_a`` (and ``_b``) are the mean
    discharge and the carried velocity in the cells; ``q_low``, ``q_high`` the discharges that
    cross below and above the face, with the velocity of the next face there. Velocities live half
    a step after depths: ``dt_u`` is the step between velocities, ``dt`` between depths. ``rain``
    [m/s] falls without horizontal momentum and so slows the water that it joins. Friction
    (Manning) takes the new velocity: a quadratic, solved, so thin films never swing.
    """
    mean = HALF * (h_a + h_b)
    star = driven(
        u,
        mean,
        q_a,
        carried_a,
        q_b,
        carried_b,
        q_low,
        u_low,
        q_high,
        u_high,
        h_a,
        h_b,
        z_a,
        z_b,
        wind,
        grain,
        g,
        dt_u,
        dt_u / dx,
    )
    h = passing_depth(star, h_aa, h_a, h_b, h_bb, z_aa, z_a, z_b, z_bb, u, dt / dx)
    return slowed_velocity(u, star, mean, h, HALF * (n_a + n_b), speed_a, speed_b, rain, g, dt_u)


@part
def driven(
    u: Any,
    mean: Any,
    q_a: Any,
    carried_a: Any,
    q_b: Any,
    carried_b: Any,
    q_low: Any,
    u_low: Any,
    q_high: Any,
    u_high: Any,
    h_a: Any,
    h_b: Any,
    z_a: Any,
    z_b: Any,
    wind: Any,
    grain: Any,
    g: Any,
    dt_u: Any,
    dt_dx: Any,
) -> Any:
    """Momentum per unit width and density of a face, before friction, m2/s."""
    push = carried_in(u, q_a, carried_a, q_b, carried_b, q_low, u_low, q_high, u_high)
    drop = fall(h_a, h_b, z_a, z_b, grain)
    return mean * (u + (g * dt_dx) * drop) + (dt_dx * push + dt_u * wind)


@part
def passing_depth(
    star: Any,
    h_aa: Any,
    h_a: Any,
    h_b: Any,
    h_bb: Any,
    z_aa: Any,
    z_a: Any,
    z_b: Any,
    z_bb: Any,
    u: Any,
    dt_dx: Any,
) -> Any:
    """Depth through which ``star`` passes a face, m; ``LEAST_DEPTH`` where nothing can."""
    h = face_depth(u, star > ZERO, h_aa, h_a, h_b, h_bb, z_aa, z_a, z_b, z_bb, dt_dx)
    wet = (h > LEAST_DEPTH) & (z_a < WALL) & (z_b < WALL)
    return h if wet else LEAST_DEPTH


@part
def carried_in(
    u: Any,
    q_a: Any,
    carried_a: Any,
    q_b: Any,
    carried_b: Any,
    q_low: Any,
    u_low: Any,
    q_high: Any,
    u_high: Any,
) -> Any:
    """Momentum that the flow carries to a face, over what its own velocity would, m2/s2."""
    push = q_a * (carried_a - u) - q_b * (carried_b - u)
    came_low = q_low if q_low > ZERO else ZERO
    came_high = q_high if q_high < ZERO else ZERO
    return push + came_low * (u_low - u) - came_high * (u_high - u)


@part
def slowed_velocity(
    u: Any,
    star: Any,
    mean: Any,
    h: Any,
    n: Any,
    speed_a: Any,
    speed_b: Any,
    rain: Any,
    g: Any,
    dt_u: Any,
) -> Any:
    """Velocity [m/s] and discharge [m2/s] that friction and rain leave of ``star`` [m2/s].

    ``mean`` is the depth of the water that is moved, ``h`` that through which it passes, which is
    none unless it is more than ``LEAST_DEPTH``.
    """
    r = inverse_cube_root(h)
    r2 = r * r
    rough = ((dt_u * g) * (n * n)) * (r2 * r2)
    turn = HALF * (speed_a + speed_b) - abs(u)
    turn = turn if turn > ZERO else ZERO
    b = HALF * (mean * (ONE + rough * turn) + dt_u * rain)
    new = star / (b + math.sqrt(b * b + rough * (mean * abs(star))))
    new = new if h > LEAST_DEPTH else ZERO
    return new, new * h


@part
def inertial_discharge(
    q: Any,
    q_before: Any,
    q_after: Any,
    across: Any,
    h_a: Any,
    h_b: Any,
    z_a: Any,
    z_b: Any,
    crest: Any,
    n_a: Any,
    n_b: Any,
    wind: Any,
    theta: Any,
    grain: Any,
    g: Any,
    dt: Any,
    dx: Any,
) -> Any:
    """New discharge [m2/s] of a face by the local-inertial scheme, and |u| there [m/s].

    q* = theta q + (1 - theta)/2 (q_before + q_after) + g hf dt (eta_a - eta_b)/dx
    q  = q* / (1 + g dt n^2 |Q| / hf^(7/3)),  |Q| = |q| + (|Q_old| - |q_old|)

    de Almeida and Bates (2013), doi:10.1002/wrcr.20366, with the theta-weighting of de Almeida
    et al. (2012), doi:10.1029/2011WR011570. They take |Q| from the old step; here its part along
    the face is new, which makes the divisor the root of a quadratic: the same steady flow, but
    thin films relax to it instead of swinging around it. ``crest`` is the bed of the face,
    ``across`` the mean discharge in the other direction.
    """
    eta_a = h_a + z_a
    eta_b = h_b + z_b
    eta = eta_a if eta_a > eta_b else eta_b
    hf = eta - crest
    wet = (hf > LEAST_DEPTH) & (crest < WALL)
    d: Any = hf if wet else LEAST_DEPTH
    star = theta * q + HALF * (ONE - theta) * (q_before + q_after)
    star = star + dt * (g / dx * d * fall(h_a, h_b, z_a, z_b, grain) + wind)
    n = HALF * (n_a + n_b)
    return slowed_discharge(star, q, across, d, wet, n, g, dt)


@part
def slowed_discharge(
    star: Any, q: Any, across: Any, d: Any, wet: Any, n: Any, g: Any, dt: Any
) -> Any:
    """Discharge [m2/s] that friction leaves of ``star``, and |u| [m/s], at a face of depth ``d``.

    ``q`` was the discharge before, ``across`` that in the other direction.
    """
    size = abs(star)
    turn = math.sqrt(q * q + across * across) - abs(q)
    r = inverse_cube_root(d)
    r3 = r * r * r
    rough = dt * g * n * n * (r3 * r3 * r)
    b = ONE + rough * turn
    size = TWO * size / (b + math.sqrt(b * b + FOUR * rough * size))
    size = size if wet & (size > LEAST_DISCHARGE) else ZERO
    return size if star > ZERO else -size, size * r3
