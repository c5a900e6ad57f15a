"""Closed rooms of water joined by structures alone: what a model does with them, in plain Python.

Room k is the cell (0, k); its bed lies at 0 m and its walls never overflow.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anlan.hydraulics.numerics import Array
from anlan.hydraulics.works import (
    Structure,
    check_structures,
    limited_volume,
    pack_works,
    set_discharges,
)


class Rooms:
    """Rooms of equal area standing side by side.

    Args:
        structures: what joins them.
        levels: of the water at the start, m.
        area: of each room, m2.
        zero: level that the structures' arrays count from, m.
    """

    def __init__(
        self,
        structures: Sequence[Structure],
        levels: Sequence[float],
        area: float = 400.0,
        zero: float = 0.0,
    ) -> None:
        active = np.ones((1, len(levels)), np.bool_)
        check_structures(structures, active)
        self.works = pack_works(structures, active, zero)
        self.level: Array = np.array(levels, np.float64)
        self.area = area
        self.zero = zero
        self.time = 0.0

    @property
    def memory(self) -> Array:
        """(k, 3) running, share open, target."""
        return np.asarray(self.works.memory[0])

    @property
    def discharge(self) -> Array:
        """(k,) m3/s asked for in the last step."""
        return np.asarray(self.works.discharge[0])

    @property
    def volume(self) -> Array:
        """(k,) m3 moved so far."""
        return np.asarray(self.works.volume[0])

    def step(self, dt: float) -> None:
        """One step: discharges from the levels at its start, then the water moves."""
        w = self.works
        set_discharges(
            w, self.memory, self.discharge, self.level[w.cell] - self.zero, self.time, dt
        )
        for k in range(w.kind.size):
            a, b = w.from_cell[k], w.to_cell[k]
            moved = limited_volume(
                self.discharge[k],
                dt,
                self.level[a] * self.area,
                self.level[b] * self.area,
                self.level[a] - self.zero,
                self.level[b] - self.zero,
                self.area,
                self.area,
                w.crest[k],
                w.lifts[k],
            )
            self.level[a] -= moved / self.area
            self.level[b] += moved / self.area
            self.volume[k] += moved
        self.time += dt

    def run(self, duration: float, dt: float) -> None:
        """Steps of ``dt`` over ``duration`` seconds."""
        for _ in range(round(duration / dt)):
            self.step(dt)

    def discharge_at(self, *levels: float) -> float:
        """What the first structure would pass at these levels, m3/s."""
        self.level[:] = levels
        w = self.works
        set_discharges(w, self.memory, self.discharge, self.level[w.cell] - self.zero, 0.0, 1.0)
        return float(self.discharge[0])
