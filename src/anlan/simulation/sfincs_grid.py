"""The grid of a SFINCS simulation: ground, mask and values by cell, binary or as text."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from anlan.refusal import Refusal
from anlan.simulation.grid import Cell
from anlan.simulation.other_models import KeyFile
from anlan.simulation.raster import Raster
from anlan.simulation.record import Point
from anlan.simulation.text_lines import Line

# Of cells with their outside; a grid of more is a slip in mmax or nmax.
MOST_CELLS = 2 * 10**8
INACTIVE, ACTIVE, LEVEL, OUTFLOW = 0, 1, 2, 3


class CellGrid:
    """Cells as `sfincs.inp` lays them: rows from the south, columns from the west.

    Attributes:
        mask: (rows, columns) 0 outside, 1 inside, 2 where a level is given, 3 where water leaves.
        ground: (rows, columns) m; NaN outside, where a level is given and where water leaves.
        bed: (rows, columns) m, of every cell of the mask.
    """

    def __init__(self, keys: KeyFile) -> None:
        self.keys = keys
        keys.must_have("mmax", "nmax", "dx", "dy", "depfile", "mskfile")
        self.columns, self.rows = self._count("mmax"), self._count("nmax")
        if self.columns * self.rows > MOST_CELLS:
            raise keys.lines["mmax"].refuse(
                f"mmax times nmax makes {self.columns * self.rows:,} cells",
                f"give at most {MOST_CELLS:,}",
            )
        self.dx = keys.positive("dx", 0.0)
        if keys.number("dy", self.dx) != self.dx:
            raise keys.lines["dy"].refuse(
                f"dy is not dx = {self.dx:g}; cells are square here", "give dy = dx"
            )
        self._refuse_turned()
        self.x0, self.y0 = keys.number("x0", 0.0), keys.number("y0", 0.0)
        self.crs = self._system()
        self.binary = keys.text("inputformat").lower() != "asc"
        self._cells = self._indices() if self.binary else np.array([], np.int64)
        self.mask = self._read_mask()
        self.bed = self._numbers("depfile", "<f4")
        inside = self.mask > INACTIVE
        if not np.isfinite(self.bed[inside]).all():
            raise keys.lines["depfile"].refuse(
                "depfile has no number at cells of the mask", "give a level for each of them"
            )
        self.ground = np.where(self.mask == ACTIVE, self.bed, np.nan)

    def raster(self, values: NDArray[np.float64]) -> Raster:
        """Values at cells as a raster."""
        return Raster(values, self.x0, self.y0, self.dx, self.crs)

    def numbers(self, key: str) -> NDArray[np.float64] | None:
        """(rows, columns) of a file by cell; None without the key."""
        return self._numbers(key, "<f4") if key in self.keys else None

    def centre(self, cell: Cell) -> Point:
        """Of a cell, in map coordinates."""
        return self.x0 + (cell[1] + 0.5) * self.dx, self.y0 + (cell[0] + 0.5) * self.dx

    def cell(self, point: Point) -> Cell | None:
        """The cell inside that holds a point; None where there is none."""
        row = math.floor((point[1] - self.y0) / self.dx)
        column = math.floor((point[0] - self.x0) / self.dx)
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            return None
        return (row, column) if self.mask[row, column] == ACTIVE else None

    def must_hold(self, line: Line, point: Point, what: str) -> Cell:
        """The cell inside that holds a point, or a refusal."""
        cell = self.cell(point)
        if cell is None:
            raise line.refuse(
                f"{what} ({point[0]:g}, {point[1]:g}) lies in no active cell",
                "move it to a cell of mask 1, or leave it out",
                point,
            )
        return cell

    def _count(self, key: str) -> int:
        value = self.keys.positive(key, 0.0)
        if value != round(value):
            raise self.keys.lines[key].refuse(f"{key} is {value:g}", "give a whole number", value)
        return round(value)

    def _refuse_turned(self) -> None:
        if self.keys.number("rotation", 0.0) != 0.0:
            raise self.keys.lines["rotation"].refuse(
                f"rotation is {self.keys.text('rotation')} degrees; rows run east here",
                "build the model on a grid with rotation = 0",
                self.keys.text("rotation"),
            )

    def _system(self) -> str:
        code = self.keys.number("epsg", 0.0)
        if code == 0.0:
            return ""
        try:
            system = pyproj.CRS.from_epsg(round(code))
        except CRSError:
            raise self.keys.lines["epsg"].refuse(
                f"epsg {code:g} is no system that is known", "correct it, or leave it out", code
            ) from None
        if not system.is_projected or system.axis_info[0].unit_conversion_factor != 1.0:
            raise self.keys.lines["epsg"].refuse(
                f"epsg {code:g} is not in metres", "build the model in a projected system", code
            )
        return f"EPSG:{round(code)}"

    def _indices(self) -> NDArray[np.int64]:
        """Of the cells in the files by cell: (column) × rows + row, counted from 0."""
        self.keys.must_have("indexfile")
        raw = self._raw("indexfile", "<i4")
        found = raw[1:].astype(np.int64) - 1
        if not len(raw) or len(found) != raw[0] or len(found) == 0:
            raise self._misfit("indexfile", "holds not as many cells as it announces")
        if found.min() < 0 or found.max() >= self.rows * self.columns:
            raise self._misfit("indexfile", "names cells beyond mmax and nmax")
        return found

    def _read_mask(self) -> NDArray[np.int64]:
        values = np.nan_to_num(self._numbers("mskfile", "u1"), nan=INACTIVE)
        strange = ~np.isin(values, (INACTIVE, ACTIVE, LEVEL, OUTFLOW))
        if strange.any():
            raise self._misfit(
                "mskfile",
                f"holds {values[strange][0]:g}; here 0 is outside, 1 inside, 2 a level, 3 outflow",
            )
        if not (values == ACTIVE).any():
            raise self._misfit("mskfile", "holds no cell of 1")
        return values.astype(np.int64)

    def _numbers(self, key: str, kind: str) -> NDArray[np.float64]:
        """(rows, columns), NaN where the files by cell have none."""
        if self.binary:
            raw = self._raw(key, kind)
            if len(raw) != len(self._cells):
                raise self._misfit(key, f"holds {len(raw)} cells, the indexfile {len(self._cells)}")
            at = np.full(self.rows * self.columns, np.nan)
            at[self._cells] = raw
            return np.ascontiguousarray(at.reshape(self.columns, self.rows).T)
        path = self._path(key)
        try:
            values = np.array(path.read_text(encoding="latin-1").split(), np.float64)
        except ValueError as problem:
            raise self._misfit(key, f"holds what is no number ({problem})") from None
        if len(values) != self.rows * self.columns:
            raise self._misfit(
                key, f"holds {len(values)} numbers, mmax times nmax is {self.rows * self.columns}"
            )
        return values.reshape(self.rows, self.columns)

    def _raw(self, key: str, kind: str) -> NDArray[np.generic]:
        raw = self._path(key).read_bytes()
        if len(raw) % np.dtype(kind).itemsize:
            raise self._misfit(key, f"is no row of numbers of {np.dtype(kind).itemsize} bytes")
        return np.frombuffer(raw, kind)

    def _path(self, key: str) -> Path:
        path = self.keys.file(key)
        assert path is not None
        return path

    def _misfit(self, key: str, said: str) -> Refusal:
        name = self.keys.text(key)
        return self.keys.lines[key].refuse(
            f"{key} {name} {said}", "write it anew with this sfincs.inp", name
        )
