"""Faults between tables: what one row says about another, and about the city."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import shapely

from anlan.city import columns
from anlan.city.fault import Fault
from anlan.city.station import UNITS
from anlan.city.table import Table
from anlan.city.toml_file import lookup

Tables = Mapping[str, Table]

#: How far outside the outline a place may lie, degrees (about 1 km): outlines are approximate.
MARGIN = 0.01


def check_references(settings: Mapping[str, Any], tables: Tables) -> None:
    """Add to each table the faults that only show beside the others."""
    _tree(tables[columns.TERRITORY.file])
    _codes(tables)
    _references(tables)
    _outline(tables)
    _stations(settings, tables[columns.STATIONS.file])
    _places(tables[columns.PLACES.file])
    _structures(tables[columns.STRUCTURES.file])
    _mouths(settings, tables[columns.STATIONS.file], tables[columns.LINES.file])
    _phones(settings, tables[columns.PEOPLE.file])
    _firms(tables[columns.FIRMS.file], tables[columns.ACCOUNTS.file])


def _tree(table: Table) -> None:
    level = {row.values["code"]: row.values["level"] for row in table}
    above = {"town": "city", "village": "town"}
    cities = [row for row in table if row.values["level"] == "city"]
    if len(cities) != 1 and table.rows:
        table.faults.append(
            Fault(
                table.file,
                None,
                "level",
                f"{len(cities)} cities",
                "is not one city",
                "give exactly one row of level city, with an empty parent",
            )
        )
    for row in table:
        parent, own = row.values["parent"], row.values["level"]
        if own == "city":
            if parent:
                table.fault(row, "parent", "is above the city", "leave the city's parent empty")
        elif not parent:
            table.fault(row, "parent", "is empty", f"give the code of its {above[own]}")
        elif parent not in table.keys:
            table.fault(
                row, "parent", "is not a code of this table", f"give the code of its {above[own]}"
            )
        elif parent in level and level[parent] != above[own]:
            table.fault(
                row,
                "parent",
                f"is a {level[parent]}, and the parent of a {own} is a {above[own]}",
                f"give the code of its {above[own]}",
            )


def _codes(tables: Tables) -> None:
    known = tables[columns.TERRITORY.file].keys
    neighbours = tables[columns.NEIGHBOURS.file]
    for row in neighbours:
        if row.values["code"] in known:
            neighbours.fault(row, "code", "is a code of territory.csv", "name another city")
    for table in tables.values():
        if table.file == columns.TERRITORY.file:
            continue
        for row in table:
            code = row.values.get("territory")
            partner = row.values.get("role") == "partner"
            if partner and code not in neighbours.keys:
                table.fault(
                    row,
                    "territory",
                    "is not a code of neighbours.csv",
                    "a partner answers for a neighbouring city: give its code",
                )
            elif not partner and code is not None and code not in known:
                table.fault(
                    row,
                    "territory",
                    "is not a code of territory.csv",
                    "give a code of territory.csv, or add the unit there",
                )


#: file, column, file that must hold the id
_LINKS = (
    (columns.ACCOUNTS.file, "deputy", columns.ACCOUNTS.file),
    (columns.PEOPLE.file, "account", columns.ACCOUNTS.file),
    (columns.PEOPLE.file, "deputy", columns.PEOPLE.file),
    (columns.PEOPLE.file, "place", columns.PLACES.file),
    (columns.TEAMS.file, "account", columns.ACCOUNTS.file),
    (columns.FIRMS.file, "account", columns.ACCOUNTS.file),
)


def _references(tables: Tables) -> None:
    for file, column, target in _LINKS:
        for row in tables[file]:
            value = row.values[column]
            if value and value not in tables[target].keys:
                tables[file].fault(
                    row, column, f"is not an id of {target}", f"give an id of {target}"
                )
    accounts = {row.values["id"]: row for row in tables[columns.ACCOUNTS.file]}
    people = tables[columns.PEOPLE.file]
    for row in people:
        account = accounts.get(row.values["account"])
        if account is not None and account.values["role"] != row.values["role"]:
            people.fault(
                row,
                "role",
                f"is not the role of account {row.values['account']} ({account.values['role']})",
                "give both the same role",
            )


def _outline(tables: Tables) -> None:
    territory = tables[columns.TERRITORY.file]
    outline = next((row.values["wkt"] for row in territory if row.values["level"] == "city"), None)
    if outline is None:
        return
    near = shapely.buffer(outline, MARGIN)
    shapely.prepare(near)
    outside = "lies outside the city's outline"
    remedy = "check the coordinates (longitude first), or redraw the outline in territory.csv"
    placed = (columns.PLACES, columns.SHELTERS, columns.FIRMS)
    for table in (territory, *(tables[sheet.file] for sheet in placed)):
        for row in table:
            lon, lat = row.values["lon"], row.values["lat"]
            if not shapely.contains_xy(near, lon, lat):
                table.faults.append(
                    Fault(table.file, row.line, "lon,lat", f"{lon}, {lat}", outside, remedy)
                )


def _stations(settings: Mapping[str, Any], table: Table) -> None:
    datums = lookup(settings, "datums")
    known = list(datums) if isinstance(datums, Mapping) else []
    for row in table:
        values = row.values
        quantity, datum = values["quantity"], values["datum"]
        if values["unit"] != UNITS[quantity]:
            table.fault(
                row,
                "unit",
                f"is not the unit of {quantity}",
                f"report {quantity} in {UNITS[quantity]}",
            )
        if quantity in ("river_level", "tide"):
            if not datum:
                table.fault(
                    row,
                    "datum",
                    f"is empty at a station of {quantity}",
                    f"name the datum of its zero: {', '.join(known)}",
                )
            elif datum not in known:
                table.fault(
                    row,
                    "datum",
                    "is not in [datums] of city.toml",
                    f"use one of {', '.join(known)}, or add its offset there",
                )
        elif datum:
            table.fault(row, "datum", f"is given for {quantity}", "leave it empty")
        low, high = values["warning"], values["guarantee"]
        if low is not None and high is not None and high < low:
            table.fault(row, "guarantee", f"is below the warning level {low:g}", "swap the two?")
        fits = {"boundary_inland": "river_level", "boundary_tide": "tide"}.get(values["role"])
        if fits is not None and quantity != fits:
            table.fault(row, "role", f"does not fit {quantity}", f"only {fits} can have this role")


def _places(table: Table) -> None:
    for row in table:
        values = row.values
        if values["danger_m"] < values["attention_m"]:
            table.fault(
                row,
                "danger_m",
                f"is below attention_m {values['attention_m']:g}",
                "give the depth that means danger, at least the depth of attention",
            )
        if values["kind"] != "underpass":
            continue
        if values["rim_m"] is None or values["rim_m"] <= values["ground_m"]:
            table.fault(
                row,
                "rim_m",
                f"is not above ground_m {values['ground_m']:g}",
                "give an underpass the level at which surface water enters it",
            )
        if not values["area_m2"]:
            table.fault(row, "area_m2", "is empty", "give an underpass the area of its floor")


_NEEDED = {
    "pump": ("capacity_m3s", "start_level_m", "stop_level_m"),
    "flap_gate": ("width_m", "sill_m"),
}


def _structures(table: Table) -> None:
    for row in table:
        values = row.values
        for name in _NEEDED[values["kind"]]:
            if values[name] is None:
                table.fault(row, name, f"is empty at a {values['kind']}", "fill it in")
        start, stop = values["start_level_m"], values["stop_level_m"]
        if start is not None and stop is not None and stop > start:
            table.fault(
                row, "stop_level_m", f"is above start_level_m {start:g}", "stop below the start"
            )


def _mouths(settings: Mapping[str, Any], stations: Table, lines: Table) -> None:
    named = settings.get("inland", {})
    fit = {r.values["id"] for r in stations if r.values["role"] == "boundary_inland"}
    rivers = {r.values["id"] for r in lines if r.values["kind"] == "river"}
    for river, station in named.items() if isinstance(named, Mapping) else ():
        if river not in rivers and not (river in lines.keys and lines.faults):
            stations.faults.append(
                Fault(
                    "city.toml",
                    None,
                    f"inland.{river}",
                    str(station),
                    "names no river of lines.csv",
                    "use the id of a river",
                )
            )
        if station not in fit:
            stations.faults.append(
                Fault(
                    "city.toml",
                    None,
                    f"inland.{river}",
                    str(station),
                    "is no station of role boundary_inland",
                    f"use one of {', '.join(sorted(fit)) or 'stations.csv with that role'}",
                )
            )


def _phones(settings: Mapping[str, Any], table: Table) -> None:
    invented = lookup(settings, "people.invented_phones")
    if not (isinstance(invented, list) and len(invented) == 2):
        synthetic = [row for row in table if row.values["synthetic"]]
        if synthetic:
            table.faults.append(
                Fault(
                    "city.toml",
                    None,
                    "people.invented_phones",
                    "",
                    "is missing, though people.csv holds invented people",
                    'give the first and last number that nobody has: ["…", "…"]',
                )
            )
        return
    first, last = str(invented[0]), str(invented[1])
    for row in table:
        phone = row.values["phone"]
        nobodys = len(phone) == len(first) and phone.isdigit() and first <= phone <= last
        if phone and row.values["synthetic"] and not nobodys:
            table.fault(
                row,
                "phone",
                f"may be somebody's: invented people have {first} to {last}",
                f"give a number from {first} to {last}",
            )
        elif not row.values["synthetic"] and nobodys:
            table.fault(row, "phone", "is nobody's number", "mark the person synthetic")


#: As many digits in a row may be somebody's telephone number.
_MOST_DIGITS = 6


def _firms(table: Table, accounts: Table) -> None:
    """A firm's name stands on its passes, which carry no telephone number."""
    roles = {row.values["id"]: row.values["role"] for row in accounts}
    speaks_for: dict[str, str] = {}
    for row in table:
        values = row.values
        account = values["account"]
        if re.search(rf"\d{{{_MOST_DIGITS + 1}}}", values["name"]):
            table.fault(row, "name", "may hold a telephone number", "leave the number out")
        if not account:
            continue
        if roles.get(account, "firm") != "firm":
            table.fault(row, "account", "is not of role firm", "give an account of role firm")
        if account in speaks_for:
            table.fault(
                row,
                "account",
                f"speaks for firm {speaks_for[account]} already",
                "give each firm its own account",
            )
        speaks_for[account] = values["id"]
