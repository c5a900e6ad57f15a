"""The terrain of a city on a square grid, ready for the hydraulic core."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.city.projection import Projection
from anlan.refusal import Refusal

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Cell = tuple[int, int]


@dataclass(frozen=True)
class StructureCells:
    """A structure on the grid: cells are (j, i); levels in m on the city's datum.

    A ``capacity`` that is not given is infinite, levels that are not given are -inf: what the
    kind does not use. See ``Structure`` for what each kind does.
    """

    name: str
    kind: str
    from_cell: Cell
    to_cell: Cell
    capacity: float
    width: float
    sill: float
    start_level: float
    stop_level: float


@dataclass(frozen=True, eq=False)
class Terrain:
    """Arrays over a grid of ``ny`` × ``nx`` square cells. Row 0 is the southernmost.

    Attributes:
        x0, y0: outer south-west corner, m in the city's system; dx: cell size, m.
        z: (ny, nx) bed, m on the city's datum; finite everywhere, also outside.
        manning: (ny, nx) s m^(-1/3). In river cells it is scaled by cell size over river width,
            so that a river narrower than its cell carries what it carries in reality.
        inside: (ny, nx) cells that are computed.
        crest_x: (ny, nx+1) crest of a barrier on the face between (j, i-1) and (j, i), m;
            -inf where there is none. crest_y: (ny+1, nx) between (j-1, i) and (j, i).
        sea: (ny, nx) cells seaward of the dike, which carry the tide level.
        inland: (ny, nx) cells on the landward rim where a river crosses it: they carry a level
            known from ``inland_stations[inland_station[j, i]]`` (the station that ``[inland]``
            of city.toml names for the river, or else the nearest); index -1 elsewhere.
        drain_rate: (ny, nx) what drains and soil take up at most, m/s.
        polder: (ny, nx) index into ``city.polders``, -1 outside all.
        unit: (ny, nx) index into ``territory.villages()``; -1 outside the city.
        river: (ny, nx) cells that a river runs through.
    """

    x0: float
    y0: float
    dx: float
    z: Floats
    manning: Floats
    inside: Mask
    crest_x: Floats
    crest_y: Floats
    sea: Mask
    inland: Mask
    inland_station: Ints
    inland_stations: tuple[str, ...]
    drain_rate: Floats
    polder: Ints
    unit: Ints
    river: Mask
    structures: tuple[StructureCells, ...]
    projection: Projection

    @property
    def shape(self) -> tuple[int, int]:
        """(ny, nx)."""
        return self.z.shape[0], self.z.shape[1]

    @property
    def dwelt(self) -> Mask:
        """(ny, nx) land where a village's people live.

        Rivers and sea are not; nor, in a village that has polders, the banks outside its ring
        dikes, over which a river rises without anybody's floor getting wet.
        """
        land = self.inside & ~self.sea & ~self.river & (self.unit >= 0)
        dry_shod = land & (self.polder >= 0)
        has_polder = np.isin(self.unit, np.unique(self.unit[dry_shod]))
        return np.asarray(np.where(has_polder, dry_shod, land), dtype=np.bool_)

    def cell(self, x: float, y: float) -> Cell:
        """The cell (j, i) that holds a point, m in the city's system.

        Raises:
            Refusal: if the point lies off the grid.
        """
        ny, nx = self.shape
        j, i = int((y - self.y0) // self.dx), int((x - self.x0) // self.dx)
        if not (0 <= j < ny and 0 <= i < nx):
            raise Refusal(
                f"point x {x:.0f}, y {y:.0f} lies off the grid, which runs from "
                f"x {self.x0:.0f}, y {self.y0:.0f} to x {self.x0 + nx * self.dx:.0f}, "
                f"y {self.y0 + ny * self.dx:.0f}",
                field="point",
                value=f"{x:.0f}, {y:.0f}",
                remedy="a point on the grid, in metres of the city's system",
            )
        return j, i

    def centres(self) -> tuple[Floats, Floats]:
        """x (nx,) and y (ny,) of the cell centres, m."""
        ny, nx = self.shape
        x = self.x0 + self.dx * (np.arange(nx) + 0.5)
        y = self.y0 + self.dx * (np.arange(ny) + 0.5)
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def corners_lonlat(self) -> list[list[float]]:
        """The outer corners SW, SE, NE, NW as [lon, lat]."""
        ny, nx = self.shape
        east, north = self.x0 + nx * self.dx, self.y0 + ny * self.dx
        corners = [(self.x0, self.y0), (east, self.y0), (east, north), (self.x0, north)]
        return [list(self.projection.to_lonlat(x, y)) for x, y in corners]
