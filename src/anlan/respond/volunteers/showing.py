"""How many of those asked will come: rates from past answers, and the exact distribution. Pure.

Each person answers yes and then shows up with a probability of their own, independently of the
others; the number who come is a sum of such trials (a Poisson binomial), computed by convolution.
For equal probabilities it is the binomial.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Past:
    """What somebody was asked and did: asked, said yes; promised to come, came."""

    asked: int = 0
    yes: int = 0
    promised: int = 0
    came: int = 0

    def plus(self, other: Past) -> Past:
        """Both together."""
        return Past(
            self.asked + other.asked,
            self.yes + other.yes,
            self.promised + other.promised,
            self.came + other.came,
        )


def rate(hits: int, tries: int, prior: tuple[float, float]) -> float:
    """Mean of a Beta distribution: ``hits`` of ``tries`` and the prior's answers for and against.

    Nobody is taken for certain after one answer, and nobody for lost.
    """
    good, bad = prior
    return (hits + good) / (tries + good + bad)


def arrivals(chances: Sequence[float]) -> list[float]:
    """Probability that exactly 0, 1, … of ``len(chances)`` independent persons come."""
    found = [1.0]
    for chance in chances:
        stay = [share * (1.0 - chance) for share in found] + [0.0]
        come = [0.0] + [share * chance for share in found]
        found = [a + b for a, b in zip(stay, come, strict=True)]
    return found


def at_least(distribution: Sequence[float], needed: int) -> float:
    """Probability that ``needed`` or more come."""
    return min(1.0, max(0.0, sum(distribution[needed:])))


def quantile(distribution: Sequence[float], share: float) -> int:
    """The least number not exceeded with probability ``share``."""
    below = 0.0
    for number, probability in enumerate(distribution):
        below += probability
        if below >= share - 1e-12:
            return number
    return len(distribution) - 1


@dataclass(frozen=True, slots=True)
class Expected:
    """How many will come: mean, the 10 % and 90 % quantiles, and P(as many as needed)."""

    mean: float
    low: int
    high: int
    enough: float

    def as_json(self) -> dict[str, float]:
        """As kept and shown."""
        return {
            "mean": round(self.mean, 2),
            "low": self.low,
            "high": self.high,
            "enough": round(self.enough, 4),
        }


def expected(chances: Sequence[float], needed: int) -> Expected:
    """What to expect of persons who come with ``chances``."""
    found = arrivals(chances)
    return Expected(
        sum(chances), quantile(found, 0.1), quantile(found, 0.9), at_least(found, needed)
    )


def how_many(chances: Sequence[float], needed: int, confidence: float) -> int:
    """How many of ``chances`` (in order of asking) to ask, so that enough come.

    The least number with P(at least ``needed`` come) >= ``confidence``; all of them where that
    cannot be reached.
    """
    found = [1.0]
    for number, chance in enumerate(chances, start=1):
        stay = [share * (1.0 - chance) for share in found] + [0.0]
        come = [0.0] + [share * chance for share in found]
        found = [a + b for a, b in zip(stay, come, strict=True)]
        if at_least(found, needed) >= confidence:
            return number
    return len(chances)


def places_for(needed: int, show: float, confidence: float, most: int) -> int:
    """How many yeses to take where each comes with probability ``show``: at least ``needed``.

    Those beyond are put on the waiting list. Never more than ``most``.
    """
    found = arrivals([show] * needed)
    places = needed
    while at_least(found, needed) < confidence and places < most:
        stay = [share * (1.0 - show) for share in found] + [0.0]
        come = [0.0] + [share * show for share in found]
        found = [a + b for a, b in zip(stay, come, strict=True)]
        places += 1
    return places
