"""Stations: where a quantity is measured, in which unit, on which datum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

QUANTITIES = (
    *("rain", "river_level", "tide", "flow", "wind"),
    *("displacement", "settlement", "pore_pressure"),
)
#: The unit in which each quantity is reported and stored.
UNITS = {
    **{"rain": "mm", "river_level": "m", "tide": "m", "flow": "m3/s", "wind": "m/s"},
    **{"displacement": "mm", "settlement": "mm", "pore_pressure": "kPa"},
}
#: What any station may report of itself, beside what it measures.
BATTERY = "battery"
STATION_ROLES = ("gauge", "boundary_inland", "boundary_tide")


@dataclass(frozen=True)
class Station:
    """A station with one quantity.

    Attributes:
        quantity: ``rain`` (sums), ``river_level``, ``tide``, ``flow``, ``wind``; of structures
            ``displacement``, ``settlement`` (down is positive), ``pore_pressure``.
        lon, lat: degrees, EPSG:4326.
        datum: the datum its own levels and published thresholds refer to; empty where nothing is
            a level.
        warning, guarantee: published 警戒 and 保证 levels, m **on the city's datum**.
        warning_raw, guarantee_raw: the same as published, m on the station's own datum.
        cadence: time between readings.
        role: what a forecast may use it for: ``gauge``, ``boundary_inland`` (its level stands
            at the inland edge of the model), ``boundary_tide``.
    """

    id: str
    name: str
    name_en: str
    quantity: str
    lon: float
    lat: float
    unit: str
    datum: str
    warning: float | None
    guarantee: float | None
    warning_raw: float | None
    guarantee_raw: float | None
    territory: str
    owner: str
    cadence: timedelta
    role: str
    synthetic: bool
    source: str

    @property
    def series(self) -> str:
        """Name of its series in the archive: ``<id>.<quantity>``."""
        return f"{self.id}.{self.quantity}"

    @property
    def battery(self) -> str:
        """Name of the series of its battery's voltage: ``<id>.battery``."""
        return f"{self.id}.{BATTERY}"
