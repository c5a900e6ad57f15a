"""One row of the second-order scheme at a time, on plain views that the compiler packs.

Views of faces hold, at index i, the west or south face of cell i. ``open`` of a face is OPEN, or
MIRROR where a wall stands (the water beyond is the mirror image), or EDGE where a special face has
its own law (nothing is known beyond).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from anlan.hydraulics.hllc import DRY, hllc, lesser, level_slope, velocity_slope, wall_push
from anlan.hydraulics.numerics import (
    Array,
    from_ordered_bits,
    inverse_cube_root,
    ordered_bits,
    part,
    piece,
    widest,
)
from anlan.hydraulics.physics import FOUR, HALF, ONE, TWO, WALL, ZERO

MIRROR, OPEN, EDGE = np.float32(0.0), np.float32(1.0), np.float32(2.0)
# Below this depth, m, velocity fades out with the water instead of growing without bound.
THIN = np.float32(1e-6)


@piece
def velocity_row(u: Array, v: Array, h: Array, c: Array, qx: Array, qy: Array) -> Any:
    """Velocity of one row of cells, m/s; returns the greatest depth, m.

    2 h q / (h^2 + max(h, THIN)^2): Kurganov and Petrova (2007), doi:10.4310/CMS.2007.v5.n1.a6,
    eq. 2.17, which is q / h from a depth of THIN on.
    """
    most = ordered_bits(h.dtype.type(0.0))
    widest()
    for i in range(h.shape[0]):
        held = h[i] + c[i]
        depth: Any = held if held > ZERO else ZERO
        d = depth if depth > THIN else THIN
        share = TWO * depth / (depth * depth + d * d)
        u[i] = qx[i] * share
        v[i] = qy[i] * share
        bits = ordered_bits(depth)
        most = bits if bits > most else most
    return from_ordered_bits(most, h.dtype.type(0.0))


@piece
def open_row(out: Array, z_a: Array, z_b: Array) -> None:
    """Whether cells lie on both sides of each face of a row."""
    widest()
    for i in range(out.shape[0]):
        out[i] = OPEN if z_a[i] < WALL and z_b[i] < WALL else MIRROR


@piece
def slope_row(
    rise: Array,
    deepening: Array,
    du: Array,
    dv: Array,
    h: Array,
    h_a: Array,
    h_b: Array,
    c: Array,
    c_a: Array,
    c_b: Array,
    z: Array,
    z_a: Array,
    z_b: Array,
    u: Array,
    u_a: Array,
    u_b: Array,
    v: Array,
    v_a: Array,
    v_b: Array,
    open_a: Array,
    open_b: Array,
) -> None:
    """What level, depth and velocities gain from the centre of each cell to its far face.

    ``_a`` is the neighbour before along the axis, ``_b`` the one after; ``u`` is along the axis.
    Level and bed have limited slopes, and the depth is what lies between them, cut off where it
    would be negative: a smooth bed stays smooth, and still water has no slope of level however
    rough its bed (Audusse et al. 2004, doi:10.1137/S1064827503431090, section 4, with the bed
    limited instead of the depth). Differences of level are taken in double precision: in single
    the rounding of z + h alone would set still water in motion. At a special face the bed
    goes on as it comes from the other side, and the level with it, but no further than the bed: a
    channel keeps its slope, and a wave meets level water.
    """
    widest()
    for i in range(rise.shape[0]):
        whole_a = open_a[i] == OPEN
        whole_b = open_b[i] == OPEN
        edge_a = open_a[i] == EDGE
        edge_b = open_b[i] == EDGE
        level = (np.float64(h[i]) + np.float64(c[i])) + np.float64(z[i])
        below = (np.float64(h_a[i]) + np.float64(c_a[i])) + np.float64(z_a[i])
        above = (np.float64(h_b[i]) + np.float64(c_b[i])) + np.float64(z_b[i])
        lower = h.dtype.type(level - below)
        higher = h.dtype.type(above - level)
        bed_lower = z[i] - z_a[i]
        bed_higher = z_b[i] - z[i]
        goes_a = edge_a and whole_b
        goes_b = edge_b and whole_a
        beyond_a = lesser(higher, bed_higher) if goes_a and h_b[i] > DRY else ZERO
        beyond_b = lesser(lower, bed_lower) if goes_b and h_a[i] > DRY else ZERO
        up = level_slope(lower if whole_a else beyond_a, higher if whole_b else beyond_b)
        before = bed_lower if whole_a else (bed_higher if goes_a else ZERO)
        after = bed_higher if whole_b else (bed_lower if goes_b else ZERO)
        depth = h[i]
        gain = up - level_slope(before, after)
        gain = gain if gain < depth else depth
        gain = gain if gain > -depth else -depth
        rise[i] = up
        deepening[i] = gain

        before = u[i] - u_a[i] if whole_a else ZERO
        after = u_b[i] - u[i] if whole_b else ZERO
        before = TWO * u[i] if open_a[i] == MIRROR else before
        after = -TWO * u[i] if open_b[i] == MIRROR else after
        du[i] = velocity_slope(before, after)
        before = v[i] - v_a[i] if whole_a else ZERO
        after = v_b[i] - v[i] if whole_b else ZERO
        dv[i] = velocity_slope(before, after)


@piece
def flux_row(
    volume: Array,
    leaving: Array,
    entering: Array,
    along: Array,
    h_a: Array,
    h_b: Array,
    c_a: Array,
    c_b: Array,
    z_a: Array,
    z_b: Array,
    u_a: Array,
    u_b: Array,
    v_a: Array,
    v_b: Array,
    rise_a: Array,
    rise_b: Array,
    deepening_a: Array,
    deepening_b: Array,
    du_a: Array,
    du_b: Array,
    dv_a: Array,
    dv_b: Array,
    open_face: Array,
    g: Any,
) -> None:
    """Fluxes through one row of faces between cells a and b, per unit width.

    Depths at the face are those over the higher of its two beds (hydrostatic reconstruction,
    Audusse et al. 2004). Momentum ``leaving`` a and ``entering`` b differ by the push of the step
    in the bed; each is taken less g h^2/2 of the cell's own depth at the face, which together with
    the bed slope inside the cell gives g h times its slope of level: for still water every term is
    exactly zero.
    """
    widest()
    for i in range(volume.shape[0]):
        is_open = open_face[i] == OPEN
        deep_a = h_a[i] + deepening_a[i]
        deep_b = h_b[i] - deepening_b[i]
        level_a = (np.float64(h_a[i]) + np.float64(c_a[i])) + np.float64(z_a[i])
        level_b = (np.float64(h_b[i]) + np.float64(c_b[i])) + np.float64(z_b[i])
        higher = h_a.dtype.type(level_b - level_a)
        higher = higher if is_open else ZERO
        higher = higher - (rise_a[i] + rise_b[i])
        bed_step = z_b[i] - z_a[i] if is_open else ZERO
        bed_step = ((rise_a[i] - deepening_a[i]) + (rise_b[i] - deepening_b[i])) - bed_step
        over = deep_a + (bed_step if bed_step < ZERO else ZERO)
        over_b = over + higher
        over_a = over if over > ZERO else ZERO
        over_b = over_b if over_b > ZERO else ZERO
        u0 = u_a[i] + du_a[i]
        u1 = u_b[i] - du_b[i]
        flow, across, tangential = hllc(
            over_a, u0, v_a[i] + dv_a[i], over_b, u1, v_b[i] - dv_b[i], g
        )
        other = across + HALF * g * (over_a - over_b) * (over_a + over_b)
        across = across if is_open else wall_push(deep_a, u0, g)
        other = other if is_open else wall_push(deep_b, -u1, g)
        volume[i] = flow if is_open else ZERO
        along[i] = tangential if is_open else ZERO
        leaving[i] = across + g * h_a[i] * rise_a[i]
        entering[i] = other - g * h_b[i] * rise_b[i]


@piece
def share_row(
    share: Array,
    west: Array,
    east: Array,
    south: Array,
    north: Array,
    h: Array,
    c: Array,
    z: Array,
    keep: Any,
    dt_dx: Any,
) -> None:
    """Fraction of its outflow that each cell of a row can give; 1 outside the domain."""
    widest()
    for i in range(share.shape[0]):
        out_w = -west[i] if west[i] < ZERO else ZERO
        out_e = east[i] if east[i] > ZERO else ZERO
        out_s = -south[i] if south[i] < ZERO else ZERO
        out_n = north[i] if north[i] > ZERO else ZERO
        wanted = dt_dx * ((out_w + out_e) + (out_s + out_n))
        held = keep * (h[i] + c[i])
        held = held if held > ZERO else ZERO
        given = held / (wanted + DRY * DRY)
        given = given if held < wanted else ONE
        share[i] = given if z[i] < WALL else ONE


@piece
def scale_row(
    volume: Array,
    leaving: Array,
    entering: Array,
    along: Array,
    share_a: Array,
    share_b: Array,
) -> None:
    """Cut the fluxes of faces between cells a and b to what the giving cell has."""
    widest()
    for i in range(volume.shape[0]):
        share = share_a[i] if volume[i] > ZERO else share_b[i]
        volume[i] *= share
        leaving[i] *= share
        entering[i] *= share
        along[i] *= share


@piece
def gain_row(
    gain: Array,
    gain_x: Array,
    gain_y: Array,
    volume_w: Array,
    volume_e: Array,
    volume_s: Array,
    volume_n: Array,
    x_w: Array,
    x_e: Array,
    x_s: Array,
    x_n: Array,
    y_w: Array,
    y_e: Array,
    y_s: Array,
    y_n: Array,
    z: Array,
    dt_dx: Any,
) -> None:
    """What one row of cells gains in a stage: depth, m, and momentum, m2/s, without friction.

    Cells outside the domain gain nothing.
    """
    widest()
    for i in range(gain.shape[0]):
        inside = dt_dx if z[i] < WALL else ZERO
        gain[i] = inside * ((volume_w[i] - volume_e[i]) + (volume_s[i] - volume_n[i]))
        gain_x[i] = inside * ((x_w[i] - x_e[i]) + (x_s[i] - x_n[i]))
        gain_y[i] = inside * ((y_w[i] - y_e[i]) + (y_s[i] - y_n[i]))


@part
def friction(depth: Any, x: Any, y: Any, n: Any, g: Any, dt: Any) -> Any:
    """Share of its momentum that water keeps in a step against Manning's friction.

    The root of q + dt g n^2 |q| q / h^(7/3) = q*: exact for uniform flow, and never reversing.
    """
    d: Any = depth if depth > DRY else DRY
    r = inverse_cube_root(d)
    r3 = r * r * r
    size = math.sqrt(x * x + y * y)
    a = dt * g * n * n * (r3 * r3 * r) * size
    kept = TWO / (ONE + math.sqrt(ONE + FOUR * a))
    return kept if depth > DRY else ZERO


@piece
def first_stage_row(
    new_h: Array,
    new_c: Array,
    new_qx: Array,
    new_qy: Array,
    h: Array,
    c: Array,
    qx: Array,
    qy: Array,
    gain: Array,
    gain_x: Array,
    gain_y: Array,
    n: Array,
    g: Any,
    dt: Any,
) -> None:
    """One row after the first stage, a forward step; the sum of depth as Kahan's."""
    widest()
    for i in range(h.shape[0]):
        change = gain[i] + c[i]
        after = h[i] + change
        x = qx[i] + gain_x[i]
        y = qy[i] + gain_y[i]
        kept = friction(after, x, y, n[i], g, dt)
        new_h[i] = after
        new_c[i] = change - (after - h[i])
        new_qx[i] = x * kept
        new_qy[i] = y * kept


