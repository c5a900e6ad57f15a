"""Numbers and rasters as values at the cells of the grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
from numpy.typing import NDArray

from anlan.refusal import Refusal
from anlan.simulation.grid import Grid
from anlan.simulation.raster import Raster, read_raster
from anlan.simulation.record import FieldValue, Key, check_value, keys, range_words


def at_cells(
    value: FieldValue, grid: Grid, what: str, limits: Key | None = None
) -> float | NDArray[np.float64]:
    """A key's number, or its raster at the cells of the grid.

    A raster of cells no larger than half the grid's is averaged over each cell, leaving out what
    has no data; a larger one is read at the cell's centre.

    Args:
        value: number, path of a raster, or raster.
        grid: where the values are wanted.
        what: table and key, for sentences.
        limits: range that every value must keep.

    Returns:
        The number, or (ny, nx), NaN outside the domain.

    Raises:
        Refusal: a raster that cannot be read, lies in another system, leaves cells of the domain
            without data, or holds a value outside the range.
    """
    if not isinstance(value, Path | Raster):
        return float(value)
    raster = value if isinstance(value, Raster) else read_raster(value, nameless=True)
    _same_system(raster, grid, what, value)
    at = _averaged(raster, grid) if grid.dx >= 2.0 * raster.dx else _sampled(raster, grid)
    at = np.where(grid.active, at, np.nan)
    missing = grid.active & ~np.isfinite(at)
    if missing.any():
        row, column = np.argwhere(missing)[0]
        raise Refusal(
            f"{what}: raster {value} has no data at {missing.sum()} cells of the domain, the first "
            f"at ({grid.x[column]:g}, {grid.y[row]:g}); extend it over {grid.area_words()}",
            field=what,
            value=value,
            remedy="a raster with data all over the domain",
        )
    if limits is not None:
        _keep_range(at, grid, what, limits)
    return at


def limits_of(record: type, attribute: str) -> Key:
    """The key of a record's attribute."""
    return keys(record)[attribute]


def _same_system(raster: Raster, grid: Grid, what: str, value: object) -> None:
    if raster.crs and grid.crs and pyproj.CRS(raster.crs) != pyproj.CRS(grid.crs):
        raise Refusal(
            f"{what}: raster {value} is in {raster.crs}, the terrain in {grid.crs}; reproject it "
            f"with `gdalwarp -t_srs {grid.crs}`",
            field=what,
            value=raster.crs,
            remedy=f"gdalwarp -t_srs {grid.crs}",
        )


def _keep_range(at: NDArray[np.float64], grid: Grid, what: str, limits: Key) -> None:
    for extreme, find in ((np.nanmin(at), np.nanargmin), (np.nanmax(at), np.nanargmax)):
        try:
            check_value(limits, what, float(extreme))
        except Refusal:
            row, column = np.unravel_index(int(find(at)), at.shape)
            raise Refusal(
                f"{what}: the raster holds {extreme:g} at ({grid.x[column]:g}, {grid.y[row]:g}), "
                f"outside its range; give {range_words(limits)} everywhere",
                field=what,
                value=float(extreme),
                remedy=range_words(limits),
            ) from None


def _sampled(raster: Raster, grid: Grid) -> NDArray[np.float64]:
    ny, nx = raster.values.shape
    rows = np.floor((grid.y - raster.y0) / raster.dx).astype(int)
    columns = np.floor((grid.x - raster.x0) / raster.dx).astype(int)
    at = raster.values[np.ix_(np.clip(rows, 0, ny - 1), np.clip(columns, 0, nx - 1))].copy()
    at[(rows < 0) | (rows >= ny), :] = np.nan
    at[:, (columns < 0) | (columns >= nx)] = np.nan
    return at


def _averaged(raster: Raster, grid: Grid) -> NDArray[np.float64]:
    """Mean over the raster's cells whose centre lies in each cell of the grid."""
    ny, nx = raster.values.shape
    ys = raster.y0 + (np.arange(ny) + 0.5) * raster.dx
    xs = raster.x0 + (np.arange(nx) + 0.5) * raster.dx
    rows = np.floor((ys - grid.y0) / grid.dx).astype(int)
    columns = np.floor((xs - grid.x0) / grid.dx).astype(int)
    within = np.ix_((rows >= 0) & (rows < grid.ny), (columns >= 0) & (columns < grid.nx))
    values = raster.values[within]
    flat = (
        rows[(rows >= 0) & (rows < grid.ny)][:, None] * grid.nx
        + columns[(columns >= 0) & (columns < grid.nx)][None, :]
    )
    good = np.isfinite(values)
    size = grid.ny * grid.nx
    count = np.bincount(flat[good], minlength=size)
    total = np.bincount(flat[good], weights=values[good], minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((total / count).reshape(grid.ny, grid.nx))
