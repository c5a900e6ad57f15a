"""Measure the track outlook: ``python -m anlan.forecast.fit_track CITY --before YEAR``.

Reads ``typhoon/cma_points.csv`` and writes ``typhoon/track_errors.csv`` (or the names that
``[forecast.typhoon]`` of city.toml gives), prints the table, and beside it the 48 h error for other
relaxation times, so that the choice of T can be seen. Storms of ``--before`` and later are left
out: with the year of an event, neither the event nor anything after it enters.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

from anlan.forecast.climate import read_best_tracks
from anlan.forecast.extrapolate import RELAX_HOURS
from anlan.forecast.track_error import measure, write_errors


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m anlan.forecast.fit_track")
    parser.add_argument("city", type=Path)
    parser.add_argument("--before", type=int, required=True, help="first year that may not enter")
    parser.add_argument(
        "--lon", type=float, help="centre of the city (default: from its territory)"
    )
    parser.add_argument("--lat", type=float)
    given = parser.parse_args(argv)
    lon, lat = given.lon, given.lat
    with (given.city / "city.toml").open("rb") as handle:
        settings = tomllib.load(handle).get("forecast", {})
    if lon is None or lat is None:
        from anlan.city import load

        root = load(given.city).territory.root
        lon, lat = root.lon, root.lat
    typhoon = settings.get("typhoon", {})
    storms = read_best_tracks(given.city / typhoon.get("best_tracks", "typhoon/cma_points.csv"))
    for hours in (24.0, 36.0, 48.0, 72.0):
        row = next(r for r in measure(storms, given.before, lon, lat, hours) if r.lead_h == 48.0)
        chosen = "  <- used" if hours == RELAX_HOURS else ""
        print(
            f"T = {hours:.0f} h: at 48 h along {row.along_km:.0f} km, "
            f"cross {row.cross_km:.0f} km{chosen}"
        )
    rows = measure(storms, given.before, lon, lat)
    target = given.city / typhoon.get("errors", "typhoon/track_errors.csv")
    write_errors(target, rows)
    print(f"wrote {target}: storms before {given.before}")
    for r in rows:
        print(
            f"{r.lead_h:4.0f} h  {r.cases:4d} cases {r.storms:3d} storms  "
            f"along {r.along_km:5.0f} km  "
            f"cross {r.cross_km:5.0f} km  ln V {r.wind_ln:.2f}  ln dp {r.deficit_ln:.2f}  "
            f"serial {r.serial:.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
