"""Fields as bytes for the browser: one byte a cell, row 0 north.

Depth: 0 = dry, else depth = 0.01 + 4.99 ((q − 1) / 254)² m, fine where it is shallow.
Probability: 0…200 = probability × 200; 255 = outside the domain.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]
SHALLOWEST, SPAN = 0.01, 4.99


def depth_bytes(depth: Field) -> bytes:
    """Depth (ny, nx) in m, row 0 south, NaN outside; the deepest code means 5 m or more."""
    wet = np.nan_to_num(depth, nan=0.0)
    share = np.clip((wet - SHALLOWEST) / SPAN, 0.0, 1.0)
    codes = np.where(wet >= SHALLOWEST, 1 + np.rint(254 * np.sqrt(share)), 0)
    return np.flipud(codes).astype(np.uint8).tobytes()


def depth_of(code: int) -> float:
    """The depth in m that a code stands for; 0 for dry."""
    return 0.0 if code == 0 else SHALLOWEST + SPAN * ((code - 1) / 254) ** 2


def probability_bytes(probability: Field) -> bytes:
    """Probability (ny, nx), row 0 south, NaN outside the domain."""
    codes = np.where(
        np.isnan(probability), 255, np.rint(200 * np.clip(np.nan_to_num(probability), 0, 1))
    )
    return np.flipud(codes).astype(np.uint8).tobytes()
