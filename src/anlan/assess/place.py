"""Depth at a hazard place: the local model below the scale of a forecast cell.

A forecast cell is tens to hundreds of metres wide; an underpass is ten. Two local models turn
what the forecast says of the cell into a depth where people stand:

- an **underpass** is a bucket with vertical walls: the runoff of its own catchment fills it,
  its own pump empties it, and surface water pours in over its rim;
- every **other place** is open: the water of the cell stands over the place's own ground. Where
  that ground lies below the cell's mean bed, the place is a hollow of the cell, and what little
  water a cell holds gathers there: see `hollow_depth`.

Both are pure functions over arrays whose last axis is time; leading axes (members) are free.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.city import HazardPlace
from anlan.refusal import Refusal

Floats = NDArray[np.float64]
#: place, level (..., T), rain in mm (..., T), step in s, bed of the cell -> depth (..., T)
Model = Callable[[HazardPlace, Floats, Floats, float, float | None], Floats]


@dataclass(frozen=True)
class Bucket:
    """An underpass over time. All arrays are shaped like the level given, time last.

    Mass holds step by step: the change of ``stored_m3`` is ``runoff_m3 + surface_m3 −
    pumped_m3 − spilled_m3``.

    Attributes:
        depth_m: water over the lowest point at the end of each step, m.
        stored_m3: water in the bucket up to its rim at the end of each step, m³.
        runoff_m3: from the place's own catchment in the step, m³.
        surface_m3: poured in over the rim in the step, m³.
        pumped_m3: taken out by the place's own pump in the step, m³.
        spilled_m3: over the rim and away in the step, m³.
    """

    depth_m: Floats
    stored_m3: Floats
    runoff_m3: Floats
    surface_m3: Floats
    pumped_m3: Floats
    spilled_m3: Floats


def bucket(place: HazardPlace, level: ArrayLike, rain_mm: ArrayLike, dt_s: float) -> Bucket:
    """Follow the water in an underpass, which starts empty.

    In each step the catchment sheds all of its rain, the pump works at capacity as long as
    there is water, and what exceeds the rim runs off. Both rates are constant within the step,
    so the volume at its end is exact for them. Where the surface of the cell stands above the
    rim, the bucket is full and the depth is that surface over the ground of the place.

    Args:
        place: an underpass with ``ground_m < rim_m`` and ``area_m2 > 0``.
        level: (..., T) surface level at the cell at the end of each step, m; NaN where dry.
        rain_mm: (..., T) rain within each step, mm.
        dt_s: length of a step, s.

    Raises:
        Refusal: if the rim is not above the ground, or the floor has no area.
    """
    rim = _given(place, "rim_m", place.rim_m)
    area = _given(place, "area_m2", place.area_m2)
    if not rim > place.ground_m:
        raise Refusal(
            f"Hazard place {place.id}: rim_m {rim} is not above ground_m {place.ground_m}; "
            "give the level at which surface water enters.",
            field="rim_m",
            value=rim,
            remedy="a level above ground_m",
        )
    if not area > 0:
        raise Refusal(
            f"Hazard place {place.id}: area_m2 {area} is no floor; give its area in m².",
            field="area_m2",
            value=area,
            remedy="an area above 0",
        )
    surface = np.asarray(level, dtype=np.float64)
    runoff = np.asarray(rain_mm, dtype=np.float64) / 1000.0 * (place.catchment_m2 or 0.0)
    surface, runoff = np.broadcast_arrays(surface, runoff)
    capacity = (rim - place.ground_m) * area
    pumpable = (place.pump_m3s or 0.0) * dt_s

    stored, poured, pumped, spilled = (np.zeros(surface.shape) for _ in range(4))
    volume = np.zeros(surface.shape[:-1])
    for t in range(surface.shape[-1]):
        volume = volume + runoff[..., t]
        pumped[..., t] = np.minimum(volume, pumpable)
        volume = volume - pumped[..., t]
        spilled[..., t] = np.maximum(volume - capacity, 0.0)
        volume = volume - spilled[..., t]
        drowned = surface[..., t] > rim  # False where dry: NaN compares False
        poured[..., t] = np.where(drowned, capacity - volume, 0.0)
        volume = volume + poured[..., t]
        stored[..., t] = volume
    depth = np.where(surface > rim, surface - place.ground_m, stored / area)
    return Bucket(depth, stored, np.array(runoff), poured, pumped, spilled)


def hollow_depth(water: ArrayLike, hollow_m: float) -> Floats:
    """Depth at the lowest point of a cell that holds ``water`` on average.

    The ground within the cell is taken as spread evenly between the hollow and as far above
    the mean bed, so that a depth D at the lowest point holds D²/(4 d) on average: the water
    gathers to D = 2 √(d h) until h = d, when all ground is under water, and D = d + h from
    there. Without this a film of millimetres would count as a hollow filled to the brim. The
    even spread is our own assumption, not a published curve; it keeps the cell's mass.

    Args:
        water: (...) mean depth h of the cell, m; NaN where dry.
        hollow_m: d, depth of the hollow under the cell's mean bed, m, at least 0.

    Returns:
        (...) depth D, m, between h and d + h; 0 where dry.
    """
    h = np.maximum(np.nan_to_num(np.asarray(water, dtype=np.float64)), 0.0)
    return np.where(h < hollow_m, 2.0 * np.sqrt(hollow_m * h), h + hollow_m) * (h > 0)


def _underpass(
    place: HazardPlace, level: Floats, rain_mm: Floats, dt_s: float, bed_m: float | None
) -> Floats:
    return bucket(place, level, rain_mm, dt_s).depth_m


def _open(
    place: HazardPlace, level: Floats, rain_mm: Floats, dt_s: float, bed_m: float | None
) -> Floats:
    if bed_m is not None and bed_m > place.ground_m:
        return hollow_depth(level - bed_m, bed_m - place.ground_m)
    over = np.where(np.isnan(level), 0.0, level - place.ground_m)
    return np.maximum(over, 0.0)


#: Kinds of place with a model of their own; every other kind stands open.
MODELS: Mapping[str, Model] = {"underpass": _underpass}


def place_depth(
    place: HazardPlace,
    level: ArrayLike,
    rain_mm: ArrayLike,
    dt_s: float,
    bed_m: float | None = None,
) -> Floats:
    """Depth at a hazard place over time.

    Args:
        place: the place, with levels in m on the city's datum.
        level: (..., T) surface level at the place's cell, m on the city's datum; NaN where dry.
        rain_mm: (..., T) rain in the step that ends at each time, mm.
        dt_s: length of a step, s.
        bed_m: mean bed of the cell, m on the city's datum. Without it an open place is taken to
            stand under the cell's surface as it is.

    Returns:
        (..., T) depth over the place's ground, m, never negative.

    Raises:
        Refusal: if an underpass has no rim above its ground, or no floor area.
    """
    model = MODELS.get(place.kind, _open)
    return model(
        place,
        np.asarray(level, dtype=np.float64),
        np.asarray(rain_mm, dtype=np.float64),
        dt_s,
        bed_m,
    )


def _given(place: HazardPlace, field: str, value: float | None) -> float:
    if value is None or not np.isfinite(value):
        raise Refusal(
            f"Hazard place {place.id} is an underpass without {field}; give it in places.csv.",
            field=field,
            value=value,
            remedy="a number",
        )
    return float(value)
