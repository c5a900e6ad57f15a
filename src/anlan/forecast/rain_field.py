"""The forecast rain field that a run's members start from, where a fresh one had come."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from anlan.city import City
from anlan.forecast.nodes import nodes_over
from anlan.observe import rainfield

FIELD_AGE_HOURS = 18.0
"""A field made longer ago than this is not used: models run every 6 or 12 hours and arrive some
hours later."""
log = logging.getLogger(__name__)


def freeze(
    conn: Connection,
    city: City,
    issue: datetime,
    hours: int,
    data: Path,
    meta: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    grounds: list[str],
) -> None:
    """Add ``field_rain`` (n, hours), mm in each hour at the rain nodes, NaN where not forecast.

    Nothing is added when no field made and kept by ``issue`` is fresh, or when none can be read:
    a run goes on without.
    """
    over = rainfield.grid_of(city)
    frames = rainfield.newest_forecast(conn, issue, FIELD_AGE_HOURS, over.key)
    if not frames:
        return
    grid = meta["grid"]
    ny, nx = arrays["z"].shape
    nodes = nodes_over(grid["x0"], grid["y0"], grid["dx"], (ny, nx))
    try:
        hourly = rainfield.forecast_hours(frames, data, over, issue, hours, nodes.x, nodes.y)
    except (OSError, LookupError, ValueError):
        log.exception("the rain field %s cannot be read; the run goes without", frames[0].path)
        return
    if not np.isfinite(hourly).any():
        return
    base = frames[-1].base or issue
    arrays["field_rain"] = hourly
    meta["rain_field"] = {"product": frames[-1].product, "base": base.isoformat()}
    grounds.append(f"rain:{frames[-1].product}@{base:%Y-%m-%dT%H:%MZ}")
