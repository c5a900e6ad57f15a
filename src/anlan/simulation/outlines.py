"""Lines along the faces of cells: how conditions at cells and faces become polylines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from anlan.simulation.grid import Cell, Side
from anlan.simulation.raster import Raster
from anlan.simulation.record import Line

# A corner of cells as (column, row) counted in cells from the south-west corner of the raster.
Corner = tuple[int, int]
Face = tuple[Corner, Corner]


def face_of(cell: Cell, side: Side) -> Face:
    """The face on one side of a cell."""
    row, column = cell
    if side in ("west", "east"):
        column += side == "east"
        return (column, row), (column, row + 1)
    row += side == "north"
    return (column, row), (column + 1, row)


def cells_beside(face: Face) -> tuple[Cell, Cell]:
    """The two cells that a face parts; one may lie outside the raster."""
    (x, y), (x1, _) = face
    return ((y, x - 1), (y, x)) if x == x1 else ((y - 1, x), (y, x))


def faces_between(these: NDArray[np.bool_], those: NDArray[np.bool_]) -> list[Face]:
    """The faces that part one set of cells from another, both (ny, nx)."""
    east = (these[:, :-1] & those[:, 1:]) | (those[:, :-1] & these[:, 1:])
    north = (these[:-1] & those[1:]) | (those[:-1] & these[1:])
    return [
        *(face_of((int(row), int(column)), "east") for row, column in np.argwhere(east)),
        *(face_of((int(row), int(column)), "north") for row, column in np.argwhere(north)),
    ]


def lines_along(faces: Iterable[Face], raster: Raster) -> list[Line]:
    """As few lines as it takes to run along faces, each once, in map coordinates."""
    return [
        tuple((raster.x0 + x * raster.dx, raster.y0 + y * raster.dx) for x, y in _straightened(way))
        for way in _ways(faces)
    ]


def _ways(faces: Iterable[Face]) -> list[list[Corner]]:
    at: dict[Corner, set[Corner]] = {}
    for a, b in faces:
        at.setdefault(a, set()).add(b)
        at.setdefault(b, set()).add(a)
    # Corners where an odd number of faces meet begin or end a line; what is left are rings.
    begins = [corner for corner in sorted(at) if len(at[corner]) % 2] + sorted(at)
    ways = []
    for begin in begins:
        while at[begin]:
            way = [begin]
            while at[way[-1]]:
                ahead = min(at[way[-1]])
                at[way[-1]].remove(ahead)
                at[ahead].remove(way[-1])
                way.append(ahead)
            ways.append(way)
    return ways


def _straightened(way: Sequence[Corner]) -> list[Corner]:
    """Without the corners at which the way does not turn."""
    inner = [
        b
        for a, b, c in zip(way, way[1:], way[2:], strict=False)
        if (b[0] - a[0], b[1] - a[1]) != (c[0] - b[0], c[1] - b[1])
    ]
    return [way[0], *inner, way[-1]]
