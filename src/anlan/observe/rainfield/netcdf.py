"""Rain in NetCDF by the CF conventions (1.11): names, units, time bounds, grid mapping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from pyproj import CRS

from anlan.observe.netcdf_lock import NETCDF
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
CALENDARS = ("standard", "gregorian", "proleptic_gregorian")
MOST_FRAMES = 2000
MOST_BENT = 10_000_000
_REFERENCE = "forecast_reference_time"


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
        except Exception as problem:  # whatever a file that was made badly makes of its reader
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
    base = how.issued or _base(file, name)
    spans, running = _spans(file, variable, time, rate, base, how, where, remarks)
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
    time = next((d for d in sizes if _is_time(file, d)), "")
    flat = [d for d in sizes if d != time]
    pair = [d for d in flat if sizes[d] > 1] if len(flat) > 2 else flat
    if len(pair) != 2:
        more = ", ".join(f"{d} ({sizes[d]})" for d in flat)
        raise bad(where, "dimensions", more, "give one level and one member: time, rows, columns")
    row, column = pair
    if _is_column(file, row) or _is_row(file, column):
        row, column = column, row
    return time, row, column


def _attribute(file: Any, dimension: str, key: str) -> str:
    found = file.variables.get(dimension)
    return "" if found is None else str(getattr(found, key, ""))


def _is_time(file: Any, dimension: str) -> bool:
    return " since " in _attribute(file, dimension, "units")


def _is_row(file: Any, dimension: str) -> bool:
    said = _attribute(file, dimension, "standard_name"), _attribute(file, dimension, "axis")
    return said[0] in ("latitude", "projection_y_coordinate") or said[1] == "Y"


def _is_column(file: Any, dimension: str) -> bool:
    said = _attribute(file, dimension, "standard_name"), _attribute(file, dimension, "axis")
    return said[0] in ("longitude", "projection_x_coordinate") or said[1] == "X"


def _geometry(file: Any, variable: Any, row: str, column: str, where: str) -> Geometry:
    bent = _bent(file, variable, row, column)
    mapping = getattr(variable, "grid_mapping", "").split(":")[0].strip()
    if row in file.variables and column in file.variables and file.variables[row].ndim == 1:
        x, y = (_plain(file.variables[d][:]) for d in (column, row))
        units = {_attribute(file, d, "units").lower() for d in (row, column)}
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


def _moments(variable: Any, where: str) -> list[datetime]:
    calendar = str(getattr(variable, "calendar", "standard")).lower()
    if calendar not in CALENDARS:
        raise bad(where, "calendar", calendar, f"write one of {', '.join(CALENDARS)}")
    values = np.ma.filled(np.ma.asarray(variable[:], dtype=np.float64), np.nan).ravel()
    if not np.isfinite(values).all() or values.size > 4 * MOST_FRAMES:
        raise bad(where, "time", f"{values.size} values", "give every frame its time")
    found = netCDF4.num2date(
        values, variable.units, calendar, only_use_cftime_datetimes=False,
        only_use_python_datetimes=True,
    )  # fmt: skip
    # an offset in the units has been taken into account: these are UTC
    return [_second(each.replace(tzinfo=UTC)) for each in np.ravel(np.asarray(found, dtype=object))]


def _second(moment: datetime) -> datetime:
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _base(file: Any, name: str) -> datetime | None:
    for key, held in file.variables.items():
        if getattr(held, "standard_name", "") == _REFERENCE or key == _REFERENCE:
            moments = _moments(held, f"{name} {key}")
            if len(set(moments)) > 1:
                raise bad(name, key, f"{len(moments)} times", "give one forecast in a file")
            return moments[0]
    return None


def _spans(
    file: Any,
    variable: Any,
    time: str,
    rate: bool,
    base: datetime | None,
    how: How,
    where: str,
    remarks: list[str],
) -> tuple[list[tuple[datetime, datetime]], bool]:
    """(start, end) of each frame; and whether amounts are running totals."""
    key = time or next((k for k in file.variables if _is_time(file, k) and k != _REFERENCE), "")
    if not key:
        raise bad(where, "time", "", "give a CF time coordinate")
    moments = _moments(file.variables[key], where)
    if len(moments) > MOST_FRAMES or any(b <= a for a, b in pairwise(moments)):
        raise bad(
            where, "time", f"{len(moments)} times", f"give rising ones, {MOST_FRAMES} at most"
        )
    length = timedelta(minutes=how.minutes)
    bounds = str(getattr(file.variables[key], "bounds", ""))
    if bounds in file.variables:
        held = file.variables[bounds]
        if not hasattr(held, "units"):
            held.set_auto_maskandscale(True)
            flat = _with_units(held, file.variables[key], where)
        else:
            flat = _moments(held, where)
        spans = list(zip(flat[::2], flat[1::2], strict=True))
        same = len({start for start, _ in spans}) == 1 and len(spans) > 1
        running = how.totals == "running" or (same and not rate and how.totals != "interval")
        if running:
            spans = _chained(spans[0][0], [end for _, end in spans])
        return _rising(spans, where), running
    if len(moments) == 1 and not how.minutes and not (how.totals == "running" and base):
        raise bad(where, "time bounds", "", "say how long it is with --minutes")
    if not rate and not how.totals:
        raise bad(
            where,
            "time bounds",
            "",
            "say with --totals whether each is of its interval or a running total",
        )
    running = how.totals == "running" and not rate
    if running and base is not None:
        # a forecast's first total is of what fell since it began
        spans = _chained(base, moments if moments[0] > base else moments[1:])
        if moments[0] <= base:
            raise bad(where, "time", moments[0].isoformat(), "leave out the frame of the start")
        return _rising(spans, where), True
    step = length or moments[1] - moments[0]
    remarks.append(f"no time bounds: each frame is taken to be the {step} before its time")
    return _rising([(moment - step, moment) for moment in moments], where), running


def _with_units(held: Any, axis: Any, where: str) -> list[datetime]:
    class Bounds:
        units = axis.units
        calendar = getattr(axis, "calendar", "standard")

        def __getitem__(self, index: Any) -> Any:
            return held[index]

    return _moments(Bounds(), where)


def _chained(start: datetime, ends: list[datetime]) -> list[tuple[datetime, datetime]]:
    return list(zip([start, *ends], ends, strict=False))


def _rising(spans: list[tuple[datetime, datetime]], where: str) -> list[tuple[datetime, datetime]]:
    for start, end in spans:
        if not timedelta(minutes=1) <= end - start <= timedelta(hours=48):
            raise bad(where, "interval", f"{start} to {end}", "give 1 minute to 48 hours")
    return spans
