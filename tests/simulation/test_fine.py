"""The greatest depth on the finer ground: level of the cell less the ground of each finer one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from anlan.refusal import Refusal
from anlan.simulation.document import Output, Run, Simulation, Terrain
from anlan.simulation.fine import check_fine, write_fine_depth
from tests.simulation.ground import grid, raster

NAN = np.nan
# one row of two cells of 20 m, of finer cells of 10 m
GRID = grid([[1, 2, 3, 3], [4, NAN, 3, 3]], resolution=20.0)


def test_the_file_stands_north_up_where_the_terrain_stands(tmp_path: Path) -> None:
    write_fine_depth(tmp_path / "fine.tif", GRID, np.array([[2.5, NAN]]))

    with rasterio.open(tmp_path / "fine.tif") as made:
        assert made.bounds == (100.0, 200.0, 140.0, 220.0)
        assert made.res == (10.0, 10.0)
        assert made.read(1)[1].tolist() == [1.5, 0.5, 0.0, 0.0]
        np.testing.assert_array_equal(made.read(1)[0], [0.0, NAN, 0.0, 0.0])


def test_without_finer_ground_it_is_refused() -> None:
    flat = raster(np.zeros((2, 2)))
    simulation = Simulation(
        run=Run(duration=1.0), terrain=Terrain(elevation=flat), output=Output(fine=True)
    )

    with pytest.raises(Refusal, match=r"\[output\] fine = true needs ground finer than the"):
        check_fine(simulation, grid(np.zeros((2, 2))))
