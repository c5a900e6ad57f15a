"""A line crosses the links between cell centres exactly: dikes do not leak, signs are kept."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import label

from anlan.simulation.lines import Crossing, Lattice, level_along, nearest_along

# 6 rows and 8 columns of 10 m, outer corner at (100, 200): centres at 105, 115, … and 205, 215, …
GRID = Lattice(x0=100.0, y0=200.0, dx=10.0, ny=6, nx=8)


def faces(line: tuple[tuple[float, float], ...]) -> set[tuple[str, int, int]]:
    return {(c.axis, c.row, c.column) for c in GRID.crossings(line)}


def test_an_upright_line_blocks_the_links_along_the_rows_that_it_passes() -> None:
    found = faces(((121.0, 208.0), (121.0, 237.0)))

    # x = 121 lies between the centres 115 and 125: face 2; y passes 215, 225 and 235, not 205.
    assert found == {("x", 1, 2), ("x", 2, 2), ("x", 3, 2)}


def test_a_slanting_line_blocks_rows_and_columns() -> None:
    found = faces(((103.0, 212.0), (117.0, 226.0)))

    # y = x + 109: at y 215 x is 106, at y 225 it is 116; at x 105 y is 214, at x 115 it is 224
    assert found == {("x", 1, 1), ("x", 2, 2), ("y", 1, 0), ("y", 2, 1)}


def test_a_line_outside_the_first_centres_crosses_the_links_out_of_the_grid() -> None:
    assert faces(((100.0, 204.0), (100.0, 216.0))) == {("x", 0, 0), ("x", 1, 0)}


def test_a_line_far_outside_crosses_nothing() -> None:
    assert faces(((94.0, 204.0), (94.0, 256.0))) == set()


def test_flow_to_the_left_of_the_line_is_positive() -> None:
    northwards = GRID.crossings(((121.0, 211.0), (121.0, 219.0)))
    eastwards = GRID.crossings(((111.0, 221.0), (119.0, 221.0)))

    # going north, the left is west: flow to the east counts as negative
    assert northwards == [Crossing("x", 1, 2, -1, 4.0)]
    # going east, the left is north: flow to the north counts as positive
    assert eastwards == [Crossing("y", 2, 1, 1, 4.0)]


def test_turning_a_line_round_turns_its_signs() -> None:
    line = ((103.0, 203.0), (141.0, 219.0), (128.0, 252.0))

    there = {(c.axis, c.row, c.column): c.sign for c in GRID.crossings(line)}
    back = {(c.axis, c.row, c.column): -c.sign for c in GRID.crossings(line[::-1])}

    assert there == back


halves = st.integers(-4, 20).map(lambda k: 0.5 * k)  # many vertices on centres and on edges
anywhere = st.floats(-2.0, 10.0)
coordinate = st.one_of(halves, anywhere)
cells = st.tuples(coordinate, coordinate)


def in_map(point: tuple[float, float]) -> tuple[float, float]:
    return GRID.x0 + GRID.dx * point[0], GRID.y0 + GRID.dx * point[1]


def pools(line: tuple[tuple[float, float], ...]) -> np.ndarray:
    """(ny + 2, nx + 2) numbers of the pools that a line leaves, with a ring of outer cells."""
    outer = Lattice(GRID.x0 - GRID.dx, GRID.y0 - GRID.dx, GRID.dx, GRID.ny + 2, GRID.nx + 2)
    # cells and links as one picture: cells at odd places, links between them
    picture = np.zeros((2 * outer.ny + 1, 2 * outer.nx + 1), bool)
    picture[1::2, 1:-1] = True
    picture[1:-1, 1::2] = True
    for c in outer.crossings(line):
        if c.axis == "x":
            picture[2 * c.row + 1, 2 * c.column] = False
        else:
            picture[2 * c.row, 2 * c.column + 1] = False
    return label(picture)[0][1::2, 1::2]  # type: ignore[no-any-return]


@given(st.lists(cells, min_size=1, max_size=6))
def test_a_line_from_edge_to_edge_lets_nothing_through(middle: list[tuple[float, float]]) -> None:
    """However it winds, what lies south of it at the west edge is not joined to the north."""
    line = tuple(in_map(p) for p in [(-9.0, 3.0), (-2.5, 3.0), *middle, (10.5, 3.0), (19.0, 3.0)])

    pool = pools(line)

    # the outer columns stand at -0.5 and 8.5 cells; the line may wind round in them, but the
    # cells of the bottom-most and the top-most row that it cannot reach stay apart
    clear = [y for _, y in middle]
    if min(clear) > 0.0 and max(clear) < 6.0:
        assert pool[0, 0] != pool[-1, 0]
        assert pool[0, -1] != pool[-1, -1]


@given(st.lists(cells, min_size=3, max_size=7))
def test_a_closed_ring_holds_what_it_surrounds(corners: list[tuple[float, float]]) -> None:
    ring = shapely.LinearRing([in_map(p) for p in corners])
    if not ring.is_simple or shapely.Polygon(ring).area < 1.0:
        return
    inside = shapely.Polygon(ring)

    pool = pools(tuple(ring.coords))

    for row in range(GRID.ny):
        for column in range(GRID.nx):
            centre = shapely.Point(in_map((column + 0.5, row + 0.5)))
            surely_in = inside.contains(centre) and inside.exterior.distance(centre) > 0.01
            if (
                surely_in
                and min(min(c) for c in corners) > -0.4
                and max(c[0] for c in corners) < 8.4
                and max(c[1] for c in corners) < 6.4
            ):
                assert pool[row + 1, column + 1] != pool[0, 0]


@given(cells, cells)
def test_the_rule_is_that_of_plane_geometry_where_nothing_touches(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    line = shapely.LineString([in_map(a), in_map(b)])
    found = faces((in_map(a), in_map(b)))

    for row in range(GRID.ny):
        for column in range(GRID.nx + 1):
            ends = [in_map((column - 0.5, row + 0.5)), in_map((column + 0.5, row + 0.5))]
            link = shapely.LineString(ends)
            touches = min(
                *(line.distance(shapely.Point(p)) for p in ends),
                *(link.distance(shapely.Point(p)) for p in line.coords),
            )
            if touches > 0.01:
                assert (("x", row, column) in found) == link.crosses(line)


def test_a_crest_is_linear_between_its_vertices() -> None:
    line = ((0.0, 0.0), (30.0, 40.0), (30.0, 140.0))  # 50 m, then 100 m

    assert level_along(line, (2.0, 3.0, 5.0), 25.0) == 2.5
    assert level_along(line, (2.0, 3.0, 5.0), 100.0) == 4.0
    assert level_along(line, 7.0, 100.0) == 7.0


def test_the_nearest_place_of_a_line_is_found_by_distance_along_it() -> None:
    line = ((0.0, 0.0), (30.0, 40.0), (30.0, 140.0))

    assert nearest_along(line, (90.0, 60.0)) == pytest.approx(70.0)
