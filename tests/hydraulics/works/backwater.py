"""Gradually varied flow in a barrel, step by step: the slow, obvious twin of outlet control."""

from __future__ import annotations

import math

from anlan.hydraulics.works.culverts import Barrel

G = 9.81
STEPS = 200


def section(barrel: Barrel, depth: float) -> tuple[float, float, float]:
    """Area, surface width and hydraulic radius, without any bound on the last."""
    if barrel.is_round:
        angle = math.acos(1.0 - 2.0 * depth / barrel.height)
        area = 0.25 * barrel.height**2 * (angle - math.sin(angle) * math.cos(angle))
        return area, barrel.height * math.sin(angle), area / (barrel.height * angle)
    area = barrel.width * depth
    return area, barrel.width, area / (barrel.width + 2.0 * depth)


def headwater(
    barrel: Barrel, discharge: float, slope: float, tail: float, entrance_loss: float
) -> float | None:
    """Head over the inlet's bottom that sends ``discharge`` through; None where it runs full.

    Subcritical energy balance from the outlet, at critical or tailwater depth, up to the inlet.
    """
    top = barrel.height * 0.9999

    def froude_squared(depth: float) -> float:
        area, width, _ = section(barrel, depth)
        return float(discharge**2 * width / (G * area**3))

    def energy(depth: float) -> float:
        return float(depth + discharge**2 / (2.0 * G * section(barrel, depth)[0] ** 2))

    def friction(depth: float) -> float:
        area, _, radius = section(barrel, depth)
        return float((barrel.manning * discharge) ** 2 / (area**2 * radius ** (4.0 / 3.0)))

    critical = _root(lambda depth: 1.0 - froude_squared(depth), 1e-4, top)
    depth = max(tail, critical * 1.0005)
    reach = barrel.length / STEPS
    for _ in range(STEPS):
        below, lost = energy(depth), friction(depth)

        def surplus(up: float, below: float = below, lost: float = lost) -> float:
            return float(energy(up) + slope * reach - 0.5 * (lost + friction(up)) * reach - below)

        if surplus(top) < 0.0:
            return None
        depth = _root(surplus, critical, top)
    area = section(barrel, depth)[0]
    return depth + (1.0 + entrance_loss) * discharge**2 / (2.0 * G * area**2)


def _root(rising: object, low: float, high: float) -> float:
    assert callable(rising)
    for _ in range(50):
        middle = 0.5 * (low + high)
        if rising(middle) < 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
