"""Land of Pinghu: outline, town areas, ground, land use. All but the codes is synthetic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyproj
import shapely
from making import Floats, noise
from numpy.typing import NDArray
from pinghu_facts import (
    BORDER,
    COAST,
    COAST_EAST,
    COAST_WEST,
    CRS,
    HILLS,
    TOWNS,
    LonLat,
)

DX = 100.0
MARGIN = 1000.0  # m of neighbouring land that is computed too
SEA_STRIP = 900.0  # m of the bay that carries the tide level

FARMLAND, BUILT_UP, WATER, HILL, SEA, VILLAGE = 1, 2, 3, 4, 5, 6

_TO = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
_BACK = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def to_xy(points: tuple[LonLat, ...] | list[LonLat]) -> Floats:
    """(n, 2) x, y in m of lon, lat points."""
    lonlat = np.array(points, dtype=np.float64)
    return np.column_stack(_TO.transform(lonlat[:, 0], lonlat[:, 1]))


def to_lonlat(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """lon, lat in degrees of x, y in m."""
    return _BACK.transform(x, y)


def drawn(points: tuple[LonLat, ...] | list[LonLat]) -> Floats:
    """(n, 2) a schematic course in m, with bends: every 200 m a point, all moved by one smooth
    field, so that courses that met at a point still meet."""
    coarse = shapely.LineString(to_xy(points))
    return warp(shapely.get_coordinates(shapely.segmentize(coarse, 200.0)))


def warp(xy: Floats) -> Floats:
    """(n, 2) points moved by up to some 300 m, by a field that is smooth over 2 km."""
    x, y = xy[:, 0], xy[:, 1]
    return xy + 230.0 * np.column_stack(
        [noise(x, y, 2300.0, "bends east"), noise(x, y, 2300.0, "bends north")]
    )


def point(x: float, y: float) -> LonLat:
    """One point's lon, lat, to about a metre."""
    lon, lat = _BACK.transform(x, y)
    return round(float(lon), 5), round(float(lat), 5)


