"""Storm surge at one gauge: inverse barometer plus wind set-up in shallow, tidal water.

    residual = (p_far - p)/(ρ g) + η
    dη/dt   = (η_eq - η)/T,      T = L / sqrt(g h)
    η_eq    = K τ_a/(ρ g h),     h = h0 + tide above mean level

τ_a is the wind stress along the bay axis, ρ_air C_d |W| W·a, with C_d = (0.8 + 0.065 |W|) 1e-3
(Wu 1982, doi 10.1029/JC087iC12p09704) up to 33 m/s and level beyond (Powell et al. 2003,
doi 10.1038/nature01481). η_eq is the steady set-up of a basin of length K (Pugh 1987, eq. 6:9), T
the time a long wave takes along the bay. Both carry the tide: set-up is larger and slower over low
water, so a residual peaks before high water (tide-surge interaction; Horsburgh and Wilson 2007,
doi 10.1029/2006JC004033). Wave set-up, river flow and what the surge itself adds to h are left out.

K, an effective fetch, is the only fitted number (`fit_surge`). L, the axis and h0 are set
beforehand, in `setup.toml`, from the map.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.forecast.climate import ENVIRONMENT_HPA
from anlan.forecast.geodesy import east_north
from anlan.forecast.track import Track
from anlan.forecast.vortex import AIR_DENSITY, vortex

Array = NDArray[np.float64]

WATER_DENSITY = 1020.0
GRAVITY = 9.81
MIN_DEPTH_M = 2.0
"""h is not taken below this: the formula has no meaning over dry flats."""


@dataclass(frozen=True)
class Setup:
    """The wind set-up of a gauge.

    Attributes:
        from_bearing: compass bearing [degrees] the axis wind blows from: along it, water rises.
        depth: h0, mean depth of the bay below mean level [m].
        length: L [m], from the mouth to the gauge.
        fetch: K [m], fitted.
        fetch_ln_error: spread of ln K for members (one event says little: assumed).
        source: how K was found.
    """

    from_bearing: float
    depth: float
    length: float
    fetch: float
    fetch_ln_error: float
    source: str = ""


def read_setup(path: Path) -> Setup:
    """The `Setup` of ``setup.toml``."""
    with path.open("rb") as handle:
        raw = tomllib.load(handle)
    return Setup(
        float(raw["from_bearing_deg"]),
        float(raw["depth_m"]),
        float(raw["length_m"]),
        float(raw["fit"]["fetch_m"]),
        float(raw["fetch_ln_error"]),
        str(raw["fit"].get("sentence", "")),
    )


def wind_stress(speed: ArrayLike) -> Array:
    """Stress on the sea [Pa] of a surface wind [m/s] (Wu 1982, C_d level above 33 m/s)."""
    v = np.asarray(speed, dtype=np.float64)
    return np.asarray(AIR_DENSITY * (0.8 + 0.065 * np.minimum(v, 33.0)) * 1e-3 * v**2)


def inverse_barometer(pressure: ArrayLike) -> Array:
    """Rise [m] of the sea under ``pressure`` [hPa]: about 1 cm for each hPa below the far value."""
    p = np.asarray(pressure, dtype=np.float64)
    return np.asarray((ENVIRONMENT_HPA - p) * 100.0 / (WATER_DENSITY * GRAVITY))


def axis_stress(east: ArrayLike, north: ArrayLike, from_bearing: float) -> Array:
    """Wind stress [Pa] along the axis, positive for a wind from ``from_bearing``."""
    e, n = np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)
    speed = np.hypot(e, n)
    bearing = np.radians(from_bearing)
    toward = -(e * np.sin(bearing) + n * np.cos(bearing))
    return np.asarray(wind_stress(speed) * toward / np.maximum(speed, 1e-6))


def weather(track: Track, seconds: Array, lon: float, lat: float) -> tuple[Array, Array, Array]:
    """Pressure [hPa] and eastward, northward wind [m/s] at (``lon``, ``lat``) at ``seconds`` (k,).

    The storm between and at its fixes; before the first and after the last fix there is none.
    """
    state = track.at(seconds)
    before, after = track.at(seconds - 3600.0), track.at(seconds + 3600.0)
    span = np.clip(seconds + 3600.0, track.time[0], track.time[-1]) - np.clip(
        seconds - 3600.0, track.time[0], track.time[-1]
    )
    dx, dy = east_north(before[:, 0], before[:, 1], after[:, 0], after[:, 1])
    span = np.maximum(span, 1.0)
    storm = vortex(state[:, 0], state[:, 1], state[:, 2], state[:, 3], dx / span, dy / span)
    east, north = storm.wind(lon, lat)
    there = (seconds >= track.time[0]) & (seconds <= track.time[-1])
    pressure = np.where(there, storm.pressure(lon, lat), ENVIRONMENT_HPA)
    return pressure, np.where(there, east, 0.0), np.where(there, north, 0.0)


def residual(
    setup: Setup, seconds: Array, tide: Array, pressure: Array, east: Array, north: Array
) -> Array:
    """Residual [m] (k,) at evenly spaced ``seconds``; starts from no set-up.

    Args:
        tide: astronomical tide above its mean level [m], (k,).
        pressure: at the gauge [hPa]; east, north: surface wind over the bay [m/s], (k,).

    η is stepped exactly for constants within a step, so it is linear in K and stable at any step.
    """
    h = np.maximum(setup.depth + tide, MIN_DEPTH_M)
    stress = axis_stress(east, north, setup.from_bearing)
    steady = setup.fetch * stress / (WATER_DENSITY * GRAVITY * h)
    decay = np.exp(-np.diff(seconds, prepend=seconds[:1]) * np.sqrt(GRAVITY * h) / setup.length)
    eta = np.empty_like(steady)
    level = 0.0
    for i in range(steady.size):
        level = steady[i] + (level - steady[i]) * decay[i]
        eta[i] = level
    return inverse_barometer(pressure) + eta
