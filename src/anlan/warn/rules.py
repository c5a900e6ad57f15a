"""The city's warning rules (``rules.toml``), read, checked and bound to its areas and gauges.

Shape of the file::

    approver_roles = ["commander", "duty_officer"]   # who may approve
    max_run_age_hours = 12                           # an older run no longer speaks
    lower_hold_minutes = 120                         # how long a fall waits before it is drafted
    extend_before_minutes = 60                       # a warning still in force is renewed before
    [approve_within_minutes]                         # a draft nobody approves escalates after
    blue = 60 …

    [[rule]]
    id = "storm-tide"            # stays the same for ever: journal and state refer to it
    event = "storm_tide"         # kind, as in city.toml [authority]
    name = "风暴潮"
    name_en = "storm tide"
    code = "11E02"               # eventCode
    categories = ["Met"]         # CAP
    source = "…"                 # where the numbers come from
    assumed = true               # some of them are not published
    areas = [["330482101000", "330482108000"]]   # or "each_town", or "each_station"

    [rule.levels]                # kind "level": a gauge against levels
    quantity = "tide"            # stations of this quantity, or stations = ["zhapu"]
    datum = "gauge_zero"         # of the numbers below
    colours = { blue = 5.8 }     # or "warning", "guarantee", "guarantee+0.5": the station's own
    hold_minutes = 10            # h1
    fall_minutes = 120           # h2
    fall_by_m = 0.2              # d
    max_gap_minutes = 60         # longer silence is no data
    near_m = 0.5                 # so close a gauge lends weight to a forecast

    [rule.rain]                  # kind "rain": trailing sums of gauges in or nearest to the area
    raises = { blue = [12, 50] } # hours, mm
    supports = { orange = [3, 50] }
    max_gap_minutes = 90

    [rule.forecast]
    kind = "tide_peak"           # share of members whose peak reaches the level; or "town"
    probability = { blue = 0.5 } # tide_peak
    horizon_hours = 48
    [rule.forecast.colours]      # town: each colour, one of several sets of least values
    blue = [{ attention_probability = 0.5 }]
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from anlan.cap import Category
from anlan.city import City, Station
from anlan.warn.areas import rain_gauges, town_or_self
from anlan.warn.colour import Colour
from anlan.warn.kept import Kept
from anlan.warn.observed import Hold
from anlan.warn.rule_table import FILE, RuleTable, fault

TOWN_MEASURES = (
    "attention_probability",
    "danger_probability",
    "places_attention_p50",
    "places_danger_p50",
    "max_rain_3h_p50",
    "max_rain_12h_p50",
    "residents_p50",
)


@dataclass(frozen=True)
class LevelRule:
    """A gauge's level against thresholds: colour -> m on the city's datum, by station id."""

    by_station: Mapping[str, Mapping[Colour, float]]
    hold: Hold
    near_m: float


@dataclass(frozen=True)
class RainRule:
    """Trailing sums: colour -> (hours, mm)."""

    raises: Mapping[Colour, tuple[float, float]]
    supports: Mapping[Colour, tuple[float, float]]
    max_gap: timedelta


@dataclass(frozen=True)
class TidePeakRule:
    """Share of members whose peak reaches the colour's level within the horizon."""

    probability: Mapping[Colour, float]
    horizon: timedelta


@dataclass(frozen=True)
class TownRule:
    """colour -> sets of least values; one set with all of its values reached is enough."""

    colours: Mapping[Colour, tuple[Mapping[str, float], ...]]


@dataclass(frozen=True)
class Watch:
    """A rule in one area: codes of its units, and the stations that speak for it."""

    area: tuple[str, ...]
    stations: tuple[str, ...]

    @property
    def key(self) -> str:
        """The area as stored: codes joined by blanks."""
        return " ".join(self.area)


