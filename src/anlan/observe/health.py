"""How each station is doing: its last reading, what is missing, what is doubted, what is wrong."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from anlan.city import City, Station
from anlan.city.limits import Limits
from anlan.observe import archive, judging, quality
from anlan.observe.archive import Observation
from anlan.store import schema

SPAN = timedelta(hours=24)
# below this share of its readings a station is said to have gaps
ENOUGH = 0.9
#: What can be wrong, the most serious first.
PROBLEMS = ("never", "silent", "clock", "range", "flat", "spike", "neighbour", "gaps", "battery")


@dataclass(frozen=True)
class Health:
    """One station at one moment.

    Attributes:
        last: its newest reading with a value, with doubts; None without any.
        delay: middle of the times from measuring to arrival over the last 24 h.
        received, expected: readings with a value over the last 24 h (or since its first one), and
            how many its cadence promises.
        battery: newest voltage of its battery, with doubts; None where it reports none.
        flags: rule -> readings of the last 24 h that it flagged.
        problems: what is wrong now, names from `PROBLEMS`.
    """

    station: Station
    last: Observation | None
    delay: timedelta | None
    received: int
    expected: int
    battery: Observation | None
    flags: Mapping[str, int]
    problems: tuple[str, ...]

    @property
    def share(self) -> float | None:
        """Share of the expected readings that came; None when none could be expected yet."""
        return min(self.received / self.expected, 1.0) if self.expected else None


def assess(
    station: Station,
    limits: Limits,
    day: Sequence[Observation],
    last: Observation | None,
    first_at: datetime | None,
    battery: Observation | None,
    moment: datetime,
) -> Health:
    """The health of a station. Pure.

    Args:
        day: its readings of the last 24 h, and those ahead of the present, with doubts.
        last: its newest reading with a value, however old.
        first_at: valid time of the oldest reading that there is.
    """
    valued = [each for each in day if each.value is not None and each.valid_at <= moment]
    since = max(moment - SPAN, first_at - station.cadence) if first_at else moment
    expected = max(int((moment - since) / station.cadence), 0)
    flags = Counter(rule for each in day for rule in each.doubts)
    wrong: set[str] = set()
    if last is None:
        wrong.add("silent" if first_at else "never")
    elif moment - last.valid_at > quality.silence(limits, station.cadence):
        wrong.add("silent")
    else:
        wrong.update({"range", "flat", "spike", "neighbour"}.intersection(last.doubts))
        if last.flag == "suspect":
            wrong.add("range")
    if flags["clock"]:
        wrong.add("clock")
    # What may still be on its way is not missing yet; a new archive would be all gaps otherwise.
    due = (moment - since - quality.silence(limits, station.cadence)) / station.cadence
    if len(valued) < ENOUGH * int(max(due, 0.0)):
        wrong.add("gaps")
    if battery is not None and not battery.usable:
        wrong.add("battery")
    return Health(
        station=station,
        last=last,
        delay=_delay(valued),
        received=len(valued),
        expected=expected,
        battery=battery,
        flags={rule: flags[rule] for rule in quality.RULES if flags[rule]},
        problems=tuple(each for each in PROBLEMS if each in wrong),
    )


def _delay(readings: Sequence[Observation]) -> timedelta | None:
    if not readings:
        return None
    return statistics.median_low([each.recorded_at - each.valid_at for each in readings])


def stations(
    conn: Connection, city: City, *, now: datetime, as_of: datetime | None = None
) -> list[Health]:
    """Every station of the city, as known at ``as_of``; those with problems first."""
    moment = now if as_of is None else as_of
    seen: judging.Seen = {}
    found = [_station(conn, city, each, moment, as_of, seen) for each in city.stations.values()]
    rank = {name: number for number, name in enumerate(PROBLEMS)}
    return sorted(found, key=lambda each: min((rank[p] for p in each.problems), default=len(rank)))


def _station(
    conn: Connection,
    city: City,
    station: Station,
    moment: datetime,
    as_of: datetime | None,
    seen: judging.Seen,
) -> Health:
    # a clock that runs ahead is seen in readings that are not due yet
    end = moment + timedelta(hours=1)
    day = judging.window(
        conn, city, station.series, moment - SPAN, end, now=moment, as_of=as_of, seen=seen
    )
    last = next(
        (each for each in reversed(day) if each.value is not None and each.valid_at <= moment),
        None,
    ) or archive.latest(conn, [station.series], as_of).get(station.series)
    if last is not None and last.value is None:
        last = None
    o = schema.observation.c
    oldest = select(func.min(o.valid_at)).where(o.series == station.series)
    if as_of is not None:
        oldest = oldest.where(o.recorded_at <= as_of)
    battery = archive.latest(conn, [station.battery], as_of).get(station.battery)
    if battery is not None:
        (battery,) = judging.window(
            conn,
            city,
            station.battery,
            battery.valid_at - timedelta(milliseconds=1),
            battery.valid_at,
            now=moment,
            as_of=as_of,
        )
    return assess(
        station,
        city.limits[station.quantity],
        day,
        last,
        conn.execute(oldest).scalar_one(),
        battery,
        moment,
    )
