"""Where a forecast run expects water: cells of the model as a polygon that a warning can take."""

from __future__ import annotations

import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from anlan.city import City, Terrain
from anlan.warn.polygon import MOST_POINTS

LEAST_CELLS = 4  # a smaller puddle is no area to warn


def expected_water(
    city: City, terrain: Terrain, probability: NDArray[np.floating], share: float, area: str
) -> BaseGeometry | None:
    """The land of a unit where the share of members is reached, lon, lat (EPSG:4326).

    Args:
        terrain: the model's grid, row 0 south.
        probability: (ny, nx) share of members that pass a depth; NaN outside the domain.
        share: 0 to 1.
        area: code of the unit that the polygon is cut to, where its outline is known.

    Returns None where no such water is expected. Cells at the rim are taken whole, and the outline
    is smoothed by less than a cell: a house at the edge is inside rather than outside.
    """
    wet = (np.nan_to_num(probability) >= share) & (terrain.unit >= 0) & ~terrain.sea
    wet &= ~terrain.river
    if not wet.any():
        return None
    grid = Affine(terrain.dx, 0.0, terrain.x0, 0.0, terrain.dx, terrain.y0)
    found = rasterio.features.shapes(wet.astype(np.uint8), mask=wet, transform=grid)
    patches = [shapely.geometry.shape(each) for each, _ in found]
    least = LEAST_CELLS * terrain.dx**2
    water = shapely.union_all([each for each in patches if each.area >= least])
    water = water.buffer(terrain.dx / 2).simplify(terrain.dx / 3)
    turned = shapely.transform(
        water, lambda xy: np.column_stack(city.to_lonlat(xy[:, 0], xy[:, 1]))
    )
    outline = city.territory.unit(area).polygon
    if outline is not None:
        turned = shapely.make_valid(turned).intersection(outline)
    parts = [
        shapely.Polygon(part.exterior)
        for part in getattr(turned, "geoms", [turned])
        if isinstance(part, shapely.Polygon)
    ]
    if not parts:
        return None
    merged = shapely.union_all(parts)
    step = 1e-4
    while int(shapely.get_num_coordinates(merged)) > MOST_POINTS:
        merged, step = merged.simplify(step), step * 2
    return None if merged.is_empty else shapely.make_valid(merged)
