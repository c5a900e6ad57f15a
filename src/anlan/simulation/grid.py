"""The computational grid: from map coordinates to cells and faces."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from anlan.refusal import Refusal
from anlan.simulation.lines import Axis, Lattice
from anlan.simulation.record import Line, Point

Cell = tuple[int, int]
Side = Literal["west", "east", "south", "north"]


@dataclass(frozen=True)
class EdgeFace:
    """A face between a cell of the domain and the outside.

    Attributes:
        axis, row, column: of the face, as in `anlan.simulation.lines.Crossing`.
        cell: (row, column) of the cell inside.
        side: of that cell on which the outside lies.
    """

    axis: Axis
    row: int
    column: int
    cell: Cell
    side: Side


@dataclass(frozen=True, eq=False)
class Grid(Lattice):
    """Square cells in rows from the south and columns from the west.

    Attributes:
        bed: (ny, nx) ground at cells, m: the mean of the finer ground where there is one; NaN
            outside the domain.
        active: (ny, nx) cells of the domain.
        crs: coordinate system; empty where the terrain names none.
        factor: cells of the finer ground along a computational cell.
        fine: (ny factor, nx factor) finer ground with its channels, m, NaN where there is none or
            a building stands; None where ``factor`` is 1 and no building is porous.
        porosity: share of each cell of the finer ground that is open to water; None where it is
            all or nothing.
    """

    bed: NDArray[np.float64]
    active: NDArray[np.bool_]
    crs: str
    factor: int = 1
    fine: NDArray[np.float64] | None = None
    porosity: NDArray[np.float64] | None = None

    @property
    def x(self) -> NDArray[np.float64]:
        """(nx,) centres of the columns, m."""
        return np.asarray(self.x0 + (np.arange(self.nx) + 0.5) * self.dx, np.float64)

    @property
    def y(self) -> NDArray[np.float64]:
        """(ny,) centres of the rows, m, rising."""
        return np.asarray(self.y0 + (np.arange(self.ny) + 0.5) * self.dx, np.float64)

    def finer(self) -> Grid:
        """The grid of the finer ground."""
        assert self.fine is not None
        wide = self.active.repeat(self.factor, axis=0).repeat(self.factor, axis=1)
        return Grid(
            x0=self.x0,
            y0=self.y0,
            dx=self.dx / self.factor,
            ny=self.ny * self.factor,
            nx=self.nx * self.factor,
            bed=self.fine,
            active=wide & np.isfinite(self.fine),
            crs=self.crs,
        )

    def cell(self, point: Point, what: str) -> Cell:
        """The cell of the domain that holds a point.

        Raises:
            Refusal: the point lies outside the grid, or where the terrain has no data.
        """
        row = math.floor((point[1] - self.y0) / self.dx)
        column = math.floor((point[0] - self.x0) / self.dx)
        # a point on the outer northern or eastern edge belongs to the last cell
        row -= row == self.ny and point[1] <= self.y0 + self.ny * self.dx
        column -= column == self.nx and point[0] <= self.x0 + self.nx * self.dx
        if not (0 <= row < self.ny and 0 <= column < self.nx):
            raise self._outside(what, point, "lies outside the terrain")
        if not self.active[row, column]:
            raise self._outside(
                what, point, "lies where the terrain has no data or a building stands"
            )
        return row, column

    def cells_within(self, area: shapely.Geometry) -> list[Cell]:
        """Cells of the domain whose centre lies in an area, row by row."""
        west, south, east, north = area.bounds
        rows = np.flatnonzero((self.y >= south) & (self.y <= north))
        columns = np.flatnonzero((self.x >= west) & (self.x <= east))
        xs, ys = np.meshgrid(self.x[columns], self.y[rows])
        shapely.prepare(area)
        inside = shapely.intersects_xy(area, xs, ys) & self.active[np.ix_(rows, columns)]
        return [(int(rows[j]), int(columns[i])) for j, i in np.argwhere(inside)]

    def side(self, side: Side, low: float | None, high: float | None) -> list[EdgeFace]:
        """The outermost faces of the domain on one side, whose cell's centre lies in a span.

        Args:
            side: of the domain.
            low, high: span along the side, map coordinates, m; None means without end.
        """
        along_rows = side in ("west", "east")
        active = self.active if along_rows else self.active.T
        centres = self.y if along_rows else self.x
        last = side in ("east", "north")
        found = []
        for k in np.flatnonzero(active.any(axis=1)):
            if (low is not None and centres[k] < low) or (high is not None and centres[k] > high):
                continue
            line = np.flatnonzero(active[k])
            end = int(line[-1] if last else line[0])
            cell = (int(k), end) if along_rows else (end, int(k))
            found.append(self._edge(cell, side))
        return found

    def edge_crossed(self, line: Line) -> list[EdgeFace]:
        """The faces between the domain and the outside whose link a line crosses."""
        found: dict[tuple[Axis, int, int], EdgeFace] = {}
        for axis, row, column, _, _ in self.crossings(line):
            before = (row, column - 1) if axis == "x" else (row - 1, column)
            inside = [self.holds(before), self.holds((row, column))]
            if inside[0] == inside[1]:
                continue
            sides: tuple[Side, Side] = ("east", "west") if axis == "x" else ("north", "south")
            cell, side = (before, sides[0]) if inside[0] else ((row, column), sides[1])
            found[axis, row, column] = self._edge(cell, side)
        return list(found.values())

    def holds(self, cell: Cell) -> bool:
        """Whether a cell lies in the domain."""
        row, column = cell
        return 0 <= row < self.ny and 0 <= column < self.nx and bool(self.active[row, column])

    def area_words(self) -> str:
        """The extent of the grid in words, for sentences."""
        return (
            f"x {self.x0:g} to {self.x0 + self.nx * self.dx:g}, "
            f"y {self.y0:g} to {self.y0 + self.ny * self.dx:g}"
        )

    def _edge(self, cell: Cell, side: Side) -> EdgeFace:
        row, column = cell
        axis: Axis = "x" if side in ("west", "east") else "y"
        return EdgeFace(axis, row + (side == "north"), column + (side == "east"), cell, side)

    def _outside(self, what: str, point: Point, sentence: str) -> Refusal:
        x, y = point
        return Refusal(
            f"{what} ({x:g}, {y:g}) {sentence}; give a point within {self.area_words()}",
            field=what,
            value=point,
            remedy=f"a point within {self.area_words()}",
        )
