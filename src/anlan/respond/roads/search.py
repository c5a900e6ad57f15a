"""Earliest arrival on roads whose speed changes with time: pure, and exact.

On each edge the speed is constant within an interval of time and may be zero (water). Whoever
sets out on an edge drives it by the speeds of the intervals met on the way; whoever would be
caught by water before the end waits at the start until the edge can be driven through. A later
start therefore never arrives earlier (first in, first out: Ichoua, Gendreau and Potvin 2003,
"Vehicle dispatching with time-dependent travel times", European Journal of Operational Research
144, 379–396, doi:10.1016/S0377-2217(02)00147-9), and Dijkstra's search is exact (Kaufman and
Smith 1993, doi:10.1080/10248079308903779).
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Speeds = Sequence[float]


@dataclass(frozen=True, slots=True)
class Arc:
    """An edge as the search sees it: metres, and m/s in each interval of time."""

    start: int
    end: int
    length_m: float
    speeds: Speeds


@dataclass(frozen=True, slots=True)
class Passing:
    """One edge driven: set out at ``enter`` (after waiting, if later than asked), s."""

    enter: float
    leave: float


def drive(length_m: float, speeds: Speeds, times: Sequence[float], at: float) -> Passing | None:
    """Drive an edge from ``at`` (s); None when it can never be driven through again.

    ``times``: where each interval begins, s, rising; the first also holds before it begins and
    the last for ever after.
    """
    k = max(0, bisect_right(times, at) - 1)
    enter, now, left = at, at, length_m
    while True:
        end = times[k + 1] if k + 1 < len(times) else math.inf
        pace = speeds[k]
        if pace <= 0.0:
            if end == math.inf:
                return None
            enter, now, left, k = end, end, length_m, k + 1
        elif now + left / pace <= end:
            return Passing(enter, now + left / pace)
        else:
            left -= (end - now) * pace
            now, k = end, k + 1


@dataclass(frozen=True)
class Found:
    """Earliest arrival (s) at every node reached, and the arc and passing that led there."""

    arrival: Mapping[int, float]
    by: Mapping[int, tuple[int, Passing]]

    def way(self, arcs: Sequence[Arc], target: int) -> list[tuple[int, Passing]] | None:
        """Arcs from the start to ``target`` with their passings; None when out of reach."""
        if target not in self.arrival:
            return None
        steps = []
        node = target
        while node in self.by:
            arc, passing = self.by[node]
            steps.append((arc, passing))
            node = arcs[arc].start
        return steps[::-1]


def earliest(
    arcs: Sequence[Arc],
    out: Sequence[Sequence[int]],
    times: Sequence[float],
    start: int,
    at: float,
    targets: Collection[int] = (),
    latest: float = math.inf,
) -> Found:
    """Earliest arrivals from ``start``, left at ``at`` (s).

    Stops once all ``targets`` (if any) are reached, and at arrivals after ``latest``.
    """
    arrival: dict[int, float] = {start: at}
    by: dict[int, tuple[int, Passing]] = {}
    settled: dict[int, float] = {}
    waiting = [(at, start)]
    wanted = set(targets)
    while waiting:
        now, node = heapq.heappop(waiting)
        if node in settled:
            continue
        settled[node] = now
        wanted.discard(node)
        if targets and not wanted:
            break
        for k in out[node]:
            arc = arcs[k]
            if arc.end in settled:
                continue
            passing = drive(arc.length_m, arc.speeds, times, now)
            if passing is None or passing.leave > latest:
                continue
            if passing.leave < arrival.get(arc.end, math.inf):
                arrival[arc.end] = passing.leave
                by[arc.end] = (k, passing)
                heapq.heappush(waiting, (passing.leave, arc.end))
    return Found(settled, {node: step for node, step in by.items() if node in settled})
