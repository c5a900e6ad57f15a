"""Courses in time: smooth curves through given points, and smooth random departures.

Times are seconds since 1970-01-01T00:00Z throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from anlan.replay.parameters import Constituent

Floats = NDArray[np.float64]
HOUR = 3600.0


def course(points: Sequence[tuple[datetime, float]], times: ArrayLike) -> Floats:
    """Values at ``times`` on a monotone cubic through the points; level before and after them.

    Monotone between points (Fritsch & Butland 1984), so that a course never overshoots a given
    peak. ``times``: (T,) s.
    """
    ordered = sorted(points)
    at = np.array([moment.timestamp() for moment, _ in ordered])
    values = np.array([value for _, value in ordered])
    curve = PchipInterpolator(at, values, extrapolate=False)
    clipped = np.clip(np.asarray(times, dtype=np.float64), at[0], at[-1])
    return np.asarray(curve(clipped), dtype=np.float64)


def random_course(seed: int, count: int, dt_s: float, rms: float, hours: float) -> Floats:
    """(count,) Gaussian random course of zero mean, standard deviation ``rms``.

    White noise smoothed by a Gaussian whose standard deviation is ``hours``; the factor brings
    its *expected* variance back to ``rms``², so that a longer course keeps its size.
    """
    sigma = hours * HOUR / dt_s
    pad = int(4 * sigma) + 1
    white = np.random.default_rng(seed).standard_normal(count + 2 * pad)
    smooth = gaussian_filter1d(white, sigma, mode="wrap")[pad : pad + count]
    return np.asarray(rms * smooth * np.sqrt(2.0 * np.sqrt(np.pi) * sigma), dtype=np.float64)


def random_field(seed: int, shape: tuple[int, ...], sigma: Sequence[float]) -> Floats:
    """Gaussian random field of zero mean and unit variance, smoothed by ``sigma`` cells an axis.

    Normalised by its own spread: on a field not many lengths wide the expected one misleads.
    """
    white = np.random.default_rng(seed).standard_normal(shape)
    smooth = gaussian_filter(white, sigma, mode="nearest")
    spread = float(smooth.std())
    return np.asarray((smooth - smooth.mean()) / spread if spread > 0 else smooth)


def harmonic(epoch: datetime, constituents: Sequence[Constituent], times: ArrayLike) -> Floats:
    """(T,) height above mean level, m: Σ A cos(ω (t − epoch) − φ)."""
    hours = (np.asarray(times, dtype=np.float64) - epoch.timestamp()) / HOUR
    speed = np.radians([c.speed_deg_h for c in constituents])
    phase = np.radians([c.phase_deg for c in constituents])
    amplitude = np.array([c.amplitude_m for c in constituents])
    angle = hours[:, None] * speed[None, :] - phase[None, :]
    return np.asarray(np.cos(angle) @ amplitude, dtype=np.float64)
