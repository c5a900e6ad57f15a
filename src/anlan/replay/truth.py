"""What really happened in a replayed world: crossings of levels and depths. Pure.

A crossing is closed by straight lines between samples, so that its start and end do not hang
on the sampling; short dips between two crossings are taken as one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: A town's true waterlogging colour: the number of its hazard places above each threshold and
#: the rain that fell in it (mm in the last 3 or 12 hours), one of several sets of least values a
#: colour. It says of what happened what the city's rules say of a forecast: orange and red need
#: dangerous depth and heavy rain. The colours were written down before the first run and not
#: changed since; which places count was (see docs/scores.md).
TOWN_COLOURS: Mapping[str, Sequence[Mapping[str, float]]] = {
    "blue": ({"attention": 1},),
    "yellow": ({"attention": 2},),
    "orange": ({"danger": 2, "rain_3h": 50}, {"danger": 2, "rain_12h": 70}),
    "red": ({"danger": 4, "rain_3h": 100}, {"danger": 4, "rain_12h": 140}),
}
#: A dip shorter than this does not end a crossing: a pump's cycle, a lull between bands.
DIP = timedelta(minutes=60)


@dataclass(frozen=True)
class Crossing:
    """A stretch of time at or above a threshold; ``peak`` in the unit of the values."""

    start: datetime
    end: datetime
    peak: float
    peak_time: datetime


def _moment(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(round(epoch_s), UTC)


def crossings(
    times: ArrayLike, values: ArrayLike, threshold: float, dip: timedelta = timedelta(0)
) -> list[Crossing]:
    """Stretches of ``values`` (T,) at or above ``threshold``, oldest first.

    Args:
        times: (T,) s since 1970, rising.
        values: NaN counts as below.
        dip: shorter stretches below are bridged.
    """
    t = np.asarray(times, dtype=np.float64)
    v = np.asarray(values, dtype=np.float64)
    v = np.where(np.isnan(v), -np.inf, v)
    above = v >= threshold
    edges = np.diff(np.concatenate(([0], above.astype(np.int8), [0])))
    found: list[tuple[float, float, int, int]] = []
    for first, last in zip(
        np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1, strict=True
    ):
        start = float(t[first]) if first == 0 else _meet(t, v, int(first) - 1, threshold)
        end = float(t[last]) if last == t.size - 1 else _meet(t, v, int(last), threshold)
        if found and start - found[-1][1] < dip.total_seconds():
            found[-1] = (found[-1][0], end, found[-1][2], int(last))
        else:
            found.append((start, end, int(first), int(last)))
    result = []
    for start, end, head, tail in found:
        top = head + int(np.argmax(v[head : tail + 1]))
        result.append(Crossing(_moment(start), _moment(end), float(v[top]), _moment(t[top])))
    return result


def _meet(t: Floats, v: Floats, k: int, threshold: float) -> float:
    """Where the line from sample k to k+1 meets the threshold; the wet end beside a dry one."""
    low, high = v[k], v[k + 1]
    if not (np.isfinite(low) and np.isfinite(high)):
        return float(t[k + 1] if high >= threshold else t[k])
    return float(t[k] + (t[k + 1] - t[k]) * (threshold - low) / (high - low))


def trailing(amounts: Floats, dt_s: float, hours: float) -> Floats:
    """(T,) sum of (T,) amounts over the last ``hours`` that end with each step."""
    steps = round(hours * 3600.0 / dt_s)
    total = np.concatenate((np.zeros(steps), np.cumsum(amounts)))
    return np.asarray(total[steps:] - total[:-steps])


def town_colour(seen: Mapping[str, Floats], colour: str) -> NDArray[np.bool_]:
    """(T,) whether a town stands at ``colour`` or above.

    Args:
        seen: (T,) courses by the names of `TOWN_COLOURS`: number of its places above
            ``attention`` and ``danger``, rain in ``rain_3h`` and ``rain_12h`` (mm).
    """
    names = list(TOWN_COLOURS)
    met = np.zeros(seen["attention"].shape, dtype=np.bool_)
    # a higher colour implies the lower ones
    for name in names[names.index(colour) :]:
        for least in TOWN_COLOURS[name]:
            met |= np.all([seen[key] >= value for key, value in least.items()], axis=0)
    return met
