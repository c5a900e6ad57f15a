"""Structures on the grid: each end in a cell on its own side of the barrier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.city.projection import Projection
from anlan.city.terrain import Cell, Ints, Mask, StructureCells
from anlan.city.works import Structure


@dataclass(frozen=True, eq=False)
class Sides:
    """What snapping looks at: centres x (nx,), y (ny,) in m and masks (ny, nx)."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    inside: Mask
    sea: Mask
    river: Mask
    polder: Ints
    projection: Projection

    def nearest(self, x: float, y: float, among: Mask) -> tuple[Cell, float] | None:
        """The nearest cell of ``among`` and its distance, m; the first of equals."""
        if not among.any():
            return None
        distance = np.hypot(self.x[None, :] - x, self.y[:, None] - y)
        distance[~among] = np.inf
        j, i = np.unravel_index(int(distance.argmin()), distance.shape)
        return (int(j), int(i)), float(distance[j, i])

    def water_side(self, x: float, y: float, among: Mask, reach: float) -> Cell | None:
        """The nearest river cell of ``among`` within ``reach``, or else its nearest cell."""
        river = self.nearest(x, y, among & self.river)
        if river is not None and river[1] <= reach:
            return river[0]
        any_cell = self.nearest(x, y, among)
        return None if any_cell is None else any_cell[0]


def snap(structure: Structure, sides: Sides, polder: int) -> StructureCells | None:
    """``structure`` between two cells, or None where the grid is too coarse to hold both sides.

    Args:
        polder: index of the polder that its first point lies in, or -1. Water is then taken from
            that polder and given outside it; otherwise from land to sea where the second point
            lies at the sea, and to the nearest other water where it does not.
    """
    dx = float(sides.x[1] - sides.x[0])
    reach = 3 * dx
    land = sides.inside & ~sides.sea
    from_x, from_y = sides.projection.to_xy(structure.from_lon, structure.from_lat)
    to_x, to_y = sides.projection.to_xy(structure.to_lon, structure.to_lat)
    own = land & (sides.polder == polder)
    first = sides.water_side(from_x, from_y, own, reach)
    at_sea = sides.nearest(to_x, to_y, sides.sea)
    if polder < 0 and at_sea is not None and at_sea[1] <= reach:
        second: Cell | None = at_sea[0]
    else:
        other = land & (sides.polder != polder) if polder >= 0 else land.copy()
        if first is not None:
            other[first] = False
        second = sides.water_side(to_x, to_y, other, reach)
    if first is None or second is None:
        return None
    return StructureCells(
        name=structure.name,
        kind=structure.kind,
        from_cell=first,
        to_cell=second,
        capacity=np.inf if structure.capacity_m3s is None else structure.capacity_m3s,
        width=structure.width_m or 0.0,
        sill=-np.inf if structure.sill_m is None else structure.sill_m,
        start_level=-np.inf if structure.start_level_m is None else structure.start_level_m,
        stop_level=-np.inf if structure.stop_level_m is None else structure.stop_level_m,
    )
