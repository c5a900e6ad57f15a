"""Structures laid out as the arrays that the compiled functions take."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from anlan.hydraulics.numerics import Array
from anlan.hydraulics.works.bridges import Bridges
from anlan.hydraulics.works.culverts import Barrel, inlet_limits
from anlan.hydraulics.works.flow import CULVERT, GATE, PUMP, WEIR, Curves, Works
from anlan.hydraulics.works.kinds import Bridge, Culvert, Gate, Link, Pump, Structure, Weir
from anlan.hydraulics.works.operation import AUTO, CLOCK, LEVEL, MEMORY, OPENING, TARGET, RuleTable
from anlan.hydraulics.works.rules import (
    Cell,
    Condition,
    DifferenceCondition,
    LevelCondition,
    Rule,
    TimeCondition,
)

KINDS = {Weir: WEIR, Gate: GATE, Culvert: CULVERT, Pump: PUMP}
NO_BARREL = Barrel(0, *([0.0] * (len(Barrel._fields) - 1)))


def check_structures(structures: Sequence[Structure], active: Array) -> None:
    """Refuse structures that do not fit each other or the grid.

    Args:
        structures: any order.
        active: (ny, nx) bool, cells that hold water.

    Raises:
        ValueError: a name used twice, or a cell or face outside the grid or inactive.
    """
    names: set[str] = set()
    for s in structures:
        if s.name in names:
            raise ValueError(f"structure name {s.name!r} is used twice; names must be unique")
        names.add(s.name)
        if isinstance(s, Bridge):
            _check_faces(s, active)
            continue
        for field, cell in _cells(s):
            _check_place(f"structure {s.name!r}: {field}", cell, active)


def pack_works(
    structures: Sequence[Structure], active: Array, zero: float, members: int = 1
) -> Works:
    """Lay out what moves water between cells; bridges are left to ``pack_bridges``.

    Args:
        structures: checked (``check_structures``); their order is kept.
        active: (ny, nx) bool, cells that hold water.
        zero: level that the run counts from, m.
        members: of the ensemble.
    """
    links: list[Link] = [s for s in structures if not isinstance(s, Bridge)]
    nx = int(active.shape[1])

    def flat(cell: Cell) -> int:
        return int(cell[0]) * nx + int(cell[1])

    cell = np.unique(np.array([flat(c) for s in links for _, c in _cells(s)], np.int64))

    def places(value: Callable[[Link], Cell]) -> Array:
        return np.searchsorted(cell, np.array([flat(value(s)) for s in links], np.int64))

    def numbers(value: Callable[[Link], float]) -> Array:
        return np.array([value(s) for s in links], np.float64)

    def field(name: str, otherwise: float) -> Array:
        return numbers(lambda s: getattr(s, name, otherwise))

    memory = np.zeros((members, len(links), MEMORY))
    target = numbers(_own_target)
    memory[:, :, TARGET] = target
    memory[:, :, OPENING] = np.maximum(target, 0.0)
    return Works(
        kind=np.array([KINDS[type(s)] for s in links], np.int64),
        cell=cell,
        from_at=places(lambda s: s.from_cell),
        to_at=places(lambda s: s.to_cell),
        sensor_at=places(_sensor),
        from_cell=np.array([flat(s.from_cell) for s in links], np.int64),
        to_cell=np.array([flat(s.to_cell) for s in links], np.int64),
        lifts=np.array([isinstance(s, Pump) for s in links], np.bool_),
        flap=np.array([getattr(s, "flap", False) for s in links], np.bool_),
        crest=numbers(_crest) - zero,
        width=numbers(lambda s: s.width if isinstance(s, Weir | Gate) else 0.0),
        height=numbers(lambda s: s.height if isinstance(s, Gate) else 0.0),
        coefficient=field("coefficient", 0.0),
        speed=field("speed", math.inf),
        start=field("start_level", 0.0) - zero,
        stop=field("stop_level", 0.0) - zero,
        curves=_curves(links),
        barrels=_barrels(links, zero),
        rules=_rules(links, zero, lambda c: int(np.searchsorted(cell, flat(c)))),
        memory=memory,
        discharge=np.zeros((members, len(links))),
        volume=np.zeros((members, len(links))),
    )


def pack_bridges(structures: Sequence[Structure], zero: float, members: int = 1) -> Bridges:
    """Lay out the faces of bridges; see ``pack_works``."""
    bridges = [s for s in structures if isinstance(s, Bridge)]
    rows = [(n, b, face) for n, b in enumerate(bridges) for face in b.faces]

    def whole(value: Callable[[int, Bridge, Any], int]) -> Array:
        return np.array([value(*row) for row in rows], np.int64)

    def numbers(value: Callable[[Bridge], float]) -> Array:
        return np.array([value(b) for _, b, _ in rows], np.float64)

    return Bridges(
        owner=whole(lambda n, b, face: n),
        axis=whole(lambda n, b, face: 0 if face[0] == "x" else 1),
        row=whole(lambda n, b, face: int(face[1])),
        column=whole(lambda n, b, face: int(face[2])),
        soffit=numbers(lambda b: b.soffit - zero),
        top=numbers(lambda b: b.top - zero),
        pier_share=numbers(lambda b: b.pier_share),
        sluice=numbers(lambda b: b.sluice_coefficient),
        orifice=numbers(lambda b: b.orifice_coefficient),
        weir=numbers(lambda b: b.weir_coefficient),
        discharge=np.zeros((members, len(bridges))),
        volume=np.zeros((members, len(bridges))),
    )


def _cells(s: Link) -> list[tuple[str, Cell]]:
    """Every cell that a structure names, and how."""
    found = [("from_cell", s.from_cell), ("to_cell", s.to_cell)]
    if isinstance(s, Pump) and s.sensor_cell is not None:
        found.append(("sensor_cell", s.sensor_cell))
    for rule in s.rules:
        for condition in rule.when:
            if isinstance(condition, LevelCondition | DifferenceCondition):
                found.append(("a rule's cell", condition.cell))
            if isinstance(condition, DifferenceCondition):
                found.append(("a rule's other", condition.other))
    return found


def _check_place(what: str, cell: Cell, active: Array) -> None:
    ny, nx = active.shape
    j, i = int(cell[0]), int(cell[1])
    if not (0 <= j < ny and 0 <= i < nx):
        raise ValueError(f"{what} {(j, i)} lies outside the grid of {ny} rows and {nx} columns")
    if not active[j, i]:
        raise ValueError(f"{what} {(j, i)} is an inactive cell; choose a cell that holds water")


def _check_faces(bridge: Bridge, active: Array) -> None:
    ny, nx = active.shape
    for axis, j, i in bridge.faces:
        before = (j, i - 1) if axis == "x" else (j - 1, i)
        inside = all(0 <= r < ny and 0 <= c < nx for r, c in (before, (j, i)))
        if not (inside and active[before] and active[j, i]):
            raise ValueError(
                f"bridge {bridge.name!r}: face {(axis, j, i)} does not lie between two active "
                f"cells of the grid of {ny} rows and {nx} columns; choose one that does"
            )


def _sensor(s: Link) -> Cell:
    if isinstance(s, Pump) and s.sensor_cell is not None:
        return s.sensor_cell
    return s.from_cell


def _crest(s: Link) -> float:
    if isinstance(s, Weir):
        return s.crest
    if isinstance(s, Gate):
        return s.sill
    if isinstance(s, Culvert):
        return max(s.inlet_level, s.outlet_level)
    return -math.inf


def _own_target(s: Link) -> float:
    """What "auto" means to a structure."""
    if isinstance(s, Pump):
        return AUTO
    return s.opening if isinstance(s, Gate) else 1.0


def _curves(links: Sequence[Link]) -> Curves:
    curves = [s.curve if isinstance(s, Pump) else () for s in links]
    points = [point for curve in curves for point in curve]
    return Curves(
        first=_starts([len(curve) for curve in curves]),
        head=np.array([head for head, _ in points], np.float64),
        discharge=np.array([discharge for _, discharge in points], np.float64),
    )


def _barrels(links: Sequence[Link], zero: float) -> Barrel:
    each = [barrel_of(s, zero) if isinstance(s, Culvert) else NO_BARREL for s in links]
    whole = ("is_round", "form")
    return Barrel(
        *(
            np.array([getattr(b, name) for b in each], np.int64 if name in whole else np.float64)
            for name in Barrel._fields
        )
    )


def barrel_of(s: Culvert, zero: float) -> Barrel:
    """The measures of a culvert, levels relative to ``zero``."""
    round_ = s.diameter is not None
    inlet = s.inlet_constants()
    width = s.diameter if round_ else s.width
    height = s.diameter if round_ else s.height
    assert width is not None
    assert height is not None
    barrel = Barrel(
        is_round=int(round_),
        width=float(width),
        height=float(height),
        length=float(s.length),
        manning=float(s.manning),
        losses=float(s.entrance_loss + s.exit_loss),
        barrels=float(s.barrels),
        inlet_level=float(s.inlet_level - zero),
        outlet_level=float(s.outlet_level - zero),
        form=inlet.form,
        k=inlet.k,
        m=inlet.m,
        c=inlet.c,
        y=inlet.y,
        free_head=0.0,
        full_head=0.0,
    )
    free, full = inlet_limits(barrel)
    return barrel._replace(free_head=free, full_head=full)


def _rules(links: Sequence[Link], zero: float, place: Callable[[Cell], int]) -> RuleTable:
    rules = [(s, rule) for s in links for rule in s.rules]
    conditions = [c for _, rule in rules for c in rule.when]
    bounds = [_bounds(c, zero) for c in conditions]
    return RuleTable(
        first=_starts([len(s.rules) for s in links]),
        target=np.array([_target(s, rule) for s, rule in rules], np.float64),
        conditions=_starts([len(rule.when) for _, rule in rules]),
        kind=np.array(
            [CLOCK if isinstance(c, TimeCondition) else LEVEL for c in conditions], np.int64
        ),
        cell=np.array(
            [-1 if isinstance(c, TimeCondition) else place(c.cell) for c in conditions], np.int64
        ),
        other=np.array(
            [place(c.other) if isinstance(c, DifferenceCondition) else -1 for c in conditions],
            np.int64,
        ),
        low=np.array([low for low, _ in bounds], np.float64),
        high=np.array([high for _, high in bounds], np.float64),
    )


def _bounds(condition: Condition, zero: float) -> tuple[float, float]:
    if isinstance(condition, TimeCondition):
        return condition.start, condition.end
    mark = (
        condition.difference
        if isinstance(condition, DifferenceCondition)
        else condition.level - zero
    )
    return (mark, math.inf) if condition.side == "above" else (-math.inf, mark)


def _target(s: Link, rule: Rule) -> float:
    if rule.set == "auto":
        return _own_target(s)
    if rule.set == "on":
        return 1.0
    return 0.0 if rule.set == "off" else float(rule.set)


def _starts(lengths: Sequence[int]) -> Array:
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int64)
