"""What stands at the edges of a replayed world: tide with surge, inland rivers, wind.

All levels in m on the city's datum, times in s since 1970.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anlan.replay.course import HOUR, course, harmonic, random_course
from anlan.replay.parameters import Inland, Surge, Tide, Wind, read_constants
from anlan.store import ids

Floats = NDArray[np.float64]
Datum = Callable[[float, str], float]


def sea_level(
    tide: Tide,
    surge: Surge | None,
    event_folder: Path,
    seed: int,
    times: Floats,
    level: Datum,
    station: str = "",
) -> Floats:
    """(T,) water level at a tide station, m on the city's datum.

    Mean level + astronomical tide (stretched and delayed as this world says) + its random error
    + residual. The residual is smaller at high and larger at low water: over shallow water wind
    set-up goes with the inverse of depth (Pugh & Woodworth 2014, sec. 7.5). ``station`` names a
    gauge of ``tide.station``; any other gets what the constants are for.
    """
    other = next((s for s in tide.station if s.id == station), None)
    epoch, constituents = read_constants(event_folder, tide.constants)
    delay = 60.0 * (tide.delay_min + (other.delay_min if other else 0.0))
    factor = tide.range_factor * (other.range_factor if other else 1.0)
    astronomical = factor * harmonic(epoch, constituents, times - delay)
    half_range = factor * max(c.amplitude_m for c in constituents)
    error = random_course(
        ids.seed(seed, "tide"), times.size, _step(times), tide.error.rms, tide.error.hours
    )
    residual = np.zeros(times.size)
    if surge is not None:
        stage = np.clip(astronomical / half_range, -1.5, 1.5)
        residual = course(surge.course, times) * (1.0 - surge.interaction * stage)
        residual *= other.surge_factor if other else 1.0
    mean = (other.mean_level_m, other.datum) if other else (tide.mean_level_m, tide.datum)
    return level(*mean) + astronomical + error + residual


def inland_level(inland: Inland, station: str, seed: int, times: Floats, level: Datum) -> Floats:
    """(T,) level of the neighbours' rivers at a station, m on the city's datum."""
    own = next((s for s in inland.station if s.id == station), None)
    share, delay = (own.share, own.delay_h) if own else (1.0, 0.0)
    error = random_course(
        ids.seed(seed, "inland", station),
        times.size,
        _step(times),
        inland.error.rms,
        inland.error.hours,
    )
    first = min(inland.course)[1]
    rise = course(inland.course, times - delay * HOUR) - first
    return level(first, inland.datum) + share * rise + error


def wind_speed(wind: Wind, station: str, seed: int, times: Floats) -> Floats:
    """(T,) mean wind at a station, m/s, never negative."""
    error = random_course(
        ids.seed(seed, "wind", station), times.size, _step(times), wind.error.rms, wind.error.hours
    )
    return np.maximum(course(wind.course, times) + error, 0.0)


def _step(times: Floats) -> float:
    return float(times[1] - times[0]) if times.size > 1 else 1.0
