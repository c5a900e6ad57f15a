"""Consequences summed over towns, villages, departments and the whole city."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.assess.document import (
    CityPart,
    DepartmentPart,
    Quantiles,
    RainPart,
    ServicePart,
    TownPart,
    VillagePart,
)
from anlan.assess.hazard import crossing, largest_sum, quantiles
from anlan.assess.impact import (
    by_group,
    high_count,
    median_count,
    summed_by,
    touched_in_villages,
)
from anlan.assess.moments import hours_since, moment, rounded
from anlan.assess.places import PlaceWater
from anlan.assess.reads import Products
from anlan.assess.territory import above, index_above
from anlan.city import City

Floats = NDArray[np.float64]

#: Depths (m) that villages are judged by; the order of ``Products.village_fraction``. At the
#: first of them walking and traffic slow: whoever lives in water that deep counts as touched.
DEPTHS = (0.15, 0.30, 0.50)
#: A public service is listed where its attention threshold is at least this likely crossed.
LISTED_FROM = 0.1


@dataclass(frozen=True)
class Touched:
    """Per member and town: residents (M, W), old houses (M, W), road metres (M, W)."""

    residents: Floats
    old_houses: Floats
    road_m: Floats


def touched_by_town(city: City, products: Products, water: PlaceWater) -> Touched:
    """Who and what is touched in each town, member by member."""
    territory = city.territory
    towns, villages = territory.towns(), territory.villages()
    town_of_village = index_above(territory, [v.code for v in villages], towns, "town")
    codes = [place.territory for place in water.places]
    village_of_place = index_above(territory, codes, villages, "village")
    town_of_place = index_above(territory, codes, towns, "town")
    crossed = water.attention.crossed
    share = np.asarray(products.village_fraction, dtype=np.float64)[:, :, 0]

    def people(stock: list[int], at_places: list[int]) -> Floats:
        by_village = touched_in_villages(stock, share, at_places, crossed, village_of_place)
        # Places that hang on a town directly belong to none of its villages.
        of_town = np.where(village_of_place < 0, town_of_place, -1)
        in_villages = by_group(by_village, town_of_village, len(towns))
        return in_villages + summed_by(at_places, crossed, of_town, len(towns))

    return Touched(
        residents=people(
            [int(v.population or 0) for v in villages],
            [int(p.residents or 0) for p in water.places],
        ),
        old_houses=people(
            [int(v.old_houses or 0) for v in villages],
            [int(p.old_houses or 0) for p in water.places],
        ),
        road_m=summed_by(
            [float(p.road_m or 0.0) for p in water.places], crossed, town_of_place, len(towns)
        ),
    )


def town_parts(city: City, products: Products, water: PlaceWater) -> list[TownPart]:
    """The document's part on each town, in the territory's order.

    What is counted is waterlogging: dike sections, which the tide reaches, are left out.
    """
    towns = city.territory.towns()
    inland = np.array([place.waterlogs for place in water.places], dtype=np.bool_)
    town_of_place = index_above(
        city.territory, [place.territory for place in water.places], towns, "town"
    )
    touched = touched_by_town(city, products, water)
    rain = np.asarray(products.town_rain, dtype=np.float64)
    step_h = _step_hours(water.hours)
    parts = []
    for w, town in enumerate(towns):
        mine = (town_of_place == w) & inland
        attention = water.attention.crossed[:, mine]
        danger = water.danger.crossed[:, mine]
        sums = {
            hours: float(np.median(largest_sum(rain[:, :, w], round(hours / step_h))))
            for hours in (1, 3, 12)
        }
        parts.append(
            TownPart(
                code=town.code,
                name=town.name,
                attention_probability=_any_probability(attention),
                danger_probability=_any_probability(danger),
                places_attention_p50=float(np.median(attention.sum(axis=1))),
                places_danger_p50=float(np.median(danger.sum(axis=1))),
                max_rain_1h_p50=round(sums[1], 1),
                max_rain_3h_p50=round(sums[3], 1),
                max_rain_12h_p50=round(sums[12], 1),
                onset=moment(products.issued, _first_onset(water.attention.onset_h[:, mine])),
                residents_p50=median_count(touched.residents[:, w]),
                residents_p90=high_count(touched.residents[:, w]),
                old_houses_p50=median_count(touched.old_houses[:, w]),
                road_m_p50=round(float(np.median(touched.road_m[:, w])), 0),
                public_services=_services(water, mine),
            )
        )
    return parts


def village_parts(city: City, products: Products, water: PlaceWater) -> list[VillagePart]:
    """The document's part on each village, in the territory's order.

    Onset and duration are of the shallowest depth, and of the village's median course: the
    90th percentile of its cells in the median depth frame of each time. Where that course
    stays below, the course of the 90th percentile frames says from when water would come.
    """
    territory = city.territory
    villages = territory.villages()
    peaks = np.asarray(products.village_depth, dtype=np.float64)
    share = np.asarray(products.village_fraction, dtype=np.float64)[:, :, 0]
    onset, duration = _village_times(city, products, len(villages))
    codes = [place.territory for place in water.places]
    residents = touched_in_villages(
        [int(v.population or 0) for v in villages],
        share,
        [int(p.residents or 0) for p in water.places],
        water.attention.crossed,
        index_above(territory, codes, villages, "village"),
    )
    return [
        VillagePart(
            code=village.code,
            name=village.name,
            town=above(territory, village.code, "town"),
            probability={
                f"{depth:.2f}": round(float((peaks[:, v] > depth).mean()), 3) for depth in DEPTHS
            },
            onset=moment(products.issued, onset[v]) if (peaks[:, v] > DEPTHS[0]).any() else None,
            peak_m=rounded(quantiles(np.nan_to_num(peaks[:, v])), 2),
            duration_h=round(float(duration[v]), 1),
            residents_p50=median_count(residents[:, v]),
        )
        for v, village in enumerate(villages)
    ]


def department_parts(city: City, products: Products, water: PlaceWater) -> list[DepartmentPart]:
    """The document's part on each department that answers for places, by name."""
    names = sorted({place.department or "" for place in water.places})
    of_place = np.array(
        [names.index(place.department or "") for place in water.places], dtype=np.int64
    )
    crossed = water.attention.crossed

    def total(amounts: Iterable[float]) -> Floats:
        return summed_by(list(amounts), crossed, of_place, len(names))

    residents = total(p.residents or 0 for p in water.places)
    old_houses = total(p.old_houses or 0 for p in water.places)
    road_m = total(p.road_m or 0.0 for p in water.places)
    parts = []
    for d, name in enumerate(names):
        mine = of_place == d
        parts.append(
            DepartmentPart(
                department=name,
                places=int(mine.sum()),
                attention_expected=round(float(water.attention.probability[mine].sum()), 1),
                danger_expected=round(float(water.danger.probability[mine].sum()), 1),
                residents_p50=median_count(residents[:, d]),
                residents_p90=high_count(residents[:, d]),
                old_houses_p50=median_count(old_houses[:, d]),
                road_m_p50=round(float(np.median(road_m[:, d])), 0),
                public_services=_services(water, mine),
            )
        )
    return parts


