"""Freezing a run's inputs: all that was known at its issue time, and nothing else.

What enters: fixes and forecasts of the storm that had come by then; readings *recorded* by then
(a reading of an earlier hour that arrived later is not known yet); the city folder; best tracks of
years before the issue year; the name of the run whose analysis this one goes on from. The digest
of all names the run.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from anlan.city import City, Event, Station
from anlan.forecast import rain_field, surge, tide, track_error
from anlan.forecast.bundle import Bundle
from anlan.forecast.climate import PastStorm, climate, read_best_tracks
from anlan.forecast.extrapolate import guided, outlook
from anlan.forecast.rain import hourly_sums
from anlan.forecast.settings import Settings
from anlan.forecast.storm import STORM_AGE_HOURS, Told, told_at
from anlan.forecast.track import from_fixes, known
from anlan.observe import archive, judging
from anlan.refusal import Refusal
from anlan.store import schema

Array = NDArray[np.float64]

VERSION = 5
"""Of the way from inputs to products. Raise it whenever a change of code changes products: runs
are named by their inputs, and what older code computed must not pass for the new."""
WARM_START_HOURS = 24.0
"""An analysis older than this is not gone on from: the readings between would be too many."""
RECENT_HOURS = 3.0
"""The gauges' mean rate over these last hours is what persists."""
TIDAL_CYCLE_HOURS = 12.42
RIVER_SNAP_M = 1000.0


def freeze(
    conn: Connection,
    city: City,
    event: Event | None,
    issue: datetime,
    settings: Settings,
    data: Path | None = None,
) -> Bundle:
    """The inputs of the run issued at ``issue``.

    Reads the archive as of ``issue`` and, from the run table, only the name of the run before.
    ``data`` is the data folder, in which forecast rain fields lie; without it none is used.

    Raises:
        Refusal: when ``issue`` has no time zone or a file the settings name cannot be used.
    """
    if issue.tzinfo is None:
        raise Refusal(
            f"issue time {issue} has no time zone; give UTC or an offset",
            field="issue",
            value=issue,
            remedy="a timezone-aware time",
        )
    # One moment, one run: however it was written.
    issue = issue.astimezone(UTC)
    previous = _previous(conn, issue, settings)
    start = previous[1] if previous else issue - timedelta(hours=settings.spinup_hours)
    arrays: dict[str, NDArray[Any]] = {}
    meta: dict[str, Any] = {
        "format": VERSION,
        "city": city.id,
        "city_digest": city.digest,
        "event": None if event is None else event.id,
        "issued": issue.isoformat(),
        "analysis_from": start.isoformat(),
        "previous": previous[0] if previous else None,
        "settings": settings.of_hash(),
    }
    grounds: list[str] = [f"run:{previous[0]}"] if previous else []
    _terrain(city, settings, meta, arrays)
    _rain(conn, city, start, issue, arrays, grounds)
    if data is not None:
        rain_field.freeze(conn, city, issue, int(settings.lead_hours), data, meta, arrays, grounds)
    _inland(conn, city, start, issue, meta, arrays, grounds)
    _tide(conn, city, start, issue, meta, arrays, grounds)
    _storm(conn, city, event, issue, settings, meta, arrays, grounds)
    return Bundle(meta, arrays, workers=settings.workers, grounds=tuple(grounds))


def _previous(conn: Connection, issue: datetime, settings: Settings) -> tuple[str, datetime] | None:
    """The newest run before ``issue`` that can be gone on from, with its issue time."""
    table = schema.run
    rows = conn.execute(
        select(table.c.id, table.c.issued_at, table.c.settings)
        .where(
            table.c.issued_at < issue,
            table.c.issued_at >= issue - timedelta(hours=WARM_START_HOURS),
            table.c.state.in_(("computing", "done", "published")),
        )
        .order_by(table.c.issued_at.desc(), table.c.id)
    )
    for row in rows:
        if float(row.settings.get("resolution_m", 0.0)) == settings.resolution_m:
            return str(row.id), row.issued_at
    return None


