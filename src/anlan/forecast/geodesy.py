"""Distances and bearings on a sphere, good to 0.3 % over a storm's reach."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

EARTH_RADIUS_M = 6_371_000.0
OMEGA = 7.292e-5
"""Earth's rotation [rad/s]."""


def east_north(
    lon0: ArrayLike, lat0: ArrayLike, lon: ArrayLike, lat: ArrayLike
) -> tuple[Array, Array]:
    """Metres east and north from (``lon0``, ``lat0``) to (``lon``, ``lat``), degrees in.

    Equirectangular at the mean latitude; inputs broadcast. Error below 1 % within 1500 km at
    the latitudes of typhoons, far less than the error of any position forecast.
    """
    lon0_, lat0_, lon_, lat_ = (np.asarray(a, dtype=np.float64) for a in (lon0, lat0, lon, lat))
    mean = np.radians(0.5 * (lat0_ + lat_))
    degree = np.radians(1.0) * EARTH_RADIUS_M
    return (lon_ - lon0_) * degree * np.cos(mean), (lat_ - lat0_) * degree


def move(lon: ArrayLike, lat: ArrayLike, east: ArrayLike, north: ArrayLike) -> tuple[Array, Array]:
    """The place ``east`` and ``north`` metres from (``lon``, ``lat``): inverse of `east_north`."""
    degree = np.radians(1.0) * EARTH_RADIUS_M
    lat0 = np.asarray(lat, dtype=np.float64)
    lat1 = lat0 + np.asarray(north, dtype=np.float64) / degree
    mean = np.radians(0.5 * (lat0 + lat1))
    lon1 = np.asarray(lon, dtype=np.float64) + np.asarray(east, dtype=np.float64) / (
        degree * np.cos(mean)
    )
    return lon1, lat1


def coriolis(lat: ArrayLike) -> Array:
    """Size of the Coriolis parameter 2 Ω |sin φ| [1/s] at latitude ``lat`` [degrees]."""
    phi = np.radians(np.asarray(lat, dtype=np.float64))
    return np.asarray(2.0 * OMEGA * np.abs(np.sin(phi)))
