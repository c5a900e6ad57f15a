"""The state of a rule's gauges, from the archive's last hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from anlan.city import City, Station
from anlan.observe import archive
from anlan.store import schema
from anlan.warn.colour import Colour, colour
from anlan.warn.observed import (
    Observed,
    RainSum,
    Sample,
    levels_state,
    rain_state,
)
from anlan.warn.rules import LevelRule, RainRule, Rule, Watch

# What a rule may rest on: suspect and missing values never count.
USABLE_FLAGS = ("ok", "reconstructed")
Level = tuple[datetime, float]


def _ground(series: str, at: datetime) -> str:
    return archive.Observation(series, at, None, None, "", at).ground


class Gauges:
    """Gauges as known at one moment; each is read once, however many rules look at it."""

    def __init__(self, conn: Connection, city: City, now: datetime) -> None:
        self._conn = conn
        self._city = city
        self._now = now
        self._windows: dict[tuple[str, timedelta], list[archive.Observation]] = {}
        self._levels: dict[timedelta, dict[str, list[Level]]] = {}
        self._totals: dict[timedelta, dict[str, tuple[float, datetime]]] = {}

    def states(self, rule: Rule, watch: Watch, before: Mapping[str, str]) -> dict[str, Observed]:
        """State of each station of a watch; ``before`` are the colours of the last time."""
        found: dict[str, Observed] = {}
        for name in watch.stations:
            station = self._city.stations[name]
            if rule.levels is not None:
                found[name] = self._level(rule.levels, station, before.get(name, "none"))
            elif rule.rain is not None:
                found[name] = self._rain(rule.rain, station)
        return found

    def _window(self, station: Station, back: timedelta) -> list[archive.Observation]:
        key = (station.series, back)
        if key not in self._windows:
            readings = archive.window(self._conn, station.series, self._now - back, self._now)
            self._windows[key] = [
                each for each in readings if each.value is not None and each.flag in USABLE_FLAGS
            ]
        return self._windows[key]

    def _level(self, rule: LevelRule, station: Station, before: str) -> Observed:
        back = max(timedelta(hours=6), 2 * rule.hold.fall + rule.hold.max_gap)
        levels = rule.by_station.get(station.id, {})
        known = self._values(back).get(station.series, [])
        was = colour(before)
        if not was and known and levels:
            lowest = min(levels.values()) - max(rule.near_m, 0.0)
            if all(value < lowest for _, value in known):
                # Nothing came near any threshold: the newest reading is the answer.
                known = known[-1:]
        return levels_state(
            [Sample(at, value, _ground(station.series, at)) for at, value in known],
            levels,
            rule.hold,
            self._now,
            before=was,
            margin=rule.near_m,
        )

    def _values(self, back: timedelta) -> dict[str, list[Level]]:
        """Series of levels -> usable (valid time, value) within ``back``, oldest first."""
        if back not in self._levels:
            o = schema.observation.c
            series = [s.series for s in self._city.stations.values() if s.quantity != "rain"]
            rows = self._conn.execute(
                select(o.series, o.valid_at, o.value, o.flag)
                .where(
                    o.series.in_(series),
                    o.valid_at > self._now - back,
                    o.valid_at <= self._now,
                )
                .order_by(o.series, o.valid_at, o.recorded_at)
            )
            # of several versions of a reading the one recorded last
            newest = {(name, at): (value, flag) for name, at, value, flag in rows}
            found: dict[str, list[Level]] = {}
            for (name, at), (value, flag) in newest.items():
                if value is not None and flag in USABLE_FLAGS:
                    found.setdefault(name, []).append((at, float(value)))
            self._levels[back] = found
        return self._levels[back]

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
        return rain_state(
            [
                RainSum(
                    each.start_at or each.valid_at - station.cadence,
                    each.valid_at,
                    float(each.value or 0),
                    each.ground,
                )
                for each in self._window(station, back)
            ],
            rule.raises,
            rule.supports,
            self._now,
            rule.max_gap,
        )

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
                    o.flag.in_(USABLE_FLAGS),
                )
                .group_by(o.series)
            )
            self._totals[back] = {name: (float(mm), last) for name, mm, last in rows}
        return self._totals[back]
