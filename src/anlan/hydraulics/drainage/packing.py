"""A network laid out in arrays for the compiled step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from anlan.hydraulics.drainage import geometry, sections
from anlan.hydraulics.drainage.elimination import Elimination, eliminate
from anlan.hydraulics.drainage.network import (
    Conduit,
    Curve,
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
)
from anlan.hydraulics.drainage.sections import CrossSection
from anlan.hydraulics.numerics import Array, G

JUNCTION, OUTFALL, STORAGE = 0, 1, 2
CONDUIT, PUMP, ORIFICE, WEIR, OUTLET = 0, 1, 2, 3, 4

# Columns of ``Packed.node`` (nodes, NODE_COLUMNS); levels in m.
INVERT, RIM, CAP, SHAFT, PONDED, CROWN, LANDING, STRIDE = range(8)
NODE_COLUMNS = 8
# Columns of ``Packed.link`` (links, LINK_COLUMNS). The last are laws' own; see ``regulators``.
FROM_Z, TO_Z, LENGTH, ROUGH, FROM_HELD, TO_HELD, BARRELS, LOWEST, HIGHEST = range(9)
ENTRY, EXIT, AVERAGE, SLOPE, NORMAL, FLOW_SCALE = range(9, 15)
LAW, FIRST, SECOND, THIRD, FOURTH, FIFTH = range(15, 21)
LINK_COLUMNS = 21
# What a conduit's end does when the water outside is lower (``Packed.falls``): nothing, since it
# lies at the node's invert; falls to critical depth or to the other end's into an outfall; falls
# into a node.
HELD, CRITICAL, UNIFORM, DROP = 0, 1, 2, 3

PUMP_LAWS = ("ideal", "volume_steps", "depth_steps", "head", "depth")
WEIR_KINDS = ("transverse", "side", "v_notch", "trapezoidal")

CRITICAL_POINTS = 65
STORAGE_POINTS = 257
# The flattest fall that the limit of normal flow takes, m, as EPA-SWMM.
LEAST_FALL = 3.048e-4
# How far below its crown a full conduit is tried first when it ceases to be full.
LANDING_SHARE = 0.15
# How far a head below crowns moves in one round, as a share of the highest conduit.
STRIDE_SHARE = 0.25


class Curves(NamedTuple):
    """Curves, one after the other."""

    first: Array  # place of the first point of each, and one past the last
    x: Array
    y: Array


class Packed(NamedTuple):
    """A network in arrays; made by ``pack``."""

    node_kind: Array
    node: Array
    storage_of: Array  # row of a storage's table
    storage: Array  # (storages, points, 2) volume and area over equal steps of depth
    storage_depth: Array  # range of the table
    stage_curve: Array  # of an outfall, or -1
    link_kind: Array
    start: Array
    end: Array
    link: Array
    shape_kind: Array
    shape: Array
    section_of: Array
    tables: Array  # (sections, points, 3) area, hydraulic radius, width
    critical: Array  # (sections, points, 1) critical depth over the root of the discharge
    falls: Array  # (links, 2)
    bounded: Array  # whether a link's flow has bounds
    regulated: bool  # whether any link is no conduit
    curves: Curves
    curve_of: Array  # of a pump or outlet, or -1
    inflow_node: Array
    inflow_curve: Array
    plan: Elimination
    step: float


def pack(network: Network, coupled: Sequence[int] = ()) -> Packed:
    """Lay a network out; nodes in ``coupled`` overflow to the surface, not out of the model."""
    nodes, links = network.nodes, network.links
    index = network.node_index
    start = np.array([index[k.from_node] for k in links], np.int64)
    end = np.array([index[k.to_node] for k in links], np.int64)
    curves = _Curves()
    shapes = _Sections()
    node = np.array([_node_row(n) for n in nodes]).reshape(-1, NODE_COLUMNS)
    link = np.zeros((len(links), LINK_COLUMNS))
    shape = np.zeros((len(links), geometry.SHAPE_FIELDS))
    shape_kind = np.zeros(len(links), np.int64)
    section_of = np.zeros(len(links), np.int64)
    falls = np.zeros((len(links), 2), np.int64)
    curve_of = np.full(len(links), -1, np.int64)
    for k, part in enumerate(links):
        a, b = nodes[start[k]], nodes[end[k]]
        link[k, LOWEST], link[k, HIGHEST] = _bounds(part, a, b)
        if isinstance(part, Conduit):
            section_of[k] = shapes.add(part.section)
            shape_kind[k] = _SHAPE_KINDS[part.section.shape]
            shape[k] = _shape_row(part.section, network.celerity)
            _conduit_row(link[k], part, a, b)
            link[k, FLOW_SCALE] = shapes.flow_scale[section_of[k]]
            falls[k] = [_fall(n, z) for n, z in ((a, part.from_offset), (b, part.to_offset))]
        else:
            curve_of[k] = _law_row(link[k], part, a.invert, curves)
    _close_nodes(node, nodes, links, start, end, set(coupled))
    storages = [n for n in nodes if isinstance(n, Storage)]
    storage_of = np.cumsum([isinstance(n, Storage) for n in nodes], dtype=np.int64) - 1
    return Packed(
        node_kind=np.array([_kind(n) for n in nodes], np.int64),
        node=node,
        storage_of=storage_of,
        storage=np.array([_storage_table(s) for s in storages]).reshape(-1, STORAGE_POINTS, 2),
        storage_depth=np.array([_storage_depth(s) for s in storages], np.float64),
        stage_curve=np.array(
            [curves.add(n.stage) if isinstance(n, Outfall) else -1 for n in nodes], np.int64
        ),
        link_kind=np.array([_LINK_KINDS[type(k)] for k in links], np.int64),
        start=start,
        end=end,
        link=link,
        shape_kind=shape_kind,
        shape=shape,
        section_of=section_of,
        tables=shapes.tables(),
        critical=shapes.critical(),
        falls=falls,
        bounded=_bounded(links, link, start, end, set(coupled)),
        regulated=any(not isinstance(k, Conduit) for k in links),
        inflow_node=np.array([index[f.node] for f in network.inflows], np.int64),
        inflow_curve=np.array([curves.add(f.discharge) for f in network.inflows], np.int64),
        curve_of=curve_of,
        curves=curves.packed(),
        plan=eliminate(len(nodes), start, end),
        step=network.step,
    )


_LINK_KINDS = {Conduit: CONDUIT, Pump: PUMP, Orifice: ORIFICE, Weir: WEIR, Outlet: OUTLET}
_SHAPE_KINDS = {
    "circular": geometry.CIRCLE,
    "rect_closed": geometry.BOX,
    "rect_open": geometry.TRAPEZOID,
    "trapezoidal": geometry.TRAPEZOID,
    "tabulated": geometry.TABLE,
}


def _kind(node: Node) -> int:
    return {Junction: JUNCTION, Outfall: OUTFALL, Storage: STORAGE}[type(node)]


def _node_row(node: Node) -> list[float]:
    row = [0.0] * NODE_COLUMNS
    row[INVERT] = node.invert
    row[CROWN] = math.inf
    row[RIM] = row[CAP] = math.inf
    if isinstance(node, Outfall):
        return row
    row[RIM] = node.invert + node.max_depth
    row[CAP] = row[RIM] + node.surcharge_depth
    if isinstance(node, Junction):
        row[SHAFT], row[PONDED] = node.shaft_area, node.ponded_area
    return row


def _close_nodes(
    node: Array,
    nodes: Sequence[Node],
    links: Sequence[Link],
    start: Array,
    end: Array,
    coupled: set[int],
) -> None:
    """Rims where none is given, and where a node's closed conduits cease to be full."""
    highest = np.full(len(nodes), -math.inf)
    for k, link in enumerate(links):
        if not isinstance(link, Conduit):
            continue
        for i, offset in ((start[k], link.from_offset), (end[k], link.to_offset)):
            crown = nodes[i].invert + offset + link.section.height
            node[i, STRIDE] = max(node[i, STRIDE], STRIDE_SHARE * link.section.height)
            highest[i] = max(highest[i], crown)
            if link.section.is_closed and (node[i, CROWN] == math.inf or crown >= node[i, CROWN]):
                node[i, CROWN] = crown
                node[i, LANDING] = crown - LANDING_SHARE * link.section.height
    node[node[:, STRIDE] == 0.0, STRIDE] = math.inf
    for i, n in enumerate(nodes):
        if isinstance(n, Junction) and n.max_depth == 0.0 and math.isfinite(highest[i]):
            node[i, RIM] = highest[i]
            node[i, CAP] = highest[i] + n.surcharge_depth
        if i in coupled or node[i, PONDED] > 0.0:
            node[i, CAP] = math.inf
        if i in coupled:
            node[i, PONDED] = 0.0


