"""For how long a city keeps its readings one by one, and its hourly values after that.

The table of ``city.toml``; a quantity that it does not name is kept for ever::

    [retention.rain]
    raw_days = 1095        # each reading, 30 days at least; then hourly values
    hourly_days = 3650     # optional, counted from the same moment; then daily values, for ever

    [retention.quarantine]
    raw_days = 365         # what could not be taken, with its reason; then nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from anlan.city.fault import Fault
from anlan.city.limits import DEFAULTS, FILE

#: What was refused, beside the quantities: it has no hourly values.
QUARANTINE = "quarantine"
#: No rule, forecast or review of the last weeks may miss a reading.
LEAST_DAYS = 30


@dataclass(frozen=True)
class Retention:
    """How old a reading, and an hourly value, may become; None: any age."""

    raw: timedelta
    hourly: timedelta | None = None


def read_retention(settings: Mapping[str, Any], faults: list[Fault]) -> dict[str, Retention]:
    """What ``[retention]`` says, by quantity."""
    found: dict[str, Retention] = {}
    tables = settings.get("retention", {})
    if not isinstance(tables, Mapping):
        remedy = "write [retention.rain]"
        faults.append(Fault(FILE, None, "retention", str(tables)[:80], "is not a table", remedy))
        return found
    for quantity, table in tables.items():
        where = f"retention.{quantity}"
        if quantity not in (*DEFAULTS, QUARANTINE):
            remedy = f"use one of {', '.join(DEFAULTS)}, {QUARANTINE}"
            faults.append(Fault(FILE, None, where, "", "is not a quantity known here", remedy))
        elif not isinstance(table, Mapping):
            remedy = f"write [{where}] and its keys below"
            faults.append(Fault(FILE, None, where, str(table)[:80], "is not a table", remedy))
        elif quantity == QUARANTINE and "hourly_days" in table:
            field, remedy = f"{where}.hourly_days", "leave it out: it has no hourly values"
            faults.append(Fault(FILE, None, field, "", "is not known here", remedy))
        elif (rule := _rule(table, where, faults)) is not None:
            found[quantity] = rule
    return found


def _rule(table: Mapping[str, Any], where: str, faults: list[Fault]) -> Retention | None:
    before = len(faults)
    for key in table:
        if key not in ("raw_days", "hourly_days"):
            remedy = "use raw_days, hourly_days"
            faults.append(Fault(FILE, None, f"{where}.{key}", "", "is not known here", remedy))
    raw: Any = table.get("raw_days")
    if not _days(raw) or raw < LEAST_DAYS:
        remedy = f"write whole days, {LEAST_DAYS} or more"
        field = f"{where}.raw_days"
        faults.append(Fault(FILE, None, field, str(raw)[:80], "is not a number of days", remedy))
    hourly = table.get("hourly_days")
    if hourly is not None and (not _days(hourly) or (_days(raw) and hourly <= raw)):
        remedy = "write whole days, more than raw_days, or leave it out"
        field = f"{where}.hourly_days"
        faults.append(Fault(FILE, None, field, str(hourly)[:80], "is not a number of days", remedy))
    if len(faults) > before:
        return None
    return Retention(timedelta(days=raw), None if hourly is None else timedelta(days=hourly))


def _days(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000
