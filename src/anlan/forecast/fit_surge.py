"""Fit the one set-up coefficient: ``python -m anlan.forecast.fit_surge CITY``.

Least squares of K (`surge`) on the hourly residuals of the ``event`` in ``tide/setup.toml``, with
the storm from its best-track file; then the same model, unchanged, on the ``check`` event. Axis,
depth, length and spread are read from ``setup.toml`` and kept; K and what the fit says of itself
are written back. Reads nothing of any later storm.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tomllib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anlan.forecast.climate import PastStorm, read_best_tracks
from anlan.forecast.surge import Setup, inverse_barometer, residual, weather
from anlan.refusal import Refusal

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Record:
    """Hourly heights of one past surge: Unix seconds, tide and residual [m], arrays (k,).

    Hours without an observation have residual NaN.
    """

    seconds: Array
    tide: Array
    residual: Array


@dataclass(frozen=True)
class Score:
    """How a modelled residual compares with the observed one [m, h]."""

    rms: float
    peak_observed: float
    peak_modelled: float
    peak_late_h: float
    correlation: float


def read_record(path: Path) -> Record:
    """A ``time,observed_m,astronomical_m,residual_m`` file."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))

    def column(name: str) -> Array:
        return np.array([float(r[name]) if r[name] else np.nan for r in rows])

    seconds = np.array([datetime.fromisoformat(r["time"]).timestamp() for r in rows])
    return Record(seconds, column("astronomical_m"), column("residual_m"))


def simulate(setup: Setup, record: Record, storm: PastStorm, lon: float, lat: float) -> Array:
    """Modelled residual (k,) of ``record`` in the wind and pressure of ``storm``."""
    pressure, east, north = weather(storm.track, record.seconds, lon, lat)
    tide = record.tide - np.nanmean(record.tide)
    return residual(setup, record.seconds, np.nan_to_num(tide), pressure, east, north)


def fit(setup: Setup, record: Record, storm: PastStorm, lon: float, lat: float) -> Setup:
    """``setup`` with K by least squares through the origin: the model is linear in K."""
    unit = replace(setup, fetch=1.0)
    pressure, _, _ = weather(storm.track, record.seconds, lon, lat)
    response = simulate(unit, record, storm, lon, lat) - inverse_barometer(pressure)
    target = record.residual - inverse_barometer(pressure)
    ok = np.isfinite(target)
    return replace(setup, fetch=float(response[ok] @ target[ok] / (response[ok] @ response[ok])))


def score(record: Record, modelled: Array) -> Score:
    """Error of ``modelled`` (k,) over the hours observed."""
    ok = np.isfinite(record.residual)
    a, b = record.residual[ok], modelled[ok]
    t = record.seconds[ok]
    return Score(
        float(np.sqrt(np.mean((b - a) ** 2))),
        float(a.max()),
        float(b.max()),
        float((t[b.argmax()] - t[a.argmax()]) / 3600.0),
        float(np.corrcoef(a, b)[0, 1]),
    )


def find(storms: list[PastStorm], year: int, name: str) -> PastStorm:
    """The storm of that year and name.

    Raises:
        Refusal: when the file has none, listing the names of the year.
    """
    for storm in storms:
        if storm.year == year and storm.name.lower() == name.lower():
            return storm
    names = ", ".join(s.name for s in storms if s.year == year) or "none"
    raise Refusal(
        f"no storm {name} of {year} in the best-track file; that year has: {names}",
        field="storm",
        value=name,
        remedy="a name of that year, or a fuller file",
    )


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m anlan.forecast.fit_surge")
    parser.add_argument("city", type=Path)
    given = parser.parse_args(argv)
    with (given.city / "city.toml").open("rb") as handle:
        settings = tomllib.load(handle).get("forecast", {})
    tide = settings.get("tide", {})
    path = given.city / tide.get("setup", "tide/setup.toml")
    with path.open("rb") as handle:
        raw = tomllib.load(handle)
    lon, lat = float(raw["lon"]), float(raw["lat"])
    setup = Setup(
        float(raw["from_bearing_deg"]),
        float(raw["depth_m"]),
        float(raw["length_m"]),
        1.0,
        float(raw["fetch_ln_error"]),
    )
    lines: list[str] = []
    scores: dict[str, Score] = {}
    for role in ("event", "check"):
        entry = raw[role]
        record = read_record(given.city / entry["record"])
        storms = read_best_tracks(given.city / entry["best_tracks"])
        storm = find(storms, int(entry["year"]), entry["storm"])
        if role == "event":
            setup = fit(setup, record, storm, lon, lat)
        scores[role] = score(record, simulate(setup, record, storm, lon, lat))
        s = scores[role]
        lines.append(
            f"{entry['name']} ({'fitted' if role == 'event' else 'check, never fitted'}): "
            f"rms {s.rms:.2f} m, peak {s.peak_modelled:.2f} m "
            f"for {s.peak_observed:.2f} m observed, "
            f"{abs(s.peak_late_h):.0f} h {'late' if s.peak_late_h > 0 else 'early'}, "
            f"correlation {s.correlation:.2f}"
        )
    path.write_text(_written(path.read_text(encoding="utf-8"), setup, scores, lines), "utf-8")
    print(f"K = {setup.fetch / 1e3:.1f} km")
    print("\n".join(lines))
    print("This is the error of one event: expect as much again in another storm.")
    return 0


def _written(text: str, setup: Setup, scores: dict[str, Score], lines: list[str]) -> str:
    """The file with its fitted part (everything from ``# fitted`` on) replaced."""
    head = text.split("# fitted", 1)[0].rstrip("\n")
    numbers = "\n".join(
        f"{role}_rms_m = {s.rms:.3f}\n{role}_peak_modelled_m = {s.peak_modelled:.3f}\n"
        f"{role}_peak_observed_m = {s.peak_observed:.3f}\n{role}_peak_late_h = {s.peak_late_h:.1f}"
        for role, s in scores.items()
    )
    return (
        f"{head}\n\n# fitted by python -m anlan.forecast.fit_surge: written again by every run\n"
        f"[fit]\nfetch_m = {setup.fetch:.0f}\n{numbers}\n"
        f'sentence = "{"; ".join(lines)}; the error of one event"\n'
    )


if __name__ == "__main__":
    sys.exit(main())
