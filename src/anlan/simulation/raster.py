"""Reading a raster that is fit to compute on: one band, square cells, metres."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioIOError

from anlan.refusal import Refusal


@dataclass(frozen=True, eq=False)
class Raster:
    """One band of a raster.

    Attributes:
        values: (ny, nx), row 0 southernmost; NaN where the file has no data.
        x0, y0: outer south-west corner, m; dx: cell size, m.
        crs: the coordinate system as the file names it, such as ``EPSG:4549``; empty where it
            names none.
    """

    values: NDArray[np.float64]
    x0: float
    y0: float
    dx: float
    crs: str


def read_raster(path: Path | str, crs: str | None = None, *, nameless: bool = False) -> Raster:
    """Read the first band of any raster that GDAL reads.

    Args:
        path: the file.
        crs: the system it must be in; None accepts any projected system in metres.
        nameless: whether a file that names no system is accepted, as if it were in metres.

    Raises:
        Refusal: if the file cannot be read, names no coordinate system, is in degrees or feet
            or in another system than ``crs``, or has turned or oblong cells. The sentence names
            what was found and the gdalwarp command that helps.
    """
    path = Path(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            source = rasterio.open(path)
        except RasterioIOError:
            raise Refusal(
                f"raster {path} cannot be read; give a GeoTIFF or another raster that GDAL reads",
                field="raster",
                value=path,
                remedy="a file that `gdalinfo` can read",
            ) from None
        with source:
            _check(source, path, crs, nameless)
            transform = source.transform
            try:
                values = source.read(1, masked=True).astype(np.float64).filled(np.nan)
            except (RasterioIOError, MemoryError):
                raise Refusal(
                    f"raster {path} of {source.width} by {source.height} cells cannot be read to "
                    "its end: it is cut off, or larger than the memory; give it whole",
                    field="raster",
                    value=path,
                    remedy="a whole file that fits into memory",
                ) from None
            found = source.crs.to_string() if source.crs is not None else ""
    return Raster(
        values=np.ascontiguousarray(values[::-1]),
        x0=float(transform.c),
        y0=float(transform.f + transform.e * values.shape[0]),
        dx=float(transform.a),
        crs=found,
    )


def _check(source: rasterio.io.DatasetReader, path: Path, crs: str | None, nameless: bool) -> None:
    if source.crs is not None or not nameless:
        _check_system(source, path, crs)
    _check_cells(source, path, crs)


def _check_system(source: rasterio.io.DatasetReader, path: Path, crs: str | None) -> None:
    wanted = crs or "EPSG:<your projected system>"
    fixed = path.with_name(f"{path.stem}_metres.tif").name
    if source.crs is None:
        raise Refusal(
            f"raster {path} names no coordinate system; needs one in metres: say which it is "
            f"with `gdal_edit.py -a_srs EPSG:<its system> {path.name}`, then, if that is not "
            f"{wanted}, `gdalwarp -t_srs {wanted} {path.name} {fixed}`",
            field="crs",
            value="none",
            remedy=f"gdal_edit.py -a_srs EPSG:<its system> {path.name}",
        )
    command = f"gdalwarp -t_srs {wanted} -r bilinear {path.name} {fixed}"
    found = source.crs.to_string()
    if source.crs.is_geographic:
        raise Refusal(
            f"raster {path} is in degrees ({found}, cells of {abs(source.transform.a):g}°); "
            f"needs metres: reproject it first with `{command}`",
            field="crs",
            value=found,
            remedy=command,
        )
    unit, factor = source.crs.linear_units_factor
    if abs(factor - 1.0) > 1e-9:
        raise Refusal(
            f"raster {path} is in {unit} ({found}); needs metres: "
            f"reproject it first with `{command}`",
            field="crs",
            value=found,
            remedy=command,
        )
    if crs is not None and source.crs != rasterio.crs.CRS.from_user_input(crs):
        raise Refusal(
            f"raster {path} is in {found}, the city in {crs}: reproject it with `{command}`",
            field="crs",
            value=found,
            remedy=command,
        )


def _check_cells(source: rasterio.io.DatasetReader, path: Path, crs: str | None) -> None:
    wanted = crs or "EPSG:<your projected system>"
    fixed = path.with_name(f"{path.stem}_metres.tif").name
    t = source.transform
    if t.b != 0 or t.d != 0 or t.e >= 0 or abs(t.a + t.e) > 1e-6 * t.a:
        size = max(abs(t.a), abs(t.e))
        squared = f"gdalwarp -t_srs {wanted} -tr {size:g} {size:g} {path.name} {fixed}"
        raise Refusal(
            f"raster {path} has cells of {t.a:g} by {-t.e:g} m (turned by {t.b:g}, {t.d:g}); "
            f"needs square cells, north up: make them with `{squared}`",
            field="transform",
            value=f"{t.a:g} x {-t.e:g}",
            remedy=squared,
        )
