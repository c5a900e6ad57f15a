"""Frames that are kept: rows for what there is, Zarr for the values; as known at any moment.

The values of a product of one day lie in one Zarr group on the city's rain grid, a chunk for each
frame: ``rain/PRODUCT/GRID/DAY.zarr``, array ``rain`` (place, row, column), float32 mm. A row names
day and place. Values are written before their row is committed, and places without a row are
written over: a crash leaves no row that points at nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from sqlalchemy import Connection, select

from anlan.observe.rainfield.field import Array
from anlan.observe.rainfield.grid import Grid
from anlan.store import schema

F = schema.rain_frame
FOLDER = "rain"
SHORTEST = 2
"""Frames that a day's array is made for at first; it grows."""


@dataclass(frozen=True)
class Kept:
    """One frame that is kept: its product, when its forecast was made (None: observed), UTC."""

    product: str
    base: datetime | None
    start: datetime
    end: datetime
    recorded_at: datetime
    path: str
    place: int

    def read(self, data: Path) -> Array:
        """(ny, nx) mm, NaN where unknown."""
        group: Any = zarr.open_group(data / FOLDER / self.path, mode="r")
        return np.asarray(group["rain"][self.place], dtype=np.float64)


def write(data: Path, path: str, place: int, grid: Grid, rain: Array) -> None:
    """Put a frame at its place; makes and lengthens the array as needed."""
    folder = data / FOLDER / path
    folder.parent.mkdir(parents=True, exist_ok=True)
    group: Any = zarr.open_group(folder, mode="a")
    ny, nx = grid.shape
    if "rain" not in group:
        array = group.create_array(
            "rain",
            shape=(SHORTEST, ny, nx),
            chunks=(1, ny, nx),
            dtype="float32",
            fill_value=np.nan,
            dimension_names=("frame", "y", "x"),
            attributes={
                "units": "mm",
                "standard_name": "precipitation_amount",
                "crs": grid.crs,
                "x0": grid.x0,
                "y0": grid.y0,
                "dx": grid.dx,
            },
        )
    else:
        array = group["rain"]
    if place >= array.shape[0]:
        array.resize((max(place + 1, 2 * array.shape[0]), ny, nx))
    array[place] = rain.astype(np.float32)


def _kept(row: Any) -> Kept:
    base = row.base_at if row.forecast else None
    return Kept(
        row.product, base, row.start_at, row.end_at, row.recorded_at, row.path, int(row.place)
    )


def window(
    conn: Connection, product: str, start: datetime, end: datetime, as_of: datetime
) -> list[Kept]:
    """Observed frames that end in (start, end], as known at ``as_of``; in order of time."""
    query = (
        select(F)
        .where(F.c.product == product, F.c.forecast.is_(False))
        .where(F.c.end_at > start, F.c.end_at <= end, F.c.recorded_at <= as_of)
        .order_by(F.c.end_at, F.c.recorded_at)
    )
    newest = {(row.start_at, row.end_at): row for row in conn.execute(query)}
    return [_kept(row) for row in newest.values()]


def newest_forecast(
    conn: Connection, issue: datetime, most_hours: float, path_prefix: str = ""
) -> list[Kept]:
    """The frames of the newest forecast made, and here, by ``issue``; empty where none is fresh.

    Newest by when it was made, then by when it came. ``path_prefix``: of frames on this grid.
    """
    known = (
        F.c.forecast.is_(True),
        F.c.base_at <= issue,
        F.c.base_at > issue - timedelta(hours=most_hours),
        F.c.recorded_at <= issue,
    )
    rows = conn.execute(select(F).where(*known).order_by(F.c.base_at, F.c.recorded_at)).all()
    fitting = [row for row in rows if path_prefix in row.path and row.end_at > issue]
    if not fitting:
        return []
    best = max(fitting, key=lambda row: (row.base_at, row.recorded_at, row.product))
    chosen = {
        (row.start_at, row.end_at): row
        for row in rows
        if row.product == best.product and row.base_at == best.base_at
    }
    return [_kept(row) for row in sorted(chosen.values(), key=lambda row: row.end_at)]


def forecast_hours(
    frames: Sequence[Kept], data: Path, grid: Grid, issue: datetime, hours: int, x: Array, y: Array
) -> Array:
    """(n, hours) mm in each hour after ``issue`` at points; NaN where the frames leave a gap.

    A frame is spread evenly over its interval; an hour counts when nearly all of it is covered.
    """
    out = np.zeros((x.size, hours))
    covered = np.zeros(hours)
    begin = issue.timestamp()
    edges = begin + 3600.0 * np.arange(hours + 1)
    for frame in frames:
        start, end = frame.start.timestamp(), frame.end.timestamp()
        share = np.minimum(end, edges[1:]) - np.maximum(start, edges[:-1])
        share = np.maximum(share, 0.0)
        if not share.any():
            continue
        rate = grid.at(frame.read(data), x, y) / (end - start)
        out += rate[:, None] * share[None, :]
        covered += share
    out[:, covered < 3599.0] = np.nan
    return out
