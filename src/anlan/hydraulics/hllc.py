"""What two states on the sides of a face exchange: an approximate Riemann solver.

Scalar functions for packed loops, like those of ``physics``: no branches, single-precision
constants, ``g`` as an argument of the run's type.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from anlan.hydraulics.numerics import part
from anlan.hydraulics.physics import HALF, ONE, QUARTER, TWO, ZERO, central_slope

THREE = np.float32(3.0)
# A state with less water than this, m, is dry: its velocity has no meaning.
DRY = np.float32(1e-10)
# Keeps the spread of two waves above zero where there is no water.
LEAST_SPREAD = np.float32(1e-12)
# Two rarefactions stand for the true waves while a wave raises the celerity by less than this:
# the level between them is then right to 2 %.
WEAK = np.float32(1.3)
# Sweby (1984), doi:10.1137/0721062: 1 is minmod, 2 is superbee.
STEEPNESS = np.float32(1.75)


@part
def lesser(a: Any, b: Any) -> Any:
    """The smaller of two numbers of one sign, else 0 (minmod)."""
    least = a if abs(a) < abs(b) else b
    return least if a * b > ZERO else ZERO


@part
def level_slope(a: Any, b: Any) -> Any:
    """Rise from the centre of a cell to its face, from the differences on its two sides."""
    return HALF * central_slope(a, b)


@part
def velocity_slope(a: Any, b: Any) -> Any:
    """The same for velocity, with the steeper limiter of Sweby (1984)."""
    x = abs(a)
    y = abs(b)
    steep_x = STEEPNESS * x
    steep_y = STEEPNESS * y
    first = steep_x if steep_x < y else y
    second = steep_y if steep_y < x else x
    size = HALF * (first if first > second else second)
    size = size if a * b > ZERO else ZERO
    return size if a > ZERO else -size


@part
def wall_push(h: Any, u: Any, g: Any) -> Any:
    """Momentum that a wall takes from water moving at ``u`` towards it, less g h^2/2, m3/s2.

    Towards the wall the flux of HLL between the water and its mirror image; away from it, where
    that would pull, the pressure in a rarefaction.
    """
    c = math.sqrt(g * h)
    change = HALF * u
    change = change if change > -c else -c
    gain = change * (TWO * c + change) * (ONE / g)
    away = HALF * g * gain * (TWO * h + gain)
    towards = h * u * (u + change + c)
    return towards if u > ZERO else away


@part
def hllc(h_a: Any, u_a: Any, v_a: Any, h_b: Any, u_b: Any, v_b: Any, g: Any) -> Any:
    """Fluxes of volume, momentum across and momentum along the face, per unit width.

    ``u`` is the velocity from a to b, ``v`` that along the face. The momentum across is given less
    g h_a^2 / 2, so that it is exactly zero, not nearly, for still water.

    HLLC (Toro 2001, "Shock-Capturing Methods for Free-Surface Shallow Flows", section 10.4) with
    the wave speeds of its two-rarefaction star state. Where a rarefaction stands over the face its
    sonic state is known and taken instead (Toro, section 6.3; dry ground on one side is such a
    case), and where both waves are weak and subcritical the star state itself: the average over
    the fan that HLL gives there passes up to twice the water in the first steps of a dam break,
    and the error stays in the solution.
    """
    inverse_g = ONE / g
    third = g / (THREE * g)  # of the run's type
    c_a = math.sqrt(g * h_a)
    c_b = math.sqrt(g * h_b)
    wet_a = h_a > DRY
    wet_b = h_b > DRY
    rise = HALF * (c_b - c_a) + QUARTER * (u_a - u_b)
    c = c_a + rise
    c = c if c > ZERO and wet_a and wet_b else ZERO
    u = HALF * (u_a + u_b) + (c_a - c_b)
    first = u_a - c_a
    last = u_b + c_b
    low = u - c
    high = u + c
    slow = first if first < low else low
    fast = last if last > high else high
    slow = slow if wet_a else u_b - TWO * c_b
    slow = slow if wet_b else first
    fast = fast if wet_b else u_a + TWO * c_a
    fast = fast if wet_a else last
    slow = slow if slow < ZERO else ZERO
    fast = fast if fast > ZERO else ZERO

    q_a = h_a * u_a
    q_b = h_b * u_b
    m_a = q_a * u_a
    m_b = q_b * u_b + HALF * g * (h_b - h_a) * (h_b + h_a)
    spread = ONE / (fast - slow + LEAST_SPREAD)
    volume = (fast * q_a - slow * q_b + fast * slow * (h_b - h_a)) * spread
    across = (fast * m_a - slow * m_b + fast * slow * (q_b - q_a)) * spread

    gain = rise * (TWO * c_a + rise) * inverse_g
    weak = c < WEAK * c_a and c < WEAK * c_b
    between = weak and first < ZERO and low <= ZERO and high >= ZERO and last > ZERO
    star = (h_a + gain) * u
    volume = star if between else volume
    across = star * u + HALF * g * gain * (TWO * h_a + gain) if between else across

    # The sonic velocity, which is its own celerity there.
    sonic = third * (u_a + TWO * c_a)
    depth = sonic * sonic * inverse_g
    opens = first < ZERO and u_a + TWO * c_a - THREE * c > ZERO
    volume = depth * sonic if opens else volume
    across = depth * sonic * sonic + HALF * g * (depth - h_a) * (depth + h_a) if opens else across

    sonic = third * (u_b - TWO * c_b)
    depth = sonic * sonic * inverse_g
    opens = last > ZERO and u_b - TWO * c_b + THREE * c < ZERO
    volume = depth * sonic if opens else volume
    across = depth * sonic * sonic + HALF * g * (depth - h_a) * (depth + h_a) if opens else across

    return volume, across, volume * (v_a if volume > ZERO else v_b)
