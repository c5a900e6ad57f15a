"""What a simulation will be, before it is run: grid, memory, step and time."""

from __future__ import annotations

import math
import time as clock
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from anlan.hydraulics import ShallowWater, Subgrid
from anlan.simulation.assembly import (
    assemble,
    has_tables,
    settings,
    stretches_of,
    threads_of,
)
from anlan.simulation.document import Simulation
from anlan.simulation.forcing import BoundaryTable
from anlan.simulation.grid import Grid
from anlan.simulation.rain import rain_frames
from anlan.simulation.records import gauges_of, sections_of
from anlan.simulation.run import warm_up
from anlan.simulation.series import TimeTable, read_series
from anlan.simulation.terrain import lay_grid

GRAVITY = 9.81
# Depth taken for the longest step where the file itself gives none, m.
ASSUMED_DEPTH = 1.0
# Bytes of a cell besides the core's: bed, roughness and masks in double precision, one output
# frame waiting to be written and one being written.
BYTES_AROUND = 8 + 8 + 1 + 3 * 4 * 4
# Bytes of a cell's sub-grid tables: 21 levels of the cell, 21 areas and roughnesses of two faces.
TABLES = 21 * 5 * 4 + 11 * 8
CALIBRATION_SIDE = 256
# Where the core holds the Courant number, below the limit of stability of each scheme.
COURANT = {"inertial": 0.66, "full": 0.70, "second_order": 0.45}


@dataclass(frozen=True)
class Outlook:
    """What `anlan simulate --explain` prints.

    Attributes:
        name: title of the simulation.
        columns, rows_: of the grid; cells: inside the domain.
        resolution: cell, m.
        extent: of the grid: west, south, east, north, m.
        crs: coordinate system, empty where none is named.
        memory_mb: estimate of the run's arrays.
        depth: largest depth that the file gives or, where it gives none, that is assumed, m.
        step: estimated step at that depth, s; steps: in all.
        rate: measured cell updates per second, here and now, all cells wet.
        wall_s: estimate of the time of the loop, all cells wet; less where much stays dry.
        frames: fields in `result.nc`, file_mb: their size before compression.
        features: what is used, in words.
    """

    name: str
    columns: int
    rows_: int
    cells: int
    resolution: float
    extent: tuple[float, float, float, float]
    crs: str
    memory_mb: float
    depth: float
    depth_known: bool
    step: float
    steps: int
    rate: float
    wall_s: float
    frames: int
    file_mb: float
    scheme: str
    precision: str
    device: str
    threads: int
    features: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        values = asdict(self)
        values["rows"] = values.pop("rows_")
        return values

    def rows(self) -> list[tuple[str, str]]:
        """(what, how much) in words."""
        west, south, east, north = self.extent
        source = "given by the file" if self.depth_known else "assumed"
        return [
            ("grid", f"{self.columns} columns × {self.rows_} rows of {self.resolution:g} m"),
            ("extent", f"x {west:g} to {east:g}, y {south:g} to {north:g}"),
            ("coordinate system", self.crs or "none named; taken for metres"),
            ("cells in the domain", f"{self.cells:,}"),
            ("memory", f"about {self.memory_mb:,.3g} MB of arrays"),
            ("scheme", f"{self.scheme}, {self.precision} precision"),
            ("machine", f"{self.device}, {self.threads} threads"),
            ("step", f"about {self.step:.3g} s at {self.depth:.3g} m of water ({source})"),
            ("steps", f"about {self.steps:,}"),
            ("rate measured now", f"{self.rate / 1e6:,.0f} M cell updates/s, all wet"),
            ("time", f"about {self.wall_s:,.3g} s if all is wet; dry land costs less"),
            ("fields", f"{self.frames} frames, {self.file_mb:,.0f} MB before compression"),
            ("uses", "\n".join(self.features)),
        ]


