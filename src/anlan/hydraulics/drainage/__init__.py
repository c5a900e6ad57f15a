"""Drainage networks under a surface: pipes, manholes, basins, pumps, weirs and outfalls.

>>> from anlan.hydraulics.drainage import (
...     Conduit, CrossSection, DrainageRun, Inflow, Junction, Network, Outfall, constant)
>>> pipe = Conduit("pipe", "manhole", "outfall", CrossSection("circular", 1.0), 100.0, 0.013)
>>> network = Network(
...     [Junction("manhole", 10.0), Outfall("outfall", 9.5)], [pipe],
...     [Inflow("manhole", constant(0.3))])
>>> run = DrainageRun(network)
>>> for _ in range(120):
...     _ = run.advance(5.0)
>>> round(float(run.flow[0, 0]), 4)
0.3
"""

from anlan.hydraulics.drainage.advance import begin, drain
from anlan.hydraulics.drainage.coupling import Drainage, DrainageRun, budget
from anlan.hydraulics.drainage.exchange import Inlet, Inlets
from anlan.hydraulics.drainage.network import (
    Conduit,
    Curve,
    Inflow,
    Junction,
    Link,
    Network,
    Node,
    Orifice,
    Outfall,
    Outlet,
    Pump,
    Storage,
    Weir,
    constant,
)
from anlan.hydraulics.drainage.packing import Packed, pack
from anlan.hydraulics.drainage.sections import (
    CrossSection,
    egg,
    ellipse,
    filled_circle,
    parabola,
    tabulated,
    triangle_below_rectangle,
)
from anlan.hydraulics.drainage.state import DrainBudget, DrainState, empty_state

__all__ = [
    "Conduit",
    "CrossSection",
    "Curve",
    "DrainBudget",
    "DrainState",
    "Drainage",
    "DrainageRun",
    "Inflow",
    "Inlet",
    "Inlets",
    "Junction",
    "Link",
    "Network",
    "Node",
    "Orifice",
    "Outfall",
    "Outlet",
    "Packed",
    "Pump",
    "Storage",
    "Weir",
    "begin",
    "budget",
    "constant",
    "drain",
    "egg",
    "ellipse",
    "empty_state",
    "filled_circle",
    "pack",
    "parabola",
    "tabulated",
    "triangle_below_rectangle",
]
