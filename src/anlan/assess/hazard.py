"""From members to a hazard: how likely, from when, how deep, how long.

Pure and vectorised. A member is one equally likely course of the water; a course is taken as
straight between its output times, so onset and time above a threshold fall between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Crossing:
    """A threshold crossed by members. Leading axes after the member axis are kept.

    Attributes:
        crossed: (M, ...) whether the member rises above the threshold.
        onset_h: (M, ...) h from the first time to the first crossing; NaN where never.
        above_h: (M, ...) total time above the threshold, h.
    """

    crossed: NDArray[np.bool_]
    onset_h: Floats
    above_h: Floats

    @property
    def probability(self) -> Floats:
        """(...) share of members that cross, 0 to 1."""
        return np.asarray(self.crossed.mean(axis=0))

    @property
    def median_onset_h(self) -> Floats:
        """(...) median onset of the members that cross, h; NaN where none does."""
        return _median_of_crossing(self.onset_h, self.crossed)

    @property
    def median_above_h(self) -> Floats:
        """(...) median time above of the members that cross, h; 0 where none does."""
        return np.nan_to_num(_median_of_crossing(self.above_h, self.crossed))


def crossing(values: ArrayLike, threshold: ArrayLike, hours: ArrayLike) -> Crossing:
    """When, and for how long, each member stands above a threshold.

    Args:
        values: (M, T, ...) depth or level of each member, m; NaN counts as below.
        threshold: a number, or an array that broadcasts to the trailing axes, m.
        hours: (T,) times, h, rising.

    Raises:
        ValueError: if the times do not rise, or their count is not the second axis of values.
    """
    v = np.asarray(values, dtype=np.float64)
    t = np.asarray(hours, dtype=np.float64)
    if v.ndim < 2 or v.shape[1] != t.size:
        raise ValueError(f"values of shape {v.shape} need {t.size} times on their second axis")
    if np.any(np.diff(t) <= 0):
        raise ValueError("hours must rise")
    over = v - np.asarray(threshold, dtype=np.float64)
    # A dry time is far below; straight lines to it then end at the wet one.
    over = np.where(np.isnan(over), -np.inf, over)
    above = over > 0
    crossed = np.asarray(above.any(axis=1))
    first = above.argmax(axis=1)
    onset = np.where(crossed, t[first], np.nan)
    if t.size == 1:
        return Crossing(crossed, onset, np.zeros(crossed.shape))

    start, end = over[:, :-1], over[:, 1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        meet = start / (start - end)  # where in the segment the line passes through zero
    rising, falling = ~above[:, :-1] & above[:, 1:], above[:, :-1] & ~above[:, 1:]
    meet = np.where(np.isnan(meet), np.where(rising, 1.0, 0.0), meet)
    share = np.where(above[:, :-1] & above[:, 1:], 1.0, 0.0)
    share = np.where(rising, 1.0 - meet, np.where(falling, meet, share))
    width = np.diff(t).reshape((1, -1) + (1,) * (v.ndim - 2))
    above_h = (share * width).sum(axis=1)

    before = np.maximum(first - 1, 0)
    at = np.take_along_axis(meet, np.expand_dims(before, 1), axis=1)[:, 0]
    between = t[before] + at * (t[np.maximum(first, 1)] - t[before])
    onset = np.where(crossed & (first > 0), between, onset)
    return Crossing(crossed, onset, above_h)


def quantiles(members: ArrayLike) -> dict[str, float]:
    """The 10th, 50th and 90th percentile of one number per member, linear between members.

    Raises:
        ValueError: if there is no member, or none with a number.
    """
    values = np.asarray(members, dtype=np.float64).ravel()
    values = values[~np.isnan(values)]
    if values.size == 0:
        raise ValueError("no member holds a number: quantiles need at least one")
    p10, p50, p90 = np.percentile(values, [10, 50, 90])
    return {"p10": float(p10), "p50": float(p50), "p90": float(p90)}


def largest_sum(amounts: ArrayLike, steps: int) -> Floats:
    """Largest sum of ``steps`` consecutive amounts along the second axis.

    Args:
        amounts: (M, T, ...) an amount per step, such as mm of rain.
        steps: width of the window, at least 1; a window wider than T is the whole.

    Returns:
        (M, ...) the largest window sum.
    """
    a = np.asarray(amounts, dtype=np.float64)
    steps = max(1, min(steps, a.shape[1]))
    total = np.cumsum(a, axis=1)
    total = np.concatenate([np.zeros_like(total[:, :1]), total], axis=1)
    return np.asarray((total[:, steps:] - total[:, :-steps]).max(axis=1))


def _median_of_crossing(values: Floats, crossed: NDArray[np.bool_]) -> Floats:
    kept = np.where(crossed, values, np.nan)
    some = crossed.any(axis=0)
    # Columns where nobody crosses are filled with 0 first: their median is not asked for.
    return np.asarray(np.where(some, np.nanmedian(np.where(some, kept, 0.0), axis=0), np.nan))
