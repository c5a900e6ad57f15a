"""The tide and the rivers: peaks, and how likely warning and guarantee levels are exceeded."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.assess.document import Exceedance, MemberPeak, StationPart, TidePart
from anlan.assess.hazard import crossing, quantiles
from anlan.assess.moments import hours_since, iso, moment, rounded
from anlan.assess.reads import Products
from anlan.city import City, Station

Floats = NDArray[np.float64]


def tide_station(city: City) -> Station | None:
    """The city's tide station named in ``[forecast] tide_station``, or None where it has none."""
    forecast = city.settings.get("forecast", {})
    name = forecast.get("tide_station") if hasattr(forecast, "get") else None
    return city.stations.get(str(name)) if name else None


def tide_part(city: City, products: Products) -> TidePart | None:
    """The tide of a run; None for a city, or a run, without tide."""
    station = tide_station(city)
    if station is None or products.tide is None or np.size(products.tide) == 0:
        return None
    level = np.asarray(products.tide, dtype=np.float64)
    if np.isnan(level).all():
        return None
    hours = hours_since(products.issued, products.fine_times)
    peaks = np.nanmax(level, axis=1)
    at = np.nanargmax(level, axis=1)
    return TidePart(
        station=station.id,
        name=station.name,
        datum=city.datum,
        peak=rounded(quantiles(peaks), 2),
        peak_time=_median_peak(products, level, hours),
        exceedance=_exceedance(products, station, level, hours),
        member_peaks=[
            MemberPeak(
                peak_m=round(float(peak), 3),
                time=iso(products.issued + timedelta(hours=float(hours[i]))),
            )
            for peak, i in zip(peaks, at, strict=True)
        ],
    )


def station_parts(city: City, products: Products) -> list[StationPart]:
    """Every level station of the run, in the run's order; those without a number left out."""
    hours = hours_since(products.issued, products.times)
    parts = []
    for i, name in enumerate(products.station_ids):
        station = city.stations.get(name)
        level = np.asarray(products.station_level, dtype=np.float64)[:, :, i]
        if station is None or np.isnan(level).all():
            continue
        level = level[~np.isnan(level).all(axis=1)]
        parts.append(
            StationPart(
                id=station.id,
                name=station.name,
                peak=rounded(quantiles(np.nanmax(level, axis=1)), 2),
                peak_time=_median_peak(products, level, hours),
                exceedance=_exceedance(products, station, level, hours),
            )
        )
    return parts


def _median_peak(products: Products, level: Floats, hours: Floats) -> str:
    """Time of the peak of the median course.

    Not the median of the members' peak times: where two high waters are nearly equal, that
    would name an hour between them at which no member peaks.
    """
    filled = np.where(np.isnan(level), -np.inf, level)
    return iso(products.issued + timedelta(hours=float(hours[np.median(filled, axis=0).argmax()])))


def _exceedance(
    products: Products, station: Station, level: Floats, hours: Floats
) -> list[Exceedance]:
    found = []
    for name, threshold in (("warning", station.warning), ("guarantee", station.guarantee)):
        if threshold is None or np.isnan(threshold):
            continue
        over = crossing(level, threshold, hours)
        found.append(
            Exceedance(
                name=name,
                level_m=round(float(threshold), 2),
                probability=round(float(over.probability), 3),
                onset=moment(products.issued, float(over.median_onset_h)),
                duration_h=round(float(over.median_above_h), 1),
            )
        )
    return found
