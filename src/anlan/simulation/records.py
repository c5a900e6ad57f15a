"""What is watched at points, lines and structures during a run, as rows of CSV files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import numpy as np

from anlan.hydraulics import ShallowWater
from anlan.refusal import Refusal
from anlan.simulation.document import Simulation
from anlan.simulation.grid import Cell, Grid
from anlan.simulation.lines import Axis


class Gauge:
    """A named cell."""

    def __init__(self, name: str, cell: Cell) -> None:
        self.name = name
        self.cell = cell


class Section:
    """A named set of faces.

    Args:
        name: of the section.
        faces: (axis, row, column, sign) of each link crossed; flow along rising columns or rows
            counts with its sign.
        dx: width of a face, m.
    """

    def __init__(self, name: str, faces: Sequence[tuple[Axis, int, int, int]], dx: float) -> None:
        self.name = name
        self._dx = dx
        self._at = {
            axis: tuple(
                np.array([face[k] for face in faces if face[0] == axis], np.int64)
                for k in (1, 2, 3)
            )
            for axis in ("x", "y")
        }

    def discharge(self, qx: Any, qy: Any) -> float:
        """Discharge to the left-hand side of the line, m3/s.

        Args:
            qx: (ny, nx+1) discharge per unit width at faces along rows, m2/s.
            qy: (ny+1, nx) the same along columns.
        """
        total = 0.0
        for q, (rows, columns, signs) in ((qx, self._at["x"]), (qy, self._at["y"])):
            total += float((q[rows, columns].astype(np.float64) * signs).sum())
        return total * self._dx


def gauges_of(simulation: Simulation, grid: Grid) -> list[Gauge]:
    """The gauges at their cells; `Refusal` where one lies outside the domain."""
    return [
        Gauge(table.name, grid.cell(table.point, f"[[gauge]] '{table.name}' point"))
        for table in simulation.gauges
    ]


def sections_of(simulation: Simulation, grid: Grid) -> list[Section]:
    """The sections at their faces; `Refusal` where one crosses no link of the domain."""
    found = []
    for table in simulation.sections:
        faces = [
            (c.axis, c.row, c.column, c.sign)
            for c in grid.crossings(table.polyline)
            if grid.holds((c.row, c.column))
            or grid.holds((c.row, c.column - 1) if c.axis == "x" else (c.row - 1, c.column))
        ]
        if not faces:
            raise Refusal(
                f"[[section]] '{table.name}' polyline crosses no link of the domain; lengthen it "
                f"or move it: the domain spans {grid.area_words()} and its cells measure "
                f"{grid.dx:g} m",
                field=f"[[section]] '{table.name}' polyline",
                value=table.polyline,
                remedy="a line that crosses the domain",
            )
        found.append(Section(table.name, faces, grid.dx))
    return found


class Records:
    """The three CSV files of a run, each there if it has something to watch.

    A row of `structures.csv` gives the mean discharge since the row before (0 in the first);
    the others are values of the moment. Every row is on disk before the run goes on.

    Args:
        folder: where the files go.
        simulation, grid: what is watched.
    """

    def __init__(self, folder: Path, simulation: Simulation, grid: Grid) -> None:
        self._gauges = gauges_of(simulation, grid)
        self._sections = sections_of(simulation, grid)
        self._moved = {table.name: 0.0 for table in simulation.structures}
        self._time = 0.0
        self._files: list[TextIO] = []
        self._to_gauges = self._open(
            folder / "gauges.csv", self._gauges, "time_s,name,depth,level,u,v"
        )
        self._to_sections = self._open(
            folder / "sections.csv", self._sections, "time_s,name,discharge"
        )
        self._to_structures = self._open(
            folder / "structures.csv", self._moved, "time_s,name,discharge"
        )

    @property
    def watch(self) -> bool:
        """Whether anything is watched."""
        return bool(self._files)

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files:
            file.close()

    def row(self, model: ShallowWater) -> None:
        """Write what all gauges, sections and structures show now."""
        time = f"{model.time:.10g}"
        if self._gauges:
            u, v = model.velocity
            depth, level = model.depth, model.level
            for gauge in self._gauges:
                values = (float(field[gauge.cell]) for field in (depth, level, u, v))
                self._to_gauges.writerow([time, gauge.name, *(f"{x:.6g}" for x in values)])
        for section in self._sections:
            discharge = section.discharge(*model.discharge)
            self._to_sections.writerow([time, section.name, f"{discharge:.6g}"])
        if self._moved:
            since = model.time - self._time
            volumes = model.budget.structures
            for name, before in self._moved.items():
                mean = (volumes[name] - before) / since if since > 0.0 else 0.0
                self._to_structures.writerow([time, name, f"{mean:.6g}"])
                self._moved[name] = volumes[name]
        self._time = model.time
        for file in self._files:
            file.flush()

    def _open(self, path: Path, watched: Any, header: str) -> Any:
        if not watched:
            return None
        file = path.open("w", newline="", encoding="utf-8")
        self._files.append(file)
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        return writer
