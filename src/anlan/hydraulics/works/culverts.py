"""What a culvert passes: compiled laws of inlet and outlet control."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from anlan.hydraulics.numerics import G, entry
from anlan.hydraulics.works.compiled import law

# Unit factor of HDS-5 for SI: u = SI_UNITS Q / (A sqrt(D)).
SI_UNITS = 1.811
# The unsubmerged equation holds up to the first u, the submerged one from the second.
FREE_UNTIL, FULL_FROM = 3.5, 4.0
# Halvings of the search for the critical depth: to a part in 10^12 of the barrel's height.
HALVINGS = 40
# The outlet's level that passes the most is sought among so many in the height of the barrel,
# which lie closer towards its bottom. They are the same for every headwater, so that discharge
# truly grows with it.
LEVELS = 50


class Barrel(NamedTuple):
    """One barrel's measures; as arrays, those of all culverts.

    Attributes:
        is_round: 1 for a pipe, whose width and height are its diameter, 0 for a box.
        width: m.
        height: m.
        length: m.
        manning: s m^-1/3.
        losses: of velocity heads on entering and leaving.
        barrels: how many there are.
        inlet_level: bottom at the from-cell, m, relative to the run's own zero.
        outlet_level: bottom at the to-cell, m.
        form: of the inlet's unsubmerged equation, 1 or 2.
        k: constants of the inlet, see ``inlets``.
        m: see ``k``.
        c: see ``k``.
        y: see ``k``.
        free_head: head over the inlet / height at which the unsubmerged equation ends.
        full_head: the same at which the submerged one begins.
    """

    is_round: Any
    width: Any
    height: Any
    length: Any
    manning: Any
    losses: Any
    barrels: Any
    inlet_level: Any
    outlet_level: Any
    form: Any
    k: Any
    m: Any
    c: Any
    y: Any
    free_head: Any
    full_head: Any


@law
def full_area(b: Barrel) -> float:
    """Cross-section of a barrel, m2."""
    area: float = b.width * b.height
    return 0.25 * math.pi * area if b.is_round == 1 else area


@law
def wet_section(b: Barrel, depth: float) -> tuple[float, float, float]:
    """Area [m2], surface width [m] and hydraulic radius [m] of a barrel filled to ``depth``.

    The radius never exceeds that of the full barrel: above some depth the true one does, by up to
    a fifth in a pipe, which would make a barrel pass more before it is full than when it is.
    """
    if b.is_round == 1:
        angle = math.acos(1.0 - 2.0 * min(depth / b.height, 1.0))
        area = 0.25 * b.height * b.height * (angle - math.sin(angle) * math.cos(angle))
        top = b.height * math.sin(angle)
        wet = b.height * angle
        full = 0.25 * b.height
    else:
        depth = min(depth, b.height)
        area = b.width * depth
        top = b.width
        wet = b.width + 2.0 * depth
        full = 0.5 * b.width * b.height / (b.width + b.height)
    return area, top, min(area / wet, full)


@law
def _critical(b: Barrel, depth: float) -> tuple[float, float]:
    """Head over the bottom [m] and discharge [m3/s] of critical flow at ``depth``."""
    area, top, _ = wet_section(b, depth)
    return depth + 0.5 * area / top, area * math.sqrt(G * area / top)


@law
def _unsubmerged_head(b: Barrel, depth: float) -> tuple[float, float]:
    """Head over the inlet / height by HDS-5 form 1, and u, where critical depth is ``depth``."""
    head, discharge = _critical(b, depth)
    u = SI_UNITS * discharge / (full_area(b) * math.sqrt(b.height))
    return head / b.height + b.k * u**b.m, u


@law
def _free_intensity(b: Barrel, ratio: float) -> float:
    """u of an unsubmerged inlet under a head of ``ratio`` heights."""
    if b.form == 2:
        return float((ratio / b.k) ** (1.0 / b.m))
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        head, _u = _unsubmerged_head(b, middle * b.height)
        if head < ratio:
            low = middle
        else:
            high = middle
    return _unsubmerged_head(b, low * b.height)[1] if low > 0.0 else 0.0


@law
def inlet_discharge(b: Barrel, head: float) -> float:
    """What one inlet lets in under a head over its bottom, m3/s, whatever lies downstream.

    HDS-5 (2012) appendix A. Unsubmerged, u <= 3.5: head / D = Hc / D + K u^M (A.1), or K u^M
    (A.2). Submerged, u >= 4: head / D = c u^2 + Y (A.3). Between them u is linear in the head.
    The term of the barrel's slope, 0.5 S, is left out.
    """
    if head <= 0.0:
        return 0.0
    ratio = head / b.height
    if ratio >= b.full_head:
        u = math.sqrt((ratio - b.y) / b.c)
    elif ratio > b.free_head:
        share = (ratio - b.free_head) / (b.full_head - b.free_head)
        u = FREE_UNTIL + share * (FULL_FROM - FREE_UNTIL)
    else:
        u = min(_free_intensity(b, ratio), FREE_UNTIL)
    return u * full_area(b) * math.sqrt(b.height) / SI_UNITS


@law
def _spent(b: Barrel, depth: float) -> float:
    """Velocity heads spent between the two levels in a barrel filled to ``depth``."""
    _, _, radius = wet_section(b, depth)
    friction: float = 2.0 * G * b.manning * b.manning * b.length / radius ** (4.0 / 3.0)
    return float(b.losses + friction)


@law
def _driven(b: Barrel, in_bottom: float, out_bottom: float, up: float, out: float) -> float:
    """Discharge of one barrel that the fall from ``up`` to ``out`` drives, m3/s."""
    fall = max(up - out, 0.0)
    over = up - in_bottom
    first = min(over, b.height)
    last = min(max(out - out_bottom, 0.0), first)
    # Inside its mouth the water stands lower than before it by what entering takes, which is a
    # third of the head where the flow is critical there, and no more.
    entering = b.losses * fall / _spent(b, 0.5 * (first + last))
    first = min(over - min(entering, over / 3.0), b.height)
    depth = 0.5 * (first + last)
    area, _, _ = wet_section(b, depth)
    passed: float = area * math.sqrt(2.0 * G * fall / _spent(b, depth))
    return passed


@law
def outlet_discharge(
    b: Barrel, in_bottom: float, out_bottom: float, up: float, down: float, enough: float
) -> float:
    """What one barrel carries between two levels, m3/s; not looked into once it is ``enough``.

    Full: up - out = (entrance + exit + 2 g n^2 L / R^(4/3)) V^2 / (2 g) (HDS-5, chapter 3).
    Partly full: the same with area and radius at the mean of the depths inside its two ends. The
    level ``out`` at the outlet is the one that passes the most, but not below the tailwater: so
    the flow is critical there where the tailwater is low, as at any free end, and the discharge
    does not grow with the tailwater, but for a percent that the search leaves. Against backwater
    curves it is mostly right within 5 %; a long barrel on a slope that is drowned at its lower
    end alone passes up to 40 % more than this.
    """
    low = max(down, out_bottom)
    if up <= max(low, in_bottom):
        return 0.0
    most = _driven(b, in_bottom, out_bottom, up, low)
    for k in range(1, LEVELS + 1):
        out = out_bottom + b.height * (k / LEVELS) ** 2
        if most >= enough or out >= up:
            break
        if out > low:
            most = max(most, _driven(b, in_bottom, out_bottom, up, out))
    return most


@law
def culvert_discharge(
    b: Barrel, in_bottom: float, out_bottom: float, up: float, down: float
) -> float:
    """Discharge of all barrels, m3/s: the smaller of inlet and outlet control.

    Args:
        b: its measures; which end is the inlet is told by the two bottoms.
        in_bottom: bottom of the barrel at the higher level, m.
        out_bottom: bottom at the lower level, m.
        up: the higher level, m.
        down: the lower level, m.
    """
    entering = inlet_discharge(b, up - in_bottom)
    if entering <= 0.0 or up <= down:
        return 0.0
    carried = outlet_discharge(b, in_bottom, out_bottom, up, down, entering)
    return float(b.barrels * min(entering, carried))


@entry
def inlet_limits(b: Barrel) -> tuple[float, float]:
    """``free_head`` and ``full_head`` of a barrel."""
    full = b.c * FULL_FROM * FULL_FROM + b.y
    if b.form == 2:
        return b.k * FREE_UNTIL**b.m, full
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        _head, u = _unsubmerged_head(b, middle * b.height)
        if u < FREE_UNTIL:
            low = middle
        else:
            high = middle
    return _unsubmerged_head(b, low * b.height)[0], full
