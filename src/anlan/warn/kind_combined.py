"""The kind "combined" of a rule as rules.toml says it: conditions at the same time."""

from __future__ import annotations

from anlan.city import City
from anlan.warn.kinds import HOLDS, hold, stations, value_of
from anlan.warn.rule import TOWN_MEASURES, CombinedRule, High, Together, Wet
from anlan.warn.rule_table import RuleTable, fault


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
        wet.append(
            Wet(
                given.hours("hours", given.raw.get("hours")),
                given.number("mm"),
                given.number("fall_by", 0.0),
            )
        )
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
        if (level := value_of(city, table, station)) is not None
    }
    if not by_station:
        raise fault(table.where, "value", table.raw.get("value"), "no station has such a level")
    return High(by_station, table.number("fall_by", 0.0))
