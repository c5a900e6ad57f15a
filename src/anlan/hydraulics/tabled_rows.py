"""The flow across faces whose area and roughness come from sub-grid tables, row by row."""

from __future__ import annotations

from typing import Any

from anlan.hydraulics.numerics import Array, from_ordered_bits, ordered_bits, part, piece, widest
from anlan.hydraulics.physics import (
    HALF,
    LEAST_DEPTH,
    LEAST_DISCHARGE,
    ONE,
    QUARTER,
    TWO,
    WALL,
    ZERO,
    carried_in,
    slowed_discharge,
    slowed_velocity,
)


@part
def level_fall(
    t_a: Any, t_b: Any, z_a: Any, z_b: Any, steep_a: Any, steep_b: Any, grain: Any
) -> Any:
    """Level of cell a over that of cell b, m; 0 where they differ by no more than rounding.

    ``t`` is the depth above the lowest bed ``z``, ``steep`` the water of the cell times the rise
    of its level per metre of water: so much of the level is lost where a volume is rounded.
    """
    drop = (t_a - t_b) + (z_a - z_b)
    scale = (t_a + t_b) + (abs(z_a) + abs(z_b)) + TWO * (steep_a + steep_b)
    return drop if abs(drop) > grain * scale else ZERO


@part
def kindred(other: Any, own: Any) -> Any:
    """Share of a neighbour's flow that counts beside a face's own: 1 unless it is the lesser.

    A canal within a cell may turn into a row where nothing flows; what rests on its banks takes
    no momentum from it. Over even ground neighbours flow alike and this is 1.
    """
    share = abs(other) / (abs(own) + LEAST_DISCHARGE)
    return share if share < ONE else ONE


@piece
def tabled_inertial_row(
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
    t_a: Array,
    t_b: Array,
    z_a: Array,
    z_b: Array,
    slope_a: Array,
    slope_b: Array,
    area: Array,
    manning: Array,
    pace: Array,
    wind: Any,
    theta: Any,
    grain: Any,
    g: Any,
    dt: Any,
    dx: Any,
) -> Any:
    """Discharge of one row of faces as by ``inertial_discharge``; returns the largest |u|."""
    fastest = ordered_bits(new_q.dtype.type(0.0))
    widest()
    for i in range(new_q.shape[0]):
        across = QUARTER * ((p_low_a[i] + p_high_b[i]) + (p_low_b[i] + p_high_a[i]))
        steep_a, steep_b = slope_a[i] * h_a[i], slope_b[i] * h_b[i]
        drop = level_fall(t_a[i], t_b[i], z_a[i], z_b[i], steep_a, steep_b, grain)
        wet = area[i] > LEAST_DEPTH
        d: Any = area[i] if wet else LEAST_DEPTH
        step = dt * pace[i]
        before = kindred(q_before[i], q[i]) * (q_before[i] - q[i])
        after = kindred(q_after[i], q[i]) * (q_after[i] - q[i])
        star = q[i] + HALF * (ONE - theta) * (before + after)
        star = star + step * (g / dx * d * drop + wind)
        discharge, speed = slowed_discharge(star, q[i], across, d, wet, manning[i], g, step)
        new_q[i] = discharge
        bits = ordered_bits(speed)
        fastest = bits if bits > fastest else fastest
    return from_ordered_bits(fastest, new_q.dtype.type(0.0))


@piece
def tabled_flow_row(
    new_u: Array,
    new_q: Array,
    q: Array,
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
    h_a: Array,
    h_b: Array,
    t_a: Array,
    t_b: Array,
    z_a: Array,
    z_b: Array,
    slope_a: Array,
    slope_b: Array,
    area: Array,
    manning: Array,
    pace: Array,
    speed_a: Array,
    speed_b: Array,
    rain_a: Array,
    rain_b: Array,
    wind: Any,
    grain: Any,
    g: Any,
    dt_u: Any,
    dx: Any,
) -> Any:
    """Velocity and discharge of one row of faces as by ``face_flow``; returns the largest |u|.

    The water that is moved is at least half of what stands in the face, so a cell with hardly any
    room does not make its faces' momentum unsteady.
    """
    fastest = ordered_bits(new_u.dtype.type(0.0))
    widest()
    for i in range(new_u.shape[0]):
        steep_a, steep_b = slope_a[i] * h_a[i], slope_b[i] * h_b[i]
        drop = level_fall(t_a[i], t_b[i], z_a[i], z_b[i], steep_a, steep_b, grain)
        mean = HALF * (h_a[i] + h_b[i])
        least = HALF * area[i]
        mean = mean if mean > least else least
        push = carried_in(
            u[i],
            kindred(TWO * mean_a[i] - q[i], q[i]) * mean_a[i],
            carried_a[i],
            kindred(TWO * mean_b[i] - q[i], q[i]) * mean_b[i],
            carried_b[i],
            kindred(u_low[i], u[i]) * HALF * (p_low_a[i] + p_low_b[i]),
            u_low[i],
            kindred(u_high[i], u[i]) * HALF * (p_high_a[i] + p_high_b[i]),
            u_high[i],
        )
        step = dt_u * pace[i]
        star = mean * (u[i] + g * (step / dx) * drop) + step / dx * push + step * wind
        wet = (area[i] > LEAST_DEPTH) & (z_a[i] < WALL) & (z_b[i] < WALL)
        depth: Any = area[i] if wet else LEAST_DEPTH
        rain = HALF * (rain_a[i] + rain_b[i])
        velocity, discharge = slowed_velocity(
            u[i], star, mean, depth, manning[i], speed_a[i], speed_b[i], rain, g, step
        )
        new_u[i] = velocity
        new_q[i] = discharge
        bits = ordered_bits(abs(velocity))
        fastest = bits if bits > fastest else fastest
    return from_ordered_bits(fastest, new_u.dtype.type(0.0))
