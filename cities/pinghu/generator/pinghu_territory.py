"""territory.csv of Pinghu: real codes and names, approximate areas, invented points and counts."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from making import Floats, between, shares, spread, wkt, write_table
from numpy.typing import NDArray
from pinghu_facts import CITY, TOWNS
from pinghu_land import FARMLAND, VILLAGE, Land, point, to_lonlat, to_xy

CODES = Path(__file__).with_name("villages_2021.csv")
_SHORT = (("社区居民委员会", "社区"), ("社区居委会", "社区"), ("村村民委员会", "村"))


@dataclass(frozen=True)
class Village:
    """A village or community: code and name are real, the rest is invented."""

    code: str
    name: str
    town: str
    x: float
    y: float
    residents: int
    old_houses: int

    @property
    def urban(self) -> bool:
        """A community 社区 rather than a village 村."""
        return self.name.endswith("社区")


def villages(land: Land) -> list[Village]:
    """The 134 villages and communities, each with a point inside its town."""
    with CODES.open(encoding="utf-8") as file:
        listed = [(row["code"], _short(row["name"])) for row in csv.DictReader(file)]
    result = []
    for town, _, _, centre, residents in TOWNS:
        own = [(code, name) for code, name in listed if code[:9] == town[:9]]
        urban = [entry for entry in own if entry[1].endswith("社区")]
        rural = [entry for entry in own if not entry[1].endswith("社区")]
        area = shapely.buffer(land.towns[town], -350.0)
        cx, cy = to_xy([centre])[0]
        placed = _round_centre(area, float(cx), float(cy), len(urban), town)
        placed += spread(area, len(rural), town)
        weights = [
            (1.9 if name.endswith("社区") else 1.0) * between(0.7, 1.4, "residents", code)
            for code, name in urban + rural
        ]
        counts = shares(residents, weights)
        for (code, name), (x, y), count in zip(urban + rural, placed, counts, strict=True):
            most = 12 if name.endswith("社区") else 60
            old = int(between(1, most, "old houses", code))
            result.append(Village(code, name, town, x, y, count, old))
    return sorted(result, key=lambda village: village.code)


def _short(name: str) -> str:
    for ending, short in _SHORT:
        if name.endswith(ending):
            return name.removesuffix(ending) + short
    return name


def _round_centre(
    area: shapely.Geometry, cx: float, cy: float, count: int, name: str
) -> list[tuple[float, float]]:
    """Points on a sunflower spiral round the centre: evenly spread, none on another."""
    points: list[tuple[float, float]] = []
    k = 0
    while len(points) < count:
        radius = 430.0 * (k + 0.35) ** 0.5
        angle = 2.399963 * k + between(0, 6.283, "spiral", name)
        x, y = cx + radius * np.cos(angle), cy + radius * np.sin(angle)
        if shapely.contains_xy(area, x, y):
            points.append((float(x), float(y)))
        k += 1
    return points


def settle(land: Land, use: NDArray[np.uint8], units: list[Village]) -> None:
    """Mark the farmland round each village as built on: a disc by its residents. In place."""
    x, y = land.centres
    for unit in units:
        radius = 120.0 + 3.0 * unit.residents**0.5
        near = np.hypot(x - unit.x, y - unit.y) < radius
        use[near & (use == FARMLAND)] = VILLAGE


def write(folder: Path, land: Land, units: list[Village]) -> None:
    """territory.csv: the city, 9 towns, 134 villages."""

    def area(geometry: shapely.Geometry) -> str:
        return wkt(geometry, to_lonlat)

    def where(xy: Floats) -> dict[str, object]:
        lon, lat = point(float(xy[0]), float(xy[1]))
        return {"lon": lon, "lat": lat}

    assumed = "residents and old houses assumed"
    rows: list[dict[str, object]] = [
        {
            "code": CITY, "name": "平湖市", "name_en": "Pinghu", "level": "city", "parent": "",
            "lon": 121.015, "lat": 30.699,
            "population": sum(unit.residents for unit in units),
            "old_houses": sum(unit.old_houses for unit in units),
            "wkt": area(land.outline), "approximate": True, "synthetic": False,
            "source": f"code: NBS; outline: own, coarse, see README; {assumed}",
        }
    ]  # fmt: skip
    for code, name, name_en, centre, _ in TOWNS:
        own = [unit for unit in units if unit.town == code]
        rows.append(
            {
                "code": code, "name": name, "name_en": name_en, "level": "town", "parent": CITY,
                **where(to_xy([centre])[0]),
                "population": sum(unit.residents for unit in own),
                "old_houses": sum(unit.old_houses for unit in own),
                "wkt": area(land.towns[code]), "approximate": True, "synthetic": True,
                "source": f"code: NBS 2021; area: nearest approximate centre; {assumed}",
            }
        )  # fmt: skip
    for unit in units:
        rows.append(
            {
                "code": unit.code, "name": unit.name, "name_en": "", "level": "village",
                "parent": unit.town, **where(np.array([unit.x, unit.y])),
                "population": unit.residents, "old_houses": unit.old_houses, "wkt": "",
                "approximate": True, "synthetic": True,
                "source": "code and name: NBS 2021 (AdministrativeDivisionCn, MIT)",
            }
        )  # fmt: skip
    write_table(
        folder / "territory.csv",
        "code,name,name_en,level,parent,lon,lat,population,old_houses,wkt,approximate,synthetic,source",
        rows,
    )
