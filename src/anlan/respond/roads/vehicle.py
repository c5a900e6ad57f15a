"""What drives through which water, and how fast: published limits and one published curve.

A car's greatest safe speed in standing water falls with its depth w (mm) as
v = 0.0009 w² − 0.5529 w + 86.9448 km/h, and is zero from 300 mm (Pregnolato, Ford, Wilkinson
and Dawson 2017, "The impact of flooding on road transport: a depth-disruption function",
Transportation Research Part D 55, 67–81, doi:10.1016/j.trd.2017.06.020). No such curve is
published for other vehicles: theirs is the same one stretched to their own limit, which is an
assumption. Limits in still water: 0.3 m small cars, 0.4 m large cars, 0.5 m large four-wheel
drives (Shand, Cox, Blacka and Smith 2011, "Appropriate safety criteria for vehicles", Australian
Rainfall and Runoff, project 10, stage 2); lorries and fire engines take the last until a city
gives the wading depth of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.refusal import Refusal

Floats = NDArray[np.float64]
CURVE_LIMIT_M = 0.300
#: A fitted curve comes down to 2 km/h at its end; below walking pace nobody is on the way.
KMH = 1 / 3.6


@dataclass(frozen=True)
class Vehicle:
    """A class of vehicle.

    Attributes:
        limit_m: still water from which it does not pass, m.
        top_kmh: its own greatest speed on any road, km/h.
        afloat_kmh: speed over water from ``limit_m``, km/h; 0 for what does not float.
        persons: how many it carries beside its crew, when people are moved.
        assumed: its speed in water is no published curve, but an assumption.
    """

    id: str
    name: str
    name_en: str
    limit_m: float
    top_kmh: float
    afloat_kmh: float
    persons: int
    source: str
    assumed: bool = True


CAR_SOURCE = "limit and curve: Pregnolato et al. 2017, doi:10.1016/j.trd.2017.06.020"
LORRY_SOURCE = (
    "limit: large four-wheel drive, Shand et al. 2011 (ARR P10); curve stretched, assumed"
)

VEHICLES: Mapping[str, Vehicle] = {
    each.id: each
    for each in (
        Vehicle("car", "小汽车", "Car", 0.30, 110, 0, 4, CAR_SOURCE, assumed=False),
        Vehicle("bus", "转移大巴", "Bus", 0.30, 70, 0, 45, CAR_SOURCE + "; taken for buses"),
        Vehicle("truck", "泵车、货车", "Lorry, pump truck", 0.50, 80, 0, 10, LORRY_SOURCE),
        Vehicle("fire_engine", "消防车", "Fire engine", 0.50, 90, 0, 6, LORRY_SOURCE),
        Vehicle(
            "boat", "冲锋舟（拖车）", "Boat on its trailer", 0.50, 60, 8, 8,
            "towed like a lorry; from 0.50 m launched, 8 km/h: assumed",
        ),
        Vehicle(
            "foot", "步行", "On foot", 0.30, 4.5, 0, 1,
            "below the 0.5 m of still water for children, Cox et al. 2010 (ARR P10); assumed",
        ),
    )
}  # fmt: skip
KEYS = ("limit_m", "top_kmh", "source")


def vehicles_of(settings: Mapping[str, Any]) -> dict[str, Vehicle]:
    """The classes, with what ``[vehicles.<class>]`` of city.toml says of its own fleet."""
    known = dict(VEHICLES)
    for name, own in settings.get("vehicles", {}).items():
        if name in known and isinstance(own, Mapping):
            known[name] = replace(known[name], **{k: own[k] for k in KEYS if k in own})
    return known


def vehicle_of(settings: Mapping[str, Any], name: str) -> Vehicle:
    """One class; raises `Refusal` for a name that is none."""
    known = vehicles_of(settings)
    if name not in known:
        raise Refusal(
            f"vehicle '{name}' is not a class known here; use one of {', '.join(known)}",
            field="vehicle",
            value=name,
            remedy=", ".join(known),
        )
    return known[name]


def speed(vehicle: Vehicle, free_kmh: ArrayLike, depth_m: ArrayLike) -> Floats:
    """Greatest speed, m/s, on roads of a free speed (km/h) under water (m); 0 where it stops.

    Shapes broadcast. Depths at or below 1 cm leave the free speed as it is.
    """
    free = np.minimum(np.asarray(free_kmh, dtype=np.float64), vehicle.top_kmh)
    depth = np.maximum(np.nan_to_num(np.asarray(depth_m, dtype=np.float64)), 0.0)
    w = 1000.0 * depth * CURVE_LIMIT_M / vehicle.limit_m
    # a walker is slowed in the same measure as a car is below its free speed in town
    wet = 0.0009 * w**2 - 0.5529 * w + 86.9448
    if vehicle.top_kmh < 20:
        wet = wet * vehicle.top_kmh / 86.9448
    found = np.where(depth <= 0.01, free, np.minimum(free, wet))
    return np.asarray(np.where(depth >= vehicle.limit_m, vehicle.afloat_kmh, found) * KMH)
