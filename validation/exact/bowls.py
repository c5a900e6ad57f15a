"""Water that swings without friction in a bowl or a valley of parabolic shape (Thacker 1981).

Thacker, W. C. (1981), "Some exact solutions to the nonlinear shallow-water wave equations",
J. Fluid Mech. 107, doi:10.1017/S0022112081001882.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from validation.exact import G

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class RadialBowl:
    """A dome of water that swings in a paraboloid; Thacker (1981) eq. 50, SWASHES 4.2.2.

    SWASHES gives the amplitude as (a^2 - r0^2) / (a^2 + r0^2) and calls r0 the radius of the first
    shoreline; with that amplitude the shoreline starts at sqrt(a r0), 894 m for 1000 and 800 m.
    Peers are measured with the amplitude as printed, so it stays.

    Attributes:
        radius: of the still shoreline, a, m.
        depth: still depth at the centre, h0, m.
        start: r0 < a of the amplitude, m.
    """

    radius: float
    depth: float
    start: float
    g: float = G

    @property
    def swing(self) -> float:
        """Amplitude A of the oscillation."""
        return (self.radius**2 - self.start**2) / (self.radius**2 + self.start**2)

    @property
    def omega(self) -> float:
        """Angular frequency, 1/s: sqrt(8 g h0) / a."""
        return math.sqrt(8.0 * self.g * self.depth) / self.radius

    @property
    def period(self) -> float:
        """Time of one swing, s."""
        return 2.0 * math.pi / self.omega

    def bed(self, r: Numbers) -> Numbers:
        """Bed, m, zero at the still level; r is the distance from the centre, m."""
        return -self.depth * (1.0 - (r / self.radius) ** 2)

    def h(self, r: Numbers, time: float) -> Numbers:
        """Depth, m; 0 outside the shoreline."""
        a = self.swing
        share = 1.0 - a * math.cos(self.omega * time)
        root = math.sqrt(1.0 - a * a)
        level = self.depth * (
            root / share - 1.0 - (r / self.radius) ** 2 * ((root / share) ** 2 - 1.0)
        )
        return np.maximum(level - self.bed(r), 0.0)

    def speed(self, r: Numbers, time: float) -> Numbers:
        """Outward velocity, m/s, where there is water."""
        a = self.swing
        wt = self.omega * time
        return 0.5 * self.omega * r * a * math.sin(wt) / (1.0 - a * math.cos(wt))


@dataclass(frozen=True)
class PlanarValley:
    """A plane surface that tilts to and fro in a parabolic valley; SWASHES 4.2.1.

    z = h0 (x^2 / a^2 - 1) about the middle; the shoreline moves by ``swing`` to either side. At
    time 0 the water is at rest with its surface tilted.

    Attributes:
        width: half of the still width, a, m.
        depth: still depth in the middle, h0, m.
        swing: amplitude of the shoreline, m.
    """

    width: float
    depth: float
    swing: float
    g: float = G

    @property
    def omega(self) -> float:
        """Angular frequency, 1/s: sqrt(2 g h0) / a."""
        return math.sqrt(2.0 * self.g * self.depth) / self.width

    @property
    def period(self) -> float:
        """Time of one swing, s."""
        return 2.0 * math.pi / self.omega

    def bed(self, x: Numbers) -> Numbers:
        """Bed, m, zero at the still shoreline."""
        return self.depth * ((x / self.width) ** 2 - 1.0)

    def h(self, x: Numbers, time: float) -> Numbers:
        """Depth, m: the still depth about a middle that has moved by swing cos(omega t)."""
        moved = (x - self.swing * math.cos(self.omega * time)) / self.width
        return np.maximum(self.depth * (1.0 - moved**2), 0.0)

    def u(self, time: float) -> float:
        """Velocity of all water, m/s."""
        return -self.swing * self.omega * math.sin(self.omega * time)
