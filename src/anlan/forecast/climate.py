"""How past storms moved and changed near a place: the climatology that a forecast relaxes to.

Source of the storms: the CMA best track data set (Ying et al. 2014,
doi 10.1175/JTECH-D-12-00119.1; Lu et al. 2021, doi 10.1007/s00376-020-0211-7).

The Pinghu file holds only storms that once came within 300 km of the city. Its climatology is
therefore *conditional on coming near*: it draws tracks toward the city, and errors measured on it
are those of storms that came. For a city that must not miss a storm this errs to the careful side;
it is one more reason to read probabilities as upper ones days ahead.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anlan.forecast.geodesy import east_north
from anlan.forecast.track import Track
from anlan.refusal import Refusal

Array = NDArray[np.float64]

KERNEL_KM = 300.0
"""Weight of a past segment falls as exp(-(d/300 km)^2 / 2)."""
CEILING_KM = 150.0
BACKGROUND = 0.05
"""Weight of "no change" beside the past segments, so that a place without any says little."""
ENVIRONMENT_HPA = 1010.0
"""Pressure far from the storm: a summer mean of the East China Sea (assumed)."""


@dataclass(frozen=True)
class PastStorm:
    """One storm of a best-track file: its year, number in the file, name and track."""

    year: int
    number: int
    name: str
    track: Track


@dataclass(frozen=True)
class Climate:
    """Segments between consecutive best-track fixes, arrays of shape (n,).

    lon, lat: middle of the segment [degrees]; east, north: speed [m/s]; wind_rate and
    deficit_rate: d ln(wind)/dt and d ln(pressure deficit)/dt [1/h]; wind: mean on it [m/s];
    storm: its number.
    """

    lon: Array
    lat: Array
    east: Array
    north: Array
    wind_rate: Array
    deficit_rate: Array
    wind: Array
    storm: NDArray[np.int64]

    def near(self, lon: Array, lat: Array, exclude: NDArray[np.int64] | None = None) -> Array:
        """(k, 4) kernel means of east, north, wind_rate, deficit_rate at (``lon``, ``lat``) (k,).

        ``exclude`` (k,) leaves out each case's own storm: a storm must not forecast itself.
        With no segment near, all four go to zero.
        """
        if self.lon.size == 0:
            return np.zeros((lon.size, 4))
        dx, dy = east_north(lon[:, None], lat[:, None], self.lon[None, :], self.lat[None, :])
        weight = np.exp(-0.5 * (dx**2 + dy**2) / (KERNEL_KM * 1e3) ** 2)
        if exclude is not None:
            weight[exclude[:, None] == self.storm[None, :]] = 0.0
        values = np.stack([self.east, self.north, self.wind_rate, self.deficit_rate], axis=1)
        return np.asarray((weight @ values) / (weight.sum(axis=1, keepdims=True) + BACKGROUND))

    def strongest(self, lon: Array, lat: Array) -> Array:
        """(k,) the strongest past wind [m/s] within `CEILING_KM` of (``lon``, ``lat``) (k,).

        Infinite where no storm has been: nothing is known of a limit there.
        """
        if self.lon.size == 0:
            return np.full(lon.size, np.inf)
        dx, dy = east_north(lon[:, None], lat[:, None], self.lon[None, :], self.lat[None, :])
        near = np.hypot(dx, dy) <= CEILING_KM * 1e3
        top = np.where(near, self.wind[None, :], -np.inf).max(axis=1)
        return np.where(near.any(axis=1), top, np.inf)


def read_best_tracks(path: Path) -> list[PastStorm]:
    """The storms of a CMA points file (year, cma_no, name, time_utc_yyyymmddhh, grade, lat, …).

    A new storm starts where year, number or name changes, or where time runs backward or jumps by
    more than five days (unnamed systems share the number 0000). A track ends where CMA calls the
    system extratropical (grade 9): it is no typhoon any more and moves by other laws.

    Raises:
        Refusal: naming the row and column of the first value that is no number.
    """
    storms: list[PastStorm] = []
    rows: list[tuple[float, float, float, float, float]] = []
    key: tuple[str, str, str] | None = None
    ended = False

    def close() -> None:
        if key is not None and len(rows) > 1:
            table = np.array(rows, dtype=np.float64)
            track = Track(*(table[:, i].copy() for i in range(5)))
            storms.append(PastStorm(int(key[0]), len(storms), key[2], track))

    with path.open(encoding="utf-8", newline="") as handle:
        for line, row in enumerate(csv.DictReader(handle), start=2):
            try:
                stamp = datetime.strptime(row["time_utc_yyyymmddhh"], "%Y%m%d%H").replace(
                    tzinfo=UTC
                )
                values = (
                    stamp.timestamp(),
                    float(row["lon"]),
                    float(row["lat"]),
                    float(row["pmin_hpa"]),
                    float(row["vmax_2min_ms"]),
                )
            except (KeyError, ValueError) as fault:
                raise Refusal(
                    f"{path.name} row {line}: {fault}; a CMA points file has year, cma_no, name, "
                    "time_utc_yyyymmddhh, lat, lon, pmin_hpa, vmax_2min_ms",
                    field=path.name,
                    value=line,
                    remedy="correct the row",
                ) from fault
            this = (row["year"], row["cma_no"], row["name"])
            jump = bool(rows) and not 0.0 < values[0] - rows[-1][0] < 5 * 86400.0
            if this != key or jump:
                close()
                rows, key = [], this
                ended = False
            ended = ended or row.get("grade") == "9"
            if not ended:
                rows.append(values)
    close()
    return storms


def climate(storms: list[PastStorm], before: int) -> Climate:
    """The segments of all ``storms`` of years before ``before``."""
    parts: list[Array] = []
    numbers: list[NDArray[np.int64]] = []
    for storm in storms:
        if storm.year >= before:
            continue
        t = storm.track
        hours = np.diff(t.time) / 3600.0
        dx, dy = east_north(t.lon[:-1], t.lat[:-1], t.lon[1:], t.lat[1:])
        wind = np.log(np.maximum(t.wind, 5.0))
        deficit = np.log(np.maximum(ENVIRONMENT_HPA - t.pressure, 2.0))
        parts.append(
            np.stack(
                [
                    0.5 * (t.lon[:-1] + t.lon[1:]),
                    0.5 * (t.lat[:-1] + t.lat[1:]),
                    dx / (hours * 3600.0),
                    dy / (hours * 3600.0),
                    np.diff(wind) / hours,
                    np.diff(deficit) / hours,
                    0.5 * (t.wind[:-1] + t.wind[1:]),
                ],
                axis=1,
            )
        )
        numbers.append(np.full(hours.size, storm.number, dtype=np.int64))
    if not parts:
        return Climate(*_columns(np.zeros((0, 7))), np.zeros(0, dtype=np.int64))
    table = np.concatenate(parts)
    return Climate(*_columns(table), np.concatenate(numbers))


def _columns(table: Array) -> tuple[Array, Array, Array, Array, Array, Array, Array]:
    a, b, c, d, e, f, g = (table[:, i].copy() for i in range(7))
    return a, b, c, d, e, f, g
