"""The kinds of a rule as its tables in rules.toml say them; units and datums to the city's."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from datetime import timedelta

from anlan.city import City, Station
from anlan.observe.quantity import QUANTITIES
from anlan.warn.colour import Colour
from anlan.warn.observed import Hold
from anlan.warn.rule import (
    DurationRule,
    LevelRule,
    NoDataRule,
    RainRule,
    RateRule,
    RepeatRule,
)
from anlan.warn.rule_table import MOST_HOURS, RuleTable, fault

STATIONS = ("stations", "quantity")
HOLDS = ("hold_minutes", "fall_minutes", "max_gap_minutes")


def stations(city: City, table: RuleTable) -> list[Station]:
    """The stations named by ``stations`` (ids) or by ``quantity`` (all of it)."""
    if "stations" in table.raw:
        names = table.list("stations")
        unknown = [name for name in names if name not in city.stations]
        if unknown:
            raise fault(table.where, "stations", unknown[0], "use an id of stations.csv")
        return [city.stations[name] for name in names]
    quantity = table.text("quantity")
    if quantity not in QUANTITIES:
        raise fault(table.where, "quantity", quantity, f"use one of {', '.join(QUANTITIES)}")
    return [each for each in city.stations.values() if each.quantity == quantity]


def points(city: City, table: RuleTable) -> list[Station]:
    """Stations of values that hold at a moment; sums of rain have a kind of their own."""
    found = stations(city, table)
    for station in found:
        if QUANTITIES[station.quantity].is_sum:
            raise fault(
                table.where, "stations", station.id, "use [rule.rain] or combined rain for rain"
            )
    return found


def hold(table: RuleTable, fall_by: float, rise: timedelta | None = None) -> Hold:
    """The waits of a table; a fall must wait longer than a rise."""
    found = Hold(
        rise=table.minutes("hold_minutes") if rise is None else rise,
        fall=table.minutes("fall_minutes"),
        fall_by=fall_by,
        max_gap=table.minutes("max_gap_minutes"),
    )
    if found.fall <= found.rise:
        raise fault(
            table.where,
            "fall_minutes",
            table.raw["fall_minutes"],
            "make it longer than hold_minutes",
        )
    return found


def levels(city: City, table: RuleTable) -> LevelRule:
    """Kind "levels"."""
    table.known(*STATIONS, "datum", "colours", *HOLDS, "fall_by_m", "near_m")
    found = points(city, table)
    waits = hold(table, table.number("fall_by_m"))
    given = table.colours("colours", (int, float, str))
    by_station = {}
    for station in found:
        own = {
            name: level
            for name, value in given.items()
            if (level := _level(city, table, station, value)) is not None
        }
        if own:
            _rising(table, "colours", list(own.values()))
            by_station[station.id] = own
    return LevelRule(by_station, waits, table.number("near_m", 0.0))


def _level(city: City, table: RuleTable, station: Station, value: float | str) -> float | None:
    """A threshold on the city's datum; None where the station has no such published level."""
    if not isinstance(value, str):
        if not math.isfinite(value):
            raise fault(table.where, "colours", value, "write a finite number")
        if not QUANTITIES[station.quantity].has_datum:
            return float(value)
        return city.level(float(value), table.text("datum", city.datum))
    match = re.fullmatch(r"(warning|guarantee)(?:\+(\d+(?:\.\d+)?))?", value.replace(" ", ""))
    if match is None:
        raise fault(table.where, "colours", value, 'write m, "warning" or "guarantee+0.5"')
    published: float | None = getattr(station, match[1])
    return None if published is None else published + float(match[2] or 0)


def value_of(city: City, table: RuleTable, station: Station) -> float | None:
    """The threshold under ``value`` for one station."""
    value = table.raw.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise fault(table.where, "value", value, 'write m, "warning" or "guarantee+0.5"')
    return _level(city, table, station, value)


def _rising(table: RuleTable, key: str, values: Sequence[float]) -> None:
    if any(after <= before for before, after in itertools.pairwise(values)):
        raise fault(table.where, key, list(values), "let each colour lie above the one before")


