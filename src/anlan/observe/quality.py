"""Quality rules: what is doubtful about a series' readings. Pure.

A rule takes the readings of one series in order of valid time and gives the valid times that it
flags; it deletes and changes nothing. Flags are not stored. They are worked out whenever readings
are read, from what the archive held at the moment asked about: so order of arrival cannot enter,
``as_of=`` is true of flags too, and a limit that is set right is right for the past as well.

Formulas and sources: docs/observe.md.
"""

from __future__ import annotations

import statistics
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import NamedTuple

from anlan.city.limits import OFF, Limits

RULES = ("range", "step", "spike", "flat", "neighbour", "clock", "stale")
#: Readings flagged so drive no rule and no forecast. A step or a doubtful neighbour may be the
#: flood itself, and is shown only. `stale` speaks of the series' silence, not of a value.
SET_ASIDE = frozenset({"range", "spike", "flat", "clock"})
#: A silence of more cadences parts two readings: neither says anything about the other.
GAP = 3
#: Exponent of the envelope of the world's greatest rainfalls over their durations.
ENVELOPE = 0.475
LEAST_SILENCE = timedelta(minutes=30)
#: The least number of equal readings that make a flat line.
FLAT_READINGS = 4
# of a neighbour's readings that must be there before it is compared with
COMPLETE = 0.8
# values are given in decimals: 3.1 - 3.0 must not exceed 0.1
ROUNDING = 1e-9


class Point(NamedTuple):
    """One value: valid time, value, and for sums the hours that it covers (0 otherwise)."""

    at: datetime
    value: float
    hours: float = 0.0


class Neighbour(NamedTuple):
    """Another gauge of the quantity: its good readings in order, and its cadence."""

    points: Sequence[Point]
    cadence: timedelta


Flagged = set[datetime]


def out_of_range(points: Sequence[Point], limits: Limits) -> Flagged:
    """Below ``low`` or above ``high``; for sums over D hours above ``high`` · D^0.475."""
    return {
        each.at
        for each in points
        if not limits.low
        <= each.value
        <= limits.high * (each.hours**ENVELOPE if each.hours else 1.0)
    }


def _moved(points: Sequence[Point], least: float) -> bool:
    """Whether any reading differs from the one before by more than ``least``: few series do."""
    return any(abs(here.value - before.value) > least for before, here in pairwise(points))


def _limit(least: float, limits: Limits, span: timedelta) -> float:
    hours = span / timedelta(hours=1)
    return max(least, limits.rate_per_h * hours) + ROUNDING


def spikes(points: Sequence[Point], limits: Limits, cadence: timedelta) -> Flagged:
    """One reading, or two in a row, outside what the readings around them span.

    Two on the same side, by more than the limit, that go and come back within three cadences are
    what a median of five readings takes for noise; three may be a wave.

    The last reading before a silence, or before the present, has only the one before it to be
    compared with: a jump is doubted until the next reading confirms it.
    """
    if limits.spike == OFF or not _moved(points, limits.spike):
        return set()
    gap = GAP * cadence
    found = {
        here.at
        for before, here, after in zip(points, points[1:], points[2:], strict=False)
        if here.at - before.at <= gap
        and after.at - here.at <= gap
        and _outside(before, (here,), after, limits)
    }
    rest = [each for each in points if each.at not in found]
    for before, here, then, after in zip(rest, rest[1:], rest[2:], rest[3:], strict=False):
        near = max(here.at - before.at, then.at - here.at, after.at - then.at) <= gap
        if near and _outside(before, (here, then), after, limits):
            found |= {here.at, then.at}
    # what follows a spike is compared with the reading before it
    rest = [each for each in points if each.at not in found]
    for number, (before, here) in enumerate(pairwise(rest), start=1):
        last = number == len(rest) - 1 or rest[number + 1].at - here.at > gap
        apart = here.at - before.at
        jump = abs(here.value - before.value)
        if last and apart <= gap and jump > _limit(limits.spike, limits, apart):
            found.add(here.at)
    return found


def _outside(before: Point, inside: Sequence[Point], after: Point, limits: Limits) -> bool:
    """Whether all readings between two lie beyond both, on one side."""
    values = [each.value for each in inside]
    over = min(values) - max(before.value, after.value)
    under = min(before.value, after.value) - max(values)
    apart = max(inside[0].at - before.at, after.at - inside[-1].at)
    return max(over, under) > _limit(limits.spike, limits, apart)


def steps(points: Sequence[Point], limits: Limits, cadence: timedelta) -> Flagged:
    """Changed since the reading before by more than the limit."""
    if limits.step == OFF or not _moved(points, limits.step):
        return set()
    return {
        here.at
        for before, here in pairwise(points)
        if here.at - before.at <= GAP * cadence
        and abs(here.value - before.value) > _limit(limits.step, limits, here.at - before.at)
    }


