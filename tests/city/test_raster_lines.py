"""Rivers stay connected through faces, barriers leave no gap, at any cell size."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from anlan.city.raster_lines import cells_along, raise_faces

SHAPE = (20, 30)
_x = st.floats(0.0, 29.99)
_y = st.floats(0.0, 19.99)
_lines = st.lists(st.tuples(_x, _y), min_size=2, max_size=8)


@given(_lines)
def test_a_river_is_one_piece_through_faces(points: list[tuple[float, float]]) -> None:
    hit = cells_along(np.array(points), 0.0, 0.0, 1.0, SHAPE)

    _, pieces = ndimage.label(hit)  # four neighbours: a shared corner does not connect

    assert pieces == 1
    assert all(hit[int(y), int(x)] for x, y in points)


@given(st.floats(4, 24), st.floats(4, 15), st.floats(1.2, 3.9), st.integers(3, 24))
def test_a_closed_ring_lets_nothing_through(x: float, y: float, radius: float, n: int) -> None:
    angle = 2 * np.pi * np.arange(n + 1) / n
    ring = np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])
    crest_x, crest_y = open_faces()

    raise_faces(crest_x, crest_y, ring, 3.0, 0.0, 0.0, 1.0)

    reached = flood(crest_x, crest_y, (19, 29))
    centres_x, centres_y = np.meshgrid(np.arange(30) + 0.5, np.arange(20) + 0.5)
    well_inside = np.hypot(centres_x - x, centres_y - y) < radius * np.cos(np.pi / n) - 0.01
    assert not reached[well_inside].any()


def test_only_links_that_the_line_crosses_are_closed() -> None:
    crest_x, crest_y = open_faces()

    raise_faces(crest_x, crest_y, np.array([(3.0, 2.0), (3.0, 5.0)]), 4.5, 0.0, 0.0, 1.0)

    closed = [(int(j), int(i)) for j, i in np.argwhere(np.isfinite(crest_x))]
    assert closed == [(2, 3), (3, 3), (4, 3)]  # rows 2 to 4, between columns 2 and 3
    assert not np.isfinite(crest_y).any()


def test_the_higher_of_two_barriers_stands() -> None:
    crest_x, crest_y = open_faces()
    line = np.array([(3.0, 2.0), (3.0, 5.0)])

    for crest in (4.5, 6.0, 5.0):
        raise_faces(crest_x, crest_y, line, crest, 0.0, 0.0, 1.0)

    assert crest_x[3, 3] == 6.0


def test_water_passes_under_a_road_along_a_river_only() -> None:
    crest_x, crest_y = open_faces()
    river = np.zeros(SHAPE, dtype=np.bool_)
    river[3, :] = True

    road = np.array([(3.0, 2.0), (3.0, 5.0)])
    raise_faces(crest_x, crest_y, road, 4.5, 0.0, 0.0, 1.0, bridged=river)

    assert crest_x[2, 3] == crest_x[4, 3] == 4.5
    assert crest_x[3, 3] == -np.inf


def open_faces() -> tuple[np.ndarray, np.ndarray]:
    """Faces of the test grid without any barrier."""
    ny, nx = SHAPE
    return np.full((ny, nx + 1), -np.inf), np.full((ny + 1, nx), -np.inf)


def flood(crest_x: np.ndarray, crest_y: np.ndarray, start: tuple[int, int]) -> np.ndarray:
    """Cells that can be reached from ``start`` through faces without a barrier."""
    reached = np.zeros(SHAPE, dtype=np.bool_)
    queue = [start]
    while queue:
        j, i = queue.pop()
        if reached[j, i]:
            continue
        reached[j, i] = True
        if i + 1 < SHAPE[1] and crest_x[j, i + 1] == -np.inf:
            queue.append((j, i + 1))
        if i > 0 and crest_x[j, i] == -np.inf:
            queue.append((j, i - 1))
        if j + 1 < SHAPE[0] and crest_y[j + 1, i] == -np.inf:
            queue.append((j + 1, i))
        if j > 0 and crest_y[j, i] == -np.inf:
            queue.append((j - 1, i))
    return reached
