"""The fields of a run in a CF-1.11 NetCDF file, written frame by frame beside the computation.

A thread of its own compresses and writes, so that a frame costs the run a copy of its arrays.
After each frame the file is brought to disk whole: what was written can be read after the run was
cancelled or its process ended.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pyproj
from numpy.typing import NDArray

from anlan import __version__
from anlan.simulation.grid import Grid

CHUNK = 256


@dataclass(frozen=True)
class Variable:
    """What a variable says of itself."""

    long_name: str
    units: str
    standard_name: str = ""
    cell_methods: str = ""


FRAMES: Mapping[str, Variable] = {
    "depth": Variable("water depth", "m"),
    "level": Variable("level of the water, the ground where dry", "m"),
    "u": Variable("velocity towards the east", "m s-1"),
    "v": Variable("velocity towards the north", "m s-1"),
}
EXTREMES: Mapping[str, Variable] = {
    "bed": Variable("elevation of the ground", "m", "surface_altitude"),
    "max_depth": Variable("greatest water depth", "m", cell_methods="time: maximum"),
    "max_level": Variable(
        "greatest level of the water, where it was wet", "m", cell_methods="time: maximum"
    ),
    "max_speed": Variable("greatest speed of the water", "m s-1", cell_methods="time: maximum"),
    "time_of_max": Variable("time of the greatest depth since the start", "s"),
}
THRESHOLDS: Mapping[str, Variable] = {
    "arrival_time": Variable("time since the start at which the depth first reached it", "s"),
    "duration_above": Variable("time for which the depth was at least that", "s"),
}


class ResultFile:
    """An open result; a context that ends by closing the file.

    Args:
        path: of the file to make.
        grid: cells of the run.
        title: of the result.
        thresholds: depths of ``arrival_time`` and ``duration_above``, m.
        start: moment of time 0; none leaves the times relative.
    """

    def __init__(
        self,
        path: Path,
        grid: Grid,
        title: str,
        thresholds: tuple[float, ...],
        start: datetime | None,
    ) -> None:
        self._active = grid.active
        self._file = netCDF4.Dataset(path, "w", format="NETCDF4")
        self._describe(grid, title, thresholds, start)
        self._work: queue.Queue[tuple[float, dict[str, NDArray[Any]]] | None] = queue.Queue(2)
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._write_frames, name="result.nc", daemon=True)
        self._thread.start()

    def __enter__(self) -> ResultFile:
        return self

    def __exit__(self, *problem: object) -> None:
        self._finish_frames()
        self._file.close()

    def frame(self, time: float, fields: Mapping[str, NDArray[Any]]) -> None:
        """Hand over the fields of one output time; returns while they are being written.

        Args:
            time: s since the start.
            fields: (ny, nx) each, by the names of `FRAMES`; not touched afterwards.

        Raises:
            OSError: an earlier frame could not be written.
        """
        self._raise_problem()
        self._work.put((time, dict(fields)))

    def extremes(self, fields: Mapping[str, NDArray[Any]]) -> None:
        """Write what is known at the end.

        Args:
            fields: (ny, nx) by the names of `EXTREMES`, (thresholds, ny, nx) by those of
                `THRESHOLDS`.
        """
        self._finish_frames()
        self._raise_problem()
        for name, values in fields.items():
            self._file[name][:] = self._masked(values)
        self._file.sync()

    def _describe(
        self, grid: Grid, title: str, thresholds: tuple[float, ...], start: datetime | None
    ) -> None:
        file = self._file
        now = datetime.now(UTC).isoformat(timespec="seconds")
        file.setncatts(
            {
                "Conventions": "CF-1.11",
                "title": title,
                "source": f"anlan {__version__}, shallow-water simulation",
                "history": f"{now} computed by anlan simulate",
            }
        )
        for name, size in (("time", None), ("y", grid.ny), ("x", grid.nx)):
            file.createDimension(name, size)
        file.createDimension("threshold", len(thresholds))
        self._coordinate("time", axis="T", **_time_words(start))
        projected = {"standard_name": ""} if not grid.crs else {}
        for name, values in (("y", grid.y), ("x", grid.x)):
            words = {"standard_name": f"projection_{name}_coordinate"} | projected
            made = self._coordinate(
                name, f"{name} coordinate of cell centre", "m", axis=name.upper(), **words
            )
            made[:] = values
        made = self._coordinate("threshold", "water depth that counts as reached", "m")
        made[:] = thresholds
        if grid.crs:
            mapping = file.createVariable("crs", "i4")
            mapping.setncatts(pyproj.CRS(grid.crs).to_cf())
        mapped = {"grid_mapping": "crs"} if grid.crs else {}
        for names, dims in (
            (FRAMES, ("time", "y", "x")),
            (EXTREMES, ("y", "x")),
            (THRESHOLDS, ("threshold", "y", "x")),
        ):
            for name, about in names.items():
                self._field(name, about, dims, mapped)
        file.sync()

    def _coordinate(self, name: str, long_name: str, units: str, **more: str) -> Any:
        made = self._file.createVariable(name, "f8", (name,))
        made.setncatts({"long_name": long_name, "units": units})
        made.setncatts({key: value for key, value in more.items() if value})
        return made

    def _field(
        self, name: str, about: Variable, dims: tuple[str, ...], mapped: Mapping[str, str]
    ) -> None:
        sizes = [min(len(self._file.dimensions[dim]), CHUNK) for dim in dims[-2:]]
        made = self._file.createVariable(
            name,
            "f4",
            dims,
            fill_value=np.float32(np.nan),
            compression="zlib",
            complevel=1,
            shuffle=True,
            chunksizes=[1] * (len(dims) - 2) + sizes,
        )
        made.setncatts({"long_name": about.long_name, "units": about.units, **mapped})
        for word in ("standard_name", "cell_methods"):
            if getattr(about, word):
                made.setncattr(word, getattr(about, word))

    def _masked(self, values: NDArray[Any]) -> NDArray[np.float32]:
        return np.where(self._active, values, np.nan).astype(np.float32)

    def _write_frames(self) -> None:
        index = 0
        while (work := self._work.get()) is not None:
            if self._problem is not None:
                continue  # keeps the queue moving; the run hears of it at its next frame
            time, fields = work
            try:
                for name, values in fields.items():
                    self._file[name][index] = self._masked(values)
                self._file["time"][index] = time
                self._file.sync()
                index += 1
            except Exception as problem:  # whatever it is, the run must hear of it
                self._problem = problem

    def _finish_frames(self) -> None:
        if self._thread.is_alive():
            self._work.put(None)
            self._thread.join()

    def _raise_problem(self) -> None:
        if self._problem is not None:
            raise OSError(f"result.nc could not be written: {self._problem}") from self._problem


def _time_words(start: datetime | None) -> dict[str, str]:
    if start is None:
        return {"long_name": "time since the start of the simulation", "units": "s"}
    moment = start.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return {
        "long_name": "time",
        "units": f"seconds since {moment}",
        "standard_name": "time",
        "calendar": "standard",
    }
