"""Roads that people drive: ``roads.gpkg`` or ``roads.csv`` of a city folder, either may be absent.

A city's own road layer goes in as it is: a GeoPackage layer ``roads`` (or the only one) in any
coordinate system, or a CSV with WKT in lon lat. Two roads meet where they share a vertex and
nowhere else, so that a bridge over a road is no junction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely

from anlan.city.fault import Fault
from anlan.city.table import (
    Column,
    Row,
    Table,
    Wrong,
    number,
    one_of,
    read_table,
    shape,
    text,
    truth,
)

ROAD_KINDS = ("expressway", "trunk", "primary", "secondary", "tertiary", "local", "track")
CSV, GPKG = "roads.csv", "roads.gpkg"

COLUMNS: Mapping[str, Column] = {
    "id": Column(text),
    "name": Column(text, ""),
    "name_en": Column(text, ""),
    "kind": Column(one_of(*ROAD_KINDS)),
    "speed_kmh": Column(number(1, 130)),
    "one_way": Column(truth, False),
    "raised_m": Column(number(0, 50), 0.0),
    "place": Column(text, ""),
    "wkt": Column(shape("LineString")),
    "synthetic": Column(truth, False),
}


@dataclass(frozen=True)
class Road:
    """A stretch of road, drawn in lon, lat from its start to its end.

    Attributes:
        kind: one of `ROAD_KINDS`; speed_kmh: free speed on a dry road, km/h.
        one_way: open from start to end only.
        raised_m: how far the carriageway lies above the ground beside it, m; so much water
            may stand there before the road gets wet.
        place: the underpass of places.csv that the road runs through, or empty.
    """

    id: str
    name: str
    name_en: str
    kind: str
    speed_kmh: float
    one_way: bool
    raised_m: float
    place: str
    geometry: shapely.Geometry
    synthetic: bool


def read_roads(folder: Path, places: Mapping[str, str], faults: list[Fault]) -> tuple[Road, ...]:
    """The roads of a folder; none where it has no road file.

    ``places``: the kind of each place of places.csv, by id. What is wrong goes to ``faults``.
    """
    if (folder / GPKG).is_file():
        if (folder / CSV).is_file():
            what = f"stands beside {CSV}; only one of them can hold the roads"
            faults.append(Fault(GPKG, None, "", "", what, "remove one of the two"))
        table = _geopackage(folder / GPKG)
    elif (folder / CSV).is_file():
        table = read_table(folder, CSV, COLUMNS, "id")
    else:
        return ()
    for row in table:
        place = row.values["place"]
        if place and places.get(place) != "underpass":
            table.fault(
                row, "place", "is no underpass of places.csv", "give the id of an underpass"
            )
    faults += sorted(table.faults, key=lambda fault: fault.row or 0)
    return tuple(_road(row.values) for row in table)


def _road(values: Mapping[str, Any]) -> Road:
    own = dict(values)
    return Road(geometry=own.pop("wkt"), **own)


def _geopackage(path: Path) -> Table:
    """The layer as a table: numbers and words are read by the parsers of the CSV's columns."""
    table = Table(GPKG, "id")
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        layer = "roads" if "roads" in names else names[0]
        meta, _, shapes, columns = pyogrio.raw.read(path, layer=layer, force_2d=True)
        crs = pyproj.CRS.from_user_input(meta["crs"])
    except (pyogrio.errors.DataSourceError, pyproj.exceptions.CRSError, IndexError) as problem:
        table.faults.append(
            Fault(GPKG, None, "", "", f"cannot be read: {problem}", "export it as GeoPackage again")
        )
        return table
    given = {str(name): values for name, values in zip(meta["fields"], columns, strict=True)}
    missing = [n for n, c in COLUMNS.items() if c.required and n != "wkt" and n not in given]
    for name in missing:
        table.faults.append(
            Fault(GPKG, None, name, "", "is missing from the layer", "add the column")
        )
    if missing:
        return table
    turn = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    for line, raw in enumerate(shapes, start=1):
        cells = {name: _cell(values[line - 1]) for name, values in given.items()}
        _take(table, line, cells, _in_degrees(raw, turn))
    return table


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return str(value).strip()


def _in_degrees(raw: bytes | None, turn: pyproj.Transformer) -> str:
    """A layer's geometry as WKT in lon lat; a road drawn as one part of many is that part."""
    if raw is None:
        return ""
    drawn = shapely.from_wkb(raw)
    parts = shapely.get_parts(drawn)
    one = parts[0] if len(parts) == 1 else drawn
    turned = shapely.transform(one, lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1])))
    return str(shapely.to_wkt(turned, rounding_precision=7))


def _take(table: Table, line: int, cells: Mapping[str, str], wkt: str) -> None:
    """One feature, read as a row of the CSV would be; columns that nobody reads are left."""
    values: dict[str, Any] = {}
    before = len(table.faults)
    for name, column in COLUMNS.items():
        written = wkt if name == "wkt" else cells.get(name, "")
        if not written:
            if column.required:
                table.faults.append(Fault(GPKG, line, name, "", "is empty", "fill it in"))
            values[name] = column.blank
            continue
        try:
            values[name] = column.parse(written)
        except Wrong as wrong:
            table.faults.append(Fault(GPKG, line, name, written[:80], wrong.message, wrong.remedy))
    if len(table.faults) > before:
        return
    if values["id"] in table.keys:
        table.faults.append(
            Fault(GPKG, line, "id", values["id"], "is given twice", "give each road its own")
        )
        return
    table.keys.add(values["id"])
    table.rows.append(Row(line, values))