@dataclass(frozen=True)
class Rule:
    """One rule with everything it needs, bound to the city."""

    id: str
    event: str
    name: str
    name_en: str
    code: str
    categories: tuple[Category, ...]
    source: str
    assumed: bool
    levels: LevelRule | None
    rain: RainRule | None
    forecast: TidePeakRule | TownRule | None
    watches: tuple[Watch, ...]


@dataclass(frozen=True)
class Rules:
    """All rules of a city and what they share."""

    rules: tuple[Rule, ...]
    approver_roles: tuple[str, ...]
    approve_within: Mapping[Colour, timedelta]
    max_run_age: timedelta
    lower_hold: timedelta
    extend_before: timedelta

    def rule(self, rule_id: str) -> Rule | None:
        """The rule with this id; None for relayed warnings and rules since removed."""
        return next((each for each in self.rules if each.id == rule_id), None)


def load_rules(city: City) -> Rules:
    """The rules of ``city``.

    Raises:
        Refusal: naming rule, key, value and remedy of the first fault.
    """
    return _kept.of(city)


def _read_rules(city: City) -> Rules:
    path = Path(city.folder) / FILE
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Rules((), (), {}, timedelta(hours=12), timedelta(hours=2), timedelta(hours=1))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise fault("file", FILE, str(error), "valid TOML in UTF-8") from None
    top = RuleTable("file", raw)
    within = top.colours("approve_within_minutes", float, needed=False)
    rules = Rules(
        rules=tuple(_rule(city, RuleTable("rule", each)) for each in raw.get("rule", [])),
        approver_roles=tuple(top.list("approver_roles")),
        approve_within={key: timedelta(minutes=value) for key, value in within.items()},
        max_run_age=timedelta(hours=top.number("max_run_age_hours", 12.0)),
        lower_hold=timedelta(minutes=top.number("lower_hold_minutes", 120.0)),
        extend_before=timedelta(minutes=top.number("extend_before_minutes", 60.0)),
    )
    names = [rule.id for rule in rules.rules]
    for name in names:
        if names.count(name) > 1:
            raise fault("rule", "id", name, "give each rule its own id")
    return rules


_kept = Kept(FILE, _read_rules)


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
    levels = table.sub("levels")
    rain = table.sub("rain")
    forecast = table.sub("forecast")
    level_rule = None if levels is None else _levels(city, levels)
    if level_rule is None and rain is None and forecast is None:
        raise fault(table.where, "levels", None, "give levels, rain or forecast")
    try:
        categories = tuple(Category(each) for each in table.list("categories"))
    except ValueError:
        raise fault(table.where, "categories", table.raw["categories"], "use CAP's words") from None
    return Rule(
        id=table.text("id"),
        event=table.text("event"),
        name=table.text("name"),
        name_en=table.text("name_en"),
        code=table.text("code"),
        categories=categories,
        source=table.text("source"),
        assumed=bool(table.raw.get("assumed", False)),
        levels=level_rule,
        rain=None if rain is None else _rain(rain),
        forecast=None if forecast is None else _forecast(forecast, level_rule),
        watches=_watches(city, table, level_rule, rain is not None),
    )


def _levels(city: City, table: RuleTable) -> LevelRule:
    if "stations" in table.raw:
        names = table.list("stations")
        unknown = [name for name in names if name not in city.stations]
        if unknown:
            raise fault(table.where, "stations", unknown[0], "use an id of stations.csv")
        stations = [city.stations[name] for name in names]
    else:
        quantity = table.text("quantity")
        stations = [each for each in city.stations.values() if each.quantity == quantity]
    hold = Hold(
        rise=timedelta(minutes=table.number("hold_minutes")),
        fall=timedelta(minutes=table.number("fall_minutes")),
        fall_by=table.number("fall_by_m"),
        max_gap=timedelta(minutes=table.number("max_gap_minutes")),
    )
    if hold.fall <= hold.rise:
        raise fault(
            table.where,
            "fall_minutes",
            table.raw["fall_minutes"],
            "make it longer than hold_minutes",
        )
    given = table.colours("colours", (int, float, str))
    datum = table.text("datum", city.datum)
    by_station = {}
    for station in stations:
        own = {
            name: level
            for name, value in given.items()
            if (level := _level(city, table, station, value, datum)) is not None
        }
        if own:
            _rising(table, "colours", list(own.values()))
            by_station[station.id] = own
    return LevelRule(by_station, hold, table.number("near_m", 0.0))


