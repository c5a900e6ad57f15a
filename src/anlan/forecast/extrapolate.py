"""A storm's future from its past: persistence of motion relaxing to climatology.

    dx/dt = w v0 + (1 - w) v_c(x),   w = exp(-t / T)
    d ln V/dt = (1 - w) a_c(x),      d ln Δp/dt = (1 - w) b_c(x)

with v0 the motion of the last 12 h, and v_c, a_c, b_c what past storms did near x
(`climate.Climate.near`); decay after landfall comes in through a_c and b_c. This is a
climatology-and-persistence forecast in the sense of Neumann (1972, NOAA NWS SR-62, "CLIPER"),
without its regression: the yardstick against which others are measured, not the best there is.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from anlan.forecast.climate import ENVIRONMENT_HPA, Climate
from anlan.forecast.geodesy import move
from anlan.forecast.track import Track, known, motion
from anlan.refusal import Refusal

Array = NDArray[np.float64]

STEP_HOURS = 3.0
RELAX_HOURS = 24.0
"""T: of 24, 36, 48 and 72 h the best at 48 h on storms before 2021 (`fit_track` prints them)."""


def extrapolate(
    start: Array,
    velocity: Array,
    climate: Climate,
    lead_hours: float,
    *,
    relax_hours: float = RELAX_HOURS,
    exclude: NDArray[np.int64] | None = None,
) -> Array:
    """Positions and intensities ahead, for k cases at once.

    Args:
        start: (k, 4) lon, lat, pressure [hPa], wind [m/s] at the issue time.
        velocity: (k, 2) eastward and northward motion [m/s] at the issue time.
        climate: what past storms did.
        lead_hours: how far; steps of 3 h, the last one reaching at least this far.
        relax_hours: T above.
        exclude: (k,) number of each case's own storm in ``climate``.

    Returns:
        (s + 1, k, 4): the state every 3 h from lead 0 on.
    """
    steps = int(np.ceil(lead_hours / STEP_HOURS))
    lon, lat = start[:, 0].copy(), start[:, 1].copy()
    deficit = np.maximum(ENVIRONMENT_HPA - start[:, 2], 2.0)
    wind = start[:, 3].copy()
    out = np.empty((steps + 1, start.shape[0], 4))
    out[0] = start
    for step in range(steps):
        w = np.exp(-(step + 0.5) * STEP_HOURS / relax_hours)
        there = climate.near(lon, lat, exclude)
        east = w * velocity[:, 0] + (1.0 - w) * there[:, 0]
        north = w * velocity[:, 1] + (1.0 - w) * there[:, 1]
        lon, lat = move(lon, lat, east * STEP_HOURS * 3600.0, north * STEP_HOURS * 3600.0)
        wind = wind * np.exp((1.0 - w) * there[:, 2] * STEP_HOURS)
        deficit = deficit * np.exp((1.0 - w) * there[:, 3] * STEP_HOURS)
        out[step + 1] = np.stack([lon, lat, ENVIRONMENT_HPA - deficit, wind], axis=1)
    return out


def outlook(
    track: Track,
    issue: datetime,
    climate: Climate,
    lead_hours: float,
    *,
    relax_hours: float = RELAX_HOURS,
) -> Track:
    """The track known at ``issue``, continued to ``lead_hours`` after it.

    Fixes after ``issue`` are dropped first. The continuation starts from the last known fix, so
    a fix some hours old costs some hours of lead.

    Raises:
        Refusal: when no fix is known at ``issue``.
    """
    past = known(track, issue)
    if len(past) == 0:
        raise Refusal(
            f"no track fix is known at {issue.isoformat()}; there is no storm to continue",
            field="track",
            value=issue,
            remedy="issue without a typhoon, or add fixes up to the issue time",
        )
    age = (issue.timestamp() - float(past.time[-1])) / 3600.0
    return _continued(past, climate, lead_hours + age, relax_hours)


def guided(
    track: Track, ahead: Track, issue: datetime, climate: Climate, lead_hours: float
) -> Track:
    """The track known at ``issue``, then what an agency forecasts, then the continuation of that.

    Args:
        ahead: forecast fixes; those not after the last known fix are left out. Between them the
            storm is taken to move and change evenly.

    Raises:
        Refusal: when no fix is known at ``issue``.
    """
    past = known(track, issue)
    later = ahead.time > past.time[-1] if len(past) else np.zeros(len(ahead), dtype=bool)
    if not later.any():
        return outlook(track, issue, climate, lead_hours)
    joined = _joined(past, np.column_stack([ahead.time, ahead.at(ahead.time)])[later])
    end = issue.timestamp() + 3600.0 * lead_hours
    steps = np.arange(past.time[-1], min(joined.time[-1], end), 3600.0 * STEP_HOURS)[1:]
    fine = np.unique(np.append(steps, joined.time[-1]))
    joined = _joined(past, np.column_stack([fine, joined.at(fine)]))
    missing = (end - joined.time[-1]) / 3600.0
    return _continued(joined, climate, missing, RELAX_HOURS) if missing > 0.0 else joined


def _joined(past: Track, ahead: Array) -> Track:
    """``past`` and the rows of ``ahead`` (n, 5) time, lon, lat, pressure, wind."""
    columns = (past.time, past.lon, past.lat, past.pressure, past.wind)
    return Track(*(np.concatenate([c, ahead[:, i]]) for i, c in enumerate(columns)))


def _continued(past: Track, climate: Climate, hours: float, relax_hours: float) -> Track:
    """``past`` extrapolated from its last fix by at least ``hours``."""
    velocity = np.array([motion(past)])
    start = past.at(past.time[-1])
    ahead = extrapolate(start, velocity, climate, hours, relax_hours=relax_hours)[1:, 0]
    time = past.time[-1] + 3600.0 * STEP_HOURS * np.arange(1, ahead.shape[0] + 1)
    return _joined(past, np.column_stack([time, ahead]))
