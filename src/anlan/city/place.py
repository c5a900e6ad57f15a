"""Hazard places 隐患点: where a depth of water matters."""

from __future__ import annotations

from dataclasses import dataclass

PLACE_KINDS = (
    "underpass",
    "low_community",
    "old_houses",
    "pump_station",
    "dike_section",
    "road",
    "public_service",
)


@dataclass(frozen=True)
class HazardPlace:
    """A hazard place. Levels in m on the city's datum; None where a number does not apply.

    Attributes:
        territory: village code; department: who looks after it.
        attention_m, danger_m: depths over ``ground_m`` that call for attention and mean danger.
            For a dike section they are depths against the toe of the dike.
        ground_m: lowest point that matters there.
        rim_m, catchment_m2, area_m2, pump_m3s: for an underpass: the level at which surface
            water enters, what drains into it, its floor, and its own pump.
        residents, old_houses, road_m: who and what is there.
    """

    id: str
    name: str
    name_en: str
    kind: str
    lon: float
    lat: float
    territory: str
    department: str
    attention_m: float
    danger_m: float
    ground_m: float
    rim_m: float | None
    catchment_m2: float | None
    area_m2: float | None
    pump_m3s: float | None
    residents: int
    old_houses: int
    road_m: float
    synthetic: bool

    @property
    def waterlogs(self) -> bool:
        """Whether water standing here is waterlogging 内涝.

        Water against a dike section is not: a spring tide reaches it without a drop of rain.
        """
        return self.kind != "dike_section"
