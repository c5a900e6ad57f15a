"""Bed, friction and barriers, laid out at faces for the compiled loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.hydraulics.arrays import CREST_FLOW, UNCAPPED, WALL, Ground
from anlan.hydraulics.numerics import Array, G


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
    return Ground(z.astype(real), zf_x, zf_y, gn2_x, gn2_y, cap_x, cap_y)
