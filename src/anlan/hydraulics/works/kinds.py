"""The structures a user may build: records of their measures, checked when they are made.

SI units. Levels are on the datum of the bed. Cells are (row, column); row 0 is the first row of
the arrays. Water passes both ways unless ``flap`` is true, and never past equal levels, pumps
apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from anlan.hydraulics.works.inlets import BOX, ROUND, Inlet
from anlan.hydraulics.works.rules import Cell, Rule, check_cell

Face = tuple[Literal["x", "y"], int, int]
Curve = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Weir:
    """A broad crest that water flows over.

    Q = coefficient (2/3)^(3/2) sqrt(g) width H^(3/2), H being the higher level over the crest:
    1.705 m^(1/2)/s x coefficient. Where the lower level, too, stands over the crest it is
    drowned by the factor (1 - r^1.5)^0.385, r being the ratio of the two heads (Villemonte 1947).

    Args:
        name: unique among the structures of a run.
        from_cell: (row, column) on one side; a positive discharge leaves it.
        to_cell: (row, column) on the other side.
        crest: level of the crest, m.
        width: length of the crest across the flow, m.
        coefficient: of discharge, 1 for critical flow without losses; 0.85 to 1 for broad crests,
            about 1.08 for sharp ones.
        flap: whether water may pass from ``from_cell`` to ``to_cell`` alone.
        rules: how it is operated; a share is the share of the width that is open.
    """

    name: str
    from_cell: Cell
    to_cell: Cell
    crest: float
    width: float
    coefficient: float = 1.0
    flap: bool = False
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        _check_ends(self.name, self.from_cell, self.to_cell)
        _check_number(self.name, "crest", self.crest)
        _check_number(self.name, "width", self.width, least=0.0)
        _check_number(self.name, "coefficient", self.coefficient, least=0.0)
        _check_rules(self.name, self.rules)


@dataclass(frozen=True)
class Gate:
    """An opening that water flows through, under a lip that may be raised and lowered.

    While the water does not reach the lip it is a weir; then the jet under the lip, of thickness
    coefficient x opening, passes Q = width y sqrt(2 g (H - y)), which meets critical flow where
    y = 2 H / 3; drowned by the factor of Swamee (1992). The smaller of weir and sluice governs.
    A gate that is always wide open, with a flap, is a tide flap.

    Args:
        name: unique among the structures of a run.
        from_cell: (row, column) on one side; a positive discharge leaves it.
        to_cell: (row, column) on the other side.
        sill: level of its bottom, m.
        width: of the opening, m.
        height: of the opening when wholly open, m; infinite where no lip is ever touched.
        opening: share of the height that is open at the start, 0 to 1.
        coefficient: contraction of the jet under the lip; 0.61 for a sharp edge, to 1 for a
            rounded one.
        speed: greatest change of the opening under rules, share per second.
        flap: whether water may pass from ``from_cell`` to ``to_cell`` alone.
        rules: how it is operated; a share is the share of the height that is open.
    """

    name: str
    from_cell: Cell
    to_cell: Cell
    sill: float
    width: float
    height: float = math.inf
    opening: float = 1.0
    coefficient: float = 0.61
    speed: float = math.inf
    flap: bool = False
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        _check_ends(self.name, self.from_cell, self.to_cell)
        _check_number(self.name, "sill", self.sill)
        _check_number(self.name, "width", self.width, least=0.0)
        if math.isnan(self.height) or self.height < 0.0:
            raise ValueError(
                f"structure {self.name!r}: height is {self.height}; it must be 0 or more "
                "(leave it out for no limit)"
            )
        if not 0.0 <= self.opening <= 1.0:
            raise ValueError(
                f"structure {self.name!r}: opening is {self.opening}; it is a share of the "
                "height and lies between 0 and 1"
            )
        if not 0.0 < self.coefficient <= 1.0:
            raise ValueError(
                f"structure {self.name!r}: coefficient is {self.coefficient}; the contraction of "
                "a jet lies above 0 and at most 1"
            )
        if math.isnan(self.speed) or self.speed <= 0.0:
            raise ValueError(
                f"structure {self.name!r}: speed is {self.speed}; it must be above 0 "
                "(leave it out for a gate that moves at once)"
            )
        _check_rules(self.name, self.rules)
        shares = {r.set for r in self.rules if not isinstance(r.set, str)} | {self.opening}
        if math.isinf(self.height) and (shares - {0.0, 1.0} or not math.isinf(self.speed)):
            raise ValueError(
                f"structure {self.name!r}: a partial opening or a speed needs a height; give "
                "the height of the opening in m"
            )


@dataclass(frozen=True)
class Culvert:
    """Barrels under a road or dike, round (``diameter``) or boxes (``width`` and ``height``).

    The smaller of two discharges governs. Inlet control: the equations of HDS-5, free and
    submerged, straight between them (see ``inlets`` for the kinds of inlet; the small effect of
    the barrel's slope on them is left out). Outlet control: the fall from level to level is spent
    on entrance, exit and Manning friction, in a barrel that is full or, approximately, partly
    full (see ``outlet_discharge``). A culvert that flows backwards takes its other end for inlet.

    Args:
        name: unique among the structures of a run.
        from_cell: (row, column) at one end; a positive discharge leaves it.
        to_cell: (row, column) at the other end.
        inlet_level: level of the barrel's bottom at ``from_cell``, m.
        outlet_level: level of the barrel's bottom at ``to_cell``, m.
        length: of the barrel, m.
        diameter: of a round barrel, m.
        width: of a box, m.
        height: of a box, m.
        manning: roughness of the barrel, s m^-1/3; 0.012 concrete, 0.024 corrugated metal.
        entrance_loss: share of the velocity head lost on entering: 0.2 rounded or bevelled, 0.5
            square edges in a headwall, 0.9 thin and projecting.
        exit_loss: share of the velocity head lost on leaving; 1 into still water.
        barrels: number of equal barrels side by side.
        inlet: kind of inlet; none means square edges in a headwall (round) or wingwalls at 90
            degrees (box). Round: headwall, groove_headwall, groove_projecting, metal_headwall,
            metal_mitered, metal_projecting, bevel_45, bevel_33. Box: wingwall_90, wingwall_30_75,
            wingwall_0, wingwall_45_bevel, wingwall_18_33_bevel, headwall_chamfer,
            headwall_bevel_45, headwall_bevel_33.
        flap: whether water may pass from ``from_cell`` to ``to_cell`` alone.
        rules: how it is operated; a share is the share of the barrels that is open.
    """

    name: str
    from_cell: Cell
    to_cell: Cell
    inlet_level: float
    outlet_level: float
    length: float
    diameter: float | None = None
    width: float | None = None
    height: float | None = None
    manning: float = 0.012
    entrance_loss: float = 0.5
    exit_loss: float = 1.0
    barrels: int = 1
    inlet: str | None = None
    flap: bool = False
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        _check_ends(self.name, self.from_cell, self.to_cell)
        _check_number(self.name, "inlet_level", self.inlet_level)
        _check_number(self.name, "outlet_level", self.outlet_level)
        _check_number(self.name, "length", self.length, least=0.0)
        round_ = self.diameter is not None
        box = self.width is not None and self.height is not None
        if round_ == box or (round_ and (self.width is not None or self.height is not None)):
            raise ValueError(
                f"structure {self.name!r}: diameter is {self.diameter}, width {self.width}, "
                f"height {self.height}; give diameter for a round culvert, or width and height "
                "for a box"
            )
        for field in ("diameter", "width", "height"):
            value = getattr(self, field)
            if value is not None and not (math.isfinite(value) and value > 0.0):
                raise ValueError(
                    f"structure {self.name!r}: {field} is {value}; it must be a finite number "
                    "above 0"
                )
        _check_number(self.name, "manning", self.manning, least=0.0)
        _check_number(self.name, "entrance_loss", self.entrance_loss, least=0.0)
        _check_number(self.name, "exit_loss", self.exit_loss, least=0.0)
        if self.entrance_loss + self.exit_loss <= 0.0:
            raise ValueError(
                f"structure {self.name!r}: entrance_loss and exit_loss are both 0; water that "
                "loses nothing has no bound, so give exit_loss (1 into still water)"
            )
        if self.barrels < 1 or self.barrels != int(self.barrels):
            raise ValueError(
                f"structure {self.name!r}: barrels is {self.barrels}; it must be a whole number "
                "of at least 1"
            )
        known = ROUND if round_ else BOX
        if self.inlet is not None and self.inlet not in known:
            shape = "round culvert" if round_ else "box"
            raise ValueError(
                f"structure {self.name!r}: inlet is {self.inlet!r}; for a {shape} choose one of "
                f"{', '.join(known)}"
            )
        _check_rules(self.name, self.rules)

    def inlet_constants(self) -> Inlet:
        """Constants of its kind of inlet."""
        known = ROUND if self.diameter is not None else BOX
        return known[self.inlet or next(iter(known))]


@dataclass(frozen=True)
class Pump:
    """Lifts water from one cell to another, and never more than is there.

    It starts when the level at its sensor reaches ``start_level`` and runs until that level has
    fallen to ``stop_level``.

    Args:
        name: unique among the structures of a run.
        from_cell: (row, column) of the cell it empties.
        to_cell: (row, column) of the cell it fills.
        capacity: discharge while it runs, m3/s: a number, or a curve of (head, discharge), head
            being the level at ``to_cell`` less that at ``from_cell``, m, rising along the curve;
            straight between its points and level beyond its ends. End it with discharge 0 at
            the head that the pump cannot overcome.
        start_level: level that starts it, m.
        stop_level: level that stops it, m, below ``start_level``.
        sensor_cell: (row, column) where that level is read; none means ``from_cell``.
        rules: how it is operated: "on", "off" or "auto".
    """

    name: str
    from_cell: Cell
    to_cell: Cell
    capacity: float | Curve
    start_level: float
    stop_level: float
    sensor_cell: Cell | None = None
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        _check_ends(self.name, self.from_cell, self.to_cell)
        if self.sensor_cell is not None:
            check_cell(f"structure {self.name!r}", "sensor_cell", self.sensor_cell)
        self._check_capacity()
        _check_number(self.name, "start_level", self.start_level)
        _check_number(self.name, "stop_level", self.stop_level)
        if not self.stop_level < self.start_level:
            raise ValueError(
                f"pump {self.name!r}: stop_level {self.stop_level} m must lie below "
                f"start_level {self.start_level} m"
            )
        _check_rules(self.name, self.rules)
        for rule in self.rules:
            if not isinstance(rule.set, str):
                raise ValueError(
                    f"pump {self.name!r}: a rule sets {rule.set}; a pump is set "
                    '"on", "off" or "auto"'
                )

    @property
    def curve(self) -> tuple[tuple[float, float], ...]:
        """Points (head, discharge) of the capacity; a plain number is one point at head 0."""
        if isinstance(self.capacity, int | float):
            return ((0.0, float(self.capacity)),)
        return tuple((float(head), float(discharge)) for head, discharge in self.capacity)

    def _check_capacity(self) -> None:
        if isinstance(self.capacity, int | float):
            _check_number(self.name, "capacity", self.capacity, least=0.0)
            return
        if len(self.capacity) < 1 or any(len(point) != 2 for point in self.capacity):
            raise ValueError(
                f"pump {self.name!r}: capacity is {self.capacity!r}; give a number in m3/s or "
                "points (head in m, discharge in m3/s)"
            )
        heads = [head for head, _ in self.curve]
        for head, discharge in self.curve:
            _check_number(self.name, "capacity at a head", discharge, least=0.0)
            _check_number(self.name, "head of the capacity", head)
        if any(b <= a for a, b in pairwise(heads)):
            raise ValueError(
                f"pump {self.name!r}: the heads of its capacity are {heads}; sort its points by "
                "rising head, each head once"
            )


@dataclass(frozen=True)
class Bridge:
    """A deck over faces between cells: it narrows, and stops high water from passing freely.

    Below the soffit the flow is free, but for the loss behind its piers. Once the water touches
    the soffit it is pressed through the opening, and above the deck it flows over it as over a
    weir.

    Args:
        name: unique among the structures of a run.
        faces: (axis, row, column) each: ("x", j, i) is the face between columns i - 1 and i of
            row j, ("y", j, i) that between rows j - 1 and j of column i.
        soffit: level of the underside of the deck, m.
        top: level over which water flows across the deck, m; infinite where it never does.
        pier_share: share of the width that piers block, 0 to below 1.
        sluice_coefficient: of discharge while the water touches the upstream side alone, 0.3 to
            0.6 (HEC-RAS: typically 0.5).
        orifice_coefficient: of discharge while the opening is drowned, 0.7 to 0.9 (HEC-RAS:
            typically 0.8).
        weir_coefficient: of discharge over the deck; 1 for critical flow without losses, 0.85 for
            a deck with parapets.
    """

    name: str
    faces: tuple[Face, ...]
    soffit: float
    top: float = math.inf
    pier_share: float = 0.0
    sluice_coefficient: float = 0.5
    orifice_coefficient: float = 0.8
    weir_coefficient: float = 0.85

    def __post_init__(self) -> None:
        if not self.faces:
            raise ValueError(f"bridge {self.name!r}: faces is empty; name at least one face")
        for face in self.faces:
            if not (isinstance(face, tuple | list) and len(face) == 3 and face[0] in ("x", "y")):
                raise ValueError(
                    f'bridge {self.name!r}: faces holds {face!r}; give ("x" or "y", row, column)'
                )
        _check_number(self.name, "soffit", self.soffit)
        if math.isnan(self.top) or self.top < self.soffit:
            raise ValueError(
                f"bridge {self.name!r}: top {self.top} m must not lie below soffit {self.soffit} m"
            )
        if not 0.0 <= self.pier_share < 1.0:
            raise ValueError(
                f"bridge {self.name!r}: pier_share is {self.pier_share}; it is a share of the "
                "width, at least 0 and below 1"
            )
        for field in ("sluice_coefficient", "orifice_coefficient", "weir_coefficient"):
            _check_number(self.name, field, getattr(self, field), least=0.0)


Link = Weir | Gate | Culvert | Pump
"""Structures that move water between two cells."""
Structure = Link | Bridge


def _check_ends(name: str, from_cell: object, to_cell: object) -> None:
    check_cell(f"structure {name!r}", "from_cell", from_cell)
    check_cell(f"structure {name!r}", "to_cell", to_cell)
    assert isinstance(from_cell, Iterable)
    assert isinstance(to_cell, Iterable)
    if tuple(from_cell) == tuple(to_cell):
        raise ValueError(
            f"structure {name!r}: from_cell and to_cell are both {tuple(from_cell)}; give the "
            "cells on its two sides"
        )


def _check_number(name: str, field: str, value: float, least: float = -math.inf) -> None:
    if not math.isfinite(value) or value < least:
        wanted = "a finite number" if least == -math.inf else f"finite and at least {least:g}"
        raise ValueError(f"structure {name!r}: {field} is {value}; it must be {wanted}")


def _check_rules(name: str, rules: Iterable[object]) -> None:
    for rule in rules:
        if not isinstance(rule, Rule):
            raise ValueError(f"structure {name!r}: rules holds {rule!r}; give Rule(when=, set=)")
