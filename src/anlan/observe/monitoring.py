"""How far and how fast watched structures have moved: total and rate against their limits."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from anlan.city import City
from anlan.city.monitoring import Limit, Point
from anlan.observe import judging, quality

DAY = timedelta(days=1)
STATES = ("none", "stale", "normal", "attention", "danger")
#: Readings that the rate is taken from: more add nothing, and pairs grow as their square.
MOST = 60
#: Share of the span that the readings must cover for a rate to be told.
COVERED = 0.5


@dataclass(frozen=True)
class Moved:
    """A point as known at a moment.

    Attributes:
        at: valid time of its newest usable reading; None: there is none.
        total: away from the baseline, in the quantity's unit, signed.
        rate: per day over the point's span, signed; None: too few readings.
        state: the worse of both: ``attention``, ``danger``; ``stale`` when silent, ``none``.
        why: ``total``, ``rate`` or both, where a limit is reached.
    """

    point: Point
    at: datetime | None
    total: float | None
    rate: float | None
    state: str
    why: tuple[str, ...] = ()


def moved(
    point: Point,
    readings: Sequence[tuple[datetime, float]],
    now: datetime,
    silence: timedelta,
) -> Moved:
    """Total and rate of a point from usable readings (valid time, value) in order.

    The rate is the median of the slopes between all pairs of readings (Theil 1950, Sen 1968,
    doi:10.1080/01621459.1968.10480934): one odd reading does not move it.
    """
    if not readings:
        return Moved(point, None, None, None, "none")
    at, value = readings[-1]
    total = round(value - point.baseline, 6)
    rate = _rate([each for each in readings if each[0] >= at - point.span], point.span)
    found = {"total": _level(total, point.total, point), "rate": _level(rate, point.rate, point)}
    worst = max(found.values(), key=STATES.index)
    if now - at > silence:
        # what it was before the silence is told by the values; nothing is known of now
        return Moved(point, at, total, rate, "stale")
    why = tuple(name for name, level in found.items() if level not in ("none", "normal"))
    return Moved(point, at, total, rate, "normal" if worst == "none" else worst, why)


def _rate(readings: Sequence[tuple[datetime, float]], span: timedelta) -> float | None:
    step = -(-len(readings) // MOST) or 1
    # from the end, so that the newest is among them
    few = list(reversed(readings))[::step]
    if len(few) < 2 or few[0][0] - few[-1][0] < COVERED * span:
        return None
    slopes = [
        (one[1] - other[1]) / ((one[0] - other[0]) / DAY)
        for number, one in enumerate(few)
        for other in few[number + 1 :]
    ]
    return round(statistics.median(slopes), 6)


def _level(value: float | None, limit: Limit | None, point: Point) -> str:
    if value is None or limit is None:
        return "none"
    signed = {"up": value, "down": -value}.get(point.direction, abs(value))
    if signed >= limit.danger:
        return "danger"
    return "attention" if signed >= limit.attention else "normal"


def points(
    conn: Connection, city: City, now: datetime, as_of: datetime | None = None
) -> dict[str, Moved]:
    """Every watched point by station, as known now or at ``as_of``; set-aside readings left out."""
    moment = now if as_of is None else as_of
    found = {}
    for name, point in city.monitoring.items():
        station = city.stations[name]
        silence = quality.silence(city.limits[station.quantity], station.cadence)
        read = judging.window(
            conn,
            city,
            station.series,
            moment - point.span - silence - 7 * DAY,
            moment,
            now=now,
            as_of=as_of,
            neighbours=False,
        )
        good = [(each.valid_at, float(each.value or 0.0)) for each in read if each.usable]
        found[name] = moved(point, good, moment, silence)
    return found
