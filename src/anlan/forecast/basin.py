"""A city's ground as a hydraulic model, and driving it with rain, tide and inland levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.forecast.bundle import Bundle
from anlan.forecast.nodes import Nodes
from anlan.hydraulics import Constant, Gate, Pump, ShallowWater, State, Structure

Array = NDArray[np.float64]

FINE_S = 600.0
"""Boundary levels change this often [s]."""
TRACK_S = 300.0
"""The greatest depth is looked for this often [s]."""
MM_H = 1.0 / 3.6e6
"""1 mm/h in m/s."""


@dataclass(frozen=True)
class Drive:
    """What drives a basin over whole hours from ``start``.

    Attributes:
        start: Unix seconds.
        rain: (n, h) rate at rain nodes in each hour [mm/h].
        tide: (6 h + 1,) sea level every 10 minutes [m, city datum]; None without a sea.
        inland: (s, 6 h + 1) level of each inland boundary station.
    """

    start: float
    rain: Array
    tide: Array | None
    inland: Array

    @property
    def hours(self) -> int:
        """Whole hours driven."""
        return int(self.rain.shape[1])


class Basin:
    """The local-inertial model of one frozen city.

    A basin is for one thread; build one for each. ``bundle`` gives terrain and structures.

    Attributes:
        bed: (ny, nx) bed of the model [m]; depths of its states stand over this.
        model: the hydraulic model.
    """

    def __init__(self, bundle: Bundle, nodes: Nodes) -> None:
        a = bundle.arrays
        self._nodes = nodes
        inside = a["inside"]
        self.bed = _raise_sea(bundle)
        self._sea = np.nonzero(a["sea"] & inside)
        self._inland = np.nonzero(a["inland"] & inside & (a["inland_station"] >= 0))
        self._inland_station = a["inland_station"][self._inland]
        self._inland_and_sea = tuple(
            np.concatenate(axis) for axis in zip(self._inland, self._sea, strict=True)
        )
        self._river = a["river"] & inside & ~a["sea"]
        self.model = ShallowWater(
            self.bed,
            float(bundle.meta["grid"]["dx"]),
            a["manning"],
            active=inside,
            face_crest_x=a["crest_x"],
            face_crest_y=a["crest_y"],
            structures=[_structure(s) for s in bundle.meta["structures"]],
            infiltration=Constant(np.where(inside, a["drain_rate"], 0.0)),
            scheme="inertial",
        )
        self.model.track((), TRACK_S)

    def cold(self, level: float) -> State:
        """Water at rest: rivers at ``level`` [m], land dry; the sea follows its boundary."""
        depth = np.where(self._river, np.maximum(level - self.bed, 0.0), 0.0)
        return State(time=0.0, depth=depth)

    def drive(
        self,
        state: State,
        drive: Drive,
        on_hour: Callable[[int, ShallowWater], None] | None = None,
    ) -> State:
        """The water ``drive.hours`` later; ``on_hour`` (k, model) is called for k = 0…hours."""
        self._levels(drive, 0)
        self.model.restore(state)
        if on_hour is not None:
            on_hour(0, self.model)
        active = self.model.active
        for hour in range(drive.hours):
            rate = self._nodes.to_cells(drive.rain[:, hour]) * MM_H
            self.model.set_rain(np.where(active, np.maximum(rate, 0.0), 0.0))
            for step in range(6):
                # The level at the middle of the step: a rising sea neither leads nor lags.
                self._levels(drive, hour * 6 + step, 0.5)
                self.model.run(FINE_S)
            if on_hour is not None:
                on_hour(hour + 1, self.model)
        return self.model.state.copy()

    def _levels(self, drive: Drive, k: int, share: float = 0.0) -> None:
        def at(series: Array) -> Any:
            return (
                series[..., k] * (1.0 - share)
                + series[..., min(k + 1, series.shape[-1] - 1)] * share
            )

        cells, levels = self._inland, at(drive.inland)[self._inland_station]
        if drive.tide is not None:
            cells = self._inland_and_sea
            levels = np.concatenate([levels, np.full(self._sea[0].size, at(drive.tide))])
        if levels.size:
            self.model.set_level_boundary(cells, levels)


def _raise_sea(bundle: Bundle) -> Array:
    """(ny, nx) bed with the sea floor raised to just under the lowest way between sea and land.

    Sea cells carry a prescribed level, so their floor matters only through the wave speed, which
    sets the step of the whole grid. Under a gate's sill or a dike's crest it changes no discharge.
    """
    a = bundle.arrays
    z = np.array(a["z"], dtype=np.float64)
    sea = a["sea"] & a["inside"]
    if not sea.any():
        return z
    ways = [
        float(s["sill"])
        for s in bundle.meta["structures"]
        if sea[tuple(s["to_cell"])] or sea[tuple(s["from_cell"])]
    ]
    land = a["inside"] & ~sea
    for axis, crest in ((1, a["crest_x"][:, 1:-1]), (0, a["crest_y"][1:-1])):
        shore = np.delete(sea, -1, axis) & np.delete(land, 0, axis)
        shore |= np.delete(land, -1, axis) & np.delete(sea, 0, axis)
        # A river mouth with no barrier is as low as its own bed, whatever the sea floor.
        bed = np.where(np.delete(sea, -1, axis), np.delete(z, 0, axis), np.delete(z, -1, axis))
        ways += np.maximum(bed, crest)[shore].tolist()
    ways = [w for w in ways if np.isfinite(w)]
    if ways:
        z[sea] = np.maximum(z[sea], min(ways) - 0.1)
    return z


def _structure(entry: dict[str, Any]) -> Structure:
    name, inner, outer = entry["name"], tuple(entry["from_cell"]), tuple(entry["to_cell"])
    if entry["kind"] == "pump":
        return Pump(
            name, inner, outer, entry["capacity"], entry["start_level"], entry["stop_level"]
        )
    return Gate(name, inner, outer, width=entry["width"], sill=entry["sill"], flap=True)
