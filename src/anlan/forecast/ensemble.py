"""Members: the same forecast with its known uncertainties drawn, each reproducible on its own.

Drawn for each member but the first (member 0 is the control: nothing drawn):

- track: along and across the outlook's motion, standard deviations from the measured errors by
  lead time, correlated from one lead to the next as measured (`track_error`); 15 km at lead 0;
- intensity: one path of ln V and, with the same normal numbers, ln Δp;
- rain: exp(normal field), mean one; a part common to the member and a part correlated in space
  and time (exponential, first order autoregressive);
- tide: first order autoregressive, standard deviation = the tide's own left-out error;
- set-up: ln K; inland level: random walk.

Generators are seeded by (run seed, member, quantity): adding a quantity or a member changes no
other draw.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anlan.forecast.climate import ENVIRONMENT_HPA
from anlan.forecast.geodesy import east_north, move
from anlan.forecast.track import Track
from anlan.forecast.track_error import ErrorRow
from anlan.store import ids

Array = NDArray[np.float64]

POSITION_KM = 15.0
"""Standard deviation of a real-time fix along each axis: 0.1 degree steps and an unseen centre
(best tracks themselves: Landsea and Franklin 2013, doi 10.1175/MWR-D-12-00254.1)."""
WIND_LN = 0.05
"""The same for ln V at lead 0."""


def generator(seed: int, member: int, quantity: str) -> np.random.Generator:
    """The random numbers of one quantity of one member."""
    return np.random.Generator(np.random.PCG64(ids.seed("member", seed, member, quantity)))


def autoregressive(
    rng: np.random.Generator, correlation: Sequence[float] | Array, size: int
) -> Array:
    """(n + 1, size) unit normals; value k + 1 has ``correlation[k]`` (n,) with value k."""
    out = np.empty((len(correlation) + 1, size))
    out[0] = rng.standard_normal(size)
    for k, r in enumerate(correlation):
        out[k + 1] = r * out[k] + np.sqrt(max(0.0, 1.0 - r * r)) * rng.standard_normal(size)
    return out


def perturb_track(
    outlook: Track,
    ceiling: Array,
    fixed: float,
    errors: Sequence[ErrorRow],
    seed: int,
    member: int,
) -> Track:
    """``outlook`` with this member's errors after its last fix; member 0 as it is.

    Args:
        outlook: the known track continued, n points.
        ceiling: (n,) wind [m/s] that a member does not exceed: the strongest on record near there
            (a normal error of ln V knows nothing of how strong a storm can be).
        fixed: Unix seconds of the last fix; the past stays as it was fixed, and the error of the
            fix itself enters at the first later point.
        errors: measured errors by lead time.
    """
    if member == 0:
        return outlook
    rng = generator(seed, member, "track")
    table = np.array([[e.along_km, e.cross_km, e.wind_ln, e.deficit_ln] for e in errors])
    # Errors grow from those of the fix; a quadratic sum keeps the two independent.
    start = np.array([POSITION_KM, POSITION_KM, WIND_LN, WIND_LN])
    sigma = np.vstack([start, np.hypot(table, start)])
    leads = np.array([0.0, *(e.lead_h for e in errors)])
    # From the fix to the first row nothing is measured: take the first measured step's value.
    serial = [errors[min(1, len(errors) - 1)].serial, *(e.serial for e in errors[1:])]
    normal = autoregressive(rng, serial, 3)
    lead = (outlook.time - fixed) / 3600.0
    ahead = lead > 0.0
    s = np.stack([np.interp(lead, leads, sigma[:, c]) for c in range(4)], axis=1)
    z = np.stack([np.interp(lead, leads, normal[:, c]) for c in range(3)], axis=1)
    dx, dy = east_north(
        np.r_[outlook.lon[:1], outlook.lon[:-1]],
        np.r_[outlook.lat[:1], outlook.lat[:-1]],
        outlook.lon,
        outlook.lat,
    )
    length = np.maximum(np.hypot(dx, dy), 1.0)
    ex, ey = dx / length, dy / length
    along, cross = (np.where(ahead, 1e3 * s[:, c] * z[:, c], 0.0) for c in range(2))
    # Cross is positive to the right of the motion, as in `track_error`.
    lon, lat = move(outlook.lon, outlook.lat, along * ex + cross * ey, along * ey - cross * ex)
    strength = np.where(ahead, z[:, 2], 0.0)
    free = outlook.wind * np.exp(s[:, 2] * strength)
    wind = np.minimum(free, np.maximum(ceiling, outlook.wind))
    # A wind held down takes the pressure with it: V^2 goes with the deficit (Holland 1980 eq. 7).
    deficit = (ENVIRONMENT_HPA - outlook.pressure) * np.exp(s[:, 3] * strength)
    deficit *= (wind / np.maximum(free, 1.0)) ** 2
    return Track(
        outlook.time,
        lon,
        lat,
        ENVIRONMENT_HPA - deficit,
        wind,
    )


def correlation_root(x: Array, y: Array, length: float) -> Array:
    """(n, n) lower root of exp(-d/length) between points ``x``, ``y`` (n,) [m]."""
    d = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    return np.asarray(np.linalg.cholesky(np.exp(-d / length) + 1e-9 * np.eye(x.size)))


def rain_factor(
    root: Array,
    hours: int,
    field_ln: float,
    field_hours: float,
    total_ln: float,
    seed: int,
    member: int,
) -> Array:
    """(n, hours) factors on a member's rain, mean one; ones for member 0.

    Args:
        root: from `correlation_root` at the n rain nodes.
    """
    nodes = root.shape[0]
    if member == 0:
        return np.ones((nodes, hours))
    common = generator(seed, member, "rain total").standard_normal()
    steps = np.full(hours - 1, np.exp(-1.0 / field_hours))
    field = autoregressive(generator(seed, member, "rain field"), steps, nodes) @ root.T
    log = total_ln * common - 0.5 * total_ln**2 + field_ln * field.T - 0.5 * field_ln**2
    return np.asarray(np.exp(log))


def tide_error(
    seconds: Array, rms: float, hours: float, seed: int, member: int, now: float | None = None
) -> Array:
    """(k,) error [m] of the modelled sea level at evenly spaced ``seconds``.

    Autoregressive with standard deviation ``rms``. With ``now``, the error known at the first
    moment, paths start there and spread out to ``rms``; without, they start anywhere in it.
    Member 0 has the mean path: ``now`` dying away, or zero.
    """
    step = np.exp(-np.diff(seconds) / (hours * 3600.0))
    mean = (now or 0.0) * np.r_[1.0, np.cumprod(step)]
    if member == 0:
        return np.asarray(mean)
    path = autoregressive(generator(seed, member, "tide"), step, 1)[:, 0]
    if now is not None:
        path = path - path[0] * np.r_[1.0, np.cumprod(step)]
    return np.asarray(mean + rms * path)


def fetch_factor(fetch_ln: float, seed: int, member: int) -> float:
    """Factor on the set-up coefficient K; median one, 1 for member 0."""
    if member == 0:
        return 1.0
    return float(np.exp(fetch_ln * generator(seed, member, "set-up").standard_normal()))


def inland_error(
    lead_hours: Array, spread_24h: float, seed: int, member: int, station: str
) -> Array:
    """(k,) departure [m] of an inland level from persistence: a random walk from 0 at lead 0."""
    if member == 0:
        return np.zeros(lead_hours.size)
    step = np.sqrt(np.diff(lead_hours, prepend=lead_hours[:1]) / 24.0) * spread_24h
    draw = generator(seed, member, f"inland {station}").standard_normal(lead_hours.size)
    return np.asarray(np.cumsum(step * draw))
