"""Chance without memory: the same question gets the same answer, before and after a crash."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")
#: People move when the replay ticks, at the tick nearest to their own moment: rounding up would
#: make everybody late, since deadlines of ten minutes are looked at before people move.
HALF_TICK = timedelta(minutes=5)
#: Spread of the logarithm of a delay: one in six takes twice the median or longer.
SKEW = 0.7
_NORMAL = NormalDist()


class Chance:
    """Draws named by words and ids; nothing is kept between them."""

    def __init__(self, seed: int) -> None:
        self._seed = str(seed)

    def share(self, *name: str) -> float:
        """Evenly spread in (0, 1), fixed by the seed and the name."""
        text = "\x1f".join((self._seed, *name))
        raw = blake2b(text.encode(), digest_size=7).digest()
        return (int.from_bytes(raw, "big") + 0.5) / 2.0**56

    def happens(self, probability: float, *name: str) -> bool:
        """True with the given probability."""
        return self.share(*name) < probability

    def delay(self, median_min: float, *name: str) -> timedelta:
        """A log-normal delay with this median; people are seldom quick and sometimes slow."""
        factor = math.exp(SKEW * _NORMAL.inv_cdf(self.share(*name)))
        return timedelta(minutes=median_min * factor)

    def pick(self, options: Sequence[T], *name: str) -> T:
        """One of the options, which must not be empty."""
        return options[int(self.share(*name) * len(options))]
