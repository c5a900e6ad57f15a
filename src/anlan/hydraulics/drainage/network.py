"""What a drainage network is made of: plain records, SI units, levels on the caller's datum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from anlan.hydraulics.drainage.sections import CrossSection

# The plan area of an ordinary manhole of 4 feet, which EPA-SWMM takes too, m2.
SHAFT_AREA = 1.167


@dataclass(frozen=True)
class Curve:
    """A line through points; beyond its ends it keeps its first and last value.

    Args:
        x: rising.
        y: one for each x.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y) or not self.x:
            raise ValueError(
                f"a curve has {len(self.x)} x and {len(self.y)} y; it needs 1 or more of each"
            )
        if not all(math.isfinite(v) for v in (*self.x, *self.y)):
            raise ValueError("a curve holds a number that is not finite")
        for k in range(1, len(self.x)):
            if not self.x[k] > self.x[k - 1]:
                raise ValueError(
                    f"x of a curve must rise: point {k} has {self.x[k]}, after {self.x[k - 1]}"
                )


def constant(value: float) -> Curve:
    """The curve that is one number everywhere."""
    return Curve((0.0,), (value,))


@dataclass(frozen=True)
class Junction:
    """A manhole.

    Args:
        name: unique among the nodes.
        invert: level of its bottom, m.
        max_depth: from the invert to the rim, m; 0 takes the highest crown of its links.
        initial_depth: m.
        surcharge_depth: how far above the rim its bolted cover holds the water, m.
        ponded_area: water above the rim stands on this area until it can flow back, m2; at 0 it
            leaves the network.
        shaft_area: of the manhole itself, m2.
    """

    name: str
    invert: float
    max_depth: float = 0.0
    initial_depth: float = 0.0
    surcharge_depth: float = 0.0
    ponded_area: float = 0.0
    shaft_area: float = SHAFT_AREA


@dataclass(frozen=True)
class Outfall:
    """Where water leaves the network, and comes back when the tide stands higher.

    Args:
        name: unique among the nodes.
        invert: m.
        kind: "free" (critical or normal depth), "normal", or "stage".
        stage: level outside, m, over time, s; for kind "stage".
        flap: no water comes back.
    """

    name: str
    invert: float
    kind: Literal["free", "normal", "stage"] = "free"
    stage: Curve | None = None
    flap: bool = False

    def __post_init__(self) -> None:
        if (self.kind == "stage") != (self.stage is not None):
            raise ValueError(
                f"outfall {self.name!r}: a stage is given for kind 'stage' alone; kind is "
                f"{self.kind!r}"
            )


@dataclass(frozen=True)
class Storage:
    """A basin, tank or wet well.

    Args:
        name: unique among the nodes.
        invert: m.
        max_depth: m, above 0.
        area: surface, m2, over depth, m.
        initial_depth: m.
        surcharge_depth: how far above its top a closed tank holds, m.
    """

    name: str
    invert: float
    max_depth: float
    area: Curve
    initial_depth: float = 0.0
    surcharge_depth: float = 0.0

    def __post_init__(self) -> None:
        if not self.max_depth > 0.0:
            raise ValueError(f"storage {self.name!r}: max_depth is {self.max_depth}; give above 0")
        if min(self.area.y) < 0.0 or max(self.area.y) <= 0.0:
            raise ValueError(
                f"storage {self.name!r}: its area must be 0 or more, somewhere above 0"
            )


Node = Junction | Outfall | Storage