def _pairs(table: RuleTable, key: str) -> dict[Colour, tuple[float, float]]:
    found = {}
    for name, value in table.colours(key, list, needed=False).items():
        where = f"{key}.{name.word}"
        if len(value) != 2:
            raise fault(table.where, where, value, "write [hours, mm]")
        found[name] = (table.hours(where, value[0]), table.amount(where, value[1]))
    return found


def rain(table: RuleTable) -> RainRule:
    """Kind "rain"."""
    table.known("raises", "supports", "max_gap_minutes")
    return RainRule(
        _pairs(table, "raises"), _pairs(table, "supports"), table.minutes("max_gap_minutes")
    )


def duration(city: City, table: RuleTable) -> DurationRule:
    """Kind "duration": colours are [value, hours]."""
    table.known(*STATIONS, "datum", "colours", "fall_minutes", "max_gap_minutes", "fall_by")
    found = points(city, table)
    given: dict[Colour, tuple[float | str, timedelta]] = {}
    for name, pair in table.colours("colours", list).items():
        fits = len(pair) == 2 and not any(isinstance(each, bool) for each in pair)
        if not (fits and isinstance(pair[0], int | float | str)):
            raise fault(table.where, f"colours.{name.word}", pair, "write [level, hours]")
        hours = table.hours(f"colours.{name.word}", pair[1])
        given[name] = (pair[0], timedelta(hours=hours))
    by_station = {}
    for station in found:
        own = {
            name: (level, span)
            for name, (value, span) in given.items()
            if (level := _level(city, table, station, value)) is not None
        }
        if own:
            by_station[station.id] = own
    return DurationRule(by_station, hold(table, table.number("fall_by"), timedelta(0)))


def repeat(city: City, table: RuleTable) -> RepeatRule:
    """Kind "repeat": colours are numbers of crossings within ``hours``."""
    table.known(*STATIONS, "datum", "value", "colours", "hours", "fall_by", *HOLDS[1:])
    times = table.colours("colours", int)
    if any(each < 2 for each in times.values()):
        raise fault(table.where, "colours", table.raw["colours"], "write 2 or more crossings")
    _rising(table, "colours", list(times.values()))
    by_station = {
        station.id: level
        for station in points(city, table)
        if (level := value_of(city, table, station)) is not None
    }
    return RepeatRule(
        by_station,
        times,
        timedelta(hours=table.hours("hours", table.raw.get("hours"))),
        table.number("fall_by"),
        hold(table, 0.0, timedelta(0)),
    )


def rate(table: RuleTable) -> RateRule:
    """Kind "rate": colours are amounts within ``span_minutes``."""
    table.known(*STATIONS, "direction", "colours", "span_minutes", "fall_by", *HOLDS)
    direction = table.text("direction", "rise")
    if direction not in ("rise", "fall"):
        raise fault(table.where, "direction", direction, 'write "rise" or "fall"')
    given = table.colours("colours", float)
    amounts = {name: table.amount("colours", value) for name, value in given.items()}
    _rising(table, "colours", [0.0, *amounts.values()])
    span = table.minutes("span_minutes")
    if not timedelta(0) < span <= timedelta(hours=MOST_HOURS):
        most = MOST_HOURS * 60
        raise fault(
            table.where, "span_minutes", table.raw["span_minutes"], f"write 1 to {most:.0f}"
        )
    fall_by = table.number("fall_by", 0.0)
    return RateRule(amounts, span, direction == "fall", hold(table, fall_by))


def no_data(table: RuleTable) -> NoDataRule:
    """Kind "no_data": colours are minutes of silence."""
    table.known(*STATIONS, "colours", "back_minutes")
    given = table.colours("colours", float)
    silences = {
        name: timedelta(minutes=table.amount("colours", value)) for name, value in given.items()
    }
    _rising(table, "colours", [0.0, *(each.total_seconds() for each in silences.values())])
    return NoDataRule(silences, table.minutes("back_minutes"))