@piece
def second_stage_row(
    new_h: Array,
    new_c: Array,
    new_qx: Array,
    new_qy: Array,
    h: Array,
    c: Array,
    qx: Array,
    qy: Array,
    first: Array,
    middle_h: Array,
    middle_qx: Array,
    middle_qy: Array,
    gain: Array,
    gain_x: Array,
    gain_y: Array,
    n: Array,
    g: Any,
    dt: Any,
) -> Any:
    """One row after both stages, the mean of the old and of two forward steps; the fastest wave.

    ``first`` is the gain of depth of the first stage. Heun's method in the form of Shu and Osher
    (1988), doi:10.1016/0021-9991(88)90177-5: a mean of positive depths, so itself positive.
    """
    fastest = ordered_bits(h.dtype.type(0.0))
    widest()
    for i in range(h.shape[0]):
        change = HALF * (first[i] + gain[i]) + c[i]
        after = h[i] + change
        x = middle_qx[i] + gain_x[i]
        y = middle_qy[i] + gain_y[i]
        kept = friction(middle_h[i] + gain[i], x, y, n[i], g, dt)
        wet = after > DRY
        x = HALF * (qx[i] + x * kept)
        y = HALF * (qy[i] + y * kept)
        x = x if wet else ZERO
        y = y if wet else ZERO
        new_h[i] = after
        new_c[i] = change - (after - h[i])
        new_qx[i] = x
        new_qy[i] = y
        d = after if after > THIN else THIN
        size = abs(x) if abs(x) > abs(y) else abs(y)
        speed: Any = TWO * after * size / (after * after + d * d) + math.sqrt(g * d)
        speed = speed if wet else ZERO
        bits = ordered_bits(speed)
        fastest = bits if bits > fastest else fastest
    return from_ordered_bits(fastest, h.dtype.type(0.0))
