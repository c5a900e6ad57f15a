"""The tables of water that comes and goes: rain, losses, wind, boundaries, sources, drains."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from anlan.hydraulics.drainage import Inlet
from anlan.refusal import Refusal
from anlan.simulation.record import (
    FieldValue,
    Line,
    Point,
    Record,
    SeriesValue,
    exactly_one,
    key,
    refuse,
)

AIR_OVER_WATER = 1.225 / 1000.0


@dataclass(frozen=True, kw_only=True)
class Rain(Record):
    """Rain on every cell. One of `rate`, `series` and `field`."""

    rate: FieldValue | None = key("field", "steady rain", unit="mm/h", least=0.0)
    series: SeriesValue | None = key(
        "series",
        "columns `time_s,rate_mm_h`; a row holds from its time until the next row, the last to the "
        "end; no rain before the first",
    )
    field: Path | None = key(
        "file",
        "CF NetCDF file with dimensions time, y, x; a frame holds from its time until the next, "
        "the last to the end; no rain before the first",
    )
    interpolation: str = key(
        "choice",
        "how a cell reads a `field`",
        choices=("nearest", "bilinear"),
        default="nearest",
    )

    def check(self) -> None:
        exactly_one(self, ("rate", "series", "field"))


# What each model needs, and what it can do without.
INFILTRATION: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "none": ((), ()),
    "constant": (("rate",), ()),
    "horton": (("initial", "final", "decay"), ("recovery",)),
    "green_ampt": (("conductivity", "suction", "deficit"), ("recovery",)),
}
_PARAMETERS = (
    "rate", "initial", "final", "decay", "conductivity", "suction", "deficit", "recovery",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Infiltration(Record):
    """Water that the ground takes, never more than is there."""

    model: str = key(
        "choice",
        "`constant` needs `rate`; `horton` needs `initial`, `final`, `decay`; `green_ampt` needs "
        "`conductivity`, `suction`, `deficit`",
        choices=tuple(INFILTRATION),
        default="none",
    )
    rate: FieldValue | None = key("field", "capacity", unit="mm/h", least=0.0)
    initial: FieldValue | None = key("field", "capacity of dry ground", unit="mm/h", least=0.0)
    final: FieldValue | None = key("field", "capacity of wet ground", unit="mm/h", least=0.0)
    decay: FieldValue | None = key("field", "decay of the capacity", unit="1/h", least=0.0)
    conductivity: FieldValue | None = key(
        "field", "saturated hydraulic conductivity", unit="mm/h", least=0.0
    )
    suction: FieldValue | None = key(
        "field", "suction head at the wetting front", unit="m", least=0.0
    )
    deficit: FieldValue | None = key(
        "field", "moisture deficit at the start", unit="-", least=0.0, most=1.0
    )
    recovery: FieldValue | None = key(
        "field",
        "`horton` and `green_ampt`: recovery of the capacity while the ground is dry",
        unit="1/h",
        least=0.0,
        default_doc="0",
    )

    def check(self) -> None:
        needed, optional = INFILTRATION[self.model]
        for name in needed:
            if getattr(self, name) is None:
                raise Refusal(
                    f'model = "{self.model}" lacks {name}; it needs {", ".join(needed)}',
                    field=name,
                    remedy=f"give {name}",
                )
        for name in _PARAMETERS:
            value = getattr(self, name)
            if value is not None and name not in needed + optional:
                fits = [m for m, (a, b) in INFILTRATION.items() if name in a + b]
                raise refuse(
                    name,
                    value,
                    f'does not belong to model = "{self.model}"',
                    f"leave it out, or choose model {' or '.join(fits)}",
                )


@dataclass(frozen=True, kw_only=True)
class Evaporation(Record):
    """Water that the air takes from wet cells."""

    rate: float = key("number", "steady evaporation", unit="mm/h", least=0.0, required=True)


@dataclass(frozen=True, kw_only=True)
class Wind(Record):
    """Wind over the water; its stress is `drag` × density of air × speed²."""

    speed: float = key("number", "10 m above the water", unit="m/s", least=0.0, required=True)
    direction: float = key(
        "number",
        "where it comes from, clockwise from north: 90 is an east wind",
        unit="degrees",
        least=0.0,
        most=360.0,
        required=True,
    )
    drag: float = key("number", "drag coefficient", unit="-", least=0.0, most=0.1, default=0.0013)

    @property
    def stress(self) -> tuple[float, float]:
        """Towards the east and the north, over the density of water, m2/s2."""
        size = AIR_OVER_WATER * self.drag * self.speed**2
        towards = math.radians(self.direction + 180.0)
        return size * math.sin(towards), size * math.cos(towards)


@dataclass(frozen=True, kw_only=True)
class BoundaryTable(Record):
    """What happens on a stretch of the domain's edge. Everywhere else the edge is closed.

    One of `side` and `polyline`. Where two stretches share a face, the later one holds.
    """

    side: Literal["west", "east", "south", "north"] | None = key(
        "choice",
        "the outermost edge of each row or column on that side",
        choices=("west", "east", "north", "south"),
    )
    from_: float | None = key(
        "number",
        "begin of the stretch: y on west and east, x on north and south; cells whose centre lies "
        "within it belong",
        unit="m",
        name="from",
        default_doc="all of the side",
    )
    to: float | None = key("number", "end of the stretch", unit="m", default_doc="all of the side")
    polyline: Line | None = key(
        "polyline", "a line: the edges whose link out of the domain it crosses"
    )
    kind: Literal["closed", "open", "level", "discharge", "normal_depth"] = key(
        "choice",
        "`closed`: a wall; `open`: water leaves freely; `level`: the water outside stands at the "
        "value; `discharge`: the value enters, spread by conveyance; `normal_depth`: water "
        "leaves as uniform flow down `slope`",
        choices=("closed", "open", "level", "discharge", "normal_depth"),
        required=True,
    )
    value: float | None = key(
        "number",
        "of `level` (m), of `discharge` (m3/s for the whole stretch, positive into the domain)",
        unit="m or m3/s",
    )
    series: SeriesValue | None = key(
        "series", "columns `time_s,value` in place of `value`, linear between rows"
    )
    slope: float | None = key(
        "number", "bed slope outside, for `normal_depth`", unit="-", above=0.0, most=1.0
    )

    def check(self) -> None:
        exactly_one(self, ("side", "polyline"))
        if self.polyline is not None and (self.from_ is not None or self.to is not None):
            raise Refusal(
                "has from or to beside a polyline; they belong to side; leave them out",
                field="from",
                value=self.from_,
                remedy="leave from and to out",
            )
        if self.from_ is not None and self.to is not None and self.from_ >= self.to:
            raise refuse(
                "from", self.from_, f"does not lie below to = {self.to:g}", "swap or widen them"
            )
        if self.kind in ("level", "discharge"):
            exactly_one(self, ("value", "series"))
        else:
            for name in ("value", "series"):
                if getattr(self, name) is not None:
                    raise refuse(
                        name,
                        getattr(self, name),
                        f'does not belong to kind = "{self.kind}"',
                        'leave it out, or choose kind "level" or "discharge"',
                    )
        if (self.slope is not None) != (self.kind == "normal_depth"):
            if self.slope is None:
                raise Refusal(
                    'kind = "normal_depth" lacks slope; give the bed slope, such as 0.001',
                    field="slope",
                    remedy="slope = 0.001",
                )
            raise refuse(
                "slope",
                self.slope,
                f'does not belong to kind = "{self.kind}"',
                'leave it out, or choose kind "normal_depth"',
            )


@dataclass(frozen=True, kw_only=True)
class SourceTable(Record):
    """Water put in (or taken out) inside the domain. One of `point` and `polygon`."""

    point: Point | None = key("point", "its place")
    polygon: Line | None = key("polygon", "its area: the cells whose centre lies inside")
    radius: float | None = key(
        "number",
        "with `point`: the cells whose centre lies within it share the discharge evenly",
        unit="m",
        above=0.0,
        default_doc="the cell that holds the point",
    )
    discharge: float | None = key(
        "number", "in all; negative takes out, never more than is there", unit="m3/s"
    )
    series: SeriesValue | None = key(
        "series", "columns `time_s,discharge` in place of `discharge`, linear between rows"
    )

    def check(self) -> None:
        exactly_one(self, ("point", "polygon"))
        exactly_one(self, ("discharge", "series"))
        if self.radius is not None and self.point is None:
            raise refuse("radius", self.radius, "belongs to point", "leave it out with a polygon")


_INLET = Inlet()


@dataclass(frozen=True, kw_only=True)
class DrainageTable(Record):
    """Drains below the ground: a network whose nodes exchange with the cell that holds them.

    Nodes without coordinates or outside the domain keep to the network.
    """

    swmm: Path = key(
        "file",
        "EPA-SWMM input file, coordinates in the terrain's system; its times begin with the "
        "simulation",
        required=True,
    )
    outfalls: str = key(
        "choice",
        "`surface`: an outfall in the domain discharges into its cell and feels its level; "
        "`file`: all do as the file says",
        choices=("surface", "file"),
        default="surface",
    )
    weir_length: float = key(
        "number",
        "of every inlet: rim over which water falls in",
        unit="m",
        least=0.0,
        default=_INLET.weir_length,
    )
    orifice_area: float = key(
        "number",
        "of every inlet: clear openings",
        unit="m2",
        least=0.0,
        default=_INLET.orifice_area,
    )
    weir_coefficient: float = key(
        "number",
        "c in Q = c L d^1.5",
        unit="m^0.5/s",
        least=0.0,
        default=_INLET.weir_coefficient,
    )
    orifice_coefficient: float = key(
        "number", "of discharge", unit="-", least=0.0, default=_INLET.orifice_coefficient
    )
