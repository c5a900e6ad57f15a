"""What happened as far as gauges saw it: crossings from readings, where no truth is handed in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from anlan import warn
from anlan.city import City
from anlan.observe import Observation, archive
from anlan.store import schema


def stretches(read: list[Observation], level: float) -> list[dict[str, Any]]:
    """Stretches of readings at or above ``level`` (m): start, end, peak_m, peak_time.

    They begin and end at readings; a reading without value is skipped.
    """
    found: list[dict[str, Any]] = []
    above = False
    for each in read:
        if each.value is None:
            continue
        if each.value >= level:
            if not above:
                found.append({"start": each.valid_at, "peak_m": each.value})
                found[-1]["peak_time"] = each.valid_at
            if each.value > found[-1]["peak_m"]:
                found[-1] |= {"peak_m": each.value, "peak_time": each.valid_at}
            found[-1]["end"] = each.valid_at
        above = each.value >= level
    return found


def truth(conn: Connection, city: City) -> dict[str, Any]:
    """Crossings of the warning rules' own levels by the gauges: ``tide`` alone.

    Nobody measures ponding in towns here, so ``towns`` is not there and alerts about it are
    left unjudged rather than called false.
    """
    O = schema.observation  # noqa: E741
    found = []
    for rule in warn.load_rules(city).rules:
        if rule.event != "storm_tide" or rule.levels is None:
            continue
        for name, levels in rule.levels.by_station.items():
            series = city.stations[name].series
            first, last = conn.execute(
                select(func.min(O.c.valid_at), func.max(O.c.valid_at)).where(O.c.series == series)
            ).one()
            if first is None:
                continue
            read = archive.window(conn, series, first, last)
            for colour, level in levels.items():
                found += [{"colour": colour.word, **row} for row in stretches(read, level)]
    return {"tide": sorted(found, key=lambda row: (row["start"], row["colour"]))}
