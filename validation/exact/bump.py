"""Steady flow over a bump without friction: Bernoulli on either side of a hydraulic jump.

Goutal and Maurel (1997), Proc. 2nd workshop on dam-break wave simulation; SWASHES 3.1.5.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from validation.exact import G

Numbers = NDArray[np.float64]

LENGTH = 25.0  # m
DISCHARGE = 0.18  # m2/s
LEVEL = 0.33  # m at the far end
TOP = 10.0  # m, place of the top


def bed(x: Numbers) -> Numbers:
    """z = 0.2 - 0.05 (x - 10)^2 between 8 and 12 m, else 0."""
    return np.maximum(0.2 - 0.05 * (x - TOP) ** 2, 0.0)


def _depth(energy: float, z: float, q: float, g: float, fast: bool) -> float:
    """The root of h + z + q^2 / (2 g h^2) = energy on the fast or the calm branch."""
    critical = math.pow(q * q / g, 1.0 / 3.0)

    def gap(h: float) -> float:
        return h + z + q * q / (2.0 * g * h * h) - energy

    if gap(critical) >= 0.0:
        return critical
    low, high = (critical * 1e-3, critical) if fast else (critical, energy - z + critical)
    return float(brentq(gap, low, high, xtol=1e-14, rtol=1e-14))


def depth(x: Numbers, g: float = G) -> Numbers:
    """Depth, m: calm before the top, fast behind it, a jump, calm to the far end."""
    q = DISCHARGE
    critical = math.pow(q * q / g, 1.0 / 3.0)
    before = float(bed(np.array([TOP]))[0]) + 1.5 * critical
    after = LEVEL + q * q / (2.0 * g * LEVEL**2)
    place = jump(g)
    h = np.empty_like(x)
    for k, (at, z) in enumerate(zip(x, bed(x), strict=True)):
        energy = before if at < place else after
        h[k] = _depth(energy, float(z), q, g, fast=bool(TOP < at < place))
    return h


def jump(g: float = G) -> float:
    """Place of the jump, m: where the momentum of the fast flow equals that of the calm one."""
    q = DISCHARGE
    critical = math.pow(q * q / g, 1.0 / 3.0)
    before = float(bed(np.array([TOP]))[0]) + 1.5 * critical
    after = LEVEL + q * q / (2.0 * g * LEVEL**2)

    def gap(x: float) -> float:
        z = float(bed(np.array([x]))[0])
        fast, calm = (
            _depth(energy, z, q, g, fast=is_fast)
            for energy, is_fast in ((before, True), (after, False))
        )
        force = [q * q / h + 0.5 * g * h * h for h in (fast, calm)]
        return force[0] - force[1]

    return float(brentq(gap, TOP + 0.8, TOP + 2.0, xtol=1e-13))