def _shape_row(section: CrossSection, celerity: float) -> list[float]:
    full = float(sections.area(section, section.height))
    top = float(sections.top_width(section, section.height))
    row = [0.0] * geometry.SHAPE_FIELDS
    row[geometry.HEIGHT] = section.height
    row[geometry.BOTTOM] = section.width
    row[geometry.SLOPES] = section.left_slope + section.right_slope
    row[geometry.WALLS] = math.hypot(1.0, section.left_slope) + math.hypot(1.0, section.right_slope)
    row[geometry.FULL_AREA] = full
    row[geometry.SLOT] = G * full / celerity**2 if section.is_closed else top
    row[geometry.CLOSED] = float(section.is_closed)
    return row


def _conduit_row(row: Array, part: Conduit, a: Node, b: Node) -> None:
    row[FROM_Z] = a.invert + part.from_offset
    row[TO_Z] = b.invert + part.to_offset
    row[LENGTH] = part.length
    row[ROUGH] = part.roughness
    row[BARRELS] = part.barrels
    # An outfall holds nothing, so the half of a conduit that it ends counts as empty.
    held = part.length * part.barrels
    shares = (0.0 if isinstance(a, Outfall) else 0.5, 0.0 if isinstance(b, Outfall) else 0.5)
    row[FROM_HELD], row[TO_HELD] = held * shares[0], held * shares[1]
    row[ENTRY], row[EXIT], row[AVERAGE] = part.entry_loss, part.exit_loss, part.average_loss
    fall = row[FROM_Z] - row[TO_Z]
    fall = math.copysign(max(abs(fall), LEAST_FALL), fall)
    row[SLOPE] = fall / part.length
    row[NORMAL] = math.sqrt(abs(row[SLOPE])) / part.roughness


