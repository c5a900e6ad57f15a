"""Runoff of steady rain from slopes: the kinematic wave.

Henderson and Wooding (1964), J. Geophys. Res. 69(8), doi:10.1029/JZ069i008p01531; Overton and
Brakensiek (1970). With Manning's law q = a h^m, a = sqrt(S) / n, m = 5/3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Numbers = NDArray[np.float64]
M = 5.0 / 3.0


@dataclass(frozen=True)
class Slope:
    """A plane under steady rain that stops.

    Attributes:
        length: along the flow, m.
        fall: slope S.
        manning: n, s/m^(1/3).
        rain: m/s.
        stop: time at which the rain stops, s; later than ``rise``.
    """

    length: float
    fall: float
    manning: float
    rain: float
    stop: float = math.inf

    @property
    def a(self) -> float:
        """q = a h^(5/3)."""
        return math.sqrt(self.fall) / self.manning

    @property
    def rise(self) -> float:
        """Time until the whole slope is steady, s: (L / (a r^(2/3)))^(3/5)."""
        return math.pow(self.length / (self.a * math.pow(self.rain, M - 1.0)), 1.0 / M)

    def steady_depth(self, x: Numbers) -> Numbers:
        """Depth, m, at a distance x, m, from the top once steady: (r x / a)^(3/5)."""
        return np.asarray((self.rain * np.maximum(x, 0.0) / self.a) ** (1.0 / M))

    def outflow(self, time: float) -> float:
        """Discharge per unit width at the foot, m2/s."""
        if time <= 0.0:
            return 0.0
        if time <= self.stop:
            return min(self.a * math.pow(self.rain * time, M), self.rain * self.length)
        since = time - self.stop

        def gap(q: float) -> float:
            """Falling limb: depth h left x = q / r and arrives m a h^(m-1) (t - stop) further."""
            h = math.pow(q / self.a, 1.0 / M)
            return q / self.rain + M * self.a * math.pow(h, M - 1.0) * since - self.length

        return float(brentq(gap, 0.0, self.rain * self.length, xtol=1e-18))


def valley_outflow(
    side: Slope, channel: Slope, width: float, times: Numbers, cells: int = 4000
) -> Numbers:
    """Outflow, m3/s, of a V-shaped valley: two equal sides into a channel of ``width`` m.

    The sides are exact; the channel is a kinematic wave with their inflow, solved here by upwind
    steps on ``cells`` cells (first order: 4,000 cells leave 0.1 % of the peak). Channel depth is
    much less than its width, so the hydraulic radius is the depth, as in the model.

    Args:
        side: one side; ``channel.length`` long.
        channel: its length, fall and roughness; its rain falls on it too.
        width: of the channel, m.
        times: rising, s.
        cells: of the channel.
    """
    dx = channel.length / cells
    h = np.zeros(cells)
    found, time = [], 0.0
    for until in times:
        while time < until:
            fastest = M * channel.a * float(h.max()) ** (M - 1.0)
            dt = min(until - time, 0.9 * dx / max(fastest, 1e-3), 5.0)
            rain = channel.rain if time < channel.stop else 0.0
            lateral = 2.0 * side.outflow(time + 0.5 * dt) / width + rain
            q = channel.a * h**M
            h += dt * (lateral - np.diff(q, prepend=0.0) / dx)
            np.maximum(h, 0.0, out=h)
            time += dt
        found.append(width * channel.a * float(h[-1]) ** M)
    return np.array(found)
