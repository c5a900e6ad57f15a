"""The hazard places of a city in one run: water in every member, and what it crosses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.assess.document import Hazard, PlacePart
from anlan.assess.hazard import Crossing, crossing, quantiles
from anlan.assess.moments import hours_since, iso, moment, rounded
from anlan.assess.place import place_depth
from anlan.assess.reads import Products
from anlan.assess.territory import above
from anlan.city import City, HazardPlace
from anlan.refusal import Refusal

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlaceWater:
    """The water at every hazard place of the city.

    Attributes:
        places: the P places in the order of the arrays.
        hours: (T,) hours since issue.
        depth: (M, T, P) depth over the place's ground, m.
        attention: crossings of each place's attention threshold, (M, P).
        danger: crossings of each place's danger threshold, (M, P).
    """

    places: Sequence[HazardPlace]
    hours: Floats
    depth: Floats
    attention: Crossing
    danger: Crossing


def place_water(city: City, products: Products) -> PlaceWater:
    """Depth at every hazard place in every member, and the thresholds it crosses.

    Raises:
        Refusal: if the run was made with other places, or an underpass lacks its measures.
    """
    places = list(city.places.values())
    level = np.asarray(products.place_level, dtype=np.float64)
    rain = np.asarray(products.place_rain, dtype=np.float64)
    hours = hours_since(products.issued, products.times)
    if level.shape != (products.members, hours.size, len(places)):
        raise Refusal(
            f"The run holds place levels of shape {level.shape}, but there are {products.members} "
            f"members, {hours.size} times and {len(places)} hazard places in {city.id}; "
            "make a new run with this city folder.",
            field="place_level",
            value=level.shape,
            remedy="a run made with this city folder",
        )
    step_s = float(np.median(np.diff(hours))) * 3600.0 if hours.size > 1 else 3600.0
    depth = np.zeros(level.shape)
    for i, place in enumerate(places):
        bed = _bed(city, products, place)
        depth[:, :, i] = place_depth(place, level[:, :, i], rain[:, :, i], step_s, bed)
    attention = np.array([place.attention_m for place in places], dtype=np.float64)
    danger = np.array([place.danger_m for place in places], dtype=np.float64)
    return PlaceWater(
        places, hours, depth, crossing(depth, attention, hours), crossing(depth, danger, hours)
    )


def _bed(city: City, products: Products, place: HazardPlace) -> float | None:
    """Mean bed of the place's cell, m; None for a place off the grid, which stays dry."""
    terrain = city.terrain(products.resolution_m)
    x, y = city.to_xy(place.lon, place.lat)
    j, i = int((y - terrain.y0) // terrain.dx), int((x - terrain.x0) // terrain.dx)
    ny, nx = terrain.shape
    return float(terrain.z[j, i]) if 0 <= j < ny and 0 <= i < nx else None


def place_parts(city: City, products: Products, water: PlaceWater) -> list[PlacePart]:
    """The document's part on each hazard place, in the city's order."""
    parts = []
    for i, place in enumerate(water.places):
        depth = water.depth[:, :, i]
        peaks = depth.max(axis=1)
        # Where the median course stays dry, the wettest members say when water would come.
        course = np.median(depth, axis=0)
        if not course.max() > 0:
            course = depth.max(axis=0)
        wet = bool(course.max() > 0)
        parts.append(
            PlacePart(
                id=place.id,
                name=place.name,
                kind=place.kind,
                territory=place.territory,
                town=above(city.territory, place.territory, "town"),
                department=place.department or "",
                attention=_hazard(products, place.attention_m, water.attention, i),
                danger=_hazard(products, place.danger_m, water.danger, i),
                peak_m=rounded(quantiles(peaks), 2),
                peak_time=iso(products.times[int(course.argmax())]) if wet else None,
                residents=int(place.residents or 0),
                old_houses=int(place.old_houses or 0),
                reported=None,
            )
        )
    return parts


def _hazard(products: Products, threshold: float, over: Crossing, i: int) -> Hazard:
    return Hazard(
        threshold_m=float(threshold),
        probability=round(float(over.probability[i]), 3),
        onset=moment(products.issued, float(over.median_onset_h[i])),
        duration_h=round(float(over.median_above_h[i]), 1),
    )
