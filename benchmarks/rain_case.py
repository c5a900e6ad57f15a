"""The rain hour: one bed and one forcing, which every engine gets. NumPy alone is needed here.

A million cells of 10 m on a slope of 5e-4 with Gaussian bumps, 50 mm/h for an hour on dry ground
with closed edges: thin films over most of the grid and ponds of up to two metres.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 1000
DX = 10.0  # m
SLOPE = 5e-4
BUMPS = (150.0, 600.0)  # m, lengths of the Gaussian that smooths white noise
BUMP_HEIGHT = 0.5  # m, standard deviation of each
SEED = 42
MANNING = 0.05  # s m^-1/3
RAIN_MM_H = 50.0
HOUR = 3600.0  # s
SHORT = 600.0  # s, for engines too slow for the hour


def bed() -> NDArray[np.float64]:
    """(1000, 1000) bed elevation at cells, m; it falls with the column."""
    rng = np.random.default_rng(SEED)
    x = np.arange(SIDE) * DX
    z = np.tile(SLOPE * (x[-1] - x), (SIDE, 1))
    for length in BUMPS:
        bumps = _smooth(rng.standard_normal((SIDE, SIDE)), length / DX)
        z += BUMP_HEIGHT / bumps.std() * bumps
    return z


def rained(seconds: float) -> float:
    """Volume of the rain in that time, m3."""
    return RAIN_MM_H / 3.6e6 * seconds * SIDE * SIDE * DX * DX


def _smooth(noise: NDArray[Any], cells: float) -> NDArray[np.float64]:
    """Convolve with a periodic Gaussian of that standard deviation."""
    ky, kx = np.fft.fftfreq(noise.shape[0]), np.fft.rfftfreq(noise.shape[1])
    damping = np.exp(-2.0 * (np.pi * cells) ** 2 * (ky[:, None] ** 2 + kx[None, :] ** 2))
    return np.fft.irfft2(np.fft.rfft2(noise) * damping, noise.shape)
