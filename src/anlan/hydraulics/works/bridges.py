"""What passes a face under a bridge: a compiled law of two levels."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from anlan.hydraulics.numerics import Array, G
from anlan.hydraulics.works.compiled import law
from anlan.hydraulics.works.laws import weir_discharge

# The change from free to pressed flow takes this share of the opening's height: sluice formulas
# hold from a head of 1.1 openings (FHWA, "Hydraulics of Bridge Waterways", 1978).
TOUCHING = 0.1
# Least fall for which the loss of a touched bridge is found, m: it tends to a limit at 0.
LEAST_FALL = 1e-3


class Bridges(NamedTuple):
    """Faces under bridges, one entry each; levels relative to the run's own zero.

    Attributes:
        owner: (f,) int64 number of the bridge, in the order given.
        axis: (f,) int64 0 for an x face, 1 for a y face.
        row: (f,) int64.
        column: (f,) int64.
        soffit: (f,) m.
        top: (f,) m, inf where the deck is never overtopped.
        pier_share: (f,) share of the width blocked.
        sluice: (f,) coefficients, see ``Bridge``.
        orifice: (f,) see ``sluice``.
        weir: (f,) see ``sluice``.
        discharge: (members, bridges) m3/s, positive along the axis; the caller's to fill.
        volume: (members, bridges) m3 so far; the caller's to fill.
    """

    owner: Any
    axis: Any
    row: Any
    column: Any
    soffit: Any
    top: Any
    pier_share: Any
    sluice: Any
    orifice: Any
    weir: Any
    discharge: Array
    volume: Array


@law
def pressed_discharge(
    up: float,
    down: float,
    opening: float,
    deck: float,
    sluice: float,
    orifice: float,
    weir: float,
) -> float:
    """What passes per unit width under a touched soffit and over the deck, m2/s.

    Heads over the bed of the face, up > down. Under the deck the smaller of a sluice,
    C a sqrt(2 g (H - a / 2)), and a drowned orifice, C a sqrt(2 g (H - H2)); over it a weir
    (FHWA 1978; HEC-RAS Hydraulic Reference Manual, high flow). ``opening`` is the height under
    the soffit, less the piers' share.
    """
    under = opening * min(
        sluice * math.sqrt(2.0 * G * max(up - 0.5 * opening, 0.0)),
        orifice * math.sqrt(2.0 * G * (up - down)),
    )
    return under + weir_discharge(1.0, weir, up - deck, down - deck)


@law
def bridge_loss(
    level_a: float,
    level_b: float,
    bed: float,
    soffit: float,
    top: float,
    pier_share: float,
    sluice: float,
    orifice: float,
    weir: float,
) -> float:
    """Head lost at a face under a bridge, as a factor r of q |q|, s2/m3; inf where nothing passes.

    Under the soffit r is that of piers alone, (p / (1 - p))^2 / (2 g h^2), the loss of a sudden
    widening behind them (Borda and Carnot); r is 0 without piers. Touching it, r is such that
    the fall between the levels, when all of it is lost, passes ``pressed_discharge``. Between the
    two r is straight over a tenth of the opening's height, so it is continuous in both levels.

    Args:
        level_a, level_b: levels of the two cells, m.
        bed: of the face, m.
        soffit: underside of the deck, m.
        top: of the deck, m; inf where it is never overtopped.
        pier_share: share of the width that is blocked.
        sluice, orifice, weir: coefficients, see ``Bridge``.
    """
    up = max(level_a, level_b) - bed
    if up <= 0.0:
        return 0.0
    blocked = pier_share / ((1.0 - pier_share) * up)
    piers = blocked * blocked / (2.0 * G)
    opening = max(soffit - bed, 0.0)
    if up <= opening:
        return piers
    fall = max(abs(level_a - level_b), LEAST_FALL)
    passed = pressed_discharge(
        up, up - fall, (1.0 - pier_share) * opening, top - bed, sluice, orifice, weir
    )
    if passed <= 0.0:
        return math.inf
    share = 1.0 if opening <= 0.0 else min((up - opening) / (TOUCHING * opening), 1.0)
    return (1.0 - share) * piers + share * fall / (passed * passed)


@law
def through_bridge(q: float, loss: float, depth: float, dt: float, dx: float) -> float:
    """Discharge per unit width of a face after the bridge's loss, m2/s.

    Solves q' = q - dt g h r q' |q'| / dx, wholly implicit: it never turns the flow round, never
    makes it more than that of the open face, and is steady at any step, where a limit from the
    levels at hand would make them swing.

    Args:
        q: of the open face at the end of the step, m2/s.
        loss: r of ``bridge_loss``, s2/m3.
        depth: of the face, higher level less its bed, m.
        dt: step, s.
        dx: between the centres of the two cells, m.
    """
    if math.isinf(loss):
        return 0.0
    drag = dt * G * max(depth, 0.0) * loss / dx
    return 2.0 * q / (1.0 + math.sqrt(1.0 + 4.0 * drag * abs(q)))
