"""Channels are dug into the finer ground; where it is too coarse for them it is divided."""

from __future__ import annotations

import numpy as np
import pytest

from anlan.refusal import Refusal
from anlan.simulation.document import ChannelTable, Terrain
from anlan.simulation.terrain import lay_grid
from tests.simulation.ground import raster

# two rows and four columns of 10 m at 3 m, corner at (100, 200)
GROUND = Terrain(elevation=raster(np.full((2, 4), 3.0)))


def canal(width: float, bed: float | tuple[float, ...] = 1.0) -> ChannelTable:
    """Along y = 205, from x 100 to x 140."""
    return ChannelTable(polyline=((100.0, 205.0), (140.0, 205.0)), width=width, bed=bed)


def test_a_canal_is_as_wide_as_it_says() -> None:
    grid = lay_grid(GROUND, (canal(width=4.0),))

    # four cells across 4 m: the raster's 10 m are divided into ten
    assert (grid.factor, grid.dx) == (10, 10.0)
    assert grid.fine is not None
    dug = grid.fine == 1.0
    assert dug.sum(axis=0).tolist() == [4] * 40  # 4 x 1 m, all along
    assert dug.any(axis=1).nonzero()[0].tolist() == [3, 4, 5, 6]  # from 203 to 207


def test_a_bank_on_a_row_of_centres_still_leaves_the_width() -> None:
    grid = lay_grid(GROUND, (canal(width=5.0), canal(width=4.0)))

    # cells of 1 m: the banks of 5 m lie at 202.5 and 207.5, both on centres
    assert grid.fine is not None
    assert (grid.fine == 1.0).sum(axis=0).tolist() == [5] * 40


def test_the_bed_falls_linearly_between_vertices() -> None:
    grid = lay_grid(GROUND, (canal(width=4.0, bed=(1.0, 0.0)),))

    assert grid.fine is not None
    assert grid.fine[5, [0, 39]] == pytest.approx([1.0 - 0.5 / 40.0, 0.5 / 40.0])


def test_lower_ground_stays_as_it_is() -> None:
    grid = lay_grid(GROUND, (canal(width=4.0, bed=5.0),))

    assert np.all(grid.fine == 3.0)


def test_the_cells_of_the_run_stay_those_of_the_raster() -> None:
    grid = lay_grid(GROUND, (canal(width=4.0),))

    # 4 of 10 rows of fine cells at 1 m, 6 at 3 m
    assert grid.bed == pytest.approx(np.array([[2.2] * 4, [3.0] * 4]))


def test_a_canal_off_the_terrain_is_refused() -> None:
    away = ChannelTable(polyline=((0.0, 0.0), (10.0, 0.0)), width=4.0, bed=1.0)

    with pytest.raises(Refusal) as caught:
        lay_grid(GROUND, (away,))

    assert caught.value.message == (
        "[[channel]] no. 1 polyline lies off the terrain; draw it over ground with data"
    )
