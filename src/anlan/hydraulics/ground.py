"""Bed, friction and barriers, laid out at faces for the compiled loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.hydraulics.arrays import CREST_FLOW, UNCAPPED, WALL, Ground
from anlan.hydraulics.numerics import Array, G

# Packed loops take this many numbers a turn (16 of 32 bits fill the widest registers); what is left
# of a row goes slowly, one to four at a time.
BLOCK = 16


def lay_ground(
    z: NDArray[np.float64],
    n: NDArray[np.float64],
    active: NDArray[np.bool_],
    crest_x: NDArray[np.float64],
    crest_y: NDArray[np.float64],
    real: np.dtype[Any],
) -> Ground:
    """Bed, friction and crest limit of the faces; the outermost faces stay closed."""
    z = z.astype(real).astype(np.float64)  # a face bed must equal a cell bed exactly

    def faces(
        shape: tuple[int, ...], inner: Any, a: Any, b: Any, crest: NDArray[np.float64]
    ) -> tuple[Array, Array, Array]:
        bed = np.maximum(z[a], z[b])
        zf = np.full(shape, WALL)
        open_face = active[a] & active[b] & (crest[inner] < WALL)
        zf[inner] = np.where(open_face, np.maximum(bed, crest[inner]), WALL)
        gn2 = np.zeros(shape)
        gn2[inner] = G * (0.5 * (n[a] + n[b])) ** 2
        cap = np.full(shape, UNCAPPED)
        cap[inner] = np.where(crest[inner] > bed, CREST_FLOW, UNCAPPED)
        return zf.astype(real), gn2.astype(real), cap.astype(real)

    rows, west, east = slice(None), slice(None, -1), slice(1, None)
    zf_x, gn2_x, cap_x = faces(
        crest_x.shape, (rows, slice(1, -1)), (rows, west), (rows, east), crest_x
    )
    zf_y, gn2_y, cap_y = faces(
        crest_y.shape, (slice(1, -1), rows), (west, rows), (east, rows), crest_y
    )
    return Ground(z.astype(real), zf_x, zf_y, gn2_x, gn2_y, cap_x, cap_y, *_spans(active))


def _spans(active: NDArray[np.bool_]) -> tuple[Array, Array, Array]:
    """Where each row of cells, x faces and y faces is computed.

    What lies outside is closed and dry, and stays so: leaving it out changes no bit. A city seldom
    fills the rectangle of its grid.
    """
    ny, nx = active.shape
    cells = np.zeros((ny, 2), np.int64)
    faces_x = np.zeros((ny, 2), np.int64)
    faces_y = np.zeros((ny + 1, 2), np.int64)
    for j in range(ny):
        columns = np.flatnonzero(active[j])
        if columns.size:
            cells[j] = _whole_blocks(columns[0], columns[-1] + 1, 0, nx)
            faces_x[j] = _whole_blocks(columns[0] + 1, columns[-1] + 1, 1, nx)
        both = np.flatnonzero(active[j] & active[j - 1]) if j > 0 else columns[:0]
        if both.size:
            faces_y[j] = _whole_blocks(both[0], both[-1] + 1, 0, nx)
    return cells, faces_x, faces_y


def _whole_blocks(first: int, past: int, low: int, high: int) -> tuple[int, int]:
    """The span widened within [low, high) to a whole number of blocks, where that has room."""
    if past <= first:
        return 0, 0
    length = min(-(-(past - first) // BLOCK) * BLOCK, high - low)
    first = min(first, high - length)
    return first, first + length
