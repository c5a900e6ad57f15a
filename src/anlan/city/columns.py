"""The columns of every table of a city folder: the one place where they are written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anlan.city.event import COLOURS
from anlan.city.firms import FIRM_KINDS
from anlan.city.people import ROLES, TIERS
from anlan.city.place import PLACE_KINDS
from anlan.city.station import QUANTITIES, STATION_ROLES
from anlan.city.table import (
    LAT,
    LEVEL,
    LON,
    Column,
    codes,
    count,
    digits,
    instant,
    number,
    one_of,
    shape,
    text,
    truth,
)
from anlan.city.territory import LEVELS
from anlan.city.works import LINE_KINDS, STRUCTURE_KINDS, TEAM_KINDS


@dataclass(frozen=True)
class Sheet:
    """One table: its file, its columns, the column that names a row, whether it may be absent."""

    file: str
    columns: Mapping[str, Column]
    key: str = "id"
    optional: bool = False


def _columns(**columns: Column) -> dict[str, Column]:
    return columns


_TEXT = Column(text)
_TEXT_OR_EMPTY = Column(text, "")
_CODE = Column(digits(12))
_TRUTH = Column(truth)
_LEVEL_OR_NONE = Column(LEVEL, None)
_POSITIVE_OR_NONE = Column(number(0, 1e9), None)


def _where() -> dict[str, Any]:
    return {"lon": Column(LON), "lat": Column(LAT)}


TERRITORY = Sheet(
    "territory.csv",
    _columns(
        code=_CODE,
        name=_TEXT,
        name_en=_TEXT_OR_EMPTY,
        level=Column(one_of(*LEVELS)),
        parent=Column(digits(12), ""),
        **_where(),
        population=Column(count),
        old_houses=Column(count),
        wkt=Column(shape("Polygon", "MultiPolygon"), None),
        approximate=_TRUTH,
        synthetic=_TRUTH,
        source=_TEXT_OR_EMPTY,
    ),
    key="code",
)

STATIONS = Sheet(
    "stations.csv",
    _columns(
        id=_TEXT,
        name=_TEXT,
        name_en=_TEXT_OR_EMPTY,
        quantity=Column(one_of(*QUANTITIES)),
        **_where(),
        unit=_TEXT,
        datum=_TEXT_OR_EMPTY,
        warning=_LEVEL_OR_NONE,
        guarantee=_LEVEL_OR_NONE,
        territory=_CODE,
        owner=_TEXT_OR_EMPTY,
        cadence_min=Column(number(1, 1440)),
        role=Column(one_of(*STATION_ROLES)),
        synthetic=_TRUTH,
        source=_TEXT_OR_EMPTY,
    ),
)

PLACES = Sheet(
    "places.csv",
    _columns(
        id=_TEXT,
        name=_TEXT,
        name_en=_TEXT_OR_EMPTY,
        kind=Column(one_of(*PLACE_KINDS)),
        **_where(),
        territory=_CODE,
        department=_TEXT_OR_EMPTY,
        attention_m=Column(number(0, 20)),
        danger_m=Column(number(0, 20)),
        ground_m=Column(LEVEL),
        rim_m=_LEVEL_OR_NONE,
        catchment_m2=_POSITIVE_OR_NONE,
        area_m2=_POSITIVE_OR_NONE,
        pump_m3s=_POSITIVE_OR_NONE,
        residents=Column(count),
        old_houses=Column(count),
        road_m=Column(number(0, 1e6)),
        synthetic=_TRUTH,
    ),
)

LINES = Sheet(
    "lines.csv",
    _columns(
        id=_TEXT,
        name=_TEXT,
        kind=Column(one_of(*LINE_KINDS)),
        crest_m=_LEVEL_OR_NONE,
        bed_m=_LEVEL_OR_NONE,
        width_m=Column(number(0, 5000)),
        wkt=Column(shape("LineString", "MultiLineString")),
        synthetic=_TRUTH,
    ),
)

POLDERS = Sheet(
    "polders.csv",
    _columns(
        id=_TEXT,
        name=_TEXT,
        dike_crest_m=Column(LEVEL),
        wkt=Column(shape("Polygon")),
        synthetic=_TRUTH,
    ),
)

STRUCTURES = Sheet(
    "structures.csv",
    _columns(
        id=_TEXT,
        name=_TEXT,
        kind=Column(one_of(*STRUCTURE_KINDS)),
        from_lon=Column(LON),
        from_lat=Column(LAT),
        to_lon=Column(LON),
        to_lat=Column(LAT),
        capacity_m3s=_POSITIVE_OR_NONE,
        width_m=_POSITIVE_OR_NONE,
        sill_m=_LEVEL_OR_NONE,
        start_level_m=_LEVEL_OR_NONE,
        stop_level_m=_LEVEL_OR_NONE,
        synthetic=_TRUTH,
    ),
)

ACCOUNTS = Sheet(
    "accounts.csv",
    _columns(
        id=_TEXT,
        name=_TEXT,
        name_en=_TEXT_OR_EMPTY,
        role=Column(one_of(*ROLES)),
        territory=_CODE,
        department=_TEXT_OR_EMPTY,
        deputy=_TEXT_OR_EMPTY,
    ),
)

PEOPLE = Sheet(
    "people.csv",
    _columns(
        id=_TEXT,
        account=_TEXT_OR_EMPTY,
        name=_TEXT,
        phone=_TEXT_OR_EMPTY,  # who has none shows as out of reach
        role=Column(one_of(*ROLES)),
        tier=Column(one_of(*TIERS)),
        territory=_CODE,
        language=_TEXT,
        **_where(),
        place=_TEXT_OR_EMPTY,
        deputy=_TEXT_OR_EMPTY,
        opted_out=_TRUTH,
        on_duty=_TRUTH,
        synthetic=_TRUTH,
    ),
)

SHELTERS = Sheet(
    "shelters.csv",
    _columns(
        id=_TEXT,
        name=_TEXT,
        **_where(),
        territory=_CODE,
        capacity=Column(count),
        synthetic=_TRUTH,
    ),
)

TEAMS = Sheet(
    "teams.csv",
    _columns(
        id=_TEXT,
        name=_TEXT,
        kind=Column(one_of(*TEAM_KINDS)),
        territory=_CODE,
        department=_TEXT_OR_EMPTY,
        account=_TEXT,
        strength=Column(count),
        skills=Column(codes, ()),
        synthetic=_TRUTH,
    ),
)

FIRMS = Sheet(
    "firms.csv",
    _columns(
        id=_TEXT,
        name=_TEXT,
        name_en=_TEXT_OR_EMPTY,
        kind=Column(one_of(*FIRM_KINDS)),
        **_where(),
        territory=_CODE,
        account=_TEXT_OR_EMPTY,
        employees=Column(count),
        essential=_TRUTH,
        synthetic=_TRUTH,
    ),
    optional=True,
)

#: Cities beside this one: the roots of other territories, for joint teams.
NEIGHBOURS = Sheet(
    "neighbours.csv",
    _columns(
        code=_CODE,
        name=_TEXT,
        name_en=_TEXT_OR_EMPTY,
        **_where(),
        synthetic=_TRUTH,
        source=_TEXT_OR_EMPTY,
    ),
    key="code",
    optional=True,
)

SHEETS = (
    TERRITORY,
    STATIONS,
    PLACES,
    LINES,
    POLDERS,
    STRUCTURES,
    ACCOUNTS,
    PEOPLE,
    SHELTERS,
    TEAMS,
    FIRMS,
    NEIGHBOURS,
)

_RADIUS = Column(number(1, 2000), None)
_QUADRANTS = ("ne", "se", "sw", "nw")

TRACK = Sheet(
    "track.csv",
    _columns(
        time=Column(instant),
        **_where(),
        pressure_hpa=Column(number(850, 1050)),
        wind_ms=Column(number(0, 110)),
        **{f"r{force}_{quadrant}": _RADIUS for force in (7, 10, 12) for quadrant in _QUADRANTS},
    ),
    key="time",
    optional=True,
)

OFFICIAL = Sheet(
    "official.csv",
    _columns(
        id=_TEXT,
        issuer=_TEXT,
        issued=Column(instant),
        event=_TEXT,
        colour=Column(one_of(*COLOURS)),
        area=_TEXT,
        text=_TEXT,
        places=Column(codes, ()),
        source=_TEXT,
    ),
    optional=True,
)
