"""Past or designed events 灾害过程 of a city: storm track and official warnings as published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

COLOURS = ("blue", "yellow", "orange", "red")

#: Radii of a wind force in km by quadrant: north-east, south-east, south-west, north-west.
Radii = tuple[float, float, float, float]


@dataclass(frozen=True)
class Fix:
    """One fix of an operational storm track.

    Attributes:
        time: UTC. A fix is known from this moment on, not before.
        lon, lat: centre, degrees (given to 0.1°).
        pressure_hpa: central pressure; wind_ms: largest wind near the centre (2-minute mean).
        r7, r10, r12: radii of force 7, 10 and 12 winds; None where not given.
    """

    time: datetime
    lon: float
    lat: float
    pressure_hpa: float
    wind_ms: float
    r7: Radii | None
    r10: Radii | None
    r12: Radii | None


@dataclass(frozen=True)
class OfficialWarning:
    """A warning that an authority really issued; relayed with its issuer, never rewritten.

    Attributes:
        issued: UTC. event: what it warns of, as the issuer calls it. colour: blue, yellow,
            orange, red. area: the issuer's words; places: territory codes of this city that it
            covers. source: where it was read. expires: UTC; None: not said. replaces: ids of the
            warnings that it follows; None: not said, then those of its issuer about this event.
    """

    id: str
    issuer: str
    issued: datetime
    event: str
    colour: str
    area: str
    text: str
    places: tuple[str, ...]
    source: str
    expires: datetime | None = None
    replaces: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Event:
    """A past or designed event. ``start``, ``end``, ``cycles_until`` (last forecast) are UTC."""

    id: str
    name: str
    name_en: str
    start: datetime
    end: datetime
    cycles_until: datetime
    track: tuple[Fix, ...]
    official: tuple[OfficialWarning, ...]
    sources: tuple[str, ...]
    synthetic: bool
    folder: Path
