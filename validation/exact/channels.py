"""Steady flow along a channel whose bed is made so that a given depth is exact.

MacDonald, I., Baines, M. J., Nichols, N. K., Samuels, P. G. (1997), "Analytic benchmark solutions
for open-channel flows", J. Hydraul. Eng. 123(11), doi:10.1061/(ASCE)0733-9429(1997)123:11(1041).
SWASHES 3.2 and, with rain, 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from validation.exact import G

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Channel:
    """A channel 1 m wide with a known steady depth.

    Attributes:
        name: what kind of flow.
        length: m.
        manning: roughness, s/m^(1/3).
        inflow: discharge per unit width at x = 0, m2/s.
        rain: m/s on the whole channel.
        h: depth, m, of places, m.
        slope_of_h: its derivative.
    """

    name: str
    length: float
    manning: float
    inflow: float
    rain: float
    h: Callable[[Numbers], Numbers]
    slope_of_h: Callable[[Numbers], Numbers]
    g: float = G

    def q(self, x: Numbers) -> Numbers:
        """Discharge per unit width, m2/s."""
        return self.inflow + self.rain * x

    def slope_of_bed(self, x: Numbers) -> Numbers:
        """dz/dx of the bed; MacDonald et al. (1997) eq. 5, with rain SWASHES eq. 19."""
        h, q = self.h(x), self.q(x)
        friction = self.manning**2 * q**2 / h ** (10.0 / 3.0)
        inertia = (q**2 / (self.g * h**3) - 1.0) * self.slope_of_h(x)
        return np.asarray(inertia - 2.0 * q * self.rain / (self.g * h**2) - friction)

    def bed(self, x: Numbers) -> Numbers:
        """Bed, m, zero at the far end: the slope added up by Simpson's rule on 0.02 m."""
        count = 2 * round(self.length / 0.02)
        fine = np.linspace(0.0, self.length, count + 1)
        slope = self.slope_of_bed(fine)
        step = fine[2] - fine[0]
        pieces = step / 6.0 * (slope[:-2:2] + 4.0 * slope[1:-1:2] + slope[2::2])
        from_start = np.concatenate(([0.0], np.cumsum(pieces)))
        spline = np.interp(x, fine[::2], from_start)
        return np.asarray(spline - from_start[-1])


def subcritical(rain: float = 0.0, inflow: float = 2.0, g: float = G) -> Channel:
    """h = (4/g)^(1/3) (1 + exp(-16 (x/1000 - 1/2)^2) / 2); SWASHES 3.2.1 and, with rain, 3.3.1."""
    scale = (4.0 / g) ** (1.0 / 3.0)

    def bell(x: Numbers) -> Numbers:
        return np.exp(-16.0 * (x / 1000.0 - 0.5) ** 2)

    return Channel(
        name="subcritical with rain" if rain else "subcritical",
        length=1000.0,
        manning=0.033,
        inflow=inflow,
        rain=rain,
        h=lambda x: scale * (1.0 + 0.5 * bell(x)),
        slope_of_h=lambda x: scale * 0.5 * bell(x) * (-32.0) * (x / 1000.0 - 0.5) / 1000.0,
        g=g,
    )


def transcritical(g: float = G) -> Channel:
    """h = (4/g)^(1/3) (1 - tanh(3 (x/1000 - 1/2)) / 3): calm water that turns to fast flow.

    SWASHES 3.2.1; q = 2 m2/s, n = 0.0218.
    """
    scale = (4.0 / g) ** (1.0 / 3.0)

    def bend(x: Numbers) -> Numbers:
        return np.tanh(3.0 * (x / 1000.0 - 0.5))

    return Channel(
        name="subcritical to supercritical",
        length=1000.0,
        manning=0.0218,
        inflow=2.0,
        rain=0.0,
        h=lambda x: scale * (1.0 - bend(x) / 3.0),
        slope_of_h=lambda x: -scale / 3.0 * (1.0 - bend(x) ** 2) * 3.0 / 1000.0,
        g=g,
    )
