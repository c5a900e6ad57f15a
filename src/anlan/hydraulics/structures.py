"""Structures that move water between two cells: pumps and flap gates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from anlan.hydraulics.arrays import CREST_FLOW, Ground, Water, add_depth
from anlan.hydraulics.numerics import Array, G, part

PUMP, FLAP_GATE = 0, 1
# Villemonte (1947), "Submerged-weir discharge studies": exponent of the submergence of a weir.
VILLEMONTE = 0.385
# Contraction of a jet through a sharp-edged rectangular opening.
CONTRACTION = 0.61

Cell = tuple[int, int]


@dataclass(frozen=True)
class Pump:
    """Lifts water from one cell to another at its capacity, and never more than is there.

    It starts when the level at ``from_cell`` reaches ``start_level`` and runs until that level has
    fallen to ``stop_level``.

    Args:
        name: unique among the structures of a run.
        from_cell: (row, column) of the cell it empties; row 0 is the first row of the arrays.
        to_cell: (row, column) of the cell it fills.
        capacity: discharge while it runs, m3/s.
        start_level: level that starts it, m, same datum as the bed.
        stop_level: level that stops it, m, below ``start_level``.
    """

    name: str
    from_cell: Cell
    to_cell: Cell
    capacity: float
    start_level: float
    stop_level: float

    def __post_init__(self) -> None:
        _check_number(self.name, "capacity", self.capacity, least=0.0)
        _check_number(self.name, "start_level", self.start_level)
        _check_number(self.name, "stop_level", self.stop_level)
        if not self.stop_level < self.start_level:
            raise ValueError(
                f"pump {self.name!r}: stop_level {self.stop_level} m must lie below "
                f"start_level {self.start_level} m"
            )


@dataclass(frozen=True)
class FlapGate:
    """An opening with a flap: water passes from one cell to another, and never back.

    A broad-crested weir, submerged by Villemonte's law; an orifice once the water reaches the
    top of the opening. In one step it passes at most what makes the two levels equal.

    Args:
        name: unique among the structures of a run.
        from_cell: (row, column) of the inner cell.
        to_cell: (row, column) of the outer cell.
        width: of the opening, m.
        sill: level of its bottom, m, same datum as the bed.
        height: of the opening, m; infinite for an open weir.
        capacity: most that it passes, m3/s.
    """

    name: str
    from_cell: Cell
    to_cell: Cell
    width: float
    sill: float
    height: float = math.inf
    capacity: float = math.inf

    def __post_init__(self) -> None:
        _check_number(self.name, "width", self.width, least=0.0)
        _check_number(self.name, "sill", self.sill)
        for field, value in (("height", self.height), ("capacity", self.capacity)):
            if math.isnan(value) or value < 0.0:
                raise ValueError(
                    f"structure {self.name!r}: {field} is {value}; it must be 0 or more "
                    "(leave it out for no limit)"
                )


Structure = Pump | FlapGate


def _check_number(name: str, field: str, value: float, least: float = -math.inf) -> None:
    if not math.isfinite(value) or value < least:
        wanted = "a finite number" if least == -math.inf else f"finite and at least {least:g}"
        raise ValueError(f"structure {name!r}: {field} is {value}; it must be {wanted}")


class Works(NamedTuple):
    """Structures in the order given, one entry each; levels relative to the run's own zero."""

    kind: Array
    from_cell: Array
    to_cell: Array
    capacity: Array  # m3 s-1
    width: Array  # m
    height: Array  # m, inf for an open weir
    sill: Array
    start: Array
    stop: Array
    running: Array  # uint8
    volume: Array  # m3 moved so far


