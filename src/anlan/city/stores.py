"""What a city keeps for emergencies: depots, what lies in them, and what can be sent from them.

Three tables, each of which may be absent: ``depots.csv``, ``supplies.csv``, ``equipment.csv``.
They say what there is when a desk starts; from then on the desk's own records count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anlan.city.fault import Fault
from anlan.city.table import (
    LAT,
    LON,
    Column,
    Table,
    codes,
    digits,
    instant,
    number,
    one_of,
    read_table,
    text,
    truth,
)

EQUIPMENT_KINDS = ("pump", "boat", "bus", "lorry", "generator", "lighting")
_TEXT = Column(text)
_HERE = {"lon": Column(LON), "lat": Column(LAT), "territory": Column(digits(12))}

DEPOTS: Mapping[str, Column] = {
    "id": _TEXT,
    "name": _TEXT,
    **_HERE,
    "department": Column(text, ""),
    "account": Column(text, ""),
    "synthetic": Column(truth),
}
SUPPLIES: Mapping[str, Column] = {
    "id": _TEXT,
    "depot": _TEXT,
    "item": _TEXT,
    "unit": _TEXT,
    "quantity": Column(number(0, 1e9)),
    "expires": Column(instant, None),
    "synthetic": Column(truth),
}
EQUIPMENT: Mapping[str, Column] = {
    "id": _TEXT,
    "name": _TEXT,
    "kind": Column(one_of(*EQUIPMENT_KINDS)),
    "vehicle": _TEXT,
    "capacity": Column(number(0, 1e6)),
    "unit": _TEXT,
    "skills": Column(codes, ()),
    **_HERE,
    "department": Column(text, ""),
    "account": Column(text, ""),
    "synthetic": Column(truth),
}


@dataclass(frozen=True)
class Depot:
    """A store 物资库; ``account`` keeps it."""

    id: str
    name: str
    lon: float
    lat: float
    territory: str
    department: str
    account: str
    synthetic: bool


@dataclass(frozen=True)
class Supply:
    """A lot of one item in one depot; ``expires`` UTC, None for what keeps."""

    id: str
    depot: str
    item: str
    unit: str
    quantity: float
    expires: datetime | None
    synthetic: bool


@dataclass(frozen=True)
class Equipment:
    """A thing that is sent as a whole: a pump, a boat, a bus.

    Attributes:
        vehicle: class of vehicle that it is, or that brings it.
        capacity, unit: what it does: m3/h of a pump, persons of a boat or bus, kW.
    """

    id: str
    name: str
    kind: str
    vehicle: str
    capacity: float
    unit: str
    skills: tuple[str, ...]
    lon: float
    lat: float
    territory: str
    department: str
    account: str
    synthetic: bool


@dataclass(frozen=True)
class Stores:
    """Everything of the three tables, by id."""

    depots: Mapping[str, Depot]
    supplies: Mapping[str, Supply]
    equipment: Mapping[str, Equipment]


NONE = Stores({}, {}, {})


def read_stores(
    folder: Path, codes_known: set[str], accounts: set[str], faults: list[Fault]
) -> Stores:
    """The three tables of a folder; what is wrong goes to ``faults``."""
    depots = _table(folder, "depots.csv", DEPOTS)
    supplies = _table(folder, "supplies.csv", SUPPLIES)
    equipment = _table(folder, "equipment.csv", EQUIPMENT)
    for table in (depots, equipment):
        for row in table:
            if row.values["territory"] not in codes_known:
                table.fault(
                    row, "territory", "is not a code of territory.csv", "give one of its codes"
                )
            if row.values["account"] and row.values["account"] not in accounts:
                table.fault(
                    row, "account", "is not an id of accounts.csv", "give an id of accounts.csv"
                )
    for row in supplies:
        if row.values["depot"] not in depots.keys:
            supplies.fault(row, "depot", "is not an id of depots.csv", "give an id of depots.csv")
    for table in (depots, supplies, equipment):
        faults += sorted(table.faults, key=lambda fault: fault.row or 0)
    return Stores(
        {str(row.values["id"]): Depot(**row.values) for row in depots},
        {str(row.values["id"]): Supply(**row.values) for row in supplies},
        {str(row.values["id"]): Equipment(**row.values) for row in equipment},
    )


def _table(folder: Path, file: str, columns: Mapping[str, Column]) -> Table:
    if not (folder / file).is_file():
        return Table(file, "id")
    return read_table(folder, file, columns, "id")
