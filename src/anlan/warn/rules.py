"""The city's warning rules (``rules.toml``), read, checked and bound to its areas and gauges.

The file's shape, every key with its unit, and a worked example of each kind: docs/rules.md. A
rule looks at gauges in one way (levels, rain, duration, repeat, rate, no_data or combined), at
the forecast, or at both. An unknown key is refused with the nearest that there is.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from anlan.cap import Category
from anlan.city import City
from anlan.warn import kinds
from anlan.warn.areas import rain_gauges, town_or_self
from anlan.warn.colour import Colour
from anlan.warn.kept import Kept
from anlan.warn.kind_combined import combined
from anlan.warn.kind_forecast import forecast as read_forecast
from anlan.warn.kind_forecast import runs as read_runs
from anlan.warn.rule import (
    RUNS,
    CombinedRule,
    Inhibition,
    LevelRule,
    RainRule,
    Rule,
    Rules,
    Silence,
    TidePeakRule,
    TownRule,
    Watch,
    Watching,
)
from anlan.warn.rule_table import FILE, RuleTable, fault

#: The ways in which a rule looks at gauges; one of them in a rule.
SEEN = ("levels", "rain", "duration", "repeat", "rate", "no_data", "combined")
LONGEST_SILENCE = timedelta(days=31)
EACH = ("each_town", "each_station", "by_town")


def load_rules(city: City) -> Rules:
    """The rules of ``city``.

    Raises:
        Refusal: naming rule, key, value and remedy of the first fault.
    """
    return _kept.of(city)


def read_rules(city: City, path: Path) -> Rules:
    """Rules from any file, bound to ``city``; none where there is no file.

    Raises:
        Refusal: as `load_rules`.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Rules((), (), {}, timedelta(hours=12), timedelta(hours=2), timedelta(hours=1))
    except OSError as error:
        raise fault("file", FILE, str(path), f"it cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise fault("file", FILE, str(error), "valid TOML in UTF-8") from None
    top = RuleTable("file", raw)
    top.known(
        "approver_roles",
        "max_run_age_hours",
        "lower_hold_minutes",
        "extend_before_minutes",
        "approve_within_minutes",
        "rule",
        "silence",
        "inhibit",
    )
    within = top.colours("approve_within_minutes", float, needed=False)
    rules = tuple(_rule(city, each) for each in top.tables("rule"))
    names = [rule.id for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise fault("rule", "id", name, "give each rule its own id")
    return Rules(
        rules=rules,
        approver_roles=tuple(top.list("approver_roles")),
        approve_within={key: timedelta(minutes=value) for key, value in within.items()},
        max_run_age=timedelta(hours=top.number("max_run_age_hours", 12.0)),
        lower_hold=top.minutes("lower_hold_minutes", 120.0),
        extend_before=top.minutes("extend_before_minutes", 60.0),
        silences=tuple(_silence(city, each, names) for each in top.tables("silence")),
        inhibitions=tuple(_inhibition(each, rules) for each in top.tables("inhibit")),
    )


_kept = Kept(FILE, lambda city: read_rules(city, Path(city.folder) / FILE))


def tide_levels(city: City) -> dict[str, float]:
    """Colour → level of the rule that watches the forecast's tide station, m on the city's datum.

    Empty for a city without such a rule.
    """
    station = str(city.settings.get("forecast", {}).get("tide_station", ""))
    for rule in load_rules(city).rules:
        if isinstance(rule.forecast, TidePeakRule) and rule.levels is not None:
            found = rule.levels.by_station.get(station, {})
            return {colour.word: level for colour, level in found.items()}
    return {}


def _rule(city: City, table: RuleTable) -> Rule:
    table.known(
        *("id", "event", "name", "name_en", "code", "categories", "source", "assumed", "areas"),
        *SEEN,
        "forecast",
    )
    ways = [way for way in SEEN if way in table.raw]
    if len(ways) > 1:
        raise fault(
            table.where, ways[1], "…", f"it has {ways[0]} already; give it a rule of its own"
        )
    levels, rain, forecast = table.sub("levels"), table.sub("rain"), table.sub("forecast")
    if not ways and forecast is None:
        raise fault(table.where, "levels", None, f"give {', '.join(SEEN)} or forecast")
    level_rule = None if levels is None else kinds.levels(city, levels)
    watching, speaking = _watching(city, table)
    if level_rule is not None:
        speaking = tuple(level_rule.by_station)
    if isinstance(watching, CombinedRule) and forecast is not None:
        raise fault(table.where, "forecast", "…", "put the impact into the sets of combined")
    if isinstance(watching, CombinedRule) and table.raw.get("areas") in EACH[1:]:
        raise fault(table.where, "areas", table.raw["areas"], 'write lists of codes or "each_town"')
    rainy = rain is not None or (
        isinstance(watching, CombinedRule) and any(each.wet for each in watching.sets)
    )
    try:
        categories = tuple(Category(each) for each in table.list("categories"))
    except ValueError:
        raise fault(table.where, "categories", table.raw["categories"], "use CAP's words") from None
    runs = RUNS if forecast is None else read_runs(forecast)
    return Rule(
        id=table.text("id"),
        event=table.text("event"),
        name=table.text("name"),
        name_en=table.text("name_en"),
        code=table.text("code"),
        categories=categories,
        source=table.text("source"),
        assumed=_flag(table, "assumed"),
        levels=level_rule,
        rain=None if rain is None else kinds.rain(rain),
        forecast=None if forecast is None else read_forecast(forecast, level_rule),
        watches=_watches(city, table, speaking, rainy),
        watching=watching,
        runs=runs,
    )


def _watching(city: City, table: RuleTable) -> tuple[Watching | None, tuple[str, ...]]:
    """The kind of the rule that looks at the course of gauges, and the stations it looks at."""
    if (given := table.sub("duration")) is not None:
        held = kinds.duration(city, given)
        return held, tuple(held.by_station)
    if (given := table.sub("repeat")) is not None:
        repeated = kinds.repeat(city, given)
        return repeated, tuple(repeated.by_station)
    if (given := table.sub("rate")) is not None:
        return kinds.rate(given), tuple(each.id for each in kinds.points(city, given))
    if (given := table.sub("no_data")) is not None:
        return kinds.no_data(given), tuple(each.id for each in kinds.stations(city, given))
    if (given := table.sub("combined")) is not None:
        rule = combined(city, given)
        names = [name for one in rule.sets for each in one.high for name in each.by_station]
        return rule, tuple(dict.fromkeys(names))
    return None, ()


def _flag(table: RuleTable, key: str) -> bool:
    value = table.raw.get(key, False)
    if not isinstance(value, bool):
        raise fault(table.where, key, value, "write true or false")
    return value


def _watches(
    city: City, table: RuleTable, speaking: tuple[str, ...], rain: bool
) -> tuple[Watch, ...]:
    areas = table.raw.get("areas")
    own = {name: town_or_self(city, city.stations[name].territory) for name in speaking}
    if areas == "each_station":
        return tuple(Watch((own[name],), (name,)) for name in speaking)
    if areas == "by_town":
        # all stations of a town speak for it together: one warning, however many cross
        return tuple(
            Watch((code,), tuple(name for name in speaking if own[name] == code))
            for code in dict.fromkeys(own.values())
        )
    if areas == "each_town":
        groups = [[town.code] for town in city.territory.towns()]
    elif isinstance(areas, list) and areas and all(isinstance(each, list) for each in areas):
        groups = areas
    else:
        choices = ", ".join(f'"{each}"' for each in EACH)
        raise fault(table.where, "areas", areas, f"write lists of codes, or one of {choices}")
    watches = []
    for codes in groups:
        for code in codes:
            city.territory.unit(code)
        gauges = rain_gauges(city, codes) if rain else ()
        watches.append(Watch(tuple(codes), tuple(dict.fromkeys((*speaking, *gauges)))))
    return tuple(watches)


def _silence(city: City, table: RuleTable, known: list[str]) -> Silence:
    table.known("rules", "areas", "from", "until", "up_to", "reason")
    rules = table.list("rules") if "rules" in table.raw else []
    for name in rules:
        if name not in known:
            raise fault(table.where, "rules", name, f"use one of {', '.join(known)}")
    areas = table.list("areas") if "areas" in table.raw else []
    for code in areas:
        city.territory.unit(code)
    start, end = _moment(table, "from"), _moment(table, "until")
    if not start < end <= start + LONGEST_SILENCE:
        days = LONGEST_SILENCE.days
        raise fault(
            table.where,
            "until",
            str(table.raw["until"]),
            f"give a time after from, {days} days at most",
        )
    up_to = table.colour("up_to", Colour.YELLOW)
    if up_to is Colour.RED:
        raise fault(table.where, "up_to", "red", "write blue, yellow or orange; red is never held")
    return Silence(start, end, up_to, table.text("reason"), tuple(rules), tuple(areas))


def _moment(table: RuleTable, key: str) -> datetime:
    value: Any = table.raw.get(key)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise fault(
            table.where, key, value, "write a time with its offset: 2021-07-25T08:00:00+08:00"
        )
    return value.astimezone(UTC)


def _inhibition(table: RuleTable, rules: tuple[Rule, ...]) -> Inhibition:
    table.known("by", "holds", "events")
    by, holds = table.colour("by"), table.colour("holds")
    if holds >= by:
        raise fault(table.where, "holds", holds.word, "name a lower colour than by")
    events = table.list("events") if "events" in table.raw else []
    known = {rule.event for rule in rules}
    for name in events:
        if name not in known:
            raise fault(table.where, "events", name, f"use one of {', '.join(sorted(known))}")
    return Inhibition(by, holds, tuple(events))


__all__ = [
    "LevelRule",
    "RainRule",
    "Rule",
    "Rules",
    "TidePeakRule",
    "TownRule",
    "Watch",
    "load_rules",
    "read_rules",
    "tide_levels",
]