def _fall(node: Node, offset: float) -> int:
    if isinstance(node, Outfall):
        return UNIFORM if node.kind == "normal" else CRITICAL
    return DROP if offset > 0.0 else HELD


def _bounds(link: Link, a: Node, b: Node) -> tuple[float, float]:
    lowest, highest = -math.inf, math.inf
    if isinstance(link, Conduit):
        lowest, highest = -link.max_flow, link.max_flow
    if isinstance(link, Pump) or link.flap or (isinstance(b, Outfall) and b.flap):
        lowest = 0.0
    if isinstance(a, Outfall) and a.flap:
        highest = 0.0
    return lowest, highest


def _bounded(
    links: Sequence[Link], rows: Array, start: Array, end: Array, coupled: set[int]
) -> Array:
    """Links whose flow is cut: by a flap, a largest flow, a law, or what a cell holds."""
    finite = np.isfinite(rows[:, LOWEST]) | np.isfinite(rows[:, HIGHEST])
    lawful = np.array([not isinstance(k, Conduit) for k in links], np.bool_)
    near = np.isin(start, list(coupled)) | np.isin(end, list(coupled))
    return np.asarray(finite | lawful | near)


def _law_row(row: Array, part: Link, invert: float, curves: _Curves) -> int:
    row[BARRELS] = 1.0
    if isinstance(part, Pump):
        row[LAW] = PUMP_LAWS.index(part.law)
        row[FIRST], row[SECOND] = part.startup_depth, part.shutoff_depth
        return curves.add(part.curve)
    if isinstance(part, Orifice):
        row[FROM_Z] = invert + part.offset
        row[LAW] = float(part.kind == "bottom")
        row[FIRST] = part.height
        row[SECOND] = part.coefficient * part.area * math.sqrt(2.0 * G)
        # where a bottom opening turns from weir to orifice: both laws give the same there
        row[THIRD] = part.coefficient / 0.414 * part.area / part.perimeter
    if isinstance(part, Weir):
        row[FROM_Z] = invert + part.offset
        row[LAW] = WEIR_KINDS.index(part.kind)
        row[FIRST], row[SECOND] = part.height, part.width
        row[THIRD] = part.coefficient
        row[FOURTH] = part.slope * part.end_coefficient
        if part.kind == "v_notch":
            row[FOURTH] = part.slope * part.coefficient
        row[FIFTH] = part.contractions if part.surcharges else -1.0 - part.contractions
    if isinstance(part, Outlet):
        row[FROM_Z] = invert + part.offset
        row[LAW] = float(part.by_head)
        return curves.add(part.curve)
    return -1


