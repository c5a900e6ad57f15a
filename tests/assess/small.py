"""A harbour town and a valley town, small enough to check by hand, and runs made for them.

Harbour 港城 has tide, storm, two towns and three villages on a 6 × 4 grid of 500 m cells.
Talstadt has neither, lies in another zone and system, and is named in German and English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray

from anlan.city import City, Event, Fix, HazardPlace, Line, Station, Terrain, Territory, Unit
from anlan.city.projection import Projection

ISSUED = datetime(2021, 7, 25, 0, 0, tzinfo=UTC)
DX = 500.0
SHAPE = (4, 6)
Array = NDArray[np.float64]


@dataclass
class Run:
    """Products held in memory."""

    issued: datetime
    times: Sequence[datetime]
    members: int
    resolution_m: float
    fine_times: Sequence[datetime]
    tide: Array | None
    station_ids: Sequence[str]
    station_level: Array
    place_level: Array
    place_rain: Array
    town_rain: Array
    village_depth: Array
    village_fraction: Array
    rain_total: Array
    tracks: Array | None
    depth: Array  # (M, T, ny, nx)

    def frames(self, quantile: str) -> Array:
        return np.asarray(np.percentile(self.depth, {"p50": 50, "p90": 90}[quantile], axis=0))

    def probability(self, threshold: float) -> Array:
        return np.asarray((self.depth.max(axis=1) > threshold).mean(axis=0))


def unit(code: str, name: str, name_en: str, level: str, parent: str, **more: Any) -> Unit:
    facts = {
        "lon": 121.0,
        "lat": 30.7,
        "population": 0,
        "old_houses": 0,
        "polygon": None,
        "approximate": True,
        "synthetic": True,
        "source": "",
    }
    return Unit(code, name, name_en, level, parent, **{**facts, **more})


def place(name: str, kind: str, territory: str, **more: Any) -> HazardPlace:
    facts: dict[str, Any] = {
        "name": name,
        "name_en": "",
        "lon": 121.0,
        "lat": 30.7,
        "department": "住建局",
        "attention_m": 0.15,
        "danger_m": 0.30,
        "ground_m": 2.0,
        "rim_m": None,
        "catchment_m2": None,
        "area_m2": None,
        "pump_m3s": None,
        "residents": 0,
        "old_houses": 0,
        "road_m": 0.0,
        "synthetic": True,
    }
    return HazardPlace(id=name, kind=kind, territory=territory, **{**facts, **more})


def station(name: str, quantity: str, **more: Any) -> Station:
    facts: dict[str, Any] = {
        "name": name,
        "name_en": "",
        "lon": 121.0,
        "lat": 30.7,
        "unit": "m",
        "datum": "1985",
        "warning": None,
        "guarantee": None,
        "warning_raw": None,
        "guarantee_raw": None,
        "territory": "1",
        "owner": "",
        "cadence": timedelta(minutes=10),
        "role": "gauge",
        "synthetic": True,
        "source": "",
    }
    return Station(id=name, quantity=quantity, **{**facts, **more})


def terrain(crs: str, lon: float, lat: float) -> Terrain:
    """Flat land round a point; the southern row is sea, the western column a river."""
    projection = Projection(crs)
    x, y = projection.to_xy(lon, lat)
    ny, nx = SHAPE
    sea, river = np.zeros(SHAPE, dtype=bool), np.zeros(SHAPE, dtype=bool)
    sea[0], river[1:, 0] = True, True
    village = np.full(SHAPE, -1)
    village[1:, :2], village[1:, 2:4], village[1:, 4:] = 0, 1, 2
    return Terrain(
        x0=float(x) - DX * nx / 2,
        y0=float(y) - DX * ny / 2,
        dx=DX,
        z=np.full(SHAPE, 2.0),
        manning=np.full(SHAPE, 0.04),
        inside=np.ones(SHAPE, dtype=bool),
        crest_x=np.full((ny, nx + 1), -np.inf),
        crest_y=np.full((ny + 1, nx), -np.inf),
        sea=sea,
        inland=np.zeros(SHAPE, dtype=bool),
        inland_station=np.full(SHAPE, -1),
        inland_stations=(),
        drain_rate=np.zeros(SHAPE),
        polder=np.full(SHAPE, -1),
        unit=village,
        river=river,
        structures=(),
        projection=projection,
    )


def city(
    crs: str,
    zone: str,
    datum: str,
    units: Sequence[Unit],
    places: Sequence[HazardPlace],
    stations: Sequence[Station],
    settings: Mapping[str, Any],
    lines: Sequence[Line] = (),
    synthetic: Sequence[str] = (),
) -> City:
    territory = Territory(units)
    root = territory.root
    return City(
        folder=Path("/nowhere"),
        id=root.name_en.lower(),
        name=root.name,
        name_en=root.name_en,
        crs=crs,
        zone=ZoneInfo(zone),
        datum=datum,
        datums={datum: 0.0},
        territory=territory,
        stations={station.id: station for station in stations},
        places={place.id: place for place in places},
        lines=tuple(lines),
        polders=(),
        structures=(),
        accounts={},
        people=(),
        shelters={},
        teams={},
        settings=settings,
        synthetic=tuple(synthetic),
        digest="0" * 64,
        _terrains={DX: terrain(crs, root.lon, root.lat)},
    )


def harbour() -> City:
    """港城: V1 in town A, V2 and V3 in town B; four hazard places."""
    outline = shapely.box(120.985, 30.692, 121.015, 30.708)
    units = [
        unit("1", "港城", "Gangcheng", "city", "", polygon=outline),
        unit("11", "甲镇", "Jia", "town", "1", polygon=shapely.box(120.985, 30.696, 121.0, 30.708)),
        unit("12", "乙镇", "Yi", "town", "1", polygon=shapely.box(121.0, 30.696, 121.015, 30.708)),
        unit("111", "一村", "One", "village", "11", population=1000, old_houses=40),
        unit("121", "二村", "Two", "village", "12", population=2000, old_houses=10),
        unit("122", "三村", "Three", "village", "12", population=500),
    ]
    places = [
        place(
            "人民路下穿", "underpass", "111", department="交通局", lon=120.99,
            ground_m=-1.0, rim_m=3.0, catchment_m2=10_000.0, area_m2=500.0, pump_m3s=0.05,
            road_m=120.0,
        ),
        place("老街", "old_houses", "111", residents=300, old_houses=30, lon=120.995),
        place("低洼小区", "low_community", "121", residents=200, lon=121.005),
        place("卫生院", "public_service", "12", department="卫健局", residents=20, lon=121.01),
    ]  # fmt: skip
    stations = [
        station("潮位站", "tide", name_en="Harbour tide", warning=4.0, guarantee=5.0),
        station("河道站", "river_level", name_en="River", warning=1.5),
    ]
    river = shapely.LineString([(120.985, 30.694), (120.987, 30.708)])
    return city(
        "EPSG:4549", "Asia/Shanghai", "1985", units, places, stations,
        {"forecast": {"tide_station": "潮位站"}},
        [Line("R1", "运河", "river", None, -1.0, 30.0, river, True)],
        ["地形", "人口"],
    )  # fmt: skip


def talstadt() -> City:
    """A valley town without tide and without storms, in another zone, system and datum."""
    units = [
        unit("9", "Talstadt", "Talstadt", "city", "", lon=10.0, lat=48.0),
        unit("91", "Altstadt", "Old Town", "town", "9", lon=9.995, lat=48.0),
        unit("911", "Unterer Markt", "Lower Market", "village", "91", lon=9.995, lat=48.0),
        unit("912", "Mühlgasse", "Mill Lane", "village", "91", lon=10.0, lat=48.0),
        unit("913", "Brückenviertel", "Bridge Quarter", "village", "91", lon=10.005, lat=48.0),
    ]
    places = [
        place("Bahnunterführung", "road", "911", name_en="Railway road", lon=10.0, lat=48.0,
              department="Roads", road_m=80.0),
    ]  # fmt: skip
    return city(
        "EPSG:25832", "Europe/Berlin", "DHHN2016", units, places,
        [station("PEGEL", "river_level", name_en="Bridge gauge", lon=10.0, lat=48.0, warning=3.0)],
        {},
    )  # fmt: skip


def run(city: City, members: int = 10, hours: int = 12) -> Run:
    """A dry run without rain: the water is put in by the test."""
    times = [ISSUED + timedelta(hours=h) for h in range(hours + 1)]
    fine = [ISSUED + timedelta(minutes=10 * i) for i in range(6 * hours + 1)]
    levels = [s.id for s in city.stations.values() if s.quantity == "river_level"]
    has_tide = any(s.quantity == "tide" for s in city.stations.values())
    M, T, P = members, len(times), len(city.places)
    W, V = len(city.territory.towns()), len(city.territory.villages())
    return Run(
        issued=ISSUED,
        times=times,
        members=M,
        resolution_m=DX,
        fine_times=fine,
        tide=np.zeros((M, len(fine))) if has_tide else None,
        station_ids=levels,
        station_level=np.ones((M, T, len(levels))),
        place_level=np.full((M, T, P), np.nan),
        place_rain=np.zeros((M, T, P)),
        town_rain=np.zeros((M, T, W)),
        village_depth=np.zeros((M, V)),
        village_fraction=np.zeros((M, V, 3)),
        rain_total=np.zeros(M),
        tracks=None,
        depth=np.zeros((M, T, *SHAPE)),
    )


def storm() -> Event:
    """A storm that was seen three times before issue and once after."""
    return Event(
        id="storm",
        name="台风测试",
        name_en="Typhoon Test",
        start=ISSUED - timedelta(days=1),
        end=ISSUED + timedelta(days=3),
        cycles_until=ISSUED + timedelta(days=1),
        track=tuple(
            Fix(
                ISSUED + timedelta(hours=h),
                123.0 - h / 12,
                29.0 + h / 12,
                975.0,
                30.0,
                None,
                None,
                None,
            )
            for h in (-12, -6, 0, 6)
        ),
        official=(),
        sources=(),
        synthetic=True,
        folder=Path("/nowhere"),
    )
