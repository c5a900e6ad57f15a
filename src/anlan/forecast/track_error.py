"""How wrong the track outlook is, by lead time: measured on past storms, drawn for members.

The table belongs to the city folder (`fit_track` writes it) and holds blocks by `before`: errors of
storms of years before that year. A forecast may read only blocks of its own past.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anlan.forecast.climate import ENVIRONMENT_HPA, PastStorm, climate
from anlan.forecast.extrapolate import RELAX_HOURS, STEP_HOURS, extrapolate
from anlan.forecast.geodesy import east_north
from anlan.forecast.track import MOTION_HOURS, Track, motion
from anlan.refusal import Refusal

Array = NDArray[np.float64]

MAX_LEAD_HOURS = 72.0
REACH_KM = 1500.0
"""Cases are issue times with the storm within this distance of the city…"""
NORTH_DEGREES = 2.0
"""…no farther north of it than this (storms that have passed are another matter)…"""
MIN_WIND_MS = 15.0
"""…and at least this strong."""


@dataclass(frozen=True)
class ErrorRow:
    """Root mean square errors about zero at one lead time.

    Attributes:
        before: only storms of earlier years; lead_h: lead time [h]; cases, storms: how many.
        along_km, cross_km: position error along and across the forecast motion.
        wind_ln, deficit_ln: error of ln(wind) and ln(pressure deficit).
        serial: correlation of the normalised along and cross errors with those one row earlier.
    """

    before: int
    lead_h: float
    cases: int
    storms: int
    along_km: float
    cross_km: float
    wind_ln: float
    deficit_ln: float
    serial: float


def _cases(
    storms: list[PastStorm], lon: float, lat: float
) -> tuple[list[tuple[PastStorm, int]], Array, Array]:
    chosen: list[tuple[PastStorm, int]] = []
    start: list[Array] = []
    velocity: list[tuple[float, float]] = []
    for storm in storms:
        t = storm.track
        dx, dy = east_north(lon, lat, t.lon, t.lat)
        for i in range(2, len(t)):
            near = np.hypot(dx[i], dy[i]) <= REACH_KM * 1e3 and t.lat[i] <= lat + NORTH_DEGREES
            if not near or t.wind[i] < MIN_WIND_MS or t.time[i] % 21600.0 != 0.0:
                continue
            past = Track(*(a[: i + 1] for a in (t.time, t.lon, t.lat, t.pressure, t.wind)))
            chosen.append((storm, i))
            start.append(past.at(past.time[-1])[0])
            velocity.append(motion(past, MOTION_HOURS))
    return chosen, np.array(start).reshape(-1, 4), np.array(velocity).reshape(-1, 2)


def measure(
    storms: list[PastStorm],
    before: int,
    lon: float,
    lat: float,
    relax_hours: float = RELAX_HOURS,
) -> list[ErrorRow]:
    """Errors every 6 h to 72 h of `extrapolate` on storms of years before ``before``.

    Each case sees its own storm's fixes up to the issue time only, and a climatology from which
    its whole storm is left out.

    Raises:
        Refusal: when fewer than ten cases are left.
    """
    past = [s for s in storms if s.year < before]
    chosen, start, velocity = _cases(past, lon, lat)
    if len(chosen) < 10:
        raise Refusal(
            f"only {len(chosen)} cases before {before}; errors need at least ten",
            field="before",
            value=before,
            remedy="a later year or a fuller best-track file",
        )
    own = np.array([s.number for s, _ in chosen], dtype=np.int64)
    out = extrapolate(
        start,
        velocity,
        climate(storms, before),
        MAX_LEAD_HOURS,
        relax_hours=relax_hours,
        exclude=own,
    )
    rows: list[ErrorRow] = []
    previous: Array | None = None
    every = round(6.0 / STEP_HOURS)
    for step in range(every, out.shape[0], every):
        lead = step * STEP_HOURS
        truth = np.full((len(chosen), 4), np.nan)
        for k, (storm, i) in enumerate(chosen):
            when = storm.track.time[i] + lead * 3600.0
            if when <= storm.track.time[-1]:
                truth[k] = storm.track.at(when)[0]
        dx, dy = east_north(out[step, :, 0], out[step, :, 1], truth[:, 0], truth[:, 1])
        hx, hy = east_north(
            out[step - every, :, 0], out[step - every, :, 1], out[step, :, 0], out[step, :, 1]
        )
        length = np.maximum(np.hypot(hx, hy), 1.0)
        along = (dx * hx + dy * hy) / length / 1e3
        cross = (dy * hx - dx * hy) / length / 1e3
        wind = np.log(np.maximum(truth[:, 3], 5.0) / np.maximum(out[step, :, 3], 5.0))
        deficit = np.log(
            np.maximum(ENVIRONMENT_HPA - truth[:, 2], 2.0)
            / np.maximum(ENVIRONMENT_HPA - out[step, :, 2], 2.0)
        )
        ok = np.isfinite(along)
        normal = np.stack([along / _rms(along[ok]), cross / _rms(cross[ok])])
        serial = 1.0 if previous is None else float(np.nanmean(normal * previous))
        previous = normal
        rows.append(
            ErrorRow(
                before,
                lead,
                int(ok.sum()),
                len({chosen[k][0].number for k in np.flatnonzero(ok)}),
                round(_rms(along[ok]), 1),
                round(_rms(cross[ok]), 1),
                round(_rms(wind[ok]), 3),
                round(_rms(deficit[ok]), 3),
                round(min(serial, 1.0), 3),
            )
        )
    return rows


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))


def write_errors(path: Path, rows: list[ErrorRow]) -> None:
    """Write ``rows``, keeping blocks of other `before` years that the file already has."""
    kept = [] if not path.exists() else read_all(path)
    blocks = {r.before for r in rows}
    every = sorted(
        [r for r in kept if r.before not in blocks] + rows, key=lambda r: (r.before, r.lead_h)
    )
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, [f.name for f in fields(ErrorRow)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(r) for r in every)


def read_all(path: Path) -> list[ErrorRow]:
    """All rows of an error table."""
    with path.open(encoding="utf-8", newline="") as handle:
        return [
            ErrorRow(
                before=int(r["before"]),
                lead_h=float(r["lead_h"]),
                cases=int(r["cases"]),
                storms=int(r["storms"]),
                along_km=float(r["along_km"]),
                cross_km=float(r["cross_km"]),
                wind_ln=float(r["wind_ln"]),
                deficit_ln=float(r["deficit_ln"]),
                serial=float(r["serial"]),
            )
            for r in csv.DictReader(handle)
        ]


def read_errors(path: Path, year: int) -> list[ErrorRow]:
    """The block with the latest ``before`` not after ``year``: all of it in the forecast's past.

    Raises:
        Refusal: when every block needs storms of later years, with the command that makes one.
    """
    rows = [r for r in read_all(path) if r.before <= year]
    if not rows:
        raise Refusal(
            f"{path.name} has no errors from storms before {year}; run "
            f"python -m anlan.forecast.fit_track CITY --before {year}",
            field="before",
            value=year,
            remedy=f"python -m anlan.forecast.fit_track CITY --before {year}",
        )
    newest = max(r.before for r in rows)
    return [r for r in rows if r.before == newest]
