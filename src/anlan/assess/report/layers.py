"""The report as a GeoPackage for a GIS: places, towns, villages, stations and the water itself.

Every layer is in EPSG:4326 (lon, lat). Names of columns end in their unit; probabilities are 0 to
1, times ISO 8601 UTC, levels m on the city's datum. Every row says whether its object is synthetic;
the table ``about`` says what the data are, and that no map made of them is an approved one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from anlan.assess.document import Assessment, Quantiles
from anlan.assess.reads import Products
from anlan.assess.report.content import Content
from anlan.city import City, Terrain, Unit
from anlan.legible import legible

#: Cells less likely wet than this at 0.15 m, and shallower than `SHALLOWEST`, are left out.
LEAST, SHALLOWEST = 0.05, 0.05
DEPTHS = (0.15, 0.30, 0.50)
Row = Mapping[str, Any]
Layer = tuple[list[shapely.Geometry], Sequence[Row]]


def geopackage(city: City, assessment: Assessment, products: Products, content: Content) -> bytes:
    """The file's bytes; what was said of the data in ``content`` stands in ``about``."""
    with tempfile.TemporaryDirectory(prefix="anlan-layers-") as folder:
        path = Path(folder) / "report.gpkg"
        _put(path, "about", "", [], _about(assessment, content))
        _put(path, "places", "Point", *_places(city, assessment))
        _put(path, "towns", "", *_areas(city, _towns(assessment), "town"))
        _put(path, "villages", "", *_areas(city, _villages(assessment), "village"))
        _put(path, "stations", "Point", *_stations(city, assessment))
        _put(path, "water", "Polygon", *_water(city.terrain(products.resolution_m), products))
        return path.read_bytes()


def _about(assessment: Assessment, content: Content) -> Sequence[Row]:
    said = [*content["facts"], [content["level"]["label"], content["level"]["text"]]]
    said += [[content["level"]["reason_label"], content["level"]["reason"]]]
    if content["exercise"]:
        said.insert(0, [content["exercise"], content["exercise_note"]])
    said += [[content["synthetic_label"], part] for part in content["synthetic"]]
    said += [[content["notes_title"], note] for note in content["notes"]]
    return [{"what": what, "text": text} for what, text in said]


def _places(city: City, assessment: Assessment) -> Layer:
    rows, points = [], []
    for part in assessment["places"]:
        place, told = city.places[part["id"]], part.get("reported")
        points.append(shapely.Point(place.lon, place.lat))
        rows.append(
            {
                "id": part["id"],
                "name": place.name,
                "name_en": place.name_en,
                "kind": place.kind,
                "territory": part["territory"],
                "department": part["department"],
                "p_attention": part["attention"]["probability"],
                "attention_onset": part["attention"]["onset"] or "",
                "attention_h": part["attention"]["duration_h"],
                "p_danger": part["danger"]["probability"],
                "danger_onset": part["danger"]["onset"] or "",
                **_spread("peak", part["peak_m"], "m"),
                "reported_low_m": told["low_m"] if told else None,
                "reported_high_m": told["high_m"] if told else None,
                "reported_at": told["seen_at"] if told else "",
                "residents": part["residents"],
                "old_houses": part["old_houses"],
                "synthetic": place.synthetic,
            }
        )
    return points, rows


def _towns(assessment: Assessment) -> list[dict[str, Any]]:
    return [
        {
            "code": part["code"],
            "p_attention": part["attention_probability"],
            "p_danger": part["danger_probability"],
            "onset": part["onset"] or "",
            "rain_1h_mm": part["max_rain_1h_p50"],
            "rain_3h_mm": part["max_rain_3h_p50"],
            "residents_p50": part["residents_p50"],
            "residents_p90": part["residents_p90"],
            "old_houses_p50": part["old_houses_p50"],
            "road_m_p50": part["road_m_p50"],
        }
        for part in assessment["towns"]
    ]


def _villages(assessment: Assessment) -> list[dict[str, Any]]:
    return [
        {
            "code": part["code"],
            **{f"p_{round(100 * d)}cm": part["probability"][f"{d:.2f}"] for d in DEPTHS},
            "onset": part["onset"] or "",
            "duration_h": part["duration_h"],
            **_spread("peak", part["peak_m"], "m"),
            "residents_p50": part["residents_p50"],
        }
        for part in assessment["villages"]
    ]


