"""places.csv and shelters.csv of Pinghu: every place is invented, on invented ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from making import between, chance, write_table
from pinghu_facts import TOWNS
from pinghu_land import Land, point, to_xy
from pinghu_territory import Village
from pinghu_works import POLDER_CREST, Works

ATTENTION = 0.15
#: Depth that means danger, m, by kind: people wade at 0.30; works and walls stand to 0.50.
DANGER = {
    "underpass": 0.30,
    "low_community": 0.30,
    "old_houses": 0.30,
    "road": 0.30,
    "public_service": 0.30,
    "pump_station": 0.50,
    "dike_section": 0.50,
}
#: The toe that the tide must pass at the sea dike: 0.15 m below the published warning level
#: 6.10 m of the Zhapu gauge (4.26 m on the 1985 datum), so that attention means that level.
SEA_TOE = 4.11


@dataclass(frozen=True)
class Place:
    """A hazard place as a row, with its point in m for whoever is put to live there."""

    row: dict[str, object]
    x: float
    y: float

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.row["id"])

    @property
    def kind(self) -> str:
        """Its kind."""
        return str(self.row["kind"])


@dataclass
class _Making:
    land: Land
    units: Sequence[Village]
    places: list[Place]
    rivers: shapely.Geometry
    polders: shapely.Geometry

    def ashore(self, x: float, y: float) -> tuple[float, float]:
        """The point, or the nearest one inside a polder where it stands low and unprotected.

        Low land outside the dikes is river bank here; nobody lives on it.
        """
        x, y = float(x), float(y)
        spot = shapely.Point(x, y)
        if shapely.contains(self.polders, spot):
            return x, y
        if self.land.at(x, y) > 2.1:  # high enough: only out of any 200 m cell with a river
            foot = shapely.get_coordinates(shapely.shortest_line(self.rivers, spot))[0]
            gap = max(float(np.hypot(x - foot[0], y - foot[1])), 1.0)
            stretch = max(300.0 / gap, 1.0)
            return float(foot[0] + (x - foot[0]) * stretch), float(
                foot[1] + (y - foot[1]) * stretch
            )
        near = shapely.get_coordinates(shapely.shortest_line(self.polders, spot))[0]
        return float(near[0]), float(near[1])

    def nearest(self, x: float, y: float) -> Village:
        return min(self.units, key=lambda unit: (np.hypot(unit.x - x, unit.y - y), unit.code))

    def add(
        self, kind: str, prefix: str, title: str, title_en: str, department: str,
        x: float, y: float, ground: float, unit: Village | None = None, **more: object,
    ) -> None:  # fmt: skip
        home = unit or self.nearest(x, y)
        number = 1 + sum(place.kind == kind for place in self.places)
        lon, lat = point(x, y)
        row: dict[str, object] = {
            "id": f"{prefix}{number:02d}", "name": title.format(home.name) + "（虚构）",
            "name_en": f"{title_en} {number} (invented)", "kind": kind, "lon": lon, "lat": lat,
            "territory": home.code, "department": department, "attention_m": ATTENTION,
            "danger_m": DANGER[kind], "ground_m": round(ground, 2), "residents": 0,
            "old_houses": 0, "road_m": 0, "synthetic": True,
        }  # fmt: skip
        self.places.append(Place(row | more, x, y))


def make(land: Land, units: Sequence[Village], works: Works) -> list[Place]:
    """Some sixty places of all kinds, most of them where the ground is low."""
    making = _Making(
        land,
        units,
        [],
        rivers=shapely.union_all(list(works.rivers.values())),
        polders=shapely.union_all(
            [shapely.buffer(area, -120.0) for _, area in works.polders.values()]
        ),
    )
    _underpasses(making)
    _homes(making)
    _roads_and_services(making)
    for pump in works.pumps[::6]:
        x, y = pump.start
        making.add(
            "pump_station", "PS", "{}圩区泵站", "Polder pumping station", "水利局", x, y,
            land.at(x, y) + between(0.05, 0.25, "pump floor", pump.id),
        )  # fmt: skip
    _dikes(making, works)
    return sorted(making.places, key=lambda place: place.id)


def _underpasses(making: _Making) -> None:
    """Below the roads of the three built-up towns: a bucket with a small pump of its own."""
    spots = (
        (121.008, 30.704), (121.030, 30.695), (121.021, 30.684), (121.000, 30.712),
        (121.003, 30.731), (121.046, 30.709), (121.080, 30.617), (121.196, 30.686),
    )  # fmt: skip
    for n, spot in enumerate(to_xy(spots)):
        x, y = making.ashore(*spot)
        land = making.land.at(x, y)
        making.add(
            "underpass", "UP", "{}下穿通道", "Underpass", "住建局", float(x), float(y),
            land - between(2.8, 4.2, "underpass", n),
            rim_m=round(land + between(0.08, 0.2, "rim", n), 2),
            catchment_m2=round(between(7000, 21000, "catchment", n), -2),
            area_m2=round(between(700, 1500, "floor", n), -1),
            pump_m3s=round(between(0.08, 0.28, "underpass pump", n), 2),
            road_m=round(between(180, 420, "underpass road", n), -1),
        )  # fmt: skip


def _homes(making: _Making) -> None:
    """Low communities in the built-up towns, old houses in the villages: the lowest of each."""
    per_town = {"330482001000": (6, 2), "330482002000": (3, 1), "330482101000": (2, 2)}
    for town, *_ in TOWNS:
        low, old = per_town.get(town, (1, 1))
        ranked = sorted(
            (unit for unit in making.units if unit.town == town),
            key=lambda unit: (making.land.at(unit.x, unit.y), unit.code),
        )
        urban = [unit for unit in ranked if unit.urban]
        rural = [unit for unit in ranked if not unit.urban] or urban
        for unit in urban[:low]:
            x, y = making.ashore(*making.land.lowest(unit.x, unit.y, 380.0))
            making.add(
                "low_community", "LC", "{}低洼小区", "Low-lying community", "住建局", x, y,
                making.land.at(x, y) - between(0.03, 0.10, "low", unit.code), unit,
                residents=int(between(260, 1400, "low residents", unit.code)),
                old_houses=int(between(0, 6, "low houses", unit.code)),
            )  # fmt: skip
        for unit in rural[:old]:
            x, y = making.ashore(*_beside(unit, "old"))
            making.add(
                "old_houses", "OH", "{}老旧房屋", "Old houses", "住建局", x, y,
                making.land.at(x, y) - between(0.0, 0.06, "old", unit.code), unit,
                residents=int(between(24, 130, "old residents", unit.code)),
                old_houses=int(between(8, 32, "old count", unit.code)),
            )  # fmt: skip


def _roads_and_services(making: _Making) -> None:
    roads = (
        (121.026, 30.716), (121.014, 30.742), (121.142, 30.753), (121.064, 30.789),
        (120.988, 30.668), (121.168, 30.709),
    )  # fmt: skip
    for n, spot in enumerate(to_xy(roads)):
        x, y = making.ashore(*spot)
        making.add(
            "road", "RD", "{}低洼路段", "Low stretch of road", "交通局", float(x), float(y),
            making.land.at(x, y) - between(0.03, 0.09, "road", n),
            road_m=round(between(250, 1100, "road length", n), -1),
        )  # fmt: skip
    services = (
        ("{}医院", "Hospital", "卫健局", (121.024, 30.692)),
        ("{}养老院", "Care home", "卫健局", (121.010, 30.716)),
        ("{}小学", "School", "综合执法局", (121.005, 30.737)),
        ("{}卫生院", "Clinic", "卫健局", (121.066, 30.793)),
        ("{}养老院", "Care home", "卫健局", (121.138, 30.761)),
        ("{}变电站", "Substation", "住建局", (121.086, 30.620)),
        ("{}水厂", "Waterworks", "水利局", (121.080, 30.652)),
        ("{}学校", "School", "综合执法局", (121.208, 30.680)),
    )
    for n, (title, title_en, department, spot) in enumerate(services):
        x, y = making.ashore(*to_xy([spot])[0])
        making.add(
            "public_service", "SV", title, title_en, department, x, y,
            making.land.at(x, y) + between(0.0, 0.2, "service", n),
            residents=int(between(40, 600, "service people", n)),
        )  # fmt: skip


def _dikes(making: _Making, works: Works) -> None:
    """Sea dike: on the bay side, over the toe. River dikes: in the river, 0.9 m below the crest."""
    coast = shapely.get_coordinates(making.land.coast)
    for n, share in enumerate((0.24, 0.40, 0.57, 0.72, 0.86)):
        spot = making.land.coast.interpolate(share, normalized=True)
        k = int(np.hypot(coast[:-1, 0] - spot.x, coast[:-1, 1] - spot.y).argmin())
        along = coast[min(k + 1, len(coast) - 1)] - coast[max(k - 1, 0)]
        seaward = np.array([along[1], -along[0]]) / np.hypot(*along)
        x, y = spot.x + 350.0 * seaward[0], spot.y + 350.0 * seaward[1]
        making.add(
            "dike_section", "DK", f"海塘第{n + 1}段，近{{}}", "Sea dike section",
            "自然资源局（海洋）", float(x), float(y), SEA_TOE,
        )  # fmt: skip
    for name, share in (("R02", 0.45), ("R02", 0.72), ("R03", 0.55), ("R05", 0.5), ("R04", 0.4)):
        spot = works.rivers[name].interpolate(share, normalized=True)
        making.add(
            "dike_section", "DK", "{}圩堤险段", "River dike section", "水利局",
            float(spot.x), float(spot.y), POLDER_CREST - 0.9,
        )  # fmt: skip


def _beside(unit: Village, what: str) -> tuple[float, float]:
    angle = 6.283 * chance("beside", what, unit.code)
    return unit.x + 160.0 * float(np.cos(angle)), unit.y + 160.0 * float(np.sin(angle))


def write(folder: Path, land: Land, units: Sequence[Village], places: Sequence[Place]) -> None:
    """places.csv and shelters.csv."""
    write_table(
        folder / "places.csv",
        "id,name,name_en,kind,lon,lat,territory,department,attention_m,danger_m,ground_m,rim_m,"
        "catchment_m2,area_m2,pump_m3s,residents,old_houses,road_m,synthetic",
        [place.row for place in places],
    )
    shelters: list[dict[str, object]] = []
    for town, *_ in TOWNS:
        ranked = sorted(
            (unit for unit in units if unit.town == town),
            key=lambda unit: (-land.at(unit.x, unit.y), unit.code),
        )
        for unit in ranked[:3]:
            lon, lat = point(unit.x, unit.y)
            shelters.append(
                {
                    "id": f"SH{len(shelters) + 1:02d}", "name": f"{unit.name}避灾安置点（虚构）",
                    "lon": lon, "lat": lat, "territory": unit.code,
                    "capacity": 50 + 50 * int(between(0, 9, "shelter", unit.code)),
                    "synthetic": True,
                }
            )  # fmt: skip
    write_table(folder / "shelters.csv", "id,name,lon,lat,territory,capacity,synthetic", shelters)
