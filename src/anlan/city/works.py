"""What stands in the way of water, and who and what can be sent: lines, polders, structures,
shelters, teams."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

LINE_KINDS = ("river", "dike", "sea_dike", "road", "embankment")
STRUCTURE_KINDS = ("pump", "flap_gate")
TEAM_KINDS = ("pump_truck", "rescue", "volunteer")


@dataclass(frozen=True)
class Line:
    """A river, dike, road or embankment, drawn in lon, lat.

    Attributes:
        crest_m: top of a barrier, m on the city's datum; None where it holds nothing back.
        bed_m: bed of a river, m on the city's datum; width_m: width of water or road, m.
    """

    id: str
    name: str
    kind: str
    crest_m: float | None
    bed_m: float | None
    width_m: float
    geometry: shapely.Geometry
    synthetic: bool


@dataclass(frozen=True)
class Polder:
    """Low land inside a ring of dikes; crest in m on the city's datum, area in lon, lat."""

    id: str
    name: str
    dike_crest_m: float
    geometry: shapely.Geometry
    synthetic: bool


@dataclass(frozen=True)
class Structure:
    """A pump or a flap gate between two points (lon, lat); levels in m on the city's datum.

    A pump moves up to ``capacity_m3s`` once the level at its first point reaches
    ``start_level_m``, until it has fallen to ``stop_level_m``. A flap gate lets water out over
    ``sill_m`` through ``width_m`` whenever the first side stands higher, and never back.
    """

    id: str
    name: str
    kind: str
    from_lon: float
    from_lat: float
    to_lon: float
    to_lat: float
    capacity_m3s: float | None
    width_m: float | None
    sill_m: float | None
    start_level_m: float | None
    stop_level_m: float | None
    synthetic: bool


@dataclass(frozen=True)
class Shelter:
    """A place to move people to; capacity in persons."""

    id: str
    name: str
    lon: float
    lat: float
    territory: str
    capacity: int
    synthetic: bool


@dataclass(frozen=True)
class Team:
    """People and gear that can be sent; ``account`` answers for it, ``strength`` in persons.

    ``skills``: words for what it can do beyond its kind, such as ``water_rescue``.
    """

    id: str
    name: str
    kind: str
    territory: str
    department: str
    account: str
    strength: int
    synthetic: bool
    skills: tuple[str, ...] = ()
