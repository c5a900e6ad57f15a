"""How fast the ground takes water: constant, Horton, Green and Ampt.

A law gives the rate that the ground could take; the flow takes it where there is water. Every
``INTERVAL`` the rate follows what the soil has truly taken since. Under dry ground the soil
recovers.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.hydraulics import checks
from anlan.hydraulics.numerics import Array, entry, part, source_digest, stretch, widest

INTERVAL = 60.0
"""Time between two changes of the rate, s."""
CONSTANT, HORTON, GREEN_AMPT = 0, 1, 2
# Keeps quotients of a dry soil that takes nothing from being 0 / 0, m.
LEAST_REACH = 1e-30


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
        threads: int,
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
            reach = numbers("suction", law.suction) * numbers("deficit", law.deficit, 1.0)
            conductivity, recovery = (
                numbers("conductivity", law.conductivity),
                numbers("recovery", law.recovery),
            )
            self.numbers = (conductivity, reach, zero, recovery)
        self.any = law is not None
        self.lasting = self.kind != CONSTANT
        rows = zero.shape[0] * members if self.lasting else 1
        self._start = start
        self._threads = threads
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
        recovers = bool(self.numbers[3].any())
        work = (self.kind, *self.numbers, recovers, self.memory, losses, soaked, spans, INTERVAL)
        bounds = np.linspace(0, len(self.memory), self._threads + 1).astype(int).tolist()
        with ThreadPoolExecutor(self._threads) as others:
            parts = [
                others.submit(change_soil, *work, start, past)
                for start, past in itertools.pairwise(bounds[1:])
            ]
            change_soil(*work, *bounds[:2])
            for one in parts:
                one.result()


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
def _horton_row(
    w: Array,
    losses: Array,
    soaked: Array,
    initial: Array,
    final: Array,
    decay: Array,
    recovery: Array,
    span: float,
    interval: float,
) -> None:
    for i in range(w.shape[0]):
        if span > 0.0:
            rate = _horton_rate(w[i], initial[i], final[i], decay[i], interval)
            w[i] = _horton(w[i], rate, decay[i], recovery[i], np.float64(soaked[i]), span)
            soaked[i] = 0.0
        losses[i] = _horton_rate(w[i], initial[i], final[i], decay[i], interval)


@part
def _log_of_one_more(t: float) -> float:
    """ln(1 + t) for t >= 0, by arithmetic that is packed, unlike ``math.log``.

    Four times the logarithm of the fourth root w: 8 atanh s, s = (w - 1)/(w + 1), by its series.
    Absolute error < 1e-12 up to t = 30, relative error 1e-3 at 1e6.
    """
    w = math.sqrt(math.sqrt(1.0 + t))
    s = (w - 1.0) / (w + 1.0)
    x = s * s
    series = 1.0 / 23.0
    for k in (21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0):
        series = series * x + 1.0 / k
    return 8.0 * s * series


@part
def _green_ampt_depth(taken: float, least: float, reach: float) -> float:
    """What the soil can take while gravity alone would take ``least``, m; ``reach`` psi dtheta.

    Starts from the midpoint rule, whose quadratic is solved, and takes two of Newton's steps.
    """
    base = taken + reach + LEAST_REACH
    half = taken - 0.5 * least
    x = 2.0 * least * base / (math.sqrt(half * half + 2.0 * least * base) + half + LEAST_REACH)
    for _ in range(2):
        error = x - reach * _log_of_one_more(x / base) - least
        x -= error * (base + x) / (taken + x + LEAST_REACH)
    return x if x > least else least


@part
def _green_ampt_row(
    taken: Array,
    losses: Array,
    soaked: Array,
    conductivity: Array,
    reach: Array,
    recovery: Array,
    recovers: bool,
    span: float,
    interval: float,
) -> None:
    if span > 0.0:
        if recovers:
            for i in range(taken.shape[0]):
                if soaked[i] == 0.0:
                    taken[i] *= math.exp(-recovery[i] * span)
        widest()
        for i in range(taken.shape[0]):
            taken[i] += np.float64(soaked[i])
            soaked[i] = 0.0
    for i in range(taken.shape[0]):
        could = _green_ampt_depth(taken[i], conductivity[i] * interval, reach[i])
        losses[i] = could / interval


def _compiled(digest: str) -> Callable[..., Any]:
    @entry
    def change(
        kind: int,
        first: Array,
        second: Array,
        third: Array,
        fourth: Array,
        recovers: bool,
        memory: Array,
        losses: Array,
        soaked: Array,
        spans: Array,
        interval: float,
        start: int,
        past: int,
    ) -> None:
        """Follow rows [start, past) of ``memory``."""
        len(digest)
        rows = first.shape[0]
        width = memory.shape[1]
        for at in range(start, past):
            j = at % rows
            span = spans[at // rows]
            # A start asks for the rates alone and has nothing soaked.
            took = stretch(soaked, at if span > 0.0 else 0, 0, width)
            state, rate = stretch(memory, at, 0, width), stretch(losses, at, 0, width)
            a, b = stretch(first, j, 0, width), stretch(second, j, 0, width)
            recovery = stretch(fourth, j, 0, width)
            if kind == HORTON:
                decay = stretch(third, j, 0, width)
                _horton_row(state, rate, took, a, b, decay, recovery, span, interval)
            else:
                _green_ampt_row(state, rate, took, a, b, recovery, recovers, span, interval)

    return change


change_soil = _compiled(source_digest(__file__))