@dataclass(frozen=True)
class Conduit:
    """A pipe or channel between two nodes; its direction only gives flow its sign.

    Args:
        name: unique among the links.
        from_node: name.
        to_node: name.
        section: of one barrel.
        length: m.
        roughness: Manning, s/m^(1/3).
        from_offset: its bottom above the invert of ``from_node``, m.
        to_offset: above the invert of ``to_node``, m.
        barrels: how many lie side by side.
        initial_flow: m3/s, all barrels.
        max_flow: m3/s, all barrels.
        entry_loss: heads of velocity lost where water enters.
        exit_loss: where it leaves.
        average_loss: along the way.
        flap: water flows to ``to_node`` only.
    """

    name: str
    from_node: str
    to_node: str
    section: CrossSection
    length: float
    roughness: float
    from_offset: float = 0.0
    to_offset: float = 0.0
    barrels: int = 1
    initial_flow: float = 0.0
    max_flow: float = math.inf
    entry_loss: float = 0.0
    exit_loss: float = 0.0
    average_loss: float = 0.0
    flap: bool = False

    def __post_init__(self) -> None:
        for field in ("length", "roughness", "barrels", "max_flow"):
            value = getattr(self, field)
            if not value > 0.0:
                raise ValueError(f"conduit {self.name!r}: {field} is {value}; it must be above 0")
        for field in ("from_offset", "to_offset", "entry_loss", "exit_loss", "average_loss"):
            value = getattr(self, field)
            if not (math.isfinite(value) and value >= 0.0):
                raise ValueError(f"conduit {self.name!r}: {field} is {value}; it must be >= 0")


PumpLaw = Literal["ideal", "volume_steps", "depth_steps", "head", "depth"]


@dataclass(frozen=True)
class Pump:
    """A pump, from ``from_node`` to ``to_node``, never more than is there.

    Args:
        name: unique among the links.
        from_node: name.
        to_node: name.
        law: "ideal" (as much as flows in), "volume_steps" (discharge in steps of the volume of
            ``from_node``; EPA-SWMM's type 1), "depth_steps" (of its depth; 2), "head" (over the
            head that it lifts; 3), "depth" (over its depth; 4).
        curve: discharge, m3/s, over volume, m3, or depth or head, m; with "_steps" each discharge
            holds up to its x. None for "ideal".
        startup_depth: depth at ``from_node`` that starts it, m; 0 if it always runs.
        shutoff_depth: depth that stops it, m.
        running: at the start.
    """

    name: str
    from_node: str
    to_node: str
    law: PumpLaw = "ideal"
    curve: Curve | None = None
    startup_depth: float = 0.0
    shutoff_depth: float = 0.0
    running: bool = True

    def __post_init__(self) -> None:
        if (self.law == "ideal") != (self.curve is None):
            raise ValueError(
                f"pump {self.name!r}: every law but 'ideal' needs a curve; law is {self.law!r}"
            )
        if self.startup_depth > 0.0 and not self.shutoff_depth < self.startup_depth:
            raise ValueError(
                f"pump {self.name!r}: shutoff_depth {self.shutoff_depth} m must lie below "
                f"startup_depth {self.startup_depth} m"
            )


@dataclass(frozen=True)
class Orifice:
    """An opening in a wall ("side") or in a floor ("bottom").

    Args:
        name: unique among the links.
        from_node: name.
        to_node: name.
        kind: "side" or "bottom".
        height: of the opening, or its diameter, m.
        width: m; 0 for a circle.
        offset: of its bottom above the invert of ``from_node``, m.
        coefficient: of discharge.
        flap: water flows to ``to_node`` only.
    """

    name: str
    from_node: str
    to_node: str
    kind: Literal["side", "bottom"]
    height: float
    width: float = 0.0
    offset: float = 0.0
    coefficient: float = 0.65
    flap: bool = False

    @property
    def area(self) -> float:
        """m2."""
        return self.height * self.width if self.width else 0.25 * math.pi * self.height**2

    @property
    def perimeter(self) -> float:
        """m."""
        return 2.0 * (self.height + self.width) if self.width else math.pi * self.height


WeirKind = Literal["transverse", "side", "v_notch", "trapezoidal"]


