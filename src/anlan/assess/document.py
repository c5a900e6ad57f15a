"""The assessment as a document: plain JSON types, in this order, in these words.

Times are ISO 8601 in UTC, or null where nothing happens. Levels are m on the city's datum,
depths m, rain mm, durations h, probabilities 0 to 1 (the share of members).
"""

from __future__ import annotations

from typing import TypedDict


class Quantiles(TypedDict):
    """10th, 50th and 90th percentile over the members."""

    p10: float
    p50: float
    p90: float


class Exceedance(TypedDict):
    """A station's level (``warning`` or ``guarantee``) and how likely it is exceeded."""

    name: str
    level_m: float
    probability: float
    onset: str | None
    duration_h: float


class MemberPeak(TypedDict):
    """The highest water of one member."""

    peak_m: float
    time: str


class TidePart(TypedDict):
    """The tide station; ``peak_time`` is that of the median course."""

    station: str
    name: str
    datum: str
    peak: Quantiles
    peak_time: str
    exceedance: list[Exceedance]
    member_peaks: list[MemberPeak]


class StationPart(TypedDict):
    """A level station that the run reports."""

    id: str
    name: str
    peak: Quantiles
    peak_time: str
    exceedance: list[Exceedance]


class Hazard(TypedDict):
    """Crossing one threshold: onset and duration are medians of the members that cross."""

    threshold_m: float
    probability: float
    onset: str | None
    duration_h: float


class Reported(TypedDict):
    """What a trusted report of people says of a place: ``low_m`` to ``high_m`` deep.

    ``attention`` and ``danger``: whether even its lower end reaches the place's threshold;
    ``disputed``: whether another report speaks of quite another depth.
    """

    id: str
    depth_class: str
    low_m: float
    high_m: float
    seen_at: str
    trust: float
    disputed: bool
    attention: bool
    danger: bool


class PlacePart(TypedDict):
    """A hazard place; ``residents`` and ``old_houses`` are those who live there.

    ``attention``, ``danger`` and ``peak_m`` are the forecast's alone.
    """

    id: str
    name: str
    kind: str
    territory: str
    town: str
    department: str
    attention: Hazard
    danger: Hazard
    peak_m: Quantiles
    peak_time: str | None
    residents: int
    old_houses: int
    reported: Reported | None


class ServicePart(TypedDict):
    """A public service and how likely its attention threshold is crossed."""

    id: str
    name: str
    probability: float


class TownPart(TypedDict):
    """A town: likelihood that any of its places crosses, rain, and who is touched."""

    code: str
    name: str
    attention_probability: float
    danger_probability: float
    places_attention_p50: float
    places_danger_p50: float
    max_rain_1h_p50: float
    max_rain_3h_p50: float
    max_rain_12h_p50: float
    onset: str | None
    residents_p50: int
    residents_p90: int
    old_houses_p50: int
    road_m_p50: float
    public_services: list[ServicePart]


class VillagePart(TypedDict):
    """A village: ``probability`` by depth threshold, of its 90th percentile of cells."""

    code: str
    name: str
    town: str
    probability: dict[str, float]
    onset: str | None
    peak_m: Quantiles
    duration_h: float
    residents_p50: int


class DepartmentPart(TypedDict):
    """A department: how many of its places are expected to cross, and who is touched there."""

    department: str
    places: int
    attention_expected: float
    danger_expected: float
    residents_p50: int
    residents_p90: int
    old_houses_p50: int
    road_m_p50: float
    public_services: list[ServicePart]


class RainPart(TypedDict):
    """Rain over the run: city mean, and the largest 3 h sum in any town."""

    total_mm: Quantiles
    max_3h_mm: Quantiles


class CityPart(TypedDict):
    """The whole city, summed member by member before taking quantiles."""

    residents: Quantiles
    old_houses: Quantiles
    road_m: Quantiles
    places_attention: Quantiles
    places_danger: Quantiles


class Assessment(TypedDict):
    """What a run means for the city, and the response level proposed for it."""

    run: str
    issued: str
    horizon_h: float
    members: int
    synthetic: list[str]
    city: CityPart
    tide: TidePart | None
    stations: list[StationPart]
    towns: list[TownPart]
    villages: list[VillagePart]
    places: list[PlacePart]
    departments: list[DepartmentPart]
    rain: RainPart
    level: str
    reason: str
