"""Rain of a typhoon from its strength and distance, and of anything else from the gauges.

Near the centre the R-CLIPER profile (Tuleya, DeMaria and Kuligowski 2007, doi 10.1175/WAF972.1,
eqs. 3-5 and table 2; made from the satellite climatology of Lonfat, Marks and Chen 2004,
doi 10.1175/1520-0493(2004)132<1645:PDITCU>2.0.CO;2):

    R(r) = T0 + (Tm - T0) r/rm        r < rm
    R(r) = Tm exp(-(r - rm)/re)       r >= rm
    T0 = -1.10 + 3.96 U,  Tm = -1.60 + 4.80 U  [inch/day]
    rm = 64.5 - 13.0 U,   re = 150 - 16.0 U    [km],   U = 1 + (V - 35 kt)/33 kt

R-CLIPER has next to nothing beyond 300 km, where bands of a broad storm rain on for days. The
outer-band term adds A U exp(-r/L) with A = 1 mm/h and L = 300 km: the order of the azimuthal
means 200-500 km out in Lonfat et al., assumed, not fitted. The profile knows no hills, no shear, no
landfall: single totals are wrong by a factor of two and more, which is what the members' log-field
is for (`ensemble`).

Gauges: the mean rate of the last hours persists and dies away, w = exp(-t/P):
rate = w observed + (1 - w) typhoon. A city with no typhoon has the first term alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

KNOTS_PER_MS = 1.943844
MM_H_PER_INCH_DAY = 25.4 / 24.0
OUTER_MM_H = 1.0
OUTER_KM = 300.0


def typhoon_rate(distance_km: ArrayLike, wind_ms: ArrayLike) -> Array:
    """Rain rate [mm/h] at ``distance_km`` from the centre of a storm of ``wind_ms`` (broadcast).

    Below 9 m/s there is no storm and no rain; the inner part fades in between 9 and 18 m/s, where
    the published coefficients leave their range.
    """
    r = np.asarray(distance_km, dtype=np.float64)
    knots = np.asarray(wind_ms, dtype=np.float64) * KNOTS_PER_MS
    u = np.maximum(1.0 + (knots - 35.0) / 33.0, 0.5)
    t0 = np.maximum(-1.10 + 3.96 * u, 0.0)
    tm = np.maximum(-1.60 + 4.80 * u, 0.0)
    rm = np.maximum(64.5 - 13.0 * u, 5.0)
    re = np.maximum(150.0 - 16.0 * u, 50.0)
    inner = np.where(r < rm, t0 + (tm - t0) * r / rm, tm * np.exp(-np.maximum(r - rm, 0.0) / re))
    outer = OUTER_MM_H * u * np.exp(-r / OUTER_KM)
    alive = np.clip((knots / KNOTS_PER_MS - 9.0) / 9.0, 0.0, 1.0)
    return np.asarray(alive * (inner * MM_H_PER_INCH_DAY + outer))


def interpolation_weights(x: Array, y: Array, gauge_x: Array, gauge_y: Array) -> Array:
    """(n, g) inverse-distance-squared weights of gauges at points; rows sum to 1.

    Args:
        x, y: (n,) points [m]; gauge_x, gauge_y: (g,) gauges [m].

    A gauge within 100 m of a point is taken as 100 m away, so that no weight is infinite.
    """
    d2 = (x[:, None] - gauge_x[None, :]) ** 2 + (y[:, None] - gauge_y[None, :]) ** 2
    weight = 1.0 / np.maximum(d2, 1e4)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def interpolate(weights: Array, hourly: Array) -> Array:
    """(n, t) rain at points from ``hourly`` (g, t) gauge rain; NaN gauges are left out.

    Hours without any gauge give 0: no reading is no known rain.
    """
    there = np.isfinite(hourly)
    total = weights @ there.astype(np.float64)
    value = weights @ np.where(there, hourly, 0.0)
    return np.asarray(np.divide(value, total, out=np.zeros_like(value), where=total > 0.0))


def hourly_sums(start: Array, end: Array, amount: Array, edges: Array) -> Array:
    """(t,) mm in each hour between ``edges`` (t + 1,) from readings with their own intervals.

    Args:
        start, end: Unix seconds of each reading's interval; amount: mm in it.

    An interval that crosses an edge is shared by time. Hours less than half covered by readings
    are NaN; partly covered ones are scaled up to the hour.
    """
    sums = np.full(edges.size - 1, np.nan)
    for k in range(edges.size - 1):
        overlap = np.minimum(end, edges[k + 1]) - np.maximum(start, edges[k])
        share = np.maximum(overlap, 0.0)
        covered = share.sum() / (edges[k + 1] - edges[k])
        if covered >= 0.5:
            amounts = amount * share / np.maximum(end - start, 1.0)
            sums[k] = amounts.sum() / min(covered, 1.0)
    return sums


def blend(observed: Array, typhoon: Array, lead_hours: Array, persistence_hours: float) -> Array:
    """(n, t) rate [mm/h]: the observed rate (n,) dying away into the ``typhoon`` rate (n, t)."""
    w = np.exp(-lead_hours / persistence_hours)
    return np.asarray(observed[:, None] * w[None, :] + typhoon * (1.0 - w[None, :]))
