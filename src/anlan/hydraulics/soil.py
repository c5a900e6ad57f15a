"""How fast the ground takes water: constant, Horton, Green and Ampt.

A law gives the rate that the ground could take; the flow takes it where there is water. Every
``INTERVAL`` the rate follows what the soil has truly taken since. Under dry ground the soil
recovers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.hydraulics import checks
from anlan.hydraulics.numerics import Array, entry, part, source_digest

INTERVAL = 60.0
"""Time between two changes of the rate, s."""
CONSTANT, HORTON, GREEN_AMPT = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Constant:
    """The same rate all the time.

    Args:
        rate: number or (ny, nx), m/s.
    """

    rate: ArrayLike


@dataclass(frozen=True, eq=False)
class Horton:
    """Horton (1940): f = f_c + (f_0 - f_c) w, with w from 1 (dry) to 0.

    Where the soil takes all that it can, dw/dt = -decay w; where it takes a share, that share of
    it; where it takes nothing it recovers, dw/dt = recovery (1 - w).

    Args:
        initial: f_0, number or (ny, nx), m/s.
        final: f_c, number or (ny, nx), m/s, at most ``initial``.
        decay: number or (ny, nx), 1/s.
        recovery: number or (ny, nx), 1/s; 0 for none.
    """

    initial: ArrayLike
    final: ArrayLike
    decay: ArrayLike
    recovery: ArrayLike = 0.0


@dataclass(frozen=True, eq=False)
class GreenAmpt:
    """Green and Ampt (1911): f = K (1 + psi dtheta / F), F being what the soil has taken.

    Over each interval the mean rate is that of Mein and Larson's (1973, eq. 9) integral
    F - psi dtheta ln(1 + F / (psi dtheta)) = K t. Under dry ground F dwindles at ``recovery``.

    Args:
        conductivity: K, number or (ny, nx), m/s.
        suction: psi, number or (ny, nx), m.
        deficit: dtheta, number or (ny, nx), 0 to 1.
        recovery: number or (ny, nx), 1/s; 0 for none.
    """

    conductivity: ArrayLike
    suction: ArrayLike
    deficit: ArrayLike
    recovery: ArrayLike = 0.0


Infiltration = Constant | Horton | GreenAmpt


class Soil:
    """The soil of a run: its law laid out in padded arrays, and its state.

    ``memory`` (M NY, NX) float64 is all that a restart needs: w of Horton, F of Green and Ampt.
    """

    def __init__(
        self,
        law: Infiltration | None,
        active: NDArray[np.bool_],
        padded: Callable[[Array], Array],
        members: int,
    ) -> None:
        shape = (int(active.shape[0]), int(active.shape[1]))

        def numbers(name: str, value: ArrayLike, most: float = math.inf) -> Array:
            array = checks.field(name, value, shape)
            good = (np.isfinite(array) & (array >= 0.0) & (array <= most)) | ~active
            rule = "must be finite and at least 0" + (
                "" if math.isinf(most) else f", at most {most}"
            )
            checks.every(name, array, good, rule + " on active cells")
            return padded(np.where(active, array, 0.0))

        zero = padded(np.zeros(shape))
        self.kind = CONSTANT
        self.numbers = (zero, zero, zero, zero)
        start = 0.0
        if isinstance(law, Constant):
            self.numbers = (numbers("rate", law.rate), zero, zero, zero)
        elif isinstance(law, Horton):
            self.kind = HORTON
            initial, final = numbers("initial", law.initial), numbers("final", law.final)
            if (final > initial).any():
                raise ValueError("final exceeds initial somewhere; Horton's rate falls in time")
            decay, recovery = numbers("decay", law.decay), numbers("recovery", law.recovery)
            self.numbers = (initial, final, decay, recovery)
            start = 1.0
        elif isinstance(law, GreenAmpt):
            self.kind = GREEN_AMPT
            self.numbers = (
                numbers("conductivity", law.conductivity),
                numbers("suction", law.suction),
                numbers("deficit", law.deficit, 1.0),
                numbers("recovery", law.recovery),
            )
        self.any = law is not None
        self.lasting = self.kind != CONSTANT
        rows = zero.shape[0] * members if self.lasting else 1
        self._start = start
        self.memory = np.full((rows, zero.shape[1] if self.lasting else 1), start)

    def reset(self) -> None:
        """Dry soil."""
        self.memory[...] = self._start

    def rates(self, losses: Array) -> None:
        """Fill ``losses`` (m/s, padded) with the rate for the next interval."""
        self.change(losses, np.zeros((1, 1), losses.dtype), np.zeros(len(losses)))

    def change(self, losses: Array, soaked: Array, spans: Array) -> None:
        """Follow what the soil took in the last ``spans`` (M,) seconds, and set the next rate.

        ``soaked`` is cleared.
        """
        if not self.lasting:
            losses[...] = self.numbers[0]
            return
        change_soil(self.kind, *self.numbers, self.memory, losses, soaked, spans, INTERVAL)


@part
def _horton_rate(w: float, f0: float, fc: float, decay: float, interval: float) -> float:
    """Mean rate over an interval in which w falls to w e^(-decay interval), m/s."""
    x = decay * interval
    share = (1.0 - math.exp(-x)) / x if x > 1e-9 else 1.0
    return fc + (f0 - fc) * w * share


@part
def _horton(
    w: float, rate: float, decay: float, recovery: float, took: float, span: float
) -> float:
    could = rate * span
    if took > 0.0 and could > 0.0:
        return w * math.exp(-decay * span * min(took / could, 1.0))
    return 1.0 - (1.0 - w) * math.exp(-recovery * span)


@part
def _green_ampt_depth(taken: float, k: float, reach: float, span: float) -> float:
    """What the soil can take in ``span``, m; ``reach`` is psi dtheta. Newton's steps from above."""
    least = k * span
    if reach <= 0.0 or k <= 0.0:
        return least
    base = taken + reach
    x = least + math.sqrt(least * least + 2.0 * least * base)
    for _ in range(20):
        slope = 1.0 - reach / (base + x)
        change = (x - reach * math.log(1.0 + x / base) - least) / max(slope, 1e-12)
        x -= change
        if abs(change) < 1e-12:
            break
    return max(x, least)


def _compiled(digest: str) -> Callable[..., Any]:
    @entry
    def change(
        kind: int,
        first: Array,
        second: Array,
        third: Array,
        fourth: Array,
        memory: Array,
        losses: Array,
        soaked: Array,
        spans: Array,
        interval: float,
    ) -> None:
        len(digest)
        rows = first.shape[0]
        for at in range(memory.shape[0]):
            j = at % rows
            span = spans[at // rows]
            for i in range(memory.shape[1]):
                took = 0.0
                if span > 0.0:
                    took = np.float64(soaked[at, i])
                    soaked[at, i] = 0.0
                if kind == HORTON:
                    w = memory[at, i]
                    if span > 0.0:
                        rate = _horton_rate(w, first[j, i], second[j, i], third[j, i], interval)
                        w = _horton(w, rate, third[j, i], fourth[j, i], took, span)
                    memory[at, i] = w
                    losses[at, i] = _horton_rate(
                        w, first[j, i], second[j, i], third[j, i], interval
                    )
                else:
                    taken = memory[at, i] + took
                    if span > 0.0 and took == 0.0:
                        taken *= math.exp(-fourth[j, i] * span)
                    memory[at, i] = taken
                    reach = second[j, i] * third[j, i]
                    losses[at, i] = (
                        _green_ampt_depth(taken, first[j, i], reach, interval) / interval
                    )

    return change


change_soil = _compiled(source_digest(__file__))
