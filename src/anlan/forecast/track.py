"""A storm's track: its fixes, what was known of it at a moment, and where it was in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.forecast.geodesy import east_north
from anlan.refusal import Refusal

Array = NDArray[np.float64]

MOTION_HOURS = 12.0
"""Motion is the mean over these last hours: 0.1 degree steps of a fix make shorter ones noisy."""


class FixLike(Protocol):
    """What a fix of any source offers (`anlan.city.Fix` does)."""

    @property
    def time(self) -> datetime: ...
    @property
    def lon(self) -> float: ...
    @property
    def lat(self) -> float: ...
    @property
    def pressure_hpa(self) -> float: ...
    @property
    def wind_ms(self) -> float: ...


@dataclass(frozen=True)
class Track:
    """A storm's fixes in order of time, all arrays of shape (n,).

    Attributes:
        time: seconds since 1970-01-01T00Z, strictly rising.
        lon, lat: degrees east and north.
        pressure: central pressure [hPa].
        wind: largest sustained wind near the centre [m/s], as the source defines it (CMA: 2 min).
    """

    time: Array
    lon: Array
    lat: Array
    pressure: Array
    wind: Array

    def __len__(self) -> int:
        return int(self.time.size)

    def at(self, time: ArrayLike) -> Array:
        """(k, 4) lon, lat, pressure, wind at ``time`` (k,) by linear interpolation.

        Before the first and after the last fix the end values stand: callers extrapolate.
        """
        t = np.atleast_1d(np.asarray(time, dtype=np.float64))
        columns = (self.lon, self.lat, self.pressure, self.wind)
        return np.stack([np.interp(t, self.time, c) for c in columns], axis=1)


def from_fixes(fixes: Iterable[FixLike]) -> Track:
    """A `Track` from fixes in any order; of fixes at one time the last given stands.

    Raises:
        Refusal: when a fix has no time zone.
    """
    rows: dict[float, tuple[float, float, float, float]] = {}
    for fix in fixes:
        if fix.time.tzinfo is None:
            raise Refusal(
                f"track fix at {fix.time} has no time zone; give UTC or an offset",
                field="time",
                value=fix.time,
                remedy="a timezone-aware time",
            )
        rows[fix.time.timestamp()] = (fix.lon, fix.lat, fix.pressure_hpa, fix.wind_ms)
    times = sorted(rows)
    table = np.array([rows[t] for t in times], dtype=np.float64).reshape(len(times), 4)
    return Track(np.array(times, dtype=np.float64), *(table[:, i].copy() for i in range(4)))


def known(track: Track, issue: datetime) -> Track:
    """The fixes made at or before ``issue``: all that a forecast issued then may use."""
    keep = track.time <= issue.timestamp()
    return Track(*(a[keep] for a in (track.time, track.lon, track.lat, track.pressure, track.wind)))


def motion(track: Track, hours: float = MOTION_HOURS) -> tuple[float, float]:
    """Mean eastward and northward speed [m/s] over the last ``hours`` of ``track``.

    A single fix has no motion: (0, 0).
    """
    if len(track) < 2:
        return 0.0, 0.0
    end = float(track.time[-1])
    start = max(float(track.time[0]), end - hours * 3600.0)
    then = track.at(start)[0]
    east, north = east_north(then[0], then[1], track.lon[-1], track.lat[-1])
    return float(east) / (end - start), float(north) / (end - start)