def _terrain(
    city: City, settings: Settings, meta: dict[str, Any], arrays: dict[str, NDArray[Any]]
) -> None:
    terrain = city.terrain(settings.resolution_m)
    for name in ("z", "manning", "inside", "crest_x", "crest_y", "sea", "inland", "drain_rate"):
        arrays[name] = getattr(terrain, name)
    arrays["inland_station"] = terrain.inland_station.astype(np.int32)
    arrays["unit"] = terrain.unit.astype(np.int32)
    arrays["river"] = terrain.river
    arrays["dwelt"] = terrain.dwelt
    meta["grid"] = {"x0": terrain.x0, "y0": terrain.y0, "dx": terrain.dx}
    meta["structures"] = [
        {**asdict(s), "from_cell": list(s.from_cell), "to_cell": list(s.to_cell)}
        for s in terrain.structures
    ]
    lon, lat = city.to_lonlat(
        terrain.x0 + 0.5 * terrain.dx * terrain.shape[1],
        terrain.y0 + 0.5 * terrain.dx * terrain.shape[0],
    )
    meta["centre"] = [float(lon), float(lat)]
    villages, towns = city.territory.villages(), city.territory.towns()
    town_codes = [t.code for t in towns]
    meta["villages"] = [v.code for v in villages]
    meta["towns"] = town_codes
    arrays["village_town"] = np.array(
        [
            next(
                (
                    town_codes.index(a.code)
                    for a in city.territory.ancestors(v.code)
                    if a.code in town_codes
                ),
                -1,
            )
            for v in villages
        ],
        dtype=np.int32,
    )
    ny, nx = terrain.shape
    x, y = terrain.centres()

    def cell(lon: float, lat: float) -> tuple[int, int]:
        px, py = city.to_xy(lon, lat)
        j = int((float(py) - terrain.y0) // terrain.dx)
        i = int((float(px) - terrain.x0) // terrain.dx)
        return (j, i) if 0 <= j < ny and 0 <= i < nx and terrain.inside[j, i] else (-1, -1)

    def river_cell(lon: float, lat: float) -> tuple[int, int]:
        px, py = city.to_xy(lon, lat)
        distance = np.hypot(x[None, :] - float(px), y[:, None] - float(py))
        distance = np.where(terrain.river & terrain.inside, distance, np.inf)
        if not np.isfinite(distance).any() or distance.min() > RIVER_SNAP_M:
            return cell(lon, lat)
        j, i = np.unravel_index(int(distance.argmin()), distance.shape)
        return int(j), int(i)

    meta["places"] = list(city.places)
    arrays["place_cell"] = np.array(
        [cell(p.lon, p.lat) for p in city.places.values()], dtype=np.int32
    ).reshape(-1, 2)
    levels = [s for s in city.stations.values() if s.quantity == "river_level"]
    meta["stations"] = [s.id for s in levels]
    arrays["station_cell"] = np.array(
        [river_cell(s.lon, s.lat) for s in levels], dtype=np.int32
    ).reshape(-1, 2)
    meta["inland_stations"] = list(terrain.inland_stations)


def _good(
    conn: Connection, city: City, series: str, start: datetime, issue: datetime
) -> list[archive.Observation]:
    """Readings known at ``issue`` that may drive a run: none that quality control set aside."""
    found = judging.window(
        conn, city, series, start, issue, now=issue, as_of=issue, neighbours=False
    )
    return [each for each in found if each.usable]


def _rain(
    conn: Connection,
    city: City,
    start: datetime,
    issue: datetime,
    arrays: dict[str, NDArray[Any]],
    grounds: list[str],
) -> None:
    gauges = [s for s in city.stations.values() if s.quantity == "rain"]
    hours = max(1, round((issue - start).total_seconds() / 3600.0))
    edges = issue.timestamp() - 3600.0 * np.arange(hours, -1, -1.0)
    recent = issue.timestamp() - 3600.0 * np.array([RECENT_HOURS, 0.0])
    hourly, rate, place = [], [], []
    for gauge in gauges:
        begin = min(start, issue - timedelta(hours=RECENT_HOURS)) - timedelta(hours=1)
        found = _good(conn, city, gauge.series, begin, issue)
        since = np.array([_begins(o, gauge).timestamp() for o in found])
        until = np.array([o.valid_at.timestamp() for o in found])
        amount = np.array([float(o.value or 0.0) for o in found])
        hourly.append(hourly_sums(since, until, amount, edges))
        rate.append(float(hourly_sums(since, until, amount, recent)[0]) / RECENT_HOURS)
        place.append([float(v) for v in city.to_xy(gauge.lon, gauge.lat)])
        grounds += [o.ground for o in found[-1:]]
    arrays["gauge_xy"] = np.array(place, dtype=np.float64).reshape(-1, 2)
    arrays["gauge_hourly"] = np.array(hourly, dtype=np.float64).reshape(-1, hours)
    arrays["gauge_rate"] = np.array(rate, dtype=np.float64)


def _begins(observation: archive.Observation, gauge: Station) -> datetime:
    return observation.start_at or observation.valid_at - gauge.cadence


def _levels(
    conn: Connection,
    city: City,
    series: str,
    start: datetime,
    issue: datetime,
    grounds: list[str],
) -> Array:
    """(n, 2) Unix seconds and level [m] of the readings of ``series`` known at ``issue``."""
    found = _good(conn, city, series, start, issue)
    grounds += [o.ground for o in found[-1:]]
    return np.array([[o.valid_at.timestamp(), float(o.value or 0.0)] for o in found]).reshape(-1, 2)


def _inland(
    conn: Connection,
    city: City,
    start: datetime,
    issue: datetime,
    meta: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    grounds: list[str],
) -> None:
    # A day more than the analysis needs: a gauge that fell silent still has a last reading.
    begin = start - timedelta(hours=24)
    for k, name in enumerate(meta["inland_stations"]):
        series = city.stations[name].series
        arrays[f"inland_level_{k}"] = _levels(conn, city, series, begin, issue, grounds)


def _tide(
    conn: Connection,
    city: City,
    start: datetime,
    issue: datetime,
    meta: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    grounds: list[str],
) -> None:
    table = city.settings.get("forecast", {})
    name = table.get("tide_station")
    if not name:
        meta["tide"] = None
        return
    station = city.stations[name]
    files = table.get("tide", {})
    harmonics = tide.read_harmonics(city.folder / files.get("harmonics", f"tide/{name}.toml"))
    setup_file = city.folder / files.get("setup", "tide/setup.toml")
    meta["tide"] = {
        "station": name,
        "lon": station.lon,
        "lat": station.lat,
        "offset": city.level(0.0, harmonics.datum),
        "harmonics": asdict(harmonics),
        "setup": asdict(surge.read_setup(setup_file)) if setup_file.exists() else None,
    }
    begin = min(start, issue - timedelta(hours=TIDAL_CYCLE_HOURS)) - timedelta(hours=1)
    arrays["tide_observed"] = _levels(conn, city, station.series, begin, issue, grounds)


def _storm(
    conn: Connection,
    city: City,
    event: Event | None,
    issue: datetime,
    settings: Settings,
    meta: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    grounds: list[str],
) -> None:
    meta["storm"] = None
    if "typhoon" not in settings.rain:
        return
    told = Told(from_fixes(event.track)) if event is not None else told_at(conn, city, issue)
    if told is None:
        return
    past = known(told.track, issue)
    if len(past) == 0 or issue.timestamp() - past.time[-1] > STORM_AGE_HOURS * 3600.0:
        return
    files = city.settings.get("forecast", {}).get("typhoon", {})
    best = city.folder / files.get("best_tracks", "typhoon/cma_points.csv")
    storms = _best_tracks(best, best.stat().st_mtime_ns)
    of_past = climate(list(storms), issue.year)
    lead = settings.lead_hours + 3.0
    if told.ahead is None:
        ahead = outlook(past, issue, of_past, lead)
    else:
        ahead = guided(past, told.ahead, issue, of_past, lead)
    errors = track_error.read_errors(
        city.folder / files.get("errors", "typhoon/track_errors.csv"), issue.year
    )
    meta["storm"] = {
        "last_fix": float(past.time[-1]),
        "errors": [asdict(e) for e in errors],
        **told.origin,
    }
    grounds += told.grounds
    arrays["outlook"] = np.stack(
        [ahead.time, ahead.lon, ahead.lat, ahead.pressure, ahead.wind], axis=1
    )
    arrays["wind_ceiling"] = np.maximum(of_past.strongest(ahead.lon, ahead.lat), ahead.wind)


@lru_cache(maxsize=4)
def _best_tracks(path: Path, changed: int) -> tuple[PastStorm, ...]:
    # The time of change is part of the key, so that an edited file is read again.
    return tuple(read_best_tracks(path))
