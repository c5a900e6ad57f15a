"""Faults in the files of a city folder that forecasts alone read."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

from anlan.city import Fault
from anlan.forecast.climate import read_best_tracks
from anlan.forecast.settings import read_settings
from anlan.forecast.surge import read_setup
from anlan.forecast.tide import read_harmonics
from anlan.forecast.track_error import read_all
from anlan.refusal import Refusal


def check(folder: Path) -> list[Fault]:
    """Every file that ``[forecast]`` of city.toml names and that cannot be used, and why.

    A city with no tide station and no typhoon has none of these files and none of these faults.
    What is wrong with city.toml as a whole is for `anlan.city.check` to say.
    """
    try:
        with (folder / "city.toml").open("rb") as handle:
            settings = tomllib.load(handle)
    except (OSError, tomllib.TOMLDecodeError):
        return []
    faults: list[Fault] = []
    try:
        read_settings(settings)
    except (Refusal, TypeError) as wrong:
        faults.append(Fault("city.toml", None, "forecast", "", str(wrong), "correct [forecast]"))
    table = settings.get("forecast", {})
    wanted: list[tuple[str, Callable[[Path], object], str]] = []
    if table.get("tide_station"):
        files = table.get("tide", {})
        harmonics = files.get("harmonics", f"tide/{table['tide_station']}.toml")
        wanted.append((harmonics, read_harmonics, "harmonic constants of the tide station"))
        wanted.append(
            (
                files.get("setup", "tide/setup.toml"),
                read_setup,
                "python -m anlan.forecast.fit_surge CITY",
            )
        )
    if "typhoon" in table.get("rain", ()):
        files = table.get("typhoon", {})
        best = files.get("best_tracks", "typhoon/cma_points.csv")
        errors = files.get("errors", "typhoon/track_errors.csv")
        wanted.append((best, read_best_tracks, "a CMA points file"))
        wanted.append((errors, read_all, "python -m anlan.forecast.fit_track CITY --before YEAR"))
    for name, read, remedy in wanted:
        try:
            read(folder / name)
        except FileNotFoundError:
            message = "is named in [forecast] of city.toml but is not in the folder"
            faults.append(Fault(name, None, "", "", message, remedy))
        except (Refusal, KeyError, ValueError) as wrong:
            faults.append(Fault(name, None, "", "", f"cannot be read: {wrong}", remedy))
    return faults