def flat_lines(points: Sequence[Point], limits: Limits, cadence: timedelta) -> Flagged:
    """In a stretch without silence of ``flat_hours`` whose values lie within ``flat_within``."""
    found: Flagged = set()
    if limits.flat_hours == OFF:
        return found
    needed, gap = timedelta(hours=limits.flat_hours), GAP * cadence
    # the longest flat stretch that ends at each reading begins at `start`; indices of its
    # falling maxima and rising minima are kept, so that its ends are found in one pass
    start = flagged = 0
    tops: deque[int] = deque()
    bottoms: deque[int] = deque()
    for end, here in enumerate(points):
        exempt = here.value <= limits.flat_above
        if exempt or (end and here.at - points[end - 1].at > gap):
            tops.clear()
            bottoms.clear()
            start = end + 1 if exempt else end
            if exempt:
                continue
        while tops and points[tops[-1]].value <= here.value:
            tops.pop()
        while bottoms and points[bottoms[-1]].value >= here.value:
            bottoms.pop()
        tops.append(end)
        bottoms.append(end)
        while points[tops[0]].value - points[bottoms[0]].value > limits.flat_within + ROUNDING:
            start = min(tops[0], bottoms[0]) + 1
            for extremes in (tops, bottoms):
                while extremes[0] < start:
                    extremes.popleft()
        if end - start + 1 >= FLAT_READINGS and here.at - points[start].at >= needed:
            found.update(each.at for each in points[max(start, flagged) : end + 1])
            flagged = end + 1
    return found


def unlike_neighbours(
    points: Sequence[Point],
    limits: Limits,
    cadence: timedelta,
    neighbours: Sequence[Neighbour],
) -> Flagged:
    """Sum (or mean) of the hours before it is too far from the median of its neighbours'.

    At least two neighbours, each nearly complete over these hours, are needed.
    """
    if limits.neighbour_km == OFF or len(neighbours) < 2:
        return set()
    hours = timedelta(hours=limits.neighbour_hours)
    own = _Trailing(points, cadence, hours)
    others = [_Trailing(each.points, each.cadence, hours) for each in neighbours]
    found: Flagged = set()
    for each in points:
        mine = own.until(each.at)
        theirs = [value for value in (one.until(each.at) for one in others) if value is not None]
        if mine is None or len(theirs) < 2:
            continue
        middle = statistics.median(theirs)
        allowed = limits.neighbour + limits.neighbour_share * abs(middle)
        if abs(mine - middle) > allowed + ROUNDING:
            found.add(each.at)
    return found


class _Trailing:
    """Sums (of sums) or means (of levels) over the hours that end at a moment."""

    def __init__(self, points: Sequence[Point], cadence: timedelta, hours: timedelta) -> None:
        self._at = [each.at for each in points]
        self._total = [0.0, *accumulate(each.value for each in points)]
        self._is_sum = bool(points) and points[0].hours > 0
        self._hours = hours
        self._enough = max(COMPLETE * (hours / cadence), 1.0)

    def until(self, moment: datetime) -> float | None:
        """The value at ``moment``; None where too many readings are missing."""
        last = bisect_right(self._at, moment)
        first = bisect_right(self._at, moment - self._hours)
        if last - first < self._enough:
            return None
        total = self._total[last] - self._total[first]
        return total if self._is_sum else total / (last - first)


def ahead(points: Sequence[Point], limits: Limits, moment: datetime) -> Flagged:
    """Valid later than ``moment`` by more than the limit: the station's clock is wrong.

    Measured against the moment asked about, not against arrival: a delay on the way must not
    change what is thought of a reading.
    """
    latest = moment + timedelta(minutes=limits.ahead_minutes)
    return {each.at for each in points if each.at > latest}


def silence(limits: Limits, cadence: timedelta) -> timedelta:
    """How long a station may be silent before its last reading is stale."""
    return max(limits.stale_cadences * cadence, LEAST_SILENCE)


def stale(points: Sequence[Point], limits: Limits, cadence: timedelta, moment: datetime) -> Flagged:
    """The newest reading, if it is older at ``moment`` than the station may be silent."""
    newest = max((each.at for each in points), default=moment)
    return {newest} if moment - newest > silence(limits, cadence) else set()


def lookback(limits: Limits, cadence: timedelta) -> timedelta:
    """How far before and after a reading others may lie that decide its flags."""
    hours = limits.flat_hours if limits.flat_hours != OFF else 0.0
    if limits.neighbour_km != OFF:
        hours = max(hours, limits.neighbour_hours)
    return timedelta(hours=hours) + 2 * GAP * cadence


def judge(
    points: Sequence[Point],
    limits: Limits,
    cadence: timedelta,
    moment: datetime,
    neighbours: Sequence[Neighbour] = (),
) -> dict[datetime, tuple[str, ...]]:
    """All rules over one series as known at ``moment``: valid time -> names of rules, in order.

    What is out of range, ahead of its time or a spike is no measure for the others.
    """
    flagged = {"clock": ahead(points, limits, moment), "range": out_of_range(points, limits)}
    left = [each for each in points if each.at not in flagged["clock"] | flagged["range"]]
    flagged["spike"] = spikes(left, limits, cadence)
    left = [each for each in left if each.at not in flagged["spike"]]
    flagged["step"] = steps(left, limits, cadence)
    flagged["flat"] = flat_lines(left, limits, cadence)
    flagged["neighbour"] = unlike_neighbours(left, limits, cadence, neighbours)
    flagged["stale"] = stale(points, limits, cadence, moment)
    return {
        at: tuple(rule for rule in RULES if at in flagged[rule])
        for at in sorted(set().union(*flagged.values()))
    }
