"""Wind and pressure of a typhoon from its centre, depth and strength.

Pressure and gradient wind: Holland (1980, doi 10.1175/1520-0493(1980)108<1212:AAMOTW>2.0.CO;2),

    p(r) = p_c + Δp exp(-(R/r)^B)                                       (his eq. 1)
    V_g(r) = sqrt(B Δp/ρ (R/r)^B exp(-(R/r)^B) + (r f/2)^2) - r f/2     (his eq. 5)
    B = ρ e V_m^2 / Δp                                                  (his eq. 7 solved for B)

Radius of maximum wind: Willoughby, Darling and Rahn (2006, doi 10.1175/MWR3106.1) eq. 7a,
R = 46.4 exp(-0.0155 V_m + 0.0169 φ) km: an Atlantic relation, used here as it is; a weak,
broad storm after landfall (In-Fa was one) has a larger R than it says.

Outside R a deep, tight storm's Holland wind falls off too fast (Willoughby and Rahn 2004,
doi 10.1175/MWR2831.1); there the wind is not taken below the dual-exponential tail of Willoughby
et al. (2006) eqs. 10a, 10c,

    V(r) = V_m ((1 - A) exp(-(r - R)/X) + A exp(-(r - R)/25 km)),
    X = 317.1 - 2.026 V_m + 1.915 φ km,   A = 0.0696 + 0.0049 V_m - 0.0064 φ >= 0.

Motion adds c R r/(R^2 + r^2) to the wind everywhere (Jelesnianski 1966, doi
10.1175/1520-0493(1966)094<0379:NCOSSW>2.3.CO;2), half of the translation speed c at r = R, so the
reported maximum minus c/2 is what the still vortex must give. Inflow angle: 10 degrees at the
centre to 20 at R, 25 beyond 1.2 R (Sobey et al. 1977; Phadke et al. 2003,
doi 10.1016/S0029-8018(02)00062-1). Surface wind over sea = 0.9 of the gradient wind (Powell et
al. 2003, doi 10.1038/nature01481, eyewall); over land 0.7 (assumed, open country).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.forecast.climate import ENVIRONMENT_HPA
from anlan.forecast.geodesy import coriolis, east_north

Array = NDArray[np.float64]

AIR_DENSITY = 1.15
SEA_FACTOR = 0.9
LAND_FACTOR = 0.7
B_RANGE = (0.8, 2.2)
"""B outside this range is taken at its end: reported wind and pressure do not always agree."""


def radius_of_maximum_wind(wind: ArrayLike, lat: ArrayLike) -> Array:
    """R [m] from the largest wind [m/s] and latitude [degrees] (Willoughby et al. 2006 eq. 7a)."""
    v, phi = np.asarray(wind, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    return np.asarray(46.4e3 * np.exp(-0.0155 * v + 0.0169 * np.abs(phi)))


def shape(wind_gradient: ArrayLike, deficit_hpa: ArrayLike) -> Array:
    """Holland's B from the largest gradient wind [m/s] and pressure deficit [hPa], in `B_RANGE`."""
    v = np.asarray(wind_gradient, dtype=np.float64)
    deficit = np.maximum(np.asarray(deficit_hpa, dtype=np.float64), 1.0) * 100.0
    return np.asarray(np.clip(AIR_DENSITY * np.e * v**2 / deficit, *B_RANGE))


