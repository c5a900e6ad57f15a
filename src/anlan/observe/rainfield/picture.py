"""Rain of one hour as a picture for the map, from the fields that are kept: a byte a point."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from anlan.city import City
from anlan.observe.rainfield import frames
from anlan.observe.rainfield.field import Array
from anlan.observe.rainfield.frames import Kept
from anlan.observe.rainfield.grid import Grid, grid_of
from anlan.store import schema

HOUR = timedelta(hours=1)
#: How old the newest observed frame may be before the hour counts as not observed.
STALE = timedelta(hours=2)
#: A moment so little ahead is meant to be now.
SOON = timedelta(minutes=10)
#: A forecast is shown that was made not longer before the moment asked for.
FRESH_H = 18.0
#: Between frames that follow each other.
GAP = timedelta(minutes=1)
#: Points of the longer side: finer than the grid's cells.
POINTS = 160
UNKNOWN = 255
F = schema.rain_frame


@dataclass(frozen=True)
class Rain:
    """What fell, or is forecast to fall, in an interval.

    Attributes:
        product: its name; base: when its forecast was made, None for what was observed.
        start, end: UTC, an hour or less apart: what its frames cover.
        values: (ny, nx) mm on the city's rain grid, NaN where unknown.
    """

    product: str
    base: datetime | None
    start: datetime
    end: datetime
    values: Array


def at(conn: Connection, data: Path, grid: Grid, moment: datetime, now: datetime) -> Rain | None:
    """The rain of the hour before ``moment``, as known ``now``: observed, or else forecast."""
    observed = None
    if moment <= now + SOON:
        observed = _observed(conn, data, grid, min(moment, now), now)
    return observed or _forecast(conn, data, grid, moment, now)


def _observed(
    conn: Connection, data: Path, grid: Grid, until: datetime, now: datetime
) -> Rain | None:
    newest = conn.execute(
        select(F.c.product, F.c.end_at)
        .where(F.c.forecast.is_(False), F.c.recorded_at <= now, F.c.path.contains(grid.key))
        .where(F.c.end_at <= until, F.c.end_at > until - STALE)
        .order_by(F.c.end_at.desc(), F.c.product)
        .limit(1)
    ).first()
    if newest is None:
        return None
    end = newest.end_at
    kept = frames.window(conn, newest.product, end - HOUR, end, now)
    return _summed([each for each in kept if grid.key in each.path], data, end, newest.product)


def _forecast(
    conn: Connection, data: Path, grid: Grid, moment: datetime, now: datetime
) -> Rain | None:
    kept = frames.newest_forecast(conn, now, FRESH_H, grid.key)
    return _summed(kept, data, moment, kept[0].product) if kept else None


def _summed(kept: Sequence[Kept], data: Path, end: datetime, product: str) -> Rain | None:
    """What lies in the hour before ``end``, each frame spread evenly over its interval.

    Backwards from ``end``, frame before frame without gap or overlap: sums of an hour may come
    every few minutes.
    """
    start, first = end - HOUR, end
    total: Array | None = None
    base = None
    for each in sorted(kept, key=lambda one: (one.end, one.start), reverse=True):
        if each.start >= first or (total is not None and each.end > first):
            continue
        if first <= start or each.end < first - GAP:
            break
        inside = min(each.end, first) - max(each.start, start)
        part = each.read(data) * (inside / (each.end - each.start))
        total = part if total is None else total + part
        base, first = each.base, max(each.start, start)
    return None if total is None else Rain(product, base, first, end, total)


def codes(values: Array) -> NDArray[np.uint8]:
    """mm as bytes: 0 none, c stands for (c/10)² mm, `UNKNOWN` where there is no value."""
    known = np.where(np.isfinite(values), np.maximum(values, 0.0), 0.0)
    coded = np.minimum(np.round(10.0 * np.sqrt(known)), UNKNOWN - 1)
    return np.where(np.isfinite(values), coded, UNKNOWN).astype(np.uint8)


def as_json(rain: Rain, city: City) -> dict[str, object]:
    """For the map: bytes (see `codes`) row by row from north-west, even in Web Mercator."""
    grid = grid_of(city)
    x, y = grid.centres()
    lon, lat = city.to_lonlat(*np.meshgrid(x[[0, -1]], y[[0, -1]]))
    # inside the grid on all sides: its edges are not quite meridians
    west, east = float(np.max(lon[:, 0])), float(np.min(lon[:, 1]))
    south, north = float(np.max(lat[0])), float(np.min(lat[1]))
    ny, nx = grid.shape
    height, width = (max(2, round(POINTS * side / max(ny, nx))) for side in (ny, nx))
    tall = np.arcsinh(np.tan(np.radians([north, south])))
    rows = np.degrees(np.arctan(np.sinh(_middles(tall[0], tall[1], height))))
    points = np.meshgrid(_middles(west, east, width), rows)
    px, py = city.to_xy(*points)
    shown = codes(grid.at(rain.values, np.asarray(px), np.asarray(py)))
    largest = float(np.nanmax(rain.values, initial=0.0))
    return {
        "product": rain.product,
        "base": rain.base,
        "start": rain.start,
        "end": rain.end,
        "largest_mm": round(largest, 1),
        "bounds": [west, south, east, north],
        "width": width,
        "height": height,
        "codes": base64.b64encode(shown.tobytes()).decode("ascii"),
    }


def _middles(first: float, last: float, count: int) -> Array:
    step = (last - first) / count
    return np.asarray(first + step * (np.arange(count) + 0.5))
