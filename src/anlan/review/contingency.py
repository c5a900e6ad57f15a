"""Warnings and events counted against each other, level by level. Pure.

How it is counted (after the US National Weather Service, Instruction 10-1601 "Verification
Procedures", which keeps warnings and events in two lists and counts each by its own):

* **Event** at a level: a stretch of time in which the water stood at that level or above at one
  place (the reference says where it comes from). Stretches of one place less than ``apart`` apart
  are one event. 10-1601 takes 30 minutes for flash floods; ours is `APART`: a river that dips for
  an hour is the same flood to those who stand on its dike, and two high waters of a tide, 12.4
  hours apart, are two. Where the reference knows no such level, its next higher one is taken.
* **Warning** at a level: a stretch in which what one rule said in one area was that level or
  above, from being said until it fell below, was cancelled or expired. That validity is the
  matching window; there is no grace before or after it.
* An event is a **hit** when a warning of its level or above, in an area that meets it, was in
  force when it began; else a **miss**. A miss that such a warning reached while the event still
  lasted is also counted **late**. Lead time: from the saying to the event's beginning, hits only.
* A warning is **verified** when an event of its level, in an area that meets its own, overlaps
  its validity; else a **false alarm**. One that is still in force at the end is **open** and
  counts as neither.

POD = hits / (hits + misses), over events. FAR = false alarms / (false alarms + verified), over
warnings: the false alarm *ratio*. CSI = 1 / (1/POD + 1/(1 - FAR) - 1), which is hits / (hits +
misses + false alarms) where each hit is one warning (Schaefer 1990, Weather and Forecasting 5,
570-575, doi:10.1175/1520-0434(1990)005<0570:TCSIAA>2.0.CO;2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.review.score import Crossing, Meets, Standing, Version, rank, standings

APART = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of one level. ``leads_h``: hours of lead of each hit, as they came."""

    hits: int = 0
    misses: int = 0
    late: int = 0
    verified: int = 0
    false_alarms: int = 0
    open: int = 0
    leads_h: tuple[float, ...] = ()

    @property
    def events(self) -> int:
        """How many there were."""
        return self.hits + self.misses

    @property
    def warnings(self) -> int:
        """How many were said, those still open among them."""
        return self.verified + self.false_alarms + self.open

    @property
    def pod(self) -> float | None:
        """Probability of detection; None without an event."""
        return self.hits / self.events if self.events else None

    @property
    def far(self) -> float | None:
        """False alarm ratio; None without a warning that is over."""
        over = self.verified + self.false_alarms
        return self.false_alarms / over if over else None

    @property
    def csi(self) -> float | None:
        """Critical success index; None where there was neither event nor warning."""
        pod, far = self.pod, self.far
        if pod is None and far is None:
            return None
        if not pod or far is None or far == 1.0:
            return 0.0
        return 1.0 / (1.0 / pod + 1.0 / (1.0 - far) - 1.0)


@dataclass(frozen=True, slots=True)
class _Warning:
    area: tuple[str, ...]
    start: datetime
    end: datetime


def events_of(
    crossings: Iterable[Crossing], colour: str, apart: timedelta = APART
) -> list[Crossing]:
    """The events of one level, oldest first; near stretches of one place as one."""
    found: list[Crossing] = []
    given = [each for each in crossings if rank(each.colour) >= rank(colour)]
    lowest = min((rank(each.colour) for each in given), default=0)
    own = [each for each in given if rank(each.colour) == lowest]
    for each in sorted(own, key=lambda c: (c.event, c.where, c.start, c.end)):
        last = found[-1] if found else None
        same = last is not None and (last.event, last.where) == (each.event, each.where)
        if last is not None and same and each.start - last.end < apart:
            end = max(last.end, each.end)
            found[-1] = Crossing(last.where, last.colour, last.start, end, last.event)
        else:
            found.append(each)
    return sorted(found, key=lambda c: (c.start, c.where))


def _warnings(versions: Sequence[Version], colour: str) -> list[_Warning]:
    """Stretches in which a chain stood at ``colour`` or above."""
    by_chain: dict[str, list[Standing]] = {}
    for standing in standings(versions):
        by_chain.setdefault(standing.version.chain, []).append(standing)
    found: list[_Warning] = []
    for row in by_chain.values():
        under_way: _Warning | None = None
        for standing in row:
            if rank(standing.version.colour) < rank(colour):
                under_way = None
                continue
            if under_way is not None and standing.start <= under_way.end:
                found[-1] = _Warning(under_way.area, under_way.start, standing.end)
            else:
                found.append(_Warning(standing.version.area, standing.start, standing.end))
            under_way = found[-1]
    return sorted(found, key=lambda each: each.start)


def table(
    versions: Sequence[Version],
    crossings: Sequence[Crossing],
    colour: str,
    meets: Meets,
    now: datetime,
    apart: timedelta = APART,
) -> Table:
    """The counts of one rule at one level.

    Args:
        versions: what the rule said, all of its areas.
        crossings: what happened, of the rule's event.
        colour: the level, blue … red.
        meets: whether an area speaks of where a crossing was.
        now: the end of what is known.
        apart: stretches nearer than this are one event.
    """
    warnings = _warnings(versions, colour)
    events = events_of(crossings, colour, apart)
    leads: list[float] = []
    misses = late = 0
    for event in events:
        fitting = [each for each in warnings if meets(each.area, event.where)]
        ahead = [each for each in fitting if each.start <= event.start <= each.end]
        if ahead:
            lead = event.start - min(each.start for each in ahead)
            leads.append(round(lead / timedelta(hours=1), 2))
            continue
        misses += 1
        late += any(event.start < each.start <= event.end for each in fitting)
    verified = false = still = 0
    for each in warnings:
        if any(
            event.start <= each.end and event.end >= each.start and meets(each.area, event.where)
            for event in events
        ):
            verified += 1
        elif each.end > now:
            still += 1
        else:
            false += 1
    return Table(len(leads), misses, late, verified, false, still, tuple(leads))