@dataclass(frozen=True)
class Land:
    """The land before anything is built on it."""

    @cached_property
    def outline(self) -> shapely.Polygon:
        """The city in x, y, m."""
        return shapely.Polygon(to_xy(COAST + BORDER))

    @cached_property
    def coast(self) -> shapely.LineString:
        """The coast, continued beyond the city on both sides."""
        return shapely.LineString(to_xy((COAST_WEST, *COAST, COAST_EAST)))

    @cached_property
    def bay(self) -> shapely.Polygon:
        """Everything seaward of the coast, far enough for the model."""
        line = shapely.get_coordinates(self.coast)
        away = np.array([6000.0, -12000.0])
        return shapely.Polygon(np.vstack([line, line[-1] + away, line[0] + away]))

    @cached_property
    def towns(self) -> dict[str, shapely.Geometry]:
        """Approximate town areas: nearest centre within the outline, by code."""
        centres = to_xy([town[3] for town in TOWNS])
        cells = shapely.voronoi_polygons(
            shapely.MultiPoint(centres), extend_to=self.outline, ordered=True
        )
        areas = [shapely.intersection(cell, self.outline) for cell in shapely.get_parts(cells)]
        return {town[0]: area for town, area in zip(TOWNS, areas, strict=True)}

    @cached_property
    def grid(self) -> tuple[float, float, int, int]:
        """x0, y0 (outer south-west corner, m), ny, nx of the rasters."""
        west, south, east, north = shapely.buffer(self.outline, 2000.0).bounds
        x0, y0 = np.floor(west / 400) * 400, np.floor(south / 400) * 400
        nx = int(np.ceil((east - x0) / 400)) * 4
        ny = int(np.ceil((north - y0) / 400)) * 4
        return float(x0), float(y0), ny, nx

    @cached_property
    def centres(self) -> tuple[Floats, Floats]:
        """(ny, nx) x and y of the cell centres, m."""
        x0, y0, ny, nx = self.grid
        x, y = np.meshgrid(x0 + DX * (np.arange(nx) + 0.5), y0 + DX * (np.arange(ny) + 0.5))
        return x, y

    def height(self, x: Floats, y: Floats) -> Floats:
        """Ground in m on the 1985 datum at points in m, without hills.

        Shape fitted by hand to the published heights: 2.7–3.2 m along the bay, 1.4–2.4 m in the
        middle and south, 1.1–1.8 m in the north-west; low fields at Guangchen and a hollow north
        of the old town are anecdotal. Towns stand on about 0.3 m of fill.
        """
        shore = shapely.distance(shapely.points(x, y), self.coast) / 1000.0
        z = 1.70 + 1.30 * np.exp(-((shore / 5.0) ** 1.4)) - 0.006 * shore
        z = z + _bump(x, y, (121.140, 30.764), 3500.0, -0.14)
        z = z + _bump(x, y, (120.990, 30.775), 5000.0, -0.10)
        z = z + _bump(x, y, (121.024, 30.713), 600.0, -0.42)
        for _, _, _, centre, residents in TOWNS:
            z = z + _bump(x, y, centre, 700.0 + residents / 150.0, 0.30)
        z = z + 0.12 * noise(x, y, 1500.0, "fields") + 0.11 * noise(x, y, 640.0, "plots")
        return np.asarray(np.clip(z, 1.38, 3.25), dtype=np.float64)

    def hills(self, x: Floats, y: Floats) -> Floats:
        """Height of the hills over the plain, m."""
        total = np.zeros(np.shape(x))
        for centre, height, radius in HILLS:
            total = np.maximum(total, _bump(x, y, centre, radius, height))
        return np.where(total < 0.5, 0.0, total)

    @cached_property
    def rasters(self) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """(ny, nx) ground in m with the bay's bed, NaN outside; land use, 0 outside."""
        x, y = self.centres
        held = shapely.contains_xy(shapely.buffer(self.outline, MARGIN), x, y)
        near = shapely.contains_xy(shapely.buffer(self.coast, SEA_STRIP), x, y)
        bay = shapely.contains_xy(self.bay, x, y)
        strip = bay & near & shapely.contains_xy(shapely.buffer(self.outline, 1.3 * MARGIN), x, y)
        land = held & ~bay
        shore = shapely.distance(shapely.points(x, y), self.coast)
        hills = self.hills(x, y)
        # The bed of the bay falls from the foot of the dike; assumed, only the edge is computed.
        bed = -0.8 - 2.4 * np.minimum(shore / SEA_STRIP, 1.0)
        ground = np.where(strip, bed, np.where(land, self.height(x, y) + hills, np.nan))
        use = np.where(land, FARMLAND, 0)
        for _, _, _, centre, residents in TOWNS:
            radius = 450.0 + 5.2 * residents**0.5
            cx, cy = to_xy([centre])[0]
            ragged = radius * (1.0 + 0.35 * noise(x, y, 900.0, "town edge"))
            use[land & (np.hypot(x - cx, y - cy) < ragged)] = BUILT_UP
        # The port strip between Zhapu and Dushan.
        use[land & (shore < 900.0) & (noise(x, y, 1600.0, "port") > -0.1)] = BUILT_UP
        use[land & (hills > 3.0)] = HILL
        use[strip] = SEA
        return np.round(ground, 2).astype(np.float32), use.astype(np.uint8)

    def lowest(self, x: float, y: float, reach: float) -> tuple[float, float]:
        """The centre of the lowest raster cell of land within ``reach`` m of a point."""
        xs, ys = self.centres
        z = np.where(self.rasters[1] == SEA, np.nan, self.rasters[0])
        z = np.where(np.hypot(xs - x, ys - y) <= reach, z, np.nan)
        j, i = np.unravel_index(int(np.nanargmin(z)), z.shape)
        return float(xs[j, i]), float(ys[j, i])

    def at(self, x: float, y: float) -> float:
        """Ground of the raster cell that holds a point, m on the 1985 datum."""
        x0, y0, _, _ = self.grid
        return float(self.rasters[0][int((y - y0) // DX), int((x - x0) // DX)])


def _bump(x: Floats, y: Floats, centre: LonLat, radius: float, height: float) -> Floats:
    cx, cy = to_xy([centre])[0]
    return np.asarray(height * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / radius**2))
