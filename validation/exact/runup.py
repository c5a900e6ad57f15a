"""Waves on a plane beach that do not break.

Carrier and Greenspan (1958), J. Fluid Mech. 4, doi:10.1017/S0022112058000331; Synolakis (1987),
J. Fluid Mech. 185, doi:10.1017/S002211208700329X.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import j0, j1

from validation.exact import G

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class StandingWave:
    """A standing wave on a plane beach; Carrier and Greenspan (1958) section 4.

    With phi = A J0(sigma) sin(lambda) and all lengths over ``length``:
    x = phi_lambda/4 - sigma^2/16 - u^2/2 (towards the land), t = lambda/2 - u, u = phi_sigma/sigma,
    eta = phi_lambda/4 - u^2/2. It does not break for A < 1. The water is at rest at time 0, at its
    highest.

    Attributes:
        slope: of the beach.
        length: scale, m.
        amplitude: A.
    """

    slope: float
    length: float
    amplitude: float
    g: float = G

    @property
    def _time(self) -> float:
        return math.sqrt(self.length / (self.slope * self.g))

    @property
    def period(self) -> float:
        """Time of one swing, s: lambda goes through 2 pi."""
        return math.pi * self._time

    def shore(self, time: float) -> float:
        """Highest water, m above the still level, that touches the beach at ``time``."""
        t = time / self._time
        lam = 2.0 * t
        for _ in range(60):  # u = -A sin(lambda) / 2 at sigma = 0
            error = 0.5 * lam + 0.5 * self.amplitude * math.sin(lam) - t
            lam -= error / (0.5 + 0.5 * self.amplitude * math.cos(lam))
        u = -0.5 * self.amplitude * math.sin(lam)
        return (0.25 * self.amplitude * math.cos(lam) - 0.5 * u * u) * self.slope * self.length

    def _curves(self, x: Numbers, time: float) -> tuple[Numbers, Numbers, Numbers]:
        """Place, level and velocity along sigma, without units, from the shore seaward."""
        t = time / self._time
        sigma = np.linspace(0.0, 4.0 * math.sqrt(max(-x.min(), 0.0) / self.length) + 4.0, 8000)
        lam = np.full_like(sigma, 2.0 * t)
        safe = np.where(sigma == 0.0, 1.0, sigma)
        ratio = np.where(sigma == 0.0, 0.5, j1(safe) / safe)  # J1(sigma) / sigma
        for _ in range(60):
            error = 0.5 * lam + self.amplitude * ratio * np.sin(lam) - t
            lam -= error / (0.5 + self.amplitude * ratio * np.cos(lam))
        u = -self.amplitude * ratio * np.sin(lam)
        eta = 0.25 * self.amplitude * j0(sigma) * np.cos(lam) - 0.5 * u * u
        return eta - sigma**2 / 16.0, eta, u

    def level(self, x: Numbers, time: float) -> Numbers:
        """Water level, m above the still one, at places x, m, seaward negative; nan on dry land."""
        place, eta, _ = self._curves(x, time)
        found = np.interp(x / self.length, place[::-1], eta[::-1], right=math.nan)
        return np.asarray(found * self.slope * self.length)

    def u(self, x: Numbers, time: float) -> Numbers:
        """Velocity, m/s, towards the land positive; nan on dry land."""
        place, _, u = self._curves(x, time)
        found = np.interp(x / self.length, place[::-1], u[::-1], right=math.nan)
        return np.asarray(found * math.sqrt(self.slope * self.g * self.length))


def solitary_wave(x: Numbers, height: float, depth: float, crest: float, g: float = G) -> Numbers:
    """Level, m, of a solitary wave: H sech^2(k (x - crest)), k = sqrt(3 H / (4 d^3)).

    Synolakis (1987) eq. 2.1 at time 0.
    """
    k = math.sqrt(3.0 * height / (4.0 * depth**3))
    return np.asarray(height / np.cosh(k * (x - crest)) ** 2)


def run_up_law(height: float, depth: float, cotangent: float) -> float:
    """Highest run-up, m, of a solitary wave that does not break; Synolakis (1987) eq. 3.10.

    R / d = 2.831 sqrt(cot beta) (H / d)^(5/4).
    """
    return 2.831 * math.sqrt(cotangent) * math.pow(height / depth, 1.25) * depth
