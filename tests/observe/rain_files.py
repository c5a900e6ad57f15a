"""Files of gridded rain for tests, each written by a library of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_origin

Array = NDArray[np.float64]
NOON = datetime(2021, 7, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LON = np.arange(119.0, 123.01, 0.1)
LAT = np.arange(29.0, 32.51, 0.1)


def ramp() -> Array:
    """(lat, lon): ten times the degrees east of 119, so that every place has its own value."""
    return np.broadcast_to(10.0 * (LON - 119.0), (LAT.size, LON.size)).astype(np.float64)


def netcdf(
    path: Path,
    values: Array,
    ends: list[datetime],
    *,
    starts: list[datetime] | None = None,
    unit: str = "mm",
    standard_name: str = "precipitation_amount",
    base: datetime | None = None,
    time_units: str = "hours since 2021-07-25 00:00:00",
    falling: bool = False,
    **more: Any,
) -> Path:
    """``values`` (time, lat, lon) as CF NetCDF; latitudes falling if asked for."""
    order = slice(None, None, -1) if falling else slice(None)
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("time", len(ends)), ("lat", LAT.size), ("lon", LON.size), ("nv", 2)):
            file.createDimension(name, size)
        for name, axis, unit_of in (("lat", LAT[order], "north"), ("lon", LON, "east")):
            held = file.createVariable(name, "f8", (name,))
            held.units = f"degrees_{unit_of}"
            held.standard_name = "latitude" if name == "lat" else "longitude"
            held[:] = axis
        time = file.createVariable("time", "f8", ("time",))
        time.units, time.calendar = time_units, "standard"
        time[:] = [_hours(each) for each in ends]
        if starts is not None:
            time.bounds = "time_bounds"
            bounds = file.createVariable("time_bounds", "f8", ("time", "nv"))
            bounds[:] = [[_hours(s), _hours(e)] for s, e in zip(starts, ends, strict=True)]
        if base is not None:
            made = file.createVariable("forecast_reference_time", "f8")
            made.standard_name, made.units = "forecast_reference_time", time.units
            made[:] = _hours(base)
        rain = file.createVariable("rain", "f4", ("time", "lat", "lon"), fill_value=-999.0)
        rain.units, rain.standard_name = unit, standard_name
        for key, value in more.items():
            setattr(rain, key, value)
        rain[:] = np.ma.masked_invalid(values[:, order, :])
    return path


def _hours(moment: datetime) -> float:
    return (moment - datetime(2021, 7, 25, tzinfo=UTC)) / HOUR


#: Grid and reference time of the messages, by ecCodes' names.
GRID: dict[str, Any] = {
    "Ni": LON.size,
    "Nj": LAT.size,
    "latitudeOfFirstGridPointInDegrees": float(LAT[-1]),
    "latitudeOfLastGridPointInDegrees": float(LAT[0]),
    "longitudeOfFirstGridPointInDegrees": float(LON[0]),
    "longitudeOfLastGridPointInDegrees": float(LON[-1]),
    "iDirectionIncrementInDegrees": 0.1,
    "jDirectionIncrementInDegrees": 0.1,
    "dataDate": 20210725,
    "dataTime": 1200,
}


def grib(path: Path, messages: list[tuple[Array, int, int]], **codes: int) -> Path:
    """(values, first hour, last hour) since noon as GRIB 2 accumulations, written by ecCodes."""
    import eccodes

    path.unlink(missing_ok=True)
    for values, first, last in messages:
        message = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib2")
        said: dict[str, Any] = {
            **GRID,
            "productDefinitionTemplateNumber": 8,
            "discipline": 0,
            "parameterCategory": 1,
            "parameterNumber": 8,
            "typeOfStatisticalProcessing": 1,
            "stepRange": f"{first}-{last}",
            "bitmapPresent": 1,
            "missingValue": -9999.0,
            "bitsPerValue": 24,
            **codes,
        }
        for key, value in said.items():
            eccodes.codes_set(message, key, value)
        eccodes.codes_set_values(message, np.nan_to_num(values[::-1], nan=-9999.0).ravel())
        with path.open("ab") as file:
            eccodes.codes_write(message, file)
        eccodes.codes_release(message)
    return path


def grib_1(path: Path, messages: list[tuple[Array, int, int, int]], **codes: int) -> Path:
    """(values, P1, P2, time range indicator) since noon, h, as GRIB 1, written by ecCodes."""
    import eccodes

    path.unlink(missing_ok=True)
    for values, first, last, indicator in messages:
        message = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib1")
        said: dict[str, Any] = {
            **GRID,
            "table2Version": 2,
            "centre": 7,
            "indicatorOfParameter": 61,
            "unitOfTimeRange": 1,
            "timeRangeIndicator": indicator,
            "P1": first,
            "P2": last,
            "bitsPerValue": 24,
            **codes,
        }
        for key, value in said.items():
            eccodes.codes_set(message, key, value)
        eccodes.codes_set_values(message, values[::-1].ravel())
        with path.open("ab") as file:
            eccodes.codes_write(message, file)
        eccodes.codes_release(message)
    return path


def geotiff(
    path: Path, values: Array, *, unit: str = "mm", crs: str = "EPSG:4326", nodata: float = -1.0
) -> Path:
    """``values`` (lat, lon) as a north-up GeoTIFF of one band."""
    transform = from_origin(LON[0] - 0.05, LAT[-1] + 0.05, 0.1, 0.1)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=LAT.size,
        width=LON.size,
        count=1,
        dtype="float32",
        crs=crs,
        transform=transform,
        nodata=nodata,
    ) as file:
        file.write(np.nan_to_num(values[::-1], nan=nodata).astype(np.float32), 1)
        if unit:
            file.units = (unit,)
    return path
