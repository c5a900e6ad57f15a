"""A city as everything else sees it: a folder that has been read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from numpy.typing import ArrayLike

from anlan.city.build import build_terrain
from anlan.city.event import Event
from anlan.city.event_folder import event_names, load_event
from anlan.city.firms import Firm
from anlan.city.limits import DEFAULTS, Limits
from anlan.city.monitoring import Point
from anlan.city.people import Account, Person
from anlan.city.place import HazardPlace
from anlan.city.projection import Projection
from anlan.city.retention import Retention
from anlan.city.roads import Road
from anlan.city.station import Station
from anlan.city.stores import NONE, Stores
from anlan.city.terrain import Terrain
from anlan.city.territory import Territory
from anlan.city.works import Line, Polder, Shelter, Structure, Team
from anlan.refusal import Refusal


@dataclass(frozen=True, eq=False)
class City:
    """A city. Levels are in m on ``datum``; times are UTC, ``zone`` is for the edge only.

    Attributes:
        crs: the projected system in metres, such as ``EPSG:4549``.
        datums: offset of each datum known here: level on ``datum`` = level + offset.
        people: everybody whom a message can reach, plain; read once, when a store is seeded.
        settings: ``city.toml`` as parsed.
        synthetic: what in this folder is invented, in words for map, report and API.
        digest: SHA-256 of the files that a forecast reads.
        limits: what the quality rules expect of each quantity.
        monitoring: watched points of structures, by the id of their station.
        retention: how long readings of a quantity are kept one by one; for ever, if not named.
        roads: what can be driven on, for routes; empty where no road layer was given.
        stores: depots, what lies in them, and what can be sent from them, at the start.
        day_start: when its day begins, local time (08:00 in Chinese hydrology).
    """

    folder: Path
    id: str
    name: str
    name_en: str
    crs: str
    zone: ZoneInfo
    datum: str
    datums: Mapping[str, float]
    territory: Territory
    stations: Mapping[str, Station]
    places: Mapping[str, HazardPlace]
    lines: tuple[Line, ...]
    polders: tuple[Polder, ...]
    structures: tuple[Structure, ...]
    accounts: Mapping[str, Account]
    people: tuple[Person, ...]
    shelters: Mapping[str, Shelter]
    teams: Mapping[str, Team]
    settings: Mapping[str, Any]
    synthetic: tuple[str, ...]
    digest: str
    firms: Mapping[str, Firm] = field(default_factory=dict)
    limits: Mapping[str, Limits] = field(default_factory=lambda: DEFAULTS)
    monitoring: Mapping[str, Point] = field(default_factory=dict)
    retention: Mapping[str, Retention] = field(default_factory=dict)
    roads: tuple[Road, ...] = ()
    stores: Stores = NONE
    day_start: time = time(0)
    _terrains: dict[float, Terrain] = field(default_factory=dict, repr=False)
    _projections: list[Projection] = field(default_factory=list, repr=False)
    _series: dict[str, Station] = field(default_factory=dict, init=False, repr=False, compare=False)

    def level(self, value: float, datum: str) -> float:
        """A level given on ``datum``, in m on the city's datum.

        Raises:
            Refusal: if ``datum`` is not one of ``datums``.
        """
        try:
            return value + self.datums[datum]
        except KeyError:
            raise Refusal(
                f"datum {datum!r} is not known in {self.name}; "
                f"use one of {', '.join(self.datums)}, or add it to [datums] of city.toml",
                field="datum",
                value=datum,
                remedy=f"one of {', '.join(self.datums)}",
            ) from None

    def station_of(self, series: str) -> Station | None:
        """The station whose own series or battery this is; None if there is none."""
        if not self._series:  # asked for each reading that comes in
            named = {
                name: each
                for each in self.stations.values()
                for name in (each.series, each.battery)
            }
            self._series.update(named)
        return self._series.get(series)

    @property
    def projection(self) -> Projection:
        """Between lon, lat and metres."""
        if not self._projections:
            self._projections.append(Projection(self.crs))
        return self._projections[0]

    def to_xy(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Any, Any]:
        """x, y in m of ``crs`` from lon, lat in degrees; arrays for arrays."""
        return self.projection.to_xy(lon, lat)

    def to_lonlat(self, x: ArrayLike, y: ArrayLike) -> tuple[Any, Any]:
        """lon, lat in degrees from x, y in m of ``crs``; arrays for arrays."""
        return self.projection.to_lonlat(x, y)

    def terrain(self, resolution_m: float) -> Terrain:
        """The terrain at a whole multiple of the raster's cell size, built once.

        Raises:
            Refusal: if the resolution is no such multiple, or the raster cannot be used.
        """
        if resolution_m not in self._terrains:
            self._terrains[resolution_m] = build_terrain(self, resolution_m)
        return self._terrains[resolution_m]

    def events(self) -> list[str]:
        """The names of the events in the folder, sorted."""
        return event_names(self.folder)

    def event(self, name: str) -> Event:
        """A past or designed event of this city.

        Raises:
            Refusal: ``not_found`` for an unknown name; ``invalid`` if its files have faults.
        """
        return load_event(self.folder, name)
