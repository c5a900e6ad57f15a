"""Opening a file of gridded rain by what it is."""

from __future__ import annotations

from pathlib import Path

from anlan.observe.rainfield.field import Field, How, bad
from anlan.observe.rainfield.netcdf import open_netcdf
from anlan.observe.rainfield.raster import open_raster

SUFFIXES = (".nc", ".nc4", ".grib", ".grib2", ".grb", ".grb2", ".tif", ".tiff")


def open_field(path: Path, how: How | None = None) -> Field:
    """The rain in a NetCDF (CF), GRIB or GeoTIFF file.

    Raises:
        Refusal: for another form, and for everything in it that would have to be guessed; names
            what to say (`How`).
    """
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as problem:
        raise bad(path.name, "file", path, f"it cannot be read ({problem.strerror})") from problem
    said = how or How()
    if head[:4] == b"\x89HDF" or head[:3] == b"CDF":
        return open_netcdf(path, said)
    if head[:4] == b"GRIB" or head[:2] in (b"II", b"MM"):
        return open_raster(path, said)
    raise bad(path.name, "form", head[:4].decode("latin-1"), "give NetCDF (CF), GRIB or GeoTIFF")
