"""A drainage network beside a surface: what a flow model is given to drain its cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.hydraulics.drainage import state as fields
from anlan.hydraulics.drainage.advance import begin, drain
from anlan.hydraulics.drainage.exchange import Inlet, Inlets
from anlan.hydraulics.drainage.exchange import inlets as pack_inlets
from anlan.hydraulics.drainage.network import Conduit, Network, Outfall, Pump
from anlan.hydraulics.drainage.packing import INVERT, Packed, pack
from anlan.hydraulics.drainage.state import DrainBudget, DrainState, empty_state

Cell = tuple[int, int]


@dataclass(frozen=True)
class Drainage:
    """A network and the surface cells that its nodes lie under.

    Args:
        network: nodes and links.
        cells: (row, column) of the surface cell over each coupled node, by name. An outfall there
            discharges into the cell and feels its level; any other node takes water in through its
            inlet, and gives it back when its head rises above the surface. A coupled node has no
            rim: what would flood goes to its cell.
        inlets: of coupled nodes by name, where not ``Inlet()``.

    Raises:
        ValueError: a name that is no node, or an inlet for a node without cell.
    """

    network: Network
    cells: Mapping[str, Cell] = field(default_factory=dict)
    inlets: Mapping[str, Inlet] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = self.network.node_index
        for name in self.cells:
            if name not in known:
                raise ValueError(f"cells couple {name!r}, which is no node of the network")
        for name in self.inlets:
            if name not in self.cells:
                raise ValueError(
                    f"an inlet is given for {name!r}, which has no cell; add it to cells"
                )

    @property
    def rows(self) -> NDArray[np.int64]:
        """(coupled,) row of each coupled node's cell, in the order of ``cells``."""
        return np.array([cell[0] for cell in self.cells.values()], np.int64)

    @property
    def columns(self) -> NDArray[np.int64]:
        """(coupled,) column of each coupled node's cell."""
        return np.array([cell[1] for cell in self.cells.values()], np.int64)


