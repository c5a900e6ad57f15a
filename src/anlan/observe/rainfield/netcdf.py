"""Rain in NetCDF by the CF conventions (1.11): names, units, time bounds, grid mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from pyproj import CRS

from anlan.observe.netcdf_lock import NETCDF
from anlan.observe.rainfield.cf_times import attribute, base_of, is_time, spans_of
from anlan.observe.rainfield.field import (
    Array,
    Field,
    Frame,
    Geometry,
    How,
    Window,
    bad,
    factor_of,
    to_mm,
)
from anlan.observe.rainfield.geometry import Axes, Bent
from anlan.refusal import Refusal

STANDARD_NAMES = (
    "precipitation_amount",
    "lwe_thickness_of_precipitation_amount",
    "rainfall_amount",
    "thickness_of_rainfall_amount",
    *("precipitation_flux", "rainfall_flux", "rainfall_rate", "lwe_precipitation_rate"),
)
PLAIN_NAMES = ("tp", "rain", "precip", "precipitation", "rainfall", "qpe", "qpf", "prate", "apcp")
MOST_BENT = 10_000_000
# what a file that was made badly makes of its reader
BAD_FILE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def open_netcdf(path: Path, how: How) -> Field:
    """The rain in a CF NetCDF file.

    Raises:
        Refusal: naming variable, attribute and remedy.
    """
    with NETCDF:
        try:
            file = netCDF4.Dataset(path)
        except OSError as problem:
            raise bad(path.name, "file", path.name, f"it is no NetCDF ({problem})") from problem
        try:
            return _field(file, path.name, how)
        except Refusal:
            file.close()
            raise
        except BAD_FILE as problem:
            file.close()
            words = f"{type(problem).__name__}: {problem}"[:120]
            remedy = "give NetCDF by the CF conventions"
            raise bad(path.name, "content", words, remedy) from problem


def _field(file: Any, name: str, how: How) -> Field:
    variable = _variable(file, name, how)
    where = f"{name} {variable.name}"
    unit = how.unit or str(getattr(variable, "units", ""))
    factor, rate = factor_of(unit, where)
    time, row, column = _dimensions(file, variable, where)
    geometry = _geometry(file, variable, row, column, where)
    remarks: list[str] = []
    base = how.issued or base_of(file, name)
    spans, running = spans_of(file, variable, time, rate, base, how, where, remarks)
    place = variable.dimensions.index(time) if time else -1

    def read(step: int, window: Window) -> Any:
        index: list[Any] = [0] * variable.ndim
        index[variable.dimensions.index(row)] = window[0]
        index[variable.dimensions.index(column)] = window[1]
        if place >= 0:
            index[place] = step
        with NETCDF:
            found = variable[tuple(index)]
        # the file may name columns first
        turned = variable.dimensions.index(row) > variable.dimensions.index(column)
        return found.T if turned else found

    def amount(step: int, window: Window) -> Array:
        start, end = spans[step]
        now = to_mm(read(step, window), factor, rate, end - start)
        if not running or step == 0:
            return now
        gained = now - to_mm(read(step - 1, window), factor, False, end - start)
        # packing makes a total waver; a real step back is a total begun anew
        return np.asarray(np.where(gained < -0.5, now, np.maximum(gained, 0.0)))

    frames = tuple(
        Frame(start, end, lambda window, step=step: amount(step, window))  # type: ignore[misc]
        for step, (start, end) in enumerate(spans)
    )

    def close() -> None:
        with NETCDF:
            file.close()

    return Field(geometry, frames, base, tuple(remarks), close)


def _variable(file: Any, name: str, how: How) -> Any:
    if how.variable:
        if how.variable not in file.variables:
            raise bad(name, "variable", how.variable, f"it holds {_names(file.variables)}")
        return file.variables[how.variable]
    wide = {key: v for key, v in file.variables.items() if v.ndim >= 2}
    for fits in (
        [k for k, v in wide.items() if getattr(v, "standard_name", "") in STANDARD_NAMES],
        [key for key in wide if key.lower() in PLAIN_NAMES],
    ):
        found = [wide[key] for key in fits]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(v.name for v in found)
            raise bad(name, "variable", names, "several fit; name one with --variable")
    raise bad(name, "variable", _names(wide), "none is rain by name; name it with --variable")


def _names(variables: Any) -> str:
    return ", ".join(list(variables)[:12]) or "none"


def _dimensions(file: Any, variable: Any, where: str) -> tuple[str, str, str]:
    """Names of the dimensions of time (may be empty), rows and columns."""
    sizes = dict(zip(variable.dimensions, variable.shape, strict=True))
    time = next((d for d in sizes if is_time(file, d)), "")
    flat = [d for d in sizes if d != time]
    pair = [d for d in flat if sizes[d] > 1] if len(flat) > 2 else flat
    if len(pair) != 2:
        more = ", ".join(f"{d} ({sizes[d]})" for d in flat)
        raise bad(where, "dimensions", more, "give one level and one member: time, rows, columns")
    row, column = pair
    if _is_column(file, row) or _is_row(file, column):
        row, column = column, row
    return time, row, column


def _is_row(file: Any, dimension: str) -> bool:
    said = attribute(file, dimension, "standard_name"), attribute(file, dimension, "axis")
    return said[0] in ("latitude", "projection_y_coordinate") or said[1] == "Y"


def _is_column(file: Any, dimension: str) -> bool:
    said = attribute(file, dimension, "standard_name"), attribute(file, dimension, "axis")
    return said[0] in ("longitude", "projection_x_coordinate") or said[1] == "X"


def _geometry(file: Any, variable: Any, row: str, column: str, where: str) -> Geometry:
    bent = _bent(file, variable, row, column)
    mapping = getattr(variable, "grid_mapping", "").split(":")[0].strip()
    if row in file.variables and column in file.variables and file.variables[row].ndim == 1:
        x, y = (_plain(file.variables[d][:]) for d in (column, row))
        units = {attribute(file, d, "units").lower() for d in (row, column)}
        if min(x.size, y.size) < 2 or not all(_monotonic(axis) for axis in (x, y)):
            raise bad(where, "coordinates", f"{row}, {column}", "give rising or falling ones")
        if all("degree" in unit for unit in units) and not mapping:
            return Axes(x, y, CRS.from_epsg(4326))
        if mapping in file.variables:
            held = {key: getattr(file[mapping], key) for key in file[mapping].ncattrs()}
            crs = CRS.from_cf(held)
            if crs.is_geographic:
                return Axes(x, y, crs)
            scale = {"m": 1.0, "metre": 1.0, "meter": 1.0, "km": 1000.0}
            if units <= set(scale):
                size = scale[next(iter(units))]
                return Axes(x * size, y * size, crs)
            if bent is None:
                raise bad(where, "units", ", ".join(units), "write metres or km at the coordinates")
    if bent is None:
        raise bad(
            where,
            "grid",
            f"{row}, {column}",
            "give coordinates in degrees, a grid mapping, or lon and lat of each cell",
        )
    return bent


def _bent(file: Any, variable: Any, row: str, column: str) -> Bent | None:
    named = getattr(variable, "coordinates", "").split()
    found: dict[str, Any] = {}
    for key in [*named, "lon", "lat", "longitude", "latitude", "XLONG", "XLAT"]:
        held = file.variables.get(key)
        if held is None or held.dimensions[-2:] != (row, column):
            continue
        if held.shape[-2] * held.shape[-1] > MOST_BENT:
            raise bad(key, "cells", held.shape, f"give {MOST_BENT} at most with lon and lat each")
        unit = str(getattr(held, "units", "")).lower()
        for axis, mark, names in (
            ("lon", "east", ("lon", "longitude", "xlong")),
            ("lat", "north", ("lat", "latitude", "xlat")),
        ):
            if mark in unit or key.lower() in names:
                found.setdefault(axis, _plain(held[:]).reshape(-1, *held.shape[-2:])[0])
    return Bent(found["lon"], found["lat"]) if len(found) == 2 else None


def _plain(values: Any) -> Array:
    return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan))


def _monotonic(axis: Array) -> bool:
    steps = np.diff(axis)
    return bool((steps > 0).all() or (steps < 0).all())
