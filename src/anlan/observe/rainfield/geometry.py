"""Where the cells of a file lie: on a regular grid of any projection, on uneven or bent axes.

Latitudes of weather models on a sphere are read as those of WGS 84, as the models mean them:
turning them from geocentric to geodetic would move the rain by up to 20 km.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from affine import Affine
from pyproj import CRS, Transformer
from scipy.spatial import cKDTree

from anlan.observe.rainfield.field import Array

M_PER_DEGREE = 111_195.0


def _degrees(crs: CRS) -> Transformer | None:
    """From lon, lat to ``crs``, the figures of the degrees unchanged; None for degrees."""
    if crs.is_geographic:
        return None
    return Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)


@dataclass(frozen=True)
class Regular:
    """A grid that an affine transform places, as in GeoTIFF and GRIB."""

    transform: Affine
    shape: tuple[int, int]
    crs: CRS

    @cached_property
    def _to_crs(self) -> Transformer | None:
        return _degrees(self.crs)

    @property
    def cell_m(self) -> float:
        """Size of a cell, about, m."""
        size = math.sqrt(abs(self.transform.determinant))
        if self.crs.is_geographic:
            return size * M_PER_DEGREE
        return size * self.crs.axis_info[0].unit_conversion_factor

    def places(self, lon: Array, lat: Array) -> tuple[Array, Array]:
        """(row, column) of points, whole at cell centres; NaN outside."""
        x, y = lon, lat
        if self._to_crs is None:
            west = self.transform.c
            x = west + np.mod(lon - west, 360.0)  # files run from 0 to 360 or from -180 to 180
        else:
            x, y = self._to_crs.transform(lon, lat)
        inverse = ~self.transform
        column = inverse.a * x + inverse.b * y + inverse.c - 0.5
        row = inverse.d * x + inverse.e * y + inverse.f - 0.5
        return _inside(row, column, self.shape)

    def covers(self) -> str:
        """West, east, south, north, for people."""
        rows, columns = self.shape
        corners = [self.transform * (c, r) for c in (0, columns) for r in (0, rows)]
        x, y = (np.array(each) for each in zip(*corners, strict=True))
        if self._to_crs is not None:
            x, y = self._to_crs.transform(x, y, direction="INVERSE")
        return _span(x, y)


@dataclass(frozen=True)
class Axes:
    """A grid by the coordinates of its columns and rows, evenly spaced or not."""

    x: Array
    y: Array
    crs: CRS

    @cached_property
    def _to_crs(self) -> Transformer | None:
        return _degrees(self.crs)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.y.size, self.x.size

    @property
    def cell_m(self) -> float:
        """Size of a cell, about, m."""
        size = float(np.median(np.abs(np.diff(self.y))))
        return size * M_PER_DEGREE if self.crs.is_geographic else size

    def places(self, lon: Array, lat: Array) -> tuple[Array, Array]:
        """(row, column) of points, whole at cell centres; NaN outside."""
        x, y = lon, lat
        if self._to_crs is None:
            west = float(self.x.min()) - 0.5 * abs(float(np.median(np.diff(self.x))))
            x = west + np.mod(lon - west, 360.0)
        else:
            x, y = self._to_crs.transform(lon, lat)
        return _inside(_along(self.y, y), _along(self.x, x), self.shape)

    def covers(self) -> str:
        """West, east, south, north, for people."""
        x, y = (each.ravel() for each in np.meshgrid(self.x[[0, -1]], self.y[[0, -1]]))
        if self._to_crs is not None:
            x, y = self._to_crs.transform(x, y, direction="INVERSE")
        return _span(x, y)


@dataclass(frozen=True)
class Bent:
    """A grid of which every cell has its own lon, lat (rows, columns), as weather models write."""

    lon: Array
    lat: Array

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(_ball(self.lon.ravel(), self.lat.ravel()))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.lat.shape[0], self.lat.shape[1]

    @cached_property
    def cell_m(self) -> float:
        """Size of a cell, about, m."""
        j, i = (size // 2 for size in self.shape)
        pair = _ball(self.lon[j : j + 2, i], self.lat[j : j + 2, i])
        return float(np.linalg.norm(pair[1] - pair[0]))

    def places(self, lon: Array, lat: Array) -> tuple[Array, Array]:
        """(row, column) of the nearest cell; NaN farther than one cell from any."""
        distance, index = self._tree.query(_ball(lon.ravel(), lat.ravel()))
        row, column = np.divmod(index, self.shape[1])
        far = distance > self.cell_m
        found = [np.where(far, np.nan, each).astype(np.float64) for each in (row, column)]
        return found[0].reshape(lon.shape), found[1].reshape(lon.shape)

    def covers(self) -> str:
        """West, east, south, north, for people."""
        return _span(self.lon, self.lat)


def _ball(lon: Array, lat: Array) -> Array:
    """(n, 3) m from the centre of the Earth."""
    a, b = np.radians(lon), np.radians(lat)
    flat = np.cos(b)
    radius = M_PER_DEGREE * 180.0 / math.pi
    return np.asarray(radius * np.stack([flat * np.cos(a), flat * np.sin(a), np.sin(b)], axis=-1))


def _along(axis: Array, values: Array) -> Array:
    """Fractional index of ``values`` on a rising or falling axis; NaN beyond half a cell."""
    rising = axis if axis[0] < axis[-1] else axis[::-1]
    found = np.interp(values, rising, np.arange(axis.size, dtype=np.float64))
    for end, step in ((0, rising[1] - rising[0]), (-1, rising[-1] - rising[-2])):
        beyond = (values < rising[0] - step / 2) if end == 0 else (values > rising[-1] + step / 2)
        found = np.where(beyond, np.nan, found)
    return np.asarray(found if axis[0] < axis[-1] else axis.size - 1 - found)


def _inside(row: Array, column: Array, shape: tuple[int, int]) -> tuple[Array, Array]:
    """Both, NaN where a point lies outside the outer edges of the grid."""
    with np.errstate(invalid="ignore"):
        out = (row < -0.5) | (row > shape[0] - 0.5) | (column < -0.5) | (column > shape[1] - 0.5)
        out |= ~(np.isfinite(row) & np.isfinite(column))
    return (
        np.where(out, np.nan, np.clip(row, 0, shape[0] - 1)),
        np.where(out, np.nan, np.clip(column, 0, shape[1] - 1)),
    )


def _span(lon: Array, lat: Array) -> str:
    return (
        f"{np.nanmin(lon):.2f} to {np.nanmax(lon):.2f} E, "
        f"{np.nanmin(lat):.2f} to {np.nanmax(lat):.2f} N"
    )
