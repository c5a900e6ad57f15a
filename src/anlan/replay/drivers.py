"""What drives a replayed world at its edges: tide with surge, inland rivers, wind.

All levels in m on the city's datum, times in s since 1970.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anlan.replay.course import HOUR, course, harmonic, random_course
from anlan.replay.parameters import Inland, Parameters, Surge, Tide, Wind, read_constants
from anlan.store import ids

Floats = NDArray[np.float64]
Datum = Callable[[float, str], float]


def sea_level(
    tide: Tide, surge: Surge | None, event_folder: Path, seed: int, times: Floats, level: Datum
) -> Floats:
    """(T,) water level at the tide station, m on the city's datum.

    Mean level + astronomical tide (stretched and delayed as this world says) + its random error
    + residual. The residual is smaller at high and larger at low water: over shallow water wind
    set-up goes with the inverse of depth (Pugh & Woodworth 2014, sec. 7.5).
    """
    epoch, constituents = read_constants(event_folder, tide.constants)
    astronomical = tide.range_factor * harmonic(epoch, constituents, times - 60.0 * tide.delay_min)
    half_range = tide.range_factor * max(c.amplitude_m for c in constituents)
    error = random_course(
        ids.seed(seed, "tide"), times.size, _step(times), tide.error.rms, tide.error.hours
    )
    residual = np.zeros(times.size)
    if surge is not None:
        stage = np.clip(astronomical / half_range, -1.5, 1.5)
        residual = course(surge.course, times) * (1.0 - surge.interaction * stage)
    return level(tide.mean_level_m, tide.datum) + astronomical + error + residual


def inland_level(inland: Inland, station: str, seed: int, times: Floats, level: Datum) -> Floats:
    """(T,) level that the neighbours' rivers impose at an inland boundary station, m."""
    own = next((s for s in inland.station if s.id == station), None)
    delay, offset = (own.delay_h, own.offset_m) if own else (0.0, 0.0)
    error = random_course(
        ids.seed(seed, "inland", station),
        times.size,
        _step(times),
        inland.error.rms,
        inland.error.hours,
    )
    shared = course(inland.course, times - delay * HOUR)
    return level(0.0, inland.datum) + shared + offset + error


def wind_speed(wind: Wind, station: str, seed: int, times: Floats) -> Floats:
    """(T,) mean wind at a station, m/s, never negative."""
    error = random_course(
        ids.seed(seed, "wind", station), times.size, _step(times), wind.error.rms, wind.error.hours
    )
    return np.maximum(course(wind.course, times) + error, 0.0)


def sea(
    world: Parameters, event_folder: Path, seed: int, times: Floats, level: Datum
) -> Floats | None:
    """(T,) level of the sea, m; None in a world without one."""
    if world.tide is None:
        return None
    return sea_level(world.tide, world.surge, event_folder, seed, times, level)


def _step(times: Floats) -> float:
    return float(times[1] - times[0]) if times.size > 1 else 1.0
