"""A raster is fit to compute on, or refused with what was found and the command that helps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine, from_origin

from anlan.refusal import Refusal
from anlan.simulation import read_raster

METRES = from_origin(1000.0, 2030.0, 10.0, 10.0)


def write(path: Path, crs: str | None, transform: Affine = METRES, nodata: float = -9999) -> Path:
    """2 x 3 cells: 1 2 over 3 4 over 5 and no data, north first."""
    values = np.array([[1, 2], [3, 4], [5, nodata]], dtype=np.float32)
    with rasterio.open(
        path, "w", driver="GTiff", width=2, height=3, count=1, dtype="float32", crs=crs,
        transform=transform, nodata=nodata,
    ) as target:  # fmt: skip
        target.write(values, 1)
    return path


def test_rows_come_from_the_south_and_the_corner_is_the_south_west_one(tmp_path: Path) -> None:
    raster = read_raster(write(tmp_path / "a.tif", "EPSG:4549"))

    assert raster.values[1:].tolist() == [[3, 4], [1, 2]]
    assert raster.values[0, 0] == 5
    assert np.isnan(raster.values[0, 1])
    assert (raster.x0, raster.y0, raster.dx, raster.crs) == (1000, 2000, 10, "EPSG:4549")


def test_a_raster_in_degrees_is_refused_with_the_command(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", "EPSG:4490", from_origin(121.0, 30.7, 0.001, 0.001))

    with pytest.raises(Refusal) as refusal:
        read_raster(path, "EPSG:4549")

    assert "is in degrees (EPSG:4490, cells of 0.001°); needs metres" in refusal.value.message
    assert refusal.value.remedy == "gdalwarp -t_srs EPSG:4549 -r bilinear a.tif a_metres.tif"


def test_a_raster_without_a_system_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", None)

    with pytest.raises(Refusal, match="names no coordinate system") as refusal:
        read_raster(path)

    assert "gdal_edit.py -a_srs" in str(refusal.value.remedy)


def test_a_raster_in_feet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="US survey foot"):
        read_raster(write(tmp_path / "a.tif", "EPSG:2263"))


def test_a_raster_of_another_system_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="is in EPSG:25832, the city in EPSG:4549"):
        read_raster(write(tmp_path / "a.tif", "EPSG:25832"), "EPSG:4549")


@pytest.mark.parametrize(
    "transform", [Affine(10, 0, 1000, 0, -20, 2030), Affine(10, 1, 1000, 1, -10, 2030)]
)
def test_oblong_or_turned_cells_are_refused(tmp_path: Path, transform: Affine) -> None:
    with pytest.raises(Refusal, match="needs square cells, north up"):
        read_raster(write(tmp_path / "a.tif", "EPSG:4549", transform))


def test_a_file_that_is_no_raster_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_text("x,y,z\n")

    with pytest.raises(Refusal, match="cannot be read"):
        read_raster(path)


@pytest.mark.parametrize("head", ["ncols 3\nnrows 3\n", "ncols 1000000\nnrows 1000000\n"])
def test_a_file_that_ends_early_or_is_larger_than_memory_is_refused(
    tmp_path: Path, head: str
) -> None:
    path = tmp_path / "a.asc"
    path.write_text(f"{head}xllcorner 0\nyllcorner 0\ncellsize 1\n1 2 3\n")

    with pytest.raises(Refusal, match="cannot be read to its end"):
        read_raster(path, nameless=True)
