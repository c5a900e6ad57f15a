"""The state of a rule's gauges, from the archive's last hours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from anlan.city import City, Station
from anlan.observe import USABLE, archive, quality
from anlan.observe.windows import Windows
from anlan.store import schema
from anlan.warn.colour import Colour, colour
from anlan.warn.observed import (
    Observed,
    RainSum,
    Sample,
    levels_state,
    rain_state,
)
from anlan.warn.patterns import silence_state
from anlan.warn.rule import (
    CombinedRule,
    LevelRule,
    NoDataRule,
    RainRule,
    Rule,
    Watch,
)
from anlan.warn.spans import Span, spans
from anlan.warn.watched import Course, look_back, state_of, together, worth_judging

# so many readings set aside are named, the newest
NAMED = 3
Level = tuple[datetime, float]
Window = list[archive.Observation]


def _ground(series: str, at: datetime) -> str:
    return archive.Observation(series, at, None, None, "", at).ground


def _doubted(each: archive.Observation) -> bool:
    """Whether it would count but for the quality rules."""
    return bool(each.doubts) and not each.usable and each._replace(doubts=()).usable


def _named(aside: list[archive.Observation]) -> tuple[str, ...]:
    """Ids of the newest of them, each with the rules that flagged it."""
    return tuple(f"{each.ground} {' '.join(each.doubts)}" for each in aside[-NAMED:])


class Kept:
    """What one look at the gauges leaves for the next: readings, and what was made of them."""

    def __init__(self) -> None:
        self.windows = Windows()
        #: (series, back) -> the window, its usable sums, its readings set aside
        self.rain: dict[tuple[str, timedelta], tuple[Window, list[RainSum], tuple[str, ...]]] = {}


class Gauges:
    """Gauges as known at one moment; each is read once, however many rules look at it.

    ``kept``: of the look before, by the same city; what did not change is not read again.
    """

    def __init__(
        self, conn: Connection, city: City, now: datetime, kept: Kept | None = None
    ) -> None:
        self._conn = conn
        self._city = city
        self._now = now
        self._kept = kept or Kept()
        self._look = self._kept.windows.look(conn, city, now)
        self._windows: dict[tuple[str, timedelta], Window] = {}
        self._levels: dict[tuple[timedelta, tuple[str, ...]], dict[str, Span]] = {}
        self._of_rules: dict[tuple[int, timedelta], tuple[LevelRule, dict[str, Span]]] = {}
        self._totals: dict[timedelta, dict[str, tuple[float, datetime]]] = {}
        self._last: dict[timedelta, dict[str, datetime]] = {}
        self._states: dict[tuple[str, str], tuple[Mapping[str, str], dict[str, Observed]]] = {}

    def go_on(self, conn: Connection) -> None:
        """Read what is still missing over ``conn``; what was read stays as it was known then."""
        self._conn = conn
        self._look.go_on(conn)

    def states(self, rule: Rule, watch: Watch, before: Mapping[str, str]) -> dict[str, Observed]:
        """State of each station of a watch; ``before`` are the colours of the last time."""
        kept = self._states.get((rule.id, watch.key))
        if kept is None or kept[0] != before:
            kept = self._states[rule.id, watch.key] = before, self._find(rule, watch, before)
        return kept[1]

    def _find(self, rule: Rule, watch: Watch, before: Mapping[str, str]) -> dict[str, Observed]:
        if isinstance(rule.watching, CombinedRule):
            return together(rule.watching, watch, before, self._now, self._samples, self._sums)
        found: dict[str, Observed] = {}
        for name in watch.stations:
            station = self._city.stations[name]
            if isinstance(rule.watching, NoDataRule):
                found[name] = self._silent(rule.watching, station, before.get(name, "none"))
            elif rule.watching is not None:
                found[name] = self._course(rule.watching, station, before.get(name, "none"))
            elif rule.levels is not None:
                found[name] = self._level(rule.levels, station, before.get(name, "none"))
            elif rule.rain is not None:
                found[name] = self._rain(rule.rain, station)
        return found

    def _window(self, station: Station, back: timedelta) -> Window:
        """All readings of ``back`` with what the quality rules say of them."""
        key = (station.series, back)
        if key not in self._windows:
            self._windows[key] = self._look.window(station, back)
        return self._windows[key]

    def _level(self, rule: LevelRule, station: Station, before: str) -> Observed:
        back = max(timedelta(hours=6), 2 * rule.hold.fall + rule.hold.max_gap)
        levels = rule.by_station.get(station.id, {})
        known = self._spans(rule, back).get(station.series)
        was = colour(before)
        lowest = min(levels.values(), default=math.inf) - max(rule.near_m, 0.0)
        limits = self._city.limits[station.quantity]
        if not was and (known is None or not known.worth_judging(limits, lowest)):
            # Nothing came near any threshold: the newest reading is the answer.
            return self._folded(rule, station, [known.newest] if known else [], was)
        read = self._window(station, back)
        good = [(each.valid_at, float(each.value or 0)) for each in read if each.usable]
        if good and self._now - good[-1][0] > self._silence(station):
            # What happened before a silence neither raises nor ends anything now.
            newest = good[-1]
            found = Observed(was, present=False, value=newest[1], at=newest[0])
        else:
            found = self._folded(rule, station, good, was)
        aside = [each for each in read if _doubted(each)]
        counted = [each for each in aside if was or float(each.value or 0) >= lowest]
        return replace(found, set_aside=_named(counted))

    def _course(self, rule: Course, station: Station, before: str) -> Observed:
        back = look_back(rule)
        was = colour(before)
        known = self._raw(station, back)
        if not was and not worth_judging(rule, station.id, [value for _, value in known]):
            samples = [Sample(at, value, _ground(station.series, at)) for at, value in known]
            return state_of(rule, station.id, samples, self._now, was)
        samples = self._samples(station.id, back)
        if samples and self._now - samples[-1].at > self._silence(station):
            newest = samples[-1]
            found = Observed(was, present=False, value=newest.value, at=newest.at)
        else:
            found = state_of(rule, station.id, samples, self._now, was)
        aside = [each for each in self._window(station, back) if _doubted(each)]
        return replace(found, set_aside=_named(aside) if was or found.colour else ())

    def _silent(self, rule: NoDataRule, station: Station, before: str) -> Observed:
        was = colour(before)
        back = max(rule.silences.values()) + rule.back
        last = self._heard(back).get(station.series)
        if not was and last is not None and self._now - last < min(rule.silences.values()):
            return Observed(Colour.NONE, present=True, at=last)
        # what the quality rules doubt was heard all the same: that is for the station's health
        heard = self._raw(station, back)
        return silence_state(
            [Sample(at, value, _ground(station.series, at)) for at, value in heard],
            rule.silences,
            rule.back,
            self._now,
            self._now - back,
            before=was,
        )

    def _samples(self, name: str, back: timedelta) -> list[Sample]:
        """Usable values of a station within ``back``, oldest first, after the quality rules."""
        read = self._window(self._city.stations[name], back)
        return [
            Sample(each.valid_at, float(each.value or 0), each.ground)
            for each in read
            if each.usable
        ]

    def _sums(self, name: str, back: timedelta) -> list[RainSum]:
        """Usable sums of a rain gauge within ``back``, by their end, after the quality rules."""
        return self._fallen(self._city.stations[name], back)[0]

    def _fallen(self, station: Station, back: timedelta) -> tuple[list[RainSum], tuple[str, ...]]:
        """Its usable sums, and names of its readings set aside."""
        window, key = self._window(station, back), (station.series, back)
        kept = self._kept.rain.get(key)
        if kept is None or kept[0] is not window:
            sums = [
                RainSum(
                    each.start_at or each.valid_at - station.cadence,
                    each.valid_at,
                    float(each.value or 0),
                    each.ground,
                )
                for each in window
                if each.usable
            ]
            kept = window, sums, _named([each for each in window if _doubted(each)])
            self._kept.rain[key] = kept
        return kept[1:]

    def _raw(self, station: Station, back: timedelta) -> list[Level]:
        """Usable values of a station within ``back``, oldest first, before the quality rules."""
        read = archive.window(self._conn, station.series, self._now - back, self._now)
        return [
            (each.valid_at, each.value)
            for each in read
            if each.value is not None and each.flag in USABLE
        ]

    def _heard(self, back: timedelta) -> dict[str, datetime]:
        """Series -> newest usable valid time within ``back``."""
        if back not in self._last:
            o = schema.observation.c
            rows = self._conn.execute(
                select(o.series, func.max(o.valid_at).label("last"))
                .where(
                    o.valid_at > self._now - back,
                    o.valid_at <= self._now,
                    o.value.is_not(None),
                    o.flag.in_(USABLE),
                )
                .group_by(o.series)
            )
            self._last[back] = {row.series: row.last for row in rows}
        return self._last[back]

    def _silence(self, station: Station) -> timedelta:
        return quality.silence(self._city.limits[station.quantity], station.cadence)

    def _folded(
        self, rule: LevelRule, station: Station, known: list[Level], was: Colour
    ) -> Observed:
        return levels_state(
            [Sample(at, value, _ground(station.series, at)) for at, value in known],
            rule.by_station.get(station.id, {}),
            rule.hold,
            self._now,
            before=was,
            margin=rule.near_m,
        )

    def _spans(self, rule: LevelRule, back: timedelta) -> dict[str, Span]:
        """Series of the rule's stations -> what came of it within ``back``."""
        mine = (id(rule), back)
        if mine not in self._of_rules:  # asked for every station of the rule, of which it has many
            series = tuple(self._city.stations[name].series for name in rule.by_station)
            key = (back, series)
            if key not in self._levels:
                self._levels[key] = spans(self._conn, series, self._now - back, self._now)
            self._of_rules[mine] = rule, self._levels[key]
        return self._of_rules[mine][1]

    def _rain(self, rule: RainRule, station: Station) -> Observed:
        pairs = [*rule.raises.values(), *rule.supports.values()]
        if not pairs:
            return Observed(Colour.NONE, present=False)
        back = timedelta(hours=max(hours for hours, _ in pairs)) + station.cadence
        total, last = self._total(back).get(station.series, (0.0, None))
        if total < min(mm for _, mm in pairs):
            # All that fell in the longest span is less than the least threshold of any span.
            present = last is not None and self._now - last <= rule.max_gap
            return Observed(Colour.NONE, present, at=last)
        sums, aside = self._fallen(station, back)
        found = rain_state(sums, rule.raises, rule.supports, self._now, rule.max_gap)
        return replace(found, set_aside=aside)

    def _total(self, back: timedelta) -> dict[str, tuple[float, datetime]]:
        """Series of rain -> (mm within ``back``, newest usable valid time).

        Corrected values count beside those they correct, so that this is never too little.
        """
        if back not in self._totals:
            o = schema.observation.c
            series = [s.series for s in self._city.stations.values() if s.quantity == "rain"]
            rows = self._conn.execute(
                select(o.series, func.sum(o.value), func.max(o.valid_at))
                .where(
                    o.series.in_(series),
                    o.valid_at > self._now - back,
                    o.valid_at <= self._now,
                    o.value.is_not(None),
                    o.flag.in_(USABLE),
                )
                .group_by(o.series)
            )
            self._totals[back] = {name: (float(mm), last) for name, mm, last in rows}
        return self._totals[back]