class DrainageRun:
    """A network in time, for one member or several; arrays in and out are of float64.

    Args:
        drainage: network, and what couples it; a bare ``Network`` is coupled to nothing.
        members: how many run side by side.
        cell_area: of the surface cells, m2, one number or one for each coupled node. Nodes under
            one cell share it evenly, so together they take no more than it holds.
    """

    def __init__(
        self, drainage: Drainage | Network, members: int = 1, cell_area: ArrayLike = 1.0
    ) -> None:
        if isinstance(drainage, Network):
            drainage = Drainage(drainage)
        if members < 1:
            raise ValueError(f"members is {members}; it must be 1 or more")
        self.drainage = drainage
        self.network = drainage.network
        self.members = members
        index = self.network.node_index
        coupled = [index[name] for name in drainage.cells]
        given = tuple(drainage.inlets.get(name, Inlet()) for name in drainage.cells)
        self.packed: Packed = pack(self.network, coupled)
        self.inlets: Inlets = pack_inlets(np.array(coupled, np.int64), given)
        sharing = Counter(drainage.cells.values())
        self.cell_area = np.array(np.broadcast_to(np.asarray(cell_area, np.float64), len(coupled)))
        self.cell_area /= np.array([sharing[cell] for cell in drainage.cells.values()], np.float64)
        if not (self.cell_area > 0.0).all():
            raise ValueError("cell_area must be above 0 m2 everywhere")
        self.state: DrainState = empty_state(
            members,
            len(self.network.nodes),
            len(self.network.links),
            len(coupled),
            self.packed.plan.rows,
        )
        self.time = 0.0
        self._fill_initial()

    def _fill_initial(self) -> None:
        nodes, links = self.network.nodes, self.network.links
        depth = [0.0 if isinstance(n, Outfall) else n.initial_depth for n in nodes]
        flow = [k.initial_flow if isinstance(k, Conduit) else 0.0 for k in links]
        running = [float(isinstance(k, Pump) and k.running) for k in links]
        self.restart(self.packed.node[:, INVERT] + depth, flow, running)

    def restart(
        self, head: ArrayLike, flow: ArrayLike = 0.0, running: ArrayLike | None = None
    ) -> None:
        """Start anew from heads, m, and flows, m3/s, each (nodes,) or (members, nodes)."""
        nodes, links = len(self.network.nodes), len(self.network.links)
        heads = np.broadcast_to(np.asarray(head, np.float64), (self.members, nodes))
        if not np.isfinite(heads).all():
            raise ValueError("head holds numbers that are not finite")
        heads = np.maximum(heads, self.packed.node[:, INVERT])
        fields.to_members(self.state.node, fields.HEAD, heads)
        flows = np.broadcast_to(np.asarray(flow, np.float64), (self.members, links))
        fields.to_members(self.state.link, fields.FLOW, flows)
        if running is not None:
            on = np.broadcast_to(np.asarray(running, np.float64), (self.members, links))
            fields.to_members(self.state.link, fields.RUNNING, on)
        self.state.link[:, :, fields.MIDDLE] = 0.0
        self.state.ledger[...] = 0.0
        begin(self.packed, self.state)

    def advance(
        self,
        dt: float,
        level: ArrayLike | None = None,
        depth: ArrayLike | None = None,
    ) -> NDArray[np.float64]:
        """Advance by ``dt``, s, beside a surface that stands still.

        Args:
            dt: s, above 0.
            level: (members, coupled) or (coupled,) level of the surface at coupled nodes, m.
            depth: the same, depth of water there, m.

        Returns:
            (members, coupled) volume taken from (positive) or given to (negative) each cell, m3.
        """
        if not dt > 0.0:
            raise ValueError(f"dt is {dt} s; it must be above 0")
        shape = (self.members, len(self.cell_area))
        if shape[1] and (level is None or depth is None):
            raise ValueError(f"{shape[1]} nodes are coupled; give level and depth of their cells")
        levels = np.array(np.broadcast_to(np.asarray(0.0 if level is None else level), shape))
        depths = np.array(np.broadcast_to(np.asarray(0.0 if depth is None else depth), shape))
        volume = np.zeros(shape)
        drain(
            self.packed,
            self.inlets,
            self.state,
            levels.astype(np.float64),
            depths.astype(np.float64),
            np.broadcast_to(self.cell_area, shape).copy(),
            np.full((self.members, 1), self.time),
            np.full((self.members, 1), float(dt)),
            volume,
        )
        self.time += dt
        return volume

    @property
    def head(self) -> NDArray[np.float64]:
        """(members, nodes) level of the water at nodes, m."""
        return fields.of_members(self.state.node, fields.HEAD, self.members)

    @property
    def volume(self) -> NDArray[np.float64]:
        """(members, nodes) water in a node and its halves of conduits, m3."""
        return fields.of_members(self.state.node, fields.VOLUME, self.members)

    @property
    def flow(self) -> NDArray[np.float64]:
        """(members, links) discharge from ``from_node`` to ``to_node``, m3/s, all barrels."""
        return fields.of_members(self.state.link, fields.FLOW, self.members)

    @property
    def running(self) -> NDArray[np.bool_]:
        """(members, links) whether a link is a pump that runs."""
        return fields.of_members(self.state.link, fields.RUNNING, self.members) > 0.0

    @property
    def budget(self) -> DrainBudget:
        """Volumes since the start."""
        return budget(self.state, self.members)


def budget(state: DrainState, members: int) -> DrainBudget:
    """Volumes of every member since its start, m3."""

    def term(field: int) -> NDArray[np.float64]:
        return fields.of_members(state.ledger, field, members)[:, 0]

    return DrainBudget(
        initial=term(fields.INITIAL),
        inflow=term(fields.INFLOW),
        outflow=term(fields.OUTFLOW),
        backflow=term(fields.BACKFLOW),
        from_surface=term(fields.FROM_SURFACE),
        to_surface=term(fields.TO_SURFACE),
        flooded=term(fields.FLOODED),
        storage=fields.of_members(state.node, fields.VOLUME, members).sum(axis=1),
    )