def city_part(city: City, products: Products, water: PlaceWater) -> CityPart:
    """Totals of the whole city, summed member by member."""
    touched = touched_by_town(city, products, water)

    def total(members: ArrayLike) -> Quantiles:
        return rounded(quantiles(members), 0)

    return CityPart(
        residents=total(touched.residents.sum(axis=1)),
        old_houses=total(touched.old_houses.sum(axis=1)),
        road_m=total(touched.road_m.sum(axis=1)),
        places_attention=total(water.attention.crossed.sum(axis=1)),
        places_danger=total(water.danger.crossed.sum(axis=1)),
    )


def rain_part(products: Products) -> RainPart:
    """Rain over the run as the city's mean, and the largest 3 h sum in any town."""
    step_h = _step_hours(hours_since(products.issued, products.times))
    in_towns = largest_sum(products.town_rain, round(3 / step_h))
    return RainPart(
        total_mm=rounded(quantiles(products.rain_total), 1),
        max_3h_mm=rounded(quantiles(in_towns.max(axis=1)), 1),
    )


def village_course(frames: ArrayLike, village_of_cell: ArrayLike, villages: int) -> Floats:
    """90th percentile of each village's land cells over time.

    Args:
        frames: (T, ny, nx) depth, m; NaN outside.
        village_of_cell: (ny, nx) index of the village, -1 where nobody lives.
        villages: V.

    Returns:
        (T, V) depth, m; 0 for a village without a cell.
    """
    depth = np.nan_to_num(np.asarray(frames, dtype=np.float64))
    index = np.asarray(village_of_cell)
    course = np.zeros((depth.shape[0], villages))
    for v in range(villages):
        cells = depth[:, index == v]
        if cells.shape[1]:
            course[:, v] = np.percentile(cells, 90, axis=1)
    return course


def _village_times(city: City, products: Products, villages: int) -> tuple[Floats, Floats]:
    """(V,) onset and duration in h of each village's course above the shallowest depth."""
    hours = hours_since(products.issued, products.times)
    terrain = city.terrain(products.resolution_m)
    index = np.where(terrain.dwelt, terrain.unit, -1)
    courses = [
        village_course(products.frames(quantile), index, villages) for quantile in ("p50", "p90")
    ]
    over = crossing(np.stack(courses), DEPTHS[0], hours)
    median = over.crossed[0]
    return (
        np.where(median, over.onset_h[0], over.onset_h[1]),
        np.where(median, over.above_h[0], over.above_h[1]),
    )


def _services(water: PlaceWater, mine: NDArray[np.bool_]) -> list[ServicePart]:
    likely = [
        ServicePart(id=place.id, name=place.name, probability=round(float(p), 3))
        for place, p, is_mine in zip(water.places, water.attention.probability, mine, strict=True)
        if is_mine and place.kind == "public_service" and p >= LISTED_FROM
    ]
    return sorted(likely, key=lambda service: (-service["probability"], service["id"]))


def _any_probability(crossed: NDArray[np.bool_]) -> float:
    return round(float(crossed.any(axis=1).mean()), 3)


def _first_onset(onset_h: Floats) -> float:
    """Median over members of the earliest onset of any place, NaN where no member crosses."""
    if onset_h.shape[1] == 0:
        return float("nan")
    first = np.nanmin(np.where(np.isnan(onset_h), np.inf, onset_h), axis=1)
    first = first[np.isfinite(first)]
    return float(np.median(first)) if first.size else float("nan")


def _step_hours(hours: Sequence[float] | Floats) -> float:
    steps = np.diff(np.asarray(hours, dtype=np.float64))
    return float(np.median(steps)) if steps.size else 1.0
