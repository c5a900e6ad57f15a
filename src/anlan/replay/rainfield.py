"""Rain of a replayed world: a smooth field in space and time, held to given amounts.

R(t, x, y) = steady course × lean × random field + Σ cells. Cells carry the amounts that sources
give, untouched by the random part; the steady part is scaled so that the mean over the city
comes to the event total. Lengths in m, amounts in mm per step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.refusal import Refusal
from anlan.replay.course import HOUR, course, random_field
from anlan.replay.parameters import Rain, RainCell

Floats = NDArray[np.float64]
SPACING_M = 2000.0
MARGIN_M = 12_000.0


@dataclass(frozen=True)
class Weights:
    """Bilinear weights of P points on the rain grid: four corners and their shares."""

    corner: NDArray[np.int64]
    share: Floats

    def of(self, values: ArrayLike) -> Floats:
        """(..., P) values at the points from (..., N) values at the N nodes of the grid."""
        v = np.asarray(values, dtype=np.float64)
        total = v[..., self.corner[0]] * self.share[0]
        for k in (1, 2, 3):
            total = total + v[..., self.corner[k]] * self.share[k]
        return np.asarray(total)


@dataclass(frozen=True, eq=False)
class RainField:
    """Rain on a coarse grid of nodes.

    Attributes:
        ends: (T,) end of each step, s since 1970; steps are ``dt_s`` long.
        x, y: (nx,), (ny,) nodes, m in the city's system.
        mm: (T, ny * nx) rain in the step, row by row from the south.
    """

    ends: Floats
    dt_s: float
    x: Floats
    y: Floats
    mm: Floats

    def weights(self, x: ArrayLike, y: ArrayLike) -> Weights:
        """How to read the field at points (P,), m; points outside take the rim."""
        col = np.clip((np.asarray(x, dtype=np.float64) - self.x[0]) / SPACING_M, 0, None)
        row = np.clip((np.asarray(y, dtype=np.float64) - self.y[0]) / SPACING_M, 0, None)
        col, row = np.minimum(col, self.x.size - 1.0), np.minimum(row, self.y.size - 1.0)
        i = np.minimum(col.astype(np.int64), self.x.size - 2)
        j = np.minimum(row.astype(np.int64), self.y.size - 2)
        fx, fy = col - i, row - j
        south_west = j * self.x.size + i
        corner = np.stack(
            [south_west, south_west + 1, south_west + self.x.size, south_west + self.x.size + 1]
        )
        share = np.stack([(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy])
        return Weights(corner, share)

    def at(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """(T, P) rain in each step at points, mm."""
        return self.weights(x, y).of(self.mm)

    def total(self, series: Floats, start: datetime, end: datetime) -> Floats:
        """Sum of (T, ...) amounts over the steps inside start..end, mm."""
        inside = (self.ends > start.timestamp()) & (self.ends <= end.timestamp())
        return np.asarray(series[inside].sum(axis=0))


def cell_mm(
    cell: RainCell,
    ends: Floats,
    dt_s: float,
    x: Floats,
    y: Floats,
    to_xy: Callable[[float, float], tuple[float, float]],
) -> Floats:
    """(T, N) amounts of one cell: sin² in time, Gaussian in space, moving steadily."""
    start, end = cell.start.timestamp(), cell.end.timestamp()
    if end <= start:
        raise Refusal(
            f"rain cell '{cell.name}' ends at {cell.end} before it starts at {cell.start}",
            field="rain.cell.end",
            value=cell.end,
            remedy="an end after the start",
        )

    # cumulative sin²: the exact share of the amount that has fallen by a moment
    def fallen(moment: Floats) -> Floats:
        s = np.clip((moment - start) / (end - start), 0.0, 1.0)
        return np.asarray(s - np.sin(2 * np.pi * s) / (2 * np.pi))

    amount = cell.mm * (fallen(ends) - fallen(ends - dt_s))
    x0, y0 = to_xy(cell.lon, cell.lat)
    result = np.zeros((ends.size, x.size))
    wet = np.flatnonzero(amount > 0)
    since_half = ends[wet] - 0.5 * dt_s - 0.5 * (start + end)
    dx = x[None, :] - (x0 + cell.east_ms * since_half)[:, None]
    dy = y[None, :] - (y0 + cell.north_ms * since_half)[:, None]
    radius = cell.radius_km * 1000.0
    result[wet] = amount[wet, None] * np.exp(-0.5 * (dx**2 + dy**2) / radius**2)
    return result


def build(
    rain: Rain,
    seed: int,
    ends: Floats,
    dt_s: float,
    city_x: Floats,
    city_y: Floats,
    to_xy: Callable[[float, float], tuple[float, float]],
) -> RainField:
    """The rain of a world.

    Args:
        ends: (T,) end of each step, s since 1970, ``dt_s`` apart.
        city_x, city_y: (P,) points spread evenly over the city, m; the event total is the mean
            over them, and the field covers them with a margin.
        to_xy: lon, lat to metres.

    Raises:
        Refusal: if the cells alone bring more than the event total.
    """
    x = np.arange(city_x.min() - MARGIN_M, city_x.max() + MARGIN_M + SPACING_M, SPACING_M)
    y = np.arange(city_y.min() - MARGIN_M, city_y.max() + MARGIN_M + SPACING_M, SPACING_M)
    node_x, node_y = (a.ravel() for a in np.meshgrid(x, y))
    empty = RainField(ends, dt_s, x, y, np.zeros((0, node_x.size)))
    city = empty.weights(city_x, city_y)

    cells = np.zeros((ends.size, node_x.size))
    for cell in rain.cell:
        cells += cell_mm(cell, ends, dt_s, node_x, node_y, to_xy)

    noise = rain.noise
    sigma = (
        noise.hours * HOUR / dt_s,
        noise.km * 1000.0 / SPACING_M,
        noise.km * 1000.0 / SPACING_M,
    )
    field = random_field(seed, (ends.size, y.size, x.size), sigma).reshape(ends.size, -1)
    lean_x = rain.lean_east * (node_x - city_x.mean()) / 10_000.0
    lean_y = rain.lean_north * (node_y - city_y.mean()) / 10_000.0
    steady = np.clip(course(rain.course, ends - 0.5 * dt_s), 0.0, None)[:, None] * np.exp(
        lean_x + lean_y + noise.rms * field
    )
    missing = rain.total_mm - float(city.of(cells).sum(axis=0).mean())
    if missing < 0:
        raise Refusal(
            f"rain cells bring {rain.total_mm - missing:.0f} mm over the city, more than "
            f"total_mm {rain.total_mm:g}; raise the total or lower the cells",
            field="rain.total_mm",
            value=rain.total_mm,
            remedy=f"at least {rain.total_mm - missing:.0f}",
        )
    mean = float(city.of(steady).sum(axis=0).mean())
    steady *= missing / mean if mean > 0 else 0.0
    return RainField(ends, dt_s, x, y, steady + cells)
