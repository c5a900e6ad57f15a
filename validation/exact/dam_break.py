"""Dams that vanish at once over a flat bed without friction."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from validation.exact import G

Numbers = NDArray[np.float64]


def stoker(
    x: Numbers, time: float, upstream: float, downstream: float, g: float = G
) -> tuple[Numbers, Numbers]:
    """Depth and velocity after a dam at x = 0 breaks over shallower water.

    Stoker (1957), Water Waves, section 10.8; SWASHES 4.1.1. The depth behind the shock is the one
    at which the rarefaction and the shock (Rankine-Hugoniot) give the same velocity.

    Args:
        x: places, m; the deep side is at x < 0.
        time: since the break, s.
        upstream, downstream: depths at the start, m, upstream > downstream > 0.

    Returns:
        Depth, m, and velocity, m/s, with the shape of ``x``.
    """

    def gap(h: float) -> float:
        """Velocity behind the shock less velocity at the foot of the rarefaction."""
        behind = (h - downstream) * math.sqrt(0.5 * g * (h + downstream) / (h * downstream))
        return behind - 2.0 * (math.sqrt(g * upstream) - math.sqrt(g * h))

    middle = float(brentq(gap, downstream, upstream, xtol=1e-15, rtol=1e-15))
    c_left, c = math.sqrt(g * upstream), math.sqrt(g * middle)
    speed = 2.0 * (c_left - c)
    shock = middle * speed / (middle - downstream)
    s = x / max(time, 1e-12)
    fan_h = (2.0 * c_left - s) ** 2 / (9.0 * g)
    fan_u = 2.0 / 3.0 * (s + c_left)
    places = [s <= -c_left, s <= speed - c, s < shock]
    h = np.select(places, [upstream, fan_h, middle], downstream)
    u = np.select(places, [0.0, fan_u, speed], 0.0)
    return h, u


def ritter(x: Numbers, time: float, upstream: float, g: float = G) -> tuple[Numbers, Numbers]:
    """Depth and velocity after a dam at x = 0 breaks over dry ground.

    Ritter (1892); SWASHES 4.1.2: h = (2 c - x/t)^2 / (9 g), u = 2/3 (x/t + c), c = sqrt(g h_l).

    Args:
        x: places, m; the water stands at x < 0.
        time: since the break, s.
        upstream: depth at the start, m.

    Returns:
        Depth, m, and velocity, m/s, with the shape of ``x``.
    """
    c = math.sqrt(g * upstream)
    s = x / max(time, 1e-12)
    places = [s <= -c, s < 2.0 * c]
    h = np.select(places, [upstream, (2.0 * c - s) ** 2 / (9.0 * g)], 0.0)
    u = np.select(places, [0.0, 2.0 / 3.0 * (s + c)], 0.0)
    return h, u
