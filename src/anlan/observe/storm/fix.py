"""A fix of a storm's centre, by one agency, seen or forecast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from anlan.refusal import Refusal

KNOT = 1852.0 / 3600.0
"""m/s."""
Radii = tuple[float, float, float, float]
"""km: north-east, south-east, south-west, north-west."""
_FIRST = datetime(1840, 1, 1, tzinfo=UTC)
_LONGEST = timedelta(days=15)


@dataclass(frozen=True)
class Fix:
    """Where a storm's centre was, or is forecast to be.

    Attributes:
        time: UTC.
        base: when the forecast was made, UTC; the same as ``time`` where the storm was seen.
        lon, lat: degrees east and north.
        pressure_hpa: at the centre; None where not given.
        wind_ms: largest mean wind near the centre, over the minutes of its agency (see
            `StormTrack`); None where not given.
        r7, r10, r12: radii of force 7, 10 and 12 winds; None where not given. A radius of 0 says
            nothing: operational files write 0 for "no such winds" and for "not given" alike.
    """

    time: datetime
    base: datetime
    lon: float
    lat: float
    pressure_hpa: float | None
    wind_ms: float | None
    r7: Radii | None = None
    r10: Radii | None = None
    r12: Radii | None = None

    @property
    def forecast(self) -> bool:
        """Whether it was forecast rather than seen."""
        return self.base < self.time


@dataclass(frozen=True)
class StormTrack:
    """What one agency says of one storm.

    Attributes:
        storm: its number, six digits as in ``202106`` (year and number of the season), or the
            name that the file gives to a storm without one.
        agency: CMA, JMA, JTWC, HKO, CWA, KMA … ; wind_minutes: over which its winds are means
            (CMA 2, JMA 10, JTWC 1); None where not known.
        best: whether this is a best track, worked out after the season.
    """

    storm: str
    agency: str
    name: str
    name_en: str
    wind_minutes: int | None
    best: bool
    fixes: tuple[Fix, ...]


WIND_MINUTES = {"CMA": 2, "JMA": 10, "JTWC": 1, "HKO": 10, "CWA": 10, "KMA": 10}


def checked(
    where: str,
    *,
    time: datetime,
    base: datetime,
    lon: float,
    lat: float,
    pressure: float | None,
    wind: float | None,
    r7: Radii | None = None,
    r10: Radii | None = None,
    r12: Radii | None = None,
) -> Fix:
    """A fix whose numbers can be; 0 and less of pressure and wind mean not given.

    Raises:
        Refusal: naming ``where``, field and value.
    """
    if not (math.isfinite(lon) and math.isfinite(lat) and -180 <= lon <= 360 and -90 <= lat <= 90):
        raise bad(where, "position", f"{lat}, {lon}", "degrees north, degrees east")
    if time < _FIRST or time - base > _LONGEST or base > time:
        raise bad(where, "time", time.isoformat(), "a time within 15 days of the forecast's base")
    pressure = pressure if pressure and pressure > 0 else None
    if pressure is not None and not 800 <= pressure <= 1060:
        raise bad(where, "pressure", pressure, "hPa, 800 to 1060")
    wind = wind if wind and wind > 0 else None
    if wind is not None and not wind <= 120:
        raise bad(where, "wind", wind, "m/s, 120 at most")
    east = lon - 360.0 if lon > 180.0 else lon
    return Fix(time, base, east, lat, pressure, wind, r7, r10, r12)


def bad(where: str, field: str, value: object, remedy: str) -> Refusal:
    """The refusal of a value in a track file."""
    return Refusal(
        f"{where}: {field} '{str(value)[:60]}' cannot be; write {remedy}",
        field=field,
        value=value,
        remedy=remedy,
    )


def radii(values: list[float | None]) -> Radii | None:
    """Four quadrants; None unless at least one is above 0. A quadrant not given counts 0."""
    if len(values) != 4:
        return None
    known = [v if v is not None and math.isfinite(v) and 0 < v < 3000 else 0.0 for v in values]
    return (known[0], known[1], known[2], known[3]) if any(known) else None
