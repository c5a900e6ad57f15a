"""The greatest depth brought back to the finer ground, as a GeoTIFF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_origin

from anlan.refusal import Refusal
from anlan.simulation.document import Simulation
from anlan.simulation.grid import Grid

FINE = "max_depth_fine.tif"


def check_fine(simulation: Simulation, grid: Grid) -> None:
    """Refuse a fine depth where there is no finer ground."""
    if simulation.output.fine and grid.fine is None:
        raise Refusal(
            "[output] fine = true needs ground finer than the computational cells; give [terrain] "
            "resolution, or leave fine out",
            field="[output] fine",
            value=True,
            remedy="[terrain] resolution",
        )


def fine_depth(grid: Grid, level: NDArray[Any]) -> NDArray[np.float32]:
    """Depth on the finer ground under the level of each cell.

    Args:
        grid: with finer ground.
        level: (ny, nx) m; NaN where there is no water.

    Returns:
        (ny factor, nx factor) m, 0 above the water, NaN where there is no ground.
    """
    assert grid.fine is not None
    wide = np.nan_to_num(level, nan=-np.inf).repeat(grid.factor, 0).repeat(grid.factor, 1)
    depth = np.maximum(wide - grid.fine, 0.0)
    return np.where(np.isfinite(grid.fine), depth, np.nan).astype(np.float32)


def write_fine_depth(path: Path, grid: Grid, level: NDArray[Any]) -> None:
    """Write `fine_depth` as a GeoTIFF, north up, compressed."""
    depth = fine_depth(grid, level)
    rows, columns = depth.shape
    cell = grid.dx / grid.factor
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        dtype="float32",
        crs=grid.crs or None,
        transform=from_origin(grid.x0, grid.y0 + rows * cell, cell, cell),
        nodata=np.nan,
        compress="deflate",
        predictor=3,
    ) as target:
        target.write(depth[::-1], 1)
        target.set_band_description(1, "greatest water depth, m")
