"""What a city expects of its gauges: the limits of the quality rules, and when its day begins.

The table of ``city.toml``, all of it optional::

    day_starts = "08:00"         # local; default 08:00 in China's zone, 00:00 elsewhere

    [quality.tide]               # by quantity; what is left out keeps its default
    range = [-4.0, 8.0]
    step = 0.4
    spike = "off"                # step, spike, flat_hours, neighbour_km: "off" leaves the rule out
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import time
from typing import Any

from anlan.city.fault import Fault
from anlan.city.station import QUANTITIES

FILE = "city.toml"
OFF = math.inf
#: Zones whose hydrological day begins at 08:00.
CHINA = frozenset({"Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "Asia/Urumqi", "PRC"})


@dataclass(frozen=True)
class Limits:
    """Limits of one quantity, in its unit in the archive; `OFF` leaves a rule out.

    Attributes:
        low, high: the range. For sums ``high`` is that of one hour.
        step, spike: the least change between two readings that is called a step or a spike.
        rate_per_h: both grow to this rate times the time between, where that is more.
        flat_hours: unchanged for so long is a flat line.
        flat_within: what counts as unchanged.
        flat_above: no flat line at or below this value (no rain, calm).
        neighbour_km: how far away a gauge of the same quantity is a neighbour.
        neighbour_hours: over how long sums or means are compared.
        neighbour, neighbour_share: allowed difference from the neighbours' median: a fixed part
            and a share of the median.
        stale_cadences: silent for so many cadences, and half an hour at least, is stale.
        ahead_minutes: how far a valid time may lie ahead of the present.
    """

    low: float
    high: float
    step: float = OFF
    spike: float = OFF
    rate_per_h: float = 0.0
    flat_hours: float = OFF
    flat_within: float = 0.0
    flat_above: float = -OFF
    neighbour_km: float = OFF
    neighbour_hours: float = 24.0
    neighbour: float = 0.0
    neighbour_share: float = 0.0
    stale_cadences: float = 4.0
    ahead_minutes: float = 2.0


#: Where each number comes from: docs/observe.md.
DEFAULTS: Mapping[str, Limits] = {
    "rain": Limits(
        0.0,
        300.0,
        flat_hours=6.0,
        flat_above=2.0,
        neighbour_km=20.0,
        neighbour=30.0,
        neighbour_share=0.8,
    ),
    "river_level": Limits(-10.0, 1000.0, 0.5, 0.5, 3.0, flat_hours=24.0),
    "tide": Limits(-8.0, 10.0, 0.5, 0.6, 3.0, flat_hours=3.0, flat_within=0.02),
    "flow": Limits(-20_000.0, 120_000.0, flat_hours=24.0, flat_above=0.0),
    "wind": Limits(
        0.0,
        75.0,
        15.0,
        20.0,
        flat_hours=6.0,
        flat_above=0.5,
        neighbour_km=30.0,
        neighbour_hours=3.0,
        neighbour=12.0,
        neighbour_share=0.5,
    ),
    # structures creep: what jumps by centimetres between two readings is the instrument
    "displacement": Limits(-1000.0, 1000.0, 10.0, 10.0),
    "settlement": Limits(-1000.0, 1000.0, 10.0, 10.0),
    "pore_pressure": Limits(-100.0, 2000.0, 20.0, 20.0),
    # a 12 V battery below 11 V is nearly empty
    "battery": Limits(11.0, 60.0),
}
# rules that can be left out, by the key that says so
_CAN_BE_OFF = ("step", "spike", "flat_hours", "neighbour_km")
_KEYS = ("range", *(each.name for each in fields(Limits) if each.name not in ("low", "high")))


def read_limits(settings: Mapping[str, Any], faults: list[Fault]) -> dict[str, Limits]:
    """The limits of every quantity: the defaults with what ``[quality]`` says otherwise."""
    found = dict(DEFAULTS)
    tables = settings.get("quality", {})
    if not isinstance(tables, Mapping):
        faults.append(
            Fault(FILE, None, "quality", str(tables)[:80], "is not a table", "write [quality.rain]")
        )
        return found
    for quantity, table in tables.items():
        where = f"quality.{quantity}"
        if quantity not in DEFAULTS:
            remedy = f"use one of {', '.join(DEFAULTS)}"
            faults.append(Fault(FILE, None, where, "", "is not a quantity known here", remedy))
        elif not isinstance(table, Mapping):
            remedy = f"write [{where}] and its keys below"
            faults.append(Fault(FILE, None, where, str(table)[:80], "is not a table", remedy))
        else:
            found[quantity] = _limits(found[quantity], table, where, faults)
    return found


def _limits(before: Limits, table: Mapping[str, Any], where: str, faults: list[Fault]) -> Limits:
    changes: dict[str, float] = {}
    for key, value in table.items():
        field, shown = f"{where}.{key}", str(value)[:80]
        if key not in _KEYS:
            remedy = f"use one of {', '.join(_KEYS)}"
            faults.append(Fault(FILE, None, field, shown, "is not a limit known here", remedy))
        elif key == "range":
            pair = [float(each) for each in value if _number(each)] if _listed(value) else []
            if len(pair) != 2 or not pair[0] < pair[1]:
                remedy = "write the least and the greatest credible value, such as [0.0, 75.0]"
                faults.append(Fault(FILE, None, field, shown, "is not a range", remedy))
            else:
                changes |= {"low": pair[0], "high": pair[1]}
        elif key in _CAN_BE_OFF and value == "off":
            changes[key] = OFF
        elif not _number(value) or (value < 0 and key != "flat_above"):
            off = ', or "off"' if key in _CAN_BE_OFF else ""
            remedy = f"write a number of 0 or more{off}"
            faults.append(Fault(FILE, None, field, shown, "is not a limit", remedy))
        elif value == 0 and key in (*_CAN_BE_OFF, "stale_cadences", "neighbour_hours"):
            # nothing would ever pass
            off = 'write a number above 0, or "off"' if key in _CAN_BE_OFF else "above 0"
            faults.append(Fault(FILE, None, field, shown, "leaves no reading good", off))
        else:
            changes[key] = float(value)
    return replace(before, **changes)


def _listed(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def read_day_start(settings: Mapping[str, Any], faults: list[Fault]) -> time:
    """When the city's day begins, local time."""
    default = "08:00" if settings.get("time_zone") in CHINA else "00:00"
    text = settings.get("day_starts", default)
    if not isinstance(text, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        remedy = 'write local hours and minutes in quotes, such as "08:00"'
        faults.append(Fault(FILE, None, "day_starts", str(text)[:80], "is not a time", remedy))
        text = default
    return time.fromisoformat(text)


assert set(QUANTITIES) <= set(DEFAULTS)
