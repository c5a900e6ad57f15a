"""Where the cells and faces of a grid lie in the padded arrays of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.hydraulics.arrays import PAD, Tiles
from anlan.hydraulics.numerics import Array

# Cells a side that a tile has at most: few enough to sleep apart, enough to be worth the edges
# that are computed twice.
TILE_HEIGHT, TILE_WIDTH = 32, 1024
# The packed loops take this many numbers a turn.
BLOCK = 16
# Columns to the right that a row may read beyond its last tile.
RIGHT = 48


def _blocks(count: Array) -> Array:
    """``count`` as the next multiple of ``BLOCK``, none where it is negative."""
    return np.asarray(np.maximum(-(-count // BLOCK), 0) * BLOCK)


@dataclass(frozen=True)
class Layout:
    """Sizes of a run.

    Attributes:
        ny, nx: cells.
        members: of the ensemble, 1 for a single run.
        bands: whether tiles are as wide as the grid.
    """

    ny: int
    nx: int
    members: int
    bands: bool = False

    @property
    def tile_columns(self) -> int:
        """Tiles along a row; the last face of a row counts as a cell."""
        return 1 if self.bands else -(-(self.nx + 1) // TILE_WIDTH)

    @property
    def tile_width(self) -> int:
        """Cells of a tile along a row."""
        each = -(-(self.nx + 1) // self.tile_columns)
        return -(-each // BLOCK) * BLOCK

    @property
    def tile_rows(self) -> int:
        """Tiles along a column; at least two where there is work for two threads."""
        return max(-(-(self.ny + 1) // TILE_HEIGHT), 2 if self.ny > 32 else 1)

    @property
    def tile_height(self) -> int:
        """Cells of a tile along a column."""
        return -(-(self.ny + 1) // self.tile_rows)

    @property
    def shape(self) -> tuple[int, int]:
        """Of the padded grid of one member."""
        return self.ny + 1 + 2 * PAD, PAD + self.tile_columns * self.tile_width + RIGHT

    def zeros(self, real: Any) -> Array:
        """A padded array for all members."""
        rows, columns = self.shape
        return np.zeros((self.members * rows, columns), real)

    def padded(self, values: Array, fill: float, real: Any) -> Array:
        """Values at the cells of one grid (ny, nx), or of all members (M, ny, nx), padded."""
        rows, columns = self.shape
        stack = values if values.ndim == 3 else values[None]
        out = np.full((len(stack), rows, columns), fill, real)
        out[:, PAD : PAD + self.ny, PAD : PAD + self.nx] = stack
        return out.reshape(-1, columns)

    def at_cells(self, array: Array) -> Array:
        """View (M, ny, nx) of a padded array of all members."""
        return self._view(array, self.ny, self.nx)

    def at_x_faces(self, array: Array) -> Array:
        """View (M, ny, nx + 1)."""
        return self._view(array, self.ny, self.nx + 1)

    def at_y_faces(self, array: Array) -> Array:
        """View (M, ny + 1, nx)."""
        return self._view(array, self.ny + 1, self.nx)

    def flat(self, rows: Any, columns: Any) -> NDArray[np.int64]:
        """Flat index of cells in the padded grid of one member."""
        index = (np.asarray(rows) + PAD) * self.shape[1] + np.asarray(columns) + PAD
        return np.asarray(index, np.int64)

    def tiles(self, active: NDArray[np.bool_]) -> Tiles:
        """All tiles awake, as wide as the domain's ``active`` (ny, nx) cells in them."""
        count = self.tile_rows * self.tile_columns
        first, cells, faces = self._spans(active)
        return Tiles(
            height=self.tile_height,
            width=self.tile_width,
            rows=self.tile_rows,
            columns=self.tile_columns,
            first=first,
            cells=cells,
            faces=faces,
            wet=np.ones((self.members, count), np.uint8),
            calm=np.zeros((self.members, count), np.uint8),
            rainy=np.zeros((self.members, count), np.uint8),
            work=np.zeros(self.members * count, np.int64),
            speed=np.zeros((self.members, count)),
            taken=np.zeros((self.members, count, self.tile_width)),
        )

    def _spans(self, active: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
        """For each padded row and column of tiles what a step computes of it.

        The first column, how many cells from there, and how many faces from the column before:
        all active cells, those beside them, which faces at an edge belong to, and where the domain
        goes on into the next tile so many that the last cell's outflow is known.
        """
        rows, columns = self.shape
        near = np.zeros((rows, columns), np.bool_)
        for dj, di in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
            near[PAD + dj : PAD + dj + self.ny, PAD + di : PAD + di + self.nx] |= active
        first, cells, faces = (np.zeros((rows, self.tile_columns), np.int64) for _ in range(3))
        for b in range(self.tile_columns):
            start = PAD + b * self.tile_width
            here = near[:, start : start + self.tile_width + 1]
            some = here.any(axis=1)
            low = here.argmax(axis=1) // BLOCK * BLOCK
            last = np.where(some, self.tile_width - here[:, ::-1].argmax(axis=1), -1)
            first[:, b] = start + np.minimum(low, self.tile_width - BLOCK)
            before = first[:, b] - start
            cells[:, b] = _blocks(np.minimum(last + 1, self.tile_width) - before)
            most = np.where(last == self.tile_width, last + 3, last + 2)
            faces[:, b] = np.where(some, _blocks(most - before), 0)
        return first, cells, faces

    def tile_of(self, rows: Any, columns: Any) -> NDArray[np.int64]:
        """Tile that holds a cell (or a face, as the cell east or north of it)."""
        down = np.asarray(rows) // self.tile_height
        return np.asarray(down * self.tile_columns + np.asarray(columns) // self.tile_width)

    def any_in_tiles(self, at_cells: Array) -> Array:
        """(M, tiles) whether any cell of each tile is true; ``at_cells`` (M, ny, nx) bool."""
        count = self.tile_rows * self.tile_columns
        out = np.zeros((len(at_cells), count), np.uint8)
        for member, cells in enumerate(at_cells):
            rows, columns = np.nonzero(cells)
            out[member, self.tile_of(rows, columns)] = 1
        return out

    def _view(self, array: Array, rows: int, columns: int) -> Array:
        stack = array.reshape(self.members, *self.shape)
        return stack[:, PAD : PAD + rows, PAD : PAD + columns]
