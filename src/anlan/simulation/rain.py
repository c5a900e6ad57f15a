"""Rain in time: steady, from a CSV series, or from a CF NetCDF field."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from numpy.typing import NDArray

from anlan.refusal import Refusal
from anlan.simulation.fields import at_cells, limits_of
from anlan.simulation.forcing import Rain
from anlan.simulation.grid import Grid
from anlan.simulation.series import TimeTable, read_series

MM_PER_HOUR = 1.0 / 1000.0 / 3600.0
# Units of a rainfall rate, in m/s.
UNITS = {
    "mm/h": MM_PER_HOUR,
    "mm h-1": MM_PER_HOUR,
    "mm/hr": MM_PER_HOUR,
    "mm hr-1": MM_PER_HOUR,
    "mm hour-1": MM_PER_HOUR,
    "m s-1": 1.0,
    "m/s": 1.0,
    "mm s-1": 1e-3,
    "mm/s": 1e-3,
    "kg m-2 s-1": 1e-3,
    "kg/m2/s": 1e-3,
}
NAMES = ("rainfall_rate", "rainfall_flux", "precipitation_flux", "lwe_precipitation_rate")

Rate = float | NDArray[np.float64]

# netCDF4 may be entered by one thread at a time only, whatever the file; runs may share a process.
NETCDF = threading.Lock()


@dataclass(frozen=True)
class RainFrame:
    """Rain that holds from a time on, m/s, number or (ny, nx)."""

    time: float
    rate: Rate


def rain_frames(rain: Rain | None, grid: Grid, start: datetime | None) -> Iterator[RainFrame]:
    """The rain of a run as frames in rising time, each holding until the next; the first at 0.

    Raises:
        Refusal: a file that cannot be used, with its sentence.
    """
    if rain is None:
        return iter([RainFrame(0.0, 0.0)])
    if rain.rate is not None:
        rate = at_cells(rain.rate, grid, "[rain] rate", limits_of(Rain, "rate"))
        return iter([RainFrame(0.0, rate * MM_PER_HOUR)])
    if rain.series is not None:
        given = rain.series
        table = given if isinstance(given, TimeTable) else read_series(given, "rate_mm_h")
        if (table.values < 0.0).any():
            row = int(np.argmax(table.values < 0.0))
            raise Refusal(
                f"[rain] series {given}: rate_mm_h is {table.values[row]:g} at time_s "
                f"{table.times[row]:g}; rain is 0 or more",
                field="rate_mm_h",
                value=float(table.values[row]),
                remedy="0 or more",
            )
        later = [float(time) for time in table.times if time > 0.0]
        return iter([RainFrame(t, table.step_value(t) * MM_PER_HOUR) for t in [0.0, *later]])
    assert rain.field is not None
    return _field_frames(_RainFile(rain.field, start), grid, rain.interpolation)


def _field_frames(source: _RainFile, grid: Grid, interpolation: str) -> Iterator[RainFrame]:
    """Frames as they are needed, one in memory at a time."""
    source.must_cover(grid)
    begun = int(np.searchsorted(source.times, 0.0, side="right")) - 1
    if begun < 0:
        yield RainFrame(0.0, 0.0)
    for index in range(max(begun, 0), len(source.times)):
        time = max(float(source.times[index]), 0.0)
        yield RainFrame(time, source.frame(index, grid, interpolation))


class _RainFile:
    """A CF NetCDF file of rain rates; open only while it is read.

    Runs end early, and a file left open would be freed by whichever thread collects it, at a time
    when another may be inside netCDF4.
    """

    def __init__(self, path: Path, start: datetime | None) -> None:
        self.path = path
        with self._opened() as file:
            rate = self._variable(file)
            self._name, self._factor = rate.name, UNITS[rate.units]
            time, y, x = rate.dimensions
            self.times = self._times(file, time, start)
            self._y, self._x = self._axis(file, y), self._axis(file, x)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        with NETCDF:
            try:
                file = netCDF4.Dataset(self.path)
            except OSError as problem:
                raise self._bad(f"cannot be read ({problem})", "give a NetCDF file") from None
            with file:
                yield file

    def frame(self, index: int, grid: Grid, interpolation: str) -> NDArray[np.float64]:
        """(ny, nx) rain of one frame at the cells of the grid, m/s; none outside the domain."""
        with self._opened() as file:
            given = file[self._name][index]
        values = np.ma.filled(given.astype(np.float64), np.nan) * self._factor
        if interpolation == "nearest":
            rows, columns = (
                np.abs(axis[None, :] - wanted[:, None]).argmin(axis=1)
                for axis, wanted in ((self._y, grid.y), (self._x, grid.x))
            )
            at = values[np.ix_(rows, columns)]
        else:
            at = _bilinear(values, self._y, self._x, grid)
        at = np.where(grid.active, at, 0.0)
        bad = ~(at >= 0.0)
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise self._bad(
                f"holds {at[row, column] / self._factor:g} at ({grid.x[column]:g}, "
                f"{grid.y[row]:g}) in frame {index}",
                "give a number of 0 or more all over the domain",
            )
        return at

    def must_cover(self, grid: Grid) -> None:
        """Refuse a field that ends before the domain does."""
        rows, columns = grid.active.any(axis=1), grid.active.any(axis=0)
        for name, axis, wanted in (("x", self._x, grid.x[columns]), ("y", self._y, grid.y[rows])):
            half = 0.5 * abs(axis[1] - axis[0]) if len(axis) > 1 else np.inf
            if wanted.min() < axis.min() - half or wanted.max() > axis.max() + half:
                raise self._bad(
                    f"reaches from {name} {axis.min():g} to {axis.max():g} and the domain from "
                    f"{wanted.min():g} to {wanted.max():g}",
                    "give a field that covers the terrain, in its coordinate system",
                )

    def _variable(self, file: Any) -> Any:
        fit = [v for v in file.variables.values() if v.ndim == 3]
        named = [v for v in fit if getattr(v, "standard_name", "") in NAMES] or fit
        if len(named) != 1:
            found = ", ".join(v.name for v in named) or "none"
            raise self._bad(
                f"has {len(named)} variables with three dimensions that may be rain ({found})",
                "keep one with dimensions time, y, x and standard_name rainfall_rate",
            )
        rate = named[0]
        unit = getattr(rate, "units", "")
        if unit not in UNITS:
            raise self._bad(
                f"gives {rate.name} in '{unit}'", f"give it in one of {', '.join(UNITS)}"
            )
        return rate

    def _times(self, file: Any, name: str, start: datetime | None) -> NDArray[np.float64]:
        if name not in file.variables:
            raise self._bad(f"has no variable {name} for its times", f"add {name}({name})")
        variable = file.variables[name]
        unit = getattr(variable, "units", "")
        values = np.asarray(variable[:], np.float64)
        if " since " in unit:
            if start is None:
                raise self._bad(
                    f"gives absolute times ('{unit}') and the simulation has no start",
                    "give [simulation] start, or times in plain s since the start",
                )
            dates = netCDF4.num2date(
                values, unit, getattr(variable, "calendar", "standard"),
                only_use_cftime_datetimes=False, only_use_python_datetimes=True,
            )  # fmt: skip
            moments = np.ravel(np.asarray(dates))
            values = np.array([(m.replace(tzinfo=UTC) - start).total_seconds() for m in moments])
        elif unit not in ("s", "seconds", "second", "sec"):
            raise self._bad(f"gives its times in '{unit}'", "give 's' or 'seconds since …'")
        if len(values) == 0 or (np.diff(values) <= 0.0).any():
            raise self._bad("has times that do not rise", "put the frames in order")
        return values

    def _axis(self, file: Any, name: str) -> NDArray[np.float64]:
        if name not in file.variables:
            raise self._bad(f"has no coordinate variable {name}", f"add {name}({name}) in m")
        variable = file.variables[name]
        unit = getattr(variable, "units", "m")
        if unit not in ("m", "metre", "metres", "meter", "meters"):
            raise self._bad(
                f"gives {name} in '{unit}'",
                "reproject it to the terrain's coordinate system, in m",
            )
        return np.asarray(variable[:], np.float64)

    def _bad(self, sentence: str, remedy: str) -> Refusal:
        return Refusal(
            f"[rain] field {self.path} {sentence}; {remedy}",
            field="[rain] field",
            value=self.path,
            remedy=remedy,
        )


def _bilinear(
    values: NDArray[np.float64], y: NDArray[np.float64], x: NDArray[np.float64], grid: Grid
) -> NDArray[np.float64]:
    """Linear between the centres of the field; its edge values hold beyond them."""
    if len(y) > 1 and y[0] > y[-1]:
        y, values = y[::-1], values[::-1]
    if len(x) > 1 and x[0] > x[-1]:
        x, values = x[::-1], values[:, ::-1]
    row = np.interp(grid.y, y, np.arange(len(y)))
    column = np.interp(grid.x, x, np.arange(len(x)))
    j = np.clip(row.astype(int), 0, max(len(y) - 2, 0))
    i = np.clip(column.astype(int), 0, max(len(x) - 2, 0))
    v, u = (row - j)[:, None], (column - i)[None, :]
    j1, i1 = np.minimum(j + 1, len(y) - 1), np.minimum(i + 1, len(x) - 1)
    south = values[np.ix_(j, i)] * (1 - u) + values[np.ix_(j, i1)] * u
    north = values[np.ix_(j1, i)] * (1 - u) + values[np.ix_(j1, i1)] * u
    return np.asarray(south * (1 - v) + north * v)
