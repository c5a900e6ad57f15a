"""A raster gives its values to the cells of the grid, or is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anlan.refusal import Refusal
from anlan.simulation.document import Roughness
from anlan.simulation.fields import at_cells, limits_of
from tests.simulation.ground import grid, raster

NAN = np.nan
GRID = grid([[0, 0, 0], [0, 0, NAN]])  # two rows of three cells of 10 m, corner at (100, 200)


def test_a_number_stays_a_number() -> None:
    assert at_cells(0.03, GRID, "manning") == 0.03


def test_a_raster_of_the_same_cells_is_taken_as_it_is() -> None:
    at = at_cells(raster([[1, 2, 3], [4, 5, 6]]), GRID, "manning")

    np.testing.assert_array_equal(at, [[1, 2, 3], [4, 5, NAN]])


def test_a_finer_raster_is_averaged_and_what_has_no_data_left_out() -> None:
    fine = raster([[1, 3, 5, 5, 9, 9], [1, 3, 5, NAN, 9, 9]] * 2, dx=5.0)

    at = at_cells(fine, GRID, "manning")

    np.testing.assert_array_equal(at, [[2, 5, 9], [2, 5, NAN]])


def test_a_coarser_raster_is_read_at_the_centres() -> None:
    coarse = raster([[1, 2]], dx=20.0, x0=95.0)  # from 95 to 115, from 115 to 135

    at = at_cells(coarse, GRID, "manning")

    np.testing.assert_array_equal(at, [[1, 2, 2], [1, 2, NAN]])


def test_a_raster_that_ends_within_the_domain_is_refused() -> None:
    with pytest.raises(Refusal, match=r"has no data at 1 cells of the domain, the first at ") as at:
        at_cells(raster([[1, 2, NAN], [3, 4, 5]]), GRID, "[roughness] manning")

    assert "(125, 205); extend it over x 100 to 130, y 200 to 220" in at.value.message


def test_a_value_outside_its_range_is_refused_with_its_place() -> None:
    with pytest.raises(Refusal) as caught:
        at_cells(
            raster([[1, 2, 3], [4, -9, 6]]), GRID, "[roughness] manning",
            limits_of(Roughness, "manning"),
        )  # fmt: skip

    assert caught.value.message == (
        "[roughness] manning: the raster holds -9 at (115, 215), outside its range; give a number "
        "of at least 0 and at most 10 s m^-1/3 everywhere"
    )


def test_a_raster_of_another_system_is_refused() -> None:
    here = replace(GRID, crs="EPSG:4549")
    there = replace(raster([[1, 2, 3], [4, 5, 6]]), crs="EPSG:25832")

    with pytest.raises(Refusal, match="is in EPSG:25832, the terrain in EPSG:4549; reproject it"):
        at_cells(there, here, "[initial] depth")
