"""Structures that are watched as they move: pits, dikes, tunnels; limits in total and in rate.

``monitoring.toml`` of the city folder, optional::

    [[structure]]
    id = "pit-renmin"
    name = "人民路基坑"
    name_en = "Renmin Road pit"
    kind = "foundation_pit"         # foundation_pit, dike, tunnel, slope
    source = "设计文件监测报警值"     # where the limits come from

    [[structure.point]]
    station = "renmin-d1"           # of quantity displacement, settlement or pore_pressure
    baseline = 0.0                  # its value when watching began
    direction = "both"              # both, up or down: which way is dangerous
    rate_hours = 24                 # over how long the rate is taken
    total = { attention = 20.0, danger = 30.0 }   # from the baseline, in the quantity's unit
    rate = { attention = 2.0, danger = 3.0 }      # per day
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from anlan.city.fault import Fault

FILE = "monitoring.toml"
#: Quantities of structures, each in one unit.
MOVING = ("displacement", "settlement", "pore_pressure")
KINDS = ("foundation_pit", "dike", "tunnel", "slope")
DIRECTIONS = ("both", "up", "down")
_KEYS = ("station", "baseline", "direction", "rate_hours", "total", "rate")


@dataclass(frozen=True)
class Limit:
    """Attention 预警值 and danger 报警值; the one is less than the other."""

    attention: float
    danger: float


@dataclass(frozen=True)
class Point:
    """A watched point of a structure.

    Attributes:
        station: id of the station that measures it.
        baseline: in the quantity's unit (mm, kPa).
        direction: which way is dangerous: ``both``, ``up`` (growing values) or ``down``.
        span: over which the rate is taken.
        total: away from the baseline, in the quantity's unit; None: no limit.
        rate: per day; None: no limit.
    """

    station: str
    structure: str
    structure_name: str
    structure_name_en: str
    kind: str
    source: str
    baseline: float
    direction: str
    span: timedelta
    total: Limit | None
    rate: Limit | None


def read_monitoring(
    folder: Path, quantities: Mapping[str, str], faults: list[Fault]
) -> dict[str, Point]:
    """The watched points by station; ``quantities`` are those of the stations by id."""
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as problem:
        faults.append(Fault(FILE, None, "", str(problem)[:80], "cannot be read", "write TOML"))
        return {}
    found: dict[str, Point] = {}
    tables = raw.get("structure", [])
    if not isinstance(tables, list):
        faults.append(Fault(FILE, None, "structure", "", "is no list", "write [[structure]]"))
        return {}
    for number, table in enumerate(tables, start=1):
        for point in _structure(table, number, quantities, faults):
            if point.station in found:
                remedy = "let each station stand at one point"
                _blame(faults, point.structure, "station", point.station, "stands twice", remedy)
            found[point.station] = point
    return found


def _blame(
    faults: list[Fault], where: str, key: str, value: object, what: str, remedy: str
) -> None:
    faults.append(Fault(FILE, None, f"{where}.{key}", str(value)[:80], what, remedy))


def _structure(
    table: Any, number: int, quantities: Mapping[str, str], faults: list[Fault]
) -> list[Point]:
    where = f"structure {number}"
    if not isinstance(table, Mapping):
        _blame(faults, where, "", table, "is not a table", "write [[structure]] and its keys below")
        return []
    words = {}
    for key in ("id", "name", "name_en", "source"):
        words[key] = table.get(key)
        if not isinstance(words[key], str) or not words[key]:
            _blame(faults, where, key, words[key], "is missing", "give it as text")
    if table.get("kind") not in KINDS:
        remedy = f"use one of {', '.join(KINDS)}"
        _blame(faults, where, "kind", table.get("kind"), "is not a kind known here", remedy)
    given = table.get("point", [])
    points = given if isinstance(given, list) else []
    if not points:
        _blame(faults, where, "point", "", "is missing", "write [[structure.point]]")
    found = []
    for each in points:
        before = len(faults)
        point = _point(each, where, quantities, faults)
        if point is not None and len(faults) == before:
            found.append(
                Point(
                    structure=str(words["id"]),
                    structure_name=str(words["name"]),
                    structure_name_en=str(words["name_en"]),
                    kind=str(table.get("kind")),
                    source=str(words["source"]),
                    **point,
                )
            )
    return found


def _point(
    table: Any, where: str, quantities: Mapping[str, str], faults: list[Fault]
) -> dict[str, Any] | None:
    if not isinstance(table, Mapping):
        _blame(faults, where, "point", table, "is not a table", "write [[structure.point]]")
        return None
    station = str(table.get("station"))
    where = f"{where} point {station}"
    for key in table:
        if key not in _KEYS:
            _blame(faults, where, key, "", "is not known here", f"use {', '.join(_KEYS)}")
    if station not in quantities:
        _blame(faults, where, "station", station, "is not in stations.csv", "name a station")
    elif quantities[station] not in MOVING:
        remedy = f"name one of {', '.join(MOVING)}"
        _blame(faults, where, "station", station, f"measures {quantities[station]}", remedy)
    direction = table.get("direction", "both")
    if direction not in DIRECTIONS:
        remedy = f"use {', '.join(DIRECTIONS)}"
        _blame(faults, where, "direction", direction, "is no direction", remedy)
    baseline = table.get("baseline", 0.0)
    if not _number(baseline):
        _blame(faults, where, "baseline", baseline, "is not a number", "give the first value")
    hours = table.get("rate_hours", 24)
    if not _number(hours) or not 1 <= hours <= 24 * 30:
        _blame(faults, where, "rate_hours", hours, "is not a span", "write 1 to 720 hours")
    total = _limit(table, "total", where, faults)
    rate = _limit(table, "rate", where, faults)
    if "total" not in table and "rate" not in table:
        _blame(faults, where, "total", "", "is missing", "give limits of total, rate or both")
    return {
        "station": station,
        "baseline": baseline,
        "direction": direction,
        "span": timedelta(hours=float(hours)) if _number(hours) else timedelta(days=1),
        "total": total,
        "rate": rate,
    }


def _limit(table: Mapping[str, Any], key: str, where: str, faults: list[Fault]) -> Limit | None:
    given = table.get(key)
    if given is None:
        return None
    pair: tuple[Any, ...] = ()
    if isinstance(given, Mapping) and set(given) == {"attention", "danger"}:
        pair = (given["attention"], given["danger"])
    if len(pair) != 2 or not all(_number(each) for each in pair) or not 0 < pair[0] < pair[1]:
        remedy = "write { attention = 20.0, danger = 30.0 }, the one above 0 and below the other"
        _blame(faults, where, key, given, "is not a pair of limits", remedy)
        return None
    return Limit(float(pair[0]), float(pair[1]))


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
