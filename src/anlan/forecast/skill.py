"""How good a forecast was, once the truth is known: pure functions for the review.

Brier score: Brier (1950), Mon. Wea. Rev. 78, 1-3. Continuous ranked probability score of an
ensemble: Hersbach (2000), doi 10.1175/1520-0434(2000)015<0559:DOTCRP>2.0.CO;2, in the form
E|X - y| - E|X - X'|/2 (Gneiting and Raftery 2007, doi 10.1198/016214506000001437, eq. 21).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating[Any]]


def brier(probability: ArrayLike, happened: ArrayLike) -> float:
    """Mean of (p - o)^2 over cases, o being 1 where it ``happened``: 0 is perfect, NaN if none."""
    p = np.asarray(probability, dtype=np.float64)
    o = np.asarray(happened, dtype=np.float64)
    return float(np.mean((p - o) ** 2)) if p.size else float("nan")


def crps(members: ArrayLike, observed: ArrayLike) -> Array:
    """Score of each case, in the unit of the values; for one member the absolute error.

    Args:
        members: (M, …) ensemble; observed: (…) what came.
    """
    x = np.sort(np.asarray(members, dtype=np.float64), axis=0)
    y = np.asarray(observed, dtype=np.float64)
    m = x.shape[0]
    # Mean |X - X'| over all pairs from the order statistics, without the M x M table.
    weight = (2.0 * np.arange(1, m + 1) - m - 1.0).reshape((m,) + (1,) * (x.ndim - 1))
    spread = (weight * x).sum(axis=0) / m**2
    return np.asarray(np.abs(x - y).mean(axis=0) - spread)


def coverage(members: ArrayLike, observed: ArrayLike, low: float = 0.1, high: float = 0.9) -> float:
    """Share of cases (…) inside the ``low``-``high`` range of ``members`` (M, …).

    Cases with NaN are left out; NaN when none is left. A reliable ensemble gives high - low.
    """
    x = np.asarray(members, dtype=np.float64)
    y = np.asarray(observed, dtype=np.float64)
    ok = np.isfinite(y) & np.isfinite(x).all(axis=0)
    if not ok.any():
        return float("nan")
    bottom, top = np.quantile(x[:, ok], (low, high), axis=0)
    return float(np.mean((y[ok] >= bottom) & (y[ok] <= top)))


@dataclass(frozen=True)
class PeakScore:
    """A forecast peak against the observed one.

    Attributes:
        observed_m, observed_at: the highest reading and its Unix seconds.
        error_m: median of the members' peaks minus it; late_s: median time of peak minus its time.
        inside: whether it lies between the 10th and 90th percentile of the members' peaks.
        crps_m: score of the members' peaks.
    """

    observed_m: float
    observed_at: float
    error_m: float
    late_s: float
    inside: bool
    crps_m: float


def peak(
    times: ArrayLike, members: ArrayLike, seen_times: ArrayLike, seen: ArrayLike
) -> PeakScore | None:
    """The peak of ``members`` (M, F) at ``times`` (F,) against readings ``seen`` (k,).

    Only readings within the forecast's span count; None when they cover less than half of it, for
    then nobody knows the peak. Times are Unix seconds.
    """
    t = np.asarray(times, dtype=np.float64)
    x = np.asarray(members, dtype=np.float64)
    when = np.asarray(seen_times, dtype=np.float64)
    y = np.asarray(seen, dtype=np.float64)
    ok = (when >= t[0]) & (when <= t[-1]) & np.isfinite(y)
    if not ok.any() or when[ok].max() - when[ok].min() < 0.5 * (t[-1] - t[0]):
        return None
    when, y = when[ok], y[ok]
    top = int(y.argmax())
    peaks = x.max(axis=1)
    low, high = np.quantile(peaks, (0.1, 0.9))
    return PeakScore(
        float(y[top]),
        float(when[top]),
        float(np.median(peaks) - y[top]),
        float(np.median(t[x.argmax(axis=1)]) - when[top]),
        bool(low <= y[top] <= high),
        float(crps(peaks, y[top])),
    )
