"""One member through the basin: what is kept of it, sampled every hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.forecast.basin import Basin, Drive
from anlan.forecast.bundle import Bundle
from anlan.forecast.nodes import Nodes
from anlan.forecast.products import THRESHOLDS
from anlan.hydraulics import ShallowWater, State

Array = NDArray[np.floating[Any]]

DRY_M = 0.005
"""A cell with less water than this counts as dry where a level is asked for."""


@dataclass(frozen=True)
class Sampling:
    """Where a member is looked at.

    Attributes:
        land: (ny, nx) computed cells that are neither river nor sea.
        place_cell, station_cell: (k, 2) row and column, -1 where off the grid.
        village_cells: flat indices of each village's cells where people live.
        place_rain, town_rain: (k, n) weights on rain nodes; city_rain: (n,).
    """

    land: NDArray[np.bool_]
    place_cell: NDArray[np.int32]
    station_cell: NDArray[np.int32]
    village_cells: tuple[NDArray[np.int64], ...]
    place_rain: Array
    town_rain: Array
    city_rain: Array


@dataclass(frozen=True)
class MemberResult:
    """What is kept of a member; shapes as in `products.Products` without the first axis.

    ``depth`` (T, ny, nx) on land, single-byte precise enough in half precision; ``max_depth``
    (ny, nx) on land, over all steps and not only the hours.
    """

    depth: Array
    max_depth: Array
    station_level: Array
    place_level: Array
    place_rain: Array
    town_rain: Array
    rain_total: float
    village_depth: Array
    village_fraction: Array
    tide: Array | None
    volume_error: float


def sampling(bundle: Bundle, nodes: Nodes) -> Sampling:
    """The `Sampling` of a bundle."""
    a = bundle.arrays
    land = a["inside"] & ~a["sea"] & ~a["river"]
    unit = a["unit"]
    villages = tuple(
        np.flatnonzero((unit == v) & a["dwelt"]).astype(np.int64)
        for v in range(len(bundle.meta["villages"]))
    )
    town_of_cell = np.where(unit >= 0, a["village_town"][np.maximum(unit, 0)], -1)
    towns = [
        nodes.mean_over((town_of_cell == w) & a["inside"]) for w in range(len(bundle.meta["towns"]))
    ]
    return Sampling(
        land,
        a["place_cell"],
        a["station_cell"],
        villages,
        nodes.at_cell(a["place_cell"]),
        np.array(towns).reshape(-1, nodes.x.size),
        nodes.mean_over((unit >= 0) & a["inside"]),
    )


def run_member(basin: Basin, state: State, drive: Drive, sample: Sampling) -> MemberResult:
    """Drive ``basin`` from ``state`` and keep what `Sampling` looks at."""
    hours = drive.hours
    ny, nx = sample.land.shape
    depth = np.zeros((hours + 1, ny, nx), np.float16)
    station = np.full((hours + 1, sample.station_cell.shape[0]), np.nan)
    place = np.full((hours + 1, sample.place_cell.shape[0]), np.nan)

    def keep(hour: int, model: ShallowWater) -> None:
        h = model.state.depth
        depth[hour] = np.where(sample.land, h, 0.0)
        station[hour] = _level(h, basin.bed, sample.station_cell)
        place[hour] = _level(h, basin.bed, sample.place_cell)

    basin.drive(state, drive, keep)
    deepest = np.where(sample.land, basin.model.tracked.max_depth, 0.0)
    flat = deepest.ravel()
    count = len(sample.village_cells)
    village_depth = np.zeros(count)
    fraction = np.zeros((count, len(THRESHOLDS)))
    for v, cells in enumerate(sample.village_cells):
        if cells.size:
            there = flat[cells]
            village_depth[v] = np.quantile(there, 0.9)
            fraction[v] = [(there > t).mean() for t in THRESHOLDS]
    budget = basin.model.budget
    moved = budget.initial + budget.rain + budget.inflow
    return MemberResult(
        depth=depth,
        max_depth=deepest.astype(np.float32),
        station_level=station,
        place_level=place,
        place_rain=_steps(sample.place_rain @ drive.rain),
        town_rain=_steps(sample.town_rain @ drive.rain),
        rain_total=float((sample.city_rain @ drive.rain).sum()),
        village_depth=village_depth,
        village_fraction=fraction,
        tide=drive.tide,
        volume_error=abs(budget.residual) / max(moved, 1.0),
    )


def _level(depth: Array, bed: Array, cells: NDArray[np.int32]) -> Array:
    """(k,) surface level at ``cells``; NaN where dry or off the grid."""
    j, i = cells[:, 0], cells[:, 1]
    h = depth[j, i].astype(np.float64)
    return np.where((j >= 0) & (h > DRY_M), h + bed[j, i], np.nan)


def _steps(hourly: Array) -> Array:
    """(T, k) rain in the step ending at each time from (k, h) hourly sums; none at the issue."""
    return np.vstack([np.zeros((1, hourly.shape[0])), hourly.T])