def explain(simulation: Simulation) -> Outlook:
    """Read everything a run would read, build its model, and measure how fast this machine is.

    Raises:
        Refusal: what a run would refuse.
    """
    grid = lay_grid(simulation.terrain, simulation.channels)
    model = assemble(simulation, grid)
    next(rain_frames(simulation.rain, grid, simulation.run.start))
    gauges_of(simulation, grid)
    sections_of(simulation, grid)
    cells = int(grid.active.sum())
    depth, known = _depth(simulation, grid, model)
    scheme = simulation.scheme
    courant = min(scheme.courant, COURANT[scheme.name])
    step = min(courant * grid.dx / math.sqrt(GRAVITY * depth), scheme.max_step)
    steps = math.ceil(simulation.run.duration / step)
    rate = _rate(simulation, min(cells, CALIBRATION_SIDE**2), has_tables(simulation, grid))
    frames = math.ceil(simulation.run.duration / simulation.run.frames_every) + 1
    return Outlook(
        name=simulation.run.name,
        columns=grid.nx,
        rows_=grid.ny,
        cells=cells,
        resolution=grid.dx,
        extent=(grid.x0, grid.y0, grid.x0 + grid.nx * grid.dx, grid.y0 + grid.ny * grid.dx),
        crs=grid.crs,
        memory_mb=float(f"{_memory(simulation, grid) / 1e6:.3g}"),
        depth=round(depth, 3),
        depth_known=known,
        step=step,
        steps=steps,
        rate=round(rate),
        wall_s=cells * steps / rate,
        frames=frames,
        file_mb=round(frames * grid.ny * grid.nx * 16 / 1e6, 1),
        scheme=scheme.name,
        precision=scheme.precision,
        device=scheme.device,
        threads=threads_of(simulation, grid.ny * grid.nx),
        features=tuple(_features(simulation, grid)),
    )


def _depth(simulation: Simulation, grid: Grid, model: ShallowWater) -> tuple[float, bool]:
    """The largest depth that the file itself speaks of, m, and whether it speaks of any."""
    found = [float(model.depth.max())]
    for table, faces in stretches_of(simulation.boundaries, grid):
        if table.kind == "level":
            beds = [grid.bed[face.cell] for face in faces]
            found.append(_highest(table) - float(min(beds)))
    deepest = max(found)
    return (deepest, True) if deepest > 0.01 else (ASSUMED_DEPTH, False)


def _highest(table: BoundaryTable) -> float:
    """The highest level of a boundary, m."""
    if table.value is not None:
        return table.value
    given = table.series
    assert given is not None
    series = given if isinstance(given, TimeTable) else read_series(given, "value")
    return float(series.values.max())


def _memory(simulation: Simulation, grid: Grid) -> float:
    """Bytes of the arrays of a run."""
    word = 4 if simulation.scheme.precision == "single" else 8
    tracked = 6 + 2 * len(simulation.output.depth_thresholds)
    each = (14 + tracked) * word + BYTES_AROUND
    if grid.fine is not None:
        each += 8 * grid.factor**2
    if has_tables(simulation, grid):
        each += TABLES
    return float(grid.ny * grid.nx * each)


def _rate(simulation: Simulation, cells: int, tables: bool) -> float:
    """Cell updates per second of a small flat basin of moving water, measured for a moment."""
    side = max(math.isqrt(cells), 16)
    x = np.arange(side) * (2.0 * math.pi / side)
    flat = np.zeros((side, side))
    if tables:
        cells_of = Subgrid.from_fine(flat, 1, 10.0, 0.03)
        model = ShallowWater(cells_of, 10.0, **settings(simulation, cells))
    else:
        model = ShallowWater(flat, 10.0, 0.03, **settings(simulation, cells))
    model.restore(model.still_water(1.0 + 0.05 * np.sin(x)[None, :] * np.sin(x)[:, None]))
    warm_up(model)
    steps, began = model.steps, clock.perf_counter()
    while (spent := clock.perf_counter() - began) < 0.3:
        model.run(30.0)
    return side * side * (model.steps - steps) / spent


def _features(simulation: Simulation, grid: Grid) -> list[str]:
    lists = {
        "boundary": simulation.boundaries,
        "source": simulation.sources,
        "barrier": simulation.barriers,
        "channel": simulation.channels,
        "structure": simulation.structures,
        "gauge": simulation.gauges,
        "section": simulation.sections,
    }
    found = []
    if grid.factor > 1:
        what = "tables" if has_tables(simulation, grid) else "mean ground"
        found.append(f"{what} of {grid.factor} × {grid.factor} finer cells in each cell")
    if simulation.terrain.buildings is not None:
        found.append(f"buildings ({simulation.terrain.building_mode})")
    if simulation.rain is not None:
        found.append("rain")
    if simulation.infiltration.model != "none":
        found.append(f"infiltration ({simulation.infiltration.model})")
    if simulation.evaporation is not None:
        found.append("evaporation")
    if simulation.wind is not None:
        found.append("wind")
    if simulation.drainage is not None:
        found.append("drainage")
    found += [f"{name}: {len(tables)}" for name, tables in lists.items() if tables]
    return found or ["closed basin, nothing added"]
