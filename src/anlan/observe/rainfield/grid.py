"""The one grid over a city and its surroundings on which all rain fields are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from anlan.city import City
from anlan.observe.rainfield.field import Array, Field, Frame, Window
from anlan.refusal import Refusal

CELL_M = 1000.0
AROUND_M = 50_000.0
"""Rain comes from outside: so far around the city it is kept, for nowcasting."""
MOST_PARTS = 5
MOST_CELLS = 20_000_000


@dataclass(frozen=True)
class Grid:
    """Square cells in the city's system; row 0 is the southernmost.

    Attributes:
        x0, y0: outer south-west corner [m]; dx: cell size [m].
    """

    crs: str
    x0: float
    y0: float
    dx: float
    shape: tuple[int, int]

    @property
    def key(self) -> str:
        """What tells this grid from another, for a folder's name."""
        ny, nx = self.shape
        crs = self.crs.replace(":", "").lower()
        return f"{crs}-{self.x0:.0f}-{self.y0:.0f}-{self.dx:.0f}-{ny}x{nx}"

    def centres(self) -> tuple[Array, Array]:
        """x (nx,), y (ny,) of the cell centres."""
        ny, nx = self.shape
        x = np.asarray(self.x0 + self.dx * (np.arange(nx) + 0.5), dtype=np.float64)
        return x, np.asarray(self.y0 + self.dx * (np.arange(ny) + 0.5), dtype=np.float64)

    def at(self, rain: Array, x: Array, y: Array) -> Array:
        """Values of ``rain`` (ny, nx) at points, bilinear; NaN outside or where none is known."""
        column = (x - self.x0) / self.dx - 0.5
        row = (y - self.y0) / self.dx - 0.5
        ny, nx = self.shape
        out = (row < -0.5) | (row > ny - 0.5) | (column < -0.5) | (column > nx - 0.5)
        found = bilinear(rain, np.clip(row, 0, ny - 1), np.clip(column, 0, nx - 1))
        return np.where(out, np.nan, found)


def grid_of(city: City) -> Grid:
    """The rain grid of a city: whole kilometres around its territory."""
    units = city.territory.units()
    shapes = [unit.polygon for unit in units if unit.polygon is not None]
    lon = [unit.lon for unit in units]
    lat = [unit.lat for unit in units]
    for shape in shapes:
        west, south, east, north = shapely.bounds(shape)
        lon += [west, east]
        lat += [south, north]
    x, y = city.to_xy(np.array(lon), np.array(lat))
    x0, y0 = ((float(np.min(v)) - AROUND_M) // CELL_M * CELL_M for v in (x, y))
    x1, y1 = (float(np.max(v)) + AROUND_M for v in (x, y))
    shape = (int(np.ceil((y1 - y0) / CELL_M)), int(np.ceil((x1 - x0) / CELL_M)))
    return Grid(city.crs, x0, y0, CELL_M, shape)


def bilinear(values: Array, row: Array, column: Array) -> Array:
    """``values`` at fractional places; cells without a value are left out of the mean.

    NaN where less than half of the weight has a value.
    """
    j, i = np.floor(row).astype(np.intp), np.floor(column).astype(np.intp)
    top, right = np.minimum(j + 1, values.shape[0] - 1), np.minimum(i + 1, values.shape[1] - 1)
    v, u = row - j, column - i
    total = np.zeros(row.shape)
    weight = np.zeros(row.shape)
    for at_row, at_column, w in (
        (j, i, (1 - v) * (1 - u)),
        (j, right, (1 - v) * u),
        (top, i, v * (1 - u)),
        (top, right, v * u),
    ):
        value = values[at_row, at_column]
        there = np.isfinite(value)
        total += np.where(there, value, 0.0) * w
        weight += there * w
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight >= 0.5, total / weight, np.nan)


def onto(field: Field, grid: Grid, city: City, name: str) -> Callable[[Frame], Array]:
    """A function that gives a frame of ``field`` on ``grid``: (ny, nx) mm, NaN where unknown.

    Cells finer than the grid's are averaged, coarser ones interpolated. Only the part of the file
    over the grid is read.

    Raises:
        Refusal: when the file does not cover the city.
    """
    parts = int(min(MOST_PARTS, max(1, round(grid.dx / max(field.geometry.cell_m, 1.0)))))
    step = grid.dx / parts
    ny, nx = grid.shape
    x = grid.x0 + step * (np.arange(nx * parts) + 0.5)
    y = grid.y0 + step * (np.arange(ny * parts) + 0.5)
    lon, lat = city.to_lonlat(*np.meshgrid(x, y))
    row, column = field.geometry.places(np.asarray(lon), np.asarray(lat))
    there = np.isfinite(row)
    middle = there[there.shape[0] // 2, there.shape[1] // 2]
    if not there.any() or not middle:
        root = city.territory.root
        raise Refusal(
            f"{name} covers {field.geometry.covers()}, and not {city.name} at {root.lon:.2f} E, "
            f"{root.lat:.2f} N; give a field over the city",
            field="grid",
            value=field.geometry.covers(),
            remedy="a field over the city",
        )
    window = _around(row[there], column[there], field.geometry.shape)
    cells = (window[0].stop - window[0].start) * (window[1].stop - window[1].start)
    if cells > MOST_CELLS:
        raise Refusal(
            f"{name} has {cells} cells of {field.geometry.cell_m:.0f} m over the city; at most "
            f"{MOST_CELLS} are read; give a coarser field",
            field="grid",
            value=cells,
            remedy="cells of 50 m or more",
        )
    row = np.where(there, row - window[0].start, 0.0)
    column = np.where(there, column - window[1].start, 0.0)

    def frame_on_grid(frame: Frame) -> Array:
        fine = np.where(there, bilinear(frame.read(window), row, column), np.nan)
        blocks = fine.reshape(ny, parts, nx, parts)
        known = np.isfinite(blocks).sum(axis=(1, 3))
        sums = np.nansum(blocks, axis=(1, 3))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(known * 2 >= parts * parts, sums / known, np.nan)

    return frame_on_grid


def _around(row: Array, column: Array, shape: tuple[int, int]) -> Window:
    found = []
    for places, size in ((row, shape[0]), (column, shape[1])):
        first = int(np.floor(places.min()))
        found.append(slice(max(0, first), min(size, int(np.ceil(places.max())) + 1)))
    return found[0], found[1]
