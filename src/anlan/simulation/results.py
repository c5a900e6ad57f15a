"""The fields of a run in a CF-1.11 NetCDF file, written frame by frame beside the computation.

A thread of its own compresses and writes, so that a frame costs the run a copy of its arrays.
After each frame the file is brought to disk whole: what was written can be read after the run was
cancelled or its process ended.

It is written with h5netcdf and not with netCDF4: HDF5 does not bear two threads at once, and
netCDF4 enters it with neither a lock nor the GIL held, so that another NetCDF file read, or only
freed, in the meantime may end the process. h5py, under h5netcdf, holds one lock around every call.
Whoever reads other files with netCDF4 beside a run closes them: the collector would free them in
any thread, also while another is inside netCDF4.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h5netcdf
import h5py
import numpy as np
import pyproj
from numpy.typing import NDArray

from anlan import __version__
from anlan.simulation.grid import Grid

CHUNK = 256
HEAD = 1 << 20  # bytes; more than the file takes before its first frame


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
        # HDF5 may crash where the disk fills up under it; without room for a head, nothing begins
        path.write_bytes(bytes(HEAD))
        # Opened here, as h5netcdf's own flush does not reach the disk. Without a lock on the file
        # others can read it meanwhile; without a cache of chunks, which frames fill whole and once,
        # a full disk is told by the call that writes. NetCDF-4 asks for the order of creation.
        self._store = h5py.File(path, "w", locking=False, rdcc_nbytes=0, track_order=True)
        self._file = h5netcdf.File(self._store, "w")
        self._describe(grid, title, thresholds, start)
        self._work: queue.Queue[tuple[float, dict[str, NDArray[Any]]] | None] = queue.Queue(2)
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._write_frames, name="result.nc", daemon=True)
        self._thread.start()

    def __enter__(self) -> ResultFile:
        return self

    def __exit__(self, *raised: object) -> None:
        self._finish_frames()
        try:
            with self._store:  # closed whatever befalls the closing of the other
                self._file.close()
        except Exception as problem:  # h5py has several kinds for a full disk
            self._problem = self._problem or problem
            self._raise_problem()

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
        self._store.flush()

    def _describe(
        self, grid: Grid, title: str, thresholds: tuple[float, ...], start: datetime | None
    ) -> None:
        file = self._file
        now = datetime.now(UTC).isoformat(timespec="seconds")
        file.attrs.update(
            _attributes(
                {
                    "Conventions": "CF-1.11",
                    "title": title,
                    "source": f"anlan {__version__}, shallow-water simulation",
                    "history": f"{now} computed by anlan simulate",
                }
            )
        )
        file.dimensions = {
            "time": None, "y": grid.ny, "x": grid.nx, "threshold": len(thresholds),
        }  # fmt: skip
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
            mapping = file.create_variable("crs", dtype="i4")
            mapping.attrs.update(_attributes(pyproj.CRS(grid.crs).to_cf()))
        mapped = {"grid_mapping": "crs"} if grid.crs else {}
        for names, dims in (
            (FRAMES, ("time", "y", "x")),
            (EXTREMES, ("y", "x")),
            (THRESHOLDS, ("threshold", "y", "x")),
        ):
            for name, about in names.items():
                self._field(name, about, dims, mapped)
        file.flush()  # marks the file as NetCDF-4
        self._store.flush()

    def _coordinate(self, name: str, long_name: str, units: str, **more: str) -> Any:
        made = self._file.create_variable(name, (name,), "f8")
        words = {"long_name": long_name, "units": units}
        made.attrs.update(_attributes(words | {key: word for key, word in more.items() if word}))
        return made

    def _field(
        self, name: str, about: Variable, dims: tuple[str, ...], mapped: Mapping[str, str]
    ) -> None:
        sizes = [min(self._file.dimensions[dim].size, CHUNK) for dim in dims[-2:]]
        made = self._file.create_variable(
            name,
            dims,
            "f4",
            fillvalue=np.float32(np.nan),
            chunks=(1,) * (len(dims) - 2) + tuple(sizes),
            compression="gzip",
            compression_opts=1,
            shuffle=True,
        )
        words = {"long_name": about.long_name, "units": about.units, **mapped}
        for word in ("standard_name", "cell_methods"):
            if getattr(about, word):
                words[word] = getattr(about, word)
        made.attrs.update(_attributes(words))

    def _masked(self, values: NDArray[Any]) -> NDArray[np.float32]:
        return np.where(self._active, values, np.nan).astype(np.float32)

    def _write_frames(self) -> None:
        index = 0
        while (work := self._work.get()) is not None:
            if self._problem is not None:
                continue  # keeps the queue moving; the run hears of it at its next frame
            time, fields = work
            try:
                self._file.resize_dimension("time", index + 1)
                for name, values in fields.items():
                    self._file[name][index] = self._masked(values)
                self._file["time"][index] = time
                self._store.flush()
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


def _attributes(words: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes as NetCDF's own library writes them: text as characters where ASCII can hold it.

    h5netcdf makes strings of all text; readers in C and Fortran often take characters only.
    """
    return {
        name: np.bytes_(value) if isinstance(value, str) and value and value.isascii() else value
        for name, value in words.items()
    }


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