def _areas(city: City, parts: Sequence[dict[str, Any]], level: str) -> Layer:
    """Units with their areas; where none of the level has one, with their points."""
    units = [city.territory.unit(part["code"]) for part in parts]
    drawn = any(unit.polygon is not None for unit in units)
    shapes, rows = [], []
    for unit, part in zip(units, parts, strict=True):
        shapes.append(_shape(unit, drawn))
        named = {"name": unit.name, "name_en": unit.name_en, "level": level}
        said = {"approximate": unit.approximate, "synthetic": unit.synthetic}
        rows.append({**part, **named, "population": unit.population, **said})
    return shapes, rows


def _shape(unit: Unit, drawn: bool) -> shapely.Geometry:
    if not drawn:
        return shapely.Point(unit.lon, unit.lat)
    area = unit.polygon
    if area is None:
        return shapely.MultiPolygon()
    return area if area.geom_type == "MultiPolygon" else shapely.MultiPolygon([area])


def _stations(city: City, assessment: Assessment) -> Layer:
    points, rows = [], []
    parts = {part["id"]: (part["peak"], part["peak_time"]) for part in assessment["stations"]}
    tide = assessment["tide"]
    if tide is not None:
        parts[tide["station"]] = (tide["peak"], tide["peak_time"])
    for name, (peak, at) in parts.items():
        station = city.stations[name]
        points.append(shapely.Point(station.lon, station.lat))
        rows.append(
            {
                "id": name,
                "name": station.name,
                "name_en": station.name_en,
                "quantity": station.quantity,
                **_spread("peak", peak, "m"),
                "peak_time": at,
                "warning_m": np.nan if station.warning is None else station.warning,
                "guarantee_m": np.nan if station.guarantee is None else station.guarantee,
                "synthetic": station.synthetic,
            }
        )
    return points, rows


def _water(terrain: Terrain, products: Products) -> Layer:
    """Cells that may be under water, on land; depths are the greatest of each quantile's course."""
    chances = [np.asarray(products.probability(depth)) for depth in DEPTHS]
    deep = {
        name: np.nan_to_num(np.asarray(products.frames(name), dtype=np.float64)).max(axis=0)
        for name in ("p50", "p90")
    }
    land = terrain.inside & ~terrain.sea & ~terrain.river
    wet = land & ((chances[0] >= LEAST) | (deep["p90"] >= SHALLOWEST))
    j, i = np.nonzero(wet)
    west, south = terrain.x0 + i * terrain.dx, terrain.y0 + j * terrain.dx
    corners = []
    for right, up in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)):
        lon, lat = terrain.projection.to_lonlat(west + right * terrain.dx, south + up * terrain.dx)
        corners.append(np.column_stack([lon, lat]))
    cells = shapely.polygons(np.stack(corners, axis=1)) if len(j) else np.array([])
    columns: dict[str, Any] = {
        f"p_{round(100 * depth)}cm": chance[wet]
        for depth, chance in zip(DEPTHS, chances, strict=True)
    }
    columns |= {f"depth_{name}_m": values[wet] for name, values in deep.items()}
    names = list(columns)
    rounded = np.round(np.column_stack([columns[name] for name in names]), 3)
    rows = [dict(zip(names, map(float, row), strict=True)) for row in rounded]
    return list(cells), rows


def _spread(name: str, quantiles: Quantiles, unit: str) -> dict[str, float]:
    return {f"{name}_{key}_{unit}": float(value) for key, value in quantiles.items()}  # type: ignore[arg-type]


def _put(
    path: Path, layer: str, shape: str, shapes: Sequence[shapely.Geometry], rows: Sequence[Row]
) -> None:
    """Add a layer; without ``shape`` that of the first geometry. What has no row has no layer."""
    if not rows:
        return
    import pyogrio  # takes as long to load as all the rest

    names = list(rows[0])
    values = [_column([row[name] for row in rows]) for name in names]
    if shape == "" and shapes:
        shape = str(shapes[0].geom_type)
    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(each) for each in shapes], dtype=object) if shapes else None,
        values,
        names,
        layer=layer,
        driver="GPKG",
        geometry_type=shape or None,
        crs="EPSG:4326" if shape else None,
        append=False,
    )


def _column(values: Sequence[Any]) -> Any:
    if values and isinstance(values[0], str):
        return np.array([legible(str(value)) for value in values], dtype=object)
    return np.array(values)
