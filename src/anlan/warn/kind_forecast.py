"""The forecast part of a rule as rules.toml says it."""

from __future__ import annotations

from datetime import timedelta

from anlan.warn.rule import MOST_RUNS, RUNS, TOWN_MEASURES, LevelRule, TidePeakRule, TownRule
from anlan.warn.rule_table import RuleTable, fault


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


def runs(table: RuleTable) -> int:
    """How many runs in a row must agree."""
    given = table.raw.get("runs", RUNS)
    if isinstance(given, bool) or not isinstance(given, int) or not RUNS <= given <= MOST_RUNS:
        raise fault(table.where, "runs", given, f"write {RUNS} to {MOST_RUNS} runs in a row")
    return given
