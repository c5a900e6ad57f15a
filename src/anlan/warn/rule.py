"""A warning rule and its kinds, as values. They come from rules.toml by `anlan.warn.rules`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anlan.cap import Category
from anlan.warn.colour import Colour
from anlan.warn.observed import Hold

#: What a forecast's assessment tells of a town, as rules may ask for it.
TOWN_MEASURES = (
    "attention_probability",
    "danger_probability",
    "places_attention_p50",
    "places_danger_p50",
    "max_rain_3h_p50",
    "max_rain_12h_p50",
    "residents_p50",
)
#: So many runs in a row must say so before a forecast alone raises a warning.
RUNS = 2
MOST_RUNS = 6


@dataclass(frozen=True)
class LevelRule:
    """A gauge's value against thresholds: colour -> by station id, in the station's unit.

    Levels are m on the city's datum, wind m/s.
    """

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
class DurationRule:
    """At or above a value without a break for so long: station id -> colour -> (value, span)."""

    by_station: Mapping[str, Mapping[Colour, tuple[float, timedelta]]]
    hold: Hold


@dataclass(frozen=True)
class RepeatRule:
    """Again and again: station id -> threshold; colour -> crossings begun within ``span``.

    A crossing begins at the first value at or above the threshold after one that lay more than
    ``fall_by`` below it.
    """

    by_station: Mapping[str, float]
    times: Mapping[Colour, int]
    span: timedelta
    fall_by: float
    hold: Hold


@dataclass(frozen=True)
class RateRule:
    """Rise (or fall) within ``span``: colour -> amount, in the unit of the values."""

    amounts: Mapping[Colour, float]
    span: timedelta
    falling: bool
    hold: Hold


@dataclass(frozen=True)
class NoDataRule:
    """Silence of a station: colour -> how long; over once it has reported for ``back``."""

    silences: Mapping[Colour, timedelta]
    back: timedelta


@dataclass(frozen=True)
class Wet:
    """Rain of a combined rule: at a gauge of the area, ``mm`` within the last ``hours``."""

    hours: float
    mm: float
    fall_by: float


@dataclass(frozen=True)
class High:
    """Level of a combined rule: at one of the stations at or above its value (m, city datum)."""

    by_station: Mapping[str, float]
    fall_by: float


@dataclass(frozen=True)
class Together:
    """One set of a combined rule: all of its conditions at the same time.

    ``impact``: least values of the forecast's town measures, empty without a forecast.
    """

    colour: Colour
    wet: tuple[Wet, ...]
    high: tuple[High, ...]
    impact: Mapping[str, float]


@dataclass(frozen=True)
class CombinedRule:
    """Sets of conditions on rain, river, tide and impact; one set with all met is enough."""

    sets: tuple[Together, ...]
    hold: Hold


Watching = DurationRule | RepeatRule | RateRule | NoDataRule | CombinedRule


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
    """One rule with everything it needs, bound to the city.

    ``runs``: so many runs in a row must agree before the forecast alone raises a warning, and so
    many must agree that it is over.
    """

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
    watching: Watching | None = None
    runs: int = RUNS

    @property
    def colours(self) -> tuple[Colour, ...]:
        """The colours that it can reach at all, lowest first."""
        found: set[Colour] = set()
        if self.levels is not None:
            found |= {each for own in self.levels.by_station.values() for each in own}
        if self.rain is not None:
            found |= self.rain.raises.keys()
        match self.watching:
            case DurationRule():
                found |= {each for own in self.watching.by_station.values() for each in own}
            case RepeatRule():
                found |= self.watching.times.keys()
            case RateRule():
                found |= self.watching.amounts.keys()
            case NoDataRule():
                found |= self.watching.silences.keys()
            case CombinedRule():
                found |= {each.colour for each in self.watching.sets}
        match self.forecast:
            case TidePeakRule():
                found |= self.forecast.probability.keys()
            case TownRule():
                found |= self.forecast.colours.keys()
        return tuple(sorted(found))


@dataclass(frozen=True)
class Silence:
    """Rules held silent for a time, up to a colour: a gauge under repair, a sluice being tried.

    ``rules`` and ``areas`` (codes): empty for all. Times UTC. Nothing above ``up_to`` is held.
    """

    start: datetime
    end: datetime
    up_to: Colour
    reason: str
    rules: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inhibition:
    """A warning of ``by`` or above holds back those of ``holds`` or below in its own area.

    ``events``: among these, whichever; empty: among warnings of one and the same event.
    """

    by: Colour
    holds: Colour
    events: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """All rules of a city and what they share."""

    rules: tuple[Rule, ...]
    approver_roles: tuple[str, ...]
    approve_within: Mapping[Colour, timedelta]
    max_run_age: timedelta
    lower_hold: timedelta
    extend_before: timedelta
    silences: tuple[Silence, ...] = field(default=())
    inhibitions: tuple[Inhibition, ...] = field(default=())

    def rule(self, rule_id: str) -> Rule | None:
        """The rule with this id; None for relayed warnings and rules since removed."""
        return next((each for each in self.rules if each.id == rule_id), None)

    @property
    def most_runs(self) -> int:
        """How many of the newest runs the rules look at."""
        return max((each.runs for each in self.rules), default=RUNS)
