"""Small terrains for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_origin

from anlan.simulation import Raster
from anlan.simulation.document import Terrain
from anlan.simulation.grid import Grid
from anlan.simulation.terrain import lay_grid

Rows = Sequence[Sequence[float]] | NDArray[Any]


def raster(values: Rows, dx: float = 10.0, x0: float = 100.0, y0: float = 200.0) -> Raster:
    """A raster from rows that begin in the south."""
    return Raster(values=np.array(values, np.float64), x0=x0, y0=y0, dx=dx, crs="")


def grid(values: Rows, resolution: float | None = None) -> Grid:
    """The grid over `raster` (values)."""
    return lay_grid(Terrain(elevation=raster(values), resolution=resolution))


def write_asc(path: Path, values: Rows, dx: float = 10.0, nodata: float = -9999.0) -> Path:
    """An ESRI ASCII grid with its corner at (0, 0), from rows that begin in the south."""
    rows = np.nan_to_num(np.array(values, np.float64), nan=nodata)[::-1]
    ny, nx = rows.shape
    head = (
        f"ncols {nx}\nnrows {ny}\nxllcorner 0\nyllcorner 0\ncellsize {dx}\nNODATA_value {nodata}\n"
    )
    path.write_text(head + "\n".join(" ".join(f"{z:g}" for z in row) for row in rows) + "\n")
    return path


def write_tif(path: Path, values: Rows, crs: str, dx: float = 10.0) -> Path:
    """A GeoTIFF with its south-west corner at (0, 0), from rows that begin in the south."""
    rows = np.array(values, np.float32)[::-1]
    ny, nx = rows.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=nx, height=ny, count=1, dtype="float32", crs=crs,
        transform=from_origin(0.0, ny * dx, dx, dx), nodata=np.nan,
    ) as target:  # fmt: skip
        target.write(rows, 1)
    return path
