"""Where a line crosses the links between cells.

A link joins the centres of two neighbouring cells; cells outside the grid count as neighbours of
those at its edge. A line crosses a link or it does not, in whole numbers, without rounding: its
vertices are first rounded to 1/65536 of a cell, and a line that runs exactly through a centre or
ends on a link is taken as shifted by less than any number, a little to the north and far less to
the east (Edelsbrunner and Mücke 1990, "Simulation of simplicity", doi:10.1145/77635.77639). What
follows: the cells on the two sides of a line that parts the grid are joined by no link that is
not crossed, so a dike does not leak at its corners.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from anlan.simulation.record import Line

Axis = Literal["x", "y"]
# A cell in the whole numbers of the crossing rule.
CELL = 1 << 16


class Crossing(NamedTuple):
    """One link, crossed once.

    Attributes:
        axis: "x" for a link along a row, "y" for one along a column.
        row, column: of its face: face (j, i) of axis x lies between the cells (j, i-1) and (j, i),
            face (j, i) of axis y between (j-1, i) and (j, i).
        sign: +1 where flow towards rising columns (rows) passes to the left-hand side of the
            line, -1 where it passes to the right.
        along: distance from the begin of the line, m.
    """

    axis: Axis
    row: int
    column: int
    sign: int
    along: float


@dataclass(frozen=True)
class Lattice:
    """The centres of a grid: outer south-west corner, cell and size."""

    x0: float
    y0: float
    dx: float
    ny: int
    nx: int

    def crossings(self, line: Line) -> list[Crossing]:
        """Every link that ``line`` crosses, in no order; twice where it crosses twice."""
        found: list[Crossing] = []
        begin = 0.0
        for a, b in itertools.pairwise(line):
            length = float(np.hypot(b[0] - a[0], b[1] - a[1]))
            found += self._segment(self._whole(a), self._whole(b), begin, length)
            begin += length
        return found

    def _whole(self, point: tuple[float, float]) -> tuple[int, int]:
        x = (point[0] - self.x0) / self.dx
        y = (point[1] - self.y0) / self.dx
        return round(x * CELL), round(y * CELL)

    def _segment(
        self, p: tuple[int, int], q: tuple[int, int], begin: float, length: float
    ) -> Iterator[Crossing]:
        run, rise = q[0] - p[0], q[1] - p[1]
        if rise:
            # A crossing exactly at a centre moves against the slope: the shift north dominates.
            east = run * rise <= 0
            for row in _between(p[1], q[1], self.ny):
                t = (2 * row + 1) * CELL - 2 * p[1]  # twice the rise to the centres of the row
                column = _centres_below(2 * p[0] * rise + t * run, 2 * rise, tie_counts=east)
                if 0 <= column <= self.nx:
                    share = t / (2 * rise)
                    yield Crossing("x", row, column, -1 if rise > 0 else 1, begin + share * length)
        if run:
            for column in _between(p[0], q[0], self.nx):
                t = (2 * column + 1) * CELL - 2 * p[0]
                row = _centres_below(2 * p[1] * run + t * rise, 2 * run, tie_counts=True)
                if 0 <= row <= self.ny:
                    share = t / (2 * run)
                    yield Crossing("y", row, column, 1 if run > 0 else -1, begin + share * length)


def _between(a: int, b: int, count: int) -> range:
    """Rows (columns) whose centre the span from a to b passes; a centre on its end lies below."""
    low, high = min(a, b), max(a, b)
    first = (2 * low + CELL) // (2 * CELL)  # centres above low: low < (k + 1/2) CELL
    last = (2 * high - CELL) // (2 * CELL)  # centres at or below high
    return range(max(first, 0), min(last, count - 1) + 1)


def _centres_below(over: int, under: int, tie_counts: bool) -> int:
    """How many centres, counted from the first of the grid, lie below ``over / under``."""
    if under < 0:
        over, under = -over, -under
    shifted, step = 2 * over - CELL * under, 2 * CELL * under
    if tie_counts:
        return shifted // step + 1
    return -(-shifted // step)


def level_along(
    line: Line, level: float | tuple[float, ...], along: ArrayLike
) -> NDArray[np.float64]:
    """A level given for a line or at each of its vertices, linear between, at distances along it.

    Args:
        line: its vertices.
        level: one number, or one for each vertex, m.
        along: distances from its begin, m; of any shape.
    """
    if not isinstance(level, tuple):
        return np.full(np.shape(along), level)
    return np.asarray(np.interp(np.asarray(along), vertex_distances(line), level))


def vertex_distances(line: Line) -> NDArray[np.float64]:
    """(vertices,) distance of each vertex from the begin of the line, m."""
    points = np.asarray(line)
    lengths = np.hypot(*np.diff(points, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(lengths)])


def nearest_along(line: Line, point: tuple[float, float]) -> float:
    """Distance along the line of its point nearest to ``point``, m."""
    return float(shapely.LineString(line).project(shapely.Point(point)))
