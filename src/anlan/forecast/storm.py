"""The storm that a run reckons with: what agencies had told of it by the issue time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection

from anlan.city import City
from anlan.forecast.track import Track
from anlan.observe.storm import Fix, Forecast, Storm, nearest, storms

STORM_AGE_HOURS = 24.0
"""A storm whose last fix is older than this is over."""
FORECAST_AGE_HOURS = 12.0
"""An agency's forecast older than this is not followed: they come every 3 or 6 hours."""


@dataclass(frozen=True)
class Told:
    """What is told of a storm.

    Attributes:
        track: its fixes; ahead: an agency's forecast, None where there is none.
        origin: storm and agencies, for the run's record; grounds: for the journal.
    """

    track: Track
    ahead: Track | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)
    grounds: Sequence[str] = ()


def told_at(conn: Connection, city: City, issue: datetime) -> Told | None:
    """The storm nearest to the city as known at ``issue``; None when there is none.

    Only what had been recorded by ``issue`` is looked at. Of several forecasts that of the agency
    whose fixes are used comes first, then the newest.
    """
    alive = timedelta(hours=STORM_AGE_HOURS)
    root = city.territory.root
    storm = nearest(storms(conn, issue, alive), root.lon, root.lat)
    if storm is None:
        return None
    track = complete(storm.fixes)
    if track is None:
        return None
    forecast = _forecast(storm, issue)
    ahead = complete(forecast.fixes) if forecast else None
    origin = {
        "id": storm.id,
        "name": storm.name or storm.name_en,
        "agency": storm.agency,
        "forecast_of": forecast.agency if forecast and ahead else None,
        "forecast_base": forecast.base.isoformat() if forecast and ahead else None,
    }
    return Told(track, ahead, origin, (f"storm:{storm.id}",))


def _forecast(storm: Storm, issue: datetime) -> Forecast | None:
    fresh = [
        each
        for each in storm.forecasts
        if issue - each.base <= timedelta(hours=FORECAST_AGE_HOURS)
        and each.fixes[-1].time > storm.fixes[-1].time
    ]
    return max(fresh, key=lambda f: (f.agency == storm.agency, f.base, f.agency), default=None)


def complete(fixes: Sequence[Fix]) -> Track | None:
    """Fixes as a track; pressure or wind not given at one is taken from those beside it.

    None when no fix gives a pressure, or none a wind.
    """
    times = np.array([fix.time.timestamp() for fix in fixes])
    filled = []
    for name in ("pressure_hpa", "wind_ms"):
        values = np.array([getattr(fix, name) or np.nan for fix in fixes], dtype=np.float64)
        there = np.isfinite(values)
        if not there.any():
            return None
        filled.append(np.interp(times, times[there], values[there]))
    lon = np.array([fix.lon for fix in fixes])
    lat = np.array([fix.lat for fix in fixes])
    return Track(times, lon, lat, *filled)
