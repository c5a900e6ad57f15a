"""The kinds of a rule as its tables in rules.toml say them; units and datums to the city's."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import timedelta

from anlan.city import City, Station
from anlan.observe.quantity import QUANTITIES
from anlan.warn.colour import Colour
from anlan.warn.observed import Hold
from anlan.warn.rule import (
    TOWN_MEASURES,
    CombinedRule,
    DurationRule,
    High,
    LevelRule,
    NoDataRule,
    RainRule,
    RateRule,
    RepeatRule,
    TidePeakRule,
    Together,
    TownRule,
    Watching,
    Wet,
)
from anlan.warn.rule_table import RuleTable, fault

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


def _points(city: City, table: RuleTable) -> list[Station]:
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
    found = _points(city, table)
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
        if not QUANTITIES[station.quantity].has_datum:
            return float(value)
        return city.level(float(value), table.text("datum", city.datum))
    match = re.fullmatch(r"(warning|guarantee)(?:\+(\d+(?:\.\d+)?))?", value.replace(" ", ""))
    if match is None:
        raise fault(table.where, "colours", value, 'write m, "warning" or "guarantee+0.5"')
    published: float | None = getattr(station, match[1])
    return None if published is None else published + float(match[2] or 0)


def _value(city: City, table: RuleTable, station: Station) -> float | None:
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
        if len(value) != 2 or not all(isinstance(each, int | float) for each in value):
            raise fault(table.where, f"{key}.{name.word}", value, "write [hours, mm]")
        found[name] = (float(value[0]), float(value[1]))
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
    found = _points(city, table)
    given: dict[Colour, tuple[float | str, timedelta]] = {}
    for name, pair in table.colours("colours", list).items():
        fits = len(pair) == 2 and not any(isinstance(each, bool) for each in pair)
        if not (fits and isinstance(pair[0], int | float | str)):
            raise fault(table.where, f"colours.{name.word}", pair, "write [level, hours]")
        hours = table.amount(f"colours.{name.word}", pair[1])
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
        for station in _points(city, table)
        if (level := _value(city, table, station)) is not None
    }
    return RepeatRule(
        by_station,
        times,
        timedelta(hours=table.number("hours")),
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
    if not span:
        raise fault(table.where, "span_minutes", 0, "write minutes above 0")
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


def combined(city: City, table: RuleTable) -> CombinedRule:
    """Kind "combined": sets of conditions under ``[[rule.combined.sets]]``."""
    table.known("sets", *HOLDS)
    sets = tuple(_together(city, each) for each in table.tables("sets"))
    if not sets:
        raise fault(table.where, "sets", None, "give at least one [[rule.combined.sets]]")
    return CombinedRule(sets, hold(table, 0.0))


def _together(city: City, table: RuleTable) -> Together:
    table.known("colour", "rain", "river", "tide", "impact")
    wet: list[Wet] = []
    high: list[High] = []
    if (given := table.sub("rain")) is not None:
        given.known("hours", "mm", "fall_by")
        wet.append(Wet(given.number("hours"), given.number("mm"), given.number("fall_by", 0.0)))
    for key, quantity in (("river", "river_level"), ("tide", "tide")):
        if (given := table.sub(key)) is not None:
            high.append(_high(city, given, quantity))
    impact = {}
    if (given := table.sub("impact")) is not None:
        given.known(*TOWN_MEASURES)
        impact = {measure: given.number(measure) for measure in given.raw}
    if not wet and not high:
        raise fault(
            table.where, "rain", None, "give rain, river or tide; impact alone is a forecast"
        )
    return Together(table.colour("colour"), tuple(wet), tuple(high), impact)


def _high(city: City, table: RuleTable, quantity: str) -> High:
    table.known("stations", "datum", "value", "fall_by")
    if "stations" in table.raw:
        found = stations(city, table)
    else:
        found = [each for each in city.stations.values() if each.quantity == quantity]
    wrong = [each.id for each in found if each.quantity != quantity]
    if wrong:
        raise fault(table.where, "stations", wrong[0], f"use stations of {quantity}")
    by_station = {
        station.id: level
        for station in found
        if (level := _value(city, table, station)) is not None
    }
    if not by_station:
        raise fault(table.where, "value", table.raw.get("value"), "no station has such a level")
    return High(by_station, table.number("fall_by", 0.0))


def watching(city: City, table: RuleTable) -> tuple[Watching | None, tuple[str, ...]]:
    """The kind of the rule that looks at the course of gauges, and the stations it looks at."""
    if (given := table.sub("duration")) is not None:
        held = duration(city, given)
        return held, tuple(held.by_station)
    if (given := table.sub("repeat")) is not None:
        repeated = repeat(city, given)
        return repeated, tuple(repeated.by_station)
    if (given := table.sub("rate")) is not None:
        return rate(given), tuple(each.id for each in _points(city, given))
    if (given := table.sub("no_data")) is not None:
        return no_data(given), tuple(each.id for each in stations(city, given))
    if (given := table.sub("combined")) is not None:
        rule = combined(city, given)
        names = [name for one in rule.sets for each in one.high for name in each.by_station]
        return rule, tuple(dict.fromkeys(names))
    return None, ()


def forecast(table: RuleTable, level_rule: LevelRule | None) -> TidePeakRule | TownRule:
    """The forecast part of a rule."""
    kind = table.text("kind")
    if kind == "tide_peak":
        table.known("kind", "runs", "probability", "horizon_hours")
        if level_rule is None:
            raise fault(table.where, "kind", kind, "give the rule levels to compare with")
        shares = table.colours("probability", float)
        for name, share in shares.items():
            if not 0 < share <= 1:
                raise fault(table.where, f"probability.{name.word}", share, "write 0 to 1")
        return TidePeakRule(shares, timedelta(hours=table.number("horizon_hours")))
    if kind != "town":
        raise fault(table.where, "kind", kind, 'write "tide_peak" or "town"')
    table.known("kind", "runs", "colours")
    colours = {}
    for name, sets in table.colours("colours", list).items():
        for number, each in enumerate(sets, 1):
            if not isinstance(each, dict):
                raise fault(table.where, f"colours.{name.word}", each, "write { measure = least }")
            one = RuleTable(f"{table.where}, {name.word} {number}", each)
            one.known(*TOWN_MEASURES)
            for measure in each:
                one.number(measure)
        colours[name] = tuple(sets)
    return TownRule(colours)
