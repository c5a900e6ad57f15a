"""Lakes that must stay still: what lies in and around them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from anlan.hydraulics.works import Culvert, Gate, Pump, Weir
from validation.flow import Numbers

CELLS, DX = 120, 10.0
LEVEL = 0.3  # m, amid hills of one metre

Lake = tuple[Numbers, Numbers, float]
"""Bed, m, level of the water, m (below the bed where it is dry), cell, m."""


def _hills(seed: int = 7) -> Numbers:
    """Rough random bed about 0, m: no two neighbours alike."""
    rng = np.random.default_rng(seed)
    rough = rng.normal(0.0, 1.0, (CELLS, CELLS))
    x = np.linspace(0.0, 3.0 * math.pi, CELLS)
    return np.asarray(rough * 0.5 + np.sin(x)[None, :] * np.cos(x)[:, None])


def _lake(bed: Numbers, level: float = LEVEL) -> Lake:
    return bed, np.full_like(bed, level), DX


def _hollows() -> Lake:
    """Water at other levels in pits that high ground parts."""
    bed = np.full((CELLS, CELLS), 2.0)
    level = np.full_like(bed, -5.0)
    for k, (row, column) in enumerate(((10, 10), (60, 30), (90, 90))):
        pit = np.s_[row : row + 15, column : column + 20]
        bed[pit] = _hills(k)[pit] - 1.0
        level[pit] = 0.2 * k
    return bed, level, DX


BEDS: dict[str, Callable[[], Lake]] = {
    "islands and dry corners": lambda: _lake(_hills()),
    "deep water, 300 m over a bed at 1000 m": lambda: _lake(1000.0 + _hills(), 1300.0),
    "hollows at levels of their own": _hollows,
    "barriers above and below the water": lambda: _lake(_hills(3)),
    "idle structures": lambda: _lake(_hills(4)),
}


def options(case: str, bed: Numbers) -> dict[str, Any]:
    """What else the model of a case gets."""
    ny, nx = bed.shape
    if case.startswith("barriers"):
        rng = np.random.default_rng(11)
        crest_x = np.where(
            rng.random((ny, nx + 1)) < 0.3, rng.normal(LEVEL, 0.5, (ny, nx + 1)), -np.inf
        )
        crest_y = np.where(
            rng.random((ny + 1, nx)) < 0.3, rng.normal(LEVEL, 0.5, (ny + 1, nx)), -np.inf
        )
        return {"face_crest_x": crest_x, "face_crest_y": crest_y}
    if case == "idle structures":
        wet = np.argwhere(bed < LEVEL - 0.5)
        a, b, c, d = ((int(wet[n, 0]), int(wet[n, 1])) for n in (10, 200, 400, 800))
        return {
            "structures": (
                Weir("weir", a, b, crest=LEVEL - 0.3, width=5.0),
                Gate("gate", b, c, sill=LEVEL - 0.4, width=3.0, height=0.2),
                Culvert("culvert", c, d, LEVEL - 0.4, LEVEL - 0.4, 30.0, diameter=1.0),
                Pump("pump", d, a, capacity=2.0, start_level=LEVEL + 0.5, stop_level=LEVEL),
            )
        }
    return {}