def pack(structures: Sequence[Structure], active: Array, zero: float) -> Works:
    """Lay structures out in arrays.

    Args:
        structures: any order; volumes are reported in it.
        active: (ny, nx) bool, cells that hold water.
        zero: level that the run counts from, m.

    Raises:
        ValueError: a name used twice, a cell outside the grid or inactive, or a structure that
            leads to the cell it starts from.
    """
    names: set[str] = set()
    ny, nx = active.shape
    for s in structures:
        if s.name in names:
            raise ValueError(f"structure name {s.name!r} is used twice; names must be unique")
        names.add(s.name)
        for field, (j, i) in (("from_cell", s.from_cell), ("to_cell", s.to_cell)):
            if not (0 <= j < ny and 0 <= i < nx):
                raise ValueError(
                    f"structure {s.name!r}: {field} {(j, i)} lies outside the grid of "
                    f"{ny} rows and {nx} columns"
                )
            if not active[j, i]:
                raise ValueError(
                    f"structure {s.name!r}: {field} {(j, i)} is an inactive cell; choose a cell "
                    "that holds water"
                )
        if tuple(s.from_cell) == tuple(s.to_cell):
            raise ValueError(
                f"structure {s.name!r}: from_cell and to_cell are both {tuple(s.from_cell)}"
            )

    def numbers(value: Callable[[Structure], float]) -> Array:
        return np.array([value(s) for s in structures], np.float64)

    def cells(value: Callable[[Structure], Cell]) -> Array:
        return np.array([value(s)[0] * nx + value(s)[1] for s in structures], np.int64)

    return Works(
        kind=np.array([PUMP if isinstance(s, Pump) else FLAP_GATE for s in structures], np.int64),
        from_cell=cells(lambda s: s.from_cell),
        to_cell=cells(lambda s: s.to_cell),
        capacity=numbers(lambda s: s.capacity),
        width=numbers(lambda s: 0.0 if isinstance(s, Pump) else s.width),
        height=numbers(lambda s: 0.0 if isinstance(s, Pump) else s.height),
        sill=numbers(lambda s: 0.0 if isinstance(s, Pump) else s.sill - zero),
        start=numbers(lambda s: s.start_level - zero if isinstance(s, Pump) else 0.0),
        stop=numbers(lambda s: s.stop_level - zero if isinstance(s, Pump) else 0.0),
        running=np.zeros(len(structures), np.uint8),
        volume=np.zeros(len(structures), np.float64),
    )


@part
def opening_discharge(width: float, height: float, up: float, down: float) -> float:
    """Discharge of a weir or, when it runs full, of an orifice, m3/s.

    ``up`` and ``down`` are levels above the sill, up > 0 and up > down. Broad-crested weir with
    Villemonte's submergence; orifice with contraction under the head that drives it.
    """
    weir: float = CREST_FLOW * math.sqrt(G) * width * up**1.5
    if down > 0.0:
        weir *= (1.0 - (down / up) ** 1.5) ** VILLEMONTE
    if up <= height:
        return weir
    head = up - max(down, 0.5 * height)
    return min(weir, CONTRACTION * width * height * math.sqrt(2.0 * G * max(head, 0.0)))


@part
def run_works(water: Water, ground: Ground, works: Works, dt: float, area: float) -> float:
    """Let pumps and gates move water between their cells for one step.

    Returns the fastest wave over the cells that received water, m/s: a step found before it came
    may be too long.
    """
    fastest = 0.0
    h = water.h.reshape(-1)
    c = water.c.reshape(-1)
    z = ground.z.reshape(-1)
    highest = water.highest.reshape(-1)
    for k in range(works.kind.shape[0]):
        a = works.from_cell[k]
        b = works.to_cell[k]
        held = np.float64(h[a]) + np.float64(c[a])
        level_a = held + np.float64(z[a])
        level_b = np.float64(h[b]) + np.float64(c[b]) + np.float64(z[b])
        moved = 0.0
        if works.kind[k] == PUMP:
            if level_a >= works.start[k]:
                works.running[k] = 1
            elif level_a <= works.stop[k]:
                works.running[k] = 0
            if works.running[k] == 1:
                moved = works.capacity[k] * dt / area
        else:
            up = level_a - works.sill[k]
            if up > 0.0 and level_a > level_b and held > 0.0:
                q = opening_discharge(works.width[k], works.height[k], up, level_b - works.sill[k])
                moved = min(q, works.capacity[k]) * dt / area
                # Half the difference makes the levels equal; beyond the sill nothing is at hand.
                moved = min(moved, up, 0.5 * (level_a - level_b))
        moved = min(moved, held)
        if moved <= 0.0:
            continue
        if moved == held:  # all of it, down to the last bit
            add_depth(h, c, b, np.float64(h[a]))
            add_depth(h, c, b, np.float64(c[a]))
            h[a] = 0.0
            c[a] = 0.0
        else:
            add_depth(h, c, a, -moved)
            add_depth(h, c, b, moved)
        highest[b] = max(highest[b], h[b])
        fastest = max(fastest, math.sqrt(G * np.float64(h[b])))
        works.volume[k] += moved * area
    return fastest
