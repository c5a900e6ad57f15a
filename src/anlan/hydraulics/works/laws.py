"""What weirs, gates and pumps pass: compiled laws of two levels.

Heads are levels over the crest or sill, m. ``up`` is the higher one and ``down`` the lower:
callers turn levels and sign round.
"""

from __future__ import annotations

import math

from anlan.hydraulics.numerics import Array, G
from anlan.hydraulics.works.compiled import law

# Critical flow over a broad crest: q = (2/3)^(3/2) sqrt(g) H^(3/2).
CREST_FLOW = (2.0 / 3.0) ** 1.5
# Villemonte (1947), "Submerged-weir discharge studies", Eng. News-Record 139: power of the
# submergence of a weir.
VILLEMONTE = 0.385


@law
def weir_discharge(width: float, coefficient: float, up: float, down: float) -> float:
    """Discharge of a weir, free or drowned, m3/s; 0 at equal heads or below the crest."""
    if up <= 0.0 or down >= up:
        return 0.0
    free: float = coefficient * CREST_FLOW * math.sqrt(G) * width * up * math.sqrt(up)
    if down > 0.0:
        ratio = down / up
        free *= (1.0 - ratio * math.sqrt(ratio)) ** VILLEMONTE
    return free


@law
def drowned_share(opening: float, up: float, down: float) -> float:
    """Share of its free discharge that a drowned sluice passes.

    Swamee (1992), "Sluice-gate discharge equations", J. Irrig. Drain. Eng. 118(1),
    doi:10.1061/(ASCE)0733-9437(1992)118:1(56), from Henry's (1950) curves: free while
    up >= 0.81 down (down / opening)^0.72. Requires opening > 0 and up > down.
    """
    if down <= 0.0:
        return 1.0
    beyond = 0.81 * down * (down / opening) ** 0.72 - up
    if beyond <= 0.0:
        return 1.0
    fall: float = (up - down) ** 0.7
    share: float = fall / (0.32 * beyond**0.7 + fall)
    return share


@law
def gate_discharge(
    width: float, opening: float, contraction: float, up: float, down: float
) -> float:
    """Discharge under a lip ``opening`` metres over the sill, m3/s: weir or sluice.

    A jet of thickness y = contraction x opening passes y sqrt(2 g (up - y)) (Bernoulli); this
    touches the weir's critical flow, smoothly, at up = 1.5 y, so that the smaller of the two is
    continuous. Once drowned each has its own factor.
    """
    if up <= 0.0 or down >= up or opening <= 0.0:
        return 0.0
    weir = weir_discharge(width, 1.0, up, down)
    if math.isinf(opening):
        return weir
    jet = contraction * opening
    free = jet * math.sqrt(2.0 * G * (up - min(jet, up / 1.5)))
    return min(weir, width * free * drowned_share(opening, up, down))


@law
def on_curve(x: Array, y: Array, first: int, past: int, at: float) -> float:
    """Straight between points [first, past) of a curve, level beyond its ends."""
    if at <= x[first]:
        return float(y[first])
    for k in range(first + 1, past):
        if at <= x[k]:
            share = (at - x[k - 1]) / (x[k] - x[k - 1])
            return float(y[k - 1] + share * (y[k] - y[k - 1]))
    return float(y[past - 1])


@law
def limited_volume(
    discharge: float,
    dt: float,
    held_from: float,
    held_to: float,
    level_from: float,
    level_to: float,
    area_from: float,
    area_to: float,
    crest: float,
    lifts: bool,
) -> float:
    """Volume that moves in a step, m3, positive from -> to.

    Never more than the giving cell holds; and, unless the structure ``lifts`` (a pump), never
    past equal levels nor below the crest. The limits are exact: a volume cut to what is held is
    that very number.

    Args:
        discharge: what the structure would pass, m3/s, positive from -> to.
        dt: step, s.
        held_from, held_to: volumes held by the two cells, m3.
        level_from, level_to: their levels, m.
        area_from, area_to: their water surfaces, m2, above 0.
        crest: level below which the structure draws nothing, same zero as the levels, m.
        lifts: whether the water is lifted.
    """
    up, down, area_up, area_down, held = level_from, level_to, area_from, area_to, held_from
    if discharge < 0.0:
        up, down, area_up, area_down, held = level_to, level_from, area_to, area_from, held_to
    volume = abs(discharge) * dt
    if not lifts:
        even = (up - down) / (1.0 / area_up + 1.0 / area_down)
        volume = min(volume, even, (up - crest) * area_up)
    volume = max(min(volume, held), 0.0)
    return volume if discharge >= 0.0 else -volume
