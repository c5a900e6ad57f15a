"""What happened as far as gauges saw it: crossings from readings, where no truth is handed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from anlan import warn
from anlan.city import City
from anlan.observe import Observation, judging
from anlan.review.score import Crossing
from anlan.store import schema
from anlan.warn.rules import LevelRule

TIDE_EVENT = "storm_tide"


def stretches(read: list[Observation], level: float) -> list[dict[str, Any]]:
    """Stretches of readings at or above ``level`` (m): start, end, peak_m, peak_time.

    They begin and end at readings; one without value, or that its sender or the quality rules set
    aside, is skipped: it raised no warning either.
    """
    found: list[dict[str, Any]] = []
    above = False
    for each in read:
        if each.value is None or not each.usable:
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
    """Crossings of the tide rule's own levels by its gauge: ``tide`` alone.

    Nobody measures ponding in towns here, so ``towns`` is not there and alerts about it are
    left unjudged rather than called false.
    """
    found = [
        {"colour": name, **row}
        for rule in warn.load_rules(city).rules
        if rule.event == TIDE_EVENT and rule.levels is not None
        for station in rule.levels.by_station
        for name, row in _above(conn, city, rule.levels, station)
    ]
    return {"tide": sorted(found, key=lambda row: (row["start"], row["colour"]))}


def gauges(conn: Connection, city: City) -> tuple[list[Crossing], list[str]]:
    """Crossings of every other level rule by its gauges, and the events those rules are about.

    There the readings are what happened, in a replay as in life.
    """
    found, events = [], []
    for rule in warn.load_rules(city).rules:
        if rule.levels is None or rule.event == TIDE_EVENT:
            continue
        events.append(rule.event)
        for watch in rule.watches:
            for station in watch.stations:
                if station in rule.levels.by_station:
                    found += [
                        Crossing(watch.key, name, row["start"], row["end"], rule.event)
                        for name, row in _above(conn, city, rule.levels, station)
                    ]
    return found, events


def _above(
    conn: Connection, city: City, levels: LevelRule, station: str
) -> list[tuple[str, dict[str, Any]]]:
    """Stretches of a station above each of its colours' levels: (colour, stretch)."""
    O = schema.observation  # noqa: E741
    series = city.stations[station].series
    first, last = conn.execute(
        select(func.min(O.c.valid_at), func.max(O.c.valid_at)).where(O.c.series == series)
    ).one()
    if first is None:
        return []
    # the window leaves its start out
    read = judging.window(
        conn, city, series, first - timedelta(seconds=1), last, now=last, neighbours=False
    )
    return [
        (colour.word, row)
        for colour, level in levels.by_station[station].items()
        for row in stretches(read, level)
    ]
