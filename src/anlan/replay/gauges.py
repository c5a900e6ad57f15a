"""What the stations of a replayed world send, and when it arrives.

Transmission takes some minutes, some readings come twice, one gauge falls silent for hours and
one sends a second, different value: a chain that is fed by real stations meets all of it.
Everything follows from the seed.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.city import Station
from anlan.observe import Reading
from anlan.replay.parameters import Gauges
from anlan.store import ids

Floats = NDArray[np.float64]
FLAG = "reconstructed"
DECIMALS = {"rain": 1, "river_level": 2, "tide": 2, "wind": 1}
REPEAT_AFTER_S = (600.0, 2400.0)


@dataclass(frozen=True)
class Series:
    """What a station could measure: (T,) at ``ends`` (s since 1970), in the archive's unit.

    Rain is the amount in the step of ``dt_s`` that ends there; other quantities hold then.
    """

    station: Station
    ends: Floats
    dt_s: float
    values: Floats


@dataclass(frozen=True)
class Arrival:
    """A reading and the moment (s since 1970) at which it reaches the desk."""

    at: float
    reading: Reading


def _moment(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(round(epoch_s), UTC)


def _sampled(series: Series) -> tuple[Floats, Floats, timedelta]:
    """Valid times on the station's cadence, values there, cadence; rain is summed over it."""
    cadence = series.station.cadence
    step = cadence.total_seconds()
    first = np.ceil((series.ends[0] - series.dt_s) / step) * step
    if series.station.quantity == "rain":
        valid = np.arange(first + step, series.ends[-1] + 1e-6, step)
        fallen = np.concatenate(([0.0], np.cumsum(series.values)))
        edges = np.concatenate(([series.ends[0] - series.dt_s], series.ends))
        total = np.interp(valid, edges, fallen) - np.interp(valid - step, edges, fallen)
        return valid, total, cadence
    valid = np.arange(first, series.ends[-1] + 1e-6, step)
    valid = valid[valid >= series.ends[0]]
    return valid, np.interp(valid, series.ends, series.values), cadence


def _readings(series: Series, gauges: Gauges, seed: int) -> list[Arrival]:
    station = series.station
    valid, values, cadence = _sampled(series)
    chance = np.random.default_rng(ids.seed(seed, "gauge", station.id))
    if station.quantity in ("river_level", "tide"):
        values = values + gauges.level_noise_m * chance.standard_normal(values.size)
    delay = chance.random(values.size) * gauges.delay_max_min * 60.0
    repeated = chance.random(values.size) < gauges.repeat_share
    wait = chance.uniform(*REPEAT_AFTER_S, values.size)
    arrivals = []
    for k in range(values.size):
        moment = _moment(valid[k])
        reading = Reading(
            series=station.series,
            valid_at=moment,
            value=round(float(values[k]), DECIMALS[station.quantity]) + 0.0,
            start_at=moment - cadence if station.quantity == "rain" else None,
            flag=FLAG,
            source="replay",
        )
        arrivals.append(Arrival(valid[k] + delay[k], reading))
        if repeated[k]:
            arrivals.append(Arrival(valid[k] + delay[k] + wait[k], reading))
    return arrivals


def _pick(series: Sequence[Series], seed: int, quantities: tuple[str, ...]) -> Series | None:
    able = sorted(
        (
            s
            for s in series
            if s.station.quantity in quantities and s.station.role == "gauge" and s.values.size
        ),
        key=lambda s: s.station.id,
    )
    return able[seed % len(able)] if able else None


def _resend(arrivals: list[Arrival], series: Series, gauges: Gauges) -> list[Arrival]:
    """The wettest reading of a rain gauge, sent again with another value."""
    own = [a for a in arrivals if a.reading.series == series.station.series]
    first = max(own, key=lambda a: (a.reading.value or 0.0, -a.at))
    reading = first.reading
    changed = round((reading.value or 0.0) * gauges.resend_change, 1)
    again = Reading(
        reading.series, reading.valid_at, changed, reading.start_at, FLAG, reading.source
    )
    return [Arrival(first.at + gauges.resend_after_min * 60.0, again)]


class Transmission:
    """All that arrives during an event, in order of arrival."""

    def __init__(self, series: Sequence[Series], gauges: Gauges, seed: int) -> None:
        arrivals: list[Arrival] = []
        for each in series:
            arrivals += _readings(each, gauges, seed)
        dead = _pick(series, ids.seed(seed, "dead"), ("rain", "river_level"))
        self.dead: tuple[str, datetime, datetime] | None = None
        if dead is not None and gauges.dead_hours > 0:
            span = gauges.dead_hours * 3600.0
            room = max(dead.ends[-1] - dead.ends[0] - span, 0.0)
            start = dead.ends[0] + room * (ids.seed(seed, "dead hours") % 1000) / 1000.0
            name = dead.station.series
            self.dead = (name, _moment(start), _moment(start + span))
            arrivals = [
                a
                for a in arrivals
                if a.reading.series != name
                or not start <= a.reading.valid_at.timestamp() < start + span
            ]
        twice = _pick(series, ids.seed(seed, "resend"), ("rain",))
        if twice is not None:
            arrivals += _resend(arrivals, twice, gauges)
        arrivals.sort(key=lambda a: (a.at, a.reading.series, a.reading.valid_at))
        self._at = [a.at for a in arrivals]
        self._arrivals = arrivals

    def between(self, after: datetime, until: datetime) -> list[Reading]:
        """Readings that arrive in (after, until], in order of arrival."""
        first = bisect.bisect_right(self._at, after.timestamp())
        last = bisect.bisect_right(self._at, until.timestamp())
        return [a.reading for a in self._arrivals[first:last]]