def _storage_depth(storage: Storage) -> float:
    return max(storage.max_depth, storage.area.x[-1])


def _storage_table(storage: Storage) -> Array:
    y = np.linspace(0.0, _storage_depth(storage), STORAGE_POINTS)
    fine = np.linspace(0.0, y[-1], 16 * (STORAGE_POINTS - 1) + 1)
    a = np.interp(fine, storage.area.x, storage.area.y)
    volume = np.concatenate([[0.0], np.cumsum(0.5 * (a[1:] + a[:-1]) * fine[1])])
    return np.stack([volume[::16], a[::16]], axis=1)


class _Curves:
    def __init__(self) -> None:
        self._all: list[Curve] = []
        self._known: dict[int, int] = {}

    def add(self, curve: Curve | None) -> int:
        if curve is None:
            return -1
        if id(curve) not in self._known:
            self._known[id(curve)] = len(self._all)
            self._all.append(curve)
        return self._known[id(curve)]

    def packed(self) -> Curves:
        first = np.cumsum([0, *(len(c.x) for c in self._all)], dtype=np.int64)
        x = np.array([v for c in self._all for v in c.x], np.float64)
        y = np.array([v for c in self._all for v in c.y], np.float64)
        return Curves(first, x, y)


class _Sections:
    def __init__(self) -> None:
        self._all: dict[CrossSection, int] = {}
        self.flow_scale: list[float] = []

    def add(self, section: CrossSection) -> int:
        if section not in self._all:
            self._all[section] = len(self._all)
            self.flow_scale.append(float(self._critical(section)[1][-1]))
        return self._all[section]

    @staticmethod
    def _critical(section: CrossSection) -> tuple[Array, Array]:
        """Depths, and the discharges whose critical depth they are."""
        top = 0.98 if section.is_closed else 1.0
        y = section.height * top * np.linspace(0.0, 1.0, 1001) ** 1.5
        return y, np.maximum.accumulate(sections.critical_discharge(section, y))

    def critical(self) -> Array:
        out = np.zeros((len(self._all), CRITICAL_POINTS, 1))
        for section, k in self._all.items():
            y, q = self._critical(section)
            places = np.linspace(0.0, 1.0, CRITICAL_POINTS)
            out[k, :, 0] = np.interp(places, np.sqrt(q / q[-1]), y)
        return out

    def tables(self) -> Array:
        out = np.zeros((len(self._all), sections.POINTS, 3))
        for section, k in self._all.items():
            if section.shape == "tabulated":
                y = np.linspace(0.0, section.height, sections.POINTS)
                out[k, :, 0] = sections.area(section, y)
                walls = sections.wetted_perimeter(section, y)
                out[k, :, 1] = out[k, :, 0] / np.maximum(walls, 1e-9)
                out[k, :, 2] = sections.top_width(section, y)
        return out
