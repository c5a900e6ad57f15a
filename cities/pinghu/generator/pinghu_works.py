"""Rivers, polders, dikes, roads and structures of Pinghu: schematic, synthetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from making import between, wkt, write_table
from pinghu_facts import RIVERS, ROADS, SLUICES
from pinghu_land import Land, drawn, point, to_lonlat, to_xy, warp
from pinghu_territory import Village

POLDER_INSET = 180.0  # m between a river and the ring dike of a polder
POLDER_CREST = 2.9  # m, 1985; assumed: 0.4 m over the highest level of 2021 at Jiaxing (2.51 m)
SEA_DIKE_CREST = 7.6  # m, 1985; assumed: 1.9 m over the highest recorded tide (5.69 m)
LEVEE_CREST = 3.1  # m, 1985; assumed
PUMPING = 1.3  # m3/s for each km2 of a polder; assumed


@dataclass(frozen=True)
class Pump:
    """A pumping station of a polder: from its canal to the river outside (x, y in m)."""

    id: str
    name: str
    polder: str
    start: tuple[float, float]
    end: tuple[float, float]
    capacity: float


@dataclass(frozen=True)
class Works:
    """What has been drawn: rivers by id, polders by id, their canals, the pumps."""

    rivers: dict[str, shapely.LineString]
    polders: dict[str, tuple[str, shapely.Polygon]]
    canals: dict[str, shapely.LineString]
    pumps: list[Pump]


def draw(land: Land, units: Sequence[Village]) -> Works:
    """Draw the network, and make a polder of each low stretch of land between rivers."""
    taken: set[str] = set()
    rivers = {entry[0]: shapely.LineString(drawn(entry[4])) for entry in RIVERS}
    network = shapely.union_all([*rivers.values(), land.outline.exterior])
    faces = sorted(
        shapely.get_parts(shapely.polygonize([shapely.node(network)])),
        key=lambda face: (-round(face.centroid.y, -2), face.centroid.x),
    )
    if len(faces) == 1:
        faces = sorted(
            shapely.get_parts(faces[0]),
            key=lambda face: (-round(face.centroid.y, -2), face.centroid.x),
        )
    polders: dict[str, tuple[str, shapely.Polygon]] = {}
    canals: dict[str, shapely.LineString] = {}
    pumps: list[Pump] = []
    waters = shapely.union_all(list(rivers.values()))
    for face in faces:
        area = shapely.intersection(face, shapely.buffer(land.outline, -250.0))
        area = shapely.difference(area, shapely.buffer(waters, POLDER_INSET))
        area = shapely.simplify(shapely.buffer(shapely.buffer(area, -150.0), 150.0), 25.0)
        parts = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon"]
        area = max(parts, key=lambda part: part.area, default=None)
        if area is None or area.area < 0.7e6:
            continue
        area = shapely.Polygon(area.exterior)
        inner = area.representative_point()
        x, y = land.centres
        held = shapely.contains_xy(area, x, y)
        if float(np.nanmean(land.rasters[0][held])) > 2.3:
            continue  # high land drains by itself
        name = f"P{len(polders) + 1:02d}"
        nearest = sorted(units, key=lambda u: (np.hypot(u.x - inner.x, u.y - inner.y), u.code))
        title = next(u.name for u in nearest if u.name not in taken and not u.urban)
        taken.add(title)
        title = title.removesuffix("村")
        polders[name] = (f"{title}联圩（虚构）", area)
        canals[name] = _canal(area, inner)
        pumps += _pumps(name, title, area, canals[name], waters)
    return Works(rivers, polders, canals, pumps)


def _canal(area: shapely.Polygon, inner: shapely.Point) -> shapely.LineString:
    """The longest chord through the middle, in one of 12 directions, kept off the dike."""
    core = shapely.buffer(area, -160.0)
    best = shapely.LineString()
    for angle in np.arange(12) * np.pi / 12:
        reach = np.array([np.cos(angle), np.sin(angle)]) * 1e5
        middle = np.array([inner.x, inner.y])
        chord = shapely.intersection(shapely.LineString([middle - reach, middle + reach]), core)
        for part in shapely.get_parts(chord):
            if part.geom_type == "LineString" and part.length > best.length:
                best = part
    return best


def _pumps(
    name: str,
    title: str,
    area: shapely.Polygon,
    canal: shapely.LineString,
    waters: shapely.Geometry,
) -> list[Pump]:
    ends = [canal.interpolate(0.0), canal.interpolate(1.0, normalized=True)]
    total = PUMPING * area.area / 1e6
    ends = ends if total > 6.0 else ends[:1]
    pumps = []
    for n, end in enumerate(ends, start=1):
        outside = shapely.get_coordinates(shapely.shortest_line(end, waters))[1]
        pumps.append(
            Pump(
                id=f"{name}-PS{n}",
                name=f"{title}联圩{n}号泵站（虚构）",
                polder=name,
                start=(end.x, end.y),
                end=(float(outside[0]), float(outside[1])),
                capacity=round(total / len(ends), 1),
            )
        )
    return pumps


def write(folder: Path, land: Land, works: Works) -> None:
    """lines.csv, polders.csv, structures.csv."""
    lines: list[dict[str, object]] = []

    def line(**values: object) -> None:
        lines.append({**values, "synthetic": True})

    for (name, title, bed, width, _), course in zip(RIVERS, works.rivers.values(), strict=True):
        line(
            id=name, name=title, kind="river", bed_m=bed, width_m=width, wkt=wkt(course, to_lonlat)
        )
    for name, canal in works.canals.items():
        bed = round(float(between(-0.2, 0.0, "canal", name)), 2)
        line(
            id=f"{name}-C",
            name=works.polders[name][0].replace("联圩", "联圩内河"),
            kind="river",
            bed_m=bed,
            width_m=22,
            wkt=wkt(canal, to_lonlat),
        )
    line(
        id="SD1",
        name="海塘（顶高假定）",
        kind="sea_dike",
        crest_m=SEA_DIKE_CREST,
        width_m=10,
        wkt=wkt(land.coast, to_lonlat),
    )
    for name, kind, offset in (("R02", "上海塘", 75.0), ("R01", "平湖塘", 60.0)):
        for side, sign in (("左岸", 1.0), ("右岸", -1.0)):
            bank = shapely.offset_curve(works.rivers[name], sign * offset)
            bank = shapely.intersection(bank, land.outline)
            bank = max(shapely.get_parts(bank), key=lambda part: part.length)
            line(
                id=f"L{name}{'L' if sign > 0 else 'R'}",
                name=f"{kind}{side}堤防（示意）",
                kind="dike",
                crest_m=LEVEE_CREST,
                width_m=6,
                wkt=wkt(bank, to_lonlat),
            )
    for name, title, kind, rise, width, course in ROADS:
        road = shapely.LineString(drawn(course))
        crest = None
        if rise is not None:
            middle = road.interpolate(0.5, normalized=True)
            crest = round(land.at(middle.x, middle.y) + rise, 1)
        line(id=name, name=title, kind=kind, crest_m=crest, width_m=width, wkt=wkt(road, to_lonlat))
    write_table(folder / "lines.csv", "id,name,kind,crest_m,bed_m,width_m,wkt,synthetic", lines)
    write_table(
        folder / "polders.csv",
        "id,name,dike_crest_m,wkt,synthetic",
        [
            {
                "id": name,
                "name": title,
                "dike_crest_m": POLDER_CREST,
                "wkt": wkt(area, to_lonlat),
                "synthetic": True,
            }
            for name, (title, area) in works.polders.items()
        ],
    )
    structures: list[dict[str, object]] = []
    for pump in works.pumps:
        (from_lon, from_lat), (to_lon, to_lat) = point(*pump.start), point(*pump.end)
        structures.append(
            {
                "id": pump.id, "name": pump.name, "kind": "pump",
                "from_lon": from_lon, "from_lat": from_lat, "to_lon": to_lon, "to_lat": to_lat,
                "capacity_m3s": pump.capacity, "start_level_m": 0.8, "stop_level_m": 0.5,
                "synthetic": True,
            }
        )  # fmt: skip
    for name, title, inner, outer, width in SLUICES:
        inner = point(*warp(to_xy([inner]))[0])
        structures.append(
            {
                "id": name, "name": title, "kind": "flap_gate",
                "from_lon": inner[0], "from_lat": inner[1],
                "to_lon": outer[0], "to_lat": outer[1],
                "width_m": width, "sill_m": 0.6, "synthetic": True,
            }
        )  # fmt: skip
    write_table(
        folder / "structures.csv",
        "id,name,kind,from_lon,from_lat,to_lon,to_lat,capacity_m3s,width_m,sill_m,"
        "start_level_m,stop_level_m,synthetic",
        structures,
    )
