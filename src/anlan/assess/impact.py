"""Who and what is touched, counted member by member.

Quantiles are taken of totals, never totals of quantiles: a town's median is the median over
members of the town's sum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def touched_in_villages(
    stock: ArrayLike,
    flooded_share: ArrayLike,
    at_places: ArrayLike,
    crossed: ArrayLike,
    village_of_place: ArrayLike,
) -> Floats:
    """People or houses touched in each village.

    Two counts of the same people are at hand: those spread evenly over the village, times its
    flooded share, and those known to live at its hazard places that cross. The larger stands,
    so that nobody is counted twice; it never exceeds a stock that is known (above 0).

    Args:
        stock: (V,) residents or houses of each village; 0 where not known.
        flooded_share: (M, V) share of the village under water at its peak, 0 to 1.
        at_places: (P,) residents or houses at each hazard place.
        crossed: (M, P) whether the place crosses its attention threshold.
        village_of_place: (P,) index of the place's village, -1 where it has none.

    Returns:
        (M, V) touched.
    """
    people = np.asarray(stock, dtype=np.float64)
    spread = np.asarray(flooded_share, dtype=np.float64) * people
    known = summed_by(at_places, crossed, village_of_place, people.size)
    larger = np.maximum(spread, known)
    return np.where(people > 0, np.minimum(larger, people), larger)


def summed_by(
    amount: ArrayLike, crossed: ArrayLike, group_of_place: ArrayLike, groups: int
) -> Floats:
    """Sum what stands at places that cross, by group (village, town or department).

    Args:
        amount: (P,) what stands at each place.
        crossed: (M, P) whether it crosses.
        group_of_place: (P,) index of its group, -1 for none.
        groups: how many groups there are.

    Returns:
        (M, groups) sums.
    """
    hit = np.asarray(crossed, dtype=np.float64) * np.asarray(amount, dtype=np.float64)
    return by_group(hit, group_of_place, groups)


def by_group(amounts: ArrayLike, group: ArrayLike, groups: int) -> Floats:
    """(M, groups) sums of (M, N) amounts by the (N,) index of their group, -1 for none."""
    belongs = np.asarray(group, dtype=np.int64)[:, None] == np.arange(groups)[None, :]
    return np.asarray(np.asarray(amounts, dtype=np.float64) @ belongs.astype(np.float64))


def median_count(members: ArrayLike) -> int:
    """The median of a count, rounded up: half a household is a household."""
    return int(np.ceil(np.median(np.asarray(members, dtype=np.float64)) - 1e-9))


def high_count(members: ArrayLike) -> int:
    """The 90th percentile of a count, rounded up."""
    return int(np.ceil(np.percentile(np.asarray(members, dtype=np.float64), 90) - 1e-9))
