"""Which town and which rain gauges speak for an area."""

from __future__ import annotations

from collections.abc import Sequence

from anlan.city import City


def town_or_self(city: City, code: str) -> str:
    """The town that a unit belongs to, or the unit itself above the towns."""
    town = city.territory.town_of(code)
    return town.code if town else code


def above(city: City, code: str) -> list[str]:
    """The code itself and those of all units above it."""
    return [code, *(unit.code for unit in city.territory.ancestors(code))]


def rain_gauges(city: City, codes: Sequence[str]) -> tuple[str, ...]:
    """Rain gauges inside the area, or the nearest one where there is none."""
    gauges = [each for each in city.stations.values() if each.quantity == "rain"]
    inside = [
        gauge.id
        for gauge in gauges
        if gauge.territory in city.territory
        and any(city.territory.is_within(gauge.territory, code) for code in codes)
    ]
    if inside or not gauges:
        return tuple(inside)
    unit = city.territory.unit(codes[0])
    nearest = min(
        gauges, key=lambda each: ((each.lon - unit.lon) ** 2 + (each.lat - unit.lat) ** 2, each.id)
    )
    return (nearest.id,)