@dataclass(frozen=True)
class Vortex:
    """A storm at one or more moments; all fields broadcast against each other.

    Attributes:
        lon, lat: centre [degrees]; deficit: p_far - p_centre [hPa]; radius: R [m]; b: Holland's B;
        east, north: motion of the centre [m/s].
    """

    lon: Array
    lat: Array
    deficit: Array
    radius: Array
    b: Array
    east: Array
    north: Array

    def pressure(self, lon: ArrayLike, lat: ArrayLike) -> Array:
        """Sea-level pressure [hPa] at (``lon``, ``lat``)."""
        r, _, _ = self._polar(lon, lat)
        centre = ENVIRONMENT_HPA - self.deficit
        return np.asarray(centre + self.deficit * np.exp(-((self.radius / r) ** self.b)))

    def gradient_wind(self, r: ArrayLike) -> Array:
        """Gradient wind [m/s] of the still vortex at distance ``r`` [m]."""
        radius = np.maximum(np.asarray(r, dtype=np.float64), 1.0)
        x = (self.radius / radius) ** self.b
        f = coriolis(self.lat)
        cyclostrophic = self.b * self.deficit * 100.0 / AIR_DENSITY * x * np.exp(-x)
        holland = np.sqrt(cyclostrophic + (0.5 * radius * f) ** 2) - 0.5 * radius * f
        return np.asarray(
            np.where(radius > self.radius, np.maximum(holland, self._tail(radius)), holland)
        )

    def _tail(self, r: Array) -> Array:
        # The peak of the Holland profile itself, so that the two join at R.
        peak = np.sqrt(self.b * self.deficit * 100.0 / (AIR_DENSITY * np.e))
        peak = np.maximum(peak - 0.5 * self.radius * coriolis(self.lat), 0.0)
        phi = np.abs(self.lat)
        reach = np.maximum(317.1 - 2.026 * peak + 1.915 * phi, 50.0) * 1e3
        share = np.maximum(0.0696 + 0.0049 * peak - 0.0064 * phi, 0.0)
        away = np.maximum(r - self.radius, 0.0)
        return np.asarray(
            peak * ((1.0 - share) * np.exp(-away / reach) + share * np.exp(-away / 25e3))
        )

    def wind(
        self, lon: ArrayLike, lat: ArrayLike, *, over_land: bool = False
    ) -> tuple[Array, Array]:
        """Eastward and northward surface wind [m/s] at (``lon``, ``lat``)."""
        r, dx, dy = self._polar(lon, lat)
        speed = (LAND_FACTOR if over_land else SEA_FACTOR) * self.gradient_wind(r)
        ratio = r / self.radius
        inflow = np.radians(
            np.where(
                ratio < 1.0,
                10.0 + 10.0 * ratio,
                np.where(ratio < 1.2, 20.0 + 25.0 * (ratio - 1.0), 25.0),
            )
        )
        # Anticlockwise (northern hemisphere) turned inward; mirrored south of the equator.
        turn = np.where(self.lat >= 0.0, 1.0, -1.0)
        east = speed * (-turn * dy * np.cos(inflow) - dx * np.sin(inflow)) / r
        north = speed * (turn * dx * np.cos(inflow) - dy * np.sin(inflow)) / r
        share = self.radius * r / (self.radius**2 + r**2)
        return np.asarray(east + share * self.east), np.asarray(north + share * self.north)

    def _polar(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Array, Array, Array]:
        dx, dy = east_north(self.lon, self.lat, lon, lat)
        return np.maximum(np.hypot(dx, dy), 1.0), dx, dy


def vortex(
    lon: ArrayLike,
    lat: ArrayLike,
    pressure: ArrayLike,
    wind: ArrayLike,
    east: ArrayLike,
    north: ArrayLike,
) -> Vortex:
    """A `Vortex` from centre, central pressure [hPa], largest surface wind and motion [m/s]."""
    lon_, lat_, p, v, u_, v_ = (
        np.asarray(a, dtype=np.float64) for a in (lon, lat, pressure, wind, east, north)
    )
    still = np.maximum(v - 0.5 * np.hypot(u_, v_), 3.0)
    deficit = np.maximum(ENVIRONMENT_HPA - p, 1.0)
    return Vortex(
        lon_,
        lat_,
        deficit,
        radius_of_maximum_wind(v, lat_),
        shape(still / SEA_FACTOR, deficit),
        u_,
        v_,
    )
