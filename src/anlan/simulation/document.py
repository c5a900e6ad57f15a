"""What a simulation is: the tables of a simulation file as typed, frozen records.

Lengths in m, levels in m on the datum of the terrain, times in s since the start; rates of rain,
infiltration and evaporation in mm/h. `anlan.simulation.forcing` holds the tables of water that
comes and goes, this module those of ground, scheme and output, and the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anlan.refusal import Refusal
from anlan.simulation.forcing import (
    BoundaryTable,
    DrainageTable,
    Evaporation,
    Infiltration,
    Rain,
    SourceTable,
    Wind,
)
from anlan.simulation.raster import Raster
from anlan.simulation.record import FieldValue, Line, Point, Record, key, refuse
from anlan.simulation.structure import StructureTable


@dataclass(frozen=True, kw_only=True)
class Run(Record):
    """How long, and how often something is written."""

    name: str = key("text", "free text, the title of the result", default="simulation")
    duration: float = key("number", "time to simulate", unit="s", above=0.0, required=True)
    output_interval: float | None = key(
        "number",
        "time between two fields in `result.nc`; the first is the start, the last `duration`",
        unit="s",
        above=0.0,
        default_doc="`duration`",
    )
    gauge_interval: float | None = key(
        "number",
        "time between two rows of `gauges.csv`, `sections.csv` and `structures.csv`",
        unit="s",
        above=0.0,
        default_doc="`output_interval`",
    )
    start: datetime | None = key(
        "time",
        "moment at which time is 0, such as 2021-07-25T00:00:00Z; makes the times of the result "
        "absolute. A moment without a zone is UTC",
        default_doc="times are relative",
    )

    @property
    def frames_every(self) -> float:
        """Interval of the fields, s."""
        return self.output_interval or self.duration

    @property
    def gauges_every(self) -> float:
        """Interval of the rows of gauges, sections and structures, s."""
        return self.gauge_interval or self.frames_every


@dataclass(frozen=True, kw_only=True)
class Terrain(Record):
    """The ground, and the grid laid over it."""

    elevation: Path | Raster = key(
        "raster",
        "raster of the ground above the datum. No data is outside the domain: a closed wall unless "
        "a boundary says otherwise. Without a coordinate system its units are taken for metres",
        unit="m",
        required=True,
    )
    resolution: float | None = key(
        "number",
        "computational cell, a whole multiple of the raster's",
        unit="m",
        above=0.0,
        default_doc="the raster's cell",
    )
    subgrid: bool = key(
        "flag",
        "where the ground is finer than the cells: whether they keep what it stores and lets "
        "through at each level, with its ditches, dikes and buildings, or its mean alone. Scheme "
        "`second_order` and device `cuda` take the mean alone, `[[channel]]` and porous buildings "
        "do without it",
        default=True,
    )
    buildings: Path | None = key(
        "file",
        "footprints as polygons in any vector file that GDAL reads, in the raster's system",
        default_doc="none",
    )
    building_mode: str = key(
        "choice",
        "`block`: no water inside, walls all round (rain on it is not counted); `raise`: the "
        "ground is lifted by `building_height`, rain runs off the roof; `porous`: part of the "
        "ground inside, `building_porosity`, stays open to water",
        choices=("block", "raise", "porous"),
        default="block",
    )
    building_height: float = key(
        "number", "lift of the ground for `raise`", unit="m", above=0.0, default=5.0
    )
    building_porosity: float = key(
        "number",
        "share of a building's ground that stays open for `porous`",
        unit="-",
        least=0.0,
        most=1.0,
        default=0.3,
    )


@dataclass(frozen=True, kw_only=True)
class Roughness(Record):
    """Friction of the ground."""

    manning: FieldValue = key(
        "field",
        "Manning's n; 0 is frictionless",
        unit="s m^-1/3",
        least=0.0,
        most=10.0,
        default=0.035,
    )


@dataclass(frozen=True, kw_only=True)
class Scheme(Record):
    """The equations and the machine."""

    name: str = key(
        "choice",
        "`inertial`: without advection, for rain and slow floods on rough ground; `full`: with "
        "advection, for everything; `second_order`: the referee, for breaches and gate releases, "
        "several times dearer",
        choices=("inertial", "full", "second_order"),
        default="full",
    )
    courant: float = key(
        "number",
        "share of cell / (speed + wave speed) that a step takes",
        unit="-",
        above=0.0,
        most=1.0,
        default=0.7,
    )
    device: str = key(
        "choice",
        "where it is computed; `cuda` is an NVIDIA GPU, for the staggered schemes",
        choices=("cpu", "cuda"),
        default="cpu",
    )
    threads: int | None = key(
        "integer",
        "processor cores to use",
        least=1,
        default_doc="one for each 20,000 cells, at most all that this process may use",
    )
    precision: str = key(
        "choice",
        "of depths and discharges: 32 or 64 bits",
        choices=("single", "double"),
        default="single",
    )
    max_step: float = key("number", "longest step", unit="s", above=0.0, default=60.0)


@dataclass(frozen=True, kw_only=True)
class Initial(Record):
    """The water at the start. Left out, the ground is dry."""

    level: FieldValue | None = key(
        "field", "level up to which ground below it is filled", unit="m", default_doc="dry"
    )
    depth: FieldValue | None = key("field", "depth", unit="m", least=0.0, default_doc="dry")
    discharge_x: FieldValue | None = key(
        "field", "discharge per unit width towards the east", unit="m2/s", default_doc="still"
    )
    discharge_y: FieldValue | None = key(
        "field", "discharge per unit width towards the north", unit="m2/s", default_doc="still"
    )

    def check(self) -> None:
        if self.level is not None and self.depth is not None:
            raise Refusal(
                "gives level and depth; give one of them", field="depth", remedy="level or depth"
            )


@dataclass(frozen=True, kw_only=True)
class BreachTable(Record):
    """A gap that opens in a barrier."""

    time: float = key("number", "begin of the fall", unit="s", least=0.0, required=True)
    crest: float = key("number", "level to which the crest falls", unit="m", required=True)
    width: float = key(
        "number",
        "length of line that falls: the links that the line crosses within half of it from the "
        "middle of the gap, at least one",
        unit="m",
        above=0.0,
        required=True,
    )
    duration: float = key("number", "time of the fall, linear", unit="s", least=0.0, default=0.0)
    point: Point | None = key(
        "point", "middle of the gap; its nearest point on the line", default_doc="half way along"
    )


@dataclass(frozen=True, kw_only=True)
class BarrierTable(Record):
    """A dike, wall or embankment: a line that water crosses over its crest only."""

    polyline: Line = key("polyline", "the line; it blocks every link it crosses", required=True)
    crest: float | tuple[float, ...] = key(
        "number or numbers",
        "level of the crest, one number or one per vertex, linear between",
        unit="m",
        required=True,
    )
    breach: BreachTable | None = key(
        "table", "a gap that opens", record=BreachTable, default_doc="holds"
    )

    def check(self) -> None:
        if isinstance(self.crest, tuple) and len(self.crest) != len(self.polyline):
            raise refuse(
                "crest",
                self.crest,
                f"has {len(self.crest)} numbers, the polyline {len(self.polyline)} vertices",
                "give one number, or one for each vertex",
            )


@dataclass(frozen=True, kw_only=True)
class ChannelTable(Record):
    """A canal or ditch narrower than a cell, dug into the finer ground that the cells keep."""

    polyline: Line = key("polyline", "its centre line", required=True)
    width: float = key("number", "width, banks upright", unit="m", above=0.0, required=True)
    bed: float | tuple[float, ...] = key(
        "number or numbers",
        "level of its bed, one number or one per vertex, linear between",
        unit="m",
        required=True,
    )

    def check(self) -> None:
        if isinstance(self.bed, tuple) and len(self.bed) != len(self.polyline):
            raise refuse(
                "bed",
                self.bed,
                f"has {len(self.bed)} numbers, the polyline {len(self.polyline)} vertices",
                "give one number, or one for each vertex",
            )


@dataclass(frozen=True, kw_only=True)
class GaugeTable(Record):
    """A point whose depth, level and velocity are written to `gauges.csv`."""

    name: str = key("text", "in the file", required=True)
    point: Point = key("point", "its place; the cell that holds it answers", required=True)


@dataclass(frozen=True, kw_only=True)
class SectionTable(Record):
    """A line whose discharge is written to `sections.csv`."""

    name: str = key("text", "in the file", required=True)
    polyline: Line = key(
        "polyline",
        "its line; discharge is positive to the left-hand side of its direction",
        required=True,
    )


@dataclass(frozen=True, kw_only=True)
class Output(Record):
    """What the result holds besides fields in time."""

    depth_thresholds: tuple[float, ...] = key(
        "numbers",
        "depths of `arrival_time` and `duration_above`",
        unit="m",
        above=0.0,
        default=(0.05, 0.15, 0.30),
    )
    fine: bool = key(
        "flag",
        "where the ground is finer than the cells: also the greatest depth on it, under the "
        "greatest level of each cell, in `max_depth_fine.tif`",
        default=False,
    )
    tracking_interval: float = key(
        "number",
        "longest time between two looks at maxima, arrival and duration",
        unit="s",
        above=0.0,
        default=10.0,
    )


@dataclass(frozen=True, kw_only=True)
class Simulation(Record):
    """A whole simulation, from a file or made in Python.

    In Python a raster may stand for the path of one, and a `TimeTable` for a CSV file.
    """

    run: Run = key("table", "", name="simulation", record=Run, required=True)
    terrain: Terrain = key("table", "", record=Terrain, required=True)
    roughness: Roughness = key("table", "", record=Roughness, default=Roughness())
    scheme: Scheme = key("table", "", record=Scheme, default=Scheme())
    initial: Initial = key("table", "", record=Initial, default=Initial())
    rain: Rain | None = key("table", "", record=Rain)
    infiltration: Infiltration = key("table", "", record=Infiltration, default=Infiltration())
    evaporation: Evaporation | None = key("table", "", record=Evaporation)
    wind: Wind | None = key("table", "", record=Wind)
    boundaries: tuple[BoundaryTable, ...] = key(
        "tables", "", name="boundary", record=BoundaryTable, default=()
    )
    sources: tuple[SourceTable, ...] = key(
        "tables", "", name="source", record=SourceTable, default=()
    )
    barriers: tuple[BarrierTable, ...] = key(
        "tables", "", name="barrier", record=BarrierTable, default=()
    )
    channels: tuple[ChannelTable, ...] = key(
        "tables", "", name="channel", record=ChannelTable, default=()
    )
    structures: tuple[StructureTable, ...] = key(
        "tables", "", name="structure", record=StructureTable, default=()
    )
    drainage: DrainageTable | None = key("table", "", record=DrainageTable)
    gauges: tuple[GaugeTable, ...] = key("tables", "", name="gauge", record=GaugeTable, default=())
    sections: tuple[SectionTable, ...] = key(
        "tables", "", name="section", record=SectionTable, default=()
    )
    output: Output = key("table", "", record=Output, default=Output())
    # What a reader of another format read differently or left aside, in sentences.
    notes: tuple[str, ...] = ()

    def check(self) -> None:
        _distinct("gauge", (gauge.name for gauge in self.gauges))
        _distinct("section", (section.name for section in self.sections))
        _distinct("structure", (structure.name for structure in self.structures))


def _distinct(table: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Refusal(
                f"[[{table}]] name '{name}' is used twice; give each {table} a name of its own",
                field=f"[[{table}]] name",
                value=name,
                remedy="another name",
            )
        seen.add(name)
