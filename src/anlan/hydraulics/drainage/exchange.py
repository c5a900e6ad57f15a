"""Water between a node of the network and the surface cell above it.

Below the surface a node takes water in: over the rim of its grates as a weir until they are
drowned, then through their openings as orifices (Rubinato et al. 2017,
doi:10.1016/j.jhydrol.2017.06.024, measured both regimes). Above it, it gives water back through
the same openings. Both laws meet where the heads are equal, and there nothing flows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from anlan.hydraulics.drainage.lanes import larger, like, root, select, smaller
from anlan.hydraulics.numerics import Array, G, part

# Below this difference of levels an opening's flow falls in proportion, m.
LINEAR = 1e-3


@dataclass(frozen=True)
class Inlet:
    """What joins a node to the street above: grates, or the kerb openings that stand for them.

    Args:
        weir_length: rim over which water falls in, m. Default: two grates of 0.45 m x 0.45 m, each
            with three sides free of the kerb.
        orifice_area: clear openings, m2. Default: half of the two grates, as of common bars.
        weir_coefficient: Q = c L d^1.5, m^0.5/s; 1.66 for grates (FHWA HEC-22, 2009, 4.4.4.1).
        orifice_coefficient: of discharge; 0.67 for grates (the same).
    """

    weir_length: float = 2.7
    orifice_area: float = 0.2
    weir_coefficient: float = 1.66
    orifice_coefficient: float = 0.67

    def __post_init__(self) -> None:
        for field in ("weir_length", "orifice_area", "weir_coefficient", "orifice_coefficient"):
            value = getattr(self, field)
            if not 0.0 <= value < float("inf"):
                raise ValueError(f"{field} of an inlet is {value}; it must be finite and 0 or more")


class Inlets(NamedTuple):
    """Inlets in arrays, one entry for each coupled node."""

    node: Array
    weir: Array  # coefficient times length
    orifice: Array  # coefficient times area times sqrt(2 g)


@part
def exchange(
    head: Any, level: Any, depth: Any, weir: float, orifice: float, area: float, dt: Any
) -> Any:
    """Flow from the surface into the node, m3/s, and how fast it falls as the node's head rises.

    The cell's level answers within the step: what is taken lowers it to the node's head at most,
    what is given raises it to the node's head at most. So they never pass each other, and no more
    is taken than the cell holds.

    Args:
        head: of the node, m.
        level: of the surface, m.
        depth: of water on the cell, m, which starts at ``level - depth``.
        weir: m^1.5/s.
        orifice: m^2.5/s per root of a metre.
        area: of the cell, m2.
        dt: s.
    """
    crest = level - depth
    rising = head > level
    drop = larger(select(rising, head - level, level - larger(head, crest)), 1e-12)
    calm = drop < LINEAR
    flow = orifice * drop / root(larger(drop, LINEAR))
    slope = select(calm, flow, 0.5 * flow) / drop
    over = weir * depth * root(larger(depth, 0.0))
    falls = (over < flow) & (head < level)
    flow = select(rising, flow, smaller(flow, over))
    slope = select(falls, 0.0, slope)
    r = dt * (1.0 / area)
    whole = drop + r * flow
    answer = (slope * drop * drop + r * flow * flow) / (whole * whole)
    felt = select(rising, 1.0, select(head >= crest, 1.0, like(0.0, head)))
    flow = flow * drop / whole
    return select(rising, -flow, flow), felt * answer


def inlets(nodes: Array, given: tuple[Inlet, ...]) -> Inlets:
    """Lay inlets out in arrays."""
    return Inlets(
        node=np.asarray(nodes, np.int64),
        weir=np.array([i.weir_coefficient * i.weir_length for i in given], np.float64),
        orifice=np.array(
            [i.orifice_coefficient * i.orifice_area * (2.0 * G) ** 0.5 for i in given], np.float64
        ),
    )
