"""Measures of how far a run is from a solution, and how fast that falls with the cell."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def relative_l1(computed: ArrayLike, exact: ArrayLike) -> float:
    """Sum of the absolute differences over the sum of the exact values, %."""
    found, true = np.asarray(computed, np.float64), np.asarray(exact, np.float64)
    return float(100.0 * np.abs(found - true).sum() / np.abs(true).sum())


def rmse(computed: ArrayLike, observed: ArrayLike) -> float:
    """Root-mean-square difference, in the unit of both."""
    difference = np.asarray(computed, np.float64) - np.asarray(observed, np.float64)
    return float(np.sqrt(np.mean(difference**2)))


def nse(computed: ArrayLike, observed: ArrayLike) -> float:
    """Efficiency of Nash and Sutcliffe (1970): 1 is perfect, 0 no better than the mean."""
    found, true = np.asarray(computed, np.float64), np.asarray(observed, np.float64)
    return float(1.0 - ((found - true) ** 2).sum() / ((true - true.mean()) ** 2).sum())


def orders(cells: Sequence[int], errors: Sequence[float]) -> list[float]:
    """Order of convergence between neighbouring grids: log of errors over log of cell counts."""
    return [
        math.log(errors[k] / errors[k + 1]) / math.log(cells[k + 1] / cells[k])
        for k in range(len(cells) - 1)
    ]


def arrival(times: ArrayLike, depths: ArrayLike, threshold: float) -> float:
    """First time at which the depth passes the threshold, between outputs in proportion; or nan."""
    t, h = np.asarray(times, np.float64), np.asarray(depths, np.float64)
    above = np.nonzero(h >= threshold)[0]
    if above.size == 0:
        return math.nan
    k = int(above[0])
    if k == 0:
        return float(t[0])
    share = (threshold - h[k - 1]) / (h[k] - h[k - 1])
    return float(t[k - 1] + share * (t[k] - t[k - 1]))
