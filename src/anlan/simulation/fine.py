"""The greatest depth brought back to the finer ground, as a GeoTIFF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_origin

from anlan.hydraulics import fine_depth
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


def write_fine_depth(path: Path, grid: Grid, level: NDArray[Any]) -> None:
    """Write the depth on the finer ground as a GeoTIFF, north up, compressed.

    Args:
        path: of the file.
        grid: with finer ground.
        level: (ny, nx) m; NaN where there is no water.
    """
    assert grid.fine is not None
    depth = fine_depth(level, grid.fine, grid.factor).astype(np.float32)
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
