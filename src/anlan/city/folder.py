"""Reading a city folder: every table, every fault, and the city if there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from anlan.city import columns
from anlan.city.city import City
from anlan.city.fault import Fault, refuse
from anlan.city.firms import Firm
from anlan.city.limits import read_day_start, read_limits
from anlan.city.monitoring import read_monitoring
from anlan.city.people import Account, Person
from anlan.city.place import HazardPlace
from anlan.city.projection import projected
from anlan.city.references import check_references
from anlan.city.retention import read_retention
from anlan.city.roads import Road, read_roads
from anlan.city.station import Station
from anlan.city.stores import NONE, Stores, read_stores
from anlan.city.table import Row, Table, read_table
from anlan.city.territory import Territory, Unit
from anlan.city.toml_file import lookup, read_toml, want
from anlan.city.works import Line, Polder, Shelter, Structure, Team
from anlan.refusal import Refusal

#: What a forecast reads of a city: the files whose digest is ``City.digest``.
FORECAST_FILES = (
    "city.toml",
    "territory.csv",
    "stations.csv",
    "places.csv",
    "lines.csv",
    "polders.csv",
    "structures.csv",
    "terrain/*",
    "tide/*",
    "typhoon/*",
)

_T = TypeVar("_T")


@dataclass
class Contents:
    """A folder as read: its settings, its tables by file, and the faults so far."""

    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    roads: tuple[Road, ...] = ()
    stores: Stores = NONE


def read_folder(folder: Path) -> Contents:
    """Read city.toml and every table, with all the faults in them and between them."""
    contents = Contents(folder)
    if not folder.is_dir():
        contents.faults.append(
            Fault(str(folder), None, "", "", "is not a folder", "name a city folder")
        )
        return contents
    settings = read_toml(folder, "city.toml", contents.faults)
    if settings is not None:
        contents.settings = settings
        contents.faults += _check_settings(folder, settings)
    for sheet in columns.SHEETS:
        absent = sheet.optional and not (folder / sheet.file).exists()
        table = (
            Table(sheet.file, sheet.key)
            if absent
            else read_table(folder, sheet.file, sheet.columns, sheet.key)
        )
        contents.tables[sheet.file] = table
    check_references(contents.settings, contents.tables)
    read_monitoring(folder, _quantities(contents), contents.faults)
    kinds = {row.values["id"]: row.values["kind"] for row in contents.tables[columns.PLACES.file]}
    contents.roads = read_roads(folder, kinds, contents.faults)
    codes, accounts = (
        contents.tables[each.file].keys for each in (columns.TERRITORY, columns.ACCOUNTS)
    )
    contents.stores = read_stores(folder, codes, accounts, contents.faults)
    for table in contents.tables.values():
        contents.faults += sorted(table.faults, key=lambda fault: fault.row or 0)
    return contents


def load(folder: Path | str) -> City:
    """The city in ``folder``.

    Raises:
        Refusal: naming the first faults, if any file has one. ``anlan city check`` names all.
    """
    path = Path(folder)
    contents = read_folder(path)
    if contents.faults:
        raise refuse(str(folder), contents.faults)
    return _city(contents)


def _check_settings(folder: Path, settings: Mapping[str, Any]) -> list[Fault]:
    file = "city.toml"
    faults: list[Fault] = []
    for key in ("id", "name", "name_en"):
        want(settings, file, key, str, "give it as text", faults)
    crs = want(
        settings, file, "crs", str, "name a projected system in metres, such as EPSG:4549", faults
    )
    if crs is not None:
        try:
            projected(crs)
        except Refusal as refusal:
            faults.append(
                Fault(file, None, "crs", crs, refusal.message, refusal.remedy or "name another")
            )
    zone = want(settings, file, "time_zone", str, "name a zone such as Asia/Shanghai", faults)
    if zone is not None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            remedy = "name a zone of the IANA list, such as Asia/Shanghai"
            faults.append(Fault(file, None, "time_zone", zone, "is not a time zone", remedy))
    datum = want(settings, file, "datum", str, "name the datum of all levels, such as 1985", faults)
    datums = want(
        settings, file, "datums", dict, 'add [datums] with "<name>" = <offset in m>', faults
    )
    if datums is not None:
        for name, offset in datums.items():
            if isinstance(offset, bool) or not isinstance(offset, int | float):
                remedy = "write level on the city's datum minus level on this one, in m"
                faults.append(
                    Fault(file, None, f"datums.{name}", str(offset), "is not a number", remedy)
                )
        if datum is not None and datums.get(datum) != 0:
            remedy = f'write "{datum}" = 0.0'
            value = str(datums.get(datum, ""))
            faults.append(
                Fault(file, None, f"datums.{datum}", value, "is the city's own datum", remedy)
            )
    parts = lookup(settings, "synthetic.parts")
    if parts is not None and not (
        isinstance(parts, list) and all(isinstance(part, str) for part in parts)
    ):
        remedy = 'list what is invented, such as ["terrain"]'
        faults.append(
            Fault(file, None, "synthetic.parts", str(parts)[:80], "is not a list of words", remedy)
        )
    for key in ("inland", "land_use", "forecast", "people", "authority", "sender"):
        if not isinstance(settings.get(key, {}), dict):
            faults.append(
                Fault(file, None, key, str(settings[key])[:80], "is not a table", f"write [{key}]")
            )
    read_limits(settings, faults)
    read_retention(settings, faults)
    read_day_start(settings, faults)
    for key in ("grid.terrain", "grid.land_use"):
        raster = want(settings, file, key, str, "name a GeoTIFF in the folder", faults)
        if raster is not None and not (folder / raster).is_file():
            faults.append(Fault(raster, None, "", "", f"is missing ({key})", "add the raster"))
    return faults


def _city(contents: Contents) -> City:
    settings = contents.settings
    datums = {str(name): float(offset) for name, offset in settings["datums"].items()}
    tables = contents.tables

    def of(sheet: columns.Sheet, make: Callable[..., _T]) -> list[_T]:
        return [make(**row.values) for row in tables[sheet.file]]

    def named(sheet: columns.Sheet, make: Callable[..., _T]) -> dict[str, _T]:
        return {str(row.values["id"]): make(**row.values) for row in tables[sheet.file]}

    def drawn(row: Row) -> dict[str, Any]:
        values = dict(row.values)
        values["geometry"] = values.pop("wkt")
        return values

    units = []
    for row in tables[columns.TERRITORY.file]:
        values = dict(row.values)
        values["polygon"] = values.pop("wkt")
        units.append(Unit(**values))
    return City(
        folder=contents.folder,
        id=settings["id"],
        name=settings["name"],
        name_en=settings["name_en"],
        crs=settings["crs"],
        zone=ZoneInfo(settings["time_zone"]),
        datum=settings["datum"],
        datums=datums,
        territory=Territory(
            units, [_neighbour(row.values) for row in tables[columns.NEIGHBOURS.file]]
        ),
        stations={
            station.id: station
            for station in (_station(row.values, datums) for row in tables[columns.STATIONS.file])
        },
        places=named(columns.PLACES, HazardPlace),
        lines=tuple(Line(**drawn(row)) for row in tables[columns.LINES.file]),
        polders=tuple(Polder(**drawn(row)) for row in tables[columns.POLDERS.file]),
        structures=tuple(of(columns.STRUCTURES, Structure)),
        accounts=named(columns.ACCOUNTS, Account),
        people=tuple(of(columns.PEOPLE, Person)),
        shelters=named(columns.SHELTERS, Shelter),
        teams=named(columns.TEAMS, Team),
        firms=named(columns.FIRMS, Firm),
        settings=settings,
        synthetic=tuple(lookup(settings, "synthetic.parts") or ()),
        digest=_digest(contents.folder),
        limits=read_limits(settings, []),
        monitoring=read_monitoring(contents.folder, _quantities(contents), []),
        retention=read_retention(settings, []),
        day_start=read_day_start(settings, []),
        roads=contents.roads,
        stores=contents.stores,
    )


def _neighbour(values: Mapping[str, Any]) -> Unit:
    """A neighbouring city: only its name and where it is are known here."""
    return Unit(
        **values,
        level="city",
        parent="",
        population=0,
        old_houses=0,
        polygon=None,
        approximate=True,
    )


def _quantities(contents: Contents) -> dict[str, str]:
    rows = contents.tables[columns.STATIONS.file]
    return {str(row.values["id"]): str(row.values["quantity"]) for row in rows}


def _station(values: Mapping[str, Any], datums: Mapping[str, float]) -> Station:
    own: dict[str, Any] = dict(values)
    cadence = timedelta(minutes=own.pop("cadence_min"))
    offset = datums[own["datum"]] if own["datum"] else 0.0
    raw: dict[str, Any] = {"warning_raw": own.pop("warning"), "guarantee_raw": own.pop("guarantee")}
    # Millimetres: an offset of 1.841 must not turn 3.5 into 1.6589999999999998.
    here: dict[str, Any] = {
        name.removesuffix("_raw"): None if value is None else round(value + offset, 4)
        for name, value in raw.items()
    }
    return Station(cadence=cadence, **own, **raw, **here)


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for pattern in FORECAST_FILES:
        for path in sorted(folder.glob(pattern)):
            if path.is_file():
                total.update(path.relative_to(folder).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