def _level(
    city: City, table: RuleTable, station: Station, value: float | str, datum: str
) -> float | None:
    """A threshold on the city's datum; None where the station has no such published level."""
    if not isinstance(value, str):
        return city.level(float(value), datum)
    match = re.fullmatch(r"(warning|guarantee)(?:\+(\d+(?:\.\d+)?))?", value.replace(" ", ""))
    if match is None:
        raise fault(table.where, "colours", value, 'write m, "warning" or "guarantee+0.5"')
    published: float | None = getattr(station, match[1])
    return None if published is None else published + float(match[2] or 0)


def _rising(table: RuleTable, key: str, values: list[float]) -> None:
    if any(after <= before for before, after in itertools.pairwise(values)):
        raise fault(table.where, key, values, "let each colour lie above the one before")


def _pairs(table: RuleTable, key: str) -> dict[Colour, tuple[float, float]]:
    found = {}
    for name, value in table.colours(key, list, needed=False).items():
        if len(value) != 2 or not all(isinstance(each, int | float) for each in value):
            raise fault(table.where, f"{key}.{name.word}", value, "write [hours, mm]")
        found[name] = (float(value[0]), float(value[1]))
    return found


def _rain(table: RuleTable) -> RainRule:
    return RainRule(
        _pairs(table, "raises"),
        _pairs(table, "supports"),
        timedelta(minutes=table.number("max_gap_minutes")),
    )


def _forecast(table: RuleTable, levels: LevelRule | None) -> TidePeakRule | TownRule:
    kind = table.text("kind")
    if kind == "tide_peak":
        if levels is None:
            raise fault(table.where, "kind", kind, "give the rule levels to compare with")
        shares = table.colours("probability", float)
        for name, share in shares.items():
            if not 0 < share <= 1:
                raise fault(table.where, f"probability.{name.word}", share, "write 0 to 1")
        return TidePeakRule(shares, timedelta(hours=table.number("horizon_hours")))
    if kind != "town":
        raise fault(table.where, "kind", kind, 'write "tide_peak" or "town"')
    colours: dict[Colour, tuple[Mapping[str, float], ...]] = {}
    for name, sets in table.colours("colours", list).items():
        for each in sets:
            for measure, least in each.items():
                if measure not in TOWN_MEASURES:
                    choices = ", ".join(TOWN_MEASURES)
                    raise fault(table.where, f"colours.{name.word}", measure, f"use {choices}")
                if not isinstance(least, int | float) or isinstance(least, bool):
                    raise fault(table.where, measure, least, "write a number")
        colours[name] = tuple(sets)
    return TownRule(colours)


def _watches(
    city: City, table: RuleTable, levels: LevelRule | None, rain: bool
) -> tuple[Watch, ...]:
    areas = table.raw.get("areas")
    speaking = tuple(levels.by_station) if levels else ()
    if areas == "each_station":
        return tuple(
            Watch((town_or_self(city, city.stations[name].territory),), (name,))
            for name in speaking
        )
    if areas == "each_town":
        groups = [[town.code] for town in city.territory.towns()]
    elif isinstance(areas, list) and areas and all(isinstance(each, list) for each in areas):
        groups = areas
    else:
        raise fault(
            table.where, "areas", areas, 'write lists of codes, "each_town" or "each_station"'
        )
    watches = []
    for codes in groups:
        for code in codes:
            city.territory.unit(code)
        watches.append(Watch(tuple(codes), rain_gauges(city, codes) if rain else speaking))
    return tuple(watches)
