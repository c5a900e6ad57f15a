"""Buildings: footprints from a vector file, laid down as walls, mounds or porous ground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import from_origin

from anlan.refusal import Refusal
from anlan.simulation.document import Terrain
from anlan.simulation.raster import Raster


def read_footprints(path: Path, crs: str) -> list[shapely.Geometry]:
    """The polygons of a vector file.

    Args:
        path: any file that GDAL reads, such as GeoPackage, GeoJSON or Shapefile; first layer.
        crs: coordinate system of the terrain; empty where it names none.

    Raises:
        Refusal: the file cannot be read, holds no polygon, or is in another system.
    """
    import pyogrio  # takes as long to load as all the rest, and few simulations have buildings

    try:
        about, _, shapes, _ = pyogrio.raw.read(path, columns=[])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as problem:
        raise Refusal(
            f"buildings {path} cannot be read ({problem}); give a GeoPackage, GeoJSON or "
            "Shapefile of polygons",
            field="buildings",
            value=path,
            remedy="a vector file that `ogrinfo` can read",
        ) from None
    found = about["crs"]
    if crs and found and pyproj.CRS(found) != pyproj.CRS(crs):
        name = path.with_name(f"{path.stem}_terrain.gpkg").name
        command = f"ogr2ogr -t_srs {crs} {name} {path.name}"
        raise Refusal(
            f"buildings {path} are in {found}, the terrain in {crs}: reproject them with "
            f"`{command}`",
            field="buildings",
            value=found,
            remedy=command,
        )
    polygons = [
        shape
        for shape in shapely.from_wkb(shapes)
        if shape is not None and shape.geom_type in ("Polygon", "MultiPolygon")
    ]
    if not polygons:
        raise Refusal(
            f"buildings {path} hold no polygon; give footprints as areas",
            field="buildings",
            value=path,
            remedy="a file with polygons",
        )
    return polygons


def inside(polygons: list[shapely.Geometry], raster: Raster) -> NDArray[np.bool_]:
    """(ny, nx) cells of a raster whose centre lies in a polygon, row 0 southernmost."""
    ny, nx = raster.values.shape
    north = raster.y0 + ny * raster.dx
    burnt = rasterize(
        polygons,
        out_shape=(ny, nx),
        transform=from_origin(raster.x0, north, raster.dx, raster.dx),
        dtype="uint8",
    )
    return np.asarray(burnt[::-1] == 1)


def stand_on(
    ground: NDArray[np.float64], raster: Raster, terrain: Terrain
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """The ground with the buildings of ``terrain`` on it, and its share that is open to water.

    ``block`` leaves no ground inside; ``raise`` lifts it; ``porous`` opens a share of it, which
    the sub-grid tables turn into storage and conveyance. The share is none where it is all.

    Args:
        ground: padded to whole cells, as it comes back.
        raster: whose corner and cell the ground has.
        terrain: with its buildings.
    """
    assert terrain.buildings is not None
    built = np.zeros(ground.shape, bool)
    ny, nx = raster.values.shape
    built[:ny, :nx] = inside(read_footprints(terrain.buildings, raster.crs), raster)
    if terrain.building_mode == "raise":
        return np.where(built, ground + terrain.building_height, ground), None
    if terrain.building_mode == "porous" and terrain.building_porosity > 0.0:
        return ground, np.where(built, terrain.building_porosity, 1.0)
    return np.where(built, np.nan, ground), None
