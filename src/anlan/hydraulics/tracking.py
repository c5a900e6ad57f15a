"""What a run keeps of its course: greatest depth, level, speed and hazard, arrival, duration."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from anlan.hydraulics.numerics import Array, entry, part, row_of, source_digest, widest
from anlan.hydraulics.physics import HALF, ONE, ZERO

# Hazard to people: h (v + 0.5) + 1 where water is deep enough to carry debris of note (Defra and
# Environment Agency 2006, FD2321, "The Flood Risks to People Methodology", eq. 1, for
# urban land; debris factor 0.5 under 0.25 m).
DEBRIS_DEPTH = np.float32(0.25)
# Less water than this has no velocity worth the name, m.
THIN = np.float32(1e-3)


@dataclass(frozen=True)
class Tracked:
    """What was kept; (ny, nx) each, or (M, ny, nx) in an ensemble. NaN where inactive.

    Attributes:
        max_depth: m.
        max_level: m, same datum as the bed; NaN where it was never wet.
        max_speed: m/s.
        max_hazard: h (v + 0.5) + debris factor, 0 where it was never wet (Defra 2006, FD2321).
        time_of_max: when the depth was greatest, s; NaN where it was never wet.
        thresholds: depths, m.
        arrival_time: (k, …) when the depth first reached each threshold, s; NaN where never.
        duration_above: (k, …) how long it stood at or above it, s.
    """

    max_depth: Array
    max_level: Array
    max_speed: Array
    max_hazard: Array
    time_of_max: Array
    thresholds: tuple[float, ...]
    arrival_time: Array
    duration_above: Array


class Tracks:
    """The arrays that are kept, at the cells of a run (M, ny, nx)."""

    def __init__(
        self, shape: tuple[int, int, int], thresholds: Sequence[float], interval: float
    ) -> None:
        if not all(math.isfinite(t) and t > 0.0 for t in thresholds):
            raise ValueError(f"thresholds are {tuple(thresholds)}; depths above 0 m are needed")
        if not interval >= 0.0:
            raise ValueError(f"interval is {interval} s; it must be 0 (every step) or more")
        self.interval = float(interval)
        self.thresholds = np.array(thresholds, np.float64)
        self.depth = np.zeros(shape, np.float32)
        self.speed = np.zeros(shape, np.float32)
        self.hazard = np.zeros(shape, np.float32)
        self.time = np.full(shape, np.nan, np.float32)
        self.arrival = np.full((len(self.thresholds), *shape), np.nan, np.float32)
        self.duration = np.zeros((len(self.thresholds), *shape), np.float32)
        self.seen = np.full(shape[0], np.nan)

    def due(self, time: Array) -> bool:
        """Whether every member has passed a time to look since the last look; ``time`` (M,) s."""
        if self.interval == 0.0:
            return True
        return bool((time // self.interval > self.seen // self.interval).all())

    def look(
        self,
        h: Array,
        u_w: Array,
        u_e: Array,
        v_s: Array,
        v_n: Array,
        time: Array,
        discharges: bool,
    ) -> None:
        """Follow the water as it is now.

        Velocities at the four faces of the cells, m/s; discharges per unit width, m2/s, if so
        said.
        """
        for m in range(len(h)):
            span = 0.0 if math.isnan(self.seen[m]) else float(time[m] - self.seen[m])
            self.seen[m] = time[m]
            follow(
                h[m],
                u_w[m],
                u_e[m],
                v_s[m],
                v_n[m],
                self.depth[m],
                self.speed[m],
                self.hazard[m],
                self.time[m],
                self.arrival[:, m],
                self.duration[:, m],
                self.thresholds,
                float(time[m]),
                span,
                discharges,
            )


@part
def peak_row(
    depth: Array,
    when: Array,
    speed: Array,
    hazard: Array,
    h: Array,
    u_w: Array,
    u_e: Array,
    v_s: Array,
    v_n: Array,
    time: Any,
    discharges: bool,
) -> None:
    """Greatest depth and its time, speed and hazard of one row of cells; none where dry.

    ``u_w`` ... ``v_n`` are velocities at the four faces, or discharges if so said.
    """
    widest()
    for i in range(depth.shape[0]):
        d = h[i]
        u = HALF * (u_w[i] + u_e[i])
        v = HALF * (v_s[i] + v_n[i])
        fast: Any = math.sqrt(u * u + v * v)
        if discharges:
            fast = fast / d if d > THIN else ZERO
        fast = fast if d > ZERO else ZERO
        risk = d * (fast + HALF) + (HALF if d <= DEBRIS_DEPTH else ONE)
        risk = risk if d > ZERO else ZERO
        when[i] = time if d > depth[i] else when[i]
        depth[i] = d if d > depth[i] else depth[i]
        speed[i] = fast if fast > speed[i] else speed[i]
        hazard[i] = risk if risk > hazard[i] else hazard[i]


@part
def stay_row(
    arrival: Array, duration: Array, h: Array, threshold: Any, time: Any, span: Any
) -> None:
    """When one row of cells first stood at a threshold, and for how long."""
    widest()
    for i in range(arrival.shape[0]):
        above = h[i] >= threshold
        arrival[i] = time if above & math.isnan(arrival[i]) else arrival[i]
        duration[i] += span if above else ZERO


def _compiled(digest: str) -> Callable[..., Any]:
    @entry
    def follow(
        h: Array,
        u_w: Array,
        u_e: Array,
        v_s: Array,
        v_n: Array,
        depth: Array,
        speed: Array,
        hazard: Array,
        when: Array,
        arrival: Array,
        duration: Array,
        thresholds: Array,
        time: float,
        span: float,
        discharges: bool,
    ) -> None:
        len(digest)
        now, lasted = np.float32(time), np.float32(span)
        for j in range(h.shape[0]):
            deep = row_of(h, j)
            peak_row(
                row_of(depth, j),
                row_of(when, j),
                row_of(speed, j),
                row_of(hazard, j),
                deep,
                row_of(u_w, j),
                row_of(u_e, j),
                row_of(v_s, j),
                row_of(v_n, j),
                now,
                discharges,
            )
            for k in range(thresholds.shape[0]):
                stay_row(
                    row_of(arrival[k], j),
                    row_of(duration[k], j),
                    deep,
                    h.dtype.type(thresholds[k]),
                    now,
                    lasted,
                )

    return follow


follow = _compiled(source_digest(__file__))
