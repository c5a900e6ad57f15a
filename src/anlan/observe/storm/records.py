"""Fixes as rows, every version of each; and the storms as known at a moment."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from anlan.journal import Act
from anlan.observe.storm.fix import Fix, Radii, StormTrack
from anlan.store import schema

F = schema.storm_fix
LOOK_BACK = timedelta(days=20)
"""No storm lives longer."""
AGENCIES = ("CMA", "JMA", "HKO", "CWA", "JTWC", "KMA")
"""Whose fixes are taken, the first that has any; never those of two mixed."""
PAGE = 500


@dataclass(frozen=True)
class Forecast:
    """One agency's newest forecast: when it was made, and the fixes ahead in order of time."""

    agency: str
    base: datetime
    fixes: tuple[Fix, ...]


@dataclass(frozen=True)
class Storm:
    """A storm as known at a moment: the fixes of one agency, and the forecasts of all."""

    id: str
    name: str
    name_en: str
    agency: str
    fixes: tuple[Fix, ...]
    forecasts: tuple[Forecast, ...]


def _radii(value: Any) -> Radii | None:
    return None if value is None else (value[0], value[1], value[2], value[3])


def _key(row: Any) -> tuple[str, str, datetime, datetime]:
    return row.storm, row.agency, row.base_at, row.valid_at


def add(act: Act, tracks: Iterable[StormTrack], source: str) -> int:
    """Keep what is new in ``tracks``; how many fixes are.

    A fix that is known already as it is changes nothing; one that its agency corrected becomes a
    new version, which holds from now on.
    """
    new = 0
    for track in tracks:
        known: dict[tuple[datetime, datetime], tuple[Any, ...]] = {}
        latest = act.now
        query = select(F).where(F.c.storm == track.storm, F.c.agency == track.agency)
        for kept in act.tx.execute(query.order_by(F.c.recorded_at)):
            known[kept.base_at, kept.valid_at] = _content(kept)
            latest = max(latest, kept.recorded_at + timedelta(milliseconds=1))
        rows: list[dict[str, Any]] = []
        for fix in track.fixes:
            row = {
                "storm": track.storm,
                "agency": track.agency,
                "base_at": fix.base,
                "valid_at": fix.time,
                "recorded_at": latest,
                "name": track.name,
                "name_en": track.name_en,
                "lon": fix.lon,
                "lat": fix.lat,
                "pressure_hpa": fix.pressure_hpa,
                "wind_ms": fix.wind_ms,
                "r7": fix.r7 and list(fix.r7),
                "r10": fix.r10 and list(fix.r10),
                "r12": fix.r12 and list(fix.r12),
                "source": source,
            }
            content = tuple(row[name] for name in _CONTENT)
            if known.get((fix.base, fix.time)) == content:
                continue
            known[fix.base, fix.time] = content
            rows.append(row)
        # of one file that says two things of one fix the later line holds
        last = {(row["base_at"], row["valid_at"]): row for row in rows}
        rows = list(last.values())
        for start in range(0, len(rows), PAGE):
            act.tx.execute(F.insert(), rows[start : start + PAGE])
        if rows:
            act.record(
                "observe.storm",
                track.storm,
                content={"agency": track.agency, "fixes": len(rows), "source": source},
            )
        new += len(rows)
    return new


_CONTENT = ("lon", "lat", "pressure_hpa", "wind_ms", "r7", "r10", "r12")


def _content(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _CONTENT)


def storms(conn: Connection, now: datetime, alive: timedelta) -> list[Storm]:
    """Storms with a fix within ``alive`` before ``now``, as known at ``now``; newest fix first.

    Nothing that was recorded after ``now``, valid after it (of what was seen) or forecast after
    it is looked at: asked about a past moment, this gives what was known then.
    """
    query = (
        select(F)
        .where(
            F.c.recorded_at <= now,
            F.c.base_at <= now,
            F.c.base_at > now - LOOK_BACK,
        )
        .order_by(F.c.recorded_at)
    )
    newest: dict[tuple[str, str, datetime, datetime], Any] = {}
    for row in conn.execute(query):
        newest[_key(row)] = row
    grouped: dict[str, list[Any]] = {}
    for row in newest.values():
        grouped.setdefault(row.storm, []).append(row)
    found = [_storm(name, rows, now, alive) for name, rows in grouped.items()]
    living = [each for each in found if each is not None]
    return sorted(living, key=lambda s: (s.fixes[-1].time, s.id), reverse=True)


def _storm(name: str, rows: Sequence[Any], now: datetime, alive: timedelta) -> Storm | None:
    seen: dict[str, list[Any]] = {}
    ahead: dict[str, list[Any]] = {}
    for row in rows:
        (ahead if row.base_at < row.valid_at else seen).setdefault(row.agency, []).append(row)
    recent = {
        agency: found
        for agency, found in seen.items()
        if max(row.valid_at for row in found) >= now - alive
    }
    if not recent:
        return None
    agency = min(recent, key=lambda a: (AGENCIES.index(a) if a in AGENCIES else 99, a))
    fixes = sorted((_fix(row) for row in recent[agency]), key=lambda fix: fix.time)
    forecasts = []
    for by, found in sorted(ahead.items()):
        base = max(row.base_at for row in found)
        points = sorted(
            (_fix(row) for row in found if row.base_at == base), key=lambda fix: fix.time
        )
        forecasts.append(Forecast(by, base, tuple(points)))
    titled = [row for row in rows if row.name] or list(rows)
    last = max(titled, key=lambda row: row.recorded_at)
    return Storm(name, last.name, last.name_en, agency, tuple(fixes), tuple(forecasts))


def _fix(row: Any) -> Fix:
    return Fix(
        row.valid_at,
        row.base_at,
        row.lon,
        row.lat,
        row.pressure_hpa,
        row.wind_ms,
        _radii(row.r7),
        _radii(row.r10),
        _radii(row.r12),
    )


def nearest(found: Sequence[Storm], lon: float, lat: float) -> Storm | None:
    """The storm whose last fix lies nearest to a place; None of none."""

    def distance(storm: Storm) -> float:
        last = storm.fixes[-1]
        a, b = math.radians(lat), math.radians(last.lat)
        half = math.sin((b - a) / 2) ** 2
        half += math.cos(a) * math.cos(b) * math.sin(math.radians(last.lon - lon) / 2) ** 2
        return half

    return min(found, key=distance, default=None)
