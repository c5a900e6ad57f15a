"""Series of a SFINCS simulation at points: files of text, or one NetCDF file for both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import netCDF4
import numpy as np
from numpy.typing import NDArray

from anlan.simulation.other_models import KeyFile, rising
from anlan.simulation.rain import NETCDF
from anlan.simulation.record import Point
from anlan.simulation.series import TimeTable
from anlan.simulation.text_lines import Line, read_lines

SPIN_UP_STEPS = 60


@dataclass(frozen=True)
class Clock:
    """Times of a simulation, each without zone, as written.

    Attributes:
        reference: that times in files of text count from.
        start: of the simulation.
        stop: its end.
    """

    reference: datetime
    start: datetime
    stop: datetime

    @property
    def duration(self) -> float:
        """From start to end, s."""
        return (self.stop - self.start).total_seconds()

    @property
    def lead(self) -> float:
        """From the reference to the start, s."""
        return (self.start - self.reference).total_seconds()


@dataclass(frozen=True)
class AtPoint:
    """A series at a point, and the line that gives the point."""

    line: Line
    point: Point
    series: TimeTable


def columns_of(keys: KeyFile, key: str, clock: Clock, count: int) -> list[TimeTable]:
    """The columns of a file of times and values, over time since the start.

    Raises:
        Refusal: no row, or one with another number of values.
    """
    path = keys.file(key)
    lines = read_lines(path) if path else []
    if not lines:
        raise keys.lines[key].refuse(f"{key} {keys.text(key)} holds no row", "write time and value")
    for line in lines:
        if len(line.words) != 1 + count:
            raise line.refuse(
                f"the row has {len(line.words) - 1} values, {count} are wanted",
                "write a time and a value for each place",
            )
    return [
        rising(
            (line, line.number_at(0, "the time") - clock.lead, line.number_at(k, "the value"))
            for line in lines
        )
        for k in range(1, 1 + count)
    ]


def points_of(keys: KeyFile, key: str) -> list[tuple[Line, Point]]:
    """The points of a file of coordinates, each with its line."""
    path = keys.file(key)
    lines = read_lines(path) if path else []
    return [(line, (line.number_at(0, "x"), line.number_at(1, "y"))) for line in lines]


def series_at_points(
    keys: KeyFile, clock: Clock, places: str, values: str, net: str, variable: str
) -> list[AtPoint]:
    """What two files of text, or the one NetCDF file that stands for both, give at points.

    Args:
        keys: of `sfincs.inp`.
        clock: of the simulation.
        places, values: keys of the files of text; without the second values are 0.
        net: key of the NetCDF file.
        variable: its values by time and station.
    """
    if net in keys:
        return _from_netcdf(keys, clock, net, variable)
    points = points_of(keys, places)
    if points and values not in keys:
        keys.notes.append(f"{places} without {values}: its values are 0, as in SFINCS")
        columns = [TimeTable(np.zeros(1), np.zeros(1))] * len(points)
    else:
        columns = columns_of(keys, values, clock, len(points)) if points else []
    return [
        AtPoint(line, point, column) for (line, point), column in zip(points, columns, strict=True)
    ]


def _from_netcdf(keys: KeyFile, clock: Clock, key: str, variable: str) -> list[AtPoint]:
    path, line = keys.file(key), keys.lines[key]
    assert path is not None
    try:
        with NETCDF, netCDF4.Dataset(path) as file:
            x, y = (_plain(file[name][:]).ravel() for name in ("x", "y"))
            dates = netCDF4.num2date(
                file["time"][:], file["time"].units, only_use_cftime_datetimes=False,
                only_use_python_datetimes=True,
            )  # fmt: skip
            found = file[variable]
            values = _plain(found[:])
            if found.ndim == 2 and found.dimensions[0] != file["time"].dimensions[0]:
                values = values.T
            if "zi" in file.variables:
                raise line.refuse(
                    f"{path.name} holds waves (zi), which are not computed", "leave zi out", key
                )
    except (OSError, KeyError, IndexError, AttributeError, ValueError, TypeError) as problem:
        raise line.refuse(
            f"{key} {path.name} cannot be read ({problem})",
            f"give a NetCDF file with x, y, time and {variable}(time, stations)",
            path.name,
        ) from None
    times = [(date - clock.start).total_seconds() for date in np.ravel(np.asarray(dates))]
    if values.shape != (len(times), len(x)) or len(y) != len(x) or not np.isfinite(values).all():
        raise line.refuse(
            f"{key} {path.name}: {variable} has not one number for each time and station",
            f"write {variable}(time, stations) without gaps",
            path.name,
        )
    return [
        AtPoint(
            line,
            (float(x[k]), float(y[k])),
            rising((line, time, float(z)) for time, z in zip(times, values[:, k], strict=True)),
        )
        for k in range(len(x))
    ]


def _plain(values: object) -> NDArray[np.float64]:
    return np.ma.filled(np.ma.asarray(values, np.float64), np.nan)


def mixed(series: list[TimeTable], first: int, second: int, weight: float) -> TimeTable:
    """A mean of two series, the first by ``weight``."""
    if first == second:
        return series[first]
    a, b = series[first], series[second]
    times = np.union1d(a.times, b.times)
    at = [np.interp(times, one.times, one.values) for one in (a, b)]
    return TimeTable(times, weight * at[0] + (1.0 - weight) * at[1])


def spun_up(series: TimeTable, level: float, spin_up: float) -> TimeTable:
    """A level that comes from ``level`` at the start to its own within ``spin_up``, s."""
    if spin_up <= 0.0:
        return series
    times = np.union1d(series.times, np.linspace(0.0, spin_up, SPIN_UP_STEPS + 1))
    values = np.interp(times, series.times, series.values)
    own = np.clip(times / spin_up, 0.0, 1.0)
    return replace(series, times=times, values=level + own * (values - level))
