"""How good the forecasts were: of the tide's peak by the gauge, of hazard places by the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from anlan.city import City
from anlan.forecast.skill import brier
from anlan.observe import archive
from anlan.review.score import moment
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


#: Edges of the classes of probability in which forecasts are held against what happened.
CLASSES = (0.0, 0.05, 0.25, 0.5, 0.75, 1.0)


def place_skill(
    conn: Connection, truth: Mapping[str, Sequence[Mapping[str, Any]]], until: datetime
) -> dict[str, Any]:
    """Forecast probability that a hazard place reaches attention, against what really happened.

    Only runs whose whole horizon lies before ``until`` are held to it; every place of a run is a
    case. ``brier`` is the mean of (p - o)²; ``skill`` 1 - brier over that of always saying how
    often it happened: above 0 is better than that. ``classes``: cases, mean probability and share
    that happened, by class of probability. None without a case, or where it always or never came.
    """
    said, came = [], []
    A = schema.assessment
    for row in conn.execute(select(A).order_by(A.c.made_at, A.c.run)):
        start = datetime.fromisoformat(row.content["issued"])
        end = start + timedelta(hours=float(row.content["horizon_h"]))
        if end > until:
            continue
        for place in row.content["places"]:
            said.append(float(place["attention"]["probability"]))
            came.append(
                any(
                    moment(each["start"]) <= end and moment(each.get("end") or end) >= start
                    for each in truth.get(place["id"], [])
                )
            )
    p, o = np.array(said), np.array(came, dtype=np.float64)
    score, always = brier(p, o), brier(np.full_like(p, o.mean() if o.size else 0.0), o)
    inner = np.digitize(p, CLASSES[1:-1], right=False)
    return {
        "cases": len(said),
        "happened": int(o.sum()),
        "brier": round(score, 4) if said else None,
        "skill": round(1 - score / always, 3) if said and always > 0 else None,
        "classes": [
            {
                "from": low,
                "to": high,
                "cases": int((inner == k).sum()),
                "mean": round(float(p[inner == k].mean()), 3),
                "happened": round(float(o[inner == k].mean()), 3),
            }
            for k, (low, high) in enumerate(pairwise(CLASSES))
            if (inner == k).any()
        ],
    }
