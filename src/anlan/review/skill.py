"""How good the forecasts of the tide's peak were, run by run, against the gauge."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from anlan.city import City
from anlan.observe import archive
from anlan.store import schema

WINDOW = timedelta(hours=2)


def tide_skill(conn: Connection, city: City) -> dict[str, Any]:
    """Each run's forecast peak beside the highest reading around that time.

    The observed peak is the highest within `WINDOW` of the forecast one, so that a run is held
    to the tide it spoke of. ``runs``: ``run``, ``issued``, ``p10``, ``p50``, ``p90``, ``time``,
    ``observed_m``, ``observed_time``, ``error_m`` (p50 - observed), ``inside`` (within p10-p90).
    ``mean_error_m``, ``rms_error_m``, ``inside_share`` over the runs with readings, or None.
    Levels in m on the city's datum.
    """
    rows = []
    made = schema.assessment
    for found in conn.execute(select(made).order_by(made.c.made_at, made.c.run)):
        tide = found.content.get("tide")
        if tide and tide.get("peak_time"):
            rows.append(_against(conn, city, found.run, found.content["issued"], tide))
    errors = np.array([row["error_m"] for row in rows if row["error_m"] is not None])
    inside = [row["inside"] for row in rows if row["inside"] is not None]
    return {
        "runs": rows,
        "mean_error_m": round(float(errors.mean()), 3) if errors.size else None,
        "rms_error_m": round(float(np.sqrt((errors**2).mean())), 3) if errors.size else None,
        "inside_share": round(sum(inside) / len(inside), 3) if inside else None,
    }


def _against(
    conn: Connection, city: City, run: str, issued: str, tide: dict[str, Any]
) -> dict[str, Any]:
    expected = datetime.fromisoformat(tide["peak_time"])
    peak = tide["peak"]
    row = {"run": run, "issued": issued, **peak, "time": tide["peak_time"]}
    row |= {"observed_m": None, "observed_time": None, "error_m": None, "inside": None}
    station = city.stations.get(tide["station"])
    if station is None:
        return row
    read = archive.window(conn, station.series, expected - WINDOW, expected + WINDOW)
    good = [(each.value, each.valid_at) for each in read if each.value is not None]
    if good:
        top, at = max(good)
        row |= {
            "observed_m": round(top, 3),
            "observed_time": at.isoformat(),
            "error_m": round(peak["p50"] - top, 3),
            "inside": peak["p10"] <= top <= peak["p90"],
        }
    return row
