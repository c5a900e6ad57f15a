"""Lines on a grid: the cells that a river runs through, the faces that a barrier closes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from anlan.city.terrain import Floats, Mask


def vertices(geometry: shapely.Geometry) -> list[NDArray[np.float64]]:
    """The coordinates (n, 2) of each part of a line, or of each ring of a polygon."""
    if hasattr(geometry, "geoms"):
        return [xy for part in geometry.geoms for xy in vertices(part)]
    if geometry.geom_type == "Polygon":
        return [shapely.get_coordinates(geometry.exterior)]
    return [shapely.get_coordinates(geometry)]


def cells_along(
    xy: NDArray[np.float64], x0: float, y0: float, dx: float, shape: tuple[int, int]
) -> Mask:
    """(ny, nx) the cells that a polyline runs through.

    Two cells in a row share a face, never only a corner, so a river stays connected at any
    resolution for a solver that moves water through faces.
    """
    hit = np.zeros(shape, dtype=np.bool_)
    scaled = (xy - (x0, y0)) / dx
    for start, end in pairwise(scaled):
        for j, i in _traverse(start, end):
            if 0 <= j < shape[0] and 0 <= i < shape[1]:
                hit[j, i] = True
    return hit


def _traverse(start: NDArray[np.float64], end: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Cells (j, i) from ``start`` to ``end`` in cell units, one face crossed at a time."""
    i, j = int(np.floor(start[0])), int(np.floor(start[1]))
    last_i, last_j = int(np.floor(end[0])), int(np.floor(end[1]))
    step_i, step_j = np.sign(last_i - i), np.sign(last_j - j)
    du, dv = float(end[0] - start[0]), float(end[1] - start[1])
    cells = [(j, i)]
    while (i, j) != (last_i, last_j):
        # Share of the segment at which the next line of the grid is met, along x and along y.
        along_x = (i + (step_i > 0) - start[0]) / du if i != last_i else np.inf
        along_y = (j + (step_j > 0) - start[1]) / dv if j != last_j else np.inf
        if along_x <= along_y:
            i += int(step_i)
        else:
            j += int(step_j)
        cells.append((j, i))
    return cells


def raise_faces(
    crest_x: Floats,
    crest_y: Floats,
    xy: NDArray[np.float64],
    crest: float,
    x0: float,
    y0: float,
    dx: float,
    bridged: Mask | None = None,
) -> None:
    """Raise to ``crest`` every face whose link between two cell centres the polyline crosses.

    In place. crest_x is (ny, nx+1), crest_y (ny+1, nx). A closed polyline becomes a closed ring
    of faces, whatever the cell size.

    Args:
        xy: (n, 2) vertices, m.
        bridged: (ny, nx) cells whose water passes under the barrier: the face between two of
            them stays open. None: the barrier closes every face that it meets.
    """
    open_x = np.zeros(crest_x.shape, dtype=np.bool_)
    open_y = np.zeros(crest_y.shape, dtype=np.bool_)
    if bridged is not None:
        open_x[:, 1:-1] = bridged[:, :-1] & bridged[:, 1:]
        open_y[1:-1, :] = bridged[:-1, :] & bridged[1:, :]
    ny, nx = crest_x.shape[0], crest_y.shape[1]
    # Cell centres at whole numbers. The nudge (in cells) keeps a line from running exactly through
    # one, where "left of the line" and "below the line" could disagree and open a gap.
    u = (xy[:, 0] - x0) / dx - 0.5 + 1.3e-7
    v = (xy[:, 1] - y0) / dx - 0.5 + 2.9e-7
    for u0, v0, u1, v1 in zip(u, v, u[1:], v[1:], strict=False):
        rows, at = _crossings(v0, v1, u0, u1)
        face = np.floor(at).astype(np.int64) + 1
        keep = (rows >= 0) & (rows < ny) & (face >= 1) & (face <= nx - 1)
        keep[keep] &= ~open_x[rows[keep], face[keep]]
        np.maximum.at(crest_x, (rows[keep], face[keep]), crest)
        columns, at = _crossings(u0, u1, v0, v1)
        face = np.floor(at).astype(np.int64) + 1
        keep = (columns >= 0) & (columns < nx) & (face >= 1) & (face <= ny - 1)
        keep[keep] &= ~open_y[face[keep], columns[keep]]
        np.maximum.at(crest_y, (face[keep], columns[keep]), crest)


def _crossings(
    a0: float, a1: float, b0: float, b1: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Whole numbers met by a on its way from a0 to a1, and b there. Half-open, so that a vertex
    on a row of centres counts for one of its two segments only."""
    low, high = min(a0, a1), max(a0, a1)
    whole = np.arange(int(np.ceil(low)), int(np.ceil(high)), dtype=np.int64)
    if whole.size == 0:
        return whole, np.zeros(0)
    return whole, np.asarray(b0 + (whole - a0) * (b1 - b0) / (a1 - a0), dtype=np.float64)
