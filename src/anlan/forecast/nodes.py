"""Rain nodes: a coarse grid on which rain fields live, and its interpolation to cells and areas.

Rain varies over kilometres and a cell is a few hundred metres wide, so fields are drawn on nodes
about 3 km apart and taken to cells bilinearly: separable, two small matrix products a field.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SPACING_M = 3000.0


def _linear(points: Array, nodes: Array) -> Array:
    """(p, n) weights of linear interpolation from ascending ``nodes`` to ``points``."""
    out = np.zeros((points.size, nodes.size))
    k = np.clip(np.searchsorted(nodes, points) - 1, 0, max(nodes.size - 2, 0))
    if nodes.size == 1:
        out[:, 0] = 1.0
        return out
    w = np.clip((points - nodes[k]) / (nodes[k + 1] - nodes[k]), 0.0, 1.0)
    rows = np.arange(points.size)
    out[rows, k] = 1.0 - w
    out[rows, k + 1] = w
    return out


def _centres(start: float, dx: float, count: int) -> Array:
    return np.asarray(start + dx * (np.arange(count) + 0.5), dtype=np.float64)


@dataclass(frozen=True)
class Nodes:
    """The nodes of a grid.

    Attributes:
        x, y: (n,) positions [m], row by row from the south-west.
        rows: (ny, NY) and columns: (nx, NX) interpolation weights, n = NY NX.
    """

    x: Array
    y: Array
    rows: Array
    columns: Array

    def to_cells(self, field: Array) -> Array:
        """(ny, nx) values at cell centres from ``field`` (n,) at nodes."""
        grid = field.reshape(self.rows.shape[1], self.columns.shape[1])
        # Not by ``@``, whose library would wake threads of its own beside the members'.
        along = np.einsum("jn,nm->jm", self.rows, grid)
        return np.asarray(np.einsum("jm,im->ji", along, self.columns))

    def at_cell(self, cells: NDArray[np.int32]) -> Array:
        """(p, n) weights giving the value at each cell (j, i) of ``cells`` (p, 2); zeros for -1."""
        out = np.zeros((cells.shape[0], self.x.size))
        for k, (j, i) in enumerate(cells):
            if j >= 0:
                out[k] = np.outer(self.rows[j], self.columns[i]).ravel()
        return out

    def mean_over(self, mask: NDArray[np.bool_]) -> Array:
        """(n,) weights giving the mean over the cells of ``mask`` (ny, nx); zeros when empty."""
        count = int(mask.sum())
        if count == 0:
            return np.zeros(self.x.size)
        return np.asarray((self.rows.T @ mask.astype(np.float64) @ self.columns).ravel() / count)


def nodes_over(x0: float, y0: float, dx: float, shape: tuple[int, int]) -> Nodes:
    """Nodes covering a grid of ``shape`` cells of ``dx`` metres from its outer corner."""
    ny, nx = shape

    def line(start: float, count: int) -> Array:
        number = max(2, int(np.ceil(count * dx / SPACING_M)) + 1)
        return np.asarray(np.linspace(start, start + count * dx, number), dtype=np.float64)

    gx, gy = line(x0, nx), line(y0, ny)
    xx, yy = np.meshgrid(gx, gy)
    return Nodes(
        xx.ravel(),
        yy.ravel(),
        _linear(_centres(y0, dx, ny), gy),
        _linear(_centres(x0, dx, nx), gx),
    )