@dataclass(frozen=True)
class Weir:
    """A weir, submerged by Villemonte's law, an orifice once the water reaches its top.

    Args:
        name: unique among the links.
        from_node: name.
        to_node: name.
        kind: "transverse", "side", "v_notch" or "trapezoidal".
        height: of its opening, m.
        width: of its crest, m; 0 for a notch.
        slope: run over rise of its sides, for a notch or a trapezoid.
        offset: of its crest above the invert of ``from_node``, m.
        coefficient: Q = coefficient * width * h^1.5, in m^0.5/s.
        end_coefficient: of the sloping ends of a trapezoid, m^0.5/s.
        contractions: how many ends contract the jet, 0 to 2.
        flap: water flows to ``to_node`` only.
        surcharges: whether it becomes an orifice above its top; otherwise it keeps the flow of its
            full height.
    """

    name: str
    from_node: str
    to_node: str
    kind: WeirKind
    height: float
    width: float = 0.0
    slope: float = 0.0
    offset: float = 0.0
    coefficient: float = 1.84
    end_coefficient: float = 0.0
    contractions: int = 0
    flap: bool = False
    surcharges: bool = True


@dataclass(frozen=True)
class Outlet:
    """A rating: discharge over the depth above it, or over the difference of heads.

    Args:
        name: unique among the links.
        from_node: name.
        to_node: name.
        curve: discharge, m3/s, over m.
        by_head: over the difference of heads rather than the depth above it.
        offset: above the invert of ``from_node``, m.
        flap: water flows to ``to_node`` only.
    """

    name: str
    from_node: str
    to_node: str
    curve: Curve
    by_head: bool = False
    offset: float = 0.0
    flap: bool = False


Link = Conduit | Pump | Orifice | Weir | Outlet


@dataclass(frozen=True)
class Inflow:
    """Water that enters at a node from outside, m3/s over time, s; negative takes it out."""

    node: str
    discharge: Curve


@dataclass(frozen=True)
class Network:
    """A drainage network.

    Args:
        nodes: in the order in which heads and volumes are reported.
        links: in the order in which flows are reported.
        inflows: any number for a node.
        step: longest step of the solver, s. It is stable at any; 5 s resolve a sewer's waves.
        celerity: of pressure waves in full conduits, m/s, by the width of their slots. A slot
            holds g h / celerity^2 of the conduit's volume when the head is h above its crown.

    Raises:
        ValueError: a name is used twice or unknown, or a node or link cannot work.
    """

    nodes: Sequence[Node]
    links: Sequence[Link]
    inflows: Sequence[Inflow] = ()
    step: float = 5.0
    celerity: float = 50.0

    def __post_init__(self) -> None:
        if not (self.step > 0.0 and self.celerity > 0.0):
            raise ValueError(
                f"step {self.step} s and celerity {self.celerity} m/s must both be above 0"
            )
        _once("node", [n.name for n in self.nodes])
        _once("link", [k.name for k in self.links])
        index = self.node_index
        links_at = dict.fromkeys(index, 0)
        for link in self.links:
            for end in (link.from_node, link.to_node):
                if end not in index:
                    raise ValueError(f"link {link.name!r} leads to {end!r}, which is no node")
                links_at[end] += 1
            if link.from_node == link.to_node:
                raise ValueError(f"link {link.name!r} starts and ends at {link.from_node!r}")
        for node in self.nodes:
            if not math.isfinite(node.invert):
                raise ValueError(f"node {node.name!r}: invert is {node.invert}; give a number")
            if isinstance(node, Outfall) and links_at[node.name] != 1:
                raise ValueError(
                    f"outfall {node.name!r} has {links_at[node.name]} links; it must have one"
                )
        for inflow in self.inflows:
            if inflow.node not in index:
                raise ValueError(f"an inflow enters at {inflow.node!r}, which is no node")
            if isinstance(self.nodes[index[inflow.node]], Outfall):
                raise ValueError(f"an inflow enters at {inflow.node!r}, an outfall; use a node")

    @property
    def node_index(self) -> dict[str, int]:
        """Place of each node by name."""
        return {node.name: k for k, node in enumerate(self.nodes)}

    @property
    def link_index(self) -> dict[str, int]:
        """Place of each link by name."""
        return {link.name: k for k, link in enumerate(self.links)}


def _once(kind: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{kind} name {name!r} is used twice; names must be unique")
        seen.add(name)
