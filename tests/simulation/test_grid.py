"""The grid lies over the terrain: rows from the south, cells from points, faces from sides."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from anlan.refusal import Refusal
from anlan.simulation.document import Terrain
from anlan.simulation.grid import EdgeFace, Grid
from anlan.simulation.terrain import lay_grid
from tests.simulation.ground import grid, raster

NAN = np.nan


def where(faces: list[EdgeFace]) -> set[tuple[str, int, int]]:
    return {(f.axis, f.row, f.column) for f in faces}


@pytest.fixture
def ragged() -> Grid:
    """Three rows and four columns; from the south: the whole row, the middle, the west."""
    return grid([[1, 2, 3, 4], [NAN, 5, 6, NAN], [7, 8, NAN, NAN]])


def test_no_data_is_outside_the_domain(ragged: Grid) -> None:
    assert ragged.active.tolist() == [
        [True, True, True, True],
        [False, True, True, False],
        [True, True, False, False],
    ]
    assert ragged.x.tolist() == [105, 115, 125, 135]
    assert ragged.y.tolist() == [205, 215, 225]


def test_a_point_lies_in_the_cell_that_holds_it(ragged: Grid) -> None:
    assert ragged.cell((129.9, 210.1), "gauge") == (1, 2)
    assert ragged.cell((110.0, 200.0), "gauge") == (0, 1)  # an edge belongs to the next cell
    assert ragged.cell((140.0, 205.0), "gauge") == (0, 3)  # but for the outermost


@pytest.mark.parametrize(
    ("point", "sentence"),
    [
        (
            (99.0, 205.0),
            "gauge (99, 205) lies outside the terrain; give a point within x 100 to 140, "
            "y 200 to 230",
        ),
        (
            (105.0, 215.0),
            "gauge (105, 215) lies where the terrain has no data or a building stands; give a "
            "point within x 100 to 140, y 200 to 230",
        ),
    ],
)
def test_a_point_outside_the_domain_is_refused(
    ragged: Grid, point: tuple[float, float], sentence: str
) -> None:
    with pytest.raises(Refusal) as caught:
        ragged.cell(point, "gauge")

    assert caught.value.message == sentence


def test_an_area_holds_the_cells_whose_centre_lies_inside(ragged: Grid) -> None:
    assert ragged.cells_within(shapely.box(114.0, 204.0, 131.0, 216.0)) == [
        (0, 1), (0, 2), (1, 1), (1, 2),
    ]  # fmt: skip


def test_a_side_is_the_outermost_face_of_each_row_or_column(ragged: Grid) -> None:
    assert where(ragged.side("west", None, None)) == {("x", 0, 0), ("x", 1, 1), ("x", 2, 0)}
    assert where(ragged.side("east", None, None)) == {("x", 0, 4), ("x", 1, 3), ("x", 2, 2)}
    assert where(ragged.side("south", None, None)) == {("y", 0, i) for i in range(4)}
    assert where(ragged.side("north", None, None)) == {
        ("y", 3, 0), ("y", 3, 1), ("y", 2, 2), ("y", 1, 3),
    }  # fmt: skip


def test_from_and_to_choose_cells_by_their_centre(ragged: Grid) -> None:
    assert where(ragged.side("west", 205.0, 214.9)) == {("x", 0, 0)}
    assert where(ragged.side("south", 110.0, 130.0)) == {("y", 0, 1), ("y", 0, 2)}


def test_a_line_along_the_edge_takes_the_links_out_of_the_domain(ragged: Grid) -> None:
    faces = ragged.edge_crossed(((110.0, 210.0), (110.0, 220.0)))

    # the link between no data and cell (1, 1); the one between (0, 0) and (0, 1) is inside
    assert [(f.axis, f.row, f.column, f.cell, f.side) for f in faces] == [
        ("x", 1, 1, (1, 1), "west")
    ]


def test_a_coarser_cell_takes_the_mean_of_the_ground_in_it() -> None:
    coarse = grid([[1, 2, 5, 5], [3, 4, 5, 5]], resolution=20.0)

    assert coarse.bed.tolist() == [[2.5, 5.0]]
    assert (coarse.dx, coarse.factor) == (20.0, 2)
    assert coarse.fine is not None
    assert coarse.fine.shape == (2, 4)


def test_a_ragged_edge_counts_where_at_least_half_of_a_cell_has_ground() -> None:
    coarse = grid([[1, 1, 9], [1, 1, NAN], [1, 1, NAN]], resolution=20.0)

    # the second column has ground in a quarter of its lower cell and none above; of the upper
    # row, the raster holds half
    assert coarse.active.tolist() == [[True, False], [True, False]]
    assert coarse.bed[1, 0] == 1.0


@pytest.mark.parametrize(
    ("resolution", "remedy"), [(25.0, "give 20 or 30"), (4.0, "give 10"), (12.0, "give 10 or 20")]
)
def test_a_resolution_that_is_no_multiple_is_refused(resolution: float, remedy: str) -> None:
    with pytest.raises(Refusal) as caught:
        grid([[1, 1]], resolution=resolution)

    assert caught.value.message == (
        f"[terrain] resolution = {resolution:g} is no whole multiple of the raster's cell of 10 m; "
        f"{remedy}, or leave it out"
    )


def test_a_terrain_without_ground_is_refused() -> None:
    with pytest.raises(Refusal, match="has no cell with ground; give a raster with data"):
        lay_grid(Terrain(elevation=raster([[NAN, NAN]])))
